/* A detached thread and what it shares with its owner, freed by the last of the two. */
#include "clients/c/resolver.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct resolver {
    pthread_mutex_t lock; /* guards all below but host */
    char *host;
    void (*done)(void *user); /* NULL: abandoned */
    void *user;
    bool is_done;
    unsigned n_owners;
    int error; /* of getaddrinfo */
    size_t n;
    char addresses[RESOLVER_ADDRESSES][RESOLVER_ADDRESS_BYTES];
};

static void let_go(struct resolver *resolver) {
    pthread_mutex_lock(&resolver->lock);
    bool is_last = --resolver->n_owners == 0;
    pthread_mutex_unlock(&resolver->lock);
    if (is_last) {
        pthread_mutex_destroy(&resolver->lock);
        free(resolver->host);
        free(resolver);
    }
}

static size_t write_addresses(const struct addrinfo *found,
                              char addresses[RESOLVER_ADDRESSES][RESOLVER_ADDRESS_BYTES]) {
    size_t n = 0;
    for (; found != NULL && n < RESOLVER_ADDRESSES; found = found->ai_next) {
        if (getnameinfo(found->ai_addr, found->ai_addrlen, addresses[n], RESOLVER_ADDRESS_BYTES,
                        NULL, 0, NI_NUMERICHOST) == 0) {
            n++;
        }
    }
    return n;
}

static void *look_up(void *argument) {
    struct resolver *resolver = argument;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(resolver->host, NULL, &hints, &found);
    pthread_mutex_lock(&resolver->lock);
    resolver->error = error;
    if (error == 0) {
        resolver->n = write_addresses(found, resolver->addresses);
        freeaddrinfo(found);
    }
    resolver->is_done = true;
    if (resolver->done != NULL) {
        resolver->done(resolver->user);
    }
    pthread_mutex_unlock(&resolver->lock);
    let_go(resolver);
    return NULL;
}

struct resolver *resolver_start(const char *host, void (*done)(void *user), void *user) {
    pthread_t thread;
    struct resolver *resolver = calloc(1, sizeof(*resolver));
    if (resolver == NULL) {
        return NULL;
    }
    pthread_mutex_init(&resolver->lock, NULL);
    resolver->done = done;
    resolver->user = user;
    resolver->n_owners = 2;
    resolver->host = strdup(host);
    if (resolver->host == NULL || pthread_create(&thread, NULL, look_up, resolver) != 0) {
        resolver->n_owners = 1;
        let_go(resolver);
        return NULL;
    }
    pthread_detach(thread);
    return resolver;
}

bool resolver_is_done(struct resolver *resolver) {
    pthread_mutex_lock(&resolver->lock);
    bool is_done = resolver->is_done;
    pthread_mutex_unlock(&resolver->lock);
    return is_done;
}

size_t resolver_result(struct resolver *resolver,
                       char addresses[RESOLVER_ADDRESSES][RESOLVER_ADDRESS_BYTES], char *why,
                       size_t why_bytes) {
    pthread_mutex_lock(&resolver->lock);
    size_t n = resolver->n;
    memcpy(addresses, resolver->addresses, sizeof(resolver->addresses));
    snprintf(why, why_bytes, "%s",
             resolver->error != 0 ? gai_strerror(resolver->error) : "it has no address");
    pthread_mutex_unlock(&resolver->lock);
    return n;
}

void resolver_abandon(struct resolver *resolver) {
    if (resolver != NULL) {
        pthread_mutex_lock(&resolver->lock);
        resolver->done = NULL;
        pthread_mutex_unlock(&resolver->lock);
        let_go(resolver);
    }
}
