/* The flat request without params: what a pipeline of calls consists of. A third
 * of the time of such a call went into building a tree of it (tests/bench/rpc).
 * Whatever is not exactly that is left to codec.c, which knows all of JSON. */
#include "common/jsonrpc/plain.h"

#include <string.h>

#include "common/jsonrpc/scan.h"

enum { INTEGER_DIGITS_MAX = 18 }; /* of ids; longer ones may not fit the library's integers */

enum member { MEMBER_VERSION, MEMBER_ID, MEMBER_METHOD, N_MEMBERS };
static const struct scan_span NAMES[N_MEMBERS] = {{"jsonrpc", 7}, {"id", 2}, {"method", 6}};

static void skip_blanks(const char **at, const char *end) {
    while (*at < end && (**at == ' ' || **at == '\t' || **at == '\n' || **at == '\r')) {
        ++*at;
    }
}

static bool take(const char **at, const char *end, char c) {
    skip_blanks(at, end);
    if (*at == end || **at != c) {
        return false;
    }
    ++*at;
    return true;
}

/* What stands between two quotes. */
static bool take_string(const char **at, const char *end, struct scan_span *inside) {
    if (!take(at, end, '"')) {
        return false;
    }
    const char *start = *at;
    while (*at < end && **at >= 0x20 && **at < 0x7f && **at != '"' && **at != '\\') {
        ++*at;
    }
    *inside = (struct scan_span){start, (size_t)(*at - start)};
    return take(at, end, '"') && inside->text + inside->len + 1 == *at;
}

static bool take_integer(const char **at, const char *end, struct scan_span *token) {
    const char *start = *at;
    *at += *at < end && **at == '-';
    const char *digits = *at;
    while (*at < end && **at >= '0' && **at <= '9') {
        ++*at;
    }
    size_t n = (size_t)(*at - digits);
    *token = (struct scan_span){start, (size_t)(*at - start)};
    return n > 0 && n <= INTEGER_DIGITS_MAX && (n == 1 || *digits != '0');
}

static bool take_id(const char **at, const char *end, struct scan_span *token) {
    skip_blanks(at, end);
    if (*at == end || **at != '"') {
        return take_integer(at, end, token);
    }
    struct scan_span inside;
    if (!take_string(at, end, &inside)) {
        return false;
    }
    *token = (struct scan_span){inside.text - 1, inside.len + 2};
    return token->len <= JSONRPC_ID_BYTES_MAX;
}

/* One member and the value after it; false also when the member was there before. */
static bool take_member(const char **at, const char *end, struct scan_span values[N_MEMBERS]) {
    struct scan_span name;
    if (!take_string(at, end, &name) || !take(at, end, ':')) {
        return false;
    }
    for (int i = 0; i < N_MEMBERS; i++) {
        if (name.len == NAMES[i].len && memcmp(name.text, NAMES[i].text, name.len) == 0) {
            return values[i].text == NULL && (i == MEMBER_ID ? take_id(at, end, &values[i])
                                                             : take_string(at, end, &values[i]));
        }
    }
    return false;
}

bool plain_request(const char *text, size_t size_bytes, struct jsonrpc_parsed *parsed) {
    const char *at = text, *end = text + size_bytes;
    struct scan_span values[N_MEMBERS] = {{NULL, 0}};
    const struct scan_span *id = &values[MEMBER_ID], *method = &values[MEMBER_METHOD];
    if (!take(&at, end, '{')) {
        return false;
    }
    do {
        if (!take_member(&at, end, values)) {
            return false;
        }
    } while (take(&at, end, ','));
    if (!take(&at, end, '}')) {
        return false;
    }
    skip_blanks(&at, end);
    bool is_version =
        values[MEMBER_VERSION].len == 3 && memcmp(values[MEMBER_VERSION].text, "2.0", 3) == 0;
    if (at != end || !is_version || method->text == NULL ||
        method->len >= sizeof parsed->plain_method) {
        return false;
    }
    memcpy(parsed->plain_method, method->text, method->len);
    parsed->plain_method[method->len] = '\0';
    parsed->is_batch = false;
    parsed->n_messages = 1;
    parsed->messages = &parsed->one;
    parsed->root = NULL;
    parsed->one =
        (struct jsonrpc_message){.kind = id->text != NULL ? JSONRPC_REQUEST : JSONRPC_NOTIFICATION,
                                 .id = id->text,
                                 .id_len = id->len,
                                 .method = parsed->plain_method};
    return true;
}
