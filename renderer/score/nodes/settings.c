/* Tables of named values; see the header. */
#include "renderer/score/nodes/settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/score/attributes/attributes.h"

struct setting_value {
    double number;
    char **words;
    size_t n_words;
};

struct settings {
    const struct setting_row *rows;
    size_t n_rows;
    struct setting_value *values;
};

static void clear_words(struct setting_value *value) {
    for (size_t i = 0; i < value->n_words; i++) {
        free(value->words[i]);
    }
    free(value->words);
    value->words = NULL;
    value->n_words = 0;
}

static void add_word(struct setting_value *value, const char *word) {
    value->words = alloc_resize(value->words, value->n_words + 1, sizeof(char *));
    value->words[value->n_words++] = alloc_text(word);
}

void settings_reset(struct settings *settings) {
    for (size_t i = 0; i < settings->n_rows; i++) {
        struct setting_value *value = &settings->values[i];
        clear_words(value);
        value->number = settings->rows[i].number;
        if (settings->rows[i].text != NULL) {
            add_word(value, settings->rows[i].text);
        }
    }
}

struct settings *settings_create(const struct setting_row *rows, size_t n_rows) {
    struct settings *settings = alloc_zero(sizeof *settings);
    settings->rows = rows;
    settings->n_rows = n_rows;
    settings->values = alloc_zero(n_rows * sizeof *settings->values);
    settings_reset(settings);
    return settings;
}

void settings_destroy(struct settings *settings) {
    if (settings == NULL) {
        return;
    }
    for (size_t i = 0; i < settings->n_rows; i++) {
        clear_words(&settings->values[i]);
    }
    free(settings->values);
    free(settings);
}

/* Index of a name, n_rows when unknown. */
static size_t find(const struct settings *settings, const char *name) {
    size_t i = 0;
    while (i < settings->n_rows && strcmp(settings->rows[i].name, name) != 0) {
        i++;
    }
    return i;
}

bool settings_knows(const struct settings *settings, const char *name) {
    return find(settings, name) < settings->n_rows;
}

static int set_number(struct setting_value *value, enum setting_kind kind,
                      const struct param *params, size_t n_params) {
    float number;
    if (params_float(params, n_params, &number) != 0) {
        return LG_EBADREQUEST;
    }
    if (kind == SETTING_FLOAT) {
        value->number = (double)number;
    } else if (kind == SETTING_BOOL) {
        value->number = number != 0;
    } else {
        value->number = param_as_int(&params[0]);
    }
    return 0;
}

static int set_words(struct setting_value *value, enum setting_kind kind,
                     const struct param *params, size_t n_params) {
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING || strlen(params[i].as.text) > LIMIT_PATH_BYTES) {
            return LG_EBADREQUEST;
        }
    }
    if (kind == SETTING_WORD && n_params > 1) {
        return LG_EBADREQUEST;
    }
    if (kind == SETTING_WORD || n_params == 0) {
        clear_words(value);
    }
    if (value->n_words + n_params > LIMIT_WORDS) {
        return LG_EBADREQUEST;
    }
    for (size_t i = 0; i < n_params; i++) {
        add_word(value, params[i].as.text);
    }
    return 0;
}

int settings_set(struct settings *settings, const char *name, const struct param *params,
                 size_t n_params) {
    size_t row_i = find(settings, name);
    if (row_i == settings->n_rows) {
        return LG_ENOTFOUND;
    }
    enum setting_kind kind = settings->rows[row_i].kind;
    switch (kind) {
    case SETTING_INT:
    case SETTING_FLOAT:
    case SETTING_BOOL:
        return set_number(&settings->values[row_i], kind, params, n_params);
    case SETTING_WORD:
    case SETTING_WORDS:
        return set_words(&settings->values[row_i], kind, params, n_params);
    case SETTING_TRIGGER:
        break;
    }
    return 0;
}

bool settings_get(const struct settings *settings, const char *name, struct message *out) {
    size_t row_i = find(settings, name);
    if (row_i == settings->n_rows) {
        return false;
    }
    const struct setting_value *value = &settings->values[row_i];
    switch (settings->rows[row_i].kind) {
    case SETTING_INT:
    case SETTING_BOOL:
        message_give_param(out, param_int((int32_t)value->number));
        return true;
    case SETTING_FLOAT:
        message_give_param(out, param_float((float)value->number));
        return true;
    case SETTING_WORD:
    case SETTING_WORDS:
        for (size_t i = 0; i < value->n_words; i++) {
            message_give_param(out, param_string(value->words[i]));
        }
        return value->n_words > 0;
    case SETTING_TRIGGER:
        break;
    }
    return false;
}

double settings_number(const struct settings *settings, const char *name) {
    size_t row_i = find(settings, name);
    return row_i < settings->n_rows ? settings->values[row_i].number : 0;
}

char *const *settings_words(const struct settings *settings, const char *name, size_t *n_words) {
    size_t row_i = find(settings, name);
    *n_words = row_i < settings->n_rows ? settings->values[row_i].n_words : 0;
    return *n_words > 0 ? settings->values[row_i].words : NULL;
}

size_t settings_count(const struct settings *settings) {
    return settings->n_rows;
}

const struct setting_row *settings_row(const struct settings *settings, size_t row_i) {
    return &settings->rows[row_i];
}
