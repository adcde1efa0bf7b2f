/* The doors, and the table of sessions. */
#include "gateway-ws/sockjs/sockjs.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway-ws/link/ws_http.h"
#include "gateway-ws/link/ws_server.h"
#include "gateway-ws/sockjs/sockjs_answer.h"
#include "gateway-ws/sockjs/sockjs_session.h"

enum { N_BUCKETS = 4096 };

struct sockjs *sockjs_create(const struct sockjs_options *options) {
    struct sockjs *sockjs = calloc(1, sizeof(*sockjs));
    if (sockjs == NULL) {
        return NULL;
    }
    sockjs->options = *options;
    sockjs->n_buckets = N_BUCKETS;
    sockjs->buckets = calloc(N_BUCKETS, sizeof(struct sockjs_session *));
    sockjs->due_us = INT64_MAX;
    randombytes_buf(sockjs->hash_key, sizeof(sockjs->hash_key));
    if (sockjs->buckets == NULL) {
        free(sockjs);
        return NULL;
    }
    return sockjs;
}

static void free_session(struct sockjs_session *session) {
    session->sockjs->n_sessions--;
    sockjs_text_finish(&session->frame);
    free(session);
}

void sockjs_destroy(struct sockjs *sockjs) {
    if (sockjs == NULL) {
        return;
    }
    for (size_t i = 0; i < sockjs->n_buckets; i++) {
        while (sockjs->buckets[i] != NULL) {
            struct sockjs_session *session = sockjs->buckets[i];
            sockjs->buckets[i] = session->next;
            sockjs_session_end(session, 0, "");
            free_session(session);
        }
    }
    free(sockjs->buckets);
    free(sockjs);
}

size_t sockjs_n_sessions(const struct sockjs *sockjs) {
    return sockjs->n_sessions;
}

/* Clients choose the names, so the hash has a key. */
static struct sockjs_session **place_of(struct sockjs *sockjs, const char *id) {
    _Static_assert(crypto_shorthash_KEYBYTES == sizeof(sockjs->hash_key), "size of the key");
    _Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "size of the hash");
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)id, strlen(id),
                     sockjs->hash_key);
    struct sockjs_session **at = &sockjs->buckets[hash & (sockjs->n_buckets - 1)];
    while (*at != NULL && strcmp((*at)->id, id) != 0) {
        at = &(*at)->next;
    }
    return at;
}

/* 0 or an HTTP status. */
static int make_session(struct sockjs *sockjs, struct sockjs_session **place, struct ws_http *http,
                        const struct sockjs_route *route) {
    struct sockjs_session *session =
        sockjs->n_sessions < sockjs->options.max_sessions ? calloc(1, sizeof(*session)) : NULL;
    if (session == NULL) {
        return 503;
    }
    session->sockjs = sockjs;
    session->since_us = lg_clock_us();
    sockjs->due_us = sockjs->due_us < session->since_us + SOCKJS_ALONE_US
                         ? sockjs->due_us
                         : session->since_us + SOCKJS_ALONE_US;
    memcpy(session->id, route->session, sizeof(session->id));
    sockjs->n_sessions++;
    int status = sockjs->options.host->open(sockjs->options.ctx, ws_http_connection(http),
                                            &ws_http_request(http)->head,
                                            sockjs_session_link(session), &session->connection);
    if (status != 0) {
        free_session(session);
        return status;
    }
    *place = session;
    return 0;
}

static const char *words_of(int status) {
    return status == 403   ? "This page may not come in: see --allow-origin.\n"
           : status == 401 ? "The token is not known.\n"
                           : "";
}

static void receive(struct sockjs *sockjs, struct ws_http *http, const struct sockjs_route *route) {
    struct sockjs_session **place = place_of(sockjs, route->session);
    int status = *place != NULL ? 0 : make_session(sockjs, place, http, route);
    if (status != 0) {
        sockjs_answer_text(http, (unsigned)status, words_of(status));
        return;
    }
    sockjs_session_receive(*place, http, route->door);
}

