/* Private to layout/vertical: what hangs above and below the staves. vertical.c sorts
 * chords, marks and spans by system and staff and calls the parts in the order of
 * gmn.md 11, nearest to the staff first; each part adds its ink to the staff's list
 * and to its skylines, so that the next one stays clear of it. */
#ifndef LEGGIO_NOTATION_VERTICAL_H
#define LEGGIO_NOTATION_VERTICAL_H

#include "renderer/notation/font.h"
#include "renderer/notation/layout/placed.h"
#include "renderer/notation/text_metrics.h"

#define VERTICAL_LINE   0.16        /* hairpins, brackets, dashes; gmn.md 16, 5 */
#define VERTICAL_GAP    0.35        /* between a sign and the ink nearer to the staff */
#define STAFF_DISTANCE  8.8         /* top line to top line of five-line staves, at least */
#define SYSTEM_DISTANCE 1.5         /* between the outlines of systems */
#define PT              (1.0 / 6.0) /* sp of a point */

/* A span, or the part of it that lies in one system. Places are by default from the first
 * head's middle to the last one's, or the system's ends. */
struct vertical_piece {
    const struct music_span *span;
    uint32_t first, last; /* places in placed_score.chords of this staff's system; NOTATION_NONE */
    bool begins_here, ends_here;
    double left, right;
};

/* Heads and the articulations hung on them so far, y. */
struct vertical_chord {
    double top, bottom;
};

struct vertical;
struct vertical_staff {
    struct vertical *vertical;
    struct placed_system *system;
    struct placed_staff *staff;
    const struct music_staff *music;
    uint32_t system_i, staff_i;
    double space;
    uint32_t *chords; /* places in placed_score.chords, by date */
    uint32_t n_chords;
    uint32_t *marks; /* indices into music.marks, by date */
    uint32_t n_marks;
    struct vertical_piece *pieces;
    uint32_t n_pieces;
    double lyrics_bottom; /* lowest baseline of the verses; 0 when there are none */
};
/* What the maps need to know of a system: x from the left end of its staff lines, y from the top
 * line of the event's staff (engraving.h). */
struct vertical_facts {
    struct engraved_measure *measures;
    struct engraved_event *events;
    struct rational *dates;
    uint32_t n_measures, n_events, n_dates, n_heads_drawn;
    double music_left;
};
/* A beam over several staves, or the part of it that lies in one system; cross_beams.c. Between two
 * staves (`direction` 0), or with all stems up (+1) or down (-1). */
struct cross_beam {
    const struct music_beam *beam;
    uint32_t first, end; /* members */
    int direction;
    uint32_t upper, lower; /* staves of the system; direction 0: the beam lies between them */
    uint32_t home;         /* the staff that has its ink */
    double slope;
    double distance;           /* direction 0: of these staves, top line to top line, at least */
    double upper_y, lower_y;   /* of the line, at the first stem, in each of the staves */
    double home_y;             /* where its ink was drawn */
    size_t first_ink, end_ink; /* of the beams, in the list of `home` */
    size_t *stems;             /* in the list of each member's staff */
    uint32_t n_stems;
};
struct vertical_system {
    struct vertical_staff *staves;
    struct cross_beam *cross_beams;
    uint32_t n_cross_beams;
    struct ink_list ink; /* over several staves: braces, lines, curves; y from the first top line */
    double top, bottom;  /* of all ink; y from the first top line */
    double music_top, music_bottom; /* the same without clefs: what a page is cut to */
    double left, right;
    double first_y, last_y;      /* top line of the first, bottom line of the last visible staff */
    struct skyline above, below; /* of the whole system */
    double y;                    /* on its page */
    uint32_t page;
    struct vertical_facts facts;
};
struct vertical {
    struct arena *arena;
    struct placed_score *placed;
    const struct music *music;
    const struct layout_options *options;
    struct vertical_system *systems;
    struct vertical_chord *chords;       /* one a placed chord */
    struct vertical_setting *fingerings; /* \set<fingeringPos>, by voice and event */
    uint32_t n_fingerings;
    int8_t *slur_sides; /* of music.spans: -1 above, +1 below, 0 not yet known; slurs.c */
    /* Of music that goes on (resume.h): what stands before systems[0]. */
    uint32_t first_system, first_page;
    uint32_t n_kept;  /* of systems: no later text changes them */
    uint32_t n_final; /* of them: on pages that are settled by kept systems alone; page_breaks.c */
};
struct vertical_setting {
    uint32_t voice, first_event;
    int side;
}; /* side -1 above, +1 below */

struct engraving;
/* vertical.c: the two halves of vertical_layout: each system by itself; pages, and the systems and
 * pages of the engraving. 0, LG_ETOOLARGE. */
int vertical_begin(struct vertical *vertical);
int vertical_end(struct vertical *vertical, struct engraving *out);

/* sort.c: chords, marks and spans to their systems and staves. false: arena full. */
bool vertical_sort(struct vertical *vertical);
/* x of a date in a system: left edge of the column at it, else of the next, else the end. */
double vertical_date_x(const struct placed_system *system, struct rational date);
/* Where something goes on that began in the system before: after clef and key. */
double vertical_continue_x(const struct placed_system *system);
/* Place of a chord of the music; NULL when it is not drawn. */
const struct placed_chord *vertical_find(const struct vertical *vertical, uint32_t chord);
const struct music_chord *vertical_music(const struct vertical *vertical,
                                         const struct placed_chord *placed);
/* Does its beam reach over several staves? */
bool vertical_is_cross_beamed(const struct vertical *vertical, const struct placed_chord *placed);
/* Left edge of the event that a mark stands at. */
double vertical_mark_x(const struct vertical_staff *at, const struct music_mark *mark);
/* Middle of the first head of the event that a mark stands at. */
double vertical_mark_center(const struct vertical_staff *at, const struct music_mark *mark);

