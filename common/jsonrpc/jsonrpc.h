/* A JSON-RPC 2.0 server with sessions that outlive connections, without any
 * transport in it: texts come in by jsonrpc_transport_receive, texts go out by
 * a function of the transport. docs/jsonrpc.md has the echo server.
 *
 *     server      table of methods, all sessions, all transports of a process
 *     transport   one connection: a WebSocket, a SockJS session, an HTTP request
 *     session     what a client keeps over connections; at most one transport
 *     transaction one request and the way to answer it
 *
 * Special methods are answered here: connect, reconnect, ping, closeSession,
 * close, rpc.discover. A session begins with `connect` or with the first
 * application message of a transport.
 *
 * One thread: everything is called on the thread that made the server, and all
 * callbacks come on it. Time is lg_clock_us.
 *
 * Limits and policies: requests under way per transport (more: 40029), sessions
 * (40029), answers kept for a client that is away (oldest notifications go
 * first, then oldest answers; then the client is told `overflow`), messages
 * held while a session is looked for elsewhere (40029).
 */
#ifndef LEGGIO_COMMON_JSONRPC_JSONRPC_H
#define LEGGIO_COMMON_JSONRPC_JSONRPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/jsonrpc/codec.h"
#include "common/jsonrpc/method.h"

struct jsonrpc_server;
struct jsonrpc_transport;
struct jsonrpc_session;
struct jsonrpc_transaction;

enum {
    JSONRPC_SESSION_ID_BYTES = 24, /* 144 random bits, URL-safe base64; without the NUL */
    JSONRPC_CLOSE_NORMAL = 1000,
    JSONRPC_CLOSE_TAKEN_UP = 4001, /* the session goes on over another connection */
};

/* -- what an application may know of connections --------------------------- */

extern const char JSONRPC_RELEASED[];

/* All may be NULL. Order for one session: established → (requests, lost,
 * reconnected, error)* → closed, closed exactly once (but not at the end of the
 * server). */
struct jsonrpc_events {
    /* A session was made (or came from a store: its attributes are there); before its
     * first request and before `connect` is answered. */
    void (*on_established)(void *ctx, struct jsonrpc_session *session);
    /* `connect` or `reconnect` came, nothing is done yet; params without sessionId.
     * The place to look at a token and set the transport's role. 0, or a code that
     * refuses it; why: static text. */
    int (*on_connecting)(void *ctx, struct jsonrpc_transport *transport, const json_t *params,
                         const char **why);
    /* It is about to be answered: result is an object to add members to. */
    void (*on_connect)(void *ctx, struct jsonrpc_session *session, const json_t *params,
                       bool is_reconnection, json_t *result);
    /* It was answered, and what was kept has been sent. is_reconnection: with a
     * session that was there. */
    void (*on_connected)(void *ctx, struct jsonrpc_session *session, bool is_reconnection);
    /* The connection is gone, the session waits for another one. */
    void (*on_lost)(void *ctx, struct jsonrpc_session *session);
    /* The transport reported an error (a close follows). session may be NULL. */
    void (*on_transport_error)(void *ctx, struct jsonrpc_session *session, const char *what);
    /* The session is over. reason: "Client sent close message", …; JSONRPC_RELEASED (this
     * very pointer): it goes on in another process. */
    void (*on_closed)(void *ctx, struct jsonrpc_session *session, const char *reason);
    /* A fault of the application: an async answer that never came, a second
     * answer, no memory. One place for all; the client gets -32603 at most. */
    void (*on_fault)(void *ctx, struct jsonrpc_session *session, const char *method,
                     const char *what);
    /* jsonrpc_server_tick is due at this time, sooner than it said. NULL: the caller
     * asks often enough by itself. */
    void (*on_due)(void *ctx, int64_t due_us);
};

