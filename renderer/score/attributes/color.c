/* Colours: conversions and parameter forms. Roundings are measured on the
 * original (reference pictures, scripts 06 and 07): HSB to RGB truncates. */
#include "renderer/score/attributes/color.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

static int clamp(int value, int max) {
    return value < 0 ? 0 : (value > max ? max : value);
}

static int add(int a, int b) {
    long sum = (long)a + b;
    return sum > 1000000 ? 1000000 : (sum < -1000000 ? -1000000 : (int)sum);
}

static int wrap_hue(int h) {
    h %= 360;
    return h < 0 ? h + 360 : h;
}

void color_set_rgb(struct color *color, int r, int g, int b, int a) {
    r = clamp(r, 255);
    g = clamp(g, 255);
    b = clamp(b, 255);
    int max = r > g ? (r > b ? r : b) : (g > b ? g : b);
    int min = r < g ? (r < b ? r : b) : (g < b ? g : b);
    double hue = 0;
    if (max > min) {
        double range = max - min;
        if (max == r) {
            hue = 60 * (g - b) / range;
        } else if (max == g) {
            hue = 120 + 60 * (b - r) / range;
        } else {
            hue = 240 + 60 * (r - g) / range;
        }
    }
    *color = (struct color){
        .r = r,
        .g = g,
        .b = b,
        .a = clamp(a, 255),
        .h = wrap_hue((int)lround(hue)),
        .s = max > 0 ? (int)lround(100.0 * (max - min) / max) : 0,
        .v = (int)lround(100.0 * max / 255),
    };
}

void color_set_hsb(struct color *color, int h, int s, int v, int a) {
    h = wrap_hue(h);
    s = clamp(s, 100);
    v = clamp(v, 100);
    int sector = h / 60;
    double part = h / 60.0 - sector, top = v * 2.55, saturation = s / 100.0;
    /* A hair above, so that products that are whole in decimal do not truncate below. */
    int high = (int)(top + 1e-9);
    int low = (int)(top * (1 - saturation) + 1e-9);
    int falling = (int)(top * (1 - saturation * part) + 1e-9);
    int rising = (int)(top * (1 - saturation * (1 - part)) + 1e-9);
    const int table[6][3] = {{high, rising, low},  {falling, high, low}, {low, high, rising},
                             {low, falling, high}, {rising, low, high},  {high, low, falling}};
    *color = (struct color){.r = table[sector][0],
                            .g = table[sector][1],
                            .b = table[sector][2],
                            .a = clamp(a, 255),
                            .h = h,
                            .s = s,
                            .v = v};
}

/* -- forms of parameters ----------------------------------------------------- */

static bool hex_color(const char *text, int rgba[4]) {
    size_t len = strlen(text);
    if ((len != 8 && len != 10) || text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) {
        return false;
    }
    for (size_t i = 2; i < len; i++) {
        if (!isxdigit((unsigned char)text[i])) {
            return false;
        }
    }
    unsigned long value = strtoul(text + 2, NULL, 16);
    rgba[3] = len == 10 ? (int)(value & 0xff) : 255;
    value = len == 10 ? value >> 8 : value;
    rgba[0] = (int)(value >> 16 & 0xff);
    rgba[1] = (int)(value >> 8 & 0xff);
    rgba[2] = (int)(value & 0xff);
    return true;
}

static int whole(double value) {
    if (!(value > -1e6)) {
        return value < 0 ? -1000000 : 0;
    }
    return value < 1e6 ? (int)value : 1000000;
}

/* One component as an integer of its range; floats by the affine conversion, also for Δ. */
static int part_value(const struct param *param, enum color_part part) {
    if (param->kind == PARAM_INT) {
        return add(param->as.i, 0);
    }
    double v = (double)param->as.f;
    switch (part) {
    case COLOR_HUE: {
        int h = whole(180 * v);
        return h < 0 ? h + 360 : h;
    }
    case COLOR_SATURATION:
    case COLOR_BRIGHTNESS:
        return whole((v + 1) * 50);
    case COLOR_RED:
    case COLOR_GREEN:
    case COLOR_BLUE:
    case COLOR_ALPHA:
        break;
    }
    return whole((v + 1) * 255 / 2);
}

int color_from_params(struct color *color, enum color_space space, bool is_delta,
                      const struct param *params, size_t n_params) {
    if (n_params == 1 && params[0].kind == PARAM_STRING && space == COLOR_RGB && !is_delta) {
        int rgba[4] = {0, 0, 0, 255};
        if (!hex_color(params[0].as.text, rgba)) {
            color_find_name(params[0].as.text, rgba); /* unknown: black */
        }
        color_set_rgb(color, rgba[0], rgba[1], rgba[2], rgba[3]);
        return 0;
    }
    if (n_params != 3 && n_params != 4) {
        return LG_EBADREQUEST;
    }
    for (size_t i = 0; i < n_params; i++) {
        if (!param_is_number(&params[i]) || params[i].kind != params[0].kind) {
            return LG_EBADREQUEST;
        }
    }
    enum color_part first = space == COLOR_RGB ? COLOR_RED : COLOR_HUE;
    int v[4] = {0, 0, 0, 255};
    for (size_t i = 0; i < n_params; i++) {
        v[i] = part_value(&params[i], i < 3 ? (enum color_part)((size_t)first + i) : COLOR_ALPHA);
    }
    if (is_delta) {
        for (size_t i = 0; i < 3; i++) {
            v[i] = add(v[i], color_part_get(color, (enum color_part)((size_t)first + i)));
        }
        v[3] = add(v[3], color->a);
    }
    if (space == COLOR_RGB) {
        color_set_rgb(color, v[0], v[1], v[2], v[3]);
    } else {
        color_set_hsb(color, v[0], v[1], v[2], v[3]);
    }
    return 0;
}

int color_part_get(const struct color *color, enum color_part part) {
    switch (part) {
    case COLOR_RED:
        return color->r;
    case COLOR_GREEN:
        return color->g;
    case COLOR_BLUE:
        return color->b;
    case COLOR_ALPHA:
        return color->a;
    case COLOR_HUE:
        return color->h;
    case COLOR_SATURATION:
        return color->s;
    case COLOR_BRIGHTNESS:
        return color->v;
    }
    return 0;
}

int color_part_from_param(struct color *color, enum color_part part, bool is_delta,
                          const struct param *param) {
    if (!param_is_number(param)) {
        return LG_EBADREQUEST;
    }
    int value = part_value(param, part);
    if (is_delta) {
        value = add(value, color_part_get(color, part));
    }
    struct color c = *color;
    switch (part) {
    case COLOR_RED:
        color_set_rgb(color, value, c.g, c.b, c.a);
        break;
    case COLOR_GREEN:
        color_set_rgb(color, c.r, value, c.b, c.a);
        break;
    case COLOR_BLUE:
        color_set_rgb(color, c.r, c.g, value, c.a);
        break;
    case COLOR_ALPHA:
        color->a = clamp(value, 255);
        break;
    case COLOR_HUE:
        color_set_hsb(color, value, c.s, c.v, c.a);
        break;
    case COLOR_SATURATION:
        color_set_hsb(color, c.h, value, c.v, c.a);
        break;
    case COLOR_BRIGHTNESS:
        color_set_hsb(color, c.h, c.s, value, c.a);
        break;
    }
    return 0;
}
