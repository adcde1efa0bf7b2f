/* Maps between dates and rectangles, and the time map: gmn.md 13. First on engravings made by
 * hand, then the laws on real ones. */
#include "music_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "random_score.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/score_maps.h"

/* One system on one page: chords stand 10 sp apart for each 1/4, from x = 100 on. */
struct handmade {
    struct engraving engraving;
    struct engraved_page page;
    struct engraved_system system;
    struct engraved_staff staves[3];
    struct engraved_event events[64];
    struct ink_box boxes[64];
    struct engraved_measure measures[16];
    struct rational dates[64];
};

/* As layout/vertical/events.c would. */
static void add_event(struct handmade *made, const struct music *music,
                      const struct music_chord *chord, double x) {
    struct engraved_system *system = &made->system;
    struct rational end = date_add(chord->date, chord->duration);
    if (chord->kind == MUSIC_SPACER) {
        return;
    }
    struct ink_box *box = &made->boxes[system->n_events];
    *box = (struct ink_box){x, 31, x + 1, 32};
    made->events[system->n_events++] = (struct engraved_event){
        .staff = chord->staff,
        .voice = chord->voice,
        .begin = chord->date,
        .end = end,
        .is_slicing = !chord->is_grace && date_less(chord->date, end),
        .is_head = chord->kind == MUSIC_CHORD,
        .written_end =
            chord->is_grace
                ? date_add(chord->date,
                           music->notation->voices[chord->voice].events[chord->event].written)
                : end,
        .left = x,
        .heads = box,
        .n_heads = 1};
    if (!chord->is_grace && chord->duration.num > 0) {
        made->dates[system->n_dates++] = chord->date;
    }
}

static void make(struct handmade *made, const char *gmn) {
    struct music *music = music_of(gmn);
    memset(made, 0, sizeof(*made));
    made->page = (struct engraved_page){.width = 300,
                                        .height = 100,
                                        .margin_left = 20,
                                        .margin_top = 10,
                                        .margin_right = 30,
                                        .margin_bottom = 5,
                                        .end_system = 1};
    made->system = (struct engraved_system){.begin = {0, 1},
                                            .end = music->duration,
                                            .left = 90,
                                            .right = 250,
                                            .music_left = 100,
                                            .top = 20,
                                            .bottom = 60,
                                            .staves = made->staves,
                                            .n_staves = (uint32_t)music->n_staves,
                                            .measures = made->measures,
                                            .n_measures = (uint32_t)music->n_measures,
                                            .events = made->events,
                                            .dates = made->dates};
    for (uint32_t s = 0; s < music->n_staves; s++) {
        made->staves[s] = (struct engraved_staff){s, 30 + 10 * s, 34 + 10 * s};
    }
    for (size_t m = 0; m < music->n_measures; m++) {
        made->measures[m] = (struct engraved_measure){
            music->measures[m].begin, music->measures[m].end,
            100 + 40 * rational_to_double(music->measures[m].begin) - (m > 0 ? 2 : 0)};
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        const struct music_chord *chord = &music->chords[i];
        double x = 100 + 40 * rational_to_double(chord->date);
        add_event(made, music, chord, x);
    }
    made->engraving = (struct engraving){.notation = (struct notation *)(uintptr_t)music->notation,
                                         .music = music,
                                         .pages = &made->page,
                                         .n_pages = 1,
                                         .systems = &made->system,
                                         .n_systems = 1};
}

static void done(struct handmade *made) {
    music_done(made->engraving.music);
}

static void assert_entry(const struct score_map *map, size_t i, struct rational begin,
                         struct rational end, double left, double right) {
    assert_true(i < map->n_entries);
    assert_true(date_equal(map->entries[i].begin, begin));
    assert_true(date_equal(map->entries[i].end, end));
    assert_true(fabs(map->entries[i].box.left - left) < 1e-9);
    assert_true(fabs(map->entries[i].box.right - right) < 1e-9);
}

static struct rational q(int64_t num, int64_t den) {
    return (struct rational){num, den};
}

static void test_staff_map__has_the_dates_of_its_events(void **state) {
    static struct handmade made;
    struct score_map map;
    (void)state;
    make(&made, "[\\meter<\"2/4\"> c d | e f]");
    assert_int_equal(score_map_build(&made.engraving, "staff1", &map), 0);
    assert_int_equal(map.n_entries, 4);
    assert_entry(&map, 0, q(0, 1), q(1, 4), 100, 110);
    assert_entry(&map, 3, q(3, 4), q(1, 1), 130, 250); /* to the end of the line */
    assert_true(map.entries[0].box.top == 30 && map.entries[0].box.bottom == 34);
    score_map_finish(&map);
    assert_int_equal(score_map_build(&made.engraving, "system", &map), 0);
    assert_int_equal(map.n_entries, 4); /* rule 8 */
    assert_true(map.entries[0].box.top == 20 && map.entries[0].box.bottom == 60);
    score_map_finish(&map);
    done(&made);
}

