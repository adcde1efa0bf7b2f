/* Folding, versions and reports of the draw thread, under a clock that the test moves. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmocka_head.h"
#include "common/clock.h"
#include "draw_fixture.h"
#include "renderer/draw/draw_thread.h"

#define EVENTS_MAX 4096
#define PATIENCE_S 20

enum event_kind { EVENT_PICTURE, EVENT_DENSE, EVENT_SHOWN, EVENT_RESERVE };

struct event {
    enum event_kind kind;
    char scene[64];
    uint64_t version, base_version, transaction;
    size_t n_changed_strips, n_strips, n_tiles;
    int64_t at_us;
    uint32_t color; /* of the picture's pixel 10,10, as r g b a bytes */
};

struct watcher {
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct event events[EVENTS_MAX];
    size_t n;
    struct draw_thread *thread;
};

static void note(struct watcher *watcher, struct event event) {
    pthread_mutex_lock(&watcher->lock);
    event.at_us = lg_clock_us();
    if (watcher->n < EVENTS_MAX) {
        watcher->events[watcher->n++] = event;
    }
    pthread_cond_broadcast(&watcher->came);
    pthread_mutex_unlock(&watcher->lock);
}

static void on_picture(void *ctx, const struct picture *picture) {
    struct event event = {.kind = EVENT_PICTURE,
                          .version = picture->frame->version,
                          .base_version = picture->base_version,
                          .n_changed_strips = picture->n_changed_strips,
                          .n_strips = picture->frame->n_strips,
                          .n_tiles = picture->n_tiles};
    uint32_t width, height;
    strcpy(event.scene, picture->frame->scene);
    uint8_t *rgba = fixture_decode(lg_bytes_data(picture->frame->png),
                                   lg_bytes_size(picture->frame->png), &width, &height);
    if (rgba != NULL) {
        memcpy(&event.color, rgba + ((size_t)10 * width + 10) * 4, 4);
    }
    free(rgba);
    note(ctx, event);
}

static void on_dense(void *ctx, struct frame *frame) {
    struct event event = {.kind = EVENT_DENSE, .version = frame->version};
    strcpy(event.scene, frame->scene);
    note(ctx, event);
}

static void on_shown(void *ctx, const char *scene, uint64_t transaction, uint64_t version) {
    struct event event = {.kind = EVENT_SHOWN, .version = version, .transaction = transaction};
    strcpy(event.scene, scene);
    note(ctx, event);
}

static void on_reserve(void *ctx, uint64_t version) {
    note(ctx, (struct event){.kind = EVENT_RESERVE, .version = version});
}

static void watch(struct watcher *watcher, uint64_t first_version) {
    memset(watcher, 0, sizeof(*watcher));
    pthread_mutex_init(&watcher->lock, NULL);
    pthread_cond_init(&watcher->came, NULL);
    lg_clock_fake(1000000, 5000000);
    struct draw_thread_options options = {
        .max_fps = 50,
        .epoch = 7,
        .first_version = first_version,
        .quiet_ms = 200,
        .ctx = watcher,
        .on_picture = on_picture,
        .on_dense = on_dense,
        .on_shown = on_shown,
        .on_reserve = on_reserve,
    };
    watcher->thread = draw_thread_create(&options);
    assert_non_null(watcher->thread);
}

static void unwatch(struct watcher *watcher) {
    draw_thread_destroy(watcher->thread);
    pthread_mutex_destroy(&watcher->lock);
    pthread_cond_destroy(&watcher->came);
    lg_clock_fake(-1, 0);
}

/* The event of this kind and number (from 0), waited for. */
static struct event await(struct watcher *watcher, enum event_kind kind, size_t number) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&watcher->lock);
    for (;;) {
        size_t seen = 0;
        for (size_t i = 0; i < watcher->n; i++) {
            if (watcher->events[i].kind == kind && seen++ == number) {
                struct event event = watcher->events[i];
                pthread_mutex_unlock(&watcher->lock);
                return event;
            }
        }
        if (pthread_cond_timedwait(&watcher->came, &watcher->lock, &until) != 0) {
            pthread_mutex_unlock(&watcher->lock);
            fail_msg("event %d number %zu did not come", (int)kind, number);
        }
    }
}

