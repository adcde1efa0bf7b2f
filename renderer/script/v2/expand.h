/* Trees to messages. One expansion of a whole script; see expand.c for the rules. */
#ifndef LEGGIO_SCRIPT_EXPAND_H
#define LEGGIO_SCRIPT_EXPAND_H

#include "renderer/script/v2/tree.h"

/* A name and what it stands for: declared, bound locally, or bound on the way by an expansion. */
struct bound {
    const char *name;
    const struct tree *tree;
    const struct bound *outer;
};

/* Variables whose value is being expanded: inside it the name means an outer one. */
struct busy {
    const void *what;
    const struct busy *outer;
    unsigned depth;
};

struct scope {
    const struct bound *locals;
    const struct busy *busy;
};

/* What is still to come on a path. */
struct pending {
    const struct tree *tree;
    struct scope scope;
    const struct pending *next;
};

struct expansion {
    struct script_v2 *script;
    void *globals;        /* tsearch tree of struct global */
    struct chunk *chunks; /* small memory of the expansion */
    size_t used;          /* of the newest chunk */
    size_t n_steps, n_messages;
    size_t bytes; /* of messages and values made so far */
    unsigned list_depth, branch_depth;
    unsigned short random[3];
    struct statement_list *out; /* of the list under way */
    bool has_failed;
};

/* A list of values and whether it is a time. */
struct quantity {
    struct value value;
    bool is_delay; /* one float: ms */
};

/* All messages of the script, in order; false = failed, which was reported. lines: the statement's
 * line for each message; free(). */
bool expand_script(struct script_v2 *script, struct statement_list *out, int **lines);

/* -- between expand*.c ---------------------------------------------------------------- */
/* Reports once; returns false. */
bool expand_fail(struct expansion *expansion, struct script_loc loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* One more piece of work; false = too much, reported. */
bool expand_step(struct expansion *expansion, struct script_loc loc);
/* Memory until the mark before it is given back. */
void *expand_memory(struct expansion *expansion, size_t size_bytes);
struct chunk_mark {
    struct chunk *chunk;
    size_t used;
};
struct chunk_mark expand_mark(const struct expansion *expansion);
void expand_release(struct expansion *expansion, struct chunk_mark mark);

/* The value of a variable and the scope in which to look at it; NULL = not defined (or reported:
 * has_failed). path: bound on the way. bindings: the variable with its local bindings. */
const struct tree *expand_lookup(struct expansion *expansion, const struct tree *variable,
                                 const char *name, struct scope *scope, const struct bound *path);
/* Everything as a flat list of values; false = reported. */
bool expand_values(struct expansion *expansion, const struct tree *tree, struct scope scope,
                   const struct bound *path, struct quantity *out);
/* The branch that a conditional takes; NULL = reported. */
const struct tree *expand_choose(struct expansion *expansion, const struct tree *tree,
                                 struct scope scope, const struct bound *path);
bool expand_operator(struct expansion *expansion, const struct tree *tree, struct scope scope,
                     const struct bound *path, struct quantity *out);

/* Each text that a word or address with $names and [ranges] stands for, with what it binds. */
typedef bool (*expand_text_fn)(void *ctx, const char *text, size_t len, const struct bound *path);
bool expand_template(struct expansion *expansion, const struct tree *tree, struct scope scope,
                     const struct bound *path, expand_text_fn each, void *ctx);

#endif
