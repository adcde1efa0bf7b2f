/* Heads of chords; see heads.h. */
#include "renderer/notation/music/notes/heads.h"

#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/look.h"

static int height(const struct notation_note *note) {
    return note->is_tab ? -note->tab_string : 7 * note->octave + note->step;
}

int heads_compare(const struct notation_note *left, const struct notation_note *right) {
    int a = height(left), b = height(right);
    if (a != b) {
        return a < b ? -1 : 1;
    }
    double alter_a = left->alter + left->detune, alter_b = right->alter + right->detune;
    return (alter_a > alter_b) - (alter_a < alter_b);
}

int heads_begin(struct heads_maker *maker, struct arranger *arranger,
                const struct arranged_voice *voice) {
    static const enum notation_tag_kind formats[] = {TAG_NOTE_FORMAT};
    static const enum notation_tag_kind rests[] = {TAG_REST_FORMAT};
    static const enum notation_tag_kind dots[] = {TAG_DOT_FORMAT};
    static const enum notation_tag_kind octaves[] = {TAG_OCTAVA};
    static const enum notation_tag_kind clusters[] = {TAG_CLUSTER};
    static const enum notation_tag_kind sides[] = {
        TAG_HEADS_REVERSE, TAG_HEADS_CENTER, TAG_HEADS_LEFT, TAG_HEADS_RIGHT, TAG_HEADS_NORMAL};
    *maker = (struct heads_maker){.arranger = arranger, .voice = voice};
    int code = arrange_states(arranger, voice, formats, 1, &maker->formats);
    code = code != 0 ? code : arrange_states(arranger, voice, rests, 1, &maker->rests);
    code = code != 0 ? code : arrange_states(arranger, voice, dots, 1, &maker->dots);
    code = code != 0 ? code : arrange_states(arranger, voice, octaves, 1, &maker->octaves);
    code = code != 0 ? code : arrange_states(arranger, voice, clusters, 1, &maker->clusters);
    return code != 0 ? code : arrange_states(arranger, voice, sides, 5, &maker->sides);
}

void heads_parse_style(const char *text, enum music_head_style *style,
                       enum music_bracket *bracket) {
    static const struct {
        const char *name;
        enum music_head_style style;
    } rows[] = {
        {"", MUSIC_HEAD_STANDARD},
        {"standard", MUSIC_HEAD_STANDARD},
        {"x", MUSIC_HEAD_X},
        {"diamond", MUSIC_HEAD_DIAMOND},
        {"square", MUSIC_HEAD_SQUARE},
        {"round", MUSIC_HEAD_ROUND},
        {"triangle", MUSIC_HEAD_TRIANGLE},
        {"reversedTriangle", MUSIC_HEAD_REVERSED_TRIANGLE},
        {"slash", MUSIC_HEAD_SLASH},
        {"circleX", MUSIC_HEAD_CIRCLE_X},
        {"none", MUSIC_HEAD_NONE},
    };
    static const struct {
        char open, close;
        enum music_bracket bracket;
    } brackets[] = {
        {'(', ')', MUSIC_BRACKET_ROUND},
        {'[', ']', MUSIC_BRACKET_SQUARE},
        {'<', '>', MUSIC_BRACKET_ANGLE},
    };
    size_t len = strlen(text);
    *style = MUSIC_HEAD_STANDARD;
    *bracket = MUSIC_BRACKET_NONE;
    for (size_t i = 0; i < 3 && len >= 2; i++) {
        if (text[0] == brackets[i].open && text[len - 1] == brackets[i].close) {
            *bracket = brackets[i].bracket;
            text++;
            len -= 2;
            break;
        }
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strlen(rows[i].name) == len && strncmp(rows[i].name, text, len) == 0) {
            *style = rows[i].style;
        }
    }
}

static enum music_head_side side_of(const struct notation_tag *tag) {
    switch (tag != NULL ? tag->kind : TAG_HEADS_NORMAL) {
    case TAG_HEADS_REVERSE:
        return MUSIC_SIDE_REVERSE;
    case TAG_HEADS_CENTER:
        return MUSIC_SIDE_CENTER;
    case TAG_HEADS_LEFT:
        return MUSIC_SIDE_LEFT;
    case TAG_HEADS_RIGHT:
        return MUSIC_SIDE_RIGHT;
    default:
        return MUSIC_SIDE_NORMAL;
    }
}

/* A tag of one of the kinds first..last on this member alone, else what the voice says. */
static const struct notation_tag *member_tag(const struct heads_maker *maker,
                                             const struct notation_note *note,
                                             enum notation_tag_kind first,
                                             enum notation_tag_kind last,
                                             const struct notation_tag *otherwise) {
    const struct notation_voice *model = maker->voice->model;
    for (uint32_t i = 0; i < note->n_tags; i++) {
        const struct notation_tag *tag = &model->tags[note->tags[i]];
        if (tag->kind >= first && tag->kind <= last) {
            otherwise = tag;
        }
    }
    return otherwise;
}

