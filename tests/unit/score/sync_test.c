/* Maps and synchronisation by messages: score-language reference 10.2, 10.3; expected replies
 * of reference pictures 28 to 31. */
#include "tests/unit/score/score_fixture.h"

#include <string.h>

#include "renderer/score/maps/object_maps.h"
#include "renderer/score/sync/relations.h"

#define CASE(name) static void test_sync__##name(void **state)

CASE(relations_are_listed_as_they_were_made) {
    struct fixture *f = *state;
    fixture_run(
        f,
        "/ITL/scene/m set rect 1.6 0.4; /ITL/scene/over set rect 1 1; /ITL/scene/top set rect 1 1;"
        "/ITL/scene/bot set rect 1 1");
    fixture_expect(f,
                   "/ITL/scene/sync over m; /ITL/scene/sync top m syncTop;"
                   "/ITL/scene/sync bot m syncBottom hv; /ITL/scene/sync get",
                   "/ITL/scene/sync over m\n/ITL/scene/sync top m syncTop\n"
                   "/ITL/scene/sync bot m hv syncBottom\n");
    fixture_expect(f, "/ITL/scene/sync top m absolute; /ITL/scene/sync get top",
                   "/ITL/scene/sync top m absolute\n");
    fixture_expect(f, "/ITL/scene/sync top m del; /ITL/scene/sync over; /ITL/scene/sync get",
                   "/ITL/scene/sync bot m hv syncBottom\n");
}

CASE(loops_and_unknown_names_are_refused) {
    struct fixture *f = *state;
    fixture_run(f,
                "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1; /ITL/scene/c set rect 1 1;"
                "/ITL/scene/sync a b; /ITL/scene/sync b c");
    assert_int_equal(f->errors.len, 0);
    fixture_expect_error(f, "/ITL/scene/sync c a", " sync loop detected for object c;");
    fixture_expect_error(f, "/ITL/scene/sync a a", " sync loop detected for object a;");
    fixture_expect_error(f, "/ITL/scene/sync a nothing",
                         " incorrect parameters: /ITL/scene/sync a nothing;");
    fixture_expect_error(f, "/ITL/scene/sync x a", " incorrect parameters: /ITL/scene/sync x a;");
    fixture_expect_error(f, "/ITL/scene/sync a c sideways",
                         " incorrect parameters: /ITL/scene/sync a c sideways;");
    fixture_expect(f, "/ITL/scene/sync get", "/ITL/scene/sync a b\n/ITL/scene/sync b c\n");
}

CASE(patterns_relate_several) {
    struct fixture *f = *state;
    fixture_run(
        f, "/ITL/scene/m set rect 1 1; /ITL/scene/c1 set rect 1 1; /ITL/scene/c2 set rect 1 1");
    fixture_expect(f, "/ITL/scene/sync c* m h; /ITL/scene/sync get",
                   "/ITL/scene/sync c1 m h\n/ITL/scene/sync c2 m h\n");
    fixture_expect(f, "/ITL/scene/sync * m del; /ITL/scene/sync get", "");
}

CASE(relations_go_with_their_objects_and_stay_over_a_new_type) {
    struct fixture *f = *state;
    fixture_run(f,
                "/ITL/scene/m set rect 1 1; /ITL/scene/c set rect 1 1; /ITL/scene/d set rect 1 1;"
                "/ITL/scene/sync c m; /ITL/scene/sync d c");
    fixture_expect(f, "/ITL/scene/c set txt hello; /ITL/scene/sync get",
                   "/ITL/scene/sync c m\n/ITL/scene/sync d c\n");
    fixture_expect(f, "/ITL/scene/c del; /ITL/scene/sync get", "");
    struct object *m = score_find(f->score, "/ITL/scene/m");
    assert_int_equal(m->n_slaves, 0);
    size_t at = 0;
    assert_null(sync_next_as_master(m, &at));
}

CASE(maps_are_set_added_named_and_forgotten) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/m set rect 1 1; /ITL/scene/m duration 4 1");
    fixture_expect(f, "/ITL/scene/m get map", "");
    const struct object *m = score_find(f->score, "/ITL/scene/m");
    const struct segments *map = object_map_find(m, NULL);
    assert_int_equal(map->n_items, 1); /* the default: all of it */
    assert_int_equal(map->items[0].end.num, 4);
    fixture_run(f, "/ITL/scene/m map \"([-1.,0.[[-1.,1.[)([0/1,3/1[)\";"
                   "/ITL/scene/m map+ \"([0.,1.[[-1.,0.[)([3/1,4/1[)\";"
                   "/ITL/scene/m map half \"([-1.,0.[[-1.,1.[)([0/1,1/1[)\"");
    assert_int_equal(f->errors.len, 0);
    assert_int_equal(object_map_find(m, "")->n_items, 2);
    assert_int_equal(object_map_find(m, "half")->n_items, 1);
    assert_null(object_map_find(m, "third"));
    fixture_expect(f, "/ITL/scene/m map del; /ITL/scene/m get map",
                   "/ITL/scene/m map half \"( [-1.0, 0.0[ [-1.0, 1.0[ ) ( [0/1, 1/1[ ) \n\"\n");
    fixture_run(f, "/ITL/scene/m map half del; /ITL/scene/m duration 2 1");
    map = object_map_find(m, "");
    assert_int_equal(map->items[0].end.num, 2); /* follows the duration */
}

