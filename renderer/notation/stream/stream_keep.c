/* Deep copies of what a stream keeps. */
#include <string.h>

#include "renderer/notation/stream/stream_private.h"

/* A copy of an array; false when the arena is full. */
static bool keep(struct arena *arena, const void *from, size_t n, size_t size_bytes, void *to) {
    void *copy = arena_array(arena, n + 1, size_bytes);
    if (copy != NULL && n > 0) {
        memcpy(copy, from, n * size_bytes);
    }
    memcpy(to, &copy, sizeof copy);
    return copy != NULL;
}

static bool keep_text(struct arena *arena, const char **text) {
    if (*text != NULL) {
        *text = arena_text(arena, *text, strlen(*text));
        return *text != NULL;
    }
    return true;
}

static bool keep_inks(struct arena *arena, const struct ink *from, size_t n, struct ink **to) {
    if (!keep(arena, from, n, sizeof *from, to)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        struct ink *ink = &(*to)[i];
        if (!keep_text(arena, &ink->text) || !keep_text(arena, &ink->font.family) ||
            (ink->n_points > 0 &&
             !keep(arena, from[i].points, ink->n_points, sizeof *ink->points, &ink->points))) {
            return false;
        }
    }
    return true;
}

static bool keep_list(struct arena *arena, const struct ink_list *from, struct ink_list *to) {
    *to = (struct ink_list){.n_items = from->n_items, .capacity = from->n_items};
    return keep_inks(arena, from->items, from->n_items, &to->items);
}

static bool keep_skyline(struct arena *arena, struct skyline *skyline) {
    skyline->capacity = skyline->n_segments;
    return keep(arena, skyline->segments, skyline->n_segments, sizeof *skyline->segments,
                &skyline->segments);
}

static bool keep_events(struct arena *arena, const struct engraved_event *from, uint32_t n,
                        struct engraved_event **to) {
    bool is_kept = keep(arena, from, n, sizeof *from, to);
    for (uint32_t i = 0; is_kept && i < n; i++) {
        is_kept =
            keep(arena, from[i].heads, from[i].n_heads, sizeof *from[i].heads, &(*to)[i].heads);
    }
    return is_kept;
}

static bool keep_facts(struct arena *arena, const struct vertical_facts *from,
                       struct vertical_facts *to) {
    *to = *from;
    return keep(arena, from->measures, from->n_measures, sizeof *from->measures, &to->measures) &&
           keep(arena, from->dates, from->n_dates, sizeof *from->dates, &to->dates) &&
           keep_events(arena, from->events, from->n_events, &to->events);
}

bool stream_keep_system(struct arena *arena, const struct placed_system *placed,
                        const struct vertical_system *vertical, struct placed_system *to,
                        struct vertical_system *to_vertical) {
    *to = *placed;
    to->columns = NULL; /* the facts say what is asked later */
    to->bars = NULL;
    to->n_columns = to->n_bars = 0;
    *to_vertical = *vertical;
    to_vertical->staves = NULL;
    to_vertical->cross_beams = NULL;
    to_vertical->n_cross_beams = 0;
    bool is_kept =
        keep(arena, placed->staves, placed->n_staves, sizeof *placed->staves, &to->staves);
    for (uint32_t k = 0; is_kept && k < placed->n_staves; k++) {
        to->staves[k].above = to->staves[k].below = (struct skyline){0};
        to->staves[k].crossed_above = to->staves[k].crossed_below = (struct skyline){0};
        is_kept = keep_list(arena, &placed->staves[k].ink, &to->staves[k].ink);
    }
    return is_kept && keep_list(arena, &vertical->ink, &to_vertical->ink) &&
           keep_skyline(arena, &to_vertical->above) && keep_skyline(arena, &to_vertical->below) &&
           keep_facts(arena, &vertical->facts, &to_vertical->facts);
}

bool stream_keep_page(struct arena *arena, const struct engraved_page *page,
                      struct engraved_page *to) {
    *to = *page;
    return keep_inks(arena, page->ink, page->n_ink, &to->ink);
}

bool stream_keep_engraved(struct arena *arena, const struct engraved_system *system,
                          struct engraved_system *to) {
    *to = *system;
    return keep(arena, system->staves, system->n_staves, sizeof *system->staves, &to->staves) &&
           keep(arena, system->measures, system->n_measures, sizeof *system->measures,
                &to->measures) &&
           keep(arena, system->dates, system->n_dates, sizeof *system->dates, &to->dates) &&
           keep_events(arena, system->events, system->n_events, &to->events);
}

bool stream_keep_tag(struct arena *arena, const struct notation_tag *tag, struct notation_tag *to) {
    *to = *tag;
    bool is_kept = keep_text(arena, &to->name) &&
                   keep(arena, tag->params, tag->n_params, sizeof *tag->params, &to->params);
    for (uint32_t i = 0; is_kept && i < to->n_params; i++) {
        is_kept = keep_text(arena, &to->params[i].name) && keep_text(arena, &to->params[i].text);
    }
    return is_kept;
}

/* -- comparing ------------------------------------------------------------------------ */

static bool texts_equal(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool fonts_equal(const struct ink_font *a, const struct ink_font *b) {
    return a->size == b->size && a->is_bold == b->is_bold && a->is_italic == b->is_italic &&
           a->is_underlined == b->is_underlined && texts_equal(a->family, b->family);
}

static bool inks_equal(const struct ink *a, const struct ink *b) {
    return a->shape == b->shape && a->role == b->role &&
           memcmp(&a->color, &b->color, sizeof a->color) == 0 && a->x == b->x && a->y == b->y &&
           a->x2 == b->x2 && a->y2 == b->y2 && a->thickness == b->thickness && a->dash == b->dash &&
           a->gap == b->gap && a->is_round == b->is_round && a->glyph == b->glyph &&
           a->size == b->size && fonts_equal(&a->font, &b->font) && texts_equal(a->text, b->text) &&
           a->n_points == b->n_points &&
           (a->n_points == 0 || memcmp(a->points, b->points, a->n_points * sizeof *a->points) == 0);
}

bool stream_pages_equal(const struct engraving *a, size_t page_a, const struct engraving *b,
                        size_t page_b) {
    const struct engraved_page *left = &a->pages[page_a], *right = &b->pages[page_b];
    uint32_t n = left->end_system - left->first_system;
    if (left->width != right->width || left->height != right->height ||
        left->n_ink != right->n_ink || right->end_system - right->first_system != n) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct engraved_system *system = &a->systems[left->first_system + i];
        const struct engraved_system *other = &b->systems[right->first_system + i];
        if (system->top != other->top || system->bottom != other->bottom) {
            return false;
        }
    }
    for (size_t i = left->n_ink; i-- > 0;) { /* the end changes first */
        if (!inks_equal(&left->ink[i], &right->ink[i])) {
            return false;
        }
    }
    return true;
}
