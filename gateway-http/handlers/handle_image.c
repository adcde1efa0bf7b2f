/* GET / and /image: the picture of a scene, at its own width or at ?width=. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway-http/exchange.h"
#include "gateway-http/picture.h"
#include "gateway-http/server/response.h"
#include "gateway-http/handlers/scene_wait.h"

/* A call under way may be for an older version than ?version= wants: asked once more. */
#define VIEW_TRIES 3

/* The 304 that the client's validators deserve; NULL: it needs the picture. */
static struct MHD_Response *not_modified(const struct http_headers *headers,
                                         const struct picture *picture) {
    if (headers->if_none_match != NULL) { /* the date does not count then (RFC 9110 13.1.3) */
        bool is_known = validator_etag_matches(headers->if_none_match, picture->etag);
        return is_known ? picture->not_modified : NULL;
    }
    int64_t since_s;
    bool is_known = headers->if_modified_since != NULL && picture->is_settled &&
                    validator_date_parse(headers->if_modified_since, &since_s) &&
                    since_s == picture->last_modified_s;
    return is_known ? picture->not_modified_since : NULL;
}

static void release_frame(void *frame) {
    frame_unref(frame);
}

/* Takes over the frame. */
static void give_view(struct exchange *exchange, const struct picture *picture,
                      struct frame *frame) {
    char view[LIMIT_SCENE_NAME_BYTES + 16], etag[VALIDATOR_ETAG_BYTES], version[24];
    snprintf(view, sizeof view, "%s-w%u", exchange->scene, exchange->width_px);
    validator_etag(etag, frame->epoch, frame->version, view);
    snprintf(version, sizeof version, "%" PRIu64, frame->version);
    const char *tags = exchange->request->headers.if_none_match;
    bool is_known = tags != NULL && validator_etag_matches(tags, etag);
    struct MHD_Response *response;
    if (is_known) {
        response = response_not_modified(etag);
        frame_unref(frame);
    } else {
        response = response_bytes(lg_bytes_data(frame->png), lg_bytes_size(frame->png), "image/png",
                                  release_frame, frame);
        response_add(response, "X-Inscore-Version", version);
        response_add(response, "ETag", etag);
    }
    picture_add_size(picture, response);
    picture_mark_stale(&exchange->gateway->link, response);
    exchange_give(exchange, is_known ? 304 : 200, response);
}

/* The scene at another width. false: not to be had, its own will do. */
static bool answer_view(struct exchange *exchange, const struct picture *picture) {
    struct frame *frame =
        upstream_view_held(exchange->gateway->upstream, exchange->scene, exchange->width_px);
    bool is_new_enough = exchange->view != NULL &&
                         (!exchange->has_version || exchange->view->version >= exchange->version);
    if (frame == NULL && is_new_enough) { /* the score has gone on since it was asked for */
        frame = frame_ref(exchange->view);
    }
    if (frame != NULL) {
        give_view(exchange, picture, frame);
        return true;
    }
    if (exchange->n_views < VIEW_TRIES) {
        exchange_view(exchange);
        return true;
    }
    return false;
}

void handle_image(struct exchange *exchange) {
    const struct picture *picture;
    if (!scene_wait(exchange, "Cannot create image", &picture)) {
        return;
    }
    if (exchange->width_px != 0 && exchange->width_px != picture->frame->width_px &&
        answer_view(exchange, picture)) {
        return;
    }
    struct MHD_Response *known = not_modified(&exchange->request->headers, picture);
    exchange_reply_with(exchange, known != NULL ? 304 : 200,
                        known != NULL ? known : picture->image);
}
