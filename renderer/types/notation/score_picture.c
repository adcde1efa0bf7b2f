/* Pages are cut into pieces about as large as a few cells of the painter, so that
 * what moves over a score repaints little of it: one row of pieces a system, one
 * column every PIECE_WIDTH, and one piece for what is wider. */
#include "renderer/types/notation/score_picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/ink_path.h"
#include "renderer/notation/text_metrics.h"
#include "renderer/types/shapes/shape.h"

#define PIECE_WIDTH   32.0 /* sp */
#define PIECES_ACROSS 64   /* columns; the last one takes the rest */

/* What is under construction: one place (a row and a column) of a page. */
struct builder {
    struct score_page_picture *page;
    size_t pieces_capacity, images_capacity;
    struct ink_layers layers; /* room that is used for one place after the other */
    bool is_full;
};

static void add_piece(struct builder *builder, struct draw_resource *resource, enum item_kind kind,
                      struct music_color color) {
    struct score_page_picture *page = builder->page;
    if (resource != NULL && page->n_pieces == builder->pieces_capacity) {
        size_t capacity = builder->pieces_capacity == 0 ? 16 : builder->pieces_capacity * 2;
        struct score_piece *grown = realloc(page->pieces, capacity * sizeof *grown);
        if (grown != NULL) {
            page->pieces = grown;
            builder->pieces_capacity = capacity;
        }
    }
    if (resource == NULL || page->n_pieces == builder->pieces_capacity) {
        resource_unref(resource);
        builder->is_full = true;
        return;
    }
    page->pieces[page->n_pieces++] = (struct score_piece){resource, kind, color};
}

static void add_image(struct builder *builder, const struct ink *ink) {
    struct score_page_picture *page = builder->page;
    if (page->n_images == builder->images_capacity) {
        size_t capacity = builder->images_capacity == 0 ? 4 : builder->images_capacity * 2;
        struct score_image *grown = realloc(page->images, capacity * sizeof *grown);
        if (grown == NULL) {
            builder->is_full = true;
            return;
        }
        page->images = grown;
        builder->images_capacity = capacity;
    }
    page->images[page->n_images++] =
        (struct score_image){ink->text, ink->x, ink->y, ink->x2 - ink->x, ink->y2 - ink->y};
}

/* -- texts ------------------------------------------------------------------ */

struct runs {
    struct glyph_run *runs;
    size_t n_runs, capacity;
    double size;
    struct ink_box box;
};

static void take_run(void *ctx, cairo_font_face_t *face, const cairo_glyph_t *glyphs,
                     int n_glyphs) {
    struct runs *runs = ctx;
    if (runs->n_runs == runs->capacity) {
        size_t capacity = runs->capacity == 0 ? 8 : runs->capacity * 2;
        struct glyph_run *grown = realloc(runs->runs, capacity * sizeof *grown);
        if (grown == NULL) {
            return;
        }
        runs->runs = grown;
        runs->capacity = capacity;
    }
    struct glyph_run *run = &runs->runs[runs->n_runs];
    memset(run, 0, sizeof *run);
    run->glyphs = n_glyphs > 0 ? malloc((size_t)n_glyphs * sizeof *glyphs) : NULL;
    if (run->glyphs == NULL) {
        return;
    }
    memcpy(run->glyphs, glyphs, (size_t)n_glyphs * sizeof *glyphs);
    run->n_glyphs = n_glyphs;
    run->face = cairo_font_face_reference(face);
    run->size = runs->size;
    cairo_matrix_init_identity(&run->shape);
    runs->n_runs++;
}

/* The line under an underlined text, as text_show draws it. */
static void add_underline(struct builder *builder, const struct ink *ink, double right) {
    struct ink line = {.shape = INK_BOX, .color = ink->color, .x = ink->x, .x2 = right};
    struct ink_layers layers = {0};
    line.y = ink->y + 0.10 * ink->font.size;
    line.y2 = ink->y + 0.15 * ink->font.size;
    ink_layers_add(&layers, &line, 1);
    for (size_t layer_i = 0; layer_i < layers.n_layers; layer_i++) {
        add_piece(builder,
                  resource_path_copy(layers.layers[layer_i].data, layers.layers[layer_i].num_data),
                  ITEM_PATH, ink->color);
    }
    ink_layers_finish(&layers);
}

static void give_runs(struct builder *builder, struct runs *runs, struct music_color color) {
    if (runs->n_runs > 0) {
        const double box[4] = {runs->box.left, runs->box.top, runs->box.right - runs->box.left,
                               runs->box.bottom - runs->box.top};
        struct draw_resource *glyphs = resource_give_glyphs(runs->runs, runs->n_runs, box);
        if (glyphs != NULL) {
            add_piece(builder, glyphs, ITEM_GLYPHS, color);
        } else { /* the music is there all the same; cairo remembers what it could not open */
            builder->page->has_gaps = true;
            text_renew_faces();
        }
    } else {
        free(runs->runs);
    }
    *runs = (struct runs){.box = ink_box_empty()};
}

