/* The msgpack format, reading side (source: the msgpack specification). */
#include "proto/msgpack_reader.h"

static bool read_be(struct msgpack_reader *reader, unsigned n_bytes, uint64_t *value) {
    if ((size_t)(reader->end - reader->at) < n_bytes) {
        return false;
    }
    uint64_t sum = 0;
    for (unsigned i = 0; i < n_bytes; i++) {
        sum = sum << 8 | *reader->at++;
    }
    *value = sum;
    return true;
}

static bool take_bytes(struct msgpack_reader *reader, struct msgpack_token *token,
                       enum msgpack_kind kind, size_t len) {
    if ((size_t)(reader->end - reader->at) < len) {
        return false;
    }
    token->kind = kind;
    token->data = reader->at;
    token->len = len;
    reader->at += len;
    return true;
}

/* n_bytes of length, then the content; an ext has its type byte before. */
static bool take_sized(struct msgpack_reader *reader, struct msgpack_token *token,
                       enum msgpack_kind kind, unsigned n_bytes) {
    uint64_t len, type;
    return read_be(reader, n_bytes, &len) &&
           (kind != MSGPACK_READ_EXT || read_be(reader, 1, &type)) &&
           take_bytes(reader, token, kind, (size_t)len);
}

/* Each element takes at least a byte, each pair at least two. */
static bool take_head(struct msgpack_reader *reader, struct msgpack_token *token,
                      enum msgpack_kind kind, uint64_t len) {
    uint64_t left = (uint64_t)(reader->end - reader->at);
    token->kind = kind;
    token->len = (size_t)len;
    return len <= (kind == MSGPACK_READ_MAP ? left / 2 : left);
}

static bool take_counted(struct msgpack_reader *reader, struct msgpack_token *token,
                         enum msgpack_kind kind, unsigned n_bytes) {
    uint64_t len;
    return read_be(reader, n_bytes, &len) && take_head(reader, token, kind, len);
}

static bool take_uint(struct msgpack_reader *reader, struct msgpack_token *token,
                      enum msgpack_kind kind, unsigned n_bytes) {
    token->kind = kind;
    return read_be(reader, n_bytes, &token->value.uint);
}

static bool take_sint(struct msgpack_reader *reader, struct msgpack_token *token,
                      unsigned n_bytes) {
    uint64_t bits;
    if (!read_be(reader, n_bytes, &bits)) {
        return false;
    }
    uint64_t sign = (uint64_t)1 << (8 * n_bytes - 1);
    if ((bits & sign) == 0) { /* a positive number in a signed form */
        token->kind = MSGPACK_READ_UINT;
        token->value.uint = bits;
        return true;
    }
    if (n_bytes < 8) {
        bits |= UINT64_MAX << (8 * n_bytes);
    }
    token->kind = MSGPACK_READ_INT;
    token->value.sint = (int64_t)bits;
    return true;
}

static bool next_long(struct msgpack_reader *reader, struct msgpack_token *token, uint8_t head) {
    switch (head) {
    case 0xc0:
        token->kind = MSGPACK_READ_NIL;
        return true;
    case 0xc2:
    case 0xc3:
        token->kind = MSGPACK_READ_BOOL;
        token->value.uint = head & 1;
        return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
        return take_sized(reader, token, MSGPACK_READ_BIN, 1u << (head - 0xc4));
    case 0xc7:
    case 0xc8:
    case 0xc9:
        return take_sized(reader, token, MSGPACK_READ_EXT, 1u << (head - 0xc7));
    case 0xca:
    case 0xcb:
        return take_uint(reader, token, MSGPACK_READ_FLOAT, 4u << (head - 0xca));
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        return take_uint(reader, token, MSGPACK_READ_UINT, 1u << (head - 0xcc));
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return take_sint(reader, token, 1u << (head - 0xd0));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8: { /* fixext 1 2 4 8 16 */
        uint64_t type;
        return read_be(reader, 1, &type) &&
               take_bytes(reader, token, MSGPACK_READ_EXT, (size_t)1 << (head - 0xd4));
    }
    case 0xd9:
    case 0xda:
    case 0xdb:
        return take_sized(reader, token, MSGPACK_READ_STR, 1u << (head - 0xd9));
    case 0xdc:
    case 0xdd:
        return take_counted(reader, token, MSGPACK_READ_ARRAY, 2u << (head - 0xdc));
    case 0xde:
    case 0xdf:
        return take_counted(reader, token, MSGPACK_READ_MAP, 2u << (head - 0xde));
    default: /* 0xc1 is never used */
        return false;
    }
}

bool msgpack_reader_next(struct msgpack_reader *reader, struct msgpack_token *token) {
    if (reader->at >= reader->end) {
        return false;
    }
    uint8_t head = *reader->at++;
    *token = (struct msgpack_token){.kind = MSGPACK_READ_NIL};
    if (head < 0x80) {
        token->kind = MSGPACK_READ_UINT;
        token->value.uint = head;
        return true;
    }
    if (head < 0x90) {
        return take_head(reader, token, MSGPACK_READ_MAP, head & 0x0f);
    }
    if (head < 0xa0) {
        return take_head(reader, token, MSGPACK_READ_ARRAY, head & 0x0f);
    }
    if (head < 0xc0) {
        return take_bytes(reader, token, MSGPACK_READ_STR, head & 0x1f);
    }
    if (head >= 0xe0) {
        token->kind = MSGPACK_READ_INT;
        token->value.sint = (int8_t)head;
        return true;
    }
    return next_long(reader, token, head);
}

bool msgpack_reader_skip(struct msgpack_reader *reader, unsigned depth) {
    struct msgpack_token token;
    if (!msgpack_reader_next(reader, &token)) {
        return false;
    }
    size_t n_values = token.kind == MSGPACK_READ_ARRAY ? token.len
                      : token.kind == MSGPACK_READ_MAP ? token.len * 2
                                                       : 0;
    if (n_values > 0 && depth == 0) {
        return false;
    }
    for (size_t i = 0; i < n_values; i++) {
        if (!msgpack_reader_skip(reader, depth - 1)) {
            return false;
        }
    }
    return true;
}
