/* Words and addresses with $names and ranges in them: every text they stand for.
 *
 * name[1...9], name[i:1...9] ($i counts from 0), name[a...f], name[aa...bb] (every pair of letters;
 * [i:j:aa...bb] binds one count for each letter). Other brackets stay: patterns of addresses. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/script/v2/expand.h"

#define RANGE_NAMES   8
#define RANGE_LETTERS 8
#define TEXT_MAX      1024 /* of a word or an address, expanded */

struct range {
    struct {
        const char *text;
        size_t len;
    } names[RANGE_NAMES];
    size_t n_names;
    bool is_letters;
    int first, last; /* numbers */
    const char *from, *to;
    size_t n_letters;
    size_t len; /* of its text, brackets and all */
};

/* What of the text is still to come; inner texts come from variables. */
struct rest {
    const char *text;
    struct scope scope;
    const struct rest *outer;
};

struct walk {
    struct expansion *expansion;
    struct script_loc loc;
    expand_text_fn each;
    void *ctx;
    char buffer[TEXT_MAX];
    unsigned depth;
};

static bool walk(struct walk *walk, const char *text, struct scope scope, const struct rest *outer,
                 size_t len, const struct bound *path);

static bool read_end(const char *text, size_t len, int *number) {
    char digits[12], *end;
    if (len == 0 || len >= sizeof digits) {
        return false;
    }
    memcpy(digits, text, len);
    digits[len] = '\0';
    long value = strtol(digits, &end, 10);
    *number = (int)value;
    return *end == '\0' && value > -100000000 && value < 100000000;
}

static bool are_letters(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!isalpha((unsigned char)text[i]) ||
            (isupper((unsigned char)text[i]) != 0) != (isupper((unsigned char)text[0]) != 0)) {
            return false;
        }
    }
    return len > 0 && len <= RANGE_LETTERS;
}

/* text stands at '['. */
static bool read_range(const char *text, struct range *range) {
    *range = (struct range){0};
    const char *end = strchr(text, ']'), *at = text + 1, *dots = strstr(text, "...");
    if (end == NULL || dots == NULL || dots > end) {
        return false;
    }
    for (const char *colon; (colon = memchr(at, ':', (size_t)(dots - at))) != NULL;
         at = colon + 1) {
        if (range->n_names == RANGE_NAMES) {
            return false;
        }
        range->names[range->n_names].text = at;
        range->names[range->n_names++].len = (size_t)(colon - at);
    }
    size_t from_len = (size_t)(dots - at), to_len = (size_t)(end - dots - 3);
    range->len = (size_t)(end - text) + 1;
    if (read_end(at, from_len, &range->first) && read_end(dots + 3, to_len, &range->last)) {
        return range->n_names <= 1;
    }
    range->is_letters = true;
    range->from = at;
    range->to = dots + 3;
    range->n_letters = from_len;
    return from_len == to_len && are_letters(at, from_len) && are_letters(dots + 3, to_len);
}

static const struct bound *bind(struct expansion *expansion, const char *name, size_t len,
                                int number, const struct bound *outer) {
    char *copy = expand_memory(expansion, len + 1);
    struct tree *tree = expand_memory(expansion, sizeof *tree);
    struct bound *bound = expand_memory(expansion, sizeof *bound);
    memcpy(copy, name, len);
    copy[len] = '\0';
    *tree = (struct tree){.kind = TREE_INT, .integer = number, .depth = 1};
    *bound = (struct bound){copy, tree, outer};
    return bound;
}

static bool too_long(struct walk *w) {
    return expand_fail(w->expansion, w->loc, "word or address of more than %d bytes", TEXT_MAX - 1);
}

static bool numbers(struct walk *w, const struct range *range, const char *after,
                    struct scope scope, const struct rest *outer, size_t len,
                    const struct bound *path) {
    int step = range->first <= range->last ? 1 : -1, index = 0;
    for (int i = range->first; i != range->last + step; i += step, index++) {
        struct chunk_mark mark = expand_mark(w->expansion);
        int n = snprintf(w->buffer + len, TEXT_MAX - len, "%d", i);
        if (n < 0 || (size_t)n >= TEXT_MAX - len) {
            return too_long(w);
        }
        const struct bound *inner = path;
        if (range->n_names == 1) {
            inner = bind(w->expansion, range->names[0].text, range->names[0].len, index, path);
        }
        if (!expand_step(w->expansion, w->loc) ||
            !walk(w, after, scope, outer, len + (size_t)n, inner)) {
            return false;
        }
        expand_release(w->expansion, mark);
    }
    return true;
}

/* Letter letter_i of the range in all its values, then the next letter; total counts all. */
static bool letters(struct walk *w, const struct range *range, size_t letter_i, int *total,
                    const char *after, struct scope scope, const struct rest *outer, size_t len,
                    const struct bound *path) {
    if (len + 1 >= TEXT_MAX) {
        return too_long(w);
    }
    if (letter_i == range->n_letters) {
        const struct bound *inner = path;
        if (range->n_names == 1) {
            inner = bind(w->expansion, range->names[0].text, range->names[0].len, *total, path);
        }
        ++*total;
        return walk(w, after, scope, outer, len, inner);
    }
    int first = range->from[letter_i], last = range->to[letter_i];
    int step = first <= last ? 1 : -1, index = 0;
    for (int c = first; c != last + step; c += step, index++) {
        struct chunk_mark mark = expand_mark(w->expansion);
        const struct bound *inner = path;
        if (range->n_names > 1 && letter_i < range->n_names) {
            inner = bind(w->expansion, range->names[letter_i].text, range->names[letter_i].len,
                         index, path);
        }
        w->buffer[len] = (char)c;
        if (!expand_step(w->expansion, w->loc) ||
            !letters(w, range, letter_i + 1, total, after, scope, outer, len + 1, inner)) {
            return false;
        }
        expand_release(w->expansion, mark);
    }
    return true;
}

