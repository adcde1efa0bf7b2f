/* Reading of options: default, file, environment, command line; look-up. Texts
 * to values are in options_value.c, printing in options_print.c. */
#include "common/options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/options_value.h"

#define FILE_LINE_BYTES 8192
#define WHY_BYTES       256

/* The rows that every program has. Their order is used below. */
static const struct option_row COMMON_ROWS[] = {
    {"help", OPTION_FLAG, .text = "print this and stop"},
    {"version", OPTION_FLAG, .text = "print the version and stop"},
    {"check", OPTION_FLAG, .text = "check the options and stop"},
    {"print-config", OPTION_FLAG, .text = "print all values and stop"},
    {"config", OPTION_STRING, "FILE", NULL, .text = "read options from a file"},
    {"log-level", OPTION_STRING, "LEVEL", "info", .choices = "error|warn|info|debug|trace",
     .text = "how much to tell on stderr", .is_reloadable = true},
    {"log-format", OPTION_STRING, "FORMAT", "text", .choices = "text|json",
     .text = "form of the log lines"},
};
#define N_COMMON_ROWS (sizeof COMMON_ROWS / sizeof COMMON_ROWS[0])
#define N_STOPPING    4 /* help, version, check, print-config: command line only */

size_t options_n_rows(const struct options_table *table) {
    return N_COMMON_ROWS + table->n_rows + table->n_shared_rows;
}

const struct option_row *options_row(const struct options_table *table, size_t row_i) {
    if (row_i < N_COMMON_ROWS) {
        return &COMMON_ROWS[row_i];
    }
    row_i -= N_COMMON_ROWS;
    return row_i < table->n_rows ? &table->rows[row_i] : &table->shared_rows[row_i - table->n_rows];
}

/* Index of a name of len bytes; the number of rows when there is none. */
static size_t find_row(const struct options_table *table, const char *name, size_t len) {
    size_t n_rows = options_n_rows(table), i = 0;
    for (; i < n_rows; i++) {
        const char *row_name = options_row(table, i)->name;
        if (strlen(row_name) == len && memcmp(row_name, name, len) == 0) {
            break;
        }
    }
    return i;
}

/* place: "--listen", "LEGGIO_LISTEN" or "FILE:12: listen", for the error. */
static bool set_value(struct options *options, size_t row_i, enum option_origin origin,
                      const char *place, const char *text) {
    const struct option_row *row = options_row(options->table, row_i);
    char why[WHY_BYTES] = "";
    if (!option_value_check(row, text, why, sizeof why)) {
        fprintf(stderr, "%s: %s: %s, not '%s'\n", options->table->program, place, why, text);
        return false;
    }
    if (!option_value_set(&options->values[row_i], row, origin, text)) {
        fprintf(stderr, "%s: %s: out of memory, or more than %d values\n", options->table->program,
                place, OPTIONS_ITEMS_MAX);
        return false;
    }
    return true;
}

/* A text of a default or of the environment: lists are separated by commas. */
static bool set_joined(struct options *options, size_t row_i, enum option_origin origin,
                       const char *place, const char *text) {
    if (!option_is_list(options_row(options->table, row_i)->kind)) {
        return set_value(options, row_i, origin, place, text);
    }
    char *copy = strdup(text), *rest = copy, *item;
    bool is_good = copy != NULL;
    while (is_good && (item = strsep(&rest, ",")) != NULL) {
        is_good = item[0] == '\0' || set_value(options, row_i, origin, place, item);
    }
    free(copy);
    return is_good;
}

static bool read_defaults(struct options *options) {
    size_t n_rows = options_n_rows(options->table);
    for (size_t i = 0; i < n_rows; i++) {
        const struct option_row *row = options_row(options->table, i);
        if (row->default_text != NULL &&
            !set_joined(options, i, OPTION_DEFAULT, row->name, row->default_text)) {
            return false;
        }
    }
    return true;
}

