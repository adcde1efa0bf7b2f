/* HTTP requests on the WebSocket port that are no upgrades: a head, a bounded
 * body, one answer, whole or in parts. Loop thread only.
 *
 * A request lives from on_head to on_http_gone (ws_server.h). The answer is kept
 * here until it has been written: the caller looks at ws_http_unsent before it
 * gives more. A client that does not read for stall_s is dropped.
 */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_HTTP_H
#define LEGGIO_GATEWAY_WS_LINK_WS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws_http;

const struct ws_request *ws_http_request(const struct ws_http *http); /* borrowed */
/* The whole body, NUL-terminated; "" when there is none. Borrowed. */
const char *ws_http_body(const struct ws_http *http, size_t *size_bytes);
void *ws_http_connection(const struct ws_http *http);
/* A pointer of the caller's own. */
void ws_http_set_user(struct ws_http *http, void *user);
void *ws_http_user(const struct ws_http *http);

/* A whole answer. headers: "Name: value\r\n" each; Content-Length is added. */
void ws_http_answer(struct ws_http *http, unsigned status, const char *headers, const char *body,
                    size_t size_bytes);
/* The same in parts: ws_http_send for all of it, ws_http_end. */
void ws_http_begin_sized(struct ws_http *http, unsigned status, const char *headers,
                         size_t size_bytes);
/* An answer of unknown length, which the end of the connection ends. */
void ws_http_begin(struct ws_http *http, unsigned status, const char *headers);
void ws_http_send(struct ws_http *http, const char *bytes, size_t size_bytes);
void ws_http_end(struct ws_http *http);
/* Given, and not with the kernel yet. */
size_t ws_http_unsent(const struct ws_http *http);
/* on_http_writable will come when everything given has been sent. */
void ws_http_want_writable(struct ws_http *http);
/* Has the peer been told everything, or will it be? (answered, or ended) */
bool ws_http_is_ended(const struct ws_http *http);

#endif
