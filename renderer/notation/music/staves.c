/* Voices to staves: \staff, \staffFormat, \staffOff, \staffOn, \accol, \barFormat, \instrument
 * (gmn.md 6, 8, 9, 10.12). */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/look.h"
#include "renderer/notation/music/signature_text.h"

#define STAFF_NUMBER_MAX 100000

/* Number that \staff names; 0 when it names none. */
static int staff_number(const struct notation_tag *tag) {
    double number = notation_tag_number(tag, "id", 0);
    if (number == 0) {
        number = strtod(notation_tag_text(tag, "id", "0"), NULL);
    }
    return number >= 1 && number <= STAFF_NUMBER_MAX ? (int)number : 0;
}

static int compare_numbers(const void *a, const void *b) {
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

/* All numbers in use, sorted. A voice's own number counts only where it stands before
 * any \staff. */
static int collect_numbers(struct arranger *arranger, struct list *numbers) {
    const struct notation *notation = arranger->notation;
    for (size_t v = 0; v < notation->n_voices; v++) {
        const struct notation_voice *voice = &notation->voices[v];
        bool is_default = true, has_default = voice->n_items == 0;
        for (size_t i = 0; i < voice->n_items; i++) {
            const struct notation_item *item = &voice->items[i];
            int number = 0;
            if (item->kind == NOTATION_ITEM_TAG && voice->tags[item->index].kind == TAG_STAFF) {
                number = staff_number(&voice->tags[item->index]);
                is_default = is_default && number == 0;
            } else if (item->kind == NOTATION_ITEM_EVENT) {
                has_default = has_default || is_default;
            }
            if (number > 0) {
                int *place = list_add(arranger->scratch, numbers, sizeof(*place));
                if (place == NULL) {
                    return LG_ETOOLARGE;
                }
                *place = number;
            }
        }
        if (has_default || is_default) {
            int *place = list_add(arranger->scratch, numbers, sizeof(*place));
            if (place == NULL) {
                return LG_ETOOLARGE;
            }
            *place = (int)v + 1;
        }
    }
    if (numbers->n > 0) {
        qsort(numbers->items, numbers->n, sizeof(int), compare_numbers);
    }
    int *all = numbers->items;
    size_t n = 0;
    for (size_t i = 0; i < numbers->n; i++) {
        if (n == 0 || all[n - 1] != all[i]) {
            all[n++] = all[i];
        }
    }
    numbers->n = n;
    return 0;
}

/* Index of a number, or of the next larger one, or of the last. */
static uint32_t staff_index(const struct music *music, int number) {
    size_t low = 0, high = music->n_staves;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (music->staves[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (uint32_t)(low < music->n_staves ? low : music->n_staves - 1);
}

static uint32_t first_staff(const struct arranger *arranger, size_t v) {
    const struct notation_voice *voice = &arranger->notation->voices[v];
    for (size_t i = 0; i < voice->n_items; i++) { /* tags before the first \staff go with it */
        const struct notation_item *item = &voice->items[i];
        if (item->kind == NOTATION_ITEM_EVENT) {
            break;
        }
        if (item->kind == NOTATION_ITEM_TAG && voice->tags[item->index].kind == TAG_STAFF) {
            int number = staff_number(&voice->tags[item->index]);
            if (number > 0) {
                return staff_index(arranger->music, number);
            }
        }
    }
    return staff_index(arranger->music, (int)v + 1);
}

static int place_voice(struct arranger *arranger, struct arranged_voice *voice, uint32_t *seen) {
    const struct notation_voice *model = voice->model;
    struct list staves = {0};
    uint32_t staff = first_staff(arranger, voice->index);
    voice->item_staff = arena_array(arranger->scratch, model->n_items + 1, sizeof(uint32_t));
    voice->event_staff = arena_array(arranger->scratch, model->n_events + 1, sizeof(uint32_t));
    if (voice->item_staff == NULL || voice->event_staff == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t i = 0; i <= model->n_items; i++) {
        const struct notation_item *item = i < model->n_items ? &model->items[i] : NULL;
        if (item != NULL && item->kind == NOTATION_ITEM_TAG &&
            model->tags[item->index].kind == TAG_STAFF) {
            int number = staff_number(&model->tags[item->index]);
            staff = number > 0 ? staff_index(arranger->music, number) : staff;
        }
        bool is_event = item != NULL && item->kind == NOTATION_ITEM_EVENT;
        if ((is_event || i == model->n_items) && seen[staff] != voice->index + 1) {
            seen[staff] = voice->index + 1;
            uint32_t *place = list_add(arranger->scratch, &staves, sizeof(*place));
            if (place == NULL) {
                return LG_ETOOLARGE;
            }
            *place = staff;
            arranger->music->staves[staff].n_voices++;
        }
        voice->item_staff[i] = staff;
        if (is_event) {
            voice->event_staff[item->index] = staff;
        }
    }
    voice->staves = staves.items;
    voice->n_staves = (uint32_t)staves.n;
    return 0;
}

static void format_staff(struct music_staff *staff, const struct notation_tag *tag) {
    const char *style = notation_tag_text(tag, "style", "5-lines");
    char *end;
    long n_lines = strtol(style, &end, 10);
    if (strcmp(style, "TAB") == 0) {
        staff->is_tab = true;
        staff->n_lines = 6;
    } else if (end != style && n_lines >= 0 && n_lines <= 20) {
        staff->n_lines = (int)n_lines;
    }
    /* `size` is the half space: 3pt is the standard one. */
    double half = notation_tag_length(tag, "size", 0.5);
    if (half >= 0.05 && half <= 10) {
        staff->space = half * 2;
    }
    double thickness = notation_tag_number(tag, "lineThickness", 0);
    if (thickness > 0 && thickness <= 2) {
        staff->line_thickness = thickness;
    }
    double distance = notation_tag_length(tag, "distance", 0);
    if (distance > 0 && distance <= 200) {
        staff->distance = distance;
    }
    staff->color = look_color_of_tag(tag, (struct music_look){.color = staff->color}).color;
}

static int hide(struct arranger *arranger, uint32_t staff, bool is_off, struct rational date) {
    struct list *hidden = &arranger->staves[staff].hidden;
    struct music_off *last =
        hidden->n > 0 ? (struct music_off *)hidden->items + hidden->n - 1 : NULL;
    bool is_open = last != NULL && last->end.num < 0;
    if (!is_off) {
        if (is_open) {
            last->end = date;
        }
        return 0;
    }
    if (is_open) {
        return 0;
    }
    struct music_off *off = list_add(arranger->scratch, hidden, sizeof(*off));
    if (off == NULL) {
        return LG_ETOOLARGE;
    }
    off->begin = date;
    off->end = (struct rational){-1, 1};
    return 0;
}

static int add_group(struct arranger *arranger, struct list *groups,
                     const struct notation_tag *tag) {
    uint32_t first, last;
    if (!signature_parse_range(notation_tag_text(tag, "range", ""), &first, &last, NULL)) {
        return 0;
    }
    const char *type = notation_tag_text(tag, "type", "standard");
    struct music_group *group = list_add(arranger->arena, groups, sizeof(*group));
    if (group == NULL) {
        return LG_ETOOLARGE;
    }
    group->first_staff = staff_index(arranger->music, (int)first);
    group->last_staff = staff_index(arranger->music, (int)last);
    group->kind = strcmp(type, "curlyBrace") == 0  ? MUSIC_GROUP_BRACE
                  : strcmp(type, "thinBrace") == 0 ? MUSIC_GROUP_THIN
                  : strcmp(type, "none") == 0      ? MUSIC_GROUP_NONE
                                                   : MUSIC_GROUP_BRACKET;
    const struct music_group *all = groups->items;
    for (size_t i = 0; i + 1 < groups->n && i < 64; i++) { /* said again in another voice */
        if (all[i].first_staff == group->first_staff && all[i].last_staff == group->last_staff &&
            all[i].kind == group->kind) {
            groups->n--;
            break;
        }
    }
    return 0;
}

static int add_bar_spans(struct arranger *arranger, struct list *spans,
                         const struct arranged_voice *voice, const struct notation_tag *tag) {
    bool is_system = strcmp(notation_tag_text(tag, "style", "staff"), "system") == 0;
    const char *range = notation_tag_text(tag, "range", "");
    uint32_t first = 0, last = (uint32_t)arranger->music->n_staves - 1;
    bool has_range = false;
    do {
        const char *rest = NULL;
        uint32_t a, b;
        if (signature_parse_range(range, &a, &b, &rest)) {
            first = staff_index(arranger->music, (int)a);
            last = staff_index(arranger->music, (int)b);
            has_range = true;
        } else if (has_range) {
            break;
        }
        struct music_bar_span *span = list_add(arranger->arena, spans, sizeof(*span));
        if (span == NULL) {
            return LG_ETOOLARGE;
        }
        span->date = arrange_tag_date(voice, tag);
        span->first_staff = first;
        span->last_staff = is_system ? last : first;
        range = rest != NULL && *rest == ':' ? rest + 1 : NULL;
    } while (range != NULL && is_system);
    return 0;
}

static int read_tag(struct arranger *arranger, struct arranged_voice *voice,
                    const struct notation_tag *tag, struct list *groups, struct list *spans,
                    bool *has_format) {
    uint32_t staff = arrange_tag_staff(voice, tag);
    struct music_staff *on = &arranger->music->staves[staff];
    switch (tag->kind) {
    case TAG_STAFF_FORMAT:
        if (!has_format[staff]) { /* one look for the whole piece: the first */
            format_staff(on, tag);
            has_format[staff] = true;
        }
        return 0;
    case TAG_STAFF_OFF:
    case TAG_STAFF_ON:
        return hide(arranger, staff, tag->kind == TAG_STAFF_OFF, arrange_tag_date(voice, tag));
    case TAG_ACCOL:
        return add_group(arranger, groups, tag);
    case TAG_BAR_FORMAT:
        return add_bar_spans(arranger, spans, voice, tag);
    case TAG_INSTRUMENT:
        if (on->instrument == NULL) {
            on->instrument = notation_tag_text(tag, "name", NULL);
        }
        return 0;
    default:
        return 0;
    }
}

static int compare_spans(const void *a, const void *b) {
    const struct music_bar_span *left = a, *right = b;
    int order = rational_compare(left->date, right->date);
    return order != 0 ? order
                      : (left->first_staff > right->first_staff) -
                            (left->first_staff < right->first_staff);
}

static int read_tags(struct arranger *arranger) {
    struct music *music = arranger->music;
    struct list groups = {0}, spans = {0};
    bool *has_format = arena_array(arranger->scratch, music->n_staves, sizeof(bool));
    if (has_format == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t v = 0; v < music->n_voices; v++) {
        struct arranged_voice *voice = &arranger->voices[v];
        for (size_t t = 0; t < voice->model->n_tags; t++) {
            int code =
                read_tag(arranger, voice, &voice->model->tags[t], &groups, &spans, has_format);
            if (code != 0) {
                return code;
            }
        }
    }
    for (size_t s = 0; s < music->n_staves; s++) {
        struct list *hidden = &arranger->staves[s].hidden;
        struct music_off *off = hidden->items;
        if (hidden->n > 0 && off[hidden->n - 1].end.num < 0) { /* to the very end */
            off[hidden->n - 1].end =
                date_add(arranger->notation->duration, (struct rational){1, 1});
        }
        music->staves[s].hidden = list_keep(arranger->arena, hidden, sizeof(*off));
        music->staves[s].n_hidden = (uint32_t)hidden->n;
    }
    if (groups.n == 0 && music->n_staves >= 2) { /* 10.12 */
        struct music_group *group = list_add(arranger->arena, &groups, sizeof(*group));
        if (group == NULL) {
            return LG_ETOOLARGE;
        }
        group->last_staff = (uint32_t)music->n_staves - 1;
        group->kind = MUSIC_GROUP_BRACE;
    }
    if (spans.n > 1) {
        qsort(spans.items, spans.n, sizeof(struct music_bar_span), compare_spans);
    }
    music->groups = groups.items;
    music->n_groups = groups.n;
    music->bar_spans = spans.items;
    music->n_bar_spans = spans.n;
    return 0;
}

int arrange_staves(struct arranger *arranger) {
    struct music *music = arranger->music;
    struct list numbers = {0};
    int code = collect_numbers(arranger, &numbers);
    if (code != 0 || numbers.n == 0) {
        return code;
    }
    music->n_staves = numbers.n;
    music->staves = arena_array(arranger->arena, numbers.n, sizeof(*music->staves));
    arranger->staves = arena_array(arranger->scratch, numbers.n, sizeof(*arranger->staves));
    uint32_t *seen = arena_array(arranger->scratch, numbers.n, sizeof(*seen));
    if (music->staves == NULL || arranger->staves == NULL || seen == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t s = 0; s < numbers.n; s++) {
        music->staves[s] = (struct music_staff){.number = ((int *)numbers.items)[s],
                                                .n_lines = 5,
                                                .space = 1,
                                                .line_thickness = 0.1,
                                                .color = {0, 0, 0, 255}};
    }
    for (size_t v = 0; v < music->n_voices && code == 0; v++) {
        code = place_voice(arranger, &arranger->voices[v], seen);
    }
    return code != 0 ? code : read_tags(arranger);
}
