/* The loop: posts from other threads, timers, descriptors, the end of a turn. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/broker/loop.h"

struct facts {
    struct loop *loop;
    int n_posts, n_ticks, n_turns, n_reads, n_once;
    int timer_id, fd;
};

static void on_turn(void *ctx) {
    ((struct facts *)ctx)->n_turns++;
}

static void on_post(void *ctx) {
    struct facts *facts = ctx;
    if (++facts->n_posts == 1000) {
        loop_stop(facts->loop);
    }
}

static void *post_many(void *ctx) {
    struct facts *facts = ctx;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(loop_post(facts->loop, on_post, facts), LG_OK);
    }
    return NULL;
}

static void test_loop__posts_of_another_thread_all_arrive(void **state) {
    (void)state;
    struct facts facts = {.loop = loop_create()};
    pthread_t thread;
    loop_on_turn_end(facts.loop, on_turn, &facts);
    assert_int_equal(pthread_create(&thread, NULL, post_many, &facts), 0);
    loop_run(facts.loop);
    pthread_join(thread, NULL);
    assert_int_equal(facts.n_posts, 1000);
    assert_true(facts.n_turns >= 1);
    loop_destroy(facts.loop);
}

static void test_loop__what_was_posted_runs_even_when_the_loop_goes(void **state) {
    (void)state;
    struct facts facts = {.loop = loop_create()};
    loop_post(facts.loop, on_post, &facts);
    loop_destroy(facts.loop);
    assert_int_equal(facts.n_posts, 1);
}

static void on_once(void *ctx) {
    ((struct facts *)ctx)->n_once++;
}

static void on_tick(void *ctx) {
    struct facts *facts = ctx;
    if (++facts->n_ticks < 3) {
        facts->timer_id = loop_timer_once(facts->loop, 1, on_tick, facts);
        return;
    }
    loop_timer_cancel(facts->loop, loop_timer_once(facts->loop, 1, on_tick, facts));
    assert_int_equal(write(facts->fd, "x", 1), 1);
}

static void on_fd(void *ctx) {
    struct facts *facts = ctx;
    facts->n_reads++;
    loop_stop(facts->loop);
}

static void test_loop__timers_tick_until_cancelled_and_descriptors_wake(void **state) {
    (void)state;
    struct facts facts = {.loop = loop_create()};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    facts.fd = ends[1];
    assert_int_equal(loop_add_fd(facts.loop, ends[0], on_fd, &facts), LG_OK);
    facts.timer_id = loop_timer_once(facts.loop, 1, on_tick, &facts);
    assert_true(facts.timer_id >= 0);
    assert_true(loop_timer_once(facts.loop, 1, on_once, &facts) >= 0);
    loop_run(facts.loop);
    assert_int_equal(facts.n_ticks, 3);
    assert_int_equal(facts.n_once, 1);
    assert_true(facts.n_reads >= 1);
    loop_destroy(facts.loop);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop__posts_of_another_thread_all_arrive),
        cmocka_unit_test(test_loop__what_was_posted_runs_even_when_the_loop_goes),
        cmocka_unit_test(test_loop__timers_tick_until_cancelled_and_descriptors_wake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
