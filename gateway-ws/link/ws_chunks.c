/* One byte after the other, except in data. */
#include "gateway-ws/link/ws_chunks.h"

#include <stdbool.h>

enum {
    DIGITS_MAX = 7,    /* 256 MiB: more than any body may have */
    BESIDE_MAX = 1024, /* of sizes, extensions and trailers without data between */
};

static int hex(uint8_t c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum ws_chunks_state after_size(struct ws_chunks *chunks, uint8_t c) {
    int digit = hex(c);
    if (digit >= 0) {
        chunks->left_bytes = chunks->left_bytes * 16 + (uint32_t)digit;
        return ++chunks->n_digits <= DIGITS_MAX ? WS_CHUNKS_SIZE : WS_CHUNKS_BROKEN;
    }
    if (chunks->n_digits == 0) {
        return WS_CHUNKS_BROKEN;
    }
    return c == '\r'                           ? WS_CHUNKS_SIZE_LF
           : c == ';' || c == ' ' || c == '\t' ? WS_CHUNKS_EXTENSION
                                               : WS_CHUNKS_BROKEN;
}

static enum ws_chunks_state after_size_line(struct ws_chunks *chunks, uint8_t c) {
    bool is_last = chunks->left_bytes == 0;
    chunks->n_digits = chunks->line_bytes = 0;
    return c != '\n' ? WS_CHUNKS_BROKEN : is_last ? WS_CHUNKS_TRAILER : WS_CHUNKS_DATA;
}

static enum ws_chunks_state after_trailer(struct ws_chunks *chunks, uint8_t c) {
    if (c == '\n') {
        bool is_empty = chunks->line_bytes == 0;
        chunks->line_bytes = 0;
        return is_empty ? WS_CHUNKS_END : WS_CHUNKS_TRAILER;
    }
    chunks->line_bytes += c != '\r';
    return WS_CHUNKS_TRAILER;
}

static enum ws_chunks_state after(struct ws_chunks *chunks, uint8_t c) {
    if (++chunks->n_beside > BESIDE_MAX) {
        return WS_CHUNKS_BROKEN;
    }
    switch (chunks->state) {
    case WS_CHUNKS_SIZE:
        return after_size(chunks, c);
    case WS_CHUNKS_EXTENSION:
        return c == '\r' ? WS_CHUNKS_SIZE_LF : c == '\n' ? WS_CHUNKS_BROKEN : WS_CHUNKS_EXTENSION;
    case WS_CHUNKS_SIZE_LF:
        return after_size_line(chunks, c);
    case WS_CHUNKS_DATA_CR:
        return c == '\r' ? WS_CHUNKS_DATA_LF : WS_CHUNKS_BROKEN;
    case WS_CHUNKS_DATA_LF:
        return c == '\n' ? WS_CHUNKS_SIZE : WS_CHUNKS_BROKEN;
    case WS_CHUNKS_TRAILER:
        return after_trailer(chunks, c);
    case WS_CHUNKS_DATA:
    case WS_CHUNKS_END:
    case WS_CHUNKS_BROKEN:
        break;
    }
    return chunks->state;
}

size_t ws_chunks_take(struct ws_chunks *chunks, const uint8_t *bytes, size_t size_bytes,
                      const uint8_t **data, size_t *data_bytes) {
    size_t used = 0;
    *data_bytes = 0;
    while (used < size_bytes && chunks->state != WS_CHUNKS_DATA && chunks->state != WS_CHUNKS_END &&
           chunks->state != WS_CHUNKS_BROKEN) {
        chunks->state = after(chunks, bytes[used++]);
    }
    if (chunks->state == WS_CHUNKS_DATA && used < size_bytes) {
        size_t left = size_bytes - used;
        *data = bytes + used;
        *data_bytes = left < chunks->left_bytes ? left : chunks->left_bytes;
        used += *data_bytes;
        chunks->left_bytes -= (uint32_t)*data_bytes;
        chunks->n_beside = 0;
        if (chunks->left_bytes == 0) {
            chunks->state = WS_CHUNKS_DATA_CR;
        }
    }
    return used;
}
