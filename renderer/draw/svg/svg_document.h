/* librsvg: parse, measure, draw. Used where a document may be trusted, and in the worker. */
#ifndef LEGGIO_DRAW_SVG_DOCUMENT_H
#define LEGGIO_DRAW_SVG_DOCUMENT_H

#include <stddef.h>

#include <cairo.h>

struct _RsvgHandle;

/* NULL when it is no svg. base_dir (may be NULL): the only folder that it may read
 * pictures from. */
struct _RsvgHandle *svg_document_parse(const char *data, size_t len, const char *base_dir);
void svg_document_free(struct _RsvgHandle *handle);
/* LG_EBADREQUEST when the size makes no sense. */
int svg_document_measure(struct _RsvgHandle *handle, double *width, double *height);
/* The user space of cr is the document's, width x height as measured. */
void svg_document_draw(struct _RsvgHandle *handle, double width, double height, cairo_t *cr);

#endif
