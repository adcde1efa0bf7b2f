/* What /, /image and /version have in common: get the picture of the scene that
 * is asked for, in the version that is asked for, or say why not. */
#ifndef LEGGIO_GATEWAY_HTTP_SCENE_WAIT_H
#define LEGGIO_GATEWAY_HTTP_SCENE_WAIT_H

#include <stdbool.h>

struct exchange;
struct picture;

/* true: *picture is it. false: the exchange waits and will come back to its
 * handler, or it is answered (404; 503 with `words`). HTTP thread. */
bool scene_wait(struct exchange *exchange, const char *words, const struct picture **picture);

/* Only: does the scene exist? false: as above. */
bool scene_is_there(struct exchange *exchange);

#endif
