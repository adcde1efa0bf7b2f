/* The relay as a whole: four flows in one thread, signals, the link upwards. */
#include "relay/relay.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "common/admin.h"
#include "common/broker/curve/curve_zap.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/signals.h"
#include "proto/feed.h"
#include "proto/limits.h"
#include "relay/flow.h"
#include "relay/relay_sockets.h"

#define TICK_MS       100
#define ROUND_MAX     256                                   /* messages of one flow in a turn */
#define STALE_US      (LIMIT_HEARTBEATS_MISSED * 1000000LL) /* of silence; then the renderer is away */
#define HANG_US       5000000                               /* then the connections are made anew */
#define CALLS_HANG_US 3000000 /* of calls without any answer; then that of the calls is */
#define SUBSCRIBE     1
#define UNSUBSCRIBE   0

enum { FLOW_FEED, FLOW_SUBSCRIPTIONS, FLOW_CALLS, FLOW_REPLIES, N_FLOWS };

struct relay {
    struct options *options;
    struct relay_endpoints endpoints;
    struct relay_sockets sockets;
    struct flow flows[N_FLOWS];
    struct admin *admin;
    int signal_fd;
    int64_t heard_us;           /* of the feed */
    int64_t connected_us;       /* upwards, last time */
    int64_t n_calls, n_replies; /* passed on when looked at last */
    int64_t unanswered_us; /* since when calls have gone up and nothing came down; 0 = not so */
    atomic_bool is_fresh;
    struct metric *n_subscriptions, *is_fresh_now, *n_reconnects;
};

/* -- what passes ------------------------------------------------------------ */

static bool on_feed(void *ctx, const void *first, size_t size, bool has_more) {
    struct relay *relay = ctx;
    (void)first;
    (void)size;
    relay->heard_us = lg_clock_us();
    if (!atomic_exchange(&relay->is_fresh, true)) {
        metric_set(relay->is_fresh_now, 1);
        lg_log(LG_LOG_INFO, "relay", "feed_heard", "feed=%s", relay->endpoints.feed);
    }
    return has_more;
}

/* XPUB hands up the first subscription to a topic and the last one's end. */
static bool on_subscription(void *ctx, const void *first, size_t size, bool has_more) {
    struct relay *relay = ctx;
    if (has_more || size < 1 || size > 1 + LIMIT_TOPIC_BYTES) {
        return false;
    }
    unsigned char kind = *(const unsigned char *)first;
    if (kind != SUBSCRIBE && kind != UNSUBSCRIBE) {
        return false;
    }
    metric_add(relay->n_subscriptions, kind == SUBSCRIBE ? 1 : -1);
    return true;
}

static void set_up_flows(struct relay *relay) {
    struct relay_sockets *sockets = &relay->sockets;
    const struct {
        void *from, *to;
        const char *counter, *help, *kind;
    } facts[N_FLOWS] = {
        [FLOW_FEED] = {sockets->up_feed, sockets->down_feed, "leggio_relay_feed_messages_total",
                       "messages of the feed passed on", "kind=\"feed\""},
        [FLOW_SUBSCRIPTIONS] = {sockets->down_feed, sockets->up_feed,
                                "leggio_relay_subscriptions_passed_total",
                                "subscriptions passed up", "kind=\"subscriptions\""},
        [FLOW_CALLS] = {sockets->down_calls, sockets->up_calls, "leggio_relay_calls_total",
                        "calls passed up", "kind=\"calls\""},
        [FLOW_REPLIES] = {sockets->up_calls, sockets->down_calls, "leggio_relay_replies_total",
                          "answers passed down", "kind=\"replies\""},
    };
    for (size_t i = 0; i < N_FLOWS; i++) {
        relay->flows[i] = (struct flow){
            .from = facts[i].from,
            .to = facts[i].to,
            .ctx = relay,
            .n_messages = metric_counter(facts[i].counter, "", facts[i].help),
            .n_dropped = metric_counter("leggio_relay_dropped_total", facts[i].kind,
                                        "messages that could not go on at once, or were none")};
    }
    relay->flows[FLOW_FEED].takes = on_feed;
    relay->flows[FLOW_FEED].n_bytes =
        metric_counter("leggio_relay_feed_bytes_total", "", "bytes of the feed passed on");
    relay->flows[FLOW_SUBSCRIPTIONS].takes = on_subscription;
    relay->n_subscriptions =
        metric_gauge("leggio_relay_subscriptions", "", "topics that somebody below follows");
    relay->is_fresh_now =
        metric_gauge("leggio_relay_upstream_fresh", "", "1 while the feed is heard");
    relay->n_reconnects =
        metric_counter("leggio_relay_reconnects_total", "", "times that links up were made anew");
}

/* -- the link upwards --------------------------------------------------------- */

static void look_after_link(struct relay *relay, int64_t now_us) {
    int64_t since_us =
        relay->heard_us > relay->connected_us ? relay->heard_us : relay->connected_us;
    if (now_us - relay->heard_us > STALE_US && atomic_exchange(&relay->is_fresh, false)) {
        metric_set(relay->is_fresh_now, 0);
        lg_log(LG_LOG_WARN, "relay", "feed_silent", "silent_ms=%" PRId64,
               (now_us - relay->heard_us) / 1000);
    }
    if (now_us - since_us > HANG_US) {
        relay->connected_us = now_us;
        relay->unanswered_us = 0;
        metric_add(relay->n_reconnects, 1);
        relay_sockets_reconnect(&relay->sockets, &relay->endpoints);
    }
}

