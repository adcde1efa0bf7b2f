/* Messages of the piano roll types (score-language reference 9.1). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "renderer/types/notation/pianoroll_object.h"
#include "renderer/types/shapes/shape.h"

#define ALL_CLASSES 0xfffu

/* -- clips ---------------------------------------------------------------------- */

static int set_clip_time(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    struct rational begin, end;
    if (n_params != 0) {
        if (n_params != 4) {
            return LG_EBADREQUEST;
        }
        for (size_t i = 0; i < 4; i++) {
            if (params[i].kind != PARAM_INT) {
                return LG_EBADREQUEST;
            }
        }
        if (!rational_make(params[0].as.i, params[1].as.i, &begin) ||
            !rational_make(params[2].as.i, params[3].as.i, &end) ||
            rational_compare(begin, end) >= 0) {
            return LG_EBADREQUEST;
        }
        roll->clip_begin = begin;
        roll->clip_end = end;
    }
    roll->has_clip_time = n_params != 0;
    roll->is_stale = true;
    return LG_OK;
}

static void get_clip_time(const struct object *object, struct message *out) {
    const struct pianoroll_object *roll = object->data;
    struct rational begin = roll->has_clip_time ? roll->clip_begin : (struct rational){0, 1};
    struct rational end = roll->has_clip_time ? roll->clip_end : roll->roll.duration;
    message_give_param(out, param_int((int32_t)begin.num));
    message_give_param(out, param_int((int32_t)begin.den));
    message_give_param(out, param_int((int32_t)end.num));
    message_give_param(out, param_int((int32_t)end.den));
}

static int set_clip_pitch(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    if (n_params != 0) {
        if (n_params != 2 || !param_is_number(&params[0]) || !param_is_number(&params[1])) {
            return LG_EBADREQUEST;
        }
        int low = param_as_int(&params[0]), high = param_as_int(&params[1]);
        if (low < 0 || high > 127 || low > high) {
            return LG_EBADREQUEST;
        }
        roll->clip_low = low;
        roll->clip_high = high;
    }
    roll->has_clip_pitch = n_params != 0;
    roll->is_stale = true;
    return LG_OK;
}

static void get_clip_pitch(const struct object *object, struct message *out) {
    const struct pianoroll_object *roll = object->data;
    message_give_param(out, param_int(roll->has_clip_pitch ? roll->clip_low : 0));
    message_give_param(out, param_int(roll->has_clip_pitch ? roll->clip_high : 127));
}

/* -- switches ----------------------------------------------------------------------- */

static int set_switch(struct object *object, bool *to, const struct param *params,
                      size_t n_params) {
    struct pianoroll_object *roll = object->data;
    int code = shape_bool(params, n_params, to);
    roll->is_stale = true;
    return code;
}

static int set_keyboard(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    return set_switch(object, &roll->has_keyboard, params, n_params);
}

static void get_keyboard(const struct object *object, struct message *out) {
    const struct pianoroll_object *roll = object->data;
    message_give_param(out, param_int(roll->has_keyboard));
}

static int set_bars(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    return set_switch(object, &roll->has_measure_bars, params, n_params);
}

static void get_bars(const struct object *object, struct message *out) {
    const struct pianoroll_object *roll = object->data;
    message_give_param(out, param_int(roll->has_measure_bars));
}

static int set_auto(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    return set_switch(object, &roll->has_auto_colors, params, n_params);
}

static void get_auto(const struct object *object, struct message *out) {
    const struct pianoroll_object *roll = object->data;
    message_give_param(out, param_int(roll->has_auto_colors));
}

/* -- colours of voices ----------------------------------------------------------------- */

static struct voice_color *find_color(struct pianoroll_object *roll, uint32_t voice) {
    for (size_t i = 0; i < roll->n_colors; i++) {
        if (roll->colors[i].voice == voice) {
            return &roll->colors[i];
        }
    }
    return NULL;
}

