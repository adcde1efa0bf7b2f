/* cairo's ARGB32 words → bytes as PNG wants them. */
#ifndef LEGGIO_DRAW_PIXELS_H
#define LEGGIO_DRAW_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* n pixels to 3 n bytes; alpha is taken as 255. */
void pixels_to_rgb(const uint8_t *from, uint8_t *to, size_t n);
/* n pixels to n bytes: their blue, which is all there is to a grey. */
void pixels_to_grey(const uint8_t *from, uint8_t *to, size_t n);
/* Are they all grey, alpha not looked at? */
bool pixels_are_grey(const uint8_t *from, size_t n);
/* n pixels to 4 n bytes, not premultiplied. */
void pixels_to_rgba(const uint8_t *from, uint8_t *to, size_t n);
/* One premultiplied pixel as bytes r g b a in a word, lowest byte r. */
uint32_t pixels_straight(uint32_t argb);

#endif
