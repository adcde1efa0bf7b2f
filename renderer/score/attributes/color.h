/* Colours of section 8.2: names, hex, integer and float forms; RGB and HSB in step. */
#ifndef LEGGIO_SCORE_COLOR_H
#define LEGGIO_SCORE_COLOR_H

#include "renderer/score/message.h"
#include "renderer/score/object.h"

/* Clamped to 0..255; HSB follows, rounded. */
void color_set_rgb(struct color *color, int r, int g, int b, int a);
/* h mod 360, s and v clamped to 0..100, a to 0..255; RGB follows, truncated. */
void color_set_hsb(struct color *color, int h, int s, int v, int a);

/* A CSS keyword (any case); false when unknown. */
bool color_find_name(const char *name, int rgb[3]);

enum color_space { COLOR_RGB, COLOR_HSB };
/* Parameters of color, penColor, hsb and their Δ forms (is_delta). Bad ones: LG_EBADREQUEST,
 * nothing changed. */
int color_from_params(struct color *color, enum color_space space, bool is_delta,
                      const struct param *params, size_t n_params);

enum color_part {
    COLOR_RED,
    COLOR_GREEN,
    COLOR_BLUE,
    COLOR_ALPHA,
    COLOR_HUE,
    COLOR_SATURATION,
    COLOR_BRIGHTNESS,
};
int color_part_get(const struct color *color, enum color_part part);
/* One component by an int or a float; LG_EBADREQUEST for anything else. */
int color_part_from_param(struct color *color, enum color_part part, bool is_delta,
                          const struct param *param);

#endif
