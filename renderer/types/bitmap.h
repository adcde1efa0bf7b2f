/* Pictures from files, decoded once: equal bytes share one bitmap. Score thread only. */
#ifndef LEGGIO_TYPES_BITMAP_H
#define LEGGIO_TYPES_BITMAP_H

#include <stddef.h>

#include "renderer/draw/display_list.h"
#include "renderer/score/object.h"

/* Read and decode a file below the root path in force for the object.
 *
 * out      one reference for the caller
 * returns  0; LG_ENOTFOUND no such file; LG_EBUSY not fetched yet (URLs); LG_EBADREQUEST not a
 *          picture, cut short, or larger than LIMIT_SOURCE_SIDE_PX, LIMIT_PIXELS; LG_ENOMEM
 */
int bitmap_load(const struct object *object, const char *path, struct draw_resource **out);
/* The same from memory. */
int bitmap_decode(const void *data, size_t size_bytes, struct draw_resource **out);

/* What types that show one bitmap share; NULL = nothing to see. One pixel is one unit. */
void bitmap_box(const struct draw_resource *bitmap, struct box *out);
/* With the pen's frame; the alpha of the object is that of the whole. */
void bitmap_draw(struct draw_resource *bitmap, const struct object *object,
                 const struct placement *placement, struct display_list *list);

#endif
