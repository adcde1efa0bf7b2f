/* Waiting for versions, with an upstream that holds what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway-http/waits.h"

static struct frame *held;
static int n_woken;

struct frame *upstream_frame(struct upstream *upstream, const char *scene) {
    (void)upstream;
    return held != NULL && strcmp(scene, held->scene) == 0 ? frame_ref(held) : NULL;
}

static void hold(uint64_t epoch, uint64_t version) {
    frame_unref(held);
    held = frame_create("scene", 64, 64, 6);
    held->epoch = epoch;
    held->version = version;
}

static void on_wake(struct wait *wait) {
    (void)wait;
    n_woken++;
}

static struct wait wait_for(uint64_t epoch, uint64_t version) {
    return (struct wait){
        .scene = "scene", .epoch = epoch, .version = version, .deadline_us = 1000, .wake = on_wake};
}

static int set_up(void **state) {
    static struct waits waits;
    waits_init(&waits, NULL);
    n_woken = 0;
    hold(7, 10);
    *state = &waits;
    return 0;
}

static int tear_down(void **state) {
    waits_finish(*state);
    frame_unref(held);
    held = NULL;
    return 0;
}

static void test_waits__a_held_version_wakes_at_once(void **state) {
    struct wait same = wait_for(7, 10), any = wait_for(0, 3);
    waits_begin(*state, &same);
    waits_begin(*state, &any);
    assert_int_equal(n_woken, 2);
    assert_false(same.is_expired);
}

static void test_waits__a_newer_frame_wakes_who_waits_for_it(void **state) {
    struct wait next = wait_for(7, 11), later = wait_for(7, 13), other = wait_for(8, 1);
    waits_begin(*state, &next);
    waits_begin(*state, &later);
    waits_begin(*state, &other);
    assert_int_equal(n_woken, 0);
    hold(7, 12);
    waits_on_frame(*state, "violin", held);
    assert_int_equal(n_woken, 0);
    waits_on_frame(*state, "scene", held);
    assert_int_equal(n_woken, 1);
    waits_on_frame(*state, "scene", held);
    assert_int_equal(n_woken, 1);
    hold(8, 1);
    waits_on_frame(*state, "scene", held);
    assert_int_equal(n_woken, 2);
    waits_expire(*state, 1000);
    assert_int_equal(n_woken, 3);
    assert_true(later.is_expired);
    assert_false(next.is_expired);
}

static void test_waits__expire_only_after_their_time(void **state) {
    struct wait wait = wait_for(0, 99);
    waits_begin(*state, &wait);
    waits_expire(*state, 999);
    assert_int_equal(n_woken, 0);
    waits_expire(*state, 1000);
    assert_int_equal(n_woken, 1);
    assert_true(wait.is_expired);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_waits__a_held_version_wakes_at_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_waits__a_newer_frame_wakes_who_waits_for_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_waits__expire_only_after_their_time, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
