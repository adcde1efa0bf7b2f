/* A display list as a file: png, svg, pdf. */
#ifndef LEGGIO_DRAW_EXPORT_H
#define LEGGIO_DRAW_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "renderer/draw/display_list.h"

enum export_format { EXPORT_PNG, EXPORT_SVG, EXPORT_PDF };

/* From a file name's extension, case-insensitive; LG_EBADREQUEST when it is none of these. */
int export_format_of(const char *path, enum export_format *format);
/* Whole file in memory; free(*data). Draws synchronously on the calling thread. */
int export_draw(const struct display_list *list, enum export_format format, uint8_t **data,
                size_t *size_bytes);

#endif
