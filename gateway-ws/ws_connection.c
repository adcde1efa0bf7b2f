/* One client. Reading and limits here; writing is in ws_connection_write.c. */
#include "gateway-ws/ws_connection.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/access/rate_limit.h"
#include "gateway-ws/dialect.h"
#include "gateway-ws/fanout.h"
#include "gateway-ws/link/ws_server.h"
#include "gateway-ws/sockjs/sockjs_framed.h"
#include "gateway-ws/sockjs/sockjs_text.h"
#include "gateway-ws/ws_connection_private.h"

enum {
    QUEUED_BYTES_BEFORE_PAUSE = 256 * 1024, /* then no further request is read */
    QUEUED_ITEMS_BEFORE_PAUSE = 512,
    QUEUED_ITEMS_MAX = 4096,    /* of a dialect whose answers may come all at once */
    CLOSE_US = 5 * 1000 * 1000, /* for what is queued and the handshake of closing */
};

struct ws_incoming {
    size_t size_bytes, room_bytes;
    char bytes[];
};

struct ws_connection *ws_connection_create(struct ws_host *host, struct ws_port *port,
                                           struct peer *peer, struct connection_id id,
                                           const struct sockaddr_storage *address) {
    struct ws_connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        return NULL;
    }
    connection->host = host;
    connection->port = port;
    connection->peer = peer;
    connection->id = id;
    connection->fd = -1;
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *ip4 = (const struct sockaddr_in *)address;
        memcpy(connection->address, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        memcpy(connection->address + 12, &ip4->sin_addr, 4);
        connection->peer_port = ntohs(ip4->sin_port);
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *ip6 = (const struct sockaddr_in6 *)address;
        memcpy(connection->address, &ip6->sin6_addr, 16);
        connection->peer_port = ntohs(ip6->sin6_port);
    }
    return connection;
}

static void drop_incoming(struct ws_connection *connection) {
    if (connection->incoming != NULL) {
        connection->host->receiving_bytes -= connection->incoming->room_bytes;
        free(connection->incoming);
        connection->incoming = NULL;
    }
}

void ws_connection_destroy(struct ws_connection *connection) {
    if (connection == NULL) {
        return;
    }
    assert(connection->fanout == NULL);
    drop_incoming(connection);
    sockjs_messages_destroy(connection->messages);
    sockjs_framed_destroy(connection->link);
    if (connection->is_throttled) {
        connection->host->n_throttled--;
    }
    outbox_finish(&connection->outbox);
    free(connection);
}

void ws_connection_allow_many(struct ws_connection *connection) {
    connection->outbox.max_items = QUEUED_ITEMS_MAX;
}

/* -- reading ---------------------------------------------------------------- */

static bool must_pause(const struct ws_connection *connection) {
    return connection->is_calling || connection->is_throttled ||
           connection->outbox.size_bytes > QUEUED_BYTES_BEFORE_PAUSE ||
           connection->outbox.n_items > QUEUED_ITEMS_BEFORE_PAUSE;
}

void ws_connection_set_reading(struct ws_connection *connection) {
    bool is_paused = must_pause(connection) || connection->messages != NULL;
    if (connection->messages != NULL && !must_pause(connection)) {
        ws_connection_go_on(connection); /* on_writable delivers the rest */
    }
    if (is_paused != connection->is_paused && connection->state == WS_CONNECTION_OPEN) {
        connection->is_paused = is_paused;
        ws_link_pause_reading(connection->link, is_paused);
    }
}

void ws_connection_on_open(struct ws_connection *connection, struct ws_link link) {
    connection->link = link;
    connection->fd = ws_link_direct_fd(link);
    connection->state = WS_CONNECTION_OPEN;
    connection->heard_us = lg_clock_us();
    connection->tokens_milli = (int32_t)connection->host->limits->requests_per_s * 1000;
    connection->tokens_us = connection->heard_us;
    connection->dialect->on_open(connection);
}

