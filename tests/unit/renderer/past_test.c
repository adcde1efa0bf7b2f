/* What the journal holds of the past: messages and moments come back as they were; a moment put
 * into a fresh score goes on as the old one would have; concert logs are read as they were written,
 * edited ones too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/past/concert_log.h"
#include "renderer/past/pack.h"
#include "renderer/score/save.h"
#include "renderer/score/score.h"
#include "tests/score_env/score_env.h"

/* -- a score with a clock of ours ------------------------------------------------ */

struct world {
    struct score_env env;
    struct score *score;
    int64_t now_us;
};

static int64_t now_us(void *ctx) {
    return ((struct world *)ctx)->now_us;
}

static void world_make(struct world *world, int64_t at_us) {
    world->env = score_env_empty(world);
    world->env.now_us = now_us;
    world->now_us = at_us;
    const struct score_options options = {
        .screen_px = 200, .root_path = "/tmp", .public_host = "host", .env = &world->env};
    world->score = score_create(&options);
}

static void world_run(struct world *world, const char *text) {
    struct score_result result;
    score_begin(world->score, "test");
    score_env_run(world->score, text, strlen(text), NULL);
    score_end(world->score, &result);
    if (result.errors.len > 0) {
        fail_msg("%s", result.errors.data);
    }
    score_result_finish(&result);
}

/* Time goes on in small steps; everything that becomes due runs. */
static void world_pass(struct world *world, int64_t until_us) {
    struct score_result result;
    while (world->now_us < until_us) {
        world->now_us += 10000;
        score_queue_delayed(world->score);
        score_tick(world->score, &result);
        score_result_finish(&result);
        score_run_queued(world->score, &result);
        score_result_finish(&result);
    }
}

static char *world_text(struct world *world) {
    struct text out = {0};
    save_text(score_root(world->score), &out);
    return out.data;
}

/* The snapshot of one score becomes another, by way of bytes. */
static void world_continue(struct world *from, struct world *to) {
    struct text before = {0}, after = {0};
    struct moment moment, read;
    struct pack *pack = pack_create();
    size_t size;
    moment_settings(from->score, NULL, &before, &after);
    char *text = world_text(from);
    moment_take(from->score, &moment);
    pack_moment(pack, &moment);
    moment_finish(&moment);
    const uint8_t *bytes = pack_data(pack, &size);
    struct msgpack_reader reader = {bytes, bytes + size};
    assert_true(unpack_moment(&reader, &read));
    world_make(to, from->now_us);
    world_run(to, before.data);
    world_run(to, text);
    world_run(to, after.data);
    moment_restore(to->score, &read);
    moment_finish(&read);
    pack_destroy(pack);
    text_finish(&before);
    text_finish(&after);
    free(text);
}

static const char LIVELY[] =
    "/ITL/scene/a set rect 0.1 0.1; /ITL/scene/b set rect 0.1 0.1; /ITL/scene/c set txt no;"
    "/ITL/scene/a watch ddate ( /ITL/scene/b dx 0.001 );"
    "/ITL/scene/a watch timeEnter 1 2 ( /ITL/scene/c set txt 'in the second' );"
    "/ITL/scene/a tempo 240; /ITL/scene/b tempo -33;"
    "/ITL after 700 ( /ITL/scene/b dy 0.25 ); /ITL after 1300 ( /ITL/scene/a del );"
    "/ITL/scene/a push; /ITL rate 20; /ITL time 5000; /ITL/violin new; /ITL/violin tempo 7;";

static void test_past__a_snapshot_goes_on_as_the_score_would_have(void **state) {
    (void)state;
    /* the moments in between are odd: dates and delays are not at round places */
    for (int64_t at_us = 3000000; at_us < 4600000; at_us += 170000) {
        struct world first, second;
        world_make(&first, 3000000);
        world_run(&first, LIVELY);
        world_pass(&first, at_us);
        world_continue(&first, &second);
        for (int i = 0; i < 3; i++) {
            char *a = world_text(&first), *b = world_text(&second);
            assert_string_equal(a, b);
            free(a);
            free(b);
            int64_t until_us = first.now_us + 310000;
            world_pass(&first, until_us);
            world_pass(&second, until_us);
        }
        score_destroy(first.score);
        score_destroy(second.score);
    }
}

