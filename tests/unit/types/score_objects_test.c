/* Score types: gmn, gmnf, gmnstream, musicxml, musicxmlf, pianoroll …; expressions (score-language
 * reference 1.5, 7.4, 9, 9.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/score/maps/object_maps.h"
#include "renderer/score/maps/segments.h"
#include "renderer/types/draw_scene.h"
#include "tests/unit/types/types_bench.h"

static void expect_reply(struct types_bench *bench, const char *query, const char *wanted) {
    char *reply = types_bench_get(bench, query);
    assert_string_equal(reply, wanted);
    free(reply);
}

static void expect_error(struct types_bench *bench, const char *script, const char *part) {
    char *errors = types_bench_run(bench, script);
    if (strstr(errors, part) == NULL) {
        fail_msg("%s: %s", script, errors);
    }
    free(errors);
}

/* The number behind "address name". */
static double number(struct types_bench *bench, const char *query) {
    char *reply = types_bench_get(bench, query);
    const char *last = strrchr(reply, ' ');
    double value = last != NULL ? strtod(last, NULL) : -1;
    free(reply);
    return value;
}

static void test_gmn__size_is_music_and_margins_at_80_units_a_cm(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/s set gmn '[ g/4 a b c2 ]';");
    expect_near(number(&bench, "/ITL/scene/s get height;"), 1.0875, 0.01); /* one plain staff */
    types_bench_ok(&bench, "/ITL/scene/s width 1.6;");
    expect_reply(&bench, "/ITL/scene/s get width;", "/ITL/scene/s width 1.6");
    double height = number(&bench, "/ITL/scene/s get height;");
    types_bench_ok(&bench, "/ITL/scene/s height 0.5;"); /* forgets the width */
    expect_near(number(&bench, "/ITL/scene/s get width;"), 1.6 * 0.5 / height, 0.001);
    types_bench_finish(&bench);
}

static void test_gmn__duration_comes_from_the_score(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/s set gmn '{[ c/4 d e ],[ f/2 ]}';");
    expect_reply(&bench, "/ITL/scene/s get duration;", "/ITL/scene/s duration 3 4");
    types_bench_ok(&bench, "/ITL/scene/s set gmn '[ c/1 ]';");
    expect_reply(&bench, "/ITL/scene/s get duration;", "/ITL/scene/s duration 1 1");
    types_bench_finish(&bench);
}

static void test_gmn__what_is_invalid_is_told_and_has_no_size(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    expect_error(&bench, "/ITL/scene/s set gmn '[ c\n d';",
                 "/ITL/scene/s invalid gmn code   line 2, col ");
    expect_reply(&bench, "/ITL/scene/s get;", "/ITL/scene/s set gmn \"[ c\n d\"");
    expect_reply(&bench, "/ITL/scene/s get width;", "/ITL/scene/s width 0.0");
    types_bench_ok(&bench, "/ITL/scene/s set gmn '[ c d ]';");
    assert_true(number(&bench, "/ITL/scene/s get width;") > 0.5);
    expect_error(&bench, "/ITL/scene/s set gmn 1;", "incorrect parameters");
    types_bench_finish(&bench);
}

static const char THREE_PAGES[] = "/ITL/scene/s set gmn '[ \\pageFormat<12cm,8cm,1cm,1cm,1cm,1cm> "
                                  "\\meter<\"4/4\"> c/1 d \\newSystem "
                                  "e \\newPage f/1 g \\newPage a/1 ]';";

