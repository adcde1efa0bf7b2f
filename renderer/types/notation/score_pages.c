/* Which pages a score object shows and where, its messages about them, and its
 * maps from dates to places. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/score_maps.h"
#include "renderer/score/maps/segments.h"
#include "renderer/score/score.h"
#include "renderer/types/notation/score_object.h"

#define MAP_SEGMENTS_MAX 200000

/* -- places of pages ---------------------------------------------------------- */

static size_t n_pages_of(const struct score_object *score) {
    return score->picture != NULL ? score->picture->n_pages : 0;
}

size_t score_object_pages(const struct score_object *score, struct score_page_place *places,
                          size_t n_max, struct box *box) {
    size_t n_pages = n_pages_of(score), n = 0;
    size_t page_i = (size_t)(score->page - 1);
    double y = 0;
    *box = (struct box){0, 0, 0, 0};
    for (int row = 0; row < score->rows && page_i < n_pages; row++) {
        double x = 0, height = 0;
        for (int column = 0; column < score->columns && page_i < n_pages; column++, page_i++) {
            const struct score_page_picture *page = &score->picture->pages[page_i];
            if (n < n_max) {
                places[n++] = (struct score_page_place){page_i, x, y};
            }
            x += page->width * SCORE_UNITS_PER_SPACE;
            height = fmax(height, page->height * SCORE_UNITS_PER_SPACE);
        }
        box->width = fmax(box->width, x);
        y += height;
        box->height = y;
    }
    return n;
}

/* -- messages ----------------------------------------------------------------- */

static int clamp_page(const struct score_object *score, double page) {
    double last = fmax(1, (double)n_pages_of(score));
    return (int)fmin(fmax(page, 1), last);
}

static int one_number(const struct param *params, size_t n_params, double *out) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    *out = (double)param_as_int(&params[0]);
    return LG_OK;
}

/* Kept as asked while the pages are not known yet. */
static int set_page(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    double page;
    int code = one_number(params, n_params, &page);
    if (code == LG_OK) {
        score->page =
            score->picture != NULL ? clamp_page(score, page) : (int)fmin(fmax(page, 1), 1e6);
    }
    return code;
}

static int add_page(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    double pages;
    int code = one_number(params, n_params, &pages);
    if (code == LG_OK) {
        score->page = clamp_page(score, score->page + pages);
    }
    return code;
}

static void get_page(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    message_give_param(out, param_int(score->page));
}

static int set_grid(int *to, const struct param *params, size_t n_params) {
    double number;
    int code = one_number(params, n_params, &number);
    if (code != LG_OK || number < 1 || number > SCORE_GRID_MAX) {
        return LG_EBADREQUEST;
    }
    *to = (int)number;
    return LG_OK;
}

static int set_columns(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    return set_grid(&score->columns, params, n_params);
}

static void get_columns(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    message_give_param(out, param_int(score->columns));
}

static int set_rows(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    return set_grid(&score->rows, params, n_params);
}

static void get_rows(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    message_give_param(out, param_int(score->rows));
}

static int set_page_format(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    if (n_params != 2 || !param_is_number(&params[0]) || !param_is_number(&params[1])) {
        return LG_EBADREQUEST;
    }
    float width = param_as_float(&params[0]), height = param_as_float(&params[1]);
    if (!(width >= 5) || !(height >= 5) || !(width <= 400) || !(height <= 300)) {
        return LG_EBADREQUEST; /* gmn.md 11 */
    }
    score->page_width_cm = width;
    score->page_height_cm = height;
    if (score->text != NULL) {
        score_object_engrave(object);
    }
    return LG_OK;
}

static void get_page_format(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    message_give_param(out, param_float(score->page_width_cm));
    message_give_param(out, param_float(score->page_height_cm));
}

static void get_page_count(const struct object *object, struct message *out) {
    message_give_param(out, param_int((int32_t)n_pages_of(object->data)));
}

static void get_system_count(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    size_t n = score->picture != NULL ? score->picture->engraving->n_systems : 0;
    message_give_param(out, param_int((int32_t)n));
}

/* `get pageDate n`, `get systemCount n`: of page n. */
bool score_object_get_numbered(const struct object *object, const char *name, int32_t number,
                               struct message *out) {
    const struct score_object *score = object->data;
    bool is_date = strcmp(name, "pageDate") == 0;
    if ((!is_date && strcmp(name, "systemCount") != 0) || number < 1 ||
        (size_t)number > n_pages_of(score)) {
        return false;
    }
    const struct engraving *engraving = score->picture->engraving;
    const struct engraved_page *page = &engraving->pages[number - 1];
    message_give_param(out, param_int(number));
    if (!is_date) {
        message_give_param(out, param_int((int32_t)(page->end_system - page->first_system)));
        return true;
    }
    struct rational date = {0, 1};
    if (page->first_system < engraving->n_systems) {
        date = engraving->systems[page->first_system].begin;
    }
    message_give_param(out, param_int((int32_t)date.num));
    message_give_param(out, param_int((int32_t)date.den));
    return true;
}

