/* What the files of stream/ share. */
#ifndef LEGGIO_NOTATION_STREAM_PRIVATE_H
#define LEGGIO_NOTATION_STREAM_PRIVATE_H

#include "renderer/notation/layout/resume.h"
#include "renderer/notation/layout/vertical/vertical.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/stream/stream.h"

/* Where reading, arranging and layout go on. In the stream's arena, never changed. */
struct stream_base {
    struct voice_start *starts; /* of all voices of the text so far */
    size_t *offsets;            /* where each goes on in the text, and its closing bracket */
    size_t *ends;               /* SIZE_MAX: still open */
    size_t n_voices;
    uint32_t n_notes, n_tags; /* for the limits */
    struct music_before music;
    struct layout_before layout;
};

struct engraving_stream {
    struct arena *kept; /* everything below that is kept; engravings hold references */
    char *text;         /* the last one */
    size_t len, capacity, body;
    struct engraving_options options;
    const struct stream_base *base; /* NULL: nothing is kept yet */
    /* Final systems whose page may still change, from index n_systems on. */
    struct placed_system *placed;
    struct vertical_system *vertical;
    uint32_t n_open;
    /* Final pages and their systems. */
    struct engraved_page *pages;
    struct engraved_system *systems;
    uint32_t n_pages, n_systems;
    size_t pages_capacity, systems_capacity, open_capacity, open_vertical_capacity;
    struct engraving *last; /* a reference */
};

/* One engraving under way. */
struct stream_run {
    struct engraving_stream *stream;
    struct arena *arena; /* the notation's */
    struct notation *notation;
    struct gmn_tail tail;
    size_t *origins; /* what to add to an offset of what was read, by voice */
    size_t n_origins;
    struct music *music;
    bool is_plain; /* nothing in it speaks about the whole piece */
    struct layout_options layout;
    struct layout_next next;
    uint32_t n_settled;       /* systems of the run before next.measure */
    struct vertical vertical; /* with the open systems before those of the run */
};

/* -- stream_read.c --------------------------------------------------------- */
#define STREAM_WHOLE 1
/* The rest of the text. STREAM_WHOLE: it must be read whole. */
int stream_read(struct stream_run *run, const char *text, size_t len,
                struct notation_message *error);
/* -- stream_final.c -------------------------------------------------------- */
/* Which measures are final, which begins are clean: run->next. false: arena full. */
bool stream_find_final(struct stream_run *run);
/* What a voice goes on with at `date`: gap of the run (NULL: it had ended before).
 * false: nowhere. */
bool stream_gap_at(const struct stream_run *run, uint32_t voice, struct rational date,
                   const struct voice_gap **gap);
/* -- stream_base.c --------------------------------------------------------- */
/* No tag in it speaks of earlier music, or of the whole piece after its first note. */
bool stream_is_plain(const struct notation *notation);
/* A new base at measure `measure` of the run, in the stream's arena; NULL: not possible there. */
const struct stream_base *stream_base_make(const struct stream_run *run, uint32_t measure);
/* -- stream_keep.c --------------------------------------------------------- */
/* Deep copies in `arena`; false: full. */
bool stream_keep_system(struct arena *arena, const struct placed_system *placed,
                        const struct vertical_system *vertical, struct placed_system *to,
                        struct vertical_system *to_vertical);
bool stream_keep_page(struct arena *arena, const struct engraved_page *page,
                      struct engraved_page *to);
bool stream_keep_engraved(struct arena *arena, const struct engraved_system *system,
                          struct engraved_system *to);
bool stream_keep_tag(struct arena *arena, const struct notation_tag *tag, struct notation_tag *to);
/* The same pictures, whatever chords they name? */
bool stream_pages_equal(const struct engraving *a, size_t page_a, const struct engraving *b,
                        size_t page_b);
/* -- stream_pages.c -------------------------------------------------------- */
/* Put the open systems before the run's own. false: arena full. */
bool stream_splice(struct stream_run *run);
/* From the pages of the run to those of the whole. */
int stream_compose(struct stream_run *run, struct engraving *out);
/* Keep the systems before measure `measure` of the run, and the pages that are final now. false:
 * arena full, the stream is useless. */
bool stream_advance(struct stream_run *run, uint32_t measure, const struct engraving *composed);

#endif
