/* <notations> and <lyric> of a note: ties, slurs, articulations, ornaments, texts. */
#include <string.h>

#include "renderer/notation/read/musicxml/mx.h"

struct target {
    struct mx_event *event;
    struct mx_member *member; /* NULL for rests */
    const struct mx_voice *voice;
};

static void wrap(struct mx *mx, const struct target *target, const struct notation_tag *tag) {
    mx_add_tag(mx, &target->event->wraps, tag);
}

/* "above" and "below" of placement, and what stands for them at curves. */
static const char *side(struct mx *mx, const xmlNode *node, const char *above, const char *below) {
    const char *orientation = mx_attribute(mx, node, "orientation");
    const char *placement = mx_attribute(mx, node, "placement");
    if (orientation != NULL) {
        return strcmp(orientation, "over") == 0 ? above : below;
    }
    return placement == NULL ? NULL : strcmp(placement, "above") == 0 ? above : below;
}

static void add_side(struct mx *mx, struct notation_tag *tag, const xmlNode *node) {
    const char *place = side(mx, node, "above", "below");
    if (place != NULL) {
        mx_param_text(mx, tag, "position", place);
    }
}

/* A pair that begins at the event, or with `at_member` at its note. */
static void begin(struct mx *mx, const struct target *target, struct notation_tag *tag, int key,
                  bool at_member) {
    tag->id = mx_span_begin(mx, tag->kind, key, target->voice->name, target->voice->home_staff);
    bool is_chord = at_member && target->member != NULL;
    mx_add_tag(mx, is_chord ? &target->member->begins : &target->event->begins, tag);
}

/* Its end: behind the event, or in the voice where it began. */
static void end(struct mx *mx, const struct target *target, const xmlNode *node,
                enum notation_tag_kind kind, int key) {
    struct mx_span span;
    struct notation_tag tag = mx_tag(kind, node);
    if (!mx_span_end(mx, kind, key, target->voice->name, &span)) {
        return;
    }
    tag.id = span.id;
    tag.is_pair = true;
    if (span.voice != NULL && strcmp(span.voice, target->voice->name) != 0) {
        struct mx_entry entry = {.date = mx_date(mx),
                                 .rank = MX_RANK_END,
                                 .what = MX_PAIR_END,
                                 .staff = span.staff,
                                 .tag = tag};
        rational_add(entry.date, target->event->duration, &entry.date);
        mx_pend(mx, &entry, span.voice);
        return;
    }
    mx_add_tag(mx, &target->event->ends, &tag);
}

static int number_of(struct mx *mx, const xmlNode *node) {
    return (int)mx_integer(mx_attribute(mx, node, "number"), 1, 1, 1000);
}

static void read_curve(struct mx *mx, const struct target *target, const xmlNode *node,
                       enum notation_tag_kind kind, int key) {
    const char *curve = side(mx, node, "up", "down");
    struct notation_tag tag = mx_tag(kind, node);
    if (curve != NULL && kind != TAG_GLISSANDO) {
        mx_param_text(mx, &tag, NULL, curve);
    }
    if (mx_attribute_is(node, "type", "stop")) {
        end(mx, target, node, kind, key);
    } else if (mx_attribute_is(node, "type", "start")) {
        begin(mx, target, &tag, key, kind == TAG_TIE);
    }
}

static int pitch_key(const struct target *target) {
    const struct notation_note *note = &target->member->note;
    return note->octave * 7 + note->step;
}

static void read_tuplet(struct mx *mx, const struct target *target, const xmlNode *note,
                        const xmlNode *node) {
    if (mx_attribute_is(node, "type", "stop")) {
        end(mx, target, node, TAG_TUPLET, number_of(mx, node));
        return;
    }
    const xmlNode *ratio = mx_child(note, "time-modification");
    const xmlNode *own = mx_child(node, "tuplet-actual");
    int64_t actual =
        mx_integer(ratio != NULL ? mx_child_text(mx, ratio, "actual-notes") : NULL, 3, 1, 999);
    int64_t normal =
        mx_integer(ratio != NULL ? mx_child_text(mx, ratio, "normal-notes") : NULL, 2, 1, 999);
    if (own != NULL) {
        actual = mx_integer(mx_child_text(mx, own, "tuplet-number"), actual, 1, 999);
    }
    bool has_bracket = !mx_attribute_is(node, "bracket", "no");
    const char *figure = mx_attribute_is(node, "show-number", "none") ? ""
                         : mx_attribute_is(node, "show-number", "both")
                             ? mx_format(mx, "%d:%d", (int)actual, (int)normal)
                             : mx_format(mx, "%d", (int)actual);
    const char *edge = has_bracket ? "-" : "";
    struct notation_tag tag = mx_tag(TAG_TUPLET, node);
    mx_param_text(mx, &tag, NULL, mx_format(mx, "%s%s%s", edge, figure, edge));
    add_side(mx, &tag, node);
    begin(mx, target, &tag, number_of(mx, node), false);
}

