/* One request and its answer, from the routes' point of view: which handler,
 * which scene, the call under way, the reply. Handlers see this and
 * response.h, nothing of the library. */
#ifndef LEGGIO_GATEWAY_HTTP_EXCHANGE_H
#define LEGGIO_GATEWAY_HTTP_EXCHANGE_H

#include "common/broker/upstream.h"
#include "gateway-http/form.h"
#include "gateway-http/gateway.h"
#include "gateway-http/server/http_server.h"
#include "gateway-http/waits.h"

struct MHD_Response;
struct exchange;

typedef void (*exchange_handler_fn)(struct exchange *exchange);

/* Copy of a call's reply; texts are owned, NUL-terminated, never NULL when code
 * is set by a reply. */
struct exchange_reply {
    int code;
    char *text;
    size_t text_size_bytes;
    uint8_t *bytes;
    size_t bytes_size;
    uint64_t total_size_bytes;
    int64_t mtime_s;
    uint64_t epoch, version;
};

struct exchange {
    struct gateway *gateway;
    struct http_request *request;
    exchange_handler_fn handler;
    struct auth_grant grant; /* what this client may do, once is_judged */
    bool is_judged;
    int stage; /* 0 at first; a handler's own counter after each resume */
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    bool has_version; /* ?version=N */
    uint64_t version;
    uint32_t width_px;  /* ?width=N; 0 = the scene's own */
    struct frame *view; /* newest answer to exchange_view, owned reference */
    int n_views;        /* times asked */
    char *path;         /* clean rest of the path for files and the page */
    int error_status;   /* of routing: 0, or the status of a refusal */
    const char *error_text;
    char error_buffer[96]; /* for a text made for this exchange */
    const char *allow;     /* for 405 and OPTIONS */
    struct wait wait;
    struct exchange_reply reply;
    void *handler_ctx; /* freed by release when the exchange ends */
    void (*release)(void *handler_ctx);
};

/* routes.c: fills handler, scene, path … from the request line. */
void routes_find(struct exchange *exchange);

/* Cut the body into fields; they live in the body. false: answered with 400. The
 * caller finishes the form when true. */
bool exchange_read_form(struct exchange *exchange, struct form *form);
/* Add X-Inscore-Version of the reply, when it tells one. */
void exchange_add_version(const struct exchange *exchange, struct MHD_Response *response);

/* Answers; each may be called once per exchange. */
void exchange_reply_with(struct exchange *exchange, unsigned status, struct MHD_Response *response);
/* Takes over the response. */
void exchange_give(struct exchange *exchange, unsigned status, struct MHD_Response *response);
void exchange_text(struct exchange *exchange, unsigned status, const char *text);
void exchange_error(struct exchange *exchange, unsigned status, const char *text);
/* The answer for a call that failed: status and words by its code. */
void exchange_call_error(struct exchange *exchange);

/* The renderer is away: answer 503 at once instead of waiting for a deadline.
 * true: answered. */
bool exchange_refuse_away(struct exchange *exchange);

/* What the renderer is to know a change by: the same for the same Idempotency-Key, token,
 * scene and content, at any gateway. Zeros without that header. */
struct call_key exchange_change_key(struct exchange *exchange, const void *content,
                                    size_t size_bytes);

/* Suspend, call the renderer, come back to the handler with `reply` filled.
 * request->role, scene and (when NULL) client_id are set here. When waits_for_version, come
 * back only when this gateway holds reply.version too (bounded; wait.is_expired). */
void exchange_call(struct exchange *exchange, struct call_request *request, bool waits_for_version);
/* Suspend, ask for the scene at exchange->width_px, come back with exchange->view newer (or as it
 * was, when there is none). */
void exchange_view(struct exchange *exchange);
/* Suspend until the scene has this version (any epoch), at most timeout_ms. */
void exchange_wait(struct exchange *exchange, uint64_t version, int timeout_ms);

/* Name of the client's role: "view", "play" or "conduct". */
const char *exchange_role(struct exchange *exchange);
/* The same with everything that is known of who it is. */
const struct auth_grant *exchange_grant(struct exchange *exchange);
/* Has the client this role? false: answered, with 401 when a token could change
 * that, else with 403 and this text. */
bool exchange_allows(struct exchange *exchange, enum auth_role role, const char *text);

/* Called by the server (gateway.c). */
void exchange_begin(struct gateway *gateway, struct http_request *request);
void exchange_run(struct exchange *exchange);
void exchange_end(struct exchange *exchange);

void handle_image(struct exchange *exchange);
void handle_version(struct exchange *exchange);
void handle_post(struct exchange *exchange);
void handle_click(struct exchange *exchange);
void handle_hover(struct exchange *exchange);
void handle_file(struct exchange *exchange);
void handle_events(struct exchange *exchange);
void handle_log(struct exchange *exchange);
void handle_view(struct exchange *exchange);
void handle_view_config(struct exchange *exchange);
void handle_rpc(struct exchange *exchange);
void handle_options(struct exchange *exchange);

#endif
