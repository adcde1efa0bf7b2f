/* What the passes of music_arrange share: working data of the voices and staves, and the passes
 * themselves in their order. Working data lives in an arena of its own that ends with the call. */
#ifndef LEGGIO_NOTATION_ARRANGE_H
#define LEGGIO_NOTATION_ARRANGE_H

#include "renderer/notation/music/music.h"

#define ARRANGE_SCRATCH_BYTES ((size_t)256 * 1024 * 1024)
#define ARRANGE_PARTS_MAX     1000000 /* drawn chords and rests */
#define ARRANGE_BARS_MAX      1000000 /* bar lines, each staff counts */

/* A growing array of equal things. */
struct list {
    void *items;
    size_t n, capacity;
};
/* Room for one more, zeroed; NULL: arena full. */
void *list_add(struct arena *arena, struct list *list, size_t size_bytes);
/* A copy of exactly its length; NULL also when it is empty. */
void *list_keep(struct arena *arena, const struct list *list, size_t size_bytes);

struct clef_at {
    struct rational date;
    struct music_clef clef;
    const struct notation_tag *tag;
};
struct key_at {
    struct rational date;
    struct music_key key;
    int8_t quarters[7]; /* what the key adds to each step, quarter tones */
    const struct notation_tag *tag;
    uint32_t voice;
};
/* \instr<transp>: written notes and keys of the staff stand so much higher. */
struct transposition_at {
    struct rational date;
    struct notation_interval up;
};
struct meter_at {
    struct rational date;
    struct music_meter meter;
    const struct notation_tag *tag;
    uint32_t voice;
};

struct arranged_bar { /* of a voice */
    struct rational date;
    enum music_bar_kind kind;
    const struct notation_tag *tag; /* NULL: automatic */
    bool is_hidden, is_plain, shows_number;
    int number; /* of the measure that begins here */
};

struct arranged_voice {
    const struct notation_voice *model;
    uint32_t index;
    uint32_t *item_staff; /* staff in force at each item */
    uint32_t *event_staff;
    uint32_t *staves; /* all it ever stands on, in order of appearance */
    uint32_t n_staves;
    uint32_t kinds[TAG_COUNT];     /* how many tags of each kind */
    const struct meter_at *meters; /* its own, or its staff's; by date */
    size_t n_meters;
    struct list bars;      /* struct arranged_bar, by date */
    size_t n_old_bars;     /* of them: the last one before music.before, or 0 */
    int first_number;      /* of its first measure: 0 for an upbeat */
    bool ends_full;        /* its last measure is complete */
    uint32_t *event_parts; /* n_events + 1: where an event's chords start in parts */
    uint32_t *parts;       /* indices of chords: first the longest members', then the others' */
};

struct arranged_staff {
    struct list clefs, keys, meters, transpositions; /* by date, never two of one date */
    struct list hidden;                              /* struct music_off */
    uint32_t *chords;                                /* indices, by date */
    uint32_t n_chords;
};

struct arranger {
    const struct notation *notation;
    struct music *music;
    struct arena *arena;   /* of the result */
    struct arena *scratch; /* ends with the call */
    struct arranged_voice *voices;
    struct arranged_staff *staves;
    struct list bars, marks, spans, beams;
};

/* Date where the music begins: 0, or where it goes on. */
static inline struct rational arrange_begin(const struct arranger *arranger) {
    const struct music_before *before = arranger->music->before;
    return before != NULL ? before->date : (struct rational){0, 1};
}
/* What stands before this voice; NULL: nothing. */
static inline const struct music_before_voice *arrange_before(const struct arranger *arranger,
                                                              const struct arranged_voice *voice) {
    const struct music_before *before = arranger->music->before;
    return before != NULL && voice->index < before->n_voices ? &before->voices[voice->index] : NULL;
}

