/* Text to engraved pages: the one door of the engraver. Pure functions, any
 * thread; the result is immutable and counted. Nothing here knows scenes. */
#ifndef LEGGIO_NOTATION_ENGRAVING_H
#define LEGGIO_NOTATION_ENGRAVING_H

#include <stdatomic.h>

#include "renderer/notation/ink.h"

enum engraving_format { ENGRAVING_ANY, ENGRAVING_GMN, ENGRAVING_MUSICXML };

struct engraving_options {
    enum engraving_format format;         /* ANY: GMN first, then MusicXML (or .mxl bytes) */
    double page_width_cm, page_height_cm; /* of scores without \pageFormat; 0: A4 */
    bool crops_page;
    /* The music is being written: what has been on the stands for some lines stays where it is.
     * Otherwise lines and pages are the best ones of the whole piece. */
    bool is_live;
};
struct engraving_options engraving_options_default(void);

struct engraved_page {
    double width, height; /* sp, after cropping; music and margins */
    double margin_left, margin_top, margin_right, margin_bottom;
    struct ink *ink; /* page coordinates, painting order */
    size_t n_ink;
    uint32_t first_system, end_system;
    /* The same number: the same page, in whichever engraving (0: unknown). */
    uint64_t stamp;
};

struct engraved_staff {
    uint32_t staff;     /* index in music.staves */
    double top, bottom; /* page y of the outer staff lines, thickness included */
};
/* A drawn chord or rest, for the maps: page coordinates. */
struct engraved_event {
    uint32_t staff, voice; /* index in music.staves, notation.voices */
    bool is_slicing;       /* takes time and is no grace note: maps are cut at it */
    bool is_head;          /* notes; else a rest */
    struct rational begin, end;
    struct rational written_end; /* of grace notes: with their written value */
    double left; /* left edge of the event's heads (or of the bar a rest follows, gmn.md 13) */
    struct ink_box *heads; /* ink of each head, or of the rest */
    uint32_t n_heads;
};
struct engraved_measure {
    struct rational begin, end;
    /* Page x where it begins: music_left, then the left edge of the bar line (or of the first
     * column, where no bar is). */
    double left;
};
struct engraved_system {
    uint32_t page;
    struct rational begin, end;
    double left, right; /* page x of the staff lines */
    double music_left;  /* left edge of the first event */
    double top, bottom; /* page y of all its ink */
    struct engraved_staff *staves;
    uint32_t n_staves;
    struct engraved_measure *measures;
    uint32_t n_measures;
    struct engraved_event *events; /* by date, then staff */
    uint32_t n_events;
    uint32_t n_heads_drawn;
    struct rational *dates; /* where something begins to sound, also on hidden staves; in order */
    uint32_t n_dates;
};

struct engraving {
    /* Owned; its arena holds everything below too. Of a stream that went on (stream/stream.h)
     * notation and music begin where the earlier pages and systems, held by `earlier`, end. */
    struct notation *notation;
    struct music *music;
    struct arena *earlier; /* a reference, or NULL */
    struct engraved_page *pages;
    size_t n_pages;
    struct engraved_system *systems;
    size_t n_systems;
    size_t n_heads_drawn; /* heads; a tied continuation counts */
    atomic_int references;
};

/* Read, arrange, lay out.
 *
 * text     borrowed; GMN, MusicXML or the bytes of an .mxl
 * out      one reference
 * error    filled when the text is refused: line, column, what was expected
 * returns  0; LG_EBADREQUEST refused; LG_ETOOLARGE a limit (named in error); LG_ENOMEM
 * shape    linear in the text, except line breaking: O(measures x measures of a line)
 * thread   any
 */
int engrave(const char *text, size_t len, const struct engraving_options *options,
            struct engraving **out, struct notation_message *error);
/* The first stages alone: for checks, the piano roll, expr(). */
int engrave_read(const char *text, size_t len, enum engraving_format format, struct notation **out,
                 struct notation_message *error);
/* The later stages alone; takes over the notation, also on failure. */
int engrave_notation(struct notation *notation, const struct engraving_options *options,
                     struct engraving **out, struct notation_message *error);
struct engraving *engraving_ref(struct engraving *engraving);
void engraving_unref(struct engraving *engraving);

#endif
