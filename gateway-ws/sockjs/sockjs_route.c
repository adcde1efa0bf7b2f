/* Paths under /sockjs. source: the SockJS protocol, "Session URLs" */
#include "gateway-ws/sockjs/sockjs_route.h"

#include <string.h>

static const struct {
    const char *name, *method;
    enum sockjs_door door;
} DOORS[] = {
    {"websocket", "GET", SOCKJS_FRAMED},
    {"xhr", "POST", SOCKJS_XHR},
    {"xhr_streaming", "POST", SOCKJS_XHR_STREAMING},
    {"eventsource", "GET", SOCKJS_EVENTSOURCE},
    {"xhr_send", "POST", SOCKJS_XHR_SEND},
};

/* The piece up to the next '/', which must be there; 0: none, or with a dot. */
static size_t piece_len(const char *text) {
    size_t len = strcspn(text, "/.");
    return text[len] == '/' ? len : 0;
}

static void find_session_door(const char *path, struct sockjs_route *route) {
    size_t server_len = piece_len(path);
    const char *session = path + server_len + 1;
    size_t session_len = server_len > 0 ? piece_len(session) : 0;
    if (session_len == 0 || session_len > SOCKJS_SESSION_BYTES) {
        return;
    }
    const char *name = session + session_len + 1;
    for (size_t i = 0; i < sizeof(DOORS) / sizeof(DOORS[0]); i++) {
        if (strcmp(name, DOORS[i].name) == 0) {
            route->door = DOORS[i].door;
            route->method = DOORS[i].method;
            memcpy(route->session, session, session_len);
            route->session[session_len] = '\0';
        }
    }
}

void sockjs_route_find(const char *path, struct sockjs_route *route) {
    static const char BASE[] = "/sockjs";
    const char *rest = path + sizeof(BASE) - 1;
    memset(route, 0, sizeof(*route));
    route->method = "GET";
    if (strncmp(path, BASE, sizeof(BASE) - 1) != 0 || (rest[0] != '\0' && rest[0] != '/')) {
        return;
    }
    route->door = SOCKJS_UNKNOWN;
    if (rest[0] == '\0' || strcmp(rest, "/") == 0) {
        route->door = SOCKJS_WELCOME;
    } else if (strcmp(rest, "/info") == 0) {
        route->door = SOCKJS_INFO;
    } else if (strcmp(rest, "/websocket") == 0) {
        route->door = SOCKJS_RAW;
    } else {
        find_session_door(rest + 1, route);
    }
}
