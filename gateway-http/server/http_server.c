/* libmicrohttpd behind http_server.h: daemon, callbacks, framing checks. What
 * an answer says is response.c's; what is asked for is routes.c's.
 *
 * The library version's traps are in docs/pitfalls.md. The daemon has no
 * listening socket: listener.c accepts and hands sockets over, so that all
 * ports, also those that a score opens, share one thread and its limits. */
#include "gateway-http/server/http_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway-http/server/admission.h"
#include "gateway-http/server/http_connection.h"
#include "gateway-http/server/http_tls.h"

struct http_server {
    struct http_server_options options;
    struct MHD_Daemon *daemon;
    struct conn_registry registry;
    atomic_int now_s;
    atomic_uint_fast64_t limits[HTTP_N_LIMITS];
    atomic_int phases[HTTP_N_PHASES];
    struct http_bodies bodies;
    atomic_int n_suspended;
    bool checks_folds; /* see is_folded */
    size_t n_fds;
    struct arrival {
        struct http_port *port;
        struct peer *peer;
    } * arrivals; /* by descriptor, from adopt to on_connection */
};

const char *const HTTP_LIMIT_NAMES[HTTP_N_LIMITS] = {
    [HTTP_MAX_CONNECTIONS] = "max-connections",
    [HTTP_MAX_PER_ADDRESS] = "max-per-address",
    [HTTP_MAX_ACCEPTS] = "max-accepts",
    [HTTP_MAX_ADDRESS_REQUESTS] = "max-address-requests",
    [HTTP_MAX_CHANGES] = "max-changes",
    [HTTP_MAX_RECEIVING] = "max-receiving",
    [HTTP_IDLE_TIME] = "idle-time",
    [HTTP_SEND_TIME] = "send-time",
};

const char *const HTTP_PHASE_NAMES[HTTP_N_PHASES] = {
    [CONN_IDLE] = "idle",    [CONN_BODY] = "receiving",   [CONN_WORK] = "waiting",
    [CONN_SEND] = "sending", [CONN_STREAM] = "streaming",
};

/* -- life of a request -------------------------------------------------- */

static int server_now_s(struct http_server *server) {
    return atomic_load_explicit(&server->now_s, memory_order_relaxed);
}

static enum http_method method_of(const char *method) {
    static const struct {
        const char *text;
        enum http_method method;
    } ROWS[] = {
        {"GET", HTTP_GET}, {"HEAD", HTTP_HEAD}, {"POST", HTTP_POST}, {"OPTIONS", HTTP_OPTIONS}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (strcmp(method, ROWS[i].text) == 0) {
            return ROWS[i].method;
        }
    }
    return HTTP_OTHER;
}

static void begin_request(struct http_conn *conn, const char *url, const char *method,
                          const char *version) {
    struct http_server *server = conn->server;
    struct http_request *request = &conn->request;
    request->conn = conn;
    request->port = conn->port;
    request->method = method_of(method);
    request->method_text = method;
    request->target = url;
    request->body = NULL;
    request->body_size = 0;
    request->body_room = 0;
    request->body_max = 0;
    request->drops_body = false;
    request->is_body_too_large = false;
    request->is_overloaded = false;
    request->handler_ctx = NULL;
    http_headers_scan(&request->headers, conn->mhd, version, server->checks_folds);
    request->headers.is_https = request->headers.is_https || server->options.has_tls;
    conn_enter(conn, CONN_BODY, server_now_s(server));
    server->options.on_headers(server->options.ctx, request);
}

