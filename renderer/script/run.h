/* Script text, version 1, to messages; executed statement by statement
 * (score-language reference section 1). Score thread only. */
#ifndef LEGGIO_SCRIPT_RUN_H
#define LEGGIO_SCRIPT_RUN_H

#include <stdbool.h>
#include <stddef.h>

struct message;
struct named_value;

/* What a script does to the world; every entry is set. */
struct script_target {
    void *ctx;
    /* A complete message (borrowed), in order. Host prefixes are the target's business. */
    void (*message)(void *ctx, const struct message *msg);
    /* `$( … )`: run a message, give its replies (array owned by the callee's caller:
     * script frees). */
    void (*query)(void *ctx, const struct message *msg, struct message **replies,
                  size_t *n_replies);
    /* An error or warning in words, as section 1.6: "line 1 col 12 : syntax error, …". */
    void (*error)(void *ctx, const char *text);
    /* Run a JavaScript section (its value as script text, for free(), or NULL; errors are reported
     * there). May be unset: sections are one error each. */
    char *(*javascript)(void *ctx, const char *code, int first_line,
                        const struct named_value *globals, size_t n_globals);
    /* Before each statement: where it begins; name as of script_run. May be unset. */
    void (*place)(void *ctx, const char *name, int line);
    /* Seed of the script's random numbers (version 2). May be unset: the system's. */
    unsigned long long (*random)(void *ctx);
};

/* Parse and run. name: file for " while parsing file NAME", or NULL for posted text. Stops at the
 * first syntax error; what stood before is executed. Linear in len (at most LIMIT_SCRIPT_BYTES).
 * returns 0, LG_ESCRIPT (errors were reported), LG_ETOOLARGE */
int script_run(const struct script_target *target, const char *text, size_t len, const char *name);

/* The same; n_steps (or NULL): bytes that the lexer looked at, for the linear-time test. */
int script_run_counted(const struct script_target *target, const char *text, size_t len,
                       const char *name, size_t *n_steps);

#endif
