/* Setters and getters of the table in attributes.c that live in other files. */
#ifndef LEGGIO_SCORE_ATTRIBUTES_ROWS_H
#define LEGGIO_SCORE_ATTRIBUTES_ROWS_H

#include "renderer/score/attributes/attributes.h"

#define ATTRIBUTE_SETTER(NAME)                                                                     \
    int NAME(struct object *object, const struct attribute_row *row, const struct param *params,   \
             size_t n_params)
#define ATTRIBUTE_GETTER(NAME)                                                                     \
    bool NAME(const struct object *object, const struct attribute_row *row, struct message *out)

/* attributes.c */
ATTRIBUTE_SETTER(attribute_set_float);
ATTRIBUTE_GETTER(attribute_get_float);

/* attributes_paint.c */
ATTRIBUTE_SETTER(attribute_set_color);
ATTRIBUTE_SETTER(attribute_add_color);
ATTRIBUTE_GETTER(attribute_get_color);
ATTRIBUTE_SETTER(attribute_set_part);
ATTRIBUTE_SETTER(attribute_add_part);
ATTRIBUTE_GETTER(attribute_get_part);
ATTRIBUTE_SETTER(attribute_set_pen_style);
ATTRIBUTE_GETTER(attribute_get_pen_style);
ATTRIBUTE_SETTER(attribute_set_brush_style);
ATTRIBUTE_GETTER(attribute_get_brush_style);
ATTRIBUTE_SETTER(attribute_set_effect);
ATTRIBUTE_GETTER(attribute_get_effect);

/* attributes_time.c */
enum time_form { TIME_INTS, TIME_FLOAT, TIME_SECONDS };
ATTRIBUTE_SETTER(attribute_set_time);
ATTRIBUTE_SETTER(attribute_add_time);
ATTRIBUTE_SETTER(attribute_tick);
ATTRIBUTE_GETTER(attribute_get_time);

#endif
