/* A piano roll as ink in units of the object: a row a semitone, time from left to
 * right, a keyboard six rows wide. Proportions from picture 27. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/text_metrics.h"
#include "renderer/types/notation/pianoroll_object.h"

#define KEYBOARD_ROWS  6.0
#define BLACK_KEY_ROWS 4.0
#define PIECE_WIDTH    128.0
#define LINE           1.0 /* units */

static const struct music_color BLACK = {0, 0, 0, 255};
static const struct music_color LINE_GREY = {0, 0, 0, 110};
static const struct music_color LINE_OCTAVE = {0, 0, 0, 220};

struct drawing {
    struct ink *ink;
    size_t n_ink, capacity;
    double width, height; /* units */
    double left;          /* where time begins: right of the keyboard */
    double row;           /* height of a semitone */
    int low, high;        /* pitches shown */
    double begin, end;    /* dates shown, whole notes */
};

static void add(struct drawing *drawing, struct ink ink) {
    if (drawing->n_ink == drawing->capacity) {
        size_t capacity = drawing->capacity == 0 ? 256 : drawing->capacity * 2;
        struct ink *grown = realloc(drawing->ink, capacity * sizeof *grown);
        if (grown == NULL) {
            return;
        }
        drawing->ink = grown;
        drawing->capacity = capacity;
    }
    if (ink.shape == INK_BOX) {
        ink.box = (struct ink_box){ink.x, ink.y, ink.x2, ink.y2};
    }
    drawing->ink[drawing->n_ink++] = ink;
}

static void add_box(struct drawing *drawing, double x, double y, double x2, double y2,
                    struct music_color color) {
    x = fmax(x, 0);
    y = fmax(y, 0);
    x2 = fmin(x2, drawing->width);
    y2 = fmin(y2, drawing->height);
    if (x2 > x && y2 > y) {
        add(drawing,
            (struct ink){.shape = INK_BOX, .color = color, .x = x, .y = y, .x2 = x2, .y2 = y2});
    }
}

static double row_top(const struct drawing *drawing, double pitch) {
    return (drawing->high - pitch) * drawing->row;
}

static int class_of(int pitch) {
    return ((pitch % 12) + 12) % 12;
}

static bool is_black_key(int pitch) {
    return (0x54a >> class_of(pitch) & 1) != 0; /* c# d# f# g# a# */
}

/* -- lines and keys ------------------------------------------------------------- */

static void draw_lines(const struct pianoroll_object *roll, struct drawing *drawing) {
    for (int pitch = drawing->low; pitch <= drawing->high + 1; pitch++) {
        bool is_asked = (roll->pitch_lines >> class_of(pitch) & 1) != 0;
        double y = row_top(drawing, pitch - 1);
        y = fmin(fmax(y - LINE / 2, 0), drawing->height - LINE);
        if (is_asked) {
            bool is_octave = class_of(pitch) == 0;
            add_box(drawing, drawing->left, y, drawing->width, y + LINE,
                    is_octave ? LINE_OCTAVE : LINE_GREY);
        }
    }
}

static void draw_label(struct drawing *drawing, int pitch) {
    char name[16];
    struct text_extents extents;
    struct ink ink = {.shape = INK_TEXT, .color = BLACK};
    snprintf(name, sizeof name, "C%d", pitch / 12 - 4);
    ink.font = (struct ink_font){.family = "Arial", .size = drawing->row * 0.8};
    ink.text = strdup(name);
    if (ink.text == NULL) {
        return;
    }
    text_measure(&ink.font, ink.text, &extents);
    ink.x = drawing->left - extents.advance - drawing->row * 0.5;
    ink.y =
        row_top(drawing, pitch) + drawing->row / 2 + (-extents.ink.top - extents.ink.bottom) / 2;
    ink.box = (struct ink_box){ink.x, ink.y + extents.ink.top, ink.x + extents.advance,
                               ink.y + extents.ink.bottom};
    add(drawing, ink);
}

static void draw_keyboard(struct drawing *drawing) {
    double black = drawing->left * BLACK_KEY_ROWS / KEYBOARD_ROWS;
    for (int pitch = drawing->low; pitch <= drawing->high; pitch++) {
        double top = row_top(drawing, pitch), bottom = top + drawing->row;
        int pitch_class = class_of(pitch);
        if (is_black_key(pitch)) {
            double middle = (top + bottom) / 2;
            add_box(drawing, 0, top, black, bottom, BLACK);
            add_box(drawing, black, middle - LINE / 2, drawing->left, middle + LINE / 2,
                    LINE_OCTAVE);
        }
        if (pitch_class == 0 || pitch_class == 5) {
            double y = fmin(bottom, drawing->height - LINE / 2);
            add_box(drawing, 0, y - LINE / 2, drawing->left, y + LINE / 2, LINE_OCTAVE);
        }
        if (pitch_class == 0) {
            draw_label(drawing, pitch);
        }
    }
    add_box(drawing, drawing->left - LINE, 0, drawing->left, drawing->height, LINE_OCTAVE);
    add_box(drawing, 0, 0, drawing->left, LINE, LINE_GREY);
    add_box(drawing, 0, 0, LINE, drawing->height, LINE_GREY);
}