/* First call: headers only. */
static enum MHD_Result on_head(struct http_conn *conn, const char *url, const char *method,
                               const char *version) {
    struct http_server *server = conn->server;
    struct http_request *request = &conn->request;
    begin_request(conn, url, method, version);
    if (request->headers.content_length > request->body_max) {
        request->is_body_too_large = true;
    }
    /* A response now closes the connection: right when it is not sure where the
     * body ends, or when the body is not worth reading. */
    if (request->headers.is_odd || request->headers.content_length > http_body_read_max(request)) {
        server->options.on_ready(server->options.ctx, request);
        return conn->is_refused ? MHD_NO : MHD_YES;
    }
    return MHD_YES;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *upload_data,
                                 size_t *upload_size, void **request_cls) {
    struct http_server *server = cls;
    struct http_conn *conn = *request_cls;
    (void)mhd;
    if (conn == NULL) {
        return MHD_NO;
    }
    if (conn->request.conn == NULL) {
        return on_head(conn, url, method, version);
    }
    if (*upload_size > 0) {
        http_body_take(&conn->request, &server->bodies, upload_data, *upload_size);
        *upload_size = 0;
        return conn->request.body_size > http_body_read_max(&conn->request) ? MHD_NO : MHD_YES;
    }
    server->options.on_ready(server->options.ctx, &conn->request);
    return conn->is_refused ? MHD_NO : MHD_YES;
}

/* Called with the request line, before anything else of a request: the cheapest
 * place to learn the raw query and to hand the connection on. */
static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *mhd) {
    (void)cls;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct http_conn *conn = info->socket_context;
    if (conn == NULL) {
        return NULL;
    }
    const char *query = strchr(uri, '?'); /* the library will cut it up in place */
    conn->request.conn = NULL;
    conn->request.query = query != NULL ? strdup(query + 1) : NULL;
    return conn;
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **request_cls,
                         enum MHD_RequestTerminationCode why) {
    (void)mhd;
    (void)why;
    struct http_server *server = cls;
    struct http_conn *conn = *request_cls;
    if (conn == NULL) {
        return;
    }
    struct http_request *request = &conn->request;
    if (request->conn != NULL) {
        server->options.on_done(server->options.ctx, request);
    }
    free(request->query);
    http_body_drop(request, &server->bodies);
    request->query = NULL;
    request->conn = NULL;
    atomic_store(&conn->is_stream, false);
    conn_enter(conn, CONN_IDLE, server_now_s(server));
}

/* -- connections -------------------------------------------------------- */

static void tell_score_client(struct http_server *server, const struct http_port *port) {
    if (port->is_in_score) {
        server->options.on_score_client(server->options.ctx);
    }
}

static void on_connection_opened(struct http_server *server, struct MHD_Connection *mhd,
                                 void **context) {
    int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct http_conn *conn = calloc(1, sizeof *conn);
    *context = conn;
    assert(fd >= 0 && (size_t)fd < server->n_fds && server->arrivals[fd].port != NULL);
    struct http_port *port = server->arrivals[fd].port;
    if (conn == NULL) {
        shutdown(fd, SHUT_RDWR);
        return;
    }
    conn->server = server;
    conn->mhd = mhd;
    conn->fd = fd;
    conn->port = port;
    conn->peer_count = server->arrivals[fd].peer;
    server->arrivals[fd].peer = NULL;
    atomic_fetch_add(&port->n_clients, 1);
    socklen_t size = sizeof conn->peer;
    if (getpeername(fd, (struct sockaddr *)&conn->peer, &size) != 0) {
        conn->peer.ss_family = AF_UNSPEC;
    }
    atomic_init(&conn->phase, CONN_IDLE);
    atomic_init(&conn->since_s, server_now_s(server));
    conn_registry_add(&server->registry, conn);
    tell_score_client(server, port);
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    struct http_server *server = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        on_connection_opened(server, mhd, context);
        return;
    }
    struct http_conn *conn = *context;
    if (conn != NULL) {
        conn_registry_remove(&server->registry, conn);
        atomic_fetch_sub(&conn->port->n_clients, 1);
        tell_score_client(server, conn->port);
        admission_leave(server->options.admission, conn->peer_count);
        free(conn);
        *context = NULL;
    }
}

