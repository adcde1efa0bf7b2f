/* The session machine under random events, beside a model of what must hold:
 *
 *   - a request is answered once and not twice, wherever its session is then; all
 *     are answered in the end, unless the session ended or the client was told
 *     `overflow`
 *   - one that is sent again is answered no more often than it was sent, and not done
 *     again, unless its answer left that open: then under the same key
 *   - nothing is sent by a connection that was closed, or told to close
 *   - a session is at one connection at most; who lost it was closed with 4001
 *   - established → lost and taken up by turns → closed, once
 *   - a session that is away lives as long as it should, and no longer
 */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/jsonrpc/jsonrpc.h"
#include "common/log.h"
#include "proto/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINKS = 4, SESSIONS = 48, REQUESTS = 512, ASYNCS = 24, STORED = 8 };
#define RECONNECTION_US 10000000
#define ASYNC_US        300000000

enum state { STATE_NONE, STATE_HERE, STATE_AWAY, STATE_ENDED };

struct known_session {
    char id[JSONRPC_SESSION_ID_BYTES + 1];
    enum state state;
    struct link *link;
    int64_t lost_us;
    bool has_overflow, was_released;
};

struct link {
    struct jsonrpc_transport *transport;
    bool is_told_to_close;
    int close_code;
    bool has_looked; /* for a session elsewhere: from then on messages may be held */
};

struct asked {
    bool is_answered, may_be_lost;
    unsigned n_sent, n_answers;
    bool is_once, is_left_open;
    const struct jsonrpc_transaction *running; /* the last of its runs; NULL = over */
    int64_t begun_us, ended_us;                /* of that one */
    struct jsonrpc_key key;
    bool was_held;                 /* came while a session was being looked for */
    struct known_session *session; /* that it was made in; NULL = not known yet */
    struct link *link;
};

static struct {
    struct jsonrpc_server *server;
    int64_t now_us;
    struct link links[LINKS];
    struct link *receiver;
    struct known_session sessions[SESSIONS];
    size_t n_sessions;
    struct asked requests[REQUESTS];
    size_t n_requests;
    struct jsonrpc_transaction *asyncs[ASYNCS];
    size_t async_numbers[ASYNCS]; /* 0 = of no request that is done once */
    size_t n_asyncs, n_onces;
    bool forgets; /* repetitions need not be known any more */
    json_t *stored[STORED];
    size_t n_stored;
    uint64_t lookups[LINKS];
    size_t n_lookups;
    int n_server_requests, n_server_answers;
    uint32_t last_asked_id;
} model;

/* For whoever looks for the reason of a finding. */
static void trace(const char *what, const struct link *link, const char *text, size_t size_bytes) {
    if (getenv("FUZZ_TRACE") != NULL) {
        fprintf(stderr, "%10lld %4s %2td %.*s\n", (long long)model.now_us / 1000, what,
                link != NULL ? link - model.links : -1, (int)size_bytes, text);
    }
}

static struct known_session *known(const char *id) {
    for (size_t i = 0; i < model.n_sessions; i++) {
        if (strcmp(model.sessions[i].id, id) == 0 && model.sessions[i].state != STATE_ENDED) {
            return &model.sessions[i];
        }
    }
    return NULL;
}

/* -- what the server does ----------------------------------------------------- */

static void take_answer(const json_t *answer, struct link *link) {
    const json_t *id = json_object_get(answer, "id");
    assert((json_object_get(answer, "result") != NULL) !=
           (json_object_get(answer, "error") != NULL));
    if (!json_is_integer(id)) {
        assert(json_is_null(id)); /* to a message that could not be read */
        return;
    }
    size_t number = (size_t)json_integer_value(id);
    assert(number >= 1 && number <= model.n_requests);
    struct asked *asked = &model.requests[number - 1];
    assert(asked->n_answers < asked->n_sent);
    asked->n_answers++;
    asked->is_answered = true;
    if (link != NULL && asked->session != NULL) {
        assert(asked->session->state == STATE_ENDED || asked->session->link == link);
    }
}

