/* Request headers: one pass over them, the few that matter, and whether the
 * request could be read in two ways (RFC 9112 6.1, 5.2). */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway-http/server/http_connection.h"

struct header_scan {
    struct http_headers *headers;
    const char *line_end; /* where the line before ended, in the read buffer */
    int n_content_length, n_transfer_encoding, n_host;
    bool checks_folds;
};

/* 0.9.75 accepts folded header lines and joins them in fresh memory, while all
 * other lines stay where they were read, one behind the other. So a line that
 * does not begin right behind the one before was folded. Newer versions refuse
 * folds themselves (http_server_create asks for it). */
static bool is_folded(const struct header_scan *scan, const char *key) {
    ptrdiff_t gap = (ptrdiff_t)((uintptr_t)key - (uintptr_t)scan->line_end);
    return scan->checks_folds && (gap < 1 || gap > 2);
}

/* false: not plain digits, or more than anyone may send. */
static bool read_content_length(const char *value, uint64_t *size) {
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 18 || value[digits] != '\0') {
        return false;
    }
    *size = strtoull(value, NULL, 10);
    return true;
}

struct header_row {
    const char *name;
    size_t offset; /* of a const char * in struct http_headers */
};
#define HEADER_ROW(name, field)                                                                    \
    { name, offsetof(struct http_headers, field) }
static const struct header_row HEADER_ROWS[] = {
    HEADER_ROW("Origin", origin),
    HEADER_ROW("Authorization", authorization),
    HEADER_ROW("Content-Type", content_type),
    HEADER_ROW("If-None-Match", if_none_match),
    HEADER_ROW("If-Modified-Since", if_modified_since),
    HEADER_ROW("If-Range", if_range),
    HEADER_ROW("Range", range),
    HEADER_ROW("Last-Event-ID", last_event_id),
    HEADER_ROW("Idempotency-Key", idempotency_key),
};

static bool is_proxy_header(const char *key) {
    return strcasecmp(key, "Forwarded") == 0 || strncasecmp(key, "X-Forwarded-", 12) == 0 ||
           strcasecmp(key, "X-Real-IP") == 0 || strcasecmp(key, "Via") == 0;
}

static void scan_known_header(struct http_headers *headers, const char *key, const char *value) {
    for (size_t i = 0; i < sizeof HEADER_ROWS / sizeof HEADER_ROWS[0]; i++) {
        if ((key[0] | 0x20) == (HEADER_ROWS[i].name[0] | 0x20) &&
            strcasecmp(key, HEADER_ROWS[i].name) == 0) {
            const char **field = (const char **)(void *)((char *)headers + HEADER_ROWS[i].offset);
            if (*field == NULL) {
                *field = value;
            } else if (HEADER_ROWS[i].offset == offsetof(struct http_headers, origin)) {
                headers->is_odd = true; /* which of two origins would count? */
            }
            return;
        }
    }
    headers->is_proxied = headers->is_proxied || is_proxy_header(key);
    if (strcasecmp(key, "X-Forwarded-For") == 0) {
        headers->forwarded_for = value;
    }
    if (strcasecmp(key, "X-Forwarded-Proto") == 0) {
        headers->is_https = strcasecmp(value, "https") == 0;
    }
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                 size_t key_size, const char *value, size_t value_size) {
    (void)kind;
    struct header_scan *scan = cls;
    struct http_headers *headers = scan->headers;
    if (value == NULL || key_size == 0 || is_folded(scan, key) || strpbrk(key, " \t") != NULL) {
        headers->is_odd = true;
        return MHD_YES;
    }
    scan->line_end = value + value_size;
    if (key_size == 4 && strcasecmp(key, "Host") == 0) {
        scan->n_host++;
        headers->host = value;
    } else if (strcasecmp(key, "Content-Length") == 0) {
        scan->n_content_length++;
        headers->is_odd = headers->is_odd || !read_content_length(value, &headers->content_length);
    } else if (strcasecmp(key, "Transfer-Encoding") == 0) {
        scan->n_transfer_encoding++;
        headers->is_odd = headers->is_odd || strcasecmp(value, "chunked") != 0;
    } else {
        scan_known_header(headers, key, value);
    }
    return MHD_YES;
}

void http_headers_scan(struct http_headers *headers, struct MHD_Connection *mhd,
                       const char *version, bool checks_folds) {
    memset(headers, 0, sizeof *headers);
    struct header_scan scan = {
        .headers = headers, .line_end = version + strlen(version), .checks_folds = checks_folds};
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, on_header, &scan);
    bool is_1_1 = strcmp(version, "HTTP/1.1") == 0;
    if (scan.n_content_length + scan.n_transfer_encoding > 1 || scan.n_host > 1 ||
        (is_1_1 && scan.n_host == 0) || (!is_1_1 && scan.n_transfer_encoding > 0)) {
        headers->is_odd = true;
    }
}
