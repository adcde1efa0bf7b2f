/* The hot path: a request for a picture finds its response ready made here.
 * Everything lives on the HTTP thread, so there is no lock but the upstream's. */
#include "gateway-http/picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "gateway-http/server/response.h"

struct pictures {
    struct upstream *upstream;
    const struct picture_link *link;
    struct picture *first;
};

struct pictures *pictures_create(struct upstream *upstream, const struct picture_link *link) {
    struct pictures *pictures = calloc(1, sizeof *pictures);
    if (pictures != NULL) {
        pictures->upstream = upstream;
        pictures->link = link;
    }
    return pictures;
}

static void drop_responses(struct picture *picture) {
    response_unref(picture->image);
    response_unref(picture->not_modified);
    response_unref(picture->not_modified_since);
    response_unref(picture->version);
    picture->image = picture->not_modified = picture->not_modified_since = picture->version = NULL;
}

void pictures_destroy(struct pictures *pictures) {
    while (pictures != NULL && pictures->first != NULL) {
        struct picture *picture = pictures->first;
        pictures->first = picture->next;
        drop_responses(picture);
        frame_unref(picture->frame);
        free(picture);
    }
    free(pictures);
}

void picture_mark_stale(const struct picture_link *link, struct MHD_Response *response) {
    char since[VALIDATOR_DATE_BYTES];
    if (!atomic_load(&link->is_stale)) {
        return;
    }
    validator_date_format(since, atomic_load(&link->stale_since_s));
    response_expose(response);
    response_add(response, "Warning", "110 leggio-http \"Response is Stale\"");
    response_add(response, "X-Leggio-Stale-Since", since);
}

void picture_add_size(const struct picture *picture, struct MHD_Response *response) {
    char size[32];
    snprintf(size, sizeof size, "%" PRIu32 "x%" PRIu32, picture->frame->width_px,
             picture->frame->height_px);
    response_add(response, "X-Leggio-Scene-Size", size);
}

static void release_frame(void *frame) {
    frame_unref(frame);
}

static struct MHD_Response *prepare_image(const struct frame *frame) {
    const struct lg_bytes *png = frame->dense != NULL ? frame->dense : frame->png;
    struct frame *held = frame_ref((struct frame *)(uintptr_t)frame);
    return response_bytes(lg_bytes_data(png), lg_bytes_size(png), "image/png", release_frame, held);
}

static void prepare(const struct pictures *pictures, struct picture *picture) {
    const struct frame *frame = picture->frame;
    char version[24], modified[VALIDATOR_DATE_BYTES], body[64];
    drop_responses(picture);
    validator_etag(picture->etag, frame->epoch, frame->version, picture->scene);
    validator_date_format(modified, picture->last_modified_s);
    snprintf(version, sizeof version, "%" PRIu64, frame->version);
    snprintf(body, sizeof body, "{\n\t\"version\": %" PRIu64 "\n}\n", frame->version);

    picture->image = prepare_image(frame);
    picture->not_modified = response_not_modified(picture->etag);
    picture->not_modified_since = response_not_modified(picture->etag);
    response_add(picture->not_modified_since, "Last-Modified", modified);
    picture->version = response_text(body, "application/json");
    response_add(picture->image, "ETag", picture->etag);
    response_add(picture->image, "Last-Modified", modified);
    struct MHD_Response *with_version[] = {picture->image, picture->version};
    for (size_t i = 0; i < 2; i++) {
        response_add(with_version[i], "X-Inscore-Version", version);
    }
    picture_add_size(picture, picture->image);
    picture_mark_stale(pictures->link, picture->image);
    picture_mark_stale(pictures->link, picture->not_modified);
    picture_mark_stale(pictures->link, picture->not_modified_since);
    picture_mark_stale(pictures->link, picture->version);
}

static struct picture *find(struct pictures *pictures, const char *scene) {
    for (struct picture *p = pictures->first; p != NULL; p = p->next) {
        if (strcmp(p->scene, scene) == 0) {
            return p;
        }
    }
    struct picture *picture = calloc(1, sizeof *picture);
    if (picture != NULL) {
        snprintf(picture->scene, sizeof picture->scene, "%s", scene);
        picture->next = pictures->first;
        pictures->first = picture;
    }
    return picture;
}

/* A scene that is gone gives its memory back. */
static void forget(struct pictures *pictures, struct picture *gone) {
    for (struct picture **at = &pictures->first; *at != NULL; at = &(*at)->next) {
        if (*at == gone) {
            *at = gone->next;
            drop_responses(gone);
            frame_unref(gone->frame);
            free(gone);
            return;
        }
    }
}

static void show_date(struct picture *picture, int64_t second) {
    picture->last_modified_s = second;
    if (second > picture->shown_max_s) {
        picture->shown_max_s = second;
    }
}

static void take_frame(struct picture *picture, struct frame *frame, int64_t now_us) {
    bool is_new = picture->frame == NULL || picture->frame->epoch != frame->epoch ||
                  picture->frame->version != frame->version;
    frame_unref(picture->frame);
    picture->frame = frame;
    if (is_new) {
        picture->held_since_us = now_us;
        picture->is_settled = false;
        show_date(picture, validator_last_modified_s(frame->drawn_wall_us, false));
    }
}

/* From now on the date validates. It is one that was never shown before, even
 * when the renderer's wall clock went back. */
static void settle(struct picture *picture) {
    int64_t second = validator_last_modified_s(picture->frame->drawn_wall_us, true);
    picture->is_settled = true;
    show_date(picture, second > picture->shown_max_s ? second : picture->shown_max_s + 1);
}

const struct picture *pictures_get(struct pictures *pictures, const char *scene) {
    struct picture *picture = find(pictures, scene);
    if (picture == NULL) {
        return NULL;
    }
    struct frame *frame = upstream_frame(pictures->upstream, scene);
    if (frame == NULL) {
        forget(pictures, picture);
        return NULL;
    }
    bool is_stale = atomic_load_explicit(&pictures->link->is_stale, memory_order_relaxed);
    bool is_same = frame == picture->frame && is_stale == picture->is_stale;
    if (is_same && picture->is_settled) {
        frame_unref(frame);
        return picture;
    }
    int64_t now_us = lg_clock_us();
    take_frame(picture, frame, now_us);
    if (!picture->is_settled && !is_stale &&
        now_us - picture->held_since_us >= VALIDATOR_SETTLED_US) {
        settle(picture);
        is_same = false;
    }
    if (!is_same) {
        picture->is_stale = is_stale;
        prepare(pictures, picture);
    }
    return picture;
}
