/* Inside renderer/script: one run of a script, and what its parts do to it.
 *
 * lexer.l gives tokens, grammar.y builds values and messages while it parses
 * (there is no syntax tree: variables and math are evaluated at parse time,
 * score-language reference 1.2), statement.c executes. */
#ifndef LEGGIO_SCRIPT_SCRIPT_H
#define LEGGIO_SCRIPT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "renderer/score/message.h"
#include "renderer/script/run.h"
#include "renderer/script/value.h"

struct variables;

/* State of the lexer that flex does not keep. */
struct script_lexer {
    size_t offset;          /* bytes read so far */
    struct script_loc at;   /* position of text[offset] */
    struct script_loc from; /* where the section (comment, code) under way began */
    const char *hint;       /* why the last ERR is one; borrowed literal or NULL */
    unsigned depth;         /* open parentheses */
    unsigned n_prefixes;    /* '!' in a row */
    size_t section_start;   /* offset of the text inside */
    unsigned section_depth; /* open comments or parentheses of the section */
    bool expects_message;   /* a '/' here begins an address, never a path */
    char word_operator;     /* '+' or '*' that would be a word here, not an operator; else 0 */
    int previous;           /* token before, 0 at the start */
    size_t path_run_end;    /* memo of path_end: the run of path characters around offset */
    size_t path_run_dot;    /* its last dot that begins an extension */
    size_t path_run_stop;   /* end of that extension; 0 = none */
    size_t n_steps;         /* work done, in bytes looked at; for the linear-time test */
};

struct script {
    const struct script_target *target;
    const char *name; /* of the file, or NULL */
    const char *text;
    size_t len;          /* up to the first byte that is no text */
    const char *cut_why; /* what that byte is; NULL = text is whole */
    struct script_lexer lexer;
    struct variables *variables;
    size_t expandable_bytes; /* that variables and queries may still insert */
    unsigned n_reports;      /* errors and warnings told */
    bool has_errors;
    unsigned javascript_depth; /* sections whose text this is */
    bool is_dropped;           /* the statement under way holds something unsupported */
};

/* -- run.c: reports ------------------------------------------------------- */
/* "line L col C : text", and the file's name when there is one. */
void script_report(struct script *script, struct script_loc loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void script_warn_undefined(struct script *script, struct script_loc loc, const char *name);
/* The byte that ends the text early; the lexer stands at it. */
void script_report_cut(struct script *script);

/* -- javascript.c ------------------------------------------------------------ */
/* A section as a statement: its text is run in place. Takes over the code; NULL: there is no engine
 * (told). */
void section_execute(struct script *script, char *code, struct script_loc loc);
/* A section in place of a list: the messages of its text. Takes over the code. */
struct value section_messages(struct script *script, char *code, struct script_loc loc);

/* -- run.c: nested texts ------------------------------------------------------- */
/* Parse text as part of the script under way: same variables, another target (borrowed). */
int script_run_nested(struct script *outer, const struct script_target *target, const char *text,
                      size_t len);

/* -- statement.c ------------------------------------------------------------ */
/* Take over address (and host) and the parameters; the first string is the method. */
struct message statement_message(struct statement_address address, struct value *params);
/* Tell the target where what comes next stands. */
void statement_place(const struct script *script, struct script_loc loc);
/* Execute; takes over the message. */
void statement_execute(struct script *script, struct message *msg);
/* name = value; takes over both. false = the value is too large, which was reported. */
bool statement_declare(struct script *script, char *name, struct value *value,
                       struct script_loc loc);
/* `expr( … )` as a text parameter, its $variables put in; takes over the text. */
struct value statement_expression(struct script *script, char *text, struct script_loc loc);
/* `$( … )`: the parameters of all replies; takes over the message. */
struct value statement_query(struct script *script, struct message *msg, struct script_loc loc);
/* Append a message to a list under way; takes it over. */
void statement_list_add(struct statement_list *list, struct message *msg, unsigned depth,
                        size_t bytes);
void statement_list_finish(struct statement_list *list);
/* The list as one parameter; takes it over. */
struct value statement_list_value(struct statement_list *list, struct script_loc loc);
/* Move from's parameters to the end of to; false = from holds an error, which was reported. */
bool statement_append(struct script *script, struct value *to, struct value *from);

#endif
