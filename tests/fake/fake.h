/* Inside the fake renderer: its state, its pictures, its answers. */
#ifndef LEGGIO_TESTS_FAKE_H
#define LEGGIO_TESTS_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/frame.h"
#include "proto/messages.h"

#define FAKE_SCENES_MAX  32
#define FAKE_SERVERS_MAX 16
#define FAKE_REPLIES_MAX 1024
#define FAKE_LOG_BYTES   (64 * 1024)

struct fake_scene {
    char name[LIMIT_SCENE_NAME_BYTES + 1];
    uint64_t version;
    uint32_t width_px, height_px;
    struct frame *frame; /* of that version */
};

/* An answered request, so that its repetition is applied once. */
struct fake_answered {
    uint64_t gateway_id, counter;
    struct msg_buf reply;
};

struct fake {
    void *feed, *calls; /* sockets */
    const char *root;
    uint64_t epoch, renderer_id;
    int64_t started_us, next_beat_us;
    bool is_beating, is_silent, is_quitting;
    unsigned n_to_drop, delay_ms;
    struct fake_scene scenes[FAKE_SCENES_MAX];
    size_t n_scenes;
    struct msg_server servers[FAKE_SERVERS_MAX];
    size_t n_servers;
    struct fake_answered answered[FAKE_REPLIES_MAX];
    size_t answered_i;
    char log[FAKE_LOG_BYTES];
    size_t log_len;
};

/* -- fake_picture.c ------------------------------------------------------- */
/* The picture of a scene at a version, sealed. The pixel at 0, 0 is the version
 * (24 bits, big endian); below is a gradient with a bar of 8 rows that moves
 * with the version. Strips that are equal to base's are shared with it. */
struct frame *fake_draw(const struct fake_scene *scene, uint64_t epoch, const struct frame *base);

/* -- fake_renderer.c ------------------------------------------------------ */
struct fake_scene *fake_find_scene(struct fake *fake, const char *name); /* NULL = none */
bool fake_add_scene(struct fake *fake, const char *name);
void fake_remove_scene(struct fake *fake, const char *name);
/* A new version; published (notice and frame) unless is_lost. */
void fake_touch(struct fake *fake, struct fake_scene *scene, bool is_lost);
void fake_resize(struct fake *fake, struct fake_scene *scene, uint32_t width_px,
                 uint32_t height_px);
void fake_beat(struct fake *fake);
void fake_publish_dense(struct fake *fake, const struct fake_scene *scene);
void fake_set_server(struct fake *fake, const char *words);
void fake_clear_servers(struct fake *fake);
size_t fake_list_scenes(const struct fake *fake, struct msg_scene list[FAKE_SCENES_MAX]);

/* -- fake_calls.c --------------------------------------------------------- */
/* Answer one request that waits on the calls socket; false when none did. */
bool fake_answer(struct fake *fake);
/* Header and payload of a whole frame, or of what differs from base, behind the
 * n parts that are there already. */
void fake_send_frame(void *socket, const struct msg_bytes *first, size_t n_first,
                     const struct frame *frame, const struct frame *base);

#endif
