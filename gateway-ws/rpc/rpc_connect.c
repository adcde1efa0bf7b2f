/* What `connect` means here: role, what the client has seen, subscriptions that come
 * back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway-ws/rpc/rpc_private.h"

/* -- params --------------------------------------------------------------------- */

static bool is_seen_item(const json_t *item) {
    const json_t *version = json_object_get(item, "version");
    return score_rpc_is_scene_name(json_object_get(item, "scene")) &&
           score_rpc_is_epoch(json_object_get(item, "epoch")) && json_is_integer(version) &&
           json_integer_value(version) >= 0;
}

static bool is_seen(const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!is_seen_item(json_array_get(list, i))) {
            return false;
        }
    }
    return true;
}

static const struct jsonrpc_param PARAMS[] = {
    {.name = "sessionId",
     .type = JSONRPC_STRING,
     .min = 1,
     .max = 128,
     .is_optional = true,
     .summary = "a session to go on with"},
    {.name = "token",
     .type = JSONRPC_STRING,
     .min = 1,
     .max = 128,
     .is_optional = true,
     .summary = "for another role than the upgrade gave"},
    {.name = "registerInfo",
     .type = JSONRPC_OBJECT,
     .is_optional = true,
     .summary = "what the client says of itself, at most 4 KiB of JSON"},
    {.name = "seen",
     .type = JSONRPC_ARRAY,
     .min = 0,
     .max = 64,
     .is_optional = true,
     .is_good = is_seen,
     .expected = "an array of at most 64 {scene, epoch, version}",
     .summary = "the newest versions that the client has"},
};
static const struct jsonrpc_param RESULTS[] = {
    {.name = "value", .type = JSONRPC_STRING, .choices = "OK|reconnection successful"},
    {.name = "sessionId", .type = JSONRPC_STRING},
    {.name = "role", .type = JSONRPC_STRING, .choices = "view|play|conduct"},
    {.name = "epoch", .type = JSONRPC_STRING},
    {.name = "current", .type = JSONRPC_BOOLEAN},
    {.name = "subscriptions", .type = JSONRPC_ARRAY},
};

const struct jsonrpc_method RPC_CONNECT = {.name = "connect",
                                           .params = PARAMS,
                                           .n_params = 4,
                                           .results = RESULTS,
                                           .n_results = 6,
                                           .needs_session = true,
                                           .summary = "begin a session, or take one up"};
const struct jsonrpc_method RPC_RECONNECT = {.name = "reconnect",
                                             .params = PARAMS,
                                             .n_params = 4,
                                             .results = RESULTS,
                                             .n_results = 6,
                                             .needs_session = true,
                                             .summary = "the same; sessionId is required"};

/* -- sessions ---------------------------------------------------------------------- */

/* A subscription as keep_subscriptions wrote it; from a store it may be anything. */
static void restore(struct rpc *rpc, struct jsonrpc_session *session, const json_t *params) {
    static const char *const NAMES[] = {"none", "base64", "binary", "tiles"};
    const json_t *scene = json_object_get(params, "scene");
    const char *name = json_string_value(json_object_get(params, "frames"));
    json_int_t width = json_integer_value(json_object_get(params, "width"));
    json_int_t period_ms = json_integer_value(json_object_get(params, "period"));
    int frames = SUB_TILES;
    while (name != NULL && frames > SUB_NONE && strcmp(NAMES[frames], name) != 0) {
        frames--;
    }
    if (!score_rpc_is_scene_name(scene) || name == NULL || width < 0 || width > LIMIT_SIDE_PX ||
        period_ms < 0 || period_ms > LIMIT_NOTIFY_PERIOD_MAX_MS) {
        return;
    }
    if (period_ms * 1000 < rpc->options.notify_period_us) {
        period_ms = rpc->options.notify_period_us / 1000;
    }
    (void)sub_add(rpc, session, json_string_value(scene), (uint32_t)width, (enum sub_frames)frames,
                  period_ms * 1000);
}

void rpc_on_established(void *ctx, struct jsonrpc_session *session) {
    struct rpc *rpc = ctx;
    struct rpc_session *data = calloc(1, sizeof *data);
    jsonrpc_session_set_data(session, data);
    if (data == NULL) {
        return; /* subscriptions are refused */
    }
    data->connected_wall_s = lg_clock_wall_us() / 1000000;
    if (jsonrpc_session_is_new(session)) {
        return;
    }
    const json_t *list = json_object_get(jsonrpc_session_attributes(session), "subscriptions");
    for (size_t i = json_array_size(list); i-- > 0;) {
        restore(rpc, session, json_array_get(list, i));
    }
}

