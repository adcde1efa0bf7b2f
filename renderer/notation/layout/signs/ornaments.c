/* Trills, mordents, turns, bows, fermatas: signs outside the slurs (gmn.md 12, 16), and
 * the wavy line of a long trill. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>
#include <string.h>

#define ORNAMENT_Y (-1.0) /* lower edge above the staff, at least; gmn.md 12 */
#define FERMATA_Y  (-0.8)

static bool type_is(const struct notation_tag *tag, const char *type) {
    return tag != NULL && strcmp(notation_tag_text(tag, "type", ""), type) == 0;
}

static enum music_glyph fermata_glyph(const struct notation_tag *tag, int side) {
    if (type_is(tag, "short")) {
        return side < 0 ? GLYPH_FERMATA_SHORT_ABOVE : GLYPH_FERMATA_SHORT_BELOW;
    }
    if (type_is(tag, "long")) {
        return side < 0 ? GLYPH_FERMATA_LONG_ABOVE : GLYPH_FERMATA_LONG_BELOW;
    }
    return side < 0 ? GLYPH_FERMATA_ABOVE : GLYPH_FERMATA_BELOW;
}

static enum music_glyph mordent_glyph(const struct notation_tag *tag) {
    if (type_is(tag, "inverted")) {
        return GLYPH_MORDENT;
    }
    if (type_is(tag, "prallprall")) {
        return GLYPH_PRALL_PRALL;
    }
    return type_is(tag, "prallinverted") ? GLYPH_PRALL_MORDENT : GLYPH_PRALL;
}

/* Order outwards; 0: none of ours. */
static int order_of(enum notation_tag_kind kind) {
    switch (kind) {
    case TAG_TRILL:
    case TAG_MORDENT:
    case TAG_TURN:
        return 1;
    case TAG_BOW:
        return 2;
    case TAG_FERMATA:
        return 3;
    default:
        return 0;
    }
}

static enum music_glyph glyph_of(const struct music_sign *sign, int side) {
    switch (sign->kind) {
    case TAG_MORDENT:
        return mordent_glyph(sign->tag);
    case TAG_TURN:
        if (type_is(sign->tag, "invertedb")) {
            return GLYPH_TURN_SLASHED;
        }
        return type_is(sign->tag, "inverted") ? GLYPH_TURN_REVERSED : GLYPH_TURN;
    case TAG_FERMATA:
        return fermata_glyph(sign->tag, side);
    case TAG_BOW:
        return type_is(sign->tag, "up") ? GLYPH_BOW_UP : GLYPH_BOW_DOWN;
    default:
        return GLYPH_TRILL;
    }
}

static bool glyph_of_accidental(const char *text, enum music_glyph *glyph) {
    static const struct {
        const char *text;
        enum music_glyph glyph;
    } names[] = {
        {"#", GLYPH_SHARP},
        {"##", GLYPH_DOUBLE_SHARP},
        {"&", GLYPH_FLAT},
        {"&&", GLYPH_DOUBLE_FLAT},
        {"sharp", GLYPH_SHARP},
        {"flat", GLYPH_FLAT},
        {"natural", GLYPH_NATURAL},
        {"n", GLYPH_NATURAL},
        {"double-sharp", GLYPH_DOUBLE_SHARP},
        {"flat-flat", GLYPH_DOUBLE_FLAT},
        {"=", GLYPH_NATURAL},
    };
    for (size_t i = 0; text != NULL && i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i].text) == 0) {
            *glyph = names[i].glyph;
            return true;
        }
    }
    return false;
}

/* The accidental of the auxiliary note: told, or written in the `note` of the tag ("a&"). */
static bool accidental_of(const struct music_sign *sign, enum music_glyph *glyph) {
    if (sign->text != NULL || sign->tag == NULL || sign->kind == TAG_FERMATA ||
        sign->kind == TAG_BOW) {
        return glyph_of_accidental(sign->text, glyph);
    }
    const char *note = notation_tag_text(sign->tag, "note", "");
    return glyph_of_accidental(note + strcspn(note, "#&="), glyph);
}

