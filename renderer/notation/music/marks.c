/* What stands at a date of a staff: signatures, texts, dynamics, tempo, jumps ... in the order of
 * gmn.md 10.2. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/look.h"

struct mark_row {
    enum notation_tag_kind tag;
    enum music_mark_kind kind;
    const char *param, *fallback;
    bool is_position_only; /* its range form is a sign */
};

static const struct mark_row ROWS[] = {
    {TAG_TEXT, MUSIC_MARK_TEXT, "text", "", false},
    {TAG_LABEL, MUSIC_MARK_TEXT, "text", "", false},
    {TAG_INTENSITY, MUSIC_MARK_DYNAMIC, "type", "", false},
    {TAG_TEMPO, MUSIC_MARK_TEMPO, "tempo", "", false},
    {TAG_MARK, MUSIC_MARK_REHEARSAL, "text", "", false},
    {TAG_HARMONY, MUSIC_MARK_HARMONY, "text", "", false},
    {TAG_CODA, MUSIC_MARK_JUMP, "m", "[coda] Coda", false},
    {TAG_SEGNO, MUSIC_MARK_JUMP, "m", "[segno]", false},
    {TAG_DA_CAPO, MUSIC_MARK_JUMP, "m", "D.C.", false},
    {TAG_DA_CAPO_AL_FINE, MUSIC_MARK_JUMP, "m", "D.C. al Fine", false},
    {TAG_DA_CODA, MUSIC_MARK_JUMP, "m", "[coda]", false},
    {TAG_DAL_SEGNO, MUSIC_MARK_JUMP, "m", "D.S.", false},
    {TAG_DAL_SEGNO_AL_FINE, MUSIC_MARK_JUMP, "m", "D.S. al Fine", false},
    {TAG_FINE, MUSIC_MARK_JUMP, "m", "Fine", false},
    {TAG_PEDAL_ON, MUSIC_MARK_PEDAL_ON, "", NULL, false},
    {TAG_PEDAL_OFF, MUSIC_MARK_PEDAL_OFF, "", NULL, false},
    {TAG_BREATH_MARK, MUSIC_MARK_BREATH, "", NULL, false},
    {TAG_INSTRUMENT, MUSIC_MARK_INSTRUMENT, "name", "", false},
    {TAG_FERMATA, MUSIC_MARK_FERMATA, "type", "regular", true},
    {TAG_BOW, MUSIC_MARK_BOW, "type", "up", true},
    {TAG_SPECIAL, MUSIC_MARK_SPECIAL, "char", "", false},
    {TAG_SYMBOL, MUSIC_MARK_SYMBOL, "file", "", false},
    {TAG_CUE, MUSIC_MARK_TEXT, "name", "", false},
};

static const struct mark_row *row_of(const struct notation_tag *tag) {
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        if (ROWS[i].tag == tag->kind) {
            return ROWS[i].is_position_only && tag->has_range ? NULL : &ROWS[i];
        }
    }
    return NULL;
}

static struct music_mark *add(struct arranger *arranger, enum music_mark_kind kind,
                              const struct notation_tag *tag, uint32_t voice, uint32_t staff,
                              struct rational date) {
    struct music_mark *mark = list_add(arranger->scratch, &arranger->marks, sizeof(*mark));
    if (mark != NULL) {
        mark->kind = kind;
        mark->tag = tag;
        mark->voice = voice;
        mark->staff = staff;
        mark->date = date;
        mark->chord = NOTATION_NONE;
        mark->look = look_of_tag(tag, look_default());
    }
    return mark;
}

