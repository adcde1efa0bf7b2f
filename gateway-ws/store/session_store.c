/* The sessions of this process, and writing them. Taking up is in
 * session_store_claim.c, presence in session_store_presence.c. */
#include "gateway-ws/store/session_store.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway-ws/store/store_private.h"

enum {
    RENEW_AT_ONCE = 64,       /* sessions of one command */
    REFUSED_US = 1000 * 1000, /* writes rest after Redis has refused one */
    FLUSH_US = 500 * 1000,
    SLOT_BITS = 24,
    SLOT_MASK = (1 << SLOT_BITS) - 1,
};

/* -- entries ---------------------------------------------------------------------- */

static struct store_entry **place_of(struct session_store *store, const char *id) {
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)id, strlen(id),
                     store->hash_key);
    struct store_entry **at = &store->buckets[hash % STORE_BUCKETS];
    while (*at != NULL && strcmp((*at)->id, id) != 0) {
        at = &(*at)->next;
    }
    return at;
}

struct store_entry *store_entry_find(struct session_store *store, const char *id) {
    return *place_of(store, id);
}

static bool grow_slots(struct session_store *store) {
    uint32_t n_slots = store->n_slots == 0 ? 64 : store->n_slots * 2;
    struct store_entry **slots = realloc(store->slots, n_slots * sizeof *slots);
    store->slots = slots != NULL ? slots : store->slots;
    uint32_t *free_slots = realloc(store->free_slots, n_slots * sizeof *free_slots);
    store->free_slots = free_slots != NULL ? free_slots : store->free_slots;
    if (slots == NULL || free_slots == NULL || n_slots > SLOT_MASK) {
        return false;
    }
    for (uint32_t i = n_slots; i-- > store->n_slots;) {
        slots[i] = NULL;
        free_slots[store->n_free++] = i;
    }
    store->n_slots = n_slots;
    return true;
}

struct store_entry *store_entry_of(struct session_store *store, uint64_t number) {
    uint32_t slot_i = number & SLOT_MASK;
    struct store_entry *entry = slot_i < store->n_slots ? store->slots[slot_i] : NULL;
    return entry != NULL && entry->number == number ? entry : NULL;
}

struct store_entry *store_entry_make(struct session_store *store, const char *id) {
    struct store_entry **place = place_of(store, id);
    if (*place != NULL || (store->n_free == 0 && !grow_slots(store))) {
        return *place;
    }
    struct store_entry *entry = calloc(1, sizeof *entry);
    if (entry != NULL) {
        uint32_t slot_i = store->free_slots[--store->n_free];
        store->slots[slot_i] = *place = entry;
        snprintf(entry->id, sizeof entry->id, "%s", id);
        entry->number = ++store->n_entries_made << SLOT_BITS | slot_i;
        entry->fence = 1;
    }
    return entry;
}

static void remove_dirty(struct store_entry *entry) {
    if (entry->is_dirty) {
        *entry->dirty_place = entry->next_dirty;
        if (entry->next_dirty != NULL) {
            entry->next_dirty->dirty_place = entry->dirty_place;
        }
        entry->is_dirty = false;
    }
}

void store_entry_remove(struct session_store *store, const char *id) {
    struct store_entry **place = place_of(store, id), *entry = *place;
    if (entry == NULL) {
        return;
    }
    uint32_t slot_i = entry->number & SLOT_MASK;
    *place = entry->next;
    store->slots[slot_i] = NULL;
    store->free_slots[store->n_free++] = slot_i;
    remove_dirty(entry);
    free(entry);
}

void store_mark_dirty(struct session_store *store, struct store_entry *entry) {
    if (entry->is_saving) {
        entry->is_changed_again = true;
    } else if (!entry->is_dirty) {
        bool was_none = store->first_dirty == NULL;
        entry->is_dirty = true;
        entry->next_dirty = store->first_dirty;
        entry->dirty_place = &store->first_dirty;
        if (entry->next_dirty != NULL) {
            entry->next_dirty->dirty_place = &entry->next_dirty;
        }
        store->first_dirty = entry;
        if (was_none && store->is_up) {
            store->options.want_tick(store->options.ctx);
        }
    }
}

void store_key(const char *id, char key[STORE_KEY_BYTES]) {
    snprintf(key, STORE_KEY_BYTES, "%s%s", STORE_KEY_PREFIX, id);
}

void store_release(struct session_store *store, const char *id) {
    char kept[JSONRPC_SESSION_ID_BYTES + 1]; /* id may be the entry's own */
    snprintf(kept, sizeof kept, "%s", id);
    store_entry_remove(store, kept); /* first: its end is no removal from Redis */
    store->counts.released++;
    jsonrpc_server_release(store->server, kept);
}

/* -- saving ------------------------------------------------------------------------ */

/* How long Redis keeps it from now on. */
static int64_t ttl_ms(const struct jsonrpc_session *session) {
    int64_t us = jsonrpc_session_left_us(session);
    us += jsonrpc_session_transport(session) != NULL ? STORE_SPARE_US : 0;
    return us / 1000 > 0 ? us / 1000 : 1;
}

