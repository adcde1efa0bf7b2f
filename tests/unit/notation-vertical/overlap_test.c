/* gmn.md 16, 46 and 48: nothing that is written touches anything else, on generated music; all ink
 * lies in its page; the same input gives the same ink. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vertical_fixture.h"

#define SEEDS 120

static unsigned next_random(unsigned *random, unsigned below) {
    *random = *random * 1103515245u + 12345u;
    return (*random >> 12) % below;
}

static void add_sign(struct fixture *f, unsigned *random, uint32_t chord) {
    static const enum notation_tag_kind kinds[] = {TAG_STACCATO, TAG_TENUTO,  TAG_ACCENT,
                                                   TAG_MARCATO,  TAG_FERMATA, TAG_TRILL,
                                                   TAG_MORDENT,  TAG_TURN};
    if (next_random(random, 4) == 0) {
        fixture_sign(f, chord, kinds[next_random(random, 8)]);
    }
    if (next_random(random, 8) == 0) {
        fixture_sign(f, chord, TAG_FINGERING)->text = next_random(random, 2) ? "3" : "1,4";
    }
}

static void add_mark(struct fixture *f, unsigned *random, uint32_t chord) {
    static const char *const dynamics[] = {"p", "mf", "sfz", "ppp"};
    static const char *const words[] = {"dolce", "sempre piano", "pizz."};
    switch (next_random(random, 14)) {
    case 0:
        fixture_mark(f, MUSIC_MARK_DYNAMIC, chord, dynamics[next_random(random, 4)]);
        break;
    case 1:
        fixture_mark(f, MUSIC_MARK_TEXT, chord, words[next_random(random, 3)]);
        break;
    case 2:
        fixture_mark(f, MUSIC_MARK_TEMPO, chord, "Presto [1/8] = 200");
        break;
    case 3:
        fixture_mark(f, MUSIC_MARK_REHEARSAL, chord, "B");
        break;
    case 4:
        fixture_mark(f, MUSIC_MARK_HARMONY, chord, "F#m7");
        break;
    case 5:
        fixture_mark(f, MUSIC_MARK_JUMP, chord, "D.C. al Fine");
        break;
    default:
        break;
    }
}

static void add_span(struct fixture *f, unsigned *random, uint32_t first, uint32_t last) {
    static const enum music_span_kind kinds[] = {MUSIC_SLUR,   MUSIC_CRESCENDO, MUSIC_OCTAVA,
                                                 MUSIC_TUPLET, MUSIC_VOLTA,     MUSIC_RITARDANDO};
    struct music_span *span = fixture_span(f, kinds[next_random(random, 6)], first, last);
    span->number = span->kind == MUSIC_TUPLET ? 3 : 1;
    span->has_number = span->has_bracket = true;
    span->text = span->kind == MUSIC_VOLTA ? "1." : NULL;
}

static struct fixture *generate(unsigned seed) {
    unsigned random = seed * 2654435761u + 7;
    struct fixture *f = fixture_create(2, 2);
    for (uint32_t system = 0; system < 2; system++) {
        for (uint32_t staff = 0; staff < 2; staff++) {
            uint32_t first = (uint32_t)f->music.n_chords;
            for (int i = 0; i < 8; i++) {
                int position = (int)next_random(&random, 20) - 10;
                uint32_t n =
                    fixture_note(f, system, staff, 8 + 6.3 * i, i, position, position < 0 ? 1 : -1);
                add_sign(f, &random, n);
                if (staff == 1 && seed % 2) {
                    fixture_syllable(f, n, 0, i % 3 ? "lu" : "strength", i % 3 == 1, false);
                }
            }
            for (uint32_t i = 0; i < 8; i++) {
                if (f->music.n_marks < 20) {
                    add_mark(f, &random, first + i);
                }
            }
            for (int i = 0; i < 2; i++) {
                uint32_t from = next_random(&random, 5), to = from + 1 + next_random(&random, 3);
                add_span(f, &random, first + from, first + to);
            }
        }
    }
    return f;
}

/* What is read as one sign is not compared with itself. */
static bool is_compared(const struct ink *a, const struct ink *b) {
    bool is_sign = a->role != ROLE_STAFF_LINE && a->role != ROLE_BAR && a->role != ROLE_GROUP &&
                   a->role != ROLE_STEM && a->role != ROLE_SLUR && a->role != ROLE_VOLTA &&
                   a->role != ROLE_TUPLET && a->role != ROLE_CLEF && a->role != ROLE_OCTAVA &&
                   a->role != ROLE_HAIRPIN;
    if (!is_sign || b->role == ROLE_STAFF_LINE || b->role == ROLE_BAR || b->role == ROLE_GROUP ||
        b->role == ROLE_SLUR || b->role == ROLE_STEM || b->role == ROLE_CLEF) {
        return false;
    }
    if (b->role == ROLE_VOLTA && b->box.bottom - b->box.top > 1) {
        return false; /* hooks stand at the ends of the space under the line */
    }
    if (b->role == ROLE_TUPLET && b->shape == INK_LINE) {
        return false; /* sloping: its box is not its ink */
    }
    return a->role != b->role;
}

static bool overlap(const struct ink_box *a, const struct ink_box *b) {
    const double bound = 0.02;
    return a->left + bound < b->right && b->left + bound < a->right && a->top + bound < b->bottom &&
           b->top + bound < a->bottom;
}

static void test_vertical__signs_touch_nothing(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct fixture *f = generate(seed);
        const struct engraving *e = fixture_run(f);
        for (size_t p = 0; p < e->n_pages; p++) {
            const struct engraved_page *page = &e->pages[p];
            for (size_t i = 0; i < page->n_ink; i++) {
                for (size_t k = 0; k < page->n_ink; k++) {
                    const struct ink *a = &page->ink[i], *b = &page->ink[k];
                    if (i != k && is_compared(a, b) && overlap(&a->box, &b->box)) {
                        print_error("seed %u: role %d %s over role %d %s\n", seed, a->role,
                                    a->text ? a->text : "", b->role, b->text ? b->text : "");
                        fail();
                    }
                }
            }
        }
        fixture_destroy(f);
    }
}

static void test_vertical__all_ink_lies_in_its_page(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct fixture *f = generate(seed);
        const struct engraving *e = fixture_run(f);
        for (size_t p = 0; p < e->n_pages; p++) {
            const struct engraved_page *page = &e->pages[p];
            for (size_t i = 0; i < page->n_ink; i++) {
                const struct ink_box *box = &page->ink[i].box;
                assert_true(box->left >= 0 && box->top >= 0 && box->right <= page->width &&
                            box->bottom <= page->height);
            }
        }
        fixture_destroy(f);
    }
}

static void test_vertical__the_same_input_gives_the_same_ink(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 10; seed++) {
        struct fixture *f = generate(seed), *g = generate(seed);
        const struct engraving *a = fixture_run(f), *b = fixture_run(g);
        assert_int_equal(a->n_pages, b->n_pages);
        for (size_t p = 0; p < a->n_pages; p++) {
            assert_int_equal(a->pages[p].n_ink, b->pages[p].n_ink);
            for (size_t i = 0; i < a->pages[p].n_ink; i++) {
                assert_memory_equal(&a->pages[p].ink[i].box, &b->pages[p].ink[i].box,
                                    sizeof(struct ink_box));
            }
        }
        fixture_destroy(f);
        fixture_destroy(g);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vertical__signs_touch_nothing),
        cmocka_unit_test(test_vertical__all_ink_lies_in_its_page),
        cmocka_unit_test(test_vertical__the_same_input_gives_the_same_ink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
