/* All passes in their order; each is in a file of its own (arrange.h). */
#include "renderer/notation/music/music.h"

#include "common/err.h"
#include "renderer/notation/music/arrange.h"

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
    arranger->voices = arena_array(arranger->scratch, notation->n_voices,
                                   sizeof(*arranger->voices));
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

int music_arrange(const struct notation *notation, struct music **out) {
    static int (*const passes[])(struct arranger *) = {
        arrange_staves,       arrange_signatures, arrange_page,        arrange_bars,
        arrange_chords,       arrange_measures,   arrange_forced_stems, arrange_voices,
        arrange_ties,         arrange_accidentals, arrange_beams,      arrange_stems,
        arrange_tuplets,      arrange_breaks,     arrange_spans,       arrange_signs,
        arrange_lyrics,       arrange_marks,      arrange_repeats,
    };
    struct arranger arranger = {.notation = notation, .arena = notation->arena};
    arranger.scratch = arena_create(ARRANGE_SCRATCH_BYTES);
    if (arranger.scratch == NULL) {
        return LG_ENOMEM;
    }
    int code = prepare(&arranger);
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]) && code == 0; i++) {
        code = passes[i](&arranger);
    }
    if (code == 0 && arena_is_full(notation->arena)) {
        code = LG_ETOOLARGE;
    }
    if (code == 0) {
        *out = arranger.music;
    }
    arena_destroy(arranger.scratch);
    return code;
}
