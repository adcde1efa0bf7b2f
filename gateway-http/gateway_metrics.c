/* Connections by state, limits by name. */
#include "gateway-http/gateway_metrics.h"

#include <stdio.h>

#include "common/metrics.h"
#include "gateway-http/server/http_server.h"

static struct metric *labelled(struct metric *(*make)(const char *, const char *, const char *),
                               const char *name, const char *label, const char *value,
                               const char *help) {
    char labels[64];
    snprintf(labels, sizeof labels, "%s=\"%s\"", label, value);
    return make(name, labels, help);
}

void gateway_metrics_publish(const struct http_server *server) {
    struct http_counts counts;
    http_server_counts(server, &counts);
    metric_set(metric_gauge("leggio_http_connections", "", "open connections"),
               http_server_n_connections(server));
    metric_set(metric_gauge("leggio_http_receiving_bytes", "", "memory of bodies of requests"),
               (int64_t)counts.receiving_bytes);
    for (size_t i = 0; i < HTTP_N_PHASES; i++) {
        metric_set(labelled(metric_gauge, "leggio_http_clients", "state", HTTP_PHASE_NAMES[i],
                            "open connections by what they do"),
                   counts.phases[i]);
    }
    for (size_t i = 0; i < HTTP_N_LIMITS; i++) {
        metric_set(labelled(metric_counter, "leggio_http_limited_total", "limit",
                            HTTP_LIMIT_NAMES[i], "times that a limit was met, by its option"),
                   (int64_t)counts.limits[i]);
    }
}
