/* What the shared methods (common/score_rpc) need of this gateway: frames as its
 * clients are told of them, calls, answers that wait for a version.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "gateway-ws/fanout.h"
#include "gateway-ws/mailbox.h"
#include "gateway-ws/rpc/rpc_private.h"

static struct rpc *rpc_of(struct score_rpc_host *host) {
    return (struct rpc *)(void *)host; /* its first member */
}

/* What views show is what subscribers were told: never newer than their next notice,
 * never older than their last. Scenes that nobody looks at come from the upstream. */
static struct frame *frame_of(struct score_rpc_host *host, const char *scene) {
    struct rpc *rpc = rpc_of(host);
    struct view *view = views_find(rpc->options.views, scene);
    struct frame *frame = view != NULL ? frame_ref(view_newest(view)) : NULL;
    return frame != NULL ? frame : upstream_frame(rpc->options.upstream, scene);
}

/* -- calls ------------------------------------------------------------------------ */

static struct answer *make_answer(struct rpc *rpc, void *cookie, void (*drop)(void *cookie)) {
    struct answer *answer = calloc(1, sizeof *answer);
    if (answer != NULL) {
        answer->mailbox = rpc->options.mailbox;
        answer->cookie = cookie;
        answer->drop = drop;
    }
    return answer;
}

static int call(struct score_rpc_host *host, const struct call_request *request, void *cookie,
                void (*done)(void *cookie, const struct call_reply *reply),
                void (*drop)(void *cookie)) {
    struct rpc *rpc = rpc_of(host);
    struct answer *answer = make_answer(rpc, cookie, drop);
    if (answer == NULL) {
        return LG_EBUSY;
    }
    answer->deliver = done;
    rpc->options.on_call(rpc->options.ctx, request);
    int code = upstream_call(rpc->options.upstream, request, mailbox_put_answer, answer);
    if (code != 0) {
        answer_destroy(answer);
    }
    return code;
}

static int view(struct score_rpc_host *host, const char *scene, uint32_t width_px, void *cookie,
                void (*done)(void *cookie, int code, struct frame *frame),
                void (*drop)(void *cookie)) {
    struct rpc *rpc = rpc_of(host);
    struct answer *answer = make_answer(rpc, cookie, drop);
    if (answer == NULL) {
        return LG_EBUSY;
    }
    answer->deliver_view = done;
    int code = upstream_view(rpc->options.upstream, scene, width_px, mailbox_put_view, answer);
    if (code != 0) {
        answer_destroy(answer);
    }
    return code;
}

/* -- widths of subscriptions ---------------------------------------------------------- */

struct view_ask {
    struct rpc *rpc;
    uint32_t width_px;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
};

static void on_view(void *cookie, int code, struct frame *frame) {
    struct view_ask *ask = cookie;
    subs_take_view(ask->rpc, ask->scene, ask->width_px, code == LG_OK ? frame : NULL);
    free(ask);
}

int rpc_ask_view(struct rpc *rpc, const char *scene, uint32_t width_px) {
    struct view_ask *ask = calloc(1, sizeof *ask);
    if (ask == NULL) {
        return LG_ENOMEM;
    }
    ask->rpc = rpc;
    ask->width_px = width_px;
    snprintf(ask->scene, sizeof ask->scene, "%s", scene);
    int code = view(&rpc->host, scene, width_px, ask, on_view, free);
    if (code != 0) {
        free(ask);
    }
    return code;
}

/* -- waiting for a version -------------------------------------------------------------- */

struct shown_wait {
    struct shown_wait *next;
    struct view *view; /* a reference */
    uint64_t epoch, version;
    int64_t deadline_us;
    void *cookie;
    void (*done)(void *cookie);
    void (*drop)(void *cookie);
};

static bool is_shown(const struct shown_wait *wait) {
    return wait->version == 0 ? view_frame(wait->view) != NULL
                              : view_shows(wait->view, wait->epoch, wait->version);
}

void waits_init(struct rpc *rpc) {
    rpc->waits = NULL;
    rpc->last_wait = &rpc->waits;
    rpc->n_waits = 0;
}

static void add_wait(struct rpc *rpc, struct shown_wait *wait) {
    wait->next = NULL;
    *rpc->last_wait = wait;
    rpc->last_wait = &wait->next;
    rpc->n_waits++;
}

static int when_shown(struct score_rpc_host *host, const char *scene, uint64_t epoch,
                      uint64_t version, int timeout_ms, void *cookie, void (*done)(void *cookie),
                      void (*drop)(void *cookie)) {
    struct rpc *rpc = rpc_of(host);
    struct shown_wait *wait =
        rpc->n_waits < LIMIT_VERSIONS_AWAITED ? calloc(1, sizeof *wait) : NULL;
    if (wait == NULL) {
        return LG_EBUSY;
    }
    *wait = (struct shown_wait){.epoch = epoch,
                                .version = version,
                                .cookie = cookie,
                                .done = done,
                                .drop = drop,
                                .deadline_us = lg_clock_us() + (int64_t)timeout_ms * 1000};
    wait->view = rpc->options.enter_view(rpc->options.ctx, scene);
    if (wait->view == NULL) {
        free(wait);
        return LG_EBUSY;
    }
    add_wait(rpc, wait);
    rpc->options.wake(rpc->options.ctx);
    return 0;
}

