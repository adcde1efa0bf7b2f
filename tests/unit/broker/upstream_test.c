/* The gateways' door to the renderer against a fake one: joining, gaps, restart,
 * absence, calls. Conditions are waited for, with a generous end. */
#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/broker/upstream.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "tests/fake/fake_process.h"

#define END_US (10 * 1000000LL)

/* What the callbacks saw; they come on the upstream's thread. */
struct seen {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned n_frames, n_states, n_servers, n_scenes, n_replies, n_backwards;
    uint64_t last_version;
    int code;
    char text[4096];
    size_t text_size, bytes_size;
    uint64_t total_size, version;
};

struct setup {
    struct fake_process fake;
    struct seen seen;
    struct upstream *upstream;
};

static void on_event(void *ctx, const struct upstream_event *event) {
    struct seen *seen = ctx;
    pthread_mutex_lock(&seen->lock);
    switch (event->kind) {
    case UPSTREAM_FRAME:
        seen->n_frames++;
        seen->n_backwards += event->frame->version < seen->last_version;
        seen->last_version = event->frame->version;
        break;
    case UPSTREAM_SCENES:
        seen->n_scenes++;
        break;
    case UPSTREAM_SERVERS:
        seen->n_servers++;
        break;
    case UPSTREAM_STATE:
        seen->n_states++;
        break;
    }
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->lock);
}

static void on_reply(void *ctx, const struct call_reply *reply) {
    struct seen *seen = ctx;
    pthread_mutex_lock(&seen->lock);
    seen->n_replies++;
    seen->code = reply->code;
    size_t n =
        reply->text_size_bytes < sizeof seen->text ? reply->text_size_bytes : sizeof seen->text - 1;
    memcpy(seen->text, reply->text != NULL ? reply->text : "", n);
    seen->text[n] = '\0';
    seen->bytes_size = reply->bytes_size;
    seen->total_size = reply->total_size_bytes;
    seen->version = reply->version;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->lock);
}

/* Looks every few milliseconds until the condition holds. */
#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int64_t end_us = real_us() + END_US;                                                       \
        while (!(condition)) {                                                                     \
            assert_true(real_us() < end_us);                                                       \
            nanosleep(&(struct timespec){0, 2000000}, NULL);                                       \
        }                                                                                          \
    } while (0)

static int64_t real_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void start_upstream(struct setup *setup) {
    struct upstream_options options = {.feed = setup->fake.feed,
                                       .calls = setup->fake.calls,
                                       .kind = "test",
                                       .on_event = on_event,
                                       .ctx = &setup->seen};
    setup->upstream = upstream_create(&options);
    assert_non_null(setup->upstream);
}

static int begin(void **state) {
    struct setup *setup = calloc(1, sizeof *setup);
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_ERROR, false, 2});
    pthread_mutex_init(&setup->seen.lock, NULL);
    pthread_cond_init(&setup->seen.changed, NULL);
    fake_process_start(&setup->fake, NULL, NULL);
    start_upstream(setup);
    *state = setup;
    return 0;
}

static int end(void **state) {
    struct setup *setup = *state;
    upstream_destroy(setup->upstream);
    fake_process_kill(&setup->fake);
    pthread_cond_destroy(&setup->seen.changed);
    pthread_mutex_destroy(&setup->seen.lock);
    free(setup);
    return 0;
}

static uint64_t shown(struct setup *setup, const char *scene) {
    struct frame *frame = upstream_frame(setup->upstream, scene);
    uint64_t version = frame != NULL ? frame->version : 0;
    frame_unref(frame);
    return version;
}

static bool has_dense(struct setup *setup) {
    struct frame *frame = upstream_frame(setup->upstream, "scene");
    bool has = frame != NULL && frame->dense != NULL && frame->png != NULL;
    frame_unref(frame);
    return has;
}

static bool is_fresh(struct setup *setup) {
    struct upstream_state state;
    upstream_state(setup->upstream, &state);
    return state.is_fresh;
}

