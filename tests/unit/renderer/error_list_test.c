/* The error text of a transaction, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/error_list.h"

static void expect_next(struct error_list *list, const char *expected) {
    const char *error;
    size_t len;
    assert_true(error_list_next(list, &error, &len));
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(error, expected, len);
}

static void test_error_list__errors_come_one_by_one(void **state) {
    (void)state;
    const char *error;
    size_t len;
    struct error_list list = {" unknown object type: foo; line 2 col 1 : syntax error;"};
    expect_next(&list, " unknown object type: foo");
    expect_next(&list, " line 2 col 1 : syntax error");
    assert_false(error_list_next(&list, &error, &len));
}

static void test_error_list__a_semicolon_inside_words_does_not_end_them(void **state) {
    (void)state;
    const char *error;
    size_t len;
    struct error_list list = {" unexpected a;b; cut off"};
    expect_next(&list, " unexpected a;b");
    expect_next(&list, " cut off");
    assert_false(error_list_next(&list, &error, &len));
    list.rest = "";
    assert_false(error_list_next(&list, &error, &len));
    list.rest = NULL;
    assert_false(error_list_next(&list, &error, &len));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_list__errors_come_one_by_one),
        cmocka_unit_test(test_error_list__a_semicolon_inside_words_does_not_end_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