#define PAGE_METHODS                                                                               \
    {"page", set_page, get_page}, {"dpage", add_page, NULL},                                       \
        {"columns", set_columns, get_columns}, {"rows", set_rows, get_rows},                       \
        {"pageFormat", set_page_format, get_page_format}, {"pageCount", NULL, get_page_count},     \
        {"systemCount", NULL, get_system_count},                                                   \
        {"expr", score_object_set_expr, score_object_get_expr}, {                                  \
        "exprTree", NULL, score_object_get_tree                                                    \
    }

const struct object_method SCORE_METHODS[N_SCORE_METHODS] = {PAGE_METHODS};
const struct object_method SCORE_STREAM_METHODS[N_SCORE_STREAM_METHODS] = {
    PAGE_METHODS, {"write", score_stream_write, NULL}, {"clear", score_stream_clear, NULL}};

/* -- maps --------------------------------------------------------------------- */

struct mapping {
    const struct score_page_place *places;
    size_t n_places;
    struct box box;
    struct segments *out;
};

static bool subtract(struct rational a, struct rational b, struct rational *out) {
    return rational_add(a, (struct rational){-b.num, b.den}, out);
}

static struct rational later(struct rational a, struct rational b) {
    return rational_compare(a, b) >= 0 ? a : b;
}

static struct rational sooner(struct rational a, struct rational b) {
    return rational_compare(a, b) <= 0 ? a : b;
}

/* One entry as it is performed in one stretch of the time map: the common part of both. */
static void add_performed(const struct mapping *mapping, const struct score_map_entry *entry,
                          const struct time_map_entry *stretch) {
    struct rational begin = later(entry->begin, stretch->begin);
    struct rational end = sooner(entry->end, stretch->end);
    struct rational shift;
    struct segment segment;
    if (rational_compare(begin, end) >= 0 ||
        !subtract(stretch->performed_begin, stretch->begin, &shift) ||
        !rational_add(begin, shift, &segment.begin) || !rational_add(end, shift, &segment.end)) {
        return;
    }
    const struct score_page_place *place = NULL;
    for (size_t i = 0; i < mapping->n_places; i++) {
        place = mapping->places[i].page_i == entry->page ? &mapping->places[i] : place;
    }
    if (place == NULL) {
        return;
    }
    double from = rational_to_double(entry->begin), to = rational_to_double(entry->end);
    double width = entry->box.right - entry->box.left;
    double left = entry->box.left + width * (rational_to_double(begin) - from) / (to - from);
    double right = entry->box.left + width * (rational_to_double(end) - from) / (to - from);
    const struct box *box = &mapping->box;
    segment.x.from = 2 * (place->x + left * SCORE_UNITS_PER_SPACE) / box->width - 1;
    segment.x.to = 2 * (place->x + right * SCORE_UNITS_PER_SPACE) / box->width - 1;
    segment.y.from = 2 * (place->y + entry->box.top * SCORE_UNITS_PER_SPACE) / box->height - 1;
    segment.y.to = 2 * (place->y + entry->box.bottom * SCORE_UNITS_PER_SPACE) / box->height - 1;
    segments_add(mapping->out, &segment);
}

bool score_object_compute_map(const struct object *object, const char *name, struct segments *out) {
    const struct score_object *score = object->data;
    struct score_page_place places[SCORE_GRID_MAX];
    struct mapping mapping = {.places = places, .out = out};
    if (score->picture == NULL) {
        return false;
    }
    mapping.n_places = score_object_pages(score, places, SCORE_GRID_MAX, &mapping.box);
    const struct engraving *engraving = score->picture->engraving;
    struct score_map map;
    struct time_map time;
    if (score_map_build(engraving, name[0] == '\0' ? "staff1" : name, &map) != LG_OK) {
        return false;
    }
    bool has_time = time_map_build(engraving, &time) == LG_OK;
    size_t n_stretches = has_time ? time.n_entries : 0;
    for (size_t i = 0; i < n_stretches && out->n_items < MAP_SEGMENTS_MAX; i++) {
        /* entries are sorted by date: look only at those of this stretch */
        size_t low = 0, high = map.n_entries;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (rational_compare(map.entries[middle].end, time.entries[i].begin) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (; low < map.n_entries &&
               rational_compare(map.entries[low].begin, time.entries[i].end) < 0 &&
               out->n_items < MAP_SEGMENTS_MAX;
             low++) {
            add_performed(&mapping, &map.entries[low], &time.entries[i]);
        }
    }
    if (has_time) {
        time_map_finish(&time);
    }
    score_map_finish(&map);
    segments_sort(out);
    return true;
}
