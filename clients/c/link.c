/* libwebsockets' side. Callbacks only decode and call one function each. What was dropped keeps
 * living in the library until its own close is done, with its opaque pointer cleared. */
#include "clients/c/link.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

enum {
    FRAGMENT_BYTES = 16384,
    RX_BUFFER_BYTES = 65536,
    TX_PACKET_BYTES = 1 << 20,
    SERVE_BUFFER_BYTES = 16384,
    HEADER_BYTES = 8192,
    FDS = 16,
    LIBRARY_TIMEOUT_S = 3600, /* our own timers are shorter */
    ROOM_BYTES = 4096,
    FAREWELL_S = 2, /* for a close frame that cannot be sent */
};

/* libwebsockets sets process-wide things when a context is made or unmade. */
static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;

static void gone(struct link *link) {
    unsigned code = link->peer_code;
    link->wsi = NULL;
    link->is_open = link->is_closing = false;
    outgoing_message_destroy(link->message);
    link->message = NULL;
    link->len = 0;
    if (link->is_opening) {
        link->has_failed = true;
    } else {
        link->events->on_gone(link->ctx, code, link->reason);
    }
}

/* Nothing of this connection concerns us any more. */
static void abandon(struct lws *wsi) {
    lws_set_opaque_user_data(wsi, NULL);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* The connection ends with this code. Not by returning -1 while receiving: 4.1.6 then goes on
 * reading into a buffer that is full, and beyond its end. */
static void end_with(struct link *link, struct lws *wsi, enum lws_close_status code,
                     const char *reason) {
    snprintf(link->reason, sizeof(link->reason), "%s", reason);
    lws_set_opaque_user_data(wsi, NULL);
    lws_close_reason(wsi, code, NULL, 0);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, FAREWELL_S);
    lws_callback_on_writable(wsi); /* and there the library is told to close */
    gone(link);
}

static int grow(struct link *link, size_t needed) {
    if (needed <= link->room_bytes) {
        return 0;
    }
    size_t room = link->room_bytes > 0 ? link->room_bytes : ROOM_BYTES;
    while (room < needed) {
        room *= 2;
    }
    unsigned char *bytes = realloc(link->bytes, room);
    if (bytes == NULL) {
        return -1;
    }
    link->bytes = bytes;
    link->room_bytes = room;
    return 0;
}

static void on_message(struct link *link, struct lws *wsi, bool is_binary) {
    unsigned char *bytes = link->bytes;
    size_t len = link->len;
    link->len = 0;
    if (is_binary) {
        link->bytes = NULL;
        link->room_bytes = 0;
        link->events->on_binary(link->ctx, bytes, len);
    } else if (lg_utf8_len((const char *)bytes, len) != len) {
        end_with(link, wsi, LWS_CLOSE_STATUS_INVALID_PAYLOAD,
                 "the server sent a text that is no UTF-8");
    } else {
        link->events->on_text(link->ctx, (const char *)bytes, len);
    }
}

static void on_receive(struct link *link, struct lws *wsi, const void *in, size_t len) {
    size_t ahead = lws_remaining_packet_payload(wsi);
    size_t limit = link->settings->max_message_bytes;
    if (lws_is_first_fragment(wsi)) {
        link->len = 0;
    }
    if (len > limit - link->len || ahead > limit - link->len - len) {
        end_with(link, wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
                 "the server sent a message above max_message_bytes");
        return;
    }
    if (grow(link, link->len + len + 1) != 0) {
        end_with(link, wsi, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION,
                 "out of memory for a message of the server's");
        return;
    }
    if (len > 0) {
        memcpy(link->bytes + link->len, in, len);
    }
    link->len += len;
    link->events->on_traffic(link->ctx, len, 0);
    if (lws_is_final_fragment(wsi)) {
        on_message(link, wsi, lws_frame_is_binary(wsi) != 0);
    }
}

static enum lws_write_protocol kind_of_piece(const struct outgoing_message *message, size_t n) {
    int kind = message->sent == 0 ? LWS_WRITE_TEXT : LWS_WRITE_CONTINUATION;
    return (enum lws_write_protocol)(message->sent + n < message->len ? kind | LWS_WRITE_NO_FIN
                                                                      : kind);
}

