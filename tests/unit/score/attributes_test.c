/* Attributes, colours, effects and dates: forms, defaults, Δ, answers. Numbers of
 * scripts 06, 07, 09, 20 are the original's replies. */
#include "score_fixture.h"

#include <string.h>

#include "renderer/score/attributes/attributes.h"
#include "renderer/score/attributes/color.h"

#define CASE(name) static void test_attributes__##name(void **state)

CASE(table_is_sorted_by_name) {
    (void)state;
    for (size_t i = 1; i < attributes_count(); i++) {
        assert_true(strcmp(attributes_row(i - 1)->name, attributes_row(i)->name) < 0);
    }
    assert_non_null(attributes_find("angle"));
    assert_null(attributes_find("click"));
}

CASE(defaults_are_those_of_section_8) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/r set rect 1 1");
    fixture_expect(f,
                   "/ITL/scene/r get x y z angle rotatex rotatey scale xorigin yorigin shear show "
                   "color alpha penWidth penColor penAlpha penStyle brushStyle effect date "
                   "duration tempo lock hue saturation brightness",
                   "/ITL/scene/r x 0.0\n/ITL/scene/r y 0.0\n/ITL/scene/r z 0.0\n"
                   "/ITL/scene/r angle 0.0\n/ITL/scene/r rotatex 0.0\n/ITL/scene/r rotatey 0.0\n"
                   "/ITL/scene/r scale 1.0\n/ITL/scene/r xorigin 0.0\n/ITL/scene/r yorigin 0.0\n"
                   "/ITL/scene/r shear 0.0 0.0\n/ITL/scene/r show 1\n"
                   "/ITL/scene/r color 0 0 0 255\n/ITL/scene/r alpha 255\n"
                   "/ITL/scene/r penWidth 0.0\n/ITL/scene/r penColor 0 0 0 255\n"
                   "/ITL/scene/r penAlpha 255\n/ITL/scene/r penStyle solid\n"
                   "/ITL/scene/r brushStyle solid\n/ITL/scene/r effect none\n"
                   "/ITL/scene/r date 0 1\n/ITL/scene/r duration 1 1\n/ITL/scene/r tempo 0.0\n"
                   "/ITL/scene/r lock 0\n/ITL/scene/r hue 0\n/ITL/scene/r saturation 0\n"
                   "/ITL/scene/r brightness 0\n");
}

CASE(script_06_color_forms) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a color 200 100 50;"
                   "/ITL/scene/b set rect 1 1; /ITL/scene/b color 200 100 50 128;"
                   "/ITL/scene/c set rect 1 1; /ITL/scene/c color DarkSeaGreen;"
                   "/ITL/scene/d set rect 1 1; /ITL/scene/d color \"0x4080c0\";"
                   "/ITL/scene/e set rect 1 1; /ITL/scene/e color \"0x4080c080\";"
                   "/ITL/scene/f set rect 1 1; /ITL/scene/f color 0. -1. 0.5 1.;"
                   "/ITL/scene/g set rect 1 1; /ITL/scene/g hsb 210 80 90;"
                   "/ITL/scene/h set rect 1 1; /ITL/scene/h color nosuchname");
    fixture_expect(f, "/ITL/scene/* get color hsb",
                   "/ITL/scene/a color 200 100 50 255\n/ITL/scene/b color 200 100 50 128\n"
                   "/ITL/scene/c color 143 188 143 255\n/ITL/scene/d color 64 128 192 255\n"
                   "/ITL/scene/e color 64 128 192 128\n/ITL/scene/f color 127 0 191 255\n"
                   "/ITL/scene/g color 45 137 229 255\n/ITL/scene/h color 0 0 0 255\n");
    fixture_expect_error(f, "/ITL/scene/a color 10 20",
                         " incorrect parameters: /ITL/scene/a color 10 20;");
    fixture_expect(f, "/ITL/scene/a color 300 -5 10; /ITL/scene/a get color",
                   "/ITL/scene/a color 255 0 10 255\n");
    fixture_expect(f, "/ITL/scene/b color 0.5 0.5 0.5; /ITL/scene/b get color",
                   "/ITL/scene/b color 191 191 191 255\n");
    fixture_expect(f, "/ITL/scene/c hsb 0.5 0. 0. 1.; /ITL/scene/c get hsb color",
                   "/ITL/scene/c color 95 127 63 255\n");
    fixture_expect_error(f, "/ITL/scene/b color 0.5 0.5 0.5 200",
                         " incorrect parameters: /ITL/scene/b color 0.5 0.5 0.5 200;");
}

