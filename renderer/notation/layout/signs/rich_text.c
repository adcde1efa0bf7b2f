/* Text with note symbols; see rich_text.h. */
#include "renderer/notation/layout/signs/rich_text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_SCALE 0.36 /* staff space of a note symbol, of the em */
#define STEM       2.9  /* of that space */

/* "1/4." "1/8.." "[1]": a value that can be drawn. */
static bool parse_note(const char *text, size_t len, struct rich_part *part) {
    char copy[16];
    if (len == 0 || len >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    char *end;
    long num = strtol(copy, &end, 10), den = 1;
    if (end == copy || (num != 1 && num != 2 && num != 3 && num != 7)) {
        return false;
    }
    if (*end == '/') {
        char *from = end + 1;
        den = strtol(from, &end, 10);
        if (end == from || den < 1 || den > 128 || (den & (den - 1)) != 0) {
            return false;
        }
    }
    long unit = num == 7 ? 4 : num == 1 ? 1 : 2; /* 3/8 is a dotted 2/8, 7/8 a double-dotted 4/8 */
    int value = unit > den ? MUSIC_VALUE_BREVE : 0;
    for (long d = den / unit; d > 1; d /= 2) {
        value++;
    }
    part->n_dots = num == 7 ? 2 : num == 3 ? 1 : 0;
    for (; *end == '.'; end++) {
        part->n_dots++;
    }
    part->kind = RICH_NOTE;
    part->value = value;
    return *end == '\0' && part->n_dots <= 3;
}

static bool parse_bracket(const char *text, size_t len, struct rich_part *part) {
    if (len == 4 && memcmp(text, "coda", 4) == 0) {
        part->kind = RICH_CODA;
        return true;
    }
    if (len == 5 && memcmp(text, "segno", 5) == 0) {
        part->kind = RICH_SEGNO;
        return true;
    }
    return parse_note(text, len, part);
}

static void end_text(struct rich_part *parts, uint32_t *n, char *text, size_t begin, size_t end) {
    if (end > begin && *n < RICH_PARTS_MAX) {
        text[end] = '\0';
        parts[(*n)++] = (struct rich_part){.kind = RICH_TEXT, .text = text + begin};
    }
}

uint32_t rich_parse(struct arena *arena, const char *text, struct rich_part *parts) {
    size_t len = strnlen(text, TEXT_LINE_BYTES);
    char *plain = arena_alloc(arena, 2 * len + 2); /* each part ends with a NUL of its own */
    uint32_t n = 0;
    size_t used = 0, begin = 0;
    if (plain == NULL) {
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        struct rich_part part = {0};
        const char *close = text[i] == '[' ? memchr(text + i, ']', len - i) : NULL;
        if (text[i] == '\\' && i + 1 < len) {
            plain[used++] = text[++i];
        } else if (close != NULL && n + 2 < RICH_PARTS_MAX &&
                   parse_bracket(text + i + 1, (size_t)(close - text) - i - 1, &part)) {
            end_text(parts, &n, plain, begin, used);
            begin = ++used;
            parts[n++] = part;
            i = (size_t)(close - text);
        } else {
            plain[used++] = text[i] == '\n' ? ' ' : text[i];
        }
    }
    end_text(parts, &n, plain, begin, used);
    return n;
}

static void append_glyph(struct arena *arena, struct ink_list *list, enum ink_role role,
                         enum music_glyph glyph, double x, double y, double size) {
    struct ink ink = vertical_glyph(role, glyph, x, y, size);
    (void)ink_list_add(arena, list, &ink);
}

/* A small note, its head on the baseline. Returns its right end. */
static double append_note(struct arena *arena, struct ink_list *list, enum ink_role role,
                          const struct rich_part *part, double em, double x, double y) {
    static const enum music_glyph flags[] = {GLYPH_FLAG_UP_8, GLYPH_FLAG_UP_16, GLYPH_FLAG_UP_32,
                                             GLYPH_FLAG_UP_64, GLYPH_FLAG_UP_128};
    double size = NOTE_SCALE * em, middle = y - 0.5 * size;
    enum music_glyph head = part->value < 0    ? GLYPH_HEAD_BREVE
                            : part->value == 0 ? GLYPH_HEAD_WHOLE
                            : part->value == 1 ? GLYPH_HEAD_HALF
                                               : GLYPH_HEAD_BLACK;
    append_glyph(arena, list, role, head, x, middle, size);
    double right = x + music_glyph_box(head).right * size;
    double dots = right;
    if (part->value >= MUSIC_VALUE_HALF) {
        struct ink_point join = music_glyph_attach(head, true);
        double stem_x = x + join.x * size - 0.065 * size,
               tip = middle - (STEM + 0.5 * fmax(part->value - 4, 0)) * size;
        struct ink stem = vertical_line(role, stem_x, middle + join.y * size, stem_x, tip);
        stem.thickness = 0.13 * size;
        (void)ink_list_add(arena, list, &stem);
        if (part->value > MUSIC_VALUE_QUARTER) {
            int flag = part->value - 3 < 4 ? part->value - 3 : 4;
            append_glyph(arena, list, role, flags[flag], stem_x, tip, size);
            right = fmax(right, stem_x + music_glyph_box(flags[flag]).right * size);
            dots = right;
        }
    }
    for (int i = 0; i < part->n_dots; i++) {
        append_glyph(arena, list, role, GLYPH_DOT, dots + 0.35 * size, middle, size);
        dots += 0.35 * size + music_glyph_advance(GLYPH_DOT) * size;
    }
    return fmax(right, dots);
}

static double append_sign(struct arena *arena, struct ink_list *list, enum ink_role role,
                          enum music_glyph glyph, double em, double x, double y) {
    struct ink_box box = music_glyph_box(glyph);
    double size = em * 0.42;
    append_glyph(arena, list, role, glyph, x - box.left * size,
                 y - 0.33 * em - (box.top + box.bottom) / 2 * size, size);
    return x + (box.right - box.left) * size;
}

double rich_append(struct arena *arena, struct ink_list *list, enum ink_role role,
                   const struct ink_font *font, const char *text, double x, double y,
                   bool is_bold_first) {
    struct rich_part parts[RICH_PARTS_MAX];
    uint32_t n = rich_parse(arena, text, parts);
    struct ink_font face = *font;
    face.is_bold = font->is_bold || is_bold_first;
    for (uint32_t i = 0; i < n; i++) {
        switch (parts[i].kind) {
        case RICH_TEXT: {
            struct ink ink = vertical_text(role, &face, parts[i].text, x, y);
            (void)ink_list_add(arena, list, &ink);
            x += text_width(&face, parts[i].text);
            break;
        }
        case RICH_NOTE:
            x = append_note(arena, list, role, &parts[i], font->size, x, y);
            face.is_bold = font->is_bold;
            break;
        case RICH_CODA:
            x = append_sign(arena, list, role, GLYPH_CODA, font->size, x, y);
            break;
        case RICH_SEGNO:
            x = append_sign(arena, list, role, GLYPH_SEGNO, font->size, x, y);
            break;
        }
    }
    return x;
}

struct ink_font rich_font(const struct notation_tag *tag, double size_pt, const char *attributes) {
    struct ink_font font = {.size = size_pt * PT};
    if (tag != NULL) {
        font.family = notation_tag_text(tag, "font", NULL);
        font.size = vertical_length(tag, "fsize", font.size) * notation_tag_number(tag, "size", 1);
        font.size = fmin(fmax(font.size, 0.2), 60);
        attributes = notation_tag_text(tag, "fattrib", attributes);
    }
    font.is_bold = strchr(attributes, 'b') != NULL;
    font.is_italic = strchr(attributes, 'i') != NULL;
    font.is_underlined = strchr(attributes, 'u') != NULL;
    return font;
}
