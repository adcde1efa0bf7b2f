/* Texts of clefs, keys and meters; see signature_text.h. */
#include "renderer/notation/music/signature_text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/music/dates.h"

#define KEY_SIGNS_MAX    16
#define METER_NUMBER_MAX 1024

static const struct {
    const char *name;
    enum music_clef_sign sign;
    int line;
} CLEFS[] = {
    {"treble", MUSIC_CLEF_G, 2},  {"violin", MUSIC_CLEF_G, 2},
    {"bass", MUSIC_CLEF_F, 4},    {"basso", MUSIC_CLEF_F, 4},
    {"soprano", MUSIC_CLEF_C, 1}, {"alto", MUSIC_CLEF_C, 3},
    {"tenor", MUSIC_CLEF_C, 4},   {"perc", MUSIC_CLEF_PERCUSSION, 2},
    {"TAB", MUSIC_CLEF_TAB, 2},   {"gg", MUSIC_CLEF_GG, 2},
    {"g", MUSIC_CLEF_G, 2},       {"f", MUSIC_CLEF_F, 4},
    {"c", MUSIC_CLEF_C, 3},
};

static int middle_c(const struct music_clef *clef) {
    int line = 2 * (clef->line - 3);
    switch (clef->sign) {
    case MUSIC_CLEF_F:
        return line + 4 - 7 * clef->octaves;
    case MUSIC_CLEF_C:
        return line - 7 * clef->octaves;
    case MUSIC_CLEF_G:
    case MUSIC_CLEF_GG:
        return line - 4 - 7 * clef->octaves;
    default: /* read as g2, whatever line the percussion sign names */
        return -6 - 7 * clef->octaves;
    }
}

static bool parse_octaves(const char *text, int *octaves) {
    static const struct {
        const char *suffix;
        int octaves;
    } rows[] = {
        {"", 0}, {"+8", 1}, {"-8", -1}, {"+15", 2}, {"-15", -2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(text, rows[i].suffix) == 0) {
            *octaves = rows[i].octaves;
            return true;
        }
    }
    return false;
}

struct music_clef signature_parse_clef(const char *text) {
    struct music_clef clef = {.sign = MUSIC_CLEF_NONE, .line = 2};
    for (size_t i = 0; i < sizeof(CLEFS) / sizeof(CLEFS[0]); i++) {
        size_t len = strlen(CLEFS[i].name);
        if (strncmp(text, CLEFS[i].name, len) != 0) {
            continue;
        }
        const char *rest = text + len;
        int line = CLEFS[i].line, octaves;
        if (*rest >= '0' && *rest <= '5') {
            line = *rest++ - '0';
        }
        if (parse_octaves(rest, &octaves)) {
            clef = (struct music_clef){.sign = CLEFS[i].sign, .line = line, .octaves = octaves};
            break;
        }
    }
    clef.middle_c = middle_c(&clef);
    return clef;
}

bool signature_parse_tonic(const char *text, int *fifths) {
    /* Fifths of c d e f g a b as major keys. */
    static const int major[] = {0, 2, 4, -1, 1, 3, 5};
    char letter = (char)tolower((unsigned char)text[0]);
    const char *place = letter == 'h' ? "b" : strchr("cdefgab", letter);
    if (letter == '\0' || place == NULL) {
        return false;
    }
    int result = major[letter == 'h' ? 6 : strchr("cdefgab", letter) - "cdefgab"];
    if (islower((unsigned char)text[0])) {
        result -= 3;
    }
    for (text++; *text == '#' || *text == '&'; text++) {
        result += *text == '#' ? 7 : -7;
    }
    if (*text != '\0' || result < -7 || result > 7) {
        return false;
    }
    *fifths = result;
    return true;
}

/* Heights in treble; for other clefs see shifts below. */
static const int SHARP_STEPS[7] = {3, 0, 4, 1, 5, 2, 6};
static const int FLAT_STEPS[7] = {6, 2, 5, 1, 4, 0, 3};
/* By how far c lies above that of treble, modulo 7: heights of the first to seventh sign. */
static const int SHARP_HEIGHTS[7][7] = {
    {4, 1, 5, 2, -1, 3, 0},  {-2, 2, -1, 3, 0, 4, 1}, {-1, 3, 0, 4, 1, 5, 2},
    {0, 4, 1, 5, 2, -1, 3},  {1, -2, 2, -1, 3, 0, 4}, {2, -1, 3, 0, -3, 1, -2},
    {3, 0, 4, 1, -2, 2, -1},
};
static const int FLAT_HEIGHTS[7][7] = {
    {0, 3, -1, 2, -2, 1, -3},  {1, 4, 0, 3, -1, 2, -2}, {2, -2, 1, -3, 0, 3, -1},
    {3, -1, 2, -2, 1, -3, 0},  {4, 0, 3, -1, 2, -2, 1}, {-2, 1, -3, 0, -4, -1, -5},
    {-1, 2, -2, 1, -3, 0, -4},
};

static int clef_shift(const struct music_clef *clef) {
    return ((clef->middle_c + 6) % 7 + 7) % 7;
}

