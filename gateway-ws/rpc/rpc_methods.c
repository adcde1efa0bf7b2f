/* Methods that need a session: subscribe, unsubscribe, shown, presence. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "gateway-ws/rpc/rpc_private.h"

static const char *const FRAMES_NAMES[] = {
    [SUB_NONE] = "none", [SUB_BASE64] = "base64", [SUB_BINARY] = "binary", [SUB_TILES] = "tiles"};

const char *sub_frames_name(enum sub_frames frames) {
    return FRAMES_NAMES[frames];
}

static enum sub_frames frames_of(const json_t *params) {
    const char *name = json_string_value(json_object_get(params, "frames"));
    for (int i = SUB_BASE64; i <= SUB_TILES; i++) {
        if (name != NULL && strcmp(name, FRAMES_NAMES[i]) == 0) {
            return (enum sub_frames)i;
        }
    }
    return SUB_NONE;
}

json_t *sub_describe(const struct sub *sub) {
    json_t *params =
        json_pack("{s:s, s:s, s:I}", "scene", sub_scene(sub), "frames",
                  sub_frames_name(sub->frames), "period", (json_int_t)(sub->period_us / 1000));
    if (sub_width_px(sub) != 0) {
        json_object_set_new(params, "width", json_integer(sub_width_px(sub)));
    }
    return params;
}

/* The session's subscriptions go where it goes: with its attributes. */
static void keep_subscriptions(struct jsonrpc_session *session) {
    const struct rpc_session *data = jsonrpc_session_data(session);
    json_t *list = json_array();
    for (const struct sub *sub = data->subs; sub != NULL; sub = sub->sibling) {
        json_array_append_new(list, sub_describe(sub));
    }
    json_object_set_new(jsonrpc_session_attributes(session), "subscriptions", list);
    jsonrpc_session_changed(session);
}

/* -- subscribe -------------------------------------------------------------------- */

static void do_subscribe(struct jsonrpc_transaction *transaction, struct frame *frame,
                         json_t *params) {
    struct rpc *rpc = jsonrpc_transaction_ctx(transaction);
    struct jsonrpc_session *session = jsonrpc_transaction_session(transaction);
    const json_t *period = json_object_get(params, "period");
    uint32_t width_px = (uint32_t)json_number_value(json_object_get(params, "width"));
    int64_t period_us = (int64_t)json_number_value(period) * 1000;
    enum sub_frames frames = frames_of(params);
    if (session == NULL) {
        return; /* it ended meanwhile */
    }
    if (period_us < rpc->options.notify_period_us) {
        period_us = rpc->options.notify_period_us;
    }
    struct view *view = views_find(rpc->options.views, frame->scene);
    const struct frame *own = view != NULL ? view_frame(view) : NULL;
    if (width_px != 0 && own != NULL && own->width_px == width_px) {
        width_px = 0;
    }
    struct sub *sub = sub_add(rpc, session, frame->scene, width_px, frames, period_us);
    if (sub == NULL) {
        (void)jsonrpc_respond_error(transaction, 40029, "too many subscriptions", NULL);
        return;
    }
    keep_subscriptions(session);
    char epoch[20];
    snprintf(epoch, sizeof epoch, "%016" PRIx64, frame->epoch);
    (void)jsonrpc_respond(
        transaction, json_pack("{s:s, s:s, s:I, s:i, s:i, s:s, s:I}", "scene", frame->scene,
                               "epoch", epoch, "version", (json_int_t)frame->version, "width",
                               (int)frame->width_px, "height", (int)frame->height_px, "frames",
                               sub_frames_name(frames), "period", (json_int_t)(period_us / 1000)));
    if (frames == SUB_NONE) {
        sub->told_epoch = frame->epoch;
        sub->told_version = frame->version;
    } else {
        subs_take_view(rpc, frame->scene, width_px, frame);
        sub->is_told_now = true;
    }
    sub_offer(rpc, sub);
}

