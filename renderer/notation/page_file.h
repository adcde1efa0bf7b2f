/* An engraved page as a file in memory. */
#ifndef LEGGIO_NOTATION_PAGE_FILE_H
#define LEGGIO_NOTATION_PAGE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "renderer/notation/engraving.h"

enum page_format { PAGE_PNG, PAGE_SVG, PAGE_PDF };

/* Draw one page, or with PAGE_PDF and page_i = PAGE_ALL all of them, on white (PNG) or nothing.
 *
 * width_px  of the picture; 0: natural size, 96 pixels an inch; the height follows
 * bytes     free(*bytes)
 * returns   0; LG_ETOOLARGE: LIMIT_SIDE_PX or LIMIT_PIXELS; LG_ENOMEM; LG_ENOTFOUND: no such page
 * thread    any
 */
#define PAGE_ALL SIZE_MAX
int page_file_draw(const struct engraving *engraving, size_t page_i, enum page_format format,
                   uint32_t width_px, uint8_t **bytes, size_t *size_bytes);

#endif
