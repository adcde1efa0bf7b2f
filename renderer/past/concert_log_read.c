/* Reading a concert log. Nothing is trusted: it may have been edited. */
#include <string.h>

#include "renderer/past/concert_log.h"

/* The next line that begins a heading, from a line's start on; size when there is none. */
static size_t find_heading(const char *text, size_t size, size_t at) {
    while (at < size) {
        if (size - at > 4 && memcmp(text + at, "# @", 3) == 0 && text[at + 3] >= '0' &&
            text[at + 3] <= '9') {
            return at;
        }
        const char *line_end = memchr(text + at, '\n', size - at);
        at = line_end == NULL ? size : (size_t)(line_end - text) + 1;
    }
    return size;
}

static bool read_digits(const char **at, const char *end, int64_t *value, int *n_digits) {
    *value = 0;
    *n_digits = 0;
    while (*at < end && **at >= '0' && **at <= '9') {
        if (++*n_digits > 15) {
            return false;
        }
        *value = *value * 10 + (**at - '0');
        (*at)++;
    }
    return *n_digits > 0;
}

/* "# @12.345678 57 source": to the end of the line. false = not well-formed. */
static bool read_heading(const char *at, const char *end, struct concert_part *part,
                         int64_t *n_bytes) {
    int64_t seconds, fraction = 0;
    int n_digits;
    at += 3;
    if (!read_digits(&at, end, &seconds, &n_digits) || seconds > 1000000000) {
        return false;
    }
    if (at < end && *at == '.') {
        at++;
        if (!read_digits(&at, end, &fraction, &n_digits) || n_digits > 6) {
            return false;
        }
        for (; n_digits < 6; n_digits++) {
            fraction *= 10;
        }
    }
    part->at_us = seconds * 1000000 + fraction;
    *n_bytes = -1;
    if (at < end && *at == ' ') {
        at++;
        if (!read_digits(&at, end, n_bytes, &n_digits)) {
            *n_bytes = -1;
        }
    }
    while (at < end && *at == ' ') {
        at++;
    }
    part->source = at;
    part->source_len = (size_t)(end - at);
    return true;
}

bool concert_log_next(const char *text, size_t size, size_t *at, struct concert_part *part,
                      const char **why) {
    *why = NULL;
    size_t head_len = sizeof CONCERT_LOG_HEAD - 1;
    if (*at == 0 && (size < head_len || memcmp(text, CONCERT_LOG_HEAD, head_len) != 0)) {
        *why = "it does not begin with \"" CONCERT_LOG_HEAD "\"";
        return false;
    }
    size_t start = find_heading(text, size, *at);
    if (start == size) {
        *at = size;
        return false;
    }
    const char *line_end = memchr(text + start, '\n', size - start);
    size_t body = line_end == NULL ? size : (size_t)(line_end - text) + 1;
    int64_t n_bytes;
    if (!read_heading(text + start, line_end == NULL ? text + size : line_end, part, &n_bytes)) {
        *why = "a heading is no \"# @SECONDS BYTES SOURCE\"";
        *at = start;
        return false;
    }
    /* As long as it says, when a heading or the end follows there; else it was edited. */
    size_t next = find_heading(text, size, body);
    if (n_bytes >= 0 && (uint64_t)n_bytes <= size - body) {
        size_t told = body + (size_t)n_bytes;
        size_t after = told < size && text[told] == '\n' ? told + 1 : told;
        if (after == size || find_heading(text, size, after) == after) {
            part->text = text + body;
            part->size = (size_t)n_bytes;
            *at = after;
            return true;
        }
    }
    part->text = text + body;
    part->size = next - body;
    *at = next;
    return true;
}
