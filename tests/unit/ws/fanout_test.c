/* When clients are told of a version, and what a view makes of frames. The
 * connections are stand-ins: they count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway-ws/fanout.h"
#include "gateway-ws/senders.h"
#include "gateway-ws/view.h"
#include "gateway-ws/ws_connection.h"
#include "tests/unit/ws/fake_frame.h"

enum { PERIOD_US = 50000, START_US = 1000000 };

struct ws_connection {
    struct fanout *fanout;
    uint32_t fanout_i;
    unsigned n_told;
    char notice[96];
};

void ws_connection_set_fanout(struct ws_connection *connection, struct fanout *fanout,
                              uint32_t fanout_i) {
    connection->fanout = fanout;
    connection->fanout_i = fanout_i;
}

uint32_t ws_connection_fanout_i(const struct ws_connection *connection) {
    return connection->fanout_i;
}

void ws_connection_tell(struct ws_connection *connection) {
    size_t size_bytes;
    const uint8_t *frame = fanout_notice(connection->fanout, &size_bytes);
    connection->n_told++;
    assert_int_equal(frame[0], 0x81); /* final text frame, unmasked */
    assert_int_equal(frame[1], size_bytes - 2);
    memcpy(connection->notice, frame + 2, size_bytes - 2);
    connection->notice[size_bytes - 2] = '\0';
}

/* Notices straight to sockets are senders_test.c's and the wire tests' part: these clients are
 * told. */
bool ws_connection_prepare(struct ws_connection *connection, struct send_job *job) {
    (void)job;
    ws_connection_tell(connection);
    return false;
}

void ws_connection_told(struct ws_connection *connection, int result) {
    (void)connection;
    (void)result;
    fail();
}

struct stage {
    struct senders *senders;
    struct views *views;
    struct view *view;
    struct fanout *fanout;
    struct ws_connection clients[3];
};

static int set_up(void **state) {
    struct stage *stage = calloc(1, sizeof *stage);
    stage->senders = senders_create(false);
    stage->views = views_create();
    stage->view = views_enter(stage->views, "scene", true);
    stage->fanout = fanout_create(stage->view, stage->senders, PERIOD_US);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fanout_add(stage->fanout, &stage->clients[i]), 0);
    }
    *state = stage;
    return 0;
}

static int tear_down(void **state) {
    struct stage *stage = *state;
    while (fanout_n_members(stage->fanout) > 0) {
        fanout_remove(stage->fanout, fanout_member(stage->fanout, 0));
    }
    fanout_destroy(stage->fanout);
    views_leave(stage->views, stage->view);
    views_destroy(stage->views);
    senders_destroy(stage->senders);
    free(stage);
    return 0;
}

static bool show(struct stage *stage, uint64_t epoch, uint64_t version) {
    struct frame *frame = fake_frame("scene", epoch, version, 100);
    bool is_news = view_adopt(stage->view, frame);
    frame_unref(frame);
    return is_news;
}

static void test_fanout__the_first_change_after_quiet_is_told_at_once(void **state) {
    struct stage *stage = *state;
    assert_int_equal(fanout_update(stage->fanout, START_US), INT64_MAX);
    show(stage, 1, 5);
    assert_int_equal(fanout_update(stage->fanout, START_US), INT64_MAX);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stage->clients[i].n_told, 1);
        assert_string_equal(stage->clients[i].notice, "{\"notification\":true,\"version\":5}");
    }
}

static void test_fanout__then_once_per_period_and_the_newest_only(void **state) {
    struct stage *stage = *state;
    show(stage, 1, 5);
    fanout_update(stage->fanout, START_US);
    for (uint64_t version = 6; version < 9; version++) {
        show(stage, 1, version);
        assert_int_equal(fanout_update(stage->fanout, START_US + 1000), START_US + PERIOD_US);
    }
    assert_int_equal(stage->clients[0].n_told, 1);
    assert_int_equal(fanout_update(stage->fanout, START_US + PERIOD_US), INT64_MAX);
    assert_int_equal(stage->clients[0].n_told, 2);
    assert_string_equal(stage->clients[0].notice, "{\"notification\":true,\"version\":8}");
    assert_int_equal(fanout_update(stage->fanout, START_US + 10 * PERIOD_US), INT64_MAX);
    assert_int_equal(stage->clients[0].n_told, 2);
}