/* Room for one piece more; false when a limit is met (the reason is set). */
static bool make_room(struct ws_connection *connection, size_t size_bytes) {
    struct ws_host *host = connection->host;
    struct ws_incoming *incoming = connection->incoming;
    size_t used = incoming != NULL ? incoming->size_bytes : 0;
    size_t room = incoming != NULL ? incoming->room_bytes : 0;
    if (incoming != NULL && used + size_bytes <= room) {
        return true;
    }
    size_t wanted = room == 0 ? 1024 : room * 2;
    while (wanted < used + size_bytes) {
        wanted *= 2;
    }
    if (host->receiving_bytes + wanted - room > host->limits->receiving_bytes) {
        ws_link_set_reason(connection->link, WS_CLOSE_OVERLOADED, "too much is being received");
        return false;
    }
    incoming = realloc(incoming, sizeof(*incoming) + wanted);
    if (incoming == NULL) {
        ws_link_set_reason(connection->link, WS_CLOSE_OVERLOADED, "out of memory");
        return false;
    }
    host->receiving_bytes += wanted - room;
    incoming->size_bytes = used;
    incoming->room_bytes = wanted;
    connection->incoming = incoming;
    return true;
}

const char *const WS_THROTTLE_NAMES[WS_N_THROTTLES] = {
    [WS_MAX_REQUESTS] = "max-requests",
    [WS_MAX_ADDRESS_REQUESTS] = "max-address-requests",
    [WS_MAX_CHANGES] = "max-changes",
};

static void throttle(struct ws_connection *connection, enum ws_throttle why) {
    if (!connection->is_throttled) {
        connection->is_throttled = true;
        connection->host->n_throttled++;
        connection->host->counts.throttled[why]++;
    }
}

/* A rate that many connections share: each rests until nothing is owed. */
static void charge(struct ws_connection *connection, struct rate_limit *limit, uint64_t key,
                   enum ws_throttle why) {
    int64_t now_us = lg_clock_us();
    int64_t wait_us = rate_limit_charge(limit, key, now_us);
    if (wait_us > 0) {
        if (now_us + wait_us > connection->rests_until_us) {
            connection->rests_until_us = now_us + wait_us;
        }
        throttle(connection, why);
    }
}

void ws_connection_set_key(struct ws_connection *connection, uint64_t key) {
    connection->key = key;
}

void ws_connection_count_call(struct ws_connection *connection,
                              const struct call_request *request) {
    bool is_change =
        request->kind == CALL_POST || request->kind == CALL_CLICK || request->kind == CALL_HOVER;
    if (is_change) {
        charge(connection, connection->host->changes,
               connection->token_id != 0 ? connection->token_id : connection->key, WS_MAX_CHANGES);
    }
}

static void deliver_one(struct ws_connection *connection, const char *text, size_t size_bytes) {
    struct ws_host *host = connection->host;
    host->counts.messages++;
    charge(connection, host->requests, connection->key, WS_MAX_ADDRESS_REQUESTS);
    if (host->limits->requests_per_s > 0) {
        connection->tokens_milli -= 1000;
        if (connection->tokens_milli < 0) {
            ws_connection_refill(connection, lg_clock_us());
        }
        if (connection->tokens_milli < 0) {
            throttle(connection, WS_MAX_REQUESTS);
        }
    }
    host->current = connection;
    connection->dialect->on_message(connection, text, size_bytes);
    host->current = NULL;
}

void ws_connection_deliver_rest(struct ws_connection *connection) {
    size_t size_bytes;
    while (connection->messages != NULL && connection->state == WS_CONNECTION_OPEN &&
           !must_pause(connection)) {
        const char *text = sockjs_messages_next(connection->messages, &size_bytes);
        if (text != NULL) {
            deliver_one(connection, text, size_bytes);
        } else {
            sockjs_messages_destroy(connection->messages);
            connection->messages = NULL;
        }
    }
    ws_connection_set_reading(connection);
}

static int deliver(struct ws_connection *connection, const char *text, size_t size_bytes) {
    if (!connection->is_framed) {
        deliver_one(connection, text, size_bytes);
        ws_connection_set_reading(connection);
        return 0;
    }
    /* Nothing is read while messages are held back, so there are none. */
    assert(connection->messages == NULL);
    connection->messages = size_bytes > 0 ? sockjs_messages_read(text, size_bytes, true) : NULL;
    if (connection->messages == NULL && size_bytes > 0) {
        ws_link_set_reason(connection->link, WS_CLOSE_PROTOCOL, "no SockJS frame");
        return -1;
    }
    ws_connection_deliver_rest(connection);
    return 0;
}

