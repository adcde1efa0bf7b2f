/* Who is connected elsewhere: every gateway tells what it has once a second, and
 * remembers what the others said last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "gateway-ws/store/store_private.h"

enum { PEERS_MAX = 256, TOLD_BYTES_MAX = 4 << 20 };

static void tell(struct session_store *store) {
    json_t *clients = store->options.presence(store->options.ctx);
    json_t *message =
        json_pack("{s:s, s:s, s:o*}", "kind", "presence", "from", store->name, "clients", clients);
    char *text = message != NULL ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text != NULL && strlen(text) <= TOLD_BYTES_MAX) {
        const char *args[] = {"PUBLISH", "leggio:presence", text};
        (void)redis_link_send(store->link, TAG_NONE, REDIS_NO_SCRIPT, 0, args, 3);
    }
    free(text);
    json_decref(message);
}

static void free_peer(struct store_peer *peer) {
    json_decref(peer->clients);
    free(peer);
}

void store_take_presence(struct session_store *store, const json_t *message) {
    const char *from = json_string_value(json_object_get(message, "from"));
    json_t *clients = json_object_get(message, "clients");
    struct store_peer *peer = store->peers;
    size_t n_peers = 0;
    if (from == NULL || strcmp(from, store->name) == 0 || !json_is_array(clients)) {
        return;
    }
    while (peer != NULL && strcmp(peer->name, from) != 0) {
        peer = peer->next;
        n_peers++;
    }
    if (peer == NULL) {
        if (n_peers >= PEERS_MAX || (peer = calloc(1, sizeof *peer)) == NULL) {
            return;
        }
        snprintf(peer->name, sizeof peer->name, "%s", from);
        peer->next = store->peers;
        store->peers = peer;
    }
    json_decref(peer->clients);
    peer->clients = json_incref(clients);
    peer->heard_us = lg_clock_us();
}

int64_t store_tick_presence(struct session_store *store, int64_t now_us) {
    struct store_peer **at = &store->peers;
    while (*at != NULL) {
        struct store_peer *peer = *at;
        if (now_us - peer->heard_us > STORE_PRESENCE_OLD_US) {
            *at = peer->next;
            free_peer(peer);
        } else {
            at = &peer->next;
        }
    }
    if (store->is_up && now_us >= store->presence_us) {
        tell(store);
        store->presence_us = now_us + STORE_PRESENCE_US;
    }
    return store->is_up ? store->presence_us : INT64_MAX;
}

static const char *session_of(const json_t *client) {
    const char *session = json_string_value(json_object_get(client, "session"));
    return session != NULL ? session : "";
}

/* A session that has just moved here may still be in what another one said. */
void session_store_add_presence(struct session_store *store, json_t *clients) {
    json_t *known = json_object(), *client;
    size_t i;
    json_array_foreach(clients, i, client) {
        json_object_set_new(known, session_of(client), json_true());
    }
    for (const struct store_peer *peer = store->peers; peer != NULL; peer = peer->next) {
        json_array_foreach(peer->clients, i, client) {
            if (json_object_get(known, session_of(client)) == NULL) {
                json_array_append(clients, client);
            }
        }
    }
    json_decref(known);
}

void store_drop_peers(struct session_store *store) {
    while (store->peers != NULL) {
        struct store_peer *peer = store->peers;
        store->peers = peer->next;
        free_peer(peer);
    }
}
