/* What appending a note to a stream costs, beside the engraving of the whole text:
 *
 *     bench_stream NOTES FILE...
 *
 * Each file holds a text without its last bracket. It is engraved once, then NOTES notes are
 * appended one by one. One line of JSON: medians of text -> pieces of display lists in
 * milliseconds of processor time, whole and appended, and the worst append; `layout`:
 * without the pieces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/err.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/stream/stream.h"
#include "renderer/types/notation/score_picture.h"

#define NOTES_MAX 2000
#define WHOLES    9

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

static char *read_whole(const char *path, size_t *len, size_t more) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *data = malloc((8u << 20) + more);
    *len = data != NULL ? fread(data, 1, 8u << 20, file) : 0;
    fclose(file);
    return data;
}

static double whole_once(const char *text, size_t len) {
    struct engraving_options options = engraving_options_default();
    options.is_live = true;
    struct notation_message error;
    struct notation *notation = NULL;
    struct engraving *engraving = NULL;
    double start = now_ms();
    if (gmn_read_partial(text, len, &notation, &error) != LG_OK ||
        engrave_notation(notation, &options, &engraving, &error) != LG_OK) {
        fprintf(stderr, "%d:%d: %s\n", error.line, error.column, error.text);
        exit(1);
    }
    struct score_picture *picture = score_picture_give(engraving, NULL);
    double took = now_ms() - start;
    score_picture_unref(picture);
    return took;
}

static struct score_picture *append_once(struct engraving_stream *stream, const char *text,
                                         size_t len, struct score_picture *before, double took[2]) {
    struct engraving_options options = engraving_options_default();
    options.is_live = true;
    struct notation_message error;
    struct engraving *engraving = NULL;
    double start = now_ms();
    if (engraving_stream_engrave(stream, text, len, &options, &engraving, &error) != LG_OK) {
        fprintf(stderr, "%d:%d: %s\n", error.line, error.column, error.text);
        exit(1);
    }
    took[0] = now_ms() - start;
    struct score_picture *picture = score_picture_give(engraving, before);
    took[1] = now_ms() - start;
    score_picture_unref(before);
    return picture;
}

static void measure(const char *path, size_t n_notes) {
    static double wholes[WHOLES], layouts[NOTES_MAX], appends[NOTES_MAX];
    size_t len = 0;
    char *text = read_whole(path, &len, n_notes * 16);
    double took[2], start = now_ms();
    if (text == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    for (size_t i = 0; i < WHOLES; i++) {
        wholes[i] = whole_once(text, len);
    }
    struct engraving_stream *stream = engraving_stream_create();
    struct score_picture *picture = append_once(stream, text, len, NULL, took);
    for (size_t i = 0; i < n_notes; i++) {
        len += (size_t)sprintf(text + len, " %c%d/8", "cdefgab"[i * 5 % 7], (int)(i % 2) + 1);
        picture = append_once(stream, text, len, picture, took);
        layouts[i] = took[0];
        appends[i] = took[1];
    }
    double worst = 0, whole = median(wholes, WHOLES);
    for (size_t i = 0; i < n_notes; i++) {
        worst = appends[i] > worst ? appends[i] : worst;
    }
    printf("{\"heads\":%zu,\"whole_ms\":%.3f,\"append_ms\":%.3f,\"layout_ms\":%.3f,"
           "\"worst_ms\":%.3f,\"all_ms\":%.0f}\n",
           picture->engraving->n_heads_drawn, whole, median(appends, n_notes),
           median(layouts, n_notes), worst, now_ms() - start);
    score_picture_unref(picture);
    engraving_stream_destroy(stream);
    free(text);
}

int main(int argc, char **argv) {
    size_t n_notes = argc > 2 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
    if (n_notes == 0 || n_notes > NOTES_MAX) {
        fprintf(stderr, "bench_stream NOTES FILE...\n");
        return 2;
    }
    for (int arg_i = 2; arg_i < argc; arg_i++) {
        measure(argv[arg_i], n_notes);
    }
    return 0;
}
