/* Bar lines of each voice, from its meters and as written, then of the staves, with the final bar
 * (gmn.md 10.3, 10.13). An explicit bar restarts the count; an automatic one never doubles it. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"

struct walk {
    struct arranger *arranger;
    struct arranged_voice *voice;
    size_t next_meter;
    const struct meter_at *meter;  /* in force; NULL none */
    struct rational measure, next; /* where the measure began; its automatic end */
    bool has_next;
    int number;
};

static struct arranged_bar *last_bar(const struct walk *walk) {
    const struct list *bars = &walk->voice->bars;
    return bars->n > 0 ? (struct arranged_bar *)bars->items + (bars->n - 1) : NULL;
}

/* Two bars at one date become one. */
static enum music_bar_kind join_kinds(enum music_bar_kind a, enum music_bar_kind b) {
    static const int weight[] = {
        [MUSIC_BAR_NONE] = 0,        [MUSIC_BAR_SINGLE] = 3,       [MUSIC_BAR_DOUBLE] = 4,
        [MUSIC_BAR_FINAL] = 6,       [MUSIC_BAR_REPEAT_BEGIN] = 7, [MUSIC_BAR_REPEAT_END] = 8,
        [MUSIC_BAR_REPEAT_BOTH] = 9, [MUSIC_BAR_DASHED] = 2,       [MUSIC_BAR_DOTTED] = 1,
        [MUSIC_BAR_HEAVY_LIGHT] = 5,
    };
    if ((a == MUSIC_BAR_REPEAT_BEGIN && b == MUSIC_BAR_REPEAT_END) ||
        (b == MUSIC_BAR_REPEAT_BEGIN && a == MUSIC_BAR_REPEAT_END)) {
        return MUSIC_BAR_REPEAT_BOTH;
    }
    return weight[a] >= weight[b] ? a : b;
}

static void restart(struct walk *walk, struct rational date) {
    walk->measure = date;
    walk->has_next = walk->meter != NULL && walk->meter->meter.has_auto_bars &&
                     walk->meter->meter.length.num > 0;
    if (walk->has_next) {
        walk->next = date_add(date, walk->meter->meter.length);
        walk->has_next = date_less(date, walk->next); /* a sum that did not fit ends it */
    }
}

/* A short first measure is an upbeat: number 0. */
static bool is_upbeat(const struct walk *walk, struct rational date) {
    return walk->voice->bars.n == 0 && walk->meter != NULL && walk->meter->meter.length.num > 0 &&
           date_less(date, walk->meter->meter.length);
}

/* The first value of an ending's tag is its number, not `hidden`. */
static bool is_hidden_bar(const struct notation_tag *tag) {
    if (tag == NULL) {
        return false;
    }
    bool is_numbered = tag->kind == TAG_REPEAT_END && tag->has_range && tag->n_params > 0 &&
                       tag->params[0].name == NULL;
    return !is_numbered && notation_tag_bool(tag, "hidden", false);
}

static int add_bar(struct walk *walk, struct rational date, enum music_bar_kind kind,
                   const struct notation_tag *tag) {
    struct arranged_bar *bar = last_bar(walk);
    bool is_hidden = is_hidden_bar(tag);
    bool is_repeat = tag != NULL && (tag->kind == TAG_REPEAT_BEGIN || tag->kind == TAG_REPEAT_END);
    if (bar != NULL && date_equal(bar->date, date) && is_repeat && is_hidden && !bar->is_hidden) {
        bar->is_plain =
            bar->is_plain || bar->kind == MUSIC_BAR_SINGLE; /* what is there stays seen */
        bar->kind = bar->is_plain ? join_kinds(bar->kind, kind) : bar->kind;
        bar->tag = tag;
    } else if (bar != NULL && date_equal(bar->date, date)) {
        bar->kind = bar->tag == NULL ? kind : tag == NULL ? bar->kind : join_kinds(bar->kind, kind);
        bar->is_hidden = tag != NULL ? is_hidden : bar->is_hidden;
        bar->tag = tag != NULL ? tag : bar->tag;
    } else {
        if (walk->voice->bars.n >= ARRANGE_BARS_MAX) {
            return LG_ETOOLARGE;
        }
        if (tag != NULL && date.num > 0 && is_upbeat(walk, date)) {
            walk->number = walk->voice->first_number = 0;
        }
        bar = list_add(walk->arranger->scratch, &walk->voice->bars, sizeof(*bar));
        if (bar == NULL) {
            return LG_ETOOLARGE;
        }
        walk->number += date.num > 0 ? 1 : 0;
        *bar = (struct arranged_bar){
            .date = date, .kind = kind, .tag = tag, .is_hidden = is_hidden, .number = walk->number};
    }
    if (tag != NULL && (tag->kind == TAG_BAR || tag->kind == TAG_DOUBLE_BAR)) {
        walk->number = (int)notation_tag_number(tag, "measNum", walk->number);
        bar->number = walk->number;
        bar->shows_number = notation_tag_bool(tag, "displayMeasNum", false);
    }
    restart(walk, date);
    return 0;
}

