/* One table per program says every option; reading, ranges, --help, --check,
 * --print-config and the manual come from it.
 *
 *     static const struct option_row ROWS[] = {
 *         {"feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7010", .text = "feed of the
 * renderer"},
 *         {"listen", OPTION_HOSTPORT_LIST, "HOST:PORT", "127.0.0.1:8000", .text = "serve here"},
 *         {"max-body", OPTION_SIZE, "SIZE", "16MiB", 1024, LIMIT_HTTP_BODY_BYTES, .text = "…"},
 *         {"open", OPTION_FLAG, .text = "everyone may conduct"},
 *     };
 *     static const struct options_table TABLE = {
 *         .program = "leggio-http", .summary = "serves …", .rows = ROWS, .n_rows = 4};
 *     int status;
 *     struct options *options = options_load(&TABLE, argc, argv, &status);
 *     if (options == NULL) return status;
 *     options_open_log(options);
 *
 * Every program also has: --help, --version, --check, --print-config,
 * --config FILE, --log-level LEVEL, --log-format text|json.
 *
 * Order: default < file (--config; lines "name = value", '#' comments) <
 * environment (LEGGIO_MAX_BODY=…; lists separated by ',') < command line
 * (--name value or --name=value). A list given in a later place replaces the
 * whole list of an earlier one.
 */
#ifndef LEGGIO_COMMON_OPTIONS_H
#define LEGGIO_COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,          /* --open; in file and environment: yes or no */
    OPTION_STRING,        /* any text; with `choices` one of them */
    OPTION_LIST,          /* repeatable text */
    OPTION_INT,           /* whole number within min and max */
    OPTION_SIZE,          /* bytes: 4096, 64KiB, 16MiB, 1GiB (also k, M, G = powers of 1000) */
    OPTION_DURATION,      /* microseconds: 250ms, 3s, 5min, 1h, 7d, 20us; a bare number = ms */
    OPTION_HOSTPORT,      /* 127.0.0.1:8000, [::1]:8000, :8000 and *:8000 = all addresses */
    OPTION_HOSTPORT_LIST, /* the same, repeatable */
};

/* Leave min and max 0 for "no range" (numbers then start at 0). min and max of
 * a duration are microseconds, of a size bytes. */
struct option_row {
    const char *name; /* "max-body", without dashes */
    enum option_kind kind;
    const char *argument;     /* word in --help: "FILE" */
    const char *default_text; /* as on the command line; lists separated by ','; NULL = none */
    int64_t min, max;
    const char *choices; /* OPTION_STRING: "text|json", else NULL */
    const char *text;    /* one line for --help */
    bool is_reloadable;  /* takes effect on SIGHUP */
    char letter;         /* short form: 'o' for -o; 0 = none */
    bool is_operand;     /* takes what stands on the command line without a name; "-" too */
};

struct options;

struct options_table {
    const char *program;
    const char *summary; /* one or more lines for --help */
    const struct option_row *rows;
    size_t n_rows;
    /* Checks that need more than one option, also run by --check: return 0, or
     * put a reason into why (size_bytes) and return -1. NULL = none. */
    int (*check)(const struct options *options, char *why, size_t size_bytes);
    /* Rows that it has in common with other programs; they come after its own. */
    const struct option_row *shared_rows;
    size_t n_shared_rows;
};

struct options_hostport {
    char host[256]; /* "" = all addresses; IPv6 without brackets */
    uint16_t port;  /* 0 = any free one */
};

/* Read everything. NULL: the program ends now with *exit_status (0 after
 * --help, --version, --check, --print-config; 2 after an error, which was told
 * on stderr with the option, its range and, for a file, the line number).
 * argv is borrowed for good. */
struct options *options_load(const struct options_table *table, int argc, char **argv,
                             int *exit_status);
void options_destroy(struct options *options);

/* Read again; options with is_reloadable take their new value. Returns how many
 * changed, or -1 (told on stderr; nothing changed). Loop thread only: texts of
 * these options that were got before are gone after it, all others stay. */
int options_reload(struct options *options);

/* What SIGHUP does in every program: reload, tell it, and give the log its new
 * level. Loop thread only. */
void options_reload_log(struct options *options);

/* Look up by name; a name that is not in the table or of another kind is our
 * own mistake (assert). Texts are borrowed until destroy (of reloadable options: until
 * reload). */
bool options_flag(const struct options *options, const char *name);
const char *options_string(const struct options *options, const char *name); /* NULL = not given */
int64_t options_int(const struct options *options, const char *name);
uint64_t options_size_bytes(const struct options *options, const char *name);
int64_t options_duration_us(const struct options *options, const char *name);
size_t options_list(const struct options *options, const char *name, const char *const **items);
/* false: not given. For a list item_i counts from 0 and false says "no more". */
bool options_hostport(const struct options *options, const char *name, size_t item_i,
                      struct options_hostport *hostport);
/* Was it given by file, environment or command line (not by default)? */
bool options_is_given(const struct options *options, const char *name);

/* lg_log_open with --log-level and --log-format, to stderr. */
void options_open_log(const struct options *options);

/* -- single values, for those who parse other texts --------------------- */
bool options_parse_int(const char *text, int64_t *value);
bool options_parse_size(const char *text, int64_t *bytes);
bool options_parse_duration(const char *text, int64_t *us);
bool options_parse_hostport(const char *text, struct options_hostport *hostport);

#endif