/* One piece of one message. */
static int on_writable(struct link *link, struct lws *wsi) {
    if (link->is_closing) {
        lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        return -1;
    }
    struct outgoing_message *message = link->message;
    if (message == NULL) {
        message = link->message = link->events->next_message(link->ctx);
    }
    if (message == NULL) {
        return 0;
    }
    size_t left = message->len - message->sent;
    size_t n = left < FRAGMENT_BYTES ? left : FRAGMENT_BYTES;
    int done = lws_write(wsi, message->text + message->sent, n, kind_of_piece(message, n));
    if (done < 0) {
        snprintf(link->reason, sizeof(link->reason), "the connection broke while sending");
        return -1;
    }
    message->sent += n;
    if (message->sent == message->len) {
        outgoing_message_destroy(message);
        link->message = NULL;
    }
    link->events->on_traffic(link->ctx, 0, n);
    lws_callback_on_writable(wsi);
    return 0;
}

static void on_failed(struct link *link, struct lws *wsi, const char *text, size_t len) {
    unsigned status = lws_http_client_http_response(wsi);
    if (link->tls.context != NULL && link->tls.reason[0] != '\0') {
        snprintf(link->reason, sizeof(link->reason), "%s", link->tls.reason);
    } else if (status != 0 && status != 101) {
        snprintf(link->reason, sizeof(link->reason),
                 "the server answered with HTTP status %u instead of a WebSocket", status);
    } else if (text != NULL && len == 17 && memcmp(text, "Unable to connect", 17) == 0) {
        snprintf(link->reason, sizeof(link->reason), "cannot connect to %.253s, port %u",
                 link->settings->host, (unsigned)link->settings->port);
    } else if (text != NULL && len > 0) {
        snprintf(link->reason, sizeof(link->reason), "no WebSocket connection: %.*s", (int)len,
                 text);
    } else {
        snprintf(link->reason, sizeof(link->reason), "no WebSocket connection");
    }
    gone(link);
}

static void on_peer_close(struct link *link, const unsigned char *in, size_t len) {
    link->peer_code = len >= 2 ? (unsigned)in[0] << 8 | in[1] : 0;
    size_t text_len = len > 2 ? lg_utf8_len((const char *)in + 2, len - 2) : 0;
    snprintf(link->reason, sizeof(link->reason), "the server closed the connection (%u%s%.*s)",
             link->peer_code, text_len > 0 ? ", " : "", (int)text_len,
             text_len > 0 ? (const char *)in + 2 : "");
}

static int on_library(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len) {
    (void)user;
    if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED) {
        struct link *of_context = lws_context_user(lws_get_context(wsi));
        of_context->events->on_wake(of_context->ctx);
        return 0;
    }
    struct link *link = wsi != NULL ? lws_get_opaque_user_data(wsi) : NULL;
    if (link == NULL || (link->wsi != wsi && !link->is_opening)) {
        /* Dropped: nothing more is written or read. */
        return reason == LWS_CALLBACK_CLIENT_WRITEABLE || reason == LWS_CALLBACK_CLIENT_ESTABLISHED
                   ? -1
                   : 0;
    }
    switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        on_failed(link, wsi, in, len);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        link->is_open = true;
        link->events->on_open(link->ctx);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        on_receive(link, wsi, in, len);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return on_writable(link, wsi);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        on_peer_close(link, in, len);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY:
        gone(link);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols PROTOCOLS[] = {
    {.name = "leggio-client",
     .callback = on_library,
     .rx_buffer_size = RX_BUFFER_BYTES,
     .tx_packet_size = TX_PACKET_BYTES},
    {.name = NULL},
};

static void quiet(int level, const char *line) {
    (void)level;
    (void)line;
}

static void silence_library(void) {
    lws_set_log_level(0, quiet);
}

/* The library ignores SIGPIPE for the whole process, which is not ours to decide: our threads block
 * it instead (client.c). It also takes http_proxy from the environment unless it is told a proxy.
 */
static struct lws_context *make_context(const struct lws_context_creation_info *info) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct sigaction before;
    pthread_once(&once, silence_library);
    pthread_mutex_lock(&library_lock);
    sigaction(SIGPIPE, NULL, &before);
    struct lws_context *context = lws_create_context(info);
    sigaction(SIGPIPE, &before, NULL);
    pthread_mutex_unlock(&library_lock);
    return context;
}

