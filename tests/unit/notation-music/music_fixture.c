/* See music_fixture.h. */
#include "music_fixture.h"

#include <stdio.h>
#include <string.h>

#include "renderer/notation/read/gmn.h"

static char text[65536];

struct music *music_of(const char *gmn) {
    struct notation *notation;
    struct notation_message error = {0};
    struct music *music;
    int code = gmn_read(gmn, strlen(gmn), &notation, &error);
    if (code != 0) {
        fail_msg("%d:%d %s", error.line, error.column, error.text);
    }
    assert_int_equal(music_arrange(notation, &music), 0);
    return music;
}

void music_done(struct music *music) {
    notation_destroy((struct notation *)(uintptr_t)music->notation);
}

static void add(const char *piece) {
    size_t len = strlen(text);
    snprintf(text + len, sizeof(text) - len, "%s", piece);
}

static const char *finish(void) {
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == ' ') {
        text[len - 1] = '\0';
    }
    return text;
}

const char *music_values(const struct music *music, uint32_t voice) {
    text[0] = '\0';
    for (uint32_t i = music->voices[voice].first_chord; i != NOTATION_NONE;
         i = music->chords[i].next_in_voice) {
        const struct music_chord *chord = &music->chords[i];
        char piece[32];
        snprintf(piece, sizeof(piece), "%s%d%.*s%s ",
                 chord->is_grace               ? "g"
                 : chord->kind == MUSIC_REST   ? "r"
                 : chord->kind == MUSIC_SPACER ? "s"
                                               : "",
                 chord->value < 0 ? 0 : 1 << chord->value, chord->n_dots, "...",
                 chord->n_heads > 0 && chord->heads[0].tie_to_chord != NOTATION_NONE ? "~" : "");
        add(piece);
    }
    return finish();
}

static const char *letter_of(enum music_accidental accidental) {
    switch (accidental) {
    case MUSIC_DOUBLE_FLAT:
        return "d";
    case MUSIC_FLAT_AND_HALF:
        return "q";
    case MUSIC_FLAT:
        return "b";
    case MUSIC_HALF_FLAT:
        return "w";
    case MUSIC_NATURAL:
        return "n";
    case MUSIC_HALF_SHARP:
        return "+";
    case MUSIC_SHARP:
        return "#";
    case MUSIC_SHARP_AND_HALF:
        return "*";
    case MUSIC_DOUBLE_SHARP:
        return "x";
    case MUSIC_ACCIDENTAL_TEXT:
        return "t";
    default:
        return "-";
    }
}

const char *music_accidentals(const struct music *music, uint32_t voice) {
    text[0] = '\0';
    for (uint32_t i = music->voices[voice].first_chord; i != NOTATION_NONE;
         i = music->chords[i].next_in_voice) {
        for (uint32_t h = 0; h < music->chords[i].n_heads; h++) {
            const struct music_head *head = &music->chords[i].heads[h];
            add(head->is_accidental_bracketed ? "(" : "");
            add(letter_of(head->accidental));
            add(head->is_accidental_bracketed ? ")" : "");
        }
    }
    return text;
}

const char *music_beams(const struct music *music, uint32_t voice) {
    text[0] = '\0';
    uint32_t last = NOTATION_NONE, n = 0;
    for (uint32_t i = music->voices[voice].first_chord; i != NOTATION_NONE;
         i = music->chords[i].next_in_voice) {
        uint32_t beam = music->chords[i].beam;
        if (beam != NOTATION_NONE && beam != last) {
            n++;
            last = beam;
        }
        char piece[2] = {beam == NOTATION_NONE ? '.' : (char)('a' + (n - 1) % 26), '\0'};
        add(piece);
    }
    return text;
}

const char *music_stems(const struct music *music, uint32_t voice) {
    text[0] = '\0';
    for (uint32_t i = music->voices[voice].first_chord; i != NOTATION_NONE;
         i = music->chords[i].next_in_voice) {
        add(music->chords[i].stem > 0 ? "u" : music->chords[i].stem < 0 ? "d" : "-");
    }
    return text;
}

const char *music_bars(const struct music *music, uint32_t staff) {
    static const char *const signs[] = {"", "|", "||", "|]", "|:", ":|", ":|:", "!", ".", "[|"};
    text[0] = '\0';
    for (size_t i = 0; i < music->n_bars; i++) {
        if (music->bars[i].staff == staff) {
            char piece[80];
            snprintf(piece, sizeof(piece), "%s%s %ld/%ld ", signs[music->bars[i].kind],
                     music->bars[i].is_hidden ? "(hidden)" : "", (long)music->bars[i].date.num,
                     (long)music->bars[i].date.den);
            add(piece);
        }
    }
    return finish();
}

const char *music_measures(const struct music *music) {
    snprintf(text, sizeof(text), "0 ");
    for (size_t i = 0; i < music->n_measures; i++) {
        char piece[64];
        snprintf(piece, sizeof(piece), "%ld/%ld ", (long)music->measures[i].end.num,
                 (long)music->measures[i].end.den);
        add(piece);
    }
    return finish();
}

struct music_chord *music_chord_of(const struct music *music, uint32_t voice, size_t n) {
    uint32_t i = music->voices[voice].first_chord;
    while (n-- > 0 && i != NOTATION_NONE) {
        i = music->chords[i].next_in_voice;
    }
    assert_int_not_equal(i, NOTATION_NONE);
    return &music->chords[i];
}

const struct music_span *music_span_of(const struct music *music, enum music_span_kind kind,
                                       size_t n) {
    for (size_t i = 0; i < music->n_spans; i++) {
        if (music->spans[i].kind == kind && n-- == 0) {
            return &music->spans[i];
        }
    }
    return NULL;
}

const struct music_mark *music_mark_of(const struct music *music, enum music_mark_kind kind,
                                       size_t n) {
    for (size_t i = 0; i < music->n_marks; i++) {
        if (music->marks[i].kind == kind && n-- == 0) {
            return &music->marks[i];
        }
    }
    return NULL;
}
