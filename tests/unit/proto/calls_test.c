/* Requests: which role may ask what, how long a text may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"
#include "proto/calls.h"

static int encode(uint64_t kind, uint64_t role, const char *scene, size_t text_size) {
    static char text[LIMIT_SCRIPT_BYTES + 1];
    struct msg_request request = {
        .gateway_id = 1, .counter = 1, .kind = kind, .role = role, .text = {text, text_size}};
    struct msg_buf buf = {NULL, 0};
    strcpy(request.scene, scene);
    int code = call_request_encode(&request, &buf, NULL);
    free(buf.data);
    return code;
}

static void test_calls__view_sees_play_points_conduct_writes(void **state) {
    (void)state;
    static const struct {
        enum request_kind kind;
        enum call_role least;
    } RULES[] = {
        {REQUEST_HELLO, CALL_ROLE_VIEW},   {REQUEST_SNAPSHOT, CALL_ROLE_VIEW},
        {REQUEST_VERSION, CALL_ROLE_VIEW}, {REQUEST_POST, CALL_ROLE_CONDUCT},
        {REQUEST_CLICK, CALL_ROLE_PLAY},   {REQUEST_HOVER, CALL_ROLE_PLAY},
        {REQUEST_GET, CALL_ROLE_CONDUCT},  {REQUEST_FILE, CALL_ROLE_VIEW},
        {REQUEST_LOG, CALL_ROLE_CONDUCT},  {REQUEST_SCENES, CALL_ROLE_VIEW},
        {REQUEST_SERVERS, CALL_ROLE_VIEW},
    };
    for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++) {
        assert_int_equal(call_kind_role(RULES[i].kind), RULES[i].least);
        for (uint64_t role = CALL_ROLE_VIEW; role <= CALL_ROLE_CONDUCT; role++) {
            assert_int_equal(encode(RULES[i].kind, role, "", 0),
                             role >= RULES[i].least ? 0 : LG_EFORBIDDEN);
        }
    }
}

static void test_calls__texts_are_bounded_by_kind(void **state) {
    (void)state;
    assert_int_equal(encode(REQUEST_POST, 3, "", LIMIT_SCRIPT_BYTES), 0);
    assert_int_equal(encode(REQUEST_POST, 3, "", LIMIT_SCRIPT_BYTES + 1), LG_ETOOLARGE);
    assert_int_equal(encode(REQUEST_FILE, 3, "", LIMIT_PATH_BYTES + 1), LG_ETOOLARGE);
    assert_int_equal(encode(REQUEST_CLICK, 3, "", 1), LG_ETOOLARGE);
}

static void test_calls__odd_requests_are_refused(void **state) {
    (void)state;
    assert_int_equal(encode(99, 3, "", 0), LG_EBADREQUEST);
    assert_int_equal(encode(REQUEST_LOG, 4, "", 0), LG_EBADREQUEST);
    assert_int_equal(encode(REQUEST_LOG, 3, "a/b", 0), LG_EBADREQUEST);
    assert_int_equal(encode(REQUEST_LOG, 3, "a b", 0), LG_EBADREQUEST);
    assert_int_equal(encode(REQUEST_LOG, 3, "violin1", 0), 0);
}

static void test_calls__the_server_checks_as_the_client_does(void **state) {
    (void)state;
    struct msg_request request = {.gateway_id = 7, .counter = 8, .kind = REQUEST_POST, .role = 2};
    struct msg_buf buf;
    struct msg_problem problem;
    struct msg_request decoded;
    assert_int_equal(msg_request_encode(&request, &buf), 0); /* past the client's check */
    assert_int_equal(call_request_decode(buf.data, buf.size, &decoded, &problem), LG_EFORBIDDEN);
    assert_string_equal(problem.text, "the role does not allow it");
    free(buf.data);
    assert_int_equal(call_error_encode(&decoded, LG_EFORBIDDEN, problem.text, &buf), 0);
    struct msg_reply reply;
    assert_int_equal(call_reply_decode(buf.data, buf.size, &reply, &problem), 0);
    assert_int_equal(reply.gateway_id, 7);
    assert_int_equal(reply.counter, 8);
    assert_string_equal(reply.code, "forbidden");
    assert_int_equal(lg_err_from_name(reply.code), LG_EFORBIDDEN);
    msg_reply_finish(&reply);
    free(buf.data);
}

static void test_calls__names_of_kinds_and_roles(void **state) {
    (void)state;
    assert_string_equal(call_kind_name(REQUEST_HELLO), "hello");
    assert_string_equal(call_kind_name(REQUEST_SERVERS), "servers");
    assert_null(call_kind_name(0));
    assert_int_equal(call_kind_role(0), CALL_ROLE_CONDUCT);
    assert_string_equal(call_role_name(CALL_ROLE_PLAY), "play");
    assert_null(call_role_name(0));
    assert_int_equal(call_role_from_name("conduct"), CALL_ROLE_CONDUCT);
    assert_int_equal(call_role_from_name("root"), CALL_ROLE_VIEW);
    assert_int_equal(call_role_from_name(NULL), CALL_ROLE_VIEW);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls__view_sees_play_points_conduct_writes),
        cmocka_unit_test(test_calls__texts_are_bounded_by_kind),
        cmocka_unit_test(test_calls__odd_requests_are_refused),
        cmocka_unit_test(test_calls__the_server_checks_as_the_client_does),
        cmocka_unit_test(test_calls__names_of_kinds_and_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
