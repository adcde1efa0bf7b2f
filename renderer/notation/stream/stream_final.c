/* What later text cannot change: how far the music is final, and where it may be gone on with. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/stream/stream_private.h"

/* -- how far the music is final -------------------------------------------------------- */

static struct rational sooner(struct rational a, struct rational b) {
    return date_less(a, b) ? a : b;
}

/* The last symbol may still become another one; what a variable inserts stands at one place. Tags
 * around it may go on. */
static struct rational last_begin(const struct notation_voice *voice) {
    size_t n = voice->n_events;
    struct rational date = {0, 1};
    if (n == 0) {
        return date;
    }
    size_t first = n - 1;
    while (first > 0 && voice->events[first - 1].line == voice->events[n - 1].line &&
           voice->events[first - 1].column == voice->events[n - 1].column) {
        first--;
    }
    date = voice->events[first].date;
    for (size_t t = 0; t < voice->n_tags; t++) {
        const struct notation_tag *tag = &voice->tags[t];
        if (tag->has_range && tag->end_event > first && tag->first < voice->n_items) {
            date = sooner(date, voice->items[tag->first].date);
        }
    }
    return date;
}

/* Beams and automatic groups keep to a measure, or to a quarter where there is none. */
static struct rational without_measure(const struct stream_run *run, struct rational date) {
    const struct music *music = run->music;
    struct rational margin = {1, 1};
    for (size_t i = 0; i < music->n_marks; i++) {
        const struct music_mark *mark = &music->marks[i];
        if (mark->kind == MUSIC_MARK_METER) {
            margin = date_max(margin, mark->meter.length);
        }
    }
    date = date_less(margin, date) ? date_subtract(date, margin) : (struct rational){0, 1};
    struct rational bar = date;
    for (size_t i = 0; i < music->n_bars && !date_less(date, music->bars[i].date); i++) {
        bar = music->bars[i].date;
    }
    return bar;
}

struct stretch {
    struct rational begin, end;
};

static int compare_ends(const void *a, const void *b) { /* the last end first */
    return rational_compare(((const struct stretch *)b)->end, ((const struct stretch *)a)->end);
}

/* Before every beam and span that goes beyond the date, and those that go beyond their begins.
 * false: arena full. */
static bool without_reaching(const struct stream_run *run, struct rational *date) {
    const struct music *music = run->music;
    size_t n = 0;
    struct stretch *all = arena_array(run->arena, music->n_beams + music->n_spans + 1, sizeof *all);
    if (all == NULL) {
        return false;
    }
    for (size_t b = 0; b < music->n_beams; b++) {
        const struct music_beam *beam = &music->beams[b];
        const struct music_chord *first = &music->chords[beam->members[0].chord];
        const struct music_chord *last = &music->chords[beam->members[beam->n_members - 1].chord];
        all[n++] = (struct stretch){first->date, date_add(last->date, last->duration)};
    }
    for (size_t s = 0; s < music->n_spans; s++) {
        all[n++] = (struct stretch){music->spans[s].begin, music->spans[s].end};
    }
    qsort(all, n, sizeof *all, compare_ends);
    for (size_t i = 0; i < n && date_less(*date, all[i].end); i++) {
        *date = sooner(*date, all[i].begin);
    }
    return true;
}

/* -- clean begins ----------------------------------------------------------------------- */