static void on_subscribe(struct jsonrpc_transaction *transaction, json_t *params) {
    struct jsonrpc_transport *transport = jsonrpc_transaction_transport(transaction);
    const struct ws_connection *connection = jsonrpc_transport_ctx(transport);
    uint32_t width_px = (uint32_t)json_number_value(json_object_get(params, "width"));
    if (frames_of(params) >= SUB_BINARY && !ws_connection_carries_binary(connection)) {
        (void)jsonrpc_respond_bad_params(transaction, "frames",
                                         "none or base64: this connection carries text only");
        return;
    }
    score_rpc_with_frame(transaction, score_rpc_scene(transaction, params), width_px, params,
                         do_subscribe);
}

static void on_unsubscribe(struct jsonrpc_transaction *transaction, json_t *params) {
    struct rpc *rpc = jsonrpc_transaction_ctx(transaction);
    struct jsonrpc_session *session = jsonrpc_transaction_session(transaction);
    const char *scene = score_rpc_scene(transaction, params);
    if (sub_remove(rpc, session, scene)) {
        keep_subscriptions(session);
        (void)jsonrpc_respond(transaction, json_pack("{s:s}", "scene", scene));
    } else {
        score_rpc_fail(transaction, LG_ENOTFOUND, json_string("no subscription of this scene"));
    }
}

/* -- presence ----------------------------------------------------------------------- */

static void on_shown(struct jsonrpc_transaction *transaction, json_t *params) {
    struct jsonrpc_session *session = jsonrpc_transaction_session(transaction);
    struct sub *sub = sub_find(session, score_rpc_scene(transaction, params));
    if (sub != NULL) {
        (void)score_rpc_read_epoch(json_string_value(json_object_get(params, "epoch")),
                                   &sub->shown_epoch);
        sub->shown_version = (uint64_t)json_number_value(json_object_get(params, "version"));
    }
    (void)jsonrpc_respond(transaction, NULL);
}

static json_t *version_of(uint64_t epoch, uint64_t version) {
    char text[20];
    snprintf(text, sizeof text, "%016" PRIx64, epoch);
    return version == 0 ? json_null()
                        : json_pack("{s:s, s:I}", "epoch", text, "version", (json_int_t)version);
}

static json_t *describe_subs(const struct jsonrpc_session *session) {
    const struct rpc_session *data = jsonrpc_session_data(session);
    json_t *list = json_array();
    for (const struct sub *sub = data != NULL ? data->subs : NULL; sub != NULL;
         sub = sub->sibling) {
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o}", "scene", sub_scene(sub), "sent",
                                        version_of(sub->told_epoch, sub->told_version), "shown",
                                        version_of(sub->shown_epoch, sub->shown_version)));
    }
    return list;
}

static json_t *describe(const struct rpc *rpc, const struct jsonrpc_session *session) {
    const struct jsonrpc_transport *transport = jsonrpc_session_transport(session);
    const char *role =
        transport != NULL ? SCORE_RPC_ROLE_NAMES[jsonrpc_transport_role(transport)] : NULL;
    char id[9]; /* enough to tell them apart, not to take one up */
    snprintf(id, sizeof id, "%.8s", jsonrpc_session_id(session));
    return json_pack("{s:s, s:O?, s:s?, s:b, s:s, s:o}", "session", id, "registerInfo",
                     jsonrpc_session_register_info(session), "role", role, "connected",
                     (int)(transport != NULL), "gateway", rpc->name, "subscriptions",
                     describe_subs(session));
}

json_t *rpc_presence(struct rpc *rpc) {
    json_t *list = json_array();
    for (struct jsonrpc_session *session = jsonrpc_server_next(rpc->server, NULL); session != NULL;
         session = jsonrpc_server_next(rpc->server, session)) {
        json_array_append_new(list, describe(rpc, session));
    }
    return list;
}

