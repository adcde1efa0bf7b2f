/* Inside common/options*.c: values of options and their checks. */
#ifndef LEGGIO_COMMON_OPTIONS_VALUE_H
#define LEGGIO_COMMON_OPTIONS_VALUE_H

#include "common/options.h"

#define OPTIONS_ITEMS_MAX 256 /* items of one list */

/* Where a value came from, in rising order. */
enum option_origin { OPTION_DEFAULT, OPTION_FILE, OPTION_ENVIRONMENT, OPTION_COMMAND_LINE };

struct option_value {
    enum option_origin origin;
    char **items; /* owned texts; one for all kinds but the lists */
    size_t n_items;
};

struct options {
    const struct options_table *table;
    int argc;
    char **argv;
    struct option_value *values; /* of the common rows, then of the table's rows */
};

/* Rows are counted over the common ones first, then the program's. */
size_t options_n_rows(const struct options_table *table);
const struct option_row *options_row(const struct options_table *table, size_t row_i);

bool option_is_list(enum option_kind kind);
/* Is this text a good value for the row? Else a reason with the range in why. */
bool option_value_check(const struct option_row *row, const char *text, char *why, size_t size);
void option_value_clear(struct option_value *value);
/* Set from a place: an item of an earlier place is replaced, lists of one place grow. */
bool option_value_set(struct option_value *value, const struct option_row *row,
                      enum option_origin origin, const char *text);
bool option_value_equal(const struct option_value *a, const struct option_value *b);
/* Yes and no in their usual words; -1 = neither. */
int option_parse_flag(const char *text);

/* LEGGIO_MAX_BODY for "max-body". */
void options_environment_name(const char *name, char *buffer, size_t size);
void options_print_help(const struct options_table *table);
void options_print_config(const struct options *options);

#endif
