/* Pictures and messages onto the PUB socket. For the publisher's thread. */
#ifndef LEGGIO_BROKER_FEED_SEND_H
#define LEGGIO_BROKER_FEED_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/messages.h"
#include "renderer/broker/publisher.h"

/* A picture that waits: everything that changed between base_version and frame->version. */
struct feed_picture {
    struct frame *frame; /* owned reference; NULL = none */
    uint64_t base_version;
    bool is_strip_changed[LIMIT_STRIPS];
    size_t n_tiles; /* 0 = not told: there were too many, or it is all new */
    bool has_lost_tiles;
    struct feed_tile tiles[LIMIT_TILES]; /* owned references; drawn in this order */
};

/* Put a newer picture over what waits (if anything does). Takes references. */
void feed_picture_join(struct feed_picture *waiting, const struct feed_update *update);
void feed_picture_finish(struct feed_picture *picture);

struct feed_socket;
/* Bind, with keys (NULL = none); the endpoint in force is copied to `bound`. NULL after logging. */
struct feed_socket *feed_socket_create(const char *endpoint, const struct curve_server_keys *keys,
                                       char *bound, size_t bound_size);
void feed_socket_destroy(struct feed_socket *socket);

/* All return the number of bytes handed to the socket, 0 when it could not be. */
size_t feed_send_picture(struct feed_socket *socket, const struct feed_picture *picture);
size_t feed_send_dense(struct feed_socket *socket, const struct frame *frame);
size_t feed_send_message(struct feed_socket *socket, const char *topic, const struct msg_type *type,
                         const void *message);

#endif
