/* What a score is, as one JSON object. */
#ifndef LEGGIO_ENGRAVE_REPORT_H
#define LEGGIO_ENGRAVE_REPORT_H

#include "renderer/notation/engraving.h"

/* One line on standard output; engraving NULL: the error. Returns 0 or LG_ENOMEM. */
int report_print(const struct engraving *engraving, const struct notation_message *error,
                 bool has_maps);

#endif
