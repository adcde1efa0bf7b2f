/* Subscriptions, in groups of the same scene and width. A session is told at once
 * after a quiet time, then at most once per period, always the newest version; who
 * cannot take it now is asked again when it can, and gets the newest then.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "gateway-ws/rpc/rpc_private.h"

enum { NOTICE_BYTES = 256 };

struct sub_group {
    struct sub_group *next;
    struct view *view;  /* a reference */
    uint32_t width_px;  /* 0 = the scene's own */
    struct frame *wide; /* newest at that width, a reference; NULL when own */
    bool is_asked;
    int64_t ask_after_us;
    struct sub *subs;
    uint64_t seen_epoch, seen_version; /* all subs were looked at with this one */
    int64_t due_us;
    struct prepared prepared;
};

const char *sub_scene(const struct sub *sub) {
    return view_scene(sub->group->view);
}

uint32_t sub_width_px(const struct sub *sub) {
    return sub->group->width_px;
}

static struct frame *newest(const struct sub_group *group) {
    return group->width_px != 0 ? group->wide : view_newest(group->view);
}

/* -- groups ---------------------------------------------------------------------- */

static struct sub_group *find_group(struct rpc *rpc, const char *scene, uint32_t width_px) {
    struct sub_group *group = rpc->groups;
    while (group != NULL &&
           (group->width_px != width_px || strcmp(view_scene(group->view), scene) != 0)) {
        group = group->next;
    }
    return group;
}

static struct sub_group *make_group(struct rpc *rpc, const char *scene, uint32_t width_px) {
    struct sub_group *group = find_group(rpc, scene, width_px);
    if (group != NULL || (group = calloc(1, sizeof *group)) == NULL) {
        return group;
    }
    group->view = rpc->options.enter_view(rpc->options.ctx, scene);
    if (group->view == NULL) {
        free(group);
        return NULL;
    }
    group->width_px = width_px;
    group->prepared.keeps_former = width_px != 0;
    group->due_us = INT64_MAX;
    group->next = rpc->groups;
    rpc->groups = group;
    return group;
}

static void drop_empty(struct rpc *rpc, struct sub_group *group) {
    struct sub_group **at = &rpc->groups;
    if (group->subs != NULL) {
        return;
    }
    while (*at != group) {
        at = &(*at)->next;
    }
    *at = group->next;
    prepared_finish(&group->prepared);
    frame_unref(group->wide);
    views_leave(rpc->options.views, group->view);
    free(group);
}

/* -- subscriptions -------------------------------------------------------------------- */

struct sub *sub_find(const struct jsonrpc_session *session, const char *scene) {
    const struct rpc_session *data = jsonrpc_session_data(session);
    struct sub *sub = data != NULL ? data->subs : NULL;
    while (sub != NULL && strcmp(sub_scene(sub), scene) != 0) {
        sub = sub->sibling;
    }
    return sub;
}

static void unlink_sub(struct rpc *rpc, struct sub *sub) {
    struct sub_group *group = sub->group;
    if (sub->next != NULL) {
        sub->next->prev = sub->prev;
    }
    if (sub->prev != NULL) {
        sub->prev->next = sub->next;
    } else {
        group->subs = sub->next;
    }
    free(sub);
    drop_empty(rpc, group);
}

bool sub_remove(struct rpc *rpc, struct jsonrpc_session *session, const char *scene) {
    struct rpc_session *data = jsonrpc_session_data(session);
    struct sub *sub = sub_find(session, scene);
    if (sub == NULL) {
        return false;
    }
    struct sub **at = &data->subs;
    while (*at != sub) {
        at = &(*at)->sibling;
    }
    *at = sub->sibling;
    data->n_subs--;
    unlink_sub(rpc, sub);
    return true;
}

void subs_remove_all(struct rpc *rpc, struct jsonrpc_session *session) {
    struct rpc_session *data = jsonrpc_session_data(session);
    while (data != NULL && data->subs != NULL) {
        struct sub *sub = data->subs;
        data->subs = sub->sibling;
        data->n_subs--;
        unlink_sub(rpc, sub);
    }
}

