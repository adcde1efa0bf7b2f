/* The age of another process by our own clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/broker/peer_clock.h"

#define MS 1000
#define S  1000000

static void test_peer_clock__knows_nothing_at_first(void **state) {
    (void)state;
    struct peer_clock clock = {0};
    assert_int_equal(peer_clock_uptime_ms(&clock, 500 * INT64_C(1000) * S), 0);
}

static void test_peer_clock__goes_on_from_what_was_heard(void **state) {
    (void)state;
    struct peer_clock clock = {0};
    peer_clock_hear(&clock, 7, 61000, 500 * S);
    assert_int_equal(peer_clock_uptime_ms(&clock, 500 * S), 61000);
    assert_int_equal(peer_clock_uptime_ms(&clock, 505 * S), 66000);
    assert_int_equal(peer_clock_uptime_ms(&clock, 430 * S), 0); /* before it began */
}

static void test_peer_clock__is_never_ahead_of_the_peer(void **state) {
    (void)state;
    struct peer_clock clock = {0};
    peer_clock_hear(&clock, 7, 1000, 100 * S + 300 * MS); /* was 300 ms on its way */
    assert_int_equal(peer_clock_uptime_ms(&clock, 102 * S), 2700);
    peer_clock_hear(&clock, 7, 2000, 101 * S); /* none: better */
    assert_int_equal(peer_clock_uptime_ms(&clock, 102 * S), 3000);
    peer_clock_hear(&clock, 7, 3000, 102 * S + 900 * MS); /* late: the better one counts */
    assert_in_range(peer_clock_uptime_ms(&clock, 103 * S), 3999, 4000);
}

static void test_peer_clock__forgets_as_clocks_run_apart(void **state) {
    (void)state;
    struct peer_clock clock = {0};
    for (int64_t s = 0; s <= 100000; s++) { /* ours gains 50 us a second */
        peer_clock_hear(&clock, 7, (uint64_t)s * 1000, s * (S + 50));
        assert_in_range(peer_clock_uptime_ms(&clock, s * (S + 50)), s > 0 ? s * 1000 - 1 : 0,
                        s * 1000);
    }
}

static void test_peer_clock__another_process_begins_anew(void **state) {
    (void)state;
    struct peer_clock clock = {0};
    peer_clock_hear(&clock, 7, 900000, 100 * S);
    peer_clock_hear(&clock, 8, 2000, 101 * S);
    assert_int_equal(clock.peer_id, 8);
    assert_int_equal(peer_clock_uptime_ms(&clock, 101 * S), 2000);
}

static void test_peer_clock__takes_any_number(void **state) {
    (void)state;
    struct peer_clock clock = {0};
    peer_clock_hear(&clock, 7, UINT64_MAX, 100 * S);
    peer_clock_hear(&clock, 7, INT64_MAX, 101 * S);
    peer_clock_hear(&clock, 7, 0, 102 * S);
    (void)peer_clock_uptime_ms(&clock, 103 * S);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peer_clock__knows_nothing_at_first),
        cmocka_unit_test(test_peer_clock__goes_on_from_what_was_heard),
        cmocka_unit_test(test_peer_clock__is_never_ahead_of_the_peer),
        cmocka_unit_test(test_peer_clock__forgets_as_clocks_run_apart),
        cmocka_unit_test(test_peer_clock__another_process_begins_anew),
        cmocka_unit_test(test_peer_clock__takes_any_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
