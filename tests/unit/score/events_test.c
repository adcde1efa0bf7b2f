/* Events (section 11): watching, firing one task later, variables. */
#include "score_fixture.h"

#include <string.h>

#define CASE(name) static void test_events__##name(void **state)

static const char SCRIPT_34[] =
    "/ITL/scene/a set rect 0.4 0.4; /ITL/scene/a x -0.5;"
    "/ITL/scene/b set ellipse 0.4 0.4; /ITL/scene/b x 0.5;"
    "/ITL/scene/t set txt waiting; /ITL/scene/t y 0.6;"
    "/ITL/scene/a watch GO ( /ITL/scene/a color \"$1\" \"$2\" \"$3\", /ITL/scene/b event NEXT,"
    " /ITL/scene/t set txt \"go from $name\" );"
    "/ITL/scene/b watch NEXT ( /ITL/scene/b scale 2., /ITL/scene/b push,"
    " /ITL/scene/b watch NEXT ( /ITL/scene/b scale 1., /ITL/scene/b pop ) );"
    "/ITL/scene/a watch mouseDown ( /ITL/scene/t set txt at \"$x[0,100]\" \"$y[0,100]\" \"$sx\""
    " \"$sy\" );"
    "/ITL/scene/a watch timeEnter 1 2 ( /ITL/scene/t set txt entered \"$date\" )";

CASE(script_34_get_watch_is_flat) {
    struct fixture *f = *state;
    fixture_run(f, SCRIPT_34);
    assert_string_equal(f->errors.data, "");
    fixture_expect(
        f, "/ITL/scene/a get watch",
        "/ITL/scene/a watch mouseDown \"(\" \"/ITL/scene/t\" set txt at \"$x[0,100]\" "
        "\"$y[0,100]\" \"$sx\" \"$sy\" \")\"\n"
        "/ITL/scene/a watch GO \"(\" \"/ITL/scene/a\" color \"$1\" \"$2\" \"$3\" \":\" "
        "\"/ITL/scene/b\" event NEXT \":\" \"/ITL/scene/t\" set txt \"go from $name\" \")\"\n"
        "/ITL/scene/a watch timeEnter 1 1 2 1 \"(\" \"/ITL/scene/t\" set txt entered \"$date\" "
        "\")\"\n");
}

CASE(script_34_user_events_chain) {
    struct fixture *f = *state;
    fixture_run(f, SCRIPT_34);
    fixture_run(f, "/ITL/scene/a event GO 200 40 40");
    assert_true(score_has_queued(f->score)); /* one task later */
    fixture_expect(f, "/ITL/scene/a get color", "/ITL/scene/a color 0 0 0 255\n");
    assert_int_equal(fixture_tasks(f, 10), 2);
    fixture_expect(f, "/ITL/scene/a get color; /ITL/scene/b get scale; /ITL/scene/t get",
                   "/ITL/scene/a color 200 40 40 255\n/ITL/scene/b scale 2.0\n"
                   "/ITL/scene/t set txt \"go from a\"\n");
    fixture_run(f, "/ITL/scene/a event GO 40 40 200");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/b get scale", "/ITL/scene/b scale 1.0\n");
    fixture_run(f, "/ITL/scene/a event GO 1 1 1"); /* pop brought the first handler back */
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/b get scale", "/ITL/scene/b scale 2.0\n");
}

CASE(script_34_mouse_positions) {
    struct fixture *f = *state;
    fixture_run(f, SCRIPT_34);
    fixture_run(f, "/ITL/scene/a event mouseDown 20 130");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/t get", "/ITL/scene/t set txt \"at 37 31 -0.65 0.125\"\n");
    fixture_run(f, "/ITL/scene/a xorigin -1.; /ITL/scene/a yorigin -1.;"
                   "/ITL/scene/a event mouseDown 20 130");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/t get", "/ITL/scene/t set txt \"at 12 81 -0.25 0.525\"\n");
}

