/* Parts, staves, measures: which there are, and when each measure begins. */
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/read/musicxml/mx.h"

static struct mx_part *part_of_id(struct mx *mx, const char *id) {
    for (size_t i = 0; id != NULL && i < mx->n_parts; i++) {
        if (strcmp(mx->parts[i].id, id) == 0) {
            return &mx->parts[i];
        }
    }
    return NULL;
}

static bool add_part(struct mx *mx, const xmlNode *node) {
    const char *id = mx_attribute(mx, node, "id");
    void *parts = mx->parts;
    if (mx->n_parts >= MX_PARTS_MAX) {
        return mx_refuse(mx, node, LG_ETOOLARGE, "more than %d parts", MX_PARTS_MAX);
    }
    if (id == NULL || part_of_id(mx, id) != NULL) {
        return mx_refuse(mx, node, LG_EBADREQUEST, "expected a part with an id of its own");
    }
    if (!arena_grow(mx->arena, &parts, mx->n_parts, &mx->parts_capacity, sizeof(*mx->parts))) {
        return mx_full(mx);
    }
    const xmlNode *name = mx_child(node, "part-name");
    bool is_shown = name != NULL && !mx_attribute_is(name, "print-object", "no");
    mx->parts = parts;
    mx->parts[mx->n_parts++] =
        (struct mx_part){.id = id, .name = is_shown ? mx_text(mx, name) : NULL, .n_staves = 1};
    return true;
}

static bool read_group(struct mx *mx, const xmlNode *node) {
    int number = (int)mx_integer(mx_attribute(mx, node, "number"), 1, 0, 1000000);
    if (mx_attribute_is(node, "type", "stop")) {
        for (size_t i = mx->n_groups; i-- > 0;) {
            if (mx->groups[i].is_open && mx->groups[i].number == number) {
                mx->groups[i].is_open = false;
                mx->groups[i].last_part = (int)mx->n_parts - 1;
                return true;
            }
        }
        return true;
    }
    void *groups = mx->groups;
    if (mx->n_groups >= LIMIT_NOTATION_NESTING ||
        !arena_grow(mx->arena, &groups, mx->n_groups, &mx->groups_capacity, sizeof(*mx->groups))) {
        return mx_refuse(mx, node, LG_ETOOLARGE, "more than %d groups of parts",
                         LIMIT_NOTATION_NESTING);
    }
    const char *bars = mx_child_text(mx, node, "group-barline");
    mx->groups = groups;
    mx->groups[mx->n_groups++] = (struct mx_group){
        .number = number,
        .first_part = (int)mx->n_parts,
        .last_part = -1,
        .symbol = mx_child_text(mx, node, "group-symbol"),
        .has_bars = bars != NULL && strcmp(bars, "no") != 0,
        .is_open = true,
    };
    return true;
}

static bool read_part_list(struct mx *mx, const xmlNode *root) {
    const xmlNode *list = mx_child(root, "part-list");
    xmlNode *child = list != NULL ? mx_element(list->children) : NULL;
    for (; child != NULL; child = mx_element(child->next)) {
        if (mx_is(child, "score-part") ? !add_part(mx, child)
                                       : mx_is(child, "part-group") && !read_group(mx, child)) {
            return false;
        }
    }
    if (mx->n_parts == 0) {
        return mx_refuse(mx, root, LG_EBADREQUEST,
                         "expected a <part-list> with a <score-part> at least");
    }
    return true;
}

/* -- measures: partwise and timewise give the same table ------------------------------ */

static size_t count_children(const xmlNode *node, const char *name) {
    size_t n = 0;
    for (const xmlNode *child = mx_child(node, name); child != NULL; child = mx_next(child)) {
        n++;
    }
    return n;
}

static bool allocate_measures(struct mx *mx, size_t n) {
    mx->n_measures = n;
    mx->measures = arena_array(mx->arena, n, sizeof(*mx->measures));
    bool is_well = mx->measures != NULL;
    for (size_t i = 0; i < mx->n_parts && is_well; i++) {
        mx->parts[i].contents = arena_array(mx->arena, n, sizeof(*mx->parts[i].contents));
        is_well = mx->parts[i].contents != NULL;
    }
    return is_well || mx_full(mx);
}

static bool find_part(struct mx *mx, const xmlNode *node, struct mx_part **part) {
    const char *id = mx_attribute(mx, node, "id");
    *part = part_of_id(mx, id);
    return *part != NULL || mx_refuse(mx, node, LG_EBADREQUEST, "part %.60s is not in <part-list>",
                                      id != NULL ? id : "without id");
}

