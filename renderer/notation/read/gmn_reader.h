/* Inside renderer/notation/read: one reading of a GMN text.
 *
 * gmn_lexer.l gives tokens and inserts variables, gmn_grammar.y calls the functions below while it
 * parses: there is no syntax tree, the model grows by each symbol. */
#ifndef LEGGIO_NOTATION_GMN_READER_H
#define LEGGIO_NOTATION_GMN_READER_H

#include "proto/limits.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/read/model_builder.h"
#include "renderer/notation/tags.h"

struct gmn_loc {
    int line, col;    /* from 1 */
    size_t offset;    /* in the text; of a variable's use for what it inserts */
    bool is_inserted; /* by a variable */
};

/* A piece of text in the reader's arena. */
struct gmn_text {
    const char *data;
    uint32_t len;
};

struct gmn_string {
    const char *text;    /* escapes resolved */
    struct gmn_text raw; /* as written between the quotes; of declarations only */
};

struct gmn_unit {
    enum notation_unit unit;
    const char *word;
};

struct gmn_name { /* of a note */
    int step, alter;
};

struct gmn_tab {
    int string;
    const char *text;
};

/* `/8`, `*3/8`, `*500ms`, with dots behind; has_base false: the voice's last. */
struct gmn_duration {
    bool has_base;
    struct rational base;
    int n_dots; /* -1: none written */
};

struct gmn_tag_head {
    enum notation_tag_kind kind;
    enum tag_role role;
    const char *name; /* without Begin or End */
    int64_t id;
    struct gmn_loc loc;
    uint32_t first_param; /* in gmn_reader.params */
};

struct gmn_variable {
    const char *name;
    enum notation_param_kind kind;
    double number;
    const char *text; /* as a parameter: escapes resolved */
    const char *gmn;  /* among symbols: quotes resolved, a blank behind */
    size_t gmn_len;
};

/* What `)` ends. */
enum gmn_open { GMN_OPEN_RANGE, GMN_OPEN_NOTHING };

struct gmn_lexer_state {
    const char *text, *hint; /* why the last ERR is one; a literal or NULL */
    size_t offset, len;
    struct gmn_loc at, from, use; /* of text[offset]; of the comment, of the variable under way */
    unsigned n_brackets, n_expansions, comment_depth;
    size_t expanded_bytes;
    int after_comment;                        /* flex's start condition */
    int brackets[LIMIT_NOTATION_NESTING + 8]; /* open ones (tokens), for a partial text */
    bool is_at_end;                           /* of a partial text: what is open gets closed */
    bool has_body;                            /* the first bracket was read */
};

struct gmn_reader {
    struct model_builder *builder;
    struct arena *arena; /* the builder's */
    struct tag_names *names;
    struct gmn_lexer_state lexer;
    struct notation_message *error;
    int code; /* 0: nothing was refused so far */
    bool is_partial, is_in_voice, is_in_chord;
    struct gmn_variable *variables;
    size_t n_variables, variables_capacity;
    /* memory of the voice */
    int octave, n_dots;
    struct rational base;
    /* the tag heads under way */
    struct notation_param *params;
    size_t n_params, params_capacity;
    enum gmn_open opens[LIMIT_NOTATION_NESTING];
    unsigned n_opens;
    /* the chord under way */
    struct notation_note *members;
    size_t n_members, members_capacity;
    struct notation_tag *member_tags; /* of the member under way */
    size_t n_member_tags, member_tags_capacity;
    struct gmn_pair_end {
        enum notation_tag_kind kind;
        int64_t id;
        struct gmn_loc loc;
    } * ends;
    size_t n_ends, ends_capacity;
    struct gmn_text declared; /* the last string before the score, as written */
    int written_dots;         /* of its longest member */
    struct gmn_loc chord_loc;
    struct gmn_tail *tail; /* NULL: nobody wants to go on later */
    size_t gaps_capacity, voice_ends_capacity;
    bool is_after_event; /* no gap was noted since */
};

/* -- gmn_lexer.l, gmn_grammar.y: flex and bison ------------------------------ */
/* Whole parse; 0, 1 refused, 2 out of memory. */
int gmn_parse_text(struct gmn_reader *reader);

/* -- gmn.c: errors ---------------------------------------------------------- */
/* The first error counts. Returns false. */
bool gmn_refuse(struct gmn_reader *reader, struct gmn_loc loc, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* What the builder refused, at a place. Returns false. */
bool gmn_refuse_builder(struct gmn_reader *reader, struct gmn_loc loc);

/* -- gmn_variables.c -------------------------------------------------------- */
/* Quotes and escapes away; everything: also \\ and \n, otherwise only what hides quotes. */
const char *gmn_unescape(struct gmn_reader *reader, const char *text, size_t len, bool everything,
                         size_t *out_len);
bool gmn_declare(struct gmn_reader *reader, struct gmn_loc loc, struct gmn_text name,
                 const struct notation_param *value, struct gmn_text quoted);
const struct gmn_variable *gmn_variable(const struct gmn_reader *reader, const char *name,
                                        size_t len);

/* -- gmn_gaps.c: where reading could go on ----------------------------------- */
/* A symbol begins here. */
void gmn_note_gap(struct gmn_reader *reader, struct gmn_loc loc);
void gmn_note_end(struct gmn_reader *reader, struct gmn_loc loc);
/* Where the voice about to begin starts; NULL: at 0. */
const struct voice_start *gmn_start(struct gmn_reader *reader);

/* -- gmn_symbols.c: false = refused, reported ------------------------------- */
bool gmn_begin_voice(struct gmn_reader *reader, struct gmn_loc loc);
bool gmn_end_voice(struct gmn_reader *reader, struct gmn_loc loc);
/* A note at `loc`: an event, or a member of the chord under way. */
bool gmn_note(struct gmn_reader *reader, struct gmn_loc loc, struct gmn_name name, int alter,
              const int64_t *octave, const struct gmn_duration *duration);
bool gmn_rest(struct gmn_reader *reader, struct gmn_loc loc, bool is_empty,
              const struct gmn_duration *duration);
bool gmn_tab_note(struct gmn_reader *reader, struct gmn_loc loc, struct gmn_tab tab,
                  const struct gmn_duration *duration);
bool gmn_begin_chord(struct gmn_reader *reader, struct gmn_loc loc);
/* After a member with its tags. */
bool gmn_end_member(struct gmn_reader *reader);
bool gmn_end_chord(struct gmn_reader *reader, struct gmn_loc loc);
bool gmn_bar(struct gmn_reader *reader, struct gmn_loc loc);
bool gmn_add_param(struct gmn_reader *reader, struct gmn_loc loc,
                   const struct notation_param *param);
/* \name<...> without a range, and with one. */
bool gmn_tag(struct gmn_reader *reader, const struct gmn_tag_head *head);
bool gmn_open_range(struct gmn_reader *reader, const struct gmn_tag_head *head);
bool gmn_close_range(struct gmn_reader *reader, struct gmn_loc loc);

#endif
