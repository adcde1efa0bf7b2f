/* From boxes, origins and maps of two objects to matrices (score-language reference 10.4). */
#include "renderer/score/sync/place_object.h"

#include <math.h>
#include <stdlib.h>

#include "renderer/score/alloc.h"
#include "renderer/score/maps/object_maps.h"

/* Both objects as the formulas want them. */
struct pair {
    struct sync_slave slave;
    struct sync_master master;
    struct box slave_box; /* local units */
};

static bool read_pair(const struct sync_relation *relation, const struct placement *master,
                      struct pair *out) {
    const struct object *slave = relation->slave;
    geometry_box(slave, &out->slave_box);
    double slave_ratio = geometry_size_ratio(slave),
           master_ratio = geometry_size_ratio(relation->master);
    out->slave = (struct sync_slave){
        .width = out->slave_box.width * slave_ratio,
        .height = out->slave_box.height * slave_ratio,
        .scale = (double)slave->attr.scale,
        .xorigin = (double)slave->attr.xorigin,
        .yorigin = (double)slave->attr.yorigin,
        .dy = (double)slave->attr.sync_dy,
        .date = slave->attr.date,
        .map = object_map_find(slave, relation->slave_map),
    };
    out->master = (struct sync_master){
        .width = master->box.width * master_ratio,
        .height = master->box.height * master_ratio,
        .date = relation->master->attr.date,
        .duration = relation->master->attr.duration,
        .map = object_map_find(relation->master, relation->master_map),
    };
    return out->slave.width > 0 && out->slave.height > 0 && out->master.width > 0 &&
           out->master.height > 0;
}

/* -- from master coordinates to placements ------------------------------------------------- */

static double to_local_x(const struct box *box, double x) {
    return box->x + (x + 1) / 2 * box->width;
}

static double to_local_y(const struct box *box, double y) {
    return box->y + (y + 1) / 2 * box->height;
}

/* The slave's local units in its master's placement, by the point that turns stay at
 * (its origin). */
static void fill_placement(const struct object *slave, const struct pair *pair,
                           const struct sync_box *box, const struct placement *master,
                           double anchor_x, double anchor_y, struct placement *out) {
    const struct box *own = &pair->slave_box;
    double scale_x = box->width / 2 * master->box.width / own->width;
    double scale_y = box->height / 2 * master->box.height / own->height;
    double x = to_local_x(&master->box, box->left + (1 + anchor_x) / 2 * box->width);
    double y = to_local_y(&master->box, box->top + (1 + anchor_y) / 2 * box->height);
    struct matrix to_master = matrix_translate(x, y);
    struct matrix turns = geometry_turns(slave);
    to_master = matrix_multiply(&to_master, &turns);
    struct matrix from_anchor = {{scale_x, 0, -scale_x * to_local_x(own, anchor_x), 0, scale_y,
                                  -scale_y * to_local_y(own, anchor_y), 0, 0, 1}};
    to_master = matrix_multiply(&to_master, &from_anchor);
    struct matrix uncentre = matrix_translate(-master->box.x - master->box.width / 2,
                                              -master->box.y - master->box.height / 2);
    *out = (struct placement){
        .to_device = matrix_multiply(&master->to_device, &to_master),
        .to_parent = matrix_multiply(&uncentre, &to_master),
        .box = *own,
        .frame_side = geometry_frame_side(slave),
        .child_side = own->width < own->height ? own->width : own->height,
        .is_visible = master->is_visible && slave->attr.show,
    };
}

static bool place_on_frame(const struct sync_relation *relation, const struct pair *pair,
                           const struct placement *master, struct placement *out) {
    double fraction, x, y;
    if (!sync_frame_fraction(&relation->mode, &pair->slave, &pair->master, &fraction)) {
        return false;
    }
    if (relation->master->type->outline != NULL) {
        relation->master->type->outline(relation->master, master->frame_side, fraction, &x, &y);
    } else {
        sync_outline_rect(master->box.width, master->box.height, fraction, &x, &y);
        x = 2 * x / master->box.width - 1;
        y = 2 * y / master->box.height - 1;
    }
    struct sync_box box;
    sync_frame_place(&pair->slave, &pair->master, x, y, &box);
    fill_placement(relation->slave, pair, &box, master, 0, 0, out);
    return true;
}

