/* GMN text to the notation model (gmn.md 1 to 7, 9): flex and bison. */
#ifndef LEGGIO_NOTATION_GMN_H
#define LEGGIO_NOTATION_GMN_H

#include "renderer/notation/model.h"

/* text     borrowed, any bytes; bounds: LIMIT_NOTATION_* of proto/limits.h
 * out      caller destroys (notation_destroy)
 * error    filled on refusal: where, what was read, what was expected
 * returns  0; LG_EBADREQUEST; LG_ETOOLARGE; LG_ENOMEM
 * shape    linear */
int gmn_read(const char *text, size_t len, struct notation **out, struct notation_message *error);

/* The same for a text that is still being written (gmnstream): open brackets are closed. */
int gmn_read_partial(const char *text, size_t len, struct notation **out,
                     struct notation_message *error);

/* -- texts that grow: reading goes on in the middle of voices (stream/) ---------------- */

struct voice_state { /* a tag in force */
    struct notation_tag tag;
    struct rational date;
};
/* What a voice remembers between two symbols. */
struct voice_start {
    struct rational date, base; /* base, n_dots: of the next note without duration */
    int octave, n_dots;
    const struct voice_state *states;
    size_t n_states;
};
/* A place between two symbols where nothing is open. */
struct voice_gap {
    uint32_t voice;
    size_t offset;            /* of the next symbol in the text */
    struct voice_start start; /* without states */
    uint32_t n_items;         /* of the voice, before it */
    uint32_t n_notes, n_tags; /* so far, of all voices */
};
struct gmn_tail {
    const struct voice_start *starts; /* of the first voices; NULL: from the begin */
    size_t n_starts;
    uint32_t n_notes, n_tags;
    /* found: in the notation's arena */
    struct voice_gap *gaps; /* by voice and place */
    size_t n_gaps;
    size_t body;  /* offset of the first bracket */
    size_t *ends; /* offset of each voice's closing bracket; SIZE_MAX while it is open */
    size_t n_ends;
    bool is_other; /* a voice beyond n_starts began: starts do not say all */
};
/* gmn_read_partial for a text whose voices go on at tail->starts. */
int gmn_read_tail(const char *text, size_t len, struct gmn_tail *tail, struct notation **out,
                  struct notation_message *error);

#endif
