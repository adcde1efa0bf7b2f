/* <direction> and <harmony>: what stands beside the notes. */
#include <string.h>

#include "renderer/notation/read/musicxml/mx.h"

/* A text whose baseline is over the staff: gmn.md 12 counts from the bottom line. */
#define ABOVE_HS 11

/* What the parts of one <direction> share. */
struct direction {
    const xmlNode *node;
    struct rational date;
    int staff; /* of the score */
    const char *voice;
    bool is_above, has_side;
    const char *words, *metronome, *bpm;
    const xmlNode *words_node;
};

static void put(struct mx *mx, const struct direction *direction, const struct notation_tag *tag,
                enum mx_rank rank, enum mx_what what) {
    struct mx_entry entry = {.date = direction->date,
                             .rank = rank,
                             .what = what,
                             .staff = direction->staff,
                             .tag = *tag};
    mx_pend(mx, &entry, direction->voice);
}

static void put_position(struct mx *mx, const struct direction *direction,
                         const struct notation_tag *tag) {
    put(mx, direction, tag, MX_RANK_DIRECTION, MX_TAG);
}

bool mx_dynamics_tag(struct mx *mx, const xmlNode *dynamics, struct notation_tag *tag) {
    const char *text = "";
    for (xmlNode *node = mx_element(dynamics->children); node != NULL;
         node = mx_element(node->next)) {
        const char *other = mx_is(node, "other-dynamics") ? mx_text(mx, node) : NULL;
        text = mx_format(mx, "%s%.60s", text, other != NULL ? other : (const char *)node->name);
    }
    *tag = mx_tag(TAG_INTENSITY, dynamics);
    mx_param_text(mx, tag, NULL, text);
    return text[0] != '\0';
}

static void read_wedge(struct mx *mx, const struct direction *direction, const xmlNode *node) {
    int number = (int)mx_integer(mx_attribute(mx, node, "number"), 1, 1, 1000);
    bool is_cresc = mx_attribute_is(node, "type", "crescendo");
    struct notation_tag tag = mx_tag(is_cresc ? TAG_CRESCENDO : TAG_DIMINUENDO, node);
    struct mx_span span;
    if (is_cresc || mx_attribute_is(node, "type", "diminuendo")) {
        tag.id = mx_span_begin(mx, tag.kind, number, direction->voice, direction->staff);
        put(mx, direction, &tag, MX_RANK_BEGIN, MX_PAIR_BEGIN);
    } else if (mx_attribute_is(node, "type", "stop")) {
        bool is_open = mx_span_end(mx, TAG_CRESCENDO, number, direction->voice, &span) ||
                       mx_span_end(mx, TAG_DIMINUENDO, number, direction->voice, &span);
        if (is_open) { /* in the voice where it began */
            struct direction begin = *direction;
            begin.voice = span.voice;
            begin.staff = span.staff;
            tag.kind = span.kind;
            tag.id = span.id;
            put(mx, &begin, &tag, MX_RANK_END, MX_PAIR_END);
        }
    }
}

/* "[1/4.]" of a beat-unit and the dots behind it. */
static const char *beat(struct mx *mx, const xmlNode *unit) {
    static const char *const rows[][2] = {{"breve", "2"},     {"whole", "1/1"},  {"half", "1/2"},
                                          {"quarter", "1/4"}, {"eighth", "1/8"}, {"16th", "1/16"},
                                          {"32nd", "1/32"},   {"64th", "1/64"}};
    const char *text = mx_text(mx, unit), *value = "1/4";
    for (size_t i = 0; text != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        value = strcmp(text, rows[i][0]) == 0 ? rows[i][1] : value;
    }
    for (xmlNode *dot = mx_element(unit->next); dot != NULL && mx_is(dot, "beat-unit-dot");
         dot = mx_element(dot->next)) {
        value = mx_format(mx, "%s.", value);
    }
    return value;
}

