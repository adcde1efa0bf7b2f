/* Request line → handler. The path is cut at '/', empty pieces are dropped, so
 * that "//version/" is "/version" (web API reference 2). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "gateway-http/exchange.h"
#include "gateway-http/path.h"

#define ALLOW_READ  "GET, HEAD, OPTIONS"
#define ALLOW_WRITE "POST, OPTIONS"
#define ALLOW_ROOT  "GET, HEAD, POST, OPTIONS"

/* Who may not conduct sends nothing longer than a click. */
#define SMALL_BODY_BYTES (64 * 1024)

/* A percent-encoded script is up to three times as long as what it says. */
#define ENCODING_FACTOR 3

struct route {
    const char *path;
    exchange_handler_fn get, post; /* NULL: not for this method */
};
static const struct route ROUTES[] = {
    {"", handle_image, handle_post},
    {"image", handle_image, NULL},
    {"version", handle_version, NULL},
    {"log", handle_log, NULL},
    {"events", handle_events, NULL},
    {"click", NULL, handle_click},
    {"hover", NULL, handle_hover},
    {"rpc", NULL, handle_rpc},
    {"view/config.json", handle_view_config, NULL},
};

static void refuse(struct exchange *exchange, int status, const char *text) {
    exchange->error_status = status;
    exchange->error_text = text;
}

/* "scenes/NAME/rest" → the scene is NAME, the path is the rest. */
static void take_scene(struct exchange *exchange) {
    if (strncmp(exchange->path, "scenes/", 7) != 0) {
        return;
    }
    char *name = exchange->path + 7;
    char *end = name + strcspn(name, "/");
    bool has_rest = *end == '/';
    *end = '\0';
    if (!path_is_scene_name(name)) {
        refuse(exchange, 404, "404 Page Not Found");
        return;
    }
    memcpy(exchange->scene, name, strlen(name) + 1);
    char *rest = has_rest ? end + 1 : end;
    memmove(exchange->path, rest, strlen(rest) + 1);
}

static bool read_number(const char *text, uint64_t max, uint64_t *number) {
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && text[0] >= '0' && text[0] <= '9' && *number <= max;
}

static void take_query(struct exchange *exchange) {
    char text[LIMIT_SCENE_NAME_BYTES + 2];
    const char *query = exchange->request->query;
    if (path_query(query, "scene", text, sizeof text)) {
        if (!path_is_scene_name(text)) {
            refuse(exchange, 404, "404 Page Not Found");
            return;
        }
        memcpy(exchange->scene, text, strlen(text) + 1);
    }
    if (path_query(query, "version", text, sizeof text)) {
        exchange->has_version = read_number(text, UINT64_MAX, &exchange->version);
        if (!exchange->has_version) {
            refuse(exchange, 400, "version: a whole number is expected");
        }
    }
    uint64_t width_px;
    if (path_query(query, "width", text, sizeof text)) {
        if (!read_number(text, LIMIT_SIDE_PX, &width_px) || width_px == 0) {
            refuse(exchange, 400, "width: a number of pixels from 1 to 16384 is expected");
            return;
        }
        exchange->width_px = (uint32_t)width_px;
    }
}

static const struct route *find_route(const char *path) {
    for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++) {
        if (strcmp(path, ROUTES[i].path) == 0) {
            return &ROUTES[i];
        }
    }
    return NULL;
}

static void route_get(struct exchange *exchange, const struct route *route) {
    if (route != NULL && route->get != NULL) {
        exchange->handler = route->get;
    } else if (strcmp(exchange->path, "view") == 0 || strncmp(exchange->path, "view/", 5) == 0) {
        exchange->handler = handle_view;
    } else {
        exchange->handler = handle_file;
    }
}

static void route_other(struct exchange *exchange) {
    const char *method = exchange->request->method_text;
    exchange->allow = ALLOW_ROOT;
    exchange->request->drops_body = true;
    exchange->request->body_max = exchange->gateway->max_body_bytes;
    if (strcmp(method, "DELETE") == 0) {
        refuse(exchange, 405, "DELETE request not supported by the server");
        return;
    }
    snprintf(exchange->error_buffer, sizeof exchange->error_buffer,
             "The server does not support the %.32s command", method);
    refuse(exchange, 405, exchange->error_buffer);
}

static void route_method(struct exchange *exchange) {
    struct http_request *request = exchange->request;
    const struct route *route = find_route(exchange->path);
    bool can_post = route != NULL && route->post != NULL;
    bool can_get = route == NULL || route->get != NULL;
    exchange->allow = can_post && can_get ? ALLOW_ROOT : can_post ? ALLOW_WRITE : ALLOW_READ;
    switch (request->method) {
    case HTTP_GET:
    case HTTP_HEAD:
        route_get(exchange, route);
        break;
    case HTTP_POST:
        if (!can_post) {
            refuse(exchange, 404, "Unidentified POST request.");
            request->drops_body = true;
            request->body_max = exchange->gateway->max_body_bytes;
            break;
        }
        exchange->handler = route->post;
        if (exchange_grant(exchange)->role < AUTH_CONDUCT) {
            request->drops_body = route->post == handle_post; /* it will be refused */
            request->body_max =
                request->drops_body ? exchange->gateway->max_body_bytes : SMALL_BODY_BYTES;
            break;
        }
        request->body_max =
            exchange->gateway->max_body_bytes *
            (form_kind_of(request->headers.content_type) == FORM_URLENCODED ? ENCODING_FACTOR : 1);
        break;
    case HTTP_OPTIONS:
        exchange->handler = handle_options;
        break;
    case HTTP_OTHER:
        route_other(exchange);
        break;
    }
}

void routes_find(struct exchange *exchange) {
    struct http_request *request = exchange->request;
    memcpy(exchange->scene, request->port->scene, sizeof exchange->scene);
    size_t size = strlen(request->target) + 1;
    exchange->path = malloc(size);
    int code =
        exchange->path != NULL ? path_clean(request->target, exchange->path, size) : LG_EINTERNAL;
    if (code == LG_ETOOLARGE) { /* no file has such a path */
        code = LG_ENOTFOUND;
    }
    if (code != LG_OK) {
        refuse(exchange, lg_err_http_status(code),
               code == LG_ENOTFOUND ? "404 Page Not Found" : lg_err_name(code));
        return;
    }
    take_scene(exchange);
    if (request->query != NULL) {
        take_query(exchange);
    }
    if (exchange->error_status == 0) {
        route_method(exchange);
    }
}
