/* Writing to one client, and what else one does to a link. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#include "gateway-ws/ws_private.h"

#if WS_LINK_PRE < LWS_PRE
#error "WS_LINK_PRE is smaller than the library's LWS_PRE"
#endif

enum {
    NOT_SENT_BYTES = 16384,    /* source: docs/pitfalls, libwebsockets 13 */
    SEND_BUFFER_BYTES = 262144 /* the library sets it to its read size at the upgrade */
};

int ws_link_write(struct lws *link, uint8_t *bytes, size_t size_bytes, bool is_first,
                  bool is_last) {
    int how = is_first ? LWS_WRITE_TEXT : LWS_WRITE_CONTINUATION;
    if (!is_last) {
        how |= LWS_WRITE_NO_FIN;
    }
    /* A short return is no error: the library keeps the rest (pitfalls 4). */
    return lws_write(link, bytes, size_bytes, (enum lws_write_protocol)how) < 0 ? -1 : 0;
}

int ws_frame_send(int fd, const uint8_t *frame, size_t size_bytes) {
    ssize_t sent = send(fd, frame, size_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == (ssize_t)size_bytes) {
        return 0;
    }
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return 1;
    }
    /* Broken, or half a frame of some forty bytes went out: nothing sensible
     * can follow it. */
    return -1;
}

bool ws_link_is_blocked(struct lws *link) {
    return lws_partial_buffered(link) != 0;
}

bool ws_link_has_room(struct lws *link) {
    return lws_send_pipe_choked(link) == 0;
}

void ws_link_want_writable(struct lws *link) {
    lws_callback_on_writable(link);
}

void ws_link_pause_reading(struct lws *link, bool is_paused) {
    lws_rx_flow_control(link, is_paused ? 0 : 1);
}

int ws_link_ping(struct lws *link) {
    uint8_t room[LWS_PRE + 1] = {0}; /* an empty pong is not reported by the library */
    if (lws_partial_buffered(link)) {
        return 0; /* the stall deadline watches this one */
    }
    return lws_write(link, room + LWS_PRE, 1, LWS_WRITE_PING) < 0 ? -1 : 0;
}

int ws_link_fd(struct lws *link) {
    return lws_get_socket_fd(link);
}

void ws_link_set_reason(struct lws *link, uint16_t code, const char *text) {
    uint8_t copy[124];
    size_t len = strlen(text);
    if (len > sizeof(copy) - 1) {
        len = sizeof(copy) - 1;
    }
    memcpy(copy, text, len);
    lws_close_reason(link, (enum lws_close_status)code, copy, len);
}

void ws_link_kill(struct lws *link) {
    lws_set_timeout(link, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    lws_cancel_service(lws_get_context(link)); /* its timers run after other events only */
}

void ws_link_tune(int fd) {
    const int not_sent = NOT_SENT_BYTES;
    const int buffer = SEND_BUFFER_BYTES;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &not_sent, sizeof(not_sent));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
}

size_t ws_frame_text(uint8_t *frame, size_t room_bytes, const char *text, size_t size_bytes) {
    size_t head = size_bytes < 126 ? 2 : 4;
    if (size_bytes > 0xffff || head + size_bytes > room_bytes) {
        return 0;
    }
    frame[0] = 0x81;
    if (head == 2) {
        frame[1] = (uint8_t)size_bytes;
    } else {
        frame[1] = 126;
        frame[2] = (uint8_t)(size_bytes >> 8);
        frame[3] = (uint8_t)(size_bytes & 0xff);
    }
    memcpy(frame + head, text, size_bytes);
    return head + size_bytes;
}
