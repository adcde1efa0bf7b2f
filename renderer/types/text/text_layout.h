/* Text to glyph runs, by pango; what comes out needs no pango to be drawn.
 *
 * Sizes are in units per em, without hinting. Heights are whole units per line,
 * as the reference pictures have them. Score thread only. */
#ifndef LEGGIO_TYPES_TEXT_LAYOUT_H
#define LEGGIO_TYPES_TEXT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "renderer/draw/display_list.h"

#define TEXT_FAMILY_MAX 127

enum text_style { TEXT_NORMAL, TEXT_ITALIC, TEXT_OBLIQUE };
enum text_weight { TEXT_LIGHT, TEXT_REGULAR, TEXT_DEMIBOLD, TEXT_BOLD, TEXT_BLACK };

struct text_font {
    char family[TEXT_FAMILY_MAX + 1];
    double size; /* units per em */
    enum text_style style;
    enum text_weight weight;
};

struct text_metrics {
    double ascent, descent; /* whole units, rounded up */
    double line_height;     /* whole units */
    double x_height;
};

/* Glyph runs under construction. */
struct text_runs {
    struct glyph_run *runs;
    size_t n_runs, capacity;
};

/* A font whose file could not be opened (no descriptor left, a disk that is away) is tried again
 * after so long, when a text in it is laid out next. */
#define TEXT_FONT_RETRY_US 50000

/* How many layouts so far lack something that is there, since its font could not be opened. Whoever
 * keeps a layout compares this before and after: one with gaps is not to be kept. */
unsigned text_font_failures(void);

/* Measure a font. Sizes below 1 or not finite count as 1. */
void text_face_measure(const struct text_font *font, struct text_metrics *out);
/* Shape one line (no line ends inside) with its baseline's start at x, y; appends its runs.
 * returns its width */
double text_shape(const struct text_font *font, const char *text, size_t len, double x, double y,
                  struct text_runs *out);
void text_runs_move(struct text_runs *runs, size_t first, double dx, double dy);
void text_runs_finish(struct text_runs *runs);

/* Plain text, lines at line ends only, bounded by LIMIT_TEXT_DRAWN_BYTES and LIMIT_TEXT_LINES;
 * appends its runs. box: 0 0 width height. */
void text_layout_lines(const struct text_font *font, const char *text, size_t len,
                       struct text_runs *out, double box[4]);
/* Runs as a resource, which takes them over; NULL when there is nothing to see. */
struct draw_resource *text_runs_give(struct text_runs *runs, const double box[4]);
/* Both in one. */
struct draw_resource *text_layout_plain(const struct text_font *font, const char *text, size_t len,
                                        double box[4]);

/* How much of a text is laid out: at most max bytes, cut between characters. */
size_t text_cut(const char *text, size_t len, size_t max);

#endif
