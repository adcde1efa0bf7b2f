/* Many prepared frames at once over socket pairs: each exactly once, with and
 * without the helper thread, and what comes of sockets that take nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway-ws/senders.h"

enum { N_PAIRS = 300, N_JOBS = 3000, N_RUNS = 200 };

static const uint8_t FRAME[] = {0x81, 3, 'a', 'b', 'c'};

struct stage {
    struct senders *senders;
    int ours[N_PAIRS], theirs[N_PAIRS];
};

static struct stage stage;

static int set_up_pairs(bool with_helper) {
    stage.senders = senders_create(with_helper);
    for (int i = 0; i < N_PAIRS; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) {
            return -1;
        }
        stage.ours[i] = pair[0];
        stage.theirs[i] = pair[1];
    }
    return stage.senders != NULL ? 0 : -1;
}

static int set_up_alone(void **state) {
    (void)state;
    return set_up_pairs(false);
}

static int set_up_helped(void **state) {
    (void)state;
    return set_up_pairs(true);
}

static int tear_down(void **state) {
    (void)state;
    senders_destroy(stage.senders);
    for (int i = 0; i < N_PAIRS; i++) {
        close(stage.ours[i]);
        close(stage.theirs[i]);
    }
    return 0;
}

static struct send_job *fill(size_t n_jobs) {
    struct send_job *jobs = senders_room(stage.senders, n_jobs);
    assert_non_null(jobs);
    for (size_t i = 0; i < n_jobs; i++) {
        jobs[i] = (struct send_job){.bytes = FRAME,
                                    .size_bytes = sizeof(FRAME),
                                    .member_i = (uint32_t)i,
                                    .fd = stage.ours[i % N_PAIRS],
                                    .result = 77};
    }
    return jobs;
}

/* Reads all that waits; returns how many whole frames came. */
static size_t frames_at(int fd) {
    uint8_t bytes[4096];
    size_t used = 0;
    ssize_t n;
    while ((n = recv(fd, bytes + used, sizeof(bytes) - used, 0)) > 0) {
        used += (size_t)n;
    }
    assert_int_equal(used % sizeof(FRAME), 0);
    for (size_t at = 0; at < used; at += sizeof(FRAME)) {
        assert_memory_equal(bytes + at, FRAME, sizeof(FRAME));
    }
    return used / sizeof(FRAME);
}

static void test_senders__every_job_is_sent_once_and_all_are_done_on_return(void **state) {
    (void)state;
    for (size_t run = 0; run < N_RUNS; run++) {
        size_t n_jobs = run % 2 == 0 ? N_JOBS : 1 + run;
        struct send_job *jobs = fill(n_jobs);
        senders_run(stage.senders, n_jobs);
        for (size_t i = 0; i < n_jobs; i++) {
            assert_int_equal(jobs[i].result, 0);
            assert_int_equal(jobs[i].member_i, i);
        }
        for (size_t i = 0; i < N_PAIRS; i++) {
            size_t wanted = n_jobs / N_PAIRS + (i < n_jobs % N_PAIRS);
            assert_int_equal(frames_at(stage.theirs[i]), wanted);
        }
    }
}

static void test_senders__a_full_socket_is_asked_again_and_a_broken_one_closed(void **state) {
    (void)state;
    uint8_t flood[4096] = {0};
    while (send(stage.ours[7], flood, sizeof(flood), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        /* until it takes no more */
    }
    while (send(stage.ours[7], flood, 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        /* not a byte */
    }
    close(stage.theirs[N_PAIRS - 2]);
    struct send_job *jobs = fill(N_PAIRS);
    senders_run(stage.senders, N_PAIRS);
    for (int i = 0; i < N_PAIRS; i++) {
        assert_int_equal(jobs[i].result, i == 7 ? 1 : i == N_PAIRS - 2 ? -1 : 0);
    }
    stage.theirs[N_PAIRS - 2] = -1;
}

static void test_senders__end_at_once_after_a_run_and_without_one(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct senders *senders = senders_create(true);
        assert_non_null(senders);
        if (i % 2 == 0) {
            assert_non_null(senders_room(senders, 1));
            senders_run(senders, 0);
        }
        senders_destroy(senders);
    }
    senders_destroy(NULL);
}

#define WITH(set_up, test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(set_up_alone, test_senders__every_job_is_sent_once_and_all_are_done_on_return),
        WITH(set_up_helped, test_senders__every_job_is_sent_once_and_all_are_done_on_return),
        WITH(set_up_alone, test_senders__a_full_socket_is_asked_again_and_a_broken_one_closed),
        WITH(set_up_helped, test_senders__a_full_socket_is_asked_again_and_a_broken_one_closed),
        cmocka_unit_test(test_senders__end_at_once_after_a_run_and_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
