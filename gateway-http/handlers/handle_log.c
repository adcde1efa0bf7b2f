/* GET /log: the last lines of the score's log (web API reference 8). */
#include <stdlib.h>

#include "common/err.h"
#include "common/utf8.h"
#include "gateway-http/exchange.h"
#include "gateway-http/server/response.h"

enum log_stage { STAGE_START = 0, STAGE_DONE };

void handle_log(struct exchange *exchange) {
    if (exchange->stage == STAGE_START) {
        if (!exchange_allows(exchange, AUTH_CONDUCT, "this client may not read the log")) {
            return;
        }
        struct call_request request = {.kind = CALL_LOG};
        exchange->stage = STAGE_DONE;
        exchange_call(exchange, &request, false);
        return;
    }
    if (exchange->reply.code != LG_OK) {
        exchange_call_error(exchange);
        return;
    }
    char *text = lg_utf8_clean(exchange->reply.text, exchange->reply.text_size_bytes);
    exchange_give(exchange, 200,
                  response_json(text != NULL ? json_pack("{s:s}", "log", text) : NULL));
    free(text);
}
