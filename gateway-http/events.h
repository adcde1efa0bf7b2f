/* Server-sent events: the clients of /events and when each is to be woken. */
#ifndef LEGGIO_GATEWAY_HTTP_EVENTS_H
#define LEGGIO_GATEWAY_HTTP_EVENTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct event_client;
struct metric;

/* The lock guards the list and each client's is_asleep; it is held over the
 * wake-up call of the library, which does not block. */
struct events {
    pthread_mutex_t lock;
    struct event_client *first;
    atomic_bool is_ending; /* written under the lock */
    struct metric *n_notices, *n_coalesced, *delay;
};

void events_init(struct events *events);
void events_finish(struct events *events);
/* News of one scene, or (NULL) of the link: wake who sleeps. Any thread. */
void events_wake(struct events *events, const char *scene);
/* About once a second: heartbeats, and an end to retired connections. Main thread. */
void events_tick(struct events *events);
/* End all streams; no new ones. */
void events_end(struct events *events);

#endif
