/* One scene: damage → paint → compare → encode → frame. A version exists only
 * for pixels that differ from the ones before. */
#include "renderer/draw/scene_picture.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/png_join.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter.h"
#include "renderer/draw/pixels.h"

/* Changes that leave the picture grey before its strips are. */
#define GREY_PATIENCE 16
/* The draw thread tries again every 100 ms. */
#define TRIES_MAX 5

bool picture_workshop_init(struct picture_workshop *shop) {
    memset(shop, 0, sizeof(*shop));
    shop->encoder = strip_encoder_create();
    return shop->encoder != NULL;
}

void picture_workshop_finish(struct picture_workshop *shop) {
    strip_encoder_destroy(shop->encoder);
    free(shop->before);
    memset(shop, 0, sizeof(*shop));
}

static void drop_tiles(struct scene_picture *picture) {
    for (size_t i = 0; i < picture->n_tiles; i++) {
        lg_bytes_unref(picture->tiles[i].png);
    }
    picture->n_tiles = 0;
}

void scene_picture_finish(struct scene_picture *picture) {
    drop_tiles(picture);
    if (picture->surface != NULL) {
        cairo_surface_destroy(picture->surface);
    }
    display_list_unref(picture->list);
    frame_unref(picture->frame);
    free(picture->strip_hashes);
    memset(picture, 0, sizeof(*picture));
}

/* -- painting ----------------------------------------------------------- */

/* Copies the cells that will be painted. */
static int keep_before(struct picture_workshop *shop, cairo_surface_t *surface,
                       const struct display_list *list, const struct damage *damage) {
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    size_t needed = stride * list->height_px;
    const uint8_t *pixels = cairo_image_surface_get_data(surface);
    if (needed > shop->before_capacity) {
        free(shop->before);
        shop->before = malloc(needed);
        shop->before_capacity = shop->before != NULL ? needed : 0;
    }
    if (shop->before == NULL) {
        lg_log(LG_LOG_ERROR, "picture", "no_memory", "size_bytes=%zu", needed);
        return LG_ENOMEM;
    }
    for (size_t i = 0; i < damage->n; i++) {
        struct rect_px rect = painter_cells_around(list, damage->rects[i]);
        for (int y = rect.y; y < rect.y + rect.height; y++) {
            size_t offset = (size_t)y * stride + (size_t)rect.x * 4;
            memcpy(shop->before + offset, pixels + offset, (size_t)rect.width * 4);
        }
    }
    return 0;
}

/* Exact changes, cell by cell so that far ones stay apart. */
static void find_changes(const struct picture_workshop *shop, cairo_surface_t *surface,
                         const struct display_list *list, const struct damage *damage,
                         struct damage *changes) {
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    const uint8_t *pixels = cairo_image_surface_get_data(surface);
    changes->n = 0;
    for (size_t i = 0; i < damage->n; i++) {
        struct rect_px rect = painter_cells_around(list, damage->rects[i]);
        for (int y = rect.y; y < rect.y + rect.height; y += PAINTER_CELL_HEIGHT_PX) {
            for (int x = rect.x; x < rect.x + rect.width; x += PAINTER_CELL_WIDTH_PX) {
                struct rect_px cell = {x, y, PAINTER_CELL_WIDTH_PX, PAINTER_CELL_HEIGHT_PX};
                cell = rect_px_intersect(cell, rect);
                damage_add(changes, damage_compare(shop->before, pixels, stride, cell));
            }
        }
    }
}

static cairo_surface_t *create_surface(const struct display_list *list) {
    if (list->width_px > LIMIT_SIDE_PX || list->height_px > LIMIT_SIDE_PX ||
        (uint64_t)list->width_px * list->height_px > LIMIT_PIXELS) {
        lg_log(LG_LOG_WARN, "picture", "too_large", "width_px=%u height_px=%u", list->width_px,
               list->height_px);
        return NULL;
    }
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)list->width_px, (int)list->height_px);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        lg_log(LG_LOG_ERROR, "picture", "no_memory", "width_px=%u height_px=%u", list->width_px,
               list->height_px);
        cairo_surface_destroy(surface);
        return NULL;
    }
    return surface;
}

/* -- encoding ----------------------------------------------------------- */

/* Does a strip hold no colour? */
static bool is_strip_grey(const struct scene_picture *picture, size_t strip_i) {
    size_t stride = (size_t)cairo_image_surface_get_stride(picture->surface);
    uint32_t rows = png_strip_rows(picture->list->height_px, strip_i);
    const uint8_t *pixels = cairo_image_surface_get_data(picture->surface);
    pixels += strip_i * FRAME_STRIP_ROWS * stride;
    for (uint32_t y = 0; y < rows; y++) {
        if (!pixels_are_grey(pixels + y * stride, picture->list->width_px)) {
            return false;
        }
    }
    return true;
}

/* What all strips must be for these pixels. Colour shows at once; back to grey it goes when the
 * picture has kept to it for a while, since all strips are encoded anew each time. */
