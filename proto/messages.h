/* Structs of all messages and their codec, made from messages.def.
 *
 * On the wire a message is a msgpack array of three: protocol number, message
 * number, and a map from field number to value. A field that is 0, false or
 * empty is left out. Unknown fields are skipped.
 *
 *     struct msg_notice notice = {.epoch = e, .version = v};
 *     struct msg_buf buf;
 *     if (msg_notice_encode(&notice, &buf) == 0) { … free(buf.data); }
 *
 *     struct msg_notice in;
 *     struct msg_problem problem;
 *     if (msg_notice_decode(data, size, &in, &problem) == 0) { … msg_notice_finish(&in); }
 *
 * Decoded texts and bytes point into the input; lists are owned (finish).
 */
#ifndef LEGGIO_PROTO_MESSAGES_H
#define LEGGIO_PROTO_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

#define MSG_PROTOCOL 1 /* rises when a message changes so that old readers would be wrong */

/* Borrowed bytes. */
struct msg_bytes {
    const void *data;
    size_t size;
};

/* Bytes made by an encoder; free(data). */
struct msg_buf {
    uint8_t *data;
    size_t size;
};

/* Why a decoder refused. */
struct msg_problem {
    uint64_t protocol; /* that the peer speaks; 0 when not even that was readable */
    uint64_t number;   /* message number; 0 = unreadable */
    char text[128];    /* for logs and error replies */
};

/* -- structs ------------------------------------------------------------ */
#define MESSAGE(name, number, text) struct msg_##name {
#define PART(name, text)            struct msg_##name {
#define END(name)                                                                                  \
    }                                                                                              \
    ;
#define F_UINT(number, name, min, max, text) uint64_t name;
#define F_INT(number, name, min, max, text)  int64_t name;
#define F_BOOL(number, name, text)           bool name;
#define F_NAME(number, name, max, text)      char name[(max) + 1];
#define F_TEXT(number, name, max, text)      struct msg_bytes name;
#define F_BYTES(number, name, max, text)     struct msg_bytes name;
#define F_LIST(number, name, part, max, text)                                                      \
    struct msg_##part *name;                                                                       \
    size_t n_##name;
#include "proto/messages.def"
#undef MESSAGE
#undef PART
#undef END
#undef F_UINT
#undef F_INT
#undef F_BOOL
#undef F_NAME
#undef F_TEXT
#undef F_BYTES
#undef F_LIST

/* -- numbers: MSG_NOTICE is spelled MSG_notice, as the table makes it ---- */
#define MESSAGE(name, number, text) MSG_##name = number,
enum msg_number {
#include "proto/messages_only.h"
};
#undef MESSAGE

/* -- description, for the codec, the trace and the reference ------------- */
enum msg_field_kind {
    MSG_UINT,
    MSG_INT,
    MSG_BOOL,
    MSG_NAME,
    MSG_TEXT,
    MSG_BYTES,
    MSG_LIST,
};

struct msg_type;
struct msg_field {
    uint8_t number;
    enum msg_field_kind kind;
    const char *name, *text;
    size_t offset;
    size_t count_offset;         /* MSG_LIST: of n_<name> */
    int64_t min;                 /* numbers */
    uint64_t max;                /* numbers; bytes of texts; elements of lists */
    const struct msg_type *part; /* MSG_LIST */
};

struct msg_type {
    const char *name, *text;
    uint8_t number; /* 0 = part of lists only */
    size_t size_bytes;
    const struct msg_field *(*fields)(size_t *n_fields);
};

#define MESSAGE(name, number, text) extern const struct msg_type msg_##name##_type;
#define PART(name, text)            extern const struct msg_type msg_##name##_type;
#include "proto/messages_only.h"
#undef MESSAGE

/* All types, parts first. */
const struct msg_type *const *msg_types(size_t *n_types);
/* NULL = no message with this number. */
const struct msg_type *msg_type_by_number(uint64_t number);

/* Encode any message. 0, LG_EBADREQUEST when a field is out of its bounds (the
 * problem says which; NULL allowed), LG_ENOMEM. */
int msg_encode(const struct msg_type *type, const void *message, struct msg_buf *out,
               struct msg_problem *problem);

/* Decode any message into a struct that may be uninitialised. 0,
 * LG_EBADREQUEST (malformed, out of bounds, another message or protocol: see
 * problem, NULL allowed), LG_ENOMEM. On failure nothing is owned; of a request
 * or reply gateway_id and counter are filled when they were readable.
 * No allocation but the lists, which are bounded by the input and their limit. */
int msg_decode(const struct msg_type *type, const void *data, size_t size, void *message,
               struct msg_problem *problem);

/* Free the lists. */
void msg_finish(const struct msg_type *type, void *message);

/* Protocol and message number of some bytes, without the rest. */
int msg_peek(const void *data, size_t size, uint64_t *protocol, uint64_t *number);

/* One line for --trace: name{field=value …}, long texts cut. Returns the length
 * without the NUL, at most size - 1. */
size_t msg_print(const struct msg_type *type, const void *message, char *buffer, size_t size);

/* -- one set of functions per message ----------------------------------- */
#define MESSAGE(name, number, text)                                                                \
    static inline int msg_##name##_encode(const struct msg_##name *message, struct msg_buf *out) { \
        return msg_encode(&msg_##name##_type, message, out, NULL);                                 \
    }                                                                                              \
    static inline int msg_##name##_decode(                                                         \
        const void *data, size_t size, struct msg_##name *message, struct msg_problem *problem) {  \
        return msg_decode(&msg_##name##_type, data, size, message, problem);                       \
    }                                                                                              \
    static inline void msg_##name##_finish(struct msg_##name *message) {                           \
        msg_finish(&msg_##name##_type, message);                                                   \
    }                                                                                              \
    static inline size_t msg_##name##_print(const struct msg_##name *message, char *text_out,      \
                                            size_t size) {                                         \
        return msg_print(&msg_##name##_type, message, text_out, size);                             \
    }
#include "proto/messages_only.h"
#undef MESSAGE

#endif
