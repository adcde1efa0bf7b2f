/* Lists behind one lock. */
#include "gateway-ws/store/redis_queue.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/condition.h"

enum { SCRIPT_ARGS = 3 /* EVALSHA, hash, number of keys */ };

bool redis_queue_init(struct redis_queue *queue, void (*wake)(void *ctx), void *ctx) {
    *queue = (struct redis_queue){.wake = wake, .ctx = ctx};
    if (!lg_condition_init(&queue->is_empty)) {
        return false;
    }
    pthread_mutex_init(&queue->lock, NULL);
    return true;
}

void redis_event_destroy(struct redis_event *event) {
    for (size_t i = 0; event != NULL && i < event->n_texts; i++) {
        free(event->texts[i]);
    }
    free(event);
}

void redis_queue_finish(struct redis_queue *queue) {
    while (queue->first_event != NULL) {
        struct redis_event *event = queue->first_event;
        queue->first_event = event->next;
        redis_event_destroy(event);
    }
    while (queue->oldest != NULL) { /* those not sent are among them */
        struct redis_command *command = queue->oldest;
        queue->oldest = command->newer;
        free(command);
    }
    pthread_cond_destroy(&queue->is_empty);
    pthread_mutex_destroy(&queue->lock);
}

/* -- commands ---------------------------------------------------------------------- */

static struct redis_command *make_command(int script_i, const char *const *args, size_t n_args) {
    size_t first = script_i >= 0 ? SCRIPT_ARGS : 0;
    size_t size = sizeof(struct redis_command) + (first + n_args) * sizeof(char *);
    for (size_t i = 0; i < n_args; i++) {
        size += strlen(args[i]) + 1;
    }
    struct redis_command *command = calloc(1, size);
    if (command == NULL) {
        return NULL;
    }
    command->args = (const char **)(command + 1);
    command->n_args = first + n_args;
    command->size_bytes = size;
    char *at = (char *)(command->args + command->n_args);
    for (size_t i = 0; i < n_args; i++) {
        size_t len = strlen(args[i]) + 1;
        memcpy(at, args[i], len);
        command->args[first + i] = at;
        at += len;
    }
    return command;
}

static void add_waiting_locked(struct redis_queue *queue, struct redis_command *command) {
    command->older = queue->newest;
    if (queue->newest != NULL) {
        queue->newest->newer = command;
    } else {
        queue->oldest = command;
    }
    queue->newest = command;
    queue->waiting_bytes += command->size_bytes;
    if (queue->last_command != NULL) {
        queue->last_command->next = command;
    } else {
        queue->first_command = command;
    }
    queue->last_command = command;
}

static void remove_waiting_locked(struct redis_queue *queue, struct redis_command *command) {
    *(command->older != NULL ? &command->older->newer : &queue->oldest) = command->newer;
    *(command->newer != NULL ? &command->newer->older : &queue->newest) = command->older;
    queue->waiting_bytes -= command->size_bytes;
    if (queue->oldest == NULL) {
        pthread_cond_signal(&queue->is_empty);
    }
}

bool redis_queue_put_command(struct redis_queue *queue, uint64_t tag, int script_i, size_t n_keys,
                             const char *const *args, size_t n_args) {
    struct redis_command *command = make_command(script_i, args, n_args);
    if (command == NULL) {
        return false;
    }
    command->tag = tag;
    command->script_i = script_i;
    command->n_keys = n_keys;
    command->put_us = lg_clock_us();
    pthread_mutex_lock(&queue->lock);
    bool is_taken =
        queue->is_up && queue->waiting_bytes + command->size_bytes <= REDIS_QUEUED_BYTES;
    if (is_taken) {
        add_waiting_locked(queue, command);
    }
    pthread_mutex_unlock(&queue->lock);
    if (!is_taken) {
        free(command);
    }
    return is_taken;
}

struct redis_command *redis_queue_take_commands(struct redis_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    struct redis_command *first = queue->first_command;
    queue->first_command = queue->last_command = NULL;
    pthread_mutex_unlock(&queue->lock);
    return first;
}

int64_t redis_queue_oldest_us(struct redis_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    int64_t put_us = queue->oldest != NULL ? queue->oldest->put_us : 0;
    pthread_mutex_unlock(&queue->lock);
    return put_us;
}

/* -- events ------------------------------------------------------------------------ */

