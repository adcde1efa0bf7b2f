/* gmn, gmnf, gmnstream, musicxml, musicxmlf: scores as text or file. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/score.h"
#include "renderer/types/bitmap.h"
#include "renderer/types/notation/score_expression.h"
#include "renderer/types/notation/score_object.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

/* -- life --------------------------------------------------------------------- */

static int score_create_data(struct object *object) {
    struct score_object *score = calloc(1, sizeof *score);
    if (score == NULL) {
        return LG_ENOMEM;
    }
    score->owner = object;
    score->page_width_cm = 21.0f;
    score->page_height_cm = 29.7f;
    score->page = score->rows = 1;
    score->columns = 2;
    score->is_stream = object->type == &TYPE_GMNSTREAM;
    score->is_file = object->type == &TYPE_GMNF || object->type == &TYPE_MUSICXMLF;
    score->format = object->type == &TYPE_MUSICXML || object->type == &TYPE_MUSICXMLF
                        ? ENGRAVING_MUSICXML
                        : ENGRAVING_ANY;
    object->data = score;
    return LG_OK;
}

static void score_destroy_data(struct object *object) {
    struct score_object *score = object->data;
    if (score != NULL) {
        score_object_give_expression(object, NULL);
        score_picture_unref(score->picture);
        score_stream_unref(score->stream);
        free(score->source);
        free(score->text);
        free(score);
        object->data = NULL;
    }
}

/* -- set ---------------------------------------------------------------------- */

void score_object_give_text(struct object *object, char *text, size_t len) {
    struct score_object *score = object->data;
    free(score->text);
    score->text = text;
    score->text_len = len;
    score_object_engrave(object);
}

static int take_source(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING ||
        strlen(params[0].as.text) > LIMIT_SCRIPT_BYTES) {
        return LG_EBADREQUEST;
    }
    char *source = strdup(params[0].as.text);
    if (source == NULL) {
        return LG_ENOMEM;
    }
    free(score->source);
    score->source = source;
    return LG_OK;
}

/* expr( ... ): what is wrong with it is reported, and nothing changes. */
static int set_expression(struct object *object, const char *source) {
    struct score_expression *expression = score_expression_read(object, source);
    char *text = expression != NULL ? score_expression_text(expression, object, true) : NULL;
    if (text == NULL) {
        score_expression_destroy(expression);
        return LG_ESCRIPT;
    }
    score_object_give_expression(object, expression);
    score_object_give_text(object, text, strlen(text));
    return LG_OK;
}

static int score_set(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    bool is_text = n_params == 1 && params[0].kind == PARAM_STRING;
    bool is_expression = is_text && score_expression_is(params[0].as.text);
    int code = is_expression ? set_expression(object, params[0].as.text) : LG_OK;
    code = code == LG_OK ? take_source(object, params, n_params) : code;
    if (code != LG_OK) {
        return code;
    }
    if (!is_expression) {
        char *text = strdup(score->source);
        if (text == NULL) {
            return LG_ENOMEM;
        }
        score_object_give_expression(object, NULL);
        score_object_give_text(object, text, strlen(text));
    }
    score_object_tell(object);
    return LG_OK;
}

/* The object is there also without its file: empty, after an error. */
static int scoref_set(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    const struct score_env *env = score_env(object->score);
    char *content = NULL;
    size_t size_bytes = 0;
    int code = take_source(object, params, n_params);
    if (code != LG_OK) {
        return code;
    }
    code = env->read_file(env->ctx, score_root_path(object->score, object), score->source, &content,
                          &size_bytes);
    if (code == LG_EBUSY) {
        return LG_OK; /* a URL on its way: types_reload */
    }
    if (code != LG_OK) {
        score_error(object->score, "can't open file : %s", score->source);
        return LG_OK;
    }
    score_object_give_text(object, content, size_bytes);
    score_object_tell(object);
    return LG_OK;
}

static void score_get_set(const struct object *object, struct message *out) {
    const struct score_object *score = object->data;
    message_give_param(out, param_string(score->source != NULL ? score->source : ""));
}

/* -- streams ------------------------------------------------------------------- */

int score_stream_write(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    struct text joined = {0};
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    if (score->text != NULL) { /* of an expression: what it gave */
        text_append(&joined, score->text, score->text_len);
    }
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        if (param_i > 0) {
            text_append(&joined, " ", 1);
        }
        param_print(&params[param_i], true, &joined);
    }
    struct param whole = param_string(joined.data != NULL ? joined.data : "");
    int code = score_set(object, &whole, 1);
    param_finish(&whole);
    text_finish(&joined);
    if (code == LG_OK) {
        object_touch(object);
        score_fire(object->score, object, "newData");
    }
    return code;
}

