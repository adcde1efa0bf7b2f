/* The list of all object types. */
#ifndef LEGGIO_TYPES_TYPES_H
#define LEGGIO_TYPES_TYPES_H

#include "renderer/score/object.h"

/* By the word in `set`; NULL when unknown. Valid for ever. Types that other issues bring
 * (gmn, graph, video …) are here as placeholders that report so. */
const struct object_type *types_find(const char *name);

#endif
