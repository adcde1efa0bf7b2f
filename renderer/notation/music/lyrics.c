/* \lyrics: one syllable an event (gmn.md 9). A blank goes to the next event, `-` and `_` end a
 * syllable, `~` is a blank inside one. Nested ranges are further verses. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/lyric_text.h"

struct found_syllable {
    uint32_t chord, place;
    struct music_syllable syllable;
};

const char *lyric_next(const char *text, struct lyric *out) {
    while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r') {
        text++;
    }
    *out = (struct lyric){.text = text};
    if (*text == '\0') {
        return NULL;
    }
    out->len = strcspn(text, " \t\n\r-_");
    text += out->len;
    if (*text == '-') {
        out->has_hyphen = true;
        text++;
    } else if (*text == '_') {
        out->has_extender = true;
        text++;
    }
    return text;
}

static int add(struct arranger *arranger, struct list *found, uint32_t chord,
               const struct lyric *lyric, const struct notation_tag *tag, int verse) {
    struct found_syllable *syllable = list_add(arranger->scratch, found, sizeof(*syllable));
    char *text = arena_text(arranger->arena, lyric->text, lyric->len);
    if (syllable == NULL || text == NULL) {
        return LG_ETOOLARGE;
    }
    for (char *at = text; *at != '\0'; at++) {
        *at = *at == '~' ? ' ' : *at;
    }
    *syllable = (struct found_syllable){
        .chord = chord,
        .place = (uint32_t)found->n,
        .syllable = {.text = text,
                     .verse = verse,
                     .has_hyphen = lyric->has_hyphen,
                     .has_extender = lyric->has_extender,
                     .tag = tag},
    };
    return 0;
}

static int add_range(struct arranger *arranger, const struct arranged_voice *voice,
                     struct list *found, const struct notation_tag *tag, int verse) {
    const struct notation_voice *model = voice->model;
    const char *text = notation_tag_text(tag, "text", "");
    for (size_t event = tag->first_event; event < tag->end_event; event++) {
        uint32_t chord = arrange_first_chord(voice, event, event + 1);
        if (chord == NOTATION_NONE || model->events[event].is_grace ||
            model->events[event].kind == NOTATION_EMPTY) {
            continue;
        }
        struct lyric lyric;
        text = lyric_next(text, &lyric);
        if (text == NULL) {
            return 0;
        }
        int code = add(arranger, found, chord, &lyric, tag, verse);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

/* Verses by nesting; those of MusicXML, a tag a note, say by their height which one they are
 * (mx_notations.c: two spaces a verse). */
static int verse_of(const struct notation_tag *tag, int nesting) {
    if (!tag->is_automatic) {
        return nesting;
    }
    double verse = (-1.5 - notation_tag_length(tag, "dy", -1.5)) / 2;
    return verse >= 0 && verse < 100 ? (int)(verse + 0.5) : nesting;
}

static int compare_syllables(const void *a, const void *b) {
    const struct found_syllable *left = a, *right = b;
    if (left->chord != right->chord) {
        return left->chord < right->chord ? -1 : 1;
    }
    if (left->syllable.verse != right->syllable.verse) {
        return left->syllable.verse < right->syllable.verse ? -1 : 1;
    }
    return (left->place > right->place) - (left->place < right->place);
}

static int give_syllables(struct arranger *arranger, struct list *found) {
    struct found_syllable *all = found->items;
    struct music_syllable *syllables = arena_array(arranger->arena, found->n, sizeof(*syllables));
    if (syllables == NULL) {
        return LG_ETOOLARGE;
    }
    qsort(all, found->n, sizeof(*all), compare_syllables);
    for (size_t i = 0; i < found->n; i++) {
        struct music_chord *chord = &arranger->music->chords[all[i].chord];
        syllables[i] = all[i].syllable;
        if (chord->n_syllables == 0) {
            chord->syllables = &syllables[i];
        }
        chord->n_syllables++;
    }
    return 0;
}

int arrange_lyrics(struct arranger *arranger) {
    struct list found = {0};
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        const struct notation_voice *model = voice->model;
        int verse = 0, code = 0;
        if (voice->kinds[TAG_LYRICS] == 0) {
            continue;
        }
        for (size_t i = 0; i < model->n_items && code == 0; i++) {
            const struct notation_item *item = &model->items[i];
            const struct notation_tag *tag =
                item->kind != NOTATION_ITEM_EVENT ? &model->tags[item->index] : NULL;
            if (tag == NULL || tag->kind != TAG_LYRICS || !tag->has_range) {
                continue;
            }
            if (item->kind == NOTATION_ITEM_TAG_END) {
                verse--;
            } else {
                code = add_range(arranger, voice, &found, tag, verse_of(tag, verse));
                verse++;
            }
        }
        if (code != 0) {
            return code;
        }
    }
    return found.n > 0 ? give_syllables(arranger, &found) : 0;
}