static bool has_bar(const struct music *music, uint32_t staff, struct rational date) {
    size_t low = 0, high = music->n_bars;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = rational_compare(music->bars[middle].date, date);
        if (order < 0 || (order == 0 && music->bars[middle].staff < staff)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < music->n_bars && music->bars[low].staff == staff &&
           date_equal(music->bars[low].date, date);
}

static int add_clefs(struct arranger *arranger, uint32_t staff) {
    const struct list *clefs = &arranger->staves[staff].clefs;
    for (size_t i = 0; i < clefs->n; i++) {
        const struct clef_at *at = (const struct clef_at *)clefs->items + i;
        struct music_mark *mark = add(arranger, MUSIC_MARK_CLEF, at->tag, 0, staff, at->date);
        if (mark == NULL) {
            return LG_ETOOLARGE;
        }
        mark->clef = at->clef;
        mark->is_before_bar = at->date.num > 0 && has_bar(arranger->music, staff, at->date);
    }
    return 0;
}

static int add_signatures(struct arranger *arranger, uint32_t staff) {
    const struct list *keys = &arranger->staves[staff].keys;
    const struct list *meters = &arranger->staves[staff].meters;
    int code = add_clefs(arranger, staff);
    for (size_t i = 0; i < keys->n && code == 0; i++) {
        const struct key_at *at = (const struct key_at *)keys->items + i;
        struct music_mark *mark =
            add(arranger, MUSIC_MARK_KEY, at->tag, at->voice, staff, at->date);
        if (mark == NULL) {
            return LG_ETOOLARGE;
        }
        mark->key = at->key;
    }
    for (size_t i = 0; i < meters->n && code == 0; i++) {
        const struct meter_at *at = (const struct meter_at *)meters->items + i;
        struct music_mark *mark =
            add(arranger, MUSIC_MARK_METER, at->tag, at->voice, staff, at->date);
        if (mark == NULL) {
            return LG_ETOOLARGE;
        }
        mark->meter = at->meter;
        mark->is_hidden = at->meter.is_hidden || at->meter.look == MUSIC_METER_NONE;
    }
    return code;
}

static int add_tag(struct arranger *arranger, const struct arranged_voice *voice,
                   const struct notation_tag *tag) {
    const struct mark_row *row = row_of(tag);
    if (row == NULL) {
        return 0;
    }
    const char *text =
        row->fallback != NULL ? notation_tag_text(tag, row->param, row->fallback) : NULL;
    bool needs_text = row->fallback != NULL && *row->fallback == '\0';
    if (needs_text && *text == '\0' &&
        !(tag->kind == TAG_INTENSITY && (notation_tag_param(tag, "before") != NULL ||
                                         notation_tag_param(tag, "after") != NULL))) {
        return 0;
    }
    struct rational date = arrange_tag_date(voice, tag);
    struct music_mark *mark =
        add(arranger, row->kind, tag, voice->index, arrange_tag_staff(voice, tag), date);
    if (mark == NULL) {
        return LG_ETOOLARGE;
    }
    mark->text = text;
    mark->chord = arrange_chord_at(arranger, voice, tag->first_event, date);
    return 0;
}

static int compare_marks(const void *a, const void *b) {
    const struct music_mark *left = a, *right = b;
    int order = rational_compare(left->date, right->date);
    if (order != 0) {
        return order;
    }
    int left_rank = left->kind <= MUSIC_MARK_METER ? (int)left->kind : 3;
    int right_rank = right->kind <= MUSIC_MARK_METER ? (int)right->kind : 3;
    if (left_rank != right_rank) {
        return left_rank - right_rank;
    }
    if (left->staff != right->staff) {
        return left->staff < right->staff ? -1 : 1;
    }
    if (left->voice != right->voice) {
        return left->voice < right->voice ? -1 : 1;
    }
    return left->tag < right->tag ? -1 : left->tag > right->tag;
}

/* \space<dd>: the chord after it stands at a fixed distance. */
static void set_space(struct arranger *arranger, const struct arranged_voice *voice,
                      const struct notation_tag *tag) {
    uint32_t chord = arrange_first_chord(voice, tag->first_event, tag->first_event + 1);
    double distance = notation_tag_length(tag, "dd", 0);
    if (chord != NOTATION_NONE && distance > 0 && distance <= 1000) {
        arranger->music->chords[chord].space_before = distance;
    }
}

static void place_marks(struct music *music) {
    uint32_t measure = 0;
    for (size_t i = 0; i < music->n_marks; i++) {
        while (measure + 1 < music->n_measures &&
               !date_less(music->marks[i].date, music->measures[measure].end)) {
            measure++;
        }
        music->marks[i].measure = measure;
    }
}

int arrange_marks(struct arranger *arranger) {
    struct music *music = arranger->music;
    int code = 0;
    for (uint32_t s = 0; s < music->n_staves && code == 0; s++) {
        code = add_signatures(arranger, s);
    }
    for (size_t v = 0; v < music->n_voices && code == 0; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        for (size_t t = 0; t < voice->model->n_tags && code == 0; t++) {
            const struct notation_tag *tag = &voice->model->tags[t];
            if (tag->kind == TAG_SPACE) {
                set_space(arranger, voice, tag);
            }
            code = add_tag(arranger, voice, tag);
        }
    }
    if (code != 0) {
        return code;
    }
    if (arranger->marks.n > 1) {
        qsort(arranger->marks.items, arranger->marks.n, sizeof(struct music_mark), compare_marks);
    }
    music->marks = list_keep(arranger->arena, &arranger->marks, sizeof(*music->marks));
    music->n_marks = arranger->marks.n;
    if (music->n_marks > 0 && music->marks == NULL) {
        return LG_ETOOLARGE;
    }
    place_marks(music);
    return 0;
}
