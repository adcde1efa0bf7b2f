/* The options of leggio-engrave. */
#ifndef LEGGIO_ENGRAVE_OPTIONS_H
#define LEGGIO_ENGRAVE_OPTIONS_H

#include "common/options.h"

extern const struct options_table ENGRAVE_TABLE;

#endif
