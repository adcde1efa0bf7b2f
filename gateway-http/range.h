/* The Range header of RFC 9110 section 14: one range of bytes. */
#ifndef LEGGIO_GATEWAY_HTTP_RANGE_H
#define LEGGIO_GATEWAY_HTTP_RANGE_H

#include <stdint.h>

enum range_kind {
    RANGE_WHOLE,         /* none, several, or malformed: answer with everything (200) */
    RANGE_PART,          /* answer 206 */
    RANGE_UNSATISFIABLE, /* answer 416 */
};

struct range {
    uint64_t first, length;
};

/* text NULL = no header. *range is set for RANGE_PART only. */
enum range_kind range_parse(const char *text, uint64_t total_size_bytes, struct range *range);

#endif
