/* A small hash of addresses with open connections. */
#include "gateway-ws/peers.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N_BUCKETS = 1024 };

struct peer {
    struct peer *next;
    uint64_t key;
    unsigned n_connections;
};

struct peers {
    struct peer *buckets[N_BUCKETS];
};

struct peers *peers_create(void) {
    return calloc(1, sizeof(struct peers));
}

void peers_destroy(struct peers *peers) {
    if (peers == NULL) {
        return;
    }
    for (size_t i = 0; i < N_BUCKETS; i++) {
        while (peers->buckets[i] != NULL) {
            struct peer *peer = peers->buckets[i];
            peers->buckets[i] = peer->next;
            free(peer);
        }
    }
    free(peers);
}

static uint64_t key_of(const struct sockaddr_storage *address) {
    uint64_t key = 0;
    if (address->ss_family == AF_INET) {
        uint32_t ip4;
        memcpy(&ip4, &((const struct sockaddr_in *)address)->sin_addr, sizeof(ip4));
        return ((uint64_t)0xffff << 32) | ip4;
    }
    const struct in6_addr *ip6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(ip6)) {
        uint32_t ip4;
        memcpy(&ip4, ip6->s6_addr + 12, sizeof(ip4));
        return ((uint64_t)0xffff << 32) | ip4;
    }
    memcpy(&key, ip6->s6_addr, sizeof(key));
    return key;
}

static struct peer **bucket_of(struct peers *peers, uint64_t key) {
    return &peers->buckets[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
}

struct peer *peers_enter(struct peers *peers, const struct sockaddr_storage *address,
                         unsigned max_per_address) {
    uint64_t key = key_of(address);
    struct peer **bucket = bucket_of(peers, key);
    struct peer *peer = *bucket;
    while (peer != NULL && peer->key != key) {
        peer = peer->next;
    }
    if (peer == NULL) {
        peer = calloc(1, sizeof(*peer));
        if (peer == NULL) {
            return NULL;
        }
        peer->key = key;
        peer->next = *bucket;
        *bucket = peer;
    } else if (max_per_address > 0 && peer->n_connections >= max_per_address) {
        return NULL;
    }
    peer->n_connections++;
    return peer;
}

void peers_leave(struct peers *peers, struct peer *peer) {
    if (peer == NULL || --peer->n_connections > 0) {
        return;
    }
    struct peer **at = bucket_of(peers, peer->key);
    while (*at != peer) {
        at = &(*at)->next;
    }
    *at = peer->next;
    free(peer);
}
