/* Colour, offset and size of tags; see look.h. */
#include "renderer/notation/music/look.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/score/attributes/color.h"

struct music_look look_default(void) {
    return (struct music_look){.color = {0, 0, 0, 255}, .size = 1};
}

static bool parse_hex(const char *digits, struct music_color *out) {
    size_t len = strspn(digits, "0123456789abcdefABCDEF");
    if (digits[len] != '\0' || (len != 6 && len != 8)) {
        return false;
    }
    unsigned long value = strtoul(digits, NULL, 16);
    if (len == 6) {
        value = value << 8 | 255;
    }
    *out = (struct music_color){(uint8_t)(value >> 24), (uint8_t)(value >> 16 & 255),
                                (uint8_t)(value >> 8 & 255), (uint8_t)(value & 255)};
    return true;
}

bool look_parse_color(const char *text, struct music_color *out) {
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        return parse_hex(text + 2, out);
    }
    if (text[0] == '#') {
        return parse_hex(text + 1, out);
    }
    int rgb[3];
    if (!color_find_name(text, rgb)) {
        return false;
    }
    *out = (struct music_color){(uint8_t)rgb[0], (uint8_t)rgb[1], (uint8_t)rgb[2], 255};
    return true;
}

struct music_look look_color_of_tag(const struct notation_tag *tag, struct music_look base) {
    if (tag == NULL || tag->n_params == 0) {
        return base;
    }
    const char *color = notation_tag_text(tag, "color", NULL);
    if (color != NULL) {
        look_parse_color(color, &base.color);
    }
    double size = notation_tag_number(tag, "size", 1);
    if (size > 0 && size <= 100) {
        base.size *= size;
    }
    return base;
}

/* Further away it would be on no page. */
static double bounded(double length) {
    return length < -500 ? -500 : length > 500 ? 500 : length;
}

struct music_look look_of_tag(const struct notation_tag *tag, struct music_look base) {
    if (tag == NULL || tag->n_params == 0) {
        return base;
    }
    base = look_color_of_tag(tag, base);
    base.dx += bounded(notation_tag_length(tag, "dx", 0));
    base.dy += bounded(notation_tag_length(tag, "dy", 0));
    return base;
}
