/* Geometry against the numbers that the original program replied (reference
 * pictures NN-*.replies.txt; the script number is in each test's name). */
#include "score_fixture.h"

#include <math.h>
#include <string.h>

#define CASE(name) static void test_geometry__##name(void **state)

CASE(script_03_frames_and_sizes) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/tl set rect 0.2 0.1; /ITL/scene/tl x -0.9; /ITL/scene/tl y -0.95;"
                   "/ITL/scene/br set ellipse 0.4 0.2; /ITL/scene/br x 0.8; /ITL/scene/br y 0.9;"
                   "/ITL/scene/wh set ellipse 0.1 0.1; /ITL/scene/wh width 0.6;"
                   "/ITL/scene/wh height 0.3");
    fixture_expect(f, "/ITL/scene/tl get frame",
                   "/ITL/scene/tl frame -1.0 -1.0 -0.8 -1.0 -0.8 -0.9 -1.0 -0.9\n");
    fixture_expect(f, "/ITL/scene/br get frame",
                   "/ITL/scene/br frame 0.6 0.8 1.0 0.8 1.0 1.0 0.6 1.0\n");
    fixture_expect(f, "/ITL/scene/wh get x y width height",
                   "/ITL/scene/wh x 0.0\n/ITL/scene/wh y 0.0\n/ITL/scene/wh width 0.6\n"
                   "/ITL/scene/wh height 0.3\n");
    fixture_expect(f, "/ITL/scene/br get", "/ITL/scene/br set ellipse 0.4 0.2\n");
    fixture_expect_error(f, "/ITL/scene/br width \"wide\"",
                         " incorrect parameters: /ITL/scene/br width wide;");
}

CASE(script_04_origin_and_angle) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set rect 0.5 0.15; /ITL/scene/b set rect 0.5 0.15;"
                   "/ITL/scene/c set rect 0.5 0.15; /ITL/scene/d set rect 0.5 0.15;"
                   "/ITL/scene/[ac] x -0.5; /ITL/scene/[bd] x 0.3; /ITL/scene/[ab] y -0.5;"
                   "/ITL/scene/[cd] y 0.4; /ITL/scene/* angle 30.; /ITL/scene/b xorigin -1.;"
                   "/ITL/scene/c yorigin 1.; /ITL/scene/d xorigin 1.; /ITL/scene/d yorigin -1.");
    assert_string_equal(f->errors.data, "");
    fixture_expect(f, "/ITL/scene/a get frame",
                   "/ITL/scene/a frame -0.68 -0.69 -0.245 -0.44 -0.32 -0.31 -0.755 -0.56\n");
    fixture_expect(f, "/ITL/scene/b get frame",
                   "/ITL/scene/b frame 0.3375 -0.565 0.77 -0.315 0.695 -0.185 0.2625 -0.435\n");
    fixture_expect(f, "/ITL/scene/c get frame",
                   "/ITL/scene/c frame -0.6425 0.145 -0.2075 0.395 -0.2825 0.525 -0.7175 0.275\n");
    fixture_expect(f, "/ITL/scene/d get frame",
                   "/ITL/scene/d frame -0.1325 0.15 0.3 0.4 0.225 0.53 -0.2075 0.28\n");
    fixture_expect(f, "/ITL/scene/d dangle 15.; /ITL/scene/d get angle",
                   "/ITL/scene/d angle 45.0\n");
}

CASE(script_05_scale) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/b set rect 0.4 0.2; /ITL/scene/b scale 2.; /ITL/scene/b y -0.3;"
                   "/ITL/scene/c set rect 0.4 0.2; /ITL/scene/c scale 0.5;"
                   "/ITL/scene/c dscale 3.; /ITL/scene/c y 0.2;"
                   "/ITL/scene/d set rect 0.4 0.2; /ITL/scene/d scale 2.;"
                   "/ITL/scene/d xorigin -1.; /ITL/scene/d y 0.7");
    fixture_expect(f, "/ITL/scene/c get width scale",
                   "/ITL/scene/c width 0.4\n/ITL/scene/c scale 1.5\n");
    fixture_expect(f, "/ITL/scene/b get frame",
                   "/ITL/scene/b frame -0.4 -0.5 0.4 -0.5 0.4 -0.1 -0.4 -0.1\n");
    fixture_expect(f, "/ITL/scene/c get frame",
                   "/ITL/scene/c frame -0.3 0.05 0.3 0.05 0.3 0.35 -0.3 0.35\n");
    fixture_expect(f, "/ITL/scene/d get frame",
                   "/ITL/scene/d frame 0.0 0.5 0.8 0.5 0.8 0.9 0.0 0.9\n");
}

