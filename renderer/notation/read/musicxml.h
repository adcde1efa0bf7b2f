/* MusicXML partwise, plain or compressed (.mxl), to the notation model (musicxml.md). libxml2, no
 * external entities, no network, bounded unpacking. */
#ifndef LEGGIO_NOTATION_MUSICXML_H
#define LEGGIO_NOTATION_MUSICXML_H

#include "renderer/notation/model.h"

/* As gmn_read; bytes may be UTF-8, UTF-16 or a zip. */
int musicxml_read(const char *bytes, size_t len, struct notation **out,
                  struct notation_message *error);
/* Does this look like XML or a zip, so that its errors are the ones to show? */
bool musicxml_is_likely(const char *bytes, size_t len);

#endif
