/* The link that is a WebSocket of the library. */
#include <netinet/tcp.h>
#include <string.h>

#include "gateway-ws/link/ws_private.h"

#if WS_LINK_PRE < LWS_PRE
#error "WS_LINK_PRE is smaller than the library's LWS_PRE"
#endif

enum {
    NOT_SENT_BYTES = 16384,    /* source: docs/pitfalls.md, libwebsockets 12 */
    SEND_BUFFER_BYTES = 262144 /* the library sets it to its read size at the upgrade */
};

static int write_piece(void *object, const struct ws_link_piece *piece) {
    int how = !piece->is_first   ? LWS_WRITE_CONTINUATION
              : piece->is_binary ? LWS_WRITE_BINARY
                                 : LWS_WRITE_TEXT;
    if (!piece->is_last) {
        how |= LWS_WRITE_NO_FIN;
    }
    /* A short return is no error: the library keeps the rest (docs/pitfalls.md 4). */
    int written = lws_write(object, piece->bytes, piece->size_bytes, (enum lws_write_protocol)how);
    return written < 0 ? -1 : 0;
}

static bool is_blocked(void *object) {
    return lws_partial_buffered(object) != 0;
}

static bool has_room(void *object) {
    return lws_send_pipe_choked(object) == 0;
}

static void want_writable(void *object) {
    lws_callback_on_writable(object);
}

static void pause_reading(void *object, bool is_paused) {
    lws_rx_flow_control(object, is_paused ? 0 : 1);
}

static int ping(void *object) {
    uint8_t room[LWS_PRE + 1] = {0}; /* an empty pong is not reported by the library */
    if (lws_partial_buffered(object)) {
        return 0; /* the stall deadline watches this one */
    }
    return lws_write(object, room + LWS_PRE, 1, LWS_WRITE_PING) < 0 ? -1 : 0;
}

static int direct_fd(void *object) {
    return lws_is_ssl(object) ? -1 : lws_get_socket_fd(object);
}

static void set_reason(void *object, uint16_t code, const char *text) {
    uint8_t copy[124];
    size_t len = strlen(text);
    if (len > sizeof(copy) - 1) {
        len = sizeof(copy) - 1;
    }
    memcpy(copy, text, len);
    lws_close_reason(object, (enum lws_close_status)code, copy, len);
}

static void kill_soon(void *object) {
    lws_set_timeout(object, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    lws_cancel_service(lws_get_context(object)); /* its timers run after other events only */
}

static const struct ws_link_ops OPS = {
    .carries_binary = true,
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

struct ws_link ws_socket_link(struct lws *lws) {
    return (struct ws_link){.ops = &OPS, .object = lws};
}

void ws_socket_tune(int fd) {
    const int not_sent = NOT_SENT_BYTES;
    const int buffer = SEND_BUFFER_BYTES;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &not_sent, sizeof(not_sent));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
}
