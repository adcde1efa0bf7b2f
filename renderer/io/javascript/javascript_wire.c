#include "renderer/io/javascript/javascript_wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "proto/limits.h"

/* Waits for the socket until the deadline. */
static bool is_ready(int fd, short events, int64_t deadline_us) {
    for (;;) {
        int64_t left_ms =
            deadline_us == JAVASCRIPT_NO_DEADLINE ? -1 : (deadline_us - lg_clock_us()) / 1000;
        if (left_ms <= 0 && deadline_us != JAVASCRIPT_NO_DEADLINE) {
            return false;
        }
        struct pollfd item = {.fd = fd, .events = events};
        int n = poll(&item, 1, (int)left_ms);
        if (n >= 0 || errno != EINTR) {
            return n > 0;
        }
    }
}

static bool move_all(int fd, char *data, size_t size, bool is_out, int64_t deadline_us) {
    while (size > 0) {
        if (!is_ready(fd, is_out ? POLLOUT : POLLIN, deadline_us)) {
            return false;
        }
        ssize_t n = is_out ? send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT)
                           : recv(fd, data, size, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return false;
        }
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool javascript_send(int fd, json_t *object, int64_t deadline_us) {
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    size_t len = 0;
    while (text != NULL && text[len] != '\0') {
        len++;
    }
    uint32_t size = (uint32_t)len;
    bool is_sent = text != NULL && len <= LIMIT_JAVASCRIPT_FRAME_BYTES &&
                   move_all(fd, (char *)&size, sizeof size, true, deadline_us) &&
                   move_all(fd, text, len, true, deadline_us);
    free(text);
    return is_sent;
}

json_t *javascript_receive(int fd, int64_t deadline_us) {
    uint32_t size;
    if (!move_all(fd, (char *)&size, sizeof size, false, deadline_us) ||
        size > LIMIT_JAVASCRIPT_FRAME_BYTES) {
        return NULL;
    }
    char *text = malloc((size_t)size + 1);
    json_t *object = NULL;
    if (text != NULL && move_all(fd, text, size, false, deadline_us)) {
        object = json_loadb(text, size, JSON_ALLOW_NUL, NULL);
    }
    free(text);
    if (!json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    return object;
}
