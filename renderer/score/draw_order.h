/* The objects of a scene in drawing order (7.6: ascending z, ties by creation), on shelves of some
 * tens. A shelf's revision tells whether anything on it, or below it in the tree, has changed, so
 * that whoever draws may keep the rest. Score thread only.
 *
 * What an object looks like depends on itself, what it owns, its slaves (sync/relations.h), its
 * ancestors and its scene. Whoever makes it depend on more touches it when that changes. */
#ifndef LEGGIO_SCORE_DRAW_ORDER_H
#define LEGGIO_SCORE_DRAW_ORDER_H

#include "renderer/score/object.h"

#define SHELF_OBJECTS_MAX 64

struct shelf {
    uint64_t revision; /* a new one at each change, never used again in this score */
    bool is_unsettled; /* z of some object may be another than its place says */
    size_t n_objects;
    struct shelf_place {
        double z;
        uint64_t created;
        struct object *object;
    } places[SHELF_OBJECTS_MAX];
};

struct draw_order {
    struct shelf **shelves; /* owned; none is empty */
    size_t n_shelves, capacity;
};

/* An object becomes, or is no longer, a child of its scene. */
void draw_order_put(struct object *object);
void draw_order_remove(struct object *object);
/* Something about the object, or about what it owns, has changed: its masters, which draw it, are
 * touched too. */
void draw_order_touch(struct object *object);
/* The order as it is now; borrowed until the score changes again. Never NULL. */
const struct draw_order *draw_order_of(struct object *scene);
void draw_order_destroy(struct draw_order *order);

#endif
