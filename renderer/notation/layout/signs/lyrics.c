/* Syllables under their heads, one baseline a verse and system; hyphens and extenders
 * between them (gmn.md 9, 12; 16, 26 and 46). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define TEXT_PT     12.0
#define TOP_OFF     1.5  /* top of the text under the bottom line: 5.5 of a five-line staff */
#define CAP_HEIGHT  0.68 /* of the em */
#define VERSES_MAX  32
#define HYPHEN_STEP 8.0  /* one hyphen in this length, at least one */
#define BLANK_MIN   0.25 /* between two syllables */

struct syllable {
    const struct music_syllable *syllable;
    bool has_hyphen, has_extender; /* of it and of the empty ones that follow */
    const struct placed_chord *placed;
    struct ink ink;
    double left, right; /* advance, not ink: blanks count */
};

struct verse {
    struct syllable *syllables;
    uint32_t n, capacity;
    struct ink_font font;
    double raise;
};

static struct ink_font font_of(const struct music_syllable *syllable) {
    struct ink_font font = {.size = TEXT_PT * PT};
    const struct notation_tag *tag = syllable->tag;
    if (tag != NULL) {
        font.family = notation_tag_text(tag, "font", NULL);
        font.size = fmin(fmax(vertical_length(tag, "fsize", font.size), 0.3), 40);
        const char *attributes = notation_tag_text(tag, "fattrib", "");
        for (const char *c = attributes; *c != '\0'; c++) {
            font.is_bold |= *c == 'b';
            font.is_italic |= *c == 'i';
            font.is_underlined |= *c == 'u';
        }
    }
    return font;
}

/* What \lyrics<dy> adds to the default height, upwards. */
static double raise_of(const struct music_syllable *syllable) {
    bool is_written =
        syllable->tag != NULL && !syllable->tag->is_automatic; /* MusicXML: the verse */
    return is_written ? vertical_length(syllable->tag, "dy", -1.5) + 1.5 : 0;
}

static void add_syllable(const struct vertical_staff *at, struct verse *verse,
                         const struct placed_chord *placed, const struct music_syllable *syllable) {
    if (syllable->text == NULL || syllable->text[0] == '\0') { /* `__`: what is before goes on */
        if (verse->n > 0 && !verse->syllables[verse->n - 1].has_hyphen) {
            verse->syllables[verse->n - 1].has_extender = true;
        }
        return;
    }
    size_t capacity = verse->capacity;
    if (!arena_grow(at->vertical->arena, (void **)&verse->syllables, verse->n, &capacity,
                    sizeof *verse->syllables)) {
        return;
    }
    verse->capacity = (uint32_t)capacity;
    struct ink_font font = font_of(syllable);
    const char *text = syllable->text;
    double width = text_width(&font, text), left = placed->center_x - width / 2;
    if (verse->n > 0) { /* a neighbour that is too wide moves this one on */
        left = fmax(left, verse->syllables[verse->n - 1].right + BLANK_MIN);
    } else {
        verse->font = font;
        verse->raise = raise_of(syllable);
    }
    struct syllable *item = &verse->syllables[verse->n++];
    *item = (struct syllable){.syllable = syllable,
                              .has_hyphen = syllable->has_hyphen,
                              .has_extender = syllable->has_extender,
                              .placed = placed,
                              .left = left,
                              .right = left + width};
    item->ink = vertical_text(ROLE_LYRIC, &font, text, left, 0);
    item->ink.chord = placed->chord;
    ink_measure(&item->ink);
}

/* Baseline of a verse: under the default height, clear of everything above it. */
static double baseline(const struct vertical_staff *at, const struct verse *verse, double least) {
    double y = least;
    for (uint32_t i = 0; i < verse->n; i++) {
        struct ink_box box = verse->syllables[i].ink.box;
        box.top = fmin(box.top, -CAP_HEIGHT * verse->font.size); /* even lines of even letters */
        y = vertical_clear(at, 1, &box, y, 0.4);
    }
    return y;
}

/* Bar lines may run through the lyrics: the dash steps aside where there is room. */
static double off_bars(const struct vertical_staff *at, double middle, double left, double right) {
    for (uint32_t i = 0; vertical_is_joined(at) && i < at->system->n_bars; i++) {
        const struct placed_bar *bar = &at->system->bars[i];
        if (bar->left - 0.6 < middle && bar->right + 0.6 > middle) {
            bool is_left = middle < (bar->left + bar->right) / 2;
            double aside = is_left ? bar->left - 0.6 : bar->right + 0.6;
            return aside - 0.35 > left && aside + 0.35 < right ? aside : middle;
        }
    }
    return middle;
}

static void add_dash(const struct vertical_staff *at, const struct verse *verse, double middle,
                     double y) {
    double half = fmin(0.35, verse->font.size * 0.16), height = y - verse->font.size * 0.22;
    struct ink ink = vertical_line(ROLE_LYRIC, middle - half, height, middle + half, height);
    ink.thickness = 0.15;
    vertical_add(at, &ink);
}

