/* Slaves in the placements of their masters: place.h applied to objects. Score thread only. */
#ifndef LEGGIO_SCORE_SYNC_PLACE_OBJECT_H
#define LEGGIO_SCORE_SYNC_PLACE_OBJECT_H

#include "renderer/score/geometry.h"
#include "renderer/score/sync/relations.h"

/* Where the slave of an unstretched relation stands; `master` is the master's own placement. false:
 * out of sight at this date, or one of both has no extent. */
bool sync_place_object(const struct sync_relation *relation, const struct placement *master,
                       struct placement *out);

/* A part of a stretched slave. */
struct sync_drawn_piece {
    struct placement placement; /* of the whole slave, so that the part lands where it belongs */
    struct box clip;            /* the part, slave's local units */
};
/* *pieces for free(); 0 = out of sight. */
size_t sync_place_pieces(const struct sync_relation *relation, const struct placement *master,
                         struct sync_drawn_piece **pieces);

/* The first relation that shows this slave, from the scene down; its placement, or false when no
 * master shows it. Stretched slaves stand at their first piece. */
bool sync_place_from_scene(const struct object *slave, double screen_px, struct placement *out);

#endif
