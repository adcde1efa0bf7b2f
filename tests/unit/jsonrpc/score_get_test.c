/* Replies of queries as JSON, and queries as script text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/score_rpc/score_job.h"

static void check_messages(const char *text, const char *expected) {
    json_t *messages = score_messages_parse(text, strlen(text));
    char *printed = json_dumps(messages, JSON_COMPACT);
    assert_string_equal(printed, expected);
    free(printed);
    json_decref(messages);
}

static void test_score_get__messages_become_json(void **state) {
    (void)state;
    check_messages("", "[]");
    check_messages("/ITL/scene/x color 1 -2 2.5 0;\n",
                   "[{\"address\":\"/ITL/scene/x\",\"method\":\"color\",\"params\":[1,-2,2.5,0]}]");
    check_messages(
        "/a set txt \"it's \\\"so\\\"; yes\";\n/b x 0.0;\n",
        "[{\"address\":\"/a\",\"method\":\"set\",\"params\":[\"txt\",\"it's \\\"so\\\"; yes\"]},"
        "{\"address\":\"/b\",\"method\":\"x\",\"params\":[0.0]}]");
    check_messages("/a watch click ( /b x 1, /c y \")\" );\n",
                   "[{\"address\":\"/a\",\"method\":\"watch\",\"params\":[\"click\",\"( /b x 1, /c "
                   "y \\\")\\\" )\"]}]");
    check_messages("/a set gmnf expr( par \"a\" b );\n",
                   "[{\"address\":\"/a\",\"method\":\"set\",\"params\":[\"gmnf\",\"expr( par "
                   "\\\"a\\\" b )\"]}]");
    check_messages("/a x \"1\" 0x10 1e400;",
                   "[{\"address\":\"/a\",\"method\":\"x\",\"params\":[\"1\",\"0x10\"]}]");
    check_messages("/a ( \" \\", "[{\"address\":\"/a\",\"method\":\"( \\\" \\\\\",\"params\":[]}]");
}

static void test_score_get__queries_become_script(void **state) {
    json_t *params = json_pack("[s, s, i, s]", "x", "a b;\"c", 7, "7up");
    json_t *bad = json_pack("[{}]");
    size_t size_bytes;
    (void)state;
    char *text = score_query_print("/ITL", params, &size_bytes);
    assert_string_equal(text, "/ITL x \"a b;\\\"c\" 7 \"7up\"");
    assert_int_equal(size_bytes, strlen(text));
    assert_null(score_query_print("/ITL", bad, &size_bytes));
    free(text);
    json_decref(params);
    json_decref(bad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score_get__messages_become_json),
        cmocka_unit_test(test_score_get__queries_become_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
