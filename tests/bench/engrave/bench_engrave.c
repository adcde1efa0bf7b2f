/* How long an engraving takes, warm, in one process:
 *
 *     bench_engrave RUNS FILE...
 *
 * For each file one line of JSON: the best of all runs in milliseconds of text -> pieces of display
 * lists (text_ms), of its stages, and of the first page at 1080 lines as PNG: painted and encoded
 * as the renderer does it (png_ms). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/err.h"
#include "renderer/draw/scene_picture.h"
#include "renderer/types/notation/score_picture.h"

#define RUNS_MAX 1000
#define LINES    1080

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The best: what the machine does besides is not our subject. */
static double best(const double *values, size_t n) {
    double least = values[0];
    for (size_t i = 1; i < n; i++) {
        least = values[i] < least ? values[i] : least;
    }
    return least;
}

static char *read_whole(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *data = malloc(32u << 20);
    *len = data != NULL ? fread(data, 1, 32u << 20, file) : 0;
    fclose(file);
    return data;
}

/* One engraving; NULL after telling why. times: read, arranged and laid out, made into pieces. */
static struct score_picture *engrave_once(const char *text, size_t len, double times[3]) {
    struct engraving_options options = engraving_options_default();
    struct notation_message error;
    struct notation *notation = NULL;
    struct engraving *engraving = NULL;
    double start = now_ms();
    int code = engrave_read(text, len, options.format, &notation, &error);
    times[0] = now_ms() - start;
    if (code == LG_OK) {
        code = engrave_notation(notation, &options, &engraving, &error);
    }
    times[1] = now_ms() - start - times[0];
    if (code != LG_OK) {
        fprintf(stderr, "%d:%d: %s\n", error.line, error.column, error.text);
        return NULL;
    }
    struct score_picture *picture = score_picture_give(engraving, NULL);
    times[2] = now_ms() - start - times[0] - times[1];
    return picture;
}

static struct display_list *list_of(const struct score_picture *picture) {
    const struct score_page_picture *page = &picture->pages[0];
    double scale = LINES / page->height;
    const struct item_color white = {1, 1, 1, 1};
    struct display_list *list =
        display_list_create((uint32_t)ceil(page->width * scale), LINES, white);
    for (size_t i = 0; list != NULL && i < page->n_pieces; i++) {
        struct display_item item = {.kind = page->pieces[i].kind,
                                    .matrix = {scale, 0, 0, 0, scale, 0, 0, 0, 1},
                                    .fill = {0, 0, 0, 1},
                                    .brush = ITEM_BRUSH_SOLID,
                                    .resource = resource_ref(page->pieces[i].resource)};
        display_list_append(list, &item);
    }
    return list;
}

static double draw_once(const struct score_picture *picture, struct picture_workshop *shop) {
    struct scene_picture drawn = {.scene = "scene"};
    bool is_changed;
    struct display_list *list = list_of(picture);
    double start = now_ms();
    scene_picture_show(&drawn, shop, list, 1, &is_changed);
    double took = now_ms() - start;
    scene_picture_finish(&drawn);
    return took;
}

static int measure(const char *path, size_t n_runs, struct picture_workshop *shop) {
    static double whole[RUNS_MAX], read[RUNS_MAX], layout[RUNS_MAX], pieces[RUNS_MAX],
        png[RUNS_MAX];
    size_t len = 0, n_heads = 0, n_pages = 0, n_pieces = 0;
    char *text = read_whole(path, &len);
    for (size_t run_i = 0; text != NULL && run_i < n_runs; run_i++) {
        double times[3], start = now_ms();
        struct score_picture *picture = engrave_once(text, len, times);
        if (picture == NULL) {
            free(text);
            return 1;
        }
        whole[run_i] = now_ms() - start;
        read[run_i] = times[0];
        layout[run_i] = times[1];
        pieces[run_i] = times[2];
        png[run_i] = draw_once(picture, shop);
        n_heads = picture->engraving->n_heads_drawn;
        n_pages = picture->n_pages;
        n_pieces = picture->pages[0].n_pieces;
        score_picture_unref(picture);
    }
    if (text == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    printf("{\"heads\":%zu,\"pages\":%zu,\"pieces\":%zu,\"text_ms\":%.3f,\"read_ms\":%.3f,"
           "\"layout_ms\":%.3f,\"pieces_ms\":%.3f,\"png_ms\":%.3f}\n",
           n_heads, n_pages, n_pieces, best(whole, n_runs), best(read, n_runs),
           best(layout, n_runs), best(pieces, n_runs), best(png, n_runs));
    free(text);
    return 0;
}

int main(int argc, char **argv) {
    struct picture_workshop shop;
    size_t n_runs = argc > 2 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
    if (n_runs == 0 || n_runs > RUNS_MAX || !picture_workshop_init(&shop)) {
        fprintf(stderr, "bench_engrave RUNS FILE...\n");
        return 2;
    }
    int failed = 0;
    for (int arg_i = 2; arg_i < argc; arg_i++) {
        failed += measure(argv[arg_i], n_runs, &shop);
    }
    picture_workshop_finish(&shop);
    return failed > 0 ? 1 : 0;
}
