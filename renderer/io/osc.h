/* OSC over UDP (score-language reference 14): packets to messages and back.
 *
 * Receiving and sending have a thread each, so that neither a flood of packets
 * nor a slow name server holds the score. Both queues are bounded. */
#ifndef LEGGIO_IO_OSC_H
#define LEGGIO_IO_OSC_H

#include <stddef.h>
#include <stdint.h>

#include "renderer/score/message.h"

/* -- receiving ------------------------------------------------------------- */
/* One packet, its bundles flattened: one transaction. messages: borrowed; sender: numeric IP
 * address. Called from osc_server_drain. */
typedef void (*osc_packet_fn)(void *ctx, const struct message *messages, size_t n_messages,
                              const char *sender);

struct osc_server;

struct osc_server_counts {
    uint64_t packets; /* delivered or waiting */
    uint64_t dropped; /* LIMIT_OSC_QUEUE messages were waiting: newest dropped */
    uint64_t refused; /* no OSC, or no UTF-8 */
};

/* Listen at an address of this machine ("127.0.0.1", "::" = all). When the port is busy the third
 * after it and the following ones are tried (7000, 7003, 7004 …), 1000 at most. NULL = none is
 * free, or no such address (logged). */
struct osc_server *osc_server_create(const char *host, uint16_t port, osc_packet_fn on_packet,
                                     void *ctx);
void osc_server_destroy(struct osc_server *server);
uint16_t osc_server_port(const struct osc_server *server); /* the one it got */
/* Readable while packets wait; for the score thread's loop. */
int osc_server_fd(const struct osc_server *server);
/* Hand waiting packets over, at most max_packets. Score thread. Returns how many. */
size_t osc_server_drain(struct osc_server *server, size_t max_packets);
struct osc_server_counts osc_server_counts(struct osc_server *server);

/* -- sending --------------------------------------------------------------- */
struct osc_sender;

struct osc_sender *osc_sender_create(void);
/* Sends what waits (a second at most), then ends. */
void osc_sender_destroy(struct osc_sender *sender);
/* One packet; the host prefix of msg is not looked at. Score thread, never waits.
 * returns 0; LG_EBUSY when LIMIT_OSC_QUEUE packets wait; LG_ETOOLARGE over LIMIT_OSC_PACKET_BYTES
 * or for a host name over LIMIT_HOST_BYTES */
int osc_send(struct osc_sender *sender, const char *host, uint16_t port, const struct message *msg);

#endif
