/* POST /click and /hover: touch a scene at a pixel of its picture. */
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "gateway-http/exchange.h"
#include "gateway-http/server/response.h"

#define CLIENT_WORD_BYTES 40

enum pointer_stage { STAGE_START = 0, STAGE_DONE };

static void answer(struct exchange *exchange) {
    if (exchange->reply.code != LG_OK) {
        exchange_call_error(exchange);
        return;
    }
    struct MHD_Response *response = response_empty();
    exchange_add_version(exchange, response);
    exchange_give(exchange, 200, response);
}

/* Whose pointer it is. A browser spreads one pointer over several connections, so the connection
 * does not tell: field `client` (any short word) does, else the address of the peer. */
static void name_client(struct exchange *exchange, const struct form *form,
                        char name[LIMIT_CLIENT_ID_BYTES + 1]) {
    static const char WORD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const struct form_field *client = form_field(form, "client");
    char peer[LIMIT_CLIENT_ID_BYTES + 1];
    auth_peer_print(http_request_peer(exchange->request), peer, sizeof peer);
    size_t len = client != NULL ? strspn(client->value, WORD) : 0;
    bool is_word = len > 0 && len <= CLIENT_WORD_BYTES && client->value[len] == '\0';
    snprintf(name, LIMIT_CLIENT_ID_BYTES + 1, "http:%.80s%s%s", peer, is_word ? "/" : "",
             is_word ? client->value : "");
}

static void touch(struct exchange *exchange, enum call_kind kind) {
    struct form form;
    if (exchange->stage == STAGE_DONE) {
        answer(exchange);
        return;
    }
    if (!exchange_allows(exchange, AUTH_PLAY, "this client may only look") ||
        exchange_refuse_away(exchange)) {
        return;
    }
    if (!exchange_read_form(exchange, &form)) {
        return;
    }
    const struct form_field *x = form_field(&form, "x");
    const struct form_field *y = form_field(&form, "y");
    if (x == NULL || y == NULL) {
        exchange_text(exchange, 404, "Unidentified POST request.");
    } else if (form.kind == FORM_JSON && !(x->is_number && y->is_number)) {
        exchange_error(exchange, 400, "x and y: numbers are expected");
    } else {
        char client_id[LIMIT_CLIENT_ID_BYTES + 1];
        name_client(exchange, &form, client_id);
        struct call_request request = {
            .kind = kind, .client_id = client_id, .x = form_coordinate(x), .y = form_coordinate(y)};
        const int32_t content[] = {(int32_t)kind, request.x, request.y};
        request.key = exchange_change_key(exchange, content, sizeof content);
        exchange->stage = STAGE_DONE;
        exchange_call(exchange, &request, true);
    }
    form_finish(&form);
}

void handle_click(struct exchange *exchange) {
    touch(exchange, CALL_CLICK);
}

void handle_hover(struct exchange *exchange) {
    touch(exchange, CALL_HOVER);
}
