/* Well-formed UTF-8 by table 3-7 of the Unicode standard: no overlong forms, no
 * surrogates, nothing beyond U+10FFFF. */
#include "common/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character that a lead byte announces; 0 = it is none. */
static size_t announced(unsigned char lead) {
    if (lead < 0x80) {
        return lead != 0;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static bool is_second(unsigned char lead, unsigned char byte) {
    unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return byte >= least && byte <= most;
}

size_t lg_utf8_len(const char *bytes, size_t len) {
    const unsigned char *text = (const unsigned char *)bytes;
    size_t at = 0;
    while (at < len) {
        size_t n = announced(text[at]);
        bool is_good = n > 0 && n <= len - at && (n == 1 || is_second(text[at], text[at + 1]));
        for (size_t i = 2; i < n && is_good; i++) {
            is_good = (text[at + i] & 0xc0) == 0x80;
        }
        if (!is_good) {
            return at;
        }
        at += n;
    }
    return at;
}

char *lg_utf8_clean(const char *bytes, size_t len) {
    static const char INSTEAD[] = "\xef\xbf\xbd";
    char *clean = malloc(len * 3 + 1), *to = clean;
    size_t at = 0;
    while (clean != NULL && at < len) {
        size_t good = lg_utf8_len(bytes + at, len - at);
        memcpy(to, bytes + at, good);
        to += good;
        at += good;
        if (at < len) {
            memcpy(to, INSTEAD, 3);
            to += 3;
            at++;
        }
    }
    if (clean != NULL) {
        *to = '\0';
    }
    return clean;
}
