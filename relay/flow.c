/* See flow.h. */
#include "relay/flow.h"

#include <errno.h>

#include <zmq.h>

static bool receive(zmq_msg_t *part, void *socket) {
    zmq_msg_init(part);
    while (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0) {
        if (errno != EINTR) {
            zmq_msg_close(part);
            return false;
        }
    }
    return true;
}

/* Takes over the part. */
static bool send_on(zmq_msg_t *part, void *socket, bool has_more) {
    int flags = ZMQ_DONTWAIT | (has_more ? ZMQ_SNDMORE : 0);
    while (zmq_msg_send(part, socket, flags) < 0) {
        if (errno != EINTR) {
            zmq_msg_close(part);
            return false; /* the first part: libzmq takes all or nothing */
        }
    }
    return true;
}

bool flow_move(struct flow *flow) {
    zmq_msg_t part;
    if (!receive(&part, flow->from)) {
        return false;
    }
    bool has_more = zmq_msg_more(&part) != 0;
    bool is_going = flow->takes == NULL ||
                    flow->takes(flow->ctx, zmq_msg_data(&part), zmq_msg_size(&part), has_more);
    int64_t n_bytes = 0;
    for (;;) {
        n_bytes += (int64_t)zmq_msg_size(&part);
        if (is_going) {
            is_going = send_on(&part, flow->to, has_more);
        } else {
            zmq_msg_close(&part);
        }
        if (!has_more || !receive(&part, flow->from)) {
            break;
        }
        has_more = zmq_msg_more(&part) != 0;
    }
    metric_add(is_going ? flow->n_messages : flow->n_dropped, 1);
    if (is_going && flow->n_bytes != NULL) {
        metric_add(flow->n_bytes, n_bytes);
    }
    return true;
}
