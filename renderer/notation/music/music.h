/* Music arranged for drawing: what stands on which staff, with which head, stem,
 * accidental, beam and tie, and where lines may break; no geometry. Made from the
 * model by the passes (arrange.h), read by the layout. Plain data in the model's
 * arena. Heights: `position` counts half spaces upwards from the middle line of a
 * five-line staff (bottom line -4, top line 4), whatever the clef. */
#ifndef LEGGIO_NOTATION_MUSIC_H
#define LEGGIO_NOTATION_MUSIC_H

#include "renderer/notation/transposition.h"

/* Head and rest values as powers of two: breve -1, whole 0, half 1, quarter 2, ... 128th 7. */
#define MUSIC_VALUE_BREVE   (-1)
#define MUSIC_VALUE_WHOLE   0
#define MUSIC_VALUE_HALF    1
#define MUSIC_VALUE_QUARTER 2
#define MUSIC_VALUE_MAX     8

struct music_color {
    uint8_t r, g, b, a;
};
/* Colour, offset, size that tags give (color, dx, dy, size; noteFormat ...). */
struct music_look {
    struct music_color color; /* black opaque by default */
    double dx, dy;            /* sp; right and up positive */
    double size;              /* 1 */
};

enum music_accidental {
    MUSIC_ACCIDENTAL_NONE,
    MUSIC_DOUBLE_FLAT,
    MUSIC_FLAT_AND_HALF /* -3/4 tone */,
    MUSIC_FLAT,
    MUSIC_HALF_FLAT,
    MUSIC_NATURAL,
    MUSIC_HALF_SHARP,
    MUSIC_SHARP,
    MUSIC_SHARP_AND_HALF,
    MUSIC_DOUBLE_SHARP,
    MUSIC_ACCIDENTAL_TEXT, /* \alter<text> */
};
enum music_head_style {
    MUSIC_HEAD_STANDARD,
    MUSIC_HEAD_X,
    MUSIC_HEAD_DIAMOND,
    MUSIC_HEAD_SQUARE,
    MUSIC_HEAD_ROUND,
    MUSIC_HEAD_TRIANGLE,
    MUSIC_HEAD_REVERSED_TRIANGLE,
    MUSIC_HEAD_SLASH,
    MUSIC_HEAD_CIRCLE_X,
    MUSIC_HEAD_NONE, /* takes place, is not drawn */
};
enum music_bracket {
    MUSIC_BRACKET_NONE,
    MUSIC_BRACKET_ROUND,
    MUSIC_BRACKET_SQUARE,
    MUSIC_BRACKET_ANGLE
};
enum music_head_side {
    MUSIC_SIDE_NORMAL,
    MUSIC_SIDE_REVERSE,
    MUSIC_SIDE_CENTER,
    MUSIC_SIDE_LEFT,
    MUSIC_SIDE_RIGHT
};

struct music_head {
    const struct notation_note *note; /* where it comes from */
    int position;                     /* tablature: 5 is string 1 ... -5 string 6 */
    enum music_head_style style;
    enum music_bracket bracket;
    enum music_head_side side;
    enum music_accidental accidental; /* what is drawn; NONE = nothing */
    bool is_accidental_bracketed;     /* cautionary */
    const char *accidental_text;
    const char *tab_text; /* tablature: text on line `position`, no head */
    double pitch;         /* sounding, MIDI number with detune */
    struct music_look look, accidental_look, dot_look;
    uint32_t tie_to_chord; /* the next part or note it is tied to; NOTATION_NONE */
    uint32_t tie_to_head;
    const struct notation_tag *tie_tag; /* NULL for ties that splitting made */
    int tie_side;                       /* +1 above, -1 below, 0 as the rules say */
};

/* A sign that belongs to one chord: articulations, ornaments, fermata, fingering, bow,
 * arpeggio, tremolo strokes ... kind is the tag's kind. */
struct music_sign {
    enum notation_tag_kind kind;
    const struct notation_tag *tag;
    int side;         /* +1 above, -1 below, 0 by rule */
    const char *text; /* fingering, accidental of a trill ... */
    uint32_t head;    /* of a member of the chord alone; NOTATION_NONE */
};

struct music_syllable {
    const char *text; /* UTF-8 */
    int verse;        /* 0 is the first line */
    bool has_hyphen;  /* one follows, centred before the next syllable */
    bool has_extender;
    const struct notation_tag *tag;
};

enum music_chord_kind { MUSIC_CHORD, MUSIC_REST, MUSIC_SPACER };