/* Sessions that outlive the process (session_store). All may be NULL. */
struct jsonrpc_store {
    /* Something that jsonrpc_session_export tells has changed. */
    void (*on_changed)(void *ctx, struct jsonrpc_session *session);
    /* Closed for good: forget it. */
    void (*on_removed)(void *ctx, const char *session_id);
    /* Does somebody else know this session? Answer by jsonrpc_server_found with
     * the same lookup, now or later. Nonzero: nobody can be asked. */
    int (*find)(void *ctx, const char *session_id, uint64_t lookup);
    /* An answer for a session that was released (it lives elsewhere now). */
    void (*on_orphan)(void *ctx, const char *session_id, const char *text, size_t size_bytes);
};

struct jsonrpc_options {
    const struct jsonrpc_method *methods; /* borrowed for good */
    size_t n_methods;
    void *ctx; /* of all callbacks; jsonrpc_transaction_ctx */
    struct jsonrpc_events events;
    struct jsonrpc_store store;
    const char *label;             /* in logs and metrics: "rpc"; borrowed */
    const char *title;             /* of rpc.discover; borrowed */
    const char *const *role_names; /* for errors, by role from 0; NULL = numbers */
    bool has_watchdog;       /* close clients that pinged and do not any more (3 × interval) */
    bool wraps_results;      /* as Kurento: results that are no objects become {"value": …} */
    int64_t reconnection_us; /* a session without connection lives so long */
    int64_t async_us;        /* an async answer comes within this, else -32603 */
    int64_t request_us;      /* a client answers a server's request within this */
    int64_t lookup_us;       /* answer of store.find; then 40007 */
    size_t max_sessions;
    size_t max_in_flight; /* requests under way, per transport */
    size_t queue_texts;   /* kept for a session that is away */
    size_t queue_bytes;
    struct jsonrpc_limits limits; /* of messages */
};
/* 10 s, 5 min, 10 s, 2 s; 20000 sessions, 256 in flight, 64 texts, 256 KiB, watchdog on. */
struct jsonrpc_options jsonrpc_options_default(void);

/* -- server ---------------------------------------------------------------- */

struct jsonrpc_server *jsonrpc_server_create(const struct jsonrpc_options *options);
/* Sessions end without on_closed (they may live on in a store). Transports must
 * be closed before; async transactions are answered to nobody. */
void jsonrpc_server_destroy(struct jsonrpc_server *server);
/* What time brings; returns when to call again (lg_clock_us), INT64_MAX = never. */
int64_t jsonrpc_server_tick(struct jsonrpc_server *server);

struct jsonrpc_session *jsonrpc_server_session(struct jsonrpc_server *server, const char *id);
/* Walk over all sessions: NULL gives the first, NULL comes after the last. */
struct jsonrpc_session *jsonrpc_server_next(struct jsonrpc_server *server,
                                            const struct jsonrpc_session *session);
size_t jsonrpc_server_n_sessions(const struct jsonrpc_server *server);
/* Everything counted since the start, for metrics. */
struct jsonrpc_counts {
    uint64_t requests, notifications, errors, responses_unknown, duplicates;
    uint64_t sessions_made, taken_up, expired, closed, refused, overflows, watchdog_closes;
};
const struct jsonrpc_counts *jsonrpc_server_counts(const struct jsonrpc_server *server);

/* The OpenRPC document of the table; a new reference, NULL when out of memory. */
json_t *jsonrpc_server_discover(const struct jsonrpc_server *server);

/* -- store ------------------------------------------------------------------- */

/* The answer to store.find: what jsonrpc_session_export told (borrowed), or NULL
 * for nobody. An answer that comes too late is dropped (returns false): then the
 * session was not taken up here. */
bool jsonrpc_server_found(struct jsonrpc_server *server, uint64_t lookup, const json_t *exported);
/* Another process has taken this session up: its connection here is closed with
 * 4001, it is forgotten (on_closed JSONRPC_RELEASED, no store.on_removed);
 * answers still to come go to store.on_orphan. */
