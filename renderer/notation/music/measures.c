/* Measures common to all voices: where lines may break (gmn.md 10.13). A stretch that a voice
 * keeps together (its measure, or without meter its chord) blocks what lies inside it. */
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"

/* Longer stretches between written bars without meter may be broken at their notes. */
#define UNMETERED_CHORDS_MAX 32
/* More columns than this do not fit on a line: 64 of them are a measure of 64ths. */
#define COLUMNS_MAX 80

struct gap {
    struct rational begin, end;
};

struct wish { /* \newSystem, \newPage */
    struct rational date;
    bool is_page;
};

static int add_gap(struct arranger *arranger, struct list *gaps, struct rational begin,
                   struct rational end) {
    if (!date_less(begin, end)) {
        return 0;
    }
    struct gap *gap = list_add(arranger->scratch, gaps, sizeof(*gap));
    if (gap == NULL) {
        return LG_ETOOLARGE;
    }
    *gap = (struct gap){begin, end};
    return 0;
}

/* The chords of a voice from `chord` on until `end`, each a gap of its own. */
static int add_chord_gaps(struct arranger *arranger, struct list *gaps, uint32_t *chord,
                          struct rational end) {
    const struct music_chord *chords = arranger->music->chords;
    while (*chord != NOTATION_NONE && date_less(chords[*chord].date, end)) {
        const struct music_chord *at = &chords[*chord];
        int code = add_gap(arranger, gaps, at->date, date_add(at->date, at->duration));
        if (code != 0) {
            return code;
        }
        *chord = at->next_in_voice;
    }
    return 0;
}

/* Every chord a gap: nothing may be cut. `sides_only`: members that end early alone. */
static int add_all_gaps(struct arranger *arranger, struct list *gaps, bool sides_only) {
    const struct music *music = arranger->music;
    int code = 0;
    for (size_t i = 0; i < music->n_chords && code == 0; i++) {
        const struct music_chord *chord = &music->chords[i];
        if (chord->is_side || !sides_only) {
            code = add_gap(arranger, gaps, chord->date, date_add(chord->date, chord->duration));
        }
    }
    return code;
}

static size_t skip_chords(const struct music *music, uint32_t *chord, struct rational end) {
    size_t n = 0;
    while (*chord != NOTATION_NONE && date_less(music->chords[*chord].date, end)) {
        n += music->chords[*chord].duration.num > 0 ? 1 : 0;
        *chord = music->chords[*chord].next_in_voice;
    }
    return n;
}

static int add_voice_gaps(struct arranger *arranger, const struct arranged_voice *voice,
                          struct list *gaps) {
    const struct arranged_bar *bars = voice->bars.items;
    const struct music_before_voice *before = arrange_before(arranger, voice);
    uint32_t chord = arranger->music->voices[voice->index].first_chord;
    struct rational begin = arrange_begin(arranger);
    size_t n_before = before != NULL ? before->n_chords : 0;
    for (size_t bar = voice->n_old_bars; bar <= voice->bars.n; bar++) {
        struct rational end = bar < voice->bars.n ? bars[bar].date : voice->model->duration;
        uint32_t after = chord;
        size_t n = skip_chords(arranger->music, &after, end) + n_before;
        n_before = 0;
        const struct meter_at *meter = arrange_meter(voice, begin);
        bool has_length = meter != NULL && meter->meter.length.num > 0;
        bool is_whole = (has_length && meter->meter.has_auto_bars) ||
                        (voice->bars.n > 0 && (has_length || n <= UNMETERED_CHORDS_MAX));
        int code = is_whole ? add_gap(arranger, gaps, begin, end)
                            : add_chord_gaps(arranger, gaps, &chord, end);
        if (code != 0) {
            return code;
        }
        chord = after;
        begin = end;
    }
    return 0;
}

static int compare_gaps(const void *a, const void *b) {
    return rational_compare(((const struct gap *)a)->begin, ((const struct gap *)b)->begin);
}

static int compare_dates(const void *a, const void *b) {
    return rational_compare(*(const struct rational *)a, *(const struct rational *)b);
}

