/* Elements and CSS declarations to styles. The subset is that of score texts:
 * bold, italic, underline, colour, size, weight, family, alignment. */
#include "renderer/types/text/html_style.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "renderer/score/attributes/color.h"

/* Steps of <font size=1..7>; 3 is the object's size. */
static const double SIZE_STEPS[] = {0.7, 0.8, 1.0, 1.2, 1.5, 2.0, 2.4};

bool html_is(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && strcasecmp((const char *)node->name, name) == 0;
}

int html_attribute_int(xmlNode *element, const char *name, int fallback) {
    xmlChar *text = xmlGetProp(element, (const xmlChar *)name);
    int value = fallback;
    if (text != NULL) {
        char *end;
        long parsed = strtol((const char *)text, &end, 10);
        if (end != (char *)text && parsed >= 0 && *end != '%') {
            value = parsed > 10000 ? 10000 : (int)parsed;
        }
        xmlFree(text);
    }
    return value;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_color(const char *digits, struct item_color *out) {
    size_t len = strlen(digits), step = len == 3 ? 1 : 2;
    int rgb[3];
    if (len != 3 && len != 6) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        int high = hex_digit(digits[i * step]), low = hex_digit(digits[i * step + step - 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        rgb[i] = high * 16 + low;
    }
    *out = (struct item_color){rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, 1};
    return true;
}

bool html_color(const char *word, struct item_color *out) {
    double r, g, b, a = 1;
    int rgb[3];
    if (word[0] == '#') {
        return hex_color(word + 1, out);
    }
    if (sscanf(word, "rgb(%lf , %lf , %lf )", &r, &g, &b) == 3 ||
        sscanf(word, "rgba(%lf , %lf , %lf , %lf )", &r, &g, &b, &a) == 4) {
        *out = (struct item_color){fmin(fmax(r / 255, 0), 1), fmin(fmax(g / 255, 0), 1),
                                   fmin(fmax(b / 255, 0), 1), fmin(fmax(a, 0), 1)};
        return true;
    }
    if (!color_find_name(word, rgb)) {
        return false;
    }
    *out = (struct item_color){rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, 1};
    return true;
}

static double css_size(const char *value, double current, double base) {
    static const struct {
        const char *word;
        int step;
    } WORDS[] = {{"xx-small", 0}, {"x-small", 0}, {"small", 1},   {"medium", 2},
                 {"large", 3},    {"x-large", 4}, {"xx-large", 5}};
    char *unit;
    double number = strtod(value, &unit);
    if (unit == value) {
        for (size_t word_i = 0; word_i < sizeof WORDS / sizeof WORDS[0]; word_i++) {
            if (strcasecmp(value, WORDS[word_i].word) == 0) {
                return base * SIZE_STEPS[WORDS[word_i].step];
            }
        }
        return strcasecmp(value, "smaller") == 0  ? current * 0.8
               : strcasecmp(value, "larger") == 0 ? current * 1.2
                                                  : current;
    }
    if (!isfinite(number) || number <= 0) {
        return current;
    }
    if (strcasecmp(unit, "pt") == 0) {
        number *= 4.0 / 3;
    } else if (strcasecmp(unit, "em") == 0) {
        number *= current;
    } else if (*unit == '%') {
        number *= current / 100;
    }
    return fmin(number, 10000);
}

static void set_family(struct text_font *font, const char *names) {
    size_t len = strcspn(names, ",");
    while (len > 0 && (*names == '\'' || *names == '"' || *names == ' ')) {
        names++;
        len--;
    }
    while (len > 0 && (names[len - 1] == '\'' || names[len - 1] == '"' || names[len - 1] == ' ')) {
        len--;
    }
    if (len > 0 && len <= TEXT_FAMILY_MAX) {
        memcpy(font->family, names, len);
        font->family[len] = '\0';
    }
}

static void set_align(struct html_style *style, const char *word) {
    style->align = strcasecmp(word, "center") == 0  ? HTML_CENTER
                   : strcasecmp(word, "right") == 0 ? HTML_RIGHT
                                                    : HTML_LEFT;
}

static void set_weight(struct text_font *font, const char *value) {
    int number = atoi(value);
    if (strcasecmp(value, "bold") == 0 || strcasecmp(value, "bolder") == 0) {
        font->weight = TEXT_BOLD;
    } else if (strcasecmp(value, "normal") == 0) {
        font->weight = TEXT_REGULAR;
    } else if (number > 0) {
        font->weight = number < 400   ? TEXT_LIGHT
                       : number < 600 ? TEXT_REGULAR
                       : number < 700 ? TEXT_DEMIBOLD
                       : number < 850 ? TEXT_BOLD
                                      : TEXT_BLACK;
    }
}

static void declare(const char *name, const char *value, const struct text_font *base,
                    struct html_style *style) {
    if (strcasecmp(name, "color") == 0) {
        style->has_color = html_color(value, &style->color) || style->has_color;
    } else if (strcasecmp(name, "font-size") == 0) {
        style->font.size = css_size(value, style->font.size, base->size);
    } else if (strcasecmp(name, "font-weight") == 0) {
        set_weight(&style->font, value);
    } else if (strcasecmp(name, "font-style") == 0) {
        style->font.style = strcasecmp(value, "italic") == 0    ? TEXT_ITALIC
                            : strcasecmp(value, "oblique") == 0 ? TEXT_OBLIQUE
                                                                : TEXT_NORMAL;
    } else if (strcasecmp(name, "font-family") == 0) {
        set_family(&style->font, value);
    } else if (strcasecmp(name, "text-decoration") == 0) {
        style->is_underlined = strstr(value, "underline") != NULL;
        style->is_struck = strstr(value, "line-through") != NULL;
    } else if (strcasecmp(name, "text-align") == 0) {
        set_align(style, value);
    }
}

/* "a: b; c: d": names and values without blanks around them. */
static void apply_css(char *css, const struct text_font *base, struct html_style *style) {
    char *rest = NULL;
    for (char *part = strtok_r(css, ";", &rest); part != NULL; part = strtok_r(NULL, ";", &rest)) {
        char *colon = strchr(part, ':');
        if (colon == NULL) {
            continue;
        }
        *colon = '\0';
        char *name = part + strspn(part, " \t\r\n");
        char *value = colon + 1 + strspn(colon + 1, " \t\r\n");
        name[strcspn(name, " \t\r\n")] = '\0';
        size_t len = strlen(value);
        while (len > 0 && strchr(" \t\r\n", value[len - 1]) != NULL) {
            value[--len] = '\0';
        }
        declare(name, value, base, style);
    }
}

static void apply_font_element(xmlNode *element, const struct text_font *base,
                               struct html_style *style) {
    xmlChar *color = xmlGetProp(element, (const xmlChar *)"color");
    xmlChar *face = xmlGetProp(element, (const xmlChar *)"face");
    xmlChar *size = xmlGetProp(element, (const xmlChar *)"size");
    if (color != NULL) {
        declare("color", (const char *)color, base, style);
    }
    if (face != NULL) {
        set_family(&style->font, (const char *)face);
    }
    if (size != NULL) {
        int step = atoi((const char *)size);
        step = size[0] == '+' || size[0] == '-' ? 3 + step : step;
        step = step < 1 ? 1 : (step > 7 ? 7 : step);
        style->font.size = base->size * SIZE_STEPS[step - 1];
    }
    xmlFree(color);
    xmlFree(face);
    xmlFree(size);
}

static void apply_name(const char *name, const struct text_font *base, struct html_style *style) {
    static const char *const BOLD[] = {"b",  "strong", "th", "dt", "h1", "h2",
                                       "h3", "h4",     "h5", "h6", NULL};
    static const char *const ITALIC[] = {"i", "em", "cite", "var", "dfn", "address", NULL};
    static const char *const FIXED[] = {"pre", "code", "tt", "kbd", "samp", NULL};
    for (size_t i = 0; BOLD[i] != NULL; i++) {
        style->font.weight = strcmp(name, BOLD[i]) == 0 ? TEXT_BOLD : style->font.weight;
    }
    for (size_t i = 0; ITALIC[i] != NULL; i++) {
        style->font.style = strcmp(name, ITALIC[i]) == 0 ? TEXT_ITALIC : style->font.style;
    }
    for (size_t i = 0; FIXED[i] != NULL; i++) {
        if (strcmp(name, FIXED[i]) == 0) {
            snprintf(style->font.family, sizeof style->font.family, "Liberation Mono,monospace");
        }
    }
    if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && name[2] == '\0') {
        style->font.size = base->size * SIZE_STEPS[5 - (name[1] - '1')];
    }
    style->is_preformatted |= strcmp(name, "pre") == 0;
}

static void apply_marks(const char *name, struct html_style *style) {
    if (strcmp(name, "u") == 0 || strcmp(name, "ins") == 0) {
        style->is_underlined = true;
    } else if (strcmp(name, "s") == 0 || strcmp(name, "strike") == 0 || strcmp(name, "del") == 0) {
        style->is_struck = true;
    } else if (strcmp(name, "a") == 0) {
        style->is_underlined = true;
        style->has_color = true;
        style->color = (struct item_color){0, 0, 1, 1};
    } else if (strcmp(name, "big") == 0) {
        style->font.size *= 1.2;
    } else if (strcmp(name, "small") == 0) {
        style->font.size *= 0.8;
    } else if (strcmp(name, "sub") == 0) {
        style->shift += style->font.size / 6;
        style->font.size *= 2.0 / 3;
    } else if (strcmp(name, "sup") == 0) {
        style->shift -= style->font.size / 2;
        style->font.size *= 2.0 / 3;
    } else if (strcmp(name, "center") == 0 || strcmp(name, "th") == 0) {
        style->align = HTML_CENTER;
    } else if (strcmp(name, "td") == 0) {
        style->align = HTML_LEFT;
    }
}

void html_style_apply(xmlNode *element, const struct text_font *base, struct html_style *style) {
    const char *name = (const char *)element->name;
    apply_name(name, base, style);
    apply_marks(name, style);
    if (strcmp(name, "font") == 0) {
        apply_font_element(element, base, style);
    }
    xmlChar *align = xmlGetProp(element, (const xmlChar *)"align");
    xmlChar *css = xmlGetProp(element, (const xmlChar *)"style");
    if (align != NULL && !html_is(element, "table") && !html_is(element, "img")) {
        set_align(style, (const char *)align);
    }
    if (css != NULL) {
        apply_css((char *)css, base, style);
    }
    xmlFree(align);
    xmlFree(css);
}