/* place.c: pieces of ink and where they go. */
struct ink vertical_glyph(enum ink_role role, enum music_glyph glyph, double x, double y,
                          double size);
struct ink vertical_line(enum ink_role role, double x, double y, double x2, double y2);
struct ink vertical_text(enum ink_role role, const struct ink_font *font, const char *text,
                         double x, double y);
/* Into the staff's ink and both skylines. */
void vertical_add(const struct vertical_staff *at, const struct ink *ink);
void vertical_add_all(const struct vertical_staff *at, const struct ink_list *list);
/* Outermost y of what is there. side -1 above, +1 below. */
double vertical_edge(const struct vertical_staff *at, int side, double left, double right);
/* Does a beam between staves, or a stem to one, cross the gap on this side? */
bool vertical_is_crossed(const struct vertical_staff *at, int side, double left, double right);
/* `side`, or the other one where the gap is crossed there and not on the other side. */
int vertical_free_side(const struct vertical_staff *at, int side, double left, double right);
/* y for a box (relative to y 0): not nearer to the staff than default_y, `gap` clear of all ink. */
double vertical_clear(const struct vertical_staff *at, int side, const struct ink_box *box,
                      double default_y, double gap);
/* Move a list made around y 0 to where it is clear and add it; returns its y. */
double vertical_place(const struct vertical_staff *at, struct ink_list *list, int side,
                      double default_y, double gap);
struct ink_box vertical_box(const struct ink_list *list);
void vertical_push(const struct vertical_staff *at, struct ink_list *list, const struct ink *ink);
void vertical_tint(struct ink *ink, const struct music_look *look);
/* notation_tag_length, within what still makes a page. */
double vertical_length(const struct notation_tag *tag, const char *name, double fallback);
#define VERTICAL_LENGTH_MAX 500.0 /* sp */
/* Below the bottom line: the same distance for staves of any height. */
double vertical_bottom(const struct vertical_staff *at);

/* One a part, in this order. */
void articulations_layout(const struct vertical_staff *at);
void ties_layout(const struct vertical_staff *at);
void slurs_layout(const struct vertical_staff *at);
void tuplets_layout(const struct vertical_staff *at);
void fingerings_layout(const struct vertical_staff *at);
void ornaments_layout(const struct vertical_staff *at);
void glissandos_layout(const struct vertical_staff *at);
void breaths_layout(const struct vertical_staff *at);
void dynamics_layout(const struct vertical_staff *at);
void pedals_layout(const struct vertical_staff *at);
void octavas_layout(const struct vertical_staff *at);
void lyrics_layout(struct vertical_staff *at);
void texts_layout(const struct vertical_staff *at);
void numbers_layout(const struct vertical_staff *at);
void tempos_layout(const struct vertical_staff *at);
void voltas_layout(const struct vertical_staff *at);
void marks_layout(const struct vertical_staff *at);
/* tuplets.c: do its chords stand on several staves? Its figure, at y 0; false: it has none. */
bool tuplet_spans_staves(const struct vertical_staff *at, const struct vertical_piece *piece);
bool tuplet_figure(const struct vertical_staff *at, const struct music_span *span,
                   struct ink *figure);
/* systems.c: y of the staves, then what joins them. */
void staves_place(struct vertical *vertical, struct vertical_system *system,
                  const struct placed_system *placed);
void systems_layout(struct vertical *vertical);
/* Left edge (x, negative) of what stands before the staves. */
double groups_layout(struct vertical *vertical, struct vertical_system *system, uint32_t system_i);
/* Do bar lines run from this staff to the next visible one somewhere in the system? */
bool vertical_is_joined(const struct vertical_staff *at);
void bars_layout(struct vertical *vertical, struct vertical_system *system, uint32_t system_i);
void names_layout(struct vertical *vertical, struct vertical_system *system, uint32_t system_i,
                  double group_left);
/* Before anything hangs on the staves: tips of brackets reach over the first and last one. */
void groups_reserve(struct vertical *vertical, uint32_t system_i);
/* Beams over several staves: before anything hangs on the staves; when their distance is known. */
void cross_beams_plan(struct vertical *vertical, uint32_t system_i);
void cross_beams_settle(struct vertical *vertical, uint32_t system_i);
/* Slurs, ties, glissandos between staves, figures of tuplets on several. */
void cross_staff_layout(struct vertical *vertical, struct vertical_system *system);

struct engraved_page;
struct engraved_system;
/* page_breaks.c: the page of each system and its y under the top margin. Returns the pages. */
uint32_t page_breaks_layout(struct vertical *vertical, double first_page_top, double page_height);
/* pages.c: systems to pages, texts of the page; in the arena. false: arena full. */
bool pages_layout(struct vertical *vertical, struct engraved_page **pages, uint32_t *n_pages);
/* page_texts.c: title, composer, footer of the first page; all around the page's corners. */
struct page_frame {
    double width, height, left, top, right, bottom;
}; /* size and margins, sp */
void page_texts_ink(const struct vertical *vertical, const struct page_frame *frame,
                    struct ink_list *list);
/* y under the page's top that the texts at the top take; 0 when there are none. */
double page_texts_height(const struct vertical *vertical, const struct page_frame *frame);
double page_texts_width(const struct vertical *vertical);
/* events.c: facts of each system, then all of them in page coordinates; systems: one a
 * placed one. */
void facts_collect(struct vertical *vertical);
void events_layout(struct vertical *vertical, const struct engraved_page *pages,
                   struct engraved_system *systems);

#endif