/* Automatic bars and changes of meter before `limit`, or up to it. */
static int advance(struct walk *walk, struct rational limit, bool is_inclusive, bool is_silent) {
    for (;;) {
        const struct arranged_voice *voice = walk->voice;
        const struct meter_at *next =
            walk->next_meter < voice->n_meters ? &voice->meters[walk->next_meter] : NULL;
        bool has_meter = next != NULL && (date_less(next->date, limit) ||
                                          (is_inclusive && date_equal(next->date, limit)));
        bool has_bar = walk->has_next && (date_less(walk->next, limit) ||
                                          (is_inclusive && date_equal(walk->next, limit)));
        if (has_bar && (!has_meter || !date_less(next->date, walk->next))) {
            int code = is_silent ? 0 : add_bar(walk, walk->next, MUSIC_BAR_SINGLE, NULL);
            if (code != 0) {
                return code;
            }
            if (is_silent) {
                restart(walk, walk->next);
            }
        } else if (has_meter) {
            walk->meter = next;
            walk->next_meter++;
            restart(walk, next->date);
        } else {
            return 0;
        }
    }
}

/* Styles of bar lines that MusicXML has. */
static enum music_bar_kind styled_kind(const struct notation_tag *tag) {
    const char *style = tag->is_automatic ? notation_tag_text(tag, "style", "") : "";
    return strcmp(style, "dashed") == 0        ? MUSIC_BAR_DASHED
           : strcmp(style, "dotted") == 0      ? MUSIC_BAR_DOTTED
           : strcmp(style, "heavy-light") == 0 ? MUSIC_BAR_HEAVY_LIGHT
                                               : MUSIC_BAR_SINGLE;
}

static enum music_bar_kind written_kind(const struct notation_tag *tag) {
    switch (tag->kind) {
    case TAG_BAR:
        return styled_kind(tag);
    case TAG_DOUBLE_BAR:
        return MUSIC_BAR_DOUBLE;
    case TAG_END_BAR:
        return MUSIC_BAR_FINAL;
    case TAG_REPEAT_BEGIN:
        return MUSIC_BAR_REPEAT_BEGIN;
    case TAG_REPEAT_END:
        return MUSIC_BAR_REPEAT_END;
    default:
        return MUSIC_BAR_NONE;
    }
}

static int walk_item(struct walk *walk, const struct notation_item *item, uint32_t *n_rests) {
    const struct notation_voice *model = walk->voice->model;
    if (item->kind == NOTATION_ITEM_EVENT) {
        const struct notation_event *event = &model->events[item->index];
        int code = advance(walk, event->date, true, false);
        if (code != 0 || event->duration.num == 0) {
            return code;
        }
        /* No bars inside a rest of many measures. */
        return advance(walk, date_add(event->date, event->duration), false, *n_rests > 0);
    }
    const struct notation_tag *tag = &model->tags[item->index];
    bool is_end = item->kind == NOTATION_ITEM_TAG_END;
    if (tag->kind == TAG_MEASURE_REST && tag->has_range) {
        *n_rests += is_end ? UINT32_MAX : 1; /* - 1 */
        return 0;
    }
    enum music_bar_kind kind = written_kind(tag);
    /* An ending in the range of \repeatEnd: the bar stands at its end. */
    if (kind == MUSIC_BAR_NONE || is_end != tag->has_range) {
        return 0;
    }
    bool is_hidden = kind != MUSIC_BAR_SINGLE && is_hidden_bar(tag);
    int code = advance(walk, item->date, is_hidden, false);
    return code != 0 ? code : add_bar(walk, item->date, kind, tag);
}

/* Go on after the last bar before the music: no meter changes between it and the begin. */
static int go_on(struct walk *walk, const struct music_before_voice *before) {
    struct arranged_bar *bar = list_add(walk->arranger->scratch, &walk->voice->bars, sizeof(*bar));
    if (bar == NULL) {
        return LG_ETOOLARGE;
    }
    *bar = (struct arranged_bar){
        .date = before->bar_date, .kind = MUSIC_BAR_SINGLE, .number = before->bar_number};
    walk->voice->n_old_bars = 1;
    walk->number = before->bar_number;
    while (walk->next_meter < walk->voice->n_meters &&
           !date_less(before->bar_date, walk->voice->meters[walk->next_meter].date)) {
        walk->meter = &walk->voice->meters[walk->next_meter++];
    }
    restart(walk, before->bar_date);
    return 0;
}

static int walk_voice(struct arranger *arranger, struct arranged_voice *voice) {
    struct walk walk = {
        .arranger = arranger, .voice = voice, .number = 1, .measure = {0, 1}, .next = {0, 1}};
    const struct music_before_voice *before = arrange_before(arranger, voice);
    uint32_t n_rests = 0;
    voice->first_number = 1;
    if (before != NULL && before->has_bar) {
        int code = go_on(&walk, before);
        if (code != 0) {
            return code;
        }
    }
    for (size_t i = 0; i < voice->model->n_items; i++) {
        int code = walk_item(&walk, &voice->model->items[i], &n_rests);
        if (code != 0) {
            return code;
        }
    }
    voice->ends_full = walk.has_next && date_equal(walk.next, voice->model->duration);
    return 0;
}

