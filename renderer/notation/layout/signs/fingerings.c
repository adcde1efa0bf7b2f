/* Figures near the heads; commas stack them (gmn.md 9). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>
#include <string.h>

#define FIGURE_PT 10.0

/* One figure, centred over the head; the first of a text lies uppermost. */
static void add_figure(const struct vertical_staff *at, const struct placed_chord *placed,
                       const struct music_sign *sign, int side, const char *text, size_t len) {
    double size = at->vertical->music->fingering_size;
    struct ink_font font = {.size = size > 0.2 && size < 20 ? size : FIGURE_PT * PT};
    if (sign->tag != NULL) {
        font.family = notation_tag_text(sign->tag, "font", NULL);
        font.size = vertical_length(sign->tag, "fsize", font.size) *
                    fmin(fmax(notation_tag_number(sign->tag, "size", 1), 0.1), 20);
        font.size = fmin(fmax(font.size, 0.2), 60);
        const char *attributes = notation_tag_text(sign->tag, "fattrib", "");
        font.is_bold = strchr(attributes, 'b') != NULL;
        font.is_italic = strchr(attributes, 'i') != NULL;
    }
    char *copy = arena_text(at->vertical->arena, text, len);
    if (copy == NULL || len == 0) {
        return;
    }
    struct text_extents extents;
    text_measure(&font, copy, &extents);
    struct ink ink =
        vertical_text(ROLE_FINGERING, &font, copy,
                      placed->center_x - (extents.ink.left + extents.ink.right) / 2, 0);
    ink.chord = placed->chord;
    vertical_tint(&ink, &vertical_music(at->vertical, placed)->look);
    struct ink_list list = {0};
    vertical_push(at, &list, &ink);
    double dx = sign->tag != NULL ? vertical_length(sign->tag, "dx", 0) : 0;
    double dy = sign->tag != NULL ? vertical_length(sign->tag, "dy", 0) : 0;
    ink_move(&list.items[0], dx, 0);
    double base =
        side < 0 ? -0.5 - extents.ink.bottom : vertical_bottom(at) + 0.5 - extents.ink.top;
    vertical_place(at, &list, side, base - dy, 0.3);
}

static void chord_figures(const struct vertical_staff *at, const struct placed_chord *placed,
                          const struct music_sign *sign) {
    const struct music_chord *chord = vertical_music(at->vertical, placed);
    int side = vertical_free_side(at, chord->is_in_voices && chord->voice_side < 0 ? 1 : -1,
                                  placed->left, placed->right);
    for (uint32_t i = 0; i < at->vertical->n_fingerings; i++) {
        const struct vertical_setting *setting = &at->vertical->fingerings[i];
        side = setting->voice == chord->voice && setting->first_event <= chord->event
                   ? setting->side
                   : side;
    }
    side = sign->side != 0 ? -sign->side : side;
    const char *text = sign->text != NULL  ? sign->text
                       : sign->tag != NULL ? notation_tag_text(sign->tag, "text", "")
                                           : "";
    const char *ends[8] = {text};
    size_t n = 1;
    for (const char *c = text; *c != '\0' && n < 8; c++) {
        if (*c == ',') {
            ends[n++] = c + 1;
        }
    }
    for (size_t i = 0; i < n; i++) { /* nearest to the head first */
        size_t k = side < 0 ? n - 1 - i : i;
        add_figure(at, placed, sign, side, ends[k], strcspn(ends[k], ","));
    }
}

void fingerings_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_chords; i++) {
        const struct placed_chord *placed = &at->vertical->placed->chords[at->chords[i]];
        const struct music_chord *chord = vertical_music(at->vertical, placed);
        for (uint32_t k = 0; k < chord->n_signs; k++) {
            if (chord->signs[k].kind == TAG_FINGERING) {
                chord_figures(at, placed, &chord->signs[k]);
            }
        }
    }
}