int ws_connection_on_piece(struct ws_connection *connection, const struct ws_piece *piece) {
    const struct ws_limits *limits = connection->host->limits;
    size_t max = connection->may_conduct ? limits->message_bytes : limits->small_message_bytes;
    connection->heard_us = lg_clock_us();
    connection->is_pinged = false;
    if (connection->state != WS_CONNECTION_OPEN) {
        return 0;
    }
    if (piece->is_first) {
        connection->received_bytes = 0;
        connection->begun_us = connection->heard_us;
    }
    if (piece->is_last) {
        connection->begun_us = 0;
    }
    if (piece->size_bytes > max - connection->received_bytes) {
        connection->host->counts.too_big++;
        ws_link_set_reason(connection->link, WS_CLOSE_TOO_BIG, "message too big");
        return -1;
    }
    connection->received_bytes += piece->size_bytes;
    if (piece->is_binary) { /* ignored, as INScore does; the size limit holds */
        connection->host->counts.binary_ignored += piece->is_last;
        return 0;
    }
    if (piece->is_first && piece->is_last) {
        return deliver(connection, (const char *)piece->bytes, piece->size_bytes);
    }
    if (!make_room(connection, piece->size_bytes)) {
        return -1;
    }
    struct ws_incoming *incoming = connection->incoming;
    memcpy(incoming->bytes + incoming->size_bytes, piece->bytes, piece->size_bytes);
    incoming->size_bytes += piece->size_bytes;
    int result = 0;
    if (piece->is_last) {
        result = deliver(connection, incoming->bytes, incoming->size_bytes);
        drop_incoming(connection);
    }
    return result;
}

void ws_connection_on_pong(struct ws_connection *connection) {
    connection->heard_us = lg_clock_us();
    connection->is_pinged = false;
}

void ws_connection_refill(struct ws_connection *connection, int64_t now_us) {
    int64_t rate = connection->host->limits->requests_per_s;
    int64_t tokens = connection->tokens_milli + (now_us - connection->tokens_us) * rate / 1000;
    connection->tokens_us = now_us;
    connection->tokens_milli = (int32_t)(tokens < rate * 1000 ? tokens : rate * 1000);
    if (connection->is_throttled && connection->tokens_milli >= 0 &&
        now_us >= connection->rests_until_us) {
        connection->is_throttled = false;
        connection->rests_until_us = 0;
        connection->host->n_throttled--;
        ws_connection_set_reading(connection);
    }
}

/* -- calls -------------------------------------------------------------------- */

int ws_connection_call(struct ws_connection *connection, struct call_request *request, void *cookie,
                       void (*drop)(void *cookie)) {
    char name[64];
    ws_connection_name(connection, name, sizeof(name));
    request->scene = view_scene(fanout_view(connection->fanout));
    request->role = connection->role;
    request->client_id = name;
    int err = connection->host->call(connection->host->gateway, connection, request, cookie, drop);
    connection->has_hovered = connection->has_hovered || request->kind == CALL_HOVER;
    if (err == 0) {
        connection->is_calling = true;
        ws_connection_set_reading(connection);
    }
    return err;
}

void ws_connection_on_reply(struct ws_connection *connection, void *cookie,
                            const struct call_reply *reply) {
    connection->is_calling = false;
    connection->dialect->on_reply(connection, cookie, reply);
    ws_connection_set_reading(connection);
    ws_connection_go_on(connection);
}

void ws_connection_when_shown(struct ws_connection *connection, const struct ws_wait *wait) {
    const struct view_held held = {.id = connection->id,
                                   .epoch = wait->epoch,
                                   .version = wait->version,
                                   .deadline_us = lg_clock_us() + (int64_t)wait->timeout_ms * 1000,
                                   .cookie = wait->cookie,
                                   .drop = wait->drop};
    connection->is_calling = true;
    connection->host->hold(connection->host->gateway, connection, &held);
}

void ws_connection_on_shown(struct ws_connection *connection, void *cookie) {
    connection->is_calling = false;
    connection->dialect->on_shown(connection, cookie);
    ws_connection_set_reading(connection);
    ws_connection_go_on(connection);
}

bool ws_connection_version(const struct ws_connection *connection, uint64_t *version) {
    struct view *view = fanout_view(connection->fanout);
    const struct frame *frame = view_frame(view);
    if (frame != NULL) {
        *version = frame->version;
        return true;
    }
    return connection->host->version(connection->host->gateway, view_scene(view), version);
}

