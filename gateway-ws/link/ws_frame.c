/* Frames made by hand: their bytes, and one system call. */
#include "gateway-ws/link/ws_frame.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { UNACKNOWLEDGED_MAX = 65536 };

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

size_t ws_frame_head_bytes(const uint8_t *frame) {
    return frame[1] == 126 ? 4 : 2;
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

bool ws_frame_has_room(int fd) {
    int unsent = 1, unacknowledged = UNACKNOWLEDGED_MAX;
    return ioctl(fd, SIOCOUTQNSD, &unsent) == 0 && unsent == 0 &&
           ioctl(fd, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged < UNACKNOWLEDGED_MAX;
}
