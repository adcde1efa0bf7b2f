/* file: the type is chosen by the file's extension; the object becomes of that type. */
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "renderer/score/score.h"
#include "renderer/types/type_list.h"
#include "renderer/types/types.h"

static const struct {
    const char *extension, *type;
} TYPES_BY_EXTENSION[] = {
    {"txt", "txtf"},      {"svg", "svgf"},   {"html", "htmlf"},          {"htm", "htmlf"},
    {"gmn", "gmnf"},      {"xml", "musicxmlf"}, {"musicxml", "musicxmlf"}, {"jpg", "img"},
    {"jpeg", "img"},      {"gif", "img"},    {"png", "img"},             {"bmp", "img"},
    {"tiff", "img"},      {"wmv", "video"},  {"avi", "video"},           {"mpg", "video"},
    {"mpeg", "video"},    {"mp4", "video"},  {"m4v", "video"},           {"mov", "video"},
    {"vob", "video"},     {"mp3", "audio"},  {"wav", "audio"},           {"aiff", "audio"},
    {"aif", "audio"},     {"aac", "audio"},  {"m4a", "audio"},           {"mid", "pianorollf"},
    {"midi", "pianorollf"}, {"dsp", "faustdspf"},
};

static const struct object_type *type_of(const char *path) {
    const char *dot = strrchr(path, '.');
    size_t n_types = sizeof TYPES_BY_EXTENSION / sizeof TYPES_BY_EXTENSION[0];
    for (size_t type_i = 0; dot != NULL && type_i < n_types; type_i++) {
        if (strcasecmp(dot + 1, TYPES_BY_EXTENSION[type_i].extension) == 0) {
            return types_find(TYPES_BY_EXTENSION[type_i].type);
        }
    }
    return NULL;
}

static int file_create(struct object *object) {
    object->data = NULL;
    return LG_OK;
}

static int file_set(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const struct object_type *type = type_of(params[0].as.text);
    if (type == NULL) {
        score_error(object->score, "unknown object type: file");
        return LG_ENOTFOUND;
    }
    object->type = type;
    if (type->defaults != NULL) {
        type->defaults(&object->attr);
    }
    int code = type->create(object);
    return code == LG_OK ? type->set(object, params, n_params) : code;
}

static void file_get_set(const struct object *object, struct message *out) {
    (void)object;
    (void)out;
}

static void file_box(const struct object *object, double frame_side, struct box *out) {
    (void)object;
    (void)frame_side;
    *out = (struct box){0, 0, 0, 0};
}

static void file_destroy(struct object *object) {
    object->data = NULL;
}

const struct object_type TYPE_FILE = {
    .name = "file",
    .sizing = SIZING_ZERO,
    .create = file_create,
    .set = file_set,
    .get_set = file_get_set,
    .box = file_box,
    .destroy = file_destroy,
};