void jsonrpc_server_release(struct jsonrpc_server *server, const char *session_id);
/* An answer from elsewhere (on_orphan there): to the client now, or kept. false:
 * no such session here. */
bool jsonrpc_server_deliver(struct jsonrpc_server *server, const char *session_id, const char *text,
                            size_t size_bytes);

/* -- transports ----------------------------------------------------------------- */

/* How one connection is written to. */
struct jsonrpc_link {
    void *ctx;
    /* One text message, UTF-8; borrowed. */
    void (*send)(void *ctx, const char *text, size_t size_bytes);
    /* Close after what was sent has gone out. reason: static text. jsonrpc_transport_closed
     * comes later, not from inside. */
    void (*close)(void *ctx, uint16_t code, const char *reason);
    bool is_sessionless; /* POST /rpc: no sessions, no requests of the server */
};

/* A connection is open. No session yet. link is copied. */
struct jsonrpc_transport *jsonrpc_transport_open(struct jsonrpc_server *server,
                                                 const struct jsonrpc_link *link, int role);
/* One text message came in: one JSON-RPC message or a batch. */
void jsonrpc_transport_receive(struct jsonrpc_transport *transport, const char *text,
                               size_t size_bytes);
/* Something is wrong with the connection; close follows. what: for the log. */
void jsonrpc_transport_error(struct jsonrpc_transport *transport, const char *what);
/* It is gone: nothing more is sent; transport must not be used after it. Its
 * session waits. NULL is fine. reason: of the close frame, "" = none. */
void jsonrpc_transport_closed(struct jsonrpc_transport *transport, const char *reason);

void jsonrpc_transport_set_role(struct jsonrpc_transport *transport, int role);
int jsonrpc_transport_role(const struct jsonrpc_transport *transport);
struct jsonrpc_session *jsonrpc_transport_session(const struct jsonrpc_transport *transport);
void *jsonrpc_transport_ctx(const struct jsonrpc_transport *transport); /* link.ctx */
/* Requests under way. */
size_t jsonrpc_transport_in_flight(const struct jsonrpc_transport *transport);

/* -- sessions ----------------------------------------------------------------- */

const char *jsonrpc_session_id(const struct jsonrpc_session *session);
/* What the client said of itself in `connect`; NULL = nothing. Borrowed. */
json_t *jsonrpc_session_register_info(const struct jsonrpc_session *session);
/* Is the message being handled the first of the session? */
bool jsonrpc_session_is_new(const struct jsonrpc_session *session);
/* An object of the application's own; made at first use, goes where the session
 * goes. Borrowed. Call jsonrpc_session_changed after changing it. NULL = no memory. */
json_t *jsonrpc_session_attributes(struct jsonrpc_session *session);
void jsonrpc_session_changed(struct jsonrpc_session *session);
/* A pointer of the application's own, in this process only. */
void jsonrpc_session_set_data(struct jsonrpc_session *session, void *data);
void *jsonrpc_session_data(const struct jsonrpc_session *session);
void jsonrpc_session_set_reconnection_us(struct jsonrpc_session *session, int64_t us);
/* How long it would live from now on if no connection took it up. */
int64_t jsonrpc_session_left_us(const struct jsonrpc_session *session);
/* The connection that it has now; NULL while it is away. */
struct jsonrpc_transport *jsonrpc_session_transport(const struct jsonrpc_session *session);
/* End it: its socket is closed with 1000, on_closed(reason) is called. */
void jsonrpc_session_close(struct jsonrpc_session *session, const char *reason);

/* Steals params (NULL = none). When the client is away it is kept and 1 is
 * returned; 0 = sent; LG_ENOMEM. Never crashes, whatever the socket does. */
int jsonrpc_session_notify(struct jsonrpc_session *session, const char *method, json_t *params);

/* The client's answer: result (borrowed), or a code and message. code 0 = result;
 * LG_EBUSY = no answer in time or the session ended. */