/* Sign, and the small accidental of its auxiliary note outside of it. */
static void compose(const struct vertical_staff *at, const struct placed_chord *placed,
                    const struct music_sign *sign, int side, struct ink_list *list) {
    enum music_glyph glyph = glyph_of(sign, side), accidental;
    double size = at->space;
    struct ink_box box = music_glyph_box(glyph);
    double x = placed->center_x - (box.left + box.right) / 2 * size;
    enum ink_role role = sign->kind == TAG_FERMATA ? ROLE_FERMATA
                         : sign->kind == TAG_BOW   ? ROLE_ARTICULATION
                                                   : ROLE_ORNAMENT;
    struct ink ink = vertical_glyph(role, glyph, x, 0, size);
    ink.chord = placed->chord;
    vertical_push(at, list, &ink);
    if (accidental_of(sign, &accidental)) {
        double small = 0.6 * size;
        struct ink_box sign_box = vertical_box(list), own = music_glyph_box(accidental);
        double y = side < 0 ? sign_box.top - 0.15 - own.bottom * small
                            : sign_box.bottom + 0.15 - own.top * small;
        struct ink extra =
            vertical_glyph(ROLE_ORNAMENT, accidental,
                           placed->center_x - (own.left + own.right) / 2 * small, y, small);
        extra.chord = placed->chord;
        vertical_push(at, list, &extra);
    }
}

/* The long trill that begins at a chord: its sign is drawn with the line. */
static bool has_line(const struct vertical_staff *at, uint32_t chord) {
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        const struct music_span *span = at->pieces[i].span;
        if (span->kind == MUSIC_TRILL_LINE && span->first_chord == chord) {
            return true;
        }
    }
    return false;
}

/* tr="false" or begin="off": a trill goes on, its sign is not repeated. */
static bool is_silent(const struct notation_tag *tag) {
    return tag != NULL &&
           !(notation_tag_bool(tag, "tr", true) && notation_tag_bool(tag, "begin", true));
}

static int default_side(const struct music_chord *chord, const struct music_sign *sign) {
    if (sign->side != 0) {
        return -sign->side;
    }
    return chord->is_in_voices && chord->voice_side < 0 ? 1 : -1;
}

static void chord_ornaments(const struct vertical_staff *at, const struct placed_chord *placed,
                            int order) {
    const struct music_chord *chord = vertical_music(at->vertical, placed);
    for (uint32_t i = 0; i < chord->n_signs; i++) {
        const struct music_sign *sign = &chord->signs[i];
        if (order_of(sign->kind) != order ||
            (sign->kind == TAG_TRILL && (has_line(at, placed->chord) || is_silent(sign->tag)))) {
            continue;
        }
        struct ink_list list = {0};
        int side = default_side(chord, sign);
        side = sign->side != 0 ? side : vertical_free_side(at, side, placed->left, placed->right);
        compose(at, placed, sign, side, &list);
        struct ink_box box = vertical_box(&list);
        double away = (sign->kind == TAG_FERMATA ? FERMATA_Y : ORNAMENT_Y) * at->space;
        double y = side < 0 ? away - box.bottom : vertical_bottom(at) - away - box.top;
        double dy = sign->tag != NULL ? vertical_length(sign->tag, "dy", 0) : 0;
        double dx = sign->tag != NULL ? vertical_length(sign->tag, "dx", 0) : 0;
        for (size_t k = 0; k < list.n_items; k++) {
            ink_move(&list.items[k], dx, 0);
            vertical_tint(&list.items[k], &chord->look);
        }
        vertical_place(at, &list, side, y - dy, VERTICAL_GAP);
    }
}

/* tr and waves to the end of the span. */
static void trill_line(const struct vertical_staff *at, const struct vertical_piece *piece) {
    double size = at->space, right = piece->right;
    struct ink_list list = {0};
    double x = piece->left;
    const struct notation_tag *tag = piece->span->tag;
    if (piece->begins_here && !is_silent(tag)) {
        struct ink_box box = music_glyph_box(GLYPH_TRILL);
        x -= (box.left + box.right) / 2 * size;
        struct ink trill = vertical_glyph(ROLE_ORNAMENT, GLYPH_TRILL, x, 0, size);
        trill.chord = piece->span->first_chord;
        vertical_push(at, &list, &trill);
        x += box.right * size + 0.2;
    }
    if (piece->last != NOTATION_NONE) {
        const struct placed_chord *last = &at->vertical->placed->chords[piece->last];
        uint32_t next = vertical_music(at->vertical, last)->next_in_voice;
        const struct placed_chord *after = vertical_find(at->vertical, next);
        double end = after != NULL && after->system == at->system_i ? after->left - 1.3
                                                                    : at->system->width - 0.5;
        right = fmax(last->right, end);
        for (uint32_t i = 0; i < at->system->n_bars; i++) { /* not over the bar line */
            const struct placed_bar *bar = &at->system->bars[i];
            if (bar->left > last->x && bar->left < right) {
                right = bar->left - 0.4;
            }
        }
    }
    double width = music_glyph_advance(GLYPH_TRILL_ELEMENT) * size;
    struct ink_box wave = music_glyph_box(GLYPH_TRILL_ELEMENT);
    double y = -0.35 * size - (wave.top + wave.bottom) / 2 * size;
    int limit = 400;
    for (; width > 0.05 && x + width <= right && limit > 0; x += width, limit--) {
        struct ink ink = vertical_glyph(ROLE_ORNAMENT, GLYPH_TRILL_ELEMENT, x, y, size);
        vertical_push(at, &list, &ink);
    }
    for (size_t k = 0; k < list.n_items; k++) {
        vertical_tint(&list.items[k], &piece->span->look);
    }
    int side = piece->span->side < 0 ? 1 : -1;
    struct ink_box box = list.n_items > 0 ? vertical_box(&list) : (struct ink_box){0, 0, 0, 0};
    vertical_place(at, &list, side,
                   side < 0 ? ORNAMENT_Y * size - box.bottom
                            : vertical_bottom(at) - ORNAMENT_Y * size - box.top,
                   VERTICAL_GAP);
}

