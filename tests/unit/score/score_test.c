/* Addresses, creation, types, deletion, queries, aliases, nodes, scenes, the application. */
#include "score_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "proto/limits.h"

#define CASE(name) static void test_score__##name(void **state)

CASE(errors_have_the_words_of_section_4) {
    struct fixture *f = *state;
    fixture_expect_error(f, "/ITL/scene/nothing x 1",
                         " incorrect OSC address: /ITL/scene/nothing;");
    fixture_expect_error(f, "/ITL/scene/a set foo 1", " unknown object type: foo;");
    fixture_expect_error(f, "/ITL/scene/a set 1 1", " incorrect parameters: /ITL/scene/a set 1 1;");
    fixture_expect_error(f, "/ITL/scene/a set rect 1",
                         " incorrect parameters: /ITL/scene/a set rect 1;");
    assert_null(score_find(f->score, "/ITL/scene/a"));
    fixture_expect_error(f, "/other/a x 1", " incorrect OSC address: /other/a;");
    fixture_expect_error(f, "/ITLX/a x 1", " incorrect OSC address: /ITLX/a;");
    fixture_expect_error(f, "/ITL/no/a set rect 1 1", " incorrect OSC address: /ITL/no/a;");
    fixture_expect_error(f, "/ITL/scene/sync/a set rect 1 1",
                         " incorrect OSC address: /ITL/scene/sync/a;");
    fixture_expect_error(f, "./a x 1", " incorrect OSC address: ./a;");
    fixture_expect_error(f, "/ITL/no set rect 1 1", " incorrect OSC address: /ITL/no;");
    fixture_expect_error(f, "/ITL/scene/a set file thing.xyz", " unknown object type: file;");
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/nothing x 1; /ITL/scene/a x a");
    assert_string_equal(f->errors.data, " incorrect OSC address: /ITL/scene/nothing;"
                                        " incorrect parameters: /ITL/scene/a x a;");
}

CASE(locked_objects_stay) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1; /ITL/scene/a lock 1");
    fixture_expect_error(f, "/ITL/scene/* del",
                         " Impossible to delete /ITL/scene/a, the object is locked.;");
    assert_non_null(score_find(f->score, "/ITL/scene/a"));
    assert_null(score_find(f->score, "/ITL/scene/b"));
    fixture_expect_error(f, "/ITL/scene/a lock 0; /ITL/scene/a del", "");
    assert_null(score_find(f->score, "/ITL/scene/a"));
}

CASE(deletion_is_at_the_end_but_names_are_free_at_once) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a/b set rect 1 1; /ITL/scene/a/b x 1");
    uint64_t before = score_find(f->score, "/ITL/scene/a")->id;
    uint64_t child = score_find(f->score, "/ITL/scene/a/b")->id;
    fixture_run(f, "/ITL/scene/a/b del; /ITL/scene/a del; /ITL/scene/a set txt new;"
                   "/ITL/scene/a get x");
    assert_string_equal(f->errors.data, "");
    assert_string_equal(f->replies.data, "/ITL/scene/a x 0.0\n");
    assert_null(score_find_id(f->score, before));
    assert_null(score_find_id(f->score, child));
    assert_null(score_find(f->score, "/ITL/scene/a/b"));
    assert_int_not_equal(score_find(f->score, "/ITL/scene/a")->id, before);
}

CASE(set_with_the_same_type_keeps_everything) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a z 3.; /ITL/scene/a tempo 60.;"
                   "/ITL/scene/a/kid set txt kid; /ITL/scene/a watch GO ( /ITL/scene/a x 1 )");
    uint64_t id = score_find(f->score, "/ITL/scene/a")->id;
    fixture_expect(f, "/ITL/scene/a set rect 2 2; /ITL/scene/a get z tempo width rcount",
                   "/ITL/scene/a z 3.0\n/ITL/scene/a tempo 60.0\n/ITL/scene/a width 2.0\n"
                   "/ITL/scene/a rcount 1\n");
    assert_int_equal(score_find(f->score, "/ITL/scene/a")->id, id);
}

