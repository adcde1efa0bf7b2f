/* Inside renderer/notation/read/musicxml: one reading of a MusicXML document.
 *
 * mx_score.c finds parts and measures and their dates; mx_measure.c walks each part with a cursor;
 * mx_attributes.c, mx_note.c, mx_notations.c and mx_direction.c turn what stands there into dated
 * entries of voices; mx_emit.c sorts them and fills the model. Staves and measures count from 0,
 * texts are in the arena. Nothing is drawn or decided about looks here. */
#ifndef LEGGIO_NOTATION_MX_H
#define LEGGIO_NOTATION_MX_H

#include <libxml/tree.h>

#include "renderer/notation/read/model_builder.h"

struct mx_tags {
    struct notation_tag *tags;
    size_t n, capacity;
};

struct mx_member {
    struct notation_note note;
    struct mx_tags tags;   /* of this note alone */
    struct mx_tags begins; /* pairs that begin at it: ties */
};

/* A chord or rest with all that hangs on it. */
struct mx_event {
    enum notation_event_kind kind;
    struct rational duration, written;
    int n_dots;
    bool is_grace, is_cue;
    struct mx_member *members;
    size_t n_members, members_capacity;
    struct mx_tags before; /* position tags */
    struct mx_tags begins; /* pairs that begin here */
    struct mx_tags wraps;  /* ranges around it */
    struct mx_tags ends;   /* pairs that end behind it, and position tags behind it */
};

/* What stands at one date, in this order. */
enum mx_rank {
    MX_RANK_END,  /* what ends: hairpins, grace notes behind the last note */
    MX_RANK_CLEF, /* a change of clef goes before the bar line */
    MX_RANK_BAR,
    MX_RANK_SIGNATURE,
    MX_RANK_DIRECTION,
    MX_RANK_BEGIN,
    MX_RANK_EVENT,
};

enum mx_what { MX_TAG, MX_PAIR_BEGIN, MX_PAIR_END, MX_RANGE_OPEN, MX_RANGE_CLOSE, MX_EVENT };

struct mx_entry {
    struct rational date;
    enum mx_rank rank;
    uint32_t sequence; /* order of the document */
    enum mx_what what;
    int staff; /* of all staves of the score; -1: where the voice is */
    struct notation_tag tag;
    struct mx_event *event;
};

struct mx_voice {
    const char *name;
    int home_staff; /* of the score */
    int stem;       /* +1, -1, 0 none, 2 by rule: what was said last */
    struct mx_entry *entries;
    size_t n_entries, entries_capacity;
};

/* An entry whose voice is known only when the part has been read. */
struct mx_pending {
    struct mx_entry entry;
    const char *voice; /* NULL: the first of the staff */
};

/* A pair that waits for its end. `key`: number of a slur, pitch of a tie. */
struct mx_span {
    enum notation_tag_kind kind;
    int key;
    int64_t id;
    const char *voice; /* where it began */
    int staff;
};

#define MX_SPANS_MAX  128
#define MX_VOICES_MAX 64
#define MX_STAVES_MAX 32
#define MX_PARTS_MAX  256
#define MX_VERSES_MAX 8

struct mx_part {
    const char *id, *name;
    int first_staff, n_staves; /* of the score */
    struct mx_voice voices[MX_VOICES_MAX];
    size_t n_voices;
    struct mx_pending *pending;
    size_t n_pending, pending_capacity;
    struct mx_span spans[MX_SPANS_MAX];
    size_t n_spans;
    xmlNode **contents; /* per measure; NULL: the part has none */
    /* the cursor */
    int64_t divisions;
    struct rational position; /* in the measure */
    struct mx_event *last;    /* what a <chord/> joins */
    struct mx_voice *last_voice;
    bool is_tab[MX_STAVES_MAX];
};

struct mx_measure {
    struct rational start, length;
    bool has_repeat_begin, has_repeat_end; /* at its left, at its right */
    const char *right, *left;              /* bar-style or NULL */
};

/* A bracket over parts, <part-group>. */
struct mx_group {
    int number, first_part, last_part;
    const char *symbol;
    bool has_bars, is_open;
};

struct mx {
    struct model_builder *builder;
    struct arena *arena;
    struct notation_message *error;
    int code;
    struct mx_part *parts;
    size_t n_parts, parts_capacity;
    struct mx_measure *measures;
    size_t n_measures, measures_capacity;
    struct mx_group *groups;
    size_t n_groups, groups_capacity;
    int n_staves;
    uint32_t sequence;
    int64_t next_id;
    bool has_accidentals, has_beams;
    size_t measure; /* under way */
    struct mx_part *part;
};

