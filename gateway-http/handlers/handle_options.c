/* OPTIONS: what a path can do, and leave for scripts of other pages to do it.
 * Reading is free; who may change the score is decided by auth.h, not here. */
#include "gateway-http/exchange.h"
#include "gateway-http/server/response.h"

void handle_options(struct exchange *exchange) {
    struct MHD_Response *response = response_empty();
    response_add(response, "Allow", exchange->allow);
    response_add(response, "Access-Control-Allow-Methods", exchange->allow);
    response_add(response, "Access-Control-Allow-Headers",
                 "Authorization, Content-Type, Idempotency-Key, If-Modified-Since, If-None-Match, "
                 "Last-Event-ID, Range");
    response_add(response, "Access-Control-Max-Age", "600");
    exchange_give(exchange, 204, response);
}
