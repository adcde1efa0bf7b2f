/* Who may do what (docs/architecture.md section 6). Pure functions on what a
 * gateway knows of a request; tokens come with a later issue.
 *
 * Everyone has `play`. `conduct` (post, get, log) needs all of:
 *   - the peer is on loopback, the request came through no proxy, and its Host
 *     names loopback or the public host (a rebound name does not); --open
 *     takes this condition away;
 *   - no Origin (not a browser), or an Origin whose host is the host of the
 *     request, or one that --allow-origin lists. "null" is nobody's ("*" takes
 *     it in, as rule 8.1 of the JSON-RPC reference says).
 */
#ifndef LEGGIO_COMMON_AUTH_H
#define LEGGIO_COMMON_AUTH_H

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;

enum auth_role { AUTH_VIEW = 1, AUTH_PLAY = 2, AUTH_CONDUCT = 3 };

struct auth_policy {
    bool is_open;                     /* --open */
    const char *public_host;          /* --public-host, with or without a port; NULL = none */
    const char *const *allow_origins; /* --allow-origin: "https://a.example:8443", a bare host
                                         (any scheme and port), or "*" */
    size_t n_allow_origins;
};

struct auth_request {
    const char *peer;   /* numeric address of the TCP peer, "127.0.0.1", "::1"; NULL = unknown */
    const char *host;   /* Host (or :authority), NULL = none */
    const char *origin; /* Origin, NULL = none. "" is an origin that matches nothing */
    bool is_forwarded;  /* has Forwarded, X-Forwarded-For or X-Real-IP */
};

enum auth_role auth_role(const struct auth_policy *policy, const struct auth_request *request);

/* May this browser page open a WebSocket by rule 8.1 of the JSON-RPC reference
 * (ports and schemes not compared with the request's own host)? Native clients
 * without Origin: yes. */
bool auth_origin_is_good(const struct auth_policy *policy, const struct auth_request *request);

/* "view", "play" or "conduct", as call_request.role wants it. */
const char *auth_role_name(enum auth_role role);

/* Numeric text of an address, without scope; "" when it is neither IPv4 nor
 * IPv6 (a unix socket counts as unknown, not as loopback). */
void auth_peer_print(const struct sockaddr *address, char *text, size_t size_bytes);

/* 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104, in numeric form only. */
bool auth_peer_is_loopback(const char *peer);

#endif
