/* One client of the crowd: connecting without waiting, the upgrade, notices. */
#include "crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port of a server takes some 28 000 clients of one address: further ones
 * come from 127.0.0.2, 127.0.0.3, … (all of 127/8 is this machine). */
enum { CLIENTS_PER_ADDRESS = 20000 };

static void watch(const struct crowd *crowd, size_t client_i, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.u64 = client_i};
    if (epoll_ctl(crowd->epoll_fd, how, crowd->clients[client_i].fd, &event) != 0) {
        crowd_die("epoll_ctl");
    }
}

void crowd_client_open(struct crowd *crowd, size_t client_i) {
    struct client *client = &crowd->clients[client_i];
    const int on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(crowd->ports[client_i % crowd->n_ports])};
    from.sin_addr.s_addr =
        htonl(INADDR_LOOPBACK + (uint32_t)((crowd->first_client + client_i) / CLIENTS_PER_ADDRESS));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (client->fd < 0) {
        crowd_die("socket");
    }
    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (bind(client->fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
        (connect(client->fd, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)) {
        crowd_die("connect");
    }
    client->state = CLIENT_CONNECTING;
    client->n_bytes = 0;
    client->skip = 0;
    client->version = 0;
    watch(crowd, client_i, EPOLLOUT, EPOLL_CTL_ADD);
}

void crowd_client_close(struct crowd *crowd, struct client *client) {
    crowd->tally.n_open -= client->state == CLIENT_OPEN;
    client->state = CLIENT_AWAY;
    close(client->fd);
    client->fd = -1;
}

static void ask_upgrade(struct crowd *crowd, size_t client_i) {
    struct client *client = &crowd->clients[client_i];
    char text[512];
    int len = snprintf(text, sizeof(text),
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       crowd->path);
    if (send(client->fd, text, (size_t)len, MSG_NOSIGNAL) != len) {
        crowd->tally.n_refused++;
        crowd_client_close(crowd, client);
        return;
    }
    client->state = CLIENT_UPGRADING;
    watch(crowd, client_i, EPOLLIN, EPOLL_CTL_MOD);
}

/* The answer's head is longer than our few bytes: keep its end only. */
static void read_upgrade(struct crowd *crowd, size_t client_i) {
    struct client *client = &crowd->clients[client_i];
    char byte;
    while (client->state == CLIENT_UPGRADING) {
        ssize_t n = recv(client->fd, &byte, 1, 0);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            crowd->tally.n_refused++;
            crowd_client_close(crowd, client);
            return;
        }
        if (client->n_bytes < 12) {
            client->bytes[client->n_bytes++] = (uint8_t)byte;
            if (client->n_bytes == 12 && memcmp(client->bytes, "HTTP/1.1 101", 12) != 0) {
                crowd->tally.n_refused++;
                crowd_client_close(crowd, client);
                return;
            }
            continue;
        }
        memmove(client->bytes + 12, client->bytes + 13, 3);
        client->bytes[15] = (uint8_t)byte;
        if (memcmp(client->bytes + 12, "\r\n\r\n", 4) == 0) {
            client->state = CLIENT_OPEN;
            client->n_bytes = 0;
            crowd->tally.n_open++;
            crowd->tally.n_opened++;
        }
    }
    if (client->is_deaf) {
        watch(crowd, client_i, 0, EPOLL_CTL_MOD);
    }
}

static void take_notice(struct crowd *crowd, struct client *client, const char *text) {
    const char *at = strstr(text, "\"version\":");
    if (strstr(text, "\"notification\"") == NULL || at == NULL) {
        return;
    }
    uint64_t version = strtoull(at + 10, NULL, 10);
    crowd->tally.n_inversions += version <= client->version;
    client->version = version;
    const struct shared *shared = crowd->shared;
    uint64_t n_changes = atomic_load(&shared->n_changes); /* 0 until the first version is known */
    if (n_changes > 0 && version >= shared->first_version &&
        version - shared->first_version < n_changes) {
        int64_t delay_us = crowd_now_us() - shared->due_us[version - shared->first_version];
        delays_add(&crowd->tally.delays, delay_us > 0 ? (uint64_t)delay_us : 0);
    }
}

/* Whole frames of client->bytes; long ones and control frames are passed over. */
static void take_frames(struct crowd *crowd, struct client *client) {
    for (;;) {
        const uint8_t *bytes = client->bytes;
        size_t head = 2, len = client->n_bytes < 2 ? 0 : bytes[1] & 0x7fu;
        if (client->n_bytes < 2 || (len == 126 && client->n_bytes < 4)) {
            return;
        }
        if (len == 126) {
            head = 4;
            len = (size_t)bytes[2] << 8 | bytes[3];
        }
        if (len == 127) {
            fprintf(stderr, "crowd: a message of over 64 KiB\n");
            exit(1);
        }
        if (head + len >= CROWD_BYTES) {
            client->skip = (uint32_t)(head + len - client->n_bytes);
            client->n_bytes = 0;
            return;
        }
        if (client->n_bytes < head + len) {
            return;
        }
        if ((bytes[0] & 0x0f) == 1) {
            char text[CROWD_BYTES];
            memcpy(text, bytes + head, len);
            text[len] = '\0';
            take_notice(crowd, client, text);
        }
        client->n_bytes = (uint8_t)(client->n_bytes - head - len);
        memmove(client->bytes, client->bytes + head + len, client->n_bytes);
    }
}

static void read_frames(struct crowd *crowd, struct client *client) {
    for (;;) {
        char rest[512];
        bool is_skipping = client->skip > 0;
        void *into = is_skipping ? (void *)rest : client->bytes + client->n_bytes;
        size_t room = is_skipping ? (client->skip < sizeof(rest) ? client->skip : sizeof(rest))
                                  : sizeof(client->bytes) - client->n_bytes;
        ssize_t n = recv(client->fd, into, room, 0);
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            crowd->tally.n_lost++;
            crowd_client_close(crowd, client);
            return;
        }
        if (is_skipping) {
            client->skip -= (uint32_t)n;
        } else {
            client->n_bytes = (uint8_t)(client->n_bytes + n);
            take_frames(crowd, client);
        }
        if ((size_t)n < room) {
            return;
        }
    }
}

void crowd_client_ready(struct crowd *crowd, size_t client_i) {
    struct client *client = &crowd->clients[client_i];
    switch (client->state) {
    case CLIENT_CONNECTING:
        ask_upgrade(crowd, client_i);
        break;
    case CLIENT_UPGRADING:
        read_upgrade(crowd, client_i);
        break;
    case CLIENT_OPEN:
        if (!client->is_deaf) {
            read_frames(crowd, client);
        } else {
            crowd->tally.n_lost++;
            crowd_client_close(crowd, client);
        }
        break;
    default:
        break;
    }
}
