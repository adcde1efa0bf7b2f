/* The cells of a grid object, in order. */
#ifndef LEGGIO_TYPES_GRID_H
#define LEGGIO_TYPES_GRID_H

#include <stddef.h>

#include "renderer/score/object.h"

size_t grid_cells(const struct object *object);
/* Cell in local units, without its margins. */
void grid_cell(const struct object *object, double frame_side, size_t cell_i, struct box *out);

#endif
