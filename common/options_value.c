/* Texts of options to values: numbers with units, host:port, ranges. */
#include "common/options_value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit SIZE_UNITS[] = {
    {"", 1},          {"B", 1},          {"k", 1000},        {"kB", 1000},     {"M", 1000000},
    {"MB", 1000000},  {"G", 1000000000}, {"GB", 1000000000}, {"KiB", 1 << 10}, {"Ki", 1 << 10},
    {"MiB", 1 << 20}, {"Mi", 1 << 20},   {"GiB", 1 << 30},   {"Gi", 1 << 30},  {NULL, 0},
};
static const struct unit DURATION_UNITS[] = {
    {"", 1000},        {"us", 1},           {"ms", 1000},         {"s", 1000000},
    {"min", 60000000}, {"h", 3600000000LL}, {"d", 86400000000LL}, {NULL, 0},
};

bool options_parse_int(const char *text, int64_t *value) {
    char *end;
    if (text == NULL || text[0] == '\0' || isspace((unsigned char)text[0])) {
        return false;
    }
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0') {
        return false;
    }
    *value = number;
    return true;
}

static bool parse_with_unit(const char *text, const struct unit *units, int64_t *value) {
    char *end;
    if (text == NULL || !isdigit((unsigned char)text[0])) {
        return false;
    }
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0) {
        return false;
    }
    for (const struct unit *unit = units; unit->name != NULL; unit++) {
        if (strcmp(end, unit->name) == 0) {
            if (number > INT64_MAX / unit->factor) {
                return false;
            }
            *value = number * unit->factor;
            return true;
        }
    }
    return false;
}

bool options_parse_size(const char *text, int64_t *bytes) {
    return parse_with_unit(text, SIZE_UNITS, bytes);
}

bool options_parse_duration(const char *text, int64_t *us) {
    return parse_with_unit(text, DURATION_UNITS, us);
}

bool options_parse_hostport(const char *text, struct options_hostport *hostport) {
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    int64_t port;
    if (colon == NULL || !isdigit((unsigned char)colon[1]) ||
        !options_parse_int(colon + 1, &port) || port > 65535) {
        return false;
    }
    const char *host = text;
    size_t len = (size_t)(colon - text);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    } else if (memchr(host, ':', len) != NULL) {
        return false; /* IPv6 needs its brackets, else the port is a guess */
    }
    if (len == 1 && host[0] == '*') {
        len = 0;
    }
    if (len >= sizeof hostport->host) {
        return false;
    }
    memcpy(hostport->host, host, len);
    hostport->host[len] = '\0';
    hostport->port = (uint16_t)port;
    return true;
}

int option_parse_flag(const char *text) {
    static const char *const YES[] = {"yes", "true", "on", "1"};
    static const char *const NO[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(text, YES[i]) == 0) {
            return 1;
        }
        if (strcmp(text, NO[i]) == 0) {
            return 0;
        }
    }
    return -1;
}

bool option_is_list(enum option_kind kind) {
    return kind == OPTION_LIST || kind == OPTION_HOSTPORT_LIST;
}

static bool check_range(const struct option_row *row, int64_t value, char *why, size_t size) {
    bool has_range = row->min != 0 || row->max != 0;
    if ((has_range && value >= row->min && value <= row->max) || (!has_range && value >= 0)) {
        return true;
    }
    const char *unit = row->kind == OPTION_SIZE       ? " bytes"
                       : row->kind == OPTION_DURATION ? " us"
                                                      : "";
    if (has_range) {
        snprintf(why, size, "must be from %" PRId64 " to %" PRId64 "%s", row->min, row->max, unit);
    } else {
        snprintf(why, size, "must be 0 or more");
    }
    return false;
}

static bool is_choice(const char *choices, const char *text) {
    size_t len = strlen(text);
    for (const char *choice = choices;; choice++) {
        size_t n = strcspn(choice, "|");
        if (n == len && memcmp(choice, text, n) == 0) {
            return true;
        }
        choice += n;
        if (*choice == '\0') {
            return false;
        }
    }
}

bool option_value_check(const struct option_row *row, const char *text, char *why, size_t size) {
    struct options_hostport hostport;
    int64_t value;
    switch (row->kind) {
    case OPTION_FLAG:
        snprintf(why, size, "must be yes or no");
        return option_parse_flag(text) >= 0;
    case OPTION_STRING:
        snprintf(why, size, "must be one of %s", row->choices != NULL ? row->choices : "");
        return row->choices == NULL || is_choice(row->choices, text);
    case OPTION_LIST:
        return true;
    case OPTION_INT:
        snprintf(why, size, "must be a whole number");
        return options_parse_int(text, &value) && check_range(row, value, why, size);
    case OPTION_SIZE:
        snprintf(why, size, "must be a size such as 4096, 64KiB or 16MiB");
        return options_parse_size(text, &value) && check_range(row, value, why, size);
    case OPTION_DURATION:
        snprintf(why, size, "must be a time such as 250ms, 3s or 5min");
        return options_parse_duration(text, &value) && check_range(row, value, why, size);
    case OPTION_HOSTPORT:
    case OPTION_HOSTPORT_LIST:
        snprintf(why, size, "must be HOST:PORT, port 0 to 65535 ([HOST]:PORT for IPv6)");
        return options_parse_hostport(text, &hostport);
    }
    return false;
}

void option_value_clear(struct option_value *value) {
    for (size_t i = 0; i < value->n_items; i++) {
        free(value->items[i]);
    }
    free(value->items);
    *value = (struct option_value){.items = NULL};
}

bool option_value_set(struct option_value *value, const struct option_row *row,
                      enum option_origin origin, const char *text) {
    if (!option_is_list(row->kind) || origin != value->origin) {
        option_value_clear(value);
        value->origin = origin;
    }
    char *copy = strdup(text);
    char **items = realloc(value->items, (value->n_items + 1) * sizeof *items);
    if (items != NULL) {
        value->items = items;
    }
    if (copy == NULL || items == NULL || value->n_items >= OPTIONS_ITEMS_MAX) {
        free(copy);
        return false;
    }
    value->items[value->n_items++] = copy;
    return true;
}

bool option_value_equal(const struct option_value *a, const struct option_value *b) {
    if (a->n_items != b->n_items) {
        return false;
    }
    for (size_t i = 0; i < a->n_items; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0) {
            return false;
        }
    }
    return true;
}
