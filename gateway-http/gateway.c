/* leggio-http as a whole: builds the parts, runs the main loop (signals,
 * accepting, time, the score's own ports), drains. Requests are served on the
 * server's thread, news come on the upstream's. */
#include "gateway-http/gateway.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/access/auth_tokens.h"
#include "common/admin.h"
#include "common/clock.h"
#include "common/gateways/shared_options.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/signals.h"
#include "gateway-http/server/admission.h"
#include "gateway-http/exchange.h"
#include "gateway-http/gateway_metrics.h"
#include "gateway-http/server/http_server.h"
#include "gateway-http/server/http_tls.h"
#include "gateway-http/listener.h"
#include "gateway-http/score_servers.h"

#define LISTEN_MAX     32
#define TICK_US        1000000
#define NO_FD_PAUSE_MS 100
#define DRAIN_LOOK_MS  10

struct listening {
    int fd;
    struct http_port *port;
};

struct main_loop {
    struct gateway gateway;
    struct listening listening[LISTEN_MAX];
    size_t n_listening;
    struct score_servers *servers;
    struct admin *admin;
    uint32_t max_connections;
    int signal_fd, wake_fd;
    atomic_bool has_server_news, has_link_news, is_draining, has_upstream;
};

static void wake(struct main_loop *loop) {
    uint64_t one = 1;
    ssize_t n = write(loop->wake_fd, &one, sizeof one);
    (void)n; /* a full counter wakes as well */
}

/* -- news of the upstream ------------------------------------------------ */

static void on_link_changed(struct main_loop *loop) {
    struct gateway *gateway = &loop->gateway;
    if (!atomic_load(&loop->has_upstream)) {
        return; /* start() asks when it has the upstream */
    }
    struct upstream_state state;
    upstream_state(gateway->upstream, &state);
    atomic_store(&gateway->link.stale_since_s, state.stale_since_wall_s);
    atomic_store(&gateway->link.is_stale, !state.is_fresh);
    events_wake(&gateway->events, NULL);
    atomic_store(&loop->has_link_news, true);
    wake(loop);
}

static void on_upstream_event(void *ctx, const struct upstream_event *event) {
    struct main_loop *loop = ctx;
    switch (event->kind) {
    case UPSTREAM_FRAME:
        waits_on_frame(&loop->gateway.waits, event->scene, event->frame);
        events_wake(&loop->gateway.events, event->scene);
        break;
    case UPSTREAM_SCENES:
        if (atomic_load(&loop->has_upstream)) {
            waits_on_scenes(&loop->gateway.waits);
            events_wake(&loop->gateway.events, NULL);
        }
        break;
    case UPSTREAM_SERVERS:
        atomic_store(&loop->has_server_news, true);
        wake(loop);
        break;
    case UPSTREAM_STATE:
        on_link_changed(loop);
        break;
    }
}

/* -- requests ----------------------------------------------------------- */

static void on_headers(void *ctx, struct http_request *request) {
    struct main_loop *loop = ctx;
    exchange_begin(&loop->gateway, request);
}

static void on_ready(void *ctx, struct http_request *request) {
    (void)ctx;
    if (request->handler_ctx == NULL) {
        http_request_reply(request, 500, NULL); /* out of memory: close */
        return;
    }
    exchange_run(request->handler_ctx);
}

static void on_done(void *ctx, struct http_request *request) {
    (void)ctx;
    exchange_end(request->handler_ctx);
    request->handler_ctx = NULL;
}

static void on_score_client(void *ctx) {
    wake(ctx);
}

static bool is_ready(void *ctx, char *why, size_t size_bytes) {
    struct main_loop *loop = ctx;
    struct upstream_state state;
    if (atomic_load(&loop->is_draining)) {
        snprintf(why, size_bytes, "draining");
        return false;
    }
    upstream_state(loop->gateway.upstream, &state);
    if (state.epoch == 0) {
        snprintf(why, size_bytes, "no contact with the renderer yet");
        return false;
    }
    return true;
}

/* -- start -------------------------------------------------------------- */

static bool open_listeners(struct main_loop *loop, const struct options *options) {
    struct options_hostport at;
    for (size_t i = 0; options_hostport(options, "listen", i, &at); i++) {
        struct http_port *port = http_port_create("scene", false);
        uint16_t bound = 0;
        int fd =
            port != NULL && i < LISTEN_MAX ? listener_open(at.host, at.port, false, &bound) : -1;
        if (fd < 0) {
            fprintf(stderr, "leggio-http: --listen: cannot listen on %s:%u\n",
                    at.host[0] != '\0' ? at.host : "*", at.port);
            free(port);
            return false;
        }
        loop->listening[loop->n_listening++] = (struct listening){fd, port};
        bool is_v6 = strchr(at.host, ':') != NULL;
        printf(is_v6 ? "listening http [%s]:%u\n" : "listening http %s:%u\n",
               at.host[0] != '\0' ? at.host : "*", bound);
    }
    fflush(stdout);
    return loop->n_listening > 0;
}

