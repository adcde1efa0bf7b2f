/* Running dates on a clock of the test's own: score-language reference 10.1, 11.1. */
#include "tests/unit/score/score_fixture.h"

#define CASE(name) static void test_clocks__##name(void **state)

static void pass_ms(struct fixture *f, int64_t ms) {
    f->now_us += ms * 1000;
    struct score_result result;
    score_tick(f->score, &result);
    score_result_finish(&result);
}

CASE(sixty_quarters_a_minute) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a tempo 60.");
    pass_ms(f, 1000);
    fixture_expect(f, "/ITL/scene/a get date", "/ITL/scene/a date 1 4\n");
    for (int i = 0; i < 300; i++) {
        pass_ms(f, 10);
    }
    fixture_expect(f, "/ITL/scene/a get date", "/ITL/scene/a date 1 1\n");
    /* Read between two ticks: as late as now. */
    f->now_us += 2000 * 1000;
    fixture_expect(f, "/ITL/scene/a get date", "/ITL/scene/a date 3 2\n");
}

CASE(tempo_and_date_start_anew) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a tempo 60");
    pass_ms(f, 1000);
    fixture_run(f, "/ITL/scene/a tempo -120");
    pass_ms(f, 2000);
    fixture_expect(f, "/ITL/scene/a get date", "/ITL/scene/a date -3 4\n");
    fixture_run(f, "/ITL/scene/a date 1 3");
    pass_ms(f, 500);
    fixture_expect(f, "/ITL/scene/a get date", "/ITL/scene/a date 1 12\n");
    fixture_run(f, "/ITL/scene/a dtempo 120");
    pass_ms(f, 5000);
    fixture_expect(f, "/ITL/scene/a get date tempo",
                   "/ITL/scene/a date 1 12\n/ITL/scene/a tempo 0.0\n");
}

CASE(dates_that_nobody_sees_cost_no_ticks) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1; /ITL/scene/a tempo 60");
    assert_false(score_is_moving(f->score));
    fixture_run(f, "/ITL/scene/sync a b");
    assert_true(score_is_moving(f->score));
    fixture_run(f, "/ITL/scene/sync a; /ITL/scene/a watch timeEnter 1 2 ( /ITL/scene/b x 1 )");
    assert_true(score_is_moving(f->score));
    fixture_run(f, "/ITL/scene/a tempo 0");
    assert_false(score_is_moving(f->score));
    fixture_run(f, "/ITL/scene/a tempo 60; /ITL/scene/a del");
    assert_false(score_is_moving(f->score));
}

CASE(an_interval_that_a_step_jumps_over_fires_once) {
    struct fixture *f = *state;
    fixture_run(
        f,
        "/ITL/scene/a set rect 1 1; /ITL/scene/n set rect 1 1; /ITL/scene/n x 0; /ITL/scene/n y 0;"
        "/ITL/scene/a watch timeEnter \"1/4\" \"1/2\" ( /ITL/scene/n dx 0.25 );"
        "/ITL/scene/a watch timeLeave \"1/4\" \"1/2\" ( /ITL/scene/n dy 0.25 );"
        "/ITL/scene/a tempo 60");
    pass_ms(f, 10000); /* 5/2: over all of it */
    fixture_tasks(f, 5);
    fixture_expect(f, "/ITL/scene/n get x y", "/ITL/scene/n x 0.25\n/ITL/scene/n y 0.25\n");
    pass_ms(f, 10);
    fixture_tasks(f, 5);
    fixture_run(f, "/ITL/scene/a tempo -60");
    for (int i = 0; i < 1000; i++) { /* back, step by step: once more each */
        pass_ms(f, 10);
        fixture_tasks(f, 5);
    }
    fixture_expect(f, "/ITL/scene/n get x y", "/ITL/scene/n x 0.5\n/ITL/scene/n y 0.5\n");
}

CASE(the_end_of_time_is_no_wrap) {
    struct fixture *f = *state;
    fixture_run(
        f,
        "/ITL/scene/a set rect 1 1; /ITL/scene/a date 2147483000 1; /ITL/scene/a tempo 1000000.");
    pass_ms(f, 3600 * 1000);
    fixture_expect(f, "/ITL/scene/a get date", "/ITL/scene/a date 2147483000 1\n");
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_clocks__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sixty_quarters_a_minute),
        TEST(tempo_and_date_start_anew),
        TEST(dates_that_nobody_sees_cost_no_ticks),
        TEST(an_interval_that_a_step_jumps_over_fires_once),
        TEST(the_end_of_time_is_no_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