CASE(script_07_components_and_relative_forms) {
    struct fixture *f = *state;
    fixture_run(f,
                "/ITL/scene/a set rect 1 1; /ITL/scene/a color 220 40 40; /ITL/scene/a alpha 128;"
                "/ITL/scene/b set rect 1 1; /ITL/scene/b red 255; /ITL/scene/b alpha 0.;"
                "/ITL/scene/c set rect 1 1; /ITL/scene/c color 100 100 100;"
                "/ITL/scene/c dred 100; /ITL/scene/c dblue -60;"
                "/ITL/scene/d set rect 1 1; /ITL/scene/d color 40 60 200;"
                "/ITL/scene/d dalpha -155");
    fixture_expect(f, "/ITL/scene/* get color alpha",
                   "/ITL/scene/a color 220 40 40 128\n/ITL/scene/a alpha 128\n"
                   "/ITL/scene/b color 255 0 0 127\n/ITL/scene/b alpha 127\n"
                   "/ITL/scene/c color 200 100 40 255\n/ITL/scene/c alpha 255\n"
                   "/ITL/scene/d color 40 60 200 100\n/ITL/scene/d alpha 100\n");
    fixture_expect(f, "/ITL/scene/c dred 0.; /ITL/scene/c get red", "/ITL/scene/c red 255\n");
    fixture_expect(f, "/ITL/scene/d dcolor 10 10 10; /ITL/scene/d get color",
                   "/ITL/scene/d color 50 70 210 255\n");
}

CASE(color_without_alpha_resets_alpha) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a alpha 10; /ITL/scene/a color red;"
                   "/ITL/scene/a get color; /ITL/scene/a penAlpha 40; /ITL/scene/a pendAlpha 3;"
                   "/ITL/scene/a get penColor",
                   "/ITL/scene/a color 255 0 0 255\n/ITL/scene/a penColor 0 0 0 43\n");
}

CASE(hsb_follows_rgb_and_back) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a color 0 255 0;"
                   "/ITL/scene/a get hue saturation brightness; /ITL/scene/a hue 240;"
                   "/ITL/scene/a get color; /ITL/scene/a dhue -300; /ITL/scene/a get hue color;"
                   "/ITL/scene/a saturation 0; /ITL/scene/a brightness 40;"
                   "/ITL/scene/a get color hue; /ITL/scene/a hue -0.5; /ITL/scene/a get hue",
                   "/ITL/scene/a hue 120\n/ITL/scene/a saturation 100\n"
                   "/ITL/scene/a brightness 100\n/ITL/scene/a color 0 0 255 255\n"
                   "/ITL/scene/a hue 300\n/ITL/scene/a color 255 0 255 255\n"
                   "/ITL/scene/a color 102 102 102 255\n/ITL/scene/a hue 300\n"
                   "/ITL/scene/a hue 270\n");
}

CASE(color_names_cover_css4) {
    (void)state;
    int rgb[3];
    assert_true(color_find_name("RebeccaPurple", rgb));
    assert_int_equal(rgb[0] << 16 | rgb[1] << 8 | rgb[2], 0x663399);
    assert_true(color_find_name("aliceblue", rgb));
    assert_true(color_find_name("yellowgreen", rgb));
    assert_true(color_find_name("lightgoldenrodyellow", rgb));
    assert_false(color_find_name("", rgb));
    assert_false(color_find_name("transparent", rgb));
}

CASE(script_09_unknown_brush_is_kept_as_word) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a brushStyle dense2;"
                   "/ITL/scene/a get brushStyle; /ITL/scene/a brushStyle stripes;"
                   "/ITL/scene/a get brushStyle; /ITL/scene/a penStyle dashDotDot;"
                   "/ITL/scene/a get penStyle",
                   "/ITL/scene/a brushStyle dense2\n/ITL/scene/a brushStyle stripes\n"
                   "/ITL/scene/a penStyle dashDotDot\n");
    struct object *a = score_find(f->score, "/ITL/scene/a");
    assert_int_equal(a->attr.brush_style, BRUSH_SOLID);
    assert_int_equal(a->attr.pen_style, PEN_DASH_DOT_DOT);
}

