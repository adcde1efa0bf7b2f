/* POST /: run a script. The answer is sent when this gateway holds the version
 * that shows the effect, so that a GET after it never shows an older one. */
#include "common/err.h"
#include "gateway-http/exchange.h"
#include "gateway-http/server/response.h"

/* A large script takes its time; a lost renderer shows sooner (link.is_stale). */
#define POST_DEADLINE_MS 30000

enum post_stage { STAGE_START = 0, STAGE_DONE };

static void answer(struct exchange *exchange) {
    const struct exchange_reply *reply = &exchange->reply;
    if (reply->code != LG_OK && reply->code != LG_ESCRIPT) {
        exchange_call_error(exchange);
        return;
    }
    bool is_ok = reply->code == LG_OK;
    struct MHD_Response *response =
        is_ok ? response_empty() : response_error(reply->text, reply->text_size_bytes);
    exchange_add_version(exchange, response);
    if (exchange->wait.is_expired) { /* the promise above could not be kept */
        response_add(response, "Warning", "199 leggio-http \"this version is still to come\"");
    }
    exchange_give(exchange, is_ok ? 200 : 400, response);
}

/* The script among the fields, or NULL after an answer. A form must have one
 * field and no other, as in INScore; JSON may have more members. */
static const struct form_field *script_of(struct exchange *exchange, const struct form *form) {
    const struct form_field *data = form_field(form, "data");
    bool is_one = form->kind == FORM_JSON || form->n_fields == 1;
    if (data == NULL || data->is_number || !is_one) {
        exchange_text(exchange, 404, "Unidentified POST request.");
        return NULL;
    }
    if (data->value_size > LIMIT_SCRIPT_BYTES ||
        data->value_size > exchange->gateway->max_body_bytes) {
        exchange_error(exchange, 413, "the script is larger than this server takes");
        return NULL;
    }
    return data;
}

void handle_post(struct exchange *exchange) {
    struct form form;
    if (exchange->stage == STAGE_DONE) {
        answer(exchange);
        return;
    }
    if (!exchange_allows(exchange, AUTH_CONDUCT, "this client may not post")) {
        return;
    }
    if (exchange_refuse_away(exchange)) {
        return;
    }
    if (!exchange_read_form(exchange, &form)) {
        return;
    }
    const struct form_field *script = script_of(exchange, &form);
    if (script != NULL) {
        struct call_request request = {
            .kind = CALL_POST,
            .text = script->value,
            .text_size_bytes = script->value_size,
            .deadline_ms = POST_DEADLINE_MS,
            .key = exchange_change_key(exchange, script->value, script->value_size)};
        exchange->stage = STAGE_DONE;
        exchange_call(exchange, &request, true);
    }
    form_finish(&form);
}
