/* Connections: accept, handshake (scene, role, dialect), open, gone; and
 * closing many of them.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/access/peer_key.h"
#include "common/score_rpc/score_rpc.h"
#include "gateway-ws/dialect.h"
#include "gateway-ws/fanout.h"
#include "gateway-ws/gateway_private.h"
#include "gateway-ws/sockjs/sockjs_framed.h"
#include "gateway-ws/sockjs/sockjs_route.h"

/* -- slots -------------------------------------------------------------------- */

static bool grow_slots(struct gateway *gateway) {
    uint32_t n_slots = gateway->n_slots == 0 ? 64 : gateway->n_slots * 2;
    if (n_slots > gateway->max_connections) {
        n_slots = gateway->max_connections;
    }
    struct slot *slots = realloc(gateway->slots, n_slots * sizeof(*slots));
    if (slots == NULL || n_slots == gateway->n_slots) {
        return false;
    }
    for (uint32_t i = n_slots; i-- > gateway->n_slots;) {
        slots[i] = (struct slot){.next_free = gateway->first_free};
        gateway->first_free = i;
    }
    gateway->slots = slots;
    gateway->n_slots = n_slots;
    return true;
}

struct ws_connection *gateway_connection(struct gateway *gateway, struct connection_id id) {
    struct slot *slot = &gateway->slots[id.slot];
    return slot->life == id.life ? slot->connection : NULL;
}

const char *const WS_REFUSAL_NAMES[WS_N_REFUSALS] = {
    [WS_MAX_CONNECTIONS] = "max-connections",
    [WS_MAX_PER_ADDRESS] = "max-per-address",
    [WS_MAX_ACCEPTS] = "max-accepts",
};

static void *refuse_connection(struct gateway *gateway, enum ws_refusal why) {
    gateway->host.counts.refused[why]++;
    lg_log(LG_LOG_WARN, "ws", "refused", "why=%s open=%u", WS_REFUSAL_NAMES[why],
           (unsigned)gateway->n_connections);
    return NULL;
}

static void *on_accept(void *ctx, void *port, const struct sockaddr_storage *address) {
    struct gateway *gateway = ctx;
    if (gateway->is_draining || gateway->n_connections >= gateway->max_connections ||
        (gateway->first_free == NO_SLOT && !grow_slots(gateway))) {
        return refuse_connection(gateway, WS_MAX_CONNECTIONS);
    }
    /* What proxies of ours bring is not counted: they stand for many. */
    const struct sockaddr *at = (const struct sockaddr *)address;
    uint64_t key = peer_key(at);
    bool is_proxy = peer_nets_contain(&gateway->proxies, at);
    if (!is_proxy && !rate_limit_take(gateway->accepts, key, lg_clock_us(), NULL)) {
        return refuse_connection(gateway, WS_MAX_ACCEPTS);
    }
    struct peer *peer =
        is_proxy ? NULL : peers_enter(gateway->peers, key, gateway->max_per_address);
    if (!is_proxy && peer == NULL) {
        return refuse_connection(gateway, WS_MAX_PER_ADDRESS);
    }
    uint32_t slot_i = gateway->first_free;
    struct slot *slot = &gateway->slots[slot_i];
    struct connection_id id = {slot_i, slot->life + 1};
    slot->connection = ws_connection_create(&gateway->host, port, peer, id, address);
    if (slot->connection == NULL) {
        peers_leave(gateway->peers, peer);
        return NULL;
    }
    ws_connection_set_key(slot->connection, key);
    slot->life++;
    gateway->first_free = slot->next_free;
    gateway->n_connections++;
    port_enter(port);
    return slot->connection;
}

/* -- channels ------------------------------------------------------------------- */

static struct channel *make_channel(struct gateway *gateway, struct ws_port *port,
                                    const char *scene) {
    struct view *view =
        views_enter(gateway->views, scene, upstream_has_scene(gateway->upstream, scene));
    if (view == NULL) {
        return NULL;
    }
    gateway_find_scene(gateway, view);
    struct channel *channel = calloc(1, sizeof(*channel));
    if (channel != NULL) {
        channel->fanout = fanout_create(view, gateway->senders, port_period_us(port));
    }
    if (channel == NULL || channel->fanout == NULL) {
        free(channel);
        views_leave(gateway->views, view);
        return NULL;
    }
    channel->port = port;
    channel->next = gateway->channels;
    gateway->channels = channel;
    return channel;
}

static int join(struct gateway *gateway, struct ws_connection *connection, const char *scene) {
    struct ws_port *port = ws_connection_port(connection);
    struct channel *channel = gateway->channels;
    while (channel != NULL && (channel->port != port ||
                               strcmp(view_scene(fanout_view(channel->fanout)), scene) != 0)) {
        channel = channel->next;
    }
    if (channel == NULL && (channel = make_channel(gateway, port, scene)) == NULL) {
        return LG_EBUSY;
    }
    return fanout_add(channel->fanout, connection);
}

