/* Any bytes as a broker message: what is read can be written, and reads the same
 * again. 'T' and bytes: a topic. 'F' and parts, each two bytes of length and
 * content: a frame with its payload. Anything else: one message; its number
 * chooses the type. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/calls.h"
#include "proto/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MESSAGE_BYTES 8192 /* of the largest struct */
#define PARTS_MAX     16

static void expect(int is_true) {
    if (!is_true) {
        abort();
    }
}

static void fuzz_topic(const uint8_t *data, size_t len) {
    struct feed_topic topic, again;
    char text[LIMIT_TOPIC_BYTES];
    if (feed_topic_parse(data, len, &topic) == 0) {
        size_t text_len = feed_topic_print(&topic, text);
        expect(text_len > 0 && feed_topic_parse(text, text_len, &again) == 0);
        expect(again.kind == topic.kind && again.width_px == topic.width_px &&
               strcmp(again.scene, topic.scene) == 0);
    }
}

static void fuzz_frame(const uint8_t *data, size_t len) {
    struct msg_bytes parts[PARTS_MAX];
    struct feed_frame frame;
    struct msg_problem problem;
    struct msg_buf header;
    size_t n = 0;
    while (n < PARTS_MAX && len >= 2) {
        size_t size = (size_t)data[0] << 8 | data[1];
        size = size < len - 2 ? size : len - 2;
        parts[n++] = (struct msg_bytes){data + 2, size};
        data += 2 + size;
        len -= 2 + size;
    }
    if (feed_frame_decode(parts, n, &frame, &problem) == 0) {
        expect(feed_frame_encode(&frame, &header, &problem) == 0);
        free(header.data);
        feed_frame_finish(&frame);
    }
}

static void fuzz_message(const uint8_t *data, size_t len) {
    static char message[MESSAGE_BYTES], again[MESSAGE_BYTES];
    static char first[16384], second[16384];
    uint64_t protocol, number;
    struct msg_problem problem;
    struct msg_buf buf;
    const struct msg_type *type =
        msg_peek(data, len, &protocol, &number) == 0 ? msg_type_by_number(number) : NULL;
    type = type != NULL ? type : &msg_request_type;
    if (msg_decode(type, data, len, message, &problem) != 0) {
        expect(problem.text[0] != '\0');
        return;
    }
    expect(msg_encode(type, message, &buf, &problem) == 0);
    expect(msg_decode(type, buf.data, buf.size, again, &problem) == 0);
    msg_print(type, message, first, sizeof first);
    msg_print(type, again, second, sizeof second);
    expect(strcmp(first, second) == 0);
    msg_finish(type, again);
    msg_finish(type, message);
    free(buf.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct msg_request request;
    struct msg_problem problem;
    if (len > 0 && data[0] == 'T') {
        fuzz_topic(data + 1, len - 1);
    } else if (len > 0 && data[0] == 'F') {
        fuzz_frame(data + 1, len - 1);
    } else {
        fuzz_message(data, len);
        if (call_request_decode(data, len, &request, &problem) == 0) {
            msg_request_finish(&request);
        }
    }
    return 0;
}
