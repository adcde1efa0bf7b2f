/* The codec: one table per message (made from messages.def), one encoder and
 * one decoder that walk it. */
#include "proto/messages.h"

#include <inttypes.h>
#include <msgpack.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/msgpack_reader.h"

/* -- tables: a function per type, so that the rows know their struct ------ */
#define PART(type, type_text)                                                                      \
    static const struct msg_field *type##_fields(size_t *n_fields) {                               \
        typedef struct msg_##type self;                                                            \
        static const struct msg_field rows[] = {
#define MESSAGE(type, type_number, type_text) PART(type, type_text)
#define END(type)                                                                                  \
    }                                                                                              \
    ;                                                                                              \
    *n_fields = sizeof rows / sizeof rows[0];                                                      \
    return rows;                                                                                   \
    }
#define F_UINT(n, field, lo, hi, about)                                                            \
    {n, MSG_UINT, #field, about, offsetof(self, field), 0, lo, hi, NULL},
#define F_INT(n, field, lo, hi, about)                                                             \
    {n, MSG_INT, #field, about, offsetof(self, field), 0, lo, hi, NULL},
#define F_BOOL(n, field, about) {n, MSG_BOOL, #field, about, offsetof(self, field), 0, 0, 1, NULL},
#define F_NAME(n, field, hi, about)                                                                \
    {n, MSG_NAME, #field, about, offsetof(self, field), 0, 0, hi, NULL},
#define F_TEXT(n, field, hi, about)                                                                \
    {n, MSG_TEXT, #field, about, offsetof(self, field), 0, 0, hi, NULL},
#define F_BYTES(n, field, hi, about)                                                               \
    {n, MSG_BYTES, #field, about, offsetof(self, field), 0, 0, hi, NULL},
#define F_LIST(n, field, of, hi, about)                                                            \
    {n, MSG_LIST, #field,          about, offsetof(self, field), offsetof(self, n_##field),        \
     0, hi,       &msg_##of##_type},
#include "proto/messages.def"
#undef PART
#undef MESSAGE
#undef END
#undef F_UINT
#undef F_INT
#undef F_BOOL
#undef F_NAME
#undef F_TEXT
#undef F_BYTES
#undef F_LIST

#define MESSAGE(type, n, about)                                                                    \
    const struct msg_type msg_##type##_type = {#type, about, n, sizeof(struct msg_##type),         \
                                               type##_fields};
#define PART(type, about) MESSAGE(type, 0, about)
#include "proto/messages_only.h"
#undef MESSAGE

#define MESSAGE(type, n, about) &msg_##type##_type,
#define PART(type, about)       &msg_##type##_type,
static const struct msg_type *const TYPES[] = {
#include "proto/messages_only.h"
};
#undef MESSAGE

const struct msg_type *const *msg_types(size_t *n_types) {
    *n_types = sizeof TYPES / sizeof TYPES[0];
    return TYPES;
}

const struct msg_type *msg_type_by_number(uint64_t number) {
    for (size_t i = 0; number != 0 && i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (TYPES[i]->number == number) {
            return TYPES[i];
        }
    }
    return NULL;
}

/* -- access to fields ----------------------------------------------------- */
/* Members are read and written by copies: the offset comes from the table. */
#define LOAD(type, message, offset)         (*(type const *)((const char *)(message) + (offset)))
#define STORE(type, message, offset, value) (*(type *)((char *)(message) + (offset)) = (value))

static const char *name_of(const void *message, const struct msg_field *field) {
    return (const char *)message + field->offset;
}

static int fail(struct msg_problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int fail(struct msg_problem *problem, const char *format, ...) {
    if (problem != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(problem->text, sizeof problem->text, format, args);
        va_end(args);
    }
    return LG_EBADREQUEST;
}

static bool is_clean_name(const char *name, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)name[i] < 0x20 || name[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Is the field within its bounds? Lists: their number only. */
static bool is_within(const void *message, const struct msg_field *field) {
    switch (field->kind) {
    case MSG_UINT: {
        uint64_t value = LOAD(uint64_t, message, field->offset);
        return value >= (uint64_t)field->min && value <= field->max;
    }
    case MSG_INT: {
        int64_t value = LOAD(int64_t, message, field->offset);
        return value >= field->min && (value < 0 || (uint64_t)value <= field->max);
    }
    case MSG_BOOL:
        return true;
    case MSG_NAME: {
        const char *name = name_of(message, field);
        size_t len = strnlen(name, (size_t)field->max + 1);
        return len <= field->max && is_clean_name(name, len);
    }
    case MSG_TEXT:
    case MSG_BYTES:
        return LOAD(struct msg_bytes, message, field->offset).size <= field->max;
    case MSG_LIST:
        return LOAD(size_t, message, field->count_offset) <= field->max;
    }
    return false;
}

static int check_bounds(const struct msg_type *type, const void *message,
                        struct msg_problem *problem) {
    size_t n_fields;
    const struct msg_field *fields = type->fields(&n_fields);
    for (size_t i = 0; i < n_fields; i++) {
        if (!is_within(message, &fields[i])) {
            return fail(problem, "%s.%s is missing or out of its bounds", type->name,
                        fields[i].name);
        }
    }
    return 0;
}

/* -- encoding --------------------------------------------------------------- */
static bool is_zero(const void *message, const struct msg_field *field) {
    switch (field->kind) {
    case MSG_UINT:
    case MSG_INT:
        return LOAD(uint64_t, message, field->offset) == 0;
    case MSG_BOOL:
        return !LOAD(bool, message, field->offset);
    case MSG_NAME:
        return name_of(message, field)[0] == '\0';
    case MSG_TEXT:
    case MSG_BYTES:
        return LOAD(struct msg_bytes, message, field->offset).size == 0;
    case MSG_LIST:
        return LOAD(size_t, message, field->count_offset) == 0;
    }
    return true;
}

static int pack_fields(msgpack_packer *packer, const struct msg_type *type, const void *message,
                       struct msg_problem *problem);

static int pack_list(msgpack_packer *packer, const struct msg_field *field, const void *message,
                     struct msg_problem *problem) {
    const char *elements = LOAD(const char *, message, field->offset);
    size_t n = LOAD(size_t, message, field->count_offset);
    int code = msgpack_pack_array(packer, n) == 0 ? 0 : LG_ENOMEM;
    for (size_t i = 0; code == 0 && i < n; i++) {
        code = pack_fields(packer, field->part, elements + i * field->part->size_bytes, problem);
    }
    return code;
}

static int pack_field(msgpack_packer *packer, const struct msg_field *field, const void *message,
                      struct msg_problem *problem) {
    int code = msgpack_pack_uint8(packer, field->number);
    switch (field->kind) {
    case MSG_UINT:
        code |= msgpack_pack_uint64(packer, LOAD(uint64_t, message, field->offset));
        break;
    case MSG_INT:
        code |= msgpack_pack_int64(packer, LOAD(int64_t, message, field->offset));
        break;
    case MSG_BOOL:
        code |= msgpack_pack_true(packer);
        break;
    case MSG_NAME: {
        const char *name = name_of(message, field);
        code |= msgpack_pack_str_with_body(packer, name, strlen(name));
        break;
    }
    case MSG_TEXT: /* str, though it may hold any bytes: readers must not trust it either */
    {
        struct msg_bytes bytes = LOAD(struct msg_bytes, message, field->offset);
        code |= msgpack_pack_str_with_body(packer, bytes.data, bytes.size);
        break;
    }
    case MSG_BYTES: {
        struct msg_bytes bytes = LOAD(struct msg_bytes, message, field->offset);
        code |= msgpack_pack_bin_with_body(packer, bytes.data, bytes.size);
        break;
    }
    case MSG_LIST:
        return code != 0 ? LG_ENOMEM : pack_list(packer, field, message, problem);
    }
    return code != 0 ? LG_ENOMEM : 0;
}

static int pack_fields(msgpack_packer *packer, const struct msg_type *type, const void *message,
                       struct msg_problem *problem) {
    size_t n_fields, n_set = 0;
    const struct msg_field *fields = type->fields(&n_fields);
    int code = check_bounds(type, message, problem);
    for (size_t i = 0; i < n_fields; i++) {
        n_set += !is_zero(message, &fields[i]);
    }
    if (code == 0 && msgpack_pack_map(packer, n_set) != 0) {
        code = LG_ENOMEM;
    }
    for (size_t i = 0; code == 0 && i < n_fields; i++) {
        if (!is_zero(message, &fields[i])) {
            code = pack_field(packer, &fields[i], message, problem);
        }
    }
    return code;
}

int msg_encode(const struct msg_type *type, const void *message, struct msg_buf *out,
               struct msg_problem *problem) {
    msgpack_sbuffer buffer;
    msgpack_packer packer;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    int code = msgpack_pack_array(&packer, 3) == 0 &&
                       msgpack_pack_uint8(&packer, MSG_PROTOCOL) == 0 &&
                       msgpack_pack_uint8(&packer, type->number) == 0
                   ? pack_fields(&packer, type, message, problem)
                   : LG_ENOMEM;
    if (code == 0) {
        out->size = buffer.size;
        out->data = (uint8_t *)msgpack_sbuffer_release(&buffer);
    }
    msgpack_sbuffer_destroy(&buffer);
    return code;
}

/* -- decoding ----------------------------------------------------------------- */
static int read_fields(struct msgpack_reader *reader, const struct msg_type *type, void *message,
                       unsigned depth, struct msg_problem *problem);

static int read_name(const struct msgpack_token *token, const struct msg_field *field,
                     void *message) {
    if (token->kind != MSGPACK_READ_STR || token->len > field->max ||
        memchr(token->data, '\0', token->len) != NULL) {
        return LG_EBADREQUEST;
    }
    char *name = (char *)message + field->offset;
    memcpy(name, token->data, token->len);
    name[token->len] = '\0';
    return 0;
}

static int read_list(struct msgpack_reader *reader, const struct msgpack_token *token,
                     const struct msg_field *field, void *message, unsigned depth,
                     struct msg_problem *problem) {
    size_t n_before = LOAD(size_t, message, field->count_offset);
    if (token->kind != MSGPACK_READ_ARRAY || token->len > field->max || n_before != 0) {
        return LG_EBADREQUEST;
    }
    if (token->len == 0) {
        return 0;
    }
    char *elements = calloc(token->len, field->part->size_bytes);
    if (elements == NULL) {
        return LG_ENOMEM;
    }
    STORE(void *, message, field->offset, elements);
    STORE(size_t, message, field->count_offset, token->len);
    int code = 0;
    for (size_t i = 0; code == 0 && i < token->len; i++) {
        code = read_fields(reader, field->part, elements + i * field->part->size_bytes, depth - 1,
                           problem);
    }
    return code;
}

/* Types are strict, so that a field never means two things. */
static int read_field(struct msgpack_reader *reader, const struct msg_field *field, void *message,
                      unsigned depth, struct msg_problem *problem) {
    struct msgpack_token token;
    if (!msgpack_reader_next(reader, &token)) {
        return LG_EBADREQUEST;
    }
    switch (field->kind) {
    case MSG_UINT:
        STORE(uint64_t, message, field->offset, token.value.uint);
        return token.kind == MSGPACK_READ_UINT ? 0 : LG_EBADREQUEST;
    case MSG_INT:
        STORE(int64_t, message, field->offset, token.value.sint);
        return token.kind == MSGPACK_READ_INT ||
                       (token.kind == MSGPACK_READ_UINT && token.value.uint <= INT64_MAX)
                   ? 0
                   : LG_EBADREQUEST;
    case MSG_BOOL:
        STORE(bool, message, field->offset, token.value.uint == 1);
        return token.kind == MSGPACK_READ_BOOL ? 0 : LG_EBADREQUEST;
    case MSG_NAME:
        return read_name(&token, field, message);
    case MSG_TEXT:
    case MSG_BYTES:
        STORE(struct msg_bytes, message, field->offset,
              ((struct msg_bytes){token.data, token.len}));
        return token.kind == (field->kind == MSG_TEXT ? MSGPACK_READ_STR : MSGPACK_READ_BIN)
                   ? 0
                   : LG_EBADREQUEST;
    case MSG_LIST:
        return depth == 0 ? LG_EBADREQUEST
                          : read_list(reader, &token, field, message, depth, problem);
    }
    return LG_EBADREQUEST;
}

static const struct msg_field *find_field(const struct msg_type *type,
                                          const struct msgpack_token *key) {
    size_t n_fields;
    const struct msg_field *fields = type->fields(&n_fields);
    for (size_t i = 0; key->kind == MSGPACK_READ_UINT && i < n_fields; i++) {
        if (fields[i].number == key->value.uint) {
            return &fields[i];
        }
    }
    return NULL;
}

static int read_fields(struct msgpack_reader *reader, const struct msg_type *type, void *message,
                       unsigned depth, struct msg_problem *problem) {
    struct msgpack_token map, key;
    if (!msgpack_reader_next(reader, &map) || map.kind != MSGPACK_READ_MAP) {
        return fail(problem, "%s is no map", type->name);
    }
    for (size_t i = 0; i < map.len; i++) {
        if (!msgpack_reader_next(reader, &key)) {
            return fail(problem, "%s ends too early", type->name);
        }
        const struct msg_field *field = find_field(type, &key);
        if (field == NULL) {
            /* An unknown field of a newer peer; its key is a number by the rules. */
            if (key.kind != MSGPACK_READ_UINT || !msgpack_reader_skip(reader, depth)) {
                return fail(problem, "%s has a malformed field", type->name);
            }
            continue;
        }
        int code = read_field(reader, field, message, depth, problem);
        if (code != 0) {
            if (problem != NULL && problem->text[0] == '\0') {
                fail(problem, "%s.%s is malformed", type->name, field->name);
            }
            return code;
        }
    }
    return check_bounds(type, message, problem);
}

static bool read_envelope(struct msgpack_reader *reader, uint64_t *protocol, uint64_t *number) {
    struct msgpack_token array, first, second;
    if (!msgpack_reader_next(reader, &array) || array.kind != MSGPACK_READ_ARRAY || array.len < 3 ||
        !msgpack_reader_next(reader, &first) || first.kind != MSGPACK_READ_UINT ||
        !msgpack_reader_next(reader, &second) || second.kind != MSGPACK_READ_UINT) {
        return false;
    }
    *protocol = first.value.uint;
    *number = second.value.uint;
    return true;
}

int msg_peek(const void *data, size_t size, uint64_t *protocol, uint64_t *number) {
    struct msgpack_reader reader = {data, (const uint8_t *)data + size};
    return size > 0 && read_envelope(&reader, protocol, number) ? 0 : LG_EBADREQUEST;
}

/* gateway_id and counter have the same keys in every protocol: whoever cannot
 * read the rest can still tell the asker so. */
static void read_ids(const struct msg_type *type, struct msgpack_reader reader, void *message) {
    struct msgpack_token token;
    if ((type->number != MSG_request && type->number != MSG_reply) ||
        !msgpack_reader_next(&reader, &token) || token.kind != MSGPACK_READ_MAP) {
        return;
    }
    for (size_t i = 0, n = token.len; i < n && msgpack_reader_next(&reader, &token); i++) {
        struct msgpack_token value;
        const struct msg_field *field = find_field(type, &token);
        if (field != NULL && field->number <= 2) {
            if (!msgpack_reader_next(&reader, &value) || value.kind != MSGPACK_READ_UINT) {
                return;
            }
            STORE(uint64_t, message, field->offset, value.value.uint);
        } else if (!msgpack_reader_skip(&reader, LIMIT_NESTING)) {
            return;
        }
    }
}

int msg_decode(const struct msg_type *type, const void *data, size_t size, void *message,
               struct msg_problem *problem) {
    struct msg_problem unread;
    problem = problem != NULL ? problem : &unread;
    memset(message, 0, type->size_bytes);
    *problem = (struct msg_problem){.protocol = 0};
    struct msgpack_reader reader = {data, (const uint8_t *)data + size};
    if (size == 0 || size > LIMIT_MESSAGE_BYTES ||
        !read_envelope(&reader, &problem->protocol, &problem->number)) {
        return fail(problem, "no message");
    }
    struct msgpack_reader body = reader;
    int code;
    if (problem->protocol != MSG_PROTOCOL) {
        code = fail(problem, "protocol %" PRIu64 " is spoken, %d is understood", problem->protocol,
                    MSG_PROTOCOL);
    } else if (problem->number != type->number) {
        code =
            fail(problem, "message %" PRIu64 " where %s was expected", problem->number, type->name);
    } else {
        code = read_fields(&reader, type, message, LIMIT_NESTING, problem);
    }
    if (code != 0) {
        msg_finish(type, message);
        read_ids(type, body, message);
    }
    return code;
}

void msg_finish(const struct msg_type *type, void *message) {
    size_t n_fields;
    const struct msg_field *fields = type->fields(&n_fields);
    for (size_t i = 0; i < n_fields; i++) {
        if (fields[i].kind == MSG_LIST) { /* parts hold no lists of their own: see the test */
            void *elements;
            memcpy(&elements, (char *)message + fields[i].offset, sizeof elements);
            free(elements);
        }
    }
    memset(message, 0, type->size_bytes);
}
