/* Hosts of --allow-url, and the address ranges that are nobody's business (RFC 6890). */
#include "renderer/io/fetch_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum fetch_permission fetch_permission(const char *const *hosts, size_t n_hosts, const char *host) {
    enum fetch_permission permission = FETCH_NO;
    size_t host_len = strlen(host);
    for (size_t i = 0; i < n_hosts; i++) {
        for (const char *item = hosts[i]; *item != '\0';) {
            size_t len = strcspn(item, ",");
            if (len == host_len && host_len > 0 && strncasecmp(item, host, len) == 0) {
                return FETCH_NAMED;
            }
            if (len == 3 && strncmp(item, "any", 3) == 0) {
                permission = FETCH_PUBLIC;
            }
            item += len + (item[len] == ',' ? 1 : 0);
        }
    }
    return permission;
}

static bool is_private_v4(uint32_t ip) {
    static const struct {
        uint32_t net;
        int bits;
    } NETS[] = {
        {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
        {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0a80000, 16}, {0xc6120000, 15},
        {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
    };
    for (size_t i = 0; i < sizeof NETS / sizeof NETS[0]; i++) {
        if ((ip ^ NETS[i].net) >> (32 - NETS[i].bits) == 0) {
            return true;
        }
    }
    return false;
}

static uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool is_private_v6(const uint8_t *ip) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(ip, mapped, 12) == 0 || memcmp(ip, nat64, 12) == 0) {
        return is_private_v4(read_u32(ip + 12));
    }
    if (ip[0] == 0x20 && ip[1] == 0x02) { /* 6to4 */
        return is_private_v4(read_u32(ip + 2));
    }
    bool is_global = (ip[0] & 0xe0) == 0x20; /* 2000::/3; all else is local or reserved */
    bool is_special = ip[0] == 0x20 && ip[1] == 0x01 && ip[2] < 0x02; /* Teredo and the like */
    bool is_example = read_u32(ip) == 0x20010db8;
    return !is_global || is_special || is_example;
}

bool fetch_is_private(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return is_private_v4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        return is_private_v6(in6.sin6_addr.s6_addr);
    }
    return true;
}
