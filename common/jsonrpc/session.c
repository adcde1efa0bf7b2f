/* Sessions: made, bound to a transport, lost, taken up, ended. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/jsonrpc/private.h"
#include "common/jsonrpc/scan.h"

static void make_id(char id[JSONRPC_SESSION_ID_BYTES + 1]) {
    uint8_t random[JSONRPC_SESSION_ID_BYTES / 4 * 3];
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(id, JSONRPC_SESSION_ID_BYTES + 1, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct jsonrpc_session *session_create(struct jsonrpc_server *server, const char *id) {
    struct jsonrpc_session *session = NULL;
    if (server->n_sessions >= server->options.max_sessions ||
        (session = calloc(1, sizeof *session)) == NULL) {
        server->counts.refused++;
        lg_log(LG_LOG_WARN, server->options.label, "session_refused", "sessions=%zu",
               server->n_sessions);
        return NULL;
    }
    if (id != NULL) {
        strncpy(session->id, id, JSONRPC_SESSION_ID_BYTES);
    } else {
        make_id(session->id);
    }
    session->server = server;
    session->reconnection_us = server->options.reconnection_us;
    kept_init(&session->kept);
    if (!server_add_session(server, session)) {
        free(session);
        return NULL;
    }
    server->counts.sessions_made++;
    return session;
}

struct jsonrpc_session *session_begin(struct jsonrpc_transport *transport) {
    struct jsonrpc_server *server = transport->server;
    struct jsonrpc_session *session = session_create(server, NULL);
    if (session != NULL) {
        session_bind(session, transport);
        if (server->options.events.on_established != NULL) {
            server->options.events.on_established(server->options.ctx, session);
        }
    }
    return session;
}

/* The interval that a client announced once goes on counting after a take-up. */
static void bind_watchdog(struct jsonrpc_session *session, struct jsonrpc_transport *transport) {
    if (transport->interval_us == 0 && session->interval_us != 0) {
        transport_pinged(transport, session->interval_us / 1000);
    } else {
        session->interval_us = transport->interval_us;
    }
}

void session_bind(struct jsonrpc_session *session, struct jsonrpc_transport *transport) {
    struct jsonrpc_session *former = transport->session;
    struct jsonrpc_transport *old = session->transport;
    if (old == transport) {
        return;
    }
    if (former != NULL) {
        former->transport = NULL;
        transport->session = NULL;
        session_end(former, SESSION_CLOSED, "replaced by another session");
    }
    session->transport = transport;
    transport->session = session;
    session->expires_us = 0;
    free(session->lost_reason);
    session->lost_reason = NULL;
    bind_watchdog(session, transport);
    if (old != NULL) {
        old->session = NULL;
        transport_close(old, JSONRPC_CLOSE_TAKEN_UP, "session goes on over another connection");
    }
}

void session_lose(struct jsonrpc_session *session, const char *reason) {
    struct jsonrpc_server *server = session->server;
    session->transport = NULL;
    session->expires_us = lg_clock_us() + session->reconnection_us;
    session->lost_reason = reason[0] != '\0' ? strdup(reason) : NULL;
    server_due(server, session->expires_us);
    jsonrpc_session_changed(session);
    if (server->options.events.on_lost != NULL) {
        server->options.events.on_lost(server->options.ctx, session);
    }
}

static void forget_deliveries(struct jsonrpc_session *session, bool is_released) {
    for (struct delivery *to = session->server->deliveries; to != NULL; to = to->next) {
        if (to->session == session) {
            to->session = NULL;
            if (is_released) {
                memcpy(to->orphan, session->id, sizeof to->orphan);
            }
        }
    }
}

void session_end(struct jsonrpc_session *session, enum session_end how, const char *reason) {
    struct jsonrpc_server *server = session->server;
    const struct jsonrpc_options *options = &server->options;
    struct jsonrpc_transport *transport = session->transport;
    server_remove_session(server, session);
    forget_deliveries(session, how == SESSION_RELEASED);
    session->transport = NULL;
    if (transport != NULL) {
        transport->session = NULL;
        transport_close(
            transport, how == SESSION_RELEASED ? JSONRPC_CLOSE_TAKEN_UP : JSONRPC_CLOSE_NORMAL,
            how == SESSION_RELEASED ? "session goes on over another connection" : "session closed");
    }
    asked_finish(session);
    if (how != SESSION_SERVER_ENDS) {
        server->counts.closed++;
        if (options->events.on_closed != NULL) {
            options->events.on_closed(options->ctx, session, reason);
        }
    }
    if (how == SESSION_CLOSED && options->store.on_removed != NULL) {
        options->store.on_removed(options->ctx, session->id);
    }
    repeats_finish(session);
    kept_finish(&session->kept);
    json_decref(session->attributes);
    json_decref(session->register_info);
    free(session->lost_reason);
    free(session);
}

