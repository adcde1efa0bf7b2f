/* Named maps of objects: kept as written, turned into object coordinates when asked
 * for. What a score or a grid computes comes from its type. */
#include "renderer/score/maps/object_maps.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/geometry.h"
#include "renderer/score/maps/map_text.h"
#include "renderer/score/score_state.h"

struct object_map {
    char *name;       /* "" = anonymous */
    bool is_computed; /* by the type: only the name is kept */
    struct map_text text;
};

/* Resolved once, until the object's revision moves on. */
struct resolved_map {
    char *name;
    struct segments segments;
};

struct object_maps {
    struct object_map *items;
    size_t n_items, capacity;
    struct resolved_map *resolved;
    size_t n_resolved, resolved_capacity;
    uint64_t resolved_revision;
    struct rational resolved_duration;
};

/* -- life ------------------------------------------------------------------------------- */

static void forget_resolved(struct object_maps *maps) {
    for (size_t i = 0; i < maps->n_resolved; i++) {
        free(maps->resolved[i].name);
        segments_finish(&maps->resolved[i].segments);
    }
    maps->n_resolved = 0;
}

void object_maps_destroy(struct object_maps *maps) {
    if (maps == NULL) {
        return;
    }
    for (size_t i = 0; i < maps->n_items; i++) {
        free(maps->items[i].name);
        map_text_finish(&maps->items[i].text);
    }
    forget_resolved(maps);
    free(maps->items);
    free(maps->resolved);
    free(maps);
}

/* Looking a map up keeps its result beside the object: no visible change, so const outside. */
static struct object_maps *maps_of(const struct object *object) {
    struct object *owner = (struct object *)(uintptr_t)object;
    if (owner->maps == NULL) {
        owner->maps = alloc_zero(sizeof *owner->maps);
    }
    return owner->maps;
}

static struct object_map *find_item(const struct object_maps *maps, const char *name) {
    for (size_t i = 0; maps != NULL && i < maps->n_items; i++) {
        if (strcmp(maps->items[i].name, name) == 0) {
            return &maps->items[i];
        }
    }
    return NULL;
}

static void remove_item(struct object_maps *maps, const char *name) {
    struct object_map *item = find_item(maps, name);
    if (item == NULL) {
        return;
    }
    free(item->name);
    map_text_finish(&item->text);
    size_t after = maps->n_items - (size_t)(item - maps->items) - 1;
    memmove(item, item + 1, after * sizeof *item);
    maps->n_items--;
}

/* NULL, reported: too many. */
static struct object_map *make_item(struct object *object, const char *name) {
    struct object_maps *maps = maps_of(object);
    struct object_map *item = find_item(maps, name);
    if (item != NULL) {
        return item;
    }
    if (maps->n_items >= OBJECT_MAPS_MAX) {
        score_error(object->score, "too many maps (limit %d)", OBJECT_MAPS_MAX);
        return NULL;
    }
    maps->items = alloc_grow(maps->items, maps->n_items, &maps->capacity, sizeof *maps->items);
    item = &maps->items[maps->n_items++];
    *item = (struct object_map){.name = alloc_text(name)};
    return item;
}

/* -- messages --------------------------------------------------------------------------- */

static void append_text(struct object_map *item, const struct map_text *more) {
    for (size_t i = 0; i < more->segments.n_items; i++) {
        segments_add(&item->text.segments, &more->segments.items[i]);
    }
}

/* What one of ±1 spans in the numbers of a map text. */
static void extent_of(const struct object *object, double *width, double *height) {
    struct box box;
    switch (object->type->map_space) {
    case MAP_SPACE_UNIT:
    case MAP_SPACE_NONE:
        *width = *height = 0; /* nothing to convert */
        return;
    case MAP_SPACE_PIXELS:
    case MAP_SPACE_FRAMES:
        break;
    }
    if (object->type->map_extent != NULL) {
        object->type->map_extent(object, width, height);
    } else {
        geometry_box(object, &box);
        *width = box.width;
        *height = box.height;
    }
}

static bool is_out(struct span_1d span, double extent) {
    return span.from < 0 || span.to < 0 || span.from > extent || span.to > extent;
}

/* As the original: told, and kept. */
static void report_out_of_bounds(const struct object *object, const struct map_text *text) {
    double width, height;
    extent_of(object, &width, &height);
    for (size_t i = 0; width > 0 && i < text->segments.n_items; i++) {
        const struct segment *segment = &text->segments.items[i];
        if (is_out(segment->x, width) || is_out(segment->y, height)) {
            char *address = object_address(object);
            score_error(object->score, "%s map refers to 'out of bounds' position: [%g;%g]",
                        address, segment->x.to, segment->y.to);
            free(address);
            return;
        }
    }
}

static int set_text(struct object *object, const char *name, const char *text, size_t len,
                    bool is_more) {
    struct map_text parsed;
    struct map_text_error error;
    int err = map_text_parse(text, len, object->type->map_space, &parsed, &error);
    if (err != 0) {
        score_error(object->score, "mapping parse error line %d : %s expected", error.line,
                    error.expected);
        return LG_EBADREQUEST;
    }
    struct object_map *item = make_item(object, name);
    if (item == NULL) {
        map_text_finish(&parsed);
        return LG_ETOOLARGE;
    }
    report_out_of_bounds(object, &parsed);
    bool appends = is_more && !item->is_computed &&
                   item->text.segments.n_items + parsed.segments.n_items <= MAP_TEXT_SEGMENTS_MAX;
    if (appends) {
        append_text(item, &parsed);
        item->text.space = parsed.space;
        map_text_finish(&parsed);
    } else {
        map_text_finish(&item->text);
        item->text = parsed;
        item->is_computed = false;
    }
    object_touch(object);
    return 0;
}