/* Measures that begin inside of what goes from `begin` to `end`; or at its end. */
static void forbid(const struct stream_run *run, bool *is_clean, struct rational begin,
                   struct rational end, bool with_end) {
    const struct music *music = run->music;
    size_t low = 0, high = run->next.n_final + 1;
    while (low < high) { /* the first measure that begins later */
        size_t middle = (low + high) / 2;
        if (date_less(begin, music->measures[middle].begin)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    for (; low <= run->next.n_final; low++) {
        struct rational at = music->measures[low].begin;
        if (!date_less(at, end) && !(with_end && date_equal(at, end))) {
            return;
        }
        is_clean[low] = false;
    }
}

static void forbid_spans(const struct stream_run *run, bool *is_clean) {
    const struct music *music = run->music;
    for (size_t s = 0; s < music->n_spans; s++) {
        const struct music_span *span = &music->spans[s];
        struct rational end = span->end;
        if (span->last_chord != NOTATION_NONE) {
            const struct music_chord *last = &music->chords[span->last_chord];
            end = date_max(end, date_add(last->date, last->duration));
        }
        forbid(run, is_clean, span->begin, end, false);
    }
}

static void forbid_ties(const struct stream_run *run, bool *is_clean) {
    const struct music *music = run->music;
    for (size_t i = 0; i < music->n_chords; i++) {
        const struct music_chord *chord = &music->chords[i];
        for (uint32_t h = 0; h < chord->n_heads; h++) {
            if (chord->heads[h].tie_to_chord != NOTATION_NONE) {
                const struct music_chord *to = &music->chords[chord->heads[h].tie_to_chord];
                forbid(run, is_clean, chord->date, to->date, true);
            }
        }
    }
}

/* A word whose rest is sung later: until the voice's next syllable. */
static void forbid_words(const struct stream_run *run, bool *is_clean) {
    const struct music *music = run->music;
    for (size_t i = 0; i < music->n_chords; i++) {
        const struct music_chord *chord = &music->chords[i];
        bool goes_on = false;
        for (uint32_t k = 0; k < chord->n_syllables; k++) {
            goes_on = goes_on || chord->syllables[k].has_hyphen || chord->syllables[k].has_extender;
        }
        if (!goes_on) {
            continue;
        }
        struct rational end = music->duration;
        for (uint32_t k = chord->next_in_voice; k != NOTATION_NONE;
             k = music->chords[k].next_in_voice) {
            if (music->chords[k].n_syllables > 0) {
                end = music->chords[k].date;
                break;
            }
        }
        forbid(run, is_clean, chord->date, end, true);
    }
}

bool stream_gap_at(const struct stream_run *run, uint32_t voice, struct rational date,
                   const struct voice_gap **gap) {
    const struct voice_gap *gaps = run->tail.gaps;
    size_t low = 0, high = run->tail.n_gaps;
    while (low < high) { /* the first one at the date or later */
        size_t middle = low + (high - low) / 2;
        bool is_before = gaps[middle].voice < voice ||
                         (gaps[middle].voice == voice && date_less(gaps[middle].start.date, date));
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    bool is_found = low < run->tail.n_gaps && gaps[low].voice == voice &&
                    date_equal(gaps[low].start.date, date);
    *gap = is_found ? &gaps[low] : NULL;
    return is_found || (voice < run->tail.n_ends && run->tail.ends[voice] != SIZE_MAX &&
                        date_less(run->notation->voices[voice].duration, date));
}

/* Gaps of the last voice, which grows, mark where reading may go on; the others are looked at when
 * a place is chosen. */
static void allow_gaps(const struct stream_run *run, bool *is_clean) {
    const struct music *music = run->music;
    uint32_t voice = (uint32_t)run->notation->n_voices - 1, m = 0;
    for (size_t i = 0; i < run->tail.n_gaps; i++) {
        const struct voice_gap *gap = &run->tail.gaps[i];
        while (gap->voice == voice && m <= run->next.n_final &&
               date_less(music->measures[m].begin, gap->start.date)) {
            m++;
        }
        if (gap->voice == voice && m <= run->next.n_final &&
            date_equal(music->measures[m].begin, gap->start.date)) {
            is_clean[m] = true;
        }
    }
}

static bool has_all_gaps(const struct stream_run *run, struct rational date) {
    const struct voice_gap *gap;
    for (uint32_t v = 0; v < run->notation->n_voices; v++) {
        if (!stream_gap_at(run, v, date, &gap)) {
            return false;
        }
    }
    return true;
}

bool stream_find_final(struct stream_run *run) {
    const struct music *music = run->music;
    struct layout_next *next = &run->next;
    next->arena = run->arena;
    next->n_final = 0;
    bool *is_clean = arena_array(run->arena, music->n_measures + 1, sizeof *is_clean);
    next->is_clean = is_clean;
    if (is_clean == NULL) {
        return false;
    }
    if (!run->is_plain || run->notation->n_voices == 0 || music->n_measures == 0) {
        return true;
    }
    struct rational date = last_begin(&run->notation->voices[run->notation->n_voices - 1]);
    date = without_measure(run, date);
    if (!without_reaching(run, &date)) {
        return false;
    }
    uint32_t n_final = 0;
    while (n_final < music->n_measures && !date_less(date, music->measures[n_final].end)) {
        n_final++;
    }
    next->n_final = n_final > 0 ? n_final - 1 : 0;
    while (next->n_final > 0 && music->measures[next->n_final - 1].ends_inside) {
        next->n_final--; /* how it is cut depends on its end */
    }
    allow_gaps(run, is_clean);
    is_clean[0] = false;
    forbid_spans(run, is_clean);
    forbid_ties(run, is_clean);
    forbid_words(run, is_clean);
    for (uint32_t m = 1; m <= next->n_final; m++) {
        is_clean[m] = is_clean[m] && !music->measures[m - 1].ends_inside &&
                      (run->notation->n_voices == 1 || has_all_gaps(run, music->measures[m].begin));
    }
    return true;
}