/* The channel goes with its last client. */
static void drop_empty_channel(struct gateway *gateway, const struct fanout *fanout) {
    struct channel **at = &gateway->channels;
    while (*at != NULL && (*at)->fanout != fanout) {
        at = &(*at)->next;
    }
    if (*at == NULL || fanout_n_members(fanout) > 0) {
        return;
    }
    struct channel *channel = *at;
    *at = channel->next;
    views_leave(gateway->views, fanout_view(fanout));
    fanout_destroy(channel->fanout);
    free(channel);
}

static void leave(struct gateway *gateway, struct ws_connection *connection) {
    struct fanout *fanout = ws_connection_fanout(connection);
    bool was_client = fanout != NULL;
    ws_connection_on_closing(connection);
    if (was_client) {
        port_count(ws_connection_port(connection), -1);
        gateway->n_open--;
        drop_empty_channel(gateway, fanout);
    }
}

/* -- handshake ------------------------------------------------------------------ */

/* Scene of /scenes/NAME[/…] or ?scene=NAME (percent-decoded already), else "scene". false:
 * not a name. */
static bool scene_of_upgrade(const struct ws_upgrade *upgrade, char *scene) {
    static const char PREFIX[] = "/scenes/";
    const char *name = "scene";
    size_t len = strlen(name);
    if (strncmp(upgrade->path, PREFIX, sizeof(PREFIX) - 1) == 0) {
        name = upgrade->path + sizeof(PREFIX) - 1;
        len = strcspn(name, "/");
    }
    for (const char *at = upgrade->query; at != NULL && *at != '\0';) {
        if (strncmp(at, "scene=", 6) == 0) {
            name = at + 6;
            len = strcspn(name, "&");
            break;
        }
        at = strchr(at, '&');
        at = at != NULL ? at + 1 : NULL;
    }
    if (!score_rpc_is_name(name, len)) {
        return false;
    }
    memcpy(scene, name, len);
    scene[len] = '\0';
    return true;
}

void gateway_judge(struct gateway *gateway, const struct ws_connection *connection,
                   const struct ws_upgrade *upgrade, struct auth_grant *grant) {
    char peer[64], token[AUTH_TOKEN_ROOM];
    ws_connection_address(connection, peer, sizeof(peer));
    auth_find_token(upgrade->authorization, upgrade->query, token);
    struct auth_request request = {
        .peer = peer,
        .host = upgrade->host[0] != '\0' ? upgrade->host : NULL,
        .origin = upgrade->has_origin ? upgrade->origin : NULL,
        .is_forwarded = upgrade->is_proxied,
        .token = token,
    };
    auth_judge(&gateway->policy, &request, grant);
}

/* Behind a proxy of ours it is the client's address that limits count. */
static void find_key(struct gateway *gateway, struct ws_connection *connection,
                     const struct ws_upgrade *upgrade) {
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6};
    ws_connection_address_bytes(connection, peer.sin6_addr.s6_addr);
    ws_connection_set_key(
        connection,
        peer_key_behind(&gateway->proxies, (const struct sockaddr *)&peer, upgrade->forwarded_for));
}

bool gateway_may_page_enter(struct gateway *gateway, const struct ws_connection *connection,
                            const struct ws_upgrade *upgrade) {
    struct auth_request request = {
        .host = upgrade->host[0] != '\0' ? upgrade->host : NULL,
        .origin = upgrade->has_origin ? upgrade->origin : NULL,
    };
    if (auth_origin_is_good(&gateway->policy, &request)) {
        return true;
    }
    char name[64];
    ws_connection_name(connection, name, sizeof(name));
    gateway->host.counts.foreign_pages++;
    lg_log(LG_LOG_WARN, "ws", "origin_refused", "origin=%s host=%s path=%s client=%s hint=%s",
           upgrade->origin, upgrade->host, upgrade->path, name,
           "give --allow-origin ORIGIN, or open the page by the gateway's own host name");
    return false;
}

