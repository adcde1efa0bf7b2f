/* Pings. The wish (any thread) is kept apart from what runs, so that each connection starts them
 * anew. */
#include <stdio.h>

#include "clients/c/client_private.h"

static int timeout_ms(const struct heartbeat *heartbeat) {
    return heartbeat->interval_ms > SETTINGS_PING_TIMEOUT_MIN_MS ? heartbeat->interval_ms
                                                                 : SETTINGS_PING_TIMEOUT_MIN_MS;
}

static void on_pong(struct lg_client *client, struct waiting_request *request) {
    struct heartbeat *heartbeat = &client->heartbeat;
    /* An error is an answer too: the server is there. */
    if (request->id != heartbeat->ping_id ||
        (request->status != LG_CLIENT_OK && request->status != LG_CLIENT_ERROR_ANSWER)) {
        return;
    }
    int64_t now = client_now_us();
    heartbeat->ping_id = 0;
    pthread_mutex_lock(&client->lock);
    client->stats.pongs++;
    client->stats.ping_us = (uint32_t)(now - heartbeat->asked_us);
    pthread_mutex_unlock(&client->lock);
    if (heartbeat->interval_ms > 0) {
        link_timer_set(&client->link, &heartbeat->timer,
                       heartbeat->asked_us + (int64_t)heartbeat->interval_ms * 1000 - now);
    }
}

static void ping(struct lg_client *client) {
    struct heartbeat *heartbeat = &client->heartbeat;
    char params[48];
    snprintf(params, sizeof(params), "{\"interval\":%d}", heartbeat->interval_ms);
    heartbeat->asked_us = heartbeat->ping_us = client_now_us();
    heartbeat->is_ping_sent = false;
    struct requests_own own = {.method = "ping",
                               .params = heartbeat->has_told_interval ? NULL : params,
                               .on_end = on_pong};
    heartbeat->ping_id = requests_ask(client, &own);
    heartbeat->has_told_interval = true;
    if (heartbeat->ping_id == 0) {
        session_lose(client, "out of memory for a ping");
        return;
    }
    pthread_mutex_lock(&client->lock);
    client->stats.pings++;
    pthread_mutex_unlock(&client->lock);
    link_timer_set(&client->link, &heartbeat->timer, (int64_t)timeout_ms(heartbeat) * 1000);
}

static void on_timer(void *ctx) {
    struct lg_client *client = ctx;
    struct heartbeat *heartbeat = &client->heartbeat;
    char reason[96];
    if (heartbeat->interval_ms == 0 || client->session.step != SESSION_ATTACHED) {
        return;
    }
    if (heartbeat->ping_id == 0) {
        ping(client);
        return;
    }
    if (!client->session.is_reading) {
        heartbeat->ping_us = client_now_us(); /* we do not listen: not the server's fault */
    }
    int64_t left = heartbeat->ping_us + (int64_t)timeout_ms(heartbeat) * 1000 - client_now_us();
    if (left > 0) {
        link_timer_set(&client->link, &heartbeat->timer, left);
        return;
    }
    snprintf(reason, sizeof(reason), "the server did not answer a ping in %d ms",
             timeout_ms(heartbeat));
    session_lose(client, reason);
}

void heartbeat_init(struct lg_client *client) {
    link_timer_init(&client->heartbeat.timer, on_timer, client);
}

void heartbeat_start(struct lg_client *client) {
    struct heartbeat *heartbeat = &client->heartbeat;
    pthread_mutex_lock(&client->lock);
    int wanted_ms = client->heartbeat_wanted_ms;
    pthread_mutex_unlock(&client->lock);
    heartbeat_stop(client);
    heartbeat->interval_ms = wanted_ms;
    if (wanted_ms > 0) {
        ping(client);
    }
}

void heartbeat_stop(struct lg_client *client) {
    struct heartbeat *heartbeat = &client->heartbeat;
    link_timer_stop(&heartbeat->timer);
    heartbeat->interval_ms = 0;
    heartbeat->ping_id = 0;
    heartbeat->has_told_interval = false;
}

void heartbeat_traffic(struct lg_client *client, bool is_amid_message) {
    struct heartbeat *heartbeat = &client->heartbeat;
    if (heartbeat->ping_id != 0 && (is_amid_message || !heartbeat->is_ping_sent)) {
        heartbeat->ping_us = client_now_us();
    }
}

void heartbeat_sent(struct lg_client *client, uint64_t id) {
    struct heartbeat *heartbeat = &client->heartbeat;
    if (id != 0 && id == heartbeat->ping_id) {
        heartbeat->is_ping_sent = true;
        heartbeat->ping_us = client_now_us();
    }
}
