/* Placement of objects: score-language reference section 7. Everything is
 * computed from attributes and the boxes of types; nothing is stored. */
#include "renderer/score/geometry.h"

#include <math.h>

#include "proto/limits.h"
#include "renderer/score/sync/place_object.h"

#define SCENE_SIDE   800.0  /* units of the scene square, 7.1 */
#define EYE_DISTANCE 1024.0 /* units, 7.5 */
#define RADIANS      (3.14159265358979323846 / 180.0)

/* -- the scene ----------------------------------------------------------- */

static uint32_t side_px(float extent, double screen_px) {
    /* In single precision, as the attribute: 0.7f of 1080 is 378, not 377. */
    float px = extent * (float)screen_px / 2.0f;
    if (!(px >= 1.0f)) {
        return 1;
    }
    return px >= (float)LIMIT_SIDE_PX ? LIMIT_SIDE_PX : (uint32_t)px;
}

void geometry_scene_size_px(const struct object *scene, double screen_px, uint32_t *width_px,
                            uint32_t *height_px) {
    uint32_t width = side_px(scene->attr.width.value, screen_px);
    uint32_t height = side_px(scene->attr.height.value, screen_px);
    if ((uint64_t)width * height > LIMIT_PIXELS) {
        height = (uint32_t)(LIMIT_PIXELS / width);
    }
    *width_px = width;
    *height_px = height;
}

/* Centre of the visible region on one axis, kept inside the square (7.2). */
static double view_centre(double origin, double scale, double visible) {
    double centre = -SCENE_SIDE / 2 * origin / scale;
    double room = (SCENE_SIDE - visible) / 2;
    if (room <= 0) {
        return 0;
    }
    return centre < -room ? -room : (centre > room ? room : centre);
}

void geometry_place_scene(const struct object *scene, double screen_px, struct placement *out) {
    uint32_t width, height;
    geometry_scene_size_px(scene, screen_px, &width, &height);
    double scale = (double)scene->attr.scale;
    if (!(fabs(scale) > 1e-6)) {
        scale = 1e-6; /* nothing to be seen, but no division by zero */
    }
    double k = (width < height ? width : height) / SCENE_SIDE * scale;
    double centre_x = view_centre((double)scene->attr.xorigin, scale, width / fabs(k));
    double centre_y = view_centre((double)scene->attr.yorigin, scale, height / fabs(k));
    *out = (struct placement){
        .to_device = {{k, 0, width / 2.0 - k * centre_x, 0, k, height / 2.0 - k * centre_y, 0, 0,
                       1}},
        .to_parent = MATRIX_IDENTITY,
        .box = {-SCENE_SIDE / 2, -SCENE_SIDE / 2, SCENE_SIDE, SCENE_SIDE},
        .frame_side = SCENE_SIDE,
        .child_side = SCENE_SIDE,
        .is_visible = scene->attr.show,
    };
}

/* -- dimensions ---------------------------------------------------------- */

void geometry_scene_extents(const struct object *scene, double *sw, double *sh) {
    double width = fabs((double)scene->attr.width.value);
    double height = fabs((double)scene->attr.height.value);
    *sw = height > 0 ? fmax(2, 2 * width / height) : 2;
    *sh = width > 0 ? fmax(2, 2 * height / width) : 2;
}

double geometry_dimension(const struct object *object, struct dimension dimension,
                          bool is_position) {
    double value = (double)dimension.value;
    struct object *scene = dimension.unit == UNIT_PLAIN ? NULL : object_scene(object);
    if (scene == NULL) {
        return value;
    }
    double sw, sh;
    geometry_scene_extents(scene, &sw, &sh);
    double extent = dimension.unit == UNIT_SW ? sw : sh;
    return value * (is_position ? extent / 2 : extent);
}

/* -- boxes --------------------------------------------------------------- */

static struct box box_in(const struct object *object, double frame_side) {
    struct box box = {0, 0, 0, 0};
    if (object->type->box != NULL) {
        object->type->box(object, frame_side, &box);
    }
    if (!isfinite(box.x) || !isfinite(box.y) || !isfinite(box.width) || !isfinite(box.height)) {
        box = (struct box){0, 0, 0, 0};
    }
    return box;
}

static double smaller_side(struct box box) {
    return box.width < box.height ? box.width : box.height;
}

double geometry_frame_side(const struct object *object) {
    const struct object *parent = object->parent;
    if (object->is_scene || parent == NULL || parent->is_scene || parent->type->box == NULL) {
        return SCENE_SIDE;
    }
    return smaller_side(box_in(parent, geometry_frame_side(parent)));
}

