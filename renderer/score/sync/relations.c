/* The table of relations: messages, listing, loops. Where slaves land is place.c. */
#include "renderer/score/sync/relations.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/address.h"
#include "renderer/score/alloc.h"
#include "renderer/score/maps/object_maps.h"
#include "renderer/score/score_state.h"

struct sync_table {
    struct sync_relation *items; /* in order of creation */
    size_t n_items, capacity;
};

/* -- looking ------------------------------------------------------------------------------ */

const struct sync_relation *sync_next_as_slave(const struct object *slave, size_t *at) {
    const struct sync_table *table = slave->n_masters > 0 ? slave->parent->sync : NULL;
    while (table != NULL && *at < table->n_items) {
        const struct sync_relation *relation = &table->items[(*at)++];
        if (relation->slave == slave) {
            return relation;
        }
    }
    return NULL;
}

const struct sync_relation *sync_next_as_master(const struct object *master, size_t *at) {
    const struct sync_table *table = master->n_slaves > 0 ? master->parent->sync : NULL;
    while (table != NULL && *at < table->n_items) {
        const struct sync_relation *relation = &table->items[(*at)++];
        if (relation->master == master) {
            return relation;
        }
    }
    return NULL;
}

/* Does `object` follow `master`, over any number of steps? Chains are acyclic. */
static bool follows(const struct object *object, const struct object *master) {
    size_t at = 0;
    const struct sync_relation *relation;
    while ((relation = sync_next_as_slave(object, &at)) != NULL) {
        if (relation->master == master || follows(relation->master, master)) {
            return true;
        }
    }
    return false;
}

/* Longest chain of masters above an object; each is a level of drawing. */
static unsigned chain_above(const struct object *object) {
    unsigned longest = 0;
    size_t at = 0;
    const struct sync_relation *relation;
    while ((relation = sync_next_as_slave(object, &at)) != NULL) {
        unsigned chain = 1 + chain_above(relation->master);
        longest = chain > longest ? chain : longest;
    }
    return longest;
}

static unsigned chain_below(const struct object *object) {
    unsigned longest = 0;
    size_t at = 0;
    const struct sync_relation *relation;
    while ((relation = sync_next_as_master(object, &at)) != NULL) {
        unsigned chain = 1 + chain_below(relation->slave);
        longest = chain > longest ? chain : longest;
    }
    return longest;
}

/* -- changing ----------------------------------------------------------------------------- */

static void finish(struct sync_relation *relation) {
    relation->slave->n_masters--;
    relation->master->n_slaves--;
    object_touch(relation->slave);
    free(relation->slave_map);
    free(relation->master_map);
}

/* Those that the arguments (NULL = any) name. */
static void remove_relations(struct object *owner, const struct object *slave,
                             const struct object *master) {
    struct sync_table *table = owner->sync;
    size_t n = 0;
    for (size_t i = 0; table != NULL && i < table->n_items; i++) {
        struct sync_relation *relation = &table->items[i];
        if ((slave == NULL || relation->slave == slave) &&
            (master == NULL || relation->master == master)) {
            finish(relation);
        } else {
            table->items[n++] = *relation;
        }
    }
    if (table != NULL) {
        table->n_items = n;
    }
}

void sync_forget(struct object *object) {
    if (object->n_masters > 0) {
        remove_relations(object->parent, object, NULL);
    }
    if (object->n_slaves > 0) {
        remove_relations(object->parent, NULL, object);
    }
}

void sync_replace(struct object *before, struct object *after) {
    struct sync_table *table = before->parent->sync;
    for (size_t i = 0; table != NULL && i < table->n_items; i++) {
        struct sync_relation *relation = &table->items[i];
        relation->slave = relation->slave == before ? after : relation->slave;
        relation->master = relation->master == before ? after : relation->master;
    }
    after->n_masters = before->n_masters;
    after->n_slaves = before->n_slaves;
    before->n_masters = before->n_slaves = 0;
}

void sync_table_destroy(struct sync_table *table) {
    if (table == NULL) {
        return;
    }
    /* The objects may be gone already: only what is ours. */
    for (size_t i = 0; i < table->n_items; i++) {
        free(table->items[i].slave_map);
        free(table->items[i].master_map);
    }
    free(table->items);
    free(table);
}

static struct sync_relation *find(struct object *owner, const struct object *slave,
                                  const struct object *master) {
    size_t at = 0;
    const struct sync_relation *relation;
    while ((relation = sync_next_as_slave(slave, &at)) != NULL) {
        if (relation->master == master) {
            return &owner->sync->items[at - 1];
        }
    }
    return NULL;
}

