/* The first words on a connection: `connect`, with what is known of the session. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/client_private.h"

enum { NO_SUCH_SESSION = 40007 };

static bool set_member(json_t *object, const char *name, json_t *value) {
    return json_object_set_new(object, name, value) == 0; /* false also for no value */
}

/* JSON of the params; NULL: no memory. had_id: a session is to be taken up. */
static char *make_params(struct lg_client *client, bool *had_id) {
    const struct settings *settings = &client->settings;
    char *seen = scores_seen(client);
    json_t *params = json_object();
    bool is_fine = seen != NULL && params != NULL;
    pthread_mutex_lock(&client->lock);
    *had_id = client->session_id != NULL;
    if (is_fine && *had_id) {
        is_fine = set_member(params, "sessionId", json_string(client->session_id));
    }
    pthread_mutex_unlock(&client->lock);
    if (is_fine && settings->token != NULL) {
        is_fine = set_member(params, "token", json_string(settings->token));
    }
    if (is_fine && settings->register_info != NULL) {
        is_fine = set_member(params, "registerInfo", json_loads(settings->register_info, 0, NULL));
    }
    if (is_fine && strcmp(seen, "[]") != 0) {
        is_fine = set_member(params, "seen", json_loads(seen, 0, NULL));
    }
    char *text = is_fine ? json_dumps(params, JSON_COMPACT) : NULL;
    json_decref(params);
    free(seen);
    return text;
}

/* Keeps the id that the answer tells. false: no memory. */
static bool take_id(struct lg_client *client, const char *result, bool *is_same) {
    struct scan_span text = {result, strlen(result)};
    struct scan_span member = json_message_member(text, "sessionId");
    char *id = json_message_string(member);
    if (member.text != NULL && member.text[0] == '"' && id == NULL) {
        return false;
    }
    pthread_mutex_lock(&client->lock);
    *is_same = id != NULL && client->session_id != NULL && strcmp(id, client->session_id) == 0;
    free(client->session_id);
    client->session_id = id;
    pthread_mutex_unlock(&client->lock);
    return true;
}

/* The server does not know the session any more: ask for another. */
static void forget_session(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    free(client->session_id);
    client->session_id = NULL;
    requests_fail_locked(client, true, LG_CLIENT_ERROR_SESSION);
    outgoing_remove_replies(&client->outgoing.ready);
    pthread_mutex_unlock(&client->lock);
    client->session.has_lost_session = true;
    session_attach(client);
}

static void on_answer(struct lg_client *client, struct waiting_request *request) {
    char text[LINK_REASON_BYTES];
    bool had_id = request->user != NULL, is_same = false;
    if (client->session.step != SESSION_ATTACHING) {
        return;
    }
    if (request->status == LG_CLIENT_ERROR_ANSWER && had_id &&
        request->answer.code == NO_SUCH_SESSION) {
        forget_session(client);
    } else if (request->status == LG_CLIENT_ERROR_ANSWER) {
        snprintf(text, sizeof(text), "the server refuses the session: %.200s (%d)",
                 request->answer.message != NULL ? request->answer.message : "",
                 request->answer.code);
        session_attempt_failed(client, text);
    } else if (request->status != LG_CLIENT_OK || request->answer.result == NULL ||
               !take_id(client, request->answer.result, &is_same)) {
        session_attempt_failed(client, lg_client_status_text(request->status != LG_CLIENT_OK
                                                                 ? request->status
                                                                 : LG_CLIENT_ERROR_MEMORY));
    } else {
        bool same_session = is_same && !client->session.has_lost_session;
        client->session.has_lost_session = false;
        session_attached(client, same_session);
    }
}

void session_attach(struct lg_client *client) {
    bool had_id = false;
    char *params = make_params(client, &had_id);
    struct requests_own own = {
        .method = "connect", .params = params, .on_end = on_answer, .user = had_id ? client : NULL};
    uint64_t id = params != NULL ? requests_ask(client, &own) : 0;
    free(params);
    if (id == 0) {
        session_attempt_failed(client, "out of memory");
    }
}
