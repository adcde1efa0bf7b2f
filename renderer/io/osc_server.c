/* OSC in: a thread that reads packets into a bounded queue, and the score
 * thread's end of it. The socket is ours, since liblo's always listens on all
 * addresses. */
#include "renderer/io/osc.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/thread_name.h"
#include "proto/limits.h"
#include "renderer/io/osc_message.h"
#include "renderer/io/osc_packet.h"
#include "renderer/score/alloc.h"

#define PORT_TRIES   1000
#define SENDER_BYTES 64                /* a numeric address */
#define KERNEL_BYTES (4 * 1024 * 1024) /* wish; the system may give less */

struct packet {
    struct message *messages; /* owned */
    size_t n_messages, capacity;
    char sender[SENDER_BYTES];
};

struct osc_server {
    int fd;
    uint16_t port;
    osc_packet_fn on_packet;
    void *ctx;
    int ready_fd, stop_fd;
    pthread_t reader;
    struct packet reading;                  /* reader thread only: the packet under way */
    char bytes[LIMIT_OSC_PACKET_BYTES + 1]; /* the same */
    pthread_mutex_t lock;                   /* of all below */
    struct packet ring[LIMIT_OSC_QUEUE];
    size_t first, n_waiting; /* packets */
    size_t n_messages;       /* in them */
    struct osc_server_counts counts;
};

static void packet_finish(struct packet *packet) {
    for (size_t i = 0; i < packet->n_messages; i++) {
        message_finish(&packet->messages[i]);
    }
    free(packet->messages);
    *packet = (struct packet){0};
}

static bool on_message(void *ctx, const char *path, const char *types, lo_arg **args, int n_args) {
    struct osc_server *server = ctx;
    struct packet *packet = &server->reading;
    struct message msg;
    if (!osc_message_read(path, types, args, n_args, &msg)) {
        return false;
    }
    packet->messages = alloc_grow(packet->messages, packet->n_messages, &packet->capacity,
                                  sizeof(*packet->messages));
    packet->messages[packet->n_messages++] = msg;
    return true;
}

/* "::ffff:192.0.2.1" is an IPv4 address like any other. */
static void print_sender(const struct sockaddr_storage *from, socklen_t size, char *text) {
    static const char MAPPED[] = "::ffff:";
    if (getnameinfo((const struct sockaddr *)from, size, text, SENDER_BYTES, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        text[0] = '\0';
    } else if (strncmp(text, MAPPED, sizeof(MAPPED) - 1) == 0 && strchr(text, '.') != NULL) {
        memmove(text, text + sizeof(MAPPED) - 1, strlen(text + sizeof(MAPPED) - 1) + 1);
    }
}

static void queue_packet(struct osc_server *server, bool is_good) {
    struct packet *packet = &server->reading;
    bool has_messages = is_good && packet->n_messages > 0;
    pthread_mutex_lock(&server->lock);
    if (!is_good) {
        server->counts.refused++;
    } else if (has_messages && server->n_messages + packet->n_messages > LIMIT_OSC_QUEUE) {
        server->counts.dropped += packet->n_messages;
    } else if (has_messages) {
        server->ring[(server->first + server->n_waiting++) % LIMIT_OSC_QUEUE] = *packet;
        server->n_messages += packet->n_messages;
        server->counts.packets++;
        *packet = (struct packet){0};
    }
    pthread_mutex_unlock(&server->lock);
    packet_finish(packet);
    if (has_messages) {
        eventfd_write(server->ready_fd, 1);
    }
}

static void read_packet(struct osc_server *server) {
    struct sockaddr_storage from;
    socklen_t from_size = sizeof(from);
    ssize_t size = recvfrom(server->fd, server->bytes, sizeof(server->bytes),
                            MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &from_size);
    if (size < 0) {
        return; /* taken back by the kernel: a wrong checksum */
    }
    print_sender(&from, from_size, server->reading.sender);
    queue_packet(server, (size_t)size <= LIMIT_OSC_PACKET_BYTES &&
                             osc_packet_read(server->bytes, (size_t)size, on_message, server));
}

static void *reader_main(void *ctx) {
    lg_thread_name("osc-in");
    struct osc_server *server = ctx;
    struct pollfd fds[2] = {
        {.fd = server->fd, .events = POLLIN},
        {.fd = server->stop_fd, .events = POLLIN},
    };
    while (fds[1].revents == 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            lg_log(LG_LOG_ERROR, "osc", "stopped", "errno=%d", errno);
            break;
        }
        if (fds[0].revents != 0) {
            read_packet(server);
        }
    }
    return NULL;
}