/* What a message asks for. */
struct request {
    struct sync_mode mode;
    const char *slave_map, *master_map; /* NULL = anonymous */
    bool is_del;
};

static char *copy_or_null(const char *text) {
    return text != NULL ? alloc_text(text) : NULL;
}

static int check(struct object *slave, struct object *master) {
    struct score *score = slave->score;
    if (slave == master || follows(master, slave)) {
        score_error(score, "sync loop detected for object %s", slave->name);
        return LG_ESCRIPT;
    }
    if (chain_above(master) + 1 + chain_below(slave) > LIMIT_SYNC_CHAIN) {
        score_error(score, "%s: slaves of slaves go too deep (limit %d)", slave->name,
                    LIMIT_SYNC_CHAIN);
        return LG_ETOOLARGE;
    }
    return 0;
}

static int relate(struct object *owner, struct object *slave, struct object *master,
                  const struct request *request) {
    struct sync_relation *relation = find(owner, slave, master);
    if (relation == NULL) {
        int err = check(slave, master);
        if (err != 0) {
            return err;
        }
        struct sync_table *table = owner->sync;
        if (table == NULL) {
            table = owner->sync = alloc_zero(sizeof *table);
        }
        if (table->n_items >= LIMIT_SYNC_RELATIONS) {
            score_error(owner->score, "too many synchronisations (limit %d)", LIMIT_SYNC_RELATIONS);
            return LG_ETOOLARGE;
        }
        table->items =
            alloc_grow(table->items, table->n_items, &table->capacity, sizeof *table->items);
        relation = &table->items[table->n_items++];
        *relation = (struct sync_relation){.slave = slave, .master = master};
        slave->n_masters++;
        master->n_slaves++;
    }
    free(relation->slave_map);
    free(relation->master_map);
    relation->slave_map = copy_or_null(request->slave_map);
    relation->master_map = copy_or_null(request->master_map);
    relation->mode = request->mode;
    object_touch(slave);
    return 0;
}

/* -- messages ----------------------------------------------------------------------------- */

static bool take_option(const char *word, struct request *request) {
    static const struct {
        const char *word;
        enum sync_align align;
    } ALIGNMENTS[] = {{"syncOver", SYNC_OVER},
                      {"syncTop", SYNC_TOP},
                      {"syncBottom", SYNC_BOTTOM},
                      {"syncFrame", SYNC_FRAME}};
    static const struct {
        const char *word;
        enum sync_stretch stretch;
        bool is_vertical;
    } STRETCHES[] = {{"h", SYNC_STRETCH_H, false},
                     {"H", SYNC_STRETCH_H_MERGED, false},
                     {"v", SYNC_STRETCH_NONE, true},
                     {"hv", SYNC_STRETCH_H, true},
                     {"Hv", SYNC_STRETCH_H_MERGED, true}};
    for (size_t i = 0; i < sizeof ALIGNMENTS / sizeof ALIGNMENTS[0]; i++) {
        if (strcmp(word, ALIGNMENTS[i].word) == 0) {
            request->mode.align = ALIGNMENTS[i].align;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof STRETCHES / sizeof STRETCHES[0]; i++) {
        if (strcmp(word, STRETCHES[i].word) == 0) {
            request->mode.stretch = STRETCHES[i].stretch;
            request->mode.is_vertical = STRETCHES[i].is_vertical;
            return true;
        }
    }
    if (strcmp(word, "relative") == 0 || strcmp(word, "absolute") == 0) {
        request->mode.is_absolute = word[0] == 'a';
        return true;
    }
    if (strcmp(word, "del") == 0) {
        request->is_del = true;
        return true;
    }
    return false;
}

static int read_options(const struct param *params, size_t n_params, struct request *request) {
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING || !take_option(params[i].as.text, request)) {
            return LG_EBADREQUEST;
        }
    }
    return request->is_del && n_params > 1 ? LG_EBADREQUEST : 0;
}

/* Children that a name or pattern means; an array for free(). */
static size_t find_children(const struct object *owner, const char *name, size_t len,
                            struct object ***out) {
    size_t n = 0, capacity = 0;
    *out = NULL;
    for (size_t i = 0; i < owner->n_children; i++) {
        struct object *child = owner->children[i];
        if (!child->is_deleted && !child->type->is_node &&
            address_segment_matches(name, len, child->name)) {
            *out = alloc_grow(*out, n, &capacity, sizeof(struct object *));
            (*out)[n++] = child;
        }
    }
    return n;
}

/* Named maps must be there. */
static int check_map(const struct object *object, const char *name) {
    return name == NULL || object_map_find(object, name) != NULL ? 0 : LG_EBADREQUEST;
}

