/* The life of a connection: attempts with their back-off, loss, close. What is said first on a
 * connection is in session_attach.c, what comes in session_events.c. All of it runs on the
 * connection's thread. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "clients/c/client_private.h"

static void set_reason(struct lg_client *client, const char *reason) {
    pthread_mutex_lock(&client->lock);
    if (reason != client->reason) {
        snprintf(client->reason, sizeof(client->reason), "%s", reason);
    }
    pthread_mutex_unlock(&client->lock);
}

void session_end_thread(struct lg_client *client) {
    client->session.is_over = true;
    link_wake(&client->link); /* a timer's function is followed by a wait */
}

/* The connection goes; whoever has asked on it is told. */
void session_drop(struct lg_client *client) {
    struct session *session = &client->session;
    link_timer_stop(&session->attempt);
    link_timer_stop(&session->retry);
    link_timer_stop(&session->idle);
    link_timer_stop(&client->renewal_timer);
    heartbeat_stop(client);
    resolver_abandon(session->resolver);
    session->resolver = NULL;
    session->step = SESSION_AWAY;
    link_drop(&client->link);
    requests_end_own(client, LG_CLIENT_ERROR_CLOSED);
}

/* The end of the client. */
void session_end(struct lg_client *client, const char *reason) {
    struct session *session = &client->session;
    bool is_open = client->link.is_open;
    session->step = SESSION_CLOSING; /* outcomes of our own requests change nothing any more */
    set_reason(client, reason);
    pthread_mutex_lock(&client->lock);
    bool was_started = client->was_started;
    client->state = LG_CLIENT_CLOSED;
    client->start_wanted = false;
    outgoing_clear(&client->outgoing.control);
    outgoing_clear(&client->outgoing.ready);
    requests_fail_locked(client, false, LG_CLIENT_ERROR_CLOSED);
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
    requests_end_own(client, LG_CLIENT_ERROR_CLOSED);
    if (was_started) {
        client_tell(client, CLIENT_EVENT_DISCONNECTED, false);
    }
    if (!is_open) {
        session_drop(client);
        session_end_thread(client);
        return;
    }
    link_timer_stop(&session->attempt);
    link_timer_stop(&session->idle);
    heartbeat_stop(client);
    link_close(&client->link);
    link_timer_set(&client->link, &session->close, SETTINGS_CLOSE_FRAME_MS * 1000);
}

static void on_close_timer(void *ctx) {
    session_end_thread(ctx);
}

/* -- attempts ------------------------------------------------------------------ */

/* A number from 0 to below. */
static int64_t random_below(int64_t below) {
    uint32_t number = 0;
    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
        number = (uint32_t)client_now_us();
    }
    return (int64_t)(number % (uint32_t)below);
}

/* Between half and all of a time that doubles; the first one after a steady connection between
 * nothing and all of it, so that those who lost a server together do not come back together. */
static int64_t back_off_us(unsigned n_attempts) {
    int64_t longest = (int64_t)SETTINGS_BACK_OFF_MAX_MS * 1000;
    int64_t delay = (int64_t)SETTINGS_BACK_OFF_MIN_MS * 1000;
    for (unsigned i = 1; i < n_attempts && delay < longest; i++) {
        delay *= 2;
    }
    delay = delay < longest ? delay : longest;
    return n_attempts == 0 ? random_below(delay) : delay / 2 + random_below(delay / 2);
}

/* false: there is no more time for another attempt. */
static bool try_later(struct lg_client *client) {
    struct session *session = &client->session;
    int64_t now = client_now_us();
    int64_t delay = back_off_us(session->n_attempts);
    if (session->n_attempts_of_loss > 0) {
        if (now >= session->deadline_us) {
            return false;
        }
        if (delay > session->deadline_us - now) {
            delay = session->deadline_us - now;
        }
    }
    link_timer_set(&client->link, &session->retry, delay);
    return true;
}

static void set_deadline(struct lg_client *client) {
    int limit_ms = client->settings.reconnection_limit_ms;
    client->session.deadline_us =
        limit_ms < 0 ? INT64_MAX : client_now_us() + (int64_t)limit_ms * 1000;
    client->session.n_attempts_of_loss = 0;
}