CASE(script_08_pen_counts_in_the_box) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/d set rect 0.8 0.4; /ITL/scene/d x 0.5; /ITL/scene/d penWidth 40.");
    fixture_expect(f, "/ITL/scene/d get frame",
                   "/ITL/scene/d frame 0.055 -0.2675 0.855 -0.2675 0.855 0.1775 0.055 0.1775\n");
    fixture_expect(f, "/ITL/scene/d get width height penWidth",
                   "/ITL/scene/d width 0.8\n/ITL/scene/d height 0.4\n/ITL/scene/d penWidth 40.0\n");
}

CASE(script_10_polygon_answers_no_size) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/t set polygon 0. 0. 0.8 0. 0.8 0.6; /ITL/scene/t x -0.5;"
                   "/ITL/scene/t y -0.5");
    fixture_expect(f, "/ITL/scene/t get width height frame",
                   "/ITL/scene/t frame -0.9 -0.8 -0.1 -0.8 -0.1 -0.2 -0.9 -0.2\n");
    fixture_expect_error(f, "/ITL/scene/t set polygon 0. 0. 1.",
                         " incorrect parameters: /ITL/scene/t set polygon 0 0 1;");
    fixture_expect_error(f, "/ITL/scene/t width 1.",
                         " incorrect parameters: /ITL/scene/t width 1;");
}

CASE(script_11_line_is_anchored_by_its_nominal_box) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set line xy 0.6 0.3; /ITL/scene/a x -0.5; /ITL/scene/a y -0.5;"
                   "/ITL/scene/a penWidth 3.;"
                   "/ITL/scene/b set line xy 0.424264 0.424264; /ITL/scene/b x 0.5;"
                   "/ITL/scene/b y -0.5; /ITL/scene/b penWidth 4.");
    fixture_expect(f, "/ITL/scene/a get width height",
                   "/ITL/scene/a width 0.0\n/ITL/scene/a height 0.0\n");
    fixture_expect(f, "/ITL/scene/b get frame",
                   "/ITL/scene/b frame 0.2825 -0.7175 0.7175 -0.7175 0.7175 -0.2825 0.2825 "
                   "-0.2825\n");
    fixture_expect(f, "/ITL/scene/a get frame",
                   "/ITL/scene/a frame -0.805 -0.655 -0.195 -0.655 -0.195 -0.345 -0.805 -0.345\n");
}

CASE(script_14_children_live_in_a_square) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/w set rect 1.6 0.6; /ITL/scene/w y -0.55;"
                   "/ITL/scene/w/c set ellipse 0.4 0.4; /ITL/scene/w/c x 1.;"
                   "/ITL/scene/w/r set rect 0.5 0.25; /ITL/scene/w/r x 2.;"
                   "/ITL/scene/t set rect 0.5 1.; /ITL/scene/t x 0.2; /ITL/scene/t y 0.45;"
                   "/ITL/scene/t angle 30.; /ITL/scene/t scale 0.8;"
                   "/ITL/scene/t/in set rect 1. 1.; /ITL/scene/t/in/dot set ellipse 1. 1.;"
                   "/ITL/scene/t/in/dot x 1.");
    assert_string_equal(f->errors.data, "");
    fixture_expect(f, "/ITL/scene/w/c get frame",
                   "/ITL/scene/w/c frame -1.86667 -1.2 -1.46667 -1.2 -1.46667 -0.8 -1.86667 "
                   "-0.8\n");
    fixture_expect(f, "/ITL/scene/w/r get frame",
                   "/ITL/scene/w/r frame -0.916667 -1.125 -0.416667 -1.125 -0.416667 -0.875 "
                   "-0.916667 -0.875\n");
    fixture_expect(f, "/ITL/scene/t/in get frame",
                   "/ITL/scene/t/in frame -1.5 -2.5 -0.5 -2.5 -0.5 -1.5 -1.5 -1.5\n");
    fixture_expect(f, "/ITL/scene/t/in/dot get frame",
                   "/ITL/scene/t/in/dot frame -0.5 -1.5 0.5 -1.5 0.5 -0.5 -0.5 -0.5\n");
    fixture_expect(f, "/ITL/scene/t get",
                   "/ITL/scene/t set rect 0.5 1.0\n/ITL/scene/t/in set rect 1.0 1.0\n"
                   "/ITL/scene/t/in/dot set ellipse 1.0 1.0\n");
}

