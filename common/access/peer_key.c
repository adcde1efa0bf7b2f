/* Addresses as 64 bits, and which of them are proxies of ours. */
#include "common/access/peer_key.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/options.h"

static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};

/* false: neither IPv4 nor IPv6. */
static bool bytes_of(const struct sockaddr *address, uint8_t bytes[16]) {
    if (address->sa_family == AF_INET) {
        memcpy(bytes, MAPPED, sizeof MAPPED);
        memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
        return true;
    }
    return false;
}

static uint64_t key_of(const uint8_t bytes[16]) {
    uint64_t key;
    uint32_t ip4;
    if (memcmp(bytes, MAPPED, sizeof MAPPED) == 0) {
        memcpy(&ip4, bytes + 12, sizeof ip4);
        return (uint64_t)0xffff << 32 | ip4;
    }
    memcpy(&key, bytes, sizeof key);
    return key != 0 ? key : 1; /* ::1 and its like */
}

uint64_t peer_key(const struct sockaddr *address) {
    uint8_t bytes[16];
    return bytes_of(address, bytes) ? key_of(bytes) : 0;
}

static bool read_address(const char *text, uint8_t bytes[16]) {
    memcpy(bytes, MAPPED, sizeof MAPPED);
    return inet_pton(AF_INET, text, bytes + 12) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

uint64_t peer_key_from_text(const char *text) {
    char copy[64];
    uint8_t bytes[16];
    bool has_brackets = text[0] == '[';
    const char *start = has_brackets ? text + 1 : text;
    const char *colon = strchr(start, ':');
    bool is_port = !has_brackets && colon != NULL && strchr(colon + 1, ':') == NULL;
    size_t len = has_brackets ? strcspn(start, "]")
                 : is_port    ? (size_t)(colon - start)
                              : strlen(start);
    if (len >= sizeof copy) {
        return 0;
    }
    memcpy(copy, start, len);
    copy[len] = '\0';
    return read_address(copy, bytes) ? key_of(bytes) : 0;
}

/* -- networks ------------------------------------------------------------- */

static bool read_net(const char *item, struct peer_net *net) {
    char copy[64];
    char *end = NULL;
    const char *slash = strchr(item, '/');
    size_t len = slash != NULL ? (size_t)(slash - item) : strlen(item);
    if (len >= sizeof copy) {
        return false;
    }
    memcpy(copy, item, len);
    copy[len] = '\0';
    if (!read_address(copy, net->bytes)) {
        return false;
    }
    unsigned offset =
        strchr(copy, ':') == NULL ? 96 : 0; /* an IPv4 network is one of ::ffff:0:0/96 */
    unsigned long n_bits = slash != NULL ? strtoul(slash + 1, &end, 10) : 128 - offset;
    if (slash != NULL && (slash[1] < '0' || slash[1] > '9' || *end != '\0')) {
        return false;
    }
    net->n_bits = (unsigned)n_bits + offset;
    return n_bits <= 128 - offset;
}

int peer_nets_parse(struct peer_nets *nets, const char *const *items, size_t n_items,
                    const char **bad) {
    nets->n = 0;
    for (size_t i = 0; i < n_items; i++) {
        if (nets->n == PEER_NETS_MAX || !read_net(items[i], &nets->nets[nets->n])) {
            *bad = items[i];
            return -1;
        }
        nets->n++;
    }
    return 0;
}

static bool net_contains(const struct peer_net *net, const uint8_t bytes[16]) {
    unsigned n_whole = net->n_bits / 8, n_rest = net->n_bits % 8;
    if (memcmp(net->bytes, bytes, n_whole) != 0) {
        return false;
    }
    return n_rest == 0 || (net->bytes[n_whole] ^ bytes[n_whole]) >> (8 - n_rest) == 0;
}

bool peer_nets_contain(const struct peer_nets *nets, const struct sockaddr *address) {
    uint8_t bytes[16];
    if (nets->n == 0 || !bytes_of(address, bytes)) {
        return false;
    }
    for (size_t i = 0; i < nets->n; i++) {
        if (net_contains(&nets->nets[i], bytes)) {
            return true;
        }
    }
    return false;
}

uint64_t peer_key_behind(const struct peer_nets *proxies, const struct sockaddr *peer,
                         const char *forwarded_for) {
    if (forwarded_for == NULL || !peer_nets_contain(proxies, peer)) {
        return peer_key(peer);
    }
    /* What stands further left was said by others and may be a lie. */
    const char *comma = strrchr(forwarded_for, ',');
    const char *last = comma != NULL ? comma + 1 : forwarded_for;
    last += strspn(last, " \t");
    char text[64];
    size_t len = strcspn(last, " \t");
    if (len >= sizeof text) {
        return peer_key(peer);
    }
    memcpy(text, last, len);
    text[len] = '\0';
    uint64_t key = peer_key_from_text(text);
    return key != 0 ? key : peer_key(peer);
}

/* -- options ---------------------------------------------------------------- */

int peer_nets_check(const struct options *options, char *why, size_t size_bytes) {
    struct peer_nets nets;
    const char *bad = NULL, *const * items;
    size_t n_items = options_list(options, "proxy", &items);
    if (peer_nets_parse(&nets, items, n_items, &bad) != 0) {
        snprintf(why, size_bytes,
                 "--proxy: %s is no address or network (192.0.2.1, 10.0.0.0/8, fd00::/8), or there "
                 "are more than %d",
                 bad, PEER_NETS_MAX);
        return -1;
    }
    return 0;
}

void peer_nets_load(const struct options *options, struct peer_nets *nets) {
    const char *bad, *const *items;
    size_t n_items = options_list(options, "proxy", &items);
    (void)peer_nets_parse(nets, items, n_items, &bad); /* checked at the start */
}
