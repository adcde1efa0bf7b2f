/* Dates to rectangles: see score_maps.h; the rules are numbered as in gmn.md 13. */
#include "renderer/notation/score_maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

/* A growing map. */
struct builder {
    const struct engraving *engraving;
    struct score_map_entry *entries;
    size_t n, capacity;
};

static int add(struct builder *builder, const struct score_map_entry *entry) {
    if (builder->n == builder->capacity) {
        size_t capacity = builder->capacity > 0 ? builder->capacity * 2 : 64;
        struct score_map_entry *larger =
            capacity > SIZE_MAX / sizeof(*larger)
                ? NULL
                : realloc(builder->entries, capacity * sizeof(*larger));
        if (larger == NULL) {
            return LG_ENOMEM;
        }
        builder->entries = larger;
        builder->capacity = capacity;
    }
    builder->entries[builder->n++] = *entry;
    return 0;
}

static bool is_before(struct rational a, struct rational b) {
    return rational_compare(a, b) < 0;
}

static int add_page(struct builder *builder, uint32_t page_i) {
    const struct engraving *engraving = builder->engraving;
    const struct engraved_page *page = &engraving->pages[page_i];
    if (page->first_system >= page->end_system) {
        return 0;
    }
    struct score_map_entry entry = {
        .begin = engraving->systems[page->first_system].begin,
        .end = engraving->systems[page->end_system - 1].end,
        .page = page_i,
        .box = {page->margin_left, page->margin_top, page->width - page->margin_right,
                page->height - page->margin_bottom},
    };
    return is_before(entry.begin, entry.end) ? add(builder, &entry) : 0;
}

static int build_pages(struct builder *builder) {
    int code = 0;
    for (size_t i = 0; i < builder->engraving->n_pages && code == 0; i++) {
        code = add_page(builder, (uint32_t)i);
    }
    return code;
}

static int build_flat_systems(struct builder *builder) {
    const struct engraving *engraving = builder->engraving;
    int code = 0;
    for (size_t i = 0; i < engraving->n_systems && code == 0; i++) {
        const struct engraved_system *system = &engraving->systems[i];
        struct score_map_entry entry = {
            .begin = system->begin,
            .end = system->end,
            .page = system->page,
            .box = {system->music_left, system->top, system->right, system->bottom},
        };
        code = is_before(entry.begin, entry.end) ? add(builder, &entry) : 0;
    }
    return code;
}

static int add_slices(struct builder *builder, const struct engraved_system *system) {
    int code = 0;
    for (uint32_t i = 0; i < system->n_measures && code == 0; i++) {
        const struct engraved_measure *measure = &system->measures[i];
        double right = i + 1 < system->n_measures ? system->measures[i + 1].left : system->right;
        struct score_map_entry entry = {
            .begin = measure->begin,
            .end = measure->end,
            .page = system->page,
            .box = {measure->left, system->top, fmax(measure->left, right), system->bottom},
        };
        code = is_before(entry.begin, entry.end) ? add(builder, &entry) : 0;
    }
    return code;
}

static int build_slices(struct builder *builder) {
    int code = 0;
    for (size_t i = 0; i < builder->engraving->n_systems && code == 0; i++) {
        code = add_slices(builder, &builder->engraving->systems[i]);
    }
    return code;
}

/* Dates of a line, from the system's events that are on `staff` (NOTATION_NONE: any). Rules 2
 * and 3; rule 1: graces, empties and events without time do not slice. */
struct line {
    const struct engraved_system *system;
    uint32_t staff;
    double top, bottom;
};

static int close_entry(struct builder *builder, size_t first_of_line, struct rational date,
                       double right) {
    if (builder->n > first_of_line) {
        struct score_map_entry *last = &builder->entries[builder->n - 1];
        last->end = date;
        last->box.right = fmax(last->box.left, right);
    }
    return 0;
}

