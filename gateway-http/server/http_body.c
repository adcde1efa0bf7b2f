/* Bodies as they come: kept up to the limits of the request and of all together. */
#include <stdlib.h>
#include <string.h>

#include "gateway-http/server/http_connection.h"

uint64_t http_body_read_max(const struct http_request *request) {
    return 2 * (uint64_t)request->body_max + 1024 * 1024;
}

void http_body_drop(struct http_request *request, struct http_bodies *bodies) {
    atomic_fetch_sub(&bodies->held_bytes, request->body_room);
    free(request->body);
    request->body = NULL;
    request->body_room = 0;
}

static void refuse(struct http_request *request, struct http_bodies *bodies) {
    http_body_drop(request, bodies);
    request->drops_body = true;
}

/* Grows by doubling. false: over a limit of all together, or out of memory. */
static bool make_room(struct http_request *request, struct http_bodies *bodies, size_t needed) {
    size_t room = request->body_room == 0 ? 4096 : request->body_room * 2;
    while (room < needed) {
        room *= 2;
    }
    size_t more = room - request->body_room;
    if (atomic_fetch_add(&bodies->held_bytes, more) + more > bodies->max_bytes) {
        atomic_fetch_sub(&bodies->held_bytes, more);
        return false;
    }
    char *body = realloc(request->body, room);
    if (body == NULL) {
        atomic_fetch_sub(&bodies->held_bytes, more);
        return false;
    }
    request->body = body;
    request->body_room = room;
    return true;
}

void http_body_take(struct http_request *request, struct http_bodies *bodies, const char *data,
                    size_t size) {
    size_t needed = request->body_size + size;
    if (needed > request->body_max) {
        request->is_body_too_large = true;
        refuse(request, bodies);
    }
    if (!request->drops_body && needed + 1 > request->body_room &&
        !make_room(request, bodies, needed + 1)) {
        request->is_overloaded = true;
        refuse(request, bodies);
    }
    if (!request->drops_body) {
        memcpy(request->body + request->body_size, data, size);
    }
    request->body_size = needed;
}