CASE(script_20_effects) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a effect blur 10;"
                   "/ITL/scene/a get effect; /ITL/scene/a effect shadow; /ITL/scene/a get effect;"
                   "/ITL/scene/a effect colorize; /ITL/scene/a get effect;"
                   "/ITL/scene/a effect colorize 1. 200 0 0; /ITL/scene/a get effect;"
                   "/ITL/scene/a effect shadow 20 20 255 0 0 200 8; /ITL/scene/a get effect;"
                   "/ITL/scene/a effect colorize 0.5 1 2; /ITL/scene/a get effect;"
                   "/ITL/scene/a effect none; /ITL/scene/a get effect",
                   "/ITL/scene/a effect blur 10 performance\n"
                   "/ITL/scene/a effect shadow 10 10 100 100 100 50 1\n"
                   "/ITL/scene/a effect colorize 1.0 0 0 192\n"
                   "/ITL/scene/a effect colorize 1.0 200 0 0\n"
                   "/ITL/scene/a effect shadow 20 20 255 0 0 200 8\n"
                   "/ITL/scene/a effect colorize 0.5 0 0 192\n"
                   "/ITL/scene/a effect none\n");
    fixture_expect_error(f, "/ITL/scene/a effect sparkle",
                         " incorrect parameters: /ITL/scene/a effect sparkle;");
    fixture_expect_error(f, "/ITL/scene effect blur",
                         " incorrect parameters: /ITL/scene effect blur;");
}

CASE(types_convert_as_in_4_6) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a scale -2; /ITL/scene/a angle 400;"
                   "/ITL/scene/a show 0.5; /ITL/scene/a z 3; /ITL/scene/a get scale angle show z",
                   "/ITL/scene/a scale -2.0\n/ITL/scene/a angle 400.0\n/ITL/scene/a show 1\n"
                   "/ITL/scene/a z 3.0\n");
    fixture_expect_error(f, "/ITL/scene/a scale \"2\"",
                         " incorrect parameters: /ITL/scene/a scale 2;");
    fixture_expect_error(f, "/ITL/scene/a scale 1 2",
                         " incorrect parameters: /ITL/scene/a scale 1 2;");
    fixture_expect_error(f, "/ITL/scene/a scale", " incorrect parameters: /ITL/scene/a scale;");
    fixture_expect_error(f, "/ITL/scene/a penStyle 3",
                         " incorrect parameters: /ITL/scene/a penStyle 3;");
    fixture_expect_error(f, "/ITL/scene/a click", " incorrect parameters: /ITL/scene/a click;");
    fixture_expect_error(f, "/ITL/scene/a frame 1", " incorrect parameters: /ITL/scene/a frame 1;");
}

CASE(infinite_numbers_are_refused) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 1 1; /ITL/scene/a x 0.5");
    struct message msg;
    struct score_result result;
    message_init(&msg, "/ITL/scene/a", "x");
    message_give_param(&msg, param_float((float)(1e308 * 10)));
    score_begin(f->score, "test");
    score_process(f->score, &msg);
    score_end(f->score, &result);
    assert_string_equal(result.errors.data, " incorrect parameters: /ITL/scene/a x inf;");
    score_result_finish(&result);
    message_finish(&msg);
    fixture_expect(f, "/ITL/scene/a get x", "/ITL/scene/a x 0.5\n");
}

CASE(relative_forms_add_and_dscale_multiplies) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a x 0.5; /ITL/scene/a dx 0.25;"
                   "/ITL/scene/a dy -1; /ITL/scene/a dz 2; /ITL/scene/a dxorigin 1;"
                   "/ITL/scene/a dyorigin -1.; /ITL/scene/a drotatex 10;"
                   "/ITL/scene/a drotatez 5; /ITL/scene/a dangle 5; /ITL/scene/a dshear 1 2;"
                   "/ITL/scene/a dscale 3.; /ITL/scene/a dtempo 60;"
                   "/ITL/scene/a get x y z xorigin yorigin rotatex angle shear scale tempo",
                   "/ITL/scene/a x 0.75\n/ITL/scene/a y -1.0\n/ITL/scene/a z 2.0\n"
                   "/ITL/scene/a xorigin 1.0\n/ITL/scene/a yorigin -1.0\n"
                   "/ITL/scene/a rotatex 10.0\n/ITL/scene/a angle 10.0\n"
                   "/ITL/scene/a shear 1.0 2.0\n/ITL/scene/a scale 3.0\n"
                   "/ITL/scene/a tempo 60.0\n");
    /* Relative units: the same unit stays, a plain step resolves it. */
    fixture_expect(f,
                   "/ITL/scene/a x \"0.5sw\"; /ITL/scene/a dx \"0.25sw\"; /ITL/scene/a get x;"
                   "/ITL/scene/a dx 0.25; /ITL/scene/a get x",
                   "/ITL/scene/a x \"0.75sw\"\n/ITL/scene/a x 1.0\n");
    fixture_expect_error(f, "/ITL/scene/a x \"1px\"", " incorrect parameters: /ITL/scene/a x 1px;");
}

