/* The thread: hiredis on a libev loop. redis_queue.c holds what passes between the
 * threads. */
#include "gateway-ws/store/redis_link.h"

#include <hiredis/adapters/libev.h>
#include <hiredis/async.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/thread_name.h"
#include "gateway-ws/store/redis_queue.h"

enum { LOOK_MS = 100, PING_US = 500 * 1000 };

struct redis_link {
    struct redis_options options;
    struct redis_queue queue;
    pthread_t thread;
    struct ev_loop *loop;
    ev_async wake;
    ev_timer look;
    redisAsyncContext *commands, *messages; /* NULL: not connected */
    char sha[REDIS_SCRIPTS_MAX][41];
    size_t n_steps_left; /* replies until both connections are ready */
    int64_t connecting_us, retry_us, pause_us, heard_us, pinged_us;
    bool is_up, is_failing;
};

static void drop_connections(struct redis_link *link, const char *why);

/* -- replies ------------------------------------------------------------------- */

static void set_up(struct redis_link *link) {
    link->is_up = true;
    link->pause_us = REDIS_RETRY_MIN_US;
    lg_log(LG_LOG_INFO, "store", "up", "host=%s port=%u", link->options.host,
           (unsigned)link->options.port);
    redis_queue_set_up(&link->queue, true);
}

/* One of the replies that must come before anything is sent. */
static void on_step(redisAsyncContext *context, void *reply_in, void *place) {
    struct redis_link *link = context->data;
    const redisReply *reply = reply_in;
    if (reply == NULL || (context != link->commands && context != link->messages)) {
        return;
    }
    link->heard_us = lg_clock_us();
    if (reply->type == REDIS_REPLY_ERROR) {
        drop_connections(link, reply->str);
        return;
    }
    if (place != NULL && reply->type == REDIS_REPLY_STRING && reply->len == 40) {
        memcpy(place, reply->str, 41);
    }
    if (--link->n_steps_left == 0) {
        set_up(link);
    }
}

static void on_message(redisAsyncContext *context, void *reply_in, void *ctx) {
    struct redis_link *link = context->data;
    const redisReply *reply = reply_in;
    if (reply == NULL || context != link->messages) {
        return;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) {
        if (reply->type == REDIS_REPLY_ERROR) {
            drop_connections(link, reply->str);
        }
        return;
    }
    if (strcmp(reply->element[0]->str, "subscribe") == 0) {
        if (reply->element[2]->integer == (long long)link->options.n_channels) {
            on_step(context, reply_in, ctx);
        }
        return;
    }
    redis_queue_put_message(&link->queue, reply->element[2]->str);
}

static void on_reply(redisAsyncContext *context, void *reply, void *command) {
    struct redis_link *link = context->data;
    if (reply != NULL) {
        link->heard_us = lg_clock_us();
    }
    redis_queue_put_reply(&link->queue, command, reply);
}

static void on_pong(redisAsyncContext *context, void *reply, void *ctx) {
    struct redis_link *link = context->data;
    (void)ctx;
    if (reply != NULL && context == link->commands) {
        link->heard_us = lg_clock_us();
        link->pinged_us = 0;
    }
}

/* -- connections ------------------------------------------------------------------ */

/* The library frees it. What was dropped by us is no news. */
static void on_end(struct redis_link *link, const redisAsyncContext *context) {
    if (context != link->commands && context != link->messages) {
        return;
    }
    *(context == link->commands ? &link->commands : &link->messages) = NULL;
    drop_connections(link, context->errstr);
}

static void on_disconnect(const redisAsyncContext *context, int status) {
    (void)status;
    on_end(context->data, context);
}

static void on_connect(const redisAsyncContext *context, int status) {
    if (status != REDIS_OK) {
        on_end(context->data, context);
    }
}

