/* Access to the notation model: tags by name, parameters by name or place, lengths in spaces. */
#include "renderer/notation/model.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/notation/tags.h"

void notation_destroy(struct notation *notation) {
    if (notation != NULL) {
        arena_destroy(notation->arena); /* the notation lies in it */
    }
}

/* \set and \auto: the names of the first ones also without "auto" (gmn.md 8). */
static bool is_param_name(const struct notation_tag *tag, const char *written, const char *name) {
    if (strcmp(written, name) == 0) {
        return true;
    }
    if (tag->kind != TAG_SET || strncmp(name, "auto", 4) != 0 || name[4] == '\0') {
        return false;
    }
    return written[0] == name[4] - 'A' + 'a' && strcmp(written + 1, name + 5) == 0;
}

const struct notation_param *notation_tag_param(const struct notation_tag *tag, const char *name) {
    for (uint32_t i = 0; i < tag->n_params; i++) {
        if (tag->params[i].name != NULL && is_param_name(tag, tag->params[i].name, name)) {
            return tag->params[i].is_word ? NULL : &tag->params[i];
        }
    }
    /* Named values count as places too (gmn.md 7). */
    int place = notation_tag_place(tag->kind, name);
    if (place < 0) {
        return NULL;
    }
    /* \pageFormat<"A4", 2cm, ...>: the name of the paper stands for w and h. */
    bool is_paper = tag->kind == TAG_PAGE_FORMAT && tag->n_params > 0 &&
                    tag->params[0].name == NULL && tag->params[0].kind == NOTATION_PARAM_STRING;
    if (tag->kind == TAG_PAGE_FORMAT && place < 2 && is_paper != (strcmp(name, "type") == 0)) {
        return NULL;
    }
    uint32_t i = is_paper && place >= 2 ? (uint32_t)place - 1 : (uint32_t)place;
    if (i >= tag->n_params || tag->params[i].name != NULL || tag->params[i].is_word) {
        return NULL;
    }
    return &tag->params[i];
}

const char *notation_tag_text(const struct notation_tag *tag, const char *name,
                              const char *fallback) {
    const struct notation_param *param = notation_tag_param(tag, name);
    return param != NULL && param->kind == NOTATION_PARAM_STRING ? param->text : fallback;
}

/* A number, also one in quotes; false when it is none. */
static bool param_number(const struct notation_param *param, double *out) {
    if (param == NULL) {
        return false;
    }
    if (param->kind != NOTATION_PARAM_STRING) {
        *out = param->number;
        return true;
    }
    char *end;
    double number = strtod(param->text, &end);
    bool is_number = end != param->text && *end == '\0' && number > -1e9 && number < 1e9;
    if (is_number) {
        *out = number;
    }
    return is_number;
}

static double spaces_per_unit(enum notation_unit unit) {
    switch (unit) {
    case NOTATION_UNIT_CM:
        return 1.0 / NOTATION_CM_PER_SPACE;
    case NOTATION_UNIT_MM:
        return 0.1 / NOTATION_CM_PER_SPACE;
    case NOTATION_UNIT_M:
        return 100.0 / NOTATION_CM_PER_SPACE;
    case NOTATION_UNIT_IN:
        return 72.27 / 6.0;
    case NOTATION_UNIT_PT:
        return 1.0 / 6.0;
    case NOTATION_UNIT_PC:
        return 2.0;
    case NOTATION_UNIT_NONE:
    case NOTATION_UNIT_HS:
    case NOTATION_UNIT_RL:
    case NOTATION_UNIT_MS:
    case NOTATION_UNIT_S:
        break;
    }
    return 0.5; /* half spaces */
}

double notation_tag_length(const struct notation_tag *tag, const char *name, double fallback) {
    const struct notation_param *param = notation_tag_param(tag, name);
    double number;
    if (!param_number(param, &number)) {
        return fallback;
    }
    bool is_default = param->unit == NOTATION_UNIT_NONE;
    return number * spaces_per_unit(is_default ? tag->default_unit : param->unit);
}

double notation_tag_number(const struct notation_tag *tag, const char *name, double fallback) {
    double number;
    return param_number(notation_tag_param(tag, name), &number) ? number : fallback;
}

bool notation_tag_bool(const struct notation_tag *tag, const char *name, bool fallback) {
    const struct notation_param *param = notation_tag_param(tag, name);
    if (param == NULL) {
        return fallback;
    }
    if (param->kind != NOTATION_PARAM_STRING) {
        return param->number != 0;
    }
    static const char *const words[] = {"true", "on", "yes", "1"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(param->text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}
