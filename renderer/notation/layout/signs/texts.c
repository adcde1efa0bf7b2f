/* \text, \label, \harmony, \special, \symbol: several lines, any point of the text box on
 * the anchor, moved out where they would touch something (gmn.md 9, 12). */
#include "renderer/notation/layout/signs/rich_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_PT    12.0
#define HARMONY_PT 12.0
#define LINES_MAX  32
#define LINE_STEP  1.2 /* baselines, in em */

/* Lines from baseline 0 downwards, aligned in x as `horizontal` says, left end at 0. */
static void append_lines(const struct vertical_staff *at, struct ink_list *list, enum ink_role role,
                         const struct ink_font *font, const char *text, char horizontal) {
    struct arena *arena = at->vertical->arena;
    const char *lines[LINES_MAX];
    double widths[LINES_MAX], width = 0;
    size_t n = 0;
    for (const char *from = text; n < LINES_MAX;) {
        size_t len = strcspn(from, "\n");
        lines[n] = arena_text(arena, from, len);
        if (lines[n] == NULL) {
            return;
        }
        widths[n] = text_width(font, lines[n]);
        width = fmax(width, widths[n++]);
        if (from[len] == '\0') {
            break;
        }
        from += len + 1;
    }
    for (size_t i = 0; i < n; i++) {
        double spare = width - widths[i];
        double x = horizontal == 'c' ? spare / 2 : horizontal == 'r' ? spare : 0;
        struct ink ink = vertical_text(role, font, lines[i], x, (double)i * LINE_STEP * font->size);
        vertical_push(at, list, &ink);
    }
}

/* Put the list's anchor point (textformat) on x; in y its first baseline lies at 0. */
static void anchor(struct ink_list *list, const char *format, double x) {
    struct ink_box box = vertical_box(list);
    double from = format[0] == 'c'   ? (box.left + box.right) / 2
                  : format[0] == 'r' ? box.right
                                     : fmin(box.left, 0);
    for (size_t i = 0; i < list->n_items; i++) {
        ink_move(&list->items[i], x - from, 0);
    }
}

/* `baseline`: where the author wants the first line, y. Above the staff's middle it moves up. */
static void place_text(const struct vertical_staff *at, struct ink_list *list, double baseline) {
    if (list->n_items == 0) {
        return;
    }
    struct ink_box box = vertical_box(list);
    double middle = baseline + (box.top + box.bottom) / 2;
    int side = middle < at->staff->height / 2 ? -1 : 1;
    if (box.left < 0 &&
        at->system->indent + box.left < -8) { /* far out at the left: back to the line */
        for (size_t i = 0; i < list->n_items; i++) {
            ink_move(&list->items[i], -box.left, 0);
        }
    }
    vertical_place(at, list, side, baseline, VERTICAL_GAP);
}

static void tint_all(struct ink_list *list, const struct music_look *look) {
    for (size_t i = 0; i < list->n_items; i++) {
        vertical_tint(&list->items[i], look);
    }
}

static void text_layout(const struct vertical_staff *at, const struct notation_tag *tag,
                        const char *text, const struct music_look *look, double x) {
    struct ink_font font = rich_font(tag, TEXT_PT, "");
    const char *format = tag != NULL ? notation_tag_text(tag, "textformat", "lt") : "lt";
    double dy = tag != NULL ? vertical_length(tag, "dy", -0.5) : -0.5;
    struct ink_list list = {0};
    append_lines(at, &list, ROLE_TEXT, &font, text, format[0]);
    anchor(&list, format, x + look->dx);
    tint_all(&list, look);
    double baseline = at->staff->height - dy;
    if (tag == NULL || notation_tag_param(tag, "dy") == NULL) {
        /* not among the staff lines, nor among lyrics, nor where a beam goes to the next staff */
        struct ink_box box = vertical_box(&list);
        bool is_above = at->lyrics_bottom > 0 || vertical_free_side(at, 1, box.left, box.right) < 0;
        baseline = is_above ? -1.0 : baseline + 0.7 * font.size + 0.3;
    }
    place_text(at, &list, baseline);
}

/* Chord names: # and & become signs, raised a little. */
static void harmony_layout(const struct vertical_staff *at, const struct music_mark *mark) {
    struct ink_font font = rich_font(mark->tag, HARMONY_PT, "");
    struct arena *arena = at->vertical->arena;
    struct ink_list list = {0};
    double x = vertical_mark_x(at, mark) + mark->look.dx;
    if (font.family == NULL) {
        font.family = "Arial";
    }
    for (const char *from = mark->text != NULL ? mark->text : ""; *from != '\0';) {
        size_t len = strcspn(from, "#&");
        const char *part = arena_text(arena, from, len);
        if (part == NULL) {
            return;
        }
        if (len > 0) {
            struct ink ink = vertical_text(ROLE_HARMONY, &font, part, x, 0);
            vertical_push(at, &list, &ink);
            x += text_width(&font, part);
        }
        from += len;
        if (*from != '\0') {
            enum music_glyph glyph = *from == '#' ? GLYPH_SHARP : GLYPH_FLAT;
            double size = font.size * 0.32;
            struct ink_box box = music_glyph_box(glyph);
            struct ink ink = vertical_glyph(ROLE_HARMONY, glyph, x + 0.08 - box.left * size,
                                            -0.45 * font.size, size);
            vertical_push(at, &list, &ink);
            x += (box.right - box.left) * size + 0.16;
            from++;
        }
    }
    tint_all(&list, &mark->look);
    const char *setting = at->vertical->music->harmony_position != NULL
                              ? at->vertical->music->harmony_position
                              : "above";
    const char *position =
        mark->tag != NULL ? notation_tag_text(mark->tag, "position", setting) : setting;
    bool is_below = strcmp(position, "below") == 0;
    double dy = mark->tag != NULL ? vertical_length(mark->tag, "dy", -0.5) + 0.5 : 0;
    double y = is_below ? at->staff->height + 1.0 + 0.7 * font.size : -1.2;
    vertical_place(at, &list, is_below ? 1 : -1, y - dy, VERTICAL_GAP);
}