CASE(set_with_another_type_inherits_as_in_4_7) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1; /ITL/scene/a x 0.1;"
                   "/ITL/scene/a y 0.2; /ITL/scene/a xorigin 0.3; /ITL/scene/a scale 2.;"
                   "/ITL/scene/a show 0; /ITL/scene/a z 1.; /ITL/scene/a shear 1 2;"
                   "/ITL/scene/a angle 4; /ITL/scene/a color 1 2 3 4; /ITL/scene/a penWidth 5;"
                   "/ITL/scene/a penColor 6 7 8; /ITL/scene/a penStyle dash; /ITL/scene/a date 3 4;"
                   "/ITL/scene/a duration 5 6; /ITL/scene/a brushStyle hor;"
                   "/ITL/scene/a effect blur 3; /ITL/scene/a tempo 60; /ITL/scene/a/kid set txt k;"
                   "/ITL/scene/a watch GO ( /ITL/scene/a x 1 )");
    struct object *before = score_find(f->score, "/ITL/scene/a");
    struct object *b = score_find(f->score, "/ITL/scene/b");
    assert_true(before->created < b->created);
    fixture_run(f, "/ITL/scene/a set layer");
    struct object *after = score_find(f->score, "/ITL/scene/a");
    assert_true(after->created > b->created); /* stacks as the newest */
    fixture_expect(f,
                   "/ITL/scene/a get x y xorigin scale show z shear angle color penWidth penColor "
                   "penStyle date duration width brushStyle effect tempo count watch",
                   "/ITL/scene/a x 0.1\n/ITL/scene/a y 0.2\n/ITL/scene/a xorigin 0.3\n"
                   "/ITL/scene/a scale 2.0\n/ITL/scene/a show 0\n/ITL/scene/a z 1.0\n"
                   "/ITL/scene/a shear 1.0 2.0\n/ITL/scene/a angle 4.0\n"
                   "/ITL/scene/a color 1 2 3 4\n/ITL/scene/a penWidth 5.0\n"
                   "/ITL/scene/a penColor 6 7 8 255\n/ITL/scene/a penStyle dash\n"
                   "/ITL/scene/a date 3 4\n/ITL/scene/a duration 5 6\n/ITL/scene/a width 2.0\n"
                   "/ITL/scene/a brushStyle none\n/ITL/scene/a effect none\n"
                   "/ITL/scene/a tempo 0.0\n/ITL/scene/a count 0\n"
                   "/ITL/scene/a watch GO \"(\" \"/ITL/scene/a\" x 1 \")\"\n");
    /* a set that fails leaves the old one */
    fixture_expect_error(f, "/ITL/scene/a set rect 1",
                         " incorrect parameters: /ITL/scene/a set rect 1;");
    fixture_expect(f, "/ITL/scene/a get", "/ITL/scene/a set layer\n");
}

CASE(drawing_order_is_z_then_creation) {
    struct fixture *f = *state;
    fixture_run(f,
                "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1; /ITL/scene/c set rect 1 1;"
                "/ITL/scene/a z 0.5; /ITL/scene/b z -1.");
    struct object **sorted;
    size_t n = object_children_by_z(score_find(f->score, "/ITL/scene"), &sorted);
    assert_int_equal(n, 3); /* no static nodes */
    assert_string_equal(sorted[0]->name, "b");
    assert_string_equal(sorted[1]->name, "c");
    assert_string_equal(sorted[2]->name, "a");
    free(sorted);
}

CASE(deleted_scenes_are_not_told) {
    struct fixture *f = *state;
    fixture_expect(
        f,
        "/ITL/two new; /ITL/two/a set rect 1 1; /ITL/two del; /ITL get scenes scount count rcount",
        "/ITL scenes scene\n/ITL scount 1\n/ITL count 1\n/ITL rcount 1\n");
}