CASE(script_34_dates_enter_and_leave) {
    struct fixture *f = *state;
    fixture_run(f, SCRIPT_34);
    fixture_run(f, "/ITL/scene/a date 3 2");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/t get", "/ITL/scene/t set txt \"entered 3 2\"\n");
    fixture_run(f, "/ITL/scene/a watch timeLeave 1 1 2 1 ( /ITL/scene/t set txt left \"$date\" );"
                   "/ITL/scene/a date 7 4");
    assert_int_equal(fixture_tasks(f, 10), 0); /* still inside */
    fixture_run(f, "/ITL/scene/a ddate 1 4");
    assert_int_equal(fixture_tasks(f, 10), 1); /* 2 is outside of [1, 2[ */
    fixture_expect(f, "/ITL/scene/t get", "/ITL/scene/t set txt \"left 2 1\"\n");
}

CASE(duration_events_skip_relative_forms) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1;"
                   "/ITL/scene/a watch durEnter 2. 3. ( /ITL/scene/a scale 5. )");
    fixture_run(f, "/ITL/scene/a dduration 1");
    assert_int_equal(fixture_tasks(f, 10), 0);
    fixture_run(f, "/ITL/scene/a duration 1; /ITL/scene/a duration 5 2");
    assert_int_equal(fixture_tasks(f, 10), 1);
    fixture_expect(f, "/ITL/scene/a get scale", "/ITL/scene/a scale 5.0\n");
}

CASE(bad_watches_are_refused) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1");
    fixture_expect_error(f, "/ITL/scene/a watch badname",
                         " incorrect parameters: /ITL/scene/a watch badname;");
    fixture_expect_error(
        f, "/ITL/scene/a watch timeEnter ( /ITL/scene/a x 1 )",
        " incorrect parameters: /ITL/scene/a watch timeEnter ( /ITL/scene/a x 1 );");
    fixture_expect_error(f, "/ITL/scene/a watch GO 12 ( /ITL/scene/a x 1 )",
                         " incorrect parameters: /ITL/scene/a watch GO 12 ( /ITL/scene/a x 1 );");
    fixture_expect_error(f, "/ITL/scene/a event noSuchName 1", "");
    fixture_expect_error(f, "/ITL/scene/a event mouseDown",
                         " incorrect parameters: /ITL/scene/a event mouseDown;");
    fixture_expect_error(f, "/ITL/scene/a watch Go ( /ITL/scene/a x 1 )",
                         " incorrect parameters: /ITL/scene/a watch Go ( /ITL/scene/a x 1 );");
    fixture_expect(f, "/ITL/scene/a get watch", "");
}

CASE(flat_form_is_read_as_the_nested_one) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1;"
                   "/ITL/scene/a watch GO \"(\" \"/ITL/scene/a\" x 0.5 \",\" \"/ITL/scene/a\" watch"
                   " NEXT \"(\" \"/ITL/scene/a\" y 0.5 \")\" \")\"");
    assert_string_equal(f->errors.data, "");
    fixture_expect(
        f, "/ITL/scene/a get watch",
        "/ITL/scene/a watch GO \"(\" \"/ITL/scene/a\" x 0.5 \":\" \"/ITL/scene/a\" watch "
        "NEXT \"(\" \"/ITL/scene/a\" y 0.5 \")\" \")\"\n");
    fixture_run(f, "/ITL/scene/a event GO");
    fixture_tasks(f, 10);
    fixture_run(f, "/ITL/scene/a event NEXT");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/a get x y", "/ITL/scene/a x 0.5\n/ITL/scene/a y 0.5\n");
    /* outer parentheses may be left out */
    fixture_expect(f,
                   "/ITL/scene/a watch; /ITL/scene/a watch A \"/ITL/scene/a\" x 1 \":\" "
                   "\"/ITL/scene/a\" y 2; /ITL/scene/a get watch",
                   "/ITL/scene/a watch A \"(\" \"/ITL/scene/a\" x 1 \":\" \"/ITL/scene/a\" y 2 "
                   "\")\"\n");
    fixture_expect_error(f, "/ITL/scene/a watch GO \"(\" \"/ITL/scene/a\" x",
                         " incorrect parameters: /ITL/scene/a watch GO ( /ITL/scene/a x;");
}

