#include "score_fixture.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/attributes/attributes.h"

/* -- fake types -------------------------------------------------------------------- */

static double units(const struct object *object, struct dimension value, double frame_side) {
    return geometry_dimension(object, value, false) * frame_side / 2;
}

static int size_set(struct object *object, const struct param *params, size_t n_params) {
    struct dimension width, height;
    if (n_params != 2 || params_dimension(&params[0], &width) != 0 ||
        params_dimension(&params[1], &height) != 0) {
        return LG_EBADREQUEST;
    }
    object->attr.width = width;
    object->attr.height = height;
    return 0;
}

static void size_get(const struct object *object, struct message *out) {
    params_give_dimension(out, object->attr.width);
    params_give_dimension(out, object->attr.height);
}

static void size_box(const struct object *object, double frame_side, struct box *out) {
    double pen = (double)object->attr.pen_width;
    *out = (struct box){-pen / 2, -pen / 2, units(object, object->attr.width, frame_side) + pen,
                        units(object, object->attr.height, frame_side) + pen};
}

static int layer_set(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    (void)params;
    return n_params == 0 ? 0 : LG_EBADREQUEST;
}

static void layer_defaults(struct attributes *attr) {
    attr->width = attr->height = (struct dimension){2, UNIT_PLAIN};
    attr->brush_style = BRUSH_NONE;
}

/* txt: one text; 7 units a character, 17 high. */
static int txt_create(struct object *object) {
    object->data = calloc(1, 1);
    return 0;
}

static int txt_set(struct object *object, const struct param *params, size_t n_params) {
    struct text text = {0};
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    for (size_t i = 0; i < n_params; i++) {
        if (i > 0) {
            text_append(&text, " ", 1);
        }
        param_print(&params[i], true, &text);
    }
    free(object->data);
    object->data = text.data;
    return 0;
}

static void txt_get(const struct object *object, struct message *out) {
    message_give_param(out, param_string(object->data));
}

static void txt_box(const struct object *object, double frame_side, struct box *out) {
    (void)frame_side;
    *out = (struct box){0, 0, 7.0 * (double)strlen(object->data), 17};
}

static void txt_destroy(struct object *object) {
    free(object->data);
}

static int txt_font(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    return n_params == 1 && param_is_number(&params[0]) ? 0 : LG_EBADREQUEST;
}

static void txt_font_get(const struct object *object, struct message *out) {
    (void)object;
    message_give_param(out, param_int(14));
}

static const struct object_method TXT_METHODS[] = {{"fontSize", txt_font, txt_font_get}};

/* img: 200 x 100 pixels. */
static int img_set(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    if (strcmp(params[0].as.text, "missing.png") == 0) {
        score_error(object->score, "missing.png : no such file");
    }
    return 0;
}

static void img_box(const struct object *object, double frame_side, struct box *out) {
    (void)object;
    (void)frame_side;
    *out = (struct box){0, 0, 200, 100};
}

static void img_get(const struct object *object, struct message *out) {
    (void)object;
    message_give_param(out, param_string("panel.png"));
}

/* arc: the box of the drawn piece plus a pen of 1, the origin from the nominal size. */
struct arc {
    double start, range;
};

static int arc_create(struct object *object) {
    object->data = calloc(1, sizeof(struct arc));
    return 0;
}

static void arc_defaults(struct attributes *attr) {
    attr->pen_width = 1;
    attr->brush_style = BRUSH_NONE;
}

static int arc_set(struct object *object, const struct param *params, size_t n_params) {
    struct arc *arc = object->data;
    if (n_params != 4 || size_set(object, params, 2) != 0) {
        return LG_EBADREQUEST;
    }
    arc->start = (double)param_as_float(&params[2]);
    arc->range = (double)param_as_float(&params[3]);
    return 0;
}

static void arc_anchor(const struct object *object, double frame_side, double *width,
                       double *height) {
    *width = units(object, object->attr.width, frame_side);
    *height = units(object, object->attr.height, frame_side);
}

