/* What SockJS clients send before anybody looks at it: paths, arrays of messages
 * (which must come back as they are when they are escaped again), chunked bodies
 * (the same wherever they are cut). The first byte chooses. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway-ws/link/ws_chunks.h"
#include "gateway-ws/sockjs/sockjs_route.h"
#include "gateway-ws/sockjs/sockjs_text.h"
#include "gateway-ws/store/store_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_texts(const uint8_t *data, size_t size) {
    char *text = strndup((const char *)data, size);
    struct sockjs_route route;
    struct redis_options redis = {0};
    char why[200];
    sockjs_route_find(text, &route);
    assert(strlen(route.session) <= SOCKJS_SESSION_BYTES && route.method != NULL);
    if (store_options_parse(text, &redis, why, sizeof why)) {
        assert(redis.host[0] != '\0' && redis.port > 0);
    }
    free(text);
}

static void try_messages(const uint8_t *data, size_t size) {
    struct sockjs_messages *messages = sockjs_messages_read((const char *)data, size, true);
    size_t message_bytes, again_bytes;
    const char *message;
    while (messages != NULL && (message = sockjs_messages_next(messages, &message_bytes)) != NULL) {
        struct sockjs_text text = {0};
        assert(sockjs_text_add(&text, "[\"", 2));
        assert(sockjs_text_escape(&text, (const uint8_t *)message, message_bytes));
        assert(sockjs_text_add(&text, "\"]", 2));
        struct sockjs_messages *again = sockjs_messages_read(text.bytes, text.size_bytes, false);
        assert(again != NULL);
        const char *same = sockjs_messages_next(again, &again_bytes);
        assert(again_bytes == message_bytes && memcmp(same, message, message_bytes) == 0);
        sockjs_messages_destroy(again);
        sockjs_text_finish(&text);
    }
    sockjs_messages_destroy(messages);
}

/* The data of a body that comes in pieces of `step` bytes. */
static enum ws_chunks_state take(const uint8_t *data, size_t size, size_t step,
                                 struct sockjs_text *body) {
    struct ws_chunks chunks = {0};
    for (size_t from = 0; from < size;) {
        size_t end = from + step < size ? from + step : size;
        while (from < end) {
            const uint8_t *piece;
            size_t piece_bytes;
            if (chunks.state == WS_CHUNKS_END || chunks.state == WS_CHUNKS_BROKEN) {
                return chunks.state;
            }
            size_t used = ws_chunks_take(&chunks, data + from, end - from, &piece, &piece_bytes);
            assert(used > 0 && used <= end - from && piece_bytes <= used);
            if (piece_bytes > 0) {
                assert(sockjs_text_add(body, (const char *)piece, piece_bytes));
            }
            from += used;
        }
    }
    return chunks.state;
}

static void try_chunks(const uint8_t *data, size_t size) {
    struct sockjs_text whole = {0}, cut = {0};
    size_t step = size > 0 ? (size_t)data[0] % 7 + 1 : 1;
    enum ws_chunks_state state = take(data, size, size + 1, &whole);
    assert(take(data, size, step, &cut) == state);
    assert(cut.size_bytes == whole.size_bytes);
    assert(whole.size_bytes == 0 || memcmp(cut.bytes, whole.bytes, whole.size_bytes) == 0);
    sockjs_text_finish(&whole);
    sockjs_text_finish(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    switch (data[0] % 3) {
    case 0:
        try_texts(data + 1, size - 1);
        break;
    case 1:
        try_messages(data + 1, size - 1);
        break;
    default:
        try_chunks(data + 1, size - 1);
        break;
    }
    return 0;
}
