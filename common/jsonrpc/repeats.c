/* Requests that are sent again: same id, same method and params, soon after the
 * first. They get the first answer, and nothing is done twice. Where the answer was
 * that nothing is known (busy), the request is tried anew under the same key, by which
 * whoever does it tells whether it has been done.
 *
 * A page that is loaded again counts its ids from 0 again, perhaps in the same
 * session. Its `connect` has a lower id than what the page before has used, so
 * after a take-up only answers with lower ids than that of `connect` are kept: a
 * client that counts upwards does not use those again for anything else.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/jsonrpc/private.h"

enum {
    REPEAT_US = 5 * 1000 * 1000,
    REPEAT_OPEN_US = 30 * 1000 * 1000, /* left open: who is told `busy` waits before trying again */
};

static bool hash_of(const struct jsonrpc_message *message, uint8_t hash[REPEAT_HASH_BYTES]) {
    char *params = json_dumps(message->params, JSON_COMPACT);
    crypto_generichash_state state;
    if (params == NULL && message->params != NULL) {
        return false;
    }
    crypto_generichash_init(&state, NULL, 0, REPEAT_HASH_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)message->method,
                              strlen(message->method) + 1);
    if (params != NULL) {
        crypto_generichash_update(&state, (const uint8_t *)params, strlen(params));
    }
    crypto_generichash_final(&state, hash, REPEAT_HASH_BYTES);
    free(params);
    return true;
}

static void drop(struct jsonrpc_session *session, struct repeat **at) {
    struct repeat *repeat = *at;
    *at = repeat->next;
    session->n_repeats--;
    free(repeat->text);
    free(repeat);
}

/* The newest stands first. */
static struct repeat *add(struct jsonrpc_session *session, const char *id, size_t id_len,
                          const uint8_t hash[REPEAT_HASH_BYTES]) {
    struct repeat *repeat = calloc(1, sizeof *repeat + id_len + 1);
    if (repeat == NULL) {
        return NULL;
    }
    if (session->n_repeats >= LIMIT_RPC_REPEATS) {
        struct repeat **at = &session->repeats;
        while ((*at)->next != NULL) {
            at = &(*at)->next;
        }
        drop(session, at);
    }
    repeat->number = ++session->server->next_number;
    randombytes_buf(&repeat->key, sizeof repeat->key);
    memcpy(repeat->hash, hash, REPEAT_HASH_BYTES);
    memcpy(repeat->id, id, id_len);
    repeat->id_len = id_len;
    repeat->next = session->repeats;
    session->repeats = repeat;
    session->n_repeats++;
    return repeat;
}

/* The same request, if it came lately. */
static struct repeat *find(const struct jsonrpc_session *session,
                           const struct jsonrpc_message *message,
                           const uint8_t hash[REPEAT_HASH_BYTES]) {
    int64_t now_us = lg_clock_us();
    struct repeat *repeat = session->repeats;
    while (repeat != NULL && (repeat->id_len != message->id_len ||
                              memcmp(repeat->id, message->id, message->id_len) != 0 ||
                              memcmp(repeat->hash, hash, REPEAT_HASH_BYTES) != 0 ||
                              (repeat->expires_us != 0 && repeat->expires_us <= now_us))) {
        repeat = repeat->next;
    }
    return repeat;
}

enum repeat_kind repeats_find(struct jsonrpc_session *session,
                              const struct jsonrpc_message *message,
                              struct jsonrpc_transaction *transaction, const char **text) {
    uint8_t hash[REPEAT_HASH_BYTES];
    if (!hash_of(message, hash)) {
        return REPEAT_NEW;
    }
    struct repeat *repeat = find(session, message, hash);
    if (repeat != NULL && repeat->expires_us == 0) {
        return REPEAT_UNDER_WAY;
    }
    if (repeat != NULL && repeat->text != NULL) {
        *text = repeat->text;
        return REPEAT_ANSWERED;
    }
    if (repeat == NULL) {
        repeat = add(session, message->id, message->id_len, hash);
        jsonrpc_session_changed(session);
    }
    if (repeat != NULL) {
        repeat->expires_us = 0;
        transaction->repeat = repeat->number;
        transaction->key = repeat->key;
    }
    return REPEAT_NEW;
}