static void take_text(const char *text, size_t size_bytes, struct link *link) {
    trace("sent", link, text, size_bytes);
    json_t *root = json_loadb(text, size_bytes, JSON_REJECT_DUPLICATES, NULL);
    assert(root != NULL);
    if (json_is_array(root)) {
        assert(json_array_size(root) > 0);
        for (size_t i = 0; i < json_array_size(root); i++) {
            take_answer(json_array_get(root, i), link);
        }
    } else if (json_object_get(root, "method") != NULL) {
        const char *method = json_string_value(json_object_get(root, "method"));
        const json_t *id = json_object_get(root, "id");
        if (strcmp(method, "overflow") == 0) {
            for (size_t i = 0; i < model.n_sessions; i++) {
                model.sessions[i].has_overflow |= model.sessions[i].link == link;
            }
        } else if (id != NULL) {
            model.last_asked_id = (uint32_t)json_integer_value(id);
        }
    } else {
        take_answer(root, link);
    }
    json_decref(root);
}

static void on_send(void *ctx, const char *text, size_t size_bytes) {
    struct link *link = ctx;
    assert(link->transport != NULL && !link->is_told_to_close);
    take_text(text, size_bytes, link);
}

/* What was asked there without a session may be answered to nobody. */
static void forgive(const struct link *link) {
    for (size_t i = 0; i < model.n_requests; i++) {
        struct asked *asked = &model.requests[i];
        asked->may_be_lost |= asked->link == link && (asked->session == NULL || asked->was_held);
    }
}

static void on_close(void *ctx, uint16_t code, const char *reason) {
    struct link *link = ctx;
    assert(link->transport != NULL && !link->is_told_to_close && reason != NULL);
    trace("end", link, reason, strlen(reason));
    link->is_told_to_close = true;
    link->close_code = code;
    forgive(link);
}

static struct link *link_of(struct jsonrpc_session *session) {
    struct jsonrpc_transport *transport = jsonrpc_session_transport(session);
    return transport != NULL ? jsonrpc_transport_ctx(transport) : NULL;
}

static void on_established(void *ctx, struct jsonrpc_session *session) {
    (void)ctx;
    assert(known(jsonrpc_session_id(session)) == NULL && model.n_sessions < SESSIONS);
    struct known_session *fresh = &model.sessions[model.n_sessions++];
    *fresh = (struct known_session){.state = STATE_HERE, .link = link_of(session)};
    strcpy(fresh->id, jsonrpc_session_id(session));
    if (fresh->link == NULL) { /* it came from the store, and is bound next */
        fresh->state = STATE_AWAY;
        fresh->lost_us = model.now_us;
    }
    json_object_set_new(jsonrpc_session_attributes(session), "mark", json_integer(7));
}

static void on_connect(void *ctx, struct jsonrpc_session *session, const json_t *params,
                       bool is_reconnection, json_t *result) {
    struct known_session *of = known(jsonrpc_session_id(session));
    struct link *link = link_of(session);
    (void)ctx;
    (void)params;
    assert(of != NULL && link != NULL && json_is_object(result));
    assert(is_reconnection || of->link == link);
    assert(json_integer_value(json_object_get(jsonrpc_session_attributes(session), "mark")) == 7);
    if (of->link != NULL && of->link != link && of->link->transport != NULL) {
        assert(of->link->is_told_to_close); /* now by 4001, or before */
    }
    of->state = STATE_HERE;
    of->link = link;
}

static void on_lost(void *ctx, struct jsonrpc_session *session) {
    struct known_session *of = known(jsonrpc_session_id(session));
    (void)ctx;
    assert(of != NULL && of->state == STATE_HERE);
    of->state = STATE_AWAY;
    of->link = NULL;
    of->lost_us = model.now_us;
}

static void on_closed(void *ctx, struct jsonrpc_session *session, const char *reason) {
    struct known_session *of = known(jsonrpc_session_id(session));
    (void)ctx;
    assert(of != NULL && reason != NULL && reason[0] != '\0');
    of->state = STATE_ENDED;
    of->link = NULL;
    for (size_t i = 0; i < model.n_requests; i++) {
        model.requests[i].may_be_lost |= model.requests[i].session == of;
    }
}

static int on_find(void *ctx, const char *id, uint64_t lookup) {
    (void)ctx;
    (void)id;
    model.receiver->has_looked = true;
    if (model.n_requests > 0) { /* the connect itself is answered there or nowhere */
        model.requests[model.n_requests - 1].was_held = true;
    }
    if (model.n_lookups == LINKS) {
        return -1;
    }
    model.lookups[model.n_lookups++] = lookup;
    return 0;
}

