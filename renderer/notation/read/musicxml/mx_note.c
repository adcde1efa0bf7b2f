/* A <note>: which event it makes or joins, its pitch, duration and look. */
#include <math.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/read/musicxml/mx.h"

static const struct rational dot_factors[] = {{1, 1}, {3, 2}, {7, 4}, {15, 8}};

bool mx_note_type(struct mx *mx, const xmlNode *note, struct rational *base, int *n_dots) {
    static const struct {
        const char *name;
        struct rational value;
    } rows[] = {{"maxima", {8, 1}},  {"long", {4, 1}},     {"breve", {2, 1}},   {"whole", {1, 1}},
                {"half", {1, 2}},    {"quarter", {1, 4}},  {"eighth", {1, 8}},  {"16th", {1, 16}},
                {"32nd", {1, 32}},   {"64th", {1, 64}},    {"128th", {1, 128}}, {"256th", {1, 256}},
                {"512th", {1, 512}}, {"1024th", {1, 1024}}};
    const char *type = mx_child_text(mx, note, "type");
    *n_dots = 0;
    for (const xmlNode *dot = mx_child(note, "dot"); dot != NULL && *n_dots < 3;
         dot = mx_next(dot)) {
        (*n_dots)++;
    }
    for (size_t i = 0; type != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(type, rows[i].name) == 0) {
            *base = rows[i].value;
            return true;
        }
    }
    return false;
}

/* What the passes would draw for a duration: odd denominators are tuplets, whose notes have the
 * next longer power of two (gmn.md 10.6). */
static struct rational automatic_shape(struct rational duration) {
    struct rational reduced = rational_reduce(duration), shape = reduced;
    int64_t odd = reduced.den, power = 1;
    while (odd % 2 == 0) {
        odd /= 2;
    }
    while (power * 2 <= odd) {
        power *= 2;
    }
    struct rational factor = {odd, power};
    return rational_multiply(reduced, factor, &shape) ? shape : reduced;
}

/* Dots and shape as <type> says; where the passes would see another shape, say which. */
static void read_shape(struct mx *mx, const xmlNode *note, struct mx_event *event) {
    struct rational base, shape;
    int n_dots;
    if (!mx_note_type(mx, note, &base, &n_dots) ||
        !rational_multiply(base, dot_factors[n_dots], &shape)) {
        return;
    }
    if (event->is_grace) {
        event->written = shape;
        event->n_dots = n_dots;
        return;
    }
    if (rational_compare(shape, event->duration) == 0) {
        event->n_dots = n_dots;
        return;
    }
    const xmlNode *rest = mx_child(note, "rest");
    bool is_measure = rest != NULL && mx_attribute_is(rest, "measure", "yes");
    if (is_measure || rational_compare(automatic_shape(event->duration), shape) == 0) {
        return;
    }
    struct notation_tag tag = mx_tag(TAG_DISPLAY_DURATION, note);
    mx_param_number(mx, &tag, NULL, (double)base.num, NOTATION_UNIT_NONE);
    mx_param_number(mx, &tag, NULL, (double)base.den, NOTATION_UNIT_NONE);
    if (n_dots > 0) {
        mx_param_number(mx, &tag, NULL, n_dots, NOTATION_UNIT_NONE);
    }
    mx_add_tag(mx, &event->wraps, &tag);
}

static int step_of(const char *text) {
    static const char steps[] = "CDEFGAB";
    const char *found = text != NULL && text[0] != '\0' ? strchr(steps, text[0]) : NULL;
    return found != NULL ? (int)(found - steps) : -1;
}

/* false: the note has no place to stand. */
static bool read_pitch(struct mx *mx, const xmlNode *note, struct mx_member *member, bool is_tab) {
    const xmlNode *pitch = mx_child(note, "pitch"), *other = mx_child(note, "unpitched");
    const char *prefix = pitch != NULL ? "" : "display-";
    const xmlNode *place = pitch != NULL ? pitch : other;
    struct notation_note *out = &member->note;
    if (place == NULL) {
        return mx_refuse(mx, note, LG_EBADREQUEST,
                         "expected <pitch>, <unpitched> or <rest> in this note");
    }
    out->step = step_of(mx_child_text(mx, place, mx_format(mx, "%sstep", prefix)));
    const char *octave = mx_child_text(mx, place, mx_format(mx, "%soctave", prefix));
    if (out->step < 0 && pitch != NULL) {
        return mx_refuse(mx, note, LG_EBADREQUEST, "expected a <step> from A to G in this note");
    }
    out->step = out->step < 0 ? 6 : out->step; /* the middle line of a treble clef */
    out->octave = (int)mx_integer(octave, 4, -9, 15) - 3;
    double alter = pitch != NULL ? mx_number(mx_child_text(mx, place, "alter"), 0) : 0;
    alter = alter > 3 ? 3 : alter < -3 ? -3 : alter;
    out->alter = (int)alter;
    if (fabs(alter - out->alter) > 1e-6) {
        struct notation_tag tag = mx_tag(TAG_ALTER, note);
        mx_param_number(mx, &tag, NULL, alter - out->alter, NOTATION_UNIT_NONE);
        mx_add_tag(mx, &member->tags, &tag);
    }
    const xmlNode *notations = mx_child(note, "notations");
    const xmlNode *technical = notations != NULL ? mx_child(notations, "technical") : NULL;
    const char *fret = technical != NULL ? mx_child_text(mx, technical, "fret") : NULL;
    if (is_tab && fret != NULL) {
        out->is_tab = true;
        out->tab_string = (int)mx_integer(mx_child_text(mx, technical, "string"), 1, 1, 6);
        out->text = fret;
    }
    return true;
}