/* Texts that follow each other in one colour are one piece. */
static void add_texts(struct builder *builder, const struct ink *const *inks, size_t n_inks) {
    struct runs runs = {.box = ink_box_empty()};
    struct music_color color = {0};
    for (size_t i = 0; i < n_inks; i++) {
        const struct ink *ink = inks[i];
        if (ink->shape != INK_TEXT || ink->text == NULL || !(ink->font.size > 0)) {
            continue;
        }
        if (memcmp(&color, &ink->color, sizeof color) != 0) {
            give_runs(builder, &runs, color);
            color = ink->color;
        }
        runs.size = ink->font.size;
        runs.box = ink_box_join(runs.box, ink->box);
        size_t n_runs = runs.n_runs;
        double right = text_each_run(&ink->font, ink->text, ink->x, ink->y, take_run, &runs);
        if (runs.n_runs == n_runs && ink->text[0] != '\0') { /* no font at all */
            builder->page->has_gaps = true;
        }
        if (ink->font.is_underlined) {
            add_underline(builder, ink, right);
        }
    }
    give_runs(builder, &runs, color);
}

/* -- places ------------------------------------------------------------------- */

static void add_place(struct builder *builder, const struct ink *const *inks, size_t n_inks) {
    ink_layers_reset(&builder->layers);
    for (size_t i = 0; i < n_inks; i++) {
        if (inks[i]->shape == INK_IMAGE) {
            add_image(builder, inks[i]);
        } else if (inks[i]->shape != INK_TEXT) {
            ink_layers_add(&builder->layers, inks[i], 1);
        }
    }
    for (size_t layer_i = 0; layer_i < builder->layers.n_layers; layer_i++) {
        const struct ink_layer *layer = &builder->layers.layers[layer_i];
        if (layer->num_data > 0) {
            add_piece(builder, resource_path_copy(layer->data, layer->num_data), ITEM_PATH,
                      layer->color);
        }
    }
    builder->is_full = builder->is_full || builder->layers.is_full;
    add_texts(builder, inks, n_inks);
}

/* Row of a piece: the one whose height it is nearest to. */
static size_t row_of(const struct score_row *rows, size_t n_rows, double y) {
    size_t best = 0;
    double least = INFINITY;
    for (size_t row_i = 0; row_i < n_rows; row_i++) {
        double away = fmax(rows[row_i].top - y, y - rows[row_i].bottom);
        if (away < least) {
            least = away;
            best = row_i;
        }
    }
    return best;
}

static size_t column_of(const struct ink *ink, double piece_width) {
    double width = ink->box.right - ink->box.left, x = (ink->box.left + ink->box.right) / 2;
    if (!(width <= piece_width * 1.25) || !(x >= 0)) {
        return 0;
    }
    return 1 + (size_t)fmin(x / piece_width, PIECES_ACROSS - 2);
}

/* What is to be sorted into places. */
struct sheet {
    const struct ink *ink;
    size_t n_ink;
    const struct score_row *rows;
    size_t n_rows;
    double piece_width;
};

/* Sorts ink into places, stable. order: n_ink pointers; starts: n_places + 2, starts[i + 1] is
 * where place i begins afterwards. Returns n_places. */
static size_t sort_sheet(const struct sheet *sheet, const struct ink **order, uint32_t *places,
                         size_t *starts) {
    size_t n_places = (sheet->n_rows > 0 ? sheet->n_rows : 1) * PIECES_ACROSS;
    memset(starts, 0, (n_places + 2) * sizeof *starts);
    for (size_t i = 0; i < sheet->n_ink; i++) {
        const struct ink *ink = &sheet->ink[i];
        size_t row = row_of(sheet->rows, sheet->n_rows, (ink->box.top + ink->box.bottom) / 2);
        places[i] = (uint32_t)(row * PIECES_ACROSS + column_of(ink, sheet->piece_width));
        starts[places[i] + 1]++;
    }
    for (size_t place_i = 0; place_i < n_places; place_i++) {
        starts[place_i + 1] += starts[place_i];
    }
    for (size_t i = sheet->n_ink; i > 0; i--) { /* fills each place from its end */
        order[--starts[places[i - 1] + 1]] = &sheet->ink[i - 1];
    }
    return n_places;
}

bool score_page_build(const struct ink *ink, size_t n_ink, const struct score_row *rows,
                      size_t n_rows, double piece_width, struct score_page_picture *page) {
    const struct sheet sheet = {ink, n_ink, rows, n_rows, piece_width};
    struct builder builder = {.page = page};
    const struct ink **order = calloc(n_ink + 1, sizeof *order);
    uint32_t *places = calloc(n_ink + 1, sizeof *places);
    size_t *starts = calloc((n_rows + 1) * PIECES_ACROSS + 2, sizeof *starts);
    bool is_good = order != NULL && places != NULL && starts != NULL;
    if (is_good) {
        size_t n_places = sort_sheet(&sheet, order, places, starts);
        for (size_t place_i = 0; place_i < n_places; place_i++) {
            size_t begin = starts[place_i + 1];
            size_t end = place_i + 1 < n_places ? starts[place_i + 2] : n_ink;
            if (end > begin) {
                add_place(&builder, order + begin, end - begin);
            }
        }
    }
    ink_layers_finish(&builder.layers);
    free(order);
    free(places);
    free(starts);
    return is_good && !builder.is_full;
}

