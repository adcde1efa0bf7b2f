/* A concert as text: readable, playable, loadable.
 *
 *     # leggio concert log 1
 *     # @0.000000 12 snapshot
 *     /ITL/scene …;
 *     # @3.250000 31 http:127.0.0.1:4242
 *     /ITL/scene/r set rect 0.2 0.2;
 *
 * A heading says when (seconds since the beginning), how many bytes of text follow, and from whom.
 * Text that was edited by hand ends where the next heading begins. For the script language headings
 * are comments: the whole file is a script that does everything at once. */
#ifndef LEGGIO_PAST_CONCERT_LOG_H
#define LEGGIO_PAST_CONCERT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONCERT_LOG_HEAD "# leggio concert log 1"

struct concert_part {
    int64_t at_us;
    const char *source; /* borrowed from the text, not terminated */
    size_t source_len;
    const char *text;
    size_t size;
};

/* The next part of a log, from *at on; false = no more. *why: what is wrong, NULL when all was
 * read. */
bool concert_log_next(const char *text, size_t size, size_t *at, struct concert_part *part,
                      const char **why);

#endif