static int set_computed(struct object *object, const char *name) {
    struct segments segments = {0};
    if (!object->type->compute_map(object, name, &segments)) {
        return LG_EBADREQUEST;
    }
    segments_finish(&segments);
    struct object_map *item = make_item(object, name);
    if (item == NULL) {
        return LG_ETOOLARGE;
    }
    item->is_computed = true;
    object_touch(object);
    return 0;
}

static bool all_strings(const struct param *params, size_t n_params) {
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING) {
            return false;
        }
    }
    return n_params > 0;
}

static int set_map(struct object *object, const struct param *params, size_t n_params,
                   bool is_more) {
    if (!all_strings(params, n_params) || n_params > 2) {
        return LG_EBADREQUEST;
    }
    const char *name = n_params == 2 ? params[0].as.text : "";
    const char *last = params[n_params - 1].as.text;
    if (!is_more && strcmp(last, "del") == 0) {
        if (object->maps != NULL) {
            remove_item(object->maps, name);
        }
        object_touch(object);
        return 0;
    }
    bool is_computed = object->type->map_space == MAP_SPACE_NONE;
    if (is_computed) {
        bool is_name = n_params == 1 && object->type->compute_map != NULL;
        return is_name ? set_computed(object, last) : LG_EBADREQUEST;
    }
    return set_text(object, name, last, strlen(last), is_more);
}

int object_map_set(struct object *object, const struct param *params, size_t n_params) {
    return set_map(object, params, n_params, false);
}

int object_map_add(struct object *object, const struct param *params, size_t n_params) {
    return set_map(object, params, n_params, true);
}

int object_map_file(struct object *object, const struct param *params, size_t n_params) {
    if (!all_strings(params, n_params) || n_params > 2) {
        return LG_EBADREQUEST;
    }
    const char *name = n_params == 2 ? params[0].as.text : "";
    const char *path = params[n_params - 1].as.text;
    struct score *score = object->score;
    char *text = NULL;
    size_t size_bytes = 0;
    int err = score->env->read_file(score->env->ctx, score_root_path(score, object), path, &text,
                                    &size_bytes);
    if (err != 0) {
        score_error(score, "can't open file : %s", path);
        return err == LG_EBADREQUEST ? LG_ENOTFOUND : err;
    }
    err = set_text(object, name, text, size_bytes, false);
    free(text);
    return err;
}

void object_map_list(const struct object *object, struct message **messages, size_t *n_messages) {
    const struct object_maps *maps = object->maps;
    char *address = object_address(object);
    for (size_t i = 0; maps != NULL && i < maps->n_items; i++) {
        const struct object_map *item = &maps->items[i];
        struct message msg;
        message_init(&msg, address, "map");
        if (item->name[0] != '\0') {
            message_give_param(&msg, param_string(item->name));
        }
        if (!item->is_computed) {
            struct text text = {0};
            map_text_print(&item->text, &text);
            message_give_param(&msg, param_string(text.data != NULL ? text.data : ""));
            text_finish(&text);
        }
        *messages = alloc_resize(*messages, *n_messages + 1, sizeof **messages);
        (*messages)[(*n_messages)++] = msg;
    }
    free(address);
}

/* -- looking up ------------------------------------------------------------------------- */

static struct span_1d to_unit(struct span_1d span, double extent) {
    if (!(extent > 0)) {
        return span;
    }
    return (struct span_1d){2 * span.from / extent - 1, 2 * span.to / extent - 1};
}

static void resolve_text(const struct object *object, const struct map_text *text,
                         struct segments *out) {
    double width, height;
    extent_of(object, &width, &height);
    for (size_t i = 0; i < text->segments.n_items; i++) {
        struct segment segment = text->segments.items[i];
        segment.x = to_unit(segment.x, width);
        segment.y =
            text->space == MAP_SPACE_FRAMES ? (struct span_1d){-1, 1} : to_unit(segment.y, height);
        segments_add(out, &segment);
    }
    segments_sort(out);
}

/* false: no such map. */
static bool resolve(const struct object *object, const char *name, struct segments *out) {
    const struct object_map *item = find_item(object->maps, name);
    *out = (struct segments){0};
    if (item != NULL && !item->is_computed) {
        resolve_text(object, &item->text, out);
        return true;
    }
    if (object->type->compute_map != NULL && object->type->compute_map(object, name, out)) {
        return true;
    }
    if (name[0] != '\0') {
        return false;
    }
    segments_whole(out, object->attr.duration);
    return true;
}

const struct segments *object_map_find(const struct object *object, const char *name) {
    name = name != NULL ? name : "";
    struct object_maps *maps = maps_of(object);
    bool is_fresh = maps->resolved_revision == object->revision &&
                    maps->resolved_duration.num == object->attr.duration.num &&
                    maps->resolved_duration.den == object->attr.duration.den;
    if (!is_fresh) {
        forget_resolved(maps);
        maps->resolved_revision = object->revision;
        maps->resolved_duration = object->attr.duration;
    }
    for (size_t i = 0; i < maps->n_resolved; i++) {
        if (strcmp(maps->resolved[i].name, name) == 0) {
            return &maps->resolved[i].segments;
        }
    }
    struct segments segments;
    if (!resolve(object, name, &segments)) {
        return NULL;
    }
    maps->resolved = alloc_grow(maps->resolved, maps->n_resolved, &maps->resolved_capacity,
                                sizeof *maps->resolved);
    maps->resolved[maps->n_resolved] = (struct resolved_map){alloc_text(name), segments};
    return &maps->resolved[maps->n_resolved++].segments;
}
