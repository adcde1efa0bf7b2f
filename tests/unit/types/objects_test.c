/* Objects without text: files, bitmaps, snapshots, servers, placeholders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>
#include <cmocka.h>

#include "renderer/types/draw_scene.h"
#include "renderer/types/types.h"
#include "tests/unit/types/types_bench.h"

struct bytes {
    char data[65536];
    size_t len;
};

static cairo_status_t collect(void *ctx, const unsigned char *data, unsigned int len) {
    struct bytes *bytes = ctx;
    if (bytes->len + len > sizeof bytes->data) {
        return CAIRO_STATUS_WRITE_ERROR;
    }
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
    return CAIRO_STATUS_SUCCESS;
}

static void make_png(struct bytes *bytes, int width, int height) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 0.5, 0);
    cairo_paint(cr);
    bytes->len = 0;
    assert_int_equal(cairo_surface_write_to_png_stream(surface, collect, bytes),
                     CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

/* Width and height of the header changed, checksums kept wrong on purpose: only the size counts. */
static void make_wide_header(struct bytes *bytes, unsigned width) {
    make_png(bytes, 4, 4);
    for (int i = 0; i < 4; i++) {
        bytes->data[16 + i] = (char)(width >> (24 - 8 * i));
    }
}

static void expect_reply(struct types_bench *bench, const char *script, const char *wanted) {
    char *reply = types_bench_get(bench, script);
    assert_string_equal(reply, wanted);
    free(reply);
}

static void expect_error(struct types_bench *bench, const char *script, const char *wanted) {
    char *errors = types_bench_run(bench, script);
    if (strstr(errors, wanted) == NULL) {
        fail_msg("%s: got \"%s\"", script, errors);
    }
    free(errors);
}

static void test_img__size_is_the_picture_s_and_width_is_proportional(void **state) {
    static struct bytes png;
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    make_png(&png, 200, 100);
    bench.file_name = "a.png";
    bench.file_data = png.data;
    bench.file_size = png.len;
    types_bench_ok(&bench, "/ITL/scene/a set img a.png;");
    expect_reply(&bench, "/ITL/scene/a get width;", "/ITL/scene/a width 0.5");
    expect_reply(&bench, "/ITL/scene/a get height;", "/ITL/scene/a height 0.25");
    types_bench_ok(&bench, "/ITL/scene/a width 0.8;");
    expect_reply(&bench, "/ITL/scene/a get height;", "/ITL/scene/a height 0.4");
    expect_reply(&bench, "/ITL/scene/a get;", "/ITL/scene/a set img \"a.png\"");
    types_bench_finish(&bench);
}

static void test_img__missing_odd_cut_and_huge_files_are_errors(void **state) {
    static struct bytes png;
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    expect_error(&bench, "/ITL/scene/a set img no.png;", "no.png : no such file");
    expect_reply(&bench, "/ITL/scene/a get width;", "/ITL/scene/a width 0.0");
    bench.file_name = "a.png";
    bench.file_data = "not a picture";
    bench.file_size = 13;
    expect_error(&bench, "/ITL/scene/a set img a.png;", "invalid image file : a.png");
    make_png(&png, 100, 100);
    bench.file_data = png.data;
    bench.file_size = png.len / 2;
    expect_error(&bench, "/ITL/scene/a set img a.png;", "invalid image file : a.png");
    make_wide_header(&png, 50000);
    bench.file_size = png.len;
    expect_error(&bench, "/ITL/scene/a set img a.png;", "invalid image file : a.png");
    bench.file_size = 0;
    expect_error(&bench, "/ITL/scene/a set img a.png;", "invalid image file : a.png");
    types_bench_finish(&bench);
}

static void test_file__type_follows_the_extension(void **state) {
    static struct bytes png;
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    make_png(&png, 40, 40);
    bench.file_name = "a.PNG";
    bench.file_data = png.data;
    bench.file_size = png.len;
    types_bench_ok(&bench, "/ITL/scene/a set file \"a.PNG\";");
    expect_reply(&bench, "/ITL/scene/a get;", "/ITL/scene/a set img \"a.PNG\"");
    expect_error(&bench, "/ITL/scene/b set file \"a.xyz\";", "unknown object type: file");
    assert_null(score_find(bench.score, "/ITL/scene/b"));
    types_bench_finish(&bench);
}

static void test_types__reload_takes_the_new_file(void **state) {
    static struct bytes png;
    struct types_bench bench;
    struct score_result result;
    (void)state;
    types_bench_init(&bench);
    expect_error(&bench, "/ITL/scene/a set img a.png;", "no such file");
    make_png(&png, 80, 40);
    bench.file_name = "a.png";
    bench.file_data = png.data;
    bench.file_size = png.len;
    score_begin(bench.score, "test");
    assert_true(types_reload(types_bench_find(&bench, "/ITL/scene/a")));
    score_end(bench.score, &result);
    assert_true(result.has_changed);
    score_result_finish(&result);
    expect_reply(&bench, "/ITL/scene/a get width;", "/ITL/scene/a width 0.2");
    types_bench_finish(&bench);
}

