/* The registry of metrics. Values are atomics; the list only grows. */
#include "common/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
    enum metric_kind kind;
    const char *name, *help;
    char labels[128];
    _Atomic int64_t value; /* histogram: sum of what was observed */
    const int64_t *bounds;
    size_t n_bounds;
    double scale;
    _Atomic int64_t buckets[METRICS_BUCKETS_MAX + 1]; /* not cumulative; the last = above all */
};

const int64_t METRIC_DELAY_BOUNDS_US[] = {100,     250,     500,     1000,    2500,   5000,
                                          10000,   25000,   50000,   100000,  250000, 500000,
                                          1000000, 2500000, 5000000, 10000000};
const size_t METRIC_N_DELAY_BOUNDS =
    sizeof METRIC_DELAY_BOUNDS_US / sizeof METRIC_DELAY_BOUNDS_US[0];

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *registry[METRICS_MAX];
static size_t n_registry;
static struct metric spill = {.name = "leggio_metrics_spilled_total",
                              .help = "events of metrics that did not fit the registry",
                              .scale = 1};

static struct metric *find_locked(const char *name, const char *labels) {
    for (size_t i = 0; i < n_registry; i++) {
        if (strcmp(registry[i]->name, name) == 0 && strcmp(registry[i]->labels, labels) == 0) {
            return registry[i];
        }
    }
    return NULL;
}

/* Metrics of one name stand together, as the text format wants it. */
static void insert_locked(struct metric *metric) {
    size_t at = n_registry;
    while (at > 0 && strcmp(registry[at - 1]->name, metric->name) > 0) {
        at--;
    }
    memmove(&registry[at + 1], &registry[at], (n_registry - at) * sizeof registry[0]);
    registry[at] = metric;
    n_registry++;
}

static struct metric *get(const struct metric *wanted, const char *labels) {
    pthread_mutex_lock(&registry_lock);
    struct metric *metric = find_locked(wanted->name, labels);
    if (metric == NULL && n_registry < METRICS_MAX && strlen(labels) < sizeof wanted->labels) {
        metric = calloc(1, sizeof *metric);
        if (metric != NULL) {
            metric->kind = wanted->kind;
            metric->name = wanted->name;
            metric->help = wanted->help;
            metric->bounds = wanted->bounds;
            metric->n_bounds = wanted->n_bounds;
            metric->scale = wanted->scale;
            memcpy(metric->labels, labels, strlen(labels));
            insert_locked(metric);
        }
    }
    pthread_mutex_unlock(&registry_lock);
    if (metric == NULL) {
        lg_log(LG_LOG_WARN, "metrics", "spilled", "name=%s labels=%s", wanted->name, labels);
        return &spill;
    }
    assert(metric->kind == wanted->kind);
    return metric;
}

struct metric *metric_counter(const char *name, const char *labels, const char *help) {
    return get(&(struct metric){.kind = METRIC_COUNTER, .name = name, .help = help, .scale = 1},
               labels);
}

struct metric *metric_gauge(const char *name, const char *labels, const char *help) {
    return get(&(struct metric){.kind = METRIC_GAUGE, .name = name, .help = help, .scale = 1},
               labels);
}

struct metric *metric_time(const char *name, const char *labels, const char *help) {
    return get(&(struct metric){.kind = METRIC_GAUGE, .name = name, .help = help, .scale = 1e-6},
               labels);
}

struct metric *metric_histogram(const char *name, const char *labels, const char *help,
                                const int64_t *bounds, size_t n_bounds, double scale) {
    assert(n_bounds <= METRICS_BUCKETS_MAX);
    return get(&(struct metric){.kind = METRIC_HISTOGRAM,
                                .name = name,
                                .help = help,
                                .bounds = bounds,
                                .n_bounds = n_bounds,
                                .scale = scale},
               labels);
}

void metric_add(struct metric *metric, int64_t value) {
    atomic_fetch_add_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value) {
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe(struct metric *metric, int64_t value) {
    size_t bucket_i = 0;
    while (bucket_i < metric->n_bounds && value > metric->bounds[bucket_i]) {
        bucket_i++;
    }
    atomic_fetch_add_explicit(&metric->buckets[bucket_i], 1, memory_order_relaxed);
    metric_add(metric, value);
}

int64_t metric_value(const struct metric *metric) {
    if (metric->kind != METRIC_HISTOGRAM) {
        return atomic_load_explicit(&metric->value, memory_order_relaxed);
    }
    int64_t n = 0;
    for (size_t i = 0; i <= metric->n_bounds; i++) {
        n += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    }
    return n;
}

static void print_histogram(FILE *out, const struct metric *metric) {
    const char *comma = metric->labels[0] != '\0' ? "," : "";
    int64_t n = 0;
    for (size_t i = 0; i < metric->n_bounds; i++) {
        n += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        fprintf(out, "%s_bucket{%s%sle=\"%g\"} %" PRId64 "\n", metric->name, metric->labels, comma,
                (double)metric->bounds[i] * metric->scale, n);
    }
    n += atomic_load_explicit(&metric->buckets[metric->n_bounds], memory_order_relaxed);
    fprintf(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRId64 "\n", metric->name, metric->labels, comma,
            n);
    const char *open = metric->labels[0] != '\0' ? "{" : "", *close = open[0] != '\0' ? "}" : "";
    double sum = (double)atomic_load_explicit(&metric->value, memory_order_relaxed);
    fprintf(out, "%s_sum%s%s%s %.9g\n", metric->name, open, metric->labels, close,
            sum * metric->scale);
    fprintf(out, "%s_count%s%s%s %" PRId64 "\n", metric->name, open, metric->labels, close, n);
}

static void print_metric(FILE *out, const struct metric *metric, bool is_first_of_name) {
    static const char *const TYPES[] = {"counter", "gauge", "histogram"};
    if (is_first_of_name) {
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                TYPES[metric->kind]);
    }
    if (metric->kind == METRIC_HISTOGRAM) {
        print_histogram(out, metric);
        return;
    }
    const char *open = metric->labels[0] != '\0' ? "{" : "", *close = open[0] != '\0' ? "}" : "";
    fprintf(out, "%s%s%s%s ", metric->name, open, metric->labels, close);
    if (metric->scale < 1) {
        fprintf(out, "%.6f\n", (double)metric_value(metric) * metric->scale);
    } else {
        fprintf(out, "%" PRId64 "\n", metric_value(metric));
    }
}

char *metrics_print(size_t *len) {
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (out == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&registry_lock);
    for (size_t i = 0; i < n_registry; i++) {
        print_metric(out, registry[i],
                     i == 0 || strcmp(registry[i]->name, registry[i - 1]->name) != 0);
    }
    pthread_mutex_unlock(&registry_lock);
    if (metric_value(&spill) > 0) {
        print_metric(out, &spill, true);
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