bool sync_place_object(const struct sync_relation *relation, const struct placement *master,
                       struct placement *out) {
    struct pair pair;
    struct sync_box box;
    if (!read_pair(relation, master, &pair)) {
        return false;
    }
    if (relation->mode.align == SYNC_FRAME) {
        return place_on_frame(relation, &pair, master, out);
    }
    if (!sync_place(&relation->mode, &pair.slave, &pair.master, &box)) {
        return false;
    }
    fill_placement(relation->slave, &pair, &box, master, pair.slave.xorigin, pair.slave.yorigin,
                   out);
    return true;
}

/* -- pieces ------------------------------------------------------------------------------- */

static void fill_piece(const struct pair *pair, const struct sync_relation *relation,
                       const struct sync_piece *piece, const struct placement *master,
                       struct sync_drawn_piece *out) {
    const struct box *own = &pair->slave_box;
    double from_x = to_local_x(own, piece->from.left), from_y = to_local_y(own, piece->from.top);
    double width = piece->from.width / 2 * own->width;
    double height = piece->from.height / 2 * own->height;
    double scale_x = piece->to.width / 2 * master->box.width / width;
    double scale_y = piece->to.height / 2 * master->box.height / height;
    double to_x = to_local_x(&master->box, piece->to.left);
    double to_y = to_local_y(&master->box, piece->to.top);
    struct matrix to_master = {
        {scale_x, 0, to_x - scale_x * from_x, 0, scale_y, to_y - scale_y * from_y, 0, 0, 1}};
    struct matrix uncentre = matrix_translate(-master->box.x - master->box.width / 2,
                                              -master->box.y - master->box.height / 2);
    out->placement = (struct placement){
        .to_device = matrix_multiply(&master->to_device, &to_master),
        .to_parent = matrix_multiply(&uncentre, &to_master),
        .box = *own,
        .frame_side = geometry_frame_side(relation->slave),
        .child_side = own->width < own->height ? own->width : own->height,
        .is_visible = master->is_visible && relation->slave->attr.show,
    };
    out->clip = (struct box){from_x, from_y, width, height};
}

static bool has_extent(const struct sync_piece *piece) {
    return piece->from.width > 0 && piece->from.height > 0 && piece->to.width > 0 &&
           piece->to.height > 0;
}

size_t sync_place_pieces(const struct sync_relation *relation, const struct placement *master,
                         struct sync_drawn_piece **pieces) {
    struct pair pair;
    struct sync_piece *parts;
    *pieces = NULL;
    if (!read_pair(relation, master, &pair)) {
        return 0;
    }
    size_t n_parts = sync_stretch_pieces(&relation->mode, &pair.slave, &pair.master, &parts);
    size_t n = 0;
    if (n_parts > 0) {
        *pieces = alloc_resize(NULL, n_parts, sizeof **pieces);
    }
    for (size_t i = 0; i < n_parts; i++) {
        if (has_extent(&parts[i])) {
            fill_piece(&pair, relation, &parts[i], master, &(*pieces)[n++]);
        }
    }
    free(parts);
    return n;
}

/* -- from the scene down ------------------------------------------------------------------ */

static bool place_first(const struct sync_relation *relation, const struct placement *master,
                        struct placement *out) {
    if (relation->mode.stretch == SYNC_STRETCH_NONE || relation->mode.align == SYNC_FRAME) {
        return sync_place_object(relation, master, out);
    }
    struct sync_drawn_piece *pieces;
    size_t n = sync_place_pieces(relation, master, &pieces);
    if (n > 0) {
        *out = pieces[0].placement;
    }
    free(pieces);
    return n > 0;
}

bool sync_place_from_scene(const struct object *slave, double screen_px, struct placement *out) {
    size_t at = 0;
    const struct sync_relation *relation;
    while ((relation = sync_next_as_slave(slave, &at)) != NULL) {
        struct placement master;
        geometry_place_from_scene(relation->master, screen_px, &master);
        if (place_first(relation, &master, out)) {
            return true;
        }
    }
    return false;
}
