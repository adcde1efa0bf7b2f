/* Forwarding and filters: score-language reference 14. */
#include "tests/unit/score/score_fixture.h"

#define CASE(name) static void test_forward__##name(void **state)

static void expect_sent(struct fixture *f, const char *script, int n) {
    f->n_osc = 0;
    fixture_run(f, script);
    assert_int_equal(f->errors.len, 0);
    assert_int_equal(f->n_osc, n);
}

CASE(messages_go_to_each_host) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL forward \"10.0.0.1:7010\"; /ITL forward "
                   "\"osc://10.0.0.2\"");
    fixture_expect(f, "/ITL get forward", "/ITL forward \"10.0.0.1:7010\" \"osc://10.0.0.2\"\n");
    expect_sent(f, "/ITL/scene/a x 0.5", 2);
    expect_sent(f, "/ITL forward", 0); /* never itself; and it clears */
    expect_sent(f, "/ITL/scene/a x 0.25", 0);
}

CASE(scenes_forward_their_own) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/two new; /ITL/two/a set rect 1 1; /ITL/scene/a set rect 1 1; /ITL/two "
                   "forward \"10.0.0.1\"");
    expect_sent(f, "/ITL/scene/a x 0.5", 0);
    expect_sent(f, "/ITL/two/a x 0.5", 1);
    expect_sent(f, "/ITL/*/a x 0.75", 1);
}

CASE(accept_wins_over_reject) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL forward \"10.0.0.1\"; /ITL/filter reject x "
                   "\"/ITL/scene/b*\";"
                   "/ITL/filter accept \"/ITL/scene/b2\"");
    expect_sent(f, "/ITL/scene/a y 0.5; /ITL/scene/a x 0.5", 1);
    expect_sent(f, "/ITL/scene/b1 set rect 1 1; /ITL/scene/b2 set rect 1 1", 1);
    expect_sent(f, "/ITL/scene/b2 x 0.5", 1);
}

CASE(events_are_not_forwarded_and_senders_get_nothing_back) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a watch GO ( /ITL/scene/a x 0.5 );"
                   "/ITL forward \"10.0.0.1\"");
    expect_sent(f, "/ITL/scene/a event GO", 1);
    fixture_tasks(f, 3);
    assert_int_equal(f->n_osc, 1);
    struct message msg;
    struct score_result result;
    fixture_parse("/ITL/scene/a y 0.5", &msg);
    score_begin(f->score, "osc:10.0.0.1");
    score_process(f->score, &msg);
    score_end(f->score, &result);
    score_result_finish(&result);
    message_finish(&msg);
    assert_int_equal(f->n_osc, 1);
}

CASE(wrong_hosts_are_refused) {
    struct fixture *f = *state;
    fixture_expect_error(f, "/ITL forward \"http://10.0.0.1\"",
                         " forward: http://10.0.0.1: only osc:// is there;");
    fixture_expect_error(f, "/ITL forward \"10.0.0.255\"",
                         " forward: 10.0.0.255 is a broadcast address;");
    fixture_expect_error(f, "/ITL forward \"host:99999\"",
                         " incorrect parameters: /ITL forward host:99999;");
    fixture_expect(f, "/ITL get forward", "");
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_forward__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(messages_go_to_each_host), TEST(scenes_forward_their_own),
        TEST(accept_wins_over_reject),  TEST(events_are_not_forwarded_and_senders_get_nothing_back),
        TEST(wrong_hosts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
