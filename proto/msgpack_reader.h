/* A reader of msgpack that allocates nothing and trusts nothing.
 *
 * msgpack-c writes our messages; it does not read them, because its unpacker
 * allocates what an array's head claims before the elements are there (four
 * bytes of input can ask for gigabytes).
 */
#ifndef LEGGIO_PROTO_MSGPACK_READER_H
#define LEGGIO_PROTO_MSGPACK_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct msgpack_reader {
    const uint8_t *at, *end;
};

enum msgpack_kind {
    MSGPACK_READ_NIL,
    MSGPACK_READ_BOOL,  /* value.uint is 0 or 1 */
    MSGPACK_READ_UINT,  /* value.uint */
    MSGPACK_READ_INT,   /* value.sint, negative */
    MSGPACK_READ_FLOAT, /* value.uint holds the bits of a float or double */
    MSGPACK_READ_STR,   /* data, len */
    MSGPACK_READ_BIN,   /* data, len */
    MSGPACK_READ_EXT,   /* data, len, with the type byte left out */
    MSGPACK_READ_ARRAY, /* len elements follow */
    MSGPACK_READ_MAP,   /* len pairs follow */
};

struct msgpack_token {
    enum msgpack_kind kind;
    union {
        uint64_t uint;
        int64_t sint;
    } value;
    const uint8_t *data;
    size_t len;
};

/* Next head with its own content. false: input ends too early or is malformed
 * (also an array or map that claims more elements than bytes are left). */
bool msgpack_reader_next(struct msgpack_reader *reader, struct msgpack_token *token);

/* Skip one value with all in it, at most depth levels of nesting. */
bool msgpack_reader_skip(struct msgpack_reader *reader, unsigned depth);

#endif