struct sub *sub_add(struct rpc *rpc, struct jsonrpc_session *session, const char *scene,
                    uint32_t width_px, enum sub_frames frames, int64_t period_us) {
    struct rpc_session *data = jsonrpc_session_data(session);
    struct sub *sub = calloc(1, sizeof *sub);
    struct sub_group *group = NULL;
    if (data == NULL || sub == NULL ||
        (sub_find(session, scene) == NULL && data->n_subs >= LIMIT_RPC_SUBSCRIPTIONS) ||
        (group = make_group(rpc, scene, frames == SUB_NONE ? 0 : width_px)) == NULL) {
        free(sub);
        return NULL;
    }
    sub->group = group;
    sub->session = session;
    sub->frames = frames;
    sub->period_us = period_us;
    sub->next = group->subs;
    if (sub->next != NULL) {
        sub->next->prev = sub;
    }
    group->subs = sub; /* before the former one goes: the group stays */
    (void)sub_remove(rpc, session, scene);
    sub->sibling = data->subs;
    data->subs = sub;
    data->n_subs++;
    return sub;
}

/* -- telling ------------------------------------------------------------------------------ */

static void send_notice(struct ws_connection *connection, const struct frame *frame) {
    char text[NOTICE_BYTES] = "{\"jsonrpc\":\"2.0\",\"method\":\"scoreChanged\",\"params\":{";
    size_t len = strlen(text);
    len += score_rpc_print_version(text + len, sizeof text - len - 2, frame->scene, frame->epoch,
                                   frame->version);
    memcpy(text + len, "}}", 2);
    ws_connection_send_news(connection, text, len + 2);
}

static void send_base64(struct ws_connection *connection, struct sub_group *group) {
    char start[NOTICE_BYTES + 64] = "{\"jsonrpc\":\"2.0\",\"method\":\"frame\",\"params\":{";
    struct picture *picture = prepared_base64(&group->prepared, group->view);
    size_t len = strlen(start);
    if (picture == NULL) {
        return;
    }
    len += score_rpc_print_frame(start + len, sizeof start - len, group->prepared.frame);
    snprintf(start + len, sizeof start - len, ",\"mimeType\":\"image/png\",\"image\":\"");
    ws_connection_send_shared(connection, start, picture, "}", true);
}

static void send_binary(struct rpc *rpc, struct ws_connection *connection, struct sub *sub) {
    struct prepared *prepared = &sub->group->prepared;
    const struct frame *frame = prepared->frame;
    struct picture *picture = NULL;
    if (sub->frames == SUB_TILES && sub->base_epoch == frame->epoch && sub->base_version != 0) {
        picture = prepared_tiles(prepared, rpc->options.upstream, sub->base_version);
    }
    if (picture == NULL) {
        picture = prepared_whole(prepared);
    }
    if (picture != NULL) {
        ws_connection_send_shared(connection, "", picture, "", true);
        sub->base_epoch = frame->epoch;
        sub->base_version = frame->version;
    }
}

static void tell(struct rpc *rpc, struct ws_connection *connection, struct sub *sub,
                 struct frame *frame, int64_t now_us) {
    prepared_renew(&sub->group->prepared, frame);
    if (!sub->is_told_now || sub->frames == SUB_NONE) {
        send_notice(connection, frame);
    }
    if (sub->frames == SUB_BASE64) {
        send_base64(connection, sub->group);
    } else if (sub->frames != SUB_NONE) {
        send_binary(rpc, connection, sub);
    }
    rpc_metrics_told(rpc->metrics, sub, frame);
    sub->is_told_now = false;
    sub->told_us = now_us;
    sub->told_epoch = frame->epoch;
    sub->told_version = frame->version;
}

