/* The feed: a PUB socket in a thread of its own, so that heartbeats go on whatever the score does.
 *
 * Pictures wait in one slot per scene. A picture that comes before the one in the slot was sent is
 * joined with it (all strips that changed since the older one's base): latest wins, no queue. */
#ifndef LEGGIO_BROKER_PUBLISHER_H
#define LEGGIO_BROKER_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"
#include "proto/messages.h"

struct curve_server_keys;
struct publisher;

/* One rectangle that differs from the base version. */
struct feed_tile {
    uint32_t x_px, y_px, width_px, height_px;
    struct lg_bytes *png;
};

/* A new version to be published; borrowed for the call. */
struct feed_update {
    struct frame *frame;   /* sealed */
    uint64_t base_version; /* 0 = everything is new */
    const uint32_t *changed_strips;
    size_t n_changed_strips;
    const struct feed_tile *tiles; /* none: not told */
    size_t n_tiles;
};

struct publisher_options {
    const char *endpoint; /* "tcp://127.0.0.1:7010"; port 0 or * = a free one */
    uint64_t epoch;
    uint64_t renderer_id;                 /* random id of the process */
    int64_t started_us;                   /* of the process, monotonic: heartbeats tell its age */
    const struct curve_server_keys *keys; /* NULL = none; borrowed for the publisher's life */
};

/* Binds and starts. NULL after logging (endpoint in use …). */
struct publisher *publisher_create(const struct publisher_options *options);
/* Sends what waits, then stops. */
void publisher_destroy(struct publisher *publisher);
/* The endpoint with the port in force; borrowed for the publisher's life. */
const char *publisher_endpoint(const struct publisher *publisher);

/* All of these: any thread, never block on the network; a short lock. */

/* The scenes that there are; pictures of others are dropped. A name that is new gets into the
 * heartbeat with its first picture. Sends a heartbeat at once when one is gone. Borrows the names.
 */
void publisher_set_scenes(struct publisher *publisher, const char *const *names, size_t n_names);
void publisher_put_picture(struct publisher *publisher, const struct feed_update *update);
void publisher_put_dense(struct publisher *publisher, struct frame *frame);
/* The in-score servers; sent at once when they differ, and every few seconds. Copied. */
void publisher_set_servers(struct publisher *publisher, const struct msg_server *servers,
                           size_t n_servers);

/* Has any picture been sent yet? */
bool publisher_has_picture(struct publisher *publisher);

/* Scenes with their newest sent versions, for hello and scenes. At most LIMIT_SCENES
 * into `scenes`. */
size_t publisher_scenes(struct publisher *publisher, struct msg_scene *scenes);
/* The servers, at most LIMIT_SERVERS into `servers`. */
size_t publisher_servers(struct publisher *publisher, struct msg_server *servers);

#endif
