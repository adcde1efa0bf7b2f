/* The tree: families, names, life and death of objects. What messages do to
 * objects is in dispatch.c, set.c and attributes.c. */
#include "renderer/score/object_tree.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/aliases.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/draw_order.h"
#include "renderer/score/index.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/maps/object_maps.h"
#include "renderer/score/signals/signal.h"
#include "renderer/score/sync/relations.h"

/* Below this a family is searched one by one: no index, half the memory of small groups. */
enum { FAMILY_INDEX_FROM = 16 };

struct name_key {
    const char *name;
    size_t len;
};

static bool name_matches(const void *item, const void *key) {
    const struct object *object = item;
    const struct name_key *wanted = key;
    return strncmp(object->name, wanted->name, wanted->len) == 0 &&
           object->name[wanted->len] == '\0';
}

static uint64_t name_hash(const struct object *object) {
    return index_hash_text(&object->score->key, object->name, strlen(object->name));
}

/* -- finding --------------------------------------------------------------- */

struct object *object_child_n(const struct object *parent, const char *name, size_t len) {
    struct name_key key = {name, len};
    if (parent->child_index != NULL) {
        uint64_t hash = index_hash_text(&parent->score->key, name, len);
        return index_find(parent->child_index, hash, name_matches, &key);
    }
    for (size_t i = 0; i < parent->n_children; i++) {
        struct object *child = parent->children[i];
        if (!child->is_deleted && name_matches(child, &key)) {
            return child;
        }
    }
    return NULL;
}

struct object *object_child(const struct object *parent, const char *name) {
    return object_child_n(parent, name, strlen(name));
}

struct object *object_scene(const struct object *object) {
    while (object != NULL && !object->is_scene) {
        object = object->parent;
    }
    return (struct object *)(uintptr_t)object;
}

bool object_is_gone(const struct object *object) {
    for (; object != NULL; object = object->parent) {
        if (object->is_deleted) {
            return true;
        }
    }
    return false;
}

size_t object_count(const struct object *object, bool is_deep) {
    size_t n = 0;
    for (size_t i = 0; i < object->n_children; i++) {
        const struct object *child = object->children[i];
        if (!child->is_deleted && !child->type->is_node) {
            n += 1 + (is_deep ? object_count(child, true) : 0);
        }
    }
    return n;
}

static void append_address(const struct object *object, struct text *out) {
    if (object->parent != NULL) {
        append_address(object->parent, out);
    }
    text_append(out, "/", 1);
    text_append(out, object->name, strlen(object->name));
}

char *object_address(const struct object *object) {
    struct text out = {0};
    append_address(object, &out);
    return out.data;
}

bool object_name_is_valid(const char *name, size_t len) {
    if (len == 0 || len > LIMIT_ADDRESS_BYTES) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!is_plain) {
            return false;
        }
    }
    return true;
}

/* -- life ------------------------------------------------------------------ */

struct object *object_create(struct score *score, struct object *parent, const char *name,
                             const struct object_type *type) {
    struct object *object = alloc_zero(sizeof *object);
    object->id = ++score->last_id;
    object->created = object->id;
    object->name = alloc_text(name);
    object->parent = parent;
    object->score = score;
    object->type = type;
    object->depth = parent != NULL ? parent->depth + 1 : 0;
    attributes_init(&object->attr);
    if (type->defaults != NULL) {
        type->defaults(&object->attr);
    }
    if (type->create != NULL && type->create(object) != 0) {
        free(object->name);
        free(object);
        return NULL;
    }
    index_put(&score->ids, index_hash_number(object->id), object);
    if (!type->is_node) {
        score->n_objects++;
    }
    return object;
}

static void build_index(struct object *parent) {
    struct index *index = alloc_zero(sizeof *index);
    for (size_t i = 0; i < parent->n_children; i++) {
        if (!parent->children[i]->is_deleted) {
            index_put(index, name_hash(parent->children[i]), parent->children[i]);
        }
    }
    parent->child_index = index;
}

void object_link(struct object *object) {
    struct object *parent = object->parent;
    parent->children = alloc_grow(parent->children, parent->n_children, &parent->children_capacity,
                                  sizeof(struct object *));
    parent->children[parent->n_children++] = object;
    if (parent->child_index != NULL) {
        index_put(parent->child_index, name_hash(object), object);
    } else if (parent->n_children >= FAMILY_INDEX_FROM) {
        build_index(parent);
    }
    if (parent->is_scene && !object->type->is_node) {
        draw_order_put(object);
    }
    object_touch(object);
}