static void arc_box(const struct object *object, double frame_side, struct box *out) {
    const struct arc *arc = object->data;
    double width, height, left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
    arc_anchor(object, frame_side, &width, &height);
    for (int i = 0; i <= 3600; i++) {
        double angle = (arc->start + arc->range * i / 3600) * 3.14159265358979323846 / 180;
        double x = width / 2 * (1 + cos(angle)), y = height / 2 * (1 - sin(angle));
        left = fmin(left, x);
        right = fmax(right, x);
        top = fmin(top, y);
        bottom = fmax(bottom, y);
    }
    double pen = (double)object->attr.pen_width;
    *out = (struct box){left - pen / 2, top - pen / 2, right - left + pen, bottom - top + pen};
}

/* poly: 320 x 240 units whatever is said; not settable, not answered. */
static int poly_set(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    (void)params;
    return n_params % 2 == 0 && n_params > 0 ? 0 : LG_EBADREQUEST;
}

static void poly_box(const struct object *object, double frame_side, struct box *out) {
    (void)object;
    (void)frame_side;
    *out = (struct box){0, 0, 320, 240};
}

/* line xy x y: the nominal box grown by the pen and a half, the origin from the nominal one. */
static int line_create(struct object *object) {
    object->data = calloc(2, sizeof(double));
    return 0;
}

static int line_set(struct object *object, const struct param *params, size_t n_params) {
    double *to = object->data;
    if (n_params != 3 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    to[0] = fabs((double)param_as_float(&params[1]));
    to[1] = fabs((double)param_as_float(&params[2]));
    return 0;
}

static void line_anchor(const struct object *object, double frame_side, double *width,
                        double *height) {
    const double *to = object->data;
    *width = to[0] * frame_side / 2;
    *height = to[1] * frame_side / 2;
}

static void line_box(const struct object *object, double frame_side, struct box *out) {
    double width, height, grow = ((double)object->attr.pen_width + 1) / 2;
    line_anchor(object, frame_side, &width, &height);
    *out = (struct box){-grow, -grow, width + 2 * grow, height + 2 * grow};
}

static const struct object_type TYPES[] = {
    {.name = "rect",
     .sizing = SIZING_FREE,
     .takes_z_children = true,
     .set = size_set,
     .get_set = size_get,
     .box = size_box},
    {.name = "ellipse",
     .sizing = SIZING_FREE,
     .takes_z_children = true,
     .set = size_set,
     .get_set = size_get,
     .box = size_box},
    {.name = "layer",
     .sizing = SIZING_FREE,
     .takes_z_children = true,
     .set = layer_set,
     .defaults = layer_defaults,
     .box = size_box},
    {.name = "txt",
     .sizing = SIZING_READ_ONLY,
     .takes_z_children = true,
     .create = txt_create,
     .set = txt_set,
     .get_set = txt_get,
     .box = txt_box,
     .destroy = txt_destroy,
     .methods = TXT_METHODS,
     .n_methods = 1},
    {.name = "img",
     .sizing = SIZING_PROPORTIONAL,
     .takes_z_children = true,
     .set = img_set,
     .get_set = img_get,
     .box = img_box},
    {.name = "arc",
     .sizing = SIZING_FREE,
     .takes_z_children = true,
     .defaults = arc_defaults,
     .create = arc_create,
     .set = arc_set,
     .get_set = size_get,
     .box = arc_box,
     .anchor = arc_anchor,
     .destroy = txt_destroy},
    {.name = "polygon",
     .sizing = SIZING_UNANSWERED,
     .takes_z_children = true,
     .set = poly_set,
     .box = poly_box},
    {.name = "line",
     .sizing = SIZING_ZERO,
     .takes_z_children = true,
     .create = line_create,
     .set = line_set,
     .box = line_box,
     .anchor = line_anchor,
     .destroy = txt_destroy},
};

static const struct object_type *find_type(const char *name) {
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (strcmp(TYPES[i].name, name) == 0) {
            return &TYPES[i];
        }
    }
    return NULL;
}

