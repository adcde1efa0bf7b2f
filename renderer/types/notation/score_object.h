/* What the score types (gmn, gmnf, gmnstream, musicxml, musicxmlf) share: their
 * text, its engraving, the pages shown. Score thread only. */
#ifndef LEGGIO_TYPES_SCORE_OBJECT_H
#define LEGGIO_TYPES_SCORE_OBJECT_H

#include "renderer/score/geometry.h"
#include "renderer/notation/stream/stream.h"
#include "renderer/score/object.h"
#include "renderer/types/notation/score_picture.h"

/* More events than this, or a longer text, and the piece is engraved on another thread. */
#define SCORE_ASIDE_EVENTS 200
#define SCORE_ASIDE_BYTES  65536
#define SCORE_GRID_MAX     100 /* columns, rows of pages */
/* What a stream must read anew beyond what it keeps; more is done on the other thread. */
#define SCORE_REST_BYTES 4096

struct score_expression; /* score_expression.h */

/* A stream's engravings and who may touch them: the other thread while jobs are under way, else the
 * score thread. References and n_jobs: score thread only. */
struct score_stream {
    struct engraving_stream *engravings; /* owned */
    unsigned references, n_jobs;
};

struct score_object {
    char *source; /* what get answers: text, or file name; NULL before the first set */
    char *text;   /* the notation in force: source itself or the file's content */
    size_t text_len;
    enum engraving_format format;
    bool is_stream, is_file;
    float page_width_cm, page_height_cm;
    int page, columns, rows;              /* page counts from 1 */
    struct score_picture *picture;        /* NULL: nothing to draw */
    struct score_expression *expression;  /* set by expr( ... ), or NULL */
    struct object *owner;                 /* whose data this is */
    struct score_object *next, *previous; /* all with an expression */
    struct score_stream *stream;          /* of a stream; a reference, NULL: none yet */
    uint64_t asked, shown; /* engravings asked for, and the last one that is in picture */
};

/* -- score_engrave.c ------------------------------------------------------- */
/* Engrave the text in force: at once when it is short, else beside the score thread. Errors are
 * reported; the object keeps its text then and has no picture. */
void score_object_engrave(struct object *object);

/* Drops a reference; NULL is fine. */
void score_stream_unref(struct score_stream *stream);

/* -- score_pages.c --------------------------------------------------------- */
/* Where a shown page lies in the object's box, units. */
struct score_page_place {
    size_t page_i;
    double x, y;
};
/* The pages shown, in rows; places for columns * rows. Returns their number; box 0 0
 * width height. */
size_t score_object_pages(const struct score_object *score, struct score_page_place *places,
                          size_t n_max, struct box *box);
bool score_object_compute_map(const struct object *object, const char *name, struct segments *out);

#define N_SCORE_METHODS        9
#define N_SCORE_STREAM_METHODS 11
extern const struct object_method SCORE_METHODS[N_SCORE_METHODS];
extern const struct object_method SCORE_STREAM_METHODS[N_SCORE_STREAM_METHODS];
/* -- score_dynamic.c ------------------------------------------------------- */
/* Make this the object's expression (taken over; NULL: none). */
void score_object_give_expression(struct object *object, struct score_expression *expression);
/* An object's notation changed: work out again who names it with &. */
void score_object_tell(struct object *changed);
/* expr reeval, renew, reset; get expr, exprTree. */
int score_object_set_expr(struct object *object, const struct param *params, size_t n_params);
void score_object_get_expr(const struct object *object, struct message *out);
/* object_type.is_saved: a score that is no expression has none to save. */
bool score_object_is_saved(const struct object *object, const char *name);
void score_object_get_tree(const struct object *object, struct message *out);

/* -- score_types.c ----------------------------------------------------------- */
/* Replace the text in force (taken over) and engrave it. */
void score_object_give_text(struct object *object, char *text, size_t len);
/* `write` and `clear` of streams. */
int score_stream_write(struct object *object, const struct param *params, size_t n_params);
int score_stream_clear(struct object *object, const struct param *params, size_t n_params);
bool score_object_get_numbered(const struct object *object, const char *name, int32_t number,
                               struct message *out);

#endif
