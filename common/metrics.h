/* Counters, gauges and histograms of a process, and their Prometheus text.
 *
 *     struct metric *met = metric_counter("leggio_http_requests_total", "code=\"200\"", "requests");
 *     metric_add(met, 1);
 *
 * The registry is the one piece of global state beside the log. Making a metric
 * takes a lock, using one does not. Metrics live until the process ends.
 */
#ifndef LEGGIO_COMMON_METRICS_H
#define LEGGIO_COMMON_METRICS_H

#include <stddef.h>
#include <stdint.h>

#define METRICS_MAX         512 /* then a shared spill metric is handed out, and it is logged */
#define METRICS_BUCKETS_MAX 24

struct metric;

/* The metric of this name and labels, made when it is not there yet. name:
 * leggio_<program>_<what>_<unit>, counters end in _total. labels: "" or
 * key="value",… as in the text form. All texts are borrowed for good (name and
 * help) or copied (labels). Never NULL. Any thread. */
struct metric *metric_counter(const char *name, const char *labels, const char *help);
struct metric *metric_gauge(const char *name, const char *labels, const char *help);

/* A gauge that is set in microseconds and printed in seconds. */
struct metric *metric_time(const char *name, const char *labels, const char *help);

/* Observed values are whole numbers in a small unit (microseconds, bytes);
 * bounds rise; printed values are multiplied by scale (1e-6 for us → seconds).
 * bounds is borrowed for good. */
struct metric *metric_histogram(const char *name, const char *labels, const char *help,
                                const int64_t *bounds, size_t n_bounds, double scale);

/* 0.1 ms to 10 s, for delays in microseconds. */
extern const int64_t METRIC_DELAY_BOUNDS_US[];
extern const size_t METRIC_N_DELAY_BOUNDS;

/* Any thread, no lock. */
void metric_add(struct metric *metric, int64_t value);     /* counter: value >= 0; gauge: any */
void metric_set(struct metric *metric, int64_t value);     /* gauge */
void metric_observe(struct metric *metric, int64_t value); /* histogram */
int64_t metric_value(const struct metric *metric);         /* histogram: number of observations */

/* Prometheus text format 0.0.4 of all metrics; free(). NULL when out of memory. */
char *metrics_print(size_t *len);

#endif
