/* Draws a script without sockets or threads, for the golden tests and by hand.
 *
 *     golden_render [--original] [--screen PX] SCRIPT < steps
 *     golden_render --compare A.png B.png [SIDE_BY_SIDE.png]
 *
 * Steps, one a line: "> message" runs it and prints replies ("    …") and errors ("  ! …"),
 * "picture FILE" writes the scene. Files are relative to the script's folder.
 * --original: fit the square as the original did (reference 7.1), k = (side - 4) / 801. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairo.h>

#include "common/err.h"
#include "renderer/draw/painter.h"
#include "renderer/io/javascript/javascript.h"
#include "renderer/score/score.h"
#include "renderer/types/draw_scene.h"
#include "tests/score_env/score_env.h"

#define FILE_MAX (32u * 1024 * 1024)

struct bench {
    struct score *score;
    bool is_original;
};

static char *read_whole(const char *path, size_t *size_bytes) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    size_t capacity = 65536, len = 0;
    char *data = malloc(capacity + 1);
    while (data != NULL && capacity < FILE_MAX) {
        size_t n = fread(data + len, 1, capacity - len, file);
        len += n;
        if (n == 0) {
            break;
        }
        if (len == capacity) {
            capacity *= 2;
            char *more = realloc(data, capacity + 1);
            if (more == NULL) {
                break;
            }
            data = more;
        }
    }
    fclose(file);
    if (data != NULL) {
        data[len] = '\0';
        *size_bytes = len;
    }
    return data;
}

/* -- the world of the score ------------------------------------------------ */

static int read_file(void *ctx, const char *dir, const char *path, char **data,
                     size_t *size_bytes) {
    char whole[4200];
    (void)ctx;
    snprintf(whole, sizeof whole, "%s/%s", dir != NULL ? dir : ".", path);
    *data = read_whole(whole, size_bytes);
    return *data != NULL ? LG_OK : LG_ENOTFOUND;
}

/* -- JavaScript: the renderer's own engine, in a process of this program ---- */

static void js_print(void *ctx, const char *words) {
    (void)ctx, (void)words;
}

static void js_post(void *ctx, const struct message *msg) {
    score_post(ctx, msg);
}

static char *js_read_file(void *ctx, const char *name, size_t *len) {
    (void)ctx, (void)name, (void)len;
    return NULL;
}

static char *run_javascript(void *ctx, struct score *score, const char *code, int first_line,
                            const struct named_value *globals, size_t n_globals) {
    static struct javascript *engine; /* for the life of the program */
    const struct javascript_host host = {score, js_print, js_post, js_read_file};
    struct javascript_error error;
    char *value = NULL;
    (void)ctx;
    if (engine == NULL) {
        engine = javascript_create();
    }
    if (javascript_run(engine, code, globals, n_globals, &host, &value, &error) != LG_OK) {
        score_error(score, "javascript error line %d : %s", first_line + error.line - 1,
                    error.text);
    }
    return value;
}

/* -- steps ------------------------------------------------------------------ */

static void print_result(const struct score_result *result) {
    for (size_t reply_i = 0; reply_i < result->n_replies; reply_i++) {
        struct text line = {0};
        message_print(&result->replies[reply_i], &line);
        printf("    %s\n", line.data != NULL ? line.data : "");
        text_finish(&line);
    }
    if (result->errors.len > 0) {
        printf("  ! %s\n", result->errors.data);
    }
}

/* One transaction, then what events left, as the next tasks would. */
static void run_step(struct bench *bench, const char *text, size_t len, const char *name) {
    struct score_result result;
    score_begin(bench->score, "golden");
    score_env_run(bench->score, text, len, name);
    score_end(bench->score, &result);
    print_result(&result);
    score_result_finish(&result);
    for (int task_i = 0; task_i < 100 && score_has_queued(bench->score); task_i++) {
        score_run_queued(bench->score, &result);
        print_result(&result);
        score_result_finish(&result);
    }
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool draw_picture(struct bench *bench, const char *path) {
    double start = seconds();
    struct display_list *list = draw_scene(score_find(bench->score, "/ITL/scene"));
    if (list == NULL) {
        return false;
    }
    fprintf(stderr, "%s: %zu items in %.1f ms\n", path, display_list_size(list),
            (seconds() - start) * 1000);
    int width = (int)display_list_width(list), height = (int)display_list_height(list);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    if (bench->is_original) {
        double side = width < height ? width : height;
        double fit = (side - 4) / 801 / (side / 800);
        cairo_t *cr = cairo_create(surface);
        struct item_color paper = display_list_background(list);
        cairo_set_source_rgb(cr, paper.r, paper.g, paper.b);
        cairo_paint(cr);
        cairo_translate(cr, width / 2.0, height / 2.0);
        cairo_scale(cr, fit, fit);
        cairo_translate(cr, -width / 2.0, -height / 2.0);
        painter_paint_vector(cr, list, false);
        cairo_destroy(cr);
    } else {
        const struct rect_px all = {0, 0, width, height};
        painter_paint(surface, list, &all);
    }
    cairo_status_t status = cairo_surface_write_to_png(surface, path);
    cairo_surface_destroy(surface);
    display_list_unref(list);
    return status == CAIRO_STATUS_SUCCESS;
}

static int run_steps(struct bench *bench) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    while ((len = getline(&line, &capacity, stdin)) > 0) {
        line[len - 1] = line[len - 1] == '\n' ? '\0' : line[len - 1];
        if (strncmp(line, "picture ", 8) == 0) {
            if (!draw_picture(bench, line + 8)) {
                fprintf(stderr, "cannot draw %s\n", line + 8);
                free(line);
                return 1;
            }
        } else if (strncmp(line, "> ", 2) == 0) {
            struct text statement = {0};
            printf("%s\n", line);
            text_printf(&statement, "%s ;", line + 2);
            run_step(bench, statement.data, statement.len, NULL);
            text_finish(&statement);
        }
        fflush(stdout);
    }
    free(line);
    return 0;
}

