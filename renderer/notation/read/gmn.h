/* GMN text to the notation model (gmn.md 1 to 7, 9): flex and bison. */
#ifndef LEGGIO_NOTATION_GMN_H
#define LEGGIO_NOTATION_GMN_H

#include "renderer/notation/model.h"

/* text     borrowed, any bytes; bounds: LIMIT_NOTATION_* of proto/limits.h
 * out      caller destroys (notation_destroy)
 * error    filled on refusal: where, what was read, what was expected
 * returns  0; LG_EBADREQUEST; LG_ETOOLARGE; LG_ENOMEM
 * shape    linear */
int gmn_read(const char *text, size_t len, struct notation **out, struct notation_message *error);

/* The same for a text that is still being written (gmnstream): open brackets are closed. */
int gmn_read_partial(const char *text, size_t len, struct notation **out,
                     struct notation_message *error);

#endif