typedef void (*jsonrpc_answer_fn)(void *ctx, struct jsonrpc_session *session, int code,
                                  const char *message, const json_t *result);
/* Ask the client. Steals params. done comes exactly once, also over a connection
 * that replaced this one. timeout_us 0 = options.request_us. Returns 0, or
 * LG_EBUSY (away: not sent; LIMIT_RPC_ASKED are unanswered) or LG_ENOMEM without ever
 * calling done. */
int jsonrpc_session_request(struct jsonrpc_session *session, const char *method, json_t *params,
                            int64_t timeout_us, jsonrpc_answer_fn done, void *ctx);

/* Everything that another process needs to go on; a new reference, NULL when
 * out of memory. `{"id", "registerInfo", "attributes", "reconnectionMs", "queue", …}` */
json_t *jsonrpc_session_export(const struct jsonrpc_session *session);

/* -- transactions --------------------------------------------------------------- */

/* Answers. The first one counts; a second one returns LG_EOLD and sends nothing
 * (events.on_fault is told). On a notification they do nothing and return 0. The
 * answer goes to the session wherever it is now; while it is away it is kept. */
int jsonrpc_respond(struct jsonrpc_transaction *transaction,
                    json_t *result); /* steals; NULL = {} */
/* The result is JSON text already. */
int jsonrpc_respond_text(struct jsonrpc_transaction *transaction, const char *json,
                         size_t size_bytes);
int jsonrpc_respond_error(struct jsonrpc_transaction *transaction, int code, const char *message,
                          json_t *data); /* steals data; NULL = none */
/* -32602 with data {field, expected}. */
int jsonrpc_respond_bad_params(struct jsonrpc_transaction *transaction, const char *field,
                               const char *expected);

/* Answer later: the transaction stays until jsonrpc_transaction_release, which the
 * handler must call in the end (before or after the answer, on any path). */
void jsonrpc_transaction_start_async(struct jsonrpc_transaction *transaction);
void jsonrpc_transaction_release(struct jsonrpc_transaction *transaction);

/* Before the answer: it does not tell what became of the request (busy, for instance). When
 * the request comes again it is handled again, with the same key, instead of getting this. */
void jsonrpc_transaction_leave_open(struct jsonrpc_transaction *transaction);
/* A name for what is to be done once (is_once): random, and the same whenever this request
 * comes again in its session, also to another process with the same store. Zeros: such a
 * request is not recognised when it comes again (notifications, batches, no session). */
struct jsonrpc_key {
    uint64_t high, low;
};
struct jsonrpc_key jsonrpc_transaction_key(const struct jsonrpc_transaction *transaction);

bool jsonrpc_transaction_is_notification(const struct jsonrpc_transaction *transaction);
bool jsonrpc_transaction_is_answered(const struct jsonrpc_transaction *transaction);
/* NULL: the transport is sessionless, or the session has ended. */
struct jsonrpc_session *jsonrpc_transaction_session(const struct jsonrpc_transaction *transaction);
/* The connection that the request came by; NULL when it is gone. */
struct jsonrpc_transport *
jsonrpc_transaction_transport(const struct jsonrpc_transaction *transaction);
const char *jsonrpc_transaction_method(const struct jsonrpc_transaction *transaction);
int jsonrpc_transaction_role(const struct jsonrpc_transaction *transaction);
void *jsonrpc_transaction_ctx(const struct jsonrpc_transaction *transaction); /* options.ctx */

/* For an answer that is too large to copy: the texts before and after the members
 * of an object result (`{…,"result":{"sessionId":"…",` and `}}`). The caller writes
 * start, members, end to the transport itself as one message; the transaction counts
 * as answered. Returns 0; LG_EBUSY when this cannot be (away, notification, batch,
 * answered): use jsonrpc_respond_text then. Texts are freed by the caller. */
int jsonrpc_transaction_take(struct jsonrpc_transaction *transaction, char **start, char **end);

#endif