/* Passes: 0 or LG_ETOOLARGE. */
int arrange_staves(struct arranger *arranger);       /* staves.c */
int arrange_signatures(struct arranger *arranger);   /* signatures.c */
int arrange_page(struct arranger *arranger);         /* page.c */
int arrange_bars(struct arranger *arranger);         /* bars.c */
int arrange_chords(struct arranger *arranger);       /* split.c */
int arrange_measures(struct arranger *arranger);     /* measures.c */
int arrange_forced_stems(struct arranger *arranger); /* stems.c */
int arrange_voices(struct arranger *arranger);       /* voices.c */
int arrange_ties(struct arranger *arranger);         /* ties.c */
int arrange_accidentals(struct arranger *arranger);  /* accidentals.c */
int arrange_tuplets(struct arranger *arranger);      /* tuplets.c */
int arrange_beams(struct arranger *arranger);        /* beams.c */
int arrange_stems(struct arranger *arranger);        /* stems.c */
int arrange_breaks(struct arranger *arranger);       /* measures.c */
int arrange_spans(struct arranger *arranger);        /* spans.c */
int arrange_signs(struct arranger *arranger);        /* signs.c */
int arrange_lyrics(struct arranger *arranger);       /* lyrics.c */
int arrange_marks(struct arranger *arranger);        /* marks.c */
int arrange_repeats(struct arranger *arranger);      /* repeats.c */

/* accidentals.c: what each staff remembers just before `date`, copied into `arena`. */
int accidentals_remember(struct arranger *arranger, struct rational date, struct arena *arena,
                         struct accidental_memory ***out);

/* The tag of one of `kinds` in force at each event of a voice: a position form until the next one,
 * a range form inside only (gmn.md 7). NULL entries where none is; *out NULL when the voice has no
 * such tag at all. */
int arrange_states(struct arranger *arranger, const struct arranged_voice *voice,
                   const enum notation_tag_kind *kinds, size_t n_kinds,
                   const struct notation_tag ***out);
/* Entry of such an array, which may be NULL. */
static inline const struct notation_tag *arrange_state(const struct notation_tag **states,
                                                       size_t event) {
    return states != NULL ? states[event] : NULL;
}

/* Chords of an event; n may be 0 (hidden by a longer one is never the case: 0 only for graces of
 * unknown kind). The first is the first part of the longest members. */
const uint32_t *arrange_event_chords(const struct arranged_voice *voice, size_t event, size_t *n);
/* The first chord of the first event in [first, end[ that has one; NOTATION_NONE. */
uint32_t arrange_first_chord(const struct arranged_voice *voice, size_t first, size_t end);
/* The last part of the longest members of the last event in [first, end[. */
uint32_t arrange_last_chord(const struct arranger *arranger, const struct arranged_voice *voice,
                            size_t first, size_t end);
/* The first chord from `event` on that stands at `date`; NOTATION_NONE. */
uint32_t arrange_chord_at(const struct arranger *arranger, const struct arranged_voice *voice,
                          size_t event, struct rational date);
/* Date of the place where a tag stands. */
struct rational arrange_tag_date(const struct arranged_voice *voice,
                                 const struct notation_tag *tag);
/* Date at the end of its range. */
struct rational arrange_tag_end(const struct arranged_voice *voice, const struct notation_tag *tag);
uint32_t arrange_tag_staff(const struct arranged_voice *voice, const struct notation_tag *tag);

/* What is in force on a staff at a date; NULL when nothing is. */
const struct clef_at *arrange_clef(const struct arranger *arranger, uint32_t staff,
                                   struct rational date);
const struct key_at *arrange_key(const struct arranger *arranger, uint32_t staff,
                                 struct rational date);
/* By how much notes of a staff are drawn above what sounds. */
struct notation_interval arrange_written(const struct arranger *arranger, uint32_t staff,
                                         struct rational date);
/* The voice's meter at a date. */
const struct meter_at *arrange_meter(const struct arranged_voice *voice, struct rational date);
/* Index of the last bar of the voice at or before date; SIZE_MAX when there is none. */
size_t arrange_bar_before(const struct arranged_voice *voice, struct rational date);

#endif