/* The library's own decoding stops at %00; path.c decodes. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text) {
    (void)cls;
    (void)mhd;
    return strlen(text);
}

static void on_library_log(void *cls, const char *format, va_list args) {
    (void)cls;
    char text[256];
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\r\n")] = '\0';
    lg_log(LG_LOG_DEBUG, "http", "library", "text=%s", text);
}

/* -- start and end ------------------------------------------------------ */

/* Descriptors for all connections; sized explicitly, never by chance. */
static size_t raise_fd_limit(uint32_t max_connections) {
    struct rlimit limit;
    rlim_t wanted = (rlim_t)max_connections + 256;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur =
            limit.rlim_max == RLIM_INFINITY || limit.rlim_max > wanted ? wanted : limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < wanted) {
        lg_log(LG_LOG_WARN, "http", "few_descriptors", "limit=%lu wanted=%lu",
               (unsigned long)limit.rlim_cur, (unsigned long)wanted);
    }
    return limit.rlim_cur > 1048576 ? 1048576 : (size_t)limit.rlim_cur;
}

static struct MHD_Daemon *start_daemon(struct http_server *server) {
    const struct http_server_options *options = &server->options;
    unsigned flags = options->has_tls ? MHD_USE_TLS : 0;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)http_tls_choose},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)HTTP_TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem *more = options->has_tls ? tls : tls + 2;
    return MHD_start_daemon(
        flags | MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
            MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_access, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)options->max_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        /* For the heads of request and answer. Not more: all of it is cleared
         * after each request (5 % of a 304 with 14 KiB). */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->max_header_bytes + 1024,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_URI_LOG_CALLBACK,
        on_request_line, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_ARRAY,
        more, MHD_OPTION_END);
}

struct http_server *http_server_create(const struct http_server_options *options) {
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return NULL;
    }
    server->options = *options;
    conn_registry_init(&server->registry);
    server->bodies.max_bytes = options->max_receiving_bytes;
    http_server_tick(server);
    unsigned version = 0;
    sscanf(MHD_get_version(), "0.9.%u", &version);
    server->checks_folds = version > 0 && version < 77;
    server->n_fds = raise_fd_limit(options->max_connections);
    server->arrivals = calloc(server->n_fds, sizeof *server->arrivals);
    server->daemon = server->arrivals != NULL ? start_daemon(server) : NULL;
    if (server->daemon == NULL) {
        lg_log(LG_LOG_ERROR, "http", "no_daemon", "max_connections=%u", options->max_connections);
        http_server_destroy(server);
        return NULL;
    }
    return server;
}

void http_server_destroy(struct http_server *server) {
    if (server == NULL) {
        return;
    }
    if (server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
    }
    free(server->arrivals);
    conn_registry_finish(&server->registry);
    free(server);
}

bool http_server_adopt(struct http_server *server, int fd, const struct sockaddr *address,
                       socklen_t address_size, struct http_port *port) {
    struct peer *peer;
    enum http_limit limit;
    if ((size_t)fd >= server->n_fds) {
        close(fd);
        return true;
    }
    if (!admission_enter(server->options.admission, address, &peer, &limit)) {
        http_server_note_limit(server, limit);
        lg_log(LG_LOG_WARN, "http", "connection_refused", "why=%s open=%d", HTTP_LIMIT_NAMES[limit],
               http_server_n_connections(server));
        return false;
    }
    /* One that the library dropped unannounced, for want of memory, has left its count here. */
    admission_leave(server->options.admission, server->arrivals[fd].peer);
    server->arrivals[fd] = (struct arrival){port, peer};
    if (MHD_add_connection(server->daemon, fd, address, address_size) != MHD_YES) {
        http_server_note_limit(server, HTTP_MAX_CONNECTIONS);
        lg_log(LG_LOG_WARN, "http", "connection_refused", "why=library open=%d",
               http_server_n_connections(server));
    }
    return true;
}

void http_server_retire(struct http_server *server, struct http_port *port) {
    conn_registry_retire(&server->registry, port);
}

