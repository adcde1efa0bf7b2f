/* Walking down: one message under way (build), what is still to come (pending). */
#include "renderer/script/v2/expand_path.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/script/script.h"

#define ADDRESS_MAX 4096

struct build {
    struct expansion *expansion;
    struct script_loc loc;
    const char *host; /* borrowed from the tree */
    uint16_t port;
    char *address; /* ADDRESS_MAX bytes */
    size_t address_len;
    double delay_ms;
    struct value params; /* the first one is the method */
};

static bool walk(struct build *build, const struct pending *pending, const struct bound *path);

/* -- what a tree is, seen from outside -------------------------------------------------------- */

enum look { LOOK_ADDRESS, LOOK_NUMBERS, LOOK_WORDS, LOOK_OTHER, LOOK_FAILED };

static enum look look(struct expansion *expansion, const struct tree *tree, struct scope scope,
                      const struct bound *path);

static bool is_delay(struct expansion *expansion, const struct tree *tree, struct scope scope,
                     const struct bound *path) {
    while (tree->kind == TREE_VARIABLE || (tree->kind == TREE_SEQUENCE && tree->n_items == 1)) {
        const struct tree *inner = tree->kind == TREE_SEQUENCE
                                       ? tree->items[0]
                                       : expand_lookup(expansion, tree, tree->text, &scope, path);
        if (inner == NULL) {
            return false;
        }
        tree = inner;
    }
    if (tree->kind == TREE_OPERATOR && tree->code < OPERATOR_GREATER) {
        for (size_t i = 0; i < tree->n_items; i++) {
            if (is_delay(expansion, tree->items[i], scope, path)) {
                return true;
            }
        }
    }
    return tree->kind == TREE_DELAY;
}

/* The first branch tells of an address; values are bare when all of them are. */
static enum look look_parallel(struct expansion *expansion, const struct tree *tree,
                               struct scope scope, const struct bound *path) {
    enum look all = LOOK_NUMBERS;
    for (size_t i = 0; i < tree->n_items; i++) {
        enum look one = look(expansion, tree->items[i], scope, path);
        if (one == LOOK_FAILED || one == LOOK_OTHER || (one == LOOK_ADDRESS && i == 0)) {
            return one;
        }
        if (one == LOOK_ADDRESS) {
            return LOOK_OTHER;
        }
        all = one == LOOK_WORDS && i == 0 ? LOOK_WORDS : all;
    }
    return all;
}

/* Times before it do not count; a sequence of numbers is a list of values. */
static enum look look_sequence(struct expansion *expansion, const struct tree *tree,
                               struct scope scope, const struct bound *path) {
    size_t first = 0;
    while (first < tree->n_items && is_delay(expansion, tree->items[first], scope, path)) {
        first++;
    }
    if (first == tree->n_items) {
        return expansion->has_failed ? LOOK_FAILED : LOOK_OTHER;
    }
    enum look head = look(expansion, tree->items[first], scope, path);
    if (head != LOOK_NUMBERS || first > 0) {
        return head == LOOK_WORDS || head == LOOK_NUMBERS ? LOOK_OTHER : head;
    }
    for (size_t i = 1; i < tree->n_items; i++) {
        if (look(expansion, tree->items[i], scope, path) != LOOK_NUMBERS) {
            return expansion->has_failed ? LOOK_FAILED : LOOK_OTHER;
        }
    }
    return LOOK_NUMBERS;
}

static enum look look_inside(struct expansion *expansion, const struct tree *tree,
                             struct scope scope, const struct bound *path) {
    switch (tree->kind) {
    case TREE_ADDRESS:
        return LOOK_ADDRESS;
    case TREE_INT:
    case TREE_FLOAT:
        return LOOK_NUMBERS;
    case TREE_RANGE:
        return strpbrk(tree->text, "0123456789") != NULL ? LOOK_NUMBERS : LOOK_WORDS;
    case TREE_STRING:
    case TREE_WORD:
        return LOOK_WORDS;
    case TREE_SEQUENCE:
        return look_sequence(expansion, tree, scope, path);
    case TREE_PARALLEL:
        return look_parallel(expansion, tree, scope, path);
    case TREE_VARIABLE: {
        const struct tree *value = expand_lookup(expansion, tree, tree->text, &scope, path);
        return value != NULL           ? look(expansion, value, scope, path)
               : expansion->has_failed ? LOOK_FAILED
                                       : LOOK_WORDS;
    }
    case TREE_OPERATOR:
        if (tree->code == OPERATOR_CHOOSE) {
            const struct tree *branch = expand_choose(expansion, tree, scope, path);
            return branch != NULL ? look(expansion, branch, scope, path) : LOOK_FAILED;
        }
        return is_delay(expansion, tree, scope, path) ? LOOK_OTHER : LOOK_NUMBERS;
    default:
        return LOOK_OTHER;
    }
}