/* Elements that become one range tag around the event. */
struct simple_row {
    const char *element;
    enum notation_tag_kind kind;
    const char *param, *value; /* NULL: none */
};

static const struct simple_row simple_rows[] = {
    {"accent", TAG_ACCENT, NULL, NULL},
    {"strong-accent", TAG_MARCATO, NULL, NULL},
    {"staccato", TAG_STACCATO, NULL, NULL},
    {"staccatissimo", TAG_STACCATO, "type", "heavy"},
    {"spiccato", TAG_STACCATO, "type", "heavy"},
    {"tenuto", TAG_TENUTO, NULL, NULL},
    {"turn", TAG_TURN, NULL, NULL},
    {"delayed-turn", TAG_TURN, NULL, NULL},
    {"inverted-turn", TAG_TURN, "type", "inverted"},
    {"mordent", TAG_MORDENT, "type", "inverted"},
    {"inverted-mordent", TAG_MORDENT, "type", "prall"},
    {"up-bow", TAG_BOW, "type", "up"},
    {"down-bow", TAG_BOW, "type", "down"},
    {"harmonic", TAG_HARMONIC, NULL, NULL},
    {"stopped", TAG_PIZZICATO, "type", "lefthand"},
    {"snap-pizzicato", TAG_PIZZICATO, "type", "snap"},
};

static bool read_simple(struct mx *mx, const struct target *target, const xmlNode *node) {
    for (size_t i = 0; i < sizeof(simple_rows) / sizeof(simple_rows[0]); i++) {
        const struct simple_row *row = &simple_rows[i];
        if (!mx_is(node, row->element)) {
            continue;
        }
        struct notation_tag tag = mx_tag(row->kind, node);
        if (row->param != NULL) {
            mx_param_text(mx, &tag, row->param, row->value);
        }
        add_side(mx, &tag, node);
        wrap(mx, target, &tag);
        return true;
    }
    return false;
}

static void read_articulation(struct mx *mx, const struct target *target, const xmlNode *node) {
    if (read_simple(mx, target, node)) {
        return;
    }
    if (mx_is(node, "detached-legato")) {
        struct notation_tag dot = mx_tag(TAG_STACCATO, node), line = mx_tag(TAG_TENUTO, node);
        wrap(mx, target, &line);
        wrap(mx, target, &dot);
    } else if (mx_is(node, "breath-mark") || mx_is(node, "caesura")) {
        struct notation_tag breath = mx_tag(TAG_BREATH_MARK, node);
        mx_add_tag(mx, &target->event->ends, &breath);
    }
}

static const char *accidental_sign(struct mx *mx, const xmlNode *node) {
    static const char *const rows[][2] = {{"sharp", "#"},
                                          {"flat", "&"},
                                          {"natural", "natural"},
                                          {"double-sharp", "##"},
                                          {"flat-flat", "&&"}};
    const char *text = mx_text(mx, node);
    for (size_t i = 0; text != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(text, rows[i][0]) == 0) {
            return rows[i][1];
        }
    }
    return NULL;
}

static void read_tremolo(struct mx *mx, const struct target *target, const xmlNode *node) {
    static const char strokes[] = "////////";
    int n = (int)mx_integer(mx_text(mx, node), 3, 0, 8);
    struct notation_tag tag = mx_tag(TAG_TREMOLO, node);
    if (mx_attribute_is(node, "type", "stop")) {
        end(mx, target, node, TAG_TREMOLO, 1);
        return;
    }
    mx_param_text(mx, &tag, "style", mx_format(mx, "%.*s", n, strokes));
    if (mx_attribute_is(node, "type", "start")) {
        begin(mx, target, &tag, 1, false);
    } else {
        wrap(mx, target, &tag);
    }
}