static uint64_t epoch_of(struct setup *setup) {
    struct upstream_state state;
    upstream_state(setup->upstream, &state);
    return state.epoch;
}

static unsigned n_of(struct setup *setup, const unsigned *counter) {
    pthread_mutex_lock(&setup->seen.lock);
    unsigned n = *counter;
    pthread_mutex_unlock(&setup->seen.lock);
    return n;
}

static int call(struct setup *setup, enum call_kind kind, const char *text) {
    struct call_request request = {.kind = kind,
                                   .text = text,
                                   .text_size_bytes = text != NULL ? strlen(text) : 0,
                                   .role = "conduct",
                                   .client_id = "test:1",
                                   .x = 10,
                                   .y = 10};
    unsigned before = n_of(setup, &setup->seen.n_replies);
    int code = upstream_call(setup->upstream, &request, on_reply, &setup->seen);
    if (code == 0) {
        WAIT_FOR(n_of(setup, &setup->seen.n_replies) > before);
        code = setup->seen.code;
    }
    return code;
}

static void join(struct setup *setup) {
    WAIT_FOR(is_fresh(setup) && shown(setup, "scene") > 0);
}

static void test_upstream__joins_by_snapshot(void **state) {
    struct setup *setup = *state;
    join(setup);
    assert_int_equal(shown(setup, "scene"), 1);
    assert_true(upstream_has_scene(setup->upstream, "scene"));
    assert_false(upstream_has_scene(setup->upstream, "nobody"));
}

static void test_upstream__follows_every_change(void **state) {
    struct setup *setup = *state;
    join(setup);
    for (int i = 0; i < 50; i++) {
        fake_process_do(&setup->fake, "touch");
    }
    WAIT_FOR(shown(setup, "scene") == 51);
    assert_int_equal(n_of(setup, &setup->seen.n_backwards), 0);
}

static void test_upstream__shared_strips_make_the_same_png_as_a_snapshot(void **state) {
    struct setup *setup = *state;
    struct setup other = {.fake = setup->fake};
    join(setup);
    for (int i = 0; i < 7; i++) {
        fake_process_do(&setup->fake, "touch");
    }
    WAIT_FOR(shown(setup, "scene") == 8);
    pthread_mutex_init(&other.seen.lock, NULL);
    pthread_cond_init(&other.seen.changed, NULL);
    start_upstream(&other);
    join(&other);
    struct frame *grown = upstream_frame(setup->upstream, "scene");
    struct frame *whole = upstream_frame(other.upstream, "scene");
    assert_int_equal(grown->version, whole->version);
    assert_int_equal(lg_bytes_size(grown->png), lg_bytes_size(whole->png));
    assert_memory_equal(lg_bytes_data(grown->png), lg_bytes_data(whole->png),
                        lg_bytes_size(whole->png));
    frame_unref(grown);
    frame_unref(whole);
    upstream_destroy(other.upstream);
}

static void test_upstream__a_gap_is_closed_by_a_snapshot(void **state) {
    struct setup *setup = *state;
    join(setup);
    fake_process_do(&setup->fake, "lose");
    fake_process_do(&setup->fake, "touch");
    WAIT_FOR(shown(setup, "scene") == 3);
    fake_process_do(&setup->fake, "touch");
    WAIT_FOR(shown(setup, "scene") == 4);
}

static void test_upstream__a_lost_last_version_is_found_by_the_heartbeat(void **state) {
    struct setup *setup = *state;
    join(setup);
    fake_process_do(&setup->fake, "lose");
    WAIT_FOR(shown(setup, "scene") == 2);
}

static void test_upstream__another_size_is_taken_over(void **state) {
    struct setup *setup = *state;
    join(setup);
    fake_process_do(&setup->fake, "resize 100 70");
    WAIT_FOR(shown(setup, "scene") == 2);
    struct frame *frame = upstream_frame(setup->upstream, "scene");
    assert_int_equal(frame->width_px, 100);
    assert_int_equal(frame->n_strips, 2);
    frame_unref(frame);
}