static void read_notehead(struct mx *mx, const xmlNode *note, struct mx_member *member) {
    static const char *const rows[][2] = {{"x", "x"},
                                          {"cross", "x"},
                                          {"diamond", "diamond"},
                                          {"triangle", "triangle"},
                                          {"inverted triangle", "reversedTriangle"},
                                          {"square", "square"},
                                          {"rectangle", "square"},
                                          {"slash", "slash"},
                                          {"circle-x", "circle-x"},
                                          {"none", "none"}};
    const xmlNode *node = mx_child(note, "notehead");
    const char *text = node != NULL ? mx_text(mx, node) : NULL, *style = "";
    for (size_t i = 0; text != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        style = strcmp(text, rows[i][0]) == 0 ? rows[i][1] : style;
    }
    if (node != NULL && mx_attribute_is(node, "parentheses", "yes")) {
        style = mx_format(mx, "(%s)", style);
    }
    if (style[0] != '\0') {
        struct notation_tag tag = mx_tag(TAG_NOTE_FORMAT, node);
        tag.has_range = true;
        mx_param_text(mx, &tag, NULL, style);
        mx_add_tag(mx, &member->tags, &tag);
    }
}

static void read_accidental(struct mx *mx, const xmlNode *note, struct mx_member *member) {
    const xmlNode *node = mx_child(note, "accidental");
    if (node == NULL) {
        return;
    }
    struct notation_tag tag = mx_tag(TAG_ACCIDENTAL, node);
    tag.has_range = true;
    mx->has_accidentals = true;
    if (mx_attribute_is(node, "parentheses", "yes") || mx_attribute_is(node, "cautionary", "yes") ||
        mx_attribute_is(node, "bracket", "yes") || mx_attribute_is(node, "editorial", "yes")) {
        mx_param_text(mx, &tag, "style", "cautionary");
    }
    mx_add_tag(mx, &member->tags, &tag);
}

static void read_stem(struct mx *mx, const xmlNode *note, struct mx_event *event,
                      struct mx_voice *voice) {
    static const enum notation_tag_kind kinds[] = {TAG_STEMS_DOWN, TAG_STEMS_OFF, TAG_STEMS_UP,
                                                   TAG_STEMS_AUTO};
    const char *text = mx_child_text(mx, note, "stem");
    int stem = text == NULL                ? 2
               : strcmp(text, "up") == 0   ? 1
               : strcmp(text, "down") == 0 ? -1
               : strcmp(text, "none") == 0 ? 0
                                           : 2;
    if (stem != voice->stem && event->kind == NOTATION_CHORD) {
        struct notation_tag tag = mx_tag(kinds[stem + 1], note);
        voice->stem = stem;
        mx_add_tag(mx, &event->before, &tag);
    }
}

/* begin and end of levels 1 and 2; a third level follows from the values. */
static void read_beams(struct mx *mx, const xmlNode *note, struct mx_event *event,
                       const struct mx_voice *voice) {
    for (const xmlNode *beam = mx_child(note, "beam"); beam != NULL; beam = mx_next(beam)) {
        int level = (int)mx_integer(mx_attribute(mx, beam, "number"), 1, 1, 8);
        const char *text = mx_text(mx, beam);
        int key = level * 2 + (event->is_grace ? 1 : 0);
        struct notation_tag tag = mx_tag(TAG_BEAM, beam);
        struct mx_span span;
        mx->has_beams = true;
        if (text == NULL || level > 2) {
            continue;
        }
        if (strcmp(text, "begin") == 0) {
            tag.id = mx_span_begin(mx, TAG_BEAM, key, voice->name, voice->home_staff);
            mx_add_tag(mx, &event->begins, &tag);
        } else if (strcmp(text, "end") == 0 && mx_span_end(mx, TAG_BEAM, key, voice->name, &span)) {
            tag.id = span.id;
            tag.is_pair = true;
            mx_add_tag(mx, &event->ends, &tag);
        }
    }
}

