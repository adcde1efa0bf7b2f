/* The face of libmicrohttpd: one daemon with one epoll thread for all ports,
 * its connections, and the life of a request. Nothing here knows scores.
 *
 * Threads: on_headers, on_ready and on_done come on the HTTP thread, which
 * owns every request that is not suspended. A suspended request belongs to
 * whoever will resume it; http_request_resume may be called from any thread.
 */
#ifndef LEGGIO_GATEWAY_HTTP_HTTP_SERVER_H
#define LEGGIO_GATEWAY_HTTP_HTTP_SERVER_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "proto/limits.h"

struct admission;
struct MHD_Response;
struct http_server;
struct http_conn;
struct http_request;

/* One listening port. Who made it frees it: not before n_clients is 0 and a
 * moment has passed since the last adopt (score_servers.c). */
struct http_port {
    char scene[LIMIT_SCENE_NAME_BYTES + 1]; /* what "/" shows here */
    bool is_in_score;
    atomic_int n_clients; /* open connections */
};
struct http_port *http_port_create(const char *scene, bool is_in_score);

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OPTIONS, HTTP_OTHER };

/* The headers that matter here; NULL when absent; borrowed for the request. */
struct http_headers {
    const char *host, *origin, *authorization, *content_type;
    const char *forwarded_for; /* the last X-Forwarded-For */
    const char *if_none_match, *if_modified_since, *if_range, *range, *last_event_id;
    const char *idempotency_key;
    uint64_t content_length; /* 0 when absent */
    bool is_proxied;         /* Forwarded, X-Forwarded-*, X-Real-IP or Via is there */
    bool is_https;           /* X-Forwarded-Proto says so */
    bool is_odd;             /* framing or headers that two parsers could read in two ways */
};

struct http_request {
    struct http_conn *conn;
    struct http_port *port;
    enum http_method method;
    const char *method_text;
    const char *target; /* raw path */
    char *query;        /* raw, NULL = none */
    struct http_headers headers;
    /* body: `size` bytes and one spare behind them; NULL when empty or refused */
    char *body;
    size_t body_size, body_room;
    size_t body_max; /* set by on_headers; more than that → is_body_too_large */
    bool drops_body; /* set by on_headers: read it, keep nothing */
    bool is_body_too_large;
    bool is_overloaded; /* no memory for the body now */
    void *handler_ctx;  /* of the layer above; NULL at on_headers */
};

struct http_server_options {
    uint32_t max_connections;
    struct admission *admission; /* borrowed */
    size_t max_header_bytes;
    size_t max_receiving_bytes; /* of the bodies of all requests */
    bool has_tls;               /* http_tls_load has been called */
    int idle_s;                 /* between requests, and for the head of a request */
    int send_s;                 /* one answer of known size, one body */
    void *ctx;
    /* Headers are there: decide what will be done, set body_max. */
    void (*on_headers)(void *ctx, struct http_request *request);
    /* Body is there, and again after each resume: call http_request_reply or
     * http_request_suspend exactly once. */
    void (*on_ready)(void *ctx, struct http_request *request);
    /* The answer is out or the connection is gone: free handler_ctx. */
    void (*on_done)(void *ctx, struct http_request *request);
    /* A client of an in-score port came or went. */
    void (*on_score_client)(void *ctx);
};

struct http_server *http_server_create(const struct http_server_options *options);
/* Nothing may be suspended any more. */
void http_server_destroy(struct http_server *server);

/* Give an accepted socket to the server, which closes it. false: its address is over a limit
 * (noted), the socket is still the caller's. Main thread. */
bool http_server_adopt(struct http_server *server, int fd, const struct sockaddr *address,
                       socklen_t address_size, struct http_port *port);

/* Connections of a port (NULL = all): idle ones are closed now, the others
 * after their answer. Any thread. */
void http_server_retire(struct http_server *server, struct http_port *port);

/* Call about once a second: moves the clock of limits, closes who is over one. */
void http_server_tick(struct http_server *server);

bool http_server_has_tls(const struct http_server *server);
/* Open connections now. */
int http_server_n_connections(const struct http_server *server);
/* Suspended requests now. */
int http_server_n_suspended(const struct http_server *server);

/* What a limit did; named after its option. */
enum http_limit {
    HTTP_MAX_CONNECTIONS,
    HTTP_MAX_PER_ADDRESS,
    HTTP_MAX_ACCEPTS,
    HTTP_MAX_ADDRESS_REQUESTS,
    HTTP_MAX_CHANGES,
    HTTP_MAX_RECEIVING,
    HTTP_IDLE_TIME,
    HTTP_SEND_TIME,
    HTTP_N_LIMITS
};
extern const char *const HTTP_LIMIT_NAMES[HTTP_N_LIMITS];
/* A limit was met. Any thread. */
void http_server_note_limit(struct http_server *server, enum http_limit limit);

/* What open connections are doing, as of the last tick; words of HTTP_PHASE_NAMES. */
#define HTTP_N_PHASES 5
extern const char *const HTTP_PHASE_NAMES[HTTP_N_PHASES];
struct http_counts {
    uint64_t limits[HTTP_N_LIMITS]; /* since the start */
    int phases[HTTP_N_PHASES];
    size_t receiving_bytes;
};
void http_server_counts(const struct http_server *server, struct http_counts *counts);

/* Queue a response; the caller keeps its own reference. HTTP thread. */
void http_request_reply(struct http_request *request, unsigned status,
                        struct MHD_Response *response);

/* on_ready only: the request waits until http_request_resume. */
void http_request_suspend(struct http_request *request);
/* Wake a suspended request, exactly once per suspension. */
void http_request_resume(struct http_request *request);

/* A stream (response.h) lives as long as its client reads: tell the server
 * that this answer has no time limit of its own, only one without progress; call
 * it at each progress. */
void http_request_set_stream(struct http_request *request);
/* Is the connection to be closed as soon as possible? */
bool http_request_is_retired(const struct http_request *request);

/* Address of the peer, as getpeername would tell it. */
const struct sockaddr *http_request_peer(const struct http_request *request);
/* "http:127.0.0.1:4242", made at the first call. */
const char *http_request_client_id(struct http_request *request);

#endif
