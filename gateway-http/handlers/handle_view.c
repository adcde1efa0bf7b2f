/* GET /view/…: the web page, from memory; and what it has to know of this
 * server and of what its reader may do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mime.h"
#include "gateway-http/exchange.h"
#include "gateway-http/server/response.h"
#include "gateway-http/validators.h"
#include "gateway-http/view_files.h"

static const struct view_file *find_file(const char *name) {
    for (size_t i = 0; i < VIEW_N_FILES; i++) {
        if (strcmp(VIEW_FILES[i].name, name) == 0) {
            return &VIEW_FILES[i];
        }
    }
    return NULL;
}

/* The page's own links are relative: it must be seen at ".../view/". */
static void send_to_folder(struct exchange *exchange) {
    const char *query = exchange->request->query;
    size_t size = sizeof "view/?" + (query != NULL ? strlen(query) : 0);
    char *location = malloc(size);
    struct MHD_Response *response = response_empty();
    if (location != NULL) {
        snprintf(location, size, "view/%s%s", query != NULL ? "?" : "", query != NULL ? query : "");
        response_add(response, "Location", location);
    }
    free(location);
    exchange_give(exchange, 308, response);
}

static void keep(void *ctx) {
    (void)ctx;
}

void handle_view(struct exchange *exchange) {
    const char *target = exchange->request->target;
    const char *name = exchange->path + strlen("view");
    if (*name == '\0' && target[strlen(target) - 1] != '/') {
        send_to_folder(exchange);
        return;
    }
    const struct view_file *file = find_file(*name == '\0' ? "index.html" : name + 1);
    if (file == NULL) {
        exchange_text(exchange, 404, "404 Page Not Found");
        return;
    }
    const char *tags = exchange->request->headers.if_none_match;
    bool is_known = tags != NULL && validator_etag_matches(tags, file->etag);
    struct MHD_Response *response = is_known
                                        ? response_not_modified(file->etag)
                                        : response_bytes(file->bytes, file->size_bytes,
                                                         lg_mime_of_path(file->name), keep, NULL);
    if (!is_known) {
        response_add(response, "ETag", file->etag);
        /* Its address may hold a token. */
        response_add(response, "Referrer-Policy", "no-referrer");
    }
    exchange_give(exchange, is_known ? 304 : 200, response);
}

/* Where the page finds leggio-ws: --ws-url, or "ws://HOST:PORT/" with the host
 * that the page was asked from. NULL when there is no such host or no WebSocket
 * gateway. */
static json_t *websocket_url(const struct exchange *exchange) {
    const struct gateway *gateway = exchange->gateway;
    const char *url = gateway->ws_url;
    if (url != NULL && url[0] != '/') {
        return json_string(url);
    }
    const char *host = exchange->request->headers.host;
    size_t len = host != NULL && host[0] == '[' ? strcspn(host, "]") + 1
                 : host != NULL                 ? strcspn(host, ":")
                                                : 0;
    if ((url == NULL && gateway->ws_port == 0) || len == 0 || len > strlen(host) ||
        len > LIMIT_HOST_BYTES || strcspn(host, "/?#@\\ \"<>") < strlen(host)) {
        return json_null();
    }
    const char *scheme = exchange->request->headers.is_https ? "wss" : "ws";
    if (url != NULL) {
        return json_sprintf("%s://%s%s", scheme, host, url);
    }
    return json_sprintf("%s://%.*s:%d/", scheme, (int)len, host, gateway->ws_port);
}

void handle_view_config(struct exchange *exchange) {
    json_t *websocket = websocket_url(exchange);
    exchange_give(exchange, 200,
                  response_json(json_pack("{s:s, s:s, s:s, s:o}", "role", exchange_role(exchange),
                                          "scene", exchange->scene, "version", LEGGIO_VERSION,
                                          "websocket", websocket)));
}