static void test_past__what_waits_for_the_next_task_still_waits(void **state) {
    (void)state;
    struct world first, second;
    world_make(&first, 1000);
    world_run(&first,
              "/ITL/scene/a set rect 0.1 0.1; /ITL/scene/a watch ONE ( /ITL/scene/a x 0.5 );"
              "/ITL/scene/a event ONE;");
    assert_true(score_has_queued(first.score));
    world_continue(&first, &second);
    assert_true(score_has_queued(second.score));
    world_pass(&second, 20000);
    char *text = world_text(&second);
    assert_non_null(strstr(text, "/ITL/scene/a x 0.5;"));
    free(text);
    score_destroy(first.score);
    score_destroy(second.score);
}

static void test_past__a_deleted_scene_is_not_there_again(void **state) {
    (void)state;
    struct world first, second;
    world_make(&first, 1000);
    world_run(&first, "/ITL/other new; /ITL/scene del;");
    world_continue(&first, &second);
    assert_null(score_find(second.score, "/ITL/scene"));
    assert_non_null(score_find(second.score, "/ITL/other"));
    score_destroy(first.score);
    score_destroy(second.score);
}

/* -- bytes --------------------------------------------------------------------------- */

static void test_past__cut_bytes_are_refused(void **state) {
    (void)state;
    struct world world;
    struct moment moment, read;
    struct pack *pack = pack_create();
    size_t size;
    world_make(&world, 1000);
    world_run(&world, LIVELY);
    moment_take(world.score, &moment);
    pack_moment(pack, &moment);
    moment_finish(&moment);
    const uint8_t *bytes = pack_data(pack, &size);
    for (size_t cut = 0; cut < size; cut++) {
        struct msgpack_reader reader = {bytes, bytes + cut};
        assert_false(unpack_moment(&reader, &read));
    }
    pack_destroy(pack);
    score_destroy(world.score);
}

/* -- concert logs ----------------------------------------------------------------------- */

static size_t read_log(const char *text, struct concert_part *parts, const char **why) {
    size_t at = 0, n = 0;
    while (n < 8 && concert_log_next(text, strlen(text), &at, &parts[n], why)) {
        n++;
    }
    return n;
}

static void expect_part(const struct concert_part *part, int64_t at_us, const char *source,
                        const char *text) {
    assert_int_equal(part->at_us, at_us);
    assert_int_equal(part->source_len, strlen(source));
    assert_memory_equal(part->source, source, part->source_len);
    assert_int_equal(part->size, strlen(text));
    assert_memory_equal(part->text, text, part->size);
}

static void test_past__a_concert_log_is_read_as_it_was_written(void **state) {
    (void)state;
    struct concert_part parts[8];
    const char *why;
    static const char LOG[] =
        CONCERT_LOG_HEAD "\n# epoch 5\n# @0.000000 8 snapshot\n/ITL a;\n\n"
                         "# @1.25 13 http:1\n# @3 2 x\nb c;\n# @2.000001 0 osc\n\n";
    assert_int_equal(read_log(LOG, parts, &why), 3);
    assert_null(why);
    expect_part(&parts[0], 0, "snapshot", "/ITL a;\n");
    expect_part(&parts[1], 1250000, "http:1",
                "# @3 2 x\nb c;"); /* a comment that looks like a heading */
    expect_part(&parts[2], 2000001, "osc", "");
}

static void test_past__an_edited_concert_log_ends_at_the_next_heading(void **state) {
    (void)state;
    struct concert_part parts[8];
    const char *why;
    static const char LOG[] =
        CONCERT_LOG_HEAD "\n# @1 3 me\nlonger than three\n# @2 500 me\nshorter\n# @3\nlast";
    assert_int_equal(read_log(LOG, parts, &why), 3);
    expect_part(&parts[0], 1000000, "me", "longer than three\n");
    expect_part(&parts[1], 2000000, "me", "shorter\n");
    expect_part(&parts[2], 3000000, "", "last");
    assert_int_equal(read_log("/ITL/scene a;", parts, &why), 0);
    assert_non_null(why);
    assert_int_equal(read_log(CONCERT_LOG_HEAD "\n# @1.1234567 3 me\nabc", parts, &why), 0);
    assert_non_null(why);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_past__a_snapshot_goes_on_as_the_score_would_have),
        cmocka_unit_test(test_past__what_waits_for_the_next_task_still_waits),
        cmocka_unit_test(test_past__a_deleted_scene_is_not_there_again),
        cmocka_unit_test(test_past__cut_bytes_are_refused),
        cmocka_unit_test(test_past__a_concert_log_is_read_as_it_was_written),
        cmocka_unit_test(test_past__an_edited_concert_log_ends_at_the_next_heading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