CASE(watch_replaces_watch_plus_appends_and_no_list_clears) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a watch A ( /ITL/scene/a x 1 );"
                   "/ITL/scene/a watch A ( /ITL/scene/a x 2 ); /ITL/scene/a watch+ A"
                   " ( /ITL/scene/a y 3 ); /ITL/scene/a watch B ( /ITL/scene/a x 4 );"
                   "/ITL/scene/a watch timeEnter 1 2 ( /ITL/scene/a x 5 );"
                   "/ITL/scene/a watch timeEnter 2 3 ( /ITL/scene/a x 6 )");
    fixture_expect(f,
                   "/ITL/scene/a watch B; /ITL/scene/a watch timeEnter 1 2;"
                   "/ITL/scene/a get watch",
                   "/ITL/scene/a watch A \"(\" \"/ITL/scene/a\" x 2 \":\" \"/ITL/scene/a\" y 3 "
                   "\")\"\n"
                   "/ITL/scene/a watch timeEnter 2 1 3 1 \"(\" \"/ITL/scene/a\" x 6 \")\"\n");
    fixture_expect(f, "/ITL/scene/a watch timeEnter; /ITL/scene/a watch A; /ITL/scene/a get watch",
                   "");
    fixture_expect(f, "/ITL/scene/a pop; /ITL/scene/a get stack", "");
}

CASE(attribute_events_fire_when_processed) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1;"
                   "/ITL/scene/a watch x ( /ITL/scene/b y \"$( /ITL/scene/a get x )\" );"
                   "/ITL/scene/a watch del ( /ITL/scene/b scale 3. )");
    fixture_run(f, "/ITL/scene/a x 0.75");
    assert_int_equal(fixture_tasks(f, 10), 1);
    fixture_expect(f, "/ITL/scene/b get y", "/ITL/scene/b y 0.75\n");
    fixture_run(f, "/ITL/scene/a x wrong");
    assert_int_equal(fixture_tasks(f, 10), 0);
    fixture_run(f, "/ITL/scene/a del");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/b get scale", "/ITL/scene/b scale 3.0\n");
}

CASE(data_scene_and_error_events_fire) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/c set txt none;"
                   "/ITL/scene/a watch newData ( /ITL/scene/c set txt data );"
                   "/ITL/scene watch newElement ( /ITL/scene/c set txt element );"
                   "/ITL watch error ( /ITL/scene/c set txt error )");
    fixture_run(f, "/ITL/scene/a set rect 2 2");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/c get", "/ITL/scene/c set txt data\n");
    fixture_run(f, "/ITL/scene/new set rect 2 2");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/c get", "/ITL/scene/c set txt element\n");
    fixture_run(f, "/ITL/scene/nothing x 1");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/c get", "/ITL/scene/c set txt error\n");
}

CASE(variables_are_replaced) {
    struct fixture *f = *state;
    f->version = 7;
    fixture_run(f,
                "/ITL/scene/t set txt none; /ITL/scene/a set rect 0.4 0.4; /ITL/scene/a date 1 3;"
                "/ITL/scene/a duration 2;"
                "/ITL/scene/a watch V ( /$scene/x x 1, /ITL/$scene/t set txt \"$name\" "
                "\"$address\" \"$scene\" \"$version\" \"$unknown\" \"$9\" \"$date\" "
                "\"$date%f\" \"$date[1/4]\" \"a$1b\" \"$self\" );"
                "/ITL/scene/a watch M ( /ITL/$scene/$self \"$1\" \"$2\" );"
                "/ITL/scene/a watch mouseMove ( /ITL/scene/t set txt \"$absx\" \"$x[0,1.]\" "
                "\"$rdate\" \"$date%a\" \"$rdate[1/2]%f\" )");
    fixture_run(f, "/ITL/scene/a event V 5");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/t get",
                   "/ITL/scene/t set txt \"a /ITL/scene/a scene 7 $unknown $9 1 3 0.333333 1 4 a5b "
                   "a\"\n");
    fixture_run(f, "/ITL/scene/a event M angle 45");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/a get angle", "/ITL/scene/a angle 45.0\n");
    fixture_run(f, "/ITL/scene/a event mouseMove 40 40"); /* a quarter of the width: half a whole */
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/t get", "/ITL/scene/t set txt \"40.0 0.25 1 2 3.33333 0.5\"\n");
}

