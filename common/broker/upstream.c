/* The one door to the renderer: the thread that owns both sockets. What the
 * messages mean is in feed_client.c and call_client.c. */
#include "common/broker/upstream.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "common/broker/broker_socket.h"
#include "common/broker/curve/curve_keys.h"
#include "common/broker/curve/link_watch.h"
#include "common/broker/upstream_parts.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/thread_name.h"

#define TICK_MS    50  /* longest sleep of the thread */
#define DRAIN_MAX  256 /* messages of one socket between two ticks */
#define METRICS_US 1000000
#define HANG_US    5000000 /* of silence of the feed, then both connections are made anew */
/* Less than a call's deadline: no answer at all for so long. A long script may take more: asking
 * again on a new connection does no harm, the renderer knows the request. */
#define CALLS_HANG_US 3000000

static int send_request(void *ctx, struct msg_bytes request) {
    struct upstream *up = ctx;
    struct msg_bytes parts[] = {{"", 0}, request};
    return zmq_parts_send(up->calls_socket, parts, 2);
}

static void run_commands(struct upstream *up) {
    uint64_t count;
    ssize_t n = read(up->wake_fd, &count, sizeof count);
    (void)n; /* not signalled: then there is nothing to take */
    for (struct upstream_command *command = upstream_take_commands(up); command != NULL;) {
        struct upstream_command *next = command->next;
        if (command->is_follow) {
            if (feed_client_follow(up->feed_client, command->scene, lg_clock_us()) == LG_ENOMEM &&
                !atomic_load(&up->is_stopping)) {
                upstream_put_off_command(up, command);
                command = next;
                continue;
            }
        } else {
            call_client_start(up->call_client, &command->call, lg_clock_us());
        }
        free(command);
        command = next;
    }
}

static void drain_feed(struct upstream *up) {
    int64_t now_us = lg_clock_us();
    for (int i = 0; i < DRAIN_MAX; i++) {
        int code = zmq_parts_receive(&up->parts, up->feed_socket);
        if (code == LG_EBUSY) {
            break;
        }
        up->feed_heard_us = now_us;
        if (code == 0) {
            feed_client_handle(up->feed_client, up->parts.parts, up->parts.n, now_us);
        }
    }
    zmq_parts_clear(&up->parts);
    feed_client_flush(up->feed_client);
}

static void drain_calls(struct upstream *up) {
    for (int i = 0; i < DRAIN_MAX; i++) {
        int code = zmq_parts_receive(&up->parts, up->calls_socket);
        if (code == LG_EBUSY) {
            break;
        }
        up->calls_heard_us = lg_clock_us();
        const struct msg_bytes *parts = up->parts.parts;
        size_t n_delimiters = code == 0 && parts[0].size == 0 ? 1 : 0;
        if (code == 0) {
            call_client_handle(up->call_client, parts + n_delimiters, up->parts.n - n_delimiters);
        }
    }
    zmq_parts_clear(&up->parts);
}

static void reconnect(void *socket, const char *endpoint) {
    lg_log(LG_LOG_INFO, "upstream", "reconnects", "endpoint=%s", endpoint);
    zmq_disconnect(socket, endpoint);
    if (zmq_connect(socket, endpoint) != 0) {
        lg_log(LG_LOG_ERROR, "upstream", "connect_failed", "endpoint=%s reason=%s", endpoint,
               zmq_strerror(errno));
    }
}

/* A peer that vanished without a word leaves connections that look alive, and
 * libzmq keeps one on which a send failed. The calls are judged by the answers
 * that are due, both by the feed's heartbeats: after a partition the kernel would
 * wait long before it sends again on an old connection. */
static void break_hang(struct upstream *up, int64_t now_us) {
    if (call_client_pending(up->call_client) == 0) {
        up->calls_heard_us = now_us;
    }
    if (now_us - up->feed_heard_us > HANG_US) {
        up->feed_heard_us = up->calls_heard_us = now_us;
        reconnect(up->feed_socket, up->feed);
        reconnect(up->calls_socket, up->calls);
    }
    if (now_us - up->calls_heard_us > CALLS_HANG_US) {
        up->calls_heard_us = now_us;
        reconnect(up->calls_socket, up->calls);
    }
}

