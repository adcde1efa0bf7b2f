/* The admin endpoint of every program (--admin HOST:PORT): /healthz (alive),
 * /readyz (able to serve), /metrics (Prometheus text). A small libmicrohttpd
 * daemon with a thread of its own, for operators, not for the public. */
#ifndef LEGGIO_COMMON_ADMIN_H
#define LEGGIO_COMMON_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADMIN_CONNECTIONS_MAX 32
#define ADMIN_IDLE_S          10

struct admin;
struct options;

struct admin_options {
    const char *host; /* "" = all addresses */
    uint16_t port;    /* 0 = any free one, see admin_port */
    /* Is the program able to serve? Else a reason in why. Called on the admin
     * thread. NULL = always. */
    bool (*is_ready)(void *ctx, char *why, size_t size_bytes);
    void *ctx;
};

/* What every program does with its option --admin: open the endpoint and print
 * "listening admin HOST:PORT" on standard output, as with every port. Without
 * the option *admin stays as it was. false after logging. */
bool admin_open(const struct options *options, bool (*is_ready)(void *, char *, size_t), void *ctx,
                struct admin **admin);

/* NULL after logging (port in use, host unknown). */
struct admin *admin_create(const struct admin_options *options);
void admin_destroy(struct admin *admin); /* NULL is fine */
uint16_t admin_port(const struct admin *admin);

#endif
