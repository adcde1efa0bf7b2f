/* Ports that the score opens. Every gateway opens each of them; on one host
 * they share it by SO_REUSEPORT. A default port is opened without that, so the
 * kernel refuses it here, as it refuses any other program's port. */
#include "gateway-http/score_servers.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/broker/upstream.h"
#include "common/clock.h"
#include "common/log.h"
#include "gateway-http/server/http_server.h"
#include "gateway-http/listener.h"
#include "proto/limits.h"

#define REPORT_PERIOD_US 200000
/* Also when nothing changed: the renderer forgets silent gateways. */
#define REPORT_AGAIN_US 5000000
#define GRAVE_US        5000000 /* adopted sockets have become connections by then */

struct score_server {
    struct upstream_server spec;
    int fd; /* -1: could not be opened */
    struct http_port *port;
    int reported_clients;
    int64_t reported_us;
};

struct grave {
    struct grave *next;
    struct http_port *port;
    int64_t closed_us;
};

struct score_servers {
    struct score_servers_options options;
    struct score_server list[LIMIT_SERVERS];
    size_t n;
    struct grave *graves;
    atomic_bool was_report_lost;
};

struct score_servers *score_servers_create(const struct score_servers_options *options) {
    struct score_servers *servers = calloc(1, sizeof *servers);
    if (servers != NULL) {
        servers->options = *options;
    }
    return servers;
}

/* -- reports ------------------------------------------------------------ */

enum report { REPORT_FAILED = 0, REPORT_STARTED = 1, REPORT_CLOSED = -1 };

static void on_reported(void *ctx, const struct call_reply *reply) {
    struct score_servers *servers = ctx;
    if (reply->code != 0) {
        atomic_store(&servers->was_report_lost, true);
    }
}

static void report(struct score_servers *servers, const struct upstream_server *spec,
                   enum report what, int n_clients) {
    char note[64] = "";
    if (what == REPORT_FAILED) {
        snprintf(note, sizeof note, "Cannot create http server on port %u", spec->port);
    }
    struct call_request request = {.kind = CALL_SERVERS,
                                   .scene = spec->scene,
                                   .text = spec->address,
                                   .text_size_bytes = strlen(spec->address),
                                   .note = note,
                                   .role = "conduct",
                                   .x = what,
                                   .y = n_clients};
    if (upstream_call(servers->options.upstream, &request, on_reported, servers) != 0) {
        atomic_store(&servers->was_report_lost, true);
    }
}

static void report_one(struct score_servers *servers, struct score_server *server, int64_t now_us) {
    server->reported_clients = server->fd >= 0 ? atomic_load(&server->port->n_clients) : 0;
    server->reported_us = now_us;
    report(servers, &server->spec, server->fd >= 0 ? REPORT_STARTED : REPORT_FAILED,
           server->reported_clients);
}

void score_servers_report_all(struct score_servers *servers) {
    int64_t now_us = lg_clock_us();
    for (size_t i = 0; i < servers->n; i++) {
        report_one(servers, &servers->list[i], now_us);
    }
}

/* -- opening and closing ------------------------------------------------ */

static bool is_taken_here(const struct score_servers *servers, uint16_t port) {
    for (size_t i = 0; i < servers->n; i++) {
        if (servers->list[i].fd >= 0 && servers->list[i].spec.port == port) {
            return true; /* SO_REUSEPORT would let us open it twice */
        }
    }
    return false;
}

static void open_server(struct score_servers *servers, const struct upstream_server *spec) {
    if (servers->n == LIMIT_SERVERS) {
        report(servers, spec, REPORT_FAILED, 0);
        return;
    }
    uint16_t bound = 0;
    struct score_server server = {.spec = *spec, .fd = -1};
    server.port = http_port_create(spec->scene, true);
    if (server.port != NULL && spec->port >= LIMIT_SCORE_PORT_MIN &&
        !is_taken_here(servers, spec->port)) {
        server.fd = listener_open(servers->options.host, spec->port, true, &bound);
    }
    if (server.fd >= 0) {
        lg_log(LG_LOG_INFO, "servers", "opened", "address=%s port=%u", spec->address, bound);
    }
    servers->list[servers->n++] = server;
    report_one(servers, &servers->list[servers->n - 1], lg_clock_us());
}

static void close_listener(struct score_servers *servers, struct score_server *server) {
    if (server->fd >= 0) {
        close(server->fd);
        server->fd = -1;
        lg_log(LG_LOG_INFO, "servers", "closed", "address=%s port=%u", server->spec.address,
               server->spec.port);
    }
    http_server_retire(servers->options.server, server->port);
}