void geometry_box(const struct object *object, struct box *box) {
    *box = box_in(object, geometry_frame_side(object));
}

/* How much the box is enlarged so that the asked width comes out (7.5). */
static double size_ratio(const struct object *object, struct box box, double frame_side) {
    enum object_sizing sizing = object->type->sizing;
    if (sizing != SIZING_FREE && sizing != SIZING_PROPORTIONAL) {
        return 1;
    }
    double width = geometry_dimension(object, object->attr.width, false);
    if (width != 0) {
        return box.width > 0 ? width * frame_side / 2 / box.width : 1;
    }
    if (sizing == SIZING_PROPORTIONAL && box.height > 0) {
        double height = geometry_dimension(object, object->attr.height, false);
        return height != 0 ? height * frame_side / 2 / box.height : 1;
    }
    return 1;
}

/* -- placement ----------------------------------------------------------- */

static struct matrix rotate_x(double degrees) {
    double cosine = cos(degrees * RADIANS), sine = sin(degrees * RADIANS);
    return (struct matrix){{1, 0, 0, 0, cosine, 0, 0, -sine / EYE_DISTANCE, 1}};
}

static struct matrix rotate_y(double degrees) {
    double cosine = cos(degrees * RADIANS), sine = sin(degrees * RADIANS);
    return (struct matrix){{cosine, 0, 0, 0, 1, 0, -sine / EYE_DISTANCE, 0, 1}};
}

static struct matrix rotate_z(double degrees) {
    double cosine = cos(degrees * RADIANS), sine = sin(degrees * RADIANS);
    return (struct matrix){{cosine, -sine, 0, sine, cosine, 0, 0, 0, 1}};
}

static void append(struct matrix *product, struct matrix factor) {
    *product = matrix_multiply(product, &factor);
}

/* Shear · RotX · RotY · RotZ after `at`; what is neutral is left out. */
static void append_turns(struct matrix *at, const struct attributes *attr) {
    if (attr->shear_x != 0 || attr->shear_y != 0) {
        double x = (double)attr->shear_x, y = (double)attr->shear_y;
        append(at, (struct matrix){{1, x, 0, y, 1, 0, 0, 0, 1}});
    }
    if (attr->rotate_x != 0) {
        append(at, rotate_x((double)attr->rotate_x));
    }
    if (attr->rotate_y != 0) {
        append(at, rotate_y((double)attr->rotate_y));
    }
    if (attr->rotate_z != 0) {
        append(at, rotate_z((double)attr->rotate_z));
    }
}

static struct matrix local_to_frame(const struct object *object, struct box box,
                                    double frame_side) {
    const struct attributes *attr = &object->attr;
    double scale = size_ratio(object, box, frame_side) * (double)attr->scale;
    double anchor_width = box.width, anchor_height = box.height;
    if (object->type->anchor != NULL) {
        object->type->anchor(object, frame_side, &anchor_width, &anchor_height);
    }
    double origin_x = anchor_width * scale * ((double)attr->xorigin + 1) / 2;
    double origin_y = anchor_height * scale * ((double)attr->yorigin + 1) / 2;
    double x = geometry_dimension(object, attr->x, true) * frame_side / 2;
    double y = geometry_dimension(object, attr->y, true) * frame_side / 2;
    struct matrix out = matrix_translate(x, y);
    append_turns(&out, attr);
    append(&out, (struct matrix){{scale, 0, -origin_x, 0, scale, -origin_y, 0, 0, 1}});
    return out;
}

void geometry_place(const struct object *object, const struct placement *parent,
                    struct placement *out) {
    double frame_side = parent->child_side;
    struct box box = box_in(object, frame_side);
    struct matrix to_parent = local_to_frame(object, box, frame_side);
    struct matrix centre = matrix_translate(parent->box.x + parent->box.width / 2,
                                            parent->box.y + parent->box.height / 2);
    struct matrix frame_to_device = matrix_multiply(&parent->to_device, &centre);
    *out = (struct placement){
        .to_device = matrix_multiply(&frame_to_device, &to_parent),
        .to_parent = to_parent,
        .box = box,
        .frame_side = frame_side,
        .child_side = smaller_side(box),
        .is_visible = parent->is_visible && object->attr.show,
    };
}

double geometry_size_ratio(const struct object *object) {
    double frame_side = geometry_frame_side(object);
    return size_ratio(object, box_in(object, frame_side), frame_side);
}

