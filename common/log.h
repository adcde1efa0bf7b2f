/* One line per event on stderr: time, level, program, module, event word, then
 * key=value pairs.
 *
 *     lg_log(LG_LOG_WARN, "feed", "gap", "scene=%s base=%" PRIu64, scene, base);
 *
 * In the format the pairs are separated by one space each; a value that comes
 * from an argument may hold anything (it is quoted and escaped as needed).
 * At most LG_LOG_BURST lines of one module and event per LG_LOG_WINDOW_S are
 * written at the levels error, warn and info; the next line after that tells
 * how many were left out (suppressed=N).
 */
#ifndef LEGGIO_COMMON_LOG_H
#define LEGGIO_COMMON_LOG_H

#include <stdbool.h>

#define LG_LOG_BURST    20
#define LG_LOG_WINDOW_S 10

enum lg_log_level {
    LG_LOG_ERROR, /* someone must act */
    LG_LOG_WARN,  /* a limit was met, a peer misbehaved */
    LG_LOG_INFO,  /* life cycle, a few lines a minute */
    LG_LOG_DEBUG, /* per client */
    LG_LOG_TRACE, /* per message */
};

struct lg_log_options {
    const char *program;     /* borrowed for good */
    enum lg_log_level level; /* lines above it are dropped */
    bool is_json;
    int fd; /* where lines go; 2 = stderr */
};

/* Before the first thread starts. Without it: program "leggio", info, text. */
void lg_log_open(const struct lg_log_options *options);

/* "error" … "trace" → level; -1 when the word is unknown. */
int lg_log_level_from_name(const char *name);

/* Any thread, at any time. */
void lg_log_set_level(enum lg_log_level level);

/* Would a line of this level be written? To spare the making of arguments. */
bool lg_log_is_on(enum lg_log_level level);

/* Any thread. event: one word of letters, digits and '_'. format NULL = no pairs. */
void lg_log(enum lg_log_level level, const char *module, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