CASE(deleted_scenes_leave_room_for_others) {
    struct fixture *f = *state;
    for (int i = 1; i < LIMIT_SCENES; i++) {
        char line[40];
        snprintf(line, sizeof line, "/ITL/s%d new", i);
        fixture_run(f, line);
        assert_string_equal(f->errors.data != NULL ? f->errors.data : "", "");
    }
    fixture_expect_error(f, "/ITL/s1 del; /ITL/other new", "");
    assert_non_null(score_find(f->score, "/ITL/other"));
}

CASE(an_alias_ends_with_its_object) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a alias /k eval set;"
                   "/k ( /ITL/scene/a del ) layer");
    assert_null(score_find(f->score, "/ITL/scene/a"));
}

CASE(files_choose_the_type_by_extension) {
    struct fixture *f = *state;
    fixture_expect(f, "/ITL/scene/i set file some/PANEL.PNG; /ITL/scene/i get",
                   "/ITL/scene/i set img \"panel.png\"\n");
    /* an error of the content does not prevent the object */
    fixture_expect_error(f, "/ITL/scene/m set img missing.png", " missing.png : no such file;");
    assert_non_null(score_find(f->score, "/ITL/scene/m"));
}

CASE(get_on_all_answers_as_script_35) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 0.4 0.2; /ITL/scene/* get; /ITL/scene/a/debug get;"
                   "/ITL/scene/a get unknown x",
                   "/ITL/scene/fileWatcher watch\n/ITL/scene/a set rect 0.4 0.2\n"
                   "/ITL/scene/a x 0.0\n");
    fixture_expect(f, "/ITL get", "/ITL/scene new\n/ITL/scene/a set rect 0.4 0.2\n");
    fixture_expect(f, "/ITL get scenes scount count rcount port version defaultShow parse",
                   "/ITL scenes scene\n/ITL scount 1\n/ITL count 1\n/ITL rcount 2\n"
                   "/ITL port 7000\n/ITL version 1.34\n/ITL defaultShow 1\n/ITL parse v1\n");
}

CASE(get_all_and_save_make_the_object_again) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 0.4 0.2; /ITL/scene/a x 0.25; /ITL/scene/a color 1 2 3;"
                   "/ITL/scene/a watch GO ( /ITL/scene/a x 1, /ITL/scene/b set txt \"a b\" );"
                   "/ITL/scene/a push; /ITL/scene/a alias \"/al\" x; /ITL/scene/a/i set img p.png;"
                   "/ITL/scene/a save out.inscore");
    assert_string_equal(f->errors.data, "");
    assert_string_equal(f->written_path, "/scores/here/out.inscore");
    assert_false(f->was_appended);
    assert_non_null(strstr(f->written.data, "/ITL/scene/a set rect 0.4 0.2;\n"));
    assert_non_null(
        strstr(f->written.data,
               "/ITL/scene/a watch GO ( /ITL/scene/a x 1, /ITL/scene/b set txt \"a b\" );\n"));
    assert_null(strstr(f->written.data, "/ITL/scene/a/i width")); /* natural size is not frozen */
    char *script = strdup(f->written.data);
    fixture_run(f, "/ITL/scene/a get *");
    char *all = strdup(f->replies.data);
    fixture_run(f, "/ITL/scene/a del");
    fixture_run(f, script);
    assert_string_equal(f->errors.data, "");
    fixture_run(f, "/ITL/scene/a get *");
    assert_string_equal(f->replies.data, all);
    fixture_run(f, "/ITL/scene/a save x y + out.inscore");
    assert_string_equal(f->written.data, "/ITL/scene/a x 0.25;\n/ITL/scene/a y 0.0;\n");
    assert_true(f->was_appended);
    fixture_run(f,
                "/ITL/scene/a/debug map 1; /ITL/scene/fileWatcher watch \"f\" ( /ITL/scene/a x 1 );"
                "/ITL/scene save all.inscore");
    assert_non_null(strstr(f->written.data, "/ITL/scene/a/debug map 1;\n"));
    assert_non_null(strstr(f->written.data, "/ITL/scene/fileWatcher watch f \"(\" "));
    assert_memory_equal(f->written.data, "/ITL/scene new;\n", 16);
    free(script);
    free(all);
}

