/* Patterns of one address segment. Alternatives are tried one after the other;
 * `*` goes on from its last position, so the worst case is pattern x name for
 * each alternative. */
#include "renderer/score/address.h"

#include <string.h>

bool address_segment_is_pattern(const char *segment, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (memchr("*?[{", segment[i], 4) != NULL) {
            return true;
        }
    }
    return false;
}

size_t address_next_segment(const char **rest, const char **segment) {
    const char *at = *rest;
    while (*at == '/') {
        at++;
    }
    *segment = at;
    while (*at != '\0' && *at != '/') {
        at++;
    }
    *rest = at;
    return (size_t)(at - *segment);
}

/* The class at *at (after '['); moves *at behind ']'. No ']' = a plain '['. */
static bool class_matches(const char **at, const char *end, char c) {
    const char *close = memchr(*at, ']', (size_t)(end - *at));
    if (close == NULL) {
        return c == '[';
    }
    const char *p = *at;
    bool is_negated = p < close && *p == '^';
    if (is_negated) {
        p++;
    }
    bool is_in = false;
    while (p < close) {
        if (p + 2 < close && p[1] == '-') {
            is_in = is_in || ((unsigned char)p[0] <= (unsigned char)c &&
                              (unsigned char)c <= (unsigned char)p[2]);
            p += 3;
        } else {
            is_in = is_in || *p == c;
            p++;
        }
    }
    *at = close + 1;
    return is_in != is_negated;
}

/* One character of a pattern without braces against c; moves *at behind it. */
static bool one_matches(const char **at, const char *end, char c) {
    char p = *(*at)++;
    if (p == '?') {
        return true;
    }
    if (p == '[') {
        return class_matches(at, end, c);
    }
    return p == c;
}

/* A pattern without braces against exactly [name, name_end). */
static bool flat_matches(const char *at, const char *end, const char *name, const char *name_end) {
    const char *star = NULL, *star_name = NULL;
    for (;;) {
        if (at < end && *at == '*') {
            star = ++at;
            star_name = name;
            continue;
        }
        if (at == end && name == name_end) {
            return true;
        }
        if (at < end && name < name_end) {
            const char *before = at;
            if (one_matches(&at, end, *name)) {
                name++;
                continue;
            }
            at = before;
        }
        if (star == NULL || star_name == name_end) {
            return false;
        }
        at = star;
        name = ++star_name;
    }
}

enum { EXPANDED_BYTES = 512, ALTERNATIVES_MAX = 256 };

/* Replace the first {a,b} by each alternative and go on; *budget bounds the
 * product of several groups. */
static bool braces_match(const char *pattern, size_t len, const char *name, size_t name_len,
                         int *budget) {
    const char *open = memchr(pattern, '{', len);
    const char *close = open ? memchr(open, '}', len - (size_t)(open - pattern)) : NULL;
    if (close == NULL) {
        return (*budget)-- > 0 && flat_matches(pattern, pattern + len, name, name + name_len);
    }
    size_t head_len = (size_t)(open - pattern);
    size_t tail_len = len - (size_t)(close + 1 - pattern);
    const char *item = open + 1;
    while (item <= close && *budget > 0) {
        const char *comma = memchr(item, ',', (size_t)(close - item));
        const char *item_end = comma ? comma : close;
        size_t item_len = (size_t)(item_end - item);
        char expanded[EXPANDED_BYTES];
        if (head_len + item_len + tail_len > sizeof expanded) {
            return false;
        }
        memcpy(expanded, pattern, head_len);
        memcpy(expanded + head_len, item, item_len);
        memcpy(expanded + head_len + item_len, close + 1, tail_len);
        if (braces_match(expanded, head_len + item_len + tail_len, name, name_len, budget)) {
            return true;
        }
        item = item_end + 1;
    }
    return false;
}

bool address_segment_matches(const char *pattern, size_t pattern_len, const char *name) {
    size_t name_len = strlen(name);
    if (pattern_len == 1 && pattern[0] == '*') {
        return true;
    }
    if (memchr(pattern, '{', pattern_len) == NULL) {
        return flat_matches(pattern, pattern + pattern_len, name, name + name_len);
    }
    int budget = ALTERNATIVES_MAX;
    return braces_match(pattern, pattern_len, name, name_len, &budget);
}