static void test_upstream__a_new_epoch_begins_again(void **state) {
    struct setup *setup = *state;
    join(setup);
    uint64_t epoch = epoch_of(setup);
    fake_process_do(&setup->fake, "touch");
    WAIT_FOR(shown(setup, "scene") == 2);
    fake_process_do(&setup->fake, "epoch");
    WAIT_FOR(shown(setup, "scene") == 1 && epoch_of(setup) != epoch);
}

static void test_upstream__dense_form_is_attached(void **state) {
    struct setup *setup = *state;
    join(setup);
    fake_process_do(&setup->fake, "touch");
    fake_process_do(&setup->fake, "dense");
    WAIT_FOR(shown(setup, "scene") == 2);
    WAIT_FOR(has_dense(setup));
}

static void test_upstream__silence_makes_it_stale_and_frames_stay(void **state) {
    struct setup *setup = *state;
    struct upstream_state now;
    join(setup);
    fake_process_do(&setup->fake, "silent on");
    WAIT_FOR(!is_fresh(setup));
    upstream_state(setup->upstream, &now);
    assert_true(now.stale_since_wall_s > 0);
    assert_int_equal(shown(setup, "scene"), 1);
    struct call_request request = {.kind = CALL_LOG, .role = "conduct"};
    assert_int_equal(upstream_call(setup->upstream, &request, on_reply, &setup->seen), LG_EBUSY);
    fake_process_do(&setup->fake, "lose");
    fake_process_do(&setup->fake, "silent off");
    WAIT_FOR(is_fresh(setup) && shown(setup, "scene") == 2);
}

static void test_upstream__renderer_restarts_on_the_same_endpoints(void **state) {
    struct setup *setup = *state;
    struct fake_process next = {.pid = 0};
    join(setup);
    uint64_t epoch = epoch_of(setup);
    fake_process_kill(&setup->fake);
    fake_process_start(&next, setup->fake.feed, setup->fake.calls);
    setup->fake = next;
    int64_t start_us = real_us();
    WAIT_FOR(epoch_of(setup) != epoch && is_fresh(setup));
    fake_process_do(&setup->fake, "touch");
    WAIT_FOR(shown(setup, "scene") == 2);
    assert_true(real_us() - start_us < 3000000); /* current again within 3 s */
}

static void test_upstream__starts_before_the_renderer(void **state) {
    struct setup *setup = *state;
    struct fake_process next = {.pid = 0};
    upstream_destroy(setup->upstream);
    fake_process_kill(&setup->fake);
    start_upstream(setup);
    assert_null(upstream_frame(setup->upstream, "scene"));
    assert_false(is_fresh(setup));
    fake_process_start(&next, setup->fake.feed, setup->fake.calls);
    setup->fake = next;
    join(setup);
}

static void test_upstream__scenes_come_and_go(void **state) {
    struct setup *setup = *state;
    join(setup);
    assert_null(upstream_frame(setup->upstream, "violin1"));
    assert_int_equal(call(setup, CALL_POST, "/fake/scene violin1;"), 0);
    assert_true(upstream_has_scene(setup->upstream, "violin1")); /* the answer tells it */
    WAIT_FOR(shown(setup, "violin1") == 1);
    assert_int_equal(call(setup, CALL_SCENES, NULL), 0);
    assert_string_equal(setup->seen.text, "scene\nviolin1\n");
    assert_int_equal(call(setup, CALL_POST, "/fake/gone violin1;"), 0);
    WAIT_FOR(!upstream_has_scene(setup->upstream, "violin1"));
    WAIT_FOR(shown(setup, "violin1") == 0);
}

