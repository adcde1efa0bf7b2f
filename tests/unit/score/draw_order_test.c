/* The shelves of a scene: order, and which of them a change touches. */
#include <stdio.h>
#include <stdlib.h>

#include "renderer/score/draw_order.h"
#include "tests/unit/score/score_fixture.h"

#define CASE(name) static void test_draw_order__##name(void **state)

static struct object *scene_of(const struct fixture *f) {
    return score_find(f->score, "/ITL/scene");
}

static struct object *object_of(const struct fixture *f, int i) {
    char address[40];
    snprintf(address, sizeof address, "/ITL/scene/o%d", i);
    struct object *object = score_find(f->score, address);
    assert_non_null(object);
    return object;
}

static void make_objects(struct fixture *f, int n) {
    for (int i = 0; i < n; i++) {
        char line[60];
        snprintf(line, sizeof line, "/ITL/scene/o%d set rect 0.1 0.1", i);
        fixture_run(f, line);
    }
}

/* The shelves hold what sorting gives, none is empty, and each object knows its own. */
static void expect_sorted(const struct fixture *f) {
    struct object **sorted;
    size_t n = object_children_by_z(scene_of(f), &sorted), at = 0;
    const struct draw_order *order = draw_order_of(scene_of(f));
    for (size_t i = 0; i < order->n_shelves; i++) {
        const struct shelf *shelf = order->shelves[i];
        assert_in_range(shelf->n_objects, 1, SHELF_OBJECTS_MAX);
        for (size_t j = 0; j < shelf->n_objects; j++, at++) {
            assert_true(at < n);
            assert_ptr_equal(shelf->places[j].object, sorted[at]);
            assert_ptr_equal(sorted[at]->shelf, shelf);
        }
    }
    assert_int_equal(at, n);
    free(sorted);
}

CASE(new_objects_fill_shelves) {
    struct fixture *f = *state;
    make_objects(f, 3 * SHELF_OBJECTS_MAX);
    assert_int_equal(draw_order_of(scene_of(f))->n_shelves, 3);
    expect_sorted(f);
}

CASE(follows_z_and_deletion) {
    struct fixture *f = *state;
    srand(7);
    make_objects(f, 400);
    for (int step = 0; step < 600; step++) {
        char line[60];
        int i = rand() % 400;
        if (step % 5 == 4) {
            snprintf(line, sizeof line, "/ITL/scene/o%d del; /ITL/scene/o%d set rect 1 1", i, i);
        } else {
            snprintf(line, sizeof line, "/ITL/scene/o%d z %d.", i, rand() % 7 - 3);
        }
        fixture_run(f, line);
        if (step % 3 == 0) {
            expect_sorted(f);
        }
    }
    expect_sorted(f);
    fixture_run(f, "/ITL/scene/* del");
    assert_int_equal(draw_order_of(scene_of(f))->n_shelves, 0);
}

CASE(a_change_touches_its_own_shelf_only) {
    struct fixture *f = *state;
    make_objects(f, 3 * SHELF_OBJECTS_MAX);
    const struct draw_order *order = draw_order_of(scene_of(f));
    uint64_t before[3];
    for (int i = 0; i < 3; i++) {
        before[i] = order->shelves[i]->revision;
    }
    fixture_run(f, "/ITL/scene/o70 x 0.5; /ITL/scene/o71/child set rect 1 1");
    order = draw_order_of(scene_of(f));
    assert_int_equal(order->shelves[0]->revision, before[0]);
    assert_int_not_equal(order->shelves[1]->revision, before[1]);
    assert_int_equal(order->shelves[2]->revision, before[2]);
    before[1] = order->shelves[1]->revision;
    fixture_run(f, "/ITL/scene/o71/child scale 0.5"); /* what it owns counts */
    assert_int_not_equal(order->shelves[1]->revision, before[1]);
    before[1] = order->shelves[1]->revision;
    fixture_run(f, "/ITL/scene/o71 scale 1.; /ITL/scene/o71 get"); /* as it was */
    assert_int_equal(order->shelves[1]->revision, before[1]);
}

CASE(masters_are_touched_with_their_slaves) {
    struct fixture *f = *state;
    make_objects(f, 3 * SHELF_OBJECTS_MAX);
    /* 180 draws 100, which draws 10: three shelves */
    fixture_run(f, "/ITL/scene/sync o10 o100; /ITL/scene/sync o100 o180");
    uint64_t slave = object_of(f, 10)->shelf->revision;
    uint64_t between = object_of(f, 100)->shelf->revision;
    uint64_t master = object_of(f, 180)->shelf->revision;
    fixture_run(f, "/ITL/scene/o10 scale 0.25");
    assert_int_not_equal(object_of(f, 180)->shelf->revision, master);
    assert_int_not_equal(object_of(f, 100)->shelf->revision, between);
    assert_int_not_equal(object_of(f, 10)->shelf->revision, slave);
    slave = object_of(f, 10)->shelf->revision;
    fixture_run(f, "/ITL/scene/o180 x 0.25");
    assert_int_equal(object_of(f, 10)->shelf->revision, slave);
    fixture_run(f, "/ITL/scene/o100 del"); /* on its own again */
    assert_int_not_equal(object_of(f, 10)->shelf->revision, slave);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define ROW(name)                                                                                  \
    cmocka_unit_test_setup_teardown(test_draw_order__##name, fixture_setup, fixture_teardown)
        ROW(new_objects_fill_shelves),
        ROW(follows_z_and_deletion),
        ROW(a_change_touches_its_own_shelf_only),
        ROW(masters_are_touched_with_their_slaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