static void test_httpd__asks_for_servers_and_draws_a_code(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/h set httpd 8001; /ITL/scene/w set websocket 7101 50;");
    assert_int_equal(bench.n_servers_changed, 2);
    types_bench_ok(&bench, "/ITL/scene/h set httpd 8001;");
    assert_int_equal(bench.n_servers_changed, 2);
    expect_reply(&bench, "/ITL/scene/h get;", "/ITL/scene/h set httpd 8001");
    expect_reply(&bench, "/ITL/scene/w get;", "/ITL/scene/w set websocket 7101 50");
    expect_reply(&bench, "/ITL/scene/h get status;", "/ITL/scene/h status started");
    expect_reply(&bench, "/ITL/scene/w get status;", "/ITL/scene/w status running");
    expect_reply(&bench, "/ITL/scene/w get clients;", "/ITL/scene/w clients 3");
    struct display_list *list = draw_scene(types_bench_find(&bench, "/ITL/scene"));
    assert_int_equal(display_list_size(list), 1);
    display_list_unref(list);
    expect_error(&bench, "/ITL/scene/h set httpd 0;", "incorrect parameters");
    expect_error(&bench, "/ITL/scene/w set websocket 7101 0;", "incorrect parameters");
    expect_error(&bench, "/ITL/scene/w set websocket 7101;", "incorrect parameters");
    types_bench_ok(&bench, "/ITL/scene/h del;");
    assert_int_equal(bench.n_servers_changed, 3);
    types_bench_finish(&bench);
}

static void test_memimg__keeps_what_was_there(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/o set rect 0.6 0.4; /ITL/scene/m set memimg o;");
    expect_reply(&bench, "/ITL/scene/m get width;", "/ITL/scene/m width 0.0");
    expect_reply(&bench, "/ITL/scene/m get;", "/ITL/scene/m set memimg o");
    types_bench_ok(&bench, "/ITL/scene/m width 0.3;");
    expect_reply(&bench, "/ITL/scene/m get height;", "/ITL/scene/m height 0.2");
    types_bench_ok(&bench, "/ITL/scene/m height 0;");
    expect_reply(&bench, "/ITL/scene/m get width;", "/ITL/scene/m width 0.0");
    types_bench_ok(&bench, "/ITL/scene/o del;");
    struct object *object = types_bench_find(&bench, "/ITL/scene/m");
    struct box box;
    object->type->box(object, 800, &box);
    expect_near(box.width, 240, 1e-9);
    expect_near(box.height, 160, 1e-9);
    expect_error(&bench, "/ITL/scene/m set memimg nothing;", "incorrect parameters");
    types_bench_finish(&bench);
}

static void test_placeholder__keeps_its_text_and_tells_once(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    expect_error(&bench, "/ITL/scene/g set video \"a.mp4\";", "type video is not available");
    types_bench_ok(&bench, "/ITL/scene/g set video \"b.mp4\";");
    expect_reply(&bench, "/ITL/scene/g get;", "/ITL/scene/g set video \"b.mp4\"");
    expect_reply(&bench, "/ITL/scene/g get width;", "/ITL/scene/g width 1.0");
    types_bench_finish(&bench);
}

static void test_types__every_documented_word_is_known(void **state) {
    static const char *const WORDS[] = {"txt",
                                        "txtf",
                                        "html",
                                        "htmlf",
                                        "rect",
                                        "ellipse",
                                        "polygon",
                                        "curve",
                                        "line",
                                        "arc",
                                        "img",
                                        "svg",
                                        "svgf",
                                        "layer",
                                        "grid",
                                        "memimg",
                                        "httpd",
                                        "websocket",
                                        "gmn",
                                        "gmnf",
                                        "gmnstream",
                                        "musicxml",
                                        "musicxmlf",
                                        "pianoroll",
                                        "pianorollf",
                                        "pianorollstream",
                                        "graph",
                                        "fastgraph",
                                        "radialgraph",
                                        "video",
                                        "audio",
                                        "faust",
                                        "faustdsp",
                                        "faustdspf",
                                        "gesturefollower",
                                        "compass",
                                        "tilt"};
    (void)state;
    for (size_t word_i = 0; word_i < sizeof WORDS / sizeof WORDS[0]; word_i++) {
        const struct object_type *type = types_find(WORDS[word_i]);
        assert_non_null(type);
        assert_string_equal(type->name, WORDS[word_i]);
        assert_non_null(type->set);
        assert_non_null(type->get_set);
        assert_non_null(type->box);
        assert_non_null(type->destroy);
    }
    assert_null(types_find("nonsense"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_img__size_is_the_picture_s_and_width_is_proportional),
        cmocka_unit_test(test_img__missing_odd_cut_and_huge_files_are_errors),
        cmocka_unit_test(test_file__type_follows_the_extension),
        cmocka_unit_test(test_types__reload_takes_the_new_file),
        cmocka_unit_test(test_httpd__asks_for_servers_and_draws_a_code),
        cmocka_unit_test(test_memimg__keeps_what_was_there),
        cmocka_unit_test(test_placeholder__keeps_its_text_and_tells_once),
        cmocka_unit_test(test_types__every_documented_word_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