static void test_system_map__has_the_dates_of_all_staves(void **state) {
    static struct handmade made;
    struct score_map map;
    (void)state;
    make(&made, "{[\\meter<\"2/4\"> c d],[c/8 d e f]}");
    made.events[0].left = 99; /* of two at one date: the right-most */
    assert_int_equal(score_map_build(&made.engraving, "system", &map), 0);
    assert_int_equal(map.n_entries, 4);
    assert_entry(&map, 0, q(0, 1), q(1, 8), 100, 105);
    score_map_finish(&map);
    assert_int_equal(score_map_build(&made.engraving, "staff1", &map), 0);
    assert_int_equal(map.n_entries, 2);
    assert_entry(&map, 0, q(0, 1), q(1, 4), 99, 110);
    score_map_finish(&map);
    done(&made);
}

static void test_staff_map__graces_and_empties_do_not_slice(void **state) {
    static struct handmade made;
    struct score_map map;
    (void)state;
    make(&made, "[c/4 \\grace(d/8) e/4 empty/4 f*0 g/4]");
    assert_int_equal(score_map_build(&made.engraving, "staff", &map), 0);
    assert_int_equal(map.n_entries, 3);
    assert_entry(&map, 1, q(1, 4), q(3, 4), 110, 130);
    score_map_finish(&map);
    assert_int_equal(score_map_build(&made.engraving, "voice1", &map), 0);
    assert_int_equal(map.n_entries, 4); /* the grace note with its written value */
    assert_entry(&map, 1, q(1, 4), q(3, 8), 110, 111);
    score_map_finish(&map);
    done(&made);
}

static void test_staff_map__a_split_note_gives_an_interval_a_part(void **state) {
    static struct handmade made;
    struct score_map map;
    (void)state;
    make(&made, "[\\meter<\"3/4\"> c/2 d/2 e]");
    assert_int_equal(score_map_build(&made.engraving, "staff1", &map), 0);
    assert_int_equal(map.n_entries, 4);
    assert_entry(&map, 1, q(1, 2), q(3, 4), 120, 130);
    assert_entry(&map, 2, q(3, 4), q(1, 1), 130, 140);
    score_map_finish(&map);
    done(&made);
}

static void test_page_and_slice_maps(void **state) {
    static struct handmade made;
    struct score_map map;
    (void)state;
    make(&made, "[\\meter<\"2/4\"> c d e f]");
    assert_int_equal(score_map_build(&made.engraving, "page", &map), 0);
    assert_int_equal(map.n_entries, 1);
    assert_entry(&map, 0, q(0, 1), q(1, 1), 20, 270);
    assert_true(map.entries[0].box.top == 10 && map.entries[0].box.bottom == 95);
    score_map_finish(&map);
    assert_int_equal(score_map_build(&made.engraving, "systemSlice", &map), 0);
    assert_int_equal(map.n_entries, 2);
    assert_entry(&map, 0, q(0, 1), q(1, 2), 100, 118); /* to the bar line */
    assert_entry(&map, 1, q(1, 2), q(1, 1), 118, 250);
    score_map_finish(&map);
    assert_int_equal(score_map_build(&made.engraving, "systemflat", &map), 0);
    assert_entry(&map, 0, q(0, 1), q(1, 1), 100, 250);
    score_map_finish(&map);
    done(&made);
}

static void test_score_map_build__knows_its_names(void **state) {
    static const char *const good[] = {"page",  "system", "systemflat", "systemSlice",
                                       "slice", "staff",  "staff1",     "staff3",
                                       "voice", "voice2", "measure",    "measure1"};
    static const char *const bad[] = {"",        "staff2",          "staff0",  "voice3",
                                      "staffx",  "staff1x",         "systems", "Page",
                                      "staff-1", "staff99999999999"};
    static struct handmade made;
    (void)state;
    make(&made, "{[c],[\\staff<3> d]}");
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct score_map map;
        assert_int_equal(score_map_build(&made.engraving, good[i], &map), 0);
        assert_true(map.n_entries > 0);
        score_map_finish(&map);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct score_map map;
        assert_int_equal(score_map_build(&made.engraving, bad[i], &map), LG_EBADREQUEST);
    }
    done(&made);
}

