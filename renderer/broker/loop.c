/* zloop with posts from other threads (an eventfd and a short list) and a hook at the end of a
 * turn. */
#include "renderer/broker/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <czmq.h>

#include "common/err.h"
#include "common/log.h"

/* As many posts of other threads wait at most, in quiet times. */
#define SPARES 32

struct loop_item {
    struct loop_item *next;
    struct loop *loop;
    loop_fn fn;
    void *ctx;
    int id; /* timer id or descriptor */
};

struct loop {
    zloop_t *zloop;
    int wake_fd;
    pthread_mutex_t lock; /* first, last, spares */
    struct loop_item *first, *last;
    struct loop_item *spares; /* posts that were run: a post must not be lost for want of memory */
    size_t n_spares;
    struct loop_item *timers, *fds; /* loop thread only */
    loop_fn turn_fn;
    void *turn_ctx;
    bool is_stopping; /* loop thread only */
};

void loop_turn_ended(struct loop *loop) {
    if (loop->turn_fn != NULL) {
        loop->turn_fn(loop->turn_ctx);
    }
}

static int result_of(const struct loop *loop) {
    return loop->is_stopping ? -1 : 0; /* -1 ends zloop_start */
}

static void keep_spare(struct loop *loop, struct loop_item *item) {
    pthread_mutex_lock(&loop->lock);
    if (loop->n_spares < SPARES) {
        item->next = loop->spares;
        loop->spares = item;
        loop->n_spares++;
        item = NULL;
    }
    pthread_mutex_unlock(&loop->lock);
    free(item);
}

static struct loop_item *take_spare(struct loop *loop) {
    pthread_mutex_lock(&loop->lock);
    struct loop_item *item = loop->spares;
    if (item != NULL) {
        loop->spares = item->next;
        loop->n_spares--;
    }
    pthread_mutex_unlock(&loop->lock);
    return item;
}

static void run_posted(struct loop *loop) {
    pthread_mutex_lock(&loop->lock);
    struct loop_item *item = loop->first;
    loop->first = loop->last = NULL;
    pthread_mutex_unlock(&loop->lock);
    while (item != NULL) {
        struct loop_item *next = item->next;
        item->fn(item->ctx);
        keep_spare(loop, item);
        item = next;
    }
}