static int add_staff_bar(struct arranger *arranger, uint32_t staff,
                         const struct arranged_bar *bar) {
    if (arranger->bars.n >= ARRANGE_BARS_MAX) {
        return LG_ETOOLARGE;
    }
    struct music_bar *copy = list_add(arranger->scratch, &arranger->bars, sizeof(*copy));
    if (copy == NULL) {
        return LG_ETOOLARGE;
    }
    *copy = (struct music_bar){.kind = bar->kind,
                               .staff = staff,
                               .date = bar->date,
                               .is_hidden = bar->is_hidden,
                               .is_plain = bar->is_plain,
                               .shows_number = bar->shows_number,
                               .number = bar->number,
                               .tag = bar->tag};
    return 0;
}

static bool has_end_bar(const struct arranger *arranger) {
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        if (!arranger->music->voices[v].end_bar) {
            return false;
        }
    }
    return true;
}

static int add_last_bars(struct arranger *arranger) {
    struct arranged_bar bar = {.date = arranger->notation->duration, .kind = MUSIC_BAR_SINGLE};
    if (bar.date.num == 0) {
        return 0;
    }
    if (has_end_bar(arranger)) {
        bar.kind = MUSIC_BAR_FINAL;
        for (uint32_t s = 0; s < arranger->music->n_staves; s++) {
            int code = add_staff_bar(arranger, s, &bar);
            if (code != 0) {
                return code;
            }
        }
        return 0;
    }
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        bool is_full = voice->ends_full && date_equal(voice->model->duration, bar.date);
        for (uint32_t s = 0; is_full && s < voice->n_staves; s++) {
            int code = add_staff_bar(arranger, voice->staves[s], &bar);
            if (code != 0) {
                return code;
            }
        }
    }
    return 0;
}

static int compare_bars(const void *a, const void *b) {
    const struct music_bar *left = a, *right = b;
    int order = rational_compare(left->date, right->date);
    return order != 0 ? order : (left->staff > right->staff) - (left->staff < right->staff);
}

static void join_bars(struct arranger *arranger) {
    struct music_bar *bars = arranger->bars.items;
    size_t n = 0;
    for (size_t i = 0; i < arranger->bars.n; i++) {
        struct music_bar *last = n > 0 ? &bars[n - 1] : NULL;
        if (last == NULL || last->staff != bars[i].staff || !date_equal(last->date, bars[i].date)) {
            bars[n++] = bars[i];
            continue;
        }
        /* A written double or repeat bar at the end stays; a plain one becomes the final one. */
        bool keeps_double = last->kind == MUSIC_BAR_DOUBLE && last->tag != NULL &&
                            bars[i].kind == MUSIC_BAR_FINAL && bars[i].tag == NULL;
        bool draws_single = (last->is_plain || last->kind == MUSIC_BAR_SINGLE) &&
                            (bars[i].is_plain || bars[i].kind == MUSIC_BAR_SINGLE);
        bool is_plain = last->kind == MUSIC_BAR_SINGLE && last->tag == NULL;
        last->kind = keeps_double ? last->kind
                     : is_plain   ? bars[i].kind
                                  : join_kinds(last->kind, bars[i].kind);
        last->is_hidden = last->is_hidden && bars[i].is_hidden;
        last->is_plain = draws_single && last->kind != MUSIC_BAR_SINGLE;
        last->shows_number = last->shows_number || bars[i].shows_number;
        last->tag = last->tag != NULL ? last->tag : bars[i].tag;
    }
    arranger->bars.n = n;
}

int arrange_bars(struct arranger *arranger) {
    struct music *music = arranger->music;
    for (size_t v = 0; v < music->n_voices; v++) {
        struct arranged_voice *voice = &arranger->voices[v];
        int code = walk_voice(arranger, voice);
        const struct arranged_bar *bars = voice->bars.items;
        for (size_t i = voice->n_old_bars; i < voice->bars.n && code == 0; i++) {
            for (uint32_t s = 0; s < voice->n_staves && code == 0; s++) {
                code = add_staff_bar(arranger, voice->staves[s], &bars[i]);
            }
        }
        if (code != 0) {
            return code;
        }
    }
    int code = add_last_bars(arranger);
    if (code != 0) {
        return code;
    }
    if (arranger->bars.n > 1) {
        qsort(arranger->bars.items, arranger->bars.n, sizeof(struct music_bar), compare_bars);
    }
    join_bars(arranger);
    music->bars = list_keep(arranger->arena, &arranger->bars, sizeof(*music->bars));
    music->n_bars = arranger->bars.n;
    return music->n_bars > 0 && music->bars == NULL ? LG_ETOOLARGE : 0;
}