/* Score intervals of a performance, merged where they go on: "0-1/2 0-1/1". */
/* An engraving that knows the dates alone; the system is the caller's, its dates to be freed. */
static struct engraving dated(struct music *music, struct engraved_system *system) {
    *system =
        (struct engraved_system){.dates = calloc(music->n_chords + 1, sizeof(struct rational))};
    for (size_t i = 0; i < music->n_chords; i++) {
        const struct music_chord *chord = &music->chords[i];
        if (chord->kind != MUSIC_SPACER && !chord->is_grace && chord->duration.num > 0) {
            system->dates[system->n_dates++] = chord->date;
        }
    }
    return (struct engraving){.music = music, .systems = system, .n_systems = 1};
}

static const char *performance(const char *gmn) {
    static char text[4096];
    struct music *music = music_of(gmn);
    struct engraved_system system;
    struct engraving engraving = dated(music, &system);
    struct time_map map;
    struct rational now = {0, 1};
    assert_int_equal(time_map_build(&engraving, &map), 0);
    text[0] = '\0';
    for (size_t i = 0; i < map.n_entries; i++) {
        const struct time_map_entry *entry = &map.entries[i];
        assert_true(date_equal(entry->performed_begin, now)); /* contiguous */
        now = entry->performed_end;
        assert_true(date_equal(date_subtract(entry->end, entry->begin),
                               date_subtract(entry->performed_end, entry->performed_begin)));
        size_t len = strlen(text);
        bool goes_on = i > 0 && date_equal(map.entries[i - 1].end, entry->begin);
        if (goes_on) {
            *strrchr(text, '-') = '\0';
            len = strlen(text);
        }
        if (!goes_on) {
            snprintf(text + len, sizeof(text) - len, "%s%g", len > 0 ? " " : "",
                     rational_to_double(entry->begin) * 4);
            len = strlen(text);
        }
        snprintf(text + len, sizeof(text) - len, "-%g", rational_to_double(entry->end) * 4);
    }
    time_map_finish(&map);
    free(system.dates);
    music_done(music);
    return text;
}

static void test_time_map__is_the_example_of_the_reference(void **state) {
    static const int expected[6][4] = {{0, 1, 0, 1}, {1, 2, 1, 2}, {0, 1, 2, 3},
                                       {1, 2, 3, 4}, {2, 3, 4, 5}, {3, 4, 5, 6}};
    (void)state;
    struct music *music = music_of("[\\meter<\"2/4\">\\repeatBegin c d \\repeatEnd e f]");
    struct engraved_system system;
    struct engraving engraving = dated(music, &system);
    struct time_map map;
    assert_int_equal(time_map_build(&engraving, &map), 0);
    assert_int_equal(map.n_entries, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_date(map.entries[i].begin, expected[i][0], 4);
        assert_date(map.entries[i].end, expected[i][1], 4);
        assert_date(map.entries[i].performed_begin, expected[i][2], 4);
        assert_date(map.entries[i].performed_end, expected[i][3], 4);
    }
    time_map_finish(&map);
    free(system.dates);
    music_done(music);
}

static void test_time_map__unrolls_repeats_and_endings(void **state) {
    (void)state;
    assert_string_equal(performance("[c d e f]"), "0-4");
    assert_string_equal(performance("[c d \\repeatEnd e f]"), "0-2 0-4");
    assert_string_equal(performance("[c d \\repeatEnd e f \\repeatEnd]"), "0-2 0-4 2-4");
    assert_string_equal(performance("[\\repeatBegin c d \\volta<\"1.\">(e \\repeatEnd) "
                                    "\\volta<\"2.\">(f) g]"),
                        "0-3 0-2 3-5");
    assert_string_equal(performance("[\\repeatBegin c \\volta<\"1,2\">(d \\repeatEnd) "
                                    "\\volta<\"3\">(e) f]"),
                        "0-2 0-2 0-1 2-4");
    assert_string_equal(performance("[\\repeatBegin c \\repeatEnd<1>(d) e f]"), "0-2 0-1 2-4");
}

static void test_time_map__follows_jumps_after_repeats(void **state) {
    (void)state;
    assert_string_equal(performance("[c d e \\daCapo]"), "0-3 0-3");
    assert_string_equal(performance("[c d \\fine e \\daCapoAlFine]"), "0-3 0-2");
    assert_string_equal(performance("[c \\segno d \\fine e \\dalSegnoAlFine]"), "0-3 1-2");
    assert_string_equal(performance("[c \\segno d \\daCoda e \\dalSegno \\coda f]"), "0-3 1-2 3-4");
    assert_string_equal(performance("[\\repeatBegin c \\repeatEnd d \\daCapo]"), "0-1 0-2 0-2");
    assert_string_equal(performance("[c \\repeatBegin d \\volta<\"1\">(e \\repeatEnd) "
                                    "\\volta<\"2\">(f) g \\daCapo]"),
                        "0-3 1-2 3-5 0-2 3-5"); /* after the jump the last ending */
    assert_string_equal(performance("[c d \\dalSegno e]"), "0-3"); /* no sign to go to */
}

