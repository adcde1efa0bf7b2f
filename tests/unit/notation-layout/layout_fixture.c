#include "layout_fixture.h"

#include <stdlib.h>
#include <string.h>

struct layout layout_of(const char *gmn, double width_sp) {
    struct layout layout = {0};
    struct notation_message error = {0};
    char font_error[300] = "";
    if (music_font_load(font_error, sizeof font_error) != 0) {
        fail_msg("%s", font_error);
    }
    if (engrave_read(gmn, strlen(gmn), ENGRAVING_GMN, &layout.notation, &error) != 0) {
        fail_msg("%d:%d %s", error.line, error.column, error.text);
    }
    assert_int_equal(music_arrange(layout.notation, &layout.music), 0);
    struct layout_options options = {.page_width = width_sp, .crops_page = true};
    assert_int_equal(
        horizontal_layout(layout.notation->arena, layout.music, &options, &layout.score), 0);
    return layout;
}

void layout_free(struct layout *layout) {
    notation_destroy(layout->notation);
}

const struct ink *layout_ink(const struct layout *layout, uint32_t system, uint32_t staff,
                             enum ink_role role, uint32_t n) {
    const struct ink_list *list = &layout->score->systems[system].staves[staff].ink;
    for (size_t i = 0; i < list->n_items; i++) {
        if (list->items[i].role == role && n-- == 0) {
            return &list->items[i];
        }
    }
    return NULL;
}

uint32_t layout_count(const struct layout *layout, uint32_t system, uint32_t staff,
                      enum ink_role role) {
    const struct ink_list *list = &layout->score->systems[system].staves[staff].ink;
    uint32_t n = 0;
    for (size_t i = 0; i < list->n_items; i++) {
        n += list->items[i].role == role;
    }
    return n;
}

const struct placed_chord *layout_chord(const struct layout *layout, uint32_t n) {
    assert_true(n < layout->score->n_chords);
    return &layout->score->chords[n];
}

const struct music_chord *layout_music_chord(const struct layout *layout, uint32_t n) {
    return &layout->music->chords[layout_chord(layout, n)->chord];
}

void assert_near_at(double value, double expected, double tolerance, const char *file, int line) {
    if (!(fabs(value - expected) <= tolerance)) {
        print_error("%s:%d: %g is not %g +- %g\n", file, line, value, expected, tolerance);
        fail();
    }
}

void assert_between_at(double value, double low, double high, const char *file, int line) {
    if (!(value >= low && value <= high)) {
        print_error("%s:%d: %g is not in %g .. %g\n", file, line, value, low, high);
        fail();
    }
}
