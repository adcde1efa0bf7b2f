/* A scene as a display list: walks the tree in drawing order (7.6), places
 * (score/geometry.h), lets each type append its items. Score thread only. */
#ifndef LEGGIO_TYPES_DRAW_SCENE_H
#define LEGGIO_TYPES_DRAW_SCENE_H

#include "renderer/draw/display_list.h"
#include "renderer/score/score.h"

/* The whole scene, one reference; NULL when out of memory. */
struct display_list *draw_scene(const struct object *scene);

/* The same for a scene that is drawn again and again: what has not been touched since
 * (score/object.h: object_touch) is shared with the list before.
 * shape    O(n / 64) for n objects, and 64 objects for each one that changed */
struct scene_drawing;
struct scene_drawing *scene_drawing_create(void);
struct display_list *scene_drawing_update(struct scene_drawing *drawing, struct object *scene);
void scene_drawing_destroy(struct scene_drawing *drawing);
/* One object alone as `export` and memimg want it: natural orientation, its scale, with or
 * without children; background white, or transparent. */
struct display_list *draw_object_alone(const struct object *object, bool has_children,
                                       bool is_transparent);

#endif