/* A store keeps what is newest: what was exported before is not given to anybody. */
static void forget_stored(const char *id) {
    for (size_t i = 0; i < model.n_stored; i++) {
        if (strcmp(json_string_value(json_object_get(model.stored[i], "id")), id) == 0) {
            json_decref(model.stored[i]);
            model.stored[i--] = model.stored[--model.n_stored];
        }
    }
}

static void on_changed(void *ctx, struct jsonrpc_session *session) {
    (void)ctx;
    forget_stored(jsonrpc_session_id(session));
}

static void on_removed(void *ctx, const char *id) {
    (void)ctx;
    forget_stored(id);
}

static void on_orphan(void *ctx, const char *id, const char *text, size_t size_bytes) {
    (void)ctx;
    assert(known(id) == NULL || true);
    take_text(text, size_bytes, NULL);
}

static void on_server_answer(void *ctx, struct jsonrpc_session *session, int code,
                             const char *message, const json_t *result) {
    (void)ctx;
    (void)session;
    (void)message;
    assert((code == 0) == (result != NULL));
    model.n_server_answers++;
}

/* -- methods ----------------------------------------------------------------------- */

static void on_echo(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)jsonrpc_respond(transaction, json_incref(params));
    int again = jsonrpc_respond(transaction, NULL);
    assert(again == (jsonrpc_transaction_is_notification(transaction) ? 0 : LG_EOLD));
}

static void on_nothing(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)transaction;
    (void)params;
}

static void on_async(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)params;
    if (model.n_asyncs < ASYNCS) {
        jsonrpc_transaction_start_async(transaction);
        model.async_numbers[model.n_asyncs] = 0;
        model.asyncs[model.n_asyncs++] = transaction;
    }
}

/* params: [number of the request] */
static void on_once(struct jsonrpc_transaction *transaction, json_t *params) {
    size_t number = (size_t)json_integer_value(json_array_get(params, 0));
    struct asked *asked = &model.requests[number - 1];
    struct jsonrpc_key key = jsonrpc_transaction_key(transaction);
    bool is_overdue = model.now_us - asked->begun_us >= ASYNC_US; /* answered, and left open */
    bool is_known = asked->begun_us != 0 && !model.forgets && model.n_onces <= LIMIT_RPC_REPEATS;
    if (is_known && key.high != 0) {
        assert(asked->running == NULL || is_overdue);
        if (is_overdue || model.now_us - asked->ended_us < 5000000) {
            assert(asked->is_left_open || is_overdue);
            assert(memcmp(&key, &asked->key, sizeof key) == 0 || is_overdue);
        }
    }
    asked->key = key;
    asked->begun_us = asked->ended_us = model.now_us;
    asked->is_left_open = false;
    asked->running = model.n_asyncs < ASYNCS ? transaction : NULL;
    on_async(transaction, params);
    if (asked->running != NULL) {
        model.async_numbers[model.n_asyncs - 1] = number;
    }
}

static void on_end(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)params;
    struct jsonrpc_session *session = jsonrpc_transaction_session(transaction);
    if (session != NULL) {
        jsonrpc_session_close(session, "by a method");
    }
    assert(jsonrpc_transaction_session(transaction) == NULL);
}

static const struct jsonrpc_method METHODS[] = {
    {.name = "echo", .handle = on_echo},
    {.name = "nothing", .handle = on_nothing, .has_no_params = true},
    {.name = "async", .handle = on_async},
    {.name = "once", .handle = on_once, .is_once = true},
    {.name = "end", .handle = on_end},
    {.name = "conduct", .handle = on_echo, .role = 3},
};

/* -- what clients do ----------------------------------------------------------------- */

struct input {
    const uint8_t *data;
    size_t left;
};

static unsigned next(struct input *input) {
    if (input->left == 0) {
        return 0;
    }
    input->left--;
    return *input->data++;
}

/* The model's session of a connection, if the server says so too. */
static struct known_session *session_at(const struct link *link) {
    struct jsonrpc_session *session =
        link->transport != NULL ? jsonrpc_transport_session(link->transport) : NULL;
    return session != NULL ? known(jsonrpc_session_id(session)) : NULL;
}