CASE(a_date_that_cannot_be_resolved_drops_the_message) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 0.4 0.4; /ITL/scene/t set txt none;"
                   "/ITL/scene/a watch mouseDown ( /ITL/scene/t set txt \"$date\","
                   " /ITL/scene/t x 0.5 );"
                   "/ITL/scene/a watch MAP ( /ITL/scene/t set txt \"$date:system\" )");
    fixture_run(f, "/ITL/scene/a event mouseDown 500 40; /ITL/scene/a event MAP");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/t get; /ITL/scene/t get x",
                   "/ITL/scene/t set txt none\n/ITL/scene/t x 0.5\n");
}

CASE(pointers_reach_the_handlers_and_make_sensitive) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 0.4 0.4; /ITL/scene/t set txt none");
    struct object *a = score_find(f->score, "/ITL/scene/a");
    assert_false(object_is_sensitive(a));
    fixture_run(f, "/ITL/scene/a watch mouseUp ( /ITL/scene/t set txt up \"$absx\" \"$absy\" )");
    assert_true(object_is_sensitive(a));
    struct score_result result;
    score_begin(f->score, "test");
    score_pointer(f->score, a, POINTER_UP, 12, 34);
    score_end(f->score, &result);
    score_result_finish(&result);
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/t get", "/ITL/scene/t set txt \"up 12.0 34.0\"\n");
    fixture_run(f, "/ITL/scene/a push; /ITL/scene/a watch");
    assert_false(object_is_sensitive(a));
    fixture_run(f, "/ITL/scene/a pop");
    assert_true(object_is_sensitive(a));
}

CASE(keys_match_their_selector) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a watch keyDown k ( /ITL/scene/a x 1 );"
                   "/ITL/scene/a watch keyDown \"*\" ( /ITL/scene/a y 1 );"
                   "/ITL/scene/a event keyDown k");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/a get x y", "/ITL/scene/a x 1.0\n/ITL/scene/a y 1.0\n");
}

CASE(keys_match_whole_expressions) {
    struct fixture *f = *state;
    fixture_run(
        f,
        "/ITL/scene/a set rect 1 1; /ITL/scene/a watch keyDown \"[a-c]|x+\" ( /ITL/scene/a dx 1 );"
        "/ITL/scene/a watch keyDown \"(\\1{9})\" ( /ITL/scene/a y 1 );"
        "/ITL/scene/a watch keyDown \"+\" ( /ITL/scene/a z 1 )");
    fixture_run(f, "/ITL/scene/a event keyDown b; /ITL/scene/a event keyDown xxx;"
                   "/ITL/scene/a event keyDown d; /ITL/scene/a event keyDown ab; /ITL/scene/a "
                   "event keyDown \"+\"");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/a get x y z",
                   "/ITL/scene/a x 2.0\n/ITL/scene/a y 0.0\n/ITL/scene/a z 1.0\n");
}

CASE(keys_of_a_scene_reach_all_that_is_in_it) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a/b set rect 1 1;"
                   "/ITL/scene/a watch keyUp k ( /ITL/scene/a x 1 );"
                   "/ITL/scene/a/b watch keyUp k ( /ITL/scene/a/b x 1 );"
                   "/ITL/scene event keyUp k");
    fixture_tasks(f, 10);
    fixture_expect(f, "/ITL/scene/a get x", "/ITL/scene/a x 1.0\n");
    fixture_expect(f, "/ITL/scene/a/b get x", "/ITL/scene/a/b x 1.0\n");
}

