/* OSC in: a thread that reads packets into a bounded queue, and the score
 * thread's end of it. */
#include "renderer/io/osc.h"

#include <errno.h>
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
    lo_server lo; /* reader thread only, once it runs */
    uint16_t port;
    osc_packet_fn on_packet;
    void *ctx;
    int ready_fd, stop_fd;
    pthread_t reader;
    struct packet reading; /* reader thread only: the packet under way */
    bool is_refused;       /* the same: it holds what we cannot take */
    pthread_mutex_t lock;  /* of all below */
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

static int on_lo_message(const char *path, const char *types, lo_arg **args, int n_args,
                         lo_message lo_msg, void *ctx) {
    struct osc_server *server = ctx;
    struct packet *packet = &server->reading;
    struct message msg;
    if (packet->n_messages == 0) {
        const char *sender = lo_address_get_hostname(lo_message_get_source(lo_msg));
        snprintf(packet->sender, sizeof(packet->sender), "%s", sender != NULL ? sender : "");
    }
    if (!osc_message_read(path, types, args, n_args, &msg)) {
        server->is_refused = true;
        return 0;
    }
    packet->messages = alloc_grow(packet->messages, packet->n_messages, &packet->capacity,
                                  sizeof(*packet->messages));
    packet->messages[packet->n_messages++] = msg;
    return 0;
}

/* liblo tells of packets that are no OSC here; they are counted by read_packet. */
static void on_lo_error(int number, const char *text, const char *where) {
    (void)number;
    (void)text;
    (void)where;
}

static void read_packet(struct osc_server *server) {
    struct packet *packet = &server->reading;
    server->is_refused = false;
    lo_server_recv_noblock(server->lo, 0);
    bool has_messages = packet->n_messages > 0;
    pthread_mutex_lock(&server->lock);
    if (!has_messages || server->is_refused) {
        server->counts.refused++;
    }
    if (has_messages && server->n_messages + packet->n_messages > LIMIT_OSC_QUEUE) {
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

static void *reader_main(void *ctx) {
    lg_thread_name("osc-in");
    struct osc_server *server = ctx;
    struct pollfd fds[2] = {
        {.fd = lo_server_get_socket_fd(server->lo), .events = POLLIN},
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

/* The asked port, or as the original: the third after it and on. */
static lo_server listen_near(uint16_t port, uint16_t *got) {
    for (unsigned i = 0; i < PORT_TRIES; i++) {
        unsigned tried = port + (i > 0 ? i + 2 : 0);
        char text[8];
        if (tried > UINT16_MAX) {
            break;
        }
        snprintf(text, sizeof(text), "%u", tried);
        lo_server lo = lo_server_new_with_proto(text, LO_UDP, on_lo_error);
        if (lo != NULL) {
            *got = (uint16_t)tried;
            return lo;
        }
    }
    lg_log(LG_LOG_ERROR, "osc", "no_port", "port=%u tries=%d", (unsigned)port, PORT_TRIES);
    return NULL;
}

struct osc_server *osc_server_create(uint16_t port, osc_packet_fn on_packet, void *ctx) {
    uint16_t got;
    lo_server lo = listen_near(port, &got);
    if (lo == NULL) {
        return NULL;
    }
    struct osc_server *server = alloc_zero(sizeof(*server));
    server->lo = lo;
    server->port = got;
    server->on_packet = on_packet;
    server->ctx = ctx;
    server->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&server->lock, NULL);
    lo_server_enable_queue(lo, 0, 1); /* time tags are ignored */
    lo_server_max_msg_size(lo, LIMIT_OSC_PACKET_BYTES);
    lo_server_add_method(lo, NULL, NULL, on_lo_message, server);
    int kernel_bytes = KERNEL_BYTES;
    setsockopt(lo_server_get_socket_fd(lo), SOL_SOCKET, SO_RCVBUF, &kernel_bytes,
               sizeof(kernel_bytes));
    if (server->ready_fd < 0 || server->stop_fd < 0 ||
        pthread_create(&server->reader, NULL, reader_main, server) != 0) {
        lg_log(LG_LOG_ERROR, "osc", "no_thread", "errno=%d", errno);
        close(server->ready_fd);
        close(server->stop_fd);
        lo_server_free(lo);
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
    lo_server_free(server->lo);
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