static void read_metronome(struct mx *mx, struct direction *direction, const xmlNode *node) {
    const xmlNode *unit = mx_child(node, "beat-unit");
    const char *count = mx_child_text(mx, node, "per-minute");
    const xmlNode *second = unit != NULL ? mx_next(unit) : NULL;
    if (unit == NULL || (count == NULL && second == NULL)) {
        return;
    }
    const char *left = beat(mx, unit);
    const char *right = count != NULL ? count : beat(mx, second);
    const char *text = count != NULL ? mx_format(mx, "[%s] = %s", left, right)
                                     : mx_format(mx, "[%s] = [%s]", left, right);
    bool is_in_parentheses = mx_attribute_is(node, "parentheses", "yes");
    direction->metronome = is_in_parentheses ? mx_format(mx, "(%s)", text) : text;
    direction->bpm = mx_format(mx, "%s=%s", left, right);
}

static void read_octave_shift(struct mx *mx, const struct direction *direction,
                              const xmlNode *node) {
    int64_t size = mx_integer(mx_attribute(mx, node, "size"), 8, 8, 22);
    int octaves = size >= 22 ? 3 : size >= 15 ? 2 : 1;
    bool is_stop = mx_attribute_is(node, "type", "stop");
    bool is_up = mx_attribute_is(node, "type", "up"); /* printed higher than it sounds: 8vb */
    if (!is_stop && !is_up && !mx_attribute_is(node, "type", "down")) {
        return;
    }
    struct notation_tag tag = mx_tag(TAG_OCTAVA, node);
    mx_param_number(mx, &tag, NULL, is_stop ? 0 : is_up ? -octaves : octaves, NOTATION_UNIT_NONE);
    put(mx, direction, &tag, is_stop ? MX_RANK_END : MX_RANK_DIRECTION, MX_TAG);
}

static void read_type(struct mx *mx, struct direction *direction, const xmlNode *node) {
    struct notation_tag tag;
    if (mx_is(node, "words")) {
        const char *text = mx_text(mx, node);
        if (text != NULL) {
            bool is_more = direction->words != NULL;
            direction->words =
                mx_format(mx, "%s%s%s", is_more ? direction->words : "", is_more ? " " : "", text);
            direction->words_node = is_more ? direction->words_node : node;
        }
    } else if (mx_is(node, "dynamics")) {
        if (mx_dynamics_tag(mx, node, &tag)) {
            put_position(mx, direction, &tag);
        }
    } else if (mx_is(node, "wedge")) {
        read_wedge(mx, direction, node);
    } else if (mx_is(node, "metronome")) {
        read_metronome(mx, direction, node);
    } else if (mx_is(node, "rehearsal")) {
        const char *text = mx_text(mx, node);
        tag = mx_tag(TAG_MARK, node);
        mx_param_text(mx, &tag, NULL, text != NULL ? text : "");
        mx_param_text(mx, &tag, "enclosure", "square");
        put_position(mx, direction, &tag);
    } else if (mx_is(node, "segno") || mx_is(node, "coda")) {
        tag = mx_tag(mx_is(node, "segno") ? TAG_SEGNO : TAG_CODA, node);
        mx_param_text(mx, &tag, NULL, mx_is(node, "segno") ? "[segno]" : "[coda]");
        put_position(mx, direction, &tag);
    } else if (mx_is(node, "pedal")) {
        bool is_change = mx_attribute_is(node, "type", "change");
        bool is_stop = mx_attribute_is(node, "type", "stop");
        tag = mx_tag(TAG_PEDAL_OFF, node);
        if (is_stop || is_change) {
            put_position(mx, direction, &tag);
        }
        tag = mx_tag(TAG_PEDAL_ON, node);
        if (is_change || mx_attribute_is(node, "type", "start")) {
            put_position(mx, direction, &tag);
        }
    } else if (mx_is(node, "octave-shift")) {
        read_octave_shift(mx, direction, node);
    }
}

