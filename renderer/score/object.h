/* The score's tree: scenes, objects, static nodes, and the attributes that all
 * of them have (score-language reference 3, 7.4, 8). Score thread only.
 *
 * Types (renderer/types) bring data, box and drawing behind the vtable below;
 * the score knows nothing of cairo. */
#ifndef LEGGIO_SCORE_OBJECT_H
#define LEGGIO_SCORE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/score/message.h"
#include "renderer/score/rational.h"

struct score;
struct object;
struct watches; /* watch.h */
struct alias;
struct object_maps;        /* maps/object_maps.h */
struct segments;           /* maps/segments.h */
struct signal_connections; /* signals/signal.h */
struct sync_table;         /* sync/relations.h */
struct shelf;              /* draw_order.h */
struct draw_order;         /* draw_order.h */
struct display_list;       /* renderer/draw: passed through, never looked into here */
struct placement;          /* geometry.h */

enum dimension_unit { UNIT_PLAIN, UNIT_SW, UNIT_SH };
struct dimension {
    float value;
    enum dimension_unit unit;
};

/* RGB and HSB are kept in step with integer rounding (8.2). */
struct color {
    int r, g, b, a; /* 0..255 */
    int h, s, v;    /* 0..360, 0..100, 0..100 */
};

enum pen_style { PEN_SOLID, PEN_DASH, PEN_DOT, PEN_DASH_DOT, PEN_DASH_DOT_DOT };
enum brush_style {
    BRUSH_SOLID,
    BRUSH_NONE,
    BRUSH_DENSE1,
    BRUSH_DENSE2,
    BRUSH_DENSE3,
    BRUSH_DENSE4,
    BRUSH_DENSE5,
    BRUSH_DENSE6,
    BRUSH_DENSE7,
    BRUSH_HOR,
    BRUSH_VER,
    BRUSH_CROSS,
    BRUSH_BDIAG,
    BRUSH_FDIAG,
    BRUSH_DIAG_CROSS,
};

enum effect_kind { EFFECT_NONE, EFFECT_BLUR, EFFECT_COLORIZE, EFFECT_SHADOW };
enum blur_hint { BLUR_PERFORMANCE, BLUR_QUALITY, BLUR_ANIMATION };
struct effect {
    enum effect_kind kind;
    int blur_px; /* blur, shadow */
    enum blur_hint blur_hint;
    float strength;   /* colorize, 0..1 */
    int dx_px, dy_px; /* shadow */
    int r, g, b, a;   /* colorize, shadow */
};

struct attributes {
    struct dimension x, y;
    float z;
    float rotate_x, rotate_y, rotate_z; /* degrees; rotate_z is `angle`, clockwise */
    float scale;
    float xorigin, yorigin;
    float shear_x, shear_y;
    struct dimension width, height; /* as set by the user; 0 = natural size */
    float sync_dy;
    bool show;
    bool is_locked;
    struct color color;
    float pen_width; /* frame units */
    struct color pen_color;
    enum pen_style pen_style;
    char pen_style_word[24]; /* as given, read back by get, also when unknown */
    enum brush_style brush_style;
    char brush_style_word[24];
    struct effect effect;
    struct rational date, duration;
    float tempo;
};

/* One message that a type (or a node) understands. */
struct object_method {
    const char *name;
    /* NULL = only readable. 0 = done; LG_EBADREQUEST = "incorrect parameters" is reported by
     * the caller, nothing changed; other codes: the method has reported by score_error. */
    int (*set)(struct object *object, const struct param *params, size_t n_params);
    /* Appends parameters to `out` (address and method are filled in); NULL = not answered. */
    void (*get)(const struct object *object, struct message *out);
};

/* How width and height behave (7.4). */
enum object_sizing {
    SIZING_FREE,         /* settable independently, sw/sh allowed */
    SIZING_READ_ONLY,    /* computed, get only: text */
    SIZING_PROPORTIONAL, /* setting one forgets the other: img, svg */
    SIZING_UNANSWERED,   /* polygon */
    SIZING_ZERO,         /* get answers 0.0: line, curve */
};

/* What a type's space is counted in by map texts (10.2). */
enum map_space {
    MAP_SPACE_UNIT,   /* x, y floats -1..1: shapes */
    MAP_SPACE_PIXELS, /* x, y ints: pixels, columns and lines */
    MAP_SPACE_FRAMES, /* one interval of ints: graphs */
    MAP_SPACE_NONE,   /* the type computes its maps and takes no text: scores */
};

/* Axis-aligned box in local units. */
struct box {
    double x, y, width, height;
};

