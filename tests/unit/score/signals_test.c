/* Signals and connections: score-language reference 12, expected replies of reference
 * picture 32. */
#include "tests/unit/score/score_fixture.h"

#include <string.h>

#include "renderer/score/signals/signal.h"

#define CASE(name) static void test_signals__##name(void **state)

CASE(ring_buffers_keep_the_newest) {
    struct fixture *f = *state;
    fixture_run(f,
                "/ITL/scene/signal/y size 12; /ITL/scene/signal/y -0.8 -0.3 0.2 0.7 0.9 0.6 0. -0.5"
                " -0.9 -0.4 0.1 0.5");
    assert_int_equal(f->errors.len, 0);
    fixture_expect(f, "/ITL/scene/signal/y 0.0 0.0 0.0 0.0; /ITL/scene/signal/y get",
                   "/ITL/scene/signal/y 0.9 0.6 0.0 -0.5 -0.9 -0.4 0.1 0.5 0.0 0.0 0.0 0.0\n");
    fixture_expect(f, "/ITL/scene/signal/y size 3; /ITL/scene/signal/y get",
                   "/ITL/scene/signal/y 0.0 0.0 0.0\n");
    fixture_expect(f,
                   "/ITL/scene/signal/v 1 2; /ITL/scene/signal/v 3; /ITL/scene/signal/v get size",
                   "/ITL/scene/signal/v size 2\n");
    fixture_expect(f, "/ITL/scene/signal/v get", "/ITL/scene/signal/v 2.0 3.0\n");
}

CASE(parallel_signals_are_dealt_to) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/signal/y size 12; /ITL/scene/signal/t size 2; /ITL/scene/signal/sig "
                   "set y t 0.2 1.");
    fixture_expect(f, "/ITL/scene/signal/sig get", "/ITL/scene/signal/sig set y t 0.2 1.0\n");
    fixture_expect(f, "/ITL/scene/signal/sig get size dimension default",
                   "/ITL/scene/signal/sig size 12\n/ITL/scene/signal/sig dimension 4\n"
                   "/ITL/scene/signal/sig default 0.0 0.0 0.2 1.0\n");
    fixture_expect(f, "/ITL/scene/signal/sig 0.5 0.6 9 9 0.7 0.8; /ITL/scene/signal/t get",
                   "/ITL/scene/signal/t 0.6 0.8\n");
    fixture_expect(f, "/ITL/scene/signal/sig \"[1]\" 0.1 0.2; /ITL/scene/signal/t get",
                   "/ITL/scene/signal/t 0.1 0.2\n");
    const struct object *sig = signal_find(score_find(f->score, "/ITL/scene"), "sig");
    assert_true(signal_value(sig, 0, 11) > 0.69f && signal_value(sig, 2, 0) > 0.19f);
    assert_true(signal_value(sig, 1, 11) == 0.0f); /* shorter: the default */
}

CASE(bad_input_changes_nothing) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/signal/y 1. 2.");
    fixture_expect_error(f, "/ITL/scene/signal/y 1. word",
                         " incorrect parameters: /ITL/scene/signal/y 1 word;");
    fixture_expect_error(f, "/ITL/scene/signal/y size -1",
                         " incorrect parameters: /ITL/scene/signal/y size -1;");
    fixture_expect_error(f, "/ITL/scene/signal/y size 2000000000",
                         " y: too many samples (limit 1000000);");
    fixture_expect_error(f, "/ITL/scene/signal/p set y nothing",
                         " incorrect parameters: /ITL/scene/signal/p set y nothing;");
    fixture_expect_error(f, "/ITL/scene/signal/y \"[0]\" 1",
                         " incorrect parameters: /ITL/scene/signal/y [0] 1;");
    fixture_expect(f, "/ITL/scene/signal/y get", "/ITL/scene/signal/y 1.0 2.0\n");
    fixture_expect(f, "/ITL/scene/signal/* del; /ITL/scene/signal get", "");
}

CASE(connections_drive_attributes) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/signal/y size 4; /ITL/scene/g set rect 1 1");
    fixture_expect(f, "/ITL/scene/signal connect y \"g:scale[0.5,1.5]\"; /ITL/scene/g get scale",
                   "/ITL/scene/g scale 1.0\n");
    fixture_run(f, "/ITL/scene/signal/y 0.5");
    fixture_expect(f, "/ITL/scene/g get scale", "/ITL/scene/g scale 1.25\n");
    fixture_expect(f, "/ITL/scene/signal get connect",
                   "/ITL/scene/signal connect y \"g:scale[0.5,1.5]\"\n");
    fixture_run(
        f, "/ITL/scene/signal connect y \"g:red[0,255]:date[0 1,2 1]:x\"; /ITL/scene/signal/y 0.5");
    fixture_expect(f, "/ITL/scene/g get red date x",
                   "/ITL/scene/g red 191\n/ITL/scene/g date 3 2\n/ITL/scene/g x 0.5\n");
    fixture_run(
        f,
        "/ITL/scene/signal/z size 1; /ITL/scene/signal connect z \"g:x\"; /ITL/scene/signal/y 0.");
    fixture_expect(f, "/ITL/scene/g get x", "/ITL/scene/g x 0.5\n"); /* another signal has it now */
    fixture_run(f, "/ITL/scene/signal disconnect y g; /ITL/scene/signal/y 1.");
    fixture_expect(f, "/ITL/scene/g get scale", "/ITL/scene/g scale 1.0\n");
    fixture_expect_error(f, "/ITL/scene/signal connect y \"g:nothing[0,1]\"",
                         " incorrect parameters: /ITL/scene/signal connect y g:nothing[0,1];");
    fixture_expect_error(f, "/ITL/scene/signal connect none \"g:x\"",
                         " incorrect parameters: /ITL/scene/signal connect none g:x;");
}

CASE(are_saved_and_reset_with_their_scene) {
    struct fixture *f = *state;
    fixture_run(
        f, "/ITL/scene/signal/y 0.25 0.5; /ITL/scene/signal/p set y 0.1; /ITL/scene/g set rect 1 1;"
           "/ITL/scene/signal connect y \"g:x\"; /ITL/scene save f.inscore");
    assert_non_null(strstr(f->written.data, "/ITL/scene/signal/y 0.25 0.5;"));
    assert_non_null(strstr(f->written.data, "/ITL/scene/signal/p set y 0.1;"));
    assert_non_null(strstr(f->written.data, "/ITL/scene/signal connect y \"g:x\";"));
    fixture_expect(f, "/ITL/scene reset; /ITL/scene/signal get; /ITL/scene/signal get connect", "");
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_signals__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(ring_buffers_keep_the_newest),
        TEST(parallel_signals_are_dealt_to),
        TEST(bad_input_changes_nothing),
        TEST(connections_drive_attributes),
        TEST(are_saved_and_reset_with_their_scene),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