static void test_gmn__pages_are_shown_in_rows(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, THREE_PAGES);
    expect_reply(&bench, "/ITL/scene/s get pageCount;", "/ITL/scene/s pageCount 3");
    expect_reply(&bench, "/ITL/scene/s get systemCount;", "/ITL/scene/s systemCount 4");
    expect_reply(&bench, "/ITL/scene/s get systemCount 1;", "/ITL/scene/s systemCount 1 2");
    expect_reply(&bench, "/ITL/scene/s get pageDate 1;", "/ITL/scene/s pageDate 1 0 1");
    expect_reply(&bench, "/ITL/scene/s get pageDate 2;", "/ITL/scene/s pageDate 2 3 1");
    expect_reply(&bench, "/ITL/scene/s get pageDate 4;", "");
    double two = number(&bench, "/ITL/scene/s get width;");
    types_bench_ok(&bench, "/ITL/scene/s columns 1;");
    double one = number(&bench, "/ITL/scene/s get width;");
    assert_true(two > 1.5 * one);
    double row = number(&bench, "/ITL/scene/s get height;");
    types_bench_ok(&bench, "/ITL/scene/s rows 3;");
    assert_true(number(&bench, "/ITL/scene/s get height;") > 2 * row);
    expect_error(&bench, "/ITL/scene/s columns 0;", "incorrect parameters");
    types_bench_finish(&bench);
}

static void test_gmn__page_is_kept_within_the_score(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, THREE_PAGES);
    types_bench_ok(&bench, "/ITL/scene/s page 2;");
    expect_reply(&bench, "/ITL/scene/s get page;", "/ITL/scene/s page 2");
    types_bench_ok(&bench, "/ITL/scene/s dpage 5;");
    expect_reply(&bench, "/ITL/scene/s get page;", "/ITL/scene/s page 3");
    types_bench_ok(&bench, "/ITL/scene/s dpage -9;");
    expect_reply(&bench, "/ITL/scene/s get page;", "/ITL/scene/s page 1");
    types_bench_ok(&bench, "/ITL/scene/s page 3; /ITL/scene/s set gmn '[ c ]';");
    expect_reply(&bench, "/ITL/scene/s get page;", "/ITL/scene/s page 1");
    types_bench_finish(&bench);
}

static void test_gmn__page_format_is_for_scores_without_one(void **state) {
    struct types_bench bench;
    struct text script = {0};
    (void)state;
    types_bench_init(&bench);
    expect_error(&bench, "/ITL/scene/s pageFormat 10 10;", "incorrect OSC address");
    text_printf(&script, "/ITL/scene/s set gmn '[ \\meter<\"4/4\"> ");
    for (int i = 0; i < 40; i++) {
        text_printf(&script, "c/4 d e f ");
    }
    text_printf(&script, "]';");
    types_bench_ok(&bench, script.data);
    text_finish(&script);
    expect_reply(&bench, "/ITL/scene/s get pageFormat;", "/ITL/scene/s pageFormat 21.0 29.7");
    double wide = number(&bench, "/ITL/scene/s get systemCount;");
    types_bench_ok(&bench, "/ITL/scene/s pageFormat 12. 20.;");
    assert_true(number(&bench, "/ITL/scene/s get systemCount;") > 1.5 * wide);
    expect_near(number(&bench, "/ITL/scene/s columns 1; /ITL/scene/s get width;"), 12 * 80 / 400.0,
                0.01);
    double own = 0;
    types_bench_ok(&bench, THREE_PAGES);
    own = number(&bench, "/ITL/scene/s get width;");
    types_bench_ok(&bench, "/ITL/scene/s pageFormat 21. 29.7;");
    expect_near(number(&bench, "/ITL/scene/s get width;"), own, 0.001);
    expect_error(&bench, "/ITL/scene/s pageFormat 1 1;", "incorrect parameters");
    types_bench_finish(&bench);
}

static void test_gmn__maps_lie_in_the_objects_space(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(
        &bench, "/ITL/scene/s set gmn '[ \\meter<\"2/4\"> \\repeatBegin c/4 d \\repeatEnd e f ]';");
    const struct object *object = types_bench_find(&bench, "/ITL/scene/s");
    const struct segments *map = object_map_find(object, NULL);
    assert_non_null(map);
    struct rational reached = {0, 1};
    for (size_t i = 0; i < map->n_items; i++) { /* performed time, without gap: six quarters */
        const struct segment *segment = &map->items[i];
        assert_int_equal(rational_compare(segment->begin, reached), 0);
        assert_true(segment->x.from >= -1 && segment->x.to <= 1 && segment->x.from < segment->x.to);
        assert_true(segment->y.from >= -1 && segment->y.to <= 1 && segment->y.from < segment->y.to);
        reached = segment->end;
    }
    assert_int_equal(rational_compare(reached, (struct rational){3, 2}), 0);
    assert_non_null(object_map_find(object, "voice1"));
    assert_null(object_map_find(object, "voice7"));
    types_bench_finish(&bench);
}