static char *trim(char *text) {
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

static bool read_file_line(struct options *options, const char *path, unsigned line_i, char *line) {
    char place[WHY_BYTES];
    char *text = trim(line);
    if (text[0] == '\0' || text[0] == '#') {
        return true;
    }
    char *equal = strchr(text, '=');
    if (equal != NULL) {
        *equal = '\0';
    }
    char *name = trim(text);
    size_t row_i = find_row(options->table, name, strlen(name));
    if (equal == NULL || row_i < N_STOPPING || row_i == options_n_rows(options->table)) {
        fprintf(stderr, "%s: %s:%u: %s '%s'\n", options->table->program, path, line_i,
                equal == NULL ? "no '=' after" : "unknown option", name);
        return false;
    }
    snprintf(place, sizeof place, "%s:%u: %s", path, line_i, name);
    return set_value(options, row_i, OPTION_FILE, place, trim(equal + 1));
}

static bool read_file(struct options *options, const char *path) {
    char line[FILE_LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        fprintf(stderr, "%s: --config: %s: %s\n", options->table->program, path, strerror(errno));
        return false;
    }
    bool is_good = true;
    for (unsigned line_i = 1; is_good && fgets(line, sizeof line, file) != NULL; line_i++) {
        if (strchr(line, '\n') == NULL && !feof(file)) {
            fprintf(stderr, "%s: %s:%u: line longer than %d bytes\n", options->table->program, path,
                    line_i, FILE_LINE_BYTES);
            is_good = false;
        } else {
            is_good = read_file_line(options, path, line_i, line);
        }
    }
    fclose(file);
    return is_good;
}

static bool read_environment(struct options *options) {
    size_t n_rows = options_n_rows(options->table);
    for (size_t i = N_STOPPING; i < n_rows; i++) {
        char name[WHY_BYTES];
        options_environment_name(options_row(options->table, i)->name, name, sizeof name);
        const char *text = getenv(name);
        if (text != NULL && !set_joined(options, i, OPTION_ENVIRONMENT, name, text)) {
            return false;
        }
    }
    return true;
}

/* Row of a short option, or of an argument without a name; the number of rows: none. */
static size_t find_short(const struct options_table *table, const char *arg) {
    size_t row_i = 0;
    bool is_letter = arg[0] == '-' && arg[1] != '\0' && arg[2] == '\0';
    bool is_operand = arg[0] != '-' || arg[1] == '\0';
    for (; row_i < options_n_rows(table); row_i++) {
        const struct option_row *row = options_row(table, row_i);
        if ((is_letter && row->letter == arg[1]) || (is_operand && row->is_operand)) {
            break;
        }
    }
    return row_i;
}

/* One argument and perhaps its value; *arg_i moves to the last one used. */
static bool read_argument(struct options *options, int *arg_i) {
    const char *arg = options->argv[*arg_i];
    const char *program = options->table->program;
    size_t n_rows = options_n_rows(options->table);
    size_t len = 0, row_i = n_rows;
    const char *text = NULL;
    if (strncmp(arg, "--", 2) != 0 || arg[2] == '\0') {
        row_i = find_short(options->table, arg);
        if (row_i == n_rows) {
            fprintf(stderr, "%s: '%s' is no option; see --help\n", program, arg);
            return false;
        }
        text = options_row(options->table, row_i)->is_operand ? arg : NULL;
    } else {
        len = strcspn(arg + 2, "=");
        text = arg[2 + len] == '=' ? arg + 3 + len : NULL;
        row_i = find_row(options->table, arg + 2, len);
    }
    if (row_i == options_n_rows(options->table)) {
        fprintf(stderr, "%s: unknown option %.*s; see --help\n", program, (int)len + 2, arg);
        return false;
    }
    const struct option_row *row = options_row(options->table, row_i);
    if (row->kind == OPTION_FLAG && text == NULL) {
        text = "yes";
    } else if (text == NULL && *arg_i + 1 < options->argc) {
        text = options->argv[++*arg_i];
    }
    if (text == NULL) {
        fprintf(stderr, "%s: --%s needs %s\n", program, row->name, row->argument);
        return false;
    }
    char place[WHY_BYTES];
    snprintf(place, sizeof place, "--%s", row->name);
    return set_value(options, row_i, OPTION_COMMAND_LINE, place, text);
}

static bool read_command_line(struct options *options) {
    for (int i = 1; i < options->argc; i++) {
        if (!read_argument(options, &i)) {
            return false;
        }
    }
    return true;
}

/* The path of --config must be known before the other places are read. */
static const char *find_config(const struct options *options) {
    const char *path = getenv("LEGGIO_CONFIG");
    for (int i = 1; i < options->argc; i++) {
        if (strncmp(options->argv[i], "--config=", 9) == 0) {
            path = options->argv[i] + 9;
        } else if (strcmp(options->argv[i], "--config") == 0 && i + 1 < options->argc) {
            path = options->argv[++i];
        }
    }
    return path;
}

static bool read_all(struct options *options) {
    const char *config = find_config(options);
    return read_defaults(options) && (config == NULL || read_file(options, config)) &&
           read_environment(options) && read_command_line(options);
}

static struct options *create(const struct options_table *table, int argc, char **argv) {
    struct options *options = calloc(1, sizeof *options);
    if (options == NULL) {
        return NULL;
    }
    *options = (struct options){.table = table, .argc = argc, .argv = argv};
    options->values = calloc(options_n_rows(table), sizeof *options->values);
    if (options->values == NULL) {
        free(options);
        return NULL;
    }
    return options;
}

void options_destroy(struct options *options) {
    if (options == NULL) {
        return;
    }
    size_t n_rows = options_n_rows(options->table);
    for (size_t i = 0; i < n_rows; i++) {
        option_value_clear(&options->values[i]);
    }
    free(options->values);
    free(options);
}

static bool check_together(const struct options *options) {
    char why[WHY_BYTES] = "";
    if (options->table->check == NULL || options->table->check(options, why, sizeof why) == 0) {
        return true;
    }
    fprintf(stderr, "%s: %s\n", options->table->program, why);
    return false;
}

/* --help and --version work whatever else is wrong. */
static bool has_argument(int argc, char **argv, const char *arg) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], arg) == 0) {
            return true;
        }
    }
    return false;
}