static size_t count(struct watcher *watcher, enum event_kind kind) {
    size_t n = 0;
    pthread_mutex_lock(&watcher->lock);
    for (size_t i = 0; i < watcher->n; i++) {
        n += watcher->events[i].kind == kind;
    }
    pthread_mutex_unlock(&watcher->lock);
    return n;
}

static struct display_list *colored(double red, double green) {
    struct display_list *list = display_list_create(300, 300, FIXTURE_WHITE);
    struct display_item item = fixture_box(0, 0, 40, 40, (struct item_color){red, green, 0, 1});
    display_list_append(list, &item);
    return list;
}

static void submit(struct watcher *watcher, double red, uint64_t transaction) {
    draw_thread_submit(watcher->thread, "scene", colored(red, 0), transaction, 0);
}

static void test_draw_thread__first_change_after_quiet_is_shown_at_once(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 40);
    submit(watcher, 0.5, 1); /* coloured, as what follows */
    struct event picture = await(watcher, EVENT_PICTURE, 0);
    assert_int_equal(picture.version, 40);
    assert_int_equal(picture.base_version, 0);
    assert_int_equal(picture.n_changed_strips, 5);
    struct event shown = await(watcher, EVENT_SHOWN, 0);
    assert_int_equal(shown.transaction, 1);
    assert_int_equal(shown.version, 40);
    lg_clock_fake(60000000, 60000000);
    submit(watcher, 1, 2);
    picture = await(watcher, EVENT_PICTURE, 1);
    assert_int_equal(picture.version, 41);
    assert_int_equal(picture.base_version, 40);
    assert_int_equal(picture.n_changed_strips, 1);
    assert_int_equal(picture.n_tiles, 1);
    assert_int_equal(picture.color, 0xff0000ffu);
    unwatch(watcher);
}

static void test_draw_thread__burst_is_folded_and_newest_wins(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 1);
    submit(watcher, 0, 1);
    await(watcher, EVENT_SHOWN, 0);
    for (uint64_t i = 2; i <= 100; i++) {
        submit(watcher, (double)i / 100, i);
    }
    /* The clock stands still: nothing is due. */
    struct timespec moment = {0, 60000000};
    nanosleep(&moment, NULL);
    assert_int_equal(count(watcher, EVENT_PICTURE), 1);
    lg_clock_fake(1020000, 5020000);
    submit(watcher, 1, 101);
    struct event picture = await(watcher, EVENT_PICTURE, 1);
    assert_int_equal(picture.version, 2);
    assert_int_equal(picture.color, 0xff0000ffu);
    struct event shown = await(watcher, EVENT_SHOWN, 1);
    assert_int_equal(shown.transaction, 101);
    assert_int_equal(count(watcher, EVENT_PICTURE), 2);
    unwatch(watcher);
}

static void test_draw_thread__equal_list_is_shown_at_once_without_version(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 1);
    submit(watcher, 0, 1);
    await(watcher, EVENT_SHOWN, 0);
    submit(watcher, 0, 2); /* the clock stands still */
    struct event shown = await(watcher, EVENT_SHOWN, 1);
    assert_int_equal(shown.transaction, 2);
    assert_int_equal(shown.version, 1);
    submit(watcher, 1, 3); /* waits */
    submit(watcher, 0, 4); /* and is taken back */
    shown = await(watcher, EVENT_SHOWN, 2);
    assert_int_equal(shown.transaction, 4);
    assert_int_equal(shown.version, 1);
    assert_int_equal(count(watcher, EVENT_PICTURE), 1);
    unwatch(watcher);
}

static void test_draw_thread__change_without_pixels_makes_no_version(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 1);
    submit(watcher, 0, 1);
    await(watcher, EVENT_SHOWN, 0);
    lg_clock_fake(2000000, 2000000);
    struct display_list *list = colored(0, 0);
    struct display_item hidden = fixture_box(5, 5, 10, 10, (struct item_color){0, 0, 0, 1});
    display_list_append(list, &hidden); /* black on black */
    draw_thread_submit(watcher->thread, "scene", list, 2, 0);
    struct event shown = await(watcher, EVENT_SHOWN, 1);
    assert_int_equal(shown.version, 1);
    assert_int_equal(count(watcher, EVENT_PICTURE), 1);
    unwatch(watcher);
}

