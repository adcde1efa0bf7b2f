/* One session, for the files of SockJS: a link on one side, at most one
 * receiving request on the other. */
#ifndef LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_SESSION_H
#define LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway-ws/sockjs/sockjs.h"
#include "gateway-ws/sockjs/sockjs_text.h"

struct sockjs {
    struct sockjs_options options;
    struct sockjs_session **buckets;
    size_t n_buckets; /* a power of two */
    size_t n_sessions;
    size_t buffered_bytes;
    int64_t due_us; /* of the earliest session; 0 = now */
    uint8_t hash_key[16];
};

struct sockjs_session {
    struct sockjs_session *next; /* in its bucket */
    struct sockjs *sockjs;
    void *connection; /* NULL: over; who comes is told close_frame */
    struct ws_http *receiver;
    enum sockjs_door door;    /* of the receiver */
    struct ws_http *sender;   /* its messages wait until reading goes on */
    struct sockjs_text frame; /* `a["…","…"` so far */
    size_t stream_bytes;      /* of this receiver */
    int64_t since_us;         /* the receiver came, or the last one went */
    int64_t told_us;          /* something was written */
    uint16_t close_code;
    bool is_opened; /* `o` was sent */
    bool is_inside; /* a message that is being written */
    bool wants_writable;
    bool is_paused;
    bool is_pinged;
    bool is_dying;
    char close_reason[124];
    char id[SOCKJS_SESSION_BYTES + 1];
};

/* The link that a new session's connection gets. */
struct ws_link sockjs_session_link(struct sockjs_session *session);
/* A request that receives: takes what there is, or waits. */
void sockjs_session_receive(struct sockjs_session *session, struct ws_http *http,
                            enum sockjs_door door);
/* A request that brings messages; they are well-formed. */
void sockjs_session_send(struct sockjs_session *session, struct ws_http *http);
void sockjs_session_on_writable(struct sockjs_session *session, struct ws_http *http);
void sockjs_session_on_gone(struct sockjs_session *session, struct ws_http *http);
/* Close it: the connection goes now, the receiver is told. */
void sockjs_session_end(struct sockjs_session *session, unsigned code, const char *reason);
/* false: it has been over long enough and can be freed. *due_us: when next. */
bool sockjs_session_tick(struct sockjs_session *session, int64_t now_us, int64_t *due_us);

#endif
