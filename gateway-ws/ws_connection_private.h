/* The inside of a connection, for ws_connection.c and ws_connection_write.c. */
#ifndef LEGGIO_GATEWAY_WS_WS_CONNECTION_PRIVATE_H
#define LEGGIO_GATEWAY_WS_WS_CONNECTION_PRIVATE_H

#include "gateway-ws/outbox.h"
#include "gateway-ws/ws_connection.h"
#include "proto/limits.h"

enum ws_connection_state {
    WS_CONNECTION_NEW, /* no handshake yet */
    WS_CONNECTION_OPEN,
    WS_CONNECTION_CLOSING, /* what is queued goes out, then the close frame */
    WS_CONNECTION_GONE,    /* write nothing more */
};

enum { WS_PICTURE_WAIT_US = LIMIT_FIRST_PICTURE_MS * 1000 };

struct sockjs_messages;
struct ws_http;
struct ws_incoming;

struct ws_connection {
    /* first what the fan-out loop touches */
    struct ws_link link; /* ops NULL before the handshake */
    const struct dialect *dialect;
    struct fanout *fanout; /* borrowed; membership */
    struct outbox outbox;
    int fd; /* takes prepared frames; -1: all goes through the link */
    uint32_t fanout_i;
    uint8_t state; /* enum ws_connection_state */
    bool is_paused;
    bool is_calling; /* an answer or a version is awaited */
    bool is_throttled;
    bool is_pinged;
    bool is_framed;   /* messages come as SockJS arrays */
    bool has_hovered; /* as itself, in the INScore dialect */
    bool may_play, may_conduct, is_foreign;
    uint8_t door_role; /* enum auth_role; AUTH_NONE = not granted yet */
    uint16_t close_code;
    uint16_t peer_port;
    int32_t tokens_milli;
    int64_t tokens_us;
    int64_t heard_us;
    int64_t begun_us;           /* the message that comes in; 0 = none */
    int64_t waiting_us;         /* since when a writable callback is awaited; 0 = not */
    int64_t waiting_picture_us; /* since when the first frame is awaited; 0 = not */
    int64_t closing_us;
    const char *close_reason; /* static text */
    const char *role;         /* static text */
    void *data;               /* of the dialect */
    uint64_t token_id;        /* 0 = none was shown */
    uint64_t key;             /* of its address, for limits */
    int64_t rests_until_us;   /* throttled for its address or token until then; 0 = not */
    struct ws_host *host;
    struct ws_port *port;
    struct peer *peer;
    struct ws_http *http;             /* the HTTP request under way */
    struct sockjs_messages *messages; /* of an array, not all delivered yet */
    struct ws_incoming *incoming;     /* while a message comes in pieces */
    size_t reserved_bytes;            /* of the host's sending_bytes */
    size_t received_bytes;            /* of the message that comes in */
    struct connection_id id;
    uint8_t address[16];
};

/* Stop or go on reading, as the state says. */
void ws_connection_set_reading(struct ws_connection *connection);
/* Messages of an array that were held back while reading was paused. */
void ws_connection_deliver_rest(struct ws_connection *connection);
/* Give back what large replies took. */
void ws_connection_release(struct ws_connection *connection);
/* There may be something to write: ask for the writable callback. */
void ws_connection_go_on(struct ws_connection *connection);

#endif