static void test_draw_thread__dense_frame_comes_after_quiet(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 1);
    submit(watcher, 0, 1);
    await(watcher, EVENT_SHOWN, 0);
    lg_clock_fake(1199000, 5199000);
    submit(watcher, 0, 2);
    await(watcher, EVENT_SHOWN, 1);
    assert_int_equal(count(watcher, EVENT_DENSE), 0);
    lg_clock_fake(1201000, 5201000);
    submit(watcher, 0, 3); /* wakes it; an equal list does not end the quiet */
    struct event dense = await(watcher, EVENT_DENSE, 0);
    assert_int_equal(dense.version, 1);
    struct frame *frame = draw_thread_frame(watcher->thread, "scene");
    assert_non_null(frame);
    assert_non_null(frame->dense);
    assert_true(lg_bytes_size(frame->dense) < lg_bytes_size(frame->png));
    frame_unref(frame);
    unwatch(watcher);
}

static void test_draw_thread__forgotten_scene_comes_back_above_its_versions(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 1);
    for (uint64_t i = 0; i < 3; i++) {
        lg_clock_fake(2000000 + (int64_t)i * 1000000, 0);
        submit(watcher, (double)i / 4, i);
        await(watcher, EVENT_SHOWN, i);
    }
    draw_thread_forget(watcher->thread, "scene");
    assert_null(draw_thread_frame(watcher->thread, "scene"));
    submit(watcher, 0, 9);
    struct event shown = await(watcher, EVENT_SHOWN, 3);
    assert_int_equal(shown.transaction, 9);
    assert_true(shown.version >= 4);
    assert_int_equal(await(watcher, EVENT_PICTURE, 3).base_version, 0);
    unwatch(watcher);
}

static void test_draw_thread__versions_are_reserved_before_use(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 500);
    struct event first = await(watcher, EVENT_RESERVE, 0);
    assert_true(first.version >= 500 + 5000);
    submit(watcher, 0, 1);
    await(watcher, EVENT_SHOWN, 0);
    assert_int_equal(count(watcher, EVENT_RESERVE), 1);
    unwatch(watcher);
}

static void test_draw_thread__many_scenes_and_threads(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 1);
    for (uint64_t i = 1; i <= 40; i++) {
        char name[16];
        lg_clock_fake((int64_t)i * 1000000, 0);
        snprintf(name, sizeof(name), "s%d", (int)(i % 5));
        draw_thread_submit(watcher->thread, name, colored((double)i / 40, 0.5), i, 0);
        struct frame *frame = draw_thread_frame(watcher->thread, name);
        frame_unref(frame);
        await(watcher, EVENT_SHOWN, i - 1);
    }
    assert_int_equal(count(watcher, EVENT_PICTURE), 40);
    unwatch(watcher);
}

static void test_draw_thread__too_large_picture_keeps_the_old_one(void **state) {
    struct watcher *watcher = *state;
    watch(watcher, 1);
    submit(watcher, 0, 1);
    await(watcher, EVENT_SHOWN, 0);
    lg_clock_fake(3000000, 3000000);
    draw_thread_submit(watcher->thread, "scene", display_list_create(16000, 16000, FIXTURE_WHITE),
                       2, 0);
    struct event shown = await(watcher, EVENT_SHOWN, 1);
    assert_int_equal(shown.transaction, 2);
    assert_int_equal(shown.version, 1);
    lg_clock_fake(4000000, 4000000);
    submit(watcher, 1, 3);
    assert_int_equal(await(watcher, EVENT_SHOWN, 2).version, 2);
    unwatch(watcher);
}

static struct watcher the_watcher;
#define WITH_WATCHER(test) cmocka_unit_test_prestate(test, &the_watcher)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WATCHER(test_draw_thread__first_change_after_quiet_is_shown_at_once),
        WITH_WATCHER(test_draw_thread__burst_is_folded_and_newest_wins),
        WITH_WATCHER(test_draw_thread__equal_list_is_shown_at_once_without_version),
        WITH_WATCHER(test_draw_thread__change_without_pixels_makes_no_version),
        WITH_WATCHER(test_draw_thread__dense_frame_comes_after_quiet),
        WITH_WATCHER(test_draw_thread__forgotten_scene_comes_back_above_its_versions),
        WITH_WATCHER(test_draw_thread__versions_are_reserved_before_use),
        WITH_WATCHER(test_draw_thread__many_scenes_and_threads),
        WITH_WATCHER(test_draw_thread__too_large_picture_keeps_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
