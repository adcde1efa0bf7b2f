/* Making, closing and unmaking a client; its two threads; what the listener is told. The life of
 * the connection is in session.c. */
#include "clients/c/client_private.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct client_event_delivery {
    struct delivery delivery; /* first */
    enum client_event kind;
    bool same_session;
    char reason[LINK_REASON_BYTES];
};

int64_t client_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void client_wake_locked(struct lg_client *client) {
    if (!client->is_link_gone) {
        link_wake(&client->link);
    }
}

/* -- the listener ----------------------------------------------------------- */

static void run_event(struct lg_client *client, struct delivery *delivery) {
    const struct client_event_delivery *event = (const struct client_event_delivery *)delivery;
    const struct lg_client_listener *listener = &client->settings.listener;
    void *user = client->settings.user;
    if (event->kind == CLIENT_EVENT_CONNECTED && listener->connected != NULL) {
        listener->connected(client, user);
    } else if (event->kind == CLIENT_EVENT_FAILED && listener->connection_failed != NULL) {
        listener->connection_failed(client, event->reason, user);
    } else if (event->kind == CLIENT_EVENT_RECONNECTING && listener->reconnecting != NULL) {
        listener->reconnecting(client, event->reason, user);
    } else if (event->kind == CLIENT_EVENT_RECONNECTED && listener->reconnected != NULL) {
        listener->reconnected(client, event->same_session ? 1 : 0, user);
    }
}

static void destroy_event(struct delivery *delivery) {
    free(delivery);
}

static void run_disconnected(struct lg_client *client, struct delivery *delivery) {
    (void)delivery;
    if (client->settings.listener.disconnected != NULL) {
        /* Nothing writes the reason after the end. */
        client->settings.listener.disconnected(client, client->reason, client->settings.user);
    }
}

static void destroy_nothing(struct delivery *delivery) {
    (void)delivery;
}

bool client_tell(struct lg_client *client, enum client_event kind, bool same_session) {
    if (kind == CLIENT_EVENT_DISCONNECTED) {
        client->disconnected =
            (struct delivery){.run = run_disconnected, .destroy = destroy_nothing, .is_must = true};
        pthread_mutex_lock(&client->lock);
        inbox_put_locked(client, &client->disconnected);
        pthread_mutex_unlock(&client->lock);
        return true;
    }
    struct client_event_delivery *event = calloc(1, sizeof(*event));
    if (event == NULL) {
        event = client->spare_event;
        client->spare_event = NULL;
    } else if (client->spare_event == NULL) {
        client->spare_event = calloc(1, sizeof(*event));
    }
    if (event == NULL) {
        return false;
    }
    event->delivery =
        (struct delivery){.run = run_event, .destroy = destroy_event, .is_must = true};
    event->kind = kind;
    event->same_session = same_session;
    pthread_mutex_lock(&client->lock);
    snprintf(event->reason, sizeof(event->reason), "%s", client->reason);
    inbox_put_locked(client, &event->delivery);
    pthread_mutex_unlock(&client->lock);
    return true;
}

/* -- threads ------------------------------------------------------------------ */

static void *run_connection(void *argument) {
    struct lg_client *client = argument;
    link_run(&client->link, &client->session.is_over);
    pthread_mutex_lock(&client->lock);
    client->is_link_gone = true;
    pthread_mutex_unlock(&client->lock);
    session_finish(client);
    link_finish(&client->link);
    pthread_mutex_lock(&client->lock);
    inbox_end_locked(client);
    pthread_mutex_unlock(&client->lock);
    return NULL;
}

static void free_client(struct lg_client *client) {
    scores_finish(client);
    outgoing_finish(&client->outgoing);
    free(client->session_id);
    free(client->spare_event);
    pthread_cond_destroy(&client->changed);
    pthread_mutex_destroy(&client->lock);
    settings_finish(&client->settings);
    free(client);
}