CASE(aliases_speak_for_objects) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a alias \"/al/one\";"
                   "/ITL/scene/a alias \"/al/two\" x \"y[0,100]\" color");
    fixture_expect(f, "/al/one scale 3.; /al/two 0.5 75 10 20 30; /al/one get scale x y color",
                   "/ITL/scene/a scale 3.0\n/ITL/scene/a x 0.5\n/ITL/scene/a y 0.5\n"
                   "/ITL/scene/a color 10 20 30 255\n");
    fixture_expect_error(f, "/al/two 0.5",
                         " incorrect alias call: at least 3 parameters expected;");
    fixture_run(f, "/ITL/scene/a get alias");
    assert_non_null(strstr(f->replies.data, "/ITL/scene/a alias \"/al/one\"\n"));
    assert_non_null(
        strstr(f->replies.data, "/ITL/scene/a alias \"/al/two\" x \"y[0,100]\" color\n"));
    fixture_expect_error(f, "/ITL/scene/a alias; /al/one scale 1.",
                         " incorrect OSC address: /al/one;");
    fixture_run(f, "/ITL/scene/a alias \"/al\"; /ITL/scene/a del");
    fixture_expect_error(f, "/al x 1", " incorrect OSC address: /al;");
    fixture_run(f, "/ITL alias \"/app\"");
    fixture_expect(f, "/app get port", "/ITL port 7000\n");
}

CASE(eval_resolves_relative_addresses) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a eval ( ./kid set txt hi,"
                   " ./kid x 0.5, /ITL/scene/a y 0.25 ); /ITL/scene/a/kid get x;"
                   "/ITL/scene/a get y",
                   "/ITL/scene/a/kid x 0.5\n/ITL/scene/a y 0.25\n");
    fixture_expect_error(f, "/ITL/scene/a eval", " incorrect parameters: /ITL/scene/a eval;");
}

CASE(static_nodes_are_there_and_stay) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1");
    fixture_expect_error(f, "/ITL/scene/sync del; /ITL/scene/*/* del; /ITL/log del", "");
    fixture_expect_error(f, "/ITL/scene/debug set rect 1 1",
                         " incorrect parameters: /ITL/scene/debug set rect 1 1;");
    fixture_expect_error(f, "/ITL/scene/a/* x 1", " incorrect parameters: /ITL/scene/a/* x 1;");
    fixture_expect(f,
                   "/ITL/scene/a/debug map 2; /ITL/scene/a/debug name 1; /ITL/debug osc 0;"
                   "/ITL/debug get osc; /ITL/log level 1; /ITL/log get level; /ITL/log show 1;"
                   "/ITL/scene/filter reject date \"/x\"; /ITL/scene/filter get reject;"
                   "/ITL/ssl cert some.pem; /ITL/ssl get cert; /ITL/plugins path dir",
                   "/ITL/debug osc 0\n/ITL/log level 1\n/ITL/scene/filter reject date \"/x\"\n"
                   "/ITL/ssl cert \"some.pem\"\n");
    assert_int_equal(score_find(f->score, "/ITL/scene/a")->debug_map, 2);
    fixture_expect_error(f, "/ITL/scene/javascript run \"1+1\"", " JavaScript is not available;");
    fixture_expect_error(f, "/ITL/midi init", " MIDI is not available;");
    fixture_expect_error(f, "/ITL/scene/signal/* del", "");
    fixture_run(f, "/ITL/stats get");
    assert_memory_equal(f->replies.data, "/ITL/stats osc ", 15);
}

