/* Request targets. The library hands them over undecoded (http_server.c turns
 * its own decoding off, since that one cuts a path at %00); here they are
 * decoded once and checked. The renderer checks file paths again on opening. */
#include "gateway-http/path.h"

#include <stdint.h>
#include <string.h>

#include "common/err.h"
#include "common/utf8.h"
#include "proto/limits.h"

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

size_t path_decode(char *text, size_t len, bool is_form) {
    size_t out = 0;
    for (size_t in = 0; in < len; in++) {
        char c = text[in];
        if (c == '%' && len - in > 2) {
            int high = hex_value(text[in + 1]);
            int low = hex_value(text[in + 2]);
            if (high >= 0 && low >= 0) {
                c = (char)(high * 16 + low);
                in += 2;
            }
        } else if (c == '+' && is_form) {
            c = ' ';
        }
        text[out++] = c;
    }
    return out;
}

/* UTF-8 without control characters and backslashes. */
static bool is_clean_text(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f || c == '\\') {
            return false;
        }
    }
    return lg_utf8_len(text, len) == len;
}

int path_clean(const char *raw, char *out, size_t out_size) {
    size_t len = strlen(raw);
    if (len >= out_size || len > LIMIT_PATH_BYTES) {
        return LG_ETOOLARGE;
    }
    memcpy(out, raw, len + 1);
    len = path_decode(out, len, false);
    if (!is_clean_text(out, len)) {
        return LG_ENOTFOUND;
    }
    size_t to = 0;
    for (size_t from = 0; from < len;) {
        if (out[from] == '/') {
            from++;
            continue;
        }
        if (out[from] == '.') {
            return LG_ENOTFOUND;
        }
        if (to > 0) {
            out[to++] = '/';
        }
        while (from < len && out[from] != '/') {
            out[to++] = out[from++];
        }
    }
    out[to] = '\0';
    return LG_OK;
}

bool path_query(const char *query, const char *name, char *out, size_t out_size) {
    size_t name_len = strlen(name);
    for (const char *at = query; at != NULL && *at != '\0';) {
        const char *end = strchr(at, '&');
        size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
        if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            size_t value_len = len - name_len - 1;
            if (value_len >= out_size) {
                value_len = 0;
            }
            memcpy(out, at + name_len + 1, value_len);
            value_len = path_decode(out, value_len, true);
            out[value_len] = '\0';
            if (strlen(out) != value_len) {
                out[0] = '\0';
            }
            return true;
        }
        at = end != NULL ? end + 1 : NULL;
    }
    return false;
}

bool path_is_scene_name(const char *name) {
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return len > 0 && len <= LIMIT_SCENE_NAME_BYTES && name[len] == '\0';
}
