/* Opening, moving, closing and reporting of ports. */
#include "gateway-ws/ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway-ws/link/ws_server.h"
#include "proto/limits.h"

enum {
    REPORT_GAP_US = 200 * 1000,        /* between two reports of one port */
    REPORT_AGAIN_US = 5 * 1000 * 1000, /* also when nothing changed; failed ports try again */
};

struct ws_port {
    struct ws_port *next;
    struct ports *ports;
    struct ws_listener *listener;  /* NULL: failed or closed */
    struct upstream_server wanted; /* address "" for a port of --listen */
    int64_t period_us;
    unsigned refs;
    size_t n_clients;
    bool is_closed;
    bool is_number_of_http; /* an `httpd` object named before has the same number */
    bool must_report;
    size_t reported_clients;
    int64_t reported_us;
};

struct ports {
    struct ports_options options;
    bool is_stopped;
    struct ws_port *first;
};

struct ports *ports_create(const struct ports_options *options) {
    struct ports *ports = calloc(1, sizeof(*ports));
    if (ports != NULL) {
        ports->options = *options;
    }
    return ports;
}

static void free_port(struct ws_port *port) {
    struct ws_port **at = &port->ports->first;
    while (*at != port) {
        at = &(*at)->next;
    }
    *at = port->next;
    free(port);
}

void ports_destroy(struct ports *ports) {
    if (ports == NULL) {
        return;
    }
    while (ports->first != NULL) {
        free_port(ports->first);
    }
    free(ports);
}

static struct ws_port *make_port(struct ports *ports, int64_t period_us) {
    struct ws_port *port = calloc(1, sizeof(*port));
    if (port != NULL) {
        port->ports = ports;
        port->period_us = period_us;
        port->next = ports->first;
        ports->first = port;
    }
    return port;
}

int ports_listen(struct ports *ports, const char *host, uint16_t port_number) {
    char name[320];
    struct ws_port *port = make_port(ports, ports->options.default_period_us);
    if (port == NULL) {
        return -ENOMEM;
    }
    int err =
        ws_server_listen(ports->options.server, host, port_number, false, port, &port->listener);
    if (err != 0) {
        free_port(port);
        return err;
    }
    ws_listener_name(port->listener, name, sizeof(name));
    lg_log(LG_LOG_INFO, "ws", "listening", "at=%s", name);
    printf("listening ws %s\n", name);
    fflush(stdout);
    return 0;
}

/* -- ports of the score ------------------------------------------------------ */

static bool is_of_score(const struct ws_port *port) {
    return port->wanted.address[0] != '\0';
}

static void report(struct ws_port *port, int64_t now_us) {
    char note[80] = "";
    int how = port->is_closed ? PORT_CLOSED : port->listener != NULL ? PORT_STARTED : PORT_FAILED;
    if (how == PORT_FAILED) {
        snprintf(note, sizeof(note), "Cannot create web socket server on port %u",
                 (unsigned)port->wanted.port);
    }
    const struct ports_options *options = &port->ports->options;
    port->must_report =
        !options->report(options->ctx, port->wanted.address, how, port->n_clients, note);
    port->reported_clients = port->n_clients;
    port->reported_us = now_us;
}

/* Another object of the score, or --listen, has this number already. The
 * kernel would let the same process share a port with itself. */
static bool is_number_taken(const struct ws_port *port) {
    if (port->is_number_of_http) {
        return true;
    }
    for (const struct ws_port *other = port->ports->first; other != NULL; other = other->next) {
        if (other != port && other->listener != NULL &&
            ws_listener_port(other->listener) == port->wanted.port) {
            return true;
        }
    }
    return false;
}

static int listen_shared(struct ws_port *port) {
    const struct ports_options *options = &port->ports->options;
    return ws_server_listen(options->server, options->score_host, port->wanted.port, true, port,
                            &port->listener);
}

static void open_port(struct ws_port *port) {
    int err = port->wanted.port < LIMIT_SCORE_PORT_MIN ? -EACCES
              : is_number_taken(port)                  ? -EADDRINUSE
                                                       : listen_shared(port);
    if (err != 0) {
        port->listener = NULL;
        lg_log(LG_LOG_WARN, "ws", "port_failed", "port=%u object=%s reason=%s",
               (unsigned)port->wanted.port, port->wanted.address, strerror(-err));
    } else {
        lg_log(LG_LOG_INFO, "ws", "port_opened", "port=%u object=%s", (unsigned)port->wanted.port,
               port->wanted.address);
    }
}

static void close_port(struct ws_port *port) {
    struct ports *ports = port->ports;
    ws_listener_close(port->listener);
    port->listener = NULL;
    port->is_closed = true;
    lg_log(LG_LOG_INFO, "ws", "port_closed", "port=%u object=%s", (unsigned)port->wanted.port,
           port->wanted.address);
    port_enter(port); /* stays until its clients were told */
    ports->options.on_closed(ports->options.ctx, port);
    port_leave(port);
}

