/* The model as GMN text again; what reading it gives is equal (model_equal.c). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/model.h"

struct printer {
    char *text;
    size_t len, capacity;
    bool is_failed;
    const struct notation_voice *voice;
    int octave, n_dots; /* the reader's memory */
    struct rational base;
};

static void put(struct printer *printer, const char *bytes, size_t len) {
    if (printer->is_failed) {
        return;
    }
    if (len >= printer->capacity - printer->len) {
        size_t capacity = (printer->capacity + len) * 2;
        char *larger = realloc(printer->text, capacity);
        if (larger == NULL) {
            printer->is_failed = true;
            return;
        }
        printer->text = larger;
        printer->capacity = capacity;
    }
    memcpy(printer->text + printer->len, bytes, len);
    printer->len += len;
    printer->text[printer->len] = '\0';
}

static void put_text(struct printer *printer, const char *text) {
    put(printer, text, strlen(text));
}

static void __attribute__((format(printf, 2, 3)))
put_format(struct printer *printer, const char *format, ...) {
    char piece[512]; /* numbers and short words */
    va_list args;
    va_start(args, format);
    vsnprintf(piece, sizeof(piece), format, args);
    va_end(args);
    put_text(printer, piece);
}

/* Without an exponent, which GMN does not know; the reader takes less than 1e-9 for 0. */
static void put_float(struct printer *printer, double number) {
    char digits[64];
    snprintf(digits, sizeof(digits), "%.30f", number);
    size_t len = strlen(digits);
    while (len > 2 && digits[len - 1] == '0' && digits[len - 2] != '.') {
        len--;
    }
    put(printer, digits, len);
}

static const char *unit_name(enum notation_unit unit) {
    static const char *const names[] = {
        [NOTATION_UNIT_NONE] = "", [NOTATION_UNIT_HS] = "hs", [NOTATION_UNIT_CM] = "cm",
        [NOTATION_UNIT_MM] = "mm", [NOTATION_UNIT_IN] = "in", [NOTATION_UNIT_M] = "m",
        [NOTATION_UNIT_PT] = "pt", [NOTATION_UNIT_PC] = "pc", [NOTATION_UNIT_RL] = "rl",
        [NOTATION_UNIT_MS] = "ms", [NOTATION_UNIT_S] = "s",
    };
    return names[unit];
}

/* Text with a backslash before what would end or change it. */
static void put_escaped(struct printer *printer, const char *text, const char *hidden) {
    for (; *text != '\0'; text++) {
        if (*text == '\n' && hidden[0] == '"') {
            put(printer, "\\n", 2);
            continue;
        }
        if (strchr(hidden, *text) != NULL) {
            put(printer, "\\", 1);
        }
        put(printer, text, 1);
    }
}

static void put_param(struct printer *printer, const struct notation_param *param) {
    if (param->name != NULL) {
        put_format(printer, "%s=", param->name);
    }
    if (param->kind == NOTATION_PARAM_INTEGER) {
        put_format(printer, "%.0f%s", param->number, unit_name(param->unit));
    } else if (param->kind == NOTATION_PARAM_FLOAT) {
        put_float(printer, param->number);
        put_text(printer, unit_name(param->unit));
    } else if (param->is_word) {
        put_text(printer, param->text);
    } else {
        put(printer, "\"", 1);
        put_escaped(printer, param->text, "\"\\");
        put(printer, "\"", 1);
    }
}

static void put_tag(struct printer *printer, const struct notation_tag *tag) {
    bool is_stroke = strcmp(tag->name, "|") == 0;
    if (is_stroke && tag->n_params == 0 && tag->id < 0 && !tag->is_member) {
        put_text(printer, " |");
        return;
    }
    put_text(printer, " \\");
    put_text(printer, is_stroke ? "bar" : tag->name);
    put_text(printer, tag->is_pair ? "Begin" : "");
    if (tag->id >= 0) {
        put_format(printer, ":%lld", (long long)tag->id);
    }
    for (uint32_t i = 0; i < tag->n_params; i++) {
        put(printer, i == 0 ? "<" : ",", 1);
        put_param(printer, &tag->params[i]);
    }
    put_text(printer, tag->n_params > 0 ? ">" : "");
    put_text(printer, tag->has_range && !tag->is_pair ? "(" : "");
}

static void put_tag_end(struct printer *printer, const struct notation_tag *tag) {
    if (!tag->is_pair) {
        put_text(printer, " )");
        return;
    }
    put_format(printer, " \\%.400sEnd", tag->name);
    if (tag->id >= 0) {
        put_format(printer, ":%lld", (long long)tag->id);
    }
}

/* What differs from the memory. `written` holds the dots. */
static void put_duration(struct printer *printer, struct rational written, int n_dots) {
    static const struct rational undot[] = {{1, 1}, {2, 3}, {4, 7}, {8, 15}};
    struct rational base = written;
    if (!rational_multiply(written, undot[n_dots], &base)) {
        base = written;
        n_dots = 0;
    }
    base = rational_reduce(base);
    if (rational_compare(base, printer->base) == 0 && n_dots == printer->n_dots) {
        return;
    }
    if (base.num == 1) {
        put_format(printer, "/%lld", (long long)base.den);
    } else if (base.den == 1) {
        put_format(printer, "*%lld", (long long)base.num);
    } else {
        put_format(printer, "*%lld/%lld", (long long)base.num, (long long)base.den);
    }
    put(printer, "...", (size_t)n_dots);
    printer->base = base;
    printer->n_dots = n_dots;
}

