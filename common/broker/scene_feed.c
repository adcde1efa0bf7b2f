/* The state machine of one scene on the feed. */
#include "common/broker/scene_feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"

/* A frame message that owns its strips. */
struct delta_strip {
    size_t strip_i;
    struct frame_strip strip;
};
struct delta {
    uint64_t version, base_version, pixels_hash;
    int64_t wall_us;
    uint32_t width_px, height_px;
    uint8_t color_type;
    size_t n_strips;
    struct delta_strip strips[];
};

struct scene_feed {
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    uint64_t epoch, version; /* of work, else of shown; 0 = none */
    struct frame *shown;     /* newest sealed, owned reference; NULL before the first */
    struct frame *work;      /* unsealed and newer than shown, or NULL */
    uint64_t announced;      /* newest version heard of in this epoch */
    int64_t announced_us;
    bool is_joining, is_asked;
    int64_t ask_after_us;
    struct delta *kept[SCENE_FEED_KEPT_MAX]; /* while joining, in order of arrival */
    size_t n_kept;
    uint64_t n_gaps;
};

struct scene_feed *scene_feed_create(const char *scene) {
    struct scene_feed *feed = calloc(1, sizeof *feed);
    size_t len = strlen(scene);
    if (feed == NULL || len > LIMIT_SCENE_NAME_BYTES) {
        free(feed);
        return NULL;
    }
    memcpy(feed->scene, scene, len);
    feed->is_joining = true;
    return feed;
}

static void delta_destroy(struct delta *delta) {
    if (delta == NULL) {
        return;
    }
    for (size_t i = 0; i < delta->n_strips; i++) {
        lg_bytes_unref(delta->strips[i].strip.chunk);
    }
    free(delta);
}

static void forget_kept(struct scene_feed *feed) {
    for (size_t i = 0; i < feed->n_kept; i++) {
        delta_destroy(feed->kept[i]);
    }
    feed->n_kept = 0;
}

void scene_feed_destroy(struct scene_feed *feed) {
    if (feed == NULL) {
        return;
    }
    forget_kept(feed);
    frame_unref(feed->shown);
    frame_unref(feed->work);
    free(feed);
}

const char *scene_feed_name(const struct scene_feed *feed) {
    return feed->scene;
}

static struct delta *delta_create(const struct feed_frame *frame) {
    const struct msg_frame *header = &frame->header;
    struct delta *delta = calloc(1, sizeof *delta + header->n_strips * sizeof delta->strips[0]);
    if (delta == NULL) {
        return NULL;
    }
    *delta = (struct delta){.version = header->version,
                            .base_version = header->base_version,
                            .pixels_hash = header->pixels_hash,
                            .wall_us = header->wall_us,
                            .width_px = (uint32_t)header->width_px,
                            .height_px = (uint32_t)header->height_px,
                            .color_type = (uint8_t)header->color_type};
    for (size_t i = 0; i < header->n_strips; i++) {
        struct lg_bytes *chunk = lg_bytes_copy(frame->strips[i].data, frame->strips[i].size);
        if (chunk == NULL) {
            delta_destroy(delta);
            return NULL;
        }
        delta->strips[delta->n_strips++] = (struct delta_strip){
            .strip_i = (size_t)header->strips[i].strip_i,
            .strip = {.chunk = chunk,
                      .adler = (uint32_t)header->strips[i].adler,
                      .raw_size_bytes = (uint32_t)header->strips[i].raw_size_bytes}};
    }
    return delta;
}

static void join_again(struct scene_feed *feed, int64_t ask_after_us) {
    feed->is_joining = true;
    feed->ask_after_us = ask_after_us;
}

/* Another life of the score: what is shown stays until something newer is there. */
static void begin_epoch(struct scene_feed *feed, uint64_t epoch) {
    frame_unref(feed->work);
    feed->work = NULL;
    forget_kept(feed);
    feed->epoch = epoch;
    feed->version = 0;
    feed->announced = 0;
    join_again(feed, 0);
}

static const struct frame *newest(const struct scene_feed *feed) {
    return feed->work != NULL ? feed->work : feed->shown;
}

static bool fits(const struct scene_feed *feed, const struct delta *delta) {
    const struct frame *base = newest(feed);
    if (delta->base_version == 0) {
        return true;
    }
    return base != NULL && feed->version == delta->base_version &&
           base->width_px == delta->width_px && base->height_px == delta->height_px &&
           base->color_type == delta->color_type;
}

/* Build the delta into work; it fits. Takes over its strips. */
static int apply(struct scene_feed *feed, struct delta *delta) {
    struct frame *work = feed->work;
    if (delta->base_version == 0) {
        work = frame_create(feed->scene, delta->width_px, delta->height_px, delta->color_type);
    } else if (work == NULL) {
        work = frame_derive(feed->shown);
    }
    if (work == NULL) {
        return LG_ENOMEM;
    }
    if (feed->work != work) {
        frame_unref(feed->work);
        feed->work = work;
    }
    for (size_t i = 0; i < delta->n_strips; i++) {
        frame_give_strip(work, delta->strips[i].strip_i, delta->strips[i].strip);
        delta->strips[i].strip.chunk = NULL;
    }
    work->epoch = feed->epoch;
    work->version = delta->version;
    work->pixels_hash = delta->pixels_hash;
    work->drawn_wall_us = delta->wall_us;
    feed->version = delta->version;
    return 0;
}

/* Takes over the delta. When there is no room, the oldest knowledge goes: the
 * snapshot to come will be newer than all of it, or be asked for once more. */
