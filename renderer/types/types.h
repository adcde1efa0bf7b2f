/* The list of all object types. */
#ifndef LEGGIO_TYPES_TYPES_H
#define LEGGIO_TYPES_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "renderer/score/object.h"

/* By the word in `set`; NULL when unknown. Valid for ever. Types that other issues bring
 * (gmn, graph, video …) are here as placeholders that report so. */
const struct object_type *types_find(const char *name);

/* Read the file of an img, svgf, txtf or htmlf object again: a URL has arrived, the file changed.
 * Fires `success` or `error`. Inside a transaction. false when the object names no file. */
bool types_reload(struct object *object);

#endif