/* A first connection could not be made, and nobody tries again. */
static void rest(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    client->state = LG_CLIENT_IDLE;
    client->n_failures++;
    outgoing_clear(&client->outgoing.ready);
    requests_fail_locked(client, false, LG_CLIENT_ERROR_CONNECT);
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
}

void session_attempt_failed(struct lg_client *client, const char *reason) {
    char text[LINK_REASON_BYTES];
    snprintf(text, sizeof(text), "%s", reason);
    session_drop(client);
    set_reason(client, text);
    if (client->session.was_attached) {
        if (!try_later(client)) {
            session_end(client, text);
        }
        return;
    }
    if (!client_tell(client, CLIENT_EVENT_FAILED, false)) {
        session_end(client, "out of memory");
        return;
    }
    if (!client->settings.retry_first_connection) {
        rest(client);
    } else if (!try_later(client)) {
        session_end(client, text);
    }
}

static void on_attempt_timer(void *ctx) {
    static const char *const DOING[] = {
        [SESSION_AWAY] = "connecting",     [SESSION_RESOLVING] = "looking up the host's name",
        [SESSION_OPENING] = "connecting",  [SESSION_ATTACHING] = "waiting for the session",
        [SESSION_ATTACHED] = "connecting", [SESSION_CLOSING] = "closing"};
    struct lg_client *client = ctx;
    struct session *session = &client->session;
    char text[128];
    if (session->step == SESSION_OPENING && session->address_i < session->n_addresses) {
        session->step = SESSION_AWAY; /* what follows is the last address's turn no more */
    }
    snprintf(text, sizeof(text), "no answer from the server in %d ms while %s",
             client->settings.connection_timeout_ms, DOING[session->step]);
    session_attempt_failed(client, text);
}

/* The next address that can be tried; reason: why the one before failed. */
void session_next_address(struct lg_client *client, const char *reason) {
    struct session *session = &client->session;
    char text[LINK_REASON_BYTES];
    snprintf(text, sizeof(text), "%s", reason);
    while (session->address_i < session->n_addresses) {
        session->step = SESSION_OPENING;
        if (link_open(&client->link, session->addresses[session->address_i++]) == 0) {
            return;
        }
        snprintf(text, sizeof(text), "%s", client->link.reason);
    }
    session_attempt_failed(client, text);
}

static void on_resolved(void *user) {
    struct lg_client *client = user;
    link_wake(&client->link); /* from the resolver's thread */
}

void session_take_addresses(struct lg_client *client) {
    struct session *session = &client->session;
    char why[128], reason[LINK_REASON_BYTES];
    session->n_addresses = resolver_result(session->resolver, session->addresses, why, sizeof(why));
    resolver_abandon(session->resolver);
    session->resolver = NULL;
    snprintf(reason, sizeof(reason), "host %.200s: %s", client->settings.host, why);
    session_next_address(client, reason);
}

static void begin_attempt(struct lg_client *client) {
    struct session *session = &client->session;
    session->n_attempts++;
    session->n_attempts_of_loss++;
    session->address_i = 0;
    session->n_addresses = 0;
    link_timer_set(&client->link, &session->attempt,
                   (int64_t)client->settings.connection_timeout_ms * 1000);
    if (client->settings.is_host_numeric) {
        snprintf(session->addresses[0], RESOLVER_ADDRESS_BYTES, "%s", client->settings.host);
        session->n_addresses = 1;
        session_next_address(client, "");
        return;
    }
    session->step = SESSION_RESOLVING;
    session->resolver = resolver_start(client->settings.host, on_resolved, client);
    if (session->resolver == NULL) {
        session_attempt_failed(client, "out of memory or threads");
    }
}

static void on_retry_timer(void *ctx) {
    begin_attempt(ctx);
}

/* -- up and down ------------------------------------------------------------------ */