static void add_event(struct redis_queue *queue, struct redis_event *event) {
    bool was_empty;
    pthread_mutex_lock(&queue->lock);
    was_empty = queue->first_event == NULL;
    if (queue->last_event != NULL) {
        queue->last_event->next = event;
    } else {
        queue->first_event = event;
    }
    queue->last_event = event;
    pthread_mutex_unlock(&queue->lock);
    if (was_empty) {
        queue->wake(queue->ctx);
    }
}

static char *text_of(const redisReply *reply) {
    if (reply->type == REDIS_REPLY_INTEGER) {
        char number[24];
        snprintf(number, sizeof number, "%lld", reply->integer);
        return strdup(number);
    }
    return strdup(reply->str != NULL ? reply->str : "");
}

static void fill(struct redis_event *event, const redisReply *reply) {
    if (reply == NULL) {
        event->is_error = true;
        return;
    }
    event->is_error = reply->type == REDIS_REPLY_ERROR;
    event->is_nil = reply->type == REDIS_REPLY_NIL;
    event->number = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    if (reply->type == REDIS_REPLY_ARRAY) {
        for (size_t i = 0; i < reply->elements && i < REDIS_TEXTS_MAX; i++) {
            event->texts[event->n_texts++] = text_of(reply->element[i]);
        }
    } else if (reply->str != NULL) {
        event->texts[event->n_texts++] = text_of(reply);
    }
}

void redis_queue_put_reply(struct redis_queue *queue, struct redis_command *command,
                           const redisReply *reply) {
    struct redis_event *event = calloc(1, sizeof *event);
    if (event != NULL) {
        event->kind = REDIS_REPLY;
        event->tag = command->tag;
        fill(event, reply);
        add_event(queue, event);
    }
    pthread_mutex_lock(&queue->lock);
    remove_waiting_locked(queue, command);
    pthread_mutex_unlock(&queue->lock);
    free(command);
}

/* Room for one more message: the oldest goes. */
static struct redis_event *drop_message_locked(struct redis_queue *queue) {
    struct redis_event **at = &queue->first_event, *before = NULL;
    while (*at != NULL && (*at)->kind != REDIS_MESSAGE) {
        before = *at;
        at = &(*at)->next;
    }
    struct redis_event *event = *at;
    if (event != NULL) {
        *at = event->next;
        queue->last_event = queue->last_event == event ? before : queue->last_event;
        queue->n_messages--;
    }
    return event;
}

void redis_queue_put_message(struct redis_queue *queue, const char *text) {
    struct redis_event *event = calloc(1, sizeof *event), *dropped = NULL;
    if (event == NULL || (event->texts[0] = strdup(text)) == NULL) {
        free(event);
        return;
    }
    event->kind = REDIS_MESSAGE;
    event->n_texts = 1;
    pthread_mutex_lock(&queue->lock);
    if (++queue->n_messages > REDIS_MESSAGES_MAX) {
        dropped = drop_message_locked(queue);
    }
    pthread_mutex_unlock(&queue->lock);
    redis_event_destroy(dropped);
    add_event(queue, event);
}

struct redis_event *redis_queue_take_events(struct redis_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    struct redis_event *first = queue->first_event;
    queue->first_event = queue->last_event = NULL;
    queue->n_messages = 0;
    pthread_mutex_unlock(&queue->lock);
    return first;
}

/* -- state ------------------------------------------------------------------------- */

void redis_queue_set_up(struct redis_queue *queue, bool is_up) {
    struct redis_event *event = calloc(1, sizeof *event);
    pthread_mutex_lock(&queue->lock);
    queue->is_up = is_up;
    pthread_mutex_unlock(&queue->lock);
    if (event != NULL) {
        event->kind = is_up ? REDIS_UP : REDIS_DOWN;
        add_event(queue, event);
    }
}

bool redis_queue_is_up(struct redis_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    bool is_up = queue->is_up;
    pthread_mutex_unlock(&queue->lock);
    return is_up;
}

void redis_queue_wait(struct redis_queue *queue, int64_t timeout_us) {
    struct timespec end = lg_condition_until(timeout_us);
    pthread_mutex_lock(&queue->lock);
    while (queue->oldest != NULL &&
           pthread_cond_timedwait(&queue->is_empty, &queue->lock, &end) == 0) {
    }
    pthread_mutex_unlock(&queue->lock);
}

void redis_queue_end(struct redis_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->is_ending = true;
    pthread_mutex_unlock(&queue->lock);
}

bool redis_queue_is_ending(struct redis_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    bool is_ending = queue->is_ending;
    pthread_mutex_unlock(&queue->lock);
    return is_ending;
}
