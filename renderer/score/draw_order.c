/* Shelves of a scene. Places are found by halving over the shelves, then over one shelf; a full
 * shelf is split, except at the end, where new objects come and a fresh one is begun. */
#include "renderer/score/draw_order.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"
#include "renderer/score/score_state.h"
#include "renderer/score/sync/relations.h"

static double z_of(const struct object *object) {
    double z = (double)object->attr.z;
    return z == z ? z : 0; /* not a number stacks as 0 */
}

static bool is_before(double z, uint64_t created, const struct shelf_place *place) {
    return z < place->z || (z == place->z && created < place->created);
}

static void change(struct shelf *shelf, struct score *score) {
    shelf->revision = ++score->last_shelf_revision;
}

static struct shelf *insert_shelf(struct draw_order *order, size_t shelf_i) {
    order->shelves =
        alloc_grow(order->shelves, order->n_shelves, &order->capacity, sizeof(struct shelf *));
    memmove(order->shelves + shelf_i + 1, order->shelves + shelf_i,
            (order->n_shelves - shelf_i) * sizeof(struct shelf *));
    order->n_shelves++;
    return order->shelves[shelf_i] = alloc_zero(sizeof(struct shelf));
}

/* The last shelf that begins at or before this place; the first one when none does. */
static size_t find_shelf(const struct draw_order *order, double z, uint64_t created) {
    size_t low = 0, high = order->n_shelves;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (is_before(z, created, &order->shelves[middle]->places[0])) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return low;
}

static size_t find_place(const struct shelf *shelf, double z, uint64_t created) {
    size_t low = 0, high = shelf->n_objects;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (is_before(z, created, &shelf->places[middle])) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void move_upper_half(struct shelf *from, struct shelf *to) {
    size_t kept = from->n_objects / 2;
    to->n_objects = from->n_objects - kept;
    to->is_unsettled = from->is_unsettled;
    memcpy(to->places, from->places + kept, to->n_objects * sizeof *to->places);
    from->n_objects = kept;
    for (size_t i = 0; i < to->n_objects; i++) {
        to->places[i].object->shelf = to;
    }
}

void draw_order_put(struct object *object) {
    struct object *scene = object->parent;
    struct score *score = object->score;
    if (scene->order == NULL) {
        scene->order = alloc_zero(sizeof *scene->order);
    }
    struct draw_order *order = scene->order;
    double z = z_of(object);
    size_t shelf_i = order->n_shelves > 0 ? find_shelf(order, z, object->created) : 0;
    struct shelf *shelf = order->n_shelves > 0 ? order->shelves[shelf_i] : insert_shelf(order, 0);
    size_t place_i = find_place(shelf, z, object->created);
    if (shelf->n_objects == SHELF_OBJECTS_MAX) {
        struct shelf *next = insert_shelf(order, shelf_i + 1);
        bool is_at_end = place_i == SHELF_OBJECTS_MAX && shelf_i + 2 == order->n_shelves;
        if (!is_at_end) {
            move_upper_half(shelf, next);
            change(next, score);
        }
        change(shelf, score);
        if (is_at_end || place_i > shelf->n_objects) {
            place_i -= shelf->n_objects;
            shelf = next;
        }
    }
    memmove(shelf->places + place_i + 1, shelf->places + place_i,
            (shelf->n_objects - place_i) * sizeof *shelf->places);
    shelf->places[place_i] = (struct shelf_place){z, object->created, object};
    shelf->n_objects++;
    object->shelf = shelf;
    change(shelf, score);
}

static void drop_shelf(struct draw_order *order, struct shelf *shelf) {
    size_t shelf_i = find_shelf(order, shelf->places[0].z, shelf->places[0].created);
    memmove(order->shelves + shelf_i, order->shelves + shelf_i + 1,
            (order->n_shelves - shelf_i - 1) * sizeof(struct shelf *));
    order->n_shelves--;
    free(shelf);
}

static void take_from_shelf(struct draw_order *order, struct object *object) {
    struct shelf *shelf = object->shelf;
    size_t place_i = 0;
    while (shelf->places[place_i].object != object) {
        place_i++;
    }
    object->shelf = NULL;
    change(shelf, object->score);
    if (shelf->n_objects == 1) {
        drop_shelf(order, shelf);
        return;
    }
    shelf->n_objects--;
    memmove(shelf->places + place_i, shelf->places + place_i + 1,
            (shelf->n_objects - place_i) * sizeof *shelf->places);
}

void draw_order_remove(struct object *object) {
    if (object->shelf != NULL) {
        take_from_shelf(object->parent->order, object);
    }
}

static void touch(struct object *object) {
    if (object->shelf != NULL) {
        object->shelf->is_unsettled = true;
        change(object->shelf, object->score);
    }
}

/* Slaves are drawn with their masters; serial: each is touched once. */
static void touch_masters(const struct object *slave, uint64_t serial) {
    const struct sync_relation *relation;
    size_t at = 0;
    while ((relation = sync_next_as_slave(slave, &at)) != NULL) {
        struct object *master = relation->master;
        if (master->touch_serial != serial) {
            master->touch_serial = serial;
            touch(master);
            touch_masters(master, serial);
        }
    }
}

void draw_order_touch(struct object *object) {
    touch(object);
    if (object->n_masters > 0) {
        object->touch_serial = ++object->score->last_touch_serial;
        touch_masters(object, object->touch_serial);
    }
}

/* Objects of this shelf whose z is another by now, taken off. */
static size_t take_moved(struct draw_order *order, struct shelf *shelf, struct object **moved) {
    size_t n_moved = 0;
    shelf->is_unsettled = false;
    for (size_t i = 0; i < shelf->n_objects; i++) {
        if (z_of(shelf->places[i].object) != shelf->places[i].z) {
            moved[n_moved++] = shelf->places[i].object;
        }
    }
    for (size_t i = 0; i < n_moved; i++) { /* the last one may take the shelf with it */
        take_from_shelf(order, moved[i]);
    }
    return n_moved;
}

const struct draw_order *draw_order_of(struct object *scene) {
    if (scene->order == NULL) {
        scene->order = alloc_zero(sizeof *scene->order);
    }
    struct draw_order *order = scene->order;
    struct object **moved = NULL;
    size_t n_moved = 0, capacity = 0;
    for (size_t i = order->n_shelves; i-- > 0;) { /* backwards: shelves may go */
        if (order->shelves[i]->is_unsettled) {
            struct object *of_shelf[SHELF_OBJECTS_MAX];
            size_t n = take_moved(order, order->shelves[i], of_shelf);
            for (size_t j = 0; j < n; j++) {
                moved = alloc_grow(moved, n_moved, &capacity, sizeof(struct object *));
                moved[n_moved++] = of_shelf[j];
            }
        }
    }
    for (size_t i = 0; i < n_moved; i++) {
        draw_order_put(moved[i]);
    }
    free(moved);
    return order;
}

void draw_order_destroy(struct draw_order *order) {
    if (order == NULL) {
        return;
    }
    for (size_t i = 0; i < order->n_shelves; i++) {
        free(order->shelves[i]);
    }
    free(order->shelves);
    free(order);
}
