/* Trees to messages: every path from the root to a leaf.
 *
 * On a path stand: address parts (joined), times (added), then the method and its parameters. A
 * parallel of bare values is one list of parameters; any other parallel makes one message a branch,
 * each with all that follows. Among parameters, what begins with an address is a list of messages.
 * Variables are looked up where they are met; what an address expansion binds holds for all that
 * follows on its path. */
#include "renderer/script/v2/expand.h"

#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/script/script.h"
#include "renderer/script/v2/expand_path.h"

#define CHUNK_BYTES (64 * 1024)

struct chunk {
    struct chunk *before;
    size_t capacity;
    max_align_t bytes[];
};

struct global {
    const char *name;
    const struct tree *tree;
};

/* -- memory and limits -------------------------------------------------------------------- */

void *expand_memory(struct expansion *expansion, size_t size_bytes) {
    size_t step = sizeof(max_align_t);
    size_bytes = (size_bytes + step - 1) / step * step;
    if (expansion->chunks == NULL || expansion->used + size_bytes > expansion->chunks->capacity) {
        size_t capacity = size_bytes > CHUNK_BYTES ? size_bytes : CHUNK_BYTES;
        struct chunk *chunk = alloc_zero(sizeof *chunk + capacity);
        chunk->before = expansion->chunks;
        chunk->capacity = capacity;
        expansion->chunks = chunk;
        expansion->used = 0;
    }
    void *memory = (char *)expansion->chunks->bytes + expansion->used;
    expansion->used += size_bytes;
    return memory;
}

struct chunk_mark expand_mark(const struct expansion *expansion) {
    return (struct chunk_mark){expansion->chunks, expansion->used};
}

void expand_release(struct expansion *expansion, struct chunk_mark mark) {
    while (expansion->chunks != mark.chunk) {
        struct chunk *chunk = expansion->chunks;
        expansion->chunks = chunk->before;
        free(chunk);
    }
    expansion->used = mark.used;
}

bool expand_fail(struct expansion *expansion, struct script_loc loc, const char *format, ...) {
    if (!expansion->has_failed) {
        char words[256];
        va_list args;
        va_start(args, format);
        vsnprintf(words, sizeof words, format, args);
        va_end(args);
        script_v2_report(expansion->script, loc, "%s", words);
    }
    expansion->has_failed = true;
    return false;
}

bool expand_step(struct expansion *expansion, struct script_loc loc) {
    if (expansion->has_failed) {
        return false;
    }
    if (++expansion->n_steps > LIMIT_SCRIPT_V2_STEPS) {
        return expand_fail(expansion, loc, "the script expands too far (more than %d steps)",
                           LIMIT_SCRIPT_V2_STEPS);
    }
    return true;
}

/* -- variables -------------------------------------------------------------------------------- */

