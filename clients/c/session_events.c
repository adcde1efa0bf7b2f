/* What the link and other threads tell the session. Decides nothing but where it goes. */
#include "clients/c/client_private.h"

enum { TAKEN_OVER = 4001 }; /* close code: another connection has taken the session up */

/* -- the link's events --------------------------------------------------------------- */

static void on_open(void *ctx) {
    struct lg_client *client = ctx;
    client->session.step = SESSION_ATTACHING;
    session_attach(client);
}

static void on_gone(void *ctx, unsigned code, const char *reason) {
    struct lg_client *client = ctx;
    switch (client->session.step) {
    case SESSION_OPENING:
        session_next_address(client, reason);
        break;
    case SESSION_ATTACHING:
        session_attempt_failed(client, reason);
        break;
    case SESSION_ATTACHED:
        if (code == TAKEN_OVER) {
            session_drop(client);
            session_end(client, "another connection has taken the session up");
        } else {
            session_lose(client, reason);
        }
        break;
    case SESSION_CLOSING:
        session_end_thread(client);
        break;
    default:
        break;
    }
}

static void handle(struct lg_client *client, struct scan_span text) {
    struct json_message message;
    json_message_read(text, &message);
    if (message.kind == JSON_MESSAGE_RESULT || message.kind == JSON_MESSAGE_ERROR) {
        requests_answer(client, &message);
    } else if (message.kind == JSON_MESSAGE_NONE) {
        pthread_mutex_lock(&client->lock);
        client->stats.ignored++;
        pthread_mutex_unlock(&client->lock);
    } else if (!scores_notice(client, &message)) {
        calls_receive(client, &message);
    }
}

/* Reading stops while the program has too much to do. */
static void mind_inbox(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    bool is_full = inbox_is_full_locked(&client->inbox);
    pthread_mutex_unlock(&client->lock);
    if (client->session.is_reading == is_full) {
        client->session.is_reading = !is_full;
        link_set_reading(&client->link, !is_full);
    }
}

static void count_message(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    client->stats.messages_in++;
    pthread_mutex_unlock(&client->lock);
}

static void on_text(void *ctx, const char *text, size_t len) {
    struct lg_client *client = ctx;
    struct scan_span whole = {text, len}, item = whole;
    size_t at = 0;
    count_message(client);
    if (!json_message_is_json(text, len)) {
        whole.len = 0; /* counted like everything that is no message */
    }
    if (!json_message_is_array(whole)) {
        handle(client, whole);
    } else {
        while (client->link.is_open && json_message_item(whole, &at, &item)) {
            handle(client, item);
        }
    }
    mind_inbox(client);
}

static void on_binary(void *ctx, unsigned char *bytes, size_t len) {
    struct lg_client *client = ctx;
    count_message(client);
    scores_receive(client, bytes, len);
    mind_inbox(client);
}

static void on_traffic(void *ctx, size_t bytes_in, size_t bytes_out) {
    struct lg_client *client = ctx;
    client->session.traffic_us = client_now_us();
    pthread_mutex_lock(&client->lock);
    client->stats.bytes_in += bytes_in;
    client->stats.bytes_out += bytes_out;
    pthread_mutex_unlock(&client->lock);
    heartbeat_traffic(client, bytes_in > 0 && link_is_amid_message(&client->link));
}

static struct outgoing_message *next_message(void *ctx) {
    struct lg_client *client = ctx;
    pthread_mutex_lock(&client->lock);
    struct outgoing_message *message = outgoing_take(&client->outgoing.control);
    if (message == NULL && client->session.step == SESSION_ATTACHED) {
        message = outgoing_take(&client->outgoing.ready);
    }
    if (message != NULL) {
        client->stats.messages_out++;
        requests_sent_locked(client, message->id);
    }
    pthread_mutex_unlock(&client->lock);
    if (message != NULL) {
        heartbeat_sent(client, message->id);
    }
    return message;
}

/* -- what other threads want -------------------------------------------------------------- */

static void on_wake(void *ctx) {
    struct lg_client *client = ctx;
    struct session *session = &client->session;
    pthread_mutex_lock(&client->lock);
    bool is_closed = client->state == LG_CLIENT_CLOSED;
    bool close_wanted = client->close_wanted, end_session = client->end_session_wanted;
    bool start_wanted = client->start_wanted && client->state == LG_CLIENT_IDLE;
    bool is_heartbeat_changed = client->is_heartbeat_changed;
    client->start_wanted = client->is_heartbeat_changed = false;
    bool has_output = client->outgoing.ready.n > 0;
    pthread_mutex_unlock(&client->lock);
    if (is_closed || session->is_over) {
        return;
    }
    if (close_wanted) {
        session_close(client, end_session);
        requests_arm(client);
        return;
    }
    if (start_wanted) {
        session_start(client);
    }
    if (session->resolver != NULL && resolver_is_done(session->resolver)) {
        session_take_addresses(client);
    }
    if (session->step == SESSION_ATTACHED) {
        if (is_heartbeat_changed) {
            heartbeat_start(client);
        }
        mind_inbox(client);
        if (has_output) {
            link_want_write(&client->link);
        }
    }
    requests_arm(client);
}

const struct link_events SESSION_LINK_EVENTS = {.on_wake = on_wake,
                                                .on_open = on_open,
                                                .on_gone = on_gone,
                                                .on_text = on_text,
                                                .on_binary = on_binary,
                                                .on_traffic = on_traffic,
                                                .next_message = next_message};