static struct ws_port *find(struct ports *ports, const char *address) {
    struct ws_port *port = ports->first;
    while (port != NULL && (port->is_closed || strcmp(port->wanted.address, address) != 0)) {
        port = port->next;
    }
    return port;
}

static bool is_same(const struct upstream_server *a, const struct upstream_server *b) {
    return a->port == b->port && a->period_ms == b->period_ms && strcmp(a->scene, b->scene) == 0;
}

/* An `httpd` object named before this one has the same number. */
static bool is_for_http(const struct upstream_server *servers, size_t server_i) {
    for (size_t i = 0; i < server_i; i++) {
        if (strcmp(servers[i].kind, "httpd") == 0 && servers[i].port == servers[server_i].port) {
            return true;
        }
    }
    return false;
}

static void want(struct ports *ports, const struct upstream_server *servers, size_t server_i) {
    const struct upstream_server *wanted = &servers[server_i];
    struct ws_port *port = find(ports, wanted->address);
    if (port != NULL) {
        port->is_number_of_http = is_for_http(servers, server_i);
        return;
    }
    port = make_port(ports, (int64_t)wanted->period_ms * 1000);
    if (port == NULL) {
        return;
    }
    port->wanted = *wanted;
    port->is_number_of_http = is_for_http(servers, server_i);
    open_port(port);
    report(port, lg_clock_us());
}

/* Closes what is no longer wanted, or wanted otherwise. */
static void close_unwanted(struct ports *ports, const struct upstream_server *servers,
                           size_t n_servers) {
    struct ws_port *next;
    for (struct ws_port *port = ports->first; port != NULL; port = next) {
        next = port->next;
        if (!is_of_score(port) || port->is_closed) {
            continue;
        }
        bool is_wanted = false;
        bool is_moved = false;
        for (size_t i = 0; i < n_servers; i++) {
            if (strcmp(servers[i].kind, "websocket") == 0 &&
                strcmp(servers[i].address, port->wanted.address) == 0) {
                is_wanted = is_same(&servers[i], &port->wanted);
                is_moved = !is_wanted;
            }
        }
        if (!is_wanted) {
            char address[sizeof(port->wanted.address)];
            snprintf(address, sizeof(address), "%s", port->wanted.address);
            close_port(port);
            if (!is_moved) { /* a moved one reports that it started */
                ports->options.report(ports->options.ctx, address, PORT_CLOSED, 0, "");
            }
        }
    }
}

void ports_update(struct ports *ports, const struct upstream_server *servers, size_t n_servers) {
    close_unwanted(ports, servers, n_servers);
    for (size_t i = 0; i < n_servers; i++) {
        if (strcmp(servers[i].kind, "websocket") == 0) {
            want(ports, servers, i);
        }
    }
}

void ports_report_all(struct ports *ports) {
    for (struct ws_port *port = ports->first; port != NULL; port = port->next) {
        port->must_report = is_of_score(port) && !port->is_closed;
    }
}

int64_t ports_tick(struct ports *ports, int64_t now_us) {
    int64_t next_us = INT64_MAX;
    if (ports->is_stopped) { /* none failed, none is opened again */
        return next_us;
    }
    for (struct ws_port *port = ports->first; port != NULL; port = port->next) {
        if (!is_of_score(port) || port->is_closed) {
            continue;
        }
        bool has_changed = port->must_report || port->n_clients != port->reported_clients;
        int64_t due_us = port->reported_us + (has_changed ? REPORT_GAP_US : REPORT_AGAIN_US);
        if (now_us >= due_us) {
            if (port->listener == NULL && !is_number_taken(port)) {
                /* Perhaps somebody let go of it. */
                (void)listen_shared(port);
            }
            report(port, now_us);
            due_us = now_us + (port->must_report ? REPORT_GAP_US : REPORT_AGAIN_US);
        }
        next_us = due_us < next_us ? due_us : next_us;
    }
    return next_us;
}

void ports_stop(struct ports *ports) {
    ports->is_stopped = true;
    for (struct ws_port *port = ports->first; port != NULL; port = port->next) {
        ws_listener_close(port->listener);
        port->listener = NULL;
    }
}

/* -- one port ------------------------------------------------------------------ */

void port_enter(struct ws_port *port) {
    port->refs++;
}

void port_leave(struct ws_port *port) {
    if (--port->refs == 0 && port->is_closed) {
        free_port(port);
    }
}

void port_count(struct ws_port *port, int difference) {
    port->n_clients = (size_t)((int64_t)port->n_clients + difference);
}

int64_t port_period_us(const struct ws_port *port) {
    return port->period_us;
}

const char *port_scene(const struct ws_port *port) {
    return is_of_score(port) ? port->wanted.scene : NULL;
}

bool port_is_closed(const struct ws_port *port) {
    return port->is_closed;
}
