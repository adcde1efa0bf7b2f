/* Pages: systems in their places, cut to the music plus the margins (gmn.md 11), every
 * piece of ink inside its page. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#include "renderer/notation/engraving.h"

#define EDGE       0.2 /* ink to the edge of the page */
#define TEXTS_GAP  1.8 /* texts at the top to the music */
#define CLEF_BELOW 1.567

static struct page_frame frame_of(const struct vertical *vertical) {
    const struct music_page_format *page = &vertical->music->page;
    struct page_frame frame = {page->width, page->height, page->left,
                               page->top,   page->right,  page->bottom};
    if (vertical->options->page_width > 0) {
        frame.width = vertical->options->page_width;
    }
    if (vertical->options->page_height > 0) {
        frame.height = vertical->options->page_height;
    }
    return frame;
}

static bool crops(const struct vertical *vertical) {
    const struct notation *notation = vertical->music->notation;
    return vertical->options->crops_page &&
           (notation == NULL || notation->settings.resize_page != 0);
}

/* Range of the systems of a page; false: none. */
static bool systems_of(const struct vertical *vertical, uint32_t page, uint32_t *first,
                       uint32_t *end) {
    uint32_t n = vertical->placed->n_systems;
    *first = *end = n;
    for (uint32_t i = 0; i < n; i++) {
        if (vertical->systems[i].page == page) {
            *first = *first == n ? i : *first;
            *end = i + 1;
        }
    }
    return *first < n;
}

/* The cut page: as wide and high as its systems need. */
static void cut_page(const struct vertical *vertical, uint32_t first, uint32_t end,
                     double music_top, double texts_width, struct page_frame *frame) {
    double width = 0, height = 0;
    for (uint32_t i = first; i < end; i++) {
        const struct vertical_system *system = &vertical->systems[i];
        const struct placed_system *placed = &vertical->placed->systems[i];
        width = fmax(width, placed->indent + placed->width);
        height = fmax(height, music_top + system->y +
                                  fmax(system->music_bottom, system->last_y + CLEF_BELOW));
    }
    if (crops(vertical)) {
        frame->width = fmax(frame->left + width + frame->right, texts_width + 2 * EDGE);
        frame->height = height + frame->bottom;
    }
}

/* Ink beyond the edges makes the page larger: left and right margins grow. */
static void widen_page(const struct vertical *vertical, uint32_t first, uint32_t end,
                       double music_top, struct page_frame *frame) {
    for (uint32_t i = first; i < end; i++) {
        const struct vertical_system *system = &vertical->systems[i];
        double indent = vertical->placed->systems[i].indent;
        double left = frame->left + indent + system->left;
        if (left < EDGE) {
            frame->left += EDGE - left;
            frame->width += EDGE - left;
        }
    }
    for (uint32_t i = first; i < end; i++) {
        const struct vertical_system *system = &vertical->systems[i];
        double indent = vertical->placed->systems[i].indent;
        frame->width = fmax(frame->width, frame->left + indent + system->right + EDGE);
        frame->height = fmax(frame->height, music_top + system->y + system->bottom + EDGE);
    }
}

static void append(struct vertical *vertical, struct ink_list *list, const struct ink *ink,
                   double dx, double dy) {
    if (arena_grow(vertical->arena, (void **)&list->items, list->n_items, &list->capacity,
                   sizeof *list->items)) {
        struct ink *copy = &list->items[list->n_items++];
        *copy = *ink;
        if (ink->n_points > 0) { /* the system's own stay: it may stand on another page later */
            copy->points = arena_array(vertical->arena, ink->n_points, sizeof *copy->points);
            copy->n_points = copy->points != NULL ? ink->n_points : 0;
            for (uint32_t i = 0; i < copy->n_points; i++) {
                copy->points[i] = ink->points[i];
            }
        }
        ink_move(copy, dx, dy);
    }
}

static void append_system(struct vertical *vertical, uint32_t system_i, double left, double top,
                          struct ink_list *list) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    const struct vertical_system *system = &vertical->systems[system_i];
    double x = left + placed->indent, y = top + system->y;
    for (uint32_t k = 0; k < placed->n_staves; k++) {
        const struct placed_staff *staff = &placed->staves[k];
        for (size_t i = 0; !staff->is_hidden && i < staff->ink.n_items; i++) {
            append(vertical, list, &staff->ink.items[i], x, y + staff->y);
        }
    }
    for (size_t i = 0; i < system->ink.n_items; i++) {
        append(vertical, list, &system->ink.items[i], x, y);
    }
}

/* Room for all ink at once: nothing is copied twice. */
static void reserve(struct vertical *vertical, uint32_t first, uint32_t end,
                    struct ink_list *list) {
    size_t n = 64;
    for (uint32_t i = first; i < end; i++) {
        const struct placed_system *placed = &vertical->placed->systems[i];
        n += vertical->systems[i].ink.n_items;
        for (uint32_t k = 0; k < placed->n_staves; k++) {
            n += placed->staves[k].is_hidden ? 0 : placed->staves[k].ink.n_items;
        }
    }
    list->items = arena_array(vertical->arena, n, sizeof *list->items);
    list->capacity = list->items != NULL ? n : 0;
}

static void make_page(struct vertical *vertical, uint32_t page_i, double first_top,
                      struct engraved_page *page) {
    struct page_frame frame = frame_of(vertical);
    struct ink_list list = {0};
    uint32_t first, end;
    bool is_first = page_i + vertical->first_page == 0;
    double music_top = frame.top + (is_first ? first_top : 0);
    bool has_music = systems_of(vertical, page_i, &first, &end);
    if (has_music) { /* a margin too small for a clef grows */
        const struct vertical_system *top = &vertical->systems[first];
        music_top = fmax(music_top, EDGE - top->y - top->top);
    }
    cut_page(vertical, first, end, has_music ? music_top : frame.top,
             is_first ? page_texts_width(vertical) : 0, &frame);
    if (has_music) {
        widen_page(vertical, first, end, music_top, &frame);
    } else if (crops(vertical)) {
        frame.width = fmax(frame.width, frame.left + frame.right + 1);
        frame.height = fmax(frame.height, frame.top + frame.bottom + 1);
    }
    reserve(vertical, first, end, &list);
    if (is_first) {
        page_texts_ink(vertical, &frame, &list);
    }
    for (uint32_t i = first; i < end; i++) {
        append_system(vertical, i, frame.left, music_top, &list);
        vertical->systems[i].y += music_top;
    }
    *page = (struct engraved_page){.width = frame.width,
                                   .height = frame.height,
                                   .margin_left = frame.left,
                                   .margin_top = frame.top,
                                   .margin_right = frame.right,
                                   .margin_bottom = frame.bottom,
                                   .ink = list.items,
                                   .n_ink = list.n_items,
                                   .first_system = first,
                                   .end_system = end};
}

bool pages_layout(struct vertical *vertical, struct engraved_page **pages, uint32_t *n_pages) {
    struct page_frame frame = frame_of(vertical);
    double texts = page_texts_height(vertical, &frame);
    double first_top = fmax(texts + TEXTS_GAP - frame.top, 0);
    if (texts <= 0) {
        first_top = 0;
    }
    uint32_t n = page_breaks_layout(vertical, first_top, frame.height - frame.top - frame.bottom);
    n = n > 0 ? n : 1; /* an empty score has an empty page */
    *pages = arena_array(vertical->arena, n, sizeof **pages);
    *n_pages = *pages != NULL ? n : 0;
    for (uint32_t i = 0; i < *n_pages; i++) {
        make_page(vertical, i, first_top, &(*pages)[i]);
    }
    return *pages != NULL;
}