/* One drawn part of an event: a note that is split by a bar gives several. */
struct music_chord {
    enum music_chord_kind kind;
    uint32_t voice, staff; /* indices into music.voices (= notation.voices), music.staves */
    uint32_t measure;      /* index into music.measures */
    uint32_t event;        /* of the voice; NOTATION_NONE */
    bool is_continuation;  /* second or later part of its event */
    struct rational date, duration; /* score time; duration 0: grace, or a *0 note */
    int value, n_dots;              /* what is drawn */
    bool is_grace, has_slash, is_cue, is_hidden;
    bool is_measure_rest; /* centred in its measure */
    bool is_tremolo_pair; /* one of two notes that share a written duration: span TREMOLO_PAIR */
    int n_measures;       /* \mrest: number over it; 0 */
    bool is_in_voices;    /* another voice sounds on the staff in this measure */
    int voice_side;       /* +1 upper, -1 lower voice of its staff, 0 alone */
    struct music_head *heads; /* lowest first */
    uint32_t n_heads;
    int rest_position; /* middle of a rest, half spaces above the middle line */
    int stem;          /* +1 up, -1 down, 0 none */
    bool is_stem_forced;
    double stem_length; /* sp, NAN = by rule */
    uint32_t beam;      /* index into music.beams, NOTATION_NONE = flags */
    uint32_t tuplet;    /* innermost span of kind TUPLET, NOTATION_NONE */
    bool is_cluster;    /* filled block between lowest and highest head */
    const struct notation_tag *cluster_tag;
    struct music_look look; /* of rests, stems */
    struct music_sign *signs;
    uint32_t n_signs;
    struct music_syllable *syllables;
    uint32_t n_syllables;
    /* \space<dd> before it: fixed distance from the event before, sp; 0 none. */
    double space_before;
    uint32_t next_in_voice; /* following chord of the voice, NOTATION_NONE; members of a chord that
                               end early stand in chords of their own, outside of this chain */
    bool is_side;           /* such a chord: same date as the longest members' chord */
};

/* Chords joined by a beam; levels[i]: beams at chord i, to_left/to_right how many of them go on. */
struct music_beam_member {
    uint32_t chord;
    uint8_t levels, to_left, to_right;
    int8_t stub; /* fractional beams point left -1 or right +1 */
};
struct music_beam {
    struct music_beam_member *members;
    uint32_t n_members;
    const struct notation_tag *tag;  /* explicit beam: dy, dx1 ...; NULL automatic */
    bool is_feathered;               /* levels of members are 1: the ends say the rest */
    int feather_first, feather_last; /* levels at both ends */
    bool is_grace;
    bool is_cross_staff; /* members on more than one staff: stems go both ways */
};

enum music_span_kind {
    MUSIC_SLUR,
    MUSIC_CRESCENDO,
    MUSIC_DIMINUENDO,
    MUSIC_OCTAVA,
    MUSIC_TUPLET,
    MUSIC_VOLTA,
    MUSIC_GLISSANDO,
    MUSIC_TRILL_LINE,
    MUSIC_ACCELERANDO,
    MUSIC_RITARDANDO,
    MUSIC_TREMOLO_PAIR,
    MUSIC_TEXT_RANGE,
    MUSIC_PEDAL_LINE,
};
struct music_span {
    enum music_span_kind kind;
    const struct notation_tag *tag; /* NULL: automatic (tuplets) */
    uint32_t voice, staff;
    uint32_t first_chord, last_chord; /* both inside; NOTATION_NONE when there is none */
    struct rational begin, end;
    int side;            /* +1 above, -1 below, 0 by rule */
    int number, against; /* tuplet figure n:m (against 0: not shown); octava: 1, 2, -1, -2 */
    bool has_bracket, has_number, has_left_hook, has_right_hook;
    bool is_open_left, is_open_right; /* unmatched begin or end */
    const char *text;                 /* volta mark, accel. text ... */
    struct music_look look;
};

