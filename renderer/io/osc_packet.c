/* Bundles are taken apart here, messages by liblo. source: OSC 1.0, "OSC Packets" */
#include "renderer/io/osc_packet.h"

#include <stdint.h>
#include <string.h>

#include "proto/limits.h"

#define BUNDLE_HEAD_BYTES 16 /* "#bundle", NUL, time tag */

struct reader {
    osc_packet_message_fn on_message;
    void *ctx;
};

static uint32_t read_u32(const char *at) {
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool read_message(const struct reader *reader, char *bytes, size_t size_bytes) {
    int code;
    lo_message msg = lo_message_deserialise(bytes, size_bytes, &code);
    const char *path = msg != NULL ? lo_get_path(bytes, (ssize_t)size_bytes) : NULL;
    bool is_taken =
        path != NULL && reader->on_message(reader->ctx, path, lo_message_get_types(msg),
                                           lo_message_get_argv(msg), lo_message_get_argc(msg));
    if (msg != NULL) {
        lo_message_free(msg);
    }
    return is_taken;
}

static bool read_packet(const struct reader *reader, char *bytes, size_t size_bytes, int depth) {
    if (size_bytes < BUNDLE_HEAD_BYTES || memcmp(bytes, "#bundle", 8) != 0) {
        return size_bytes > 0 && read_message(reader, bytes, size_bytes);
    }
    if (depth == LIMIT_OSC_NESTING) {
        return false;
    }
    size_t at = BUNDLE_HEAD_BYTES;
    while (at < size_bytes) {
        uint32_t size = size_bytes - at >= 4 ? read_u32(bytes + at) : UINT32_MAX;
        at += 4;
        if (size % 4 != 0 || at > size_bytes || size > size_bytes - at ||
            !read_packet(reader, bytes + at, size, depth + 1)) {
            return false;
        }
        at += size;
    }
    return true;
}

bool osc_packet_read(char *bytes, size_t size_bytes, osc_packet_message_fn on_message, void *ctx) {
    const struct reader reader = {on_message, ctx};
    return read_packet(&reader, bytes, size_bytes, 0);
}
