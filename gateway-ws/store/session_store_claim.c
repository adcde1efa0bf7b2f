/* Taking up sessions of other gateways, and giving up one's own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway-ws/store/store_private.h"

/* -- taking up ---------------------------------------------------------------------- */

static struct store_claim **claim_of(struct session_store *store, uint64_t lookup) {
    struct store_claim **at = &store->claims;
    while (*at != NULL && (*at)->lookup != lookup) {
        at = &(*at)->next;
    }
    return at;
}

int session_store_find(struct session_store *store, const char *session_id, uint64_t lookup) {
    char key[STORE_KEY_BYTES], ttl[24];
    struct store_claim *claim =
        store->is_up && session_id[0] != '\0' ? calloc(1, sizeof *claim) : NULL;
    if (claim == NULL) {
        return -1;
    }
    claim->lookup = lookup;
    claim->deadline_us = INT64_MAX;
    snprintf(claim->id, sizeof claim->id, "%s", session_id);
    store_key(session_id, key);
    snprintf(ttl, sizeof ttl, "%" PRId64, (store->options.reconnection_us + STORE_SPARE_US) / 1000);
    const char *args[] = {key, store->name, ttl, session_id};
    if (!redis_link_send(store->link, STORE_TAG(TAG_CLAIM, lookup), SCRIPT_CLAIM, 1, args, 4)) {
        free(claim);
        return -1;
    }
    claim->next = store->claims;
    store->claims = claim;
    return 0;
}

static void end_claim(struct session_store *store, struct store_claim **at, const json_t *data) {
    struct store_claim *claim = *at;
    *at = claim->next;
    /* Before it is found: what the library does then is saved under this fence. */
    struct store_entry *entry = data != NULL ? store_entry_make(store, claim->id) : NULL;
    if (entry != NULL) {
        entry->fence = claim->fence;
    }
    if (jsonrpc_server_found(store->server, claim->lookup, data)) {
        store->counts.taken_up += data != NULL;
    }
    if (entry != NULL && jsonrpc_server_session(store->server, claim->id) == NULL) {
        store_entry_remove(store, claim->id); /* its client has gone again: it stays in Redis */
    }
    free(claim->data);
    free(claim);
}

static json_t *read_object(const char *text) {
    json_t *value = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (value != NULL && !json_is_object(value)) {
        json_decref(value);
        value = NULL;
    }
    return value;
}

/* What was stored last is what we have. */
static void end_with_stored(struct session_store *store, struct store_claim **at) {
    json_t *data = read_object((*at)->data);
    end_claim(store, at, data);
    json_decref(data);
}

void store_on_claimed(struct session_store *store, uint64_t lookup,
                      const struct redis_event *event) {
    struct store_claim **at = claim_of(store, lookup);
    if (*at == NULL) {
        return;
    }
    if (event->is_error || event->is_nil || event->n_texts != 3) {
        end_claim(store, at, NULL);
        return;
    }
    struct store_claim *claim = *at;
    claim->fence = strtoull(event->texts[0], NULL, 10);
    claim->data = strdup(event->texts[2]);
    claim->deadline_us = lg_clock_us() + STORE_HANDOVER_US;
    if (claim->has_no_handover || strcmp(event->texts[1], "0") == 0) { /* nobody is there */
        end_with_stored(store, at);
    }
}

int64_t store_tick_claims(struct session_store *store, int64_t now_us) {
    int64_t due_us = INT64_MAX;
    struct store_claim **at = &store->claims;
    while (*at != NULL) {
        if (now_us >= (*at)->deadline_us) {
            lg_log(LG_LOG_WARN, "store", "no_handover", "within_ms=%d", STORE_HANDOVER_US / 1000);
            end_with_stored(store, at);
            at = &store->claims; /* the library may have asked for another one */
            continue;
        }
        due_us = (*at)->deadline_us < due_us ? (*at)->deadline_us : due_us;
        at = &(*at)->next;
    }
    return due_us;
}

void store_drop_claims(struct session_store *store) {
    while (store->claims != NULL) {
        struct store_claim *claim = store->claims;
        store->claims = claim->next;
        if (store->server != NULL) {
            (void)jsonrpc_server_found(store->server, claim->lookup, NULL);
        }
        free(claim->data);
        free(claim);
    }
}

/* -- messages of other gateways -------------------------------------------------------- */

static void publish(struct session_store *store, const char *to, json_t *message) {
    char channel[64];
    char *text = message != NULL ? json_dumps(message, JSON_COMPACT) : NULL;
    snprintf(channel, sizeof channel, "leggio:to:%.40s", to);
    if (text != NULL) {
        const char *args[] = {"PUBLISH", channel, text};
        (void)redis_link_send(store->link, TAG_NONE, REDIS_NO_SCRIPT, 0, args, 3);
    }
    free(text);
    json_decref(message);
}

/* It is another's: its state, newer than what was stored, goes there. */
static void on_release(struct session_store *store, const char *id, const json_t *message) {
    const char *to = json_string_value(json_object_get(message, "to"));
    const struct store_entry *entry = store_entry_find(store, id);
    struct jsonrpc_session *session = jsonrpc_server_session(store->server, id);
    uint64_t fence = (uint64_t)json_integer_value(json_object_get(message, "fence"));
    if (to == NULL || (entry != NULL && entry->fence >= fence)) {
        return; /* an old message: it has come back since */
    }
    json_t *data = session != NULL ? jsonrpc_session_export(session) : NULL;
    publish(store, to,
            json_pack("{s:s, s:s, s:I, s:o*}", "kind", "handover", "id", id, "fence",
                      (json_int_t)fence, "data", data));
    store->counts.handed_over += data != NULL;
    store_release(store, id);
}

static void on_handover(struct session_store *store, const char *id, const json_t *message) {
    uint64_t fence = (uint64_t)json_integer_value(json_object_get(message, "fence"));
    const json_t *data = json_object_get(message, "data");
    struct store_claim **at = &store->claims;
    while (*at != NULL && (strcmp((*at)->id, id) != 0 || (*at)->fence > fence)) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        return; /* too late */
    }
    (*at)->fence = fence; /* Redis may not have answered us yet */
    if (json_is_object(data)) {
        end_claim(store, at, data);
    } else if ((*at)->data != NULL) {
        end_with_stored(store, at);
    } else {
        (*at)->has_no_handover = true;
    }
}

void store_on_message(struct session_store *store, const char *text) {
    json_t *message = read_object(text);
    const char *kind = json_string_value(json_object_get(message, "kind"));
    const char *id = json_string_value(json_object_get(message, "id"));
    const json_t *body = json_object_get(message, "text");
    if (kind != NULL && strcmp(kind, "presence") == 0) {
        store_take_presence(store, message);
    } else if (kind == NULL || id == NULL || strlen(id) > JSONRPC_SESSION_ID_BYTES) {
        lg_log(LG_LOG_WARN, "store", "odd_message", NULL);
    } else if (strcmp(kind, "release") == 0) {
        on_release(store, id, message);
    } else if (strcmp(kind, "handover") == 0) {
        on_handover(store, id, message);
    } else if (strcmp(kind, "deliver") == 0 && json_is_string(body)) {
        (void)jsonrpc_server_deliver(store->server, id, json_string_value(body),
                                     json_string_length(body));
    }
    json_decref(message);
}
