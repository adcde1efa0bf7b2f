/* What the state folder keeps, row by row. Times are microseconds: time_us of the score's own
 * clock, wall_us since 1970. Texts and bytes are borrowed wherever these structs go. */
#ifndef LEGGIO_IO_STATE_RECORDS_H
#define LEGGIO_IO_STATE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

/* One input: something that changed the score (renderer/past/inputs.h says what the kinds mean). */
struct state_entry {
    uint64_t seq; /* rises by one */
    int64_t time_us, wall_us;
    uint32_t kind;
    const char *source; /* who, for the log */
    const uint8_t *body;
    size_t body_size;
    const uint8_t *answers; /* what the world answered meanwhile */
    size_t answers_size;
    uint64_t seed;      /* of its random numbers; 0 = none were drawn */
    uint64_t cut_after; /* score_result.cut_after */
};

/* A request of a gateway that was applied, with its answer. */
struct state_request {
    uint64_t gateway_id, counter;
    uint64_t seq; /* of the last input that it led to */
    int64_t wall_us;
    int code; /* LG_… */
    const char *text;
    size_t text_size;
};

/* A published picture: it shows all inputs up to seq. */
struct state_version {
    const char *scene;
    uint64_t version, seq, pixels_hash;
    uint32_t width_px, height_px;
    int64_t wall_us;
};

/* The score after all inputs up to seq. */
struct state_snapshot {
    uint64_t seq;
    int64_t time_us, wall_us;
    const char *script; /* what `save` writes, and the application's settings */
    size_t script_size;
    const uint8_t *moment; /* what it does not say */
    size_t moment_size;
};

/* What a file or URL held when the score read it in input seq. */
struct state_resource {
    const char *path;
    uint64_t seq;
    int code;
    uint64_t hash;
    uint64_t size_bytes;
    const uint8_t *data; /* NULL = too large to be kept */
};

#endif