static struct mx_event *new_event(struct mx *mx, const xmlNode *note, struct rational duration) {
    struct mx_event *event = arena_alloc(mx->arena, sizeof(*event));
    if (event == NULL) {
        mx_full(mx);
        return NULL;
    }
    bool is_rest = mx_child(note, "rest") != NULL;
    event->kind = mx_attribute_is(note, "print-object", "no") ? NOTATION_EMPTY
                  : is_rest                                   ? NOTATION_REST
                                                              : NOTATION_CHORD;
    event->is_grace = mx_child(note, "grace") != NULL;
    event->is_cue = mx_child(note, "cue") != NULL;
    event->duration = event->is_grace ? (struct rational){0, 1} : duration;
    event->written = event->is_grace ? (struct rational){1, 8} : duration;
    read_shape(mx, note, event);
    return event;
}

static struct mx_member *add_member(struct mx *mx, const xmlNode *note, struct mx_event *event,
                                    struct rational duration, bool is_tab) {
    void *members = event->members;
    if (!arena_grow(mx->arena, &members, event->n_members, &event->members_capacity,
                    sizeof(*event->members))) {
        mx_full(mx);
        return NULL;
    }
    event->members = members;
    struct mx_member *member = &event->members[event->n_members];
    *member = (struct mx_member){.note.duration = duration};
    if (!read_pitch(mx, note, member, is_tab)) {
        return NULL;
    }
    event->n_members++;
    read_notehead(mx, note, member);
    read_accidental(mx, note, member);
    return member;
}

/* The event of a note that is not a further one of a chord, as an entry of its voice. */
static struct mx_event *place_event(struct mx *mx, const xmlNode *note, struct mx_voice *voice,
                                    int staff, struct rational duration) {
    struct mx_event *event = new_event(mx, note, duration);
    if (event == NULL) {
        return NULL;
    }
    const struct mx_measure *measure = &mx->measures[mx->measure];
    bool is_last_grace =
        event->is_grace && measure->length.num > 0 &&
        rational_compare(mx->part->position, measure->length) >= 0; /* before the bar line */
    struct mx_entry entry = {
        .date = mx_date(mx),
        .rank = is_last_grace ? MX_RANK_END : MX_RANK_EVENT,
        .what = MX_EVENT,
        .staff = staff,
        .event = event,
    };
    entry.tag = mx_tag(TAG_UNKNOWN, note); /* for its line */
    mx_add_entry(mx, voice, &entry);
    return event;
}

bool mx_read_note(struct mx *mx, xmlNode *node) {
    struct mx_part *part = mx->part;
    const char *name = mx_child_text(mx, node, "voice");
    int staff = (int)mx_integer(mx_child_text(mx, node, "staff"), 1, 1, part->n_staves) - 1;
    bool is_grace = mx_child(node, "grace") != NULL;
    bool is_chord = mx_child(node, "chord") != NULL && part->last != NULL;
    struct rational duration = {0, 1};
    struct mx_event *event = part->last;
    struct mx_voice *voice = part->last_voice;
    if (!is_grace && !mx_duration(mx, node, part->divisions, &duration)) {
        return mx_refuse(mx, node, LG_EBADREQUEST,
                         "expected a <duration> of 0 or more in this note");
    }
    if (!is_chord) {
        voice = mx_voice_named(mx, name != NULL ? name : "1", part->first_staff + staff);
        event = voice != NULL ? place_event(mx, node, voice, part->first_staff + staff, duration)
                              : NULL;
        if (event == NULL) {
            return false;
        }
    }
    struct mx_member *member = NULL;
    if (event->kind == NOTATION_CHORD && mx_child(node, "rest") == NULL) {
        bool is_longer = rational_compare(duration, event->duration) > 0;
        member = add_member(mx, node, event, is_longer ? event->duration : duration,
                            part->is_tab[staff]);
        if (member == NULL) {
            return false;
        }
    }
    if (!is_chord) {
        read_stem(mx, node, event, voice);
        read_beams(mx, node, event, voice);
        mx_read_lyrics(mx, node, event);
    }
    for (const xmlNode *notations = mx_child(node, "notations"); notations != NULL;
         notations = mx_next(notations)) {
        mx_read_notations(mx, notations, event, member, voice, !is_chord);
    }
    if (member != NULL) {
        mx_read_ties(mx, node, event, member, voice);
    }
    part->last = event;
    part->last_voice = voice;
    if (!is_chord && !is_grace && !rational_add(part->position, duration, &part->position)) {
        return mx_refuse(mx, node, LG_EBADREQUEST,
                         "the date after this note needs a fraction of more than 64 bits");
    }
    return true;
}
