/* What the admin endpoint tells of JSON-RPC; brought up to date once a second. */
#include <stdlib.h>

#include "common/clock.h"
#include "common/metrics.h"
#include "gateway-ws/rpc/rpc_private.h"

struct rpc_metrics {
    struct metric *sessions, *subscriptions, *coalesced, *delay;
};

struct rpc_metrics *rpc_metrics_create(void) {
    struct rpc_metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL) {
        return NULL;
    }
    metrics->sessions = metric_gauge("leggio_rpc_sessions", "",
                                     "JSON-RPC sessions held, with and without a connection");
    metrics->subscriptions = metric_gauge("leggio_rpc_subscriptions", "", "their subscriptions");
    metrics->coalesced =
        metric_counter("leggio_ws_coalesced_total", "",
                       "versions that a client was not told of, as a newer one was there");
    metrics->delay = metric_histogram("leggio_rpc_notice_delay_seconds", "",
                                      "from drawing a version to the notice of a subscriber",
                                      METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
    return metrics;
}

void rpc_metrics_destroy(struct rpc_metrics *metrics) {
    free(metrics);
}

void rpc_metrics_told(struct rpc_metrics *metrics, const struct sub *sub,
                      const struct frame *frame) {
    if (sub->told_us == 0 || sub->told_epoch != frame->epoch) {
        return; /* what was there already is no news, nor late */
    }
    metric_add(metrics->coalesced, (int64_t)(frame->version - sub->told_version - 1));
    metric_observe(metrics->delay, lg_clock_wall_us() - frame->drawn_wall_us);
}

static void count_up(const char *name, const char *labels, const char *help, uint64_t now) {
    metric_set(metric_counter(name, labels, help), (int64_t)now);
}

void rpc_metrics_publish(struct rpc *rpc) {
    static const char SESSIONS[] = "leggio_rpc_sessions_total";
    static const char HELP[] = "what became of sessions";
    const struct jsonrpc_counts *counts = jsonrpc_server_counts(rpc->server);
    size_t n_subs = 0;
    for (struct jsonrpc_session *session = NULL;
         (session = jsonrpc_server_next(rpc->server, session)) != NULL;) {
        const struct rpc_session *data = jsonrpc_session_data(session);
        n_subs += data != NULL ? data->n_subs : 0;
    }
    metric_set(rpc->metrics->sessions, (int64_t)jsonrpc_server_n_sessions(rpc->server));
    metric_set(rpc->metrics->subscriptions, (int64_t)n_subs);
    count_up("leggio_rpc_requests_total", "", "JSON-RPC requests", counts->requests);
    count_up("leggio_rpc_errors_total", "", "JSON-RPC requests answered by an error",
             counts->errors);
    count_up(SESSIONS, "what=\"made\"", HELP, counts->sessions_made);
    count_up(SESSIONS, "what=\"taken_up\"", HELP, counts->taken_up);
    count_up(SESSIONS, "what=\"expired\"", HELP, counts->expired);
    count_up(SESSIONS, "what=\"closed\"", HELP, counts->closed);
    count_up(SESSIONS, "what=\"refused\"", HELP, counts->refused);
    count_up("leggio_rpc_overflows_total", "", "answers kept for a client that is away, dropped",
             counts->overflows);
    count_up("leggio_rpc_watchdog_closes_total", "", "connections closed for want of a ping",
             counts->watchdog_closes);
}
