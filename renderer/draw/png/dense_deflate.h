/* Rows of a picture → one deflate run, as short as can be: of all ways to cut each
 * row into pixels and matches the one that costs least is taken, by what the codes of
 * the block are about to cost. Like the strips' encoder in steps of whole pixels, for
 * whole pictures and without hurry. */
#ifndef LEGGIO_DRAW_DENSE_DEFLATE_H
#define LEGGIO_DRAW_DENSE_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Memory: about 11 bytes a pixel, and 12 for each byte of 128 rows. */
#define DENSE_DEFLATE_WIDTH_MAX  8192
#define DENSE_DEFLATE_PIXELS_MAX (4u * 1024 * 1024)

/* Encode.
 *
 * raw       rows as in a PNG, each with its filter byte before it
 * bpp       bytes a pixel: 1, 3 or 4
 * out       room for dense_deflate_bound
 * returns   bytes of the run, ended by the final block; 0 = out of memory
 */
size_t dense_deflate(const uint8_t *raw, uint32_t width_px, uint32_t height_px, unsigned bpp,
                     uint8_t *out);
size_t dense_deflate_bound(uint32_t width_px, uint32_t height_px, unsigned bpp);

#endif