int score_stream_clear(struct object *object, const struct param *params, size_t n_params) {
    struct score_object *score = object->data;
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    free(score->source);
    score->source = strdup("");
    free(score->text);
    score->text = NULL;
    score->text_len = 0;
    score_object_give_expression(object, NULL);
    score->shown = ++score->asked; /* what is under way is out of date */
    score_stream_unref(score->stream);
    score->stream = NULL;
    score_picture_unref(score->picture);
    score->picture = NULL;
    object_touch(object);
    return LG_OK;
}

/* -- looks ---------------------------------------------------------------------- */

static void score_box(const struct object *object, double frame_side, struct box *out) {
    (void)frame_side;
    score_object_pages(object->data, NULL, 0, out);
}

static void draw_image(const struct object *object, const struct matrix *page,
                       const struct score_image *image, struct display_list *list) {
    struct draw_resource *bitmap = NULL;
    double box[4];
    if (image->file == NULL || bitmap_load(object, image->file, &bitmap) != LG_OK) {
        return;
    }
    resource_extents(bitmap, box);
    if (!(box[2] > 0) || !(box[3] > 0)) {
        resource_unref(bitmap);
        return;
    }
    struct display_item item = {.kind = ITEM_BITMAP, .resource = bitmap};
    struct matrix fit = matrix_scale(image->width / box[2], image->height / box[3]);
    struct matrix place = matrix_translate(image->x, image->y);
    place = matrix_multiply(&place, &fit);
    place = matrix_multiply(page, &place);
    memcpy(item.matrix, place.m, sizeof item.matrix);
    item.fill.a = shape_color(&object->attr.color).a;
    display_list_append(list, &item);
}

static void draw_page(const struct object *object, const struct placement *placement,
                      const struct score_page_place *place, struct display_list *list) {
    const struct score_object *score = object->data;
    const struct score_page_picture *page = &score->picture->pages[place->page_i];
    struct matrix scale = matrix_scale(SCORE_UNITS_PER_SPACE, SCORE_UNITS_PER_SPACE);
    struct matrix matrix = matrix_translate(place->x, place->y);
    matrix = matrix_multiply(&matrix, &scale);
    matrix = matrix_multiply(&placement->to_device, &matrix);
    score_page_append(page, object, &matrix, list);
    for (size_t image_i = 0; image_i < page->n_images; image_i++) {
        draw_image(object, &matrix, &page->images[image_i], list);
    }
}

/* A clear box over the whole takes the pointer; what is drawn is nobody's. */
static void score_draw(const struct object *object, const struct placement *placement,
                       struct display_list *list) {
    const struct score_object *score = object->data;
    struct score_page_place places[SCORE_GRID_MAX];
    struct box box;
    if (score->picture == NULL) {
        return;
    }
    size_t n_places = score_object_pages(score, places, SCORE_GRID_MAX, &box);
    shape_append_box(object->id, placement, list, &box, (struct item_color){0, 0, 0, 0});
    for (size_t place_i = 0; place_i < n_places; place_i++) {
        draw_page(object, placement, &places[place_i], list);
    }
    shape_append_pen_box(object, placement, list, 1);
}

/* -- the types -------------------------------------------------------------------- */

#define SCORE_TYPE(word, set_function, ...)                                                        \
    {                                                                                              \
        .name = word, .sizing = SIZING_PROPORTIONAL, .takes_z_children = true,                     \
        .create = score_create_data, .set = set_function, .get_set = score_get_set,                \
        .box = score_box, .draw = score_draw, .destroy = score_destroy_data,                       \
        .map_space = MAP_SPACE_NONE, .compute_map = score_object_compute_map,                      \
        .is_saved = score_object_is_saved, .get_numbered = score_object_get_numbered, __VA_ARGS__  \
    }
#define SCORE_MESSAGES  .methods = SCORE_METHODS, .n_methods = N_SCORE_METHODS
#define STREAM_MESSAGES .methods = SCORE_STREAM_METHODS, .n_methods = N_SCORE_STREAM_METHODS

const struct object_type TYPE_GMN = SCORE_TYPE("gmn", score_set, SCORE_MESSAGES);
const struct object_type TYPE_GMNF = SCORE_TYPE("gmnf", scoref_set, SCORE_MESSAGES);
const struct object_type TYPE_MUSICXML = SCORE_TYPE("musicxml", score_set, SCORE_MESSAGES);
const struct object_type TYPE_MUSICXMLF = SCORE_TYPE("musicxmlf", scoref_set, SCORE_MESSAGES);
const struct object_type TYPE_GMNSTREAM = SCORE_TYPE("gmnstream", score_set, STREAM_MESSAGES);
