/* The context, its callbacks, timer, wake-up and signals. Callbacks only
 * decode and call one event each. Listening is in ws_listener.c, writing in
 * ws_socket.c.
 *
 * The library's own loop is poll(): with 5000 clients each pass over the table
 * costs a millisecond (measured: 4.8 s instead of 0.6 s to take them in). So it
 * runs on libev, in a loop of ours that can be left.
 *
 * Ports are not the library's: each is a raw file descriptor whose accepted
 * sockets are adopted (ws_listener.c), because a vhost per port cannot be
 * closed and opened again at run time without waiting for its clients.
 */
#include "gateway-ws/link/ws_server.h"

#include <ev.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway-ws/link/ws_head.h"
#include "gateway-ws/link/ws_private.h"
#include "gateway-ws/link/ws_tls.h"

enum {
    SERVE_BUFFER_BYTES = 8192, /* one per context: reading and handshakes */
    RX_BUFFER_BYTES = 1024,    /* one per client for life; less: a recv for every few calls */
    TX_PACKET_BYTES = 1 << 20, /* docs/pitfalls.md, 10: 0 would copy and cap writes */
    HEADER_BYTES = 4096,       /* all headers of one handshake */
    PULSE_US = 250000,
    SPARE_FDS = 256, /* listening, wake-up, broker, admin */
};

static struct ws_server *server_of(struct lws *link) {
    return lws_context_user(lws_get_context(link));
}

static int on_handshake(struct ws_server *server, struct lws *link, void *connection) {
    struct ws_head head;
    if (!ws_head_read(link, &head)) {
        lws_return_http_status(link, 414, "The address is too long.");
        return -1;
    }
    int status = server->events->on_upgrade(connection, &head.upgrade);
    if (status == 0) {
        return 0;
    }
    lws_return_http_status(link, (unsigned)status, NULL);
    return -1;
}

static int on_receive(struct ws_server *server, struct lws *link, void *connection,
                      const void *bytes, size_t size_bytes) {
    struct ws_piece piece = {
        .bytes = bytes,
        .size_bytes = size_bytes,
        .is_first = lws_is_first_fragment(link) != 0,
        .is_last = lws_is_final_fragment(link) != 0,
        .is_binary = lws_frame_is_binary(link) != 0,
    };
    return server->events->on_piece(connection, &piece);
}

/* The library tells the first protocol, whatever the link's own is. */
static void on_destroyed(struct ws_server *server, struct lws *link, void *object) {
    struct ws_listener *listener = server->listeners;
    while (listener != NULL && listener->link != link) {
        listener = listener->next;
    }
    lws_set_opaque_user_data(link, NULL);
    if (listener != NULL) {
        ws_listener_forget(listener);
    } else if (!server->is_adopting) {
        ws_http_on_gone(server, object);
        server->events->on_gone(object);
    }
}

/* The library has made the context that all TLS connections start from. */
static int take_tls(struct ws_server *server, struct ssl_ctx_st *tls) {
    ws_tls_prepare(tls);
    if (ws_tls_load(tls, server->tls_cert, server->tls_key)) {
        server->tls = tls;
    }
    return 0; /* an error here would make the library leak: ws_server_create looks */
}

static int on_client(struct lws *link, enum lws_callback_reasons reason, void *user, void *in,
                     size_t len) {
    if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED) {
        struct ws_server *server = server_of(link);
        server->events->on_wake(server->ctx);
        return 0;
    }
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
        return take_tls(server_of(link), user);
    }
    void *connection = link != NULL ? lws_get_opaque_user_data(link) : NULL;
    if (connection == NULL) {
        return lws_callback_http_dummy(link, reason, user, in, len);
    }
    struct ws_server *server = server_of(link);
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return ws_http_on_head(server, link, connection);
    case LWS_CALLBACK_HTTP_BODY:
        return ws_http_on_body(server, connection, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return ws_http_on_body_end(server, connection);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return ws_http_on_writable(server, connection);
    case LWS_CALLBACK_CLOSED_HTTP:
        ws_http_on_gone(server, connection);
        return 0;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return on_handshake(server, link, connection);
    case LWS_CALLBACK_ESTABLISHED:
        ws_socket_tune(lws_get_socket_fd(link));
        server->events->on_open(connection, ws_socket_link(link));
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return on_receive(server, link, connection, in, len);
    case LWS_CALLBACK_RECEIVE_PONG:
        server->events->on_pong(connection);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return server->events->on_writable(connection);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        server->events->on_closing(connection);
        return 0;
    case LWS_CALLBACK_CLOSED:
        server->events->on_closing(connection);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        on_destroyed(server, link, connection);
        return 0;
    default:
        return lws_callback_http_dummy(link, reason, user, in, len);
    }
}

