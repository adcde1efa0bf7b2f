/* Pages as files: sizes, bounds, kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/notation/page_file.h"

static struct engraving *engraved(const char *text) {
    struct engraving_options options = engraving_options_default();
    struct engraving *engraving = NULL;
    struct notation_message error;
    assert_int_equal(engrave(text, strlen(text), &options, &engraving, &error), 0);
    return engraving;
}

static bool contains(const uint8_t *bytes, size_t size, const char *word) {
    size_t len = strlen(word);
    for (size_t at = 0; at + len <= size; at++) {
        if (memcmp(bytes + at, word, len) == 0) {
            return true;
        }
    }
    return false;
}

static uint32_t be32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void test_page_file__png_has_the_asked_width(void **state) {
    struct engraving *engraving = engraved("[ \\meter<\"4/4\"> c d e f ]");
    uint8_t *bytes;
    size_t size;
    (void)state;
    assert_int_equal(page_file_draw(engraving, 0, PAGE_PNG, 640, &bytes, &size), 0);
    assert_int_equal(be32(bytes + 16), 640);
    double ratio = (double)be32(bytes + 20) / 640;
    assert_true(ratio > engraving->pages[0].height / engraving->pages[0].width - 0.01);
    assert_true(ratio < engraving->pages[0].height / engraving->pages[0].width + 0.01);
    free(bytes);
    engraving_unref(engraving);
}

static void test_page_file__svg_and_pdf_are_what_they_say(void **state) {
    struct engraving *engraving = engraved("[ \\title<\"A\"> c d \\newPage e f ]");
    uint8_t *bytes;
    size_t size;
    (void)state;
    assert_int_equal(page_file_draw(engraving, 0, PAGE_SVG, 0, &bytes, &size), 0);
    assert_true(contains(bytes, size, "<svg"));
    free(bytes);
    assert_int_equal(page_file_draw(engraving, PAGE_ALL, PAGE_PDF, 0, &bytes, &size), 0);
    assert_memory_equal(bytes, "%PDF", 4);
    assert_true(contains(bytes, size, "/Count 2"));
    free(bytes);
    engraving_unref(engraving);
}

static void test_page_file__bounds_are_kept(void **state) {
    struct engraving *engraving = engraved("[ c ]");
    uint8_t *bytes = NULL;
    size_t size;
    (void)state;
    assert_int_equal(page_file_draw(engraving, 1, PAGE_PNG, 0, &bytes, &size), LG_ENOTFOUND);
    assert_int_equal(page_file_draw(engraving, 0, PAGE_PNG, 1u << 30, &bytes, &size), LG_ETOOLARGE);
    assert_null(bytes);
    engraving_unref(engraving);
}

static void test_engrave__a_refused_text_tells_its_place(void **state) {
    struct engraving_options options = engraving_options_default();
    struct engraving *engraving = NULL;
    struct notation_message error;
    (void)state;
    assert_int_equal(engrave("[ c\n d", 6, &options, &engraving, &error), LG_EBADREQUEST);
    assert_null(engraving);
    assert_int_equal(error.line, 2);
    assert_true(error.column > 0);
    assert_non_null(strstr(error.text, "expected"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_file__png_has_the_asked_width),
        cmocka_unit_test(test_page_file__svg_and_pdf_are_what_they_say),
        cmocka_unit_test(test_page_file__bounds_are_kept),
        cmocka_unit_test(test_engrave__a_refused_text_tells_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
