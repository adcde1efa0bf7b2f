/* source: the SockJS protocol, "Common details", "Framing accepted by the client" */
#include "gateway-ws/sockjs/sockjs_answer.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway-ws/link/ws_http.h"
#include "gateway-ws/link/ws_server.h"

#define YEAR_S      31536000
#define TEXT_TYPE   "text/plain; charset=UTF-8"
#define SCRIPT_TYPE "application/javascript; charset=UTF-8"

enum { PRELUDE_BYTES = 2048 };

/* Who may see the answer: by the origin rule only friends come here. */
static size_t cross_origin(const struct ws_http *http, char *text, size_t room_bytes) {
    const struct ws_request *request = ws_http_request(http);
    int n = request->head.has_origin
                ? snprintf(text, room_bytes,
                           "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n"
                           "Access-Control-Allow-Credentials: true\r\n",
                           request->head.origin)
                : snprintf(text, room_bytes, "Access-Control-Allow-Origin: *\r\n");
    if (request->wanted_headers[0] != '\0') {
        n += snprintf(text + n, room_bytes - (size_t)n, "Access-Control-Allow-Headers: %s\r\n",
                      request->wanted_headers);
    }
    return (size_t)n;
}

void sockjs_headers(const struct ws_http *http, const char *type,
                    char headers[SOCKJS_HEADERS_ROOM]) {
    size_t n = cross_origin(http, headers, SOCKJS_HEADERS_ROOM);
    snprintf(headers + n, SOCKJS_HEADERS_ROOM - n,
             "Content-Type: %s\r\nCache-Control: no-store, no-cache, no-transform, "
             "must-revalidate, max-age=0\r\n",
             type);
}

void sockjs_answer_text(struct ws_http *http, unsigned status, const char *text) {
    char headers[SOCKJS_HEADERS_ROOM];
    sockjs_headers(http, TEXT_TYPE, headers);
    ws_http_answer(http, status, headers, text, strlen(text));
}

void sockjs_answer_info(struct ws_http *http) {
    char headers[SOCKJS_HEADERS_ROOM], text[128];
    sockjs_headers(http, "application/json; charset=UTF-8", headers);
    int n = snprintf(text, sizeof(text),
                     "{\"websocket\":true,\"origins\":[\"*:*\"],\"cookie_needed\":false,"
                     "\"entropy\":%u}",
                     (unsigned)randombytes_random());
    ws_http_answer(http, 200, headers, text, (size_t)n);
}

void sockjs_answer_options(struct ws_http *http, const struct sockjs_route *route) {
    char headers[SOCKJS_HEADERS_ROOM], expires[40];
    time_t in_a_year = time(NULL) + YEAR_S;
    struct tm tm;
    strftime(expires, sizeof(expires), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&in_a_year, &tm));
    size_t n = cross_origin(http, headers, SOCKJS_HEADERS_ROOM);
    snprintf(headers + n, SOCKJS_HEADERS_ROOM - n,
             "Access-Control-Allow-Methods: OPTIONS, %s\r\nAccess-Control-Max-Age: %d\r\n"
             "Cache-Control: public, max-age=%d\r\nExpires: %s\r\n",
             route->method, YEAR_S, YEAR_S, expires);
    ws_http_answer(http, 204, headers, "", 0);
}

void sockjs_answer_wrong_method(struct ws_http *http, const struct sockjs_route *route) {
    char headers[64];
    snprintf(headers, sizeof(headers), "Allow: %s, OPTIONS\r\n", route->method);
    ws_http_answer(http, 405, headers, "", 0);
}

void sockjs_answer_begin(struct ws_http *http, enum sockjs_door door) {
    char headers[SOCKJS_HEADERS_ROOM], prelude[PRELUDE_BYTES + 1];
    if (door == SOCKJS_XHR_STREAMING) {
        sockjs_headers(http, SCRIPT_TYPE, headers);
        ws_http_begin(http, 200, headers);
        memset(prelude, 'h', PRELUDE_BYTES);
        prelude[PRELUDE_BYTES] = '\n';
        ws_http_send(http, prelude, sizeof(prelude));
    } else if (door == SOCKJS_EVENTSOURCE) {
        sockjs_headers(http, "text/event-stream; charset=UTF-8", headers);
        ws_http_begin(http, 200, headers);
        ws_http_send(http, "\r\n", 2);
    }
}

static void answer_xhr(struct ws_http *http, const char *frame, size_t size_bytes) {
    char headers[SOCKJS_HEADERS_ROOM];
    sockjs_headers(http, SCRIPT_TYPE, headers);
    ws_http_begin_sized(http, 200, headers, size_bytes + 1);
    ws_http_send(http, frame, size_bytes);
    ws_http_send(http, "\n", 1);
    ws_http_end(http);
}

size_t sockjs_answer_frame(struct ws_http *http, enum sockjs_door door, const char *frame,
                           size_t size_bytes) {
    static const char EVENT[] = "data: ";
    if (door == SOCKJS_XHR) {
        answer_xhr(http, frame, size_bytes);
        return size_bytes + 1;
    }
    if (door == SOCKJS_EVENTSOURCE) {
        ws_http_send(http, EVENT, sizeof(EVENT) - 1);
        ws_http_send(http, frame, size_bytes);
        ws_http_send(http, "\r\n\r\n", 4);
        return size_bytes + sizeof(EVENT) + 3;
    }
    ws_http_send(http, frame, size_bytes);
    ws_http_send(http, "\n", 1);
    return size_bytes + 1;
}