struct options *options_load(const struct options_table *table, int argc, char **argv,
                             int *exit_status) {
    *exit_status = 0;
    if (has_argument(argc, argv, "--help")) {
        options_print_help(table);
        return NULL;
    }
    if (has_argument(argc, argv, "--version")) {
        printf("%s %s\n", table->program, LEGGIO_VERSION);
        return NULL;
    }
    struct options *options = create(table, argc, argv);
    if (options == NULL) {
        fprintf(stderr, "%s: out of memory\n", table->program);
    }
    if (options == NULL || !read_all(options) || !check_together(options)) {
        *exit_status = 2;
    } else if (options_flag(options, "check")) {
        printf("%s: options are good\n", table->program);
    } else if (options_flag(options, "print-config")) {
        options_print_config(options);
    } else {
        return options;
    }
    options_destroy(options);
    return NULL;
}

int options_reload(struct options *options) {
    struct options *fresh = create(options->table, options->argc, options->argv);
    int n_changed = -1;
    if (fresh != NULL && read_all(fresh) && check_together(fresh)) {
        n_changed = 0;
        size_t n_rows = options_n_rows(options->table);
        for (size_t i = 0; i < n_rows; i++) {
            struct option_value old = options->values[i];
            if (options_row(options->table, i)->is_reloadable &&
                !option_value_equal(&old, &fresh->values[i])) {
                options->values[i] = fresh->values[i];
                fresh->values[i] = old;
                n_changed++;
            }
        }
    }
    options_destroy(fresh);
    return n_changed;
}

/* -- look-up ------------------------------------------------------------ */

static const struct option_value *look_up(const struct options *options, const char *name,
                                          enum option_kind kind, enum option_kind other) {
    size_t row_i = find_row(options->table, name, strlen(name));
    assert(row_i < options_n_rows(options->table));
    const struct option_row *row = options_row(options->table, row_i);
    assert(row->kind == kind || row->kind == other);
    (void)row;
    return &options->values[row_i];
}

bool options_flag(const struct options *options, const char *name) {
    const struct option_value *value = look_up(options, name, OPTION_FLAG, OPTION_FLAG);
    return value->n_items > 0 && option_parse_flag(value->items[0]) == 1;
}

const char *options_string(const struct options *options, const char *name) {
    const struct option_value *value = look_up(options, name, OPTION_STRING, OPTION_STRING);
    return value->n_items > 0 ? value->items[0] : NULL;
}

int64_t options_int(const struct options *options, const char *name) {
    const struct option_value *value = look_up(options, name, OPTION_INT, OPTION_INT);
    int64_t number = 0;
    return value->n_items > 0 && options_parse_int(value->items[0], &number) ? number : 0;
}

uint64_t options_size_bytes(const struct options *options, const char *name) {
    const struct option_value *value = look_up(options, name, OPTION_SIZE, OPTION_SIZE);
    int64_t bytes = 0;
    return value->n_items > 0 && options_parse_size(value->items[0], &bytes) ? (uint64_t)bytes : 0;
}

int64_t options_duration_us(const struct options *options, const char *name) {
    const struct option_value *value = look_up(options, name, OPTION_DURATION, OPTION_DURATION);
    int64_t us = 0;
    return value->n_items > 0 && options_parse_duration(value->items[0], &us) ? us : 0;
}

size_t options_list(const struct options *options, const char *name, const char *const **items) {
    const struct option_value *value = look_up(options, name, OPTION_LIST, OPTION_HOSTPORT_LIST);
    *items = (const char *const *)value->items;
    return value->n_items;
}

bool options_hostport(const struct options *options, const char *name, size_t item_i,
                      struct options_hostport *hostport) {
    const struct option_value *value =
        look_up(options, name, OPTION_HOSTPORT, OPTION_HOSTPORT_LIST);
    return item_i < value->n_items && options_parse_hostport(value->items[item_i], hostport);
}

bool options_is_given(const struct options *options, const char *name) {
    size_t row_i = find_row(options->table, name, strlen(name));
    assert(row_i < options_n_rows(options->table));
    return options->values[row_i].origin != OPTION_DEFAULT;
}

void options_open_log(const struct options *options) {
    struct lg_log_options log = {
        .program = options->table->program,
        .level = (enum lg_log_level)lg_log_level_from_name(options_string(options, "log-level")),
        .is_json = strcmp(options_string(options, "log-format"), "json") == 0,
        .fd = 2,
    };
    lg_log_open(&log);
}

void options_reload_log(struct options *options) {
    int n_changed = options_reload(options);
    lg_log_set_level(
        (enum lg_log_level)lg_log_level_from_name(options_string(options, "log-level")));
    lg_log(LG_LOG_INFO, "options", n_changed >= 0 ? "reloaded" : "kept", "changed=%d",
           n_changed > 0 ? n_changed : 0);
}
