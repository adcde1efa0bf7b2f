/* The inside of the JSON-RPC server, for the files of this folder. */
#ifndef LEGGIO_COMMON_JSONRPC_PRIVATE_H
#define LEGGIO_COMMON_JSONRPC_PRIVATE_H

#include "common/jsonrpc/jsonrpc.h"
#include "proto/limits.h"

enum { JSONRPC_FORBIDDEN = 40003, JSONRPC_TOO_MANY = 40029, JSONRPC_TOO_LARGE = 40013 };

/* Where an answer goes. Linked into the server while it is owed, so that a session
 * or transport that ends is taken out of it. */
struct delivery {
    struct delivery *prev, *next;
    struct jsonrpc_server *server;
    struct jsonrpc_transaction *transaction; /* NULL: of a batch */
    struct jsonrpc_session *session;
    struct jsonrpc_transport *transport;       /* that the request came by */
    char orphan[JSONRPC_SESSION_ID_BYTES + 1]; /* session that was released; "" = none */
};

/* Answers of one batch, until all are there. */
struct batch {
    struct delivery to;
    size_t n_owed; /* + 1 while its calls are being started */
    size_t n_answers, len, room;
    char *text;
};

struct jsonrpc_transaction {
    struct delivery to;
    unsigned refs;
    struct batch *batch; /* NULL: alone */
    const char *method;  /* of the table */
    bool is_notification, is_answered, is_counted, is_async;
    bool has_no_session_id; /* the answer does not name the session */
    int64_t deadline_us;    /* async; 0 = none */
    uint64_t repeat;        /* number of its entry in session->repeats; 0 = none */
    struct jsonrpc_key key; /* of that entry */
    bool is_left_open;      /* its answer is none to a repetition */
    size_t id_len;
    char id[];
};

struct kept_text {
    struct kept_text *next;
    size_t size_bytes;
    bool is_notification;
    char text[];
};

struct kept {
    struct kept_text *first, **last;
    size_t n_texts, size_bytes;
    uint32_t lost_answers, lost_notifications;
};

enum { REPEAT_HASH_BYTES = 16 };

/* A request that may come again. */
struct repeat {
    struct repeat *next;
    uint64_t number;
    struct jsonrpc_key key;
    uint8_t hash[REPEAT_HASH_BYTES]; /* of method and params */
    int64_t expires_us;              /* 0: under way */
    char *text;                      /* its answer; NULL: under way, left open, too long to keep */
    size_t id_len;
    char id[];
};

/* A request of ours that the client has not answered. */
struct asked {
    struct asked *next;
    uint32_t id;
    int64_t deadline_us;
    jsonrpc_answer_fn done;
    void *ctx;
};

struct jsonrpc_session {
    char id[JSONRPC_SESSION_ID_BYTES + 1]; /* first: key of the tree */
    struct jsonrpc_server *server;
    struct jsonrpc_session *prev, *next;
    struct jsonrpc_transport *transport;
    json_t *attributes, *register_info;
    void *data;
    unsigned n_messages; /* 0, 1, 2 = more */
    int64_t reconnection_us;
    int64_t expires_us;  /* while it is away */
    int64_t interval_us; /* of pings, as last announced */
    char *lost_reason;   /* of the close frame; NULL = none */
    struct kept kept;
    struct repeat *repeats;
    size_t n_repeats;
    struct asked *asked;
    size_t n_asked;
};

/* A connect that waits for the answer of the store. */
struct lookup {
    uint64_t number;
    int64_t deadline_us;
    struct jsonrpc_transaction *connect;
    json_t *params;
    struct kept held; /* messages that came meanwhile */
    char id[];
};

struct jsonrpc_transport {
    struct jsonrpc_server *server;
    struct jsonrpc_transport *prev, *next;
    struct jsonrpc_link link;
    struct jsonrpc_session *session;
    struct lookup *lookup;
    int role;
    bool is_closing; /* nothing more is read */
    size_t n_in_flight;
    int64_t interval_us; /* of pings; 0 = none came */
    int64_t watchdog_us; /* close it then; 0 = never */
};

struct jsonrpc_server {
    struct jsonrpc_options options;
    void *by_id; /* tree of tsearch */
    struct jsonrpc_session *sessions;
    struct jsonrpc_transport *transports;
    struct delivery *deliveries;
    size_t n_sessions;
    uint32_t next_request_id;
    uint64_t next_number; /* of lookups and repeats */
    int64_t due_us;
    bool is_ending;
    struct jsonrpc_counts counts;
};

/* -- server.c ---------------------------------------------------------------- */
/* false: no memory. */
bool server_add_session(struct jsonrpc_server *server, struct jsonrpc_session *session);
void server_remove_session(struct jsonrpc_server *server, struct jsonrpc_session *session);
const struct jsonrpc_method *server_method(const struct jsonrpc_server *server, const char *name);
/* Something is due at this time. */
void server_due(struct jsonrpc_server *server, int64_t due_us);
void server_fault(struct jsonrpc_server *server, struct jsonrpc_session *session,
                  const char *method, const char *what);

/* -- session.c ----------------------------------------------------------------- */
/* id NULL: a fresh one. NULL: too many, no memory. No callback. */
struct jsonrpc_session *session_create(struct jsonrpc_server *server, const char *id);
/* A fresh one for this transport, established. NULL as above. */
struct jsonrpc_session *session_begin(struct jsonrpc_transport *transport);
/* The session goes on over this transport; its former one is closed (4001), as is
 * the transport's former session. */
