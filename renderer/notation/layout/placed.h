/* Between the stages of the layout: systems whose horizontal places are final
 * (columns.c, break_lines.c) and whose notes are engraved relative to their staff
 * (note_layout.c), ready for everything that hangs above and below (vertical.c).
 *
 * Coordinates of a placed staff: x in sp from the left end of the system's staff
 * lines, y in sp below the staff's top line; both in standard spaces (a staff with
 * space 0.8 has its lines 0.8 apart). */
#ifndef LEGGIO_NOTATION_PLACED_H
#define LEGGIO_NOTATION_PLACED_H

#include "renderer/notation/ink.h"
#include "renderer/notation/layout/skyline.h"

/* A chord with its place; heads, stems, flags, accidentals, dots, ledgers are in the
 * staff's ink. */
struct placed_chord {
    uint32_t chord;               /* index in music.chords */
    uint32_t system, staff_i;     /* staff_i: index into the system's staves */
    double x;                     /* left edge of the main head column (or of the rest) */
    double center_x;              /* middle of the main head column: where signs stand */
    double left, right;           /* ink from accidentals to dots and flags, absolute x */
    double note_top, note_bottom; /* outer heads' ink, y */
    int stem;                     /* final: +1 up, -1 down, 0 none */
    double stem_x;                /* middle of the stem */
    double stem_start, stem_tip;  /* y at the outer head and at the tip */
    struct ink_box *heads;        /* one a head, same order as the chord's */
    size_t first_ink, end_ink;    /* in its staff's list; stems of beams come behind */
};

struct placed_staff {
    uint32_t staff; /* index in music.staves */
    double space;   /* of this staff */
    double height;  /* top to bottom line */
    bool is_hidden; /* staffOff all through */
    struct ink_list ink;
    struct skyline above, below; /* outline of the ink per x; vertical.c makes them from `ink`
                                  * (everything of the horizontal half is in it) */
    struct skyline crossed_above, crossed_below; /* beams between staves: signs keep clear of them,
                                                  * but they do not push the staves apart */
    double y; /* of the top line under the system's top staff line; vertical.c */
};

struct placed_column {
    struct rational date;
    double x;
}; /* left edge of the heads, by date */
/* Ink of the bar line that ends a measure (repeat begins at a system's start too: then `measure`
 * is NOTATION_NONE). On each staff it is drawn already, in staff.ink with ROLE_BAR and
 * ROLE_REPEAT_DOT; vertical.c joins it over the gaps between staves (\barFormat, groups) by
 * repeating its lines: n_lines of them, left edge and thickness. */
struct placed_bar {
    uint32_t measure;
    double left, right;
    struct rational date;
    enum music_bar_kind kind;
    struct {
        double left, thickness;
    } lines[3];
    uint32_t n_lines;
};

struct placed_system {
    uint32_t first_measure, end_measure;
    struct rational begin, end;
    double indent;               /* staff lines start here, from the left margin */
    double width;                /* of the staff lines */
    double natural_width;        /* at force 1 */
    double music_x;              /* where the first column may start: after clef, key, meter */
    struct placed_staff *staves; /* visible and hidden ones, in order of music.staves */
    uint32_t n_staves;
    uint32_t first_chord, end_chord; /* range in placed_score.chords */
    struct placed_column *columns;
    uint32_t n_columns;
    struct placed_bar *bars;
    uint32_t n_bars;
    bool starts_page; /* forced by \newPage */
    bool is_last;
};

struct placed_score {
    const struct music *music;
    struct placed_system *systems;
    uint32_t n_systems;
    struct placed_chord *chords; /* by system, then as in music.chords */
    uint32_t n_chords;
    uint32_t *chord_place; /* music chord index -> index in chords */
};

struct layout_before; /* resume.h */
struct layout_next;
struct layout_options {
    double page_width, page_height; /* sp; 0 = as the score says */
    bool crops_page;                /* cut the page to the music (gmn.md 11); default true */
    bool is_live; /* lines and pages that have been on the stands stay (engraving.h) */
    const struct layout_before *before; /* with music.before; NULL */
    struct layout_next *next;           /* NULL: nobody goes on */
};

/* Columns, springs, line breaks, notes, beams, key and clef changes, bar lines: everything whose
 * height above its staff does not depend on what else is there. In the arena. 0, LG_ETOOLARGE. */
int horizontal_layout(struct arena *arena, const struct music *music,
                      const struct layout_options *options, struct placed_score **out);

struct engraving; /* engraving.h */
/* Ties, slurs, articulations, dynamics, texts, lyrics, spans, staff distances, groups, pages. */
int vertical_layout(struct arena *arena, struct placed_score *placed,
                    const struct layout_options *options, struct engraving *out);

#endif