CASE(script_15_natural_sizes_in_a_parent) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/q set rect 1. 0.5; /ITL/scene/q y 0.5;"
                   "/ITL/scene/q/i set img panel.png; /ITL/scene/q/i scale 0.5;"
                   "/ITL/scene/q/j set img panel.png; /ITL/scene/q/j width 1.;"
                   "/ITL/scene/q/j x 1.5");
    fixture_expect(f, "/ITL/scene/q/i get width height scale frame",
                   "/ITL/scene/q/i width 1.99005\n/ITL/scene/q/i height 0.995025\n"
                   "/ITL/scene/q/i scale 0.5\n"
                   "/ITL/scene/q/i frame -2.5 -1.25 -1.5 -1.25 -1.5 -0.75 -2.5 -0.75\n");
    fixture_expect(f, "/ITL/scene/q/j get width height scale frame",
                   "/ITL/scene/q/j width 1.0\n/ITL/scene/q/j height 0.5\n/ITL/scene/q/j scale 1.0\n"
                   "/ITL/scene/q/j frame -1.0 -1.25 0.0 -1.25 0.0 -0.75 -1.0 -0.75\n");
}

CASE(script_17_image_sizes_are_proportional) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/nat set img panel.png; /ITL/scene/wh set img panel.png;"
                   "/ITL/scene/wh width 0.4; /ITL/scene/wh height 0.4");
    fixture_expect(f, "/ITL/scene/* get width height",
                   "/ITL/scene/nat width 0.5\n/ITL/scene/nat height 0.25\n"
                   "/ITL/scene/wh width 0.8\n/ITL/scene/wh height 0.4\n");
    fixture_expect(f, "/ITL/scene/wh height 0; /ITL/scene/wh get width",
                   "/ITL/scene/wh width 0.5\n");
}

CASE(script_19_layer_with_a_pen) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/l set layer; /ITL/scene/l scale 0.4; /ITL/scene/l x -0.5;"
                   "/ITL/scene/l y -0.5; /ITL/scene/l angle 15.; /ITL/scene/l penWidth 4.;"
                   "/ITL/scene/l/e set ellipse 1. 0.5");
    fixture_expect(f, "/ITL/scene/l get frame",
                   "/ITL/scene/l frame -0.785 -0.9925 -0.0125 -0.785 -0.2175 -0.0125 -0.9925 "
                   "-0.22\n");
    fixture_expect(f, "/ITL/scene/l/e get frame",
                   "/ITL/scene/l/e frame -1.49502 -1.24378 -0.495025 -1.24378 -0.495025 -0.743781 "
                   "-1.49502 -0.743781\n");
    fixture_expect(f, "/ITL/scene/l get brushStyle", "/ITL/scene/l brushStyle none\n");
}

