/* Reads and works out score expressions: a tree of operators over scores, which
 * come from objects, files or the text itself. */
#include "renderer/types/notation/score_expression.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/engraving.h"
#include "renderer/notation/score_ops.h"
#include "renderer/score/score.h"

enum node_kind { NODE_OP, NODE_TEXT, NODE_NAME };

struct node {
    enum node_kind kind;
    enum score_op op; /* NODE_OP */
    struct node *first, *second;
    bool is_dynamic; /* & */
    char *text;      /* NODE_TEXT: the score; NODE_NAME: object path or file */
    char *kept;      /* what a static name gave when it was first looked up */
};

struct score_expression {
    char *source;
    struct node *root;
    bool is_under_way; /* being worked out: a score that asks for itself */
};

struct reading {
    struct object *owner;
    const char *at;
    int depth, n_nodes;
    char why[160]; /* what is wrong; empty: nothing */
};

static struct node *read_argument(struct reading *reading);

static void free_node(struct node *node) {
    if (node != NULL) {
        free_node(node->first);
        free_node(node->second);
        free(node->text);
        free(node->kept);
        free(node);
    }
}

static struct node *refuse(struct reading *reading, const char *why, const char *what) {
    if (reading->why[0] == '\0') {
        snprintf(reading->why, sizeof reading->why, "%s%.80s", why, what);
    }
    return NULL;
}

static struct node *make_node(struct reading *reading, enum node_kind kind) {
    struct node *node = ++reading->n_nodes <= EXPRESSION_NODES_MAX ? calloc(1, sizeof *node) : NULL;
    if (node == NULL) {
        return refuse(reading, "the expression is too large", "");
    }
    node->kind = kind;
    return node;
}

static void skip_blanks(struct reading *reading) {
    reading->at += strspn(reading->at, " \t\r\n");
}

/* -- reading ------------------------------------------------------------------------- */

/* A string without its quotes; only \" and \' are escapes. */
static struct node *read_string(struct reading *reading) {
    char quote = *reading->at++;
    struct text text = {0};
    while (*reading->at != quote && *reading->at != '\0') {
        if (reading->at[0] == '\\' && (reading->at[1] == '"' || reading->at[1] == '\'')) {
            reading->at++;
        }
        text_append(&text, reading->at++, 1);
    }
    if (*reading->at == '\0') {
        text_finish(&text);
        return refuse(reading, "a string has no end", "");
    }
    reading->at++;
    struct node *node = make_node(reading, NODE_TEXT);
    if (node == NULL) {
        text_finish(&text);
        return NULL;
    }
    node->text = text.data != NULL ? text.data : strdup("");
    return node;
}

static size_t word_len(const char *at) {
    return strcspn(at, " \t\r\n()\"'");
}

/* "( operator a b )" or "( a )", after the opening parenthesis. */
static struct node *read_group(struct reading *reading) {
    if (++reading->depth > EXPRESSION_DEPTH_MAX) {
        return refuse(reading, "parentheses are nested too deep", "");
    }
    skip_blanks(reading);
    size_t len = word_len(reading->at);
    enum score_op op = score_op_find(reading->at, len);
    struct node *node = NULL;
    if (op == SCORE_OP_COUNT) {
        node = read_argument(reading);
    } else if ((node = make_node(reading, NODE_OP)) != NULL) {
        reading->at += len;
        node->op = op;
        node->first = read_argument(reading);
        node->second = node->first != NULL ? read_argument(reading) : NULL;
        if (node->second == NULL) {
            free_node(node);
            node = refuse(reading, "two arguments are needed after ", score_op_name(op));
        }
    }
    skip_blanks(reading);
    if (node != NULL && *reading->at != ')') {
        free_node(node);
        return refuse(reading, "a ')' is missing before: ", reading->at);
    }
    reading->at += node != NULL ? 1 : 0;
    reading->depth--;
    return node;
}