/* Both go; what waits for a reply is told by the library, with none. */
static void drop_connections(struct redis_link *link, const char *why) {
    redisAsyncContext *commands = link->commands, *messages = link->messages;
    if (link->is_failing) {
        return;
    }
    link->is_failing = true;
    link->commands = link->messages = NULL;
    lg_log(link->is_up ? LG_LOG_ERROR : LG_LOG_WARN, "store", "down",
           "host=%s port=%u reason=%s effect=%s", link->options.host, (unsigned)link->options.port,
           why != NULL && why[0] != '\0' ? why : "closed",
           "sessions are kept in this process only");
    if (commands != NULL) {
        redisAsyncFree(commands);
    }
    if (messages != NULL) {
        redisAsyncFree(messages);
    }
    if (link->is_up) {
        link->is_up = false;
        redis_queue_set_up(&link->queue, false);
    }
    link->connecting_us = 0;
    link->retry_us = lg_clock_us() + link->pause_us;
    link->pause_us =
        link->pause_us * 2 < REDIS_RETRY_MAX_US ? link->pause_us * 2 : REDIS_RETRY_MAX_US;
    link->is_failing = false;
}

static redisAsyncContext *open_one(struct redis_link *link) {
    redisAsyncContext *context = redisAsyncConnect(link->options.host, link->options.port);
    if (context == NULL || context->err != 0) {
        if (context != NULL) {
            redisAsyncFree(context);
        }
        return NULL;
    }
    context->data = link;
    redisLibevAttach(link->loop, context);
    redisAsyncSetConnectCallback(context, on_connect);
    redisAsyncSetDisconnectCallback(context, on_disconnect);
    return context;
}

static void greet(struct redis_link *link, redisAsyncContext *context) {
    const struct redis_options *options = &link->options;
    if (options->password[0] != '\0') {
        link->n_steps_left++;
        if (options->user[0] != '\0') {
            redisAsyncCommand(context, on_step, NULL, "AUTH %s %s", options->user,
                              options->password);
        } else {
            redisAsyncCommand(context, on_step, NULL, "AUTH %s", options->password);
        }
    }
    link->n_steps_left++;
    redisAsyncCommand(context, on_step, NULL, "SELECT %d", options->db);
}

static void subscribe(struct redis_link *link) {
    const char *args[8] = {"SUBSCRIBE"};
    size_t n_args = 1;
    for (size_t i = 0; i < link->options.n_channels && n_args < 8; i++) {
        args[n_args++] = link->options.channels[i];
    }
    link->n_steps_left++;
    redisAsyncCommandArgv(link->messages, on_message, NULL, (int)n_args, args, NULL);
}

static void connect_both(struct redis_link *link) {
    link->connecting_us = lg_clock_us();
    link->n_steps_left = 0;
    link->pinged_us = 0;
    link->commands = open_one(link);
    link->messages = link->commands != NULL ? open_one(link) : NULL;
    if (link->messages == NULL) {
        drop_connections(link, "cannot connect");
        return;
    }
    greet(link, link->commands);
    greet(link, link->messages);
    for (size_t i = 0; i < link->options.n_scripts; i++) {
        link->n_steps_left++;
        redisAsyncCommand(link->commands, on_step, link->sha[i], "SCRIPT LOAD %s",
                          link->options.scripts[i]);
    }
    subscribe(link);
}

/* -- the thread --------------------------------------------------------------------- */

static void send_one(struct redis_link *link, struct redis_command *command) {
    if (!link->is_up) {
        redis_queue_put_reply(&link->queue, command, NULL);
        return;
    }
    const char **args = command->args;
    char n_keys[16];
    if (command->script_i >= 0) { /* the first three places were left free */
        snprintf(n_keys, sizeof n_keys, "%zu", command->n_keys);
        args[0] = "EVALSHA";
        args[1] = link->sha[command->script_i];
        args[2] = n_keys;
    }
    if (redisAsyncCommandArgv(link->commands, on_reply, command, (int)command->n_args, args,
                              NULL) != REDIS_OK) {
        redis_queue_put_reply(&link->queue, command, NULL);
    }
}

