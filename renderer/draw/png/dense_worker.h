/* A thread of low priority that encodes one picture for size at a time, so that
 * the draw thread never waits for it. */
#ifndef LEGGIO_DRAW_DENSE_WORKER_H
#define LEGGIO_DRAW_DENSE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/frame.h"

struct dense_result {
    char scene[64];
    uint64_t version;
    struct lg_bytes *png; /* one reference for the taker; NULL when it failed */
};

struct dense_worker;
/* on_done: a result can be taken; on the worker's thread, which holds no lock then. */
struct dense_worker *dense_worker_create(void (*on_done)(void *ctx), void *ctx);
void dense_worker_destroy(struct dense_worker *worker); /* waits for the picture under way */

/* Start on the picture of a frame (a copy is taken). false when it is busy, when the last result
 * has not been taken, the picture is too large, or out of memory. */
bool dense_worker_start(struct dense_worker *worker, const struct frame *frame,
                        const uint8_t *pixels, size_t stride_bytes);
bool dense_worker_is_busy(struct dense_worker *worker);
bool dense_worker_take(struct dense_worker *worker, struct dense_result *result);

#endif
