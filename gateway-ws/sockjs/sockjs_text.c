/* Escaping is ours, since a message is written in pieces that may end inside a
 * character; reading is jansson's. */
#include "gateway-ws/sockjs/sockjs_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_BYTES_MAX = 120 };

void sockjs_text_finish(struct sockjs_text *text) {
    free(text->bytes);
    memset(text, 0, sizeof(*text));
}

static bool make_room(struct sockjs_text *text, size_t more_bytes) {
    size_t wanted = text->size_bytes + more_bytes;
    if (wanted <= text->room_bytes) {
        return true;
    }
    size_t room = text->room_bytes < 512 ? 512 : text->room_bytes * 2;
    room = room < wanted ? wanted : room;
    char *bytes = realloc(text->bytes, room);
    if (bytes == NULL) {
        return false;
    }
    text->bytes = bytes;
    text->room_bytes = room;
    return true;
}

bool sockjs_text_add(struct sockjs_text *text, const char *bytes, size_t size_bytes) {
    if (!make_room(text, size_bytes)) {
        return false;
    }
    memcpy(text->bytes + text->size_bytes, bytes, size_bytes);
    text->size_bytes += size_bytes;
    return true;
}

static size_t escaped_bytes(uint8_t byte) {
    return byte < 0x20 ? 6 : byte == '"' || byte == '\\' ? 2 : 1;
}

bool sockjs_text_escape(struct sockjs_text *text, const uint8_t *bytes, size_t size_bytes) {
    static const char HEX[] = "0123456789abcdef";
    size_t needed = 0;
    for (size_t i = 0; i < size_bytes; i++) {
        needed += escaped_bytes(bytes[i]);
    }
    if (needed == 0) {
        return true; /* there may be no bytes yet to point into */
    }
    if (!make_room(text, needed)) {
        return false;
    }
    char *at = text->bytes + text->size_bytes;
    for (size_t i = 0; i < size_bytes; i++) {
        size_t size = escaped_bytes(bytes[i]);
        if (size == 6) {
            memcpy(at, "\\u00", 4);
            at[4] = HEX[bytes[i] >> 4];
            at[5] = HEX[bytes[i] & 15];
        } else if (size == 2) {
            at[0] = '\\';
            at[1] = (char)bytes[i];
        } else {
            at[0] = (char)bytes[i];
        }
        at += size;
    }
    text->size_bytes += needed;
    return true;
}

size_t sockjs_close_frame(char text[SOCKJS_CLOSE_ROOM], unsigned code, const char *reason) {
    struct sockjs_text escaped = {0};
    size_t len = strnlen(reason, REASON_BYTES_MAX);
    if (!sockjs_text_escape(&escaped, (const uint8_t *)reason, len)) {
        escaped.size_bytes = 0;
    }
    int n = snprintf(text, SOCKJS_CLOSE_ROOM, "c[%u,\"%.*s\"]", code, (int)escaped.size_bytes,
                     escaped.bytes != NULL ? escaped.bytes : "");
    sockjs_text_finish(&escaped);
    return (size_t)n;
}

struct sockjs_messages {
    json_t *list;
    size_t next_i;
};

static bool is_list_of_strings(const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!json_is_string(json_array_get(list, i))) {
            return false;
        }
    }
    return json_is_array(list);
}

struct sockjs_messages *sockjs_messages_read(const char *json, size_t size_bytes, bool takes_one) {
    json_t *list = json_loadb(json, size_bytes, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    if (takes_one && json_is_string(list)) {
        list = json_pack("[o]", list);
    }
    if (list == NULL || !is_list_of_strings(list)) {
        json_decref(list);
        return NULL;
    }
    struct sockjs_messages *messages = calloc(1, sizeof(*messages));
    if (messages == NULL) {
        json_decref(list);
        return NULL;
    }
    messages->list = list;
    return messages;
}

void sockjs_messages_destroy(struct sockjs_messages *messages) {
    if (messages != NULL) {
        json_decref(messages->list);
        free(messages);
    }
}

const char *sockjs_messages_next(struct sockjs_messages *messages, size_t *size_bytes) {
    const json_t *string = json_array_get(messages->list, messages->next_i++);
    *size_bytes = json_string_length(string);
    return json_string_value(string);
}
