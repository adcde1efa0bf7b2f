/* Text to glyph runs, by pango. Lines are cut and stacked here (pango only sees
 * one line at a time): the line height is that of the reference pictures, which
 * is the font's own height rounded to whole units. */
#include "renderer/types/text/text_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <hb-ot.h>
#include <hb.h>
#include <pango/pangocairo.h>

#include "common/clock.h"
#include "common/log.h"
#include "proto/limits.h"

/* Unhinted text grows in proportion: everything is laid out at one size and scaled, so that pango
 * and fontconfig keep one font per family and style, not per size. */
#define LAYOUT_SIZE 64.0

static double sane_size(double size) {
    return isfinite(size) && size >= 1 ? fmin(size, 1e6) : 1;
}

static PangoFontDescription *describe(const struct text_font *font) {
    static const PangoWeight WEIGHTS[] = {
        [TEXT_LIGHT] = PANGO_WEIGHT_LIGHT,       [TEXT_REGULAR] = PANGO_WEIGHT_NORMAL,
        [TEXT_DEMIBOLD] = PANGO_WEIGHT_SEMIBOLD, [TEXT_BOLD] = PANGO_WEIGHT_BOLD,
        [TEXT_BLACK] = PANGO_WEIGHT_HEAVY,
    };
    static const PangoStyle STYLES[] = {
        [TEXT_NORMAL] = PANGO_STYLE_NORMAL,
        [TEXT_ITALIC] = PANGO_STYLE_ITALIC,
        [TEXT_OBLIQUE] = PANGO_STYLE_OBLIQUE,
    };
    PangoFontDescription *description = pango_font_description_new();
    pango_font_description_set_family(description, font->family);
    pango_font_description_set_absolute_size(description, LAYOUT_SIZE * PANGO_SCALE);
    pango_font_description_set_weight(description, WEIGHTS[font->weight]);
    pango_font_description_set_style(description, STYLES[font->style]);
    return description;
}

/* Shared by all shops that were opened since a font failed; pango keeps what it could not open. */
static PangoFontMap *fonts;

static PangoContext *make_context(void) {
    fonts = fonts != NULL ? fonts : pango_cairo_font_map_new();
    PangoContext *context = pango_font_map_create_context(fonts);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_round_glyph_positions(context, FALSE);
    cairo_font_options_destroy(options);
    return context;
}

/* Extents of the face in em. */
static void face_extents(PangoFont *font, double *ascent, double *descent, double *gap,
                         double *x_height) {
    hb_face_t *face = hb_font_get_face(pango_font_get_hb_font(font));
    hb_font_t *plain = hb_font_create(face); /* scaled to design units */
    hb_font_extents_t extents = {0};
    hb_position_t x = 0;
    double em = hb_face_get_upem(face);
    hb_font_get_h_extents(plain, &extents);
    if (!hb_ot_metrics_get_position(plain, HB_OT_METRICS_TAG_X_HEIGHT, &x)) {
        x = extents.ascender / 2;
    }
    *ascent = extents.ascender / em;
    *descent = -extents.descender / em;
    *gap = extents.line_gap / em;
    *x_height = x / em;
    hb_font_destroy(plain);
}

/* A font that is in use: what pango needs to shape with it, and its extents in em. */
struct text_shop {
    struct text_font font; /* size does not count */
    bool is_taken;
    PangoLayout *layout; /* owned; NULL = it cannot be opened now */
    int64_t retry_us;    /* without a layout: not before that moment */
    double ascent, descent, gap, x_height;
};

/* A score has few fonts; making their layouts took longer than shaping a word. Score
 * thread only. */
#define SHOPS_MAX 16
static struct text_shop shops[SHOPS_MAX];
static size_t next_shop;
static unsigned n_failures;

/* Can its file be read? cairo and HarfBuzz open it each for themselves. */
static bool is_readable(PangoFont *font) {
    cairo_scaled_font_t *scaled = pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(font));
    return scaled != NULL && cairo_scaled_font_status(scaled) == CAIRO_STATUS_SUCCESS &&
           hb_face_get_glyph_count(hb_font_get_face(pango_font_get_hb_font(font))) > 0;
}

static void close_shop(struct text_shop *shop) {
    if (shop->layout != NULL) {
        g_object_unref(shop->layout);
        shop->layout = NULL;
    }
}

/* It is tried again in a while, with nothing that pango remembers. */
static void fail_shop(struct text_shop *shop) {
    close_shop(shop);
    g_clear_object(&fonts);
    if (shop->retry_us == 0) {
        lg_log(LG_LOG_ERROR, "text", "font_not_opened", "family=%s what=%s", shop->font.family,
               "texts in it are not drawn; it is tried again");
    }
    shop->retry_us = lg_clock_us() + TEXT_FONT_RETRY_US;
}

