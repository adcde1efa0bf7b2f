/* Variables: name -> value, in the C library's search tree: balanced, so that
 * no choice of names makes it slow. */
#include "renderer/script/variables.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"

struct variable {
    char *name; /* owned */
    struct value value;
};

struct variables {
    void *tree; /* of struct variable *, owned */
};

static int by_name(const void *left, const void *right) {
    const struct variable *a = left, *b = right;
    return strcmp(a->name, b->name);
}

struct variables *variables_create(void) {
    struct variables *variables = alloc_zero(sizeof(*variables));
    struct value name = value_text(alloc_text("Linux")), number = value_int(3);
    variables_set(variables, "OSName", &name);
    variables_set(variables, "OSId", &number);
    return variables;
}

void variables_destroy(struct variables *variables) {
    if (variables == NULL) {
        return;
    }
    while (variables->tree != NULL) {
        struct variable *variable = *(struct variable **)variables->tree; /* of the root */
        tdelete(variable, &variables->tree, by_name);
        value_finish(&variable->value);
        free(variable->name);
        free(variable);
    }
    free(variables);
}

struct value *variables_get(struct variables *variables, const char *name) {
    const struct variable key = {.name = (char *)(uintptr_t)name};
    struct variable **found = tfind(&key, &variables->tree, by_name);
    return found != NULL ? &(*found)->value : NULL;
}

/* twalk has no argument of ours in POSIX: the list under way is the thread's. */
static _Thread_local struct {
    struct named_value *items;
    size_t n_items, capacity;
} listing;

static void list_one(const void *node, VISIT visit, int depth) {
    const struct variable *variable = *(struct variable *const *)node;
    (void)depth;
    if (visit != postorder && visit != leaf) {
        return;
    }
    listing.items =
        alloc_grow(listing.items, listing.n_items, &listing.capacity, sizeof *listing.items);
    listing.items[listing.n_items++] =
        (struct named_value){variable->name, variable->value.params, variable->value.n_params};
}

size_t variables_list(struct variables *variables, struct named_value **out) {
    listing.items = NULL;
    listing.n_items = listing.capacity = 0;
    twalk(variables->tree, list_one);
    *out = listing.items;
    return listing.n_items;
}

void variables_set(struct variables *variables, const char *name, struct value *value) {
    struct value *known = variables_get(variables, name);
    if (known == NULL) {
        struct variable *variable = alloc_zero(sizeof(*variable));
        variable->name = alloc_text(name);
        if (tsearch(variable, &variables->tree, by_name) == NULL) {
            abort(); /* out of memory, as alloc.h */
        }
        known = &variable->value;
    }
    value_finish(known);
    *known = *value;
    *value = value_empty();
}