static enum look look(struct expansion *expansion, const struct tree *tree, struct scope scope,
                      const struct bound *path) {
    if (!expand_step(expansion, tree->loc)) {
        return LOOK_FAILED;
    }
    if (expansion->branch_depth >= LIMIT_SCRIPT_V2_DEPTH) {
        expand_fail(expansion, tree->loc, "nested too deep");
        return LOOK_FAILED;
    }
    expansion->branch_depth++;
    enum look result = look_inside(expansion, tree, scope, path);
    expansion->branch_depth--;
    return result;
}

/* -- messages --------------------------------------------------------------------------------- */

static bool emit_message(struct build *build) {
    struct expansion *expansion = build->expansion;
    if (build->address_len == 0) {
        return expand_fail(expansion, build->loc, "a message begins with an address");
    }
    size_t bytes = build->params.bytes + build->address_len;
    expansion->bytes += bytes + sizeof(struct message);
    if (++expansion->n_messages > LIMIT_SCRIPT_V2_MESSAGES ||
        expansion->bytes > LIMIT_SCRIPT_EXPANDED_BYTES) {
        return expand_fail(expansion, build->loc,
                           "the script expands to more than %d messages or %u MiB",
                           LIMIT_SCRIPT_V2_MESSAGES, LIMIT_SCRIPT_EXPANDED_BYTES >> 20);
    }
    if (build->delay_ms > LIMIT_DELAY_MS) {
        return expand_fail(expansion, build->loc, "delay of more than %d hours",
                           LIMIT_DELAY_MS / 3600000);
    }
    struct value params = value_copy(&build->params);
    struct statement_address address = {
        .host = build->host != NULL ? alloc_text(build->host) : NULL,
        .port = build->port,
        .address = alloc_text_n(build->address, build->address_len),
    };
    unsigned depth = params.depth;
    struct message msg = statement_message(address, &params);
    if (build->delay_ms > 0) {
        struct message *inside = alloc_resize(NULL, 1, sizeof *inside);
        *inside = msg;
        message_init(&msg, "/ITL", "after");
        message_give_param(&msg, param_int((int32_t)build->delay_ms));
        message_give_param(&msg, param_messages(message_list_give(inside, 1)));
        depth++;
    }
    statement_list_add(expansion->out, &msg, depth, bytes);
    return true;
}

/* A tree among parameters that begins with an address: its messages are one parameter. */
static bool add_list(struct build *build, const struct tree *tree, struct scope scope,
                     const struct bound *path) {
    struct expansion *expansion = build->expansion;
    struct statement_list list = {0}, *before = expansion->out;
    expansion->out = &list;
    expansion->list_depth++;
    bool is_good = expand_paths(expansion, tree, scope, path);
    expansion->list_depth--;
    expansion->out = before;
    if (!is_good) {
        statement_list_finish(&list);
        return false;
    }
    struct value value = statement_list_value(&list, tree->loc);
    if (value.error != NULL) {
        expand_fail(expansion, value.error->loc, "%s", value.error->text);
        value_finish(&value);
        return false;
    }
    value_move(&build->params, &value);
    return true;
}

static void cut_params(struct build *build, size_t n_params, size_t bytes) {
    while (build->params.n_params > n_params) {
        param_finish(&build->params.params[--build->params.n_params]);
    }
    build->params.bytes = bytes;
}

