/* The draw thread: takes the newest display list of each scene, paints the
 * damage, encodes, hands pictures on. Knows neither score nor broker. */
#ifndef LEGGIO_DRAW_DRAW_THREAD_H
#define LEGGIO_DRAW_DRAW_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"
#include "renderer/draw/display_list.h"

struct picture_tile {
    struct rect_px rect;
    struct lg_bytes *png; /* whole PNG of this rectangle */
};

/* What a new version is made of; borrowed for the callback (ref what you keep). */
struct picture {
    struct frame *frame;   /* sealed */
    uint64_t base_version; /* 0 = everything is new */
    const uint32_t *changed_strips;
    size_t n_changed_strips;
    const struct picture_tile *tiles; /* damage as PNGs; none when it is most of the picture */
    size_t n_tiles;
    uint64_t mark; /* of the submit that it shows */
};

struct draw_thread_options {
    int max_fps;
    uint64_t epoch;
    uint64_t first_version; /* every scene's next version is at least this */
    uint32_t quiet_ms;      /* dense frame after so long without change; 200 */
    void *ctx;
    /* All on the draw thread. */
    void (*on_picture)(void *ctx, const struct picture *picture);
    /* The same version again, with frame->dense. */
    void (*on_dense)(void *ctx, struct frame *frame);
    /* Every submit of this scene up to `transaction` is visible in `version` (also when it
     * changed nothing). */
    void (*on_shown)(void *ctx, const char *scene, uint64_t transaction, uint64_t version);
    /* The version that an earlier life of the process showed last of this scene, with the hash of
     * its pixels; false = not known for sure. When the first picture has the same pixels, it is the
     * same version. May be unset. */
    bool (*known_version)(void *ctx, const char *scene, uint64_t *version, uint64_t *pixels_hash);
    /* Versions up to this number may be used soon: make it durable. Called in blocks, early. */
    void (*on_reserve)(void *ctx, uint64_t version);
};

struct draw_thread;
struct draw_thread *draw_thread_create(const struct draw_thread_options *options);
/* Finishes the picture under way; one that is being made dense may take part of a second. */
void draw_thread_destroy(struct draw_thread *thread);

/* Newest wins: replaces a list that waits. Takes over one reference. mark: the caller's, comes back
 * with the picture. Any thread. */
void draw_thread_submit(struct draw_thread *thread, const char *scene, struct display_list *list,
                        uint64_t transaction, uint64_t mark);
/* A scene is gone. */
void draw_thread_forget(struct draw_thread *thread, const char *scene);
/* Newest sealed frame, referenced for the caller; NULL when there is none. Any thread. */
struct frame *draw_thread_frame(struct draw_thread *thread, const char *scene);

/* The list that the newest frame was made of, and that frame; both referenced for the caller.
 * NULL, and *frame untouched, when there is none. Any thread. */
struct display_list *draw_thread_shown(struct draw_thread *thread, const char *scene,
                                       struct frame **frame);

#endif