CASE(script_21_shear_and_perspective) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/sx set rect 0.5 0.5; /ITL/scene/sx y -0.5;"
                   "/ITL/scene/sx shear 0.4 0.;"
                   "/ITL/scene/sy set rect 0.5 0.5; /ITL/scene/sy x 0.65; /ITL/scene/sy y -0.5;"
                   "/ITL/scene/sy shear 0. 0.4;"
                   "/ITL/scene/rx set rect 0.5 0.5; /ITL/scene/rx x -0.65; /ITL/scene/rx y 0.5;"
                   "/ITL/scene/rx rotatex 60.;"
                   "/ITL/scene/ry set rect 0.5 0.5; /ITL/scene/ry y 0.5;"
                   "/ITL/scene/ry rotatey 60.;"
                   "/ITL/scene/all set rect 0.5 0.5; /ITL/scene/all x 0.65; /ITL/scene/all y 0.5;"
                   "/ITL/scene/all rotatey 50.; /ITL/scene/all angle 30.");
    fixture_expect(f, "/ITL/scene/sx get frame",
                   "/ITL/scene/sx frame -0.35 -0.75 0.15 -0.75 0.35 -0.25 -0.15 -0.25\n");
    fixture_expect(f, "/ITL/scene/sy get frame",
                   "/ITL/scene/sy frame 0.4 -0.85 0.9 -0.65 0.9 -0.15 0.4 -0.35\n");
    fixture_expect(f, "/ITL/scene/rx get frame",
                   "/ITL/scene/rx frame -0.88 0.385 -0.42 0.385 -0.3775 0.6375 -0.9225 0.6375\n");
    fixture_expect(f, "/ITL/scene/ry get frame",
                   "/ITL/scene/ry frame -0.115 0.27 0.1375 0.2275 0.1375 0.7725 -0.115 0.73\n");
    fixture_expect(f, "/ITL/scene/all get frame",
                   "/ITL/scene/all frame 0.5925 0.1675 0.895 0.3975 0.71 0.85 0.45 0.5825\n");
    fixture_expect(f, "/ITL/scene/all get shear rotatex rotatey rotatez",
                   "/ITL/scene/all shear 0.0 0.0\n/ITL/scene/all rotatex 0.0\n"
                   "/ITL/scene/all rotatey 50.0\n/ITL/scene/all rotatez 30.0\n");
}

CASE(script_22_scene_units_follow_the_scene) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene width 1.5; /ITL/scene height 0.8;"
                   "/ITL/scene/left set rect \"0.05sw\" \"1sh\"; /ITL/scene/left x \"-1sw\";"
                   "/ITL/scene/bot set rect \"0.5sw\" \"0.1sh\"");
    fixture_expect(f, "/ITL/scene get width height swidth sheight",
                   "/ITL/scene width 1.5\n/ITL/scene height 0.8\n/ITL/scene swidth 3.75\n"
                   "/ITL/scene sheight 2.0\n");
    fixture_expect(f, "/ITL/scene/left get x width height",
                   "/ITL/scene/left x -1sw\n/ITL/scene/left width \"0.05sw\"\n"
                   "/ITL/scene/left height \"1sh\"\n");
    fixture_expect(f, "/ITL/scene/bot get", "/ITL/scene/bot set rect \"0.5sw\" \"0.1sh\"\n");
    fixture_expect(f, "/ITL/scene width 0.8; /ITL/scene height 1.2; /ITL/scene get swidth sheight",
                   "/ITL/scene swidth 2.0\n/ITL/scene sheight 3.0\n");
    fixture_expect_error(f, "/ITL/scene width \"1sw\"",
                         " incorrect parameters: /ITL/scene width 1sw;");
}

static void expect_device(struct fixture *f, double x, double y, double px, double py) {
    struct placement place;
    geometry_place_scene(score_find(f->score, "/ITL/scene"), 1080, &place);
    matrix_apply(&place.to_device, &x, &y);
    assert_true(fabs(x - px) < 1e-3);
    assert_true(fabs(y - py) < 1e-3);
}