struct matrix geometry_turns(const struct object *object) {
    struct matrix turns = MATRIX_IDENTITY;
    append_turns(&turns, &object->attr);
    return turns;
}

void geometry_place_from_scene(const struct object *object, double screen_px,
                               struct placement *out) {
    if (object->is_scene || object->parent == NULL) {
        geometry_place_scene(object, screen_px, out);
        return;
    }
    if (object->n_masters > 0 && sync_place_from_scene(object, screen_px, out)) {
        return;
    }
    struct placement parent;
    geometry_place_from_scene(object->parent, screen_px, &parent);
    geometry_place(object, &parent, out);
}

struct matrix geometry_to_scene(const struct object *object) {
    if (object->is_scene || object->parent == NULL) {
        return MATRIX_IDENTITY;
    }
    double frame_side = geometry_frame_side(object);
    struct matrix to_parent = local_to_frame(object, box_in(object, frame_side), frame_side);
    struct placement slave, scene;
    if (object->n_masters > 0 && sync_place_from_scene(object, SCENE_SIDE, &slave)) {
        struct matrix from_device;
        geometry_place_scene(object_scene(object), SCENE_SIDE, &scene);
        if (matrix_invert(&scene.to_device, &from_device)) {
            return matrix_multiply(&from_device, &slave.to_device);
        }
    }
    if (object->parent->is_scene) {
        return to_parent;
    }
    struct box box;
    geometry_box(object->parent, &box);
    struct matrix out = geometry_to_scene(object->parent);
    append(&out, matrix_translate(box.x + box.width / 2, box.y + box.height / 2));
    append(&out, to_parent);
    return out;
}

/* -- queries ------------------------------------------------------------- */

void geometry_size(const struct object *object, double *width, double *height) {
    double frame_side = geometry_frame_side(object);
    double set_width = geometry_dimension(object, object->attr.width, false);
    double set_height = geometry_dimension(object, object->attr.height, false);
    if (object->type->sizing == SIZING_FREE) {
        *width = set_width;
        *height = set_height;
        return;
    }
    struct box box = box_in(object, frame_side);
    if (object->type->sizing == SIZING_PROPORTIONAL && box.width > 0 && box.height > 0) {
        if (set_width != 0) {
            *width = set_width;
            *height = set_width * box.height / box.width;
            return;
        }
        if (set_height != 0) {
            *height = set_height;
            *width = set_height * box.width / box.height;
            return;
        }
    }
    /* Quirk: in a parent the original divides by one unit more than it places with
     * (reference pictures, script 15: 400 / 201 in a parent 200 units high). */
    bool is_in_scene = object->parent != NULL && object->parent->is_scene;
    double divisor = is_in_scene ? frame_side : frame_side + 1;
    *width = divisor > 0 ? 2 * box.width / divisor : 0;
    *height = divisor > 0 ? 2 * box.height / divisor : 0;
}

/* Halves go up; attributes are single precision (0.7 is 0.69999999), so what is a half
 * but for that counts as one. */
static double round_half_up(double value) {
    return floor(value + 0.5 + 1e-4);
}

void geometry_frame(const struct object *object, double corners[8]) {
    double frame_side = geometry_frame_side(object);
    struct box box = box_in(object, frame_side);
    struct matrix to_frame = local_to_frame(object, box, frame_side);
    double left = round_half_up(box.x), right = round_half_up(box.x + box.width);
    double top = round_half_up(box.y), bottom = round_half_up(box.y + box.height);
    double xs[4] = {left, right, right, left}, ys[4] = {top, top, bottom, bottom};
    /* Quirk of 7.7: a child's corners are counted from the centre of the parent's
     * frame mirrored at its top-left, i.e. minus the centre once more. */
    double centre_x = 0, centre_y = 0;
    if (object->parent != NULL && !object->parent->is_scene) {
        struct box parent;
        geometry_box(object->parent, &parent);
        centre_x = parent.x + parent.width / 2;
        centre_y = parent.y + parent.height / 2;
    }
    double half = frame_side > 0 ? frame_side / 2 : 1;
    for (int i = 0; i < 4; i++) {
        matrix_apply(&to_frame, &xs[i], &ys[i]);
        corners[2 * i] = (round_half_up(xs[i] + centre_x) - 2 * centre_x) / half;
        corners[2 * i + 1] = (round_half_up(ys[i] + centre_y) - 2 * centre_y) / half;
    }
}