/* -- notes ------------------------------------------------------------------------ */

static double x_of(const struct drawing *drawing, double date) {
    double share = (date - drawing->begin) / (drawing->end - drawing->begin);
    return drawing->left + share * (drawing->width - drawing->left);
}

/* Six hues around the circle, then between them. */
static struct music_color auto_color(uint32_t voice) {
    double hue = fmod(voice * 0.381966 * 6, 6), x = 1 - fabs(fmod(hue, 2) - 1);
    double r = hue < 1 || hue >= 5 ? 1 : hue < 2 || hue >= 4 ? x : 0;
    double g = hue < 1 ? x : hue < 3 ? 1 : hue < 4 ? x : 0;
    double b = hue < 2 ? 0 : hue < 3 ? x : hue < 5 ? 1 : x;
    return (struct music_color){(uint8_t)(r * 200), (uint8_t)(g * 200), (uint8_t)(b * 200), 255};
}

static struct music_color color_of(const struct pianoroll_object *roll, uint32_t voice) {
    for (size_t i = 0; i < roll->n_colors; i++) {
        if (roll->colors[i].voice == voice + 1) {
            return roll->colors[i].color;
        }
    }
    return roll->has_auto_colors ? auto_color(voice) : BLACK;
}

static void draw_notes(const struct pianoroll_object *roll, struct drawing *drawing) {
    for (size_t note_i = 0; note_i < roll->roll.n_notes; note_i++) {
        const struct pianoroll_note *note = &roll->roll.notes[note_i];
        double begin = rational_to_double(note->begin), end = rational_to_double(note->end);
        if (begin >= drawing->end || end <= drawing->begin || note->pitch < drawing->low - 0.5 ||
            note->pitch > drawing->high + 0.5) {
            continue;
        }
        double top = row_top(drawing, note->pitch);
        add_box(drawing, fmax(x_of(drawing, begin), drawing->left), top, x_of(drawing, end),
                top + drawing->row, color_of(roll, note->voice));
    }
}

static void draw_bars(const struct pianoroll_object *roll, struct drawing *drawing) {
    for (size_t bar_i = 0; bar_i < roll->roll.n_bars; bar_i++) {
        double date = rational_to_double(roll->roll.bars[bar_i]);
        if (date > drawing->begin && date < drawing->end) {
            double x = x_of(drawing, date);
            add_box(drawing, x - LINE, 0, x + LINE, drawing->height, LINE_OCTAVE);
        }
    }
}

/* -- the whole ---------------------------------------------------------------------- */

static void choose_range(const struct pianoroll_object *roll, struct drawing *drawing) {
    double low = INFINITY, high = -INFINITY;
    drawing->begin = roll->has_clip_time ? rational_to_double(roll->clip_begin) : 0;
    drawing->end = rational_to_double(roll->has_clip_time ? roll->clip_end : roll->roll.duration);
    for (size_t note_i = 0; note_i < roll->roll.n_notes; note_i++) {
        low = fmin(low, roll->roll.notes[note_i].pitch);
        high = fmax(high, roll->roll.notes[note_i].pitch);
    }
    bool has_notes = low <= high;
    drawing->low = has_notes ? (int)fmax(floor(low), -200) : 60;
    drawing->high = has_notes ? (int)fmin(ceil(high), 300) : 72;
    if (roll->has_clip_pitch) {
        drawing->low = roll->clip_low;
        drawing->high = roll->clip_high;
    }
}

const struct score_page_picture *pianoroll_picture(struct pianoroll_object *roll, double width,
                                                   double height) {
    if (!roll->is_stale && roll->width == width && roll->height == height) {
        return &roll->picture;
    }
    struct drawing drawing = {.width = width, .height = height};
    choose_range(roll, &drawing);
    drawing.row = height / (drawing.high - drawing.low + 1);
    drawing.left = roll->has_keyboard ? fmin(KEYBOARD_ROWS * drawing.row, width / 2) : 0;
    draw_lines(roll, &drawing);
    if (roll->has_keyboard) {
        draw_keyboard(&drawing);
    }
    if (drawing.end > drawing.begin) {
        draw_notes(roll, &drawing);
        if (roll->has_measure_bars) {
            draw_bars(roll, &drawing);
        }
    }
    score_page_finish(&roll->picture);
    score_page_build(drawing.ink, drawing.n_ink, NULL, 0, PIECE_WIDTH, &roll->picture);
    for (size_t ink_i = 0; ink_i < drawing.n_ink; ink_i++) {
        free((char *)(uintptr_t)drawing.ink[ink_i].text);
    }
    free(drawing.ink);
    roll->width = width;
    roll->height = height;
    roll->is_stale = false;
    return &roll->picture;
}
