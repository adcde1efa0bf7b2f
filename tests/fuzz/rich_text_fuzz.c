/* Any bytes as rich text, and as a picture file; the other half of a score's
 * inputs that are not script. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/log.h"
#include "renderer/types/bitmap.h"
#include "renderer/types/text/rich_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static const struct text_font FONT = {"Carlito", 14, TEXT_NORMAL, TEXT_REGULAR};
    static const struct lg_log_options QUIET = {"fuzz", LG_LOG_ERROR, false, 2};
    struct rich_text rich;
    struct draw_resource *bitmap = NULL;
    lg_log_open(&QUIET);
    rich_text_layout(NULL, &FONT, (const char *)data, len, &rich);
    if (!isfinite(rich.box[2]) || !isfinite(rich.box[3]) || rich.box[2] < 0 || rich.box[3] < 0) {
        abort();
    }
    rich_text_finish(&rich);
    if (bitmap_decode(data, len, &bitmap) == 0) {
        resource_unref(bitmap);
    }
    return 0;
}
