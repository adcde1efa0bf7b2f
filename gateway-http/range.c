/* One range of bytes. Several ranges in one request may be answered as a whole
 * (RFC 9110 14.2), so there is no multipart/byteranges here. */
#include "gateway-http/range.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Digits up to 2^63; *at moves behind them. false: no digit, or too large. */
static bool read_number(const char **at, uint64_t *value) {
    const char *s = *at;
    uint64_t number = 0;
    for (; *s >= '0' && *s <= '9'; s++) {
        if (number > (uint64_t)INT64_MAX / 10 - 1) {
            return false;
        }
        number = number * 10 + (uint64_t)(*s - '0');
    }
    if (s == *at) {
        return false;
    }
    *at = s;
    *value = number;
    return true;
}

static enum range_kind suffix_range(const char *s, uint64_t total, struct range *range) {
    uint64_t length;
    if (!read_number(&s, &length) || *s != '\0') {
        return RANGE_WHOLE;
    }
    if (length == 0 || total == 0) {
        return RANGE_UNSATISFIABLE;
    }
    range->length = length < total ? length : total;
    range->first = total - range->length;
    return RANGE_PART;
}

enum range_kind range_parse(const char *text, uint64_t total_size_bytes, struct range *range) {
    if (text == NULL || strncasecmp(text, "bytes=", 6) != 0) {
        return RANGE_WHOLE;
    }
    const char *s = text + 6;
    while (*s == ' ') {
        s++;
    }
    if (*s == '-') {
        return suffix_range(s + 1, total_size_bytes, range);
    }
    uint64_t first;
    uint64_t last = UINT64_MAX;
    if (!read_number(&s, &first) || *s++ != '-') {
        return RANGE_WHOLE;
    }
    if (*s != '\0' && (!read_number(&s, &last) || *s != '\0' || last < first)) {
        return RANGE_WHOLE;
    }
    if (first >= total_size_bytes) {
        return RANGE_UNSATISFIABLE;
    }
    if (last >= total_size_bytes) {
        last = total_size_bytes - 1;
    }
    range->first = first;
    range->length = last - first + 1;
    return RANGE_PART;
}
