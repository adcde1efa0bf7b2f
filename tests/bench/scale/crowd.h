/* The inside of crowd: what its files share. */
#ifndef LEGGIO_TESTS_BENCH_SCALE_CROWD_H
#define LEGGIO_TESTS_BENCH_SCALE_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "delays.h"

enum { CROWD_PORTS_MAX = 8, CROWD_BYTES = 96 };

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

struct crowd {
    uint16_t ports[CROWD_PORTS_MAX];
    unsigned n_ports;
    size_t n_clients, n_open, n_deaf;
    double rate_hz, churn_hz, seconds, report_s;
    const char *path;
    int epoll_fd;
    struct client *clients;
    /* The poster and what it posted: change i was due at due_us[i], it shows in version first + i. */
    struct client poster;
    uint64_t first_version, n_changes, max_changes;
    int64_t *due_us;
    /* Counted since the last report. */
    struct delays delays;
    uint64_t n_notices, n_inversions, n_lost, n_refused, n_opened;
};

int64_t crowd_now_us(void);
_Noreturn void crowd_die(const char *what);

/* crowd_client.c */
/* Start to connect; the rest follows by crowd_client_ready. */
void crowd_client_open(struct crowd *crowd, size_t client_i);
void crowd_client_close(struct crowd *crowd, struct client *client);
/* The socket is readable or writable. */
void crowd_client_ready(struct crowd *crowd, size_t client_i);

#endif
