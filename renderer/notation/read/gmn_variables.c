/* $variables of a GMN text: declared before the score, inserted as text among symbols, values in
 * parameters; some names are layout settings (gmn.md 1). */
#include <string.h>

#include "common/err.h"
#include "renderer/notation/read/gmn_reader.h"

#define VARIABLES_MAX 4096 /* looked up one by one */

const char *gmn_unescape(struct gmn_reader *reader, const char *text, size_t len, bool everything,
                         size_t *out_len) {
    char *copy = arena_alloc(reader->arena, len + 2); /* and a blank */
    if (copy == NULL) {
        return NULL;
    }
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        bool is_escape = text[i] == '\\' && i + 1 < len;
        char next = is_escape ? text[i + 1] : '\0';
        if (is_escape && (next == '"' || next == '\'' || next == '\\')) {
            copy[n++] = next;
            i++;
        } else if (is_escape && next == 'n' && everything) {
            copy[n++] = '\n';
            i++;
        } else {
            copy[n++] = text[i];
        }
    }
    *out_len = n;
    return copy;
}

static void apply_setting(struct notation_settings *settings, struct gmn_text name, double value) {
    const struct {
        const char *name;
        double *setting;
    } rows[] = {
        {"SYSTEM_DISTANCE", &settings->system_distance},
        {"SYSTEM_DISTRIBUTION", &settings->system_distribution},
        {"SYSTEM_DISTRIBUTION_LIMIT", &settings->system_distribution_limit},
        {"FORCE", &settings->force},
        {"SPRING", &settings->spring},
        {"NEIGHBORHOOD_SPACING", &settings->neighborhood_spacing},
        {"OPTIMAL_PAGE_FILL", &settings->optimal_page_fill},
        {"RESIZE_PAGE_TO_MUSIC", &settings->resize_page},
        {"CHECK_LYRICS_COLLISIONS", &settings->check_lyrics},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strlen(rows[i].name) == name.len && memcmp(rows[i].name, name.data, name.len) == 0) {
            *rows[i].setting = value;
        }
    }
}

const struct gmn_variable *gmn_variable(const struct gmn_reader *reader, const char *name,
                                        size_t len) {
    for (size_t i = reader->n_variables; i-- > 0;) {
        const char *own = reader->variables[i].name;
        if (strlen(own) == len && memcmp(own, name, len) == 0) {
            return &reader->variables[i];
        }
    }
    return NULL;
}

bool gmn_declare(struct gmn_reader *reader, struct gmn_loc loc, struct gmn_text name,
                 const struct notation_param *value, struct gmn_text quoted) {
    void *variables = reader->variables;
    if (reader->n_variables >= VARIABLES_MAX) {
        return gmn_refuse(reader, loc, LG_ETOOLARGE, "more than %d variables", VARIABLES_MAX);
    }
    size_t gmn_len = 0;
    bool is_text = value->kind == NOTATION_PARAM_STRING;
    const char *gmn = gmn_unescape(reader, quoted.data, quoted.len, false, &gmn_len);
    if (gmn == NULL || !arena_grow(reader->arena, &variables, reader->n_variables,
                                   &reader->variables_capacity, sizeof(*reader->variables))) {
        return gmn_refuse_builder(reader, loc);
    }
    ((char *)gmn)[gmn_len++] = ' '; /* the insertion is followed by one blank; there is room */
    reader->variables = variables;
    reader->variables[reader->n_variables++] = (struct gmn_variable){
        .name = name.data,
        .kind = value->kind,
        .number = value->number,
        .text = value->text,
        .gmn = gmn,
        .gmn_len = gmn_len,
    };
    if (!is_text) {
        apply_setting(&model_builder_notation(reader->builder)->settings, name, value->number);
    }
    return true;
}