/* An object below the owner's parent by its path; NULL: no object. */
static struct object *find_object(const struct object *owner, const char *path) {
    struct object *at = owner->parent;
    if (strncmp(path, "/ITL", 4) == 0) {
        return score_find(owner->score, path);
    }
    while (at != NULL && *path != '\0') {
        char name[256];
        size_t len = strcspn(path, "/");
        if (len >= sizeof name) {
            return NULL;
        }
        memcpy(name, path, len);
        name[len] = '\0';
        path += len + (path[len] == '/');
        if (strcmp(name, "..") == 0) {
            at = at->parent;
        } else if (len > 0 && strcmp(name, ".") != 0) {
            at = object_child(at, name);
        }
    }
    return at == owner->parent ? NULL : at;
}

static struct node *copy_node(struct reading *reading, const struct node *from) {
    struct node *node = make_node(reading, from->kind);
    if (node == NULL) {
        return NULL;
    }
    node->op = from->op;
    node->is_dynamic = from->is_dynamic;
    node->text = from->text != NULL ? strdup(from->text) : NULL;
    node->first = from->first != NULL ? copy_node(reading, from->first) : NULL;
    node->second = from->second != NULL ? copy_node(reading, from->second) : NULL;
    if ((from->first != NULL && node->first == NULL) ||
        (from->second != NULL && node->second == NULL)) {
        free_node(node);
        return NULL;
    }
    return node;
}

/* ~name: the expression of that object, when it has one. */
static struct node *copy_expression(struct reading *reading, struct node *name) {
    const struct object *object = find_object(reading->owner, name->text);
    const struct score_expression *other = object != NULL ? score_object_expression(object) : NULL;
    if (other == NULL) {
        return name;
    }
    free_node(name);
    return copy_node(reading, other->root);
}

static struct node *read_argument(struct reading *reading) {
    skip_blanks(reading);
    bool is_dynamic = false, is_copied = false;
    for (; *reading->at == '&' || *reading->at == '~'; reading->at++) {
        is_dynamic = is_dynamic || *reading->at == '&';
        is_copied = is_copied || *reading->at == '~';
    }
    if (strncmp(reading->at, "expr(", 5) == 0) {
        reading->at += 4;
    }
    if (*reading->at == '(') {
        reading->at++;
        return read_group(reading);
    }
    if (*reading->at == '"' || *reading->at == '\'') {
        return read_string(reading);
    }
    size_t len = word_len(reading->at);
    if (len == 0) {
        return refuse(reading, "an argument is missing", "");
    }
    struct node *node = make_node(reading, NODE_NAME);
    if (node == NULL) {
        return NULL;
    }
    node->text = strndup(reading->at, len);
    node->is_dynamic = is_dynamic;
    reading->at += len;
    if (node->text == NULL) {
        free_node(node);
        return refuse(reading, "out of memory", "");
    }
    return is_copied ? copy_expression(reading, node) : node;
}

bool score_expression_is(const char *text) {
    return strncmp(text + strspn(text, " \t\r\n"), "expr(", 5) == 0;
}

struct score_expression *score_expression_read(struct object *owner, const char *text) {
    struct reading reading = {.owner = owner, .at = text};
    struct score_expression *expression = calloc(1, sizeof *expression);
    struct node *root = NULL;
    if (expression != NULL) {
        skip_blanks(&reading);
        reading.at += strlen("expr(");
        root = read_group(&reading);
        skip_blanks(&reading);
        if (root != NULL && *reading.at != '\0') {
            refuse(&reading, "nothing was expected after the expression: ", reading.at);
        }
    }
    if (root == NULL || reading.why[0] != '\0') {
        score_error(owner->score, "%s: score expression: %s", owner->name,
                    reading.why[0] != '\0' ? reading.why : "out of memory");
        free_node(root);
        free(expression);
        return NULL;
    }
    expression->root = root;
    expression->source = strdup(text + strspn(text, " \t\r\n"));
    return expression;
}

void score_expression_destroy(struct score_expression *expression) {
    if (expression != NULL) {
        free_node(expression->root);
        free(expression->source);
        free(expression);
    }
}

/* -- working out ------------------------------------------------------------------------ */

struct working {
    struct object *owner;
    bool is_anew;
    bool is_told; /* an error was reported */
};

static char *fail(struct working *working, const char *what, const char *name) {
    if (!working->is_told) {
        score_error(working->owner->score, "%s: score expression: %s%.300s", working->owner->name,
                    what, name);
        working->is_told = true;
    }
    return NULL;
}