int64_t session_tick(struct jsonrpc_session *session, int64_t now_us, bool *was_called) {
    if (session->transport == NULL && now_us >= session->expires_us) {
        char *reason = session->lost_reason;
        session->lost_reason = NULL;
        session->server->counts.expired++;
        session_end(session, SESSION_CLOSED, reason != NULL ? reason : "connection lost");
        free(reason);
        *was_called = true;
        return INT64_MAX;
    }
    int64_t due_us = session->transport == NULL ? session->expires_us : INT64_MAX;
    int64_t repeats_us = repeats_tick(session, now_us);
    due_us = repeats_us < due_us ? repeats_us : due_us;
    int64_t asked_us = asked_tick(session, now_us, was_called);
    return asked_us < due_us ? asked_us : due_us;
}

/* -- sending ---------------------------------------------------------------------- */

/* What is too large to be kept is answered by an error. */
static char *instead_of(const char *text, size_t size_bytes) {
    struct scan_span id;
    if (scan_member((struct scan_span){text, size_bytes}, "id", &id) != 1) {
        return NULL;
    }
    return jsonrpc_print_error(id.text, id.len, JSONRPC_TOO_LARGE,
                               "the answer is too large to be kept while the connection is away",
                               NULL);
}

static void keep(struct jsonrpc_session *session, char *text, bool is_notification) {
    const struct jsonrpc_options *options = &session->server->options;
    size_t size_bytes = strlen(text);
    if (size_bytes > options->queue_bytes) {
        char *instead = is_notification ? NULL : instead_of(text, size_bytes);
        free(text);
        text = instead;
        size_bytes = text != NULL ? strlen(text) : 0;
    }
    bool is_kept = text != NULL && size_bytes <= options->queue_bytes;
    if (is_kept) {
        kept_make_room(&session->kept, size_bytes, options->queue_texts, options->queue_bytes);
        is_kept = kept_push(&session->kept, text, size_bytes, is_notification);
    }
    if (!is_kept) {
        session->kept.lost_notifications += is_notification;
        session->kept.lost_answers += !is_notification;
    }
    free(text);
    jsonrpc_session_changed(session);
}

bool session_is_here(const struct jsonrpc_session *session) {
    return session->transport != NULL && !session->transport->is_closing;
}

void session_send(struct jsonrpc_session *session, char *text, bool is_notification) {
    if (session_is_here(session)) {
        transport_send(session->transport, text);
    } else {
        keep(session, text, is_notification);
    }
}

static void tell_overflow(struct jsonrpc_session *session) {
    struct kept *kept = &session->kept;
    if (kept->lost_answers == 0 && kept->lost_notifications == 0) {
        return;
    }
    json_t *params = json_pack("{s:I, s:I}", "answers", (json_int_t)kept->lost_answers,
                               "notifications", (json_int_t)kept->lost_notifications);
    session->server->counts.overflows++;
    kept->lost_answers = kept->lost_notifications = 0;
    (void)jsonrpc_session_notify(session, "overflow", params);
}

void session_flush(struct jsonrpc_session *session) {
    struct kept_text *kept;
    tell_overflow(session);
    while (session_is_here(session) && (kept = kept_take(&session->kept)) != NULL) {
        struct jsonrpc_transport *transport = session->transport;
        transport->link.send(transport->link.ctx, kept->text, kept->size_bytes);
        free(kept);
    }
}

int jsonrpc_session_notify(struct jsonrpc_session *session, const char *method, json_t *params) {
    char *text = jsonrpc_print_request(NULL, 0, method, params);
    bool is_away = !session_is_here(session);
    json_decref(params);
    if (text == NULL) {
        return LG_ENOMEM;
    }
    session_send(session, text, true);
    return is_away ? 1 : 0;
}

/* -- what it is ---------------------------------------------------------------------- */

const char *jsonrpc_session_id(const struct jsonrpc_session *session) {
    return session->id;
}

json_t *jsonrpc_session_register_info(const struct jsonrpc_session *session) {
    return session->register_info;
}

bool jsonrpc_session_is_new(const struct jsonrpc_session *session) {
    return session->n_messages <= 1;
}

json_t *jsonrpc_session_attributes(struct jsonrpc_session *session) {
    if (session->attributes == NULL) {
        session->attributes = json_object();
    }
    return session->attributes;
}

void jsonrpc_session_changed(struct jsonrpc_session *session) {
    const struct jsonrpc_options *options = &session->server->options;
    if (options->store.on_changed != NULL && !session->server->is_ending) {
        options->store.on_changed(options->ctx, session);
    }
}

void jsonrpc_session_set_data(struct jsonrpc_session *session, void *data) {
    session->data = data;
}

void *jsonrpc_session_data(const struct jsonrpc_session *session) {
    return session->data;
}

void jsonrpc_session_set_reconnection_us(struct jsonrpc_session *session, int64_t us) {
    session->reconnection_us = us;
    jsonrpc_session_changed(session);
}

int64_t jsonrpc_session_left_us(const struct jsonrpc_session *session) {
    int64_t left_us = session->expires_us - lg_clock_us();
    return session->transport != NULL ? session->reconnection_us : left_us > 0 ? left_us : 0;
}

struct jsonrpc_transport *jsonrpc_session_transport(const struct jsonrpc_session *session) {
    return session->transport;
}

void jsonrpc_session_close(struct jsonrpc_session *session, const char *reason) {
    session_end(session, SESSION_CLOSED, reason);
}