CASE(map_errors_say_what_was_expected) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/m set rect 1 1; /ITL/scene/m map \"([-1.,0.[[-1.,1.[)([0/1,3/1[)\"");
    fixture_expect_error(f, "/ITL/scene/m map \"([-1,0[[-1,1[)([0/1,3/1[)\"",
                         " mapping parse error line 1 : a number with a decimal point expected;"
                         " incorrect parameters: /ITL/scene/m map ([-1,0[[-1,1[)([0/1,3/1[);");
    fixture_expect_error(f, "/ITL/scene/m map 12", " incorrect parameters: /ITL/scene/m map 12;");
    fixture_expect_error(f, "/ITL/scene/m mapf missing.map", " can't open file : missing.map;");
    assert_int_equal(object_map_find(score_find(f->score, "/ITL/scene/m"), "")->n_items, 1);
    f->files[0][0] = "one.map";
    f->files[0][1] = "([-1.,0.[[-1.,1.[)([0/1,3/1[)";
    fixture_expect_error(f, "/ITL/scene/m mapf one one.map", "");
    assert_non_null(object_map_find(score_find(f->score, "/ITL/scene/m"), "one"));
}

CASE(named_maps_of_a_relation_must_be_there) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/m set rect 1 1; /ITL/scene/c set rect 1 1;"
                   "/ITL/scene/m map lines \"([-1.,0.[[-1.,1.[)([0/1,3/1[)\"");
    fixture_expect_error(f, "/ITL/scene/sync c \"m:none\"",
                         " incorrect parameters: /ITL/scene/sync c m:none;");
    fixture_expect(f, "/ITL/scene/sync c \"m:lines\"; /ITL/scene/sync get",
                   "/ITL/scene/sync c \"m:lines\"\n");
}

CASE(pointer_dates_come_from_maps) {
    struct fixture *f = *state;
    fixture_run(f,
                "/ITL/scene/m set rect 1 1; /ITL/scene/m duration 2 1; /ITL/scene/t set rect 1 1;"
                "/ITL/scene/m watch mouseDown ( /ITL/scene/t date \"$date\" );"
                "/ITL/scene/m event mouseDown 100 100");
    fixture_tasks(f, 3);
    fixture_expect(f, "/ITL/scene/t get date",
                   "/ITL/scene/t date 1 2\n"); /* a quarter of 400 units */
    fixture_run(f, "/ITL/scene/m map \"([-1.,0.[[-1.,1.[)([0/1,3/1[)\";"
                   "/ITL/scene/m map slow \"([-1.,1.[[-1.,1.[)([0/1,8/1[)\";"
                   "/ITL/scene/m event mouseDown 100 100");
    fixture_tasks(f, 3);
    fixture_expect(f, "/ITL/scene/t get date", "/ITL/scene/t date 3 2\n");
    fixture_run(f, "/ITL/scene/m event mouseDown 300 100"); /* in no segment: dropped */
    fixture_tasks(f, 3);
    fixture_expect(f, "/ITL/scene/t get date", "/ITL/scene/t date 3 2\n");
    fixture_run(f, "/ITL/scene/m watch mouseDown ( /ITL/scene/t date \"$date:slow\" );"
                   "/ITL/scene/m event mouseDown 300 100");
    fixture_tasks(f, 3);
    fixture_expect(f, "/ITL/scene/t get date", "/ITL/scene/t date 6 1\n");
}

CASE(everything_is_saved) {
    struct fixture *f = *state;
    fixture_run(
        f, "/ITL/scene/m set rect 1 1; /ITL/scene/m map \"([-1.,0.[[-1.,1.[)([0/1,3/1[)\";"
           "/ITL/scene/c set rect 1 1; /ITL/scene/sync c m syncTop h; /ITL/scene save f.inscore");
    assert_non_null(strstr(f->written.data, "/ITL/scene/m map \"( [-1.0, 0.0["));
    const char *sync = strstr(f->written.data, "/ITL/scene/sync c m h syncTop;");
    assert_non_null(sync);
    assert_true(sync > strstr(f->written.data, "/ITL/scene/c set"));
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_sync__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(relations_are_listed_as_they_were_made),
        TEST(loops_and_unknown_names_are_refused),
        TEST(patterns_relate_several),
        TEST(relations_go_with_their_objects_and_stay_over_a_new_type),
        TEST(maps_are_set_added_named_and_forgotten),
        TEST(map_errors_say_what_was_expected),
        TEST(named_maps_of_a_relation_must_be_there),
        TEST(pointer_dates_come_from_maps),
        TEST(everything_is_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
