/* How strips become a PNG. Decided here once; the renderer's encoder makes the
 * strips, renderer and gateways join them.
 *
 *     signature                              8 bytes
 *     IHDR   size, depth 8, colour type 0, 2 or 6, no interlace
 *     IDAT   78 01                           the zlib header
 *     IDAT   strip 0                         raw deflate, see below
 *     IDAT   strip 1 …
 *     IDAT   03 00 + Adler-32, big endian    empty final block, end of the zlib stream
 *     IEND
 *
 * A strip is one whole IDAT chunk (length, "IDAT", data, CRC). Its data is a
 * raw deflate run (no zlib header) of its rows, each with its filter byte
 * before it. The run starts with no history (no match reaches before the
 * strip), has no final block, and ends on a byte with a full flush (an empty
 * stored block: 00 00 FF FF). So strips may be joined in any version with
 * others, and one row's filter must not look above the strip: filter type of
 * its first row is 0 or 1.
 * The Adler-32 of the whole is combined from those of the strips
 * (adler32_combine); CRCs of the chunks are kept as they are.
 */
#ifndef LEGGIO_COMMON_PNG_JOIN_H
#define LEGGIO_COMMON_PNG_JOIN_H

#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

#define PNG_CHUNK_DATA_OFFSET    8  /* length and type before the data */
#define PNG_CHUNK_OVERHEAD_BYTES 12 /* and the CRC after it */

/* For the encoder: chunk has room for data_len + 12 bytes, its data starts at
 * PNG_CHUNK_DATA_OFFSET; fills in length, "IDAT" and CRC. */
void png_chunk_close(uint8_t *chunk, size_t data_len);

/* Rows of a strip; 0 past the end of the picture. */
uint32_t png_strip_rows(uint32_t height_px, size_t strip_i);
/* 1 for colour type 0 (grey), 3 for 2 (RGB), 4 for 6 (RGBA); 8 bits each. */
unsigned png_bytes_per_pixel(uint8_t color_type);
/* Raw bytes of a strip: rows x (1 + width x 1, 3 or 4). */
size_t png_strip_raw_bytes(uint32_t width_px, uint32_t height_px, uint8_t color_type,
                           size_t strip_i);

/* Bytes of the PNG that these strips make. */
size_t png_join_size(const struct frame_strip *strips, size_t n_strips);

/* Join. The strips must cover the picture. NULL when out of memory. One copy of
 * the bytes, no CRC over them. */
struct lg_bytes *png_join(uint32_t width_px, uint32_t height_px, uint8_t color_type,
                          const struct frame_strip *strips, size_t n_strips);

#endif