static void read_options(struct gateway *gateway, struct options *options) {
    gateway->options = options;
    gateway->max_body_bytes = options_size_bytes(options, "max-body");
    gateway->max_wait_ms = (int)(options_duration_us(options, "max-wait") / 1000);
    gateway->ws_port = (int)options_int(options, "ws-port");
    gateway->ws_url = options_string(options, "ws-url");
    gateway->n_bad_tokens = metric_counter("leggio_http_bad_tokens_total", "",
                                           "requests refused because their token is not known");
    gateway->n_requests = metric_counter("leggio_http_requests_total", "", "requests begun");
}

static bool start_server(struct main_loop *loop, const struct options *options) {
    loop->gateway.admission = admission_create(options);
    if (loop->gateway.admission == NULL) {
        return false;
    }
    struct http_server_options server = {
        .max_connections = loop->max_connections,
        .admission = loop->gateway.admission,
        .max_receiving_bytes = options_size_bytes(options, "max-receiving"),
        .max_header_bytes = options_size_bytes(options, "max-header"),
        .has_tls = options_string(options, "tls-cert") != NULL,
        .idle_s = (int)(options_duration_us(options, "idle-time") / 1000000),
        .send_s = (int)(options_duration_us(options, "send-time") / 1000000),
        .ctx = loop,
        .on_headers = on_headers,
        .on_ready = on_ready,
        .on_done = on_done,
        .on_score_client = on_score_client};
    if (server.has_tls &&
        !http_tls_load(options_string(options, "tls-cert"), options_string(options, "tls-key"))) {
        return false;
    }
    loop->gateway.server = http_server_create(&server);
    return loop->gateway.server != NULL;
}

static bool start(struct main_loop *loop, struct options *options) {
    struct gateway *gateway = &loop->gateway;
    loop->max_connections = (uint32_t)options_int(options, "max-connections");
    read_options(gateway, options);
    if (!shared_options_policy(options, &gateway->policy)) {
        return false;
    }
    atomic_store(&gateway->link.is_stale, true);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    events_init(&gateway->events);
    struct upstream_options upstream = {.feed = options_string(options, "feed"),
                                        .calls = options_string(options, "calls"),
                                        .curve_dir = options_string(options, "curve-keys"),
                                        .kind = "http",
                                        .on_event = on_upstream_event,
                                        .ctx = loop};
    waits_init(&gateway->waits, NULL);
    gateway->upstream = upstream_create(&upstream);
    if (loop->wake_fd < 0 || gateway->upstream == NULL) {
        return false;
    }
    gateway->waits.upstream = gateway->upstream;
    atomic_store(&loop->has_upstream, true);
    on_link_changed(loop);
    gateway->pictures = pictures_create(gateway->upstream, &gateway->link);
    if (gateway->pictures == NULL || !start_server(loop, options)) {
        return false;
    }
    struct score_servers_options servers = {gateway->upstream, gateway->server,
                                            options_string(options, "score-host"),
                                            loop->max_connections};
    loop->servers = score_servers_create(&servers);
    frame_unref(upstream_frame(gateway->upstream, "scene")); /* subscribe before the first client */
    return loop->servers != NULL && admin_open(options, is_ready, loop, &loop->admin) &&
           open_listeners(loop, options);
}

/* -- running ------------------------------------------------------------ */

static void tick(struct main_loop *loop) {
    struct gateway *gateway = &loop->gateway;
    http_server_tick(gateway->server);
    events_tick(&gateway->events);
    waits_expire(&gateway->waits, lg_clock_us());
    gateway_metrics_publish(gateway->server);
}

static void take_news(struct main_loop *loop) {
    uint64_t count;
    ssize_t n = read(loop->wake_fd, &count, sizeof count);
    (void)n;
    if (atomic_exchange(&loop->has_server_news, false)) {
        score_servers_follow(loop->servers);
    }
    if (atomic_exchange(&loop->has_link_news, false) &&
        !atomic_load(&loop->gateway.link.is_stale)) {
        score_servers_report_all(loop->servers);
    }
}

static void reload_tls(const struct options *options) {
    const char *cert = options_string(options, "tls-cert");
    const char *key = options_string(options, "tls-key");
    if (cert == NULL && key == NULL) {
        return;
    }
    if (cert != NULL && key != NULL && http_tls_load(cert, key)) {
        lg_log(LG_LOG_INFO, "http", "tls_reloaded", "file=%s", cert);
    } else {
        lg_log(LG_LOG_WARN, "http", "tls_kept", NULL);
    }
}

/* true: it is time to end. */
static bool take_signal(struct main_loop *loop) {
    for (int number; (number = lg_signals_next(loop->signal_fd)) != 0;) {
        if (number != SIGHUP) {
            return true;
        }
        options_reload_log(loop->gateway.options);
        auth_tokens_reload(loop->gateway.policy.tokens);
        reload_tls(loop->gateway.options);
    }
    return false;
}

