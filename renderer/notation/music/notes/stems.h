/* Does a chord have a stem: a half note or shorter, not \stemsOff, no tablature. */
#ifndef LEGGIO_NOTATION_STEMS_H
#define LEGGIO_NOTATION_STEMS_H

#include "renderer/notation/music/music.h"

bool stems_has_stem(const struct music_chord *chord);

#endif