void http_server_tick(struct http_server *server) {
    int now_s = (int)(lg_clock_us() / 1000000);
    atomic_store(&server->now_s, now_s);
    struct conn_limits limits = {server->options.idle_s, server->options.send_s};
    struct conn_sweep sweep;
    conn_registry_sweep(&server->registry, now_s, &limits, &sweep);
    atomic_fetch_add(&server->limits[HTTP_IDLE_TIME], (uint_fast64_t)sweep.n_idle);
    atomic_fetch_add(&server->limits[HTTP_SEND_TIME], (uint_fast64_t)sweep.n_slow);
    for (size_t i = 0; i < HTTP_N_PHASES; i++) {
        atomic_store(&server->phases[i], sweep.phases[i]);
    }
    if (sweep.n_idle + sweep.n_slow > 0) {
        lg_log(LG_LOG_DEBUG, "http", "timed_out", "connections=%d", sweep.n_idle + sweep.n_slow);
    }
}

bool http_server_has_tls(const struct http_server *server) {
    return server->options.has_tls;
}

int http_server_n_connections(const struct http_server *server) {
    return atomic_load(&server->registry.n_open);
}

int http_server_n_suspended(const struct http_server *server) {
    return atomic_load(&server->n_suspended);
}

void http_server_note_limit(struct http_server *server, enum http_limit limit) {
    atomic_fetch_add(&server->limits[limit], 1);
}

void http_server_counts(const struct http_server *server, struct http_counts *counts) {
    for (size_t i = 0; i < HTTP_N_LIMITS; i++) {
        counts->limits[i] = atomic_load(&server->limits[i]);
    }
    for (size_t i = 0; i < HTTP_N_PHASES; i++) {
        counts->phases[i] = atomic_load(&server->phases[i]);
    }
    counts->receiving_bytes = atomic_load(&server->bodies.held_bytes);
}

/* -- what handlers may do ----------------------------------------------- */

void http_request_reply(struct http_request *request, unsigned status,
                        struct MHD_Response *response) {
    struct http_conn *conn = request->conn;
    conn_enter(conn, CONN_SEND, server_now_s(conn->server));
    if (response == NULL || MHD_queue_response(conn->mhd, status, response) != MHD_YES) {
        conn->is_refused = true;
    }
}

void http_request_suspend(struct http_request *request) {
    conn_enter(request->conn, CONN_WORK, server_now_s(request->conn->server));
    atomic_fetch_add(&request->conn->server->n_suspended, 1);
    MHD_suspend_connection(request->conn->mhd);
}

void http_request_resume(struct http_request *request) {
    atomic_fetch_sub(&request->conn->server->n_suspended, 1);
    MHD_resume_connection(request->conn->mhd);
}

void http_request_set_stream(struct http_request *request) {
    atomic_store(&request->conn->is_stream, true);
    conn_enter(request->conn, CONN_STREAM, server_now_s(request->conn->server));
}

bool http_request_is_retired(const struct http_request *request) {
    return atomic_load(&request->conn->is_retired);
}

const struct sockaddr *http_request_peer(const struct http_request *request) {
    return (const struct sockaddr *)&request->conn->peer;
}

const char *http_request_client_id(struct http_request *request) {
    struct http_conn *conn = request->conn;
    char host[INET6_ADDRSTRLEN] = "unknown";
    unsigned port = 0;
    if (conn->client_id[0] != '\0') {
        return conn->client_id;
    }
    if (conn->peer.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&conn->peer;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        port = ntohs(in->sin_port);
    } else if (conn->peer.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&conn->peer;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        port = ntohs(in6->sin6_port);
    }
    bool is_v6 = conn->peer.ss_family == AF_INET6;
    snprintf(conn->client_id, sizeof conn->client_id, is_v6 ? "http:[%s]:%u" : "http:%s:%u", host,
             port);
    return conn->client_id;
}