static void make_metrics(struct upstream *up) {
    up->fresh = metric_gauge("leggio_upstream_fresh", "", "1: the renderer is heard");
    up->silent = metric_time("leggio_upstream_silent_seconds", "",
                             "since the renderer was heard last (or since the start)");
    up->frame_age = metric_time("leggio_upstream_frame_age_seconds", "",
                                "since the newest picture held was drawn; 0 = none held");
    up->behind = metric_gauge("leggio_upstream_versions_behind", "",
                              "versions that were announced of a scene and are not held, at most");
    up->under_way =
        metric_gauge("leggio_upstream_calls_waiting", "", "calls without an answer yet");
}

static void tell_metrics(struct upstream *up, int64_t now_us) {
    int64_t drawn_wall_us, heard_us = feed_client_last_heard_us(up->feed_client);
    uint64_t n_behind;
    if (now_us < up->metrics_us) {
        return;
    }
    up->metrics_us = now_us + METRICS_US;
    frame_cache_facts(up->cache, &drawn_wall_us, &n_behind);
    metric_set(up->fresh, feed_client_is_fresh(up->feed_client));
    metric_set(up->silent, now_us - (heard_us > 0 ? heard_us : up->started_us));
    metric_set(up->frame_age, drawn_wall_us > 0 ? lg_clock_wall_us() - drawn_wall_us : 0);
    metric_set(up->behind, (int64_t)n_behind);
    metric_set(up->under_way, (int64_t)atomic_load(&up->n_under_way));
}

static long poll_timeout_ms(int64_t due_us, int64_t now_us) {
    if (due_us - now_us >= (int64_t)TICK_MS * 1000) {
        return TICK_MS;
    }
    return due_us <= now_us ? 1 : (long)((due_us - now_us) / 1000 + 1);
}

static void *run(void *ctx) {
    lg_thread_name("upstream");
    struct upstream *up = ctx;
    int64_t due_us = 0;
    feed_client_start(up->feed_client, lg_clock_us());
    while (!atomic_load(&up->is_stopping)) {
        zmq_pollitem_t items[] = {
            {.fd = up->wake_fd, .events = ZMQ_POLLIN},
            {.socket = up->feed_socket, .events = ZMQ_POLLIN},
            {.socket = up->calls_socket, .events = ZMQ_POLLIN},
        };
        zmq_poll(items, 3, poll_timeout_ms(due_us, lg_clock_us()));
        run_commands(up);
        drain_feed(up);
        drain_calls(up);
        link_watch_drain(up->feed_watch);
        link_watch_drain(up->calls_watch);
        int64_t now_us = lg_clock_us();
        feed_client_tick(up->feed_client, now_us);
        due_us = call_client_tick(up->call_client, now_us);
        break_hang(up, now_us);
        tell_metrics(up, now_us);
    }
    run_commands(up); /* so that calls on their way here end too */
    call_client_destroy(up->call_client);
    up->call_client = NULL;
    return NULL;
}

/* -- life ------------------------------------------------------------------------ */

struct link_options {
    int type, hwm;
    const char *name, *endpoint;
    const struct curve_client_keys *keys; /* NULL = none */
    struct link_watch **watch;
};

static void *open_socket(struct upstream *up, const struct link_options *options) {
    const struct broker_socket_options facts = {
        .type = options->type, .hwm = options->hwm, .max_part_bytes = LIMIT_MESSAGE_BYTES};
    void *socket = broker_socket_create(up->zmq, &facts);
    if (socket == NULL) {
        return NULL;
    }
    *options->watch = link_watch_create(up->zmq, socket, options->name, options->keys != NULL);
    if (curve_client_keys_apply(options->keys, socket) != LG_OK ||
        zmq_connect(socket, options->endpoint) != 0) {
        lg_log(LG_LOG_ERROR, "upstream", "connect_failed", "endpoint=%s reason=%s",
               options->endpoint, zmq_strerror(errno));
        link_watch_destroy(*options->watch, socket);
        *options->watch = NULL;
        zmq_close(socket);
        return NULL;
    }
    return socket;
}