void rpc_on_closed(void *ctx, struct jsonrpc_session *session, const char *reason) {
    struct rpc *rpc = ctx;
    struct rpc_session *data = jsonrpc_session_data(session);
    lg_log(LG_LOG_DEBUG, "rpc", "session_closed", "session=%.8s reason=%s",
           jsonrpc_session_id(session), reason);
    rpc_pointer_on_closed(rpc, session, reason);
    subs_remove_all(rpc, session);
    jsonrpc_session_set_data(session, NULL);
    free(data);
}

/* -- connect -------------------------------------------------------------------------- */

int rpc_on_connecting(void *ctx, struct jsonrpc_transport *transport, const json_t *params,
                      const char **why) {
    struct rpc *rpc = ctx;
    struct ws_connection *connection = jsonrpc_transport_ctx(transport);
    const char *token = json_string_value(json_object_get(params, "token"));
    struct auth_grant grant;
    if (token == NULL) {
        return 0;
    }
    ws_connection_grant(connection, &grant);
    if (!auth_judge_again(rpc->options.policy, token, &grant)) {
        lg_log(LG_LOG_WARN, "rpc", "bad_token", NULL);
        *why = "this token is not known here";
        return 40003;
    }
    ws_connection_set_grant(connection, &grant);
    jsonrpc_transport_set_role(transport, (int)grant.role);
    return 0;
}

/* The newest version that this gateway knows of; false: it knows none. */
static bool newest_version(struct rpc *rpc, const char *scene, uint64_t *epoch, uint64_t *version) {
    struct frame *frame = rpc->host.ops->frame(&rpc->host, scene);
    if (frame != NULL) {
        *epoch = frame->epoch;
        *version = frame->version;
        frame_unref(frame);
        return true;
    }
    return upstream_version(rpc->options.upstream, scene, epoch, version);
}

/* One item of `seen`. Returns whether the client is current there. */
static bool take_seen(struct rpc *rpc, struct jsonrpc_session *session, const json_t *item) {
    const char *scene = json_string_value(json_object_get(item, "scene"));
    uint64_t version = (uint64_t)json_integer_value(json_object_get(item, "version"));
    uint64_t epoch, newest_epoch, newest;
    (void)score_rpc_read_epoch(json_string_value(json_object_get(item, "epoch")), &epoch);
    struct sub *sub = sub_find(session, scene);
    if (sub != NULL) {
        sub->told_epoch = epoch;
        sub->told_version = version;
    }
    return newest_version(rpc, scene, &newest_epoch, &newest) && newest_epoch == epoch &&
           newest <= version;
}

/* What a client has, only it can know: what was sent may have been lost on the way. */
static void forget_told(struct jsonrpc_session *session) {
    const struct rpc_session *data = jsonrpc_session_data(session);
    for (struct sub *sub = data != NULL ? data->subs : NULL; sub != NULL; sub = sub->sibling) {
        sub->told_epoch = sub->told_version = 0;
        sub->base_epoch = sub->base_version = 0;
        sub->told_us = 0;
        sub->is_told_now = true;
    }
}

void rpc_on_connect(void *ctx, struct jsonrpc_session *session, const json_t *params,
                    bool is_reconnection, json_t *result) {
    struct rpc *rpc = ctx;
    struct jsonrpc_transport *transport = jsonrpc_session_transport(session);
    const struct rpc_session *data = jsonrpc_session_data(session);
    const json_t *seen = json_object_get(params, "seen");
    json_t *list = json_array();
    struct upstream_state state;
    char epoch[20];
    bool is_current = true;
    if (is_reconnection) {
        forget_told(session);
    }
    for (size_t i = 0; i < json_array_size(seen); i++) {
        is_current = take_seen(rpc, session, json_array_get(seen, i)) && is_current;
    }
    for (const struct sub *sub = data != NULL ? data->subs : NULL; sub != NULL;
         sub = sub->sibling) {
        json_array_append_new(list, sub_describe(sub));
    }
    upstream_state(rpc->options.upstream, &state);
    snprintf(epoch, sizeof epoch, "%016" PRIx64, state.epoch);
    json_object_set_new(result, "role",
                        json_string(SCORE_RPC_ROLE_NAMES[jsonrpc_transport_role(transport)]));
    json_object_set_new(result, "epoch", json_string(epoch));
    json_object_set_new(result, "current", json_boolean(is_current));
    json_object_set_new(result, "subscriptions", list);
}

void rpc_on_connected(void *ctx, struct jsonrpc_session *session, bool is_reconnection) {
    struct rpc *rpc = ctx;
    const struct rpc_session *data = jsonrpc_session_data(session);
    if (!is_reconnection || data == NULL) {
        return;
    }
    for (struct sub *sub = data->subs; sub != NULL; sub = sub->sibling) {
        sub_offer(rpc, sub);
    }
    rpc->options.wake(rpc->options.ctx); /* for what is due later */
}