static void test_upstream__a_scene_with_a_longer_name_does_not_mix_in(void **state) {
    struct setup *setup = *state;
    join(setup);
    fake_process_do(&setup->fake, "scene scene2");
    fake_process_do(&setup->fake, "touch scene2");
    fake_process_do(&setup->fake, "touch scene");
    WAIT_FOR(shown(setup, "scene") == 2 && shown(setup, "scene2") == 2);
}

static void test_upstream__servers_are_told(void **state) {
    struct setup *setup = *state;
    struct upstream_server *servers = NULL;
    join(setup);
    fake_process_do(&setup->fake, "server websocket /ITL/scene/ws scene 7101 50");
    WAIT_FOR(n_of(setup, &setup->seen.n_servers) == 1);
    assert_int_equal(upstream_servers(setup->upstream, &servers), 1);
    assert_string_equal(servers[0].kind, "websocket");
    assert_string_equal(servers[0].address, "/ITL/scene/ws");
    assert_int_equal(servers[0].port, 7101);
    assert_int_equal(servers[0].period_ms, 50);
    free(servers);
    fake_process_do(&setup->fake, "noservers");
    WAIT_FOR(n_of(setup, &setup->seen.n_servers) == 2);
    assert_int_equal(upstream_servers(setup->upstream, &servers), 0);
}

static void test_upstream__a_post_tells_its_version_and_errors(void **state) {
    struct setup *setup = *state;
    join(setup);
    assert_int_equal(call(setup, CALL_POST, "/fake/touch;/fake/touch;"), 0);
    assert_int_equal(setup->seen.version, 3);
    WAIT_FOR(shown(setup, "scene") == 3);
    assert_int_equal(call(setup, CALL_POST, "/fake/error;"), LG_ESCRIPT);
    assert_string_equal(setup->seen.text, "line 1: fake error\n");
}

static void test_upstream__a_repeated_post_is_applied_once(void **state) {
    struct setup *setup = *state;
    join(setup);
    fake_process_do(&setup->fake, "beats off"); /* so that the lost request is the post */
    fake_process_do(&setup->fake, "drop 1");
    assert_int_equal(call(setup, CALL_POST, "/fake/touch;"), 0); /* the second sending */
    fake_process_do(&setup->fake, "delay 700"); /* the answer comes after a repetition */
    assert_int_equal(call(setup, CALL_POST, "/fake/touch;"), 0);
    fake_process_do(&setup->fake, "delay 0");
    assert_int_equal(call(setup, CALL_POST, "/fake/touch;"), 0);
    assert_int_equal(setup->seen.version, 4);
    WAIT_FOR(shown(setup, "scene") == 4);
}

static void test_upstream__an_unanswered_call_ends_at_its_deadline(void **state) {
    struct setup *setup = *state;
    struct call_request request = {.kind = CALL_CLICK, .role = "play", .deadline_ms = 300};
    join(setup);
    fake_process_do(&setup->fake, "drop 1000");
    int64_t start_us = real_us();
    assert_int_equal(upstream_call(setup->upstream, &request, on_reply, &setup->seen), 0);
    WAIT_FOR(n_of(setup, &setup->seen.n_replies) == 1);
    assert_int_equal(setup->seen.code, LG_EBUSY);
    assert_in_range(real_us() - start_us, 290000, 2000000);
}

static void test_upstream__a_stop_ends_pending_calls(void **state) {
    struct setup *setup = *state;
    struct call_request request = {.kind = CALL_LOG, .role = "conduct"};
    join(setup);
    fake_process_do(&setup->fake, "drop 1000");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(upstream_call(setup->upstream, &request, on_reply, &setup->seen), 0);
    }
    upstream_destroy(setup->upstream);
    setup->upstream = NULL;
    assert_int_equal(setup->seen.n_replies, 100);
    assert_int_equal(setup->seen.code, LG_EBUSY);
}

