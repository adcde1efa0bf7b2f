/* What a server may send to the C client: JSON-RPC texts and binary frames; and what a program may
 * pass as an address. The first byte says which.
 *
 * Slices of a text are checked against jansson's tree of it: two readers, one meaning. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/frame_message.h"
#include "clients/c/json_message.h"
#include "clients/c/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void require(bool is_so) {
    if (!is_so) {
        abort();
    }
}

static json_t *parse(struct scan_span text) {
    return json_loadb(text.text, text.len,
                      JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
}

static void compare_members(struct scan_span text, json_t *tree) {
    const char *name;
    json_t *value;
    json_object_foreach(tree, name, value) {
        struct scan_span slice = json_message_member(text, name);
        require(slice.text >= text.text && slice.text + slice.len <= text.text + text.len);
        json_t *again = parse(slice);
        require(json_equal(again, value) == 1);
        json_decref(again);
    }
}

static void compare_items(struct scan_span text, json_t *tree) {
    struct scan_span item;
    size_t at = 0, n = 0;
    while (json_message_item(text, &at, &item)) {
        json_t *again = parse(item);
        require(json_equal(again, json_array_get(tree, n++)) == 1);
        json_decref(again);
    }
    require(n == json_array_size(tree));
}

static void read_message(struct scan_span text) {
    struct json_message message;
    uint64_t number;
    int small;
    json_message_read(text, &message);
    if (message.kind == JSON_MESSAGE_NONE) {
        return;
    }
    json_message_unsigned(message.id, &number);
    json_message_int(json_message_member(message.error, "code"), &small);
    char *method = json_message_string(message.method);
    char *id = json_message_copy(message.id);
    if (message.id.text != NULL) {
        char *answer = json_message_result(message.id, NULL);
        require(json_message_is_json(answer, strlen(answer)));
        free(answer);
    }
    free(method);
    free(id);
}

static void fuzz_text(struct scan_span text) {
    if (!json_message_is_json(text.text, text.len)) {
        return;
    }
    json_t *tree = parse(text);
    if (json_is_object(tree)) {
        compare_members(text, tree);
    } else if (json_is_array(tree)) {
        compare_items(text, tree);
    }
    require(json_message_is_array(text) == json_is_array(tree));
    json_decref(tree);
    read_message(text);
}

static void fuzz_frame(const uint8_t *bytes, size_t len) {
    struct frame_message message;
    if (frame_message_read(&message, bytes, len) == LG_CLIENT_OK) {
        const struct lg_client_frame *frame = &message.frame;
        size_t total = frame->png_bytes;
        for (size_t i = 0; i < frame->n_tiles; i++) {
            const struct lg_client_tile *tile = &frame->tiles[i];
            require(tile->x + tile->width <= frame->width &&
                    tile->y + tile->height <= frame->height);
            require(tile->png_bytes == 0 || memchr(tile->png, 0, tile->png_bytes) == NULL ||
                    tile->png != NULL); /* reads them all */
            total += tile->png_bytes;
        }
        require(total < len && (frame->png != NULL) == (frame->n_tiles == 0));
    }
    frame_message_finish(&message);
}

static void fuzz_uri(const char *text, size_t len) {
    struct lg_client_options options;
    struct settings settings = {0};
    char why[200];
    char *uri = strndup(text, len);
    lg_client_options_init(&options, sizeof(options));
    options.uri = uri;
    if (settings_load(&settings, &options, why, sizeof(why)) == LG_CLIENT_OK) {
        require(settings.host[0] != '\0' && settings.path[0] == '/' && settings.port != 0);
        require(strpbrk(settings.host_header, "\r\n ") == NULL);
    }
    settings_finish(&settings);
    free(uri);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    if (len == 0) {
        return 0;
    }
    /* A copy of its own: reading beyond the end is seen. */
    char *copy = malloc(len);
    require(copy != NULL);
    memcpy(copy, data + 1, len - 1);
    if (data[0] == 'F') {
        fuzz_frame((const uint8_t *)copy, len - 1);
    } else if (data[0] == 'U') {
        fuzz_uri(copy, len - 1);
    } else {
        fuzz_text((struct scan_span){copy, len - 1});
    }
    free(copy);
    return 0;
}