/* Between two events: \fermata and \bow as position tags. */
static void mark_ornament(const struct vertical_staff *at, const struct music_mark *mark) {
    int side =
        mark->tag != NULL && strcmp(notation_tag_text(mark->tag, "position", "above"), "below") == 0
            ? 1
            : -1;
    enum music_glyph glyph = mark->kind == MUSIC_MARK_FERMATA ? fermata_glyph(mark->tag, side)
                             : type_is(mark->tag, "up")       ? GLYPH_BOW_UP
                                                              : GLYPH_BOW_DOWN;
    struct ink_box box = music_glyph_box(glyph);
    double size = at->space, x = vertical_mark_x(at, mark) - 1.4;
    for (uint32_t i = 0; i < at->system->n_bars; i++) { /* over the bar line that stands there */
        const struct placed_bar *bar = &at->system->bars[i];
        if (bar->right < vertical_mark_x(at, mark) + 0.1 &&
            bar->left > vertical_mark_x(at, mark) - 4) {
            x = (bar->left + bar->right) / 2;
        }
    }
    struct ink ink =
        vertical_glyph(mark->kind == MUSIC_MARK_FERMATA ? ROLE_FERMATA : ROLE_ARTICULATION, glyph,
                       fmax(x, 0) - (box.left + box.right) / 2 * size + mark->look.dx, 0, size);
    vertical_tint(&ink, &mark->look);
    struct ink_list list = {0};
    vertical_push(at, &list, &ink);
    double y = side < 0 ? FERMATA_Y * size - box.bottom * size
                        : vertical_bottom(at) - FERMATA_Y * size - box.top * size;
    vertical_place(at, &list, side, y - mark->look.dy, VERTICAL_GAP);
}

void ornaments_layout(const struct vertical_staff *at) {
    for (int order = 1; order <= 3; order++) {
        for (uint32_t i = 0; i < at->n_chords; i++) {
            const struct placed_chord *placed = &at->vertical->placed->chords[at->chords[i]];
            if (vertical_music(at->vertical, placed)->n_signs > 0) {
                chord_ornaments(at, placed, order);
            }
        }
        for (uint32_t i = 0; order == 1 && i < at->n_pieces; i++) {
            if (at->pieces[i].span->kind == MUSIC_TRILL_LINE) {
                trill_line(at, &at->pieces[i]);
            }
        }
    }
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        if (mark->kind == MUSIC_MARK_FERMATA || mark->kind == MUSIC_MARK_BOW) {
            mark_ornament(at, mark);
        }
    }
}

/* A comma at the top line, shortly before the next event. */
void breaths_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        if (mark->kind != MUSIC_MARK_BREATH) {
            continue;
        }
        const struct placed_chord *chord = vertical_find(at->vertical, mark->chord);
        double x = vertical_mark_x(at, mark) - 1.0;
        if (chord != NULL && chord->system == at->system_i) {
            x = fmin(x, chord->left - 0.7);
        }
        struct ink ink =
            vertical_glyph(ROLE_BREATH, GLYPH_BREATH_COMMA, x + mark->look.dx, 0, at->space);
        vertical_tint(&ink, &mark->look);
        struct ink_list list = {0};
        vertical_push(at, &list, &ink);
        vertical_place(at, &list, -1, -0.2 * at->space - mark->look.dy, 0.3);
    }
}