static int by_name(const void *left, const void *right) {
    const struct global *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static void declare(struct expansion *expansion, const struct tree *binding) {
    struct global key = {.name = binding->text};
    struct global **found = tfind(&key, &expansion->globals, by_name);
    if (found == NULL) {
        struct global *global = alloc_zero(sizeof *global);
        global->name = binding->text;
        found = tsearch(global, &expansion->globals, by_name);
        if (found == NULL) {
            abort(); /* out of memory, as alloc.h */
        }
    }
    (*found)->tree = binding->items[0];
}

static bool is_busy(const struct busy *busy, const void *what) {
    while (busy != NULL && busy->what != what) {
        busy = busy->outer;
    }
    return busy != NULL;
}

static const struct bound *find_bound(struct expansion *expansion, const struct bound *bound,
                                      const char *name, const struct busy *busy) {
    while (bound != NULL && (strcmp(bound->name, name) != 0 || is_busy(busy, bound))) {
        expansion->n_steps++;
        bound = bound->outer;
    }
    return bound;
}

static const struct tree *find_value(struct expansion *expansion, const char *name,
                                     const struct scope *scope, const struct bound *path,
                                     const void **what) {
    const struct bound *bound = find_bound(expansion, path, name, scope->busy);
    bound = bound != NULL ? bound : find_bound(expansion, scope->locals, name, scope->busy);
    *what = bound;
    if (bound != NULL) {
        return bound->tree;
    }
    struct global key = {.name = name};
    struct global **global = tfind(&key, &expansion->globals, by_name);
    if (global == NULL || is_busy(scope->busy, *global)) {
        return NULL;
    }
    *what = *global;
    return (*global)->tree;
}

const struct tree *expand_lookup(struct expansion *expansion, const struct tree *variable,
                                 const char *name, struct scope *scope, const struct bound *path) {
    static const struct script_loc nowhere = {0, 0};
    struct script_loc loc = variable != NULL ? variable->loc : nowhere;
    const void *what;
    const struct tree *value = find_value(expansion, name, scope, path, &what);
    if (value == NULL || !expand_step(expansion, loc)) {
        return NULL;
    }
    struct busy *busy = expand_memory(expansion, sizeof *busy);
    *busy = (struct busy){what, scope->busy, scope->busy != NULL ? scope->busy->depth + 1 : 1};
    if (busy->depth > LIMIT_SCRIPT_NESTING) {
        expand_fail(expansion, value->loc, "variables are nested deeper than %d",
                    LIMIT_SCRIPT_NESTING);
        return NULL;
    }
    scope->busy = busy;
    for (size_t i = 0; variable != NULL && i < variable->n_items; i++) {
        const struct tree *binding = variable->items[i];
        struct bound *local = expand_memory(expansion, sizeof *local);
        *local = (struct bound){binding->text, binding->items[0], scope->locals};
        scope->locals = local;
    }
    return value;
}

/* -- values ------------------------------------------------------------------------------------ */

struct texts {
    struct expansion *expansion;
    struct value *out;
};

static bool add_text(void *ctx, const char *text, size_t len, const struct bound *path) {
    struct texts *texts = ctx;
    (void)path;
    value_push(texts->out, (struct param){.kind = PARAM_STRING, .as.text = alloc_text_n(text, len)},
               0, 0);
    texts->expansion->bytes += sizeof(struct param) + len;
    return true;
}

/* [0...10]: ints; [a...f]: texts. */
static bool add_range(struct expansion *expansion, const struct tree *tree, struct scope scope,
                      const struct bound *path, struct value *out) {
    size_t first = out->n_params;
    struct texts texts = {expansion, out};
    if (!expand_template(expansion, tree, scope, path, add_text, &texts)) {
        return false;
    }
    for (size_t i = first; i < out->n_params; i++) {
        struct param *param = &out->params[i];
        char *end;
        long number = strtol(param->as.text, &end, 10);
        if (*end == '\0' && end != param->as.text) {
            param_finish(param);
            *param = param_int((int32_t)number);
        }
    }
    return true;
}

static bool add_variable(struct expansion *expansion, const struct tree *tree, struct scope scope,
                         const struct bound *path, struct quantity *out) {
    struct scope inner = scope;
    const struct tree *value = expand_lookup(expansion, tree, tree->text, &inner, path);
    if (value != NULL) {
        return expand_values(expansion, value, inner, path, out);
    }
    if (expansion->has_failed) {
        return false;
    }
    if (expansion->list_depth == 0) {
        script_v2_warn_undefined(expansion->script, tree->loc, tree->text);
    }
    struct text text = {0};
    text_printf(&text, "$%s", tree->text);
    value_push(&out->value, (struct param){.kind = PARAM_STRING, .as.text = text.data}, 0, 0);
    return true;
}

static bool add_items(struct expansion *expansion, const struct tree *tree, struct scope scope,
                      const struct bound *path, struct quantity *out) {
    for (size_t i = 0; i < tree->n_items; i++) {
        struct quantity next;
        if (!expand_values(expansion, tree->items[i], scope, path, &next)) {
            return false;
        }
        out->is_delay = out->is_delay || next.is_delay;
        value_move(&out->value, &next.value);
    }
    return true;
}

static bool add_values(struct expansion *expansion, const struct tree *tree, struct scope scope,
                       const struct bound *path, struct quantity *out) {
    struct texts texts = {expansion, &out->value};
    switch (tree->kind) {
    case TREE_INT:
        out->value = value_int(tree->integer);
        return true;
    case TREE_FLOAT:
        out->value = value_float((float)tree->number);
        return true;
    case TREE_DELAY:
        out->value = value_float((float)tree->number);
        out->is_delay = true;
        return true;
    case TREE_STRING:
        return add_text(&texts, tree->text, strlen(tree->text), path);
    case TREE_WORD:
        return expand_template(expansion, tree, scope, path, add_text, &texts);
    case TREE_RANGE:
        return add_range(expansion, tree, scope, path, &out->value);
    case TREE_VARIABLE:
        return add_variable(expansion, tree, scope, path, out);
    case TREE_OPERATOR:
        return expand_operator(expansion, tree, scope, path, out);
    case TREE_SEQUENCE:
    case TREE_PARALLEL:
        return add_items(expansion, tree, scope, path, out);
    default:
        return expand_fail(expansion, tree->loc, "an address stands where a value is expected");
    }
}

bool expand_values(struct expansion *expansion, const struct tree *tree, struct scope scope,
                   const struct bound *path, struct quantity *out) {
    *out = (struct quantity){0};
    if (!expand_step(expansion, tree->loc)) {
        return false;
    }
    if (expansion->branch_depth >= LIMIT_SCRIPT_V2_DEPTH) {
        return expand_fail(expansion, tree->loc, "nested too deep");
    }
    expansion->branch_depth++;
    bool is_good = add_values(expansion, tree, scope, path, out);
    expansion->branch_depth--;
    if (!is_good || expansion->bytes > LIMIT_SCRIPT_EXPANDED_BYTES) {
        value_finish(&out->value);
        return is_good &&
               expand_fail(expansion, tree->loc, "the script expands to more than %u MiB",
                           LIMIT_SCRIPT_EXPANDED_BYTES >> 20);
    }
    return true;
}

/* -- the whole script -------------------------------------------------------------------------- */

static void finish(struct expansion *expansion) {
    while (expansion->globals != NULL) {
        struct global *global = *(struct global **)expansion->globals; /* of the root */
        tdelete(global, &expansion->globals, by_name);
        free(global);
    }
    expand_release(expansion, (struct chunk_mark){0});
}

static void seed_random(struct expansion *expansion) {
    const struct script_target *target = expansion->script->target;
    unsigned long long seed = 1;
    if (target->random != NULL) {
        seed = target->random(target->ctx);
    } else if (getrandom(&seed, sizeof seed, 0) < 0) {
        seed = 1;
    }
    memcpy(expansion->random, &seed, sizeof expansion->random);
}

bool expand_script(struct script_v2 *script, struct statement_list *out, int **lines) {
    struct expansion expansion = {.script = script, .out = out};
    size_t n_lines = 0, lines_capacity = 0;
    seed_random(&expansion);
    for (size_t i = 0; i < script->statements->n_items && !expansion.has_failed; i++) {
        const struct tree *statement = script->statements->items[i];
        if (statement->kind == TREE_BINDING) {
            declare(&expansion, statement);
            continue;
        }
        struct chunk_mark mark = expand_mark(&expansion);
        expand_paths(&expansion, statement, (struct scope){0}, NULL);
        expand_release(&expansion, mark);
        for (; n_lines < out->n_messages; n_lines++) {
            *lines = alloc_grow(*lines, n_lines, &lines_capacity, sizeof **lines);
            (*lines)[n_lines] = statement->loc.line;
        }
    }
    finish(&expansion);
    return !expansion.has_failed;
}
