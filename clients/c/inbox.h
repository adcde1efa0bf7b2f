/* What the program has to be told, in order, and the thread that does it.
 *
 * Cap: INBOX_ITEMS and INBOX_BYTES; above them is_full tells the connection to read no more until
 * the program keeps up. Answers that somebody waits for, and events, always fit. */
#ifndef LEGGIO_CLIENTS_C_INBOX_H
#define LEGGIO_CLIENTS_C_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "clients/c/leggio_client.h"

enum { INBOX_ITEMS = 4096, INBOX_BYTES = 64 << 20 };

/* The first member of what is delivered. */
struct delivery {
    struct delivery *next;
    void (*run)(struct lg_client *client, struct delivery *delivery); /* without the lock */
    void (*destroy)(struct delivery *delivery); /* always, after run or instead of it */
    size_t size_bytes;
    bool is_must; /* run even when the client is closed meanwhile */
};

/* Guarded by the client's lock. */
struct inbox {
    struct delivery *first, **last;
    size_t n_items, size_bytes;
    bool is_waiting;  /* the program's function waits for an answer: reading must go on */
    bool is_stalled;  /* full was told; somebody wants to know when it is not any more */
    bool is_ending;   /* nothing comes any more */
    bool is_dropping; /* only what is_must */
    bool is_over;
};

void inbox_init(struct inbox *inbox);

/* Adopts delivery. */
void inbox_put_locked(struct lg_client *client, struct delivery *delivery);
/* Is reading to stop? Then the connection will be woken once there is room. */
bool inbox_is_full_locked(struct inbox *inbox);
/* Around a wait for an answer: when it is one of the program's functions that waits, reading must
 * go on. */
void inbox_wait_begin_locked(struct lg_client *client);
void inbox_wait_end_locked(struct lg_client *client);
/* No more will be put; the thread ends when all is told. */
void inbox_end_locked(struct lg_client *client);

/* The thread's body. */
void inbox_run(struct lg_client *client);

/* Does the calling thread run one of this client's deliveries? */
bool inbox_is_inside(const struct lg_client *client);

#endif
