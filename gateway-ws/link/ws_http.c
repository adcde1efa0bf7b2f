/* Requests and answers over the library's HTTP connections. Answers are written
 * by hand, heads too, from one buffer in pieces; the library keeps the
 * connection and its order.
 */
#include "gateway-ws/link/ws_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "gateway-ws/link/ws_chunks.h"
#include "gateway-ws/link/ws_head.h"
#include "gateway-ws/link/ws_private.h"

enum {
    PIECE_BYTES = 16384,
    PIECES_AT_ONCE = 8,
    KEPT_BYTES = 4096, /* a larger buffer is given back when it is empty */
};

struct ws_http {
    struct ws_server *server;
    struct lws *lws;
    void *connection;
    void *user;
    struct ws_request request;
    char *texts; /* of the request */
    char *body;
    size_t body_size, body_room, body_max;
    int64_t begun_us;
    struct ws_chunks chunks; /* of a chunked body */
    bool is_chunked;
    uint8_t *out; /* LWS_PRE, then the answer */
    size_t out_at, out_size, out_room;
    ev_io hangup;   /* runs while the answer waits */
    bool is_asked;  /* on_request was called */
    bool is_begun;  /* the head of the answer is there */
    bool is_ended;  /* all of the answer is there */
    bool is_closer; /* the connection ends with it */
};

/* -- the request ------------------------------------------------------------ */

static char *put_text(char **at, const char *text) {
    char *start = *at;
    size_t size = strlen(text) + 1;
    memcpy(start, text, size);
    *at += size;
    return start;
}

/* A copy of the head that takes no more memory than it must. */
static bool keep_head(struct ws_http *http, const struct ws_head *head, const char *method,
                      const char *wanted_headers) {
    const struct ws_upgrade *from = &head->upgrade;
    struct ws_upgrade *to = &http->request.head;
    char *at = http->texts = malloc(strlen(from->path) + strlen(from->query) + strlen(from->host) +
                                    strlen(from->origin) + strlen(from->authorization) +
                                    strlen(from->forwarded_for) + strlen(wanted_headers) + 7);
    if (at == NULL) {
        return false;
    }
    *to = *from;
    to->path = put_text(&at, from->path);
    to->query = put_text(&at, from->query);
    to->host = put_text(&at, from->host);
    to->origin = put_text(&at, from->origin);
    to->authorization = put_text(&at, from->authorization);
    to->forwarded_for = put_text(&at, from->forwarded_for);
    http->request.wanted_headers = put_text(&at, wanted_headers);
    http->request.method = method; /* static */
    return true;
}

static void drop_body(struct ws_http *http) {
    http->server->bodies_bytes -= http->body_room;
    free(http->body);
    http->body = NULL;
    http->body_size = http->body_room = 0;
}

static void destroy(struct ws_http *http) {
    ev_io_stop(http->server->loop, &http->hangup);
    *http->server->events->http_place(http->connection) = NULL;
    http->server->events->on_http_gone(http);
    http->server->n_requests--;
    drop_body(http);
    free(http->texts);
    free(http->out);
    free(http);
}

static void refuse(struct ws_http *http, unsigned status, const char *why) {
    http->is_closer = true;
    ws_http_answer(http, status, "Content-Type: text/plain; charset=UTF-8\r\n", why, strlen(why));
}

