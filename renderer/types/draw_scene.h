/* A scene as a display list: walks the tree in drawing order (7.6), places
 * (score/geometry.h), lets each type append its items. Score thread only. */
#ifndef LEGGIO_TYPES_DRAW_SCENE_H
#define LEGGIO_TYPES_DRAW_SCENE_H

#include "renderer/draw/display_list.h"
#include "renderer/score/score.h"

/* The whole scene, one reference; NULL when out of memory. */
struct display_list *draw_scene(const struct object *scene);
/* One object alone as `export` and memimg want it: natural orientation, its scale, with or
 * without children; background white, or transparent. */
struct display_list *draw_object_alone(const struct object *object, bool has_children,
                                       bool is_transparent);

#endif
