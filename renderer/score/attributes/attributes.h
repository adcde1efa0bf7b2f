/* The attributes that all objects have (section 8 and dates of 10.1): one table. */
#ifndef LEGGIO_SCORE_ATTRIBUTES_H
#define LEGGIO_SCORE_ATTRIBUTES_H

#include "renderer/score/object.h"

enum attribute_flag {
    ATTRIBUTE_SAVED = 1,     /* part of `get *` and save */
    ATTRIBUTE_NOT_SCENE = 2, /* scenes do not know it */
};

struct attribute_row {
    const char *name;
    const char *kinds; /* parameters in words, for people */
    int (*set)(struct object *object, const struct attribute_row *row, const struct param *params,
               size_t n_params); /* NULL = only readable */
    /* false = not answered by this object; NULL = never */
    bool (*get)(const struct object *object, const struct attribute_row *row, struct message *out);
    size_t offset; /* in struct attributes */
    int part;      /* enum color_part, or of the set function's own meaning */
    unsigned flags;
};

/* The defaults of section 8 for an object of no special type. */
void attributes_init(struct attributes *attr);
/* What `set` with another type takes over (4.7). */
void attributes_inherit(struct attributes *to, const struct attributes *from);

/* NULL when no attribute has this name. */
const struct attribute_row *attributes_find(const char *name);
size_t attributes_count(void);
const struct attribute_row *attributes_row(size_t row_i); /* in order of names */

/* Set by message name, as a type's method that wraps a common one may do.
 * 0; LG_EBADREQUEST; LG_ENOTFOUND when the object has no such attribute. */
int attributes_set(struct object *object, const char *name, const struct param *params,
                   size_t n_params);
/* Append the value; false when there is none to tell. */
bool attributes_get(const struct object *object, const char *name, struct message *out);

/* Parameter helpers that types share: one number, one 0/1, "0.5sw" or a number. */
int params_float(const struct param *params, size_t n_params, float *value);
int params_bool(const struct param *params, size_t n_params, bool *value);
int params_dimension(const struct param *param, struct dimension *value);
void params_give_dimension(struct message *out, struct dimension value);
/* n d | int | float | "n/d" (10.1). */
int params_rational(const struct param *params, size_t n_params, struct rational *value);
int param_text_rational(const char *text, struct rational *value); /* "n/d" */

#endif
