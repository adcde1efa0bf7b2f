/* Objects and loads whose URL is on its way.
 *
 * While the set of an object (or a load) asks for a file, the environment may say that its URL is
 * not there yet: score_wait_for_url. The object stays empty and gets its `set` again when
 * score_url_arrived tells; whatever else it is told meanwhile holds. */
#ifndef LEGGIO_SCORE_RESOURCES_H
#define LEGGIO_SCORE_RESOURCES_H

#include "renderer/score/object.h"

struct pending_load {
    uint64_t object_id; /* a scene or the application */
    char *url;
};

struct resources {
    bool is_asking; /* a set or load is under way */
    char *asked;    /* the URL that it must wait for, or NULL */
    struct pending_load *loads;
    size_t n_loads, loads_capacity;
};

/* Around the set of a type: what it must wait for is kept with the object. */
void resources_ask(struct score *score);
void resources_keep(struct object *object);
/* A load that must wait: kept; false = it need not, or may not. */
bool resources_keep_load(struct object *object);
/* The content changes: nobody waits any more; fires `cancel` when somebody did. */
void resources_cancel(struct object *object);
void resources_finish(struct resources *resources);

#endif
