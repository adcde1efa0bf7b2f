/* Framing of what goes out over one WebSocket. */
#include "gateway-ws/sockjs/sockjs_framed.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "gateway-ws/sockjs/sockjs_text.h"

struct framed {
    struct ws_link inner;
    int64_t told_us;
    bool is_inside; /* a message */
};

static int write_whole(const struct framed *framed, const char *text, size_t size_bytes) {
    uint8_t room[WS_LINK_PRE + SOCKJS_CLOSE_ROOM];
    struct ws_link_piece piece = {
        .bytes = room + WS_LINK_PRE, .size_bytes = size_bytes, .is_first = true, .is_last = true};
    memcpy(piece.bytes, text, size_bytes);
    return ws_link_write(framed->inner, &piece);
}

static int write_piece(void *object, const struct ws_link_piece *piece) {
    static const char NOTHING[WS_LINK_PRE];
    struct framed *framed = object;
    struct sockjs_text text = {0};
    if (!sockjs_text_add(&text, NOTHING, sizeof(NOTHING)) ||
        (piece->is_first && !sockjs_text_add(&text, "a[\"", 3)) ||
        !sockjs_text_escape(&text, piece->bytes, piece->size_bytes) ||
        (piece->is_last && !sockjs_text_add(&text, "\"]", 2))) {
        sockjs_text_finish(&text);
        return -1;
    }
    struct ws_link_piece escaped = *piece;
    escaped.bytes = (uint8_t *)text.bytes + WS_LINK_PRE;
    escaped.size_bytes = text.size_bytes - WS_LINK_PRE;
    int result = ws_link_write(framed->inner, &escaped);
    sockjs_text_finish(&text);
    framed->is_inside = !piece->is_last;
    return result;
}

static bool is_blocked(void *object) {
    return ws_link_is_blocked(((struct framed *)object)->inner);
}

static bool has_room(void *object) {
    return ws_link_has_room(((struct framed *)object)->inner);
}

static void want_writable(void *object) {
    ws_link_want_writable(((struct framed *)object)->inner);
}

static void pause_reading(void *object, bool is_paused) {
    ws_link_pause_reading(((struct framed *)object)->inner, is_paused);
}

static int ping(void *object) {
    return ws_link_ping(((struct framed *)object)->inner);
}

static int direct_fd(void *object) {
    (void)object;
    return -1;
}

static void set_reason(void *object, uint16_t code, const char *reason) {
    struct framed *framed = object;
    char text[SOCKJS_CLOSE_ROOM];
    if (!framed->is_inside && !ws_link_is_blocked(framed->inner)) {
        (void)write_whole(framed, text, sockjs_close_frame(text, code, reason));
    }
    ws_link_set_reason(framed->inner, code, reason);
}

static void kill_soon(void *object) {
    ws_link_kill(((struct framed *)object)->inner);
}

static const struct ws_link_ops OPS = {
    .carries_binary = false,
    .write = write_piece,
    .is_blocked = is_blocked,
    .has_room = has_room,
    .want_writable = want_writable,
    .pause_reading = pause_reading,
    .ping = ping,
    .direct_fd = direct_fd,
    .set_reason = set_reason,
    .kill = kill_soon,
};

struct ws_link sockjs_framed_create(struct ws_link inner) {
    struct framed *framed = calloc(1, sizeof(*framed));
    if (framed == NULL) {
        return (struct ws_link){NULL, NULL};
    }
    framed->inner = inner;
    framed->told_us = lg_clock_us();
    if (write_whole(framed, "o", 1) != 0) {
        free(framed);
        return (struct ws_link){NULL, NULL};
    }
    return (struct ws_link){&OPS, framed};
}

void sockjs_framed_destroy(struct ws_link link) {
    if (link.ops == &OPS) {
        free(link.object);
    }
}

void sockjs_framed_tick(struct ws_link link, int64_t now_us, int64_t heartbeat_us) {
    if (link.ops != &OPS) {
        return;
    }
    struct framed *framed = link.object;
    if (now_us - framed->told_us >= heartbeat_us && !framed->is_inside &&
        ws_link_has_room(framed->inner)) {
        framed->told_us = now_us;
        (void)write_whole(framed, "h", 1);
    }
}
