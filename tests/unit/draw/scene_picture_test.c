/* What is published: strips, tiles, hash and version of a scene under random edits. */
#include <stdlib.h>
#include <string.h>

#include "cmocka_head.h"
#include "draw_fixture.h"
#include "renderer/draw/scene_picture.h"

struct seen {
    uint8_t *rgba; /* newest picture, decoded */
    uint32_t width, height;
    uint64_t hash;
};

static void decode(const struct scene_picture *picture, struct seen *seen) {
    free(seen->rgba);
    seen->rgba = fixture_decode(lg_bytes_data(picture->frame->png),
                                lg_bytes_size(picture->frame->png), &seen->width, &seen->height);
    assert_non_null(seen->rgba);
    seen->hash = picture->frame->pixels_hash;
}

static void put_tile(struct seen *seen, const struct picture_tile *tile) {
    uint32_t width, height;
    uint8_t *rgba =
        fixture_decode(lg_bytes_data(tile->png), lg_bytes_size(tile->png), &width, &height);
    assert_non_null(rgba);
    assert_int_equal(width, tile->rect.width);
    assert_int_equal(height, tile->rect.height);
    for (uint32_t y = 0; y < height; y++) {
        memcpy(seen->rgba + (((size_t)tile->rect.y + y) * seen->width + (size_t)tile->rect.x) * 4,
               rgba + (size_t)y * width * 4, (size_t)width * 4);
    }
    free(rgba);
}

/* apply(tiles, base) = full; versions exactly when pixels change; hash follows the pixels. */
static void test_scene_picture__tiles_on_the_base_give_the_new_picture(void **state) {
    (void)state;
    struct fixture_random random = {21};
    struct picture_workshop shop;
    struct scene_picture picture = {.scene = "scene"};
    struct seen seen = {0}, full = {0};
    struct fixture_plan plan;
    uint64_t version = 1;
    size_t n_tiled = 0, n_unchanged = 0;
    assert_true(picture_workshop_init(&shop));
    fixture_plan_init(&plan, &random, 613, 331, 10);
    for (int i = 0; i < 400; i++) {
        bool is_changed;
        if (i % 97 == 50) {
            plan.background.a = plan.background.a < 1 ? 1 : 0.5;
        }
        struct display_list *list = fixture_plan_list(&plan);
        assert_int_equal(scene_picture_show(&picture, &shop, list, version, &is_changed), 0);
        fixture_plan_edit(&plan, &random);
        if (!is_changed) {
            decode(&picture, &full);
            assert_int_equal(full.hash, seen.hash);
            n_unchanged++;
            continue;
        }
        assert_int_equal(picture.frame->version, version);
        decode(&picture, &full);
        assert_true(
            fixture_is_picture_of(full.rgba, full.width, full.height, picture.surface, 0, 0));
        size_t bytes = (size_t)full.width * full.height * 4;
        if (version > 1) {
            assert_int_not_equal(memcmp(seen.rgba, full.rgba, bytes), 0);
            assert_int_not_equal(seen.hash, full.hash);
        }
        if (picture.base_version != 0 && picture.n_tiles > 0) {
            assert_int_equal(picture.base_version, version - 1);
            for (size_t t = 0; t < picture.n_tiles; t++) {
                put_tile(&seen, &picture.tiles[t]);
            }
            assert_memory_equal(seen.rgba, full.rgba, bytes);
            n_tiled++;
        }
        decode(&picture, &seen);
        version++;
    }
    assert_true(n_tiled > 100);
    assert_true(n_unchanged > 5);
    free(seen.rgba);
    free(full.rgba);
    scene_picture_finish(&picture);
    picture_workshop_finish(&shop);
}

static struct display_list *one_box(uint32_t width, uint32_t height, double y,
                                    struct item_color background) {
    struct display_list *list = display_list_create(width, height, background);
    struct display_item item = fixture_box(10, y, 20, 20, FIXTURE_RED);
    display_list_append(list, &item);
    return list;
}

static void test_scene_picture__only_touched_strips_are_encoded_again(void **state) {
    (void)state;
    struct picture_workshop shop;
    struct scene_picture picture = {.scene = "scene"};
    bool is_changed;
    assert_true(picture_workshop_init(&shop));
    scene_picture_show(&picture, &shop, one_box(300, 640, 70, FIXTURE_WHITE), 1, &is_changed);
    assert_int_equal(picture.n_changed_strips, 10);
    struct frame *before = frame_ref(picture.frame);
    scene_picture_show(&picture, &shop, one_box(300, 640, 330, FIXTURE_WHITE), 2, &is_changed);
    assert_true(is_changed);
    assert_int_equal(picture.n_changed_strips, 2);
    assert_int_equal(picture.changed_strips[0], 1);
    assert_int_equal(picture.changed_strips[1], 5);
    for (size_t i = 0; i < 10; i++) {
        bool is_shared = before->strips[i].chunk == picture.frame->strips[i].chunk;
        assert_int_equal(is_shared, i != 1 && i != 5);
    }
    frame_unref(before);
    scene_picture_finish(&picture);
    picture_workshop_finish(&shop);
}