static void free_all(struct upstream *up) {
    call_client_destroy(up->call_client);
    feed_client_destroy(up->feed_client);
    link_watch_destroy(up->feed_watch, up->feed_socket);
    link_watch_destroy(up->calls_watch, up->calls_socket);
    if (up->feed_socket != NULL) {
        zmq_close(up->feed_socket);
    }
    if (up->calls_socket != NULL) {
        zmq_close(up->calls_socket);
    }
    if (up->zmq != NULL) {
        zmq_ctx_term(up->zmq);
    }
    if (up->wake_fd >= 0) {
        close(up->wake_fd);
    }
    frame_cache_destroy(up->cache);
    tile_ring_destroy(up->tiles);
    upstream_views_destroy(up->views);
    pthread_mutex_destroy(&up->lock);
    free(up->scenes);
    free(up->servers);
    free(up->feed);
    free(up->calls);
    free(up);
}

/* Made here, so that a bad endpoint stops the start; used by the thread alone
 * from its first line on (pthread_create is the fence). */
static bool open_sockets(struct upstream *up, const char *curve_dir) {
    struct curve_client_keys keys;
    char why[CURVE_PATH_ROOM];
    if (curve_dir != NULL && curve_client_keys_load(curve_dir, &keys, why, sizeof why) != LG_OK) {
        lg_log(LG_LOG_ERROR, "curve", "no_keys", "why=%s", why);
        return false;
    }
    const struct curve_client_keys *used = curve_dir != NULL ? &keys : NULL;
    const struct link_options feed = {ZMQ_SUB,  LIMIT_FEED_HWM, "feed",
                                      up->feed, used,           &up->feed_watch};
    const struct link_options calls = {ZMQ_DEALER, LIMIT_CALLS_HWM, "calls", up->calls,
                                       used,       &up->calls_watch};
    up->feed_socket = open_socket(up, &feed);
    up->calls_socket = open_socket(up, &calls);
    sodium_memzero(&keys, sizeof keys);
    return up->feed_socket != NULL && up->calls_socket != NULL;
}

static bool build_parts(struct upstream *up, const char *curve_dir) {
    struct call_client_options calls = {
        .send = send_request, .renew = upstream_renew_call, .ctx = up};
    up->cache = frame_cache_create();
    up->views = upstream_views_create();
    up->feed_client = feed_client_create(&UPSTREAM_FEED_OPS, up);
    up->call_client = call_client_create(&calls);
    up->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    up->zmq = zmq_ctx_new();
    if (up->cache == NULL || up->views == NULL || up->feed_client == NULL ||
        up->call_client == NULL || up->wake_fd < 0 || up->zmq == NULL || up->feed == NULL ||
        up->calls == NULL) {
        lg_log(LG_LOG_ERROR, "upstream", "start_failed", "reason=%s", strerror(errno));
        return false;
    }
    return open_sockets(up, curve_dir);
}

/* Signals belong to the program's main thread. */
static int start_thread(struct upstream *up) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int code = pthread_create(&up->thread, NULL, run, up);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return code;
}

struct upstream *upstream_create(const struct upstream_options *options) {
    struct upstream *up = calloc(1, sizeof *up);
    if (up == NULL || sodium_init() < 0) {
        free(up);
        return NULL;
    }
    pthread_mutex_init(&up->lock, NULL);
    up->wake_fd = -1;
    up->tiles = options->keeps_tiles ? tile_ring_create() : NULL;
    up->feed = strdup(options->feed);
    up->calls = strdup(options->calls);
    up->on_event = options->on_event;
    up->ctx = options->ctx;
    up->state.stale_since_wall_s = lg_clock_wall_us() / 1000000;
    up->feed_heard_us = up->calls_heard_us = up->started_us = lg_clock_us();
    make_metrics(up);
    do {
        randombytes_buf(&up->gateway_id, sizeof up->gateway_id);
    } while (up->gateway_id == 0);
    if (!build_parts(up, options->curve_dir) || start_thread(up) != 0) {
        free_all(up);
        return NULL;
    }
    lg_log(LG_LOG_INFO, "upstream", "started", "kind=%s gateway=%" PRIx64 " feed=%s calls=%s",
           options->kind, up->gateway_id, up->feed, up->calls);
    return up;
}

void upstream_destroy(struct upstream *up) {
    uint64_t one = 1;
    if (up == NULL) {
        return;
    }
    atomic_store(&up->is_stopping, true);
    ssize_t n = write(up->wake_fd, &one, sizeof one);
    (void)n; /* it looks at the flag within a tick anyway */
    pthread_join(up->thread, NULL);
    free_all(up);
}