static void on_wake(struct ev_loop *loop, ev_async *wake, int events) {
    struct redis_link *link = wake->data;
    (void)events;
    struct redis_command *command = redis_queue_take_commands(&link->queue);
    while (command != NULL) {
        struct redis_command *next = command->next;
        send_one(link, command);
        command = next;
    }
    if (redis_queue_is_ending(&link->queue)) {
        ev_break(loop, EVBREAK_ALL);
    }
}

static void look_at_replies(struct redis_link *link, int64_t now_us) {
    int64_t oldest_us = redis_queue_oldest_us(&link->queue);
    if (oldest_us != 0 && now_us - oldest_us > REDIS_SLOW_US) {
        drop_connections(link, "no reply");
    } else if (link->pinged_us != 0 && now_us - link->pinged_us > REDIS_SLOW_US) {
        drop_connections(link, "no reply to a ping");
    } else if (link->pinged_us == 0 && now_us - link->heard_us > PING_US) {
        link->pinged_us = now_us;
        redisAsyncCommand(link->commands, on_pong, NULL, "PING");
    }
}

static void on_look(struct ev_loop *loop, ev_timer *timer, int events) {
    struct redis_link *link = timer->data;
    int64_t now_us = lg_clock_us();
    (void)loop;
    (void)events;
    if (link->is_up) {
        look_at_replies(link, now_us);
    } else if (link->connecting_us != 0) {
        if (now_us - link->connecting_us > REDIS_SLOW_US) {
            drop_connections(link, "no answer while connecting");
        }
    } else if (now_us >= link->retry_us) {
        connect_both(link);
    }
}

static void *run(void *ctx) {
    struct redis_link *link = ctx;
    lg_thread_name("store");
    connect_both(link);
    ev_run(link->loop, 0);
    link->is_failing = true; /* no words about the end */
    if (link->commands != NULL) {
        redisAsyncFree(link->commands);
    }
    if (link->messages != NULL) {
        redisAsyncFree(link->messages);
    }
    return NULL;
}

struct redis_link *redis_link_create(const struct redis_options *options) {
    struct redis_link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        return NULL;
    }
    link->options = *options;
    link->pause_us = REDIS_RETRY_MIN_US;
    if (!redis_queue_init(&link->queue, options->wake, options->ctx)) {
        free(link);
        return NULL;
    }
    link->loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    if (link->loop == NULL) {
        lg_log(LG_LOG_ERROR, "store", "no_loop", NULL);
        redis_queue_finish(&link->queue);
        free(link);
        return NULL;
    }
    ev_async_init(&link->wake, on_wake);
    ev_timer_init(&link->look, on_look, LOOK_MS * 1e-3, LOOK_MS * 1e-3);
    link->wake.data = link->look.data = link;
    ev_async_start(link->loop, &link->wake);
    ev_timer_start(link->loop, &link->look);
    int err = pthread_create(&link->thread, NULL, run, link);
    if (err != 0) {
        lg_log(LG_LOG_ERROR, "store", "no_thread", "reason=%s", strerror(err));
        ev_loop_destroy(link->loop);
        redis_queue_finish(&link->queue);
        free(link);
        return NULL;
    }
    return link;
}

void redis_link_destroy(struct redis_link *link, int64_t flush_us) {
    if (link == NULL) {
        return;
    }
    redis_queue_wait(&link->queue, flush_us);
    redis_queue_end(&link->queue);
    ev_async_send(link->loop, &link->wake);
    pthread_join(link->thread, NULL);
    ev_loop_destroy(link->loop);
    redis_queue_finish(&link->queue);
    free(link);
}

bool redis_link_send(struct redis_link *link, uint64_t tag, int script_i, size_t n_keys,
                     const char *const *args, size_t n_args) {
    if (!redis_queue_put_command(&link->queue, tag, script_i, n_keys, args, n_args)) {
        return false;
    }
    ev_async_send(link->loop, &link->wake);
    return true;
}

struct redis_event *redis_link_take(struct redis_link *link) {
    return redis_queue_take_events(&link->queue);
}

bool redis_link_is_up(struct redis_link *link) {
    return redis_queue_is_up(&link->queue);
}
