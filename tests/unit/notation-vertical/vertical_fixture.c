/* See vertical_fixture.h. */
#include "vertical_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/notation/font.h"

static const struct music_color BLACK = {0, 0, 0, 255};

static void make_system(struct fixture *f, uint32_t i, uint32_t n_staves) {
    struct placed_system *system = &f->placed.systems[i];
    *system = (struct placed_system){.first_measure = i,
                                     .end_measure = i + 1,
                                     .begin = {i, 1},
                                     .end = {i + 1, 1},
                                     .width = FIXTURE_WIDTH,
                                     .natural_width = FIXTURE_WIDTH,
                                     .music_x = 6,
                                     .n_staves = n_staves,
                                     .is_last = i + 1 == f->placed.n_systems};
    system->staves = arena_array(f->arena, n_staves, sizeof *system->staves);
    system->columns = arena_array(f->arena, 64, sizeof *system->columns);
    system->bars = arena_array(f->arena, 1, sizeof *system->bars);
    system->n_bars = 1;
    system->bars[0] = (struct placed_bar){.measure = i,
                                          .left = FIXTURE_WIDTH - 0.16,
                                          .right = FIXTURE_WIDTH,
                                          .date = {i + 1, 1},
                                          .kind = MUSIC_BAR_SINGLE,
                                          .lines = {{FIXTURE_WIDTH - 0.16, 0.16}},
                                          .n_lines = 1};
    for (uint32_t k = 0; k < n_staves; k++) {
        struct placed_staff *staff = &system->staves[k];
        *staff = (struct placed_staff){.staff = k, .space = 1, .height = 4};
        for (int line = 0; line < 5; line++) {
            struct ink ink = {.shape = INK_LINE,
                              .role = ROLE_STAFF_LINE,
                              .color = BLACK,
                              .x = 0,
                              .y = line,
                              .x2 = FIXTURE_WIDTH,
                              .y2 = line,
                              .thickness = 0.1,
                              .chord = NOTATION_NONE};
            assert_true(ink_list_add(f->arena, &staff->ink, &ink));
        }
        struct ink clef = {.shape = INK_GLYPH,
                           .role = ROLE_CLEF,
                           .color = BLACK,
                           .glyph = GLYPH_CLEF_G,
                           .x = 1,
                           .y = 3,
                           .size = 1,
                           .chord = NOTATION_NONE};
        struct ink bar = {.shape = INK_BOX,
                          .role = ROLE_BAR,
                          .color = BLACK,
                          .x = FIXTURE_WIDTH - 0.16,
                          .y = 0,
                          .x2 = FIXTURE_WIDTH,
                          .y2 = 4,
                          .chord = NOTATION_NONE};
        assert_true(ink_list_add(f->arena, &staff->ink, &clef));
        assert_true(ink_list_add(f->arena, &staff->ink, &bar));
    }
}

struct fixture *fixture_create(uint32_t n_systems, uint32_t n_staves) {
    char error[300];
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(music_font_load(error, sizeof error), 0);
    f->arena = arena_create((size_t)64 << 20);
    assert_non_null(f->arena);
    f->notation.settings = (struct notation_settings){.system_distance = 75,
                                                      .system_distribution = 1,
                                                      .system_distribution_limit = 0.25,
                                                      .resize_page = 1};
    f->music.notation = &f->notation;
    f->music.chords = f->chords;
    f->music.spans = f->spans;
    f->music.marks = f->marks;
    f->music.n_staves = n_staves;
    f->music.staves = arena_array(f->arena, n_staves, sizeof *f->music.staves);
    f->music.measures = arena_array(f->arena, n_systems, sizeof *f->music.measures);
    f->music.n_measures = n_systems;
    for (uint32_t i = 0; i < n_staves; i++) {
        f->music.staves[i] = (struct music_staff){
            .number = (int)i + 1, .n_lines = 5, .space = 1, .line_thickness = 0.1};
    }
    for (uint32_t i = 0; i < n_systems; i++) {
        f->music.measures[i] = (struct music_measure){
            .begin = {i, 1}, .end = {i + 1, 1}, .number = (int)i + 1, .ends_with_bar = true};
    }
    double cm = 1 / NOTATION_CM_PER_SPACE;
    f->music.page =
        (struct music_page_format){21 * cm, 29.7 * cm, 2 * cm, 2 * cm, 2 * cm, 2 * cm, false};
    f->placed = (struct placed_score){.music = &f->music,
                                      .n_systems = n_systems,
                                      .chords = f->places,
                                      .chord_place = f->chord_place};
    f->placed.systems = arena_array(f->arena, n_systems, sizeof *f->placed.systems);
    for (uint32_t i = 0; i < n_systems; i++) {
        make_system(f, i, n_staves);
    }
    return f;
}

