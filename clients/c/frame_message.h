/* Binary messages of leggio-ws: whole frames and tiles. Pure functions on bytes.
 * source: docs/jsonrpc.md "Binary messages" */
#ifndef LEGGIO_CLIENTS_C_FRAME_MESSAGE_H
#define LEGGIO_CLIENTS_C_FRAME_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/c/leggio_client.h"

enum {
    FRAME_MESSAGE_SCENE_BYTES = 255,
    FRAME_MESSAGE_TILES = 4096,
    FRAME_MESSAGE_SIDE_PX = 1 << 20,
};

/* A frame that points into the bytes it was read from. */
struct frame_message {
    struct lg_client_frame frame; /* scene and tiles are the two below */
    char scene[FRAME_MESSAGE_SCENE_BYTES + 1];
    struct lg_client_tile *tiles; /* owned */
};

/* LG_CLIENT_OK; ERROR_ARGUMENT: the bytes are no such message (lengths that do not add up, a
 * scene's name that is no UTF-8, tiles outside the picture, another layout); ERROR_MEMORY. */
int frame_message_read(struct frame_message *message, const unsigned char *bytes, size_t len);
void frame_message_finish(struct frame_message *message);

#endif
