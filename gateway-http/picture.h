/* Pictures: the newest frame of each scene with its answers prepared. */
#ifndef LEGGIO_GATEWAY_HTTP_PICTURE_H
#define LEGGIO_GATEWAY_HTTP_PICTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/broker/upstream.h"
#include "gateway-http/validators.h"

struct MHD_Response;

/* The state of the link as the upstream's thread last told it; anyone reads. */
struct picture_link {
    atomic_bool is_stale;
    atomic_int_fast64_t stale_since_s; /* wall clock; 0 = never had contact */
};

/* Made once per frame, queued to every client. HTTP thread only. */
struct picture {
    struct picture *next;
    char scene[sizeof((struct frame *)0)->scene];
    struct frame *frame;     /* owned reference */
    int64_t held_since_us;   /* since when this version is the newest here */
    int64_t last_modified_s; /* as the answers say it */
    int64_t shown_max_s;     /* greatest one said so far */
    bool is_settled, is_stale;
    char etag[VALIDATOR_ETAG_BYTES];
    struct MHD_Response *image;              /* 200 */
    struct MHD_Response *not_modified;       /* 304 to a client that knows the tag */
    struct MHD_Response *not_modified_since; /* 304 to one that knows the date only */
    struct MHD_Response *version;            /* 200, JSON */
};

struct pictures;
struct pictures *pictures_create(struct upstream *upstream, const struct picture_link *link);
void pictures_destroy(struct pictures *pictures);

/* The newest picture of a scene; NULL when there is no frame (a frame has been
 * asked for then). Borrowed until the next call. O(number of scenes in use). */
const struct picture *pictures_get(struct pictures *pictures, const char *scene);

/* Add X-Leggio-Scene-Size: WIDTHxHEIGHT, the pixels that clicks count in. */
void picture_add_size(const struct picture *picture, struct MHD_Response *response);

/* Add the two headers of a stale answer if the renderer is away. */
void picture_mark_stale(const struct picture_link *link, struct MHD_Response *response);

#endif
