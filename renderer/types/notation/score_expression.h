/* Score expressions, expr( operator a b ) as the data of a score (score-language
 * reference 1.5). Score thread only. */
#ifndef LEGGIO_TYPES_SCORE_EXPRESSION_H
#define LEGGIO_TYPES_SCORE_EXPRESSION_H

#include "renderer/score/object.h"

#define EXPRESSION_DEPTH_MAX 64
#define EXPRESSION_NODES_MAX 1024

struct score_expression;

/* Is this the data of a score an expression? */
bool score_expression_is(const char *text);
/* Read an expression; what is wrong is reported. NULL then. owner: whose data it is. */
struct score_expression *score_expression_read(struct object *owner, const char *text);
void score_expression_destroy(struct score_expression *expression);
/* GMN text of the whole, malloc'ed; NULL after reporting. is_anew: arguments that are not dynamic
 * are looked up again too. */
char *score_expression_text(struct score_expression *expression, struct object *owner,
                            bool is_anew);
/* The expression as written, and as a tree with ~ and variables resolved. */
const char *score_expression_source(const struct score_expression *expression);
void score_expression_print(const struct score_expression *expression, struct text *out);
/* Is this object a dynamic argument? */
bool score_expression_watches(const struct score_expression *expression, const struct object *owner,
                              const struct object *object);

/* Of a score object: its notation in force, or NULL; its expression, or NULL. */
const char *score_object_code(const struct object *object);
const struct score_expression *score_object_expression(const struct object *object);

#endif
