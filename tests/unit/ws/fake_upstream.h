/* An upstream without broker or renderer: frames are made here, calls are
 * recorded and answered by the test. */
#ifndef LEGGIO_TESTS_UNIT_WS_FAKE_UPSTREAM_H
#define LEGGIO_TESTS_UNIT_WS_FAKE_UPSTREAM_H

#include "common/broker/upstream.h"

/* A frame of scene, epoch, version whose PNG holds n_bytes of strip data. */
struct frame *fake_frame(const char *scene, uint64_t epoch, uint64_t version, size_t n_bytes);

#endif
