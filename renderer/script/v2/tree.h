/* The trees that a version 2 script is made of, and the script under way.
 *
 * Nodes belong to the script and go with it, all at once: the parser needs no destructors. */
#ifndef LEGGIO_SCRIPT_TREE_H
#define LEGGIO_SCRIPT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/script/run.h"
#include "renderer/script/value.h"

enum tree_kind {
    TREE_SEQUENCE, /* a b c: one path */
    TREE_PARALLEL, /* a, b, c: branches */
    TREE_INT,
    TREE_FLOAT,
    TREE_STRING,   /* quoted: taken as it is */
    TREE_WORD,     /* may hold $names and [ranges] */
    TREE_ADDRESS,  /* as word; with host or without */
    TREE_RANGE,    /* [0...10] */
    TREE_DELAY,    /* number: ms */
    TREE_VARIABLE, /* text: its name; items: local bindings */
    TREE_BINDING,  /* text: name; items[0]: value */
    TREE_OPERATOR, /* code: enum tree_operator; items: arguments */
};

enum tree_operator {
    /* the first ones in the order of enum math_op */
    OPERATOR_ADD,
    OPERATOR_SUBTRACT,
    OPERATOR_MULTIPLY,
    OPERATOR_DIVIDE,
    OPERATOR_MODULO,
    OPERATOR_GREATER,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_LESS,
    OPERATOR_LESS_EQUAL,
    OPERATOR_EQUAL,
    OPERATOR_NOT_EQUAL,
    OPERATOR_NOT,
    OPERATOR_CHOOSE,
    OPERATOR_FUNCTION, /* + its number among the functions */
};

struct tree {
    enum tree_kind kind;
    struct script_loc loc;
    int32_t integer;
    double number;
    char *text;
    char *host; /* of an address, or NULL */
    uint16_t port;
    unsigned code;
    struct tree **items;
    size_t n_items, capacity;
    unsigned depth; /* of the deepest tree inside */
    struct tree *made_before;
};

struct script_v2 {
    const struct script_target *target;
    const char *name; /* of the file, or NULL */
    const char *text;
    size_t len;
    struct script_loc at;   /* of the lexer */
    struct script_loc from; /* where a comment began */
    const char *hint;       /* why the last ERR is one; borrowed literal or NULL */
    struct tree *last_made;
    struct tree *statements; /* a sequence: messages and bindings (declarations), in order */
    unsigned n_reports;
    bool has_errors;
};

struct tree *tree_make(struct script_v2 *script, enum tree_kind kind, struct script_loc loc);
/* text is taken over */
struct tree *tree_make_text(struct script_v2 *script, enum tree_kind kind, char *text,
                            struct script_loc loc);
/* Append; false = nested too deep, which was reported. */
bool tree_add(struct script_v2 *script, struct tree *tree, struct tree *item);
/* A sequence or parallel of one is that one. */
struct tree *tree_simplify(struct tree *tree);
void tree_destroy_all(struct script_v2 *script);

/* "line L col C : text", and the file's name when there is one. */
void script_v2_report(struct script_v2 *script, struct script_loc loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void script_v2_warn_undefined(struct script_v2 *script, struct script_loc loc, const char *name);

/* Number of a `math.` function, -1 when there is none. has_no_arguments: rand. (expand_math.c) */
int tree_function(const char *name, bool *has_no_arguments);

#endif
