/* Receiving and sending of whole multipart messages. */
#include "common/broker/zmq_parts.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"

void zmq_parts_clear(struct zmq_parts *parts) {
    for (size_t i = 0; i < parts->n; i++) {
        zmq_msg_close(&parts->msgs[i]);
    }
    parts->n = 0;
}

/* Parts beyond the bound, until the message ends. */
static void drop_rest(void *socket) {
    bool has_more = true;
    while (has_more) {
        zmq_msg_t msg;
        zmq_msg_init(&msg);
        has_more = zmq_msg_recv(&msg, socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&msg);
        zmq_msg_close(&msg);
    }
}

int zmq_parts_receive(struct zmq_parts *parts, void *socket) {
    zmq_parts_clear(parts);
    for (;;) {
        zmq_msg_t *msg = &parts->msgs[parts->n];
        zmq_msg_init(msg);
        if (zmq_msg_recv(msg, socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(msg);
            if (errno == EINTR) {
                continue;
            }
            zmq_parts_clear(parts);
            return LG_EBUSY;
        }
        parts->parts[parts->n++] = (struct msg_bytes){zmq_msg_data(msg), zmq_msg_size(msg)};
        if (!zmq_msg_more(msg)) {
            return 0;
        }
        if (parts->n == LIMIT_PARTS) {
            drop_rest(socket);
            zmq_parts_clear(parts);
            lg_log(LG_LOG_WARN, "zmq", "too_many_parts", "limit=%d", LIMIT_PARTS);
            return LG_ETOOLARGE;
        }
    }
}

int zmq_parts_send(void *socket, const struct msg_bytes *parts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < n ? ZMQ_SNDMORE : 0);
        while (zmq_send(socket, parts[i].data, parts[i].size, flags) < 0) {
            if (errno != EINTR) {
                return LG_EBUSY; /* the first part alone can be refused: all or nothing */
            }
        }
    }
    return 0;
}