CASE(watched_files_queue_their_messages) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/fileWatcher watch \"f.txt\""
                   " ( /ITL/scene/a x 0.5 ); /ITL/scene/fileWatcher watch+ \"f.txt\""
                   " ( /ITL/scene/a y 0.5 )");
    const char *path;
    assert_true(score_watched_file(f->score, 0, &path));
    assert_string_equal(path, "f.txt");
    assert_false(score_watched_file(f->score, 1, &path));
    score_file_changed(f->score, "f.txt");
    fixture_tasks(f, 3);
    fixture_expect(f, "/ITL/scene/a get x y", "/ITL/scene/a x 0.5\n/ITL/scene/a y 0.5\n");
    fixture_expect(f, "/ITL/scene/fileWatcher watch \"f.txt\"; /ITL/scene/fileWatcher get",
                   "/ITL/scene/fileWatcher watch\n");
}

CASE(scenes_come_and_go) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/violin new; /ITL/violin new; /ITL/violin/a set rect 1 1; /ITL get scenes",
                   "/ITL scenes scene violin\n");
    fixture_expect_error(f, "/ITL/violin new 1", " incorrect parameters: /ITL/violin new 1;");
    fixture_run(f, "/ITL/scene del");
    assert_int_equal(f->n_quit, 0);
    struct object **scenes;
    assert_int_equal(score_scenes(f->score, &scenes), 1);
    fixture_run(f, "/ITL/violin del");
    assert_int_equal(f->n_quit, 1);
    fixture_expect_error(f, "/ITL/violin x 1", " incorrect OSC address: /ITL/violin;");
}

CASE(scene_messages_without_a_desktop_are_kept) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene get width height color scale; /ITL/scene fullscreen 1;"
                   "/ITL/scene frameless 1; /ITL/scene absolutexy 1; /ITL/scene foreground;"
                   "/ITL/scene get fullscreen frameless absolutexy; /ITL/scene rootPath sub;"
                   "/ITL/scene get rootPath; /ITL/scene x -0.5; /ITL/scene color 1 2 3;"
                   "/ITL/scene/a set rect 1 1; /ITL/scene reset;"
                   "/ITL/scene get x color fullscreen rootPath count",
                   "/ITL/scene width 1.0\n/ITL/scene height 1.0\n"
                   "/ITL/scene color 255 255 255 255\n/ITL/scene scale 1.0\n"
                   "/ITL/scene fullscreen 1\n/ITL/scene frameless 0\n/ITL/scene absolutexy 1\n"
                   "/ITL/scene rootPath \"sub/\"\n/ITL/scene x 0.0\n"
                   "/ITL/scene color 255 255 255 255\n/ITL/scene fullscreen 0\n"
                   "/ITL/scene rootPath \"\"\n/ITL/scene count 0\n");
}

CASE(only_changes_make_a_scene_dirty) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/other new");
    struct object *scene = score_find(f->score, "/ITL/scene");
    struct object *other = score_find(f->score, "/ITL/other");
    score_clean_scene(f->score, scene);
    score_clean_scene(f->score, other);
    fixture_run(f, "/ITL/scene/a get x; /ITL/scene/a x 0.; /ITL/scene/a color 0 0 0;"
                   "/ITL/scene/a watch GO ( /ITL/scene/a x 1 ); /ITL/scene/nothing x 1");
    assert_false(score_is_scene_dirty(f->score, scene));
    fixture_run(f, "/ITL/scene/a x 0.5");
    assert_true(score_is_scene_dirty(f->score, scene));
    assert_false(score_is_scene_dirty(f->score, other));
    score_clean_scene(f->score, scene);
    fixture_run(f, "/ITL/scene/a del");
    assert_true(score_is_scene_dirty(f->score, scene));
}

CASE(scripts_are_loaded_and_loops_end) {
    struct fixture *f = *state;
    f->files[0][0] = "part.inscore";
    f->files[0][1] = "/ITL/scene/a set rect 1 1; /ITL/scene/a x 0.5;";
    f->files[1][0] = "loop.inscore";
    f->files[1][1] = "/ITL load loop.inscore;";
    fixture_expect(f, "/ITL/scene load part.inscore; /ITL/scene/a get x", "/ITL/scene/a x 0.5\n");
    fixture_expect_error(f, "/ITL load no.inscore", " can't open file : no.inscore;");
    fixture_run(f, "/ITL load loop.inscore");
    assert_non_null(strstr(f->errors.data, "messages nested too deep (limit 64)"));
    fixture_expect(f, "/ITL read \"/ITL/scene/a\" y 0.25; /ITL/scene/a get y",
                   "/ITL/scene/a y 0.25\n");
}