CASE(a_storm_is_bounded_per_task) {
    struct fixture *f = *state;
    /* Each message fires two more: the queue doubles until its limits hold it. */
    fixture_run(f, "/ITL/scene/a set rect 1 1;"
                   "/ITL/scene/a watch GO ( /ITL/scene/a event GO, /ITL/scene/a event GO );"
                   "/ITL/scene/a event GO");
    bool was_told = false;
    for (int i = 0; i < 60; i++) {
        assert_int_equal(fixture_tasks(f, 1), 1);
        was_told = was_told || strstr(f->errors.data, "too many messages of events") != NULL;
    }
    assert_true(was_told);
    fixture_run(f, "/ITL/scene/a watch");
    for (int i = 0; i < 60 && score_has_queued(f->score); i++) {
        fixture_tasks(f, 1);
    }
    assert_false(score_has_queued(f->score));
}

CASE(an_endless_ping_pong_lets_others_work) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a watch x ( /ITL/scene/a dx 0.5 );"
                   "/ITL/scene/a watch dx ( /ITL/scene/a x 0. ); /ITL/scene/a x 1.");
    assert_int_equal(fixture_tasks(f, 100), 100);
    fixture_expect_error(f, "/ITL/scene/a y 0.5", "");
}

CASE(texts_that_double_are_bounded) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/t set txt x; /ITL/scene/t watch A ( /ITL/scene/t event A \"$1$1\" );"
                   "/ITL/scene/t event A 12345678");
    bool was_told = false;
    for (int i = 0; i < 40 && score_has_queued(f->score); i++) {
        fixture_tasks(f, 1);
        was_told = was_told || strstr(f->errors.data, "message of an event is too large") != NULL;
    }
    assert_true(was_told);
    assert_false(score_has_queued(f->score));
}

CASE(a_scene_tells_when_it_is_turned) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/t set txt x; /ITL/scene watch portrait ( /ITL/scene/t x 1 );"
                   "/ITL/scene watch landscape ( /ITL/scene/t x 2 ); /ITL/scene height 2");
    fixture_tasks(f, 5);
    fixture_expect(f, "/ITL/scene/t get x", "/ITL/scene/t x 1.0\n");
    fixture_run(f, "/ITL/scene width 3");
    fixture_tasks(f, 5);
    fixture_expect(f, "/ITL/scene/t get x", "/ITL/scene/t x 2.0\n");
}

/* What watches errors makes one itself; it used to go round until the stack was full. */
CASE(an_error_while_an_error_is_told_is_told_once) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 0.1 0.1;"
                   "/ITL watch error ( /ITL/scene/a x \"$(/ITL/scene/none get x)\" )");
    fixture_run(f, "/ITL/scene/other x 1");
    assert_string_equal(f->errors.data, " incorrect OSC address: /ITL/scene/other;"
                                        " incorrect OSC address: /ITL/scene/none;");
    assert_true(score_has_queued(f->score));
    fixture_run(f, "/ITL watch error");
    fixture_tasks(f, 5);
    assert_false(score_has_queued(f->score));
}

#define RUN(name)                                                                                  \
    cmocka_unit_test_setup_teardown(test_events__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RUN(script_34_get_watch_is_flat),
        RUN(script_34_user_events_chain),
        RUN(script_34_mouse_positions),
        RUN(script_34_dates_enter_and_leave),
        RUN(duration_events_skip_relative_forms),
        RUN(bad_watches_are_refused),
        RUN(an_error_while_an_error_is_told_is_told_once),
        RUN(flat_form_is_read_as_the_nested_one),
        RUN(watch_replaces_watch_plus_appends_and_no_list_clears),
        RUN(attribute_events_fire_when_processed),
        RUN(data_scene_and_error_events_fire),
        RUN(variables_are_replaced),
        RUN(a_date_that_cannot_be_resolved_drops_the_message),
        RUN(pointers_reach_the_handlers_and_make_sensitive),
        RUN(keys_match_their_selector),
        RUN(keys_match_whole_expressions),
        RUN(keys_of_a_scene_reach_all_that_is_in_it),
        RUN(a_storm_is_bounded_per_task),
        RUN(an_endless_ping_pong_lets_others_work),
        RUN(texts_that_double_are_bounded),
        RUN(a_scene_tells_when_it_is_turned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