static void read_ornaments(struct mx *mx, const struct target *target, const xmlNode *ornaments) {
    struct mx_tags *wraps = &target->event->wraps;
    size_t n_before = wraps->n;
    const xmlNode *wavy = mx_child(ornaments, "wavy-line");
    bool begins_line = wavy != NULL && mx_attribute_is(wavy, "type", "start");
    for (xmlNode *node = mx_element(ornaments->children); node != NULL;
         node = mx_element(node->next)) {
        if (mx_is(node, "trill-mark") && !begins_line) {
            struct notation_tag tag = mx_tag(TAG_TRILL, node);
            mx_param_text(mx, &tag, "wavy", "false");
            add_side(mx, &tag, node);
            wrap(mx, target, &tag);
        } else if (mx_is(node, "tremolo")) {
            read_tremolo(mx, target, node);
        } else if (mx_is(node, "accidental-mark") && wraps->n > n_before) {
            const char *sign = accidental_sign(mx, node);
            if (sign != NULL) {
                mx_param_text(mx, &wraps->tags[wraps->n - 1], "accidental", sign);
            }
        } else if (mx_is(node, "wavy-line") && mx_attribute_is(node, "type", "stop")) {
            end(mx, target, node, TAG_TRILL, number_of(mx, node));
        } else {
            read_simple(mx, target, node);
        }
    }
    if (begins_line) {
        bool has_sign = mx_child(ornaments, "trill-mark") != NULL;
        struct notation_tag tag = mx_tag(TAG_TRILL, wavy);
        if (!has_sign) {
            mx_param_text(mx, &tag, "tr", "false");
        }
        begin(mx, target, &tag, number_of(mx, wavy), false);
    }
}

static void read_technical(struct mx *mx, const struct target *target, const xmlNode *technical) {
    for (xmlNode *node = mx_element(technical->children); node != NULL;
         node = mx_element(node->next)) {
        const char *text = mx_is(node, "fingering") ? mx_text(mx, node) : NULL;
        if (text == NULL) {
            read_simple(mx, target, node);
            continue;
        }
        struct notation_tag tag = mx_tag(TAG_FINGERING, node);
        mx_param_text(mx, &tag, NULL, text);
        add_side(mx, &tag, node);
        tag.has_range = true;
        mx_add_tag(mx, target->member != NULL ? &target->member->tags : &target->event->wraps,
                   &tag);
    }
}

static void read_fermata(struct mx *mx, const struct target *target, const xmlNode *node) {
    const char *shape = mx_text(mx, node);
    struct notation_tag tag = mx_tag(TAG_FERMATA, node);
    bool is_short = shape != NULL && strstr(shape, "angled") != NULL;
    bool is_long = shape != NULL && strstr(shape, "square") != NULL;
    mx_param_text(mx, &tag, "type", is_short ? "short" : is_long ? "long" : "regular");
    if (mx_attribute_is(node, "type", "inverted")) {
        mx_param_text(mx, &tag, "position", "below");
    }
    wrap(mx, target, &tag);
}

static void read_arpeggio(struct mx *mx, const struct target *target, const xmlNode *node) {
    const char *direction = mx_attribute(mx, node, "direction");
    struct notation_tag tag = mx_tag(TAG_ARPEGGIO, node);
    for (size_t i = 0; i < target->event->wraps.n; i++) {
        if (target->event->wraps.tags[i].kind == TAG_ARPEGGIO) {
            return; /* every note of the chord says so */
        }
    }
    if (direction != NULL) {
        mx_param_text(mx, &tag, NULL, direction);
    }
    wrap(mx, target, &tag);
}

static void read_notation(struct mx *mx, const xmlNode *note, const struct target *target,
                          const xmlNode *node, bool is_first) {
    xmlNode *child = mx_element(node->children);
    if (mx_is(node, "tied") && target->member != NULL) {
        read_curve(mx, target, node, TAG_TIE, pitch_key(target));
    } else if (mx_is(node, "slur")) {
        read_curve(mx, target, node, TAG_SLUR, number_of(mx, node));
    } else if (mx_is(node, "glissando") || mx_is(node, "slide")) {
        read_curve(mx, target, node, TAG_GLISSANDO, number_of(mx, node) * 2 + mx_is(node, "slide"));
    } else if (mx_is(node, "tuplet")) {
        read_tuplet(mx, target, note, node);
    } else if (mx_is(node, "technical")) {
        read_technical(mx, target, node);
    } else if (mx_is(node, "arpeggiate")) {
        read_arpeggio(mx, target, node);
    } else if (!is_first) {
        return; /* the rest hangs on the chord as a whole */
    } else if (mx_is(node, "articulations")) {
        for (; child != NULL; child = mx_element(child->next)) {
            read_articulation(mx, target, child);
        }
    } else if (mx_is(node, "ornaments")) {
        read_ornaments(mx, target, node);
    } else if (mx_is(node, "fermata")) {
        read_fermata(mx, target, node);
    } else if (mx_is(node, "dynamics")) {
        struct notation_tag tag;
        if (mx_dynamics_tag(mx, node, &tag)) {
            mx_add_tag(mx, &target->event->before, &tag);
        }
    }
}

