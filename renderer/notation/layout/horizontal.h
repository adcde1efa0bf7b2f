/* What the files of the horizontal layout share: plans of chords (relative to their
 * column), slots (columns and the gutters between measures), lines. Nobody else reads
 * this; the result is placed.h. x counts from the column, y from the staff's top line. */
#ifndef LEGGIO_NOTATION_HORIZONTAL_H
#define LEGGIO_NOTATION_HORIZONTAL_H

#include "renderer/notation/font.h"
#include "renderer/notation/layout/engraving_rules.h"
#include "renderer/notation/layout/placed.h"
#include "renderer/notation/layout/resume.h"

struct head_plan {
    double dx; /* left edge of the head, from the chord's main column */
    double width;
    double accidental_x; /* left edge of the accidental's origin, from the column */
    double accidental_left;
    int dot_position; /* half spaces; HEAD_NO_DOT: none here */
};
#define HEAD_NO_DOT 10000

struct chord_plan {
    double scale;                   /* staff space x grace or cue size */
    double dx;                      /* main head column, from the column's x */
    double head_width;              /* of the main column */
    double heads_left, heads_right; /* from the column */
    double left, right;             /* all ink from the column; left <= 0 usually */
    double stem_dx;                 /* middle of the stem, from the column */
    double stem_start, stem_tip;
    double dot_x;
    int rest_position;
    int stem;
    bool is_prefix;    /* grace, or takes no time: stands before the column's notes */
    bool shares_heads; /* in unison with the voice above: its dots are there */
    double arpeggio_x;
    uint32_t slot;
};

/* Signs that stand between columns: clef, bar line, key, meter at one date. Offsets from the
 * gutter's x, which is the left edge of its bar line. */
struct gutter {
    struct rational date;
    uint32_t measure; /* that begins here; music.n_measures at the end */
    bool is_boundary; /* between two measures: a line may break here */
    bool is_empty;
    uint32_t first_mark, end_mark, first_bar, end_bar;
    double bar_width;
    double clef_left; /* room of a clef change, which stands before the bar (16.42) */
    double key_x, meter_x;
    double right;     /* end of all signs in the middle of a line */
    double end_right; /* end of what stays when the line ends here */
    double to_note;   /* from `right` to the next head */
};

enum slot_kind { SLOT_NOTES, SLOT_GUTTER };
struct slot {
    enum slot_kind kind;
    struct rational date;
    uint32_t measure;
    uint32_t gutter;                 /* SLOT_GUTTER */
    uint32_t first_chord, end_chord; /* in horizontal.order */
    uint32_t first_extent, end_extent;
    double natural; /* spring to the next slot at force 1 */
    double fixed;   /* \space: the distance to the slot before; 0 none */
    double x;
    bool has_events; /* something that takes time begins here */
};

/* Room a slot takes on one layer; layers: staves, then lyrics per staff, then texts per staff. */
struct extent {
    uint32_t layer;
    double left, right; /* from the slot's x: to the left, to the right */
    double gap;         /* to what stands before */
};

/* What stands at the left of a line: places from the start of the staff lines. */
struct header {
    double clef_x, key_x, meter_x, bar_x;
    bool has_bar; /* a repeat begins */
    double meter_width;
    double limit;   /* end of all of it */
    double to_note; /* from there to the first head */
};

/* Lines that no later measure moves: found while `reach` measures were looked at. */
struct settled {
    uint32_t n_lines, reach;
};

struct staff_state { /* what is in force on a staff */
    const struct music_mark *clef, *key, *meter;
};

struct horizontal {
    struct arena *arena;
    const struct music *music;
    const struct layout_options *options;
    struct chord_plan *chords; /* as music.chords */
    struct head_plan *heads;
    uint32_t *first_head; /* per chord */
    uint32_t *order;      /* chords by measure, then as in music.chords */
    struct ink_list ink;  /* where chords are drawn: the staff's, x from the column */
    struct slot *slots;
    size_t n_slots, slots_capacity;
    struct gutter *gutters;
    size_t n_gutters, gutters_capacity;
    struct extent *extents;
    size_t n_extents, extents_capacity;
    uint32_t *boundary_slot; /* per measure + 1: its gutter's slot; NOTATION_NONE at the start */
    struct header *headers;  /* per measure: a line that begins with it */
    double *natural_x, *least_x; /* per slot: on one endless line at force 1 and 0 */
    uint32_t *ends;              /* of lines; lines_break */
    struct settled *settled;
    size_t n_settled, settled_capacity;
    double *frontier; /* scratch per layer */
    uint32_t n_layers;
    double indents[2]; /* of the first line, of the others */
    struct placed_score *score;
};

/* --- geometry of a staff --- */
double staff_middle(const struct music_staff *staff);
double staff_height(const struct music_staff *staff);
double staff_y(const struct music_staff *staff, double position);
bool staff_is_hidden(const struct music_staff *staff, struct rational date);

/* --- ink --- */
struct ink ink_glyph(enum ink_role role, enum music_glyph glyph, double x, double y, double size,
                     struct music_color color);
struct ink ink_rectangle(enum ink_role role, double left, double top, double right, double bottom,
                         struct music_color color);
struct ink ink_line(enum ink_role role, double x, double y, double x2, double y2, double thickness,
                    struct music_color color);
#define INK_BLACK ((struct music_color){0, 0, 0, 255})

/* --- one chord (note_layout.c, chords.c, stems.c, rests.c, ledgers.c) --- */
void chord_plan_heads(struct horizontal *h, uint32_t chord_i);
void chord_plan_rest(struct horizontal *h, uint32_t chord_i);
/* Heads of a chord to both sides of its stem (16.28). */
void chord_place_seconds(const struct music_chord *chord, struct head_plan *heads, double width,
                         double stem);
