/* Between the gateway and the renderer: calls of connections, news that come back, on
 * two threads with the mailbox between them. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "gateway-ws/fanout.h"
#include "gateway-ws/gateway_private.h"
#include "gateway-ws/store/session_store.h"

/* -- calls (ws_host) --------------------------------------------------------------- */

int gateway_host_call(void *ctx, struct ws_connection *connection,
                      const struct call_request *request, void *cookie,
                      void (*drop)(void *cookie)) {
    struct gateway *gateway = ctx;
    struct answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL) {
        return LG_EBUSY;
    }
    answer->mailbox = gateway->mailbox;
    answer->id = ws_connection_id(connection);
    answer->cookie = cookie;
    answer->drop = drop;
    ws_connection_count_call(connection, request);
    int err = upstream_call(gateway->upstream, request, mailbox_put_answer, answer);
    if (err != 0) {
        answer_destroy(answer);
    }
    return err;
}

void gateway_host_hold(void *ctx, struct ws_connection *connection, const struct view_held *held) {
    struct gateway *gateway = ctx;
    struct view *view = fanout_view(ws_connection_fanout(connection));
    if (held->version == 0 || view_shows(view, held->epoch, held->version) ||
        view_hold(view, held) != 0) {
        ws_connection_on_shown(connection, held->cookie);
        return;
    }
    ws_server_set_timer(gateway->server, 0); /* the deadline counts from now */
}

bool gateway_host_expects_picture(void *ctx, const char *scene) {
    struct gateway *gateway = ctx;
    return upstream_has_scene(gateway->upstream, scene) || upstream_is_beginning(gateway->upstream);
}

bool gateway_host_version(void *ctx, const char *scene, uint64_t *version) {
    struct gateway *gateway = ctx;
    uint64_t epoch;
    return upstream_version(gateway->upstream, scene, &epoch, version);
}

/* -- from the renderer ------------------------------------------------------------------ */

void gateway_on_upstream_event(void *ctx, const struct upstream_event *event) {
    struct gateway *gateway = ctx;
    switch (event->kind) {
    case UPSTREAM_FRAME:
        mailbox_put_frame(gateway->mailbox, event->frame);
        break;
    case UPSTREAM_SERVERS:
        mailbox_put_servers(gateway->mailbox);
        break;
    case UPSTREAM_SCENES:
    case UPSTREAM_STATE:
        mailbox_put_state(gateway->mailbox);
        break;
    }
}

void gateway_wake(void *ctx) {
    struct gateway *gateway = ctx;
    ws_server_wake(gateway->server);
}

/* The list of scenes has come; the upstream has read it already. */
static void on_scenes_listed(void *ctx, const struct call_reply *reply) {
    struct gateway *gateway = ctx;
    if (reply->code == LG_OK) {
        mailbox_put_state(gateway->mailbox);
    }
}

void gateway_fetch_frame(struct gateway *gateway, struct view *view) {
    /* The upstream follows only scenes that exist, whatever clients ask for. */
    struct frame *frame = upstream_frame(gateway->upstream, view_scene(view));
    if (frame != NULL) {
        view_adopt(view, frame);
        frame_unref(frame);
    }
}

void gateway_find_scene(struct gateway *gateway, struct view *view) {
    gateway_fetch_frame(gateway, view);
    if (view_frame(view) == NULL && !upstream_has_scene(gateway->upstream, view_scene(view))) {
        /* Younger than the last heartbeat, perhaps. */
        struct call_request request = {.kind = CALL_SCENES, .role = "view"};
        (void)upstream_call(gateway->upstream, &request, on_scenes_listed, gateway);
    }
}

static void on_servers(struct gateway *gateway) {
    struct upstream_server *servers = NULL;
    size_t n_servers = upstream_servers(gateway->upstream, &servers);
    if (!gateway->is_draining) {
        ports_update(gateway->ports, servers, n_servers);
    }
    free(servers);
}

static void on_state(struct gateway *gateway) {
    struct upstream_state state;
    upstream_state(gateway->upstream, &state);
    if (state.is_fresh) {
        ports_report_all(gateway->ports);
    }
    for (struct view *view = views_first(gateway->views); view != NULL; view = view_next(view)) {
        if (state.is_fresh && !upstream_has_scene(gateway->upstream, view_scene(view))) {
            view_forget_frame(view); /* deleted; a renderer that is away keeps its scenes */
        } else if (view_frame(view) == NULL) {
            gateway_fetch_frame(gateway, view);
        }
    }
}

static void on_answer(struct gateway *gateway, struct answer *answer) {
    if (answer->deliver != NULL || answer->deliver_view != NULL) {
        if (answer->deliver != NULL) {
            answer->deliver(answer->cookie, &answer->reply);
        } else {
            answer->deliver_view(answer->cookie, answer->reply.code, answer->frame);
        }
        answer_destroy(answer);
        return;
    }
    struct ws_connection *connection = gateway_connection(gateway, answer->id);
    if (connection != NULL && ws_connection_fanout(connection) != NULL) {
        ws_connection_on_reply(connection, answer->cookie, &answer->reply);
    } else {
        answer->drop(answer->cookie);
    }
    answer_destroy(answer);
}

void gateway_on_wake(void *ctx) {
    struct gateway *gateway = ctx;
    struct mail mail;
    if (gateway->store != NULL) {
        session_store_take(gateway->store);
    }
    mailbox_take(gateway->mailbox, &mail);
    for (size_t i = 0; i < mail.n_frames; i++) {
        struct view *view = views_find(gateway->views, mail.frames[i]->scene);
        if (view != NULL) {
            view_adopt(view, mail.frames[i]);
        }
        frame_unref(mail.frames[i]);
    }
    while (mail.answers != NULL) {
        struct answer *answer = mail.answers;
        mail.answers = answer->next;
        on_answer(gateway, answer);
    }
    if (mail.has_servers) {
        on_servers(gateway);
    }
    if (mail.has_state) {
        on_state(gateway);
    }
    gateway_tick(gateway);
}
