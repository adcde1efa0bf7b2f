/* All passes in their order; each is in a file of its own (arrange.h). */
#include "renderer/notation/music/music.h"

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"

static int prepare(struct arranger *arranger) {
    const struct notation *notation = arranger->notation;
    struct music *music = arena_alloc(arranger->arena, sizeof(*music));
    if (music == NULL) {
        return LG_ETOOLARGE;
    }
    arranger->music = music;
    music->notation = notation;
    music->duration = notation->duration;
    music->n_voices = notation->n_voices;
    music->voices = arena_array(arranger->arena, notation->n_voices, sizeof(*music->voices));
    arranger->voices =
        arena_array(arranger->scratch, notation->n_voices, sizeof(*arranger->voices));
    if (music->voices == NULL || arranger->voices == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t v = 0; v < notation->n_voices; v++) {
        struct arranged_voice *voice = &arranger->voices[v];
        voice->model = &notation->voices[v];
        voice->index = (uint32_t)v;
        music->voices[v].first_chord = NOTATION_NONE;
        for (size_t t = 0; t < voice->model->n_tags; t++) {
            voice->kinds[voice->model->tags[t].kind]++;
        }
    }
    return 0;
}

/* All passes; the arranger's scratch is the caller's. */
static int arrange(struct arranger *arranger, const struct music_before *before) {
    static int (*const passes[])(struct arranger *) = {
        arrange_staves,  arrange_signatures,  arrange_page,         arrange_bars,
        arrange_chords,  arrange_measures,    arrange_forced_stems, arrange_voices,
        arrange_ties,    arrange_accidentals, arrange_beams,        arrange_stems,
        arrange_tuplets, arrange_breaks,      arrange_spans,        arrange_signs,
        arrange_lyrics,  arrange_marks,       arrange_repeats,
    };
    int code = prepare(arranger);
    if (code == 0) {
        arranger->music->before = before;
    }
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]) && code == 0; i++) {
        code = passes[i](arranger);
    }
    return code == 0 && arena_is_full(arranger->arena) ? LG_ETOOLARGE : code;
}

int music_arrange_after(const struct notation *notation, const struct music_before *before,
                        struct music **out) {
    struct arranger arranger = {.notation = notation, .arena = notation->arena};
    arranger.scratch = arena_create(ARRANGE_SCRATCH_BYTES);
    if (arranger.scratch == NULL) {
        return LG_ENOMEM;
    }
    int code = arrange(&arranger, before);
    if (code == 0) {
        *out = arranger.music;
    }
    arena_destroy(arranger.scratch);
    return code;
}

int music_arrange(const struct notation *notation, struct music **out) {
    return music_arrange_after(notation, NULL, out);
}

/* No meter changes between `since`, a bar or the begin, and `date`; no bar is left out there. */
static bool is_steady(const struct arranged_voice *voice, struct rational since,
                      struct rational date) {
    const struct meter_at *meter = arrange_meter(voice, since);
    for (size_t i = 0; i < voice->n_meters; i++) {
        if (date_less(since, voice->meters[i].date) && date_less(voice->meters[i].date, date)) {
            return false;
        }
    }
    bool has_bars = meter != NULL && meter->meter.has_auto_bars && meter->meter.length.num > 0;
    bool has_ended = date_less(voice->model->duration, date);
    return !has_bars || has_ended || !date_less(date_add(since, meter->meter.length), date);
}

/* Its last bar before `date`, and the chords since. */
static void remember_voice(const struct arranger *arranger, const struct arranged_voice *voice,
                           struct rational date, struct music_before_voice *out) {
    const struct music *music = arranger->music;
    const struct music_before_voice *before = arrange_before(arranger, voice);
    const struct arranged_bar *bars = voice->bars.items;
    size_t n = voice->bars.n;
    while (n > 0 && !date_less(bars[n - 1].date, date)) {
        n--;
    }
    *out = (struct music_before_voice){.has_bar = n > 0};
    struct rational since = {0, 1};
    if (n > 0) {
        out->bar_date = since = bars[n - 1].date;
        out->bar_number = bars[n - 1].number;
    }
    out->is_steady = is_steady(voice, since, date);
    if (before != NULL && n <= voice->n_old_bars) { /* no bar since the last time */
        out->n_chords = before->n_chords;
    }
    for (uint32_t i = music->voices[voice->index].first_chord;
         i != NOTATION_NONE && date_less(music->chords[i].date, date);
         i = music->chords[i].next_in_voice) {
        bool counts = music->chords[i].duration.num > 0 && !date_less(music->chords[i].date, since);
        out->n_chords += counts ? 1 : 0;
    }
}

int music_before_make(const struct notation *notation, const struct music_before *before,
                      struct rational date, struct arena *arena, struct music_before *out) {
    struct arranger arranger = {.notation = notation, .arena = arena_create(ARRANGE_SCRATCH_BYTES)};
    arranger.scratch = arena_create(ARRANGE_SCRATCH_BYTES);
    int code =
        arranger.scratch == NULL || arranger.arena == NULL ? LG_ENOMEM : arrange(&arranger, before);
    if (code == 0) {
        *out = (struct music_before){
            .date = date, .n_voices = notation->n_voices, .n_staves = arranger.music->n_staves};
        out->voices = arena_array(arena, out->n_voices, sizeof(*out->voices));
        code = out->voices == NULL
                   ? LG_ETOOLARGE
                   : accidentals_remember(&arranger, date, arena, &out->accidentals);
    }
    for (size_t v = 0; code == 0 && v < out->n_voices; v++) {
        remember_voice(&arranger, &arranger.voices[v], date, &out->voices[v]);
    }
    arena_destroy(arranger.scratch);
    arena_destroy(arranger.arena);
    return code;
}