static void put_pitch(struct printer *printer, const struct notation_note *note) {
    if (note->is_rest) {
        put_text(printer, note->is_empty ? "empty" : "_");
        return;
    }
    if (note->is_tab) {
        put_format(printer, "s%d:", note->tab_string);
        put_escaped(printer, note->text, ":\\");
        put(printer, ":", 1);
        return;
    }
    put(printer, &"cdefgab"[note->step], 1);
    for (int i = note->alter; i != 0; i += i > 0 ? -1 : 1) {
        put_text(printer, i > 0 ? "#" : "&");
    }
    if (note->octave != printer->octave) {
        put_format(printer, "%d", note->octave);
        printer->octave = note->octave;
    }
}

static void put_member(struct printer *printer, const struct notation_event *event,
                       const struct notation_note *note) {
    uint32_t n_ranges = 0;
    for (uint32_t i = 0; i < note->n_tags; i++) {
        const struct notation_tag *tag = &printer->voice->tags[note->tags[i]];
        put_tag(printer, tag);
        n_ranges += tag->has_range && !tag->is_pair ? 1 : 0;
    }
    put_text(printer, note->n_tags > 0 ? " " : "");
    put_pitch(printer, note);
    bool is_longest = event->is_grace || rational_compare(note->duration, event->written) == 0;
    put_duration(printer, is_longest ? event->written : note->duration,
                 is_longest ? event->n_dots : 0);
    for (uint32_t i = 0; i < n_ranges; i++) {
        put(printer, ")", 1);
    }
}

static void put_event(struct printer *printer, const struct notation_event *event) {
    put(printer, " ", 1);
    if (event->kind != NOTATION_CHORD) {
        put_text(printer, event->kind == NOTATION_EMPTY ? "empty" : "_");
        put_duration(printer, event->written, event->n_dots);
        return;
    }
    bool is_chord = event->n_notes > 1 || event->notes[0].n_tags > 0;
    for (uint32_t i = 0; i < event->n_notes; i++) {
        put_text(printer, !is_chord ? "" : i == 0 ? "{" : ", ");
        put_member(printer, event, &event->notes[i]);
    }
    put_text(printer, is_chord ? "}" : "");
}

static void put_voice(struct printer *printer, const struct notation_voice *voice) {
    printer->voice = voice;
    printer->octave = 1;
    printer->base = (struct rational){1, 4};
    printer->n_dots = 0;
    put(printer, "[", 1);
    for (size_t i = 0; i < voice->n_items; i++) {
        const struct notation_item *item = &voice->items[i];
        if (item->kind == NOTATION_ITEM_EVENT) {
            put_event(printer, &voice->events[item->index]);
        } else if (item->kind == NOTATION_ITEM_TAG_END) {
            put_tag_end(printer, &voice->tags[item->index]);
        } else if (!voice->tags[item->index].is_member) { /* those stand in their chord */
            put_tag(printer, &voice->tags[item->index]);
        }
    }
    put_text(printer, " ]");
}

static void put_setting(struct printer *printer, const char *name, double value, double usual) {
    if (value < usual || value > usual) {
        put_format(printer, "$%s = ", name);
        put_float(printer, value);
        put_text(printer, ";\n");
    }
}

static void put_settings(struct printer *printer, const struct notation_settings *settings) {
    put_setting(printer, "SYSTEM_DISTANCE", settings->system_distance, 75);
    put_setting(printer, "SYSTEM_DISTRIBUTION", settings->system_distribution, 1);
    put_setting(printer, "SYSTEM_DISTRIBUTION_LIMIT", settings->system_distribution_limit, 0.25);
    put_setting(printer, "FORCE", settings->force, 750);
    put_setting(printer, "SPRING", settings->spring, 1.1);
    put_setting(printer, "NEIGHBORHOOD_SPACING", settings->neighborhood_spacing, 0);
    put_setting(printer, "OPTIMAL_PAGE_FILL", settings->optimal_page_fill, 1);
    put_setting(printer, "RESIZE_PAGE_TO_MUSIC", settings->resize_page, 1);
    put_setting(printer, "CHECK_LYRICS_COLLISIONS", settings->check_lyrics, 0);
}

char *notation_print(const struct notation *notation) {
    struct printer printer = {.capacity = 1024};
    printer.text = malloc(printer.capacity);
    if (printer.text == NULL) {
        return NULL;
    }
    printer.text[0] = '\0';
    put_settings(&printer, &notation->settings);
    put_text(&printer, notation->n_voices != 1 ? "{" : "");
    for (size_t i = 0; i < notation->n_voices; i++) {
        put_text(&printer, i > 0 ? ",\n" : "");
        put_voice(&printer, &notation->voices[i]);
    }
    put_text(&printer, notation->n_voices != 1 ? "}\n" : "\n");
    if (printer.is_failed) {
        free(printer.text);
        return NULL;
    }
    return printer.text;
}
