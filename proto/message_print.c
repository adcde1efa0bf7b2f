/* Messages as text, for --trace and tests. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/messages.h"

#define SHOWN_BYTES    60 /* of a text */
#define SHOWN_ELEMENTS 8  /* of a list */

struct sink {
    char *buffer;
    size_t size, len;
};

static void put(struct sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct sink *sink, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(sink->buffer + sink->len, sink->size - sink->len, format, args);
    va_end(args);
    if (n > 0) {
        size_t room = sink->size - sink->len - 1;
        sink->len += (size_t)n < room ? (size_t)n : room;
    }
}

static void put_text(struct sink *sink, struct msg_bytes bytes) {
    const uint8_t *data = bytes.data;
    put(sink, "\"");
    for (size_t i = 0; i < bytes.size && i < SHOWN_BYTES; i++) {
        if (data[i] >= 0x20 && data[i] < 0x7f && data[i] != '"' && data[i] != '\\') {
            put(sink, "%c", data[i]);
        } else {
            put(sink, "\\x%02x", data[i]);
        }
    }
    put(sink, bytes.size > SHOWN_BYTES ? "\"…(%zu bytes)" : "\"", bytes.size);
}

static void put_message(struct sink *sink, const struct msg_type *type, const char *message);

static void put_list(struct sink *sink, const struct msg_field *field, const char *message) {
    const char *elements = *(const char *const *)(message + field->offset);
    size_t n = *(const size_t *)(message + field->count_offset);
    put(sink, "[");
    for (size_t i = 0; i < n && i < SHOWN_ELEMENTS; i++) {
        put(sink, i > 0 ? " " : "");
        put_message(sink, field->part, elements + i * field->part->size_bytes);
    }
    put(sink, n > SHOWN_ELEMENTS ? " …(%zu)]" : "]", n);
}

/* false: the field is zero and left out. */
static bool is_set(const struct msg_field *field, const char *message) {
    switch (field->kind) {
    case MSG_UINT:
    case MSG_INT:
        return *(const uint64_t *)(message + field->offset) != 0;
    case MSG_BOOL:
        return *(const bool *)(message + field->offset);
    case MSG_NAME:
        return message[field->offset] != '\0';
    case MSG_TEXT:
    case MSG_BYTES:
        return ((const struct msg_bytes *)(message + field->offset))->size > 0;
    case MSG_LIST:
        return *(const size_t *)(message + field->count_offset) > 0;
    }
    return false;
}

static void put_field(struct sink *sink, const struct msg_field *field, const char *message) {
    put(sink, "%s=", field->name);
    switch (field->kind) {
    case MSG_UINT:
        put(sink, "%" PRIu64, *(const uint64_t *)(message + field->offset));
        break;
    case MSG_INT:
        put(sink, "%" PRId64, *(const int64_t *)(message + field->offset));
        break;
    case MSG_BOOL:
        put(sink, "true");
        break;
    case MSG_NAME:
        put_text(sink,
                 (struct msg_bytes){message + field->offset, strlen(message + field->offset)});
        break;
    case MSG_TEXT:
        put_text(sink, *(const struct msg_bytes *)(message + field->offset));
        break;
    case MSG_BYTES:
        put(sink, "(%zu bytes)", ((const struct msg_bytes *)(message + field->offset))->size);
        break;
    case MSG_LIST:
        put_list(sink, field, message);
        break;
    }
}

static void put_message(struct sink *sink, const struct msg_type *type, const char *message) {
    size_t n_fields;
    const struct msg_field *fields = type->fields(&n_fields);
    const char *separator = "";
    put(sink, "%s{", type->name);
    for (size_t i = 0; i < n_fields; i++) {
        if (is_set(&fields[i], message)) {
            put(sink, "%s", separator);
            put_field(sink, &fields[i], message);
            separator = " ";
        }
    }
    put(sink, "}");
}

size_t msg_print(const struct msg_type *type, const void *message, char *buffer, size_t size) {
    struct sink sink = {buffer, size, 0};
    if (size == 0) {
        return 0;
    }
    buffer[0] = '\0';
    put_message(&sink, type, message);
    return sink.len;
}
