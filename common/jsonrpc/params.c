/* Params against the rows of their method. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/jsonrpc/method.h"

static const char *const TYPE_WORDS[] = {
    [JSONRPC_ANY] = "a value",
    [JSONRPC_STRING] = "a string",
    [JSONRPC_INTEGER] = "a whole number",
    [JSONRPC_NUMBER] = "a number",
    [JSONRPC_BOOLEAN] = "true or false",
    [JSONRPC_OBJECT] = "an object",
    [JSONRPC_ARRAY] = "an array",
};

static bool has_bounds(const struct jsonrpc_param *row) {
    return row->min != 0 || row->max != 0;
}

static bool is_within(const struct jsonrpc_param *row, double value) {
    return !has_bounds(row) || (value >= (double)row->min && value <= (double)row->max);
}

static bool is_choice(const char *choices, const char *text) {
    size_t len = strlen(text);
    for (const char *at = choices;; at++) {
        size_t choice_len = strcspn(at, "|");
        if (choice_len == len && memcmp(at, text, len) == 0) {
            return true;
        }
        at += choice_len;
        if (*at == '\0') {
            return false;
        }
    }
}

static bool is_good_string(const struct jsonrpc_param *row, const json_t *value) {
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    return strlen(text) == len && is_within(row, (double)len) &&
           (row->choices == NULL || is_choice(row->choices, text));
}

static bool is_whole(const json_t *value) {
    if (json_is_integer(value)) {
        return true;
    }
    double real = json_is_real(value) ? json_real_value(value) : 0.5;
    return real >= -9e15 && real <= 9e15 && real == (double)(int64_t)real;
}

static bool has_type(const struct jsonrpc_param *row, const json_t *value) {
    switch (row->type) {
    case JSONRPC_ANY:
        return true;
    case JSONRPC_STRING:
        return json_is_string(value) && is_good_string(row, value);
    case JSONRPC_INTEGER:
        return is_whole(value) && is_within(row, json_number_value(value));
    case JSONRPC_NUMBER:
        return json_is_number(value) && is_within(row, json_number_value(value));
    case JSONRPC_BOOLEAN:
        return json_is_boolean(value);
    case JSONRPC_OBJECT:
        return json_is_object(value) && is_within(row, (double)json_object_size(value));
    case JSONRPC_ARRAY:
        return json_is_array(value) && is_within(row, (double)json_array_size(value));
    }
    return false;
}

/* "a string of 1 to 63 bytes", "a whole number from 0 to 60000", "one of none|tiles" */
static void print_expected(const struct jsonrpc_param *row, char *text, size_t room) {
    const char *unit = row->type == JSONRPC_STRING   ? " bytes"
                       : row->type == JSONRPC_ARRAY  ? " items"
                       : row->type == JSONRPC_OBJECT ? " members"
                                                     : "";
    if (row->expected != NULL) {
        snprintf(text, room, "%s", row->expected);
    } else if (row->choices != NULL) {
        snprintf(text, room, "one of %s", row->choices);
    } else if (has_bounds(row)) {
        snprintf(text, room, "%s %s %" PRId64 " to %" PRId64 "%s", TYPE_WORDS[row->type],
                 unit[0] != '\0' ? "of" : "from", row->min, row->max, unit);
    } else {
        snprintf(text, room, "%s", TYPE_WORDS[row->type]);
    }
}

static json_t *refuse(const char *field, const char *expected) {
    return json_pack("{s:s, s:s}", "field", field, "expected", expected);
}

/* Positions get the names of the rows. NULL: too many. */
static json_t *name_positions(const struct jsonrpc_param *rows, size_t n_rows,
                              const json_t *array) {
    json_t *named = json_object();
    if (json_array_size(array) > n_rows) {
        json_decref(named);
        return NULL;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_object_set(named, rows[i].name, json_array_get(array, i));
    }
    return named;
}

json_t *jsonrpc_params_check(const struct jsonrpc_param *rows, size_t n_rows, json_t *params,
                             json_t **data) {
    char expected[200];
    *data = NULL;
    json_t *named;
    if (json_is_array(params)) {
        named = name_positions(rows, n_rows, params);
        if (named == NULL) {
            snprintf(expected, sizeof expected, "at most %zu positions", n_rows);
            *data = refuse("params", expected);
        }
    } else {
        named = params != NULL ? json_copy(params) : json_object();
    }
    for (size_t i = 0; named != NULL && i < n_rows; i++) {
        const struct jsonrpc_param *row = &rows[i];
        const json_t *value = json_object_get(named, row->name);
        bool is_good = value == NULL
                           ? row->is_optional
                           : has_type(row, value) && (row->is_good == NULL || row->is_good(value));
        if (!is_good) {
            print_expected(row, expected, sizeof expected);
            *data = refuse(row->name, expected);
            json_decref(named);
            named = NULL;
        }
    }
    return named;
}