/* -- fake world -------------------------------------------------------------------- */

static void run_text(struct score *score, const char *script);

static void run_script(void *ctx, struct score *score, const char *text, size_t len,
                       const char *name) {
    (void)ctx;
    (void)name;
    (void)len;
    run_text(score, text);
}

static int read_file(void *ctx, const char *dir, const char *path, char **data,
                     size_t *size_bytes) {
    struct fixture *fixture = ctx;
    (void)dir;
    for (size_t i = 0; i < 8 && fixture->files[i][0] != NULL; i++) {
        if (strcmp(fixture->files[i][0], path) == 0) {
            *data = strdup(fixture->files[i][1]);
            *size_bytes = strlen(*data);
            return 0;
        }
    }
    return LG_ENOTFOUND;
}

static int write_file(void *ctx, const char *dir, const char *path, const char *data,
                      size_t size_bytes, bool is_append) {
    struct fixture *fixture = ctx;
    text_finish(&fixture->written);
    text_append(&fixture->written, data, size_bytes);
    snprintf(fixture->written_path, sizeof fixture->written_path, "%s%s", dir, path);
    fixture->was_appended = is_append;
    return 0;
}

static void send_osc(void *ctx, const struct message *msg) {
    (void)msg;
    ((struct fixture *)ctx)->n_osc++;
}

static void export_object(void *ctx, struct object *object, const char *path, bool has_children) {
    struct fixture *fixture = ctx;
    fixture->n_exports++;
    snprintf(fixture->exported, sizeof fixture->exported, "%s %s %d", object->name, path,
             has_children);
}

static void servers_changed(void *ctx) {
    (void)ctx;
}

static void quit(void *ctx) {
    ((struct fixture *)ctx)->n_quit++;
}

static void server_status(void *ctx, const struct object *object, bool *is_running,
                          int *n_clients) {
    (void)ctx;
    (void)object;
    *is_running = true;
    *n_clients = 0;
}

static uint64_t scene_version(void *ctx, const struct object *scene) {
    (void)scene;
    return ((struct fixture *)ctx)->version;
}

static int64_t now_us(void *ctx) {
    return ((struct fixture *)ctx)->now_us;
}

int fixture_setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->version = 42;
    fixture->env = (struct score_env){
        .ctx = fixture,
        .find_type = find_type,
        .run_script = run_script,
        .read_file = read_file,
        .write_file = write_file,
        .send_osc = send_osc,
        .export_object = export_object,
        .servers_changed = servers_changed,
        .quit = quit,
        .server_status = server_status,
        .scene_version = scene_version,
        .now_us = now_us,
    };
    struct score_options options = {.screen_px = 1080,
                                    .root_path = "/scores/here",
                                    .public_host = "stand.example",
                                    .env = &fixture->env};
    fixture->score = score_create(&options);
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state) {
    struct fixture *fixture = *state;
    score_destroy(fixture->score);
    text_finish(&fixture->errors);
    text_finish(&fixture->replies);
    text_finish(&fixture->written);
    free(fixture);
    return 0;
}

/* -- statements ---------------------------------------------------------------------- */

static void skip_blanks(const char **at) {
    while (isspace((unsigned char)**at)) {
        (*at)++;
    }
}

static bool is_end(char c) {
    return c == '\0' || c == ';' || c == ',' || c == ')' || isspace((unsigned char)c);
}

/* One word; *is_quoted: it was in quotes. */
static char *read_word(const char **at, bool *is_quoted) {
    struct text word = {0};
    *is_quoted = **at == '"';
    text_append(&word, "", 0);
    if (*is_quoted) {
        for ((*at)++; **at != '\0' && **at != '"'; (*at)++) {
            text_append(&word, *at, 1);
        }
        (*at)++;
    } else {
        bool is_in_braces = false;
        while (!is_end(**at) || (**at == ',' && is_in_braces)) {
            is_in_braces = **at == '{' || (is_in_braces && **at != '}');
            text_append(&word, (*at)++, 1);
        }
    }
    return word.data;
}

