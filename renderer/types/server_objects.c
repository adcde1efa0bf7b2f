/* httpd and websocket: a score asks for servers; gateways open them. httpd draws
 * the QR code of its address, websocket draws nothing (web API 1). */
#include <stdio.h>
#include <stdlib.h>

#include <qrencode.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/score.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct server_data {
    struct shape_cache cache;
    int port, period_ms;
};

static void tell_change(const struct object *object) {
    const struct score_env *env = score_env(object->score);
    env->servers_changed(env->ctx);
}

static int server_create(struct object *object) {
    object->data = calloc(1, sizeof(struct server_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void server_destroy(struct object *object) {
    struct server_data *data = object->data;
    if (data != NULL) {
        bool was_asked_for = data->port != 0;
        shape_cache_clear(&data->cache);
        free(data);
        object->data = NULL;
        if (was_asked_for) {
            tell_change(object);
        }
    }
}

static bool is_int_in(const struct param *param, int32_t low, int32_t high) {
    return param->kind == PARAM_INT && param->as.i >= low && param->as.i <= high;
}

static int take_server(struct object *object, int port, int period_ms) {
    struct server_data *data = object->data;
    if (data->port != port || data->period_ms != period_ms) {
        data->port = port;
        data->period_ms = period_ms;
        tell_change(object);
    }
    return LG_OK;
}

/* Ports of the system are nobody's to give: a score may be posted by anyone who conducts. */
static bool is_port(const struct object *object, int port) {
    if (port < LIMIT_SCORE_PORT_MIN) {
        score_error(object->score, "port %d: a score opens ports from %d", port,
                    LIMIT_SCORE_PORT_MIN);
    }
    return port >= LIMIT_SCORE_PORT_MIN;
}

static int httpd_set(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || !is_int_in(&params[0], 1, 65535) || !is_port(object, params[0].as.i)) {
        return LG_EBADREQUEST;
    }
    return take_server(object, params[0].as.i, 0);
}

static int websocket_set(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 2 || !is_int_in(&params[0], 1, 65535) ||
        !is_int_in(&params[1], 1, LIMIT_NOTIFY_PERIOD_MAX_MS) || !is_port(object, params[0].as.i)) {
        return LG_EBADREQUEST;
    }
    return take_server(object, params[0].as.i, params[1].as.i);
}

static void httpd_get_set(const struct object *object, struct message *out) {
    const struct server_data *data = object->data;
    message_give_param(out, param_int(data->port));
}

static void websocket_get_set(const struct object *object, struct message *out) {
    const struct server_data *data = object->data;
    message_give_param(out, param_int(data->port));
    message_give_param(out, param_int(data->period_ms));
}

static void ask_status(const struct object *object, bool *is_running, int *n_clients) {
    const struct score_env *env = score_env(object->score);
    *is_running = false;
    *n_clients = 0;
    env->server_status(env->ctx, object, is_running, n_clients);
}

static void httpd_get_status(const struct object *object, struct message *out) {
    bool is_running;
    int n_clients;
    ask_status(object, &is_running, &n_clients);
    message_give_param(out, param_string(is_running ? "started" : "stopped"));
}

static void websocket_get_status(const struct object *object, struct message *out) {
    bool is_running;
    int n_clients;
    ask_status(object, &is_running, &n_clients);
    message_give_param(out, param_string(is_running ? "running" : "stopped"));
}

static void websocket_get_clients(const struct object *object, struct message *out) {
    bool is_running;
    int n_clients;
    ask_status(object, &is_running, &n_clients);
    message_give_param(out, param_int(n_clients));
}

static void httpd_defaults(struct attributes *attr) {
    attr->width = (struct dimension){0.5f, UNIT_PLAIN};
    attr->height = (struct dimension){0.5f, UNIT_PLAIN};
}

/* Filled modules, neighbours in a row as one box. */
static void build_code(cairo_t *cr, const struct object *object, double frame_side) {
    const struct server_data *data = object->data;
    char url[LIMIT_HOST_BYTES + 32];
    double width, height;
    const char *host = score_public_host(object->score);
    shape_nominal(object, frame_side, &width, &height);
    snprintf(url, sizeof url, "http://%.*s:%d/", LIMIT_HOST_BYTES,
             host != NULL && host[0] != '\0' ? host : "localhost", data->port);
    QRcode *code = QRcode_encodeString8bit(url, 0, QR_ECLEVEL_H);
    if (code == NULL) {
        return;
    }
    double cell_w = width / code->width, cell_h = height / code->width;
    for (int row = 0; row < code->width; row++) {
        const unsigned char *modules = code->data + row * code->width;
        for (int column = 0; column < code->width; column++) {
            int first = column;
            while (column < code->width && (modules[column] & 1) != 0) {
                column++;
            }
            if (column > first) {
                cairo_rectangle(cr, first * cell_w, row * cell_h, (column - first) * cell_w,
                                cell_h);
            }
        }
    }
    QRcode_free(code);
}

static void httpd_box(const struct object *object, double frame_side, struct box *out) {
    shape_nominal(object, frame_side, &out->width, &out->height);
    out->x = out->y = 0;
}

static void httpd_draw(const struct object *object, const struct placement *placement,
                       struct display_list *list) {
    struct server_data *data = object->data;
    double width, height;
    shape_nominal(object, placement->frame_side, &width, &height);
    if (width <= 0 || height <= 0) {
        return;
    }
    const double key[] = {width, height, data->port};
    struct display_item item;
    shape_item(object, placement, &item);
    item.brush = ITEM_BRUSH_SOLID;
    item.stroke_width = 0;
    item.resource =
        resource_ref(shape_path(&data->cache, object, placement->frame_side, key, 3, build_code));
    if (item.resource != NULL) {
        display_list_append(list, &item);
    }
    shape_append_pen_box(object, placement, list, 1);
}

static void websocket_box(const struct object *object, double frame_side, struct box *out) {
    (void)object;
    (void)frame_side;
    *out = (struct box){0, 0, 0, 0};
}

static const struct object_method HTTPD_METHODS[] = {
    {"status", NULL, httpd_get_status},
};
static const struct object_method WEBSOCKET_METHODS[] = {
    {"status", NULL, websocket_get_status},
    {"clients", NULL, websocket_get_clients},
};

const struct object_type TYPE_HTTPD = {
    .name = "httpd",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .methods = HTTPD_METHODS,
    .n_methods = sizeof HTTPD_METHODS / sizeof HTTPD_METHODS[0],
    .defaults = httpd_defaults,
    .create = server_create,
    .set = httpd_set,
    .get_set = httpd_get_set,
    .box = httpd_box,
    .draw = httpd_draw,
    .destroy = server_destroy,
};

const struct object_type TYPE_WEBSOCKET = {
    .name = "websocket",
    .sizing = SIZING_ZERO,
    .takes_z_children = true,
    .methods = WEBSOCKET_METHODS,
    .n_methods = sizeof WEBSOCKET_METHODS / sizeof WEBSOCKET_METHODS[0],
    .create = server_create,
    .set = websocket_set,
    .get_set = websocket_get_set,
    .box = websocket_box,
    .destroy = server_destroy,
};