static size_t make_request(struct link *link) {
    assert(model.n_requests < REQUESTS); /* act() keeps room */
    model.requests[model.n_requests++] = (struct asked){
        .n_sent = 1, .session = session_at(link), .link = link, .was_held = link->has_looked};
    return model.n_requests;
}

static void receive(struct link *link, const char *text) {
    model.receiver = link;
    trace("got", link, text, strlen(text));
    jsonrpc_transport_receive(link->transport, text, strlen(text));
}

static void send_call(struct link *link, const char *method, const char *params, bool has_id) {
    char text[256];
    if (has_id) {
        size_t number = make_request(link);
        snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"%s\"%s%s}",
                 number, method, params[0] != '\0' ? ",\"params\":" : "", params);
        receive(link, text);
        struct asked *asked = &model.requests[number - 1];
        if (asked->session == NULL) {
            asked->session = session_at(link); /* it began with this one */
        }
        asked->may_be_lost |= link->is_told_to_close;
    } else {
        snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"method\":\"%s\"%s%s}", method,
                 params[0] != '\0' ? ",\"params\":" : "", params);
        receive(link, text);
    }
}

/* The latest but some of those that are done once in this session; 0 = none. */
static size_t find_once(const struct known_session *session, unsigned n_later) {
    for (size_t number = model.n_requests; number > 0 && session != NULL; number--) {
        const struct asked *asked = &model.requests[number - 1];
        if (asked->is_once && asked->session == session && n_later-- == 0) {
            return number;
        }
    }
    return 0;
}

/* One that is done once: again (1 = the latest), else a new one. */
static void send_once(struct link *link, unsigned which) {
    char text[128];
    size_t number = which > 0 ? find_once(session_at(link), which - 1) : 0;
    if (number > 0) {
        model.requests[number - 1].n_sent++;
        snprintf(text, sizeof text,
                 "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"once\",\"params\":[%zu]}", number,
                 number);
        receive(link, text);
    } else {
        number = model.n_requests + 1;
        snprintf(text, sizeof text, "[%zu]", number);
        model.n_onces++;
        send_call(link, "once", text, true);
        model.requests[number - 1].is_once = true;
    }
}

static void send_connect(struct link *link, unsigned choice) {
    char params[128] = "{}";
    if (choice > 0 && model.n_sessions > 0) {
        snprintf(params, sizeof params, "{\"sessionId\":\"%s\"}",
                 model.sessions[choice % model.n_sessions].id);
    } else if (choice == 1) {
        snprintf(params, sizeof params, "{\"sessionId\":\"invented\"}");
    }
    model.forgets |= choice % 7 == 3; /* without an id nobody knows how the client counts */
    send_call(link, choice % 2 == 0 ? "connect" : "reconnect", params, choice % 7 != 3);
}

static void send_batch(struct link *link, struct input *input) {
    char text[512] = "[";
    unsigned n = 1 + next(input) % 4;
    size_t first = model.n_requests;
    for (unsigned i = 0; i < n; i++) {
        static const char *const NAMES[] = {"echo",    "async",   "nothing",
                                            "unknown", "connect", "ping"};
        size_t number = make_request(link);
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len,
                 "%s{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"%s\"}", i > 0 ? "," : "", number,
                 NAMES[next(input) % 6]);
    }
    strcat(text, "]");
    receive(link, text);
    for (size_t i = first; i < model.n_requests; i++) {
        if (model.requests[i].session == NULL) {
            model.requests[i].session = session_at(link);
        }
        model.requests[i].may_be_lost |= link->is_told_to_close;
    }
}

static void open_link(struct link *link, unsigned role) {
    const struct jsonrpc_link of = {
        .ctx = link, .send = on_send, .close = on_close, .is_sessionless = role == 7};
    *link = (struct link){.transport = NULL};
    link->transport = jsonrpc_transport_open(model.server, &of, (int)(role % 4));
}

static void close_link(struct link *link) {
    struct jsonrpc_transport *transport = link->transport;
    forgive(link);
    trace("gone", link, "", 0);
    jsonrpc_transport_closed(transport, "");
    link->transport = NULL;
}

