/* One client: from accept to gone. Puts messages together, keeps the limits,
 * writes replies and news, closes in good order. Loop thread only.
 *
 * What a client costs: this struct (about 200 bytes), what the library keeps,
 * and, only while they are needed, a message being received and replies being
 * written.
 */
#ifndef LEGGIO_GATEWAY_WS_WS_CONNECTION_H
#define LEGGIO_GATEWAY_WS_WS_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/access/auth.h"
#include "common/broker/upstream.h"
#include "gateway-ws/link/ws_link.h"
#include "gateway-ws/view.h"

struct dialect;
struct fanout;
struct picture;
struct rpc;
struct peer;
struct rate_limit;
struct send_job;
struct ws_connection;
struct ws_http;
struct ws_piece;
struct ws_port;

enum {
    WS_CLOSE_GOING_AWAY = 1001,
    WS_CLOSE_PROTOCOL = 1002,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_OVERLOADED = 1013,
};

/* Why a connection was refused; named after the option. */
enum ws_refusal { WS_MAX_CONNECTIONS, WS_MAX_PER_ADDRESS, WS_MAX_ACCEPTS, WS_N_REFUSALS };
extern const char *const WS_REFUSAL_NAMES[WS_N_REFUSALS];

/* Why a client was not read from for a while; named after the option. */
enum ws_throttle { WS_MAX_REQUESTS, WS_MAX_ADDRESS_REQUESTS, WS_MAX_CHANGES, WS_N_THROTTLES };
extern const char *const WS_THROTTLE_NAMES[WS_N_THROTTLES];

struct ws_limits {
    size_t message_bytes;       /* of a client that may conduct */
    size_t small_message_bytes; /* of any other */
    size_t receiving_bytes;     /* unfinished messages of all clients together */
    size_t sending_bytes;       /* large replies of all clients together */
    unsigned requests_per_s;    /* 0 = no limit */
    int64_t message_us;         /* a message that began is complete after this */
    int64_t stall_us;           /* a client that takes nothing for so long is closed */
    int64_t sockjs_heartbeat_us;
    int64_t idle_us; /* then a ping; as long again without a sign: closed */
};

/* What connections need from the gateway, and what they count for it. */
struct ws_host {
    const struct ws_limits *limits;
    size_t receiving_bytes;                /* now, all clients */
    size_t sending_bytes;                  /* the same: reserved for large replies */
    uint32_t n_throttled;                  /* clients not read from because of a rate */
    struct rate_limit *requests, *changes; /* of an address; of a token or address */
    struct ws_connection *current;         /* whose message is being handled; NULL = none */
    struct ws_counts {
        uint64_t coalesced, messages, notices, pictures, binary_ignored, stalled, too_big, lost,
            throttled[WS_N_THROTTLES], unfinished, unsent, bad_tokens, foreign_pages,
            refused[WS_N_REFUSALS];
    } counts;
    void *gateway;
    struct rpc *rpc; /* rpc/rpc.h; NULL in tests */
    int (*call)(void *gateway, struct ws_connection *connection, const struct call_request *request,
                void *cookie, void (*drop)(void *cookie));
    /* ws_connection_on_shown(cookie) when the version is shown, perhaps at once. */
    void (*hold)(void *gateway, struct ws_connection *connection, const struct view_held *held);
    /* Will a scene without a picture have one soon? */
    bool (*expects_picture)(void *gateway, const char *scene);
    bool (*version)(void *gateway, const char *scene, uint64_t *version);
};

struct ws_connection *ws_connection_create(struct ws_host *host, struct ws_port *port,
                                           struct peer *peer, struct connection_id id,
                                           const struct sockaddr_storage *address);
void ws_connection_destroy(struct ws_connection *connection);

/* -- set by the gateway at the handshake ---------------------------------- */
void ws_connection_set_grant(struct ws_connection *connection, const struct auth_grant *grant);
/* The role of the first grant, before `connect` showed a token. */
enum auth_role ws_connection_door_role(const struct ws_connection *connection);
void ws_connection_set_dialect(struct ws_connection *connection, const struct dialect *dialect);

/* Before on_open: each text that comes is an array of messages (SockJS). */
void ws_connection_set_framed(struct ws_connection *connection);
bool ws_connection_is_framed(const struct ws_connection *connection);

struct ws_port *ws_connection_port(const struct ws_connection *connection);
struct peer *ws_connection_peer(const struct ws_connection *connection);
struct connection_id ws_connection_id(const struct ws_connection *connection);
struct fanout *ws_connection_fanout(const struct ws_connection *connection);
const char *ws_connection_role(const struct ws_connection *connection);
/* Who it is to limits by address (peer_key.h). */
void ws_connection_set_key(struct ws_connection *connection, uint64_t key);
/* A call for this client goes to the renderer: a change counts against --max-changes. */
void ws_connection_count_call(struct ws_connection *connection, const struct call_request *request);
/* What it was granted, without the label. */
void ws_connection_grant(const struct ws_connection *connection, struct auth_grant *grant);
void *ws_connection_gateway(const struct ws_connection *connection);
/* The same, IPv4 as ::ffff:a.b.c.d. */
void ws_connection_address_bytes(const struct ws_connection *connection, uint8_t bytes[16]);
/* The same with its port, as the kernel would tell it. */
void ws_connection_peer_address(const struct ws_connection *connection,
                                struct sockaddr_storage *address);