int link_init(struct link *link, const struct settings *settings, const struct link_events *events,
              void *ctx, char *why, size_t why_bytes) {
    static const lws_retry_bo_t NO_IDLE_POLICY = {.secs_since_valid_ping = 0,
                                                  .secs_since_valid_hangup = 0};
    memset(link, 0, sizeof(*link));
    link->settings = settings;
    link->events = events;
    link->ctx = ctx;
    if (settings->is_tls) {
        int status = tls_init(&link->tls, settings, why, why_bytes);
        if (status != LG_CLIENT_OK) {
            return status;
        }
    }
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = PROTOCOLS,
        .user = link,
        .gid = -1,
        .uid = -1,
        .alpn = "http/1.1",
        .options = settings->is_tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
        .provided_client_ssl_ctx = link->tls.context,
        .http_proxy_address = "",
        .fd_limit_per_thread = FDS,
        .max_http_header_data = HEADER_BYTES,
        .max_http_header_pool = FDS,
        .pt_serv_buf_size = SERVE_BUFFER_BYTES,
        .timeout_secs = LIBRARY_TIMEOUT_S,
        .connect_timeout_secs = LIBRARY_TIMEOUT_S,
        .retry_and_idle_policy = &NO_IDLE_POLICY,
    };
    link->context = make_context(&info);
    if (link->context == NULL) {
        tls_finish(&link->tls);
        if (why != NULL && why_bytes > 0) {
            snprintf(why, why_bytes,
                     "libwebsockets cannot start (no memory or no file descriptors)");
        }
        return LG_CLIENT_ERROR_MEMORY;
    }
    return LG_CLIENT_OK;
}

void link_finish(struct link *link) {
    link_drop(link);
    pthread_mutex_lock(&library_lock);
    lws_context_destroy(link->context);
    pthread_mutex_unlock(&library_lock);
    link->context = NULL;
    tls_finish(&link->tls);
    free(link->bytes);
    link->bytes = NULL;
}

void link_run(struct link *link, const bool *is_over) {
    while (!*is_over && lws_service(link->context, 0) >= 0) {
    }
}

void link_wake(struct link *link) {
    lws_cancel_service(link->context);
}

int link_open(struct link *link, const char *address) {
    const struct settings *settings = link->settings;
    struct lws *wsi = NULL;
    struct lws_client_connect_info info = {
        .context = link->context,
        .address = address,
        .port = settings->port,
        .path = settings->path,
        .host = settings->host_header,
        .ssl_connection =
            LCCSCF_HTTP_NO_FOLLOW_REDIRECT |
            (settings->is_tls ? LCCSCF_USE_SSL | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK : 0),
        .alpn = "http/1.1",
        .ietf_version_or_minus_one = -1,
        .local_protocol_name = PROTOCOLS[0].name,
        .opaque_user_data = link,
        .pwsi = &wsi,
    };
    link_drop(link);
    link->has_failed = false;
    link->peer_code = 0;
    link->tls.reason[0] = '\0';
    snprintf(link->reason, sizeof(link->reason), "the connection was lost");
    link->is_opening = true;
    struct lws *made = lws_client_connect_via_info(&info);
    link->is_opening = false;
    if (made == NULL || link->has_failed) {
        if (!link->has_failed) {
            snprintf(link->reason, sizeof(link->reason), "no connection to %s", address);
        }
        link->wsi = NULL;
        return -1;
    }
    link->wsi = made;
    return 0;
}

void link_want_write(struct link *link) {
    if (link->wsi != NULL && link->is_open) {
        lws_callback_on_writable(link->wsi);
    }
}

void link_set_reading(struct link *link, bool is_reading) {
    if (link->wsi != NULL && link->is_open) {
        lws_rx_flow_control(link->wsi, is_reading ? 1 : 0);
    }
}

bool link_is_amid_message(const struct link *link) {
    return link->len > 0;
}

void link_drop(struct link *link) {
    struct lws *wsi = link->wsi;
    link->wsi = NULL;
    link->is_open = link->is_closing = false;
    link->len = 0;
    outgoing_message_destroy(link->message);
    link->message = NULL;
    if (wsi != NULL) {
        abandon(wsi);
    }
}

void link_close(struct link *link) {
    link->is_closing = true;
    link_want_write(link);
}

static void on_sul(lws_sorted_usec_list_t *sul) {
    struct link_timer *timer = lws_container_of(sul, struct link_timer, sul);
    timer->on_due(timer->ctx);
}

void link_timer_init(struct link_timer *timer, void (*on_due)(void *ctx), void *ctx) {
    memset(timer, 0, sizeof(*timer));
    timer->on_due = on_due;
    timer->ctx = ctx;
}

void link_timer_set(struct link *link, struct link_timer *timer, int64_t delay_us) {
    lws_sul_schedule(link->context, 0, &timer->sul, on_sul, delay_us > 0 ? delay_us : 1);
}

void link_timer_stop(struct link_timer *timer) {
    lws_sul_cancel(&timer->sul);
}
