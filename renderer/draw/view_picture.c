/* Views of other widths. What they show is decided by draw_thread.c, who asks
 * for them by the renderer. */
#include "renderer/draw/view_picture.h"

#include <math.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/scene_picture.h"

uint32_t view_picture_height(uint32_t scene_width_px, uint32_t scene_height_px, uint32_t width_px) {
    if (scene_width_px == 0 || width_px == 0 || width_px > LIMIT_SIDE_PX) {
        return 0;
    }
    double height = round((double)scene_height_px * width_px / scene_width_px);
    height = height < 1 ? 1 : height;
    if (height > LIMIT_SIDE_PX || height * width_px > LIMIT_VIEW_PIXELS) {
        return 0;
    }
    return (uint32_t)height;
}

static struct display_item scale_item(const struct display_item *item, double factor) {
    struct display_item scaled = *item;
    for (int i = 0; i < 6; i++) { /* x and y rows of the matrix */
        scaled.matrix[i] *= factor;
    }
    scaled.effect_px = (int)lround(item->effect_px * factor);
    scaled.effect_dx = (int)lround(item->effect_dx * factor);
    scaled.effect_dy = (int)lround(item->effect_dy * factor);
    resource_ref(scaled.resource);
    return scaled;
}

struct display_list *display_list_scaled(const struct display_list *list, uint32_t width_px) {
    uint32_t own_px = display_list_width(list);
    uint32_t height_px = view_picture_height(own_px, display_list_height(list), width_px);
    struct display_list *scaled =
        display_list_create(width_px, height_px, display_list_background(list));
    double factor = (double)width_px / own_px;
    for (size_t i = 0; scaled != NULL && i < display_list_size(list); i++) {
        struct display_item item = scale_item(display_list_item(list, i), factor);
        if (display_list_append(scaled, &item) != LG_OK) {
            display_list_unref(scaled);
            scaled = NULL;
        }
    }
    return scaled;
}

struct frame *view_picture_draw(const struct display_list *list, const struct frame *shown,
                                uint32_t width_px) {
    struct scene_picture picture;
    struct picture_workshop shop;
    struct frame *frame = NULL;
    bool is_changed = false;
    memset(&picture, 0, sizeof picture);
    strcpy(picture.scene, shown->scene);
    picture.epoch = shown->epoch;
    struct display_list *scaled = display_list_scaled(list, width_px);
    if (scaled == NULL || !picture_workshop_init(&shop)) {
        lg_log(LG_LOG_ERROR, "view", "no_memory", "scene=%s width_px=%u", shown->scene, width_px);
        display_list_unref(scaled);
        return NULL;
    }
    if (scene_picture_show(&picture, &shop, scaled, shown->version, &is_changed) == LG_OK) {
        frame = picture.frame;
        picture.frame = NULL;
    }
    scene_picture_finish(&picture);
    picture_workshop_finish(&shop);
    return frame;
}
