/* The registry of connections and their time limits. The library's own timeout
 * is off: it counts from the last byte, so a client that drips one byte now and
 * then holds a connection for ever. Here each phase has an end. */
#include "gateway-http/server/http_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void conn_registry_init(struct conn_registry *registry) {
    memset(registry, 0, sizeof *registry);
    pthread_mutex_init(&registry->lock, NULL);
}

void conn_registry_finish(struct conn_registry *registry) {
    pthread_mutex_destroy(&registry->lock);
    memset(registry, 0, sizeof *registry);
}

void conn_registry_add(struct conn_registry *registry, struct http_conn *conn) {
    pthread_mutex_lock(&registry->lock);
    conn->next = registry->first;
    conn->prev = NULL;
    if (registry->first != NULL) {
        registry->first->prev = conn;
    }
    registry->first = conn;
    pthread_mutex_unlock(&registry->lock);
    atomic_fetch_add(&registry->n_open, 1);
}

void conn_registry_remove(struct conn_registry *registry, struct http_conn *conn) {
    pthread_mutex_lock(&registry->lock);
    if (conn->prev != NULL) {
        conn->prev->next = conn->next;
    } else {
        registry->first = conn->next;
    }
    if (conn->next != NULL) {
        conn->next->prev = conn->prev;
    }
    pthread_mutex_unlock(&registry->lock);
    atomic_fetch_sub(&registry->n_open, 1);
}

/* The HTTP thread closes the descriptor only after conn_registry_remove, so
 * under the lock it is still ours. The thread sees an end of input and cleans
 * up; what is already in the kernel still goes out. */
static void hang_up_locked(struct http_conn *conn, int how) {
    shutdown(conn->fd, how);
}

void conn_registry_retire(struct conn_registry *registry, const struct http_port *port) {
    pthread_mutex_lock(&registry->lock);
    for (struct http_conn *conn = registry->first; conn != NULL; conn = conn->next) {
        if (port != NULL && conn->port != port) {
            continue;
        }
        atomic_store(&conn->is_retired, true);
        if (atomic_load(&conn->phase) == CONN_IDLE) {
            hang_up_locked(conn, SHUT_RD);
        }
    }
    pthread_mutex_unlock(&registry->lock);
}

void conn_registry_sweep(struct conn_registry *registry, int now_s,
                         const struct conn_limits *limits, struct conn_sweep *sweep) {
    memset(sweep, 0, sizeof *sweep);
    pthread_mutex_lock(&registry->lock);
    for (struct http_conn *conn = registry->first; conn != NULL; conn = conn->next) {
        int age_s = now_s - atomic_load(&conn->since_s);
        int phase = atomic_load(&conn->phase);
        sweep->phases[atomic_load(&conn->is_stream) ? (int)CONN_STREAM : phase]++;
        int limit_s = phase == CONN_IDLE ? limits->idle_s : limits->send_s;
        if (phase != CONN_WORK && age_s > limit_s) {
            /* What it did not read is dropped, not kept in the kernel. */
            struct linger drop = {.l_onoff = 1, .l_linger = 0};
            setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
            hang_up_locked(conn, SHUT_RDWR);
            sweep->n_idle += phase == CONN_IDLE;
            sweep->n_slow += phase != CONN_IDLE;
        }
    }
    pthread_mutex_unlock(&registry->lock);
}

void conn_enter(struct http_conn *conn, enum conn_phase phase, int now_s) {
    atomic_store_explicit(&conn->since_s, now_s, memory_order_relaxed);
    atomic_store(&conn->phase, (int)phase);
    if (phase == CONN_IDLE && atomic_load(&conn->is_retired)) {
        shutdown(conn->fd, SHUT_RD);
    }
}

struct http_port *http_port_create(const char *scene, bool is_in_score) {
    struct http_port *port = calloc(1, sizeof *port);
    if (port == NULL) {
        return NULL;
    }
    snprintf(port->scene, sizeof port->scene, "%s", scene);
    port->is_in_score = is_in_score;
    return port;
}