CASE(application_messages) {
    struct fixture *f = *state;
    fixture_expect(f, "/ITL hello", "/ITL \"stand.example\" 7000 7001 7002\n");
    fixture_expect_error(f, "/ITL require 1.2 ( /ITL/scene/a set rect 1 1 )", "");
    assert_null(score_find(f->score, "/ITL/scene/a"));
    fixture_expect_error(f, "/ITL require 9.5 ( /ITL/scene/a set rect 1 1 )",
                         " Version 9.5 is required: current version is 1.34;");
    assert_non_null(score_find(f->score, "/ITL/scene/a"));
    f->now_us = 3000000;
    fixture_expect(f,
                   "/ITL get time; /ITL time 100; /ITL get time; /ITL rate 20; /ITL get rate;"
                   "/ITL defaultShow 0; /ITL/scene/h set rect 1 1; /ITL/scene/h get show;"
                   "/ITL rootPath \"/some/dir\"; /ITL get rootPath; /ITL mouse hide;"
                   "/ITL browse \"http://x\"; /ITL forward host; /ITL get forward",
                   "/ITL time 3000\n/ITL time 100\n/ITL rate 20\n/ITL/scene/h show 0\n"
                   "/ITL rootPath \"/some/dir/\"\n/ITL forward host\n");
    fixture_run(f, "/ITL forward; /ITL quit");
    assert_int_equal(f->n_quit, 1);
    int n_before = f->n_osc;
    struct message msg;
    fixture_parse("/ITL/scene x 1", &msg);
    msg.host = strdup("there");
    struct score_result result;
    score_begin(f->score, "test");
    score_process(f->score, &msg);
    score_end(f->score, &result);
    score_result_finish(&result);
    message_finish(&msg);
    assert_int_equal(f->n_osc, n_before + 1);
}

CASE(exports_go_to_the_world) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a export; /ITL/scene exportAll all.png");
    assert_int_equal(f->n_exports, 2);
    assert_string_equal(f->exported, "scene all.png 1");
}

CASE(the_log_is_bounded_and_newest_last) {
    struct fixture *f = *state;
    lg_clock_fake(1, 7250000);
    fixture_run(f, "/ITL/scene/no x 1; /ITL/log write hello 3 0.5");
    assert_string_equal(
        score_log_text(f->score),
        "1970-01-01T00:00:07.250Z error test: incorrect OSC address: /ITL/scene/no\n"
        "1970-01-01T00:00:07.250Z message test: hello 3 0.5\n");
    for (int i = 0; i < 40000; i++) {
        score_log(f->score, "line number %d", i);
    }
    const char *text = score_log_text(f->score);
    assert_true(strlen(text) <= LIMIT_LOG_TEXT_BYTES);
    assert_string_equal(text + strlen(text) - strlen("line number 39999\n"), "line number 39999\n");
    assert_memory_equal(text, "1970-01-01T00:00:07.250Z message score: line number ", 52);
    lg_clock_fake(-1, 0);
    fixture_run(f, "/ITL/log clear");
    assert_string_equal(score_log_text(f->score), "");
}

CASE(error_text_is_bounded) {
    struct fixture *f = *state;
    struct score_result result;
    score_begin(f->score, "test");
    for (int i = 0; i < 20000; i++) {
        score_error(f->score, "some error number %d", i);
    }
    score_end(f->score, &result);
    assert_true(result.errors.len <= LIMIT_ERROR_TEXT_BYTES + 8);
    score_result_finish(&result);
}