void mx_read_notations(struct mx *mx, const xmlNode *notations, struct mx_event *event,
                       struct mx_member *member, const struct mx_voice *voice, bool is_first) {
    const struct target target = {event, member, voice};
    const xmlNode *note = notations->parent;
    for (int pass = 0; pass < 2; pass++) { /* what ends here ends before anything begins */
        for (xmlNode *node = mx_element(notations->children); node != NULL;
             node = mx_element(node->next)) {
            bool is_stop = mx_attribute_is(node, "type", "stop");
            if (is_stop == (pass == 0)) {
                read_notation(mx, note, &target, node, is_first);
            }
        }
    }
}

void mx_read_ties(struct mx *mx, const xmlNode *note, struct mx_event *event,
                  struct mx_member *member, const struct mx_voice *voice) {
    const struct target target = {event, member, voice};
    for (const xmlNode *list = mx_child(note, "notations"); list != NULL; list = mx_next(list)) {
        if (mx_child(list, "tied") != NULL) {
            return;
        }
    }
    for (int pass = 0; pass < 2; pass++) {
        for (const xmlNode *tie = mx_child(note, "tie"); tie != NULL; tie = mx_next(tie)) {
            if (mx_attribute_is(tie, "type", pass == 0 ? "stop" : "start")) {
                read_curve(mx, &target, tie, TAG_TIE, pitch_key(&target));
            }
        }
    }
}

/* The text of one verse of a note, blanks as ~; NULL when there is none. */
static const char *syllable(struct mx *mx, const xmlNode *lyric) {
    const char *text = "";
    bool has_text = false;
    for (xmlNode *node = mx_element(lyric->children); node != NULL; node = mx_element(node->next)) {
        const char *piece = mx_is(node, "text") ? mx_text(mx, node) : NULL;
        bool is_elision = mx_is(node, "elision");
        if (piece != NULL) {
            text = mx_format(mx, "%s%s", text, piece);
            has_text = true;
        } else if (is_elision && has_text) {
            text = mx_format(mx, "%s~", text); /* one syllable, a blank inside */
        }
    }
    char *copy = arena_text(mx->arena, text, strlen(text));
    for (char *byte = copy; byte != NULL && *byte != '\0'; byte++) {
        *byte = *byte == ' ' || *byte == '\n' ? '~' : *byte; /* blanks would end it */
    }
    return copy != NULL && has_text ? copy : NULL;
}

void mx_read_lyrics(struct mx *mx, const xmlNode *note, struct mx_event *event) {
    for (const xmlNode *lyric = mx_child(note, "lyric"); lyric != NULL; lyric = mx_next(lyric)) {
        const char *syllabic = mx_child_text(mx, lyric, "syllabic");
        const char *text = syllable(mx, lyric);
        int verse = (int)mx_integer(mx_attribute(mx, lyric, "number"), 1, 1, MX_VERSES_MAX);
        if (text == NULL) {
            continue;
        }
        bool goes_on =
            syllabic != NULL && (strcmp(syllabic, "begin") == 0 || strcmp(syllabic, "middle") == 0);
        bool has_line = !goes_on && mx_child(lyric, "extend") != NULL;
        struct notation_tag tag = mx_tag(TAG_LYRICS, lyric);
        mx_param_text(mx, &tag, NULL,
                      mx_format(mx, "%s%s", text,
                                goes_on    ? "-"
                                : has_line ? "_"
                                           : ""));
        if (verse > 1) { /* a line of text lower each */
            mx_param_number(mx, &tag, "dy", -3 - 4 * (verse - 1), NOTATION_UNIT_HS);
        }
        mx_add_tag(mx, &event->wraps, &tag);
    }
}
