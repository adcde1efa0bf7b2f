/* The parts of a client and what they do for each other. Only for the files of this folder.
 *
 * Two threads. Connection's thread: the link, the session, all timers. Program's thread: the inbox.
 * Everything else comes from any thread under the lock. The lock is never held while a function of
 * the program or of libwebsockets runs (but for link_wake). */
#ifndef LEGGIO_CLIENTS_C_CLIENT_PRIVATE_H
#define LEGGIO_CLIENTS_C_CLIENT_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "clients/c/inbox.h"
#include "clients/c/json_message.h"
#include "clients/c/leggio_client.h"
#include "clients/c/link.h"
#include "clients/c/outgoing.h"
#include "clients/c/resolver.h"
#include "clients/c/settings.h"
#include "clients/c/waiting.h"

enum session_step {
    SESSION_AWAY,      /* nothing under way but perhaps a timer */
    SESSION_RESOLVING, /* name → addresses */
    SESSION_OPENING,   /* TCP, TLS, upgrade */
    SESSION_ATTACHING, /* `connect` is not answered yet */
    SESSION_ATTACHED,
    SESSION_CLOSING,
};

/* Connection's thread only. */
struct session {
    enum session_step step;
    struct resolver *resolver;
    char addresses[RESOLVER_ADDRESSES][RESOLVER_ADDRESS_BYTES];
    size_t n_addresses, address_i;
    unsigned n_attempts; /* since the connection was steady */
    int64_t deadline_us; /* no attempt begins after it; INT64_MAX: for ever */
    int64_t attached_us; /* when */
    unsigned n_attempts_of_loss;
    bool was_attached;     /* ever */
    bool has_lost_session; /* the server did not know it any more */
    bool is_ending;        /* closeSession is under way */
    bool is_reading;       /* the program keeps up */
    struct link_timer attempt, retry, idle, close;
    int64_t traffic_us;
    bool is_over; /* the thread ends */
};

/* Connection's thread only, but for wanted_ms. */
struct heartbeat {
    struct link_timer timer;
    int interval_ms;  /* running; 0: not */
    uint64_t ping_id; /* unanswered; 0: none */
    int64_t ping_us;  /* asked, or sent, or the last sign that it may still be answered */
    int64_t asked_us;
    bool is_ping_sent;
    bool has_told_interval;
};

struct subscription;

struct lg_client {
    struct settings settings; /* constant */
    pthread_t connection_thread, program_thread;
    pthread_mutex_t lock; /* guards all up to the next empty line */
    pthread_cond_t changed;
    enum lg_client_state state;
    bool was_started, start_wanted, close_wanted, end_session_wanted, free_wanted;
    bool is_link_gone;              /* no wake-ups any more */
    unsigned n_failures;            /* of first connections */
    char reason[LINK_REASON_BYTES]; /* of the newest failure, loss or end */
    char *session_id;
    uint64_t next_id;
    struct waiting waiting;
    struct outgoing outgoing;
    struct inbox inbox;
    struct subscription *subscriptions;
    uint64_t next_subscription, running_subscription;
    int heartbeat_wanted_ms;
    bool is_heartbeat_changed;
    struct lg_client_stats stats;

    struct link link;
    struct session session;
    struct heartbeat heartbeat;
    struct link_timer request_timer, renewal_timer;
    /* So that a lack of memory does not keep the listener in the dark. */
    struct delivery disconnected;
    struct client_event_delivery *spare_event;
};

int64_t client_now_us(void);
/* The connection's thread looks at everything again. */
void client_wake_locked(struct lg_client *client);
/* Connect for the first time, unless that is under way or done. */
void client_want_start_locked(struct lg_client *client);
/* Tell the listener. Connection's thread, without the lock. */
enum client_event {
    CLIENT_EVENT_CONNECTED,
    CLIENT_EVENT_FAILED,
    CLIENT_EVENT_RECONNECTING,
    CLIENT_EVENT_RECONNECTED,
    CLIENT_EVENT_DISCONNECTED
};
/* The reason is client->reason. false: no memory. */
bool client_tell(struct lg_client *client, enum client_event event, bool same_session);