static void test_scene_picture__coloured_is_rgb_and_a_switch_renews_all(void **state) {
    (void)state;
    struct picture_workshop shop;
    struct scene_picture picture = {.scene = "scene"};
    bool is_changed;
    assert_true(picture_workshop_init(&shop));
    scene_picture_show(&picture, &shop, one_box(300, 640, 70, FIXTURE_WHITE), 1, &is_changed);
    assert_int_equal(picture.frame->color_type, 2);
    scene_picture_show(&picture, &shop, one_box(300, 640, 70, (struct item_color){1, 1, 1, 0.5}), 2,
                       &is_changed);
    assert_int_equal(picture.frame->color_type, 6);
    assert_int_equal(picture.base_version, 0);
    assert_int_equal(picture.n_changed_strips, 10);
    scene_picture_finish(&picture);
    picture_workshop_finish(&shop);
}

static struct display_list *boxes(const double *y, const bool *is_red, size_t n) {
    struct display_list *list = display_list_create(300, 200, FIXTURE_WHITE);
    for (size_t i = 0; i < n; i++) {
        struct item_color black = {0, 0, 0, 1};
        struct display_item item =
            fixture_box(10 + 30 * (double)i, y[i], 20, 20, is_red[i] ? FIXTURE_RED : black);
        display_list_append(list, &item);
    }
    return list;
}

/* Colour comes and goes; whatever the strips are, they show what was painted. */
static void test_scene_picture__grey_strips_follow_the_pixels(void **state) {
    (void)state;
    struct fixture_random random = {31};
    struct picture_workshop shop;
    struct scene_picture picture = {.scene = "scene"};
    struct seen full = {0};
    double y[6] = {0};
    bool is_red[6] = {false};
    size_t n_of_type[7] = {0}, n_switches = 0, n_deltas = 0;
    uint8_t before = 0;
    assert_true(picture_workshop_init(&shop));
    for (uint64_t version = 1; version <= 400; version++) {
        size_t i = fixture_random(&random, 6);
        bool is_changed, has_red = false;
        y[i] = fixture_random(&random, 160) + 0.25; /* edges of all shades */
        is_red[i] = version / 50 % 2 == 1 && fixture_random(&random, 8) == 0;
        scene_picture_show(&picture, &shop, boxes(y, is_red, 6), version, &is_changed);
        for (size_t j = 0; j < 6; j++) {
            has_red = has_red || is_red[j];
        }
        uint8_t type = picture.frame->color_type;
        assert_true(!has_red || type == 2);
        decode(&picture, &full);
        assert_true(
            fixture_is_picture_of(full.rgba, full.width, full.height, picture.surface, 0, 0));
        n_of_type[type]++;
        if (version > 1 && type != before) {
            assert_int_equal(picture.base_version, 0);
            assert_int_equal(picture.n_changed_strips, 4);
            n_switches++;
        }
        n_deltas += picture.base_version != 0;
        before = type;
    }
    assert_true(n_of_type[0] > 50);
    assert_true(n_of_type[2] > 50);
    assert_true(n_switches >= 4);
    assert_true(n_switches < 30); /* not with every red box that goes */
    assert_true(n_deltas > 300);
    free(full.rgba);
    scene_picture_finish(&picture);
    picture_workshop_finish(&shop);
}

static void test_scene_picture__new_size_starts_afresh(void **state) {
    (void)state;
    struct picture_workshop shop;
    struct scene_picture picture = {.scene = "scene"};
    bool is_changed;
    assert_true(picture_workshop_init(&shop));
    scene_picture_show(&picture, &shop, one_box(300, 640, 70, FIXTURE_WHITE), 1, &is_changed);
    scene_picture_show(&picture, &shop, one_box(301, 200, 70, FIXTURE_WHITE), 2, &is_changed);
    assert_true(is_changed);
    assert_int_equal(picture.frame->width_px, 301);
    assert_int_equal(picture.base_version, 0);
    assert_int_equal(picture.n_tiles, 0);
    scene_picture_finish(&picture);
    picture_workshop_finish(&shop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scene_picture__tiles_on_the_base_give_the_new_picture),
        cmocka_unit_test(test_scene_picture__only_touched_strips_are_encoded_again),
        cmocka_unit_test(test_scene_picture__coloured_is_rgb_and_a_switch_renews_all),
        cmocka_unit_test(test_scene_picture__grey_strips_follow_the_pixels),
        cmocka_unit_test(test_scene_picture__new_size_starts_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
