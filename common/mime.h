/* File name → media type, by extension. */
#ifndef LEGGIO_COMMON_MIME_H
#define LEGGIO_COMMON_MIME_H

/* Media type of a file name or path, ready for Content-Type; extensions are
 * compared without case. "application/octet-stream" when unknown. */
const char *lg_mime_of_path(const char *path);

#endif