static void test_fanout__what_was_there_before_is_no_news(void **state) {
    struct stage *stage = *state;
    show(stage, 1, 5);
    struct fanout *late = fanout_create(stage->view, stage->senders, PERIOD_US);
    assert_int_equal(fanout_update(late, START_US), INT64_MAX);
    fanout_destroy(late);
}

static void test_fanout__a_new_epoch_is_news_also_with_the_same_version(void **state) {
    struct stage *stage = *state;
    show(stage, 1, 5);
    fanout_update(stage->fanout, START_US);
    show(stage, 2, 5);
    fanout_update(stage->fanout, START_US + PERIOD_US);
    assert_int_equal(stage->clients[0].n_told, 2);
}

static void test_fanout__a_member_that_left_is_not_told(void **state) {
    struct stage *stage = *state;
    fanout_remove(stage->fanout, &stage->clients[0]);
    show(stage, 1, 5);
    fanout_update(stage->fanout, START_US);
    assert_int_equal(stage->clients[0].n_told, 0);
    assert_int_equal(stage->clients[1].n_told, 1);
    assert_int_equal(stage->clients[2].n_told, 1);
    assert_null(stage->clients[0].fanout);
}

static void test_view__never_goes_back(void **state) {
    struct stage *stage = *state;
    assert_true(show(stage, 1, 5));
    assert_false(show(stage, 1, 4));
    assert_int_equal(view_frame(stage->view)->version, 5);
    assert_false(show(stage, 1, 5)); /* the dense form of the same version */
    assert_true(show(stage, 2, 3));
}

static struct view_held held_for(uint64_t epoch, uint64_t version) {
    return (struct view_held){.id = {7, 3},
                              .epoch = epoch,
                              .version = version,
                              .deadline_us = START_US,
                              .cookie = strdup("late"),
                              .drop = free};
}

static void test_view__what_is_held_waits_for_its_version(void **state) {
    struct stage *stage = *state;
    struct view_held held = held_for(1, 6), out;
    show(stage, 1, 5);
    assert_int_equal(view_hold(stage->view, &held), 0);
    assert_int_equal(view_deadline_us(stage->view), START_US);
    assert_false(view_release(stage->view, START_US - 1, &out));
    show(stage, 1, 7);
    assert_true(view_release(stage->view, START_US - 1, &out));
    assert_string_equal(out.cookie, "late");
    assert_int_equal(out.id.slot, 7);
    assert_int_equal(out.id.life, 3);
    out.drop(out.cookie);
    assert_int_equal(view_deadline_us(stage->view), INT64_MAX);
}

static void test_view__what_is_held_waits_no_longer_than_its_deadline(void **state) {
    struct stage *stage = *state;
    struct view_held held = held_for(1, 6), out;
    assert_int_equal(view_hold(stage->view, &held), 0);
    assert_true(view_release(stage->view, START_US, &out));
    out.drop(out.cookie);
}

static void test_view__who_waits_for_any_picture_gets_the_first(void **state) {
    struct stage *stage = *state;
    struct view_held held = held_for(0, 1), out;
    assert_int_equal(view_hold(stage->view, &held), 0);
    assert_false(view_release(stage->view, START_US - 1, &out));
    show(stage, 9, 4);
    assert_true(view_release(stage->view, START_US - 1, &out));
    out.drop(out.cookie);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fanout__the_first_change_after_quiet_is_told_at_once,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fanout__then_once_per_period_and_the_newest_only,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fanout__what_was_there_before_is_no_news, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_fanout__a_new_epoch_is_news_also_with_the_same_version,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fanout__a_member_that_left_is_not_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_view__never_goes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_view__what_is_held_waits_for_its_version, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_view__what_is_held_waits_no_longer_than_its_deadline,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_view__who_waits_for_any_picture_gets_the_first, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