void fixture_destroy(struct fixture *f) {
    arena_destroy(f->arena);
    free(f);
}

static void join_voice(struct fixture *f, uint32_t chord) {
    f->chords[chord].next_in_voice = NOTATION_NONE;
    for (uint32_t i = chord; i-- > 0;) {
        if (f->chords[i].voice == f->chords[chord].voice) {
            f->chords[i].next_in_voice = chord;
            return;
        }
    }
}

uint32_t fixture_note(struct fixture *f, uint32_t system_i, uint32_t staff_i, double x, int eighth,
                      int position, int stem) {
    uint32_t n = (uint32_t)f->music.n_chords++;
    assert_true(n < FIXTURE_CHORDS);
    f->placed.n_chords = n + 1;
    struct placed_system *system = &f->placed.systems[system_i];
    struct music_head *head = arena_alloc(f->arena, sizeof *head);
    *head = (struct music_head){
        .position = position, .tie_to_chord = NOTATION_NONE, .look = {BLACK, 0, 0, 1}};
    f->chords[n] = (struct music_chord){.kind = MUSIC_CHORD,
                                        .voice = staff_i,
                                        .staff = staff_i,
                                        .measure = system_i,
                                        .date = {(int64_t)system_i * 8 + eighth, 8},
                                        .duration = {1, 8},
                                        .value = stem == 0 ? 0 : 2,
                                        .heads = head,
                                        .n_heads = 1,
                                        .stem = stem,
                                        .beam = NOTATION_NONE,
                                        .tuplet = NOTATION_NONE,
                                        .look = {BLACK, 0, 0, 1}};
    join_voice(f, n);
    double y = 2 - position / 2.0, width = music_glyph_box(GLYPH_HEAD_BLACK).right;
    struct ink ink = {.shape = INK_GLYPH,
                      .role = ROLE_HEAD,
                      .color = BLACK,
                      .glyph = GLYPH_HEAD_BLACK,
                      .x = x,
                      .y = y,
                      .size = 1,
                      .chord = n};
    ink_measure(&ink);
    struct placed_chord *place = &f->places[n];
    *place = (struct placed_chord){.chord = n,
                                   .system = system_i,
                                   .staff_i = staff_i,
                                   .x = x,
                                   .center_x = x + width / 2,
                                   .left = x,
                                   .right = x + width,
                                   .note_top = ink.box.top,
                                   .note_bottom = ink.box.bottom,
                                   .stem = stem};
    place->heads = arena_alloc(f->arena, sizeof *place->heads);
    *place->heads = ink.box;
    struct ink_list *list = &system->staves[staff_i].ink;
    assert_true(ink_list_add(f->arena, list, &ink));
    if (stem != 0) {
        place->stem_x = stem > 0 ? x + width - 0.065 : x + 0.065;
        place->stem_start = y;
        place->stem_tip = y - stem * 3.5;
        struct ink line = {.shape = INK_LINE,
                           .role = ROLE_STEM,
                           .color = BLACK,
                           .x = place->stem_x,
                           .y = y - stem * 0.2,
                           .x2 = place->stem_x,
                           .y2 = place->stem_tip,
                           .thickness = 0.13,
                           .chord = n};
        assert_true(ink_list_add(f->arena, list, &line));
    }
    if (system->n_columns == 0 || system->columns[system->n_columns - 1].x < x) {
        system->columns[system->n_columns++] = (struct placed_column){f->chords[n].date, x};
    }
    f->chord_place[n] = n;
    return n;
}

struct music_sign *fixture_sign(struct fixture *f, uint32_t chord, enum notation_tag_kind kind) {
    struct music_chord *to = &f->chords[chord];
    struct music_sign *signs = arena_array(f->arena, to->n_signs + 1, sizeof *signs);
    if (to->n_signs > 0) {
        memcpy(signs, to->signs, to->n_signs * sizeof *signs);
    }
    signs[to->n_signs] = (struct music_sign){.kind = kind, .head = NOTATION_NONE};
    to->signs = signs;
    return &signs[to->n_signs++];
}

