/* GET / and /image: the picture of a scene. */
#include <string.h>

#include "gateway-http/exchange.h"
#include "gateway-http/picture.h"
#include "gateway-http/scene_wait.h"

static bool is_not_modified(const struct http_headers *headers, const struct picture *picture) {
    if (headers->if_none_match != NULL) { /* the date does not count then (RFC 9110 13.1.3) */
        return validator_etag_matches(headers->if_none_match, picture->etag);
    }
    int64_t since_s;
    return headers->if_modified_since != NULL && picture->is_settled &&
           validator_date_parse(headers->if_modified_since, &since_s) &&
           since_s == picture->last_modified_s;
}

void handle_image(struct exchange *exchange) {
    const struct picture *picture;
    if (!scene_wait(exchange, "Cannot create image", &picture)) {
        return;
    }
    if (is_not_modified(&exchange->request->headers, picture)) {
        exchange_reply_with(exchange, 304, picture->not_modified);
    } else {
        exchange_reply_with(exchange, 200, picture->image);
    }
}
