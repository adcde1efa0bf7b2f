/* html: rich text. Everything is in text_object.c. */
#include "renderer/types/text/text_object.h"
#include "renderer/types/type_list.h"

const struct object_type TYPE_HTML = {
    .name = "html",
    .sizing = SIZING_READ_ONLY,
    .takes_z_children = true,
    .methods = TEXT_OBJECT_METHODS,
    .n_methods = TEXT_OBJECT_N_METHODS,
    .create = text_object_create,
    .set = text_object_set_values,
    .get_set = text_object_get_text,
    .box = text_object_box_rich,
    .draw = text_object_draw,
    .destroy = text_object_destroy,
};
