/* Whose connection it is, for limits by address: IPv4 whole, IPv6 by its /64 (one
 * house has 2^64 addresses). */
#ifndef LEGGIO_COMMON_PEER_KEY_H
#define LEGGIO_COMMON_PEER_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

/* 0 = not known (a unix socket): no limit counts it. */
uint64_t peer_key(const struct sockaddr *address);

/* Of a text like "192.0.2.1", "2001:db8::1", "[2001:db8::1]:4242", "192.0.2.1:80". 0 = it
 * is none. */
uint64_t peer_key_from_text(const char *text);

/* -- proxies of ours (--proxy) ------------------------------------------- */

#define PEER_NETS_MAX 32
struct peer_nets {
    size_t n;
    struct peer_net {
        uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
        unsigned n_bits;
    } nets[PEER_NETS_MAX];
};

/* items: "192.0.2.1", "10.0.0.0/8", "fd00::/8". -1 and *bad = the item that is none. */
int peer_nets_parse(struct peer_nets *nets, const char *const *items, size_t n_items,
                    const char **bad);
bool peer_nets_contain(const struct peer_nets *nets, const struct sockaddr *address);

/* Who is behind a connection: the last address of X-Forwarded-For when the peer
 * is a proxy of ours, else the peer. forwarded_for may be NULL. */
uint64_t peer_key_behind(const struct peer_nets *proxies, const struct sockaddr *peer,
                         const char *forwarded_for);

/* For options_table.check: option `proxy`. 0, or -1 and why. */
struct options;
int peer_nets_check(const struct options *options, char *why, size_t size_bytes);
void peer_nets_load(const struct options *options, struct peer_nets *nets);

#endif