struct music_span *fixture_span(struct fixture *f, enum music_span_kind kind, uint32_t first,
                                uint32_t last) {
    assert_true(f->music.n_spans < FIXTURE_ITEMS);
    struct music_span *span = &f->spans[f->music.n_spans++];
    *span = (struct music_span){.kind = kind,
                                .voice = f->chords[first].voice,
                                .staff = f->chords[first].staff,
                                .first_chord = first,
                                .last_chord = last,
                                .begin = f->chords[first].date,
                                .end = f->chords[last].date,
                                .look = {BLACK, 0, 0, 1}};
    assert_true(rational_add(span->end, f->chords[last].duration, &span->end));
    return span;
}

struct music_mark *fixture_mark(struct fixture *f, enum music_mark_kind kind, uint32_t chord,
                                const char *text) {
    assert_true(f->music.n_marks < FIXTURE_ITEMS);
    struct music_mark *mark = &f->marks[f->music.n_marks++];
    *mark = (struct music_mark){.kind = kind,
                                .voice = f->chords[chord].voice,
                                .staff = f->chords[chord].staff,
                                .date = f->chords[chord].date,
                                .measure = f->chords[chord].measure,
                                .chord = chord,
                                .text = text,
                                .look = {BLACK, 0, 0, 1}};
    return mark;
}

void fixture_syllable(struct fixture *f, uint32_t chord, int verse, const char *text,
                      bool has_hyphen, bool has_extender) {
    struct music_chord *to = &f->chords[chord];
    struct music_syllable *syllables =
        arena_array(f->arena, to->n_syllables + 1, sizeof *syllables);
    if (to->n_syllables > 0) {
        memcpy(syllables, to->syllables, to->n_syllables * sizeof *syllables);
    }
    syllables[to->n_syllables++] =
        (struct music_syllable){text, verse, has_hyphen, has_extender, NULL};
    to->syllables = syllables;
}

struct notation_tag *fixture_tag(struct fixture *f, enum notation_tag_kind kind, const char *name,
                                 const char *text) {
    assert_true(f->n_tags < FIXTURE_ITEMS);
    struct notation_tag *tag = &f->tags[f->n_tags++];
    *tag = (struct notation_tag){.kind = kind, .name = notation_tag_name(kind), .id = -1};
    if (name != NULL) {
        tag->params = arena_alloc(f->arena, sizeof *tag->params);
        tag->params[0] =
            (struct notation_param){.name = name, .kind = NOTATION_PARAM_STRING, .text = text};
        tag->n_params = 1;
    }
    return tag;
}

void fixture_tie(struct fixture *f, uint32_t from, uint32_t to) {
    f->chords[from].heads[0].tie_to_chord = to;
    f->chords[from].heads[0].tie_to_head = 0;
}

const struct engraving *fixture_run(struct fixture *f) {
    struct layout_options options = {.crops_page = true};
    assert_int_equal(vertical_layout(f->arena, &f->placed, &options, &f->engraving), 0);
    return &f->engraving;
}

const struct ink *page_ink(const struct engraved_page *page, enum ink_role role, size_t i) {
    for (size_t k = 0; k < page->n_ink; k++) {
        if (page->ink[k].role == role && i-- == 0) {
            return &page->ink[k];
        }
    }
    return NULL;
}

size_t page_count(const struct engraved_page *page, enum ink_role role) {
    size_t n = 0;
    for (size_t k = 0; k < page->n_ink; k++) {
        n += page->ink[k].role == role;
    }
    return n;
}

const struct ink *page_text(const struct engraved_page *page, const char *text) {
    for (size_t k = 0; k < page->n_ink; k++) {
        if (page->ink[k].shape == INK_TEXT && strcmp(page->ink[k].text, text) == 0) {
            return &page->ink[k];
        }
    }
    return NULL;
}

double staff_line_y(const struct engraving *engraving, uint32_t system, uint32_t staff, int line) {
    const struct engraved_staff *at = &engraving->systems[system].staves[staff];
    return at->top + 0.05 + line;
}