/* Extents are guessed when there is no font. */
static void open_shop(struct text_shop *shop) {
    PangoContext *context = make_context();
    PangoFontDescription *description = describe(&shop->font);
    PangoFont *loaded = pango_context_load_font(context, description);
    shop->ascent = 0.75;
    shop->descent = 0.25;
    shop->gap = 0.22;
    shop->x_height = 0.5;
    shop->layout = pango_layout_new(context);
    pango_layout_set_font_description(shop->layout, description);
    pango_layout_set_single_paragraph_mode(shop->layout, TRUE);
    if (loaded != NULL && !is_readable(loaded)) {
        fail_shop(shop);
    } else if (loaded != NULL) {
        face_extents(loaded, &shop->ascent, &shop->descent, &shop->gap, &shop->x_height);
    }
    if (loaded != NULL) {
        g_object_unref(loaded);
    }
    pango_font_description_free(description);
    g_object_unref(context);
}

static struct text_shop *find_shop(const struct text_font *font) {
    for (size_t i = 0; i < SHOPS_MAX; i++) {
        struct text_shop *shop = &shops[i];
        if (shop->is_taken && shop->font.style == font->style &&
            shop->font.weight == font->weight && strcmp(shop->font.family, font->family) == 0) {
            if (shop->layout == NULL && lg_clock_us() >= shop->retry_us) {
                open_shop(shop);
            }
            return shop;
        }
    }
    struct text_shop *shop = &shops[next_shop];
    next_shop = (next_shop + 1) % SHOPS_MAX;
    close_shop(shop);
    *shop = (struct text_shop){.font = *font, .is_taken = true};
    open_shop(shop);
    return shop;
}

void text_face_measure(const struct text_font *font, struct text_metrics *out) {
    double size = sane_size(font->size);
    const struct text_shop *shop = find_shop(font);
    out->ascent = ceil(shop->ascent * size - 1e-6);
    out->descent = ceil(shop->descent * size - 1e-6);
    out->line_height = fmax(floor((shop->ascent + shop->descent + shop->gap) * size + 0.5),
                            out->ascent + out->descent);
    out->x_height = shop->x_height * size;
}

static struct glyph_run *add_run(struct text_runs *out) {
    if (out->n_runs == out->capacity) {
        size_t capacity = out->capacity > 0 ? 2 * out->capacity : 4;
        struct glyph_run *runs = realloc(out->runs, capacity * sizeof *runs);
        if (runs == NULL) {
            return NULL;
        }
        out->runs = runs;
        out->capacity = capacity;
    }
    struct glyph_run *run = &out->runs[out->n_runs];
    memset(run, 0, sizeof *run);
    cairo_matrix_init_identity(&run->shape);
    return run;
}

/* One run of one font from pango; x in pango units from the start of the line. false: its font
 * cannot be opened. */
static bool take_run(const PangoGlyphItem *item, int start, double x, double y, double factor,
                     double size, struct text_runs *out) {
    PangoFont *font = item->item->analysis.font;
    const PangoGlyphString *string = item->glyphs;
    if (!PANGO_IS_CAIRO_FONT(font)) { /* no font at all */
        return true;
    }
    if (!is_readable(font)) {
        return false;
    }
    cairo_scaled_font_t *scaled = pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(font));
    struct glyph_run *run = add_run(out);
    if (run == NULL) {
        return true;
    }
    run->glyphs = calloc((size_t)string->num_glyphs + 1, sizeof *run->glyphs);
    if (run->glyphs == NULL) {
        return true;
    }
    cairo_matrix_t matrix;
    cairo_scaled_font_get_font_matrix(scaled, &matrix);
    cairo_matrix_init(&run->shape, matrix.xx / LAYOUT_SIZE, matrix.yx / LAYOUT_SIZE,
                      matrix.xy / LAYOUT_SIZE, matrix.yy / LAYOUT_SIZE, 0, 0);
    run->size = size;
    int pen = start;
    for (int glyph_i = 0; glyph_i < string->num_glyphs; glyph_i++) {
        const PangoGlyphInfo *info = &string->glyphs[glyph_i];
        if (info->glyph != PANGO_GLYPH_EMPTY) {
            cairo_glyph_t *glyph = &run->glyphs[run->n_glyphs++];
            /* A character that no font has is drawn as the font's empty box. */
            glyph->index = (info->glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0 ? 0 : info->glyph;
            glyph->x = x + factor * (pen + info->geometry.x_offset) / PANGO_SCALE;
            glyph->y = y + factor * info->geometry.y_offset / PANGO_SCALE;
        }
        pen += info->geometry.width;
    }
    if (run->n_glyphs == 0) {
        free(run->glyphs);
        return true;
    }
    run->face = cairo_font_face_reference(cairo_scaled_font_get_font_face(scaled));
    out->n_runs++;
    return true;
}

