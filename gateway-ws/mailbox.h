/* What the upstream's thread hands to the loop thread: newest frames by scene
 * (latest wins), flags, answers of calls. Bounded: one frame per scene, and the
 * answers are bounded by the calls under way.
 */
#ifndef LEGGIO_GATEWAY_WS_MAILBOX_H
#define LEGGIO_GATEWAY_WS_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "common/broker/upstream.h"
#include "gateway-ws/view.h"
#include "proto/limits.h"

struct mailbox;

/* A call's answer; owns its texts. */
struct answer {
    struct answer *next;
    struct mailbox *mailbox;
    struct connection_id id;
    void (*deliver)(void *cookie, const struct call_reply *reply); /* NULL: to the connection */
    void (*deliver_view)(void *cookie, int code, struct frame *frame);
    struct frame *frame; /* a view's, owned reference */
    void *cookie;
    void (*drop)(void *cookie);
    struct call_reply reply;
    void *memory; /* behind reply.text and reply.bytes */
};

struct mail {
    struct frame *frames[LIMIT_SCENES]; /* owned references */
    size_t n_frames;
    struct answer *answers; /* oldest first; each to be freed by answer_destroy */
    bool has_servers, has_state;
};

/* wake is called, on the putting thread, when something comes into an empty box. */
struct mailbox *mailbox_create(void (*wake)(void *ctx), void *ctx);
/* Frees what is inside too. */
void mailbox_destroy(struct mailbox *mailbox);

/* Any thread. */
void mailbox_put_frame(struct mailbox *mailbox, struct frame *frame);
void mailbox_put_servers(struct mailbox *mailbox);
void mailbox_put_state(struct mailbox *mailbox);
/* A call_reply_fn; ctx is the answer made for the call. */
void mailbox_put_answer(void *answer, const struct call_reply *reply);

/* An upstream_view_fn; ctx is the answer made for it. */
void mailbox_put_view(void *answer, int code, struct frame *frame);

/* Loop thread: take everything out. */
void mailbox_take(struct mailbox *mailbox, struct mail *mail);
void answer_destroy(struct answer *answer);

#endif