/* Keep the dates (sorted, in place, each once) that lie inside no gap; gaps are sorted here. */
static size_t keep_free_dates(struct list *gaps, struct rational *dates, size_t n_dates) {
    struct gap *all = gaps->items;
    struct rational reach = {0, 1};
    size_t next = 0, n = 0;
    if (gaps->n > 1) {
        qsort(all, gaps->n, sizeof(*all), compare_gaps);
    }
    if (n_dates > 1) {
        qsort(dates, n_dates, sizeof(*dates), compare_dates);
    }
    for (size_t i = 0; i < n_dates; i++) {
        struct rational date = dates[i];
        while (next < gaps->n && date_less(all[next].begin, date)) {
            reach = date_max(reach, all[next].end);
            next++;
        }
        if (!date_less(date, reach) && (n == 0 || !date_equal(dates[n - 1], date))) {
            dates[n++] = date;
        }
    }
    return n;
}

static int add_date(struct arranger *arranger, struct list *dates, struct rational date) {
    struct rational *place = list_add(arranger->scratch, dates, sizeof(*place));
    if (place == NULL) {
        return LG_ETOOLARGE;
    }
    *place = date;
    return 0;
}

static int find_wishes(struct arranger *arranger, struct list *wishes) {
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        if (voice->kinds[TAG_NEW_SYSTEM] + voice->kinds[TAG_NEW_PAGE] == 0) {
            continue;
        }
        for (size_t t = 0; t < voice->model->n_tags; t++) {
            const struct notation_tag *tag = &voice->model->tags[t];
            if (tag->kind != TAG_NEW_SYSTEM && tag->kind != TAG_NEW_PAGE) {
                continue;
            }
            struct wish *wish = list_add(arranger->scratch, wishes, sizeof(*wish));
            if (wish == NULL) {
                return LG_ETOOLARGE;
            }
            *wish = (struct wish){arrange_tag_date(voice, tag), tag->kind == TAG_NEW_PAGE};
        }
    }
    return 0;
}

static int compare_wishes(const void *a, const void *b) {
    const struct wish *left = a, *right = b;
    int order = rational_compare(left->date, right->date);
    return order != 0 ? order : (int)left->is_page - (int)right->is_page;
}

/* Forced breaks stand wherever no chord is cut, also inside measures. */
static int add_wished_dates(struct arranger *arranger, const struct list *wishes,
                            struct list *dates) {
    struct list gaps = {0}, wished = {0};
    int code = add_all_gaps(arranger, &gaps, false);
    for (size_t i = 0; i < wishes->n && code == 0; i++) {
        code = add_date(arranger, &wished, ((const struct wish *)wishes->items)[i].date);
    }
    if (code != 0) {
        return code;
    }
    size_t n = keep_free_dates(&gaps, wished.items, wished.n);
    for (size_t i = 0; i < n && code == 0; i++) {
        code = add_date(arranger, dates, ((struct rational *)wished.items)[i]);
    }
    return code;
}

/* Marks the stretches between `dates` in which more columns begin than a line can hold. */
static size_t mark_long(const struct music *music, const struct rational *dates, size_t n,
                        bool *is_long) {
    size_t chord = 0, n_long = 0;
    for (size_t i = 0; i < n; i++) {
        size_t n_columns = 0;
        for (; chord < music->n_chords && date_less(music->chords[chord].date, dates[i]); chord++) {
            n_columns +=
                chord == 0 || !date_equal(music->chords[chord].date, music->chords[chord - 1].date)
                    ? 1
                    : 0;
        }
        is_long[i] = n_columns > COLUMNS_MAX;
        n_long += is_long[i] ? 1 : 0;
    }
    return n_long;
}

/* Adds what `wanted` (sorted, free) has inside of long stretches. */
static int add_inside(struct arranger *arranger, struct list *dates, const struct rational *wanted,
                      size_t n_wanted, const bool *is_long) {
    const size_t n = dates->n;
    size_t at = 0;
    for (size_t i = 0; i < n_wanted; i++) {
        while (at < n && date_less(((struct rational *)dates->items)[at], wanted[i])) {
            at++;
        }
        int code = at < n && is_long[at] ? add_date(arranger, dates, wanted[i]) : 0;
        if (code != 0) {
            return code;
        }
    }
    struct list none = {0};
    dates->n = keep_free_dates(&none, dates->items, dates->n);
    return 0;
}

/* Voices with bars of their own may meet nowhere, and cadenzas are long: where no line could hold
 * the stretch, it may break at a bar of any voice, and if that does not do, between chords. */
