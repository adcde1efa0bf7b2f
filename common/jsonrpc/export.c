/* A session as JSON and back, for a store. What comes from a store is not trusted. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/jsonrpc/private.h"

static json_t *export_kept(const struct kept *kept) {
    json_t *list = json_array();
    for (const struct kept_text *text = kept->first; text != NULL; text = text->next) {
        json_array_append_new(
            list, json_pack("[s%, b]", text->text, text->size_bytes, (int)text->is_notification));
    }
    return list;
}

json_t *jsonrpc_session_export(const struct jsonrpc_session *session) {
    const struct kept *kept = &session->kept;
    return json_pack("{s:s, s:O?, s:O?, s:I, s:I, s:o, s:I, s:I, s:o}", "id", session->id,
                     "registerInfo", session->register_info, "attributes", session->attributes,
                     "reconnectionMs", (json_int_t)(session->reconnection_us / 1000),
                     "pingIntervalMs", (json_int_t)(session->interval_us / 1000), "queue",
                     export_kept(kept), "lostAnswers", (json_int_t)kept->lost_answers,
                     "lostNotifications", (json_int_t)kept->lost_notifications, "repeats",
                     repeats_export(session));
}

static int64_t read_int(const json_t *exported, const char *name, int64_t max) {
    json_int_t value = json_integer_value(json_object_get(exported, name));
    return value < 0 ? 0 : value > max ? max : value;
}

static void import_kept(struct jsonrpc_session *session, const json_t *list) {
    const struct jsonrpc_options *options = &session->server->options;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const json_t *text = json_array_get(item, 0);
        size_t size_bytes = json_string_length(text);
        if (!json_is_string(text) || size_bytes > options->queue_bytes) {
            continue;
        }
        kept_make_room(&session->kept, size_bytes, options->queue_texts, options->queue_bytes);
        (void)kept_push(&session->kept, json_string_value(text), size_bytes,
                        json_is_true(json_array_get(item, 1)));
    }
}

struct jsonrpc_session *session_import(struct jsonrpc_server *server, const char *id,
                                       const json_t *exported) {
    const char *exported_id = json_string_value(json_object_get(exported, "id"));
    if (exported_id == NULL || strcmp(exported_id, id) != 0 ||
        strlen(id) > JSONRPC_SESSION_ID_BYTES) {
        return NULL;
    }
    struct jsonrpc_session *session = session_create(server, id);
    if (session == NULL) {
        return NULL;
    }
    json_t *info = json_object_get(exported, "registerInfo");
    json_t *attributes = json_object_get(exported, "attributes");
    session->register_info = json_is_object(info) ? json_incref(info) : NULL;
    session->attributes = json_is_object(attributes) ? json_deep_copy(attributes) : NULL;
    int64_t reconnection_ms = read_int(exported, "reconnectionMs", 24 * 3600 * 1000);
    session->reconnection_us =
        reconnection_ms > 0 ? reconnection_ms * 1000 : server->options.reconnection_us;
    session->interval_us = read_int(exported, "pingIntervalMs", 600 * 1000) * 1000;
    session->n_messages = 2; /* not new */
    session->expires_us = lg_clock_us() + session->reconnection_us;
    server_due(server, session->expires_us);
    import_kept(session, json_object_get(exported, "queue"));
    session->kept.lost_answers = (uint32_t)read_int(exported, "lostAnswers", UINT32_MAX);
    session->kept.lost_notifications =
        (uint32_t)read_int(exported, "lostNotifications", UINT32_MAX);
    repeats_import(session, json_object_get(exported, "repeats"));
    if (server->options.events.on_established != NULL) {
        server->options.events.on_established(server->options.ctx, session);
    }
    return session;
}