/* Evenly between two ends; none where there is no room. */
static void add_hyphens(const struct vertical_staff *at, const struct verse *verse, double left,
                        double right, double y) {
    double gap = right - left;
    if (gap < 0.5) {
        return;
    }
    int n = (int)fmin(fmax(floor(gap / HYPHEN_STEP + 0.5), 1), 100);
    for (int i = 0; i < n; i++) {
        add_dash(at, verse, off_bars(at, left + gap * (2 * i + 1) / (2 * n), left, right), y);
    }
}

/* Right edge of the last note of a melisma. */
static double melisma_end(const struct vertical_staff *at, const struct syllable *from) {
    const struct music *music = at->vertical->music;
    double right = from->placed->right;
    uint32_t chord = music->chords[from->placed->chord].next_in_voice;
    for (uint32_t n = 0; chord < music->n_chords && n < 10000; n++) {
        const struct music_chord *next = &music->chords[chord];
        const struct placed_chord *placed = vertical_find(at->vertical, chord);
        if (placed == NULL || placed->system != at->system_i) {
            return placed != NULL ? at->system->width - 0.5 : right;
        }
        for (uint32_t i = 0; i < next->n_syllables; i++) {
            if (next->syllables[i].verse == from->syllable->verse &&
                next->syllables[i].text != NULL && next->syllables[i].text[0] != '\0') {
                return right;
            }
        }
        if (next->kind == MUSIC_REST) {
            return right;
        }
        right = placed->right;
        chord = next->next_in_voice;
    }
    return right;
}

static void add_extender(const struct vertical_staff *at, const struct syllable *item, double limit,
                         double y) {
    double left = item->right + 0.2, right = fmin(melisma_end(at, item), limit - 0.4);
    if (right - left > 0.6) {
        struct ink ink = vertical_line(ROLE_LYRIC, left, y, right, y);
        ink.thickness = 0.12;
        vertical_add(at, &ink);
    }
}

/* The word of the first syllable began in the system before. */
static bool comes_from_before(const struct vertical_staff *at, const struct syllable *first) {
    const struct placed_score *placed = at->vertical->placed;
    const struct music *music = at->vertical->music;
    if (at->system_i == 0) {
        return false;
    }
    const struct music_chord *chord = &music->chords[first->placed->chord];
    for (uint32_t i = at->system->first_chord, n = 0; i-- > 0 && n < 400; n++) {
        const struct music_chord *before = &music->chords[placed->chords[i].chord];
        for (uint32_t k = 0; before->voice == chord->voice && k < before->n_syllables; k++) {
            const char *text = before->syllables[k].text;
            if (before->syllables[k].verse == first->syllable->verse && text != NULL &&
                text[0] != '\0') {
                return before->syllables[k].has_hyphen;
            }
        }
    }
    return false;
}

static void draw_verse(const struct vertical_staff *at, struct verse *verse, double y) {
    for (uint32_t i = 0; i < verse->n; i++) {
        struct syllable *item = &verse->syllables[i];
        bool is_last = i + 1 == verse->n;
        double limit = is_last ? at->system->width + 0.4 : verse->syllables[i + 1].left;
        if (i == 0 && comes_from_before(at, item)) {
            double from = vertical_continue_x(at->system);
            add_hyphens(at, verse, fmin(from, item->left - 1.2), item->left, y);
        }
        ink_move(&item->ink, 0, y);
        vertical_add(at, &item->ink);
        if (item->has_hyphen) {
            add_hyphens(at, verse, item->right, fmin(limit, at->system->width), y);
        } else if (item->has_extender) {
            add_extender(at, item, limit, y);
        }
    }
}

void lyrics_layout(struct vertical_staff *at) {
    struct verse verses[VERSES_MAX] = {0};
    int n_verses = 0;
    for (uint32_t i = 0; i < at->n_chords; i++) {
        const struct placed_chord *placed = &at->vertical->placed->chords[at->chords[i]];
        const struct music_chord *chord = vertical_music(at->vertical, placed);
        for (uint32_t k = 0; k < chord->n_syllables; k++) {
            int verse = chord->syllables[k].verse;
            if (verse >= 0 && verse < VERSES_MAX) {
                add_syllable(at, &verses[verse], placed, &chord->syllables[k]);
                n_verses = verse + 1 > n_verses ? verse + 1 : n_verses;
            }
        }
    }
    double least = at->staff->height + TOP_OFF;
    for (int i = 0; i < n_verses; i++) {
        struct verse *verse = &verses[i];
        if (verse->n == 0) {
            continue;
        }
        double first = least + CAP_HEIGHT * verse->font.size - (i == 0 ? verse->raise : 0);
        double y = baseline(at, verse, first);
        draw_verse(at, verse, y);
        at->lyrics_bottom = y;
        least = y + 0.42 * verse->font.size;
    }
}