enum music_clef_sign {
    MUSIC_CLEF_NONE,
    MUSIC_CLEF_G,
    MUSIC_CLEF_GG,
    MUSIC_CLEF_F,
    MUSIC_CLEF_C,
    MUSIC_CLEF_PERCUSSION,
    MUSIC_CLEF_TAB
};
struct music_clef {
    enum music_clef_sign sign;
    int line;     /* 1 lowest ... 5; 0: one ledger line below */
    int octaves;  /* +1 for +8, -2 for -15: small figure, and what is read */
    int middle_c; /* position of c1 under this clef, octaves included */
};
struct music_key {
    int fifths; /* flats negative */
    bool is_free;
    int n_signs; /* at most 16 */
    struct music_key_sign {
        enum music_accidental accidental;
        int step;
        int position;
    } signs[16];
    int n_naturals; /* signs of the old key that are cancelled first */
    struct music_key_sign naturals[16];
    /* What is drawn above what sounds; it is in `signs` already. */
    struct notation_interval written;
};
enum music_meter_look {
    MUSIC_METER_NUMBERS,
    MUSIC_METER_COMMON,
    MUSIC_METER_CUT,
    MUSIC_METER_NONE
};
struct music_meter {
    enum music_meter_look look;
    int n_parts; /* 2+3/8: 2 numerators; 3/4+2/8: 2 fractions */
    struct {
        int num, den;
    } parts[8];
    bool is_sum_of_fractions;
    bool has_auto_bars, is_hidden;
    struct rational length; /* of a measure; 0 when there is none */
};

enum music_mark_kind {
    MUSIC_MARK_CLEF,
    MUSIC_MARK_KEY,
    MUSIC_MARK_METER, /* signatures: at a staff and date */
    MUSIC_MARK_TEXT,
    MUSIC_MARK_DYNAMIC,
    MUSIC_MARK_TEMPO,
    MUSIC_MARK_REHEARSAL,
    MUSIC_MARK_HARMONY,
    MUSIC_MARK_JUMP /* coda, segno, D.C. ... */,
    MUSIC_MARK_PEDAL_ON,
    MUSIC_MARK_PEDAL_OFF,
    MUSIC_MARK_BREATH,
    MUSIC_MARK_INSTRUMENT,
    MUSIC_MARK_FERMATA,
    MUSIC_MARK_BOW,
    MUSIC_MARK_SPECIAL,
    MUSIC_MARK_SYMBOL,
};
struct music_mark {
    enum music_mark_kind kind;
    const struct notation_tag *tag; /* NULL: default clef and the like */
    uint32_t voice, staff;
    struct rational date;
    uint32_t measure;
    uint32_t chord; /* the next chord of the voice at this date, NOTATION_NONE at the end */
    bool is_hidden;
    bool is_before_bar; /* a clef change goes before the bar line of its date */
    const char *text;   /* resolved: "mf", "Allegro [1/4] = 92", "A"; dynamics: `before` and `after`
                           of the tag are not in it */
    struct music_clef clef;
    struct music_key key;
    struct music_meter meter;
    struct music_look look;
};

enum music_bar_kind {
    MUSIC_BAR_NONE,
    MUSIC_BAR_SINGLE,
    MUSIC_BAR_DOUBLE,
    MUSIC_BAR_FINAL,
    MUSIC_BAR_REPEAT_BEGIN,
    MUSIC_BAR_REPEAT_END,
    MUSIC_BAR_REPEAT_BOTH,
    MUSIC_BAR_DASHED,
    MUSIC_BAR_DOTTED,
    MUSIC_BAR_HEAVY_LIGHT
};
/* A bar line of one staff, at a date. */
struct music_bar {
    enum music_bar_kind kind;
    uint32_t staff;
    struct rational date;
    bool is_hidden, shows_number;
    bool is_plain; /* a hidden repeat on a bar line: drawn as a single one */
    int number;    /* of the measure that begins here */
    const struct notation_tag *tag;
};

/* A stretch between two bar lines (or event boundaries) common to all staves: lines break only
 * between measures. Without meter and bars each common event boundary ends one. */
struct music_measure {
    struct rational begin, end;
    int number;        /* 0: upbeat or unnumbered */
    bool shows_number; /* autoMeasuresNum or \bar<displayMeasNum> */
    bool ends_with_bar;
    bool may_break_after;
    bool ends_inside; /* of a stretch that is kept together elsewhere, but is too long for a line */
    bool breaks_system_after, breaks_page_after; /* forced */
};

struct music_staff {
    int number;  /* as written */
    int n_lines; /* 5; any number is centred on position 0 */
    bool is_tab;
    double space;          /* size of a space relative to the standard one: 1 */
    double line_thickness; /* of a space: 0.1 */
    double distance;       /* sp, extra fixed gap to the staff above; 0 */
    struct music_color color;
    const char *instrument, *instrument_short; /* NULL */
    struct music_off {
        struct rational begin, end;
    } * hidden; /* staffOff ... staffOn */
    uint32_t n_hidden;
    uint32_t n_voices;
};