/* Pages, systems and size as of the same text set at once. */
static void test_gmnstream__many_writes_give_the_score_of_the_whole_text(void **state) {
    static const char *const names[] = {"pageCount", "systemCount", "duration", "width", "height"};
    struct types_bench bench;
    char script[256], text[8192];
    size_t len = (size_t)snprintf(text, sizeof text, "[ \\meter<\"4/4\">");
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/s set gmnstream '[ \\meter<\"4/4\">';");
    for (int i = 0; i < 600; i++) {
        char note[32];
        snprintf(note, sizeof note, " %c%d/8", "cdefgab"[i * 3 % 7], i % 2 + 1);
        snprintf(script, sizeof script, "/ITL/scene/s write '%s';", note);
        types_bench_ok(&bench, script);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", note);
    }
    char *whole = malloc(len + 64);
    assert_non_null(whole);
    snprintf(whole, len + 64, "/ITL/scene/w set gmn '%s ]';", text);
    types_bench_ok(&bench, whole);
    free(whole);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char query[2][64];
        snprintf(query[0], sizeof query[0], "/ITL/scene/s get %s;", names[i]);
        snprintf(query[1], sizeof query[1], "/ITL/scene/w get %s;", names[i]);
        char *streamed = types_bench_get(&bench, query[0]);
        char *set = types_bench_get(&bench, query[1]);
        assert_string_equal(streamed + strlen("/ITL/scene/s"), set + strlen("/ITL/scene/w"));
        free(streamed);
        free(set);
    }
    assert_true(number(&bench, "/ITL/scene/s get pageCount;") > 2);
    types_bench_ok(&bench, "/ITL/scene/s clear;");
    types_bench_ok(&bench, "/ITL/scene/s write '[ c';");
    expect_reply(&bench, "/ITL/scene/s get pageCount;", "/ITL/scene/s pageCount 1");
    types_bench_finish(&bench);
}

static void test_gmnstream__brackets_close_by_themselves(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/s set gmnstream '[ c d';");
    types_bench_ok(&bench, "/ITL/scene/s write ' e f'; /ITL/scene/s write ' g/2';");
    expect_reply(&bench, "/ITL/scene/s get;", "/ITL/scene/s set gmnstream \"[ c d e f g/2\"");
    expect_reply(&bench, "/ITL/scene/s get duration;", "/ITL/scene/s duration 3 2");
    types_bench_ok(&bench, "/ITL/scene/s clear;");
    expect_reply(&bench, "/ITL/scene/s get width;", "/ITL/scene/s width 0.0");
    types_bench_ok(&bench, "/ITL/scene/s write '[ a b';");
    expect_reply(&bench, "/ITL/scene/s get duration;", "/ITL/scene/s duration 1 2");
    expect_error(&bench, "/ITL/scene/s write;", "incorrect parameters");
    types_bench_finish(&bench);
}

static const char XML[] = "<?xml version=\"1.0\"?><score-partwise><part-list><score-part "
                          "id=\"P1\"><part-name>A</part-name>"
                          "</score-part></part-list><part id=\"P1\"><measure "
                          "number=\"1\"><attributes><divisions>1</divisions>"
                          "<time><beats>2</beats><beat-type>4</beat-type></time></attributes>"
                          "<note><pitch><step>C</step><octave>4</octave></pitch><duration>1</"
                          "duration><type>quarter</type></note>"
                          "<note><pitch><step>D</step><octave>4</octave></pitch><duration>1</"
                          "duration><type>quarter</type></note>"
                          "</measure></part></score-partwise>";

