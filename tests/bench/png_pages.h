/* The pages that png_bench.c measures on. */
#ifndef LEGGIO_BENCH_PNG_PAGES_H
#define LEGGIO_BENCH_PNG_PAGES_H

#include <stdbool.h>

#include <cairo.h>

#define BENCH_KINDS 8

struct bench_kind {
    const char *name;
    void (*draw)(cairo_t *cr, double width, double height); /* onto white */
    bool is_stress; /* no score page: printed beside, not judged */
};

extern const struct bench_kind bench_kinds[BENCH_KINDS];

#endif
