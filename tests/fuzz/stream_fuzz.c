/* Any text, again and again behind itself, through a stream: what is kept of it must not show in
 * the result. Compared with the engraving of the whole text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/stream/stream.h"

#define TEXT_MAX 6000
#define PIECES   4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_so) {
    if (!is_so) {
        abort();
    }
}

static void check_system(const struct engraved_system *a, const struct engraved_system *b) {
    check(a->page == b->page && rational_compare(a->begin, b->begin) == 0 && a->left == b->left &&
          a->right == b->right && a->top == b->top && a->bottom == b->bottom &&
          a->n_events == b->n_events && a->n_measures == b->n_measures &&
          a->n_heads_drawn == b->n_heads_drawn);
    for (uint32_t i = 0; i < a->n_events; i++) {
        check(a->events[i].left == b->events[i].left &&
              a->events[i].heads[0].top == b->events[i].heads[0].top);
    }
}

static void check_equal(const struct engraving *a, const struct engraving *b) {
    check(a->n_pages == b->n_pages && a->n_systems == b->n_systems &&
          a->n_heads_drawn == b->n_heads_drawn);
    for (size_t i = 0; i < a->n_systems; i++) {
        check_system(&a->systems[i], &b->systems[i]);
    }
    for (size_t i = 0; i < a->n_pages; i++) {
        check(a->pages[i].n_ink == b->pages[i].n_ink && a->pages[i].width == b->pages[i].width &&
              a->pages[i].height == b->pages[i].height);
        for (size_t k = 0; k < a->pages[i].n_ink; k++) {
            const struct ink *ink = &a->pages[i].ink[k], *other = &b->pages[i].ink[k];
            check(ink->role == other->role && ink->box.left == other->box.left &&
                  ink->box.top == other->box.top && ink->box.right == other->box.right &&
                  ink->box.bottom == other->box.bottom);
        }
    }
}

static void check_text(struct engraving_stream *stream, const char *text, size_t len) {
    struct engraving_options options = engraving_options_default();
    options.is_live = true;
    struct engraving *streamed = NULL, *whole = NULL;
    struct notation *notation = NULL;
    struct notation_message error, other_error;
    int code = engraving_stream_engrave(stream, text, len, &options, &streamed, &error);
    int other = gmn_read_partial(text, len, &notation, &other_error);
    if (other == LG_OK) {
        other = engrave_notation(notation, &options, &whole, &other_error);
    }
    check(code == other);
    if (code == LG_OK) {
        check_equal(whole, streamed);
    }
    engraving_unref(streamed);
    engraving_unref(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[TEXT_MAX];
    const uint8_t *inside = memchr(data, '[', size);
    size_t len = size < TEXT_MAX ? size : TEXT_MAX;
    if (inside == NULL) {
        return 0;
    }
    size_t again = size - (size_t)(inside + 1 - data);
    memcpy(text, data, len);
    while (again > 0 && len + again + 1 <= TEXT_MAX) {
        text[len++] = ' ';
        memcpy(text + len, inside + 1, again);
        len += again;
    }
    struct engraving_stream *stream = engraving_stream_create();
    check(stream != NULL);
    for (size_t i = 1; i <= PIECES; i++) {
        check_text(stream, text, len * (PIECES + i) / (2 * PIECES));
    }
    engraving_stream_destroy(stream);
    return 0;
}
