/* Sealed frames without a renderer. */
#ifndef LEGGIO_TESTS_UNIT_WS_FAKE_FRAME_H
#define LEGGIO_TESTS_UNIT_WS_FAKE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

/* A frame of scene, epoch, version whose PNG holds n_bytes of strip data. */
struct frame *fake_frame(const char *scene, uint64_t epoch, uint64_t version, size_t n_bytes);

#endif