static void end_async(unsigned how, unsigned which) {
    if (model.n_asyncs == 0) {
        return;
    }
    size_t i = which % model.n_asyncs;
    struct jsonrpc_transaction *transaction = model.asyncs[i];
    size_t number = model.async_numbers[i];
    model.asyncs[i] = model.asyncs[--model.n_asyncs];
    model.async_numbers[i] = model.async_numbers[model.n_asyncs];
    struct asked *asked = number > 0 ? &model.requests[number - 1] : NULL;
    if (asked != NULL && asked->running == transaction) { /* not one that the server gave up */
        asked->running = NULL;
        asked->ended_us = model.now_us;
        asked->is_left_open = how % 3 == 2;
    }
    if (how % 3 == 0) {
        (void)jsonrpc_respond(transaction, json_pack("{s:i}", "n", 1));
    } else if (how % 3 == 1) {
        (void)jsonrpc_respond_error(transaction, 4711, "no", NULL);
        (void)jsonrpc_respond(transaction, NULL);
    } else if (how % 2 == 1) {
        jsonrpc_transaction_leave_open(transaction);
        (void)jsonrpc_respond_error(transaction, 50003, "busy", NULL);
    }
    jsonrpc_transaction_release(transaction);
}

/* After a tick nothing that is over may be left, and nothing else may be gone. */
static void check_time(void) {
    for (size_t i = 0; i < model.n_sessions; i++) {
        const struct known_session *of = &model.sessions[i];
        bool is_over = of->state == STATE_AWAY && model.now_us >= of->lost_us + RECONNECTION_US;
        assert(!is_over);
        assert((of->state == STATE_ENDED) || jsonrpc_server_session(model.server, of->id) != NULL);
    }
}

static void pass_time(unsigned amount) {
    static const int64_t STEPS[] = {1000,    50000,    600000,   3000000,
                                    9999999, 10000000, 40000000, 301000000};
    model.now_us += STEPS[amount % 8];
    trace("time", NULL, "", 0);
    lg_clock_fake(model.now_us, model.now_us);
    int64_t due_us = jsonrpc_server_tick(model.server);
    assert(due_us > model.now_us || due_us == INT64_MAX);
    check_time();
}

static void use_session(struct input *input) {
    if (model.n_sessions == 0) {
        return;
    }
    struct known_session *of = &model.sessions[next(input) % model.n_sessions];
    struct jsonrpc_session *session = jsonrpc_server_session(model.server, of->id);
    unsigned how = next(input) % 6;
    assert((session != NULL) == (of->state != STATE_ENDED) || of->was_released);
    if (session == NULL) {
        return;
    }
    if (how < 2) {
        (void)jsonrpc_session_notify(session, "note", json_pack("{s:i}", "n", (int)how));
    } else if (how == 2) {
        int code = jsonrpc_session_request(session, "askName", NULL, 0, on_server_answer, NULL);
        model.n_server_requests += code == 0;
        assert(code == 0 || code == LG_EBUSY);
    } else if (how == 3) {
        jsonrpc_session_close(session, "by the server");
    } else if (model.n_stored < STORED) {
        model.stored[model.n_stored++] = jsonrpc_session_export(session);
        if (how == 5) {
            /* Not "of": that may be an earlier life of a session that was taken up here again. */
            known(of->id)->was_released = true;
            jsonrpc_server_release(model.server, of->id);
        }
    }
}

static void answer_lookup(struct input *input) {
    if (model.n_lookups == 0) {
        return;
    }
    uint64_t lookup = model.lookups[--model.n_lookups];
    json_t *exported =
        model.n_stored > 0 ? json_incref(model.stored[next(input) % model.n_stored]) : NULL;
    (void)jsonrpc_server_found(model.server, lookup, next(input) % 3 == 0 ? NULL : exported);
    json_decref(exported);
}