static void test_upstream__calls_under_way_are_bounded(void **state) {
    struct setup *setup = *state;
    struct call_request request = {.kind = CALL_LOG, .role = "conduct"};
    int code = 0, n = 0;
    join(setup);
    fake_process_do(&setup->fake, "drop 1000000");
    while (code == 0 && n <= LIMIT_CALLS_UNDER_WAY) {
        code = upstream_call(setup->upstream, &request, on_reply, &setup->seen);
        n++;
    }
    assert_int_equal(code, LG_EBUSY);
}

static void test_upstream__roles_and_sizes_are_checked_before_sending(void **state) {
    struct setup *setup = *state;
    struct call_request request = {
        .kind = CALL_POST, .role = "play", .text = "x", .text_size_bytes = 1};
    join(setup);
    assert_int_equal(upstream_call(setup->upstream, &request, on_reply, &setup->seen),
                     LG_EFORBIDDEN);
    request.role = "conduct";
    request.text_size_bytes = LIMIT_SCRIPT_BYTES + 1;
    assert_int_equal(upstream_call(setup->upstream, &request, on_reply, &setup->seen),
                     LG_ETOOLARGE);
    request.text_size_bytes = 1;
    request.scene = "a/b";
    assert_int_equal(upstream_call(setup->upstream, &request, on_reply, &setup->seen),
                     LG_EBADREQUEST);
}

static void test_upstream__pointer_get_file_and_log_pass_through(void **state) {
    struct setup *setup = *state;
    join(setup);
    assert_int_equal(call(setup, CALL_CLICK, NULL), 0);
    assert_int_equal(call(setup, CALL_HOVER, NULL), 0);
    struct call_request aside = {.kind = CALL_CLICK, .role = "play", .x = 319, .y = 0};
    unsigned before = n_of(setup, &setup->seen.n_replies);
    assert_int_equal(upstream_call(setup->upstream, &aside, on_reply, &setup->seen), 0);
    WAIT_FOR(n_of(setup, &setup->seen.n_replies) > before);
    assert_int_equal(setup->seen.code, LG_EUNKNOWNOBJECT);
    assert_int_equal(call(setup, CALL_GET, "/ITL/scene/a x"), 0);
    assert_string_equal(setup->seen.text, "/ITL/scene/a x 42;\n");
    assert_int_equal(call(setup, CALL_FILE, "fake.bin"), 0);
    assert_int_equal(setup->seen.bytes_size, LIMIT_FILE_CHUNK_BYTES);
    assert_int_equal(setup->seen.total_size, 2621440);
    assert_int_equal(call(setup, CALL_FILE, "../etc/passwd"), LG_ENOTFOUND);
    assert_int_equal(call(setup, CALL_LOG, NULL), 0);
    assert_non_null(strstr(setup->seen.text, "click role=conduct client=test:1 x=10 y=10"));
}

static void *read_frames(void *ctx) {
    struct setup *setup = ctx;
    uint64_t last = 0;
    while (last < 201) {
        struct frame *frame = upstream_frame(setup->upstream, "scene");
        if (frame != NULL) {
            assert(frame->version >= last);
            assert(lg_bytes_data(frame->png)[1] == 'P');
            last = frame->version;
            frame_unref(frame);
        }
    }
    return NULL;
}

static void test_upstream__many_readers_see_versions_rise(void **state) {
    struct setup *setup = *state;
    pthread_t readers[3];
    join(setup);
    for (int i = 0; i < 3; i++) {
        pthread_create(&readers[i], NULL, read_frames, setup);
    }
    for (int i = 0; i < 200; i++) {
        fake_process_do(&setup->fake, "touch");
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(readers[i], NULL);
    }
}

static void test_upstream__a_slow_reader_jumps_to_the_newest(void **state) {
    struct setup *setup = *state;
    join(setup);
    pthread_mutex_lock(&setup->seen.lock); /* the upstream's thread hangs in its next event */
    for (int i = 0; i < 1500; i++) {
        fake_process_do(&setup->fake, "touch");
    }
    pthread_mutex_unlock(&setup->seen.lock);
    WAIT_FOR(shown(setup, "scene") == 1501);
    assert_int_equal(n_of(setup, &setup->seen.n_backwards), 0);
    assert_true(n_of(setup, &setup->seen.n_frames) < 500); /* most were skipped */
}