static void read_statement(const char **at, struct message *msg);

static struct message_list *read_nested(const char **at) {
    struct message *messages = NULL;
    size_t n = 0;
    (*at)++; /* ( */
    skip_blanks(at);
    while (**at != ')' && **at != '\0') {
        messages = realloc(messages, (n + 1) * sizeof *messages);
        read_statement(at, &messages[n++]);
        if (**at == ',') {
            (*at)++;
        }
        skip_blanks(at);
    }
    (*at)++;
    return message_list_give(messages, n);
}

static struct param read_param(const char **at) {
    if (**at == '(') {
        return param_messages(read_nested(at));
    }
    bool is_quoted;
    char *word = read_word(at, &is_quoted), *end;
    struct param out;
    long whole = strtol(word, &end, 10);
    if (!is_quoted && *word != '\0' && *end == '\0') {
        out = param_int((int32_t)whole);
    } else {
        float number = strtof(word, &end);
        bool is_number = !is_quoted && (isdigit((unsigned char)word[0]) || word[0] == '-') &&
                         *end == '\0' && strpbrk(word, ".e") != NULL;
        out = is_number ? param_float(number) : param_string(word);
    }
    free(word);
    return out;
}

static void read_statement(const char **at, struct message *msg) {
    bool is_quoted;
    skip_blanks(at);
    char *address = read_word(at, &is_quoted);
    message_init(msg, address, NULL);
    free(address);
    for (bool is_first = true;; is_first = false) {
        skip_blanks(at);
        if (**at == '\0' || **at == ';' || **at == ',' || **at == ')') {
            break;
        }
        struct param param = read_param(at);
        if (is_first && param.kind == PARAM_STRING) {
            msg->method = param.as.text;
        } else {
            message_give_param(msg, param);
        }
    }
}

void fixture_parse(const char *statement, struct message *msg) {
    read_statement(&statement, msg);
}

static void run_text(struct score *score, const char *script) {
    skip_blanks(&script);
    while (*script != '\0') {
        struct message msg;
        read_statement(&script, &msg);
        score_process(score, &msg);
        message_finish(&msg);
        assert_true(*script == ';' || *script == '\0');
        script += *script == ';';
        skip_blanks(&script);
    }
}

static void keep_result(struct fixture *fixture, struct score_result *result) {
    text_finish(&fixture->errors);
    text_finish(&fixture->replies);
    fixture->errors = result->errors;
    result->errors = (struct text){0};
    text_append(&fixture->errors, "", 0);
    text_append(&fixture->replies, "", 0);
    for (size_t i = 0; i < result->n_replies; i++) {
        message_print(&result->replies[i], &fixture->replies);
        text_append(&fixture->replies, "\n", 1);
    }
    score_result_finish(result);
}

void fixture_run(struct fixture *fixture, const char *script) {
    struct score_result result;
    score_begin(fixture->score, "test");
    run_text(fixture->score, script);
    score_end(fixture->score, &result);
    keep_result(fixture, &result);
}

int fixture_tasks(struct fixture *fixture, int n_tasks) {
    int n = 0;
    while (n < n_tasks && score_has_queued(fixture->score)) {
        struct score_result result;
        score_run_queued(fixture->score, &result);
        keep_result(fixture, &result);
        n++;
    }
    return n;
}

void fixture_expect(struct fixture *fixture, const char *statement, const char *replies) {
    fixture_run(fixture, statement);
    assert_string_equal(fixture->errors.data, "");
    assert_string_equal(fixture->replies.data, replies);
}

void fixture_expect_error(struct fixture *fixture, const char *statement, const char *errors) {
    fixture_run(fixture, statement);
    assert_string_equal(fixture->errors.data, errors);
}
