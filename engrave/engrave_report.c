/* Facts and maps of an engraving as JSON; errors with their place. */
#include "engrave/engrave_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "common/err.h"
#include "renderer/notation/score_maps.h"

static json_t *ratio(struct rational value) {
    char text[48];
    struct rational reduced = rational_reduce(value);
    snprintf(text, sizeof text, "%" PRId64 "/%" PRId64, reduced.num, reduced.den);
    return json_string(text);
}

static json_t *message(const struct notation_message *from) {
    return json_pack("{s:i,s:i,s:s}", "line", from->line, "column", from->column, "message",
                     from->text);
}

static double tenth_milli(double value) {
    return round(value * 1e4) / 1e4;
}

/* [begin, end, page, left, top, right, bottom] an entry; lengths in staff spaces. */
static json_t *map(const struct engraving *engraving, const char *name) {
    struct score_map map;
    if (score_map_build(engraving, name, &map) != LG_OK) {
        return NULL;
    }
    json_t *list = json_array();
    for (size_t entry_i = 0; entry_i < map.n_entries; entry_i++) {
        const struct score_map_entry *entry = &map.entries[entry_i];
        json_array_append_new(list,
                              json_pack("[o,o,i,f,f,f,f]", ratio(entry->begin), ratio(entry->end),
                                        (int)entry->page + 1, tenth_milli(entry->box.left),
                                        tenth_milli(entry->box.top), tenth_milli(entry->box.right),
                                        tenth_milli(entry->box.bottom)));
    }
    score_map_finish(&map);
    return list;
}

static json_t *time_map(const struct engraving *engraving) {
    struct time_map map;
    if (time_map_build(engraving, &map) != LG_OK) {
        return NULL;
    }
    json_t *list = json_array();
    for (size_t entry_i = 0; entry_i < map.n_entries; entry_i++) {
        const struct time_map_entry *entry = &map.entries[entry_i];
        json_array_append_new(list, json_pack("[o,o,o,o]", ratio(entry->performed_begin),
                                              ratio(entry->performed_end), ratio(entry->begin),
                                              ratio(entry->end)));
    }
    time_map_finish(&map);
    return list;
}

static void add(json_t *to, const char *name, json_t *value) {
    if (value != NULL) {
        json_object_set_new(to, name, value);
    }
}

static json_t *maps(const struct engraving *engraving) {
    static const char *const NAMES[] = {"page", "system", "systemflat", "systemSlice"};
    json_t *all = json_object();
    char name[32];
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        add(all, NAMES[i], map(engraving, NAMES[i]));
    }
    for (size_t i = 0; i < engraving->music->n_staves; i++) {
        snprintf(name, sizeof name, "staff%zu", i + 1);
        add(all, name, map(engraving, name));
    }
    for (size_t i = 0; i < engraving->notation->n_voices; i++) {
        snprintf(name, sizeof name, "voice%zu", i + 1);
        add(all, name, map(engraving, name));
    }
    add(all, "time", time_map(engraving));
    return all;
}

static json_t *facts(const struct engraving *engraving, bool has_maps) {
    const struct notation *notation = engraving->notation;
    json_t *all = json_pack(
        "{s:b,s:o,s:I,s:I,s:I,s:I,s:I}", "ok", 1, "duration", ratio(notation->duration), "voices",
        (json_int_t)notation->n_voices, "staves", (json_int_t)engraving->music->n_staves, "pages",
        (json_int_t)engraving->n_pages, "systems", (json_int_t)engraving->n_systems, "notes",
        (json_int_t)engraving->n_heads_drawn);
    json_t *sizes = json_array();
    for (size_t page_i = 0; page_i < engraving->n_pages; page_i++) {
        const struct engraved_page *page = &engraving->pages[page_i];
        json_array_append_new(sizes,
                              json_pack("[f,f]", tenth_milli(page->width * NOTATION_CM_PER_SPACE),
                                        tenth_milli(page->height * NOTATION_CM_PER_SPACE)));
    }
    json_t *warnings = json_array();
    for (size_t i = 0; i < notation->n_warnings && i < NOTATION_WARNINGS_MAX; i++) {
        json_array_append_new(warnings, message(&notation->warnings[i]));
    }
    add(all, "pageSizes", sizes);
    add(all, "warnings", warnings);
    if (has_maps) {
        add(all, "maps", maps(engraving));
    }
    return all;
}

int report_print(const struct engraving *engraving, const struct notation_message *error,
                 bool has_maps) {
    json_t *all = engraving != NULL ? facts(engraving, has_maps)
                                    : json_pack("{s:b,s:o}", "ok", 0, "error", message(error));
    char *text = json_dumps(all, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(10));
    json_decref(all);
    if (text == NULL) {
        return LG_ENOMEM;
    }
    printf("%s\n", text);
    free(text);
    return LG_OK;
}
