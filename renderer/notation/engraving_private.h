/* What engraving.c and stream/ share. */
#ifndef LEGGIO_NOTATION_ENGRAVING_PRIVATE_H
#define LEGGIO_NOTATION_ENGRAVING_PRIVATE_H

#include "renderer/notation/engraving.h"
#include "renderer/notation/layout/placed.h"

/* A \pageFormat of the score's own wins over the one asked for. */
struct layout_options engrave_layout_options(const struct notation *notation,
                                             const struct engraving_options *options);
/* A limit that a stage met, for people. */
void engrave_say_limit(int code, const char *stage, struct notation_message *error);

#endif
