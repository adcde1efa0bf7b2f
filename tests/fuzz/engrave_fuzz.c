/* Any text through the whole engraver: reading, passes, layout, pages, maps. What comes out is
 * finite, and the ink of a page lies on it. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/engraving.h"
#include "renderer/notation/score_maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_so) {
    if (!is_so) {
        abort();
    }
}

static void check_page(const struct engraved_page *page) {
    check(isfinite(page->width) && isfinite(page->height) && page->width > 0 && page->height > 0);
    for (size_t i = 0; i < page->n_ink; i++) {
        const struct ink_box *box = &page->ink[i].box;
        check(isfinite(box->left) && isfinite(box->right) && isfinite(box->top) &&
              isfinite(box->bottom));
    }
}

static void check_map(const struct engraving *engraving, const char *name) {
    struct score_map map;
    if (score_map_build(engraving, name, &map) != LG_OK) {
        return;
    }
    for (size_t i = 0; i < map.n_entries; i++) {
        const struct score_map_entry *entry = &map.entries[i];
        check(rational_compare(entry->begin, entry->end) < 0);
        check(entry->page < engraving->n_pages);
        check(i == 0 || map.entries[i - 1].page > entry->page ||
              rational_compare(map.entries[i - 1].begin, entry->begin) <= 0);
    }
    score_map_finish(&map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct engraving_options options = engraving_options_default();
    struct engraving *engraving = NULL;
    struct notation_message error;
    if (engrave((const char *)data, size, &options, &engraving, &error) != LG_OK) {
        return 0;
    }
    for (size_t i = 0; i < engraving->n_pages; i++) {
        check_page(&engraving->pages[i]);
    }
    check_map(engraving, "staff1");
    check_map(engraving, "system");
    check_map(engraving, "voice1");
    struct time_map map;
    if (time_map_build(engraving, &map) == LG_OK) {
        time_map_finish(&map);
    }
    engraving_unref(engraving);
    return 0;
}