static void test_files__are_read_by_their_content(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    bench.file_name = "a.xml";
    bench.file_data = XML;
    bench.file_size = strlen(XML);
    types_bench_ok(&bench, "/ITL/scene/x set musicxmlf 'a.xml';");
    expect_reply(&bench, "/ITL/scene/x get duration;", "/ITL/scene/x duration 1 2");
    expect_reply(&bench, "/ITL/scene/x get;", "/ITL/scene/x set musicxmlf \"a.xml\"");
    types_bench_ok(&bench, "/ITL/scene/g set gmnf 'a.xml';"); /* as GMN first, then MusicXML */
    expect_reply(&bench, "/ITL/scene/g get duration;", "/ITL/scene/g duration 1 2");
    expect_error(&bench, "/ITL/scene/n set gmnf 'nothing.gmn';", "can't open file : nothing.gmn");
    types_bench_ok(&bench, "/ITL/scene/p set pianorollf 'a.xml';");
    types_bench_finish(&bench);
}

static void test_draw__equal_scores_share_their_resources(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench,
                   "/ITL/scene/a set gmn '[ c d e f g a ]'; /ITL/scene/b set gmn '[ c d e f g a ]';"
                   "/ITL/scene/b y 0.5; /ITL/scene/b color 255 0 0;");
    struct display_list *list = draw_scene(types_bench_find(&bench, "/ITL/scene"));
    size_t n = display_list_size(list), n_shared = 0;
    for (size_t i = 0; i < n / 2; i++) {
        n_shared +=
            display_list_item(list, i)->resource == display_list_item(list, n / 2 + i)->resource;
    }
    assert_true(n >= 4 && n < 40);
    assert_int_equal(n_shared, n / 2 - 1); /* all but the clear box that takes the pointer */
    assert_true(display_list_item(list, n - 1)->fill.r == 1);
    display_list_unref(list);
    types_bench_finish(&bench);
}

/* -- piano rolls -------------------------------------------------------------------- */

static void test_pianoroll__answers_its_settings(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/p set pianoroll '[ c/4 d e f ]';");
    expect_reply(&bench, "/ITL/scene/p get width;", "/ITL/scene/p width 1.0");
    expect_reply(&bench, "/ITL/scene/p get duration;", "/ITL/scene/p duration 1 1");
    types_bench_ok(
        &bench,
        "/ITL/scene/p keyboard 1; /ITL/scene/p clipTime 1 4 3 4; /ITL/scene/p clipPitch 48 72;"
        "/ITL/scene/p pitchLines c e g; /ITL/scene/p voiceColor 1 255 0 0;");
    expect_reply(&bench, "/ITL/scene/p get keyboard;", "/ITL/scene/p keyboard 1");
    expect_reply(&bench, "/ITL/scene/p get clipTime;", "/ITL/scene/p clipTime 1 4 3 4");
    expect_reply(&bench, "/ITL/scene/p get clipPitch;", "/ITL/scene/p clipPitch 48 72");
    expect_reply(&bench, "/ITL/scene/p get pitchLines;", "/ITL/scene/p pitchLines c e g");
    types_bench_ok(&bench, "/ITL/scene/p clipTime; /ITL/scene/p pitchLines empty;");
    expect_reply(&bench, "/ITL/scene/p get clipTime;", "/ITL/scene/p clipTime 0 1 1 1");
    expect_reply(&bench, "/ITL/scene/p get pitchLines;", "/ITL/scene/p pitchLines empty");
    expect_error(&bench, "/ITL/scene/p clipTime 3 4 1 4;", "incorrect parameters");
    expect_error(&bench, "/ITL/scene/p clipPitch 80 20;", "incorrect parameters");
    expect_error(&bench, "/ITL/scene/p pitchLines x;", "incorrect parameters");
    types_bench_finish(&bench);
}

/* -- expressions ---------------------------------------------------------------------- */

