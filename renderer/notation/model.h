/* The notation model: a score as it was written (GMN, MusicXML), with exact
 * dates, before any decision about its look. Plain data in one arena; readers
 * fill it through model_builder.h, printing gives GMN text again, the passes in
 * music/ read it. Names: reference gmn.md. */
#ifndef LEGGIO_NOTATION_MODEL_H
#define LEGGIO_NOTATION_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/notation/arena.h"
#include "renderer/score/rational.h"

#define NOTATION_NONE UINT32_MAX /* no index */

enum notation_tag_kind {
    TAG_UNKNOWN, /* kept for printing; its notes count */
#define TAG(enumerator, name, aliases, form, params) TAG_##enumerator,
#include "renderer/notation/tags.def"
#undef TAG
    TAG_COUNT
};

enum notation_unit {                     /* gmn.md 7 */
                     NOTATION_UNIT_NONE, /* as \units says, default hs */
                     NOTATION_UNIT_HS,
                     NOTATION_UNIT_CM,
                     NOTATION_UNIT_MM,
                     NOTATION_UNIT_IN,
                     NOTATION_UNIT_M,
                     NOTATION_UNIT_PT,
                     NOTATION_UNIT_PC,
                     NOTATION_UNIT_RL,
                     NOTATION_UNIT_MS,
                     NOTATION_UNIT_S,
};

enum notation_param_kind { NOTATION_PARAM_STRING, NOTATION_PARAM_INTEGER, NOTATION_PARAM_FLOAT };

struct notation_param {
    const char *name; /* NULL: given by place */
    enum notation_param_kind kind;
    const char *text; /* string without quotes, escapes resolved; a bare word too */
    bool is_word;     /* without quotes: kept for printing, otherwise ignored (gmn.md 7) */
    double number;
    enum notation_unit unit;
};

/* A tag. `first` is its own place among the items of its voice; a range goes on to its TAG_END at
 * `end`, a position tag has end == first and has_range false. Begin/End pairs are ranges too. A tag
 * of a chord member has the place of its chord as first and end, and counts its event as inside. */
struct notation_tag {
    enum notation_tag_kind kind;
    const char *name; /* as written, without Begin */
    bool is_pair;     /* written as Begin ... End */
    bool has_range;
    bool is_automatic; /* made by a reader (MusicXML), not written by the author */
    bool is_member;    /* written at a chord member; a pair that begins there is an item too */
    int64_t id;        /* \slur:2; -1 none */
    enum notation_unit default_unit; /* of its numbers without unit: NONE is hs, as \units says */
    struct notation_param *params;
    uint32_t n_params;
    uint32_t first, end;             /* items */
    uint32_t first_event, end_event; /* events of the voice inside: [first_event, end_event[ */
    int line, column;                /* of the backslash, from 1; 0 unknown */
};

enum notation_event_kind {
    NOTATION_CHORD, /* one note or more, rests among them possible */
    NOTATION_REST,
    NOTATION_EMPTY, /* time without drawing */
};

struct notation_note {
    bool is_rest;             /* a rest as chord member */
    bool is_empty;            /* `empty` as chord member: is_rest too, takes time, is not drawn */
    bool is_tab;              /* string s1..s6 with text */
    int step;                 /* 0 = c ... 6 = b */
    int alter;                /* written accidentals, sharps positive; `cis` counts 1 */
    double detune;            /* \alter: added, semitones */
    int octave;               /* c1 = middle c: 1 */
    int tab_string;           /* 1 the highest */
    const char *text;         /* tablature */
    struct rational duration; /* of this member, 0 for grace */
    uint32_t *tags;           /* indices of tags around or before this member alone */
    uint32_t n_tags;
    uint32_t event; /* its event */
};

struct notation_event {
    enum notation_event_kind kind;
    struct rational date;     /* from the start of the score, whole notes, reduced */
    struct rational duration; /* the longest member; what the voice advances by; grace notes: 0 */
    struct rational written;  /* as written (grace notes keep it), dots included */
    int n_dots;               /* as written: printing */
    bool is_grace, is_cue;
    struct notation_note *notes; /* CHORD only, as written */
    uint32_t n_notes;
    uint32_t item; /* its place among the items */
    int line, column;
};

enum notation_item_kind {
    NOTATION_ITEM_EVENT,
    NOTATION_ITEM_TAG,     /* position tag, or the start of a range */
    NOTATION_ITEM_TAG_END, /* end of a range */
};

struct notation_item {
    enum notation_item_kind kind;
    uint32_t index;       /* into events or tags */
    struct rational date; /* where it stands */
};

/* `|` is a TAG_BAR. Tags of chord members are in tags too, but not among the items. */
struct notation_voice {
    struct notation_item *items;
    size_t n_items, items_capacity;
    struct notation_event *events;
    size_t n_events, events_capacity;
    struct notation_tag *tags;
    size_t n_tags, tags_capacity;
    struct rational duration;
};

/* Layout settings by variables, gmn.md 1. */
struct notation_settings {
    double system_distance, system_distribution, system_distribution_limit;
    double force, spring, neighborhood_spacing, optimal_page_fill, resize_page, check_lyrics;
};

/* A warning or error: position from 1, 0 when there is none. */
struct notation_message {
    int line, column;
    char text[200];
};

#define NOTATION_WARNINGS_MAX 20

struct notation {
    struct arena *arena; /* owned */
    struct notation_voice *voices;
    size_t n_voices, voices_capacity;
    struct notation_settings settings;
    struct rational duration; /* the longest voice */
    /* MusicXML that gives printed signs: the passes do not compute their own */
    bool has_own_accidentals, has_own_beams;
    struct notation_message warnings[NOTATION_WARNINGS_MAX];
    size_t n_warnings; /* all; only the first NOTATION_WARNINGS_MAX are kept */
};

void notation_destroy(struct notation *notation);

/* GMN text of a model, one voice a line; malloc'ed, NULL when out of memory. Reading it again
 * gives an equal model (test). */
char *notation_print(const struct notation *notation);
bool notation_equal(const struct notation *a, const struct notation *b);

/* The row of a tag kind: canonical name. */
const char *notation_tag_name(enum notation_tag_kind kind);

/* Parameter of a tag by name or by its place in the tag's list (gmn.md 7, table of 8); NULL when
 * it is not given. */
const struct notation_param *notation_tag_param(const struct notation_tag *tag, const char *name);
/* Text of a string parameter, or fallback. */
const char *notation_tag_text(const struct notation_tag *tag, const char *name,
                              const char *fallback);
/* A length in staff spaces (1 sp = 6 pt = 2 hs), unit resolved (what
 * \units set for numbers without); fallback in sp. */
double notation_tag_length(const struct notation_tag *tag, const char *name, double fallback);
/* A plain number, or fallback. */
double notation_tag_number(const struct notation_tag *tag, const char *name, double fallback);
/* true on yes 1 (gmn.md 7) are true, other values false; or fallback. */
bool notation_tag_bool(const struct notation_tag *tag, const char *name, bool fallback);

/* Lengths, gmn.md 11: one staff space is 6 pt of 72.27 an inch. */
#define NOTATION_CM_PER_SPACE (6.0 / 72.27 * 2.54)

#endif
