/* Multipart messages of the feed. Payload parts share the bytes of the frame: ZeroMQ holds a
 * reference until the last subscriber's copy is written. */
#include "renderer/broker/feed_send.h"

#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/feed.h"
#include "renderer/broker/socket.h"

struct feed_socket {
    void *zmq;
};

static void drop_tiles(struct feed_picture *picture) {
    for (size_t i = 0; i < picture->n_tiles; i++) {
        lg_bytes_unref(picture->tiles[i].png);
    }
    picture->n_tiles = 0;
}

void feed_picture_finish(struct feed_picture *picture) {
    drop_tiles(picture);
    frame_unref(picture->frame);
    memset(picture, 0, sizeof *picture);
}

void feed_picture_join(struct feed_picture *waiting, const struct feed_update *update) {
    const struct frame *before = waiting->frame;
    bool is_fresh = before == NULL || update->base_version == 0 ||
                    before->version != update->base_version ||
                    before->width_px != update->frame->width_px ||
                    before->height_px != update->frame->height_px;
    if (is_fresh) {
        bool is_broken_chain = before != NULL && update->base_version != 0;
        feed_picture_finish(waiting);
        /* What waited is lost, so the newer picture cannot be relative to it: send all. */
        waiting->base_version = is_broken_chain ? 0 : update->base_version;
    }
    for (size_t i = 0; i < update->n_changed_strips; i++) {
        if (update->changed_strips[i] < LIMIT_STRIPS) {
            waiting->is_strip_changed[update->changed_strips[i]] = true;
        }
    }
    if (update->n_tiles == 0 || waiting->has_lost_tiles || waiting->base_version == 0 ||
        waiting->n_tiles + update->n_tiles > LIMIT_TILES) {
        drop_tiles(waiting);
        waiting->has_lost_tiles = true;
    } else {
        for (size_t i = 0; i < update->n_tiles; i++) {
            waiting->tiles[waiting->n_tiles] = update->tiles[i];
            lg_bytes_ref(waiting->tiles[waiting->n_tiles++].png);
        }
    }
    frame_unref(waiting->frame);
    waiting->frame = frame_ref(update->frame);
}

struct feed_socket *feed_socket_create(const char *endpoint, const struct curve_server_keys *keys,
                                       char *bound, size_t bound_size) {
    struct feed_socket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) {
        return NULL;
    }
    const struct socket_options options = {.type = ZMQ_PUB,
                                           .hwm = LIMIT_FEED_HWM,
                                           .max_part_bytes = 1024,
                                           .linger_ms = 200,
                                           .keys = keys};
    socket->zmq = socket_bind(&options, endpoint, bound, bound_size);
    if (socket->zmq == NULL) {
        free(socket);
        return NULL;
    }
    return socket;
}

void feed_socket_destroy(struct feed_socket *socket) {
    if (socket != NULL) {
        socket_close(socket->zmq);
        free(socket);
    }
}

