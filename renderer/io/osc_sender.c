/* OSC out: packets wait in a bounded queue for a thread that looks host names
 * up and sends. */
#include "renderer/io/osc.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/condition.h"
#include "common/err.h"
#include "common/log.h"
#include "common/thread_name.h"
#include "proto/limits.h"
#include "renderer/io/osc_message.h"
#include "renderer/score/alloc.h"

#define PEERS           16 /* addresses kept looked up */
#define STOP_TIMEOUT_US 1000000

struct outgoing {
    char *host, *path; /* owned */
    uint16_t port;
    lo_message message;
};

struct peer {
    char host[LIMIT_HOST_BYTES + 1];
    uint16_t port;
    lo_address address; /* NULL = free place */
};

/* Shared by the owner and the thread; whoever lets go last frees it, so that a name server that
 * does not answer cannot hold up the end of the program. */
struct osc_sender {
    pthread_t thread;
    struct peer peers[PEERS]; /* thread only */
    size_t oldest_peer;       /* thread only */
    pthread_mutex_t lock;     /* of all below */
    pthread_cond_t wake, ended;
    struct outgoing ring[LIMIT_OSC_QUEUE];
    size_t first, n_waiting;
    bool is_stopping, has_ended, is_abandoned;
};

static void outgoing_finish(struct outgoing *out) {
    free(out->host);
    free(out->path);
    lo_message_free(out->message);
}

static lo_address find_peer(struct osc_sender *sender, const struct outgoing *out) {
    for (size_t i = 0; i < PEERS; i++) {
        struct peer *peer = &sender->peers[i];
        if (peer->address != NULL && peer->port == out->port && !strcmp(peer->host, out->host)) {
            return peer->address;
        }
    }
    struct peer *peer = &sender->peers[sender->oldest_peer++ % PEERS];
    char port[8];
    snprintf(port, sizeof(port), "%u", (unsigned)out->port);
    snprintf(peer->host, sizeof(peer->host), "%s", out->host);
    peer->port = out->port;
    if (peer->address != NULL) {
        lo_address_free(peer->address);
    }
    peer->address = lo_address_new_with_proto(LO_UDP, out->host, port);
    return peer->address;
}

static void send_one(struct osc_sender *sender, struct outgoing *out) {
    lo_address address = find_peer(sender, out);
    if (address == NULL || lo_send_message(address, out->path, out->message) < 0) {
        lg_log(LG_LOG_WARN, "osc", "not_sent", "host=%s port=%u error=\"%s\"", out->host,
               (unsigned)out->port, address != NULL ? lo_address_errstr(address) : "no memory");
    }
    outgoing_finish(out);
}

static void sender_free(struct osc_sender *sender) {
    for (; sender->n_waiting > 0; sender->n_waiting--) {
        outgoing_finish(&sender->ring[sender->first]);
        sender->first = (sender->first + 1) % LIMIT_OSC_QUEUE;
    }
    for (size_t i = 0; i < PEERS; i++) {
        if (sender->peers[i].address != NULL) {
            lo_address_free(sender->peers[i].address);
        }
    }
    pthread_cond_destroy(&sender->wake);
    pthread_cond_destroy(&sender->ended);
    pthread_mutex_destroy(&sender->lock);
    free(sender);
}

static void *sender_main(void *ctx) {
    lg_thread_name("osc-out");
    struct osc_sender *sender = ctx;
    pthread_mutex_lock(&sender->lock);
    while (!sender->is_abandoned && (!sender->is_stopping || sender->n_waiting > 0)) {
        if (sender->n_waiting == 0) {
            pthread_cond_wait(&sender->wake, &sender->lock);
            continue;
        }
        struct outgoing out = sender->ring[sender->first];
        sender->first = (sender->first + 1) % LIMIT_OSC_QUEUE;
        sender->n_waiting--;
        pthread_mutex_unlock(&sender->lock);
        send_one(sender, &out);
        pthread_mutex_lock(&sender->lock);
    }
    bool is_abandoned = sender->is_abandoned;
    sender->has_ended = true;
    pthread_cond_signal(&sender->ended);
    pthread_mutex_unlock(&sender->lock);
    if (is_abandoned) {
        sender_free(sender);
    }
    return NULL;
}

struct osc_sender *osc_sender_create(void) {
    struct osc_sender *sender = alloc_zero(sizeof(*sender));
    pthread_mutex_init(&sender->lock, NULL);
    pthread_cond_init(&sender->wake, NULL);
    if (!lg_condition_init(&sender->ended) ||
        pthread_create(&sender->thread, NULL, sender_main, sender) != 0) {
        lg_log(LG_LOG_ERROR, "osc", "no_thread", "errno=%d", errno);
        sender_free(sender);
        return NULL;
    }
    return sender;
}

void osc_sender_destroy(struct osc_sender *sender) {
    if (sender == NULL) {
        return;
    }
    struct timespec until = lg_condition_until(STOP_TIMEOUT_US);
    pthread_mutex_lock(&sender->lock);
    sender->is_stopping = true;
    pthread_cond_signal(&sender->wake);
    int status = 0;
    while (!sender->has_ended && status != ETIMEDOUT) {
        status = pthread_cond_timedwait(&sender->ended, &sender->lock, &until);
    }
    bool has_ended = sender->has_ended;
    pthread_t thread = sender->thread;
    sender->is_abandoned = !has_ended;
    pthread_mutex_unlock(&sender->lock);
    if (has_ended) {
        pthread_join(thread, NULL);
        sender_free(sender);
    } else {
        pthread_detach(thread);
    }
}

int osc_send(struct osc_sender *sender, const char *host, uint16_t port,
             const struct message *msg) {
    if (strlen(host) > LIMIT_HOST_BYTES) {
        return LG_ETOOLARGE;
    }
    struct outgoing out = {
        .host = alloc_text(host),
        .path = alloc_text(msg->address),
        .port = port,
        .message = osc_message_write(msg),
    };
    int status = 0;
    if (out.message == NULL) {
        free(out.host);
        free(out.path);
        return LG_ENOMEM;
    }
    pthread_mutex_lock(&sender->lock);
    if (lo_message_length(out.message, out.path) > LIMIT_OSC_PACKET_BYTES) {
        status = LG_ETOOLARGE;
    } else if (sender->n_waiting == LIMIT_OSC_QUEUE) {
        status = LG_EBUSY;
    } else {
        sender->ring[(sender->first + sender->n_waiting++) % LIMIT_OSC_QUEUE] = out;
        pthread_cond_signal(&sender->wake);
    }
    pthread_mutex_unlock(&sender->lock);
    if (status != 0) {
        outgoing_finish(&out);
    }
    return status;
}
