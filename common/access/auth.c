/* The loopback rule, the token rule and the origin rule. */
#include "common/access/auth.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "common/access/auth_tokens.h"
#include "proto/limits.h"

struct host {
    char text[LIMIT_HOST_BYTES + 1]; /* lower case, no brackets, no trailing dot */
};

static const char *const NAMES[] = {"none", "view", "play", "conduct"};

const char *auth_role_name(enum auth_role role) {
    return NAMES[role];
}

bool auth_role_from_name(const char *name, enum auth_role *role) {
    for (enum auth_role i = AUTH_VIEW; i <= AUTH_CONDUCT; i++) {
        if (strcmp(name, NAMES[i]) == 0) {
            *role = i;
            return true;
        }
    }
    return false;
}

void auth_peer_print(const struct sockaddr *address, char *text, size_t size_bytes) {
    const void *bytes = NULL;
    if (size_bytes == 0) {
        return;
    }
    text[0] = '\0';
    if (address == NULL) {
        return;
    }
    if (address->sa_family == AF_INET) {
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    } else if (address->sa_family == AF_INET6) {
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    }
    if (bytes == NULL ||
        inet_ntop(address->sa_family, bytes, text, (socklen_t)size_bytes) == NULL) {
        text[0] = '\0';
    }
}

bool auth_peer_is_loopback(const char *peer) {
    struct in_addr four;
    struct in6_addr six;
    if (peer == NULL) {
        return false;
    }
    if (inet_pton(AF_INET, peer, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == 127;
    }
    if (inet_pton(AF_INET6, peer, &six) != 1) {
        return false;
    }
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

static bool is_port(const char *text) {
    size_t n = strspn(text, "0123456789");
    return n <= 5 && text[n] == '\0';
}

/* "Name:8000", "[::1]:8000", "name." → host. false: malformed or empty. */
static bool parse_host(const char *text, struct host *host) {
    const char *start = text, *rest;
    size_t len;
    if (text[0] == '[') {
        start = text + 1;
        len = strcspn(start, "]");
        if (start[len] != ']') {
            return false;
        }
        rest = start + len + 1;
    } else {
        len = strcspn(text, ":");
        rest = text + len;
    }
    if ((rest[0] != '\0' && (rest[0] != ':' || !is_port(rest + 1)))) {
        return false;
    }
    if (len > 1 && text[0] != '[' && start[len - 1] == '.') {
        len--;
    }
    if (len == 0 || len > LIMIT_HOST_BYTES) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)start[i];
        if (c <= ' ' || strchr("/@?#\\,\x7f", c) != NULL) {
            return false; /* what no host has; nobody's guess is needed */
        }
        host->text[i] = (char)tolower(c);
    }
    host->text[len] = '\0';
    return true;
}

/* scheme://host[:port], one trailing slash allowed; "null" is none. */
static bool parse_origin(const char *origin, struct host *host) {
    char copy[LIMIT_HOST_BYTES + 16];
    const char *separator = strstr(origin, "://");
    if (separator == NULL || separator == origin) {
        return false;
    }
    size_t len = strlen(separator + 3);
    if (len > 0 && separator[2 + len] == '/') {
        len--;
    }
    if (len >= sizeof copy) {
        return false;
    }
    memcpy(copy, separator + 3, len);
    copy[len] = '\0';
    return parse_host(copy, host);
}

