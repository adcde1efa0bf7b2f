/* A chunked body taken apart as it arrives (the library, 4.1.6, passes it on as
 * it is). Pure. source: RFC 9112 7.1 */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_CHUNKS_H
#define LEGGIO_GATEWAY_WS_LINK_WS_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum ws_chunks_state {
    WS_CHUNKS_SIZE,      /* hexadecimal digits */
    WS_CHUNKS_EXTENSION, /* up to the end of the line; passed over */
    WS_CHUNKS_SIZE_LF,
    WS_CHUNKS_DATA,
    WS_CHUNKS_DATA_CR,
    WS_CHUNKS_DATA_LF,
    WS_CHUNKS_TRAILER, /* lines after the last chunk; passed over */
    WS_CHUNKS_END,     /* the body is complete */
    WS_CHUNKS_BROKEN,
};

/* All zero: before the first byte. */
struct ws_chunks {
    enum ws_chunks_state state;
    uint32_t left_bytes; /* of this chunk */
    uint32_t n_digits;   /* of its size */
    uint32_t n_beside;   /* bytes that are no data, since the last data */
    uint32_t line_bytes; /* of the trailer's line */
};

/* Take some bytes: returns how many were used, and in data a part of them that
 * belongs to the body (data_bytes may be 0). Call again with the rest, until the
 * state is WS_CHUNKS_END or WS_CHUNKS_BROKEN or nothing is left. */
size_t ws_chunks_take(struct ws_chunks *chunks, const uint8_t *bytes, size_t size_bytes,
                      const uint8_t **data, size_t *data_bytes);

#endif
