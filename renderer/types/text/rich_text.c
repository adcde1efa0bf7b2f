/* Drawing of laid out text; the layout of HTML is in html_layout.c. */
#include "renderer/types/text/rich_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/types/shapes/shape.h"

static struct draw_resource *deco_path(const struct rich_deco *deco) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    const struct box *box = &deco->box;
    if (deco->kind == RICH_DECO_BOX) {
        cairo_rectangle(cr, box->x, box->y, box->width, box->height);
    } else {
        double radius = box->width / 2;
        cairo_arc(cr, box->x + radius, box->y + radius, radius, 0, 2 * M_PI);
        if (deco->kind == RICH_DECO_CIRCLE) {
            cairo_new_sub_path(cr);
            cairo_arc_negative(cr, box->x + radius, box->y + radius, radius * 0.8, 2 * M_PI, 0);
        }
    }
    struct draw_resource *path = resource_path_from_cairo(cr);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return path;
}

static void draw_decos(const struct rich_text *rich, const struct display_item *base,
                       struct display_list *list) {
    for (size_t deco_i = 0; deco_i < rich->n_decos; deco_i++) {
        const struct rich_deco *deco = &rich->decos[deco_i];
        struct display_item item = *base;
        item.is_even_odd = true;
        if (deco->has_color) {
            item.fill = deco->color;
            item.fill.a *= base->fill.a;
        }
        item.resource = deco_path(deco);
        if (item.resource != NULL) {
            display_list_append(list, &item);
        }
    }
}

static void draw_images(const struct rich_text *rich, const struct display_item *base,
                        struct display_list *list) {
    for (size_t image_i = 0; image_i < rich->n_images; image_i++) {
        const struct rich_image *image = &rich->images[image_i];
        double natural[4];
        resource_extents(image->bitmap, natural);
        if (natural[2] <= 0 || natural[3] <= 0) {
            continue;
        }
        struct matrix at = matrix_translate(image->box.x, image->box.y);
        struct matrix fit =
            matrix_scale(image->box.width / natural[2], image->box.height / natural[3]);
        struct matrix place, whole;
        memcpy(whole.m, base->matrix, sizeof whole.m);
        place = matrix_multiply(&at, &fit);
        whole = matrix_multiply(&whole, &place);
        struct display_item item = *base;
        item.kind = ITEM_BITMAP;
        memcpy(item.matrix, whole.m, sizeof item.matrix);
        item.resource = resource_ref(image->bitmap);
        display_list_append(list, &item);
    }
}

void rich_text_draw(struct rich_text *rich, const struct object *object,
                    const struct placement *placement, struct display_list *list) {
    struct display_item item;
    shape_item(object, placement, &item);
    item.stroke_width = 0;
    item.brush = ITEM_BRUSH_SOLID;
    draw_decos(rich, &item, list);
    draw_images(rich, &item, list);
    if (rich->glyphs == NULL && rich->runs.n_runs > 0) {
        rich->glyphs = text_runs_give(&rich->runs, rich->box);
    }
    if (rich->glyphs != NULL) {
        item.kind = ITEM_GLYPHS;
        item.resource = resource_ref(rich->glyphs);
        display_list_append(list, &item);
    }
}

void rich_text_finish(struct rich_text *rich) {
    for (size_t image_i = 0; image_i < rich->n_images; image_i++) {
        resource_unref(rich->images[image_i].bitmap);
    }
    free(rich->images);
    free(rich->decos);
    text_runs_finish(&rich->runs);
    resource_unref(rich->glyphs);
    *rich = (struct rich_text){0};
}