void score_page_finish(struct score_page_picture *page) {
    for (size_t piece_i = 0; piece_i < page->n_pieces; piece_i++) {
        resource_unref(page->pieces[piece_i].resource);
    }
    free(page->pieces);
    free(page->images);
    *page = (struct score_page_picture){0};
}

static struct item_color piece_color(const struct object *object, struct music_color color) {
    struct item_color own = shape_color(&object->attr.color);
    if (music_color_is_black(color)) {
        return own;
    }
    return (struct item_color){color.r / 255.0, color.g / 255.0, color.b / 255.0,
                               color.a / 255.0 * own.a};
}

void score_page_append(const struct score_page_picture *page, const struct object *object,
                       const struct matrix *matrix, struct display_list *list) {
    for (size_t piece_i = 0; piece_i < page->n_pieces; piece_i++) {
        const struct score_piece *piece = &page->pieces[piece_i];
        struct display_item item = {.kind = piece->kind,
                                    .fill = piece_color(object, piece->color),
                                    .brush = ITEM_BRUSH_SOLID,
                                    .resource = resource_ref(piece->resource)};
        memcpy(item.matrix, matrix->m, sizeof item.matrix);
        display_list_append(list, &item);
    }
}

static bool build_page(const struct engraving *engraving, const struct engraved_page *from,
                       struct score_page_picture *page) {
    size_t n_rows =
        from->end_system > from->first_system ? from->end_system - from->first_system : 0;
    struct score_row *rows = calloc(n_rows + 1, sizeof *rows);
    if (rows == NULL) {
        return false;
    }
    for (size_t row_i = 0; row_i < n_rows; row_i++) {
        const struct engraved_system *system = &engraving->systems[from->first_system + row_i];
        rows[row_i] = (struct score_row){system->top, system->bottom};
    }
    page->width = from->width;
    page->height = from->height;
    bool is_good = score_page_build(from->ink, from->n_ink, rows, n_rows, PIECE_WIDTH, page);
    free(rows);
    return is_good;
}

/* The same page of an earlier picture; NULL: it is another one. Images name files in the arena of
 * their own engraving. */
static const struct score_page_picture *known_page(const struct score_picture *before,
                                                   size_t page_i, uint64_t stamp) {
    if (before == NULL || stamp == 0 || page_i >= before->n_pages ||
        before->engraving->pages[page_i].stamp != stamp || before->pages[page_i].n_images > 0 ||
        before->pages[page_i].has_gaps) {
        return NULL;
    }
    return &before->pages[page_i];
}

static bool share_page(const struct score_page_picture *from, struct score_page_picture *page) {
    struct score_piece *pieces = calloc(from->n_pieces + 1, sizeof *pieces);
    if (pieces == NULL) {
        return false;
    }
    *page = *from;
    page->pieces = pieces;
    page->images = NULL;
    for (size_t i = 0; i < from->n_pieces; i++) {
        pieces[i] = from->pieces[i];
        resource_ref(pieces[i].resource);
    }
    return true;
}

bool score_picture_has_gaps(const struct score_picture *picture) {
    for (size_t page_i = 0; page_i < picture->n_pages; page_i++) {
        if (picture->pages[page_i].has_gaps) {
            return true;
        }
    }
    return false;
}

struct score_picture *score_picture_give(struct engraving *engraving,
                                         const struct score_picture *before) {
    struct score_picture *picture = calloc(1, sizeof *picture);
    if (picture == NULL) {
        engraving_unref(engraving);
        return NULL;
    }
    atomic_init(&picture->references, 1);
    picture->engraving = engraving;
    picture->pages = calloc(engraving->n_pages + 1, sizeof *picture->pages);
    picture->n_pages = picture->pages != NULL ? engraving->n_pages : 0;
    bool is_good = picture->pages != NULL;
    for (size_t page_i = 0; page_i < picture->n_pages && is_good; page_i++) {
        const struct engraved_page *page = &engraving->pages[page_i];
        const struct score_page_picture *known = known_page(before, page_i, page->stamp);
        is_good = known != NULL ? share_page(known, &picture->pages[page_i])
                                : build_page(engraving, page, &picture->pages[page_i]);
    }
    if (!is_good) {
        score_picture_unref(picture);
        return NULL;
    }
    return picture;
}

struct score_picture *score_picture_ref(struct score_picture *picture) {
    if (picture != NULL) {
        atomic_fetch_add_explicit(&picture->references, 1, memory_order_relaxed);
    }
    return picture;
}

void score_picture_unref(struct score_picture *picture) {
    if (picture == NULL ||
        atomic_fetch_sub_explicit(&picture->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t page_i = 0; page_i < picture->n_pages; page_i++) {
        score_page_finish(&picture->pages[page_i]);
    }
    free(picture->pages);
    engraving_unref(picture->engraving);
    free(picture);
}

size_t score_picture_bytes(const struct score_picture *picture) {
    /* outlines take about as much as what they were made from */
    return 2 * arena_used(picture->engraving->notation->arena);
}
