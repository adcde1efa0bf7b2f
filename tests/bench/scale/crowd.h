/* The inside of crowd: what its files share. */
#ifndef LEGGIO_TESTS_BENCH_SCALE_CROWD_H
#define LEGGIO_TESTS_BENCH_SCALE_CROWD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "delays.h"

enum { CROWD_PORTS_MAX = 8, CROWD_BYTES = 96, CROWD_PARTS_MAX = 16 };

enum client_state { CLIENT_AWAY, CLIENT_CONNECTING, CLIENT_UPGRADING, CLIENT_OPEN };

struct client {
    int fd;
    uint8_t state;
    uint8_t n_bytes;  /* of the message that is not complete yet */
    bool is_deaf;     /* never reads: a stalled client */
    uint32_t skip;    /* bytes of a long message still to be passed over */
    uint64_t version; /* newest told */
    uint8_t bytes[CROWD_BYTES];
};

/* What one process counted: since the last report, and in the end altogether. */
struct tally {
    struct delays delays;
    uint64_t n_inversions, n_lost, n_refused, n_opened, n_open, n_behind, newest;
};

/* Memory that the processes of a crowd share: the first posts, all compare with what it posted. */
struct shared {
    atomic_uint n_here; /* processes whose clients have all come */
    atomic_bool is_over;
    /* Change i was due at due_us[i], it shows in version first + i. */
    uint64_t first_version, max_changes;
    _Atomic uint64_t n_changes;
    struct tally tallies[CROWD_PARTS_MAX];
    int64_t due_us[];
};

struct crowd {
    uint16_t ports[CROWD_PORTS_MAX];
    unsigned n_ports;
    unsigned n_parts, part; /* processes, and which of them this is */
    size_t n_clients, n_deaf;
    size_t first_client; /* how many those before it have */
    double rate_hz, churn_hz, seconds, report_s;
    const char *path;
    int epoll_fd;
    struct client *clients;
    struct client poster; /* of the first process */
    struct shared *shared;
    struct tally tally;
};

int64_t crowd_now_us(void);
_Noreturn void crowd_die(const char *what);

/* crowd_client.c */
/* Start to connect; the rest follows by crowd_client_ready. */
void crowd_client_open(struct crowd *crowd, size_t client_i);
void crowd_client_close(struct crowd *crowd, struct client *client);
/* The socket is readable or writable. */
void crowd_client_ready(struct crowd *crowd, size_t client_i);

/* crowd.c: events until that moment. */
void crowd_run_until(struct crowd *crowd, int64_t end_us);

/* crowd_parts.c: a process may have only so many open files, so a crowd may be several of them. */
/* Memory for all, zeroed. */
struct shared *crowd_shared_create(uint64_t max_changes);
/* Further processes, each with its share of the clients; returns in each of them with
 * its `part`. */
void crowd_fork(struct crowd *crowd);
/* In all but the first: until that one says that it is over, and then so long; then exit. */
_Noreturn void crowd_follow(struct crowd *crowd, int64_t settle_us);
/* In the first: wait until the clients of all the others are here. Exits when one of them fails. */
void crowd_await_all(struct crowd *crowd);
/* In the first: the tallies of all, and how many clients are behind the newest version. */
struct tally crowd_join(struct crowd *crowd);

#endif