static size_t send_header(struct feed_socket *socket, const char *topic, size_t topic_len,
                          const struct msg_buf *header, bool has_more) {
    if (zmq_send(socket->zmq, topic, topic_len, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
        zmq_send(socket->zmq, header->data, header->size,
                 (has_more ? ZMQ_SNDMORE : 0) | ZMQ_DONTWAIT) < 0) {
        lg_log(LG_LOG_ERROR, "publisher", "not_sent", "topic=%s why=%s", topic,
               zmq_strerror(errno));
        return 0;
    }
    return topic_len + header->size;
}

static size_t send_notice(struct feed_socket *socket, const struct frame *frame) {
    struct feed_topic topic = {.kind = FEED_NOTICE};
    strcpy(topic.scene, frame->scene);
    char text[LIMIT_TOPIC_BYTES];
    if (feed_topic_print(&topic, text) == 0) {
        return 0;
    }
    struct msg_notice notice = {
        .epoch = frame->epoch, .version = frame->version, .wall_us = frame->drawn_wall_us};
    return feed_send_message(socket, text, &msg_notice_type, &notice);
}

/* Lists the strips to send into header.strips; their payload into `payload`. */
static size_t list_strips(const struct feed_picture *picture, struct msg_strip *strips,
                          struct lg_bytes **payload) {
    const struct frame *frame = picture->frame;
    size_t n = 0;
    for (size_t i = 0; i < frame->n_strips; i++) {
        if (picture->base_version != 0 && !picture->is_strip_changed[i]) {
            continue;
        }
        const struct frame_strip *strip = &frame->strips[i];
        strips[n] = (struct msg_strip){.strip_i = i,
                                       .adler = strip->adler,
                                       .raw_size_bytes = strip->raw_size_bytes,
                                       .size_bytes = lg_bytes_size(strip->chunk)};
        payload[n++] = strip->chunk;
    }
    return n;
}

static size_t list_tiles(const struct feed_picture *picture, struct msg_tile *tiles,
                         struct lg_bytes **payload) {
    for (size_t i = 0; i < picture->n_tiles; i++) {
        const struct feed_tile *tile = &picture->tiles[i];
        tiles[i] = (struct msg_tile){.x_px = tile->x_px,
                                     .y_px = tile->y_px,
                                     .width_px = tile->width_px,
                                     .height_px = tile->height_px,
                                     .size_bytes = lg_bytes_size(tile->png)};
        payload[i] = tile->png;
    }
    return picture->n_tiles;
}

size_t feed_send_picture(struct feed_socket *socket, const struct feed_picture *picture) {
    const struct frame *frame = picture->frame;
    struct msg_strip strips[LIMIT_STRIPS];
    struct msg_tile tiles[LIMIT_TILES];
    struct lg_bytes *payload[LIMIT_STRIPS + LIMIT_TILES];
    struct msg_frame header = socket_frame_header(frame, picture->base_version);
    header.strips = strips;
    header.n_strips = list_strips(picture, strips, payload);
    header.tiles = tiles;
    header.n_tiles = list_tiles(picture, tiles, payload + header.n_strips);
    struct feed_topic topic = {.kind = FEED_FRAME, .width_px = frame->width_px};
    strcpy(topic.scene, frame->scene);
    char text[LIMIT_TOPIC_BYTES];
    size_t text_len = feed_topic_print(&topic, text);
    struct msg_buf encoded;
    struct msg_problem problem;
    if (text_len == 0 || msg_encode(&msg_frame_type, &header, &encoded, &problem) != LG_OK) {
        lg_log(LG_LOG_ERROR, "publisher", "not_encoded", "scene=%s", frame->scene);
        return 0;
    }
    size_t n_parts = header.n_strips + header.n_tiles;
    size_t bytes = send_header(socket, text, text_len, &encoded, n_parts > 0);
    free(encoded.data);
    for (size_t i = 0; bytes > 0 && i < n_parts; i++) {
        bytes += socket_send_bytes(socket->zmq, payload[i], i + 1 < n_parts);
    }
    return bytes + send_notice(socket, frame);
}

size_t feed_send_dense(struct feed_socket *socket, const struct frame *frame) {
    struct feed_topic topic = {.kind = FEED_DENSE, .width_px = frame->width_px};
    strcpy(topic.scene, frame->scene);
    char text[LIMIT_TOPIC_BYTES];
    size_t text_len = feed_topic_print(&topic, text);
    struct msg_dense dense = {.epoch = frame->epoch,
                              .version = frame->version,
                              .width_px = frame->width_px,
                              .height_px = frame->height_px,
                              .size_bytes = lg_bytes_size(frame->dense)};
    strcpy(dense.scene, frame->scene);
    struct msg_buf encoded;
    if (text_len == 0 || msg_dense_encode(&dense, &encoded) != LG_OK) {
        lg_log(LG_LOG_ERROR, "publisher", "not_encoded", "scene=%s", frame->scene);
        return 0;
    }
    size_t bytes = send_header(socket, text, text_len, &encoded, true);
    free(encoded.data);
    return bytes == 0 ? 0 : bytes + socket_send_bytes(socket->zmq, frame->dense, false);
}

size_t feed_send_message(struct feed_socket *socket, const char *topic, const struct msg_type *type,
                         const void *message) {
    struct msg_buf encoded;
    struct msg_problem problem;
    if (msg_encode(type, message, &encoded, &problem) != LG_OK) {
        lg_log(LG_LOG_ERROR, "publisher", "not_encoded", "topic=%s why=%s", topic, problem.text);
        return 0;
    }
    size_t bytes = send_header(socket, topic, strlen(topic), &encoded, false);
    free(encoded.data);
    return bytes;
}
