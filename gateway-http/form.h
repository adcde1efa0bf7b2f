/* Bodies of POST requests: forms, plain text, JSON → named fields. */
#ifndef LEGGIO_GATEWAY_HTTP_FORM_H
#define LEGGIO_GATEWAY_HTTP_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum form_kind {
    FORM_NONE,       /* a body of a type that holds no fields */
    FORM_URLENCODED, /* application/x-www-form-urlencoded */
    FORM_MULTIPART,  /* multipart/form-data */
    FORM_TEXT,       /* text/plain: the body is the field `data` */
    FORM_JSON,       /* application/json: the members of an object */
};

#define FORM_FIELDS_MAX 16

struct form_field {
    const char *name;  /* NUL-terminated */
    const char *value; /* value_size bytes, a NUL behind them; may hold NUL bytes */
    size_t value_size;
    bool is_number; /* JSON number: `number` holds it */
    double number;
};

struct form {
    enum form_kind kind;
    size_t n_fields; /* all of them; only the first FORM_FIELDS_MAX are kept */
    struct form_field fields[FORM_FIELDS_MAX];
    void *json; /* private */
};

/* Kind of a body by its Content-Type (NULL or empty: urlencoded, as curl and
 * old clients mean it). */
enum form_kind form_kind_of(const char *content_type);

/* Cut a whole body into fields.
 *
 * body     size bytes and one spare byte behind them; changed in place, and
 *          fields point into it: it must outlive the form
 * returns  0; LG_EBADREQUEST with a reason in why (malformed JSON or multipart)
 * shape    O(size)
 */
int form_parse(struct form *form, const char *content_type, char *body, size_t size, char *why,
               size_t why_size);

/* The first field of this name, or NULL. */
const struct form_field *form_field(const struct form *form, const char *name);

/* A coordinate: leading digits of a text ("12.7" → 12, "abc" → 0, as INScore
 * reads it), or a JSON number rounded down; clamped to the range of int32. */
int32_t form_coordinate(const struct form_field *field);

void form_finish(struct form *form);

#endif
