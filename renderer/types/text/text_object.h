/* What txt, txtf, html and htmlf share: a text, a font, the messages for both.
 * Each of the four files adds how its text is laid out. */
#ifndef LEGGIO_TYPES_TEXT_OBJECT_H
#define LEGGIO_TYPES_TEXT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "renderer/draw/display_list.h"
#include "renderer/score/geometry.h"
#include "renderer/score/object.h"
#include "renderer/types/text/rich_text.h"
#include "renderer/types/text/text_layout.h"

struct text_data {
    struct text text; /* the text itself */
    char *file;       /* of txtf, htmlf; owned */
    int font_size;    /* as set; may be 0 or less */
    char family[TEXT_FAMILY_MAX + 1];
    enum text_style style;
    enum text_weight weight;
    bool is_laid_out;
    bool has_gaps; /* a font could not be opened: laid out again whenever it is asked for */
    struct rich_text layout; /* valid while is_laid_out */
};

int text_object_create(struct object *object);
void text_object_destroy(struct object *object);

/* `set txt v…`: values of any kind, joined by blanks. */
int text_object_set_values(struct object *object, const struct param *params, size_t n_params);
/* `set txtf file` */
int text_object_set_file(struct object *object, const struct param *params, size_t n_params);
void text_object_get_text(const struct object *object, struct message *out);
void text_object_get_file(const struct object *object, struct message *out);
/* Layouts are made when first asked for. */
void text_object_box_plain(const struct object *object, double frame_side, struct box *out);
void text_object_box_rich(const struct object *object, double frame_side, struct box *out);
void text_object_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list);

/* fontSize, fontFamily, fontStyle, fontWeight, write, text */
#define TEXT_OBJECT_N_METHODS 6
extern const struct object_method TEXT_OBJECT_METHODS[TEXT_OBJECT_N_METHODS];

#endif