static bool equal_origin_text(const char *a, const char *b) {
    size_t a_len = strlen(a), b_len = strlen(b);
    a_len -= a_len > 0 && a[a_len - 1] == '/';
    b_len -= b_len > 0 && b[b_len - 1] == '/';
    return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static bool is_listed(const struct auth_policy *policy, const char *origin) {
    struct host origin_host, listed_host;
    bool has_host = parse_origin(origin, &origin_host);
    for (size_t i = 0; i < policy->n_allow_origins; i++) {
        const char *listed = policy->allow_origins[i];
        if (strcmp(listed, "*") == 0) {
            return true;
        }
        if (!has_host) {
            continue;
        }
        if (strstr(listed, "://") != NULL) {
            if (equal_origin_text(listed, origin)) {
                return true;
            }
        } else if (parse_host(listed, &listed_host) &&
                   strcmp(listed_host.text, origin_host.text) == 0) {
            return true;
        }
    }
    return false;
}

bool auth_origin_is_good(const struct auth_policy *policy, const struct auth_request *request) {
    struct host origin_host, own_host;
    if (request->origin == NULL) {
        return true;
    }
    if (request->host != NULL && parse_origin(request->origin, &origin_host) &&
        parse_host(request->host, &own_host) && strcmp(origin_host.text, own_host.text) == 0) {
        return true;
    }
    return is_listed(policy, request->origin);
}

static bool names_this_machine(const struct auth_policy *policy, const char *host_header) {
    struct host host, public_host;
    if (host_header == NULL || !parse_host(host_header, &host)) {
        return false;
    }
    if (strcmp(host.text, "localhost") == 0 || auth_peer_is_loopback(host.text)) {
        return true;
    }
    return policy->public_host != NULL && parse_host(policy->public_host, &public_host) &&
           strcmp(host.text, public_host.text) == 0;
}

static void cap_foreign(struct auth_grant *grant) {
    if (grant->is_foreign && grant->role > AUTH_PLAY) {
        grant->role = AUTH_PLAY;
    }
}

void auth_judge(const struct auth_policy *policy, const struct auth_request *request,
                struct auth_grant *grant) {
    memset(grant, 0, sizeof *grant);
    if (policy->tokens != NULL) {
        bool has_token = request->token != NULL && request->token[0] != '\0';
        auth_tokens_find(policy->tokens, has_token ? request->token : NULL, grant);
    } else {
        bool is_local = !request->is_forwarded && auth_peer_is_loopback(request->peer) &&
                        names_this_machine(policy, request->host);
        grant->role = policy->is_open || is_local ? AUTH_CONDUCT : AUTH_PLAY;
    }
    grant->is_foreign = !auth_origin_is_good(policy, request);
    cap_foreign(grant);
}

bool auth_judge_again(const struct auth_policy *policy, const char *token,
                      struct auth_grant *grant) {
    struct auth_grant fresh;
    if (policy->tokens == NULL) {
        return true;
    }
    auth_tokens_find(policy->tokens, token, &fresh);
    if (fresh.role == AUTH_NONE) {
        return false;
    }
    fresh.is_foreign = grant->is_foreign;
    *grant = fresh;
    cap_foreign(grant);
    return true;
}

enum auth_role auth_role(const struct auth_policy *policy, const struct auth_request *request) {
    struct auth_grant grant;
    auth_judge(policy, request, &grant);
    return grant.role;
}

bool auth_grant_holds(const struct auth_policy *policy, const struct auth_grant *grant) {
    return policy->tokens == NULL ||
           auth_tokens_role(policy->tokens, grant->token_id) >= grant->role;
}

/* Copy up to a separator; too long = "?". */
static void copy_token(const char *text, const char *separators, char token[AUTH_TOKEN_ROOM]) {
    size_t len = strcspn(text, separators);
    if (len >= AUTH_TOKEN_ROOM) {
        text = "?";
        len = 1;
    }
    memcpy(token, text, len);
    token[len] = '\0';
}

void auth_find_token(const char *authorization, const char *query, char token[AUTH_TOKEN_ROOM]) {
    static const char SCHEME[] = "Bearer ";
    static const char NAME[] = "token=";
    token[0] = '\0';
    if (authorization != NULL && strncasecmp(authorization, SCHEME, sizeof SCHEME - 1) == 0) {
        const char *text = authorization + sizeof SCHEME - 1;
        copy_token(text + strspn(text, " "), " ", token);
        if (token[0] == '\0') { /* an empty one is wrong, not missing */
            memcpy(token, "?", 2);
        }
        return;
    }
    for (const char *at = query; at != NULL && *at != '\0';) {
        if (strncmp(at, NAME, sizeof NAME - 1) == 0) {
            copy_token(at + sizeof NAME - 1, "&", token);
            return;
        }
        at = strchr(at, '&');
        at = at != NULL ? at + 1 : NULL;
    }
}