static void test_expr__gives_the_text_of_other_scores(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/a set gmn '[ c/4 d ]'; /ITL/scene/b set gmn '[ e/2 ]';"
                           "/ITL/scene/s set gmn expr( seq a (par b \"[ f/1 ]\") );");
    expect_reply(&bench, "/ITL/scene/s get duration;", "/ITL/scene/s duration 3 2");
    expect_reply(&bench, "/ITL/scene/s get;",
                 "/ITL/scene/s set gmn expr( seq a (par b \"[ f/1 ]\") )");
    expect_reply(&bench, "/ITL/scene/s get exprTree;",
                 "/ITL/scene/s exprTree \"(seq a (par b \\\"[ f/1 ]\\\"))\"");
    expect_error(&bench, "/ITL/scene/n set gmn expr( seq a nothing );",
                 "no such object or file: nothing");
    assert_null(score_find(bench.score, "/ITL/scene/n"));
    expect_error(&bench, "/ITL/scene/n set gmn expr( seq a );", "an argument is missing");
    expect_error(&bench, "/ITL/scene/n set gmn expr( seq a \"[ c\" );", "invalid gmn code");
    types_bench_finish(&bench);
}

static void test_expr__dynamic_arguments_are_followed(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench,
                   "/ITL/scene/a set gmn '[ c/4 ]'; /ITL/scene/b set gmn '[ d/4 ]';"
                   "/ITL/scene/s set gmn expr( seq &a b ); /ITL/scene/t set gmn expr( seq &s s );");
    types_bench_ok(&bench, "/ITL/scene/a set gmn '[ c/1 ]'; /ITL/scene/b set gmn '[ d/1 ]';");
    expect_reply(&bench, "/ITL/scene/s get duration;",
                 "/ITL/scene/s duration 5 4"); /* b as it was */
    expect_reply(&bench, "/ITL/scene/t get duration;", "/ITL/scene/t duration 7 4");
    types_bench_ok(&bench, "/ITL/scene/s expr reeval;");
    expect_reply(&bench, "/ITL/scene/s get duration;", "/ITL/scene/s duration 5 4");
    types_bench_ok(&bench, "/ITL/scene/s expr renew;");
    expect_reply(&bench, "/ITL/scene/s get duration;", "/ITL/scene/s duration 2 1");
    types_bench_finish(&bench);
}

static void test_expr__scores_that_need_each_other_come_to_an_end(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench,
                   "/ITL/scene/a set gmn '[ c/4 ]'; /ITL/scene/b set gmn expr( head &a \"[c/8]\" );"
                   "/ITL/scene/c set gmn expr( head &b \"[c/8]\" );");
    free(types_bench_run(&bench, "/ITL/scene/a set gmn expr( head &c \"[c/8]\" );"));
    free(types_bench_run(&bench, "/ITL/scene/b set gmn '[ c/2 ]';"));
    expect_reply(&bench, "/ITL/scene/c get duration;", "/ITL/scene/c duration 1 8");
    types_bench_ok(&bench, "/ITL/scene/* del;");
    types_bench_finish(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gmn__size_is_music_and_margins_at_80_units_a_cm),
        cmocka_unit_test(test_gmn__duration_comes_from_the_score),
        cmocka_unit_test(test_gmn__what_is_invalid_is_told_and_has_no_size),
        cmocka_unit_test(test_gmn__pages_are_shown_in_rows),
        cmocka_unit_test(test_gmn__page_is_kept_within_the_score),
        cmocka_unit_test(test_gmn__page_format_is_for_scores_without_one),
        cmocka_unit_test(test_gmn__maps_lie_in_the_objects_space),
        cmocka_unit_test(test_gmnstream__brackets_close_by_themselves),
        cmocka_unit_test(test_gmnstream__many_writes_give_the_score_of_the_whole_text),
        cmocka_unit_test(test_files__are_read_by_their_content),
        cmocka_unit_test(test_draw__equal_scores_share_their_resources),
        cmocka_unit_test(test_pianoroll__answers_its_settings),
        cmocka_unit_test(test_expr__gives_the_text_of_other_scores),
        cmocka_unit_test(test_expr__dynamic_arguments_are_followed),
        cmocka_unit_test(test_expr__scores_that_need_each_other_come_to_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