CASE(script_23_pan_stays_in_the_square) {
    struct fixture *f = *state;
    expect_device(f, 0, 0, 270, 270);
    expect_device(f, 400, -400, 540, 0);
    fixture_run(f, "/ITL/scene xorigin 0.5");
    expect_device(f, 0, 0, 270, 270); /* no effect at scale 1 */
    fixture_run(f, "/ITL/scene scale 1.5");
    expect_device(f, -400, 0, 0, 270); /* the left border is at the left border */
    fixture_run(f, "/ITL/scene xorigin 1.");
    expect_device(f, -400, 0, 0, 270);
    fixture_run(f, "/ITL/scene xorigin 0.; /ITL/scene yorigin -0.8; /ITL/scene scale 2.");
    expect_device(f, 0, 160, 270, 270);
    fixture_run(f, "/ITL/scene scale 0.5");
    expect_device(f, 0, 0, 270, 270);
    expect_device(f, 400, 400, 405, 405);
}

CASE(script_39_arcs_grow_to_their_width) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a1 set arc 0.6 0.6 0. 360.; /ITL/scene/a2 set arc 0.6 0.6 0. 180.;"
                   "/ITL/scene/a3 set arc 0.6 0.6 90. 90.; /ITL/scene/a4 set arc 0.6 0.6 -90. 180.;"
                   "/ITL/scene/?1 x -0.5; /ITL/scene/?3 x -0.2; /ITL/scene/?2 x 0.5;"
                   "/ITL/scene/?4 x 0.5; /ITL/scene/?1 y -0.5; /ITL/scene/?2 y -0.5;"
                   "/ITL/scene/?3 y 0.6; /ITL/scene/?4 y 0.5");
    fixture_expect(f, "/ITL/scene/a1 get frame",
                   "/ITL/scene/a1 frame -0.8 -0.8 -0.2 -0.8 -0.2 -0.2 -0.8 -0.2\n");
    fixture_expect(f, "/ITL/scene/a2 get frame",
                   "/ITL/scene/a2 frame 0.2 -0.8 0.8 -0.8 0.8 -0.4975 0.2 -0.4975\n");
    fixture_expect(f, "/ITL/scene/a3 get frame",
                   "/ITL/scene/a3 frame -0.795 0.005 -0.195 0.005 -0.195 0.605 -0.795 0.605\n");
    fixture_expect(f, "/ITL/scene/a4 get frame",
                   "/ITL/scene/a4 frame 0.5 -0.095 1.1 -0.095 1.1 1.1 0.5 1.1\n");
}

CASE(script_12_arc) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/a set arc 0.7 0.7 0. 90.; /ITL/scene/a x -0.5; /ITL/scene/a y -0.5;"
                   "/ITL/scene/c set arc 0.9 0.4 45. 270.; /ITL/scene/c x -0.5;"
                   "/ITL/scene/c y 0.5");
    fixture_expect(f, "/ITL/scene/a get frame",
                   "/ITL/scene/a frame -0.5 -1.195 0.2 -1.195 0.2 -0.495 -0.5 -0.495\n");
    fixture_expect(f, "/ITL/scene/c get frame",
                   "/ITL/scene/c frame -1.025 0.2675 -0.1275 0.2675 -0.1275 0.7375 -1.025 "
                   "0.7375\n");
    fixture_expect(f,
                   "/ITL/scene/c get brushStyle; /ITL/scene/c brushStyle solid;"
                   "/ITL/scene/c get brushStyle",
                   "/ITL/scene/c brushStyle none\n/ITL/scene/c brushStyle solid\n");
    assert_int_equal(score_find(f->score, "/ITL/scene/c")->attr.brush_style, BRUSH_SOLID);
}

CASE(worked_example_of_7_5_in_device_pixels) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/r set rect 0.5 0.25; /ITL/scene/r x 0.5");
    struct placement place;
    geometry_place_from_scene(score_find(f->score, "/ITL/scene/r"), 1080, &place);
    double x = 0, y = 0;
    matrix_apply(&place.to_device, &x, &y);
    assert_true(fabs(x - (270 + 135 - 67.5)) < 1e-6);
    assert_true(fabs(y - (270 - 33.75)) < 1e-6);
    x = 200;
    y = 100;
    matrix_apply(&place.to_device, &x, &y);
    assert_true(fabs(x - (270 + 135 + 67.5)) < 1e-6);
    assert_true(fabs(y - (270 + 33.75)) < 1e-6);
}