static void on_presence(struct jsonrpc_transaction *transaction, json_t *params) {
    struct rpc *rpc = jsonrpc_transaction_ctx(transaction);
    json_t *list = rpc_presence(rpc);
    (void)params;
    if (rpc->options.add_presence != NULL) {
        rpc->options.add_presence(rpc->options.store_ctx, list);
    }
    (void)jsonrpc_respond(transaction, json_pack("{s:o}", "clients", list));
}

/* -- table ---------------------------------------------------------------------------- */

#define SCENE                                                                                      \
    {                                                                                              \
        .name = "scene", .type = JSONRPC_STRING, .is_optional = true,                              \
        .is_good = score_rpc_is_scene_name, .expected = "the name of a scene"                      \
    }
#define EPOCH                                                                                      \
    {                                                                                              \
        .name = "epoch", .type = JSONRPC_STRING, .is_good = score_rpc_is_epoch,                    \
        .expected = "16 hexadecimal digits"                                                        \
    }

static const struct jsonrpc_param SUBSCRIBE_PARAMS[] = {
    SCENE,
    {.name = "width",
     .type = JSONRPC_INTEGER,
     .min = 1,
     .max = LIMIT_SIDE_PX,
     .is_optional = true,
     .summary = "pixels; the scene's own when left out"},
    {.name = "frames",
     .type = JSONRPC_STRING,
     .choices = "none|base64|binary|tiles",
     .is_optional = true,
     .summary = "how pictures come; none when left out"},
    {.name = "period",
     .type = JSONRPC_INTEGER,
     .min = 0,
     .max = LIMIT_NOTIFY_PERIOD_MAX_MS,
     .is_optional = true,
     .summary = "least milliseconds between two notices"},
};
static const struct jsonrpc_param SUBSCRIBE_RESULTS[] = {
    {.name = "scene", .type = JSONRPC_STRING},    EPOCH,
    {.name = "version", .type = JSONRPC_INTEGER}, {.name = "width", .type = JSONRPC_INTEGER},
    {.name = "height", .type = JSONRPC_INTEGER},  {.name = "frames", .type = JSONRPC_STRING},
    {.name = "period", .type = JSONRPC_INTEGER},
};
static const struct jsonrpc_param SCENE_ONLY[] = {SCENE};
static const struct jsonrpc_param SHOWN_PARAMS[] = {
    SCENE, EPOCH, {.name = "version", .type = JSONRPC_INTEGER, .min = 0, .max = INT64_MAX}};
static const struct jsonrpc_param PRESENCE_RESULTS[] = {{.name = "clients", .type = JSONRPC_ARRAY}};

const struct jsonrpc_method RPC_OWN_METHODS[] = {
    {.name = "subscribe",
     .handle = on_subscribe,
     .params = SUBSCRIBE_PARAMS,
     .n_params = 4,
     .results = SUBSCRIBE_RESULTS,
     .n_results = 7,
     .role = AUTH_VIEW,
     .needs_session = true,
     .summary = "be told of new versions of a scene, with or without pictures"},
    {.name = "unsubscribe",
     .handle = on_unsubscribe,
     .params = SCENE_ONLY,
     .n_params = 1,
     .results = SCENE_ONLY,
     .n_results = 1,
     .role = AUTH_VIEW,
     .needs_session = true,
     .summary = "end it"},
    {.name = "shown",
     .handle = on_shown,
     .params = SHOWN_PARAMS,
     .n_params = 3,
     .role = AUTH_VIEW,
     .needs_session = true,
     .summary = "this picture is on the screen now"},
    {.name = "presence",
     .handle = on_presence,
     .has_no_params = true,
     .results = PRESENCE_RESULTS,
     .n_results = 1,
     .role = AUTH_CONDUCT,
     .needs_session = true,
     .summary = "who has a session on this gateway, and what they show"},
};
const size_t RPC_N_OWN_METHODS = sizeof RPC_OWN_METHODS / sizeof RPC_OWN_METHODS[0];