static void keep(struct scene_feed *feed, struct delta *delta) {
    if (feed->n_kept == SCENE_FEED_KEPT_MAX) {
        forget_kept(feed);
    }
    feed->kept[feed->n_kept++] = delta;
}

void scene_feed_announce(struct scene_feed *feed, uint64_t epoch, uint64_t version,
                         int64_t now_us) {
    if (epoch != feed->epoch) {
        begin_epoch(feed, epoch);
    }
    if (version > feed->announced) {
        /* The wait for a frame is counted from the first version that lacks it. */
        if (feed->announced <= feed->version) {
            feed->announced_us = now_us;
        }
        feed->announced = version;
    }
}

void scene_feed_take_frame(struct scene_feed *feed, const struct feed_frame *frame,
                           int64_t now_us) {
    const struct msg_frame *header = &frame->header;
    scene_feed_announce(feed, header->epoch, header->version, now_us);
    if (header->version <= feed->version) {
        return; /* the snapshot held it already */
    }
    struct delta *delta = delta_create(frame);
    if (delta == NULL) {
        join_again(feed, now_us + SCENE_FEED_RETRY_US);
        return;
    }
    bool is_whole = delta->base_version == 0;
    if (feed->is_joining && !is_whole) {
        keep(feed, delta);
        return;
    }
    if (!fits(feed, delta)) {
        lg_log(LG_LOG_DEBUG, "feed", "gap", "scene=%s have=%" PRIu64 " base=%" PRIu64, feed->scene,
               feed->version, delta->base_version);
        feed->n_gaps++;
        join_again(feed, now_us);
        keep(feed, delta);
        return;
    }
    if (apply(feed, delta) != 0) {
        join_again(feed, now_us + SCENE_FEED_RETRY_US);
    } else if (is_whole) {
        feed->is_joining = false;
        forget_kept(feed);
    }
    delta_destroy(delta);
}

static void apply_kept(struct scene_feed *feed, int64_t now_us) {
    for (size_t i = 0; i < feed->n_kept; i++) {
        struct delta *delta = feed->kept[i];
        if (delta->version <= feed->version) {
            continue;
        }
        if (!fits(feed, delta) || apply(feed, delta) != 0) {
            join_again(feed, now_us + SCENE_FEED_REASK_US);
            break;
        }
    }
    forget_kept(feed);
}

void scene_feed_take_snapshot(struct scene_feed *feed, const struct feed_frame *frame,
                              int64_t now_us) {
    const struct msg_frame *header = &frame->header;
    feed->is_asked = false;
    if (header->epoch != feed->epoch) {
        begin_epoch(feed, header->epoch);
    }
    feed->is_joining = false;
    if (header->version > feed->version) {
        struct delta *delta = delta_create(frame);
        if (delta == NULL || delta->base_version != 0 || apply(feed, delta) != 0) {
            delta_destroy(delta);
            join_again(feed, now_us + SCENE_FEED_RETRY_US);
            return;
        }
        delta_destroy(delta);
    }
    apply_kept(feed, now_us);
    if (feed->version < feed->announced) {
        join_again(feed, now_us + SCENE_FEED_REASK_US);
    }
}

void scene_feed_snapshot_failed(struct scene_feed *feed, int64_t now_us) {
    feed->is_asked = false;
    feed->ask_after_us = now_us + SCENE_FEED_RETRY_US;
}

static bool is_png(struct msg_bytes png) {
    static const uint8_t SIGNATURE[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    return png.size > sizeof SIGNATURE && memcmp(png.data, SIGNATURE, sizeof SIGNATURE) == 0;
}

bool scene_feed_take_dense(struct scene_feed *feed, const struct msg_dense *dense,
                           struct msg_bytes png) {
    struct frame *shown = feed->shown;
    if (shown == NULL || feed->work != NULL || shown->epoch != dense->epoch ||
        shown->version != dense->version || shown->width_px != dense->width_px ||
        shown->height_px != dense->height_px || shown->dense != NULL ||
        png.size != dense->size_bytes || !is_png(png)) {
        return false;
    }
    struct lg_bytes *bytes = lg_bytes_copy(png.data, png.size);
    struct frame *with = bytes != NULL ? frame_with_dense(shown, bytes) : NULL;
    lg_bytes_unref(bytes);
    if (with == NULL) {
        return false;
    }
    frame_unref(shown);
    feed->shown = with;
    return true;
}

void scene_feed_rejoin(struct scene_feed *feed) {
    feed->is_asked = false;
    join_again(feed, 0);
}

struct frame *scene_feed_flush(struct scene_feed *feed) {
    if (feed->work == NULL) {
        return NULL;
    }
    struct frame *work = feed->work;
    feed->work = NULL;
    if (frame_seal(work) != 0) {
        frame_unref(work);
        feed->version =
            feed->shown != NULL && feed->shown->epoch == feed->epoch ? feed->shown->version : 0;
        join_again(feed, 0);
        return NULL;
    }
    frame_unref(feed->shown);
    feed->shown = work;
    return work;
}

struct frame *scene_feed_frame(const struct scene_feed *feed) {
    return feed->shown;
}

bool scene_feed_wants_snapshot(struct scene_feed *feed, int64_t now_us) {
    bool is_late =
        feed->announced > feed->version && now_us - feed->announced_us > SCENE_FEED_PATIENCE_US;
    if (feed->is_asked || now_us < feed->ask_after_us || (!feed->is_joining && !is_late)) {
        return false;
    }
    feed->is_joining = true;
    feed->is_asked = true;
    return true;
}

bool scene_feed_is_live(const struct scene_feed *feed) {
    return !feed->is_joining;
}

uint64_t scene_feed_gaps(const struct scene_feed *feed) {
    return feed->n_gaps;
}