static int split_long(struct arranger *arranger, struct list *dates) {
    const struct music *music = arranger->music;
    for (int pass = 0; pass < 2; pass++) {
        bool *is_long = arena_array(arranger->scratch, dates->n, sizeof(*is_long));
        struct list gaps = {0}, wanted = {0};
        int code = is_long == NULL ? LG_ETOOLARGE : 0;
        if (code != 0 || mark_long(music, dates->items, dates->n, is_long) == 0) {
            return code;
        }
        code = add_all_gaps(arranger, &gaps, false);
        size_t n_wanted = pass == 0 ? music->n_bars : gaps.n;
        for (size_t i = 0; i < n_wanted && code == 0; i++) {
            code = add_date(arranger, &wanted,
                            pass == 0 ? music->bars[i].date : ((struct gap *)gaps.items)[i].end);
        }
        if (code != 0) {
            return code;
        }
        wanted.n = keep_free_dates(&gaps, wanted.items, wanted.n);
        code = add_inside(arranger, dates, wanted.items, wanted.n, is_long);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

static bool may_break(const struct music *music) {
    for (size_t v = 0; v < music->n_voices; v++) {
        if (!music->voices[v].auto_system_break) {
            return false;
        }
    }
    return true;
}

/* Bars up to a date. Those at it number the measure that begins there, and end `ended`. Returns
 * whether the number shows. */
static bool take_bars(struct music *music, struct rational date, size_t *bar, int *number,
                      struct music_measure *ended) {
    bool shows = false;
    *number = 0;
    for (; *bar < music->n_bars && !date_less(date, music->bars[*bar].date); ++*bar) {
        struct music_bar *at = &music->bars[*bar];
        at->shows_number = at->shows_number || music->numbering == MUSIC_NUMBERS_EACH;
        if (date_equal(at->date, date)) {
            if (ended != NULL) {
                ended->ends_with_bar = ended->ends_with_bar || !at->is_hidden;
            }
            *number = *number > 0 ? *number : at->number;
            shows = shows || at->shows_number;
        }
    }
    return shows;
}

/* Numbers and bars; `dates` are the ends of the measures. */
static int make_measures(struct arranger *arranger, const struct rational *dates, size_t n) {
    struct music *music = arranger->music;
    struct rational begin = arrange_begin(arranger);
    bool is_free = may_break(music);
    size_t bar = 0;
    int number = 0;
    for (size_t v = 0; v < music->n_voices && number == 0 && music->before == NULL; v++) {
        number = arranger->voices[v].bars.n > 0 ? arranger->voices[v].first_number : 0;
    }
    music->measures = arena_array(arranger->arena, n, sizeof(*music->measures));
    if (music->measures == NULL) {
        return LG_ETOOLARGE;
    }
    bool shows = music->numbering == MUSIC_NUMBERS_EACH;
    if (music->before != NULL) {
        shows = take_bars(music, begin, &bar, &number, NULL);
    }
    for (size_t i = 0; i < n; i++) {
        struct music_measure *measure = &music->measures[i];
        *measure = (struct music_measure){.begin = begin,
                                          .end = dates[i],
                                          .number = number,
                                          .shows_number = shows && number > 0,
                                          .may_break_after = is_free || i + 1 == n};
        shows = take_bars(music, dates[i], &bar, &number, measure);
        begin = dates[i];
    }
    music->n_measures = n;
    return 0;
}

static void apply_wishes(struct music *music, const struct list *wishes) {
    size_t m = 0;
    const struct wish *all = wishes->items;
    for (size_t i = 0; i < wishes->n; i++) {
        while (m < music->n_measures && date_less(music->measures[m].end, all[i].date)) {
            m++;
        }
        if (m + 1 >= music->n_measures) {
            break; /* nothing follows */
        }
        if (date_equal(music->measures[m].end, all[i].date)) {
            music->measures[m].breaks_system_after = true;
            music->measures[m].may_break_after = true;
            music->measures[m].breaks_page_after |= all[i].is_page;
        }
    }
}

/* `whole`: the ends before long stretches were split. */
static void mark_inside(struct music *music, const struct list *whole) {
    const struct rational *ends = whole->items;
    size_t at = 0;
    for (size_t m = 0; m < music->n_measures; m++) {
        while (at < whole->n && date_less(ends[at], music->measures[m].end)) {
            at++;
        }
        music->measures[m].ends_inside =
            at == whole->n || !date_equal(ends[at], music->measures[m].end);
    }
}

static void place_chords(struct music *music) {
    uint32_t measure = 0;
    for (size_t i = 0; i < music->n_chords; i++) {
        while (measure + 1 < music->n_measures &&
               !date_less(music->chords[i].date, music->measures[measure].end)) {
            measure++;
        }
        music->chords[i].measure = measure;
    }
}

int arrange_measures(struct arranger *arranger) {
    struct music *music = arranger->music;
    struct list gaps = {0}, dates = {0}, wishes = {0};
    if (music->n_staves == 0) {
        return 0;
    }
    int code = find_wishes(arranger, &wishes);
    for (size_t v = 0; v < music->n_voices && code == 0; v++) {
        code = add_voice_gaps(arranger, &arranger->voices[v], &gaps);
    }
    code = code != 0 ? code : add_all_gaps(arranger, &gaps, true);
    for (size_t i = 0; i < gaps.n && code == 0; i++) {
        code = add_date(arranger, &dates, ((const struct gap *)gaps.items)[i].end);
    }
    if (code != 0) {
        return code;
    }
    dates.n = keep_free_dates(&gaps, dates.items, dates.n);
    if (wishes.n > 0) {
        qsort(wishes.items, wishes.n, sizeof(struct wish), compare_wishes);
        code = add_wished_dates(arranger, &wishes, &dates);
    }
    /* The end of the score is never inside a gap; without any event there is one empty measure. */
    code = code != 0 ? code : add_date(arranger, &dates, arranger->notation->duration);
    if (code != 0) {
        return code;
    }
    struct list none = {0};
    size_t n = keep_free_dates(&none, dates.items, dates.n);
    dates.n = n;
    struct list whole = {.items = list_keep(arranger->scratch, &dates, sizeof(struct rational)),
                         .n = n};
    code = whole.items == NULL ? LG_ETOOLARGE : split_long(arranger, &dates);
    if (code != 0) {
        return code;
    }
    struct rational *all = dates.items;
    n = dates.n;
    bool is_empty = !date_less(arrange_begin(arranger), all[0]);
    size_t first = n > 1 && is_empty ? 1 : 0; /* no empty measure before the others */
    code = make_measures(arranger, all + first, n - first);
    if (code == 0) {
        mark_inside(music, &whole);
        apply_wishes(music, &wishes);
        place_chords(music);
    }
    return code;
}

/* No line ends inside a beam, a tuplet or between the two notes of a tremolo. */
int arrange_breaks(struct arranger *arranger) {
    struct music *music = arranger->music;
    struct list gaps = {0};
    int code = 0;
    for (size_t b = 0; b < music->n_beams && code == 0; b++) {
        const struct music_beam *beam = &music->beams[b];
        const struct music_chord *first = &music->chords[beam->members[0].chord];
        const struct music_chord *last = &music->chords[beam->members[beam->n_members - 1].chord];
        code = add_gap(arranger, &gaps, first->date, date_add(last->date, last->duration));
    }
    for (size_t s = 0; s < arranger->spans.n && code == 0; s++) {
        const struct music_span *span = (const struct music_span *)arranger->spans.items + s;
        if (span->kind == MUSIC_TUPLET) {
            code = add_gap(arranger, &gaps, span->begin, span->end);
        }
    }
    for (size_t i = 0; i < music->n_chords && code == 0; i++) {
        const struct music_chord *chord = &music->chords[i];
        if (chord->is_tremolo_pair && !chord->is_continuation) {
            code = add_gap(arranger, &gaps, chord->date,
                           date_add(chord->date, date_add(chord->duration, chord->duration)));
        }
    }
    if (code != 0 || gaps.n == 0) {
        return code;
    }
    const struct gap *all = gaps.items;
    struct rational reach = {0, 1};
    size_t next = 0;
    qsort(gaps.items, gaps.n, sizeof(*all), compare_gaps);
    for (size_t m = 0; m + 1 < music->n_measures; m++) {
        struct music_measure *measure = &music->measures[m];
        for (; next < gaps.n && date_less(all[next].begin, measure->end); next++) {
            reach = date_max(reach, all[next].end);
        }
        if (date_less(measure->end, reach)) {
            measure->may_break_after = measure->breaks_system_after = false;
            measure->breaks_page_after = false;
        }
    }
    return 0;
}