struct music_group { /* \accol */
    uint32_t first_staff, last_staff;
    enum { MUSIC_GROUP_BRACKET, MUSIC_GROUP_BRACE, MUSIC_GROUP_THIN, MUSIC_GROUP_NONE } kind;
};
struct music_bar_span {
    uint32_t first_staff, last_staff;
    struct rational date;
}; /* \barFormat: from date on */

struct music_page_text { /* title, composer, footer */
    const struct notation_tag *tag;
    const char *text, *page_format, *text_format, *font, *attributes;
    double size_sp;
    struct music_look look;
};

struct music_page_format { /* sp */
    double width, height, left, top, right, bottom;
    bool is_set;
};

struct music_voice {
    uint32_t first_chord; /* chain by next_in_voice; NOTATION_NONE */
    bool end_bar, auto_stretch_last_line, auto_stretch_first_line, auto_system_break,
        auto_page_break;
};

struct music_jump {
    struct rational at;
    enum notation_tag_kind kind;
    const struct notation_tag *tag;
};
struct music_repeat {
    struct rational begin, end;
    int times;
};
struct music_ending {
    struct rational begin, end;
    uint32_t passes; /* bit n: taken on pass n + 1 */
};

enum music_numbering {
    MUSIC_NUMBERS_OFF,
    MUSIC_NUMBERS_EACH,
    MUSIC_NUMBERS_SYSTEM,
    MUSIC_NUMBERS_PAGE
};

/* Music that goes on where earlier music was laid out for good (stream/): the line before is full,
 * and nothing sounds, is tied or spans across `date`. Dates and numbers count from the start of the
 * piece, indices from here. */
struct accidental_memory; /* notes/accidentals.h */
struct music_before_voice {
    bool has_bar; /* its last bar before the date */
    struct rational bar_date;
    int bar_number;
    uint32_t n_chords; /* since that bar, or since the begin */
    bool is_steady;    /* since then no meter changed, and no bar was left out in a long rest */
};
struct music_before {
    struct rational date;
    bool ends_with_bar, breaks_page; /* the measure before */
    struct music_before_voice *voices;
    size_t n_voices;
    struct accidental_memory **accidentals; /* one a staff */
    size_t n_staves;
};

struct music {
    const struct notation *notation;   /* borrowed */
    const struct music_before *before; /* borrowed; NULL: begins at 0 */
    struct music_chord *chords; /* by date, then staff, then voice; grace notes before their note */
    size_t n_chords;
    struct music_beam *beams;
    size_t n_beams;
    struct music_span *spans;
    size_t n_spans;
    struct music_mark *marks; /* by date */
    size_t n_marks;
    struct music_bar *bars; /* by date, then staff */
    size_t n_bars;
    struct music_measure *measures; /* at least one when there is any event */
    size_t n_measures;
    struct music_staff *staves;
    size_t n_staves;
    struct music_voice *voices;
    size_t n_voices;
    struct music_group *groups;
    size_t n_groups;
    struct music_bar_span *bar_spans;
    size_t n_bar_spans;
    struct music_page_text *page_texts;
    size_t n_page_texts;
    struct music_page_format page;  /* of the first \pageFormat, or A4 with 2 cm */
    double first_indent;            /* sp, \systemFormat<dx> */
    enum music_numbering numbering; /* autoMeasuresNum; EACH is in the measures' shows_number too */
    bool repeats_tied_accidentals;  /* \set<autoHideTiedAccidentals="off"> */
    const char *fingering_position, *harmony_position; /* \set: "above", "below"; NULL */
    double fingering_size;                             /* sp, \set; 0: as the tag says */
    struct music_jump *jumps; /* segno, coda, fine, D.C. ... for the time map */
    size_t n_jumps;
    struct music_repeat *repeats;
    size_t n_repeats;
    struct music_ending *endings;
    size_t n_endings;
    struct rational duration;
};

/* All passes in order. *out lives in the notation's arena.
 * returns 0; LG_ETOOLARGE when a limit of the arena was met; LG_ENOMEM */
int music_arrange(const struct notation *notation, struct music **out);
/* The same for a notation whose voices begin at before->date. */
int music_arrange_after(const struct notation *notation, const struct music_before *before,
                        struct music **out);
/* What stands before `date` of the notation's music, a boundary of its measures: arranges once more
 * and fills out with pieces of `arena`; ends_with_bar and breaks_page are the caller's. */
int music_before_make(const struct notation *notation, const struct music_before *before,
                      struct rational date, struct arena *arena, struct music_before *out);

#endif
