/* The worker: in order, bounded, nothing lost at the end. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/io/worker.h"

struct trail {
    pthread_mutex_t gate;
    int numbers[WORKER_JOBS_MAX + 8];
    int n;
};

struct step {
    struct trail *trail;
    int number;
};

static void walk(void *ctx) {
    struct step *step = ctx;
    pthread_mutex_lock(&step->trail->gate);
    step->trail->numbers[step->trail->n++] = step->number;
    pthread_mutex_unlock(&step->trail->gate);
}

static void test_worker__runs_all_jobs_in_order_before_it_ends(void **state) {
    (void)state;
    static struct trail trail = {.gate = PTHREAD_MUTEX_INITIALIZER};
    static struct step steps[100];
    struct worker *worker = worker_create();
    for (int i = 0; i < 100; i++) {
        steps[i] = (struct step){&trail, i};
        assert_int_equal(worker_give(worker, walk, &steps[i]), LG_OK);
    }
    worker_destroy(worker);
    assert_int_equal(trail.n, 100);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(trail.numbers[i], i);
    }
}

static void test_worker__refuses_what_is_too_much(void **state) {
    (void)state;
    static struct trail trail = {.gate = PTHREAD_MUTEX_INITIALIZER};
    static struct step steps[WORKER_JOBS_MAX + 2];
    struct worker *worker = worker_create();
    pthread_mutex_lock(&trail.gate); /* the first job is held, the others wait */
    int n_given = 0;
    for (int i = 0; i < WORKER_JOBS_MAX + 2; i++) {
        steps[i] = (struct step){&trail, i};
        int code = worker_give(worker, walk, &steps[i]);
        assert_true(code == LG_OK || code == LG_EBUSY);
        n_given += code == LG_OK;
    }
    assert_true(n_given == WORKER_JOBS_MAX || n_given == WORKER_JOBS_MAX + 1);
    pthread_mutex_unlock(&trail.gate);
    worker_destroy(worker);
    assert_int_equal(trail.n, n_given);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worker__runs_all_jobs_in_order_before_it_ends),
        cmocka_unit_test(test_worker__refuses_what_is_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