void repeats_answer(struct jsonrpc_session *session, uint64_t number, const char *text) {
    struct repeat *repeat = session->repeats;
    while (repeat != NULL && repeat->number != number) {
        repeat = repeat->next;
    }
    if (repeat == NULL) {
        return;
    }
    repeat->expires_us = lg_clock_us() + (text != NULL ? REPEAT_US : REPEAT_OPEN_US);
    if (text != NULL && strlen(text) <= LIMIT_RPC_REPEAT_BYTES) {
        repeat->text = strdup(text);
    }
    server_due(session->server, repeat->expires_us);
    jsonrpc_session_changed(session);
}

static bool read_number(const char *id, size_t id_len, double *number) {
    char text[JSONRPC_ID_BYTES_MAX + 1], *end;
    if (id_len == 0 || id_len >= sizeof text || id[0] == '"' || id[0] == 'n') {
        return false;
    }
    memcpy(text, id, id_len);
    text[id_len] = '\0';
    *number = strtod(text, &end);
    return *end == '\0';
}

void repeats_take_up(struct jsonrpc_session *session, const char *id, size_t id_len) {
    double first, used;
    bool has_first = read_number(id, id_len, &first);
    struct repeat **at = &session->repeats;
    while (*at != NULL) {
        struct repeat *repeat = *at;
        if (has_first && read_number(repeat->id, repeat->id_len, &used) && used < first) {
            at = &repeat->next;
        } else {
            drop(session, at);
        }
    }
}

int64_t repeats_tick(struct jsonrpc_session *session, int64_t now_us) {
    int64_t due_us = INT64_MAX;
    struct repeat **at = &session->repeats;
    while (*at != NULL) {
        struct repeat *repeat = *at;
        if (repeat->expires_us != 0 && repeat->expires_us <= now_us) {
            drop(session, at);
            continue;
        }
        if (repeat->expires_us != 0 && repeat->expires_us < due_us) {
            due_us = repeat->expires_us;
        }
        at = &repeat->next;
    }
    return due_us;
}

void repeats_finish(struct jsonrpc_session *session) {
    while (session->repeats != NULL) {
        drop(session, &session->repeats);
    }
}

/* Who takes the session up cannot wait for what is under way here: it is left open. */
json_t *repeats_export(const struct jsonrpc_session *session) {
    json_t *list = json_array();
    for (const struct repeat *repeat = session->repeats; repeat != NULL; repeat = repeat->next) {
        char hash[2 * REPEAT_HASH_BYTES + 1], key[2 * sizeof repeat->key + 1];
        sodium_bin2hex(hash, sizeof hash, repeat->hash, REPEAT_HASH_BYTES);
        sodium_bin2hex(key, sizeof key, (const uint8_t *)&repeat->key, sizeof repeat->key);
        json_array_append_new(list,
                              json_pack("{s:s%, s:s, s:s, s:s*}", "id", repeat->id, repeat->id_len,
                                        "hash", hash, "key", key, "answer", repeat->text));
    }
    return list;
}

static bool read_hex(const json_t *value, void *bytes, size_t size_bytes) {
    const char *hex = json_string_value(value);
    size_t len = 0;
    return hex != NULL &&
           sodium_hex2bin(bytes, size_bytes, hex, strlen(hex), NULL, &len, NULL) == 0 &&
           len == size_bytes;
}

static void import_one(struct jsonrpc_session *session, const json_t *value) {
    const char *id = json_string_value(json_object_get(value, "id"));
    const char *text = json_string_value(json_object_get(value, "answer"));
    uint8_t hash[REPEAT_HASH_BYTES];
    struct jsonrpc_key key;
    if (id == NULL || strlen(id) > JSONRPC_ID_BYTES_MAX ||
        (text != NULL && strlen(text) > LIMIT_RPC_REPEAT_BYTES) ||
        !read_hex(json_object_get(value, "hash"), hash, sizeof hash) ||
        !read_hex(json_object_get(value, "key"), &key, sizeof key)) {
        return;
    }
    struct repeat *repeat = add(session, id, strlen(id), hash);
    if (repeat != NULL) {
        repeat->key = key;
        repeat->text = text != NULL ? strdup(text) : NULL;
        repeat->expires_us = lg_clock_us() + (text != NULL ? REPEAT_US : REPEAT_OPEN_US);
        server_due(session->server, repeat->expires_us);
    }
}

void repeats_import(struct jsonrpc_session *session, const json_t *list) {
    size_t n = json_array_size(list);
    for (size_t i = n < LIMIT_RPC_REPEATS ? n : LIMIT_RPC_REPEATS; i-- > 0;) {
        import_one(session, json_array_get(list, i));
    }
}
