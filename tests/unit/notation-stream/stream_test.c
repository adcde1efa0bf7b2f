/* Texts that grow: whatever pieces a text is written in, the result equals the engraving of the
 * whole text so far, to the last bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/score_maps.h"
#include "renderer/notation/stream/stream.h"
#include "stream_texts.h"

static const struct engraving_options OPTIONS = {.crops_page = true, .is_live = true};

static int engrave_whole(const char *text, size_t len, struct engraving **out,
                         struct notation_message *error) {
    struct notation *notation = NULL;
    *error = (struct notation_message){0};
    int code = gmn_read_partial(text, len, &notation, error);
    return code == LG_OK ? engrave_notation(notation, &OPTIONS, out, error) : code;
}

static bool texts_equal(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_ink(const struct ink *a, const struct ink *b) {
    struct ink left = *a, right = *b;
    left.chord = right.chord = 0; /* an index into music, which begins elsewhere */
    left.points = right.points = NULL;
    left.text = right.text = left.font.family = right.font.family = NULL;
    return left.shape == right.shape && left.role == right.role && left.x == right.x &&
           left.y == right.y && left.x2 == right.x2 && left.y2 == right.y2 &&
           left.thickness == right.thickness && left.dash == right.dash && left.gap == right.gap &&
           left.glyph == right.glyph && left.size == right.size && left.head == right.head &&
           memcmp(&left.color, &right.color, sizeof left.color) == 0 &&
           left.font.size == right.font.size && left.font.is_bold == right.font.is_bold &&
           left.font.is_italic == right.font.is_italic &&
           memcmp(&left.box, &right.box, sizeof left.box) == 0 && texts_equal(a->text, b->text) &&
           texts_equal(a->font.family, b->font.family) && a->n_points == b->n_points &&
           (a->n_points == 0 || memcmp(a->points, b->points, a->n_points * sizeof *a->points) == 0);
}

static const char *page_differs(const struct engraved_page *a, const struct engraved_page *b) {
    static char why[200];
    if (a->width != b->width || a->height != b->height || a->margin_left != b->margin_left ||
        a->margin_top != b->margin_top || a->first_system != b->first_system ||
        a->end_system != b->end_system) {
        snprintf(why, sizeof why, "its frame: %g x %g, systems %u to %u, not %g x %g, %u to %u",
                 b->width, b->height, b->first_system, b->end_system, a->width, a->height,
                 a->first_system, a->end_system);
        return why;
    }
    for (size_t i = 0; i < a->n_ink && i < b->n_ink; i++) {
        if (!is_same_ink(&a->ink[i], &b->ink[i])) {
            snprintf(why, sizeof why,
                     "ink %zu: role %d at %.17g %.17g %s, not role %d at %.17g %.17g %s", i,
                     (int)b->ink[i].role, b->ink[i].x, b->ink[i].y,
                     b->ink[i].text != NULL ? b->ink[i].text : "", (int)a->ink[i].role, a->ink[i].x,
                     a->ink[i].y, a->ink[i].text != NULL ? a->ink[i].text : "");
            return why;
        }
    }
    return a->n_ink == b->n_ink ? NULL : "more or less ink";
}

static bool is_same_event(const struct engraved_event *a, const struct engraved_event *b) {
    return a->staff == b->staff && a->voice == b->voice && a->is_slicing == b->is_slicing &&
           a->is_head == b->is_head && rational_compare(a->begin, b->begin) == 0 &&
           rational_compare(a->end, b->end) == 0 &&
           rational_compare(a->written_end, b->written_end) == 0 && a->left == b->left &&
           a->n_heads == b->n_heads &&
           memcmp(a->heads, b->heads, a->n_heads * sizeof *a->heads) == 0;
}