static bool collect_partwise(struct mx *mx, const xmlNode *root) {
    size_t n = 0;
    struct mx_part *part;
    for (const xmlNode *node = mx_child(root, "part"); node != NULL; node = mx_next(node)) {
        size_t own = count_children(node, "measure");
        n = own > n ? own : n;
    }
    if (!allocate_measures(mx, n)) {
        return false;
    }
    for (const xmlNode *node = mx_child(root, "part"); node != NULL; node = mx_next(node)) {
        size_t i = 0;
        if (!find_part(mx, node, &part)) {
            return false;
        }
        for (xmlNode *measure = mx_child(node, "measure"); measure != NULL;
             measure = mx_next(measure)) {
            part->contents[i++] = measure;
        }
    }
    return true;
}

static bool collect_timewise(struct mx *mx, const xmlNode *root) {
    size_t i = 0;
    struct mx_part *part;
    if (!allocate_measures(mx, count_children(root, "measure"))) {
        return false;
    }
    for (const xmlNode *measure = mx_child(root, "measure"); measure != NULL;
         measure = mx_next(measure), i++) {
        for (xmlNode *node = mx_child(measure, "part"); node != NULL; node = mx_next(node)) {
            if (!find_part(mx, node, &part)) {
                return false;
            }
            part->contents[i] = node;
        }
    }
    return true;
}

/* -- dates ------------------------------------------------------------------------------ */

static void scan_attributes(struct mx *mx, struct mx_part *part, const xmlNode *node) {
    int64_t n_staves =
        mx_integer(mx_child_text(mx, node, "staves"), part->n_staves, 1, MX_STAVES_MAX);
    part->divisions = mx_integer(mx_child_text(mx, node, "divisions"), part->divisions, 1, 1000000);
    part->n_staves = n_staves > part->n_staves ? (int)n_staves : part->n_staves;
}

/* The farthest that the cursor gets in a measure of one part. */
static bool scan_measure(struct mx *mx, struct mx_part *part, const xmlNode *measure,
                         struct rational *farthest) {
    struct rational position = {0, 1}, duration;
    for (xmlNode *node = mx_element(measure->children); node != NULL;
         node = mx_element(node->next)) {
        if (mx_is(node, "attributes")) {
            scan_attributes(mx, part, node);
            continue;
        }
        bool is_back = mx_is(node, "backup");
        bool is_note = mx_is(node, "note");
        if ((!is_back && !is_note && !mx_is(node, "forward")) ||
            (is_note && (mx_child(node, "chord") != NULL || mx_child(node, "grace") != NULL))) {
            continue;
        }
        if (mx_duration(mx, node, part->divisions, &duration)) {
            duration.num = is_back ? -duration.num : duration.num;
            if (!rational_add(position, duration, &position)) {
                return mx_refuse(
                    mx, node, LG_EBADREQUEST,
                    "the date after this element needs a fraction of more than 64 bits");
            }
        }
        position = position.num < 0 ? (struct rational){0, 1} : position;
        *farthest = rational_compare(position, *farthest) > 0 ? position : *farthest;
    }
    return true;
}

static bool find_dates(struct mx *mx) {
    struct rational date = {0, 1}, limit = {LIMIT_NOTATION_WHOLE_NOTES, 1};
    for (size_t i = 0; i < mx->n_parts; i++) {
        mx->parts[i].divisions = 1;
    }
    for (size_t i = 0; i < mx->n_measures; i++) {
        struct mx_measure *measure = &mx->measures[i];
        const xmlNode *node = NULL;
        measure->start = date;
        measure->length = (struct rational){0, 1};
        for (size_t j = 0; j < mx->n_parts; j++) {
            const xmlNode *content = mx->parts[j].contents[i];
            node = content != NULL ? content : node;
            if (content != NULL && !scan_measure(mx, &mx->parts[j], content, &measure->length)) {
                return false;
            }
        }
        if (!rational_add(date, measure->length, &date)) {
            return mx_refuse(mx, node, LG_EBADREQUEST,
                             "the end of this measure needs a fraction of more than 64 bits");
        }
        if (rational_compare(date, limit) > 0) {
            return mx_refuse(mx, node, LG_ETOOLARGE, "a voice of more than %d whole notes",
                             LIMIT_NOTATION_WHOLE_NOTES);
        }
    }
    return true;
}

bool mx_read_score(struct mx *mx, xmlNode *root) {
    bool is_partwise = mx_is(root, "score-partwise");
    if (!read_part_list(mx, root) ||
        !(is_partwise ? collect_partwise(mx, root) : collect_timewise(mx, root)) ||
        !find_dates(mx)) {
        return false;
    }
    for (size_t i = 0; i < mx->n_parts; i++) {
        mx->parts[i].first_staff = mx->n_staves;
        mx->n_staves += mx->parts[i].n_staves;
    }
    for (size_t i = 0; i < mx->n_parts; i++) {
        if (!mx_read_part(mx, &mx->parts[i])) {
            return false;
        }
    }
    return true;
}
