/* One WebSocket connection at a time, and the loop it lives in. Knows messages, not what they mean.
 *
 * thread   all of it on the thread that runs the loop, except link_wake */
#ifndef LEGGIO_CLIENTS_C_LINK_H
#define LEGGIO_CLIENTS_C_LINK_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/c/outgoing.h"
#include "clients/c/settings.h"
#include "clients/c/tls.h"

enum { LINK_REASON_BYTES = 360 };

struct link_events {
    void (*on_wake)(void *ctx);
    void (*on_open)(void *ctx);
    /* It is gone, or never came: code of the peer's close frame or 0. Once, and not after
     * link_drop. */
    void (*on_gone)(void *ctx, unsigned code, const char *reason);
    void (*on_text)(void *ctx, const char *text, size_t len);
    /* Adopts bytes (to free). */
    void (*on_binary)(void *ctx, unsigned char *bytes, size_t len);
    /* Something came or went. */
    void (*on_traffic)(void *ctx, size_t bytes_in, size_t bytes_out);
    /* The next message to send, now owned by the link; NULL: none. */
    struct outgoing_message *(*next_message)(void *ctx);
};

struct link_timer {
    lws_sorted_usec_list_t sul;
    void (*on_due)(void *ctx);
    void *ctx;
};

struct link {
    const struct link_events *events;
    void *ctx;
    const struct settings *settings;
    struct tls tls;
    struct lws_context *context;
    struct lws *wsi; /* NULL: no connection, not even on its way */
    bool is_opening, is_open, is_closing;
    bool has_failed; /* inside link_open */
    unsigned peer_code;
    char reason[LINK_REASON_BYTES];   /* why it ended */
    struct outgoing_message *message; /* partly sent */
    unsigned char *bytes;             /* gathered of a message */
    size_t len, room_bytes;
};

/* settings, ctx borrowed. LG_CLIENT_OK, or a code with why; nothing to finish then. */
int link_init(struct link *link, const struct settings *settings, const struct link_events *events,
              void *ctx, char *why, size_t why_bytes);
void link_finish(struct link *link);

/* Serve until *is_over. */
void link_run(struct link *link, const bool *is_over);

/* Any thread, between link_init and link_finish: on_wake is called soon. */
void link_wake(struct link *link);

/* Begin to connect. 0: on_open or on_gone will come. -1: link->reason says why not. */
int link_open(struct link *link, const char *address);

/* There is something to send. */
void link_want_write(struct link *link);
/* Read no more, or again. */
void link_set_reading(struct link *link, bool is_reading);
bool link_is_amid_message(const struct link *link);

/* Forget the connection: no event comes any more. */
void link_drop(struct link *link);
/* Send a close frame; on_gone comes, at the latest when the peer has answered it. */
void link_close(struct link *link);

void link_timer_init(struct link_timer *timer, void (*on_due)(void *ctx), void *ctx);
void link_timer_set(struct link *link, struct link_timer *timer, int64_t delay_us);
void link_timer_stop(struct link_timer *timer);

#endif
