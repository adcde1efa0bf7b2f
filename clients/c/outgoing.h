/* Messages that wait for the connection. Control messages (connect, ping, closeSession…) go first
 * and die with the connection; the program's wait for the next one. A plain structure; its owner
 * guards it. Cap: the caller's, by n and size_bytes. */
#ifndef LEGGIO_CLIENTS_C_OUTGOING_H
#define LEGGIO_CLIENTS_C_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outgoing_message {
    struct outgoing_message *next;
    uint64_t id; /* of the request; 0: a notification or an answer */
    bool is_reply;
    size_t len, sent;
    unsigned char *text; /* room for the library's header before it */
};

struct outgoing_queue {
    struct outgoing_message *first, **last;
    size_t n, size_bytes;
};

struct outgoing {
    struct outgoing_queue control, ready;
};

void outgoing_init(struct outgoing *outgoing);
void outgoing_finish(struct outgoing *outgoing);

/* A message of this text (len bytes, copied); NULL when out of memory. */
struct outgoing_message *outgoing_message_create(const char *text, size_t len, uint64_t id);
void outgoing_message_destroy(struct outgoing_message *message);

void outgoing_put(struct outgoing_queue *queue, struct outgoing_message *message); /* adopts */
struct outgoing_message *outgoing_take(struct outgoing_queue *queue);              /* NULL: empty */
void outgoing_clear(struct outgoing_queue *queue);
/* The message of this request, if it is still there. */
void outgoing_remove(struct outgoing_queue *queue, uint64_t id);
/* Answers belong to the session whose requests they answer. */
void outgoing_remove_replies(struct outgoing_queue *queue);

#endif