static void act(struct input *input) {
    unsigned what = next(input);
    struct link *link = &model.links[what % LINKS];
    char text[96];
    if (link->transport == NULL) {
        open_link(link, next(input) % 8);
        return;
    }
    /* Room for a batch, and for taking every session up in the end. */
    if (model.n_sessions + 8 > SESSIONS || model.n_requests + 4 + SESSIONS > REQUESTS) {
        input->left = 0;
        return;
    }
    switch ((what / LINKS) % 16) {
    case 0:
        send_connect(link, 0);
        break;
    case 1:
        send_connect(link, next(input));
        break;
    case 2:
        send_call(link, "echo", "{\"a\":1}", next(input) % 4 > 0);
        break;
    case 3:
        send_call(link, "async", "", next(input) % 4 > 0);
        break;
    case 4:
        send_once(link, what / (LINKS * 16));
        break;
    case 5:
        send_call(link, next(input) % 2 ? "nothing" : "end", "", next(input) % 2 > 0);
        break;
    case 6:
        send_call(link, "conduct", "", true);
        break;
    case 7:
        snprintf(text, sizeof text, "{\"interval\":%d}", (int)(next(input) * 40));
        send_call(link, "ping", next(input) % 2 ? text : "\"x\"", next(input) % 4 > 0);
        break;
    case 8:
        send_call(link, next(input) % 2 ? "closeSession" : "close", "", next(input) % 4 > 0);
        break;
    case 9:
        send_batch(link, input);
        break;
    case 10:
        receive(link,
                next(input) % 2 ? "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"echo\"}" : "[1");
        break;
    case 11:
        snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":1}",
                 model.last_asked_id + next(input) % 2);
        receive(link, text);
        break;
    case 12:
        close_link(link);
        break;
    case 13:
        end_async(next(input), next(input));
        break;
    case 14:
        pass_time(next(input));
        break;
    default:
        next(input) % 2 ? use_session(input) : answer_lookup(input);
        break;
    }
}

/* Take every session up once more: what was kept for it comes. */
static void collect_kept(void) {
    for (size_t i = 0; i < LINKS; i++) {
        if (model.links[i].transport != NULL && model.links[i].is_told_to_close) {
            close_link(&model.links[i]);
        }
    }
    for (size_t i = 0; i < model.n_sessions; i++) {
        struct known_session *of = &model.sessions[i];
        if (of->state == STATE_AWAY) {
            struct link *link = &model.links[0];
            if (link->transport != NULL) {
                close_link(link);
            }
            open_link(link, 0);
            char params[128];
            snprintf(params, sizeof params, "{\"sessionId\":\"%s\"}", of->id);
            send_call(link, "connect", params, true);
        }
    }
}

static void check_answers(void) {
    for (size_t i = 0; i < model.n_requests; i++) {
        const struct asked *asked = &model.requests[i];
        if (!asked->is_answered && !asked->may_be_lost &&
            (asked->session == NULL || !asked->session->has_overflow)) {
            fprintf(stderr, "request %zu on link %td, session %td\n", i + 1,
                    asked->link - model.links,
                    asked->session != NULL ? asked->session - model.sessions : -1);
        }
        assert(asked->is_answered || asked->may_be_lost ||
               (asked->session != NULL && asked->session->has_overflow));
    }
}

static void finish(void) {
    while (model.n_lookups > 0) {
        (void)jsonrpc_server_found(model.server, model.lookups[--model.n_lookups], NULL);
    }
    while (model.n_asyncs > 0) {
        end_async(0, 0);
    }
    collect_kept();
    check_answers();
    for (size_t i = 0; i < LINKS; i++) {
        if (model.links[i].transport != NULL) {
            close_link(&model.links[i]);
        }
    }
    jsonrpc_server_destroy(model.server);
    assert(model.n_server_answers == model.n_server_requests);
    for (size_t i = 0; i < model.n_stored; i++) {
        json_decref(model.stored[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct jsonrpc_options options = jsonrpc_options_default();
    struct input input = {data, size};
    lg_log_set_level(LG_LOG_ERROR);
    memset(&model, 0, sizeof model);
    model.now_us = 1000000;
    lg_clock_fake(model.now_us, model.now_us);
    options.methods = METHODS;
    options.n_methods = sizeof METHODS / sizeof METHODS[0];
    options.events = (struct jsonrpc_events){.on_established = on_established,
                                             .on_connect = on_connect,
                                             .on_lost = on_lost,
                                             .on_closed = on_closed};
    bool has_store = next(&input) % 2 == 0;
    model.forgets = has_store; /* a session may come back older than it was */
    if (has_store) {
        options.store = (struct jsonrpc_store){.on_changed = on_changed,
                                               .on_removed = on_removed,
                                               .find = on_find,
                                               .on_orphan = on_orphan};
    }
    options.max_sessions = 6;
    options.max_in_flight = 8;
    options.queue_texts = 6;
    options.queue_bytes = 400;
    model.server = jsonrpc_server_create(&options);
    while (input.left > 0) {
        act(&input);
    }
    finish();
    return 0;
}