static void end_wait(struct rpc *rpc, struct shown_wait *wait, void (*how)(void *cookie)) {
    how(wait->cookie); /* the view is held meanwhile: it is asked for its frame */
    views_leave(rpc->options.views, wait->view);
    free(wait);
}

/* Whatever ends may lead to another wait, so the list is taken apart and made anew. */
int64_t waits_tick(struct rpc *rpc, int64_t now_us) {
    int64_t due_us = INT64_MAX;
    struct shown_wait *wait = rpc->waits;
    waits_init(rpc);
    while (wait != NULL) {
        struct shown_wait *next = wait->next;
        if (now_us >= wait->deadline_us || is_shown(wait)) {
            end_wait(rpc, wait, wait->done);
        } else {
            due_us = wait->deadline_us < due_us ? wait->deadline_us : due_us;
            add_wait(rpc, wait);
        }
        wait = next;
    }
    return due_us;
}

void waits_finish(struct rpc *rpc) {
    struct shown_wait *wait = rpc->waits;
    waits_init(rpc);
    while (wait != NULL) {
        struct shown_wait *next = wait->next;
        end_wait(rpc, wait, wait->drop);
        wait = next;
    }
}

/* -- clients -------------------------------------------------------------------------- */

static struct ws_connection *connection_of(struct jsonrpc_transaction *transaction) {
    struct jsonrpc_transport *transport = jsonrpc_transaction_transport(transaction);
    return transport != NULL ? jsonrpc_transport_ctx(transport) : NULL;
}

static void client_name(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                        char *text, size_t room) {
    struct ws_connection *connection = connection_of(transaction);
    (void)host;
    if (connection != NULL) {
        ws_connection_name(connection, text, room);
    } else {
        snprintf(text, room, "ws:gone");
    }
}

/* As the address of the connection says: /?scene=NAME, /scenes/NAME, a port of the score. */
static const char *default_scene(struct score_rpc_host *host,
                                 struct jsonrpc_transaction *transaction) {
    const struct ws_connection *connection = connection_of(transaction);
    struct fanout *fanout = connection != NULL ? ws_connection_fanout(connection) : NULL;
    (void)host;
    return fanout != NULL ? view_scene(fanout_view(fanout)) : "scene";
}

static struct call_key change_key(struct score_rpc_host *host,
                                  struct jsonrpc_transaction *transaction) {
    struct jsonrpc_key key = jsonrpc_transaction_key(transaction);
    (void)host;
    return (struct call_key){key.high, key.low};
}

static bool reserve(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                    size_t size_bytes) {
    struct ws_connection *connection = connection_of(transaction);
    (void)host;
    return connection != NULL && ws_connection_reserve(connection, size_bytes);
}

/* The picture's text is made once per frame and shared by all who ask. */
static bool respond_picture(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                            const char *members, struct frame *frame) {
    struct rpc *rpc = rpc_of(host);
    struct view *of = views_find(rpc->options.views, frame->scene);
    bool is_views = of != NULL && view_frame(of) == frame;
    struct ws_connection *connection = connection_of(transaction);
    char *start = NULL, *end = NULL;
    struct picture *picture = is_views ? view_picture(of) : picture_create(frame);
    if (is_views && picture != NULL) {
        picture_ref(picture);
    }
    if (picture == NULL || connection == NULL ||
        jsonrpc_transaction_take(transaction, &start, &end) != 0) {
        picture_unref(picture);
        return false;
    }
    size_t start_len = strlen(start), members_len = strlen(members);
    char *text = realloc(start, start_len + members_len + 1);
    if (text == NULL) {
        free(start);
        ws_connection_close(connection, WS_CLOSE_OVERLOADED, "out of memory");
    } else {
        memcpy(text + start_len, members, members_len + 1);
        /* The pieces end with `"}`: one bracket of end is there already. */
        ws_connection_send_shared(connection, text, picture, end + 1, false);
        free(text);
    }
    free(end);
    picture_unref(picture);
    return true;
}

const struct score_rpc_ops RPC_HOST_OPS = {
    .frame = frame_of,
    .call = call,
    .view = view,
    .when_shown = when_shown,
    .client_name = client_name,
    .pointer_name = rpc_pointer_name,
    .default_scene = default_scene,
    .change_key = change_key,
    .reserve = reserve,
    .respond_picture = respond_picture,
};