static void take_messages(struct sockjs *sockjs, struct ws_http *http,
                          const struct sockjs_route *route) {
    struct sockjs_session *session = *place_of(sockjs, route->session);
    size_t size_bytes;
    const char *body = ws_http_body(http, &size_bytes);
    if (session == NULL || session->connection == NULL) {
        sockjs_answer_text(http, 404, "");
        return;
    }
    if (size_bytes == 0) {
        sockjs_answer_text(http, 500, "Payload expected.");
        return;
    }
    struct sockjs_messages *messages = sockjs_messages_read(body, size_bytes, false);
    if (messages == NULL) {
        sockjs_answer_text(http, 500, "Broken JSON encoding.");
        return;
    }
    sockjs_messages_destroy(messages);
    sockjs_session_send(session, http);
}

static void enter(struct sockjs *sockjs, struct ws_http *http, const struct sockjs_route *route) {
    switch (route->door) {
    case SOCKJS_WELCOME:
        sockjs_answer_text(http, 200, "Welcome to SockJS!\n");
        break;
    case SOCKJS_INFO:
        sockjs_answer_info(http);
        break;
    case SOCKJS_RAW:
    case SOCKJS_FRAMED:
        sockjs_answer_text(http, 400, "Can \"Upgrade\" only to \"WebSocket\".");
        break;
    case SOCKJS_XHR:
    case SOCKJS_XHR_STREAMING:
    case SOCKJS_EVENTSOURCE:
        receive(sockjs, http, route);
        break;
    case SOCKJS_XHR_SEND:
        take_messages(sockjs, http, route);
        break;
    case SOCKJS_NONE:
    case SOCKJS_UNKNOWN:
        sockjs_answer_text(http, 404, "");
        break;
    }
}

void sockjs_on_request(struct sockjs *sockjs, struct ws_http *http,
                       const struct sockjs_route *route) {
    const struct ws_request *request = ws_http_request(http);
    struct sockjs_session *session =
        route->session[0] != '\0' ? *place_of(sockjs, route->session) : NULL;
    int status =
        sockjs->options.host->visit(sockjs->options.ctx, ws_http_connection(http),
                                    session != NULL ? session->connection : NULL, &request->head);
    if (status != 0) {
        ws_http_answer(http, (unsigned)status, "Content-Type: text/plain; charset=UTF-8\r\n",
                       words_of(status), strlen(words_of(status)));
    } else if (route->door == SOCKJS_UNKNOWN) {
        sockjs_answer_text(http, 404, "");
    } else if (strcmp(request->method, "OPTIONS") == 0) {
        sockjs_answer_options(http, route);
    } else if (strcmp(request->method, route->method) != 0) {
        sockjs_answer_wrong_method(http, route);
    } else {
        enter(sockjs, http, route);
    }
}

void sockjs_on_http_writable(struct sockjs *sockjs, struct ws_http *http) {
    (void)sockjs;
    if (ws_http_user(http) != NULL) {
        sockjs_session_on_writable(ws_http_user(http), http);
    }
}

void sockjs_on_http_gone(struct sockjs *sockjs, struct ws_http *http) {
    (void)sockjs;
    if (ws_http_user(http) != NULL) {
        sockjs_session_on_gone(ws_http_user(http), http);
    }
}

int64_t sockjs_tick(struct sockjs *sockjs, int64_t now_us) {
    if (sockjs->n_sessions == 0 || now_us < sockjs->due_us) {
        return sockjs->n_sessions == 0 ? INT64_MAX : sockjs->due_us;
    }
    int64_t due_us = INT64_MAX;
    sockjs->due_us = INT64_MAX; /* what a session wants meanwhile comes below this */
    for (size_t i = 0; i < sockjs->n_buckets; i++) {
        struct sockjs_session **at = &sockjs->buckets[i];
        while (*at != NULL) {
            struct sockjs_session *session = *at;
            int64_t session_due_us;
            if (!sockjs_session_tick(session, now_us, &session_due_us)) {
                *at = session->next;
                free_session(session);
                continue;
            }
            due_us = session_due_us < due_us ? session_due_us : due_us;
            at = &session->next;
        }
    }
    sockjs->due_us = sockjs->due_us < due_us ? sockjs->due_us : due_us;
    return sockjs->due_us;
}
