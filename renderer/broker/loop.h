/* The score thread's loop: czmq's zloop behind a small face, so that nobody else sees it.
 * All functions on the loop's thread, except loop_post and loop_stop. */
#ifndef LEGGIO_BROKER_LOOP_H
#define LEGGIO_BROKER_LOOP_H

#include <stdint.h>

typedef void (*loop_fn)(void *ctx);

struct loop;

/* Before any thread is started: turns czmq's own signal handling off. NULL after logging. */
struct loop *loop_create(void);
void loop_destroy(struct loop *loop);

/* Runs until loop_stop; returns 0. */
int loop_run(struct loop *loop);
/* Any thread. */
void loop_stop(struct loop *loop);

/* Call fn once, after delay_ms. Returns a timer id, or -1. */
int loop_timer_once(struct loop *loop, uint32_t delay_ms, loop_fn fn, void *ctx);
void loop_timer_cancel(struct loop *loop, int timer_id);

/* Call fn whenever the descriptor is readable. 0 or LG_ENOMEM. */
int loop_add_fd(struct loop *loop, int fd, loop_fn fn, void *ctx);
void loop_remove_fd(struct loop *loop, int fd);

/* Any thread: call fn on the loop's thread soon, in order. What waits when the loop is destroyed is
 * called by loop_destroy (so that nothing is lost that fn owns). The caller bounds how much it
 * posts. 0 or LG_ENOMEM. */
int loop_post(struct loop *loop, loop_fn fn, void *ctx);

/* Calls fn after each round of events (folded work: draw once per turn). One only. */
void loop_on_turn_end(struct loop *loop, loop_fn fn, void *ctx);

/* For call_server.c, which adds its socket: the zloop_t. */
void *loop_zloop(struct loop *loop);
/* For handlers of other sockets on the zloop: a round of events has been handled. */
void loop_turn_ended(struct loop *loop);

#endif