static bool save(struct session_store *store, struct store_entry *entry,
                 struct jsonrpc_session *session) {
    char key[STORE_KEY_BYTES], fence[24], ttl[24];
    json_t *exported = jsonrpc_session_export(session);
    char *data = exported != NULL ? json_dumps(exported, JSON_COMPACT) : NULL;
    json_decref(exported);
    if (data == NULL) {
        return false;
    }
    store_key(entry->id, key);
    snprintf(fence, sizeof fence, "%" PRIu64, entry->fence);
    snprintf(ttl, sizeof ttl, "%" PRId64, ttl_ms(session));
    const char *args[] = {key, store->name, fence, ttl, data};
    bool is_sent =
        redis_link_send(store->link, STORE_TAG(TAG_SAVE, entry->number), SCRIPT_SAVE, 1, args, 5);
    free(data);
    store->counts.saves += is_sent;
    return is_sent;
}

static void save_dirty(struct session_store *store, int64_t now_us) {
    while (store->is_up && store->first_dirty != NULL && now_us >= store->save_after_us) {
        struct store_entry *entry = store->first_dirty;
        struct jsonrpc_session *session = jsonrpc_server_session(store->server, entry->id);
        if (session != NULL && !save(store, entry, session)) {
            return; /* full, or down: later */
        }
        remove_dirty(entry);
        entry->is_saving = session != NULL;
    }
}

static void on_saved(struct session_store *store, uint64_t number,
                     const struct redis_event *event) {
    struct store_entry *entry = store_entry_of(store, number);
    if (entry == NULL) {
        return;
    }
    entry->is_saving = false;
    if (event->is_error) {
        store->save_after_us = lg_clock_us() + REFUSED_US;
    }
    if (!event->is_error && event->number == 0) {
        store->counts.fenced++;
        store_release(store, entry->id); /* taken up elsewhere while Redis was away */
        return;
    }
    if (entry->is_changed_again || event->is_error) {
        entry->is_changed_again = false;
        store_mark_dirty(store, entry);
    }
}

/* -- renewing ------------------------------------------------------------------------ */

struct batch {
    struct session_store *store;
    char keys[RENEW_AT_ONCE][STORE_KEY_BYTES];
    char ttls[RENEW_AT_ONCE][24];
    size_t n;
};

static void send_batch(struct batch *batch) {
    const char *args[2 * RENEW_AT_ONCE + 1];
    size_t n = batch->n;
    if (n == 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        args[i] = batch->keys[i];
        args[n + 1 + i] = batch->ttls[i];
    }
    args[n] = batch->store->name;
    (void)redis_link_send(batch->store->link, STORE_TAG(TAG_RENEW, n), SCRIPT_RENEW, n, args,
                          2 * n + 1);
    batch->n = 0;
}

static void renew(struct session_store *store) {
    struct batch batch = {.store = store};
    struct jsonrpc_session *session = NULL;
    while ((session = jsonrpc_server_next(store->server, session)) != NULL) {
        if (jsonrpc_session_transport(session) == NULL) {
            continue; /* its time runs */
        }
        store_key(jsonrpc_session_id(session), batch.keys[batch.n]);
        snprintf(batch.ttls[batch.n], sizeof batch.ttls[0], "%" PRId64, ttl_ms(session));
        if (++batch.n == RENEW_AT_ONCE) {
            send_batch(&batch);
        }
    }
    send_batch(&batch);
}

static void save_all(struct session_store *store) {
    for (size_t i = 0; i < STORE_BUCKETS; i++) {
        for (struct store_entry *entry = store->buckets[i]; entry != NULL; entry = entry->next) {
            store_mark_dirty(store, entry);
        }
    }
}

/* -- for the library ------------------------------------------------------------------- */

void session_store_on_changed(struct session_store *store, struct jsonrpc_session *session) {
    struct store_entry *entry = store_entry_make(store, jsonrpc_session_id(session));
    if (entry != NULL) {
        store_mark_dirty(store, entry);
    }
}

void session_store_on_removed(struct session_store *store, const char *session_id) {
    const struct store_entry *entry = store_entry_find(store, session_id);
    char key[STORE_KEY_BYTES], fence[24];
    if (entry == NULL) {
        return;
    }
    store_key(session_id, key);
    snprintf(fence, sizeof fence, "%" PRIu64, entry->fence);
    const char *args[] = {key, store->name, fence};
    (void)redis_link_send(store->link, TAG_NONE, SCRIPT_REMOVE, 1, args, 3); /* else it expires */
    store_entry_remove(store, session_id);
}

void session_store_on_orphan(struct session_store *store, const char *session_id,
                             const char *text) {
    char key[STORE_KEY_BYTES];
    store_key(session_id, key);
    const char *args[] = {key, session_id, text};
    (void)redis_link_send(store->link, TAG_NONE, SCRIPT_DELIVER, 1, args, 3);
}