CASE(dates_read_back_as_set) {
    struct fixture *f = *state;
    fixture_expect(f,
                   "/ITL/scene/a set rect 1 1; /ITL/scene/a date 2 4; /ITL/scene/a get date;"
                   "/ITL/scene/a date 3.5; /ITL/scene/a get date \"date%f\" \"date%a\";"
                   "/ITL/scene/a date \"-3/4\"; /ITL/scene/a get date; /ITL/scene/a date 2;"
                   "/ITL/scene/a ddate 1 4; /ITL/scene/a clock; /ITL/scene/a get date;"
                   "/ITL/scene/a duration 4 -2; /ITL/scene/a dduration 1 2;"
                   "/ITL/scene/a durClock; /ITL/scene/a get duration",
                   "/ITL/scene/a date 2 4\n/ITL/scene/a date 35000 10000\n"
                   "/ITL/scene/a \"date%f\" 3.5\n/ITL/scene/a \"date%a\" 14.0\n"
                   "/ITL/scene/a date -3 4\n/ITL/scene/a date 217 96\n"
                   "/ITL/scene/a duration -143 96\n");
    fixture_expect_error(f, "/ITL/scene/a date 1 0",
                         " incorrect parameters: /ITL/scene/a date 1 0;");
    fixture_expect_error(f, "/ITL/scene/a date soon",
                         " incorrect parameters: /ITL/scene/a date soon;");
    fixture_expect(f, "/ITL/scene/a get date", "/ITL/scene/a date 217 96\n");
}

CASE(patterns_report_only_when_nobody_takes_the_message) {
    struct fixture *f = *state;
    fixture_expect_error(f, "/ITL/scene/* del", "");
    fixture_expect_error(f, "/ITL/scene/* x 0.5", " incorrect parameters: /ITL/scene/* x 0.5;");
    fixture_run(f, "/ITL/scene/r set rect 1 1; /ITL/scene/t set txt a");
    fixture_expect_error(f, "/ITL/scene/* x 0.5", "");
    fixture_expect_error(f, "/ITL/scene/* fontSize 20", ""); /* t has it, r has not */
    fixture_expect_error(f, "/ITL/scene/r fontSize 20",
                         " incorrect parameters: /ITL/scene/r fontSize 20;");
    fixture_expect_error(f, "/ITL/scene/no* x 0.5", "");
    fixture_expect_error(f, "/ITL/scene/{r,t} y 0.25", "");
    fixture_expect(f, "/ITL/scene/{r,t} get y", "/ITL/scene/r y 0.25\n/ITL/scene/t y 0.25\n");
    fixture_expect_error(f, "/ITL/scene/{p,q} y 0.25", "");
}

#define RUN(name)                                                                                  \
    cmocka_unit_test_setup_teardown(test_attributes__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RUN(table_is_sorted_by_name),
        RUN(defaults_are_those_of_section_8),
        RUN(script_06_color_forms),
        RUN(script_07_components_and_relative_forms),
        RUN(color_without_alpha_resets_alpha),
        RUN(hsb_follows_rgb_and_back),
        RUN(color_names_cover_css4),
        RUN(script_09_unknown_brush_is_kept_as_word),
        RUN(script_20_effects),
        RUN(types_convert_as_in_4_6),
        RUN(infinite_numbers_are_refused),
        RUN(relative_forms_add_and_dscale_multiplies),
        RUN(dates_read_back_as_set),
        RUN(patterns_report_only_when_nobody_takes_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