static int apply(struct object *owner, struct object *slave, struct object *master,
                 const struct request *request) {
    if (request->is_del) {
        remove_relations(owner, slave, master);
        return 0;
    }
    int err = check_map(slave, request->slave_map);
    err = err == 0 ? check_map(master, request->master_map) : err;
    return err == 0 ? relate(owner, slave, master, request) : err;
}

static int apply_all(struct object *owner, struct object **slaves, size_t n_slaves,
                     const char *master_name, const struct request *request) {
    struct object **masters;
    size_t n_masters = find_children(owner, master_name, strcspn(master_name, ":"), &masters);
    int err = n_masters == 0 ? LG_EBADREQUEST : 0;
    for (size_t i = 0; i < n_slaves && err == 0; i++) {
        for (size_t j = 0; j < n_masters && err == 0; j++) {
            /* A pattern that matches both means the others. */
            bool is_self_by_pattern = slaves[i] == masters[j] && (n_slaves > 1 || n_masters > 1);
            err = is_self_by_pattern ? 0 : apply(owner, slaves[i], masters[j], request);
        }
    }
    free(masters);
    return err;
}

static const char *map_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon != NULL && colon[1] != '\0' ? colon + 1 : NULL;
}

int sync_message(struct object *owner, const char *method, const struct param *params,
                 size_t n_params) {
    struct object **slaves;
    size_t n_slaves = find_children(owner, method, strcspn(method, ":"), &slaves);
    struct request request = {.slave_map = map_name(method)};
    int err = n_slaves == 0 ? LG_EBADREQUEST : 0;
    if (err == 0 && n_params == 0) {
        for (size_t i = 0; i < n_slaves; i++) {
            remove_relations(owner, slaves[i], NULL);
        }
    } else if (err == 0 && params[0].kind == PARAM_STRING) {
        const char *master = params[0].as.text;
        request.master_map = map_name(master);
        err = read_options(params + 1, n_params - 1, &request);
        err = err == 0 ? apply_all(owner, slaves, n_slaves, master, &request) : err;
    } else {
        err = LG_EBADREQUEST;
    }
    free(slaves);
    return err;
}

/* -- listing ------------------------------------------------------------------------------ */

static void give_word(struct message *msg, const char *word) {
    message_give_param(msg, param_string(word));
}

static const char *stretch_word(const struct sync_mode *mode) {
    switch (mode->stretch) {
    case SYNC_STRETCH_H:
        return mode->is_vertical ? "hv" : "h";
    case SYNC_STRETCH_H_MERGED:
        return mode->is_vertical ? "Hv" : "H";
    case SYNC_STRETCH_NONE:
        break;
    }
    return mode->is_vertical ? "v" : NULL;
}

static void give_relation(const struct sync_relation *relation, const char *address,
                          struct message *msg) {
    static const char *const ALIGNMENTS[] = {NULL, "syncTop", "syncBottom", "syncFrame"};
    struct text slave = {0}, master = {0};
    const char *slave_map = relation->slave_map, *master_map = relation->master_map;
    text_printf(&slave, "%s%s%s", relation->slave->name, slave_map != NULL ? ":" : "",
                slave_map != NULL ? slave_map : "");
    text_printf(&master, "%s%s%s", relation->master->name, master_map != NULL ? ":" : "",
                master_map != NULL ? master_map : "");
    message_init(msg, address, slave.data);
    give_word(msg, master.data);
    text_finish(&slave);
    text_finish(&master);
    if (relation->mode.is_absolute) {
        give_word(msg, "absolute");
    }
    if (stretch_word(&relation->mode) != NULL) {
        give_word(msg, stretch_word(&relation->mode));
    }
    if (ALIGNMENTS[relation->mode.align] != NULL) {
        give_word(msg, ALIGNMENTS[relation->mode.align]);
    }
}

void sync_list(const struct object *owner, const char *slave, struct message **messages,
               size_t *n_messages) {
    const struct sync_table *table = owner->sync;
    struct text address = {0};
    char *owner_address = object_address(owner);
    text_printf(&address, "%s/sync", owner_address);
    free(owner_address);
    for (size_t i = 0; table != NULL && i < table->n_items; i++) {
        const struct sync_relation *relation = &table->items[i];
        if (slave == NULL || address_segment_matches(slave, strlen(slave), relation->slave->name)) {
            *messages = alloc_resize(*messages, *n_messages + 1, sizeof **messages);
            give_relation(relation, address.data, &(*messages)[(*n_messages)++]);
        }
    }
    text_finish(&address);
}
