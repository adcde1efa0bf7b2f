/* A small hash of addresses with open connections. */
#include "common/access/peers.h"

#include <pthread.h>
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
    pthread_mutex_t lock; /* all of it */
    struct peer *buckets[N_BUCKETS];
};

struct peers *peers_create(void) {
    struct peers *peers = calloc(1, sizeof *peers);
    if (peers != NULL) {
        pthread_mutex_init(&peers->lock, NULL);
    }
    return peers;
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
    pthread_mutex_destroy(&peers->lock);
    free(peers);
}

static struct peer **bucket_of(struct peers *peers, uint64_t key) {
    return &peers->buckets[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
}

static struct peer *enter_locked(struct peers *peers, uint64_t key, unsigned max_per_address) {
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

struct peer *peers_enter(struct peers *peers, uint64_t key, unsigned max_per_address) {
    pthread_mutex_lock(&peers->lock);
    struct peer *peer = enter_locked(peers, key, max_per_address);
    pthread_mutex_unlock(&peers->lock);
    return peer;
}

void peers_leave(struct peers *peers, struct peer *peer) {
    if (peer == NULL) {
        return;
    }
    pthread_mutex_lock(&peers->lock);
    if (--peer->n_connections == 0) {
        struct peer **at = bucket_of(peers, peer->key);
        while (*at != peer) {
            at = &(*at)->next;
        }
        *at = peer->next;
        free(peer);
    }
    pthread_mutex_unlock(&peers->lock);
}
