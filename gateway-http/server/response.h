/* Responses of the library, with the headers that every answer has. One object
 * may be queued to any number of clients; it is immutable after the first. */
#ifndef LEGGIO_GATEWAY_HTTP_RESPONSE_H
#define LEGGIO_GATEWAY_HTTP_RESPONSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Response;

/* All creators return NULL when out of memory, after dropping what they took over. */
struct MHD_Response *response_empty(void);
/* For 304: only what such an answer must say (RFC 9110 15.4.5: no date beside a
 * tag); the client has the rest (RFC 9111 3.2: what it kept stays, also which
 * headers a script may read). */
struct MHD_Response *response_not_modified(const char *etag);
/* Copies the text. */
struct MHD_Response *response_text(const char *text, const char *type);
/* Takes over value (NULL: out of memory). */
struct MHD_Response *response_json(json_t *value);
/* {"error": text}; invalid UTF-8 in text is replaced. */
struct MHD_Response *response_error(const char *text, size_t size_bytes);
/* Shares bytes; release(ctx) is called when the last client has them. */
struct MHD_Response *response_bytes(const void *bytes, size_t size_bytes, const char *type,
                                    void (*release)(void *ctx), void *ctx);

#define RESPONSE_SIZE_UNKNOWN UINT64_MAX
enum response_read { RESPONSE_SUSPENDED = 0, RESPONSE_END = -1, RESPONSE_BROKEN = -2 };
/* read: put up to max bytes into out and return how many, or one of
 * enum response_read; HTTP thread. */
struct MHD_Response *response_stream(uint64_t size_bytes, const char *type,
                                     int64_t (*read)(void *ctx, uint64_t at, char *out, size_t max),
                                     void (*release)(void *ctx), void *ctx);

/* Adds a header; a failure (memory) is logged and leaves the rest usable. */
void response_add(struct MHD_Response *response, const char *name, const char *value);
/* Scripts of other origins may read our headers: once, unless it says so already. */
void response_expose(struct MHD_Response *response);
/* NULL is fine. Clients that are being served keep it. */
void response_unref(struct MHD_Response *response);

#endif
