/* The inside of the session store, for the session_store*.c files. */
#ifndef LEGGIO_GATEWAY_WS_STORE_STORE_PRIVATE_H
#define LEGGIO_GATEWAY_WS_STORE_STORE_PRIVATE_H

#include "gateway-ws/store/session_store.h"

enum store_script {
    SCRIPT_CLAIM,
    SCRIPT_SAVE,
    SCRIPT_REMOVE,
    SCRIPT_RENEW,
    SCRIPT_DELIVER,
    N_SCRIPTS
};
extern const char *const STORE_SCRIPTS[N_SCRIPTS];

#define STORE_KEY_PREFIX "leggio:session:"
enum { STORE_KEY_BYTES = sizeof(STORE_KEY_PREFIX) + JSONRPC_SESSION_ID_BYTES };

/* One session of this process. */
struct store_entry {
    struct store_entry *next;                      /* in its bucket */
    struct store_entry *next_dirty, **dirty_place; /* while is_dirty */
    uint64_t number;                               /* in tags: its slot, and a life */
    uint64_t fence;
    bool is_dirty;  /* is in the list of those to be saved */
    bool is_saving; /* a write is under way */
    bool is_changed_again;
    char id[JSONRPC_SESSION_ID_BYTES + 1];
};

/* A session of elsewhere that is being taken up. */
struct store_claim {
    struct store_claim *next;
    uint64_t lookup; /* of the library */
    uint64_t fence;  /* 0: Redis has not answered */
    int64_t deadline_us;
    char *data;           /* as it was stored */
    bool has_no_handover; /* its owner before has nothing newer */
    char id[JSONRPC_SESSION_ID_BYTES + 1];
};

struct store_peer {
    struct store_peer *next;
    char name[17];
    json_t *clients;
    int64_t heard_us;
};

enum { STORE_BUCKETS = 4096 };

struct session_store {
    struct session_store_options options;
    struct jsonrpc_server *server;
    struct redis_link *link;
    const char *channels[2];
    char name[17]; /* of this process, random */
    char channel[32];
    struct store_entry *buckets[STORE_BUCKETS];
    struct store_entry *first_dirty;
    struct store_claim *claims;
    struct store_peer *peers;
    struct session_store_counts counts;
    struct store_entry **slots;
    uint32_t *free_slots; /* a stack */
    uint32_t n_slots, n_free;
    uint64_t n_entries_made;
    int64_t renew_us, presence_us;
    int64_t save_after_us; /* Redis has refused a write: not before */
    uint8_t hash_key[16];
    bool is_up;
};

/* What a tag says: kind in the lowest bits, then a number. */
enum store_tag { TAG_NONE, TAG_SAVE, TAG_CLAIM, TAG_RENEW };
#define STORE_TAG(kind, number) ((uint64_t)(number) << 3 | (uint64_t)(kind))

/* session_store.c */
struct store_entry *store_entry_find(struct session_store *store, const char *id);
struct store_entry *store_entry_make(struct session_store *store, const char *id);
void store_entry_remove(struct session_store *store, const char *id);
void store_mark_dirty(struct session_store *store, struct store_entry *entry);
struct store_entry *store_entry_of(struct session_store *store, uint64_t number);
void store_key(const char *id, char key[STORE_KEY_BYTES]);
/* Another gateway owns it now. */
void store_release(struct session_store *store, const char *id);

/* session_store_claim.c */
void store_on_claimed(struct session_store *store, uint64_t lookup,
                      const struct redis_event *event);
void store_on_message(struct session_store *store, const char *text);
int64_t store_tick_claims(struct session_store *store, int64_t now_us);
void store_drop_claims(struct session_store *store);

/* session_store_presence.c */
void store_take_presence(struct session_store *store, const json_t *message);
int64_t store_tick_presence(struct session_store *store, int64_t now_us);
void store_drop_peers(struct session_store *store);

#endif
