/* <attributes>: divisions, keys, times, clefs, staves, rests over many measures. */
#include <string.h>

#include "renderer/notation/read/musicxml/mx.h"

/* A signature for one staff of the part, or with number 0 for all of them. */
static void pend_signature(struct mx *mx, const struct notation_tag *tag, int64_t number,
                           enum mx_rank rank) {
    struct mx_part *part = mx->part;
    for (int i = 0; i < part->n_staves; i++) {
        if (number == 0 || number == i + 1) {
            struct mx_entry entry = {
                .date = mx_date(mx),
                .rank = rank,
                .what = MX_TAG,
                .staff = part->first_staff + i,
                .tag = *tag,
            };
            mx_pend(mx, &entry, NULL);
        }
    }
}

static int64_t staff_number(struct mx *mx, const xmlNode *node) {
    return mx_integer(mx_attribute(mx, node, "number"), 0, 0, MX_STAVES_MAX);
}

static void read_clef(struct mx *mx, const xmlNode *node) {
    const char *sign = mx_child_text(mx, node, "sign"), *name = "none";
    int64_t octaves = mx_integer(mx_child_text(mx, node, "clef-octave-change"), 0, -2, 2);
    int64_t number = staff_number(mx, node);
    static const struct {
        const char *sign, *name;
        int line;
    } rows[] = {
        {"G", "g", 2}, {"F", "f", 4}, {"C", "c", 3}, {"percussion", "perc", 0}, {"TAB", "TAB", 0}};
    for (size_t i = 0; sign != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(sign, rows[i].sign) == 0) {
            int64_t line = mx_integer(mx_child_text(mx, node, "line"), rows[i].line, 1, 5);
            static const char *const shifts[] = {"-15", "-8", "", "+8", "+15"};
            name = rows[i].line == 0
                       ? rows[i].name
                       : mx_format(mx, "%s%d%s", rows[i].name, (int)line, shifts[octaves + 2]);
        }
    }
    for (int i = 0; i < mx->part->n_staves; i++) {
        if (number == 0 || number == i + 1) {
            mx->part->is_tab[i] = strcmp(name, "TAB") == 0;
        }
    }
    struct notation_tag tag = mx_tag(TAG_CLEF, node);
    mx_param_text(mx, &tag, NULL, name);
    bool is_change = mx->measure > 0 && mx->part->position.num == 0;
    /* Without a number it is for the first staff. */
    pend_signature(mx, &tag, number == 0 ? 1 : number,
                   is_change ? MX_RANK_CLEF : MX_RANK_SIGNATURE);
}

/* key-step and key-alter pairs as the value of `free`: "f#c[0.5]". */
static const char *free_key(struct mx *mx, const xmlNode *node) {
    const char *text = "";
    int n = 0;
    for (const xmlNode *step = mx_child(node, "key-step"); step != NULL && n < 16;
         step = mx_next(step), n++) {
        const char *name = mx_text(mx, step), *sign = "";
        xmlNode *alter = step->next;
        while (alter != NULL && !mx_is(alter, "key-alter") && !mx_is(alter, "key-step")) {
            alter = alter->next;
        }
        double value =
            alter != NULL && mx_is(alter, "key-alter") ? mx_number(mx_text(mx, alter), 0) : 0;
        int whole = (int)value;
        if (name == NULL || strchr("ABCDEFG", name[0]) == NULL) {
            continue;
        }
        if (value > whole || value < whole) {
            sign = mx_format(mx, "[%g]", value);
        } else {
            sign = whole >= 2    ? "##"
                   : whole == 1  ? "#"
                   : whole == -1 ? "&"
                   : whole <= -2 ? "&&"
                                 : "";
        }
        text = mx_format(mx, "%s%c%s", text, name[0] - 'A' + 'a', sign);
    }
    return text;
}

static void read_key(struct mx *mx, const xmlNode *node) {
    struct notation_tag tag = mx_tag(TAG_KEY, node);
    const char *fifths = mx_child_text(mx, node, "fifths");
    if (fifths != NULL) {
        mx_param_number(mx, &tag, NULL, (double)mx_integer(fifths, 0, -7, 7), NOTATION_UNIT_NONE);
    } else if (mx_child(node, "key-step") != NULL) {
        mx_param_text(mx, &tag, "free", free_key(mx, node));
    } else {
        return;
    }
    if (mx_attribute_is(node, "print-object", "no")) {
        return;
    }
    pend_signature(mx, &tag, staff_number(mx, node), MX_RANK_SIGNATURE);
}