/* The end of the connection, the last words of TLS, or bytes that nobody asked for. */
static void on_hangup(struct ev_loop *loop, ev_io *io, int events) {
    struct ws_http *http = io->data;
    (void)events;
    ev_io_stop(loop, io);
    lws_set_timeout(http->lws, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    lws_cancel_service(http->server->context);
}

/* While an answer waits, the library (4.1.6) does not look at the socket after a
 * POST, and after a GET it wakes for ever over what it does not read. A client has
 * nothing to say then, so whatever comes ends the connection. */
static void watch(struct ws_http *http) {
    ev_io_init(&http->hangup, on_hangup, lws_get_socket_fd(http->lws), EV_READ);
    http->hangup.data = http;
    ev_io_start(http->server->loop, &http->hangup);
}

static void ask(struct ws_http *http) {
    http->is_asked = true;
    lws_set_timeout(http->lws, NO_PENDING_TIMEOUT, 0);
    watch(http);
    http->server->events->on_request(http->connection, http);
}

static struct ws_http *create(struct ws_server *server, struct lws *lws, void *connection,
                              const struct ws_head *head) {
    char wanted[256];
    struct ws_http *http = calloc(1, sizeof(*http));
    if (lws_hdr_copy(lws, wanted, sizeof(wanted), WSI_TOKEN_HTTP_AC_REQUEST_HEADERS) < 0) {
        wanted[0] = '\0';
    }
    if (http == NULL || !keep_head(http, head, ws_head_method(lws), wanted)) {
        free(http);
        return NULL;
    }
    http->server = server;
    http->lws = lws;
    http->connection = connection;
    http->begun_us = lg_clock_us();
    *server->events->http_place(connection) = http;
    server->n_requests++;
    return http;
}

/* Of the body; 0 when it says nothing of it. */
static unsigned long long content_length(struct lws *lws) {
    char text[24];
    if (lws_hdr_copy(lws, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0) {
        return 0;
    }
    return strtoull(text, NULL, 10);
}

static bool is_just_chunked(struct lws *lws) {
    char text[16];
    return lws_hdr_copy(lws, text, sizeof(text), WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 &&
           strcasecmp(text, "chunked") == 0;
}

int ws_http_on_head(struct ws_server *server, struct lws *lws, void *connection) {
    struct ws_head head;
    bool is_good = ws_head_read(lws, &head);
    struct ws_http *http = create(server, lws, connection, &head);
    if (http == NULL) {
        return -1;
    }
    unsigned long long length = content_length(lws);
    bool has_length = lws_hdr_total_length(lws, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
    bool is_chunked = lws_hdr_total_length(lws, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
    http->body_max = server->events->on_head(connection, &http->request);
    if (!is_good) {
        refuse(http, 414, "The address is too long.\n");
    } else if (is_chunked && (has_length || !is_just_chunked(lws))) {
        refuse(http, 400, "It is not sure where the body ends.\n");
    } else if (is_chunked && strcmp(http->request.method, "POST") == 0) {
        http->is_chunked = http->is_closer = true; /* the library never sees its end */
    } else if (length > http->body_max && length > 0) {
        refuse(http, 413, "The body is too large.\n");
    } else if (length == 0 || strcmp(http->request.method, "POST") != 0) {
        /* A body that we do not read; and the library reads one without a length for ever. */
        http->is_closer = length > 0 || (strcmp(http->request.method, "POST") == 0 && !has_length);
        ask(http);
    }
    return 0;
}

static bool make_room(struct ws_http *http, size_t more_bytes) {
    size_t wanted = http->body_size + more_bytes + 1;
    size_t room = http->body_room == 0 ? 1024 : http->body_room;
    while (room < wanted) {
        room *= 2;
    }
    if (room == http->body_room) {
        return true;
    }
    size_t others = http->server->bodies_bytes - http->body_room;
    char *body =
        others + room <= http->server->limits.bodies_bytes ? realloc(http->body, room) : NULL;
    if (body != NULL) {
        http->server->bodies_bytes += room - http->body_room;
        http->body = body;
        http->body_room = room;
    }
    return body != NULL;
}

/* false: refused. */
static bool take_body(struct ws_http *http, const uint8_t *bytes, size_t size_bytes) {
    if (http->body_size + size_bytes > http->body_max) {
        refuse(http, 413, "The body is too large.\n");
        return false;
    }
    if (!make_room(http, size_bytes)) {
        refuse(http, 503, "Too much is being received.\n");
        return false;
    }
    memcpy(http->body + http->body_size, bytes, size_bytes);
    http->body_size += size_bytes;
    http->body[http->body_size] = '\0';
    return true;
}

static void take_chunks(struct ws_http *http, const uint8_t *bytes, size_t size_bytes) {
    while (size_bytes > 0 && http->chunks.state != WS_CHUNKS_END) {
        const uint8_t *data;
        size_t data_bytes;
        size_t used = ws_chunks_take(&http->chunks, bytes, size_bytes, &data, &data_bytes);
        if (data_bytes > 0 && !take_body(http, data, data_bytes)) {
            return;
        }
        if (http->chunks.state == WS_CHUNKS_BROKEN) {
            refuse(http, 400, "The chunks of the body are broken.\n");
            return;
        }
        bytes += used;
        size_bytes -= used;
    }
    if (http->chunks.state == WS_CHUNKS_END) {
        ask(http);
    }
}

int ws_http_on_body(struct ws_server *server, void *connection, const void *bytes,
                    size_t size_bytes) {
    struct ws_http *http = *server->events->http_place(connection);
    if (http == NULL || http->is_asked || http->is_begun) {
        return 0; /* what nobody waits for is dropped */
    }
    if (lg_clock_us() - http->begun_us > server->limits.body_us) {
        return -1;
    }
    if (http->is_chunked) {
        take_chunks(http, bytes, size_bytes);
    } else {
        take_body(http, bytes, size_bytes);
    }
    return 0;
}

int ws_http_on_body_end(struct ws_server *server, void *connection) {
    struct ws_http *http = *server->events->http_place(connection);
    if (http != NULL && !http->is_asked && !http->is_begun) {
        ask(http);
    }
    return 0;
}

void ws_http_on_gone(struct ws_server *server, void *connection) {
    struct ws_http *http = *server->events->http_place(connection);
    if (http != NULL) {
        destroy(http);
    }
}

const struct ws_request *ws_http_request(const struct ws_http *http) {
    return &http->request;
}

const char *ws_http_body(const struct ws_http *http, size_t *size_bytes) {
    *size_bytes = http->body_size;
    return http->body != NULL ? http->body : "";
}

void *ws_http_connection(const struct ws_http *http) {
    return http->connection;
}

void ws_http_set_user(struct ws_http *http, void *user) {
    http->user = user;
}

void *ws_http_user(const struct ws_http *http) {
    return http->user;
}

/* -- the answer --------------------------------------------------------------- */

/* Out of memory: the connection is closed without the rest. */
static void append(struct ws_http *http, const char *bytes, size_t size_bytes) {
    if (http->out_size + size_bytes > http->out_room) {
        size_t room = http->out_room == 0 ? 1024 : http->out_room * 2;
        while (room < http->out_size + size_bytes) {
            room *= 2;
        }
        uint8_t *out = realloc(http->out, LWS_PRE + room);
        if (out == NULL) {
            http->is_ended = http->is_closer = true;
            return;
        }
        http->out = out;
        http->out_room = room;
    }
    memcpy(http->out + LWS_PRE + http->out_size, bytes, size_bytes);
    http->out_size += size_bytes;
    ws_http_want_writable(http);
}

static const char *reason_of(unsigned status) {
    static const struct {
        unsigned status;
        const char *words;
    } ROWS[] = {{200, "OK"},
                {204, "No Content"},
                {304, "Not Modified"},
                {400, "Bad Request"},
                {401, "Unauthorized"},
                {403, "Forbidden"},
                {404, "Not Found"},
                {405, "Method Not Allowed"},
                {411, "Length Required"},
                {413, "Content Too Large"},
                {414, "URI Too Long"},
                {426, "Upgrade Required"},
                {500, "Internal Server Error"},
                {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        if (ROWS[i].status == status) {
            return ROWS[i].words;
        }
    }
    return "-";
}

static void put_head(struct ws_http *http, unsigned status, const char *headers, const char *more) {
    char line[80];
    int n = snprintf(line, sizeof(line), "HTTP/1.1 %u %s\r\n", status, reason_of(status));
    append(http, line, (size_t)n);
    append(http, headers, strlen(headers));
    append(http, more, strlen(more));
    append(http, http->is_closer ? "Connection: close\r\n\r\n" : "\r\n", http->is_closer ? 21 : 2);
    http->is_begun = true;
}

void ws_http_answer(struct ws_http *http, unsigned status, const char *headers, const char *body,
                    size_t size_bytes) {
    ws_http_begin_sized(http, status, headers, size_bytes);
    append(http, body, size_bytes);
    http->is_ended = true;
}

void ws_http_begin_sized(struct ws_http *http, unsigned status, const char *headers,
                         size_t size_bytes) {
    char length[48] = "";
    if (status != 204 && status != 304) {
        snprintf(length, sizeof(length), "Content-Length: %zu\r\n", size_bytes);
    }
    put_head(http, status, headers, length);
}

void ws_http_begin(struct ws_http *http, unsigned status, const char *headers) {
    http->is_closer = true;
    put_head(http, status, headers, "");
}

void ws_http_send(struct ws_http *http, const char *bytes, size_t size_bytes) {
    if (http->is_begun && !http->is_ended) {
        append(http, bytes, size_bytes);
    }
}

void ws_http_end(struct ws_http *http) {
    http->is_ended = true;
    ws_http_want_writable(http);
}

bool ws_http_is_ended(const struct ws_http *http) {
    return http->is_ended;
}

size_t ws_http_unsent(const struct ws_http *http) {
    return http->out_size - http->out_at;
}

void ws_http_want_writable(struct ws_http *http) {
    lws_callback_on_writable(http->lws);
}

/* false: broken. */
static bool write_pieces(struct ws_http *http) {
    for (int i = 0; i < PIECES_AT_ONCE && http->out_at < http->out_size; i++) {
        size_t left = http->out_size - http->out_at;
        size_t size = left < PIECE_BYTES ? left : PIECE_BYTES;
        if (lws_partial_buffered(http->lws) || (i > 0 && lws_send_pipe_choked(http->lws))) {
            break;
        }
        if (lws_write(http->lws, http->out + LWS_PRE + http->out_at, size, LWS_WRITE_HTTP) < 0) {
            return false;
        }
        http->out_at += size;
    }
    return true;
}

static int finish(struct ws_http *http) {
    struct lws *lws = http->lws;
    bool is_closer = http->is_closer;
    destroy(http);
    return is_closer || lws_http_transaction_completed(lws) ? -1 : 0;
}

static void empty(struct ws_http *http) {
    http->out_at = http->out_size = 0;
    if (http->out_room > KEPT_BYTES) {
        free(http->out);
        http->out = NULL;
        http->out_room = 0;
    }
}

int ws_http_on_writable(struct ws_server *server, void *connection) {
    struct ws_http *http = *server->events->http_place(connection);
    if (http == NULL) {
        return 0;
    }
    if (!write_pieces(http)) {
        return -1;
    }
    if (http->out_at < http->out_size || lws_partial_buffered(http->lws)) {
        lws_set_timeout(http->lws, PENDING_TIMEOUT_USER_REASON_BASE, (int)server->limits.stall_s);
        ws_http_want_writable(http);
        return 0;
    }
    lws_set_timeout(http->lws, NO_PENDING_TIMEOUT, 0);
    empty(http);
    if (http->is_ended) {
        return finish(http);
    }
    if (http->is_asked) {
        server->events->on_http_writable(http);
    }
    return 0;
}
