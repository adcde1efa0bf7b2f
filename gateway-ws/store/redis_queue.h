/* What passes between the loop thread and the thread of redis_link.c: commands one
 * way, events the other. One lock, held for list operations only. */
#ifndef LEGGIO_GATEWAY_WS_STORE_REDIS_QUEUE_H
#define LEGGIO_GATEWAY_WS_STORE_REDIS_QUEUE_H

#include <pthread.h>

#include "gateway-ws/store/redis_link.h"

struct redisReply;

struct redis_command {
    struct redis_command *next;          /* not sent yet */
    struct redis_command *older, *newer; /* without a reply, by age */
    uint64_t tag;
    int64_t put_us;
    int script_i;
    size_t n_keys, n_args, size_bytes;
    const char **args; /* n_args; texts behind them in the same memory */
};

struct redis_queue {
    pthread_mutex_t lock;    /* guards all below */
    pthread_cond_t is_empty; /* no command without a reply */
    void (*wake)(void *ctx);
    void *ctx;
    struct redis_command *first_command, *last_command;
    struct redis_command *oldest, *newest;
    struct redis_event *first_event, *last_event;
    size_t waiting_bytes, n_messages;
    bool is_up, is_ending;
};

/* false: out of memory, and there is nothing to finish. */
bool redis_queue_init(struct redis_queue *queue, void (*wake)(void *ctx), void *ctx);
void redis_queue_finish(struct redis_queue *queue);

bool redis_queue_put_command(struct redis_queue *queue, uint64_t tag, int script_i, size_t n_keys,
                             const char *const *args, size_t n_args);
struct redis_command *redis_queue_take_commands(struct redis_queue *queue);
/* Ends a command; reply NULL = none came. */
void redis_queue_put_reply(struct redis_queue *queue, struct redis_command *command,
                           const struct redisReply *reply);
void redis_queue_put_message(struct redis_queue *queue, const char *text);
struct redis_event *redis_queue_take_events(struct redis_queue *queue);
/* With an event; the first answer of "up" is false. */
void redis_queue_set_up(struct redis_queue *queue, bool is_up);
bool redis_queue_is_up(struct redis_queue *queue);
/* When the oldest command without a reply was put; 0 = there is none. */
int64_t redis_queue_oldest_us(struct redis_queue *queue);
void redis_queue_wait(struct redis_queue *queue, int64_t timeout_us);
void redis_queue_end(struct redis_queue *queue);
bool redis_queue_is_ending(struct redis_queue *queue);

#endif
