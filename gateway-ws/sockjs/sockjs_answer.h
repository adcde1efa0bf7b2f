/* Answers of SockJS: their heads, and those that need no session. */
#ifndef LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_ANSWER_H
#define LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_ANSWER_H

#include <stddef.h>

#include "gateway-ws/sockjs/sockjs_route.h"

struct ws_http;

enum { SOCKJS_HEADERS_ROOM = 1400 };

/* Type, cache, cross-origin headers of an answer to this request. */
void sockjs_headers(const struct ws_http *http, const char *type,
                    char headers[SOCKJS_HEADERS_ROOM]);
/* A short text and a status. */
void sockjs_answer_text(struct ws_http *http, unsigned status, const char *text);
void sockjs_answer_info(struct ws_http *http);
/* OPTIONS: what a page of another origin may ask. */
void sockjs_answer_options(struct ws_http *http, const struct sockjs_route *route);
void sockjs_answer_wrong_method(struct ws_http *http, const struct sockjs_route *route);
/* The answer to a request that receives: begin it where frames come one by one, … */
void sockjs_answer_begin(struct ws_http *http, enum sockjs_door door);
/* … and one frame, after which xhr is answered. Returns the bytes of it. */
size_t sockjs_answer_frame(struct ws_http *http, enum sockjs_door door, const char *frame,
                           size_t size_bytes);

#endif