void signature_set_fifths(struct music_key *key, int fifths, const struct music_clef *clef) {
    int shift = clef_shift(clef);
    int n = fifths < 0 ? -fifths : fifths;
    key->fifths = fifths;
    key->is_free = false;
    key->n_signs = n < 7 ? n : 7;
    for (int i = 0; i < key->n_signs; i++) {
        key->signs[i] =
            fifths > 0
                ? (struct music_key_sign){MUSIC_SHARP, SHARP_STEPS[i], SHARP_HEIGHTS[shift][i]}
                : (struct music_key_sign){MUSIC_FLAT, FLAT_STEPS[i], FLAT_HEIGHTS[shift][i]};
    }
}

/* A height for a step where no octave is written: where a signature has it. */
static int free_height(int step, int quarters, const struct music_clef *clef) {
    int shift = clef_shift(clef);
    for (int i = 0; i < 7; i++) {
        if (quarters > 0 && SHARP_STEPS[i] == step) {
            return SHARP_HEIGHTS[shift][i];
        }
        if (quarters <= 0 && FLAT_STEPS[i] == step) {
            return FLAT_HEIGHTS[shift][i];
        }
    }
    return 0;
}

static const char *parse_free_accidental(const char *text, int *quarters) {
    if (*text == '[') {
        char *end;
        double semitones = strtod(text + 1, &end);
        if (end != text + 1 && isfinite(semitones)) {
            *quarters = (int)lround(fmax(-2, fmin(2, semitones)) * 2);
        }
        text = end;
        while (*text != '\0' && *text != ']') {
            text++;
        }
        return *text == ']' ? text + 1 : text;
    }
    int sum = 0;
    const char *first = text;
    while (*text == '#' || *text == '&') {
        sum += *text++ == '#' ? 2 : -2;
    }
    if (text != first) {
        *quarters = sum;
    }
    return text;
}

void signature_set_free(struct music_key *key, const char *text, const struct music_clef *clef) {
    int quarters = 2;
    if (strncmp(text, "free=", 5) == 0) {
        text += 5;
    }
    key->is_free = true;
    key->fifths = 0;
    key->n_signs = 0;
    while (*text != '\0' && key->n_signs < KEY_SIGNS_MAX) {
        const char *steps = "cdefgab";
        const char *place = *text == 'h' ? steps + 6 : strchr(steps, *text);
        text++;
        if (place == NULL) {
            continue;
        }
        int step = (int)(place - steps), octave = 0;
        bool has_octave = false;
        for (int i = 0; i < 2; i++) { /* octave and accidental in either order */
            text = parse_free_accidental(text, &quarters);
            if (isdigit((unsigned char)*text)) {
                octave = *text++ - '0';
                has_octave = true;
            }
        }
        key->signs[key->n_signs++] = (struct music_key_sign){
            .accidental = accidental_of_quarters(quarters),
            .step = step,
            .position = has_octave ? clef->middle_c + 7 * (octave - 1) + step
                                   : free_height(step, quarters, clef),
        };
    }
}

static bool parse_number(const char **text, int *out) {
    int number = 0;
    const char *at = *text;
    while (*at == ' ') {
        at++;
    }
    const char *first = at;
    while (isdigit((unsigned char)*at) && number <= METER_NUMBER_MAX) {
        number = number * 10 + (*at++ - '0');
    }
    while (*at == ' ') {
        at++;
    }
    *text = at;
    *out = number;
    return at != first && number > 0 && number <= METER_NUMBER_MAX;
}

/* "2+3/8", "3/4+2/8": numerators wait for their denominator. */
static bool parse_parts(struct music_meter *meter, const char *text) {
    int n_open = 0, n_fractions = 0;
    for (;;) {
        int number;
        if (meter->n_parts >= 8 || !parse_number(&text, &number)) {
            return false;
        }
        meter->parts[meter->n_parts++].num = number;
        n_open++;
        if (*text == '/') {
            text++;
            if (!parse_number(&text, &number)) {
                return false;
            }
            for (int i = meter->n_parts - n_open; i < meter->n_parts; i++) {
                meter->parts[i].den = number;
            }
            n_open = 0;
            n_fractions++;
        }
        if (*text == '\0') {
            meter->is_sum_of_fractions = n_fractions > 1;
            return n_open == 0;
        }
        if (*text++ != '+') {
            return false;
        }
    }
}

struct music_meter signature_parse_meter(const char *text) {
    struct music_meter none = {.look = MUSIC_METER_NONE, .length = {0, 1}};
    struct music_meter meter = none;
    if (strcmp(text, "C") == 0 || strcmp(text, "c") == 0) {
        meter.look = MUSIC_METER_COMMON;
        meter.n_parts = 1;
        meter.parts[0].num = meter.parts[0].den = 4;
    } else if (strcmp(text, "C/") == 0 || strcmp(text, "c/") == 0) {
        meter.look = MUSIC_METER_CUT;
        meter.n_parts = 1;
        meter.parts[0].num = meter.parts[0].den = 2;
    } else if (parse_parts(&meter, text)) {
        meter.look = MUSIC_METER_NUMBERS;
    } else {
        return none;
    }
    for (int i = 0; i < meter.n_parts; i++) {
        meter.length =
            date_add(meter.length, (struct rational){meter.parts[i].num, meter.parts[i].den});
    }
    return meter;
}