/* Where link/ws_http.c keeps the request that is under way. */
struct ws_http **ws_connection_http(struct ws_connection *connection);
struct ws_link ws_connection_link(const struct ws_connection *connection);
/* Numeric address of the peer. */
void ws_connection_address(const struct ws_connection *connection, char *text, size_t size_bytes);
/* "ws:127.0.0.1:4242" */
void ws_connection_name(const struct ws_connection *connection, char *text, size_t size_bytes);
bool ws_connection_is_open(const struct ws_connection *connection);
/* What it does, for metrics; words of WS_ACTIVITY_NAMES. */
enum ws_activity {
    WS_HANDSHAKE, /* no WebSocket yet */
    WS_CURRENT,   /* all that it is to know has gone out */
    WS_BEHIND,    /* bytes wait until it reads */
    WS_CALLING,   /* an answer of the renderer is awaited */
    WS_THROTTLED, /* not read from because of max-requests */
    WS_CLOSING,
    WS_N_ACTIVITIES
};
extern const char *const WS_ACTIVITY_NAMES[WS_N_ACTIVITIES];
enum ws_activity ws_connection_activity(const struct ws_connection *connection);
/* Bytes of replies that wait. */
size_t ws_connection_queued_bytes(const struct ws_connection *connection);

/* -- for fanout.c ----------------------------------------------------------- */
void ws_connection_set_fanout(struct ws_connection *connection, struct fanout *fanout,
                              uint32_t fanout_i);
uint32_t ws_connection_fanout_i(const struct ws_connection *connection);
/* The fan-out's view has a version to tell. */
void ws_connection_tell(struct ws_connection *connection);
/* The same in two steps, for many at once: what to send to its socket (false:
 * nothing now, ws_connection_tell has been done instead), then what came of it. */
bool ws_connection_prepare(struct ws_connection *connection, struct send_job *job);
void ws_connection_told(struct ws_connection *connection, int result);

/* -- for dialects ----------------------------------------------------------- */
bool ws_connection_may_play(const struct ws_connection *connection);
bool ws_connection_may_conduct(const struct ws_connection *connection);
/* Newest version that this gateway can show, or has heard of. */
bool ws_connection_version(const struct ws_connection *connection, uint64_t *version);
/* Queue a text message (copied). A full queue closes the client. */
void ws_connection_reply(struct ws_connection *connection, const char *text, size_t size_bytes);
/* May a reply take so much memory until it has been read? It counts until all
 * that is queued has gone out; false: too much for all clients together. */
bool ws_connection_reserve(struct ws_connection *connection, size_t size_bytes);
/* Queue a message of this start and the newest picture. */
void ws_connection_reply_picture(struct ws_connection *connection, const char *start,
                                 size_t size_bytes);
/* Go on later, by dialect.on_shown(cookie): when this gateway holds the version (0, 1: any
 * picture), or after timeout_ms; perhaps at once. Until then no message is read from this
 * client. If the client goes first, drop(cookie) is called instead. */
struct ws_wait {
    uint64_t epoch, version;
    int timeout_ms;
    void *cookie;
    void (*drop)(void *cookie);
};
void ws_connection_when_shown(struct ws_connection *connection, const struct ws_wait *wait);
/* There is no picture of its scene yet, but one is on its way. */
bool ws_connection_expects_picture(const struct ws_connection *connection);
/* A call to the renderer for this client's scene and role; the answer comes by
 * dialect.on_reply, and until then no message is read from this client. If the
 * client goes first, drop(cookie) is called instead. Returns 0 or a code. */
int ws_connection_call(struct ws_connection *connection, struct call_request *request, void *cookie,
                       void (*drop)(void *cookie));
/* The prepared notice, straight to the socket: dialect.on_frame of INScore. */
int ws_connection_send_notice(struct ws_connection *connection);
/* The same, only prepared: dialect.prepared_frame of INScore. */
const uint8_t *ws_connection_notice(struct ws_connection *connection, size_t *size_bytes);
/* May messages to this client be binary? */
bool ws_connection_carries_binary(const struct ws_connection *connection);
/* A pointer of the dialect's own; NULL at first. */
void ws_connection_set_data(struct ws_connection *connection, void *data);
void *ws_connection_data(const struct ws_connection *connection);
struct rpc *ws_connection_rpc(const struct ws_connection *connection);
/* Messages of many requests may wait (JSON-RPC pipelines); reading stops before. */
void ws_connection_allow_many(struct ws_connection *connection);
/* Queue a message of start, the picture's pieces (shared) and end. is_news: only when
 * none is in the queue (ws_connection_takes_news). */
void ws_connection_send_shared(struct ws_connection *connection, const char *start,
                               struct picture *picture, const char *end, bool is_news);
void ws_connection_send_news(struct ws_connection *connection, const char *text, size_t size_bytes);
/* May news be queued now? false: dialect.on_frame comes when it is worth trying. */
bool ws_connection_takes_news(const struct ws_connection *connection);
/* There are news for this client: dialect.on_frame comes when it can take something. */
void ws_connection_want_news(struct ws_connection *connection);
/* Close after what is queued has gone out. reason: static text. */
void ws_connection_close(struct ws_connection *connection, uint16_t code, const char *reason);

/* -- for the gateway --------------------------------------------------------- */
void ws_connection_on_open(struct ws_connection *connection, struct ws_link link);
int ws_connection_on_piece(struct ws_connection *connection, const struct ws_piece *piece);
void ws_connection_on_pong(struct ws_connection *connection);
int ws_connection_on_writable(struct ws_connection *connection);
void ws_connection_on_closing(struct ws_connection *connection);
/* The answer of a call has come; what was held need not wait any longer. */
void ws_connection_on_reply(struct ws_connection *connection, void *cookie,
                            const struct call_reply *reply);
void ws_connection_on_shown(struct ws_connection *connection, void *cookie);
/* Once a second: stalled, silent, unanswered. */
void ws_connection_sweep(struct ws_connection *connection, int64_t now_us);
/* A few times a second while any client is throttled. */
void ws_connection_refill(struct ws_connection *connection, int64_t now_us);

#endif
