/* What waits to be written to one client: a bounded queue of replies, and one
 * latest-wins slot for news (only the fact that there are news; the newest
 * notice is asked for when it is written).
 *
 * Policy: replies are never dropped; a queue that is full closes the client
 * (the pusher gets LG_EBUSY). An INScore picture is chosen only when its turn comes,
 * so however many are asked for, no old one is kept. News of subscriptions are
 * pushed only while none of them is in the queue (outbox_has_news_inside).
 */
#ifndef LEGGIO_GATEWAY_WS_OUTBOX_H
#define LEGGIO_GATEWAY_WS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox_item;
struct picture;
struct ws_link_piece;

struct outbox {
    struct outbox_item *first;
    struct outbox_item *last;
    uint32_t n_items;
    uint32_t n_news; /* items pushed as news */
    uint32_t size_bytes;
    uint32_t max_items; /* 0 = LIMIT_WS_REPLIES_QUEUED */
    bool has_news;
};

void outbox_finish(struct outbox *outbox);

/* A whole text message; copied. LG_EBUSY when the queue is full, LG_ENOMEM. */
int outbox_push_text(struct outbox *outbox, const char *text, size_t size_bytes);

/* A message that starts with this text (copied) and goes on with the newest
 * picture when it is its turn. */
int outbox_push_picture(struct outbox *outbox, const char *start, size_t size_bytes);

/* A message of start (copied), all pieces of the picture (a reference is taken) and
 * end (copied; at most OUTBOX_END_BYTES). */
enum { OUTBOX_END_BYTES = 8 };
int outbox_push_shared(struct outbox *outbox, const char *start, struct picture *picture,
                       const char *end);
/* The message pushed last is news. */
void outbox_mark_news(struct outbox *outbox);
bool outbox_has_news_inside(const struct outbox *outbox);

/* Whole short texts from the front, as WebSocket frames one after another, while
 * they fit: n_texts of them, to be dropped when they were written. Returns the bytes,
 * 0 when the next message is none of those. */
size_t outbox_gather(const struct outbox *outbox, uint8_t *frames, size_t room_bytes,
                     size_t *n_texts);
void outbox_drop(struct outbox *outbox, size_t n_texts);

/* Is the next message a picture that nobody has chosen yet? */
bool outbox_needs_picture(const struct outbox *outbox);
/* Choose it: takes a reference. NULL replaces the message by `instead`. */
int outbox_choose_picture(struct outbox *outbox, struct picture *picture, const char *instead);
/* The text of push_picture that waits for its picture; borrowed. */
const char *outbox_picture_start(const struct outbox *outbox);

/* The fragment to be written now. false: nothing (or a picture not chosen). */
bool outbox_peek(const struct outbox *outbox, struct ws_link_piece *piece);
/* It was written. */
void outbox_advance(struct outbox *outbox);
/* Between two fragments of one message? (no other message may start) */
bool outbox_is_inside(const struct outbox *outbox);
bool outbox_is_empty(const struct outbox *outbox);

#endif