static uint8_t choose_color_type(struct scene_picture *picture, const struct frame *base) {
    const struct display_list *list = picture->list;
    size_t n_strips = (list->height_px + FRAME_STRIP_ROWS - 1) / FRAME_STRIP_ROWS, n_grey = 0;
    if (list->background.a < 1) {
        return STRIPS_RGBA;
    }
    for (size_t i = 0; i < n_strips; i++) {
        n_grey += picture->is_strip_grey[i];
    }
    if (n_grey < n_strips) {
        picture->n_grey_changes = 0;
        return STRIPS_RGB;
    }
    bool is_kept =
        base != NULL && base->color_type == STRIPS_RGB && ++picture->n_grey_changes < GREY_PATIENCE;
    return is_kept ? STRIPS_RGB : STRIPS_GREY;
}

static uint64_t hash_rows(const uint8_t *pixels, size_t stride, size_t row_bytes, uint32_t rows) {
    if (row_bytes == stride) {
        return XXH3_64bits(pixels, stride * rows);
    }
    uint64_t hash = 0;
    for (uint32_t y = 0; y < rows; y++) {
        hash = XXH3_64bits_withSeed(pixels + y * stride, row_bytes, hash);
    }
    return hash;
}

static int encode_strip(struct scene_picture *picture, struct picture_workshop *shop,
                        struct frame *frame, size_t strip_i) {
    const uint8_t *pixels = cairo_image_surface_get_data(picture->surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(picture->surface);
    uint32_t rows = png_strip_rows(frame->height_px, strip_i);
    struct frame_strip strip;
    pixels += strip_i * FRAME_STRIP_ROWS * stride;
    int rc = strip_encode(shop->encoder, pixels, stride, frame->width_px, rows, frame->color_type,
                          &strip);
    if (rc != 0) {
        return rc;
    }
    frame_give_strip(frame, strip_i, strip);
    picture->strip_hashes[strip_i] = hash_rows(pixels, stride, (size_t)frame->width_px * 4, rows);
    picture->changed_strips[picture->n_changed_strips++] = (uint32_t)strip_i;
    return 0;
}

static bool is_strip_touched(const struct damage *changes, size_t strip_i) {
    int top = (int)(strip_i * FRAME_STRIP_ROWS), bottom = top + FRAME_STRIP_ROWS;
    for (size_t i = 0; i < changes->n; i++) {
        const struct rect_px *rect = &changes->rects[i];
        if (rect->y < bottom && rect->y + rect->height > top) {
            return true;
        }
    }
    return false;
}

/* Tiles pay while they are the smaller part of the picture. */
static void encode_tiles(struct scene_picture *picture, struct picture_workshop *shop,
                         const struct frame *frame, const struct damage *changes) {
    const uint8_t *pixels = cairo_image_surface_get_data(picture->surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(picture->surface);
    uint64_t area = 0, whole = (uint64_t)frame->width_px * frame->height_px;
    for (size_t i = 0; i < changes->n; i++) {
        area += (uint64_t)changes->rects[i].width * (uint64_t)changes->rects[i].height;
    }
    for (size_t i = 0; i < changes->n && area * 2 < whole; i++) {
        struct lg_bytes *png =
            tile_encode(shop->encoder, pixels, stride, changes->rects[i], frame->color_type);
        if (png == NULL) {
            drop_tiles(picture);
            return;
        }
        picture->tiles[picture->n_tiles++] = (struct picture_tile){changes->rects[i], png};
    }
}

/* shown: the frame before, or NULL when everything is new; set to NULL when all strips had to be
 * encoded anew. */
static struct frame *encode(struct scene_picture *picture, struct picture_workshop *shop,
                            const struct frame **shown, const struct damage *changes,
                            uint64_t version) {
    const struct display_list *list = picture->list;
    size_t n_strips = (list->height_px + FRAME_STRIP_ROWS - 1) / FRAME_STRIP_ROWS;
    for (size_t i = 0; i < n_strips; i++) {
        if (*shown == NULL || is_strip_touched(changes, i)) {
            picture->is_strip_grey[i] = is_strip_grey(picture, i);
        }
    }
    uint8_t color_type = choose_color_type(picture, *shown);
    if (*shown != NULL && (*shown)->color_type != color_type) {
        *shown = NULL;
    }
    const struct frame *base = *shown;
    struct frame *frame =
        base != NULL ? frame_derive(base)
                     : frame_create(picture->scene, list->width_px, list->height_px, color_type);
    if (frame == NULL) {
        return NULL;
    }
    picture->n_changed_strips = 0;
    drop_tiles(picture);
    for (size_t i = 0; i < frame->n_strips; i++) {
        if ((base == NULL || is_strip_touched(changes, i)) &&
            encode_strip(picture, shop, frame, i) != 0) {
            frame_unref(frame);
            return NULL;
        }
    }
    frame->epoch = picture->epoch;
    frame->version = version;
    frame->drawn_wall_us = lg_clock_wall_us();
    frame->pixels_hash = XXH3_64bits_withSeed(picture->strip_hashes,
                                              frame->n_strips * sizeof(*picture->strip_hashes),
                                              ((uint64_t)frame->width_px << 32) | frame->height_px);
    if (picture->frame == NULL && picture->known_version != 0 &&
        frame->pixels_hash == picture->known_hash) {
        frame->version = picture->known_version;
    }
    if (frame_seal(frame) != 0) {
        frame_unref(frame);
        return NULL;
    }
    if (base != NULL) {
        encode_tiles(picture, shop, frame, changes);
    }
    return frame;
}

/* -- showing ------------------------------------------------------------ */

static void replace_frame(struct scene_picture *picture, struct frame *frame,
                          uint64_t base_version) {
    frame_unref(picture->frame);
    picture->frame = frame;
    picture->base_version = base_version;
}

/* May what was painted be shown? An error of cairo may be want of memory, which passes, or a font
 * that cannot be opened, which does not: after some tries the rest is shown. */
static bool is_good_enough(struct scene_picture *picture, int rc) {
    bool is_short = rc == LG_ENOMEM || (rc != LG_OK && picture->n_tries < TRIES_MAX);
    picture->n_tries = rc == LG_OK ? 0 : picture->n_tries + (is_short ? 1 : 0);
    return !is_short;
}

static int show_afresh(struct scene_picture *picture, struct picture_workshop *shop,
                       uint64_t version) {
    struct damage all = {.n = 0};
    struct rect_px whole = display_list_rect(picture->list);
    damage_add(&all, whole);
    if (!is_good_enough(picture, painter_paint(picture->surface, picture->list, &whole))) {
        return LG_ENOMEM;
    }
    size_t n_strips = (picture->list->height_px + FRAME_STRIP_ROWS - 1) / FRAME_STRIP_ROWS;
    uint64_t *hashes = calloc(n_strips, sizeof(*hashes));
    if (hashes == NULL) {
        return LG_ENOMEM;
    }
    free(picture->strip_hashes);
    picture->strip_hashes = hashes;
    const struct frame *base = NULL;
    struct frame *frame = encode(picture, shop, &base, &all, version);
    if (frame == NULL) {
        return LG_ENOMEM;
    }
    replace_frame(picture, frame, 0);
    return 0;
}

static int show_changes(struct scene_picture *picture, struct picture_workshop *shop,
                        const struct display_list *before, uint64_t version, bool *changed) {
    struct damage damage, changes;
    damage_between(before, picture->list, &damage);
    int rc = keep_before(shop, picture->surface, picture->list, &damage);
    if (rc != 0) {
        return rc;
    }
    rc = painter_paint_rects(picture->surface, picture->list, damage.rects, damage.n);
    if (!is_good_enough(picture, rc)) {
        return LG_ENOMEM;
    }
    find_changes(shop, picture->surface, picture->list, &damage, &changes);
    if (changes.n == 0) {
        *changed = false;
        return 0;
    }
    const struct frame *base = picture->frame;
    struct frame *frame = encode(picture, shop, &base, &changes, version);
    if (frame == NULL) {
        return LG_ENOMEM;
    }
    replace_frame(picture, frame, base != NULL ? base->version : 0);
    return 0;
}

int scene_picture_show(struct scene_picture *picture, struct picture_workshop *shop,
                       struct display_list *list, uint64_t version, bool *changed) {
    struct display_list *before = picture->list;
    bool is_same_size = picture->surface != NULL && picture->frame != NULL &&
                        before->width_px == list->width_px && before->height_px == list->height_px;
    int rc;
    *changed = false;
    if (is_same_size) {
        *changed = true;
        picture->list = list;
        rc = show_changes(picture, shop, before, version, changed);
    } else {
        cairo_surface_t *surface = create_surface(list);
        if (surface == NULL) {
            display_list_unref(list);
            return LG_ETOOLARGE;
        }
        if (picture->surface != NULL) {
            cairo_surface_destroy(picture->surface);
        }
        picture->surface = surface;
        picture->list = list;
        rc = show_afresh(picture, shop, version);
        *changed = rc == 0;
    }
    display_list_unref(before);
    if (rc != 0) {
        /* Pixels and frame no longer match: start from nothing next time. */
        cairo_surface_destroy(picture->surface);
        picture->surface = NULL;
        *changed = false;
    }
    return rc;
}

struct frame *scene_picture_adopt_dense(struct scene_picture *picture, uint64_t version,
                                        struct lg_bytes *png) {
    struct frame *frame = picture->frame, *with = NULL;
    if (png != NULL && frame != NULL && frame->version == version && frame->dense == NULL &&
        lg_bytes_size(png) < lg_bytes_size(frame->png)) {
        with = frame_with_dense(frame, png);
    }
    lg_bytes_unref(png);
    if (with == NULL) {
        return NULL;
    }
    frame_unref(frame);
    picture->frame = with;
    return frame_ref(with);
}