/* -- events ------------------------------------------------------------------------------ */

static void on_reply(struct session_store *store, const struct redis_event *event) {
    uint64_t number = event->tag >> 3;
    if (event->is_error && event->n_texts > 0) {
        lg_log(LG_LOG_ERROR, "store", "refused", "reason=%s", event->texts[0]);
    }
    switch ((enum store_tag)(event->tag & 7)) {
    case TAG_SAVE:
        on_saved(store, number, event);
        break;
    case TAG_CLAIM:
        store_on_claimed(store, number, event);
        break;
    case TAG_RENEW:
        if (!event->is_error && (uint64_t)event->number != number) {
            save_all(store); /* some were gone: Redis forgot them */
        }
        break;
    case TAG_NONE:
        break;
    }
}

void session_store_take(struct session_store *store) {
    struct redis_event *event = redis_link_take(store->link);
    while (event != NULL) {
        struct redis_event *next = event->next;
        if (event->kind == REDIS_UP) {
            store->is_up = true;
            save_all(store);
        } else if (event->kind == REDIS_DOWN) {
            store->is_up = false;
            store->counts.outages++;
            store_drop_claims(store);
        } else if (event->kind == REDIS_REPLY) {
            on_reply(store, event);
        } else if (event->n_texts > 0) {
            store_on_message(store, event->texts[0]);
        }
        redis_event_destroy(event);
        event = next;
    }
}

int64_t session_store_tick(struct session_store *store, int64_t now_us) {
    save_dirty(store, now_us);
    int64_t claims_us = store_tick_claims(store, now_us);
    if (store->is_up && now_us >= store->renew_us) {
        renew(store);
        store->renew_us = now_us + STORE_RENEW_US;
    }
    int64_t due_us = store_tick_presence(store, now_us);
    due_us = claims_us < due_us ? claims_us : due_us;
    bool is_resting = store->is_up && store->first_dirty != NULL && now_us < store->save_after_us;
    due_us = is_resting && store->save_after_us < due_us ? store->save_after_us : due_us;
    return store->is_up && store->renew_us < due_us ? store->renew_us : due_us;
}

/* -- life --------------------------------------------------------------------------------- */

struct session_store *session_store_create(const struct session_store_options *options) {
    struct session_store *store = calloc(1, sizeof *store);
    uint8_t random[8];
    if (store == NULL) {
        return NULL;
    }
    store->options = *options;
    randombytes_buf(random, sizeof random);
    randombytes_buf(store->hash_key, sizeof store->hash_key);
    sodium_bin2hex(store->name, sizeof store->name, random, sizeof random);
    snprintf(store->channel, sizeof store->channel, "leggio:to:%s", store->name);
    store->channels[0] = store->channel;
    store->channels[1] = "leggio:presence";
    store->options.redis.channels = store->channels;
    store->options.redis.n_channels = 2;
    store->options.redis.scripts = STORE_SCRIPTS;
    store->options.redis.n_scripts = N_SCRIPTS;
    store->link = redis_link_create(&store->options.redis);
    if (store->link == NULL) {
        free(store);
        return NULL;
    }
    return store;
}

bool session_store_is_saved(const struct session_store *store) {
    if (!store->is_up) {
        return true;
    }
    for (size_t i = 0; i < STORE_BUCKETS; i++) {
        for (const struct store_entry *entry = store->buckets[i]; entry != NULL;
             entry = entry->next) {
            if (entry->is_dirty || entry->is_saving) {
                return false;
            }
        }
    }
    return true;
}

/* Also what has changed since a write that is still under way: its reply is not waited for. */
static void save_last(struct session_store *store) {
    for (size_t i = 0; i < STORE_BUCKETS; i++) {
        for (struct store_entry *entry = store->buckets[i]; entry != NULL; entry = entry->next) {
            if (entry->is_saving && entry->is_changed_again) {
                entry->is_saving = false;
                store_mark_dirty(store, entry);
            }
        }
    }
    save_dirty(store, INT64_MAX);
}

void session_store_destroy(struct session_store *store) {
    if (store == NULL) {
        return;
    }
    if (store->server != NULL) {
        save_last(store);
    }
    redis_link_destroy(store->link, FLUSH_US);
    store_drop_claims(store);
    store_drop_peers(store);
    for (size_t i = 0; i < STORE_BUCKETS; i++) {
        while (store->buckets[i] != NULL) {
            struct store_entry *entry = store->buckets[i];
            store->buckets[i] = entry->next;
            free(entry);
        }
    }
    free(store->slots);
    free(store->free_slots);
    free(store);
}

void session_store_attach(struct session_store *store, struct jsonrpc_server *server) {
    store->server = server;
}

bool session_store_is_up(struct session_store *store) {
    return redis_link_is_up(store->link);
}

const struct session_store_counts *session_store_counts(const struct session_store *store) {
    return &store->counts;
}
