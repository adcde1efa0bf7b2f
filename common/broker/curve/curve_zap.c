/* A thread with a REP socket at the well-known place. */
#include "common/broker/curve/curve_zap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sodium.h>
#include <zmq.h>

#include "common/broker/curve/curve_keys.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/thread_name.h"

enum {
    PART_VERSION,
    PART_ID,
    PART_DOMAIN,
    PART_ADDRESS,
    PART_IDENTITY,
    PART_MECHANISM,
    PART_KEY,
    N_PARTS
};

#define PART_BYTES 256

struct zap_part {
    uint8_t bytes[PART_BYTES];
    size_t size;
};

struct curve_zap {
    char *dir;
    void *socket; /* the thread's alone, once it runs */
    int stop_fd;
    pthread_t thread;
    bool has_thread;
    struct metric *refused;
    pthread_mutex_t lock; /* clients */
    uint8_t (*clients)[CURVE_KEY_BYTES];
    size_t n_clients;
};

static bool part_is(const struct zap_part *part, const char *text) {
    return part->size == strlen(text) && memcmp(part->bytes, text, part->size) == 0;
}

static bool is_known(struct curve_zap *zap, const struct zap_part *key) {
    bool is_known = false;
    pthread_mutex_lock(&zap->lock);
    for (size_t i = 0; key->size == CURVE_KEY_BYTES && i < zap->n_clients; i++) {
        is_known |= sodium_memcmp(zap->clients[i], key->bytes, CURVE_KEY_BYTES) == 0;
    }
    pthread_mutex_unlock(&zap->lock);
    return is_known;
}

/* false: nothing was there, or no question. */
static bool receive(struct curve_zap *zap, struct zap_part parts[N_PARTS]) {
    size_t n = 0;
    int has_more = 1;
    size_t size = sizeof has_more;
    while (has_more) {
        struct zap_part dropped, *part = n < N_PARTS ? &parts[n] : &dropped;
        int got = zmq_recv(zap->socket, part->bytes, PART_BYTES, n == 0 ? ZMQ_DONTWAIT : 0);
        if (got < 0) {
            return false;
        }
        part->size = got < PART_BYTES ? (size_t)got : PART_BYTES;
        n++;
        zmq_getsockopt(zap->socket, ZMQ_RCVMORE, &has_more, &size);
    }
    for (; n < N_PARTS; n++) {
        parts[n].size = 0;
    }
    return true;
}

static void answer(struct curve_zap *zap, const struct zap_part parts[N_PARTS]) {
    bool is_in = part_is(&parts[PART_VERSION], "1.0") && part_is(&parts[PART_MECHANISM], "CURVE") &&
                 is_known(zap, &parts[PART_KEY]);
    const char *words[] = {is_in ? "200" : "400", is_in ? "OK" : "unknown key", "", ""};
    zmq_send(zap->socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(zap->socket, parts[PART_ID].bytes, parts[PART_ID].size, ZMQ_SNDMORE);
    for (size_t i = 0; i < 4; i++) {
        zmq_send(zap->socket, words[i], strlen(words[i]), i < 3 ? ZMQ_SNDMORE : 0);
    }
    if (!is_in) {
        metric_add(zap->refused, 1);
        lg_log(LG_LOG_WARN, "curve", "refused", "address=%.*s why=%s",
               (int)parts[PART_ADDRESS].size, (const char *)parts[PART_ADDRESS].bytes,
               "its key is not among clients/");
    }
}

static void *run(void *ctx) {
    struct curve_zap *zap = ctx;
    struct zap_part parts[N_PARTS];
    lg_thread_name("curve");
    zmq_pollitem_t items[] = {{.socket = zap->socket, .events = ZMQ_POLLIN},
                              {.fd = zap->stop_fd, .events = ZMQ_POLLIN}};
    while ((items[1].revents & ZMQ_POLLIN) == 0) {
        if (zmq_poll(items, 2, -1) < 0 && errno != EINTR) {
            break;
        }
        while (receive(zap, parts)) {
            answer(zap, parts);
        }
    }
    zmq_close(zap->socket);
    return NULL;
}

/* Signals belong to the program's main thread. */
static bool start_thread(struct curve_zap *zap) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    zap->has_thread = pthread_create(&zap->thread, NULL, run, zap) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return zap->has_thread;
}

struct curve_zap *curve_zap_create(void *zmq_context, const char *dir) {
    char why[CURVE_PATH_ROOM + 128];
    struct curve_zap *zap = calloc(1, sizeof *zap);
    if (zap == NULL) {
        return NULL;
    }
    pthread_mutex_init(&zap->lock, NULL);
    zap->refused = metric_counter("leggio_curve_refused_total", "",
                                  "connections to feed or calls with a key that is not known");
    zap->dir = strdup(dir);
    zap->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (curve_clients_load(dir, &zap->clients, &zap->n_clients, why, sizeof why) != LG_OK) {
        lg_log(LG_LOG_ERROR, "curve", "no_clients", "why=%s", why);
        curve_zap_destroy(zap);
        return NULL;
    }
    zap->socket = zmq_socket(zmq_context, ZMQ_REP);
    if (zap->dir == NULL || zap->stop_fd < 0 || zap->socket == NULL ||
        zmq_bind(zap->socket, "inproc://zeromq.zap.01") != 0 || !start_thread(zap)) {
        lg_log(LG_LOG_ERROR, "curve", "not_started", "why=%s", zmq_strerror(errno));
        curve_zap_destroy(zap);
        return NULL;
    }
    lg_log(LG_LOG_INFO, "curve", "started", "clients=%zu", zap->n_clients);
    return zap;
}

void curve_zap_destroy(struct curve_zap *zap) {
    uint64_t one = 1;
    if (zap == NULL) {
        return;
    }
    if (zap->has_thread) {
        ssize_t n = write(zap->stop_fd, &one, sizeof one);
        (void)n; /* an eventfd that is never full */
        pthread_join(zap->thread, NULL);
    } else if (zap->socket != NULL) {
        zmq_close(zap->socket);
    }
    if (zap->stop_fd >= 0) {
        close(zap->stop_fd);
    }
    pthread_mutex_destroy(&zap->lock);
    free(zap->clients);
    free(zap->dir);
    free(zap);
}

void curve_zap_reload(struct curve_zap *zap) {
    char why[CURVE_PATH_ROOM + 128];
    uint8_t(*clients)[CURVE_KEY_BYTES];
    size_t n;
    if (zap == NULL) {
        return;
    }
    if (curve_clients_load(zap->dir, &clients, &n, why, sizeof why) != LG_OK) {
        lg_log(LG_LOG_ERROR, "curve", "not_reloaded", "why=%s", why);
        return;
    }
    pthread_mutex_lock(&zap->lock);
    uint8_t(*old)[CURVE_KEY_BYTES] = zap->clients;
    zap->clients = clients;
    zap->n_clients = n;
    pthread_mutex_unlock(&zap->lock);
    free(old);
    lg_log(LG_LOG_INFO, "curve", "reloaded", "clients=%zu", n);
}