/* Every value of a variable in the place of its name. */
static bool values(struct walk *w, const struct tree *tree, struct scope scope,
                   const struct rest *outer, size_t len, const struct bound *path) {
    if (!expand_step(w->expansion, w->loc)) {
        return false;
    }
    if (tree->kind == TREE_PARALLEL || (tree->kind == TREE_SEQUENCE && tree->n_items == 1)) {
        for (size_t i = 0; i < tree->n_items; i++) {
            if (!values(w, tree->items[i], scope, outer, len, path)) {
                return false;
            }
        }
        return true;
    }
    if (tree->kind == TREE_WORD) {
        return walk(w, tree->text, scope, outer, len, path);
    }
    if (tree->kind == TREE_VARIABLE) {
        struct scope inner = scope;
        const struct tree *value = expand_lookup(w->expansion, tree, tree->text, &inner, path);
        if (value != NULL) {
            return values(w, value, inner, outer, len, path);
        }
    }
    struct quantity quantity;
    if (!expand_values(w->expansion, tree, scope, path, &quantity)) {
        return false;
    }
    bool is_good = true;
    for (size_t i = 0; i < quantity.value.n_params && is_good; i++) {
        struct text text = {0};
        param_print(&quantity.value.params[i], true, &text);
        is_good = len + text.len < TEXT_MAX || too_long(w);
        if (is_good && text.len > 0) {
            memcpy(w->buffer + len, text.data, text.len);
        }
        is_good = is_good && walk(w, "", scope, outer, len + text.len, path);
        text_finish(&text);
    }
    value_finish(&quantity.value);
    return is_good;
}

static bool variable(struct walk *w, const char *text, size_t name_len, struct scope scope,
                     const struct rest *outer, size_t len, const struct bound *path,
                     bool *is_known) {
    char *name = expand_memory(w->expansion, name_len + 1);
    memcpy(name, text + 1, name_len);
    name[name_len] = '\0';
    struct scope inner = scope;
    const struct tree *value = expand_lookup(w->expansion, NULL, name, &inner, path);
    *is_known = value != NULL || w->expansion->has_failed;
    if (value == NULL) {
        return !w->expansion->has_failed;
    }
    struct rest *rest = expand_memory(w->expansion, sizeof *rest);
    *rest = (struct rest){text + 1 + name_len, scope, outer};
    return values(w, value, inner, rest, len, path);
}

/* buffer[0..len) is done, text is next, then outer. */
static bool walk_on(struct walk *w, const char *text, struct scope scope, const struct rest *outer,
                    size_t len, const struct bound *path) {
    for (;;) {
        struct range range;
        if (*text == '\0') {
            if (outer == NULL) {
                return w->each(w->ctx, w->buffer, len, path);
            }
            text = outer->text;
            scope = outer->scope;
            outer = outer->outer;
            continue;
        }
        if (*text == '[' && read_range(text, &range)) {
            int total = 0;
            return range.is_letters
                       ? letters(w, &range, 0, &total, text + range.len, scope, outer, len, path)
                       : numbers(w, &range, text + range.len, scope, outer, len, path);
        }
        size_t name_len = 0;
        while (*text == '$' &&
               (isalnum((unsigned char)text[name_len + 1]) || text[name_len + 1] == '_')) {
            name_len++;
        }
        if (name_len > 0) {
            bool is_known;
            bool is_good = variable(w, text, name_len, scope, outer, len, path, &is_known);
            if (is_known || !is_good) {
                return is_good;
            }
        }
        if (len + 1 >= TEXT_MAX) {
            return too_long(w);
        }
        w->buffer[len++] = *text++;
    }
}

static bool walk(struct walk *w, const char *text, struct scope scope, const struct rest *outer,
                 size_t len, const struct bound *path) {
    if (w->depth >= LIMIT_SCRIPT_NESTING) {
        return expand_fail(w->expansion, w->loc, "nested too deep");
    }
    w->depth++;
    bool is_good = walk_on(w, text, scope, outer, len, path);
    w->depth--;
    return is_good;
}

bool expand_template(struct expansion *expansion, const struct tree *tree, struct scope scope,
                     const struct bound *path, expand_text_fn each, void *ctx) {
    struct walk *w = alloc_zero(sizeof *w); /* large, and walks nest */
    w->expansion = expansion;
    w->loc = tree->loc;
    w->each = each;
    w->ctx = ctx;
    struct chunk_mark mark = expand_mark(expansion);
    bool is_good = walk(w, tree->text, scope, NULL, 0, path);
    expand_release(expansion, mark);
    free(w);
    return is_good;
}
