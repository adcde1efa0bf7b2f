/* Which door of SockJS a path is. Pure. */
#ifndef LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_ROUTE_H
#define LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_ROUTE_H

#include <stdbool.h>

enum sockjs_door {
    SOCKJS_NONE,          /* not under /sockjs at all */
    SOCKJS_UNKNOWN,       /* under it, but nothing: 404 */
    SOCKJS_WELCOME,       /* /sockjs, /sockjs/ */
    SOCKJS_INFO,          /* /sockjs/info */
    SOCKJS_RAW,           /* /sockjs/websocket: no frames */
    SOCKJS_FRAMED,        /* /sockjs/SERVER/SESSION/websocket */
    SOCKJS_XHR,           /* POST …/xhr: one frame */
    SOCKJS_XHR_STREAMING, /* POST …/xhr_streaming: frames */
    SOCKJS_EVENTSOURCE,   /* GET …/eventsource: frames as events */
    SOCKJS_XHR_SEND,      /* POST …/xhr_send: messages of the client */
};

enum { SOCKJS_SESSION_BYTES = 64 };

struct sockjs_route {
    enum sockjs_door door;
    const char *method; /* that it takes: "GET" or "POST" */
    char session[SOCKJS_SESSION_BYTES + 1];
};

void sockjs_route_find(const char *path, struct sockjs_route *route);

#endif
