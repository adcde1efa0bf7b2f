/* What the `debug` node of an object shows: its name, its time segments. */
#ifndef LEGGIO_TYPES_DEBUG_MARKS_H
#define LEGGIO_TYPES_DEBUG_MARKS_H

#include "renderer/draw/display_list.h"
#include "renderer/score/geometry.h"

void debug_marks_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list);

#endif
