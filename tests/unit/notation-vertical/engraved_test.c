/* The same laws as overlap_test.c on whole engravings of generated GMN: gmn.md 16, 46 and 48. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/notation/engraving.h"
#include "renderer/notation/font.h"
#include "random_text.h"

#define SEEDS 150

static void put_note(struct writer *w, const char *duration) {
    char note[32];
    static const char *const signs[] = {"\\stacc(", "\\ten(",     "\\accent(",      "\\marcato(",
                                        "\\trill(", "\\fermata(", "\\fing<\"2\">(", "\\mord("};
    bool has_sign = pick(w, 5) == 0;
    if (has_sign) {
        put(w, signs[pick(w, 8)]);
    }
    char step = "cdefgab"[pick(w, 7)]; /* one by one: arguments have no order */
    const char *sharp = pick(w, 5) ? "" : "#";
    unsigned octave = pick(w, 3);
    snprintf(note, sizeof note, "%c%s%u%s ", step, sharp, octave, duration);
    put(w, note);
    if (has_sign) {
        put(w, ")");
    }
}

static void put_mark(struct writer *w) {
    static const char *const marks[] = {"\\i<\"mf\"> ",
                                        "\\i<\"pp\"> ",
                                        "\\text<\"dolce\"> ",
                                        "\\text<\"arco\",dy=14> ",
                                        "\\tempo<\"Vivo [1/4] = 99\"> ",
                                        "\\harmony<\"B&7\"> ",
                                        "\\mark<\"C\"> ",
                                        "\\breathMark "};
    if (pick(w, 5) == 0) {
        put(w, marks[pick(w, 8)]);
    }
}

static void put_measure(struct writer *w) {
    static const char *const durations[][4] = {{"/4", "/4", "/4", "/4"},
                                               {"/8", "/8", "/4", "/2"},
                                               {"/2", "/8", "/8", "/4"},
                                               {"/4.", "/8", "/4", "/4"}};
    static const char *const ranges[] = {"\\slur(", "\\cresc(", "\\dim(", "\\oct<1>(", "\\rit("};
    const char *const *chosen = durations[pick(w, 4)];
    unsigned range = pick(w, 10);
    for (int i = 0; i < 4; i++) {
        put_mark(w);
        if (i == 0 && range < 5) {
            put(w, ranges[range]);
        }
        put_note(w, chosen[i]);
        if (i == 2 && range < 5) {
            put(w, ") ");
        }
    }
    put(w, "| ");
}

static void generate(struct writer *w, unsigned seed) {
    unsigned n_staves = 1 + seed % 3;
    w->len = 0;
    w->random = seed * 2654435761u + 99;
    put(w, "{");
    for (unsigned staff = 1; staff <= n_staves; staff++) {
        char head[64];
        snprintf(head, sizeof head, "%s[\\staff<%u> \\clef<\"g\"> \\meter<\"4/4\"> ",
                 staff > 1 ? "," : "", staff);
        put(w, head);
        if (staff == 1 && seed % 4 == 0) {
            put(w, "\\title<\"A title\"> \\composer<\"Somebody\"> ");
        }
        bool sings = pick(w, 2) == 0;
        if (sings) {
            put(w, "\\lyrics<\"lu-ce-at e-is strengths what-e-ver through and more of it then "
                   "straight a-men lux ae-ter-na e-is\">(");
        }
        for (int m = 0; m < 8; m++) {
            put_measure(w);
        }
        put(w, sings ? ")]" : "]");
    }
    put(w, "}");
}

static bool is_written(const struct ink *ink) {
    switch (ink->role) {
    case ROLE_ARTICULATION:
    case ROLE_ORNAMENT:
    case ROLE_FERMATA:
    case ROLE_FINGERING:
    case ROLE_DYNAMIC:
    case ROLE_TEXT:
    case ROLE_LYRIC:
    case ROLE_TEMPO:
    case ROLE_MARK:
    case ROLE_HARMONY:
    case ROLE_NUMBER:
    case ROLE_PAGE_TEXT:
    case ROLE_HAIRPIN:
    case ROLE_BREATH:
        return true;
    default:
        return false;
    }
}

/* Heads, stems and all that is written, but not parts of one sign. */
static bool is_compared(const struct ink *a, const struct ink *b) {
    bool is_note = b->role == ROLE_HEAD || b->role == ROLE_STEM || b->role == ROLE_ACCIDENTAL ||
                   b->role == ROLE_DOT;
    if (!is_written(a) || (!is_written(b) && !is_note)) {
        return false;
    }
    bool is_text = a->shape == INK_TEXT && b->shape == INK_TEXT;
    return a->role != b->role || (is_text && a->role != ROLE_TEMPO && a->role != ROLE_DYNAMIC);
}

static bool overlap(const struct ink_box *a, const struct ink_box *b) {
    const double bound = 0.03;
    return a->left + bound < b->right && b->left + bound < a->right && a->top + bound < b->bottom &&
           b->top + bound < a->bottom;
}

static void check_page(const struct engraved_page *page, unsigned seed) {
    for (size_t i = 0; i < page->n_ink; i++) {
        const struct ink *a = &page->ink[i];
        assert_true(a->box.left >= 0 && a->box.top >= 0 && a->box.right <= page->width &&
                    a->box.bottom <= page->height);
        for (size_t k = 0; is_written(a) && k < page->n_ink; k++) {
            const struct ink *b = &page->ink[k];
            if (i != k && is_compared(a, b) && overlap(&a->box, &b->box)) {
                print_error("seed %u: role %d %s over role %d %s at %g %g\n", seed, a->role,
                            a->text ? a->text : "", b->role, b->text ? b->text : "", a->box.left,
                            a->box.top);
                fail();
            }
        }
    }
}

static void test_engraved__signs_and_notes_touch_nothing_and_stay_on_the_page(void **state) {
    struct writer *w = *state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct engraving *e;
        struct notation_message error;
        struct engraving_options options = engraving_options_default();
        generate(w, seed);
        assert_int_equal(engrave(w->text, w->len, &options, &e, &error), 0);
        for (size_t p = 0; p < e->n_pages; p++) {
            check_page(&e->pages[p], seed);
        }
        engraving_unref(e);
    }
}

static void test_engraved__the_same_text_gives_the_same_ink(void **state) {
    struct writer *w = *state;
    for (unsigned seed = 1; seed <= 10; seed++) {
        struct engraving *a, *b;
        struct notation_message error;
        struct engraving_options options = engraving_options_default();
        generate(w, seed);
        assert_int_equal(engrave(w->text, w->len, &options, &a, &error), 0);
        assert_int_equal(engrave(w->text, w->len, &options, &b, &error), 0);
        assert_int_equal(a->n_pages, b->n_pages);
        for (size_t p = 0; p < a->n_pages; p++) {
            assert_int_equal(a->pages[p].n_ink, b->pages[p].n_ink);
            for (size_t i = 0; i < a->pages[p].n_ink; i++) {
                assert_memory_equal(&a->pages[p].ink[i].box, &b->pages[p].ink[i].box,
                                    sizeof(struct ink_box));
            }
        }
        engraving_unref(a);
        engraving_unref(b);
    }
}

static int set_up(void **state) {
    char error[300];
    *state = calloc(1, sizeof(struct writer));
    return *state == NULL || music_font_load(error, sizeof error) != 0;
}

static int tear_down(void **state) {
    free(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engraved__signs_and_notes_touch_nothing_and_stay_on_the_page),
        cmocka_unit_test(test_engraved__the_same_text_gives_the_same_ink),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