/* Returns when it is due; INT64_MAX: told, nothing to tell, or later by on_writable. */
static int64_t offer(struct rpc *rpc, struct sub *sub, struct frame *frame, int64_t now_us) {
    struct ws_connection *connection = rpc_connection(sub->session);
    if (connection == NULL || frame == NULL ||
        (sub->told_epoch == frame->epoch && sub->told_version >= frame->version)) {
        return INT64_MAX;
    }
    if (sub->told_us != 0 && now_us < sub->told_us + sub->period_us) {
        return sub->told_us + sub->period_us;
    }
    if (ws_connection_takes_news(connection)) {
        tell(rpc, connection, sub, frame, now_us);
    } else {
        ws_connection_want_news(connection);
    }
    return INT64_MAX;
}

/* A later look is needed at this time. */
static void set_due(struct sub_group *group, int64_t due_us) {
    group->due_us = due_us < group->due_us ? due_us : group->due_us;
}

void sub_offer(struct rpc *rpc, struct sub *sub) {
    set_due(sub->group, offer(rpc, sub, newest(sub->group), lg_clock_us()));
}

int subs_on_writable(struct rpc *rpc, struct jsonrpc_session *session) {
    struct rpc_session *data = jsonrpc_session_data(session);
    struct ws_connection *connection = rpc_connection(session);
    int64_t now_us = lg_clock_us();
    for (struct sub *sub = data != NULL ? data->subs : NULL; sub != NULL; sub = sub->sibling) {
        struct frame *frame = newest(sub->group);
        if (connection == NULL || frame == NULL ||
            (sub->told_epoch == frame->epoch && sub->told_version >= frame->version) ||
            (sub->told_us != 0 && now_us < sub->told_us + sub->period_us)) {
            continue; /* nothing, or the group's turn will come */
        }
        if (!ws_connection_takes_news(connection)) {
            return 1;
        }
        tell(rpc, connection, sub, frame, now_us);
    }
    return 0;
}

/* -- new frames ------------------------------------------------------------------------------ */

static void ask_wide(struct rpc *rpc, struct sub_group *group, int64_t now_us) {
    const struct frame *own = view_frame(group->view);
    bool is_new = own != NULL && (group->wide == NULL || group->wide->epoch != own->epoch ||
                                  group->wide->version < own->version);
    if (!is_new || group->is_asked) {
        return;
    }
    if (now_us < group->ask_after_us) {
        set_due(group, group->ask_after_us);
        return;
    }
    group->is_asked = rpc_ask_view(rpc, view_scene(group->view), group->width_px) == LG_OK;
    if (!group->is_asked) {
        group->ask_after_us = now_us + 1000 * 1000;
        set_due(group, group->ask_after_us);
    }
}

void subs_take_view(struct rpc *rpc, const char *scene, uint32_t width_px, struct frame *frame) {
    struct sub_group *group = find_group(rpc, scene, width_px);
    if (group == NULL) {
        return;
    }
    group->is_asked = false;
    if (frame == NULL) {
        group->ask_after_us = lg_clock_us() + 1000 * 1000;
    } else if (group->wide == NULL || group->wide->epoch != frame->epoch ||
               group->wide->version < frame->version) {
        frame_unref(group->wide);
        group->wide = frame_ref(frame);
    }
}

static int64_t tick_group(struct rpc *rpc, struct sub_group *group, int64_t now_us) {
    if (group->width_px != 0) {
        ask_wide(rpc, group, now_us);
    }
    struct frame *frame = newest(group);
    if (frame == NULL || (group->seen_epoch == frame->epoch &&
                          group->seen_version == frame->version && now_us < group->due_us)) {
        return group->due_us;
    }
    group->seen_epoch = frame->epoch;
    group->seen_version = frame->version;
    group->due_us = INT64_MAX;
    for (struct sub *sub = group->subs; sub != NULL; sub = sub->next) {
        set_due(group, offer(rpc, sub, frame, now_us));
    }
    return group->due_us;
}

int64_t subs_tick(struct rpc *rpc, int64_t now_us) {
    int64_t due_us = INT64_MAX;
    for (struct sub_group *group = rpc->groups; group != NULL; group = group->next) {
        int64_t group_us = tick_group(rpc, group, now_us);
        due_us = group_us < due_us ? group_us : due_us;
    }
    return due_us;
}
