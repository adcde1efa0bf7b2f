/* Who may do what (docs/security.md). Pure functions on what a gateway knows
 * of a request. The whole rule:
 *
 *   --auth  token of the request    who                              role
 *   no      any (not looked at)     on this machine, or --open       conduct
 *   no      any (not looked at)     anyone else                      play
 *   yes     none                    anyone, on this machine too      `anonymous` of the file, else view
 *   yes     known                   anyone                           the token's
 *   yes     unknown                 anyone                           none: refused (401)
 *
 *   then, whatever came out: a page of a foreign origin gets at most play.
 *
 * On this machine: the peer is on loopback, the request came through no proxy,
 * and its Host names loopback or the public host (a rebound name does not).
 * Foreign: there is an Origin whose host is not the host of the request, and
 * --allow-origin does not list it. "null" is nobody's ("*" takes it in, as rule
 * 8.1 of the JSON-RPC reference says). This holds for tokens too: a page that
 * got hold of one must not use the network of whoever opens it.
 * --auth and --open exclude each other (auth_options_check).
 */
#ifndef LEGGIO_COMMON_AUTH_H
#define LEGGIO_COMMON_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTH_TOKEN_ROOM 128 /* a token and its NUL, with room to spare */
#define AUTH_LABEL_ROOM 64

struct auth_tokens;
struct sockaddr;

enum auth_role { AUTH_NONE = 0, AUTH_VIEW = 1, AUTH_PLAY = 2, AUTH_CONDUCT = 3 };

struct auth_policy {
    bool is_open;                     /* --open */
    const char *public_host;          /* --public-host, with or without a port; NULL = none */
    const char *const *allow_origins; /* --allow-origin: "https://a.example:8443", a bare host
                                         (any scheme and port), or "*" */
    size_t n_allow_origins;
    struct auth_tokens *tokens; /* --auth (auth_tokens.h); NULL = none */
};

struct auth_request {
    const char *peer;   /* numeric address of the TCP peer, "127.0.0.1", "::1"; NULL = unknown */
    const char *host;   /* Host (or :authority), NULL = none */
    const char *origin; /* Origin, NULL = none. "" is an origin that matches nothing */
    bool is_forwarded;  /* has Forwarded, X-Forwarded-*, X-Real-IP or Via */
    const char *token;  /* what the client showed (auth_find_token); NULL or "" = none */
};

/* AUTH_NONE only for a token that is not known: refuse the request. */
enum auth_role auth_role(const struct auth_policy *policy, const struct auth_request *request);

/* Who it is, beside the role: for logs, and to ask again after a reload. */
struct auth_grant {
    enum auth_role role;
    bool is_foreign;             /* a page of a foreign origin: at most play */
    uint64_t token_id;           /* 0 = no token */
    char label[AUTH_LABEL_ROOM]; /* of the token's line, "" = none */
};
void auth_judge(const struct auth_policy *policy, const struct auth_request *request,
                struct auth_grant *grant);

/* A token that is shown later (params of JSON-RPC `connect`). false: it is not
 * known, and the grant stays. Without --auth: true, and the grant stays. */
bool auth_judge_again(const struct auth_policy *policy, const char *token,
                      struct auth_grant *grant);

/* May a connection that was judged before go on as it is, now that the file
 * was read again? false: its token is gone or may less, or (without a token)
 * `anonymous` may less. */
bool auth_grant_holds(const struct auth_policy *policy, const struct auth_grant *grant);

/* The token that a request shows: "Authorization: Bearer TOKEN", else the
 * argument `token` of the query (without '?'; escapes need not be decoded, as
 * tokens have none). Both texts may be NULL. What is too long to be a token
 * comes out as "?", which nobody has; "" = the request shows none. */
void auth_find_token(const char *authorization, const char *query, char token[AUTH_TOKEN_ROOM]);

/* May this browser page open a WebSocket by rule 8.1 of the JSON-RPC reference
 * (ports and schemes not compared with the request's own host)? Native clients
 * without Origin: yes. */
bool auth_origin_is_good(const struct auth_policy *policy, const struct auth_request *request);

/* "view", "play" or "conduct", as call_request.role wants it; "none". */
const char *auth_role_name(enum auth_role role);
/* false: no such role ("none" is not one to be given). */
bool auth_role_from_name(const char *name, enum auth_role *role);

/* Numeric text of an address, without scope; "" when it is neither IPv4 nor
 * IPv6 (a unix socket counts as unknown, not as loopback). */
void auth_peer_print(const struct sockaddr *address, char *text, size_t size_bytes);

/* 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104, in numeric form only. */
bool auth_peer_is_loopback(const char *peer);

#endif
