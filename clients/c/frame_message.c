/* Reads the header, the table of tiles, the PNG files behind it. */
#include "clients/c/frame_message.h"

#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

enum { HEAD_BYTES = 40, ROW_BYTES = 20, KIND_WHOLE = 1, KIND_TILES = 2, LAYOUT = 1 };

static uint32_t read_16(const unsigned char *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t read_32(const unsigned char *at) {
    return read_16(at) << 16 | read_16(at + 2);
}

static uint64_t read_64(const unsigned char *at) {
    return (uint64_t)read_32(at) << 32 | read_32(at + 4);
}

static bool is_inside(const struct lg_client_tile *tile, const struct lg_client_frame *frame) {
    return tile->width > 0 && tile->height > 0 && tile->x < frame->width &&
           tile->y < frame->height && tile->width <= frame->width - tile->x &&
           tile->height <= frame->height - tile->y;
}

/* table: n rows that are all there; png: the rest of the message. */
static int read_tiles(struct frame_message *message, size_t n, const unsigned char *table,
                      size_t png_bytes) {
    const unsigned char *png = table + n * ROW_BYTES;
    struct lg_client_tile *tiles = calloc(n, sizeof(*tiles));
    message->tiles = tiles;
    if (tiles == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        const unsigned char *row = table + i * ROW_BYTES;
        tiles[i] = (struct lg_client_tile){.x = read_32(row),
                                           .y = read_32(row + 4),
                                           .width = read_32(row + 8),
                                           .height = read_32(row + 12),
                                           .png = png,
                                           .png_bytes = read_32(row + 16)};
        if (tiles[i].png_bytes > png_bytes || !is_inside(&tiles[i], &message->frame)) {
            return LG_CLIENT_ERROR_ARGUMENT;
        }
        png += tiles[i].png_bytes;
        png_bytes -= tiles[i].png_bytes;
    }
    message->frame.tiles = tiles;
    message->frame.n_tiles = n;
    return png_bytes == 0 ? LG_CLIENT_OK : LG_CLIENT_ERROR_ARGUMENT;
}

static int read_body(struct frame_message *message, unsigned kind, size_t n_tiles,
                     const unsigned char *bytes, size_t len) {
    struct lg_client_frame *frame = &message->frame;
    if (kind == KIND_WHOLE) {
        frame->png = bytes;
        frame->png_bytes = len;
        return n_tiles == 0 && frame->base_version == 0 && len > 0 ? LG_CLIENT_OK
                                                                   : LG_CLIENT_ERROR_ARGUMENT;
    }
    if (kind != KIND_TILES || n_tiles == 0 || n_tiles > FRAME_MESSAGE_TILES ||
        len < n_tiles * ROW_BYTES || frame->base_version >= frame->version) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    return read_tiles(message, n_tiles, bytes, len - n_tiles * ROW_BYTES);
}

int frame_message_read(struct frame_message *message, const unsigned char *bytes, size_t len) {
    memset(message, 0, sizeof(*message));
    if (len < HEAD_BYTES || bytes[0] != 'L' || bytes[1] != 'G' || bytes[2] != LAYOUT) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    size_t scene_len = read_16(bytes + 36);
    message->frame = (struct lg_client_frame){.epoch = read_64(bytes + 4),
                                              .version = read_64(bytes + 12),
                                              .base_version = read_64(bytes + 20),
                                              .width = read_32(bytes + 28),
                                              .height = read_32(bytes + 32),
                                              .message_bytes = len};
    struct lg_client_frame *frame = &message->frame;
    if (scene_len == 0 || scene_len > FRAME_MESSAGE_SCENE_BYTES || scene_len > len - HEAD_BYTES ||
        lg_utf8_len((const char *)bytes + HEAD_BYTES, scene_len) != scene_len ||
        frame->width == 0 || frame->width > FRAME_MESSAGE_SIDE_PX || frame->height == 0 ||
        frame->height > FRAME_MESSAGE_SIDE_PX) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    memcpy(message->scene, bytes + HEAD_BYTES, scene_len);
    frame->scene = message->scene;
    return read_body(message, bytes[3], read_16(bytes + 38), bytes + HEAD_BYTES + scene_len,
                     len - HEAD_BYTES - scene_len);
}

void frame_message_finish(struct frame_message *message) {
    free(message->tiles);
    memset(message, 0, sizeof(*message));
}