static bool is_same_system(const struct engraved_system *a, const struct engraved_system *b) {
    if (a->page != b->page || rational_compare(a->begin, b->begin) != 0 ||
        rational_compare(a->end, b->end) != 0 || a->left != b->left || a->right != b->right ||
        a->music_left != b->music_left || a->top != b->top || a->bottom != b->bottom ||
        a->n_staves != b->n_staves || a->n_measures != b->n_measures ||
        a->n_events != b->n_events || a->n_dates != b->n_dates ||
        a->n_heads_drawn != b->n_heads_drawn) {
        return false;
    }
    for (uint32_t i = 0; i < a->n_staves; i++) {
        if (a->staves[i].top != b->staves[i].top || a->staves[i].bottom != b->staves[i].bottom ||
            a->staves[i].staff != b->staves[i].staff) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->n_measures; i++) {
        if (a->measures[i].left != b->measures[i].left ||
            rational_compare(a->measures[i].begin, b->measures[i].begin) != 0) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->n_events; i++) {
        if (!is_same_event(&a->events[i], &b->events[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->n_dates; i++) {
        if (rational_compare(a->dates[i], b->dates[i]) != 0) {
            return false;
        }
    }
    return true;
}

static const char *differs(const struct engraving *a, const struct engraving *b) {
    static char why[500];
    if (a->n_pages != b->n_pages || a->n_systems != b->n_systems) {
        snprintf(why, sizeof why, "%zu pages, %zu systems, not %zu, %zu", b->n_pages, b->n_systems,
                 a->n_pages, a->n_systems);
        return why;
    }
    for (size_t i = 0; i < a->n_systems; i++) {
        if (!is_same_system(&a->systems[i], &b->systems[i])) {
            const struct engraved_system *x = &a->systems[i], *y = &b->systems[i];
            snprintf(
                why, sizeof why,
                "system %zu: from %g to %g, x %.17g to %.17g, y %.17g to %.17g, %u events, not "
                "%g to %g, x %.17g to %.17g, y %.17g to %.17g, %u events",
                i, rational_to_double(y->begin), rational_to_double(y->end), y->left, y->right,
                y->top, y->bottom, y->n_events, rational_to_double(x->begin),
                rational_to_double(x->end), x->left, x->right, x->top, x->bottom, x->n_events);
            return why;
        }
    }
    for (size_t i = 0; i < a->n_pages; i++) {
        const char *page = page_differs(&a->pages[i], &b->pages[i]);
        if (page != NULL) {
            snprintf(why, sizeof why, "page %zu, %s", i, page);
            return why;
        }
    }
    bool is_same = a->n_heads_drawn == b->n_heads_drawn &&
                   rational_compare(a->notation->duration, b->notation->duration) == 0;
    return is_same ? NULL : "heads or duration";
}

/* After each piece: stream and whole. `kept` counts the pieces that read less than the text. */
static void check_prefix(struct engraving_stream *stream, const char *text, size_t len,
                         const char *name, size_t *kept) {
    struct notation_message error, other_error;
    struct engraving *whole = NULL, *streamed = NULL;
    size_t rest = engraving_stream_rest(stream, text, len, &OPTIONS);
    int code = engrave_whole(text, len, &whole, &error);
    int other = engraving_stream_engrave(stream, text, len, &OPTIONS, &streamed, &other_error);
    *kept += rest > 0 && rest < len / 2 ? 1 : 0;
    if (code != other || (code != LG_OK && strcmp(error.text, other_error.text) != 0)) {
        fail_msg("%s, first %zu bytes: %d %s, not %d %s", name, len, other, other_error.text, code,
                 error.text);
    }
    if (code == LG_OK) {
        const char *why = differs(whole, streamed);
        if (why != NULL) {
            fprintf(stderr, "%.*s\n", (int)len, text);
            fail_msg("%s, first %zu bytes: %s", name, len, why);
        }
    }
    engraving_unref(whole);
    engraving_unref(streamed);
}

static size_t check_stream(uint32_t seed, struct stream_style style) {
    static char text[65536];
    char name[64];
    size_t kept = 0, len = 0;
    struct engraving_stream *stream = engraving_stream_create();
    assert_non_null(stream);
    size_t whole = stream_text(seed, style, text, sizeof text);
    uint32_t state = seed * 747796405u + 1;
    snprintf(name, sizeof name, "seed %u style %d", seed, (int)style.kind);
    while (len < whole) {
        state = state * 1664525u + 1013904223u;
        uint32_t piece = (state >> 16) % 8 == 0 ? 1 + (state >> 8) % 600 : 1 + (state >> 8) % 120;
        len = whole - len < piece ? whole : len + piece;
        check_prefix(stream, text, len, name, &kept);
    }
    engraving_stream_destroy(stream);
    return kept;
}

static void check_many(struct stream_style style, uint32_t n_seeds) {
    size_t kept = 0;
    const char *from = getenv("STREAM_SEED"), *many = getenv("STREAM_SEEDS");
    uint32_t first = from != NULL ? (uint32_t)strtoul(from, NULL, 10) : 1;
    uint32_t n = many != NULL ? (uint32_t)strtoul(many, NULL, 10) : n_seeds;
    for (uint32_t seed = first; seed < first + n; seed++) {
        kept += check_stream(seed, style);
    }
    printf("%zu pieces were laid out from what was kept\n", kept);
    assert_true(kept > 0 || style.kind == STREAM_WHOLE_TAGS);
}

static void test_stream__equals_the_whole_with_measures(void **state) {
    (void)state;
    check_many((struct stream_style){STREAM_METERED, 1100}, 2);
}

static void test_stream__equals_the_whole_without_measures(void **state) {
    (void)state;
    check_many((struct stream_style){STREAM_FREE, 1100}, 2);
}

static void test_stream__equals_the_whole_with_written_bars(void **state) {
    (void)state;
    check_many((struct stream_style){STREAM_BARS, 1100}, 2);
}

static void test_stream__equals_the_whole_with_two_voices(void **state) {
    (void)state;
    check_many((struct stream_style){STREAM_VOICES, 600}, 2);
}

static void test_stream__equals_the_whole_with_tags_of_the_whole_piece(void **state) {
    (void)state;
    check_many((struct stream_style){STREAM_WHOLE_TAGS, 200}, 1);
}

/* What has been on the stands for a dozen lines is where it was, however even the music: there each
 * measure would move all lines if they were to be the best of the whole piece. */
static void test_stream__moves_no_line_of_a_dozen_lines_ago(void **state) {
    (void)state;
    static char text[8000];
    static struct rational begins[400];
    struct engraving_stream *stream = engraving_stream_create();
    assert_non_null(stream);
    size_t n_begins = 0, kept = 0;
    size_t n = (size_t)snprintf(text, sizeof text, "[ \\meter<\"4/4\"> ");
    for (int i = 0; i < 150; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%s | ",
                              i % 50 < 40 ? "c/4 d e f" : "c/8 d e f g/16 a g a c2/4");
        check_prefix(stream, text, n, "even music", &kept);
        struct engraving *now = NULL;
        struct notation_message error;
        assert_int_equal(engrave_whole(text, n, &now, &error), LG_OK);
        for (size_t k = 0; k < now->n_systems && k + 12 < n_begins; k++) {
            assert_int_equal(rational_compare(now->systems[k].begin, begins[k]), 0);
        }
        n_begins = now->n_systems;
        for (size_t k = 0; k < n_begins; k++) {
            begins[k] = now->systems[k].begin;
        }
        engraving_unref(now);
    }
    engraving_stream_destroy(stream);
    assert_true(n_begins > 24 && kept > 60);
}

/* \staff in the piece: each text is read whole, and drawn alike. */
static void test_stream__equals_the_whole_with_beams_between_staves(void **state) {
    (void)state;
    static char text[8000];
    size_t n = (size_t)snprintf(text, sizeof text,
                                "{[\\staff<2>\\clef<\"f\">\\meter<\"4/4\">empty/1 empty empty],"
                                "[\\staff<1>\\clef<\"g\">\\meter<\"4/4\"> ");
    for (int i = 0; i < 24; i++) {
        n += (size_t)snprintf(
            text + n, sizeof text - n,
            "\\staff<2> \\beam(c0/8 g \\staff<1> %c1 \\stacc(e2)) f1/16 \\staff<2> "
            "a0 \\staff<1> c2 f \\beam(c/12 \\staff<2> %c0 \\staff<1> g1) ",
            "cdefgab"[i % 7], "gabc"[i % 4]);
    }
    struct engraving_stream *stream = engraving_stream_create();
    assert_non_null(stream);
    size_t kept = 0;
    for (size_t len = 90; len < n; len += 61) {
        check_prefix(stream, text, len, "beams between staves", &kept);
    }
    check_prefix(stream, text, n, "beams between staves", &kept);
    engraving_stream_destroy(stream);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream__equals_the_whole_with_measures),
        cmocka_unit_test(test_stream__equals_the_whole_without_measures),
        cmocka_unit_test(test_stream__equals_the_whole_with_written_bars),
        cmocka_unit_test(test_stream__equals_the_whole_with_two_voices),
        cmocka_unit_test(test_stream__equals_the_whole_with_tags_of_the_whole_piece),
        cmocka_unit_test(test_stream__moves_no_line_of_a_dozen_lines_ago),
        cmocka_unit_test(test_stream__equals_the_whole_with_beams_between_staves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
