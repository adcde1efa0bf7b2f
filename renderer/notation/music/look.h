/* Colour, offset and size of tags (gmn.md 7, 9). Pure. */
#ifndef LEGGIO_NOTATION_LOOK_H
#define LEGGIO_NOTATION_LOOK_H

#include "renderer/notation/music/music.h"

struct music_look look_default(void);
/* An HTML name, "0xrrggbb", "0xrrggbbaa", "#rrggbb"; false: unknown, *out untouched. */
bool look_parse_color(const char *text, struct music_color *out);
/* color, dx, dy, size of a tag over `base`; tag NULL gives base. */
struct music_look look_of_tag(const struct notation_tag *tag, struct music_look base);
/* The same without dx and dy: `dy` of several tags places something else. */
struct music_look look_color_of_tag(const struct notation_tag *tag, struct music_look base);

#endif