/* -- musicxml.c --------------------------------------------------------------- */
/* The first error counts. Returns false. */
bool mx_refuse(struct mx *mx, const xmlNode *node, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool mx_full(struct mx *mx);

/* -- mx_xml.c: elements, their text, tags ---------------------------------------- */
bool mx_is(const xmlNode *node, const char *name);
/* The next element sibling, this one included. */
xmlNode *mx_element(xmlNode *node);
/* The first child element of that name; NULL. */
xmlNode *mx_child(const xmlNode *node, const char *name);
/* Next sibling of the same name. */
xmlNode *mx_next(const xmlNode *node);
/* Content without blanks around, NULL when empty or absent. */
const char *mx_text(struct mx *mx, const xmlNode *node);
const char *mx_child_text(struct mx *mx, const xmlNode *node, const char *name);
const char *mx_attribute(struct mx *mx, const xmlNode *node, const char *name);
bool mx_attribute_is(const xmlNode *node, const char *name, const char *value);
int64_t mx_integer(const char *text, int64_t fallback, int64_t min, int64_t max);
double mx_number(const char *text, double fallback);
const char *mx_format(struct mx *mx, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct notation_tag mx_tag(enum notation_tag_kind kind, const xmlNode *node);
void mx_param_text(struct mx *mx, struct notation_tag *tag, const char *name, const char *text);
void mx_param_number(struct mx *mx, struct notation_tag *tag, const char *name, double number,
                     enum notation_unit unit);
void mx_add_tag(struct mx *mx, struct mx_tags *tags, const struct notation_tag *tag);

/* -- mx_measure.c ----------------------------------------------------------------- */
/* All measures of a part into its voices. */
bool mx_read_part(struct mx *mx, struct mx_part *part);
/* Date of the cursor. */
struct rational mx_date(const struct mx *mx);
/* duration of an element in whole notes; false when it has none. */
bool mx_duration(struct mx *mx, const xmlNode *node, int64_t divisions, struct rational *out);
/* An entry whose voice follows from its staff (of the score) or the voice's name. */
void mx_pend(struct mx *mx, const struct mx_entry *entry, const char *voice);
struct mx_voice *mx_voice_named(struct mx *mx, const char *name, int staff);
void mx_add_entry(struct mx *mx, struct mx_voice *voice, const struct mx_entry *entry);
/* Ids that tie begins to ends. mx_span_begin gives the id; mx_span_end prefers what began in the
 * same voice, false when none is open. */
int64_t mx_span_begin(struct mx *mx, enum notation_tag_kind kind, int key, const char *voice,
                      int staff);
bool mx_span_end(struct mx *mx, enum notation_tag_kind kind, int key, const char *voice,
                 struct mx_span *out);

/* -- mx_attributes.c, mx_note.c, mx_notations.c, mx_direction.c
 * ------------------------------------- */
void mx_read_attributes(struct mx *mx, const xmlNode *node);
bool mx_read_note(struct mx *mx, xmlNode *node);
/* The value of <type> with its dots, without tuplet; false when there is none. */
bool mx_note_type(struct mx *mx, const xmlNode *note, struct rational *base, int *n_dots);
/* `voice` owns the event; `is_first`: not a further note of a chord. */
void mx_read_notations(struct mx *mx, const xmlNode *note, struct mx_event *event,
                       struct mx_member *member, const struct mx_voice *voice, bool is_first);
/* <tie> where there is no <tied>. */
void mx_read_ties(struct mx *mx, const xmlNode *note, struct mx_event *event,
                  struct mx_member *member, const struct mx_voice *voice);
void mx_read_lyrics(struct mx *mx, const xmlNode *note, struct mx_event *event);
void mx_read_direction(struct mx *mx, xmlNode *node);
void mx_read_harmony(struct mx *mx, xmlNode *node);
/* A <sound> that stands in the measure by itself: its jumps. */
void mx_read_sound(struct mx *mx, const xmlNode *node);
/* "p" ... of a <dynamics> element as a tag. */
bool mx_dynamics_tag(struct mx *mx, const xmlNode *dynamics, struct notation_tag *tag);

/* -- mx_score.c, mx_emit.c ------------------------------------------------------------ */
bool mx_read_score(struct mx *mx, xmlNode *root);
bool mx_emit(struct mx *mx, xmlNode *root);

/* -- mxl.c ----------------------------------------------------------------------------- */
/* The root file of a compressed score; *out malloc'ed. 0, or an error code with *why set. */
int mxl_unpack(const char *bytes, size_t len, char **out, size_t *out_len, const char **why);

#endif