void object_delete(struct object *object) {
    if (object->is_deleted || object->parent == NULL) {
        return;
    }
    struct score *score = object->score;
    object_touch(object);
    sync_forget(object);
    if (object->parent->child_index != NULL) {
        index_remove(object->parent->child_index, name_hash(object), object);
    }
    draw_order_remove(object);
    object->is_deleted = true;
    object->parent->has_gaps = true;
    score->deleted = alloc_grow(score->deleted, score->n_deleted, &score->deleted_capacity,
                                sizeof(struct object *));
    score->deleted[score->n_deleted++] = object;
}

void object_destroy(struct object *object) {
    for (size_t i = 0; i < object->n_children; i++) {
        object_destroy(object->children[i]);
    }
    struct score *score = object->score;
    aliases_forget(object);
    if (object->is_running) {
        clocks_forget(object);
    }
    watches_destroy(object->events);
    object_maps_destroy(object->maps);
    sync_table_destroy(object->sync);
    connections_destroy(object->connections);
    if (object->type->destroy != NULL) {
        object->type->destroy(object);
    }
    index_remove(&score->ids, index_hash_number(object->id), object);
    if (!object->type->is_node) {
        score->n_objects--;
    }
    if (object->child_index != NULL) {
        index_finish(object->child_index);
        free(object->child_index);
    }
    draw_order_destroy(object->order);
    free(object->children);
    free(object->css_class);
    free(object->pending_url);
    free(object->name);
    free(object);
}

static void close_gaps(struct object *parent) {
    size_t n = 0;
    for (size_t i = 0; i < parent->n_children; i++) {
        if (!parent->children[i]->is_deleted) {
            parent->children[n++] = parent->children[i];
        }
    }
    parent->n_children = n;
    parent->has_gaps = false;
}

void object_sweep(struct score *score) {
    /* All families first: a deleted object may sit below another deleted one, and then only
     * the upper one is destroyed here (with its children) unless it already left its family. */
    for (size_t i = 0; i < score->n_deleted; i++) {
        if (score->deleted[i]->parent->has_gaps) {
            close_gaps(score->deleted[i]->parent);
        }
    }
    /* Destroying one object may fire nothing and delete nothing, so the list stands. Deeper
     * ones go first: their parents are still there. */
    unsigned deepest = 0;
    for (size_t i = 0; i < score->n_deleted; i++) {
        deepest = score->deleted[i]->depth > deepest ? score->deleted[i]->depth : deepest;
    }
    for (unsigned depth = deepest + 1; depth-- > 0 && score->n_deleted > 0;) {
        size_t n = 0;
        for (size_t i = 0; i < score->n_deleted; i++) {
            struct object *object = score->deleted[i];
            if (object->depth == depth) {
                object_destroy(object);
            } else {
                score->deleted[n++] = object;
            }
        }
        score->n_deleted = n;
    }
}

/* -- looking --------------------------------------------------------------- */

void object_touch(struct object *object) {
    struct object *scene = object, *top = NULL;
    object->revision++;
    while (scene != NULL && !scene->is_scene) {
        top = scene;
        scene = scene->parent;
    }
    if (scene == NULL) {
        return;
    }
    if (top != NULL) {
        draw_order_touch(top);
    }
    score_mark_dirty(object->score, scene);
}

static double order_of(const struct object *object) {
    double z = (double)object->attr.z;
    return z == z ? z : 0; /* not a number stacks as 0 */
}

static int compare_z(const void *left, const void *right) {
    const struct object *a = *(struct object *const *)left;
    const struct object *b = *(struct object *const *)right;
    double za = order_of(a), zb = order_of(b);
    if (za != zb) {
        return za < zb ? -1 : 1;
    }
    return a->created < b->created ? -1 : (a->created > b->created ? 1 : 0);
}

size_t object_children_by_z(const struct object *parent, struct object ***sorted) {
    struct object **out = alloc_resize(NULL, parent->n_children, sizeof *out);
    size_t n = 0;
    bool is_sorted = true;
    for (size_t i = 0; i < parent->n_children; i++) {
        struct object *child = parent->children[i];
        if (child->is_deleted || child->type->is_node) {
            continue;
        }
        out[n++] = child;
        is_sorted = is_sorted && (n == 1 || compare_z(&out[n - 2], &out[n - 1]) <= 0);
    }
    if (!is_sorted) {
        qsort(out, n, sizeof(struct object *), compare_z);
    }
    *sorted = out;
    return n;
}
