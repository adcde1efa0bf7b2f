/* Any bytes as what a journal or a concert log may hold. 'M' and bytes: messages; 'T' and bytes: a
 * moment; what can be read is written again and reads the same. 'L' and text: a concert log, whose
 * parts lie inside it and come to an end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/past/concert_log.h"
#include "renderer/past/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void expect(int is_true) {
    if (!is_true) {
        abort();
    }
}

static void fuzz_messages(const uint8_t *data, size_t len) {
    struct msgpack_reader from = {data, data + len};
    struct message *messages;
    size_t n_messages;
    if (!unpack_messages(&from, &messages, &n_messages)) {
        expect(messages == NULL);
        return;
    }
    struct pack *first = pack_create(), *second = pack_create();
    pack_messages(first, messages, n_messages);
    messages_free(messages, n_messages);
    size_t size, again;
    const uint8_t *bytes = pack_data(first, &size);
    from = (struct msgpack_reader){bytes, bytes + size};
    expect(unpack_messages(&from, &messages, &n_messages) && from.at == from.end);
    pack_messages(second, messages, n_messages);
    messages_free(messages, n_messages);
    const uint8_t *other = pack_data(second, &again);
    expect(size == again && memcmp(bytes, other, size) == 0);
    pack_destroy(first);
    pack_destroy(second);
}

static void fuzz_moment(const uint8_t *data, size_t len) {
    struct msgpack_reader from = {data, data + len};
    struct moment moment;
    if (!unpack_moment(&from, &moment)) {
        expect(moment.runs == NULL && moment.delays == NULL && moment.queue == NULL);
        return;
    }
    struct pack *first = pack_create(), *second = pack_create();
    size_t size, again;
    pack_moment(first, &moment);
    moment_finish(&moment);
    const uint8_t *bytes = pack_data(first, &size);
    from = (struct msgpack_reader){bytes, bytes + size};
    expect(unpack_moment(&from, &moment) && from.at == from.end);
    pack_moment(second, &moment);
    moment_finish(&moment);
    const uint8_t *other = pack_data(second, &again);
    expect(size == again && memcmp(bytes, other, size) == 0);
    pack_destroy(first);
    pack_destroy(second);
}

static void fuzz_log(const char *text, size_t len) {
    struct concert_part part;
    const char *why;
    size_t at = 0, before = 0, n_parts = 0;
    while (concert_log_next(text, len, &at, &part, &why)) {
        expect(at > before && at <= len && why == NULL && part.at_us >= 0);
        expect(part.text >= text + before && part.text + part.size <= text + at);
        expect(part.source >= text + before && part.source + part.source_len <= part.text);
        before = at;
        expect(n_parts++ <= len);
    }
    expect(at <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    if (len > 0 && data[0] == 'M') {
        fuzz_messages(data + 1, len - 1);
    } else if (len > 0 && data[0] == 'T') {
        fuzz_moment(data + 1, len - 1);
    } else if (len > 0 && data[0] == 'L') {
        fuzz_log((const char *)data + 1, len - 1);
    }
    return 0;
}