double text_shape(const struct text_font *font, const char *text, size_t len, double x, double y,
                  struct text_runs *out) {
    if (len == 0) {
        return 0;
    }
    double size = sane_size(font->size);
    double factor = size / LAYOUT_SIZE;
    struct text_shop *shop = find_shop(font);
    PangoLayout *layout = shop->layout;
    if (layout == NULL) {
        n_failures++;
        return 0;
    }
    bool is_whole = true;
    gchar *valid =
        g_utf8_validate(text, (gssize)len, NULL) ? NULL : g_utf8_make_valid(text, (gssize)len);
    pango_layout_set_text(layout, valid != NULL ? valid : text, valid != NULL ? -1 : (int)len);
    g_free(valid);
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    do {
        PangoGlyphItem *item = pango_layout_iter_get_run_readonly(iter);
        if (item != NULL) {
            PangoRectangle logical;
            pango_layout_iter_get_run_extents(iter, NULL, &logical);
            is_whole = take_run(item, logical.x, x, y, factor, size, out) && is_whole;
        }
    } while (pango_layout_iter_next_run(iter));
    PangoRectangle extents;
    pango_layout_get_extents(layout, NULL, &extents);
    double width = factor * extents.width / PANGO_SCALE;
    pango_layout_iter_free(iter);
    if (!is_whole) {
        n_failures++;
        fail_shop(shop);
    } else if (shop->retry_us != 0) {
        shop->retry_us = 0;
        lg_log(LG_LOG_INFO, "text", "font_opened", "family=%s", shop->font.family);
    }
    return width;
}

unsigned text_font_failures(void) {
    return n_failures;
}

void text_runs_move(struct text_runs *runs, size_t first, double dx, double dy) {
    for (size_t run_i = first; run_i < runs->n_runs; run_i++) {
        struct glyph_run *run = &runs->runs[run_i];
        for (int glyph_i = 0; glyph_i < run->n_glyphs; glyph_i++) {
            run->glyphs[glyph_i].x += dx;
            run->glyphs[glyph_i].y += dy;
        }
    }
}

void text_runs_finish(struct text_runs *runs) {
    for (size_t run_i = 0; run_i < runs->n_runs; run_i++) {
        cairo_font_face_destroy(runs->runs[run_i].face);
        free(runs->runs[run_i].glyphs);
    }
    free(runs->runs);
    *runs = (struct text_runs){0};
}

size_t text_cut(const char *text, size_t len, size_t max) {
    if (len <= max) {
        return len;
    }
    while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80) {
        max--;
    }
    return max;
}

void text_layout_lines(const struct text_font *font, const char *text, size_t len,
                       struct text_runs *out, double box[4]) {
    struct text_metrics metrics;
    double width = 0, y = 0;
    text_face_measure(font, &metrics);
    const char *at = text, *end = text + text_cut(text, len, LIMIT_TEXT_DRAWN_BYTES);
    for (size_t line_i = 0; line_i < LIMIT_TEXT_LINES; line_i++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = stop != NULL ? stop : end;
        size_t line_len = (size_t)(line_end - at);
        if (line_len > 0 && at[line_len - 1] == '\r') {
            line_len--;
        }
        width = fmax(width, text_shape(font, at, line_len, 0, y + metrics.ascent, out));
        y += metrics.line_height;
        if (stop == NULL) {
            break;
        }
        at = stop + 1;
    }
    box[0] = 0;
    box[1] = 0;
    box[2] = width;
    box[3] = y;
}

struct draw_resource *text_runs_give(struct text_runs *runs, const double box[4]) {
    if (runs->n_runs == 0) {
        text_runs_finish(runs);
        return NULL;
    }
    struct draw_resource *glyphs = resource_give_glyphs(runs->runs, runs->n_runs, box);
    n_failures += glyphs == NULL; /* an outline could not be had: the file again, or no memory */
    *runs = (struct text_runs){0};
    return glyphs;
}

struct draw_resource *text_layout_plain(const struct text_font *font, const char *text, size_t len,
                                        double box[4]) {
    struct text_runs runs = {0};
    text_layout_lines(font, text, len, &runs, box);
    return text_runs_give(&runs, box);
}
