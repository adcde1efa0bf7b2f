/* What renderer and svg worker say to each other, on one socket of one machine. */
#ifndef LEGGIO_DRAW_SVG_WIRE_H
#define LEGGIO_DRAW_SVG_WIRE_H

#include <stdint.h>

#define SVG_WIRE_FD 3 /* of the worker */

/* Then base_len bytes of folder and doc_len bytes of document, unless is_known. */
struct svg_ask {
    uint64_t id, doc_len;
    uint32_t base_len;
    uint8_t is_known; /* the document of the last ask */
    uint8_t draws;    /* else: measures only */
    double matrix[6];
    int32_t x, y, width, height;
};

/* Then, when it draws and code is 0, height rows of 4 * width bytes. */
struct svg_answer {
    int32_t code;
    double width, height;
};

#endif
