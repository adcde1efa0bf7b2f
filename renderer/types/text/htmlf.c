/* htmlf: rich text from a file. Everything is in text_object.c. */
#include "renderer/types/text/text_object.h"
#include "renderer/types/type_list.h"

const struct object_type TYPE_HTMLF = {
    .name = "htmlf",
    .sizing = SIZING_READ_ONLY,
    .takes_z_children = true,
    .methods = TEXT_OBJECT_METHODS,
    .n_methods = TEXT_OBJECT_N_METHODS,
    .create = text_object_create,
    .set = text_object_set_file,
    .get_set = text_object_get_file,
    .box = text_object_box_rich,
    .draw = text_object_draw,
    .destroy = text_object_destroy,
};