/* The feed may live while the connection of the calls hangs. That a call takes long
 * is no harm: gateways ask again, and the renderer knows the request. */
static void look_after_calls(struct relay *relay, int64_t now_us) {
    int64_t n_calls = metric_value(relay->flows[FLOW_CALLS].n_messages);
    int64_t n_replies = metric_value(relay->flows[FLOW_REPLIES].n_messages);
    if (n_replies != relay->n_replies) {
        relay->unanswered_us = 0;
    } else if (n_calls != relay->n_calls && relay->unanswered_us == 0) {
        relay->unanswered_us = now_us;
    }
    relay->n_calls = n_calls;
    relay->n_replies = n_replies;
    if (relay->unanswered_us != 0 && now_us - relay->unanswered_us > CALLS_HANG_US) {
        relay->unanswered_us = 0;
        metric_add(relay->n_reconnects, 1);
        relay_sockets_reconnect_calls(&relay->sockets, &relay->endpoints);
    }
}

static bool is_ready(void *ctx, char *why, size_t size_bytes) {
    struct relay *relay = ctx;
    if (!atomic_load(&relay->is_fresh)) {
        snprintf(why, size_bytes, "the feed is not heard");
        return false;
    }
    return true;
}

/* -- life --------------------------------------------------------------------- */

static void read_endpoints(struct relay *relay) {
    const struct options *options = relay->options;
    relay->endpoints = (struct relay_endpoints){
        options_string(options, "feed"), options_string(options, "calls"),
        options_string(options, "bind-feed"), options_string(options, "bind-calls"),
        options_string(options, "curve-keys")};
}

/* true: it is time to end. */
static bool take_signal(struct relay *relay) {
    for (int number; (number = lg_signals_next(relay->signal_fd)) != 0;) {
        if (number != SIGHUP) {
            return true;
        }
        options_reload_log(relay->options);
        curve_zap_reload(relay->sockets.zap);
    }
    return false;
}

static bool start(struct relay *relay) {
    read_endpoints(relay);
    relay->signal_fd = lg_signals_open();
    relay->connected_us = lg_clock_us();
    if (relay->signal_fd < 0 || !relay_sockets_open(&relay->sockets, &relay->endpoints)) {
        return false;
    }
    set_up_flows(relay);
    /* Heartbeats come here whoever is below: they say whether the renderer is there. */
    static const char HEARTBEATS[] = {SUBSCRIBE, FEED_HEARTBEAT};
    if (zmq_send(relay->sockets.up_feed, HEARTBEATS, sizeof HEARTBEATS, 0) < 0 ||
        !admin_open(relay->options, is_ready, relay, &relay->admin)) {
        return false;
    }
    printf("ready feed=%s calls=%s\n", relay->sockets.bound_feed, relay->sockets.bound_calls);
    fflush(stdout);
    lg_log(LG_LOG_INFO, "relay", "started", "feed=%s calls=%s", relay->endpoints.feed,
           relay->endpoints.calls);
    return true;
}

/* Subscriptions go up before calls: who follows a scene asks for its snapshot next. */
static void move_all(struct relay *relay) {
    static const int ORDER[N_FLOWS] = {FLOW_SUBSCRIPTIONS, FLOW_FEED, FLOW_CALLS, FLOW_REPLIES};
    for (size_t i = 0; i < N_FLOWS; i++) {
        for (int n = 0; n < ROUND_MAX && flow_move(&relay->flows[ORDER[i]]); n++) {
        }
    }
}

static void serve(struct relay *relay) {
    struct relay_sockets *sockets = &relay->sockets;
    zmq_pollitem_t items[] = {
        {.fd = relay->signal_fd, .events = ZMQ_POLLIN},
        {.socket = sockets->up_feed, .events = ZMQ_POLLIN},
        {.socket = sockets->down_feed, .events = ZMQ_POLLIN},
        {.socket = sockets->up_calls, .events = ZMQ_POLLIN},
        {.socket = sockets->down_calls, .events = ZMQ_POLLIN},
    };
    while (!take_signal(relay)) {
        if (zmq_poll(items, sizeof items / sizeof items[0], TICK_MS) < 0 && errno != EINTR) {
            lg_log(LG_LOG_ERROR, "relay", "poll_failed", "why=%s", zmq_strerror(errno));
            return;
        }
        move_all(relay);
        look_after_link(relay, lg_clock_us());
        look_after_calls(relay, lg_clock_us());
        relay_sockets_watch(&relay->sockets);
    }
}

int relay_run(struct options *options) {
    struct relay relay = {.options = options, .signal_fd = -1};
    bool is_started = start(&relay);
    if (is_started) {
        serve(&relay);
        lg_log(LG_LOG_INFO, "relay", "stopped", NULL);
    }
    admin_destroy(relay.admin);
    relay_sockets_finish(&relay.sockets);
    if (relay.signal_fd >= 0) {
        close(relay.signal_fd);
    }
    return is_started ? 0 : 1;
}
