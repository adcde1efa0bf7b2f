/* Laws that hold for every score, on random ones. */
#include "music_fixture.h"

#include <string.h>

#include "random_score.h"
#include "renderer/notation/music/dates.h"

#define N_SCORES 400

static char text[32768];

static void for_each_score(void (*check)(const struct music *music)) {
    for (uint32_t seed = 1; seed <= N_SCORES; seed++) {
        random_score(seed, text, sizeof(text));
        struct music *music = music_of(text);
        check(music);
        music_done(music);
    }
}

static struct rational end_of(const struct music_chord *chord) {
    return date_add(chord->date, chord->duration);
}

static void check_durations(const struct music *music) {
    for (size_t v = 0; v < music->n_voices; v++) {
        struct rational now = {0, 1};
        for (uint32_t i = music->voices[v].first_chord; i != NOTATION_NONE;
             i = music->chords[i].next_in_voice) {
            assert_true(date_equal(music->chords[i].date, now));
            assert_int_equal(music->chords[i].voice, v);
            now = end_of(&music->chords[i]);
        }
        assert_true(date_equal(now, music->notation->voices[v].duration));
    }
}

static void check_events(const struct music *music) {
    for (size_t v = 0; v < music->n_voices; v++) {
        const struct notation_voice *voice = &music->notation->voices[v];
        struct rational sums[1024];
        size_t heads[1024] = {0};
        assert_true(voice->n_events < 1024);
        for (size_t e = 0; e < voice->n_events; e++) {
            sums[e] = (struct rational){-1, 1};
        }
        for (size_t i = 0; i < music->n_chords; i++) {
            const struct music_chord *chord = &music->chords[i];
            if (chord->voice != v) {
                continue;
            }
            heads[chord->event] += chord->is_continuation ? 0 : chord->n_heads;
            if (!chord->is_side) {
                struct rational old = sums[chord->event];
                sums[chord->event] = old.num < 0 ? chord->duration : date_add(old, chord->duration);
            }
        }
        for (size_t e = 0; e < voice->n_events; e++) {
            size_t n_notes = 0;
            for (uint32_t n = 0; n < voice->events[e].n_notes; n++) {
                n_notes += voice->events[e].notes[n].is_rest ? 0 : 1;
            }
            assert_true(date_equal(sums[e], voice->events[e].duration));
            assert_int_equal(heads[e], n_notes);
        }
    }
}

static void check_measures(const struct music *music) {
    struct rational now = {0, 1};
    assert_true(music->n_measures > 0);
    for (size_t m = 0; m < music->n_measures; m++) {
        assert_true(date_equal(music->measures[m].begin, now));
        now = music->measures[m].end;
        assert_true(music->n_measures == 1 || date_less(music->measures[m].begin, now));
    }
    assert_true(date_equal(now, music->duration));
    for (size_t i = 0; i < music->n_chords; i++) {
        const struct music_chord *chord = &music->chords[i];
        const struct music_measure *measure = &music->measures[chord->measure];
        assert_false(date_less(chord->date, measure->begin));
        assert_false(date_less(measure->end, end_of(chord)));
    }
}

static bool has_bar_between(const struct music *music, uint32_t staff, struct rational begin,
                            struct rational end) {
    for (size_t b = 0; b < music->n_bars; b++) {
        if (music->bars[b].staff == staff && music->notation->n_voices == 1 &&
            date_less(begin, music->bars[b].date) && !date_less(end, music->bars[b].date)) {
            return true;
        }
    }
    return false;
}

static void check_beams(const struct music *music) {
    for (size_t b = 0; b < music->n_beams; b++) {
        const struct music_beam *beam = &music->beams[b];
        assert_true(beam->n_members >= 2);
        for (uint32_t i = 0; i < beam->n_members; i++) {
            const struct music_beam_member *member = &beam->members[i];
            const struct music_chord *chord = &music->chords[member->chord];
            const struct music_chord *first = &music->chords[beam->members[0].chord];
            assert_int_equal(chord->beam, b);
            bool is_same_staff = chord->staff == first->staff;
            assert_true(is_same_staff || (beam->is_cross_staff && !beam->is_grace));
            assert_true(!is_same_staff || chord->stem == first->stem);
            assert_int_not_equal(chord->stem, 0);
            assert_true(chord->value >= 3);
            assert_true(member->to_left <= member->levels && member->to_right <= member->levels);
            assert_int_equal(member->to_left, i > 0 ? member[-1].to_right : 0);
            if (beam->tag == NULL && i > 0 && !beam->is_grace) {
                assert_false(has_bar_between(music, chord->staff, first->date, chord->date));
            }
        }
        assert_int_equal(beam->members[beam->n_members - 1].to_right, 0);
    }
}