static void read_time(struct mx *mx, const xmlNode *node) {
    struct notation_tag tag = mx_tag(TAG_METER, node);
    const char *text = "";
    bool is_common = mx_attribute_is(node, "symbol", "common");
    bool is_cut = mx_attribute_is(node, "symbol", "cut");
    int n = 0;
    for (const xmlNode *beats = mx_child(node, "beats"); beats != NULL && n < 8;
         beats = mx_next(beats), n++) {
        const char *count = mx_text(mx, beats);
        const xmlNode *type = beats->next;
        while (type != NULL && !mx_is(type, "beat-type")) {
            type = type->next;
        }
        const char *unit = type != NULL ? mx_text(mx, type) : NULL;
        if (count != NULL && unit != NULL) {
            text = mx_format(mx, "%s%s%.20s/%.20s", text, text[0] != '\0' ? "+" : "", count, unit);
        }
    }
    if (text[0] == '\0' && mx_child(node, "senza-misura") == NULL) {
        return;
    }
    text = text[0] == '\0' ? "none" : is_common ? "C" : is_cut ? "C/" : text;
    mx_param_text(mx, &tag, NULL, text);
    mx_param_text(mx, &tag, "autoBarlines", "off");
    if (strchr(text, '+') != NULL) {
        mx_param_text(mx, &tag, "group", "on");
    }
    if (mx_attribute_is(node, "print-object", "no")) {
        mx_param_text(mx, &tag, "hidden", "true");
    }
    pend_signature(mx, &tag, staff_number(mx, node), MX_RANK_SIGNATURE);
}

static void read_staff_details(struct mx *mx, const xmlNode *node) {
    const char *lines = mx_child_text(mx, node, "staff-lines");
    double percent = mx_number(mx_child_text(mx, node, "staff-size"), 100);
    if (lines == NULL && percent >= 100) {
        return;
    }
    struct notation_tag tag = mx_tag(TAG_STAFF_FORMAT, node);
    int64_t n_lines = mx_integer(lines, 5, 0, 20), number = staff_number(mx, node);
    bool is_tab = n_lines == 6 && mx->part->is_tab[number > 0 ? number - 1 : 0];
    mx_param_text(mx, &tag, NULL, is_tab ? "TAB" : mx_format(mx, "%d-lines", (int)n_lines));
    if (percent > 10 && percent < 100) {
        mx_param_number(mx, &tag, "size", 3 * percent / 100, NOTATION_UNIT_PT);
    }
    pend_signature(mx, &tag, number == 0 ? 1 : number, MX_RANK_SIGNATURE);
}

static void read_multiple_rest(struct mx *mx, const xmlNode *node) {
    int64_t count = mx_integer(mx_child_text(mx, node, "multiple-rest"), 0, 0, 10000);
    size_t last = mx->measure + (size_t)count;
    if (count < 1 || last > mx->n_measures) {
        return;
    }
    struct mx_entry open = {
        .date = mx->measures[mx->measure].start,
        .rank = MX_RANK_BEGIN,
        .what = MX_RANGE_OPEN,
        .staff = -1,
        .tag = mx_tag(TAG_MEASURE_REST, node),
    };
    mx_param_number(mx, &open.tag, NULL, (double)count, NOTATION_UNIT_NONE);
    struct mx_entry close = open;
    close.what = MX_RANGE_CLOSE;
    close.rank = MX_RANK_END;
    rational_add(mx->measures[last - 1].start, mx->measures[last - 1].length, &close.date);
    for (int i = 0; i < mx->part->n_staves; i++) {
        open.staff = close.staff = mx->part->first_staff + i;
        mx_pend(mx, &open, NULL);
        mx_pend(mx, &close, NULL);
    }
}

void mx_read_attributes(struct mx *mx, const xmlNode *node) {
    struct mx_part *part = mx->part;
    part->divisions = mx_integer(mx_child_text(mx, node, "divisions"), part->divisions, 1, 1000000);
    for (xmlNode *child = mx_element(node->children); child != NULL;
         child = mx_element(child->next)) {
        if (mx_is(child, "key")) {
            read_key(mx, child);
        } else if (mx_is(child, "time")) {
            read_time(mx, child);
        } else if (mx_is(child, "clef")) {
            read_clef(mx, child);
        } else if (mx_is(child, "staff-details")) {
            read_staff_details(mx, child);
        } else if (mx_is(child, "measure-style") && mx_child(child, "multiple-rest") != NULL) {
            read_multiple_rest(mx, child);
        }
    }
}
