/* A script value: a list of parameters, as variables hold it and math makes it. */
#ifndef LEGGIO_SCRIPT_VALUE_H
#define LEGGIO_SCRIPT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/score/message.h"

/* Counted from 1; columns in characters. */
struct script_loc {
    int line, col;
};

struct value_error {
    struct script_loc loc;
    char text[96];
};

struct value {
    struct param *params; /* owned */
    size_t n_params, capacity;
    unsigned depth; /* of the deepest message list inside; 0 = none */
    size_t bytes;   /* expanded size, for limits */
    /* Owned. A failed operation; reported when the value is used, so that the branch of a
     * conditional that is not taken may fail. */
    struct value_error *error;
};

/* Address of a message with its optional host prefix. */
struct statement_address {
    char *host; /* owned, NULL = here */
    uint16_t port;
    char *address; /* owned */
};

/* A message list under way. */
struct statement_list {
    struct message *messages;
    size_t n_messages, capacity;
    unsigned depth;
    size_t bytes;
};

struct value value_empty(void);
struct value value_int(int32_t number);
struct value value_float(float number);
struct value value_text(char *text); /* takes over */
/* depth and bytes: of the list inside, 0 for other kinds */
struct value value_param(struct param param, unsigned depth, size_t bytes); /* takes over */
struct value value_failed(struct script_loc loc, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct value value_copy(const struct value *value);
void value_finish(struct value *value);
/* Append one parameter (taken over). */
void value_push(struct value *value, struct param param, unsigned depth, size_t bytes);
/* Move all of from to the end of to. */
void value_move(struct value *to, struct value *from);
/* Depth and expanded size of foreign parameters; false = beyond the limits. */
bool value_measure(const struct param *params, size_t n_params, unsigned *depth, size_t *bytes);
size_t value_param_bytes(const struct param *param); /* without lists */

#endif