/* Each branch with what follows. */
static bool walk_branches(struct build *build, const struct tree *tree, struct scope scope,
                          const struct pending *next, const struct bound *path) {
    struct expansion *expansion = build->expansion;
    if (expansion->branch_depth >= LIMIT_SCRIPT_V2_DEPTH) {
        return expand_fail(expansion, tree->loc, "nested too deep");
    }
    struct build saved = *build;
    bool is_good = true;
    expansion->branch_depth++;
    for (size_t i = 0; i < tree->n_items && is_good; i++) {
        struct chunk_mark mark = expand_mark(expansion);
        struct pending *pending = expand_memory(expansion, sizeof *pending);
        *pending = (struct pending){tree->items[i], scope, next};
        is_good = walk(build, pending, path);
        cut_params(build, saved.params.n_params, saved.params.bytes);
        struct value params = build->params; /* may have moved */
        *build = saved;
        build->params = params;
        expand_release(expansion, mark);
    }
    expansion->branch_depth--;
    return is_good;
}

struct address_walk {
    struct build *build;
    const struct tree *tree;
    const struct pending *next;
};

static bool on_address(void *ctx, const char *text, size_t len, const struct bound *path) {
    struct address_walk *at = ctx;
    struct build *build = at->build;
    size_t before = build->address_len, n_params = build->params.n_params;
    size_t bytes = build->params.bytes;
    double delay_ms = build->delay_ms;
    const char *host = build->host;
    uint16_t port = build->port;
    if (before + len >= ADDRESS_MAX) {
        return expand_fail(build->expansion, at->tree->loc, "address of more than %d bytes",
                           ADDRESS_MAX);
    }
    memcpy(build->address + before, text, len);
    build->address_len += len;
    if (at->tree->host != NULL) {
        build->host = at->tree->host;
        build->port = at->tree->port;
    }
    bool is_good = walk(build, at->next, path);
    cut_params(build, n_params, bytes);
    build->address_len = before;
    build->delay_ms = delay_ms;
    build->host = host;
    build->port = port;
    return is_good;
}

/* true = the walk goes on with *next; else *is_good tells. */
static bool take_address(struct build *build, const struct tree *tree, struct scope scope,
                         const struct pending *next, const struct bound *path, bool *is_good) {
    if (build->params.n_params > 0) { /* the rest of the path is a message in a list */
        struct expansion *expansion = build->expansion;
        struct statement_list list = {0}, *before = expansion->out;
        char address[ADDRESS_MAX];
        struct build inside = {.expansion = expansion, .loc = tree->loc, .address = address};
        struct pending here = {tree, scope, next};
        expansion->out = &list;
        expansion->list_depth++;
        *is_good = walk(&inside, &here, path);
        expansion->list_depth--;
        expansion->out = before;
        value_finish(&inside.params);
        if (!*is_good) {
            statement_list_finish(&list);
            return false;
        }
        struct value value = statement_list_value(&list, tree->loc);
        *is_good =
            value.error == NULL || expand_fail(expansion, tree->loc, "%s", value.error->text);
        value_move(&build->params, &value);
        *is_good = *is_good && emit_message(build);
        return false;
    }
    struct address_walk at = {build, tree, next};
    *is_good = expand_template(build->expansion, tree, scope, path, on_address, &at);
    return false;
}

static bool take_values(struct build *build, const struct tree *tree, struct scope scope,
                        const struct bound *path) {
    struct quantity quantity;
    if (!expand_values(build->expansion, tree, scope, path, &quantity)) {
        return false;
    }
    if (quantity.is_delay) {
        for (size_t i = 0; i < quantity.value.n_params; i++) {
            double ms = param_is_number(&quantity.value.params[i])
                            ? (double)param_as_float(&quantity.value.params[i])
                            : 0;
            build->delay_ms += ms > 0 ? ms : 0;
        }
        value_finish(&quantity.value);
    } else {
        value_move(&build->params, &quantity.value);
    }
    return true;
}

/* `*` and `+` before messages are words: watch keyDown * ( … ), save + file. */
static bool is_word(struct build *build, const struct tree *tree, struct scope scope,
                    const struct bound *path) {
    return tree->n_items == 1 && build->params.n_params > 0 &&
           (tree->code == OPERATOR_MULTIPLY || tree->code == OPERATOR_ADD) &&
           look(build->expansion, tree->items[0], scope, path) != LOOK_NUMBERS &&
           tree->items[0]->kind != TREE_VARIABLE;
}