bool ws_connection_expects_picture(const struct ws_connection *connection) {
    struct view *view = fanout_view(connection->fanout);
    return view_frame(view) == NULL &&
           connection->host->expects_picture(connection->host->gateway, view_scene(view));
}

/* -- life --------------------------------------------------------------------- */

void ws_connection_close(struct ws_connection *connection, uint16_t code, const char *reason) {
    if (connection->state != WS_CONNECTION_OPEN) {
        return;
    }
    connection->state = WS_CONNECTION_CLOSING;
    connection->close_code = code;
    connection->close_reason = reason;
    connection->closing_us = lg_clock_us();
    ws_connection_go_on(connection);
}

static void drop_nothing(void *cookie) {
    (void)cookie;
}

/* Whatever its pointer is over is left. */
static void leave_all(struct ws_connection *connection) {
    struct call_request nowhere = {.kind = CALL_HOVER, .x = -1, .y = -1};
    if (connection->has_hovered) {
        (void)ws_connection_call(connection, &nowhere, NULL, drop_nothing);
    }
}

void ws_connection_on_closing(struct ws_connection *connection) {
    bool was_open =
        connection->state == WS_CONNECTION_OPEN || connection->state == WS_CONNECTION_CLOSING;
    connection->state = WS_CONNECTION_GONE;
    if (was_open) {
        connection->dialect->on_close(connection);
    }
    if (connection->fanout != NULL) {
        leave_all(connection);
        fanout_remove(connection->fanout, connection);
    }
    outbox_finish(&connection->outbox);
    ws_connection_release(connection);
    drop_incoming(connection);
}

/* A message that drips in for ever holds memory that all clients share. */
static bool is_unfinished(const struct ws_connection *connection, int64_t now_us) {
    return connection->begun_us != 0 && !connection->is_paused &&
           now_us - connection->begun_us > connection->host->limits->message_us;
}

/* What a client sends while it is not read from cannot be known. */
static void excuse(struct ws_connection *connection, int64_t now_us) {
    connection->heard_us = now_us;
    connection->begun_us = connection->begun_us != 0 ? now_us : 0;
}

static void sweep_open(struct ws_connection *connection, int64_t now_us) {
    const struct ws_limits *limits = connection->host->limits;
    int64_t silent_us = now_us - connection->heard_us;
    if (connection->is_paused) {
        excuse(connection, now_us);
    } else if (limits->idle_us == 0) {
        /* nobody is asked for a sign of life */
    } else if (connection->is_pinged && silent_us > 2 * limits->idle_us) {
        connection->host->counts.lost++;
        ws_link_kill(connection->link);
    } else if (silent_us > limits->idle_us && !connection->is_pinged) {
        connection->is_pinged = true;
        if (ws_link_ping(connection->link) != 0) {
            ws_link_kill(connection->link);
        }
    }
    if (connection->is_framed) {
        sockjs_framed_tick(connection->link, now_us, limits->sockjs_heartbeat_us);
    }
    if (connection->waiting_picture_us != 0 &&
        now_us - connection->waiting_picture_us > WS_PICTURE_WAIT_US) {
        ws_connection_go_on(connection);
    }
}

void ws_connection_sweep(struct ws_connection *connection, int64_t now_us) {
    if (connection->link.ops == NULL || connection->state == WS_CONNECTION_GONE) {
        return;
    }
    if (connection->waiting_us != 0 &&
        now_us - connection->waiting_us > connection->host->limits->stall_us) {
        char name[64];
        ws_connection_name(connection, name, sizeof(name));
        lg_log(LG_LOG_DEBUG, "ws", "stalled", "client=%s", name);
        connection->host->counts.stalled++;
        ws_link_kill(connection->link);
    } else if (connection->state == WS_CONNECTION_OPEN && is_unfinished(connection, now_us)) {
        connection->host->counts.unfinished++;
        drop_incoming(connection);
        ws_connection_close(connection, WS_CLOSE_POLICY, "message takes too long");
    } else if (connection->state == WS_CONNECTION_CLOSING) {
        if (now_us - connection->closing_us > CLOSE_US) {
            ws_link_kill(connection->link);
        }
    } else {
        sweep_open(connection, now_us);
    }
}