static int on_listener(struct lws *link, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len) {
    (void)user;
    (void)in;
    (void)len;
    struct ws_listener *listener = link != NULL ? lws_get_opaque_user_data(link) : NULL;
    if (listener == NULL) {
        return 0;
    }
    if (reason == LWS_CALLBACK_RAW_RX_FILE) {
        ws_listener_accept(listener);
    }
    return 0;
}

static int on_signals(struct lws *link, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len) {
    (void)user;
    (void)in;
    (void)len;
    if (reason != LWS_CALLBACK_RAW_RX_FILE) {
        return 0;
    }
    struct ws_server *server = server_of(link);
    struct signalfd_siginfo info;
    while (read(server->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        server->events->on_signal(server->ctx, (int)info.ssi_signo);
    }
    return 0;
}

static const struct lws_protocols PROTOCOLS[] = {
    {.name = WS_PROTOCOL_CLIENT,
     .callback = on_client,
     .rx_buffer_size = RX_BUFFER_BYTES,
     .tx_packet_size = TX_PACKET_BYTES},
    {.name = WS_PROTOCOL_LISTENER, .callback = on_listener},
    {.name = WS_PROTOCOL_SIGNALS, .callback = on_signals},
    {.name = NULL},
};

static void log_library_line(int level, const char *line) {
    enum lg_log_level our_level = (level & LLL_ERR) != 0 ? LG_LOG_WARN : LG_LOG_DEBUG;
    lg_log(our_level, "lws", "library", "text=%.*s", (int)strcspn(line, "\n"), line);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)loop;
    (void)events;
    struct ws_server *server = timer->data;
    server->events->on_timer(server->ctx);
}

/* On a foreign libev loop lws 4.1.6 looks at its own timeouts only while one of its timers is
 * armed. */
static void on_pulse(lws_sorted_usec_list_t *pulse) {
    struct ws_server *server = lws_container_of(pulse, struct ws_server, pulse);
    lws_sul_schedule(server->context, 0, pulse, on_pulse, PULSE_US);
}

static int watch_signals(struct ws_server *server) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    server->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (server->signal_fd < 0) {
        return -1;
    }
    lws_sock_file_fd_type fd = {.filefd = server->signal_fd};
    return lws_adopt_descriptor_vhost(server->vhost, LWS_ADOPT_RAW_FILE_DESC, fd,
                                      WS_PROTOCOL_SIGNALS, NULL) != NULL
               ? 0
               : -1;
}

static struct lws_context *create_context(struct ws_server *server,
                                          const struct ws_server_options *options) {
    static const lws_retry_bo_t NO_IDLE_POLICY = {.secs_since_valid_ping = 0,
                                                  .secs_since_valid_hangup = 0};
    void *loops[] = {server->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = PROTOCOLS,
        .user = server,
        .gid = -1,
        .uid = -1,
        .alpn = "http/1.1",
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_LIBEV,
        .foreign_loops = loops,
        .fd_limit_per_thread = options->max_connections + SPARE_FDS,
        .max_http_header_data = HEADER_BYTES,
        .max_http_header_pool = 0, /* as many as connections: half a handshake blocks nobody */
        .pt_serv_buf_size = SERVE_BUFFER_BYTES,
        .timeout_secs = options->handshake_s,
        .timeout_secs_ah_idle = options->handshake_s,
        .keepalive_timeout = (int)options->handshake_s,
        .retry_and_idle_policy = &NO_IDLE_POLICY, /* ws_connection.c watches idle clients */
    };
    if (options->tls_cert != NULL) {
        info.options |=
            LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
    }
    return lws_create_context(&info);
}