static double now_s(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double create_and_delete(struct fixture *f, int n_objects) {
    struct score_result result;
    double start = now_s();
    score_begin(f->score, "test");
    for (int i = 0; i < n_objects; i++) {
        char address[64];
        struct message msg;
        snprintf(address, sizeof address, "/ITL/scene/object%d", i);
        message_init(&msg, address, "set");
        message_give_param(&msg, param_string("rect"));
        message_give_param(&msg, param_float(1));
        message_give_param(&msg, param_float(1));
        score_process(f->score, &msg);
        message_finish(&msg);
    }
    score_end(f->score, &result);
    assert_int_equal(result.errors.len, 0);
    score_result_finish(&result);
    fixture_run(f, "/ITL/scene/* x 0.5; /ITL/scene/object77 x 1.; /ITL/scene/* del;"
                   "/ITL/scene/object5 set rect 1 1; /ITL/scene/* del");
    assert_string_equal(f->errors.data, "");
    fixture_expect(f, "/ITL/scene get count", "/ITL/scene count 0\n");
    return now_s() - start;
}

CASE(a_hundred_thousand_objects_are_linear) {
    struct fixture *f = *state;
    create_and_delete(f, 1000);
    double small = create_and_delete(f, 10000), large = create_and_delete(f, 100000);
    /* ten times the work; quadratic would be a hundred times */
    assert_true(large < 40 * small + 0.5);
}

CASE(limits_of_objects_are_told) {
    struct fixture *f = *state;
    char address[1024] = "/ITL/scene";
    for (int i = 0; i < 70; i++) {
        struct message msg;
        struct score_result result;
        strcat(address, "/a");
        message_init(&msg, address, "set");
        message_give_param(&msg, param_string("layer"));
        score_begin(f->score, "test");
        score_process(f->score, &msg);
        score_end(f->score, &result);
        if (i == LIMIT_OBJECT_DEPTH - 1) {
            assert_string_equal(result.errors.data, " objects nested too deep (limit 64);");
        }
        score_result_finish(&result);
        message_finish(&msg);
    }
    fixture_run(f, "/ITL get rcount");
    assert_string_equal(f->replies.data, "/ITL rcount 64\n");
}

CASE(bad_names_are_no_addresses) {
    struct fixture *f = *state;
    struct message msg;
    struct score_result result;
    message_init(&msg, "/ITL/scene/a b", "set");
    message_give_param(&msg, param_string("layer"));
    score_begin(f->score, "test");
    score_process(f->score, &msg);
    score_end(f->score, &result);
    assert_string_equal(result.errors.data, " incorrect OSC address: /ITL/scene/a b;");
    score_result_finish(&result);
    message_finish(&msg);
}

#define RUN(name)                                                                                  \
    cmocka_unit_test_setup_teardown(test_score__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RUN(errors_have_the_words_of_section_4),
        RUN(locked_objects_stay),
        RUN(deletion_is_at_the_end_but_names_are_free_at_once),
        RUN(set_with_the_same_type_keeps_everything),
        RUN(set_with_another_type_inherits_as_in_4_7),
        RUN(drawing_order_is_z_then_creation),
        RUN(files_choose_the_type_by_extension),
        RUN(deleted_scenes_are_not_told),
        RUN(deleted_scenes_leave_room_for_others),
        RUN(an_alias_ends_with_its_object),
        RUN(get_on_all_answers_as_script_35),
        RUN(get_all_and_save_make_the_object_again),
        RUN(aliases_speak_for_objects),
        RUN(eval_resolves_relative_addresses),
        RUN(static_nodes_are_there_and_stay),
        RUN(watched_files_queue_their_messages),
        RUN(scenes_come_and_go),
        RUN(scene_messages_without_a_desktop_are_kept),
        RUN(only_changes_make_a_scene_dirty),
        RUN(scripts_are_loaded_and_loops_end),
        RUN(application_messages),
        RUN(exports_go_to_the_world),
        RUN(the_log_is_bounded_and_newest_last),
        RUN(error_text_is_bounded),
        RUN(a_hundred_thousand_objects_are_linear),
        RUN(limits_of_objects_are_told),
        RUN(bad_names_are_no_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
