/* File name → media type, by extension. */
#ifndef LEGGIO_GATEWAY_HTTP_MIME_H
#define LEGGIO_GATEWAY_HTTP_MIME_H

/* Media type of a file name or path, ready for Content-Type; extensions are
 * compared without case. "application/octet-stream" when unknown. */
const char *mime_of_path(const char *path);

#endif