void stem_plan(struct horizontal *h, uint32_t chord_i);
double stem_default_length(const struct music_chord *chord, const struct music_staff *staff,
                           double scale, int stem);
bool head_glyph(const struct music_head *head, int value, enum music_glyph *glyph);
double head_width(const struct music_head *head, int value, double scale);
struct ink_point head_attach(const struct music_head *head, int value, double scale, bool is_up);
bool accidental_glyph(enum music_accidental accidental, enum music_glyph *glyph);
enum music_glyph rest_glyph(int value, bool is_outside);
bool note_emit(struct horizontal *h, uint32_t chord_i);
bool ledgers_emit(struct horizontal *h, uint32_t chord_i);
bool rest_emit(struct horizontal *h, uint32_t chord_i);
/* Flag and stem of a chord without beam. */
bool stem_emit(struct horizontal *h, uint32_t chord_i);
int chord_tremolo_strokes(const struct music_chord *chord);
bool tremolo_emit(struct arena *arena, struct ink_list *list, const struct music_chord *chord,
                  uint32_t chord_i, double scale, double stem_x, double start, double tip,
                  int stem);

/* --- chords of one date on one staff (cells.c) --- */
/* members: n indices of music.chords, main chords and their prefixes. Fills their plans. */
void cell_layout(struct horizontal *h, const uint32_t *members, uint32_t n);
/* Staff space x grace or cue size. */
double chord_scale(const struct music *music, const struct music_chord *chord);
bool chord_is_shown(const struct horizontal *h, const struct music_chord *chord);
/* Ink of a chord at the end of h->ink, x from its column. */
bool chord_emit(struct horizontal *h, uint32_t chord_i);
void accidentals_stack(struct horizontal *h, const uint32_t *members, uint32_t n);
void dots_place(struct horizontal *h, const uint32_t *members, uint32_t n);
void voices_separate(struct horizontal *h, const uint32_t *members, uint32_t n);

/* --- signatures and bars --- */
double clef_width(const struct music_clef *clef, bool is_change);
double key_width(const struct music_key *key, bool has_naturals);
double meter_width(const struct music_meter *meter);
bool clef_emit(struct horizontal *h, struct placed_staff *staff, const struct music_mark *mark,
               double x, bool is_change);
bool key_emit(struct horizontal *h, struct placed_staff *staff, const struct music_mark *mark,
              double x, bool has_naturals);
bool meter_emit(struct horizontal *h, struct placed_staff *staff, const struct music_mark *mark,
                double x, double width);
double bar_width(enum music_bar_kind kind);
/* The kind of a bar line where its line ends, or where the next begins. */
enum music_bar_kind bar_at_line_end(enum music_bar_kind kind);
/* What is drawn of it: nothing where it is hidden. */
enum music_bar_kind bar_seen(const struct music_bar *bar);
enum music_bar_kind bar_at_line_start(enum music_bar_kind kind);
bool bar_emit(struct horizontal *h, struct placed_staff *staff, enum music_bar_kind kind, double x,
              struct placed_bar *out);
/* All staves that have a bar here show the same: the strongest. */
enum music_bar_kind gutter_bar_kind(const struct horizontal *h, const struct gutter *gutter);
void gutter_measure(const struct horizontal *h, struct gutter *gutter);
/* State of all staves after the marks at `date` and before. */
void staff_states_advance(const struct horizontal *h, struct staff_state *states, size_t *next_mark,
                          struct rational date);

/* --- columns, lines --- */
int columns_build(struct horizontal *h);
/* Places of slots [first, end[ at a force, after signs that end at `limit`, `to_note` before the
 * first head; returns the x of slot end - 1. */
double columns_place(struct horizontal *h, uint32_t first, uint32_t end, double limit,
                     double to_note, double force, double *to);
/* The same in steps. begin: state->frontier has room for all layers. go_on: slots [first, stop[ of
 * a line that ends with slot end - 1; `first` is its first slot or follows a gutter; to: may be
 * NULL. */
void columns_begin(const struct horizontal *h, double limit, double to_note,
                   struct columns_state *state);
double columns_go_on(const struct horizontal *h, struct columns_state *state, uint32_t first,
                     uint32_t stop, uint32_t end, double force, double *to);
int headers_measure(struct horizontal *h);
void header_measure(const struct horizontal *h, const struct staff_state *states, uint32_t measure,
                    struct header *out);
/* resume.c: the last clean measure that every later layout begins a line with, and what must be
 * known there, into h->options->next. false: arena full. */
bool next_find(struct horizontal *h);
/* ends[i]: the measure after line i. */
int lines_break(struct horizontal *h, uint32_t **ends, uint32_t *n_lines);
/* Length of a line of measures [from, to[; x: natural_x or least_x. */
double line_length(const struct horizontal *h, const double *x, uint32_t from, uint32_t to);
double line_width_available(const struct horizontal *h, bool is_first);
/* Room left of the staves for names. */
void indents_measure(struct horizontal *h);
double line_indent(const struct horizontal *h, bool is_first);
int lines_place(struct horizontal *h, const uint32_t *ends, uint32_t n_lines);
bool staff_lines_emit(struct horizontal *h, const struct placed_system *system,
                      struct placed_staff *staff);
bool header_emit(struct horizontal *h, struct placed_system *system,
                 const struct staff_state *states, const struct header *header);
bool gutters_emit(struct horizontal *h, struct placed_system *system, uint32_t first_slot,
                  uint32_t end_slot);
int beams_layout(struct horizontal *h, const struct placed_system *system);
/* Strokes between the two notes of each tremolo pair, when all is placed. */
int tremolo_pairs_layout(struct horizontal *h);

#endif
