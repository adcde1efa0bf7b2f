/* Metrics and their Prometheus text. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/log.h"
#include "common/metrics.h"

static void has(const char *expected) {
    size_t len;
    char *text = metrics_print(&len);
    assert_int_equal(len, strlen(text));
    if (strstr(text, expected) == NULL) {
        fail_msg("'%s' lacks '%s'", text, expected);
    }
    free(text);
}

static void test_metrics__one_name_and_labels_is_one_metric(void **state) {
    (void)state;
    struct metric *first = metric_counter("t_requests_total", "code=\"200\"", "requests");
    assert_ptr_equal(first, metric_counter("t_requests_total", "code=\"200\"", "requests"));
    struct metric *other = metric_counter("t_requests_total", "code=\"404\"", "requests");
    assert_ptr_not_equal(first, other);
    metric_add(first, 3);
    metric_add(other, 1);
    metric_set(metric_gauge("t_clients", "", "clients"), -2);
    has("# HELP t_requests_total requests\n# TYPE t_requests_total counter\n"
        "t_requests_total{code=\"200\"} 3\nt_requests_total{code=\"404\"} 1\n");
    has("# TYPE t_clients gauge\nt_clients -2\n");
}

static void test_metrics__histograms_are_cumulative(void **state) {
    (void)state;
    static const int64_t BOUNDS[] = {1000, 10000};
    struct metric *delay = metric_histogram("t_delay_seconds", "", "delay", BOUNDS, 2, 1e-6);
    metric_observe(delay, 500);
    metric_observe(delay, 1000);
    metric_observe(delay, 5000);
    metric_observe(delay, 20000);
    assert_int_equal(metric_value(delay), 4);
    has("# TYPE t_delay_seconds histogram\n"
        "t_delay_seconds_bucket{le=\"0.001\"} 2\n"
        "t_delay_seconds_bucket{le=\"0.01\"} 3\n"
        "t_delay_seconds_bucket{le=\"+Inf\"} 4\n"
        "t_delay_seconds_sum 0.0265\n"
        "t_delay_seconds_count 4\n");
    metric_observe(metric_histogram("t_size_bytes", "kind=\"a\"", "size", BOUNDS, 2, 1), 7);
    has("t_size_bytes_bucket{kind=\"a\",le=\"1000\"} 1\n");
    has("t_size_bytes_sum{kind=\"a\"} 7\n");
}

static void *count(void *ctx) {
    for (int i = 0; i < 10000; i++) {
        metric_add(ctx, 1);
        metric_add(metric_counter("t_threads_total", "", "threads"), 1);
    }
    return NULL;
}

static void test_metrics__threads_lose_no_count(void **state) {
    (void)state;
    pthread_t threads[4];
    struct metric *metric = metric_counter("t_threads_total", "", "threads");
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, count, metric);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(metric_value(metric), 80000);
}

static void test_metrics__a_full_registry_spills(void **state) {
    (void)state;
    char labels[32];
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_ERROR, false, 2});
    for (int i = 0; i < METRICS_MAX + 10; i++) {
        snprintf(labels, sizeof labels, "i=\"%d\"", i);
        metric_add(metric_counter("t_many_total", labels, "many"), 1);
    }
    has("leggio_metrics_spilled_total ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics__one_name_and_labels_is_one_metric),
        cmocka_unit_test(test_metrics__histograms_are_cumulative),
        cmocka_unit_test(test_metrics__threads_lose_no_count),
        cmocka_unit_test(test_metrics__a_full_registry_spills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