static int render(const char *script, double screen_px, bool is_original) {
    char *dir = strdup(script);
    char *slash = dir != NULL ? strrchr(dir, '/') : NULL;
    if (slash != NULL) {
        *slash = '\0';
    }
    struct score_env env = score_env_empty(NULL);
    env.read_file = read_file;
    env.run_javascript = run_javascript;
    const struct score_options options = {.screen_px = screen_px,
                                          .root_path = slash != NULL ? dir : ".",
                                          .public_host = "192.0.2.7",
                                          .env = &env};
    struct bench bench = {score_create(&options), is_original};
    size_t len = 0;
    char *text = read_whole(script, &len);
    if (text == NULL) {
        fprintf(stderr, "cannot read %s\n", script);
        return 2;
    }
    run_step(&bench, text, len, script);
    int code = run_steps(&bench);
    score_destroy(bench.score);
    free(text);
    free(dir);
    return code;
}

/* -- comparison -------------------------------------------------------------- */

static const unsigned char *pixel(cairo_surface_t *surface, int x, int y) {
    return cairo_image_surface_get_data(surface) +
           (size_t)y * (size_t)cairo_image_surface_get_stride(surface) + (size_t)x * 4;
}

/* Least difference to the pixels around: forgives a shift of one pixel. */
static int difference(cairo_surface_t *a, cairo_surface_t *b, int x, int y, int width, int height) {
    const unsigned char *from = pixel(a, x, y);
    int least = 255;
    for (int ny = y > 0 ? y - 1 : 0; ny <= y + 1 && ny < height; ny++) {
        for (int nx = x > 0 ? x - 1 : 0; nx <= x + 1 && nx < width; nx++) {
            const unsigned char *to = pixel(b, nx, ny);
            int most = 0;
            for (int channel = 0; channel < 3; channel++) {
                int d = abs(from[channel] - to[channel]);
                most = d > most ? d : most;
            }
            least = most < least ? most : least;
        }
    }
    return least;
}

static void write_side_by_side(cairo_surface_t *a, cairo_surface_t *b, int width, int height,
                               const char *path) {
    cairo_surface_t *both = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 2 * width + 4, height);
    cairo_t *cr = cairo_create(both);
    cairo_set_source_rgb(cr, 1, 0, 1);
    cairo_paint(cr);
    cairo_set_source_surface(cr, a, 0, 0);
    cairo_paint(cr);
    cairo_set_source_surface(cr, b, width + 4, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_write_to_png(both, path);
    cairo_surface_destroy(both);
}

/* Any PNG as RGB24 on white. */
static cairo_surface_t *load(const char *path) {
    cairo_surface_t *png = cairo_image_surface_create_from_png(path);
    int width = cairo_image_surface_get_width(png), height = cairo_image_surface_get_height(png);
    cairo_surface_t *flat = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cr = cairo_create(flat);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_set_source_surface(cr, png, 0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_destroy(png);
    cairo_surface_flush(flat);
    return flat;
}

/* Prints: share of pixels that differ by more than 64 (per 10000), mean difference x 1000. */
static int compare(const char *path_a, const char *path_b, const char *side_by_side) {
    cairo_surface_t *a = load(path_a), *b = load(path_b);
    int width = cairo_image_surface_get_width(a), height = cairo_image_surface_get_height(a);
    if (width <= 0 || width != cairo_image_surface_get_width(b) ||
        height != cairo_image_surface_get_height(b)) {
        printf("size %dx%d %dx%d\n", width, height, cairo_image_surface_get_width(b),
               cairo_image_surface_get_height(b));
        return 1;
    }
    long n_far = 0, sum = 0;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            int there = difference(a, b, x, y, width, height);
            int back = difference(b, a, x, y, width, height);
            int d = there > back ? there : back;
            n_far += d > 64;
            sum += d;
        }
    }
    double n_pixels = (double)width * height;
    printf("%.2f %.1f\n", (double)n_far * 10000 / n_pixels, (double)sum * 1000 / n_pixels);
    if (side_by_side != NULL) {
        write_side_by_side(a, b, width, height, side_by_side);
    }
    cairo_surface_destroy(a);
    cairo_surface_destroy(b);
    return 0;
}

int main(int argc, char **argv) {
    double screen_px = 1080;
    bool is_original = false;
    int arg_i = 1;
    if (argc == 2 && strcmp(argv[1], JAVASCRIPT_WORKER_OPTION) == 0) {
        return javascript_worker_main();
    }
    if (argc >= 4 && strcmp(argv[1], "--compare") == 0) {
        return compare(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
    }
    for (; arg_i < argc - 1; arg_i++) {
        if (strcmp(argv[arg_i], "--original") == 0) {
            is_original = true;
        } else if (strcmp(argv[arg_i], "--screen") == 0 && arg_i + 2 < argc) {
            screen_px = atof(argv[++arg_i]);
        }
    }
    if (arg_i != argc - 1) {
        fprintf(stderr, "golden_render [--original] [--screen PX] SCRIPT < steps\n");
        return 2;
    }
    return render(argv[arg_i], screen_px, is_original);
}
