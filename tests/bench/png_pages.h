/* Drawn pages that png_bench.c measures beside the engraved ones: stand-ins from before there was
 * an engraver, and stress. Printed, not judged. */
#ifndef LEGGIO_BENCH_PNG_PAGES_H
#define LEGGIO_BENCH_PNG_PAGES_H

#include <cairo.h>

#define BENCH_KINDS 8

struct bench_kind {
    const char *name;
    void (*draw)(cairo_t *cr, double width, double height); /* onto white */
};

extern const struct bench_kind bench_kinds[BENCH_KINDS];

#endif
