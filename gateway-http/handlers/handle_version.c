/* GET /version: the version that GET / would show. */
#include "gateway-http/exchange.h"
#include "gateway-http/picture.h"
#include "gateway-http/handlers/scene_wait.h"

void handle_version(struct exchange *exchange) {
    const struct picture *picture;
    if (scene_wait(exchange, "no version yet", &picture)) {
        exchange_reply_with(exchange, 200, picture->version);
    }
}