/* A bound socket, or a negative errno. */
static int bind_socket(const char *host, uint16_t port) {
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];
    int kernel_bytes = KERNEL_BYTES;
    snprintf(service, sizeof(service), "%u", (unsigned)port);
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        return -EADDRNOTAVAIL;
    }
    int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int code = fd < 0 ? -errno : fd;
    if (fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) != 0) {
        code = -errno;
        close(fd);
    }
    freeaddrinfo(found);
    if (code >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kernel_bytes, sizeof(kernel_bytes));
    }
    return code;
}

/* The asked port, or, when it is busy, as the original: the third after it and on. */
static int listen_near(const char *host, uint16_t port, uint16_t *got) {
    int fd = -EADDRINUSE;
    unsigned tried = port;
    for (unsigned i = 0; i < PORT_TRIES && fd == -EADDRINUSE; i++) {
        tried = port + (i > 0 ? i + 2 : 0);
        if (tried > UINT16_MAX) {
            break;
        }
        fd = bind_socket(host, (uint16_t)tried);
    }
    if (fd < 0) {
        lg_log(LG_LOG_ERROR, "osc", "no_port", "host=%s port=%u why=%s", host, (unsigned)port,
               strerror(-fd));
    }
    *got = (uint16_t)tried;
    return fd;
}

struct osc_server *osc_server_create(const char *host, uint16_t port, osc_packet_fn on_packet,
                                     void *ctx) {
    uint16_t got;
    int fd = listen_near(host, port, &got);
    if (fd < 0) {
        return NULL;
    }
    struct osc_server *server = alloc_zero(sizeof(*server));
    server->fd = fd;
    server->port = got;
    server->on_packet = on_packet;
    server->ctx = ctx;
    server->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&server->lock, NULL);
    if (server->ready_fd < 0 || server->stop_fd < 0 ||
        pthread_create(&server->reader, NULL, reader_main, server) != 0) {
        lg_log(LG_LOG_ERROR, "osc", "no_thread", "errno=%d", errno);
        close(server->ready_fd);
        close(server->stop_fd);
        close(fd);
        free(server);
        return NULL;
    }
    return server;
}

void osc_server_destroy(struct osc_server *server) {
    if (server == NULL) {
        return;
    }
    eventfd_write(server->stop_fd, 1);
    pthread_join(server->reader, NULL);
    close(server->fd);
    for (; server->n_waiting > 0; server->n_waiting--) {
        packet_finish(&server->ring[server->first]);
        server->first = (server->first + 1) % LIMIT_OSC_QUEUE;
    }
    close(server->ready_fd);
    close(server->stop_fd);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

uint16_t osc_server_port(const struct osc_server *server) {
    return server->port;
}

int osc_server_fd(const struct osc_server *server) {
    return server->ready_fd;
}

static bool take(struct osc_server *server, struct packet *packet) {
    pthread_mutex_lock(&server->lock);
    bool has_packet = server->n_waiting > 0;
    if (has_packet) {
        *packet = server->ring[server->first];
        server->ring[server->first] = (struct packet){0};
        server->first = (server->first + 1) % LIMIT_OSC_QUEUE;
        server->n_waiting--;
        server->n_messages -= packet->n_messages;
    }
    pthread_mutex_unlock(&server->lock);
    return has_packet;
}

size_t osc_server_drain(struct osc_server *server, size_t max_packets) {
    eventfd_t ignored;
    struct packet packet;
    size_t n = 0;
    eventfd_read(server->ready_fd, &ignored);
    for (; n < max_packets && take(server, &packet); n++) {
        server->on_packet(server->ctx, packet.messages, packet.n_messages, packet.sender);
        packet_finish(&packet);
    }
    if (n == max_packets) { /* perhaps more: stay readable */
        eventfd_write(server->ready_fd, 1);
    }
    return n;
}

struct osc_server_counts osc_server_counts(struct osc_server *server) {
    pthread_mutex_lock(&server->lock);
    struct osc_server_counts counts = server->counts;
    pthread_mutex_unlock(&server->lock);
    return counts;
}
