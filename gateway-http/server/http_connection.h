/* One connection, inside the server: its place in the registry, what it is
 * doing and since when. Shared by http_server.c and http_connection.c only. */
#ifndef LEGGIO_GATEWAY_HTTP_HTTP_CONNECTION_H
#define LEGGIO_GATEWAY_HTTP_HTTP_CONNECTION_H

#include <pthread.h>

#include "gateway-http/server/http_server.h"

struct MHD_Connection;

enum conn_phase {
    CONN_IDLE,   /* between requests, or the head of one is coming */
    CONN_BODY,   /* a body is coming */
    CONN_WORK,   /* suspended; who suspended it has a deadline */
    CONN_SEND,   /* an answer of known size goes out */
    CONN_STREAM, /* a stream: `since` moves with progress */
};

struct http_conn {
    struct http_server *server;
    struct MHD_Connection *mhd;
    int fd;
    struct http_port *port;
    struct peer *peer_count;       /* of admission.h; NULL = not counted */
    struct http_conn *prev, *next; /* registry lock */
    atomic_int phase;
    atomic_int since_s; /* server clock, when the phase began */
    atomic_bool is_retired;
    atomic_bool is_stream; /* this answer is one; it sleeps in CONN_WORK */
    bool is_refused;       /* refused body: answer at once and close */
    struct sockaddr_storage peer;
    char client_id[LIMIT_CLIENT_ID_BYTES + 1];
    struct http_request request;
};

/* All open connections. The lock guards the list; it is held neither over I/O
 * nor on the way of a request, only when a connection opens, closes, or is swept. */
struct conn_registry {
    pthread_mutex_t lock;
    struct http_conn *first;
    atomic_int n_open;
};

void conn_registry_init(struct conn_registry *registry);
void conn_registry_finish(struct conn_registry *registry);
void conn_registry_add(struct conn_registry *registry, struct http_conn *conn);
void conn_registry_remove(struct conn_registry *registry, struct http_conn *conn);

/* Close idle connections of a port (NULL = all), mark the others. */
void conn_registry_retire(struct conn_registry *registry, const struct http_port *port);

struct conn_limits {
    int idle_s, send_s;
};
struct conn_sweep {
    int n_idle, n_slow;        /* closed for idle_s, for send_s */
    int phases[HTTP_N_PHASES]; /* of all, by enum conn_phase */
};
/* Close connections that are over a limit, and count. */
void conn_registry_sweep(struct conn_registry *registry, int now_s,
                         const struct conn_limits *limits, struct conn_sweep *sweep);

/* Enter a phase; HTTP thread. Closes a retired connection that turns idle. */
void conn_enter(struct http_conn *conn, enum conn_phase phase, int now_s);

/* -- http_body.c; HTTP thread ------------------------------------------------ */

/* Memory of the bodies of all requests. */
struct http_bodies {
    size_t max_bytes;
    atomic_size_t held_bytes;
};
/* A body over its limit is still read up to this, so that the refusal reaches
 * a client that reads only after it has sent. */
uint64_t http_body_read_max(const struct http_request *request);
/* Keep a piece of the body, up to body_max; else is_body_too_large or is_overloaded. */
void http_body_take(struct http_request *request, struct http_bodies *bodies, const char *data,
                    size_t size);
/* Free what was kept. */
void http_body_drop(struct http_request *request, struct http_bodies *bodies);

/* http_headers.c: read the headers of the current request. */
void http_headers_scan(struct http_headers *headers, struct MHD_Connection *mhd,
                       const char *version, bool checks_folds);

#endif
