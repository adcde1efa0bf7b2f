/* The files of the web page, made part of the program by embed.cmake. */
#ifndef LEGGIO_GATEWAY_HTTP_VIEW_FILES_H
#define LEGGIO_GATEWAY_HTTP_VIEW_FILES_H

#include <stddef.h>
#include <stdint.h>

struct view_file {
    const char *name; /* "index.html", "leggio-client/src/calls.js" */
    const char *etag; /* of the bytes, with its quotes */
    const uint8_t *bytes;
    size_t size_bytes;
};
extern const struct view_file VIEW_FILES[];
extern const size_t VIEW_N_FILES;

#endif