/* Jumps of <sound>, with the words as their text. */
static bool put_jump(struct mx *mx, const struct direction *direction, const xmlNode *sound) {
    static const struct {
        const char *attribute;
        enum notation_tag_kind kind, to_fine;
    } rows[] = {{"dacapo", TAG_DA_CAPO, TAG_DA_CAPO_AL_FINE},
                {"dalsegno", TAG_DAL_SEGNO, TAG_DAL_SEGNO_AL_FINE},
                {"tocoda", TAG_DA_CODA, TAG_DA_CODA},
                {"fine", TAG_FINE, TAG_FINE}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (xmlHasProp((xmlNode *)sound, (const xmlChar *)rows[i].attribute) == NULL ||
            mx_attribute_is(sound, rows[i].attribute, "no")) {
            continue;
        }
        bool is_to_fine = direction->words != NULL && strstr(direction->words, "ine") != NULL;
        struct notation_tag tag = mx_tag(is_to_fine ? rows[i].to_fine : rows[i].kind, sound);
        if (direction->words != NULL) {
            mx_param_text(mx, &tag, NULL, direction->words);
        }
        /* Behind the last note it belongs to this measure, before its bar line. */
        const struct rational length = mx->measures[mx->measure].length;
        bool is_last = length.num > 0 && rational_compare(mx->part->position, length) >= 0;
        put(mx, direction, &tag, is_last ? MX_RANK_END : MX_RANK_DIRECTION, MX_TAG);
        return true;
    }
    return false;
}

void mx_read_sound(struct mx *mx, const xmlNode *node) {
    struct direction direction = {
        .node = node, .date = mx_date(mx), .staff = mx->part->first_staff};
    put_jump(mx, &direction, node);
}

static void put_words(struct mx *mx, const struct direction *direction) {
    const xmlNode *node = direction->words_node;
    struct notation_tag tag = mx_tag(TAG_TEXT, node);
    double size = mx_number(mx_attribute(mx, node, "font-size"), 0);
    bool is_bold = mx_attribute_is(node, "font-weight", "bold");
    bool is_italic = mx_attribute_is(node, "font-style", "italic");
    mx_param_text(mx, &tag, NULL, direction->words);
    if (direction->is_above || !direction->has_side) {
        mx_param_number(mx, &tag, "dy", ABOVE_HS, NOTATION_UNIT_HS);
    }
    if (is_bold || is_italic) {
        mx_param_text(mx, &tag, "fattrib", is_bold && is_italic ? "bi" : is_bold ? "b" : "i");
    }
    if (size >= 4 && size <= 100) {
        mx_param_number(mx, &tag, "fsize", size, NOTATION_UNIT_PT);
    }
    put_position(mx, direction, &tag);
}

static void put_tempo(struct mx *mx, const struct direction *direction, const xmlNode *sound) {
    const char *tempo = sound != NULL ? mx_attribute(mx, sound, "tempo") : NULL;
    struct notation_tag tag = mx_tag(TAG_TEMPO, direction->node);
    const char *words = direction->words != NULL ? direction->words : "";
    const char *metronome = direction->metronome != NULL ? direction->metronome : "";
    bool has_both = words[0] != '\0' && metronome[0] != '\0';
    mx_param_text(mx, &tag, NULL, mx_format(mx, "%s%s%s", words, has_both ? " " : "", metronome));
    if (direction->bpm != NULL || tempo != NULL) {
        mx_param_text(mx, &tag, NULL,
                      direction->bpm != NULL ? direction->bpm : mx_format(mx, "1/4=%.20s", tempo));
    }
    put_position(mx, direction, &tag);
}

void mx_read_direction(struct mx *mx, xmlNode *node) {
    struct mx_part *part = mx->part;
    const char *placement = mx_attribute(mx, node, "placement");
    int staff = (int)mx_integer(mx_child_text(mx, node, "staff"), 1, 1, part->n_staves) - 1;
    struct direction direction = {
        .node = node,
        .date = mx_date(mx),
        .staff = part->first_staff + staff,
        .voice = mx_child_text(mx, node, "voice"),
        .is_above = placement != NULL && strcmp(placement, "above") == 0,
        .has_side = placement != NULL,
    };
    struct rational offset, per_division = {1, 4 * part->divisions};
    double divisions = mx_number(mx_child_text(mx, node, "offset"), 0);
    if (rational_from_float(divisions, &offset) &&
        rational_multiply(offset, per_division, &offset)) {
        rational_add(direction.date, offset, &direction.date);
    }
    direction.date = direction.date.num < 0 ? (struct rational){0, 1} : direction.date;
    for (const xmlNode *type = mx_child(node, "direction-type"); type != NULL;
         type = mx_next(type)) {
        for (xmlNode *child = mx_element(type->children); child != NULL;
             child = mx_element(child->next)) {
            read_type(mx, &direction, child);
        }
    }
    const xmlNode *sound = mx_child(node, "sound");
    bool is_tempo = sound != NULL && xmlHasProp((xmlNode *)sound, (const xmlChar *)"tempo") != NULL;
    if (sound != NULL && put_jump(mx, &direction, sound)) {
        return;
    }
    if (direction.metronome != NULL || (direction.words != NULL && is_tempo)) {
        put_tempo(mx, &direction, sound);
    } else if (direction.words != NULL) {
        put_words(mx, &direction);
    }
}