/* Notation that a name stands for: of an object, else of a file. */
static char *look_up(struct working *working, const char *name) {
    const struct object *object = find_object(working->owner, name);
    const struct score_env *env = score_env(working->owner->score);
    if (object != NULL) {
        const char *code = score_object_code(object);
        return code != NULL ? strdup(code) : fail(working, "no score: ", name);
    }
    char *content = NULL;
    size_t size_bytes = 0;
    int code = env->read_file(env->ctx, score_root_path(working->owner->score, working->owner),
                              name, &content, &size_bytes);
    if (code != LG_OK) {
        return fail(working, "no such object or file: ", name);
    }
    return content; /* files end in a NUL of their own */
}

static char *work_out(struct working *working, struct node *node);

/* A text as a model; NULL after reporting. */
static struct notation *model_of(struct working *working, const char *text) {
    struct notation *notation = NULL;
    struct notation_message error = {0};
    if (engrave_read(text, strlen(text), ENGRAVING_ANY, &notation, &error) != LG_OK) {
        char place[260];
        snprintf(place, sizeof place, "line %d, col %d: %s", error.line, error.column, error.text);
        fail(working, "invalid gmn code   ", place);
        return NULL;
    }
    return notation;
}

static char *apply(struct working *working, struct node *node) {
    char *texts[2] = {work_out(working, node->first), NULL};
    texts[1] = texts[0] != NULL ? work_out(working, node->second) : NULL;
    struct notation *first = texts[1] != NULL ? model_of(working, texts[0]) : NULL;
    struct notation *second = first != NULL ? model_of(working, texts[1]) : NULL;
    char *made = NULL;
    if (second != NULL && score_op_apply(node->op, first, second, &made) != LG_OK) {
        fail(working, "the result is too large after ", score_op_name(node->op));
    }
    notation_destroy(first);
    notation_destroy(second);
    free(texts[0]);
    free(texts[1]);
    return made;
}

static char *work_out(struct working *working, struct node *node) {
    if (node->kind == NODE_OP) {
        return apply(working, node);
    }
    if (node->kind == NODE_TEXT) {
        return strdup(node->text);
    }
    if (node->kept == NULL || node->is_dynamic || working->is_anew) {
        char *fresh = look_up(working, node->text);
        if (fresh == NULL) {
            return NULL;
        }
        free(node->kept);
        node->kept = fresh;
    }
    return strdup(node->kept);
}

char *score_expression_text(struct score_expression *expression, struct object *owner,
                            bool is_anew) {
    struct working working = {.owner = owner, .is_anew = is_anew};
    if (expression->is_under_way) {
        return fail(&working, "it needs itself: ", owner->name);
    }
    expression->is_under_way = true;
    char *text = work_out(&working, expression->root);
    expression->is_under_way = false;
    return text;
}

/* -- looking ------------------------------------------------------------------------------ */

const char *score_expression_source(const struct score_expression *expression) {
    return expression->source != NULL ? expression->source : "";
}

static void print_node(const struct node *node, struct text *out) {
    if (node->kind == NODE_OP) {
        text_printf(out, "(%s ", score_op_name(node->op));
        print_node(node->first, out);
        text_append(out, " ", 1);
        print_node(node->second, out);
        text_append(out, ")", 1);
    } else if (node->kind == NODE_NAME) {
        text_printf(out, "%s%s", node->is_dynamic ? "&" : "", node->text);
    } else {
        text_append(out, "\"", 1);
        for (const char *at = node->text; *at != '\0'; at++) {
            text_append(out, "\\", *at == '"' ? 1 : 0);
            text_append(out, at, 1);
        }
        text_append(out, "\"", 1);
    }
}

void score_expression_print(const struct score_expression *expression, struct text *out) {
    print_node(expression->root, out);
}

static bool node_watches(const struct node *node, const struct object *owner,
                         const struct object *object) {
    if (node->kind == NODE_OP) {
        return node_watches(node->first, owner, object) ||
               node_watches(node->second, owner, object);
    }
    return node->kind == NODE_NAME && node->is_dynamic && find_object(owner, node->text) == object;
}

bool score_expression_watches(const struct score_expression *expression, const struct object *owner,
                              const struct object *object) {
    return !expression->is_under_way && node_watches(expression->root, owner, object);
}
