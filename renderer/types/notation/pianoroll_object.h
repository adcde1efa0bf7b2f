/* What the files of the piano roll types share. Score thread only. */
#ifndef LEGGIO_TYPES_PIANOROLL_OBJECT_H
#define LEGGIO_TYPES_PIANOROLL_OBJECT_H

#include "renderer/notation/pianoroll.h"
#include "renderer/score/object.h"
#include "renderer/types/notation/score_picture.h"

struct voice_color {
    uint32_t voice; /* from 1 */
    struct music_color color;
};
#define PIANOROLL_VOICE_COLORS_MAX 256

struct pianoroll_object {
    char *source; /* text or file name */
    char *text;   /* notation or MIDI in force */
    size_t text_len;
    bool is_stream, is_file;
    struct pianoroll roll;
    bool has_clip_time, has_clip_pitch;
    struct rational clip_begin, clip_end;
    int clip_low, clip_high;
    bool has_keyboard, has_measure_bars, has_auto_colors;
    unsigned pitch_lines; /* bit n: pitch class n has lines */
    struct voice_color *colors;
    size_t n_colors;
    /* picture for a size, made when it is drawn */
    struct score_page_picture picture;
    double width, height; /* units; of picture */
    bool is_stale;
};

/* Picture of a size, made again when something changed. pianoroll_picture.c */
const struct score_page_picture *pianoroll_picture(struct pianoroll_object *roll, double width,
                                                   double height);

#define N_PIANOROLL_METHODS        7
#define N_PIANOROLL_STREAM_METHODS 9
extern const struct object_method PIANOROLL_METHODS[N_PIANOROLL_METHODS];
extern const struct object_method PIANOROLL_STREAM_METHODS[N_PIANOROLL_STREAM_METHODS];
/* object_type.more_messages, object_type.is_saved */
bool pianoroll_more_messages(const struct object *object, size_t i, struct message *out);
bool pianoroll_is_saved(const struct object *object, const char *name);
int pianoroll_stream_write(struct object *object, const struct param *params, size_t n_params);
int pianoroll_stream_clear(struct object *object, const struct param *params, size_t n_params);

#endif
