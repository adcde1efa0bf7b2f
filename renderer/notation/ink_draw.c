/* A page with cairo. Outlines are filled per colour; texts are shown, so that they
 * stay texts in PDF. */
#include "renderer/notation/ink_draw.h"

#include "renderer/notation/ink_path.h"
#include "renderer/notation/text_metrics.h"

static void set_color(cairo_t *cr, struct music_color color) {
    cairo_set_source_rgba(cr, color.r / 255.0, color.g / 255.0, color.b / 255.0, color.a / 255.0);
}

static void draw_other(cairo_t *cr, const struct ink *ink) {
    if (ink->shape == INK_TEXT && ink->text != NULL && ink->font.size > 0) {
        set_color(cr, ink->color);
        text_show(cr, &ink->font, ink->text, ink->x, ink->y);
    } else if (ink->shape == INK_IMAGE) {
        set_color(cr, ink->color);
        cairo_set_line_width(cr, 0.1);
        cairo_rectangle(cr, ink->x, ink->y, ink->x2 - ink->x, ink->y2 - ink->y);
        cairo_stroke(cr);
    }
}

void ink_draw(cairo_t *cr, const struct ink *ink, size_t n_ink) {
    struct ink_layers layers = {0};
    ink_layers_add(&layers, ink, n_ink);
    cairo_new_path(cr);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    for (size_t layer_i = 0; layer_i < layers.n_layers; layer_i++) {
        const struct ink_layer *layer = &layers.layers[layer_i];
        const cairo_path_t path = {CAIRO_STATUS_SUCCESS, layer->data, layer->num_data};
        set_color(cr, layer->color);
        cairo_append_path(cr, &path);
        cairo_fill(cr);
    }
    ink_layers_finish(&layers);
    for (size_t ink_i = 0; ink_i < n_ink; ink_i++) {
        draw_other(cr, &ink[ink_i]);
    }
}

void ink_draw_page(cairo_t *cr, const struct engraved_page *page) {
    ink_draw(cr, page->ink, page->n_ink);
}
