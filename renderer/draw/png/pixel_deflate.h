/* Rows of pixels → a deflate run (RFC 1951) that knows they are pixels: it
 * looks at the row above, the pixel before and the last place where the next
 * two pixels stood, in steps of whole pixels. On score pages faster than ISA-L's
 * level 1 on the same bytes, and smaller. */
#ifndef LEGGIO_DRAW_PIXEL_DEFLATE_H
#define LEGGIO_DRAW_PIXEL_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

#define PIXEL_DEFLATE_ROWS_MAX 64

struct pixel_rows {
    const uint8_t *pixels; /* ARGB32 as cairo has it */
    size_t stride_bytes;
    size_t width_px;
    size_t rows;              /* at most PIXEL_DEFLATE_ROWS_MAX */
    unsigned bytes_per_pixel; /* 1 = grey (blue is taken), 3 = RGB, 4 = RGBA */
};

struct pixel_deflate;
struct pixel_deflate *pixel_deflate_create(void);
void pixel_deflate_destroy(struct pixel_deflate *deflate);

/* Encode.
 *
 * head_bytes  left free before the run, tail_bytes after it
 * out         the run with this room around it; the encoder's own, good until the next call
 * adler       Adler-32 of the raw bytes: each row a filter byte (0, or 2) and its pixels
 * returns     bytes of the run, ended by a full flush, without final block; 0 = out of memory
 */
size_t pixel_deflate_run(struct pixel_deflate *deflate, const struct pixel_rows *rows,
                         size_t head_bytes, size_t tail_bytes, uint8_t **out, uint32_t *adler);

#endif