static const struct pending *push(struct build *build, const struct tree *tree, struct scope scope,
                                  const struct pending *next) {
    struct pending *pending = expand_memory(build->expansion, sizeof *pending);
    *pending = (struct pending){tree, scope, next};
    return pending;
}

/* One tree of the path. true = go on with *pending; false = done, *is_good tells. */
static bool take(struct build *build, const struct pending **pending, const struct bound *path,
                 bool *is_good) {
    const struct tree *tree = (*pending)->tree;
    struct scope scope = (*pending)->scope;
    const struct pending *next = (*pending)->next;
    struct expansion *expansion = build->expansion;
    bool has_method = build->params.n_params > 0;
    *is_good = expand_step(expansion, tree->loc);
    enum look kind = LOOK_OTHER;
    if (*is_good && (tree->kind == TREE_PARALLEL || tree->kind == TREE_SEQUENCE || has_method)) {
        kind = look(expansion, tree, scope, path);
        *is_good = kind != LOOK_FAILED;
    }
    if (!*is_good) {
        return false;
    }
    bool is_group = tree->kind == TREE_PARALLEL || tree->kind == TREE_SEQUENCE ||
                    tree->kind == TREE_VARIABLE ||
                    (tree->kind == TREE_OPERATOR && tree->code == OPERATOR_CHOOSE);
    *pending = next;
    if (has_method && kind == LOOK_ADDRESS && is_group) {
        return *is_good = add_list(build, tree, scope, path);
    }
    switch (tree->kind) {
    case TREE_SEQUENCE:
        for (size_t i = tree->n_items; i > 0; i--) {
            *pending = push(build, tree->items[i - 1], scope, *pending);
        }
        return true;
    case TREE_PARALLEL:
        if (kind == LOOK_NUMBERS || (has_method && kind == LOOK_WORDS)) {
            return *is_good = take_values(build, tree, scope, path);
        }
        *is_good = walk_branches(build, tree, scope, next, path);
        return false;
    case TREE_ADDRESS:
        return take_address(build, tree, scope, next, path, is_good);
    case TREE_DELAY:
        build->delay_ms += tree->number;
        return true;
    case TREE_VARIABLE: {
        const struct tree *value = expand_lookup(expansion, tree, tree->text, &scope, path);
        if (value != NULL) {
            *pending = push(build, value, scope, next);
            return true;
        }
        return *is_good = take_values(build, tree, scope, path);
    }
    case TREE_OPERATOR:
        if (tree->code == OPERATOR_CHOOSE) {
            const struct tree *branch = expand_choose(expansion, tree, scope, path);
            *pending = branch != NULL ? push(build, branch, scope, next) : NULL;
            return *is_good = branch != NULL;
        }
        if (is_word(build, tree, scope, path)) {
            value_push(&build->params, param_string(tree->code == OPERATOR_ADD ? "+" : "*"), 0, 0);
            *pending = push(build, tree->items[0], scope, next);
            return true;
        }
        return *is_good = take_values(build, tree, scope, path);
    default:
        return *is_good = take_values(build, tree, scope, path);
    }
}

static bool walk(struct build *build, const struct pending *pending, const struct bound *path) {
    bool is_good = true;
    while (pending != NULL) {
        if (!take(build, &pending, path, &is_good)) {
            return is_good;
        }
    }
    return emit_message(build);
}

bool expand_paths(struct expansion *expansion, const struct tree *tree, struct scope scope,
                  const struct bound *path) {
    if (expansion->list_depth > LIMIT_SCRIPT_NESTING / 4) {
        return expand_fail(expansion, tree->loc, "lists are nested deeper than %d",
                           LIMIT_SCRIPT_NESTING / 4);
    }
    struct build build = {
        .expansion = expansion, .loc = tree->loc, .address = alloc_zero(ADDRESS_MAX)};
    struct pending pending = {tree, scope, NULL};
    bool is_good = walk(&build, &pending, path);
    value_finish(&build.params);
    free(build.address);
    return is_good;
}