struct object_type {
    const char *name;
    enum object_sizing sizing;
    bool is_node;                        /* static node or signal: not created by set, not drawn */
    bool takes_z_children;               /* false for nodes */
    const struct object_method *methods; /* type-specific ones; they win over common attributes */
    size_t n_methods;
    void (*defaults)(struct attributes *attr); /* deviating defaults, or NULL */
    int (*create)(struct object *object);      /* makes object->data; 0 or LG_ENOMEM */
    /* Parameters after `set <type>`. Returns as object_method.set; any code but 0 undoes the
     * creation of a new object. */
    int (*set)(struct object *object, const struct param *params, size_t n_params);
    /* Appends what stands after `set <type>` in `get`. */
    void (*get_set)(const struct object *object, struct message *out);
    /* The same for save, where `get` tells what `set` does not take; NULL = as get_set. */
    void (*get_saved)(const struct object *object, struct message *out);
    /* Is this own value part of a saved script? NULL = all are; false for what was never set and is
     * computed. */
    bool (*is_saved)(const struct object *object, const char *name);
    /* The i-th further message of `get *` and save: method and parameters into out (the address is
     * there); false = no more. NULL = none. */
    bool (*more_messages)(const struct object *object, size_t i, struct message *out);
    /* Local bounding box in units, pen included, top-left not always at 0 (7.5). frame_side =
     * R of 7.4: 800 in a scene, L for a child. */
    void (*box)(const struct object *object, double frame_side, struct box *out);
    /* Width and height that the origin is taken from (O of 7.5) when they are not those of the
     * box: the nominal size of arc and line. NULL = the box. */
    void (*anchor)(const struct object *object, double frame_side, double *width, double *height);
    /* Append items; nothing for invisible types. May be NULL. */
    void (*draw)(const struct object *object, const struct placement *placement,
                 struct display_list *list);
    /* Is a point (local units) on the shape? NULL = the box. */
    bool (*contains)(const struct object *object, double x, double y, double frame_side);
    void (*destroy)(struct object *object);
    /* Time and space (10.2). map_extent: what the box spans in the numbers of a map text; NULL =
     * its natural size in units. compute_map: fills the map of this name ("" = anonymous), sorted;
     * false = not known. outline: a point of the outline in master coordinates -1..1
     * (syncFrame, 10.4), fraction 0..1; NULL = the box. */
    bool shows_signals; /* drawn from signals of the parent's node: touched when they change */
    enum map_space map_space;
    void (*map_extent)(const struct object *object, double *width, double *height);
    bool (*compute_map)(const struct object *object, const char *name, struct segments *out);
    void (*outline)(const struct object *object, double frame_side, double fraction, double *x,
                    double *y);
    /* `get name n`: appends what stands after the name; false = not answered. */
    bool (*get_numbered)(const struct object *object, const char *name, int32_t number,
                         struct message *out);
    /* The rest is for the score's own types; object types leave it NULL. */
    /* Messages that no table names (settings, signal data); method NULL = none.
     * LG_ENOTFOUND = not known. */
    int (*other)(struct object *object, const char *method, const struct param *params,
                 size_t n_params);
    bool (*get_other)(const struct object *object, const char *name, struct message *out);
    /* Replies of `get` without parameters, instead of a `set` message. */
    void (*get_plain)(const struct object *object);
};

struct object {
    uint64_t id; /* unique in the process, never used again */
    char *name;
    struct object *parent; /* NULL for /ITL */
    struct score *score;
    const struct object_type *type;
    void *data; /* of the type */
    struct attributes attr;
    struct object **children; /* in order of creation */
    size_t n_children, children_capacity;
    void *child_index;        /* struct index, name -> child; for large families, object.c */
    struct watches *events;   /* NULL = nothing is watched; watch.c */
    struct alias *aliases;    /* list; aliases.c */
    struct node_files *files; /* of a fileWatcher node; node_files.c */
    struct object_maps *maps; /* NULL = none were set or asked for */
    struct signal_connections *connections; /* of its signal node; NULL = none */
    struct sync_table *sync;                /* relations between its children; NULL = none */
    unsigned n_masters, n_slaves;           /* relations of its parent that name it */
    char *pending_url;                      /* its content is on its way, or NULL: resources.c */
    char *css_class;                        /* words of `class`, or NULL */
    unsigned depth;                         /* 0 for /ITL, 1 for scenes */
    int debug_map, debug_name;              /* of its `debug` node */
    uint64_t created;  /* counts up; `set` to another type counts as creation */
    uint64_t revision; /* rises with every visible change of this object alone */
    /* Its place in the order of its scene; NULL = deeper, a node, or deleted. */
    struct shelf *shelf;
    struct draw_order *order; /* a scene's; owned */
    uint64_t touch_serial;    /* draw_order.c */
    bool is_scene;
    bool is_running; /* its tempo moves its date: clocks.c */
    bool is_deleted; /* del seen; leaves at the end of the task */
    bool has_gaps;   /* some child is deleted */
    bool is_dirty;   /* a scene: score_is_scene_dirty */
};

/* "/ITL/scene/a/b"; owned by the caller (free). */
char *object_address(const struct object *object);
/* The scene an object is in (itself for a scene), NULL for /ITL and its nodes. */
struct object *object_scene(const struct object *object);
struct object *object_child(const struct object *parent, const char *name);
/* Type data or attributes changed visibly, or what others made of it (placement by a master): it is
 * drawn again at the end of the transaction. Nothing else of the scene is, so whoever changes how
 * another object looks touches that one too. */
void object_touch(struct object *object);
/* Fire an event without position or arguments on an object: "newData", "ready", "error",
 * "success", "end", "export", "endPaint"…; its messages are queued for the next task. */
void object_fire(struct object *object, const char *event);
/* Does it watch an event of this name? */
bool object_watches(const struct object *object, const char *event);
/* Reply of a get method: a message with the object's address, to which parameters are given;
 * object_reply takes over its content. */
void object_reply(const struct object *object, struct message *msg);
/* Is an event watched here that makes the object sensitive to the mouse (11.2)? */
bool object_is_sensitive(const struct object *object);

#endif