static uint8_t channel(const struct param *param) {
    int value = param_as_int(param);
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* voiceColor voice r g b [a]; the voice alone: its own colour again. */
static int set_voice_color(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    for (size_t i = 0; i < n_params; i++) {
        if (!param_is_number(&params[i])) {
            return LG_EBADREQUEST;
        }
    }
    if (n_params == 0 || n_params > 5 || param_as_int(&params[0]) < 1) {
        return LG_EBADREQUEST;
    }
    uint32_t voice = (uint32_t)param_as_int(&params[0]);
    struct voice_color *color = find_color(roll, voice);
    roll->is_stale = true;
    if (n_params < 4) {
        if (color != NULL) {
            *color = roll->colors[--roll->n_colors];
        }
        return LG_OK;
    }
    if (color == NULL) {
        struct voice_color *grown =
            roll->n_colors >= PIANOROLL_VOICE_COLORS_MAX
                ? NULL
                : realloc(roll->colors, (roll->n_colors + 1) * sizeof *grown);
        if (grown == NULL) {
            return LG_EBADREQUEST;
        }
        roll->colors = grown;
        color = &roll->colors[roll->n_colors++];
    }
    *color = (struct voice_color){voice,
                                  {channel(&params[1]), channel(&params[2]), channel(&params[3]),
                                   n_params == 5 ? channel(&params[4]) : 255}};
    return LG_OK;
}

bool pianoroll_more_messages(const struct object *object, size_t i, struct message *out) {
    const struct pianoroll_object *roll = object->data;
    if (i >= roll->n_colors) {
        return false;
    }
    const struct voice_color *color = &roll->colors[i];
    const int numbers[5] = {(int)color->voice, color->color.r, color->color.g, color->color.b,
                            color->color.a};
    out->method = strdup("voiceColor");
    for (int k = 0; k < 5; k++) {
        message_give_param(out, param_int(numbers[k]));
    }
    return true;
}

/* Clips that were never set follow the music. */
bool pianoroll_is_saved(const struct object *object, const char *name) {
    const struct pianoroll_object *roll = object->data;
    if (strcmp(name, "clipTime") == 0) {
        return roll->has_clip_time;
    }
    return strcmp(name, "clipPitch") != 0 || roll->has_clip_pitch;
}

/* -- lines ------------------------------------------------------------------------------ */

/* Bit of a pitch class by name: c c# d … also cis, db. 0: no such name. */
static unsigned class_bit(const char *name) {
    static const char LETTERS[] = "c d ef g a b";
    const char *letter = name[0] != '\0' && name[0] != ' ' ? strchr(LETTERS, name[0]) : NULL;
    if (name[0] == 'h') {
        letter = LETTERS + 11;
    }
    if (letter == NULL) {
        return 0;
    }
    int pitch_class = (int)(letter - LETTERS);
    const char *rest = name + 1;
    if (strcmp(rest, "#") == 0 || strcasecmp(rest, "is") == 0) {
        pitch_class++;
    } else if (strcmp(rest, "&") == 0 || strcmp(rest, "b") == 0) {
        pitch_class--;
    } else if (rest[0] != '\0') {
        return 0;
    }
    return 1u << (pitch_class + 12) % 12;
}

static int set_pitch_lines(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    unsigned lines = n_params == 0 ? ALL_CLASSES : 0;
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING) {
            return LG_EBADREQUEST;
        }
        bool is_empty = n_params == 1 && strcmp(params[i].as.text, "empty") == 0;
        unsigned bit = is_empty ? 0 : class_bit(params[i].as.text);
        if (bit == 0 && !is_empty) {
            return LG_EBADREQUEST;
        }
        lines |= bit;
    }
    roll->pitch_lines = lines;
    roll->is_stale = true;
    return LG_OK;
}

static void get_pitch_lines(const struct object *object, struct message *out) {
    static const char *const NAMES[12] = {"c",  "c#", "d",  "d#", "e",  "f",
                                          "f#", "g",  "g#", "a",  "a#", "b"};
    const struct pianoroll_object *roll = object->data;
    if (roll->pitch_lines == 0) {
        message_give_param(out, param_string("empty"));
    }
    for (int i = 0; i < 12 && roll->pitch_lines != ALL_CLASSES; i++) {
        if ((roll->pitch_lines >> i & 1) != 0) {
            message_give_param(out, param_string(NAMES[i]));
        }
    }
}

#define ROLL_METHODS                                                                               \
    {"clipTime", set_clip_time, get_clip_time}, {"clipPitch", set_clip_pitch, get_clip_pitch},     \
        {"keyboard", set_keyboard, get_keyboard}, {"measureBars", set_bars, get_bars},             \
        {"autoVoicesColoration", set_auto, get_auto}, {"voiceColor", set_voice_color, NULL}, {     \
        "pitchLines", set_pitch_lines, get_pitch_lines                                             \
    }

const struct object_method PIANOROLL_METHODS[N_PIANOROLL_METHODS] = {ROLL_METHODS};
const struct object_method PIANOROLL_STREAM_METHODS[N_PIANOROLL_STREAM_METHODS] = {
    ROLL_METHODS, {"write", pianoroll_stream_write, NULL}, {"clear", pianoroll_stream_clear, NULL}};
