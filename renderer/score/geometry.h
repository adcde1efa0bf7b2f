/* Where things are: score-language reference section 7. Pure arithmetic; units
 * are those of the scene square (800 x 800, y down), device = picture pixels. */
#ifndef LEGGIO_SCORE_GEOMETRY_H
#define LEGGIO_SCORE_GEOMETRY_H

#include "renderer/score/object.h"

/* Row-major 3x3, column vectors: x' = (m0 x + m1 y + m2) / w, w = m6 x + m7 y + m8. */
struct matrix {
    double m[9];
};

extern const struct matrix MATRIX_IDENTITY;
struct matrix matrix_multiply(const struct matrix *a, const struct matrix *b); /* a after b */
struct matrix matrix_translate(double x, double y);
struct matrix matrix_scale(double x, double y);
bool matrix_invert(const struct matrix *a, struct matrix *out);
void matrix_apply(const struct matrix *a, double *x, double *y);

struct placement {
    struct matrix to_device; /* local units of the object -> pixels of the picture */
    struct matrix to_parent; /* local units -> units of the parent's frame (centre = 0,0) */
    struct box box;          /* local, pen included */
    double frame_side;       /* R: side of the frame the object is placed in */
    double child_side;       /* L: side of the square its children are placed in, local units */
    bool is_visible;         /* show of itself and all ancestors */
};

/* Pixel size of a scene (6.1) for D = screen_px, each 1..LIMIT. */
void geometry_scene_size_px(const struct object *scene, double screen_px, uint32_t *width_px,
                            uint32_t *height_px);
/* The scene's own placement: to_device maps scene units (centre 0,0) with zoom and pan (7.2). */
void geometry_place_scene(const struct object *scene, double screen_px, struct placement *out);
/* An object in its parent's placement (7.3, 7.5). */
void geometry_place(const struct object *object, const struct placement *parent,
                    struct placement *out);
/* How much the object's box is enlarged so that the asked width (or height) comes out (7.5). */
double geometry_size_ratio(const struct object *object);
/* Its shear and rotations (7.5), around 0, 0. */
struct matrix geometry_turns(const struct object *object);
/* The same from the scene down; a slave stands on its master. */
void geometry_place_from_scene(const struct object *object, double screen_px,
                               struct placement *out);
/* Local units -> units of the scene square, without the scene's zoom and pan. */
struct matrix geometry_to_scene(const struct object *object);
/* Value of a dimension in frame coordinates, sw/sh resolved (7.1). is_position: half the extent. */
double geometry_dimension(const struct object *object, struct dimension dimension,
                          bool is_position);
/* What `get width height` answers for types with SIZING_FREE, READ_ONLY, PROPORTIONAL. */
void geometry_size(const struct object *object, double *width, double *height);
/* Side of the frame an object is placed in: 800 in a scene, L of its parent otherwise. */
double geometry_frame_side(const struct object *object);
/* Its local box in that frame. */
void geometry_box(const struct object *object, struct box *box);
/* SW and SH of a scene (7.1). */
void geometry_scene_extents(const struct object *scene, double *sw, double *sh);
/* The 8 numbers of `get frame` (7.7). */
void geometry_frame(const struct object *object, double corners[8]);

#endif
