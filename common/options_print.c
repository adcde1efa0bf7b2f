/* What the table of options prints: --help and --print-config. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/options_value.h"

void options_environment_name(const char *name, char *buffer, size_t size) {
    size_t len = (size_t)snprintf(buffer, size, "LEGGIO_%s", name);
    for (size_t i = 0; i < len && i + 1 < size; i++) {
        buffer[i] = buffer[i] == '-' ? '_' : (char)toupper((unsigned char)buffer[i]);
    }
}

static void print_range(const struct option_row *row) {
    if (row->choices != NULL) {
        printf("; %s", row->choices);
    } else if (row->min != 0 || row->max != 0) {
        const char *unit = row->kind == OPTION_SIZE       ? " bytes"
                           : row->kind == OPTION_DURATION ? " us"
                                                          : "";
        printf("; %" PRId64 " to %" PRId64 "%s", row->min, row->max, unit);
    }
    if (option_is_list(row->kind)) {
        printf("; repeatable");
    }
    if (row->is_reloadable) {
        printf("; read again on SIGHUP");
    }
}

void options_print_help(const struct options_table *table) {
    size_t n_rows = options_n_rows(table);
    printf("%s %s\n%s\n\n", table->program, LEGGIO_VERSION, table->summary);
    for (size_t i = 0; i < n_rows; i++) {
        if (options_row(table, i)->is_operand) {
            printf("Use: %s [options] %s\n\n", table->program, options_row(table, i)->argument);
        }
    }
    printf("Options:\n");
    for (size_t i = 0; i < n_rows; i++) {
        const struct option_row *row = options_row(table, i);
        const char letter[] = {'-', row->letter, ',', ' ', '\0'};
        int n = printf("  %s--%s%s%s", row->letter != 0 ? letter : "", row->name,
                       row->kind == OPTION_FLAG ? "" : " ",
                       row->kind == OPTION_FLAG ? "" : row->argument);
        printf("%*s%s", n < 30 ? 30 - n : 1, "", row->text);
        printf(" [%s", row->kind == OPTION_FLAG    ? "no"
                       : row->default_text != NULL ? row->default_text
                                                   : "none");
        print_range(row);
        printf("]\n");
    }
    printf(
        "\nEvery option may also come from a file (--config, lines \"name = value\") or from the\n"
        "environment (LEGGIO_ and the name in capitals, '-' as '_').\n");
}

void options_print_config(const struct options *options) {
    static const char *const ORIGINS[] = {"default", "file", "environment", "command line"};
    size_t n_rows = options_n_rows(options->table);
    for (size_t i = 0; i < n_rows; i++) {
        const struct option_row *row = options_row(options->table, i);
        const struct option_value *value = &options->values[i];
        if (row->kind == OPTION_FLAG && value->n_items == 0) {
            printf("%s = no  # default\n", row->name);
        }
        for (size_t item_i = 0; item_i < value->n_items; item_i++) {
            printf("%s = %s  # %s\n", row->name, value->items[item_i], ORIGINS[value->origin]);
        }
    }
}