static void make_head(const struct heads_maker *maker, const struct music_chord *chord,
                      const struct clef_at *clef, const struct notation_note *note,
                      struct music_head *head) {
    static const int semitones[7] = {0, 2, 4, 5, 7, 9, 11};
    uint32_t event = chord->event;
    const struct notation_tag *format = member_tag(maker, note, TAG_NOTE_FORMAT, TAG_NOTE_FORMAT,
                                                   arrange_state(maker->formats, event));
    const struct notation_tag *octave = arrange_state(maker->octaves, event);
    struct music_look look = look_default();
    if (chord->is_cue) {
        look.color = (struct music_color){0, 0, 255, 255};
    }
    head->note = note;
    head->tie_to_chord = head->tie_to_head = NOTATION_NONE;
    head->look = look_of_tag(format, look);
    head->accidental_look = head->dot_look = look;
    head->accidental_look.color = head->dot_look.color = head->look.color;
    head->dot_look = look_of_tag(
        member_tag(maker, note, TAG_DOT_FORMAT, TAG_DOT_FORMAT, arrange_state(maker->dots, event)),
        head->dot_look);
    head->side = side_of(member_tag(maker, note, TAG_HEADS_REVERSE, TAG_HEADS_NORMAL,
                                    arrange_state(maker->sides, event)));
    if (note->is_tab) {
        head->position = 7 - 2 * note->tab_string;
        head->tab_text = note->text != NULL ? note->text : "";
        return;
    }
    heads_parse_style(format != NULL ? notation_tag_text(format, "style", "standard") : "",
                      &head->style, &head->bracket);
    int shift = octave != NULL ? (int)notation_tag_number(octave, "i", 0) : 0;
    int middle_c = clef != NULL ? clef->clef.middle_c : -6;
    head->position = middle_c + 7 * (note->octave - 1 - shift) + note->step;
    head->pitch = 12 * (note->octave + 4) + semitones[note->step] + note->alter + note->detune;
}

static bool is_hidden_at(const struct music_staff *staff, struct rational date) {
    size_t low = 0, high = staff->n_hidden;
    while (low < high) { /* first stretch that begins later */
        size_t middle = low + (high - low) / 2;
        if (date_less(date, staff->hidden[middle].begin)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low > 0 && date_less(date, staff->hidden[low - 1].end);
}

/* Copies as the instrument reads them, lowest first; NULL: arena full. */
static const struct notation_note **transpose(struct arranger *arranger,
                                              const struct notation_note **notes, uint32_t n_notes,
                                              struct notation_interval up) {
    struct notation_note *copies = arena_array(arranger->arena, n_notes, sizeof(*copies));
    const struct notation_note **order =
        arena_array(arranger->scratch, n_notes, sizeof(const void *));
    if (copies == NULL || order == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < n_notes; i++) {
        copies[i] = *notes[i];
        notation_note_transpose(&copies[i], up);
        uint32_t place = i;
        for (; place > 0 && heads_compare(order[place - 1], &copies[i]) > 0; place--) {
            order[place] = order[place - 1]; /* names with many accidentals change places */
        }
        order[place] = &copies[i];
    }
    return order;
}

int heads_make(struct heads_maker *maker, struct music_chord *chord,
               const struct notation_note **notes, uint32_t n_notes) {
    struct arranger *arranger = maker->arranger;
    const struct notation_event *event = &maker->voice->model->events[chord->event];
    chord->is_hidden = is_hidden_at(&arranger->music->staves[chord->staff], chord->date);
    if (chord->kind != MUSIC_CHORD) {
        if (chord->is_cue) {
            chord->look.color = (struct music_color){0, 0, 255, 255};
        }
        chord->look = look_of_tag(arrange_state(maker->rests, chord->event), chord->look);
        return 0;
    }
    const struct clef_at *clef = arrange_clef(arranger, chord->staff, chord->date);
    struct notation_interval up = arrange_written(arranger, chord->staff, event->date);
    notes = notation_interval_is_none(up) ? notes : transpose(arranger, notes, n_notes, up);
    if (notes == NULL) {
        return LG_ETOOLARGE;
    }
    chord->heads = arena_array(arranger->arena, n_notes, sizeof(*chord->heads));
    if (chord->heads == NULL) {
        return LG_ETOOLARGE;
    }
    chord->n_heads = n_notes;
    for (uint32_t i = 0; i < n_notes; i++) {
        make_head(maker, chord, clef, notes[i], &chord->heads[i]);
        chord->heads[i].pitch -= up.semitones; /* what sounds stays */
    }
    chord->cluster_tag = arrange_state(maker->clusters, chord->event);
    chord->is_cluster = chord->cluster_tag != NULL && event->n_notes >= 2;
    if (chord->is_cue) {
        chord->look.color = (struct music_color){0, 0, 255, 255};
    }
    return 0;
}
