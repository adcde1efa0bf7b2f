/* Frames for tests. */
#include "tests/unit/ws/fake_frame.h"

#include <stdlib.h>
#include <string.h>

struct frame *fake_frame(const char *scene, uint64_t epoch, uint64_t version, size_t n_bytes) {
    struct frame *frame = frame_create(scene, 8, 8, 2);
    uint8_t *data;
    struct lg_bytes *chunk = lg_bytes_alloc(n_bytes, &data);
    for (size_t i = 0; i < n_bytes; i++) {
        data[i] = (uint8_t)(i * 31 + version);
    }
    struct frame_strip strip = {.chunk = chunk, .adler = 1, .raw_size_bytes = 8 * 25};
    frame_give_strip(frame, 0, strip);
    frame->epoch = epoch;
    frame->version = version;
    if (frame_seal(frame) != 0) {
        abort();
    }
    return frame;
}