static void check_ties(const struct music *music) {
    for (size_t i = 0; i < music->n_chords; i++) {
        for (uint32_t h = 0; h < music->chords[i].n_heads; h++) {
            const struct music_head *head = &music->chords[i].heads[h];
            assert_true(h == 0 || head->position >= head[-1].position);
            if (head->tie_to_chord == NOTATION_NONE) {
                continue;
            }
            const struct music_chord *to = &music->chords[head->tie_to_chord];
            assert_true(head->tie_to_head < to->n_heads);
            assert_true(to->heads[head->tie_to_head].pitch == head->pitch);
            assert_true(date_equal(to->date, end_of(&music->chords[i])) ||
                        music->chords[i].is_side || music->chords[i].is_grace);
        }
    }
}

static void check_orders(const struct music *music) {
    for (size_t i = 1; i < music->n_chords; i++) {
        assert_false(date_less(music->chords[i].date, music->chords[i - 1].date));
    }
    for (size_t i = 1; i < music->n_marks; i++) {
        assert_false(date_less(music->marks[i].date, music->marks[i - 1].date));
    }
    for (size_t i = 1; i < music->n_bars; i++) {
        int order = rational_compare(music->bars[i - 1].date, music->bars[i].date);
        assert_true(order < 0 || (order == 0 && music->bars[i - 1].staff < music->bars[i].staff));
    }
}

static void check_spans(const struct music *music) {
    for (size_t i = 0; i < music->n_spans; i++) {
        const struct music_span *span = &music->spans[i];
        assert_false(date_less(span->end, span->begin));
        assert_true(span->staff < music->n_staves);
        if (span->first_chord != NOTATION_NONE) {
            assert_true(span->last_chord < music->n_chords);
            assert_false(date_less(music->chords[span->last_chord].date,
                                   music->chords[span->first_chord].date));
        }
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        uint32_t tuplet = music->chords[i].tuplet;
        assert_true(tuplet == NOTATION_NONE || music->spans[tuplet].kind == MUSIC_TUPLET);
    }
}

static void test_music_arrange__drawn_durations_add_up(void **state) {
    (void)state;
    for_each_score(check_durations);
}

static void test_music_arrange__every_event_has_its_chords_and_heads(void **state) {
    (void)state;
    for_each_score(check_events);
}

static void test_music_arrange__measures_are_contiguous_and_cut_no_chord(void **state) {
    (void)state;
    for_each_score(check_measures);
}

static void test_music_arrange__beams_are_whole(void **state) {
    (void)state;
    for_each_score(check_beams);
}

static void test_music_arrange__ties_join_equal_pitches_in_time(void **state) {
    (void)state;
    for_each_score(check_ties);
}

static void test_music_arrange__everything_is_in_order(void **state) {
    (void)state;
    for_each_score(check_orders);
    for_each_score(check_spans);
}

static void test_music_arrange__is_the_same_each_time(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        random_score(seed, text, sizeof(text));
        struct music *one = music_of(text), *two = music_of(text);
        assert_int_equal(one->n_chords, two->n_chords);
        for (size_t i = 0; i < one->n_chords; i++) {
            assert_int_equal(one->chords[i].stem, two->chords[i].stem);
            assert_int_equal(one->chords[i].beam, two->chords[i].beam);
        }
        assert_int_equal(one->n_marks, two->n_marks);
        for (size_t i = 0; i < one->n_marks; i++) {
            assert_int_equal(one->marks[i].kind, two->marks[i].kind);
        }
        music_done(one);
        music_done(two);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_music_arrange__drawn_durations_add_up),
        cmocka_unit_test(test_music_arrange__every_event_has_its_chords_and_heads),
        cmocka_unit_test(test_music_arrange__measures_are_contiguous_and_cut_no_chord),
        cmocka_unit_test(test_music_arrange__beams_are_whole),
        cmocka_unit_test(test_music_arrange__ties_join_equal_pitches_in_time),
        cmocka_unit_test(test_music_arrange__everything_is_in_order),
        cmocka_unit_test(test_music_arrange__is_the_same_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