static bool accept_all(struct main_loop *loop, const struct pollfd *fds, size_t n_score) {
    bool is_fine = true;
    for (size_t i = 0; i < loop->n_listening; i++) {
        if ((fds[i].revents & POLLIN) != 0) {
            is_fine = listener_accept(fds[i].fd, loop->gateway.server, loop->listening[i].port,
                                      loop->max_connections) &&
                      is_fine;
        }
    }
    return score_servers_accept(loop->servers, fds + loop->n_listening, n_score) && is_fine;
}

static void serve(struct main_loop *loop) {
    struct pollfd fds[2 + LISTEN_MAX + LIMIT_SERVERS];
    int64_t next_tick_us = 0;
    bool may_accept = true;
    for (;;) {
        int64_t now_us = lg_clock_us();
        if (now_us >= next_tick_us) {
            tick(loop);
            next_tick_us = now_us + TICK_US;
        }
        int timeout_ms = (int)((next_tick_us - now_us) / 1000) + 1;
        int report_ms = score_servers_tick(loop->servers, now_us);
        timeout_ms = report_ms >= 0 && report_ms < timeout_ms ? report_ms : timeout_ms;
        fds[0] = (struct pollfd){.fd = loop->signal_fd, .events = POLLIN};
        fds[1] = (struct pollfd){.fd = loop->wake_fd, .events = POLLIN};
        for (size_t i = 0; i < loop->n_listening; i++) {
            fds[2 + i] = (struct pollfd){.fd = loop->listening[i].fd, .events = POLLIN};
        }
        size_t n_score =
            score_servers_poll(loop->servers, fds + 2 + loop->n_listening, LIMIT_SERVERS);
        size_t n = may_accept ? 2 + loop->n_listening + n_score : 2;
        poll(fds, n, may_accept ? timeout_ms : NO_FD_PAUSE_MS);
        bool could_accept = may_accept;
        may_accept = true;
        if ((fds[0].revents & POLLIN) != 0 && take_signal(loop)) {
            return;
        }
        if (could_accept) { /* before take_news, which may change the list of ports */
            may_accept = accept_all(loop, fds + 2, n_score);
        }
        if ((fds[1].revents & POLLIN) != 0) {
            take_news(loop);
        }
    }
}

/* -- end ---------------------------------------------------------------- */

static void close_listeners(struct main_loop *loop) {
    for (size_t i = 0; i < loop->n_listening; i++) {
        close(loop->listening[i].fd);
    }
}

/* Let requests under way finish. false: some did not. */
static bool drain(struct main_loop *loop, int64_t drain_us) {
    struct http_server *server = loop->gateway.server;
    int64_t end_us = lg_clock_us() + drain_us;
    atomic_store(&loop->is_draining, true);
    close_listeners(loop);
    score_servers_close(loop->servers);
    events_end(&loop->gateway.events);
    waits_expire(&loop->gateway.waits, INT64_MAX);
    while (http_server_n_connections(server) > 0 && lg_clock_us() < end_us) {
        http_server_retire(server, NULL); /* again: sockets adopted just before */
        waits_expire(&loop->gateway.waits, INT64_MAX);
        poll(NULL, 0, DRAIN_LOOK_MS);
    }
    return http_server_n_suspended(server) == 0;
}

static void finish(struct main_loop *loop) {
    struct gateway *gateway = &loop->gateway;
    admin_destroy(loop->admin);
    http_server_destroy(gateway->server);
    admission_destroy(gateway->admission);
    http_tls_finish();
    upstream_destroy(gateway->upstream);
    pictures_destroy(gateway->pictures);
    score_servers_destroy(loop->servers);
    for (size_t i = 0; i < loop->n_listening; i++) {
        free(loop->listening[i].port);
    }
    waits_finish(&gateway->waits);
    events_finish(&gateway->events);
    auth_tokens_destroy(gateway->policy.tokens);
    close(loop->wake_fd);
    close(loop->signal_fd);
}

int gateway_run(struct options *options) {
    static struct main_loop loop; /* large; one per process */
    memset(&loop, 0, sizeof loop);
    loop.signal_fd = lg_signals_open();
    if (!start(&loop, options)) {
        lg_log(LG_LOG_ERROR, "gateway", "not_started", "why=%s",
               errno == ENOMEM ? "out of memory" : "see above");
        close_listeners(&loop);
        finish(&loop);
        return 1;
    }
    lg_log(LG_LOG_INFO, "gateway", "ready", NULL);
    serve(&loop);
    lg_log(LG_LOG_INFO, "gateway", "draining", "connections=%d",
           http_server_n_connections(loop.gateway.server));
    if (!drain(&loop, options_duration_us(options, "drain-time"))) {
        lg_log(LG_LOG_WARN, "gateway", "drain_cut", "waiting=%d",
               http_server_n_suspended(loop.gateway.server));
        _exit(0); /* the library cannot stop with suspended requests */
    }
    finish(&loop);
    return 0;
}
