/* Insides of the painter: one item, one effect, one brush. */
#ifndef LEGGIO_DRAW_PAINTER_PRIVATE_H
#define LEGGIO_DRAW_PAINTER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "renderer/draw/display_list.h"

/* Draw one item (no group) in the current user space, which is that of the picture's pixels.
 * is_vector: text stays text, svg stays svg. */
void painter_draw_item(cairo_t *cr, const struct display_item *item, bool is_vector);
/* Items first..last (groups whole) on a fresh transparent surface whose user space is that of the
 * picture and that covers rect. Caller destroys; NULL when out of memory. */
cairo_surface_t *painter_draw_aside(const struct display_block *block, size_t first_i,
                                    size_t last_i, struct rect_px rect);
/* The group that begins at group_i, with its effect; *rect: what the surface covers. */
cairo_surface_t *painter_draw_group(const struct display_block *block, size_t group_i,
                                    struct rect_px *rect);

/* Fill colour of an item as the source: plain, or stipple and hatch in units of user space. */
void painter_set_brush(cairo_t *cr, enum item_brush brush, struct item_color color);

/* Effects on ARGB32 surfaces, in place. */
void painter_blur(cairo_surface_t *surface, double sigma_px);
void painter_colorize(cairo_surface_t *surface, double strength, struct item_color color);
/* Fresh surface: alpha of the source in this colour. */
cairo_surface_t *painter_silhouette(cairo_surface_t *source, struct item_color color);

/* Items whose matrix is projective, or that reach so far that cairo's fixed point
 * would overflow. */
bool painter_needs_warp(const struct display_item *item);
void painter_warp_item(cairo_t *cr, const struct display_item *item);

/* Dash lengths of a pen in local units; returns how many, 0 = solid. */
int painter_dashes(const struct display_item *item, double dashes[6]);

#endif
