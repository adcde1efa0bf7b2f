/* Codes, their names and HTTP statuses: architecture section 5, web API 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"

static void test_err__names_go_both_ways(void **state) {
    (void)state;
    static const char *const NAMES[] = {
        "ok",        "bad_request", "script_error", "unknown_object", "not_found",
        "too_large", "forbidden",   "busy",         "internal"};
    for (int code = 0; code >= LG_EINTERNAL; code--) {
        assert_string_equal(lg_err_name(code), NAMES[-code]);
        assert_int_equal(lg_err_from_name(NAMES[-code]), code);
    }
}

static void test_err__inner_and_unknown_codes_are_internal(void **state) {
    (void)state;
    assert_string_equal(lg_err_name(LG_EOLD), "internal");
    assert_string_equal(lg_err_name(LG_ENOMEM), "internal");
    assert_string_equal(lg_err_name(77), "internal");
    assert_int_equal(lg_err_from_name("other"), LG_EINTERNAL);
    assert_int_equal(lg_err_from_name(NULL), LG_EINTERNAL);
    assert_int_equal(lg_err_http_status(LG_ENOMEM), 500);
}

static void test_err__http_statuses(void **state) {
    (void)state;
    assert_int_equal(lg_err_http_status(LG_OK), 200);
    assert_int_equal(lg_err_http_status(LG_ESCRIPT), 400);
    assert_int_equal(lg_err_http_status(LG_EUNKNOWNOBJECT), 400);
    assert_int_equal(lg_err_http_status(LG_ENOTFOUND), 404);
    assert_int_equal(lg_err_http_status(LG_ETOOLARGE), 413);
    assert_int_equal(lg_err_http_status(LG_EFORBIDDEN), 403);
    assert_int_equal(lg_err_http_status(LG_EBUSY), 503);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err__names_go_both_ways),
        cmocka_unit_test(test_err__inner_and_unknown_codes_are_internal),
        cmocka_unit_test(test_err__http_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
