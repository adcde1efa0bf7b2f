#include <stdlib.h>
#include <string.h>

#include "cmocka_head.h"
#include "common/err.h"
#include "draw_fixture.h"
#include "renderer/draw/export.h"

static void test_export__format_follows_the_extension(void **state) {
    (void)state;
    enum export_format format = EXPORT_PNG;
    assert_int_equal(export_format_of("a.b/score.PDF", &format), 0);
    assert_int_equal(format, EXPORT_PDF);
    assert_int_equal(export_format_of("x.svg", &format), 0);
    assert_int_equal(format, EXPORT_SVG);
    assert_int_equal(export_format_of("x.Png", &format), 0);
    assert_int_equal(format, EXPORT_PNG);
    assert_int_equal(export_format_of("x.jpg", &format), LG_EBADREQUEST);
    assert_int_equal(export_format_of("png", &format), LG_EBADREQUEST);
}

static void test_export__png_holds_the_painted_pixels(void **state) {
    (void)state;
    struct fixture_random random = {8};
    struct fixture_plan plan;
    uint8_t *data;
    size_t size;
    uint32_t width, height;
    fixture_plan_init(&plan, &random, 317, 211, 30);
    for (int i = 0; i < 2; i++) {
        plan.background.a = i == 0 ? 1 : 0.25;
        struct display_list *list = fixture_plan_list(&plan);
        cairo_surface_t *surface = fixture_paint(list);
        assert_int_equal(export_draw(list, EXPORT_PNG, &data, &size), 0);
        uint8_t *rgba = fixture_decode(data, size, &width, &height);
        assert_non_null(rgba);
        assert_true(fixture_is_picture_of(rgba, width, height, surface, 0, 0));
        free(rgba);
        free(data);
        cairo_surface_destroy(surface);
        display_list_unref(list);
    }
}

static void test_export__vector_files_hold_every_kind(void **state) {
    (void)state;
    struct fixture_random random = {9};
    struct fixture_plan plan;
    uint8_t *data;
    size_t size;
    fixture_plan_init(&plan, &random, 317, 211, 60);
    struct display_list *list = fixture_plan_list(&plan);
    assert_int_equal(export_draw(list, EXPORT_SVG, &data, &size), 0);
    assert_true(size > 1000 && memcmp(data, "<?xml", 5) == 0);
    free(data);
    assert_int_equal(export_draw(list, EXPORT_PDF, &data, &size), 0);
    assert_true(size > 1000 && memcmp(data, "%PDF", 4) == 0);
    free(data);
    display_list_unref(list);
}

static void test_export__too_large_is_refused(void **state) {
    (void)state;
    uint8_t *data;
    size_t size;
    struct display_list *list = display_list_create(16384, 16384, FIXTURE_WHITE);
    assert_int_equal(export_draw(list, EXPORT_PNG, &data, &size), LG_ETOOLARGE);
    display_list_unref(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_export__format_follows_the_extension),
        cmocka_unit_test(test_export__png_holds_the_painted_pixels),
        cmocka_unit_test(test_export__vector_files_hold_every_kind),
        cmocka_unit_test(test_export__too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
