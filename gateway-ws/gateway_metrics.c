/* What the admin endpoint tells of this gateway; brought up to date once a second. */
#include <stdio.h>
#include <stdlib.h>

#include "common/metrics.h"
#include "gateway-ws/gateway_private.h"
#include "gateway-ws/sockjs/sockjs.h"

struct gateway_metrics {
    struct ws_counts published;
    struct metric *connections, *receiving, *queued, *clients[WS_N_ACTIVITIES], *coalesced,
        *refused[WS_N_REFUSALS], *throttled[WS_N_THROTTLES];
    struct metric *messages, *notices, *pictures, *binary_ignored, *stalled, *too_big, *lost,
        *unfinished, *unsent, *sending, *bad_tokens, *foreign_pages, *sockjs;
};

struct gateway_metrics *gateway_metrics_create(void) {
    struct gateway_metrics *metrics = calloc(1, sizeof(*metrics));
    if (metrics == NULL) {
        return NULL;
    }
    metrics->connections = metric_gauge("leggio_ws_connections", "", "open TCP connections");
    for (size_t i = 0; i < WS_N_ACTIVITIES; i++) {
        char labels[48];
        snprintf(labels, sizeof(labels), "state=\"%s\"", WS_ACTIVITY_NAMES[i]);
        metrics->clients[i] =
            metric_gauge("leggio_ws_clients", labels, "open connections by what they do");
    }
    metrics->queued =
        metric_gauge("leggio_ws_queued_bytes", "", "replies that clients have not taken yet");
    metrics->coalesced =
        metric_counter("leggio_ws_coalesced_total", "",
                       "versions that a client was not told of, as a newer one was there");
    metrics->receiving =
        metric_gauge("leggio_ws_receiving_bytes", "", "memory of unfinished messages");
    metrics->sending =
        metric_gauge("leggio_ws_sending_bytes", "", "memory of files on their way to clients");
    metrics->messages = metric_counter("leggio_ws_messages_total", "", "requests received");
    metrics->notices = metric_counter("leggio_ws_notices_total", "", "notifications sent");
    metrics->pictures = metric_counter("leggio_ws_pictures_total", "", "pictures sent");
    metrics->binary_ignored =
        metric_counter("leggio_ws_binary_ignored_total", "", "binary messages ignored");
    metrics->stalled =
        metric_counter("leggio_ws_closed_total", "why=\"stalled\"", "clients closed for a limit");
    metrics->too_big =
        metric_counter("leggio_ws_closed_total", "why=\"too_big\"", "clients closed for a limit");
    metrics->lost =
        metric_counter("leggio_ws_closed_total", "why=\"silent\"", "clients closed for a limit");
    metrics->unfinished = metric_counter("leggio_ws_closed_total", "why=\"unfinished\"",
                                         "clients closed for a limit");
    for (size_t i = 0; i < WS_N_REFUSALS; i++) {
        char labels[48];
        snprintf(labels, sizeof(labels), "limit=\"%s\"", WS_REFUSAL_NAMES[i]);
        metrics->refused[i] = metric_counter("leggio_ws_refused_total", labels,
                                             "connections refused for a limit, by its option");
    }
    metrics->bad_tokens = metric_counter("leggio_ws_bad_tokens_total", "",
                                         "clients refused because their token is not known");
    metrics->foreign_pages =
        metric_counter("leggio_ws_foreign_pages_total", "", "pages refused for their origin");
    metrics->sockjs = metric_gauge("leggio_ws_sockjs_sessions", "", "SockJS sessions");
    metrics->unsent =
        metric_counter("leggio_ws_unsent_total", "", "files refused because of max-sending");
    for (size_t i = 0; i < WS_N_THROTTLES; i++) {
        char labels[48];
        snprintf(labels, sizeof(labels), "limit=\"%s\"", WS_THROTTLE_NAMES[i]);
        metrics->throttled[i] = metric_counter(
            "leggio_ws_throttled_total", labels,
            "times a client was not read from for a while, by the option that it met");
    }
    return metrics;
}

void gateway_metrics_destroy(struct gateway_metrics *metrics) {
    free(metrics);
}

static void catch_up(struct metric *metric, uint64_t *published, uint64_t now) {
    metric_add(metric, (int64_t)(now - *published));
    *published = now;
}

static void count_clients(struct gateway_metrics *metrics, const struct gateway *gateway) {
    int64_t n[WS_N_ACTIVITIES] = {0}, queued_bytes = 0;
    for (uint32_t i = 0; i < gateway->n_slots; i++) {
        const struct ws_connection *connection = gateway->slots[i].connection;
        if (connection != NULL) {
            n[ws_connection_activity(connection)]++;
            queued_bytes += (int64_t)ws_connection_queued_bytes(connection);
        }
    }
    for (size_t i = 0; i < WS_N_ACTIVITIES; i++) {
        metric_set(metrics->clients[i], n[i]);
    }
    metric_set(metrics->queued, queued_bytes);
}

void gateway_metrics_publish(struct gateway_metrics *metrics, const struct gateway *gateway) {
    const struct ws_counts *now = &gateway->host.counts;
    struct ws_counts *published = &metrics->published;
    metric_set(metrics->connections, gateway->n_connections);
    count_clients(metrics, gateway);
    metric_set(metrics->receiving, (int64_t)gateway->host.receiving_bytes);
    catch_up(metrics->coalesced, &published->coalesced, now->coalesced);
    catch_up(metrics->messages, &published->messages, now->messages);
    catch_up(metrics->notices, &published->notices, now->notices);
    catch_up(metrics->pictures, &published->pictures, now->pictures);
    catch_up(metrics->binary_ignored, &published->binary_ignored, now->binary_ignored);
    catch_up(metrics->stalled, &published->stalled, now->stalled);
    catch_up(metrics->too_big, &published->too_big, now->too_big);
    for (size_t i = 0; i < WS_N_THROTTLES; i++) {
        catch_up(metrics->throttled[i], &published->throttled[i], now->throttled[i]);
    }
    catch_up(metrics->unfinished, &published->unfinished, now->unfinished);
    metric_set(metrics->sending, (int64_t)gateway->host.sending_bytes);
    catch_up(metrics->unsent, &published->unsent, now->unsent);
    for (size_t i = 0; i < WS_N_REFUSALS; i++) {
        catch_up(metrics->refused[i], &published->refused[i], now->refused[i]);
    }
    catch_up(metrics->foreign_pages, &published->foreign_pages, now->foreign_pages);
    gateway_store_publish(gateway);
    metric_set(metrics->sockjs, (int64_t)sockjs_n_sessions(gateway->sockjs));
    catch_up(metrics->bad_tokens, &published->bad_tokens, now->bad_tokens);
    catch_up(metrics->lost, &published->lost, now->lost);
}
