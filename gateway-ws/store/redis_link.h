/* One Redis server, spoken to by a thread of its own: commands go out, replies and
 * messages come back as events, in order. Nobody waits for Redis: while it is slow
 * or away, commands are refused at once.
 *
 * REDIS_UP comes when a connection for commands and one for messages are ready and
 * the scripts are loaded; REDIS_DOWN when either is lost or a reply takes longer
 * than REDIS_SLOW_US. Then the thread connects again, more and more rarely, down
 * to every REDIS_RETRY_MAX_US. Every command gets exactly one REDIS_REPLY, also
 * when the connection is lost (is_error).
 *
 * Bounded: the bytes of commands that have no reply yet (REDIS_QUEUED_BYTES; more
 * are refused), and so their replies; messages of others (REDIS_MESSAGES_MAX; then
 * the oldest are dropped and counted).
 */
#ifndef LEGGIO_GATEWAY_WS_STORE_REDIS_LINK_H
#define LEGGIO_GATEWAY_WS_STORE_REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REDIS_SLOW_US = 1000 * 1000,
    REDIS_RETRY_MIN_US = 100 * 1000,
    REDIS_RETRY_MAX_US = 2000 * 1000,
    REDIS_QUEUED_BYTES = 64 << 20,
    REDIS_MESSAGES_MAX = 16384,
    REDIS_SCRIPTS_MAX = 8,
    REDIS_TEXTS_MAX = 4,
    REDIS_NO_SCRIPT = -1,
};

struct redis_link;

struct redis_options {
    char host[256];
    uint16_t port;
    int db;
    char user[128];              /* "" = the default user */
    char password[512];          /* "" = none */
    const char *const *channels; /* to listen to; borrowed for good */
    size_t n_channels;
    const char *const *scripts; /* borrowed for good */
    size_t n_scripts;
    /* There is something to take (redis_link_take). On the link's thread. */
    void (*wake)(void *ctx);
    void *ctx;
};

enum redis_event_kind { REDIS_UP, REDIS_DOWN, REDIS_REPLY, REDIS_MESSAGE };

struct redis_event {
    struct redis_event *next;
    enum redis_event_kind kind;
    uint64_t tag;  /* of the command */
    bool is_error; /* text[0]: why */
    bool is_nil;
    int64_t number; /* of an integer reply */
    size_t n_texts; /* elements of an array reply, numbers as text; of a message: its body */
    char *texts[REDIS_TEXTS_MAX];
};
void redis_event_destroy(struct redis_event *event);

/* NULL after logging. */
struct redis_link *redis_link_create(const struct redis_options *options);
/* Waits up to flush_us for the replies of what was sent. NULL is fine. */
void redis_link_destroy(struct redis_link *link, int64_t flush_us);

/* A command, or a script: its keys and arguments. Texts are copied. false: refused
 * (down, or too much is waiting). One thread. */
bool redis_link_send(struct redis_link *link, uint64_t tag, int script_i, size_t n_keys,
                     const char *const *args, size_t n_args);
/* Everything that happened, oldest first; each to be destroyed. Any one thread. */
struct redis_event *redis_link_take(struct redis_link *link);
bool redis_link_is_up(struct redis_link *link);

#endif