static void *post_often(void *ctx) {
    struct setup *setup = ctx;
    struct call_request request = {
        .kind = CALL_POST, .role = "conduct", .text = "/fake/touch;", .text_size_bytes = 12};
    for (int i = 0; i < 100; i++) {
        if (upstream_call(setup->upstream, &request, on_reply, &setup->seen) != 0) {
            abort();
        }
    }
    return NULL;
}

static void test_upstream__calls_come_from_any_thread(void **state) {
    struct setup *setup = *state;
    pthread_t threads[4];
    join(setup);
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, post_often, setup);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    WAIT_FOR(n_of(setup, &setup->seen.n_replies) == 400);
    WAIT_FOR(shown(setup, "scene") == 401); /* each applied once */
}

static void test_upstream__trace_tells_every_message(void **state) {
    struct setup *setup = *state;
    static char text[262144];
    FILE *file = tmpfile();
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_TRACE, false, fileno(file)});
    join(setup);
    fake_process_do(&setup->fake, "beat");
    assert_int_equal(call(setup, CALL_POST, "/fake/touch;"), 0);
    WAIT_FOR(shown(setup, "scene") == 2);
    upstream_destroy(setup->upstream); /* its thread writes no more */
    setup->upstream = NULL;
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_non_null(strstr(text, " trace test calls sent "));
    assert_non_null(strstr(text, "request{gateway_id="));
    assert_non_null(strstr(text, " trace test calls received "));
    assert_non_null(strstr(text, " trace test feed received "));
    assert_non_null(strstr(text, "frame{epoch="));
}

static void test_upstream__a_bad_endpoint_stops_the_start(void **state) {
    (void)state;
    struct upstream_options options = {
        .feed = "nonsense", .calls = "tcp://127.0.0.1:1", .kind = "test"};
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_ERROR, false, -1});
    assert_null(upstream_create(&options));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_upstream__joins_by_snapshot),
        CASE(test_upstream__follows_every_change),
        CASE(test_upstream__shared_strips_make_the_same_png_as_a_snapshot),
        CASE(test_upstream__a_gap_is_closed_by_a_snapshot),
        CASE(test_upstream__a_lost_last_version_is_found_by_the_heartbeat),
        CASE(test_upstream__another_size_is_taken_over),
        CASE(test_upstream__a_new_epoch_begins_again),
        CASE(test_upstream__dense_form_is_attached),
        CASE(test_upstream__silence_makes_it_stale_and_frames_stay),
        CASE(test_upstream__renderer_restarts_on_the_same_endpoints),
        CASE(test_upstream__starts_before_the_renderer),
        CASE(test_upstream__scenes_come_and_go),
        CASE(test_upstream__a_scene_with_a_longer_name_does_not_mix_in),
        CASE(test_upstream__servers_are_told),
        CASE(test_upstream__a_post_tells_its_version_and_errors),
        CASE(test_upstream__a_repeated_post_is_applied_once),
        CASE(test_upstream__an_unanswered_call_ends_at_its_deadline),
        CASE(test_upstream__a_stop_ends_pending_calls),
        CASE(test_upstream__calls_under_way_are_bounded),
        CASE(test_upstream__roles_and_sizes_are_checked_before_sending),
        CASE(test_upstream__pointer_get_file_and_log_pass_through),
        CASE(test_upstream__many_readers_see_versions_rise),
        CASE(test_upstream__a_slow_reader_jumps_to_the_newest),
        CASE(test_upstream__calls_come_from_any_thread),
        CASE(test_upstream__trace_tells_every_message),
        cmocka_unit_test(test_upstream__a_bad_endpoint_stops_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
