/* Waiting for pictures. A scene may be younger than the list of scenes that the
 * last heartbeat brought, so an unknown one is asked for before it is a 404;
 * only scenes that exist are subscribed to, so made-up names cost nothing. */
#include "gateway-http/handlers/scene_wait.h"

#include <string.h>

#include "common/err.h"
#include "gateway-http/exchange.h"

enum scene_stage { STAGE_START = 0, STAGE_ASKED, STAGE_WAITED };

bool scene_is_there(struct exchange *exchange) {
    if (exchange->stage == STAGE_START) {
        if (strcmp(exchange->scene, exchange->request->port->scene) == 0 ||
            upstream_has_scene(exchange->gateway->upstream, exchange->scene)) {
            return true;
        }
        struct call_request request = {.kind = CALL_SCENES};
        exchange->stage = STAGE_ASKED;
        exchange_call(exchange, &request, false);
        return false;
    }
    if (exchange->stage == STAGE_WAITED) {
        return true;
    }
    if (exchange->reply.code != LG_OK) {
        exchange_call_error(exchange);
        return false;
    }
    if (!upstream_is_listed(exchange->scene, exchange->reply.text,
                            exchange->reply.text_size_bytes)) {
        exchange_text(exchange, 404, "404 Page Not Found");
        return false;
    }
    return true;
}

bool scene_wait(struct exchange *exchange, const char *words, const struct picture **picture) {
    struct gateway *gateway = exchange->gateway;
    if (!scene_is_there(exchange)) {
        return false;
    }
    *picture = pictures_get(gateway->pictures, exchange->scene);
    if (*picture != NULL &&
        (!exchange->has_version || (*picture)->frame->version >= exchange->version)) {
        return true;
    }
    if (exchange->stage == STAGE_WAITED) {
        exchange_text(exchange, 503, *picture == NULL ? words : "this version is not there yet");
        return false;
    }
    exchange->stage = STAGE_WAITED;
    exchange_wait(exchange, exchange->has_version ? exchange->version : 0,
                  exchange->has_version ? gateway->max_wait_ms : LIMIT_FIRST_PICTURE_MS);
    return false;
}