void session_attached(struct lg_client *client, bool same_session) {
    struct session *session = &client->session;
    bool was_attached = session->was_attached;
    link_timer_stop(&session->attempt);
    pthread_mutex_lock(&client->lock);
    client->stats.reconnections += was_attached ? 1 : 0;
    pthread_mutex_unlock(&client->lock);
    if (!client_tell(client, was_attached ? CLIENT_EVENT_RECONNECTED : CLIENT_EVENT_CONNECTED,
                     same_session)) {
        session_end(client, "out of memory");
        return;
    }
    session->step = SESSION_ATTACHED;
    session->was_attached = session->is_reading = true;
    session->attached_us = session->traffic_us = client_now_us();
    pthread_mutex_lock(&client->lock);
    if (!same_session) {
        requests_fail_locked(client, true, LG_CLIENT_ERROR_SESSION);
        outgoing_remove_replies(&client->outgoing.ready);
    }
    client->state = LG_CLIENT_CONNECTED;
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
    if (client->settings.idle_timeout_ms > 0) {
        link_timer_set(&client->link, &session->idle,
                       (int64_t)client->settings.idle_timeout_ms * 1000);
    }
    scores_attached(client, same_session);
    heartbeat_start(client);
    link_want_write(&client->link);
}

void session_lose(struct lg_client *client, const char *reason) {
    struct session *session = &client->session;
    char text[LINK_REASON_BYTES];
    if (session->step != SESSION_ATTACHED) {
        return;
    }
    snprintf(text, sizeof(text), "%s", reason);
    session_drop(client);
    if (session->is_ending) {
        session_end(client, text);
        return;
    }
    if (client_now_us() - session->attached_us >= (int64_t)SETTINGS_STEADY_MS * 1000) {
        session->n_attempts = 0;
    }
    set_deadline(client);
    set_reason(client, text);
    pthread_mutex_lock(&client->lock);
    client->state = LG_CLIENT_RECONNECTING;
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
    if (!client_tell(client, CLIENT_EVENT_RECONNECTING, false)) {
        session_end(client, "out of memory");
        return;
    }
    try_later(client);
}

static void on_idle_timer(void *ctx) {
    struct lg_client *client = ctx;
    int64_t limit = (int64_t)client->settings.idle_timeout_ms * 1000;
    int64_t left = client->session.traffic_us + limit - client_now_us();
    if (left <= 0) {
        session_lose(client, "the connection was idle for too long");
    } else {
        link_timer_set(&client->link, &client->session.idle, left);
    }
}

/* -- what the program wants -------------------------------------------------------- */

static void on_bye(struct lg_client *client, struct waiting_request *request) {
    if (request->status != LG_CLIENT_ERROR_CLOSED && client->session.step == SESSION_ATTACHED) {
        session_end(client, request->status == LG_CLIENT_ERROR_TIMEOUT
                                ? "closed; the server did not confirm the end of the session"
                                : "closed");
    }
}

void session_close(struct lg_client *client, bool end_session) {
    struct session *session = &client->session;
    if (session->step == SESSION_CLOSING || session->is_over || session->is_ending) {
        return;
    }
    if (end_session && session->step == SESSION_ATTACHED) {
        session->is_ending = true;
        struct requests_own own = {.method = "closeSession",
                                   .timeout_ms = SETTINGS_CLOSE_SESSION_MS,
                                   .is_last = true,
                                   .on_end = on_bye};
        if (requests_ask(client, &own) != 0) {
            return;
        }
    }
    if (!client->link.is_open) {
        session_drop(client);
    }
    session_end(client, "closed");
}

void session_start(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    client->state = LG_CLIENT_CONNECTING;
    pthread_mutex_unlock(&client->lock);
    client->session.n_attempts = 0;
    set_deadline(client);
    begin_attempt(client);
}

void session_init(struct lg_client *client) {
    struct session *session = &client->session;
    link_timer_init(&session->attempt, on_attempt_timer, client);
    link_timer_init(&session->retry, on_retry_timer, client);
    link_timer_init(&session->idle, on_idle_timer, client);
    link_timer_init(&session->close, on_close_timer, client);
}

void session_finish(struct lg_client *client) {
    session_drop(client);
    link_timer_stop(&client->session.close);
    link_timer_stop(&client->request_timer);
}
