/* The variables of one script (score-language reference 1.2). */
#ifndef LEGGIO_SCRIPT_VARIABLES_H
#define LEGGIO_SCRIPT_VARIABLES_H

#include "renderer/script/value.h"

struct variables;

/* With $OSName and $OSId in it. */
struct variables *variables_create(void);
void variables_destroy(struct variables *variables);
/* Declare or replace; takes over the value. name: borrowed. */
void variables_set(struct variables *variables, const char *name, struct value *value);
/* Borrowed until the next set of this name; NULL = not defined. */
struct value *variables_get(struct variables *variables, const char *name);
/* All of them, borrowed until the next set; an array for free(). */
size_t variables_list(struct variables *variables, struct named_value **out);

#endif
