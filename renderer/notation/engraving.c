/* The door of the engraver: runs the stages in order and counts references. */
#include "renderer/notation/engraving.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/engraving_private.h"
#include "renderer/notation/font.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/read/musicxml.h"

struct engraving_options engraving_options_default(void) {
    return (struct engraving_options){.format = ENGRAVING_ANY, .crops_page = true};
}

int engrave_read(const char *text, size_t len, enum engraving_format format, struct notation **out,
                 struct notation_message *error) {
    if (format == ENGRAVING_MUSICXML ||
        (format == ENGRAVING_ANY && musicxml_is_likely(text, len))) {
        return musicxml_read(text, len, out, error);
    }
    return gmn_read(text, len, out, error);
}

void engrave_say_limit(int code, const char *stage, struct notation_message *error) {
    *error = (struct notation_message){0};
    if (code == LG_ETOOLARGE) {
        snprintf(error->text, sizeof error->text, "the score is too large to %s", stage);
    } else {
        snprintf(error->text, sizeof error->text, "cannot %s the score: %s", stage,
                 lg_err_name(code));
    }
}

/* A \pageFormat of the score's own wins over the one asked for. */
static bool has_page_format(const struct notation *notation) {
    for (size_t voice_i = 0; voice_i < notation->n_voices; voice_i++) {
        const struct notation_voice *voice = &notation->voices[voice_i];
        for (size_t tag_i = 0; tag_i < voice->n_tags; tag_i++) {
            if (voice->tags[tag_i].kind == TAG_PAGE_FORMAT) {
                return true;
            }
        }
    }
    return false;
}

struct layout_options engrave_layout_options(const struct notation *notation,
                                             const struct engraving_options *options) {
    struct layout_options layout = {.crops_page = options->crops_page, .is_live = options->is_live};
    if (!has_page_format(notation)) {
        layout.page_width = options->page_width_cm / NOTATION_CM_PER_SPACE;
        layout.page_height = options->page_height_cm / NOTATION_CM_PER_SPACE;
    }
    return layout;
}

int engrave_notation(struct notation *notation, const struct engraving_options *options,
                     struct engraving **out, struct notation_message *error) {
    struct layout_options layout = engrave_layout_options(notation, options);
    struct placed_score *placed = NULL;
    struct engraving *engraving = calloc(1, sizeof *engraving);
    const char *stage = "draw";
    if (engraving == NULL) {
        notation_destroy(notation);
        return LG_ENOMEM;
    }
    engraving->notation = notation;
    atomic_init(&engraving->references, 1);
    int code = music_font_load(error->text, sizeof error->text);
    if (code == LG_OK) {
        stage = "arrange";
        code = music_arrange(notation, &engraving->music);
        if (code == LG_OK) {
            stage = "lay out";
            code = horizontal_layout(notation->arena, engraving->music, &layout, &placed);
        }
        if (code == LG_OK) {
            code = vertical_layout(notation->arena, placed, &layout, engraving);
        }
        if (code != LG_OK) {
            engrave_say_limit(code, stage, error);
        }
    }
    if (code != LG_OK) {
        engraving_unref(engraving);
        return code;
    }
    *out = engraving;
    return LG_OK;
}

int engrave(const char *text, size_t len, const struct engraving_options *options,
            struct engraving **out, struct notation_message *error) {
    struct notation *notation = NULL;
    *error = (struct notation_message){0};
    int code = engrave_read(text, len, options->format, &notation, error);
    return code == LG_OK ? engrave_notation(notation, options, out, error) : code;
}

struct engraving *engraving_ref(struct engraving *engraving) {
    if (engraving != NULL) {
        atomic_fetch_add_explicit(&engraving->references, 1, memory_order_relaxed);
    }
    return engraving;
}

void engraving_unref(struct engraving *engraving) {
    if (engraving == NULL ||
        atomic_fetch_sub_explicit(&engraving->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    notation_destroy(engraving->notation);
    arena_destroy(engraving->earlier);
    free(engraving);
}