static void test_time_map__ends_whatever_is_written(void **state) {
    (void)state;
    assert_string_equal(performance("[c \\daCapo d \\daCapo e \\daCapo]"), "0-1 0-2 0-3 0-3");
    assert_string_equal(performance("[\\daCapo c]"), "0-1");
    assert_string_equal(performance("[]"), "");
    assert_string_equal(performance("[\\coda \\segno \\daCoda \\fine c \\volta<\"7\">(d)]"), "0-2");
    size_t size = 200000, len = 0;
    char *text = malloc(size);
    len += (size_t)snprintf(text, size, "[");
    for (int i = 0; i < 2000; i++) {
        len += (size_t)snprintf(text + len, size - len, "\\segno c/32 \\dalSegno \\daCapo ");
    }
    snprintf(text + len, size - len, "]");
    struct music *music = music_of(text);
    struct engraved_system system;
    struct engraving engraving = dated(music, &system);
    struct time_map map;
    assert_int_equal(time_map_build(&engraving, &map), 0);
    assert_true(map.n_entries <= LIMIT_TIME_MAP_ENTRIES);
    assert_true(map.n_entries > 2000);
    time_map_finish(&map);
    free(system.dates);
    music_done(music);
    free(text);
}

/* Contiguous in time from 0 to the end, and on a line in x. */
static void check_cover(const struct engraving *engraving, const char *name, bool is_line) {
    struct score_map map;
    struct rational now = {0, 1};
    assert_int_equal(score_map_build(engraving, name, &map), 0);
    for (size_t i = 0; i < map.n_entries; i++) {
        const struct score_map_entry *entry = &map.entries[i];
        assert_true(date_equal(entry->begin, now));
        assert_true(date_less(entry->begin, entry->end));
        if (entry->box.left > entry->box.right || entry->box.top > entry->box.bottom) {
            fail_msg("%s %zu: %g %g %g %g", name, i, entry->box.left, entry->box.top,
                     entry->box.right, entry->box.bottom);
        }
        assert_true(entry->page < engraving->n_pages);
        bool goes_on = is_line && i > 0 && entry->page == entry[-1].page &&
                       entry->box.top == entry[-1].box.top;
        if (goes_on && fabs(entry->box.left - entry[-1].box.right) > 1e-9) {
            fail_msg("%s %zu: from %g, after %g", name, i, entry->box.left, entry[-1].box.right);
        }
        now = entry->end;
    }
    assert_true(date_equal(now, engraving->music->duration));
    score_map_finish(&map);
}

static void test_maps__of_real_engravings_cover_the_whole_duration(void **state) {
    static char text[32768];
    struct engraving_options options = engraving_options_default();
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        struct engraving *engraving;
        struct notation_message error;
        random_score(seed, text, sizeof(text));
        assert_int_equal(engrave(text, strlen(text), &options, &engraving, &error), 0);
        const struct music *music = engraving->music;
        if (music->duration.num > 0) {
            check_cover(engraving, "page", false);
            check_cover(engraving, "system", true);
            check_cover(engraving, "systemflat", false);
            check_cover(engraving, "slice", true);
        }
        for (size_t s = 0; s < music->n_staves && music->duration.num > 0; s++) {
            char name[32];
            snprintf(name, sizeof(name), "staff%d", music->staves[s].number);
            check_cover(engraving, name, true);
        }
        engraving_unref(engraving);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_staff_map__has_the_dates_of_its_events),
        cmocka_unit_test(test_system_map__has_the_dates_of_all_staves),
        cmocka_unit_test(test_staff_map__graces_and_empties_do_not_slice),
        cmocka_unit_test(test_staff_map__a_split_note_gives_an_interval_a_part),
        cmocka_unit_test(test_page_and_slice_maps),
        cmocka_unit_test(test_score_map_build__knows_its_names),
        cmocka_unit_test(test_time_map__is_the_example_of_the_reference),
        cmocka_unit_test(test_time_map__unrolls_repeats_and_endings),
        cmocka_unit_test(test_time_map__follows_jumps_after_repeats),
        cmocka_unit_test(test_time_map__ends_whatever_is_written),
        cmocka_unit_test(test_maps__of_real_engravings_cover_the_whole_duration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
