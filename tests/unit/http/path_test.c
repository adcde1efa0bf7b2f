/* Request targets: web API reference 2.4 and section 7 (path escapes). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "gateway-http/path.h"
#include "proto/limits.h"

static void test_path_clean__plain_paths_lose_their_slashes(void **state) {
    static const char *const ROWS[][2] = {
        {"/", ""},         {"", ""},          {"//version/", "version"}, {"/a/b.png", "a/b.png"},
        {"/a//b/", "a/b"}, {"/a%20b", "a b"}, {"/%C3%A9", "\xc3\xa9"},   {"/a%2Fb", "a/b"},
        {"/100%", "100%"}, {"/a%zz", "a%zz"}, {"/a+b", "a+b"},           {"/a..b", "a..b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char out[64];
        assert_int_equal(path_clean(ROWS[i][0], out, sizeof out), LG_OK);
        assert_string_equal(out, ROWS[i][1]);
    }
}

static void test_path_clean__escapes_are_not_found(void **state) {
    static const char *const ROWS[] = {
        "/..",         "/../etc/passwd", "/a/../b",   "/a/..",
        "/%2e%2e/etc", "/..%2fetc",      "/a/%2e%2e", "/.",
        "/a/./b",      "/.git/config",   "/a%00.png", "/a\\b",
        "/a%5c..%5cb", "/a%0ab",         "/%ff",      "/%c0%ae%c0%ae/etc",
        "/%ed%a0%80",  "/a%7f",          "/%2e./x",   "/....",
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char out[64];
        if (path_clean(ROWS[i], out, sizeof out) != LG_ENOTFOUND) {
            fail_msg("%s was taken as '%s'", ROWS[i], out);
        }
    }
}

static void test_path_clean__decodes_once(void **state) {
    char out[64];
    (void)state;
    assert_int_equal(path_clean("/%252e%252e/x", out, sizeof out), LG_OK);
    assert_string_equal(out, "%2e%2e/x");
}

static void test_path_clean__too_long_is_refused(void **state) {
    static char raw[LIMIT_PATH_BYTES + 10], out[LIMIT_PATH_BYTES + 20];
    (void)state;
    memset(raw, 'a', sizeof raw - 1);
    raw[0] = '/';
    assert_int_equal(path_clean(raw, out, sizeof out), LG_ETOOLARGE);
    assert_int_equal(path_clean("/abc", out, 4), LG_ETOOLARGE);
}

static void test_path_query__finds_and_decodes_the_first(void **state) {
    char out[16];
    (void)state;
    assert_true(path_query("a=1&scene=vio%6cin&scene=x", "scene", out, sizeof out));
    assert_string_equal(out, "violin");
    assert_true(path_query("version=+7", "version", out, sizeof out));
    assert_string_equal(out, " 7");
    assert_true(path_query("x=", "x", out, sizeof out));
    assert_string_equal(out, "");
    assert_false(path_query("ascene=1", "scene", out, sizeof out));
    assert_false(path_query("scene", "scene", out, sizeof out));
    assert_false(path_query(NULL, "scene", out, sizeof out));
    assert_true(path_query("scene=a%00b", "scene", out, sizeof out));
    assert_string_equal(out, "");
    assert_true(path_query("scene=0123456789abcdef", "scene", out, sizeof out));
    assert_string_equal(out, "");
}

static void test_path_decode__forms_have_plus_for_space(void **state) {
    char text[] = "a+b%2B%41%4";
    (void)state;
    size_t len = path_decode(text, strlen(text), true);
    assert_int_equal(len, 7);
    assert_memory_equal(text, "a b+A%4", 7);
}

static void test_path_scene_name__has_letters_digits_and_dashes(void **state) {
    char longest[LIMIT_SCENE_NAME_BYTES + 2];
    (void)state;
    assert_true(path_is_scene_name("violin_1-b"));
    assert_false(path_is_scene_name(""));
    assert_false(path_is_scene_name("a/b"));
    assert_false(path_is_scene_name("a\"b"));
    memset(longest, 'a', sizeof longest);
    longest[LIMIT_SCENE_NAME_BYTES + 1] = '\0';
    assert_false(path_is_scene_name(longest));
    longest[LIMIT_SCENE_NAME_BYTES] = '\0';
    assert_true(path_is_scene_name(longest));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_clean__plain_paths_lose_their_slashes),
        cmocka_unit_test(test_path_clean__escapes_are_not_found),
        cmocka_unit_test(test_path_clean__decodes_once),
        cmocka_unit_test(test_path_clean__too_long_is_refused),
        cmocka_unit_test(test_path_query__finds_and_decodes_the_first),
        cmocka_unit_test(test_path_decode__forms_have_plus_for_space),
        cmocka_unit_test(test_path_scene_name__has_letters_digits_and_dashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