static int on_upgrade(void *object, const struct ws_upgrade *upgrade) {
    struct ws_connection *connection = object;
    struct gateway *gateway = ws_connection_gateway(connection);
    struct ws_port *port = ws_connection_port(connection);
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    if (gateway->is_draining || port_is_closed(port)) {
        return 503;
    }
    struct sockjs_route route;
    sockjs_route_find(upgrade->path, &route);
    bool is_rpc = strcmp(upgrade->path, "/rpc") == 0 || route.door != SOCKJS_NONE;
    if (is_rpc && !gateway_may_page_enter(gateway, connection, upgrade)) {
        return 403;
    }
    if (route.door == SOCKJS_UNKNOWN) {
        return 404;
    }
    if (route.door == SOCKJS_FRAMED) {
        ws_connection_set_framed(connection);
    }
    if (port_scene(port) != NULL) {
        snprintf(scene, sizeof(scene), "%s", port_scene(port));
    } else if (!scene_of_upgrade(upgrade, scene)) {
        return 400;
    }
    struct auth_grant grant;
    gateway_judge(gateway, connection, upgrade, &grant);
    if (grant.role == AUTH_NONE) {
        char name[64];
        ws_connection_name(connection, name, sizeof(name));
        gateway->host.counts.bad_tokens++;
        lg_log(LG_LOG_WARN, "ws", "bad_token", "client=%s", name);
        return 401;
    }
    if (join(gateway, connection, scene) != 0) {
        return 503;
    }
    port_count(port, 1);
    gateway->n_open++;
    ws_connection_set_grant(connection, &grant);
    find_key(gateway, connection, upgrade);
    ws_connection_set_dialect(connection, is_rpc ? &dialect_jsonrpc : &dialect_inscore);
    lg_log(LG_LOG_DEBUG, "ws", "upgrade", "scene=%s role=%s label=%s origin=%s", scene,
           auth_role_name(grant.role), grant.label, upgrade->has_origin ? upgrade->origin : "-");
    return 0;
}

static void on_open(void *connection, struct ws_link link) {
    if (!ws_connection_is_framed(connection)) {
        ws_connection_on_open(connection, link);
        return;
    }
    struct ws_link framed = sockjs_framed_create(link);
    if (framed.ops != NULL) {
        ws_connection_on_open(connection, framed);
    } else {
        ws_link_kill(link);
    }
}

static int on_piece(void *connection, const struct ws_piece *piece) {
    return ws_connection_on_piece(connection, piece);
}

static void on_pong(void *connection) {
    ws_connection_on_pong(connection);
}

static int on_writable(void *connection) {
    return ws_connection_on_writable(connection);
}

static void on_closing(void *connection) {
    leave(ws_connection_gateway(connection), connection);
}

static void on_gone(void *object) {
    struct ws_connection *connection = object;
    struct gateway *gateway = ws_connection_gateway(connection);
    leave(gateway, connection);
    struct connection_id id = ws_connection_id(connection);
    struct slot *slot = &gateway->slots[id.slot];
    slot->connection = NULL;
    slot->next_free = gateway->first_free;
    gateway->first_free = id.slot;
    gateway->n_connections--;
    peers_leave(gateway->peers, ws_connection_peer(connection));
    port_leave(ws_connection_port(connection));
    ws_connection_destroy(connection);
}

const struct ws_server_events gateway_client_events = {
    .on_accept = on_accept,
    .on_upgrade = on_upgrade,
    .on_open = on_open,
    .on_piece = on_piece,
    .on_pong = on_pong,
    .on_writable = on_writable,
    .on_closing = on_closing,
    .on_gone = on_gone,
    .http_place = gateway_http_place,
    .on_head = gateway_on_head,
    .on_request = gateway_on_request,
    .on_http_writable = gateway_on_http_writable,
    .on_http_gone = gateway_on_http_gone,
    .on_wake = gateway_on_wake,
    .on_timer = gateway_on_timer,
    .on_signal = gateway_on_signal,
};

/* -- closing many ------------------------------------------------------------------ */

void gateway_on_port_closed(void *ctx, struct ws_port *port) {
    struct gateway *gateway = ctx;
    for (uint32_t i = 0; i < gateway->n_slots; i++) {
        struct ws_connection *connection = gateway->slots[i].connection;
        if (connection != NULL && ws_connection_port(connection) == port) {
            ws_connection_close(connection, WS_CLOSE_GOING_AWAY, "server closed by the score");
        }
    }
}

void gateway_recheck_grants(struct gateway *gateway) {
    for (uint32_t i = 0; i < gateway->n_slots; i++) {
        struct ws_connection *connection = gateway->slots[i].connection;
        struct auth_grant grant;
        if (connection == NULL || !ws_connection_is_open(connection)) {
            continue;
        }
        ws_connection_grant(connection, &grant);
        if (!auth_grant_holds(&gateway->policy, &grant)) {
            ws_connection_close(connection, WS_CLOSE_POLICY, "access has changed");
        }
    }
}

void gateway_drain_step(struct gateway *gateway) {
    uint32_t left = gateway->drain_share;
    for (uint32_t i = 0; i < gateway->n_slots && left > 0; i++) {
        struct ws_connection *connection = gateway->slots[i].connection;
        if (connection != NULL && ws_connection_is_open(connection)) {
            ws_connection_close(connection, WS_CLOSE_GOING_AWAY, "server stops");
            left--;
        }
    }
}