CASE(child_is_placed_in_its_parent_in_device_pixels) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/w set rect 1.6 0.6; /ITL/scene/w scale 0.5; /ITL/scene/w show 0;"
                   "/ITL/scene/w/c set rect 1. 1.; /ITL/scene/w/c x 1.");
    struct placement place;
    geometry_place_from_scene(score_find(f->score, "/ITL/scene/w/c"), 1080, &place);
    double x = 60, y = 60; /* its centre: L = 240, so it is 120 units wide */
    matrix_apply(&place.to_device, &x, &y);
    assert_true(fabs(x - (270 + 120 * 0.5 * 0.675)) < 1e-6);
    assert_true(fabs(y - 270) < 1e-6);
    assert_false(place.is_visible); /* the parent is hidden */
    struct matrix back;
    assert_true(matrix_invert(&place.to_device, &back));
    matrix_apply(&back, &x, &y);
    assert_true(fabs(x - 60) < 1e-6 && fabs(y - 60) < 1e-6);
}

CASE(scene_pixels_are_truncated_and_bounded) {
    struct fixture *f = *state;
    struct object *scene = score_find(f->score, "/ITL/scene");
    uint32_t width, height;
    geometry_scene_size_px(scene, 1080, &width, &height);
    assert_int_equal(width, 540);
    fixture_run(f, "/ITL/scene width 0.7; /ITL/scene height 1.2");
    geometry_scene_size_px(scene, 1080, &width, &height);
    assert_int_equal(width, 378);
    assert_int_equal(height, 648);
    fixture_run(f, "/ITL/scene width -3; /ITL/scene height 1000000");
    geometry_scene_size_px(scene, 1080, &width, &height);
    assert_int_equal(width, 1);
    assert_int_equal(height, 16384);
    fixture_run(f, "/ITL/scene width 1000000");
    geometry_scene_size_px(scene, 1080, &width, &height);
    assert_true((uint64_t)width * height <= 64u * 1024 * 1024);
}

CASE(zero_scale_and_odd_values_stay_numbers) {
    struct fixture *f = *state;
    fixture_run(f, "/ITL/scene/r set rect 0. -1.; /ITL/scene/r scale 0.; /ITL/scene/r/c set txt a;"
                   "/ITL/scene scale 0.; /ITL/scene/r/c rotatex 90.");
    assert_string_equal(f->errors.data, "");
    struct placement place;
    geometry_place_from_scene(score_find(f->score, "/ITL/scene/r/c"), 1080, &place);
    for (int i = 0; i < 9; i++) {
        assert_true(isfinite(place.to_device.m[i]));
    }
    fixture_run(f, "/ITL/scene/r/c get frame width");
    assert_string_equal(f->errors.data, "");
}

#define RUN(name)                                                                                  \
    cmocka_unit_test_setup_teardown(test_geometry__##name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RUN(script_03_frames_and_sizes),
        RUN(script_04_origin_and_angle),
        RUN(script_05_scale),
        RUN(script_08_pen_counts_in_the_box),
        RUN(script_10_polygon_answers_no_size),
        RUN(script_11_line_is_anchored_by_its_nominal_box),
        RUN(script_12_arc),
        RUN(script_14_children_live_in_a_square),
        RUN(script_15_natural_sizes_in_a_parent),
        RUN(script_17_image_sizes_are_proportional),
        RUN(script_19_layer_with_a_pen),
        RUN(script_21_shear_and_perspective),
        RUN(script_22_scene_units_follow_the_scene),
        RUN(script_23_pan_stays_in_the_square),
        RUN(script_39_arcs_grow_to_their_width),
        RUN(worked_example_of_7_5_in_device_pixels),
        RUN(child_is_placed_in_its_parent_in_device_pixels),
        RUN(scene_pixels_are_truncated_and_bounded),
        RUN(zero_scale_and_odd_values_stay_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