static int on_wake(zloop_t *zloop, zmq_pollitem_t *poll_item, void *arg) {
    (void)zloop;
    struct loop *loop = arg;
    uint64_t count;
    while (read(poll_item->fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
    run_posted(loop);
    loop_turn_ended(loop);
    return result_of(loop);
}

struct loop *loop_create(void) {
    zsys_handler_set(NULL);
    if (zsys_init() == NULL) {
        lg_log(LG_LOG_ERROR, "loop", "no_zeromq", NULL);
        return NULL;
    }
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return NULL;
    }
    pthread_mutex_init(&loop->lock, NULL);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->zloop = zloop_new();
    if (loop->wake_fd < 0 || loop->zloop == NULL) {
        lg_log(LG_LOG_ERROR, "loop", "not_made", "why=%s", strerror(errno));
        loop_destroy(loop);
        return NULL;
    }
    zmq_pollitem_t item = {.fd = loop->wake_fd, .events = ZMQ_POLLIN};
    zloop_poller(loop->zloop, &item, on_wake, loop);
    for (int i = 0; i < SPARES; i++) {
        struct loop_item *spare = calloc(1, sizeof *spare);
        if (spare != NULL) {
            keep_spare(loop, spare);
        }
    }
    return loop;
}

static void free_items(struct loop_item *item) {
    while (item != NULL) {
        struct loop_item *next = item->next;
        free(item);
        item = next;
    }
}

void loop_destroy(struct loop *loop) {
    if (loop == NULL) {
        return;
    }
    loop->turn_fn = NULL;
    run_posted(loop);
    zloop_destroy(&loop->zloop);
    if (loop->wake_fd >= 0) {
        close(loop->wake_fd);
    }
    free_items(loop->spares);
    free_items(loop->timers);
    free_items(loop->fds);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

int loop_run(struct loop *loop) {
    loop->is_stopping = false;
    loop_turn_ended(loop);
    while (!loop->is_stopping) {
        zloop_start(loop->zloop); /* returns too when a signal interrupts its waiting */
    }
    return LG_OK;
}

static void stop(void *arg) {
    struct loop *loop = arg;
    loop->is_stopping = true;
}

void loop_stop(struct loop *loop) {
    loop_post(loop, stop, loop);
}

int loop_post(struct loop *loop, loop_fn fn, void *ctx) {
    struct loop_item *item = calloc(1, sizeof *item);
    item = item != NULL ? item : take_spare(loop);
    if (item == NULL) {
        return LG_ENOMEM;
    }
    *item = (struct loop_item){.fn = fn, .ctx = ctx};
    pthread_mutex_lock(&loop->lock);
    if (loop->first == NULL) {
        loop->first = item;
    } else {
        loop->last->next = item;
    }
    loop->last = item;
    pthread_mutex_unlock(&loop->lock);
    uint64_t one = 1;
    while (write(loop->wake_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
    return LG_OK;
}

static void drop_item(struct loop_item **list, const struct loop_item *gone) {
    for (; *list != NULL; list = &(*list)->next) {
        if (*list == gone) {
            struct loop_item *item = *list;
            *list = item->next;
            free(item);
            return;
        }
    }
}

static struct loop_item *find_item(struct loop_item *list, int id) {
    while (list != NULL && list->id != id) {
        list = list->next;
    }
    return list;
}

static int on_timer(zloop_t *zloop, int timer_id, void *arg) {
    (void)zloop;
    (void)timer_id;
    struct loop_item *item = arg;
    struct loop *loop = item->loop;
    loop_fn fn = item->fn;
    void *ctx = item->ctx;
    drop_item(&loop->timers, item);
    fn(ctx);
    loop_turn_ended(loop);
    return result_of(loop);
}

int loop_timer_once(struct loop *loop, uint32_t delay_ms, loop_fn fn, void *ctx) {
    struct loop_item *item = calloc(1, sizeof *item);
    if (item == NULL) {
        return -1;
    }
    *item = (struct loop_item){.next = loop->timers, .loop = loop, .fn = fn, .ctx = ctx};
    item->id = zloop_timer(loop->zloop, delay_ms, 1, on_timer, item);
    if (item->id < 0) {
        free(item);
        return -1;
    }
    loop->timers = item;
    return item->id;
}

void loop_timer_cancel(struct loop *loop, int timer_id) {
    struct loop_item *item = find_item(loop->timers, timer_id);
    if (item != NULL) {
        zloop_timer_end(loop->zloop, timer_id);
        drop_item(&loop->timers, item);
    }
}

static int on_fd(zloop_t *zloop, zmq_pollitem_t *poll_item, void *arg) {
    (void)zloop;
    (void)poll_item;
    struct loop_item *item = arg;
    struct loop *loop = item->loop;
    item->fn(item->ctx);
    loop_turn_ended(loop);
    return result_of(loop);
}

int loop_add_fd(struct loop *loop, int fd, loop_fn fn, void *ctx) {
    struct loop_item *item = calloc(1, sizeof *item);
    if (item == NULL) {
        return LG_ENOMEM;
    }
    *item = (struct loop_item){.next = loop->fds, .loop = loop, .fn = fn, .ctx = ctx, .id = fd};
    zmq_pollitem_t poll_item = {.fd = fd, .events = ZMQ_POLLIN};
    if (zloop_poller(loop->zloop, &poll_item, on_fd, item) != 0) {
        free(item);
        return LG_ENOMEM;
    }
    zloop_poller_set_tolerant(loop->zloop, &poll_item);
    loop->fds = item;
    return LG_OK;
}

void loop_remove_fd(struct loop *loop, int fd) {
    struct loop_item *item = find_item(loop->fds, fd);
    if (item != NULL) {
        zmq_pollitem_t poll_item = {.fd = fd, .events = ZMQ_POLLIN};
        zloop_poller_end(loop->zloop, &poll_item);
        drop_item(&loop->fds, item);
    }
}

void loop_on_turn_end(struct loop *loop, loop_fn fn, void *ctx) {
    loop->turn_fn = fn;
    loop->turn_ctx = ctx;
}

void *loop_zloop(struct loop *loop) {
    return loop->zloop;
}