static int add_line(struct builder *builder, const struct line *line) {
    const struct engraved_system *system = line->system;
    size_t first = builder->n;
    if (!is_before(system->begin, system->end)) {
        return 0;
    }
    for (uint32_t i = 0; i < system->n_events; i++) {
        const struct engraved_event *event = &system->events[i];
        if (!event->is_slicing || (line->staff != NOTATION_NONE && event->staff != line->staff)) {
            continue;
        }
        struct score_map_entry *last =
            builder->n > first ? &builder->entries[builder->n - 1] : NULL;
        if (last != NULL && rational_compare(last->begin, event->begin) == 0) {
            bool is_staff = line->staff != NOTATION_NONE;
            last->box.left =
                is_staff ? fmin(last->box.left, event->left) : fmax(last->box.left, event->left);
            continue;
        }
        close_entry(builder, first, event->begin, event->left);
        struct score_map_entry entry = {.begin = event->begin,
                                        .page = system->page,
                                        .box = {event->left, line->top, 0, line->bottom}};
        int code = add(builder, &entry);
        if (code != 0) {
            return code;
        }
    }
    if (builder->n == first) { /* nothing stands here: the line as a whole */
        struct score_map_entry entry = {.begin = system->begin,
                                        .page = system->page,
                                        .box = {system->music_left, line->top, 0, line->bottom}};
        int code = add(builder, &entry);
        if (code != 0) {
            return code;
        }
    }
    builder->entries[first].begin = system->begin;
    close_entry(builder, first, system->end, system->right);
    /* Time goes to the right, also where a centred rest stands behind what follows it. */
    for (size_t i = builder->n - 1; i > first; i--) {
        struct ink_box *box = &builder->entries[i - 1].box;
        box->left = fmin(box->left, builder->entries[i].box.left);
        box->right = builder->entries[i].box.left;
    }
    return 0;
}

/* Lines of all systems: of one staff, or of whole systems. */
static int build_lines(struct builder *builder, uint32_t staff) {
    const struct engraving *engraving = builder->engraving;
    for (size_t i = 0; i < engraving->n_systems; i++) {
        const struct engraved_system *system = &engraving->systems[i];
        struct line line = {
            .system = system, .staff = staff, .top = system->top, .bottom = system->bottom};
        for (uint32_t s = 0; s < system->n_staves; s++) {
            if (system->staves[s].staff == staff) {
                line.top = system->staves[s].top;
                line.bottom = system->staves[s].bottom;
            }
        }
        int code = add_line(builder, &line);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

static int add_heads(struct builder *builder, const struct engraved_system *system,
                     const struct engraved_event *event) {
    struct score_map_entry entry = {
        .begin = event->begin, .end = event->written_end, .page = system->page};
    for (uint32_t h = 0; h < event->n_heads && is_before(entry.begin, entry.end); h++) {
        entry.box = event->heads[h];
        int code = add(builder, &entry);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

static int build_voice(struct builder *builder, uint32_t voice) {
    const struct engraving *engraving = builder->engraving;
    int code = 0;
    for (size_t i = 0; i < engraving->n_systems; i++) {
        const struct engraved_system *system = &engraving->systems[i];
        for (uint32_t k = 0; k < system->n_events && code == 0; k++) {
            if (system->events[k].voice == voice) {
                code = add_heads(builder, system, &system->events[k]);
            }
        }
    }
    return code;
}

/* "staff2" with prefix "staff": 2; without a number 1; 0 when it is another name. */
static unsigned long numbered(const char *name, const char *prefix) {
    size_t len = strlen(prefix);
    if (strncmp(name, prefix, len) != 0) {
        return 0;
    }
    const char *digits = name + len;
    if (*digits == '\0') {
        return 1;
    }
    size_t n = strspn(digits, "0123456789");
    return n > 0 && n <= 6 && digits[n] == '\0' ? strtoul(digits, NULL, 10) : 0;
}

/* Index of a staff by its written number; NOTATION_NONE. */
static uint32_t staff_of(const struct music *music, unsigned long number) {
    for (size_t i = 0; i < music->n_staves; i++) {
        if ((unsigned long)music->staves[i].number == number) {
            return (uint32_t)i;
        }
    }
    return NOTATION_NONE;
}

static int build(struct builder *builder, const char *name) {
    const struct music *music = builder->engraving->music;
    unsigned long number;
    if (strcmp(name, "page") == 0) {
        return build_pages(builder);
    }
    if (strcmp(name, "system") == 0) {
        return build_lines(builder, NOTATION_NONE);
    }
    if (strcmp(name, "systemflat") == 0) {
        return build_flat_systems(builder);
    }
    if (strcmp(name, "slice") == 0 || strcmp(name, "systemSlice") == 0) {
        return build_slices(builder);
    }
    if ((number = numbered(name, "staff")) > 0 || (number = numbered(name, "measure")) > 0) {
        uint32_t staff = staff_of(music, number);
        return staff != NOTATION_NONE ? build_lines(builder, staff) : LG_EBADREQUEST;
    }
    number = numbered(name, "voice");
    if (number == 0 || number > music->n_voices) {
        return LG_EBADREQUEST;
    }
    return build_voice(builder, (uint32_t)number - 1);
}

int score_map_build(const struct engraving *engraving, const char *name, struct score_map *out) {
    struct builder builder = {.engraving = engraving};
    int code = build(&builder, name);
    if (code != 0) {
        free(builder.entries);
        return code;
    }
    *out = (struct score_map){builder.entries, builder.n};
    return 0;
}

void score_map_finish(struct score_map *map) {
    free(map->entries);
    *map = (struct score_map){0};
}
