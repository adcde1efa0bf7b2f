/* Texts: widths, boxes, faces, from many threads. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "near.h"
#include "renderer/notation/text_metrics.h"

static const struct ink_font SERIF = {.size = 2};

static void test_text_metrics__width_grows_with_size(void **state) {
    (void)state;
    struct ink_font large = {.size = 4};
    double width = text_width(&SERIF, "Allegro");
    assert_true(width > 4 && width < 8);
    assert_near(text_width(&large, "Allegro"), 2 * width, 1e-9);
}

static void test_text_metrics__times_is_liberation_serif(void **state) {
    (void)state;
    struct ink_font times = {.family = "Times", .size = 2}, mono = {.family = "Courier", .size = 2};
    assert_near(text_width(&times, "mi"), text_width(&SERIF, "mi"), 1e-9);
    assert_near(text_width(&mono, "mmm"), text_width(&mono, "iii"), 1e-9);
    assert_true(fabs(text_width(&SERIF, "mmm") - text_width(&SERIF, "iii")) > 1);
}

static void test_text_metrics__bold_and_italic_are_faces_of_their_own(void **state) {
    (void)state;
    struct ink_font bold = {.size = 2, .is_bold = true};
    assert_true(text_width(&bold, "Andante") > text_width(&SERIF, "Andante"));
}

static void test_text_metrics__ink_of_a_capital_stands_on_the_baseline(void **state) {
    (void)state;
    struct text_extents extents;
    text_measure(&SERIF, "H", &extents);
    assert_near(extents.ink.bottom, 0, 0.01);
    assert_true(extents.ink.top < -1.2 && extents.ink.top > -1.5); /* 0.66 em */
    text_measure(&SERIF, "p", &extents);
    assert_true(extents.ink.bottom > 0.35);
}

static void test_text_metrics__blanks_have_width_and_no_ink(void **state) {
    (void)state;
    struct text_extents extents;
    text_measure(&SERIF, "  ", &extents);
    assert_true(extents.advance > 0.5);
    assert_true(extents.ink.left == extents.ink.right);
}

static void test_text_metrics__kerning_is_applied(void **state) {
    (void)state;
    assert_true(text_width(&SERIF, "AVAV") <
                2 * (text_width(&SERIF, "A") + text_width(&SERIF, "V")) - 0.2);
}

static void test_text_metrics__bytes_that_are_no_text_do_no_harm(void **state) {
    (void)state;
    struct text_extents extents;
    text_measure(&SERIF, "a\xff\xc3\xe2\x82z", &extents);
    assert_true(extents.advance > 0);
    char *longer = malloc(100001);
    assert_non_null(longer);
    memset(longer, 'x', 100000);
    longer[100000] = '\0';
    text_measure(&SERIF, longer, &extents);
    assert_near(extents.advance, TEXT_LINE_BYTES * text_width(&SERIF, "x"), 1);
    free(longer);
}

static void test_text_metrics__characters_that_a_face_lacks_come_from_another(void **state) {
    (void)state;
    struct text_extents extents;
    text_measure(&SERIF, "\xe2\x98\x83", &extents); /* a snowman: not in the serif face */
    assert_true(extents.advance > 0.3);
}

static void test_text_metrics__shown_ink_lies_in_the_measured_box(void **state) {
    (void)state;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 400, 100);
    cairo_t *cr = cairo_create(surface);
    struct text_extents extents;
    cairo_scale(cr, 20, 20);
    text_show(cr, &SERIF, "Tafelj", 2, 3);
    cairo_surface_flush(surface);
    text_measure(&SERIF, "Tafelj", &extents);
    const unsigned char *pixels = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface), n = 0;
    int left = 400, right = 0, top = 100, bottom = 0;
    for (int y = 0; y < 100; y++) {
        for (int x = 0; x < 400; x++) {
            if (pixels[y * stride + x] > 64) {
                left = x < left ? x : left;
                right = x > right ? x : right;
                top = y < top ? y : top;
                bottom = y > bottom ? y : bottom;
                n++;
            }
        }
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    assert_true(n > 100);
    assert_near(left, (2 + extents.ink.left) * 20, 2);
    assert_near(right, (2 + extents.ink.right) * 20, 2);
    assert_near(top, (3 + extents.ink.top) * 20, 2);
    assert_near(bottom, (3 + extents.ink.bottom) * 20, 2);
}

static void *measure_many(void *arg) {
    double *sum = arg;
    char text[16];
    for (int i = 0; i < 2000; i++) {
        memcpy(text, "abcdefghijklmno", 16);
        text[1 + i % 14] = '\0';
        *sum += text_width(&SERIF, text);
    }
    return NULL;
}

static void test_text_metrics__threads_measure_alike(void **state) {
    (void)state;
    pthread_t threads[4];
    double sums[4] = {0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, measure_many, &sums[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(sums[i] == sums[0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_metrics__width_grows_with_size),
        cmocka_unit_test(test_text_metrics__times_is_liberation_serif),
        cmocka_unit_test(test_text_metrics__bold_and_italic_are_faces_of_their_own),
        cmocka_unit_test(test_text_metrics__ink_of_a_capital_stands_on_the_baseline),
        cmocka_unit_test(test_text_metrics__blanks_have_width_and_no_ink),
        cmocka_unit_test(test_text_metrics__kerning_is_applied),
        cmocka_unit_test(test_text_metrics__bytes_that_are_no_text_do_no_harm),
        cmocka_unit_test(test_text_metrics__characters_that_a_face_lacks_come_from_another),
        cmocka_unit_test(test_text_metrics__shown_ink_lies_in_the_measured_box),
        cmocka_unit_test(test_text_metrics__threads_measure_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
