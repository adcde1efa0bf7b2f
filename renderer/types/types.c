/* The list of all object types. */
#include "renderer/types/types.h"

#include <string.h>

#include "common/err.h"
#include "renderer/score/score.h"
#include "renderer/types/type_list.h"

static const struct object_type *const TYPES[] = {
    &TYPE_TXT,       &TYPE_RECT,        &TYPE_ELLIPSE,   &TYPE_IMG,        &TYPE_LINE,
    &TYPE_HTML,      &TYPE_POLYGON,     &TYPE_ARC,       &TYPE_HTMLF,      &TYPE_LAYER,
    &TYPE_CURVE,     &TYPE_SVG,         &TYPE_SVGF,      &TYPE_TXTF,       &TYPE_GRID,
    &TYPE_MEMIMG,    &TYPE_HTTPD,       &TYPE_WEBSOCKET, &TYPE_URL,        &TYPE_GRAPH,
    &TYPE_FASTGRAPH, &TYPE_RADIALGRAPH, &TYPE_GMN,       &TYPE_GMNF,       &TYPE_GMNSTREAM,
    &TYPE_MUSICXML,  &TYPE_MUSICXMLF,   &TYPE_PIANOROLL, &TYPE_PIANOROLLF, &TYPE_PIANOROLLSTREAM,
};

const struct object_type *types_find(const char *name) {
    for (size_t type_i = 0; type_i < sizeof TYPES / sizeof TYPES[0]; type_i++) {
        if (strcmp(TYPES[type_i]->name, name) == 0) {
            return TYPES[type_i];
        }
    }
    return placeholder_find(name);
}

bool types_reload(struct object *object) {
    const struct object_type *type = object->type;
    if (type != &TYPE_IMG && type != &TYPE_SVGF && type != &TYPE_TXTF && type != &TYPE_HTMLF &&
        type != &TYPE_GMNF && type != &TYPE_PIANOROLLF && type != &TYPE_MUSICXMLF) {
        return false;
    }
    struct message file;
    message_init(&file, "", NULL);
    type->get_set(object, &file);
    int code = LG_EBADREQUEST;
    if (file.n_params == 1) {
        code = type->set(object, file.params, file.n_params);
        object_touch(object);
        score_fire(object->score, object, code == LG_OK ? "success" : "error");
    }
    message_finish(&file);
    return code == LG_OK;
}