/* -- session_events.c -------------------------------------------------------- */
extern const struct link_events SESSION_LINK_EVENTS;

/* -- session.c: connection's thread, without the lock ---------------------- */
void session_init(struct lg_client *client);
void session_finish(struct lg_client *client);
/* The connection is no use any more: reconnect. */
void session_lose(struct lg_client *client, const char *reason);

/* Begin the first connection. */
void session_start(struct lg_client *client);
/* The resolver is done. */
void session_take_addresses(struct lg_client *client);
/* Try the next address; reason: why the one before failed. */
void session_next_address(struct lg_client *client, const char *reason);
/* The connection goes; whoever has asked on it is told. */
void session_drop(struct lg_client *client);
/* The program closes. */
void session_close(struct lg_client *client, bool end_session);
/* The end of the client: requests fail, the listener is told, the thread ends soon. */
void session_end(struct lg_client *client, const char *reason);
/* The thread ends now. */
void session_end_thread(struct lg_client *client);

/* -- session_attach.c: connection's thread, without the lock ---------------- */
void session_attach(struct lg_client *client);
/* session.c's part of the outcome. */
void session_attached(struct lg_client *client, bool same_session);
void session_attempt_failed(struct lg_client *client, const char *reason);

/* -- requests.c ------------------------------------------------------------- */
/* A request of the client's own: sent at once, dies with the connection. on_end is called with the
 * outcome, the request then destroyed. Returns its id, 0: no memory. Connection's thread. */
struct requests_own {
    const char *method, *params; /* params NULL: none */
    int timeout_ms;              /* 0: none */
    bool is_last;                /* not at once, but after all that the program has asked */
    waiting_own_fn on_end;
    void *user;
};
uint64_t requests_ask(struct lg_client *client, const struct requests_own *own);
/* An answer came. */
void requests_answer(struct lg_client *client, const struct json_message *message);
/* The client's own requests end with this status; their messages are gone. */
void requests_end_own(struct lg_client *client, int status);
/* All others do, or those that were sent. */
void requests_fail_locked(struct lg_client *client, bool only_sent, int status);
/* Set the timer for the first deadline. */
void requests_arm(struct lg_client *client);
void requests_on_timer(void *client);
/* The first byte of this message is about to go. */
void requests_sent_locked(struct lg_client *client, uint64_t id);
/* Adopts text (freed also on failure). */
int requests_send_text_locked(struct lg_client *client, char *text, uint64_t id, bool is_reply);

/* -- calls.c: connection's thread, without the lock ------------------------- */
void calls_receive(struct lg_client *client, const struct json_message *message);

/* -- scores.c ----------------------------------------------------------------- */
/* Adopts bytes. */
void scores_receive(struct lg_client *client, unsigned char *bytes, size_t len);
/* true: it was a notice of a subscription. */
bool scores_notice(struct lg_client *client, const struct json_message *message);
/* JSON array for `connect`; NULL: no memory. */
char *scores_seen(struct lg_client *client);
/* Attached: make subscriptions that the server's session lacks. */
void scores_attached(struct lg_client *client, bool same_session);
void scores_on_timer(void *client); /* of renewals */
void scores_finish(struct lg_client *client);

/* -- heartbeat.c: connection's thread, without the lock ---------------------- */
void heartbeat_init(struct lg_client *client);
void heartbeat_start(struct lg_client *client); /* attached, or the wish changed */
void heartbeat_stop(struct lg_client *client);
/* Something went, or came while more of its message is on the way: a pong cannot come before. */
void heartbeat_traffic(struct lg_client *client, bool is_amid_message);
void heartbeat_sent(struct lg_client *client, uint64_t id);

#endif