static const char *pitch_name(struct mx *mx, const xmlNode *node, const char *prefix) {
    const char *step =
        node != NULL ? mx_child_text(mx, node, mx_format(mx, "%s-step", prefix)) : NULL;
    int64_t alter =
        node != NULL
            ? mx_integer(mx_child_text(mx, node, mx_format(mx, "%s-alter", prefix)), 0, -2, 2)
            : 0;
    static const char *const signs[] = {"&&", "&", "", "#", "##"};
    return step != NULL ? mx_format(mx, "%.1s%s", step, signs[alter + 2]) : NULL;
}

/* What stands behind the root: "m7". */
static const char *kind_suffix(const char *name) {
    static const char *const kinds[][2] = {{"major", ""},
                                           {"minor", "m"},
                                           {"augmented", "+"},
                                           {"diminished", "dim"},
                                           {"dominant", "7"},
                                           {"major-seventh", "maj7"},
                                           {"minor-seventh", "m7"},
                                           {"diminished-seventh", "dim7"},
                                           {"augmented-seventh", "+7"},
                                           {"half-diminished", "m7&5"},
                                           {"major-minor", "m(maj7)"},
                                           {"major-sixth", "6"},
                                           {"minor-sixth", "m6"},
                                           {"dominant-ninth", "9"},
                                           {"major-ninth", "maj9"},
                                           {"minor-ninth", "m9"},
                                           {"dominant-11th", "11"},
                                           {"major-11th", "maj11"},
                                           {"minor-11th", "m11"},
                                           {"dominant-13th", "13"},
                                           {"major-13th", "maj13"},
                                           {"minor-13th", "m13"},
                                           {"suspended-second", "sus2"},
                                           {"suspended-fourth", "sus4"},
                                           {"power", "5"}};
    for (size_t i = 0; name != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(name, kinds[i][0]) == 0) {
            return kinds[i][1];
        }
    }
    return "";
}

void mx_read_harmony(struct mx *mx, xmlNode *node) {
    const char *root = pitch_name(mx, mx_child(node, "root"), "root");
    const char *bass = pitch_name(mx, mx_child(node, "bass"), "bass");
    const xmlNode *kind = mx_child(node, "kind");
    const char *name = kind != NULL ? mx_text(mx, kind) : NULL;
    const char *shown = kind != NULL ? mx_attribute(mx, kind, "text") : NULL;
    if (root == NULL || (kind != NULL && name != NULL && strcmp(name, "none") == 0)) {
        root = root == NULL ? "" : "N.C.";
    }
    const char *degrees = "";
    for (const xmlNode *degree = mx_child(node, "degree"); degree != NULL;
         degree = mx_next(degree)) {
        int64_t alter = mx_integer(mx_child_text(mx, degree, "degree-alter"), 0, -1, 1);
        const char *value = mx_child_text(mx, degree, "degree-value");
        degrees = mx_format(mx, "%s%s%.4s", degrees,
                            alter > 0   ? "#"
                            : alter < 0 ? "&"
                                        : "",
                            value != NULL ? value : "");
    }
    const char *text = mx_format(mx, "%s%s%s%s%s", root, shown != NULL ? shown : kind_suffix(name),
                                 degrees, bass != NULL ? "/" : "", bass != NULL ? bass : "");
    if (text[0] == '\0') {
        return;
    }
    struct direction direction = {
        .node = node,
        .date = mx_date(mx),
        .staff = mx->part->first_staff +
                 (int)mx_integer(mx_child_text(mx, node, "staff"), 1, 1, mx->part->n_staves) - 1,
    };
    struct notation_tag tag = mx_tag(TAG_HARMONY, node);
    mx_param_text(mx, &tag, NULL, text);
    put_position(mx, &direction, &tag);
}
