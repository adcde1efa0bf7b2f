/* See socket.h. The sockets come from czmq's context, which main has set up (loop_create). */
#include "renderer/broker/socket.h"

#include <stdlib.h>
#include <string.h>

#include <czmq.h>
#include <zmq.h>

#include "common/err.h"
#include "common/log.h"

static int set_up(void *zmq, const struct socket_options *options) {
    int64_t max_part = (int64_t)options->max_part_bytes;
    int backlog = 512; /* all gateways come back at once after a restart */
    if (zmq_setsockopt(zmq, ZMQ_SNDHWM, &options->hwm, sizeof options->hwm) != 0 ||
        zmq_setsockopt(zmq, ZMQ_RCVHWM, &options->hwm, sizeof options->hwm) != 0 ||
        zmq_setsockopt(zmq, ZMQ_LINGER, &options->linger_ms, sizeof options->linger_ms) != 0 ||
        zmq_setsockopt(zmq, ZMQ_BACKLOG, &backlog, sizeof backlog) != 0 ||
        zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &max_part, sizeof max_part) != 0) {
        return LG_EINTERNAL;
    }
    return LG_OK;
}

void *socket_context(void) {
    return zsys_init();
}

void *socket_bind(const struct socket_options *options, const char *endpoint, char *bound,
                  size_t bound_size) {
    void *context = socket_context();
    void *zmq = context == NULL ? NULL : zmq_socket(context, options->type);
    if (zmq == NULL || set_up(zmq, options) != LG_OK ||
        curve_server_keys_apply(options->keys, zmq) != LG_OK || zmq_bind(zmq, endpoint) != 0 ||
        zmq_getsockopt(zmq, ZMQ_LAST_ENDPOINT, bound, &bound_size) != 0) {
        lg_log(LG_LOG_ERROR, "socket", "not_bound", "endpoint=%s why=%s", endpoint,
               zmq_strerror(zmq_errno()));
        socket_close(zmq);
        return NULL;
    }
    return zmq;
}

void socket_close(void *zmq) {
    if (zmq != NULL) {
        zmq_close(zmq);
    }
}

static void free_part(void *data, void *hint) {
    (void)data;
    lg_bytes_unref(hint);
}

size_t socket_send_bytes(void *zmq, struct lg_bytes *bytes, bool has_more) {
    zmq_msg_t part;
    size_t size = lg_bytes_size(bytes);
    /* ZeroMQ only reads what it sends; its interface has no const. */
    union {
        const uint8_t *shared;
        void *given;
    } data = {.shared = lg_bytes_data(bytes)};
    if (zmq_msg_init_data(&part, data.given, size, free_part, lg_bytes_ref(bytes)) != 0) {
        lg_bytes_unref(bytes);
        return 0;
    }
    if (zmq_msg_send(&part, zmq, (has_more ? ZMQ_SNDMORE : 0) | ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&part);
        return 0;
    }
    return size;
}

struct msg_frame socket_frame_header(const struct frame *frame, uint64_t base_version) {
    struct msg_frame header = {
        .epoch = frame->epoch,
        .version = frame->version,
        .base_version = base_version,
        .wall_us = frame->drawn_wall_us,
        .width_px = frame->width_px,
        .height_px = frame->height_px,
        .color_type = frame->color_type,
        .pixels_hash = frame->pixels_hash,
    };
    strcpy(header.scene, frame->scene);
    return header;
}