struct ws_server *ws_server_create(const struct ws_server_options *options) {
    struct ws_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return NULL;
    }
    server->events = options->events;
    server->ctx = options->ctx;
    server->limits = options->http;
    server->signal_fd = -1;
    server->spare_fd = -1;
    server->tls_cert = options->tls_cert;
    server->tls_key = options->tls_key;
    ev_timer_init(&server->timer, on_timer, 0., 0.);
    server->timer.data = server;
    server->loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    if (server->loop == NULL) {
        lg_log(LG_LOG_ERROR, "ws", "no_loop", NULL);
        free(server);
        return NULL;
    }
    lws_set_log_level(LLL_ERR | LLL_WARN, log_library_line);
    pthread_mutex_init(&server->wake_lock, NULL);
    server->context = create_context(server, options);
    if (server->context == NULL) {
        lg_log(LG_LOG_ERROR, "ws", "no_context", NULL);
        pthread_mutex_destroy(&server->wake_lock);
        ev_loop_destroy(server->loop);
        free(server);
        return NULL;
    }
    server->tls_cert = server->tls_key = NULL;
    server->vhost = lws_get_vhost_by_name(server->context, "default");
    if (options->tls_cert != NULL && server->tls == NULL) {
        ws_server_destroy(server); /* ws_tls_load has told why */
        return NULL;
    }
    if (server->vhost == NULL || watch_signals(server) != 0) {
        lg_log(LG_LOG_ERROR, "ws", "no_vhost", NULL);
        ws_server_destroy(server);
        return NULL;
    }
    server->spare_fd = ws_listener_spare();
    return server;
}

void ws_server_close(struct ws_server *server) {
    if (server == NULL || server->loop == NULL) {
        return;
    }
    pthread_mutex_lock(&server->wake_lock);
    server->is_closed = true;
    pthread_mutex_unlock(&server->wake_lock);
    lws_sul_cancel(&server->pulse);
    lws_context_destroy(server->context);
    ev_timer_stop(server->loop, &server->timer);
    ev_loop_destroy(server->loop);
    server->loop = NULL;
    while (server->listeners != NULL) {
        ws_listener_forget(server->listeners);
    }
    if (server->spare_fd >= 0) {
        close(server->spare_fd);
    }
}

void ws_server_destroy(struct ws_server *server) {
    if (server != NULL) {
        ws_server_close(server);
        pthread_mutex_destroy(&server->wake_lock);
        free(server);
    }
}

void ws_server_run(struct ws_server *server) {
    on_pulse(&server->pulse);
    ws_server_wake(server);
    ev_run(server->loop, 0);
}

void ws_server_stop(struct ws_server *server) {
    ev_break(server->loop, EVBREAK_ALL);
}

void ws_server_wake(struct ws_server *server) {
    pthread_mutex_lock(&server->wake_lock);
    if (!server->is_closed) {
        lws_cancel_service(server->context);
    }
    pthread_mutex_unlock(&server->wake_lock);
}

bool ws_server_reload_tls(struct ws_server *server, const char *cert_path, const char *key_path) {
    if (server->tls == NULL) {
        return true;
    }
    if (cert_path == NULL || key_path == NULL || !ws_tls_load(server->tls, cert_path, key_path)) {
        lg_log(LG_LOG_WARN, "ws", "tls_kept", "the certificate before goes on being used");
        return false;
    }
    lg_log(LG_LOG_INFO, "ws", "tls_reloaded", "file=%s", cert_path);
    return true;
}

size_t ws_server_n_requests(const struct ws_server *server) {
    return server->n_requests;
}

void ws_server_set_timer(struct ws_server *server, int64_t delay_us) {
    /* Not lws's own timers: on a foreign libev loop 4.1.6 looks at them only after other events, so
     * that a notice due in 50 ms came 200 ms late. */
    if (server->loop == NULL) {
        return; /* closed */
    }
    ev_timer_stop(server->loop, &server->timer);
    ev_now_update(server->loop);
    ev_timer_set(&server->timer, delay_us > 0 ? (double)delay_us * 1e-6 : 0., 0.);
    ev_timer_start(server->loop, &server->timer);
}