static void bury(struct score_servers *servers, struct http_port *port) {
    struct grave *grave = port != NULL ? malloc(sizeof *grave) : NULL;
    if (grave == NULL) {
        return; /* out of memory: the port stays, its connections may look at it */
    }
    *grave = (struct grave){servers->graves, port, lg_clock_us()};
    servers->graves = grave;
}

static void close_server(struct score_servers *servers, size_t server_i) {
    struct score_server *server = &servers->list[server_i];
    close_listener(servers, server);
    report(servers, &server->spec, REPORT_CLOSED, 0);
    bury(servers, server->port);
    *server = servers->list[--servers->n];
}

static bool is_same(const struct upstream_server *a, const struct upstream_server *b) {
    return a->port == b->port && strcmp(a->address, b->address) == 0 &&
           strcmp(a->scene, b->scene) == 0;
}

static bool is_among(const struct upstream_server *spec, const struct upstream_server *list,
                     size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].kind, "httpd") == 0 && is_same(spec, &list[i])) {
            return true;
        }
    }
    return false;
}

static bool is_open(const struct score_servers *servers, const struct upstream_server *spec) {
    for (size_t i = 0; i < servers->n; i++) {
        if (is_same(&servers->list[i].spec, spec)) {
            return true;
        }
    }
    return false;
}

void score_servers_follow(struct score_servers *servers) {
    struct upstream_server *wanted = NULL;
    size_t n = upstream_servers(servers->options.upstream, &wanted);
    for (size_t i = servers->n; i-- > 0;) { /* first close: a port may move to another object */
        if (!is_among(&servers->list[i].spec, wanted, n)) {
            close_server(servers, i);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(wanted[i].kind, "httpd") == 0 && !is_open(servers, &wanted[i])) {
            open_server(servers, &wanted[i]);
        }
    }
    free(wanted);
}

/* -- time --------------------------------------------------------------- */

static void clear_graves(struct score_servers *servers, int64_t now_us) {
    for (struct grave **at = &servers->graves; *at != NULL;) {
        struct grave *grave = *at;
        if (now_us - grave->closed_us < GRAVE_US) {
            at = &grave->next;
        } else if (atomic_load(&grave->port->n_clients) > 0) {
            http_server_retire(servers->options.server, grave->port); /* adopted late */
            at = &grave->next;
        } else {
            *at = grave->next;
            free(grave->port);
            free(grave);
        }
    }
}

int score_servers_tick(struct score_servers *servers, int64_t now_us) {
    int64_t next_us = -1;
    clear_graves(servers, now_us);
    bool must_repeat = atomic_exchange(&servers->was_report_lost, false);
    for (size_t i = 0; i < servers->n; i++) {
        struct score_server *server = &servers->list[i];
        bool has_changed =
            server->fd >= 0 && atomic_load(&server->port->n_clients) != server->reported_clients;
        bool is_soon = has_changed || must_repeat;
        int64_t due_us = server->reported_us + (is_soon ? REPORT_PERIOD_US : REPORT_AGAIN_US);
        if (now_us >= due_us) {
            report_one(servers, server, now_us);
            due_us = now_us + REPORT_AGAIN_US;
        } else if (must_repeat) {
            atomic_store(&servers->was_report_lost, true);
        }
        next_us = next_us < 0 || due_us < next_us ? due_us : next_us;
    }
    return next_us < 0 ? -1 : (int)((next_us - now_us) / 1000) + 1;
}

size_t score_servers_poll(const struct score_servers *servers, struct pollfd *fds, size_t n_max) {
    size_t n = 0;
    for (size_t i = 0; i < servers->n && n < n_max; i++) {
        fds[n++] = (struct pollfd){.fd = servers->list[i].fd, .events = POLLIN};
    }
    return n;
}

bool score_servers_accept(struct score_servers *servers, const struct pollfd *fds, size_t n) {
    bool is_fine = true;
    for (size_t i = 0; i < n && i < servers->n; i++) {
        if ((fds[i].revents & POLLIN) != 0 && fds[i].fd == servers->list[i].fd) {
            is_fine = listener_accept(fds[i].fd, servers->options.server, servers->list[i].port,
                                      servers->options.max_connections) &&
                      is_fine;
        }
    }
    return is_fine;
}

void score_servers_close(struct score_servers *servers) {
    for (size_t i = 0; i < servers->n; i++) {
        close_listener(servers, &servers->list[i]);
    }
}

void score_servers_destroy(struct score_servers *servers) {
    if (servers == NULL) {
        return;
    }
    for (size_t i = 0; i < servers->n; i++) {
        free(servers->list[i].port);
    }
    while (servers->graves != NULL) {
        struct grave *grave = servers->graves;
        servers->graves = grave->next;
        free(grave->port);
        free(grave);
    }
    free(servers);
}