void session_bind(struct jsonrpc_session *session, struct jsonrpc_transport *transport);
void session_lose(struct jsonrpc_session *session, const char *reason);
enum session_end { SESSION_CLOSED, SESSION_RELEASED, SESSION_SERVER_ENDS };
void session_end(struct jsonrpc_session *session, enum session_end how, const char *reason);
/* Has it a connection that is not being closed? */
bool session_is_here(const struct jsonrpc_session *session);
/* To the client now, or kept. Takes text over. is_notification: may be dropped first. */
void session_send(struct jsonrpc_session *session, char *text, bool is_notification);
void session_flush(struct jsonrpc_session *session);
/* What is due; returns the next time. *was_called: something outside was called,
 * the session may be gone. */
int64_t session_tick(struct jsonrpc_session *session, int64_t now_us, bool *was_called);

/* -- kept.c --------------------------------------------------------------------- */
void kept_init(struct kept *kept);
void kept_finish(struct kept *kept);
/* Copies. false: no memory. */
bool kept_push(struct kept *kept, const char *text, size_t size_bytes, bool is_notification);
/* The oldest; freed by the caller; NULL = empty. */
struct kept_text *kept_take(struct kept *kept);
/* Drop until there is room for one text more: notifications first. */
void kept_make_room(struct kept *kept, size_t size_bytes, size_t max_texts, size_t max_bytes);

/* -- repeats.c ------------------------------------------------------------------- */
enum repeat_kind { REPEAT_NEW, REPEAT_UNDER_WAY, REPEAT_ANSWERED };
/* Is this request one that came before? REPEAT_NEW: it is to be done; transaction has
 * number and key of its entry (a fresh one, or that of a request without an answer that
 * could be given again), number 0: not kept. REPEAT_ANSWERED: *text is borrowed. */
enum repeat_kind repeats_find(struct jsonrpc_session *session,
                              const struct jsonrpc_message *message,
                              struct jsonrpc_transaction *transaction, const char **text);
/* text NULL: what became of it is not known. */
void repeats_answer(struct jsonrpc_session *session, uint64_t number, const char *text);
/* A new connection numbers its requests from here: what could be mixed up goes. */
void repeats_take_up(struct jsonrpc_session *session, const char *id, size_t id_len);
int64_t repeats_tick(struct jsonrpc_session *session, int64_t now_us);
void repeats_finish(struct jsonrpc_session *session);
json_t *repeats_export(const struct jsonrpc_session *session);
void repeats_import(struct jsonrpc_session *session, const json_t *list);

/* -- asked.c ---------------------------------------------------------------------- */
void asked_take_answer(struct jsonrpc_transport *transport, const struct jsonrpc_message *message);
/* One that is due at most: *was_called, and the session may be gone. */
int64_t asked_tick(struct jsonrpc_session *session, int64_t now_us, bool *was_called);
void asked_finish(struct jsonrpc_session *session);

/* -- export.c ----------------------------------------------------------------------- */
/* NULL: not what was exported, or no memory, or too many sessions. */
struct jsonrpc_session *session_import(struct jsonrpc_server *server, const char *id,
                                       const json_t *exported);

/* -- transaction.c ----------------------------------------------------------------- */
void delivery_open(struct delivery *to, struct jsonrpc_transport *transport);
void delivery_close(struct delivery *to);
/* Takes text over. */
void delivery_send(struct delivery *to, char *text);
struct jsonrpc_transaction *transaction_create(struct jsonrpc_transport *transport,
                                               const struct jsonrpc_message *message,
                                               struct batch *batch);
/* An answer that is text already; NULL = out of memory. Takes it over. */
int transaction_answer(struct jsonrpc_transaction *transaction, char *text);
/* The async limit. */
int64_t transaction_tick(struct jsonrpc_transaction *transaction, int64_t now_us, bool *was_called);

/* -- batch.c ------------------------------------------------------------------------ */
struct batch *batch_create(struct jsonrpc_transport *transport);
/* One answer; borrowed. */
void batch_add(struct batch *batch, const char *text);
/* One call is answered, or needs no answer, or all calls are started. The last
 * one sends what there is and frees the batch. */
void batch_leave(struct batch *batch);

/* -- special.c ------------------------------------------------------------------------ */
/* connect, ping, … : true when it was one (and is done). is_alone: not one of several in
 * a batch. */
bool special_call(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                  const struct jsonrpc_message *message, bool is_alone);
/* The second half of connect: the session to go on with (NULL = nobody knows it). */
void special_connected(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                       struct jsonrpc_session *session, json_t *params);
/* Rows for rpc.discover and checks. */
extern const struct jsonrpc_method JSONRPC_SPECIAL_METHODS[];
extern const size_t JSONRPC_N_SPECIAL_METHODS;

/* -- lookup.c -------------------------------------------------------------------------- */
/* Ask the store. false: cannot. Keeps transaction (a reference) and params. */
bool lookup_start(struct jsonrpc_transport *transport, const char *id,
                  struct jsonrpc_transaction *connect, json_t *params);
/* A message that came meanwhile. false: too many. */
bool lookup_hold(struct jsonrpc_transport *transport, const char *text, size_t size_bytes);
/* It is over: special_found, then the held messages. */
void lookup_end(struct jsonrpc_transport *transport, const json_t *exported);
void lookup_cancel(struct jsonrpc_transport *transport);
int64_t lookup_tick(struct jsonrpc_transport *transport, int64_t now_us, bool *was_called);

/* -- transport.c ------------------------------------------------------------------------ */
/* Takes text over. */
void transport_send(struct jsonrpc_transport *transport, char *text);
void transport_close(struct jsonrpc_transport *transport, uint16_t code, const char *reason);
/* A ping came. interval_ms 0 = not told. */
void transport_pinged(struct jsonrpc_transport *transport, int64_t interval_ms);
int64_t transport_tick(struct jsonrpc_transport *transport, int64_t now_us, bool *was_called);

#endif
