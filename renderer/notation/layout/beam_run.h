/* Members of one beam that share its line: neighbours on one staff (beams_layout.c), or on several
 * with the beam between them or on one side of all (vertical/cross_beams.c). y counts from the top
 * line of the staff, or of the system when the members stand on several. */
#ifndef LEGGIO_NOTATION_BEAM_RUN_H
#define LEGGIO_NOTATION_BEAM_RUN_H

#include "renderer/notation/layout/placed.h"

#define BEAM_RUN_MAX 512 /* members; longer groups are drawn in pieces */

struct beam_run {
    const struct music *music;
    const struct music_beam *beam;
    const struct music_beam_member *members[BEAM_RUN_MAX];
    struct placed_chord *chords[BEAM_RUN_MAX];
    double heads[BEAM_RUN_MAX]; /* y of the head next to the beam */
    /* Further beams over and under the first one at each stem, in beam steps. */
    double above[BEAM_RUN_MAX], below[BEAM_RUN_MAX];
    uint32_t n;
    double scale;         /* of beams and stems: staff space x grace or cue size */
    int direction;        /* +1 all stems up, -1 down, 0 both */
    double x0, y0, slope; /* centre of the first beam, from the first stem on */
};

/* Members [*first, *end[ of a beam in the measures [first_measure, end_measure[. O(log members) */
void beam_members_in(const struct music *music, const struct music_beam *beam,
                     uint32_t first_measure, uint32_t end_measure, uint32_t *first, uint32_t *end);
/* Do drawn members [first, end[ stand on more than one staff? */
bool beam_spans_staves(const struct music *music, const struct music_beam *beam, uint32_t first,
                       uint32_t end);

/* An empty run. */
void beam_run_begin(struct beam_run *run, const struct music *music, const struct music_beam *beam);
/* Add a member, y in its staff; what is not drawn (rests, hidden notes) is left out. */
void beam_run_add(struct beam_run *run, struct placed_score *score,
                  const struct music_beam_member *member);
/* When all are in: direction, x0, above and below. */
void beam_run_finish(struct beam_run *run);
/* The line of a run with one direction, by the rules of gmn.md 16.13 to 16.16: y0, slope. */
void beam_run_place(struct beam_run *run, const struct music_staff *staff);
/* dy, dy1, dy2 of the beam's tag. */
void beam_run_apply_tag(struct beam_run *run);

/* y of the first beam's centre. */
double beam_run_y(const struct beam_run *run, double x);
/* Centre of the outermost beam of member i's stem, and the stem's end there. */
double beam_run_reach(const struct beam_run *run, uint32_t i);
double beam_run_tip(const struct beam_run *run, uint32_t i);
double beam_run_width(const struct beam_run *run);
/* Least distance from the head to the outermost beam's centre, of a stem with so many beams. */
double beam_least_length(double scale, double levels);
/* How much a beam of this width rises for an interval between its ends; both >= 0, sp. */
double beam_rise(double interval, double width, double space);

/* The beams (not the stems); false: arena full. */
bool beam_run_emit(struct beam_run *run, struct arena *arena, struct ink_list *list);
/* Tremolo strokes on member i's stem, from y `start` at the head to `tip`. */
bool beam_run_tremolo(const struct beam_run *run, uint32_t i, double start, double tip,
                      struct arena *arena, struct ink_list *list);

#endif
