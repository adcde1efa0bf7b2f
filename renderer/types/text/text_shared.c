/* Layouts of short texts by text and font: one slot for each hash, a newcomer drives out whoever
 * was in its slot. */
#include "renderer/types/text/text_shared.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define SHARED_SLOTS   2048
#define SHARED_LEN_MAX 127

struct shared_layout {
    struct text_font font;
    size_t len;
    char text[SHARED_LEN_MAX + 1];
    double box[4];
    struct draw_resource *glyphs; /* owned reference, or NULL */
};

static struct shared_layout *slots[SHARED_SLOTS]; /* owned; NULL = free */

static bool is_same_font(const struct text_font *a, const struct text_font *b) {
    return a->size == b->size && a->style == b->style && a->weight == b->weight &&
           strcmp(a->family, b->family) == 0;
}

static struct shared_layout **slot_of(const struct text_font *font, const char *text, size_t len) {
    const double look[3] = {font->size, (double)font->style, (double)font->weight};
    uint64_t hash = XXH3_64bits_withSeed(text, len, XXH3_64bits(look, sizeof look));
    hash = XXH3_64bits_withSeed(font->family, strlen(font->family), hash);
    return &slots[hash % SHARED_SLOTS];
}

struct draw_resource *text_shared_layout(const struct text_font *font, const char *text, size_t len,
                                         double box[4]) {
    if (len > SHARED_LEN_MAX) {
        return text_layout_plain(font, text, len, box);
    }
    struct shared_layout **slot = slot_of(font, text, len), *layout = *slot;
    if (layout == NULL || layout->len != len || memcmp(layout->text, text, len) != 0 ||
        !is_same_font(&layout->font, font)) {
        unsigned before = text_font_failures();
        struct draw_resource *glyphs = text_layout_plain(font, text, len, box);
        layout = layout != NULL ? layout : calloc(1, sizeof *layout);
        if (layout == NULL || text_font_failures() != before) {
            free(*slot == NULL ? layout : NULL);
            return glyphs;
        }
        resource_unref(layout->glyphs);
        layout->font = *font;
        layout->len = len;
        memcpy(layout->text, text, len);
        layout->glyphs = glyphs;
        memcpy(layout->box, box, sizeof layout->box);
        *slot = layout;
    }
    memcpy(box, layout->box, sizeof layout->box);
    return resource_ref(layout->glyphs);
}
