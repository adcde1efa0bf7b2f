/* Headers of a handshake or request, copied out of the library's table. */
#include "gateway-ws/link/ws_head.h"

#include <libwebsockets.h>
#include <string.h>

/* Text of a header, "" when missing or longer than the room. */
static bool copy_header(struct lws *lws, enum lws_token_indexes token, char *text, size_t room) {
    int len = lws_hdr_total_length(lws, token);
    text[0] = '\0';
    if (len <= 0) {
        return false;
    }
    if (lws_hdr_copy(lws, text, (int)room, token) < 0) {
        text[0] = '\0';
    }
    return true;
}

static bool has_custom_header(struct lws *lws, const char *name) {
    return lws_hdr_custom_length(lws, name, (int)strlen(name)) >= 0;
}

/* All arguments joined by '&'. false: more than the room; text is a part then. */
static bool copy_query(struct lws *lws, char *text, size_t room) {
    size_t used = 0;
    text[0] = '\0';
    if (lws_hdr_total_length(lws, WSI_TOKEN_HTTP_URI_ARGS) + 1 > (int)room) {
        return false;
    }
    for (int i = 0; used + 1 < room; i++) {
        size_t at = used > 0 ? used + 1 : 0;
        int len =
            lws_hdr_copy_fragment(lws, text + at, (int)(room - at), WSI_TOKEN_HTTP_URI_ARGS, i);
        if (len <= 0) {
            text[used] = '\0';
            return true;
        }
        if (used > 0) {
            text[used] = '&';
        }
        used = at + strlen(text + at);
    }
    return false;
}

/* The same headers as leggio-http asks for. */
static bool is_proxied(struct lws *lws) {
    static const char *const NAMES[] = {"forwarded:", "x-forwarded-host:", "x-forwarded-proto:",
                                        "x-forwarded-port:", "x-forwarded-server:"};
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (has_custom_header(lws, NAMES[i])) {
            return true;
        }
    }
    return lws_hdr_total_length(lws, WSI_TOKEN_X_FORWARDED_FOR) > 0 ||
           lws_hdr_total_length(lws, WSI_TOKEN_HTTP_X_REAL_IP) > 0 ||
           lws_hdr_total_length(lws, WSI_TOKEN_HTTP_VIA) > 0;
}

static const struct {
    enum lws_token_indexes token;
    const char *method;
} METHODS[] = {
    {WSI_TOKEN_GET_URI, "GET"},         {WSI_TOKEN_POST_URI, "POST"},
    {WSI_TOKEN_OPTIONS_URI, "OPTIONS"}, {WSI_TOKEN_HEAD_URI, "HEAD"},
    {WSI_TOKEN_PUT_URI, "PUT"},         {WSI_TOKEN_PATCH_URI, "PATCH"},
    {WSI_TOKEN_DELETE_URI, "DELETE"},
};

/* Index into METHODS; GET when the library knows better than we. */
static size_t method_i(struct lws *lws) {
    for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
        if (lws_hdr_total_length(lws, METHODS[i].token) > 0) {
            return i;
        }
    }
    return 0;
}

const char *ws_head_method(struct lws *lws) {
    return METHODS[method_i(lws)].method;
}

bool ws_head_read(struct lws *lws, struct ws_head *head) {
    bool has_query = copy_query(lws, head->query, sizeof(head->query));
    copy_header(lws, METHODS[method_i(lws)].token, head->path, sizeof(head->path));
    copy_header(lws, WSI_TOKEN_HOST, head->host, sizeof(head->host));
    copy_header(lws, WSI_TOKEN_HTTP_AUTHORIZATION, head->authorization,
                sizeof(head->authorization));
    copy_header(lws, WSI_TOKEN_X_FORWARDED_FOR, head->forwarded_for, sizeof(head->forwarded_for));
    bool has_origin = copy_header(lws, WSI_TOKEN_ORIGIN, head->origin, sizeof(head->origin));
    head->upgrade = (struct ws_upgrade){
        .path = head->path,
        .query = head->query,
        .host = head->host,
        .origin = head->origin,
        .authorization = head->authorization,
        .forwarded_for = head->forwarded_for,
        .has_origin = has_origin,
        .is_proxied = is_proxied(lws),
    };
    return head->path[0] != '\0' && has_query;
}