/* Codes of the peer's own font that scores use; others are drawn as text. */
static bool special_glyph(long code, enum music_glyph *glyph) {
    static const struct {
        long code;
        enum music_glyph glyph;
    } known[] = {
        {0x66, GLYPH_DYNAMIC_F}, {0x70, GLYPH_DYNAMIC_P}, {0x6d, GLYPH_DYNAMIC_M},
        {0x73, GLYPH_DYNAMIC_S}, {0x7a, GLYPH_DYNAMIC_Z}, {0x72, GLYPH_DYNAMIC_R},
        {0x23, GLYPH_SHARP},     {0x26, GLYPH_FLAT},      {0x30, GLYPH_DIGIT_0},
        {0x31, GLYPH_DIGIT_1},   {0x32, GLYPH_DIGIT_2},   {0x33, GLYPH_DIGIT_3},
        {0x34, GLYPH_DIGIT_4},   {0x35, GLYPH_DIGIT_5},   {0x36, GLYPH_DIGIT_6},
        {0x37, GLYPH_DIGIT_7},   {0x38, GLYPH_DIGIT_8},   {0x39, GLYPH_DIGIT_9},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].code == code) {
            *glyph = known[i].glyph;
            return true;
        }
    }
    return false;
}

static long special_code(const char *text) {
    if (text[0] != '\\') {
        return (unsigned char)text[0];
    }
    return text[1] == 'x'   ? strtol(text + 2, NULL, 16)
           : text[1] == 'o' ? strtol(text + 2, NULL, 8)
                            : strtol(text + 1, NULL, 10);
}

static void special_layout(const struct vertical_staff *at, const struct music_mark *mark) {
    enum music_glyph glyph;
    const char *text = mark->text != NULL ? mark->text : "";
    double size = at->space * (mark->look.size > 0 ? mark->look.size : 1);
    struct ink_list list = {0};
    struct ink ink;
    if (special_glyph(special_code(text), &glyph)) {
        ink = vertical_glyph(ROLE_TEXT, glyph, vertical_mark_x(at, mark) + mark->look.dx, 0, size);
    } else {
        struct ink_font font = {.size = TEXT_PT * PT * size};
        ink = vertical_text(ROLE_TEXT, &font, text, vertical_mark_x(at, mark) + mark->look.dx, 0);
    }
    vertical_tint(&ink, &mark->look);
    vertical_push(at, &list, &ink);
    place_text(at, &list, -1.0 - mark->look.dy);
}

/* An image file: size in pixels of 96 dpi; 4 sp square when it is not told. */
static void symbol_layout(const struct vertical_staff *at, const struct music_mark *mark) {
    const double px = 96.0 / 72.27 * 6.0; /* a space: 7.97 px */
    double width = 4, height = 4;
    const char *position = "mid", *file = mark->text;
    if (mark->tag != NULL) {
        width = notation_tag_number(mark->tag, "w", width * px) / px;
        height = notation_tag_number(mark->tag, "h", height * px) / px;
        position = notation_tag_text(mark->tag, "position", "mid");
        file = file != NULL ? file : notation_tag_text(mark->tag, "file", "");
    }
    width = fmin(fmax(width, 0.1), 500);
    height = fmin(fmax(height, 0.1), 500);
    double x = vertical_mark_x(at, mark) + mark->look.dx;
    struct ink ink = {.shape = INK_IMAGE,
                      .role = ROLE_IMAGE,
                      .text = file,
                      .x = x,
                      .y = 0,
                      .x2 = x + width,
                      .y2 = height,
                      .color = {0, 0, 0, 255},
                      .chord = NOTATION_NONE};
    struct ink_list list = {0};
    ink_measure(&ink);
    if (strcmp(position, "top") == 0 || strncmp(position, "bot", 3) == 0) {
        int side = position[0] == 't' ? -1 : 1;
        vertical_push(at, &list, &ink);
        vertical_place(at, &list, side,
                       (side < 0 ? -0.5 - height : at->staff->height + 0.5) - mark->look.dy,
                       VERTICAL_GAP);
    } else {
        ink_move(&ink, 0, at->staff->height / 2 - height / 2 - mark->look.dy);
        vertical_add(at, &ink);
    }
}

void texts_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        switch (mark->kind) {
        case MUSIC_MARK_TEXT:
            if (mark->text != NULL) {
                text_layout(at, mark->tag, mark->text, &mark->look, vertical_mark_x(at, mark));
            }
            break;
        case MUSIC_MARK_HARMONY:
            harmony_layout(at, mark);
            break;
        case MUSIC_MARK_SPECIAL:
            special_layout(at, mark);
            break;
        case MUSIC_MARK_SYMBOL:
            symbol_layout(at, mark);
            break;
        default:
            break;
        }
    }
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        const struct vertical_piece *piece = &at->pieces[i];
        if (piece->span->kind != MUSIC_TEXT_RANGE || !piece->begins_here ||
            piece->span->text == NULL) {
            continue;
        }
        const struct placed_chord *first =
            piece->first != NOTATION_NONE ? &at->vertical->placed->chords[piece->first] : NULL;
        text_layout(at, piece->span->tag, piece->span->text, &piece->span->look,
                    first != NULL ? first->x : piece->left);
    }
}