static void *run_program(void *argument) {
    struct lg_client *client = argument;
    inbox_run(client);
    pthread_mutex_lock(&client->lock);
    bool is_free_wanted = client->free_wanted;
    pthread_mutex_unlock(&client->lock);
    if (is_free_wanted) {
        pthread_join(client->connection_thread, NULL);
        pthread_detach(pthread_self());
        free_client(client);
    }
    return NULL;
}

/* Signals are the program's. */
static int start_threads(struct lg_client *client) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&client->program_thread, NULL, run_program, client);
    if (error == 0) {
        error = pthread_create(&client->connection_thread, NULL, run_connection, client);
        if (error != 0) {
            pthread_mutex_lock(&client->lock);
            inbox_end_locked(client);
            pthread_mutex_unlock(&client->lock);
            pthread_join(client->program_thread, NULL);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* -- making and unmaking --------------------------------------------------------- */

struct lg_client *lg_client_create(const struct lg_client_options *options, char *why,
                                   size_t why_bytes) {
    struct lg_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    if (settings_load(&client->settings, options, why, why_bytes) != LG_CLIENT_OK ||
        link_init(&client->link, &client->settings, &SESSION_LINK_EVENTS, client, why, why_bytes) !=
            LG_CLIENT_OK) {
        settings_finish(&client->settings);
        free(client);
        return NULL;
    }
    pthread_mutex_init(&client->lock, NULL);
    pthread_cond_init(&client->changed, NULL);
    inbox_init(&client->inbox);
    outgoing_init(&client->outgoing);
    client->next_id = 1;
    client->next_subscription = 1;
    client->session_id =
        client->settings.session_id != NULL ? strdup(client->settings.session_id) : NULL;
    client->heartbeat_wanted_ms = client->settings.heartbeat_ms;
    session_init(client);
    heartbeat_init(client);
    link_timer_init(&client->request_timer, requests_on_timer, client);
    link_timer_init(&client->renewal_timer, scores_on_timer, client);
    client->spare_event = calloc(1, sizeof(*client->spare_event));
    bool has_id = client->spare_event != NULL &&
                  (client->settings.session_id == NULL) == (client->session_id == NULL);
    if (!has_id || start_threads(client) != 0) {
        if (why != NULL && why_bytes > 0) {
            snprintf(why, why_bytes, "no memory or no thread");
        }
        link_finish(&client->link);
        free_client(client);
        return NULL;
    }
    if (client->settings.is_tls && client->settings.tls_do_not_validate) {
        settings_log(&client->settings, "WARNING: certificates are NOT validated for %s%s",
                     client->settings.uri,
                     client->settings.has_pin ? " (the pin is)" : "; anyone may be the server");
    }
    return client;
}

int lg_client_close(struct lg_client *client, int end_session) {
    if (client == NULL) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    pthread_mutex_lock(&client->lock);
    if (!client->close_wanted) {
        client->close_wanted = true;
        client->end_session_wanted = end_session != 0;
        client->inbox.is_dropping = true;
        client_wake_locked(client);
    }
    while (!inbox_is_inside(client) && !client->inbox.is_over) {
        pthread_cond_wait(&client->changed, &client->lock);
    }
    pthread_mutex_unlock(&client->lock);
    return LG_CLIENT_OK;
}

void lg_client_destroy(struct lg_client *client) {
    if (client == NULL) {
        return;
    }
    if (inbox_is_inside(client)) {
        pthread_mutex_lock(&client->lock);
        client->free_wanted = true;
        pthread_mutex_unlock(&client->lock);
        lg_client_close(client, 0);
        return;
    }
    lg_client_close(client, 0);
    pthread_join(client->connection_thread, NULL);
    pthread_join(client->program_thread, NULL);
    free_client(client);
}

/* -- small ones -------------------------------------------------------------------- */

void client_want_start_locked(struct lg_client *client) {
    if (client->state == LG_CLIENT_IDLE && !client->start_wanted) {
        client->start_wanted = true;
        client->was_started = true;
        client_wake_locked(client);
    }
}

static bool is_closed_locked(const struct lg_client *client) {
    return client->close_wanted || client->state == LG_CLIENT_CLOSED;
}

int lg_client_start(struct lg_client *client) {
    if (client == NULL) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    pthread_mutex_lock(&client->lock);
    bool is_closed = is_closed_locked(client);
    if (!is_closed) {
        client_want_start_locked(client);
    }
    pthread_mutex_unlock(&client->lock);
    return is_closed ? LG_CLIENT_ERROR_CLOSED : LG_CLIENT_OK;
}

int lg_client_connect(struct lg_client *client, char *why, size_t why_bytes) {
    int status = LG_CLIENT_OK;
    if (client == NULL) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    pthread_mutex_lock(&client->lock);
    unsigned n_failures = client->n_failures;
    if (!is_closed_locked(client)) {
        client_want_start_locked(client);
    }
    inbox_wait_begin_locked(client);
    while (client->state != LG_CLIENT_CONNECTED && !is_closed_locked(client) &&
           client->n_failures == n_failures) {
        pthread_cond_wait(&client->changed, &client->lock);
    }
    inbox_wait_end_locked(client);
    if (is_closed_locked(client)) {
        status = LG_CLIENT_ERROR_CLOSED;
    } else if (client->state != LG_CLIENT_CONNECTED) {
        status = LG_CLIENT_ERROR_CONNECT;
    }
    if (why != NULL && why_bytes > 0) {
        snprintf(why, why_bytes, "%s", status != LG_CLIENT_OK ? client->reason : "");
    }
    pthread_mutex_unlock(&client->lock);
    return status;
}

enum lg_client_state lg_client_state(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    enum lg_client_state state = client->start_wanted ? LG_CLIENT_CONNECTING : client->state;
    pthread_mutex_unlock(&client->lock);
    return state;
}

size_t lg_client_session_id(struct lg_client *client, char *id, size_t id_bytes) {
    pthread_mutex_lock(&client->lock);
    const char *text = client->session_id != NULL ? client->session_id : "";
    size_t len = strlen(text);
    if (id != NULL && id_bytes > 0) {
        snprintf(id, id_bytes, "%s", text);
    }
    pthread_mutex_unlock(&client->lock);
    return len;
}

int lg_client_set_heartbeat(struct lg_client *client, int interval_ms) {
    if (client == NULL || (interval_ms != 0 && (interval_ms < SETTINGS_HEARTBEAT_MIN_MS ||
                                                interval_ms > SETTINGS_HEARTBEAT_MAX_MS))) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    pthread_mutex_lock(&client->lock);
    client->heartbeat_wanted_ms = interval_ms;
    client->is_heartbeat_changed = true;
    client_wake_locked(client);
    pthread_mutex_unlock(&client->lock);
    return LG_CLIENT_OK;
}

void lg_client_get_stats(struct lg_client *client, struct lg_client_stats *stats,
                         size_t size_bytes) {
    pthread_mutex_lock(&client->lock);
    struct lg_client_stats now = client->stats;
    now.waiting = client->waiting.n;
    pthread_mutex_unlock(&client->lock);
    memset(stats, 0, size_bytes);
    memcpy(stats, &now, size_bytes < sizeof(now) ? size_bytes : sizeof(now));
}

const char *lg_client_version(void) {
    return LEGGIO_VERSION;
}

const char *lg_client_status_text(int status) {
    static const char *const TEXTS[] = {
        "fine",
        "bad argument",
        "out of memory",
        "the client is closed",
        "no answer in time",
        "no connection could be made",
        "the session was lost before the answer came",
        "the server answered with an error",
        "too many requests or bytes are waiting",
        "the message is too large",
    };
    int n = (int)(sizeof(TEXTS) / sizeof(TEXTS[0]));
    return status <= 0 && status > -n ? TEXTS[-status] : "unknown status";
}