bool signature_parse_range(const char *text, uint32_t *first, uint32_t *last, const char **rest) {
    int a, b;
    if (text == NULL || !parse_number(&text, &a)) {
        return false;
    }
    b = a;
    if (*text == '-') {
        text++;
        if (!parse_number(&text, &b)) {
            return false;
        }
    }
    *first = (uint32_t)(a < b ? a : b);
    *last = (uint32_t)(a < b ? b : a);
    if (rest != NULL) {
        *rest = text;
    }
    return true;
}

static const enum music_accidental BY_QUARTERS[9] = {
    MUSIC_DOUBLE_FLAT, MUSIC_FLAT_AND_HALF, MUSIC_FLAT,           MUSIC_HALF_FLAT,    MUSIC_NATURAL,
    MUSIC_HALF_SHARP,  MUSIC_SHARP,         MUSIC_SHARP_AND_HALF, MUSIC_DOUBLE_SHARP,
};

int accidental_quarters(enum music_accidental accidental) {
    for (int i = 0; i < 9; i++) {
        if (BY_QUARTERS[i] == accidental) {
            return i - 4;
        }
    }
    return 0;
}

enum music_accidental accidental_of_quarters(int quarters) {
    quarters = quarters < -4 ? -4 : quarters > 4 ? 4 : quarters;
    return BY_QUARTERS[quarters + 4];
}

struct music_key signature_read_key(const struct notation_tag *tag, const struct music_clef *clef) {
    struct music_key key = {0};
    int fifths;
    if (tag == NULL) {
        return key;
    }
    const struct notation_param *param = notation_tag_param(tag, "key");
    const char *free_key = notation_tag_text(tag, "free", "");
    const char *text = notation_tag_text(tag, "key", "");
    if (*free_key != '\0') {
        signature_set_free(&key, free_key, clef);
    } else if (strncmp(text, "free=", 5) == 0) {
        signature_set_free(&key, text, clef);
    } else if (param != NULL && param->kind != NOTATION_PARAM_STRING) {
        double number = param->number;
        signature_set_fifths(&key, number < -7 ? -7 : number > 7 ? 7 : (int)number, clef);
    } else if (signature_parse_tonic(text, &fifths)) {
        signature_set_fifths(&key, fifths, clef);
    } else {
        char *end;
        long number = strtol(text, &end, 10);
        bool is_number = end != text && *end == '\0' && number >= -7 && number <= 7;
        signature_set_fifths(&key, is_number ? (int)number : 0, clef);
    }
    return key;
}

static void transpose_sign(struct music_key *key, struct music_key_sign sign,
                           struct notation_interval up, const struct music_clef *clef) {
    int quarters = accidental_quarters(sign.accidental);
    bool is_customary = sign.position == free_height(sign.step, quarters, clef);
    struct notation_note note = {.step = sign.step, .alter = quarters / 2};
    notation_note_transpose(&note, up);
    int written = 2 * note.alter + quarters % 2;
    if ((written == 0 && quarters != 0) || key->n_signs >= KEY_SIGNS_MAX) {
        return; /* none is needed */
    }
    int higher = note.step + 7 * note.octave - sign.step;
    key->signs[key->n_signs++] = (struct music_key_sign){
        .accidental = accidental_of_quarters(written),
        .step = note.step,
        .position = is_customary ? free_height(note.step, written, clef) : sign.position + higher,
    };
}

/* Steps without a sign may get one: e of "free=f#" is f# a tone higher. */
static void transpose_free(struct music_key *key, struct notation_interval up,
                           const struct music_clef *clef) {
    struct music_key old = *key;
    bool has_sign[7] = {false};
    key->n_signs = 0;
    for (int i = 0; i < old.n_signs; i++) {
        has_sign[old.signs[i].step] = true;
        transpose_sign(key, old.signs[i], up, clef);
    }
    for (int step = 0; step < 7; step++) {
        struct notation_note note = {.step = step};
        notation_note_transpose(&note, up);
        if (!has_sign[step] && note.alter != 0 && key->n_signs < KEY_SIGNS_MAX) {
            key->signs[key->n_signs++] =
                (struct music_key_sign){accidental_of_quarters(2 * note.alter), note.step,
                                        free_height(note.step, 2 * note.alter, clef)};
        }
    }
}

void signature_transpose_key(struct music_key *key, struct notation_interval up,
                             const struct music_clef *clef) {
    int fifths = key->fifths + notation_interval_fifths(up);
    if (notation_interval_is_none(up)) {
        return;
    }
    if (key->is_free) {
        transpose_free(key, up, clef);
    } else {
        for (; fifths > 7; fifths -= 12) {
            up.steps++;
        }
        for (; fifths < -7; fifths += 12) {
            up.steps--;
        }
        signature_set_fifths(key, fifths, clef);
    }
    key->written = up;
}
