/* Repeats, endings and jumps of the whole score, for the time map (gmn.md 13): what any voice
 * writes counts, the same in several voices counts once. */
#include <ctype.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"

#define PASSES_MAX 32

struct repeat_walk {
    struct arranger *arranger;
    struct list jumps, repeats, endings;
};

static int compare_jumps(const void *a, const void *b) {
    const struct music_jump *left = a, *right = b;
    int order = rational_compare(left->at, right->at);
    return order != 0 ? order : (int)left->kind - (int)right->kind;
}

static int compare_endings(const void *a, const void *b) {
    const struct music_ending *left = a, *right = b;
    int order = rational_compare(left->begin, right->begin);
    return order != 0 ? order : rational_compare(left->end, right->end);
}

/* "1.", "1, 2", "1-3": passes as bits; 0 when no number is in the text. */
static uint32_t parse_passes(const char *text) {
    uint32_t passes = 0;
    long previous = 0;
    bool is_range = false;
    while (*text != '\0') {
        if (!isdigit((unsigned char)*text)) {
            is_range = (is_range && *text != ',') || *text == '-';
            text++;
            continue;
        }
        char *end;
        long number = strtol(text, &end, 10);
        number = number < 1 ? 1 : number > PASSES_MAX ? PASSES_MAX : number;
        for (long pass = is_range && previous > 0 ? previous : number; pass <= number; pass++) {
            passes |= (uint32_t)1 << (pass - 1);
        }
        previous = number;
        is_range = false;
        text = end;
    }
    return passes;
}

static int add_ending(struct repeat_walk *walk, const struct arranged_voice *voice,
                      const struct notation_tag *tag) {
    uint32_t passes = 1;
    if (tag->kind == TAG_VOLTA) {
        passes = parse_passes(notation_tag_text(tag, "mark", ""));
    } else if (tag->n_params > 0 && tag->params[0].kind == NOTATION_PARAM_INTEGER &&
               tag->params[0].number >= 1 && tag->params[0].number <= PASSES_MAX) {
        passes = (uint32_t)1 << ((int)tag->params[0].number - 1);
    }
    struct rational begin = arrange_tag_date(voice, tag), end = arrange_tag_end(voice, tag);
    if (passes == 0 || !date_less(begin, end)) {
        return 0;
    }
    struct music_ending *ending =
        list_add(walk->arranger->scratch, &walk->endings, sizeof(*ending));
    if (ending == NULL) {
        return LG_ETOOLARGE;
    }
    *ending = (struct music_ending){begin, end, passes};
    return 0;
}

static int read_tag(struct repeat_walk *walk, const struct arranged_voice *voice,
                    const struct notation_tag *tag) {
    if (tag->kind >= TAG_CODA && tag->kind <= TAG_FINE) {
        struct music_jump *jump = list_add(walk->arranger->scratch, &walk->jumps, sizeof(*jump));
        if (jump == NULL) {
            return LG_ETOOLARGE;
        }
        *jump = (struct music_jump){arrange_tag_date(voice, tag), tag->kind, tag};
        return 0;
    }
    bool is_ending = tag->has_range && (tag->kind == TAG_VOLTA || tag->kind == TAG_REPEAT_END);
    return is_ending ? add_ending(walk, voice, tag) : 0;
}

static void keep_unique(struct repeat_walk *walk) {
    struct music_jump *jumps = walk->jumps.items;
    struct music_ending *endings = walk->endings.items;
    size_t n = 0;
    if (walk->jumps.n > 1) {
        qsort(jumps, walk->jumps.n, sizeof(*jumps), compare_jumps);
    }
    for (size_t i = 0; i < walk->jumps.n; i++) {
        if (n == 0 || compare_jumps(&jumps[n - 1], &jumps[i]) != 0) {
            jumps[n++] = jumps[i];
        }
    }
    walk->jumps.n = n;
    n = 0;
    if (walk->endings.n > 1) {
        qsort(endings, walk->endings.n, sizeof(*endings), compare_endings);
    }
    for (size_t i = 0; i < walk->endings.n; i++) {
        if (n == 0 || compare_endings(&endings[n - 1], &endings[i]) != 0) {
            endings[n++] = endings[i];
        } else {
            endings[n - 1].passes |= endings[i].passes;
        }
    }
    walk->endings.n = n;
}

/* How often: twice, or what the endings from `begin` on name until the next repeat. */
static int count_times(const struct repeat_walk *walk, size_t *next, struct rational begin,
                       struct rational end) {
    const struct music_ending *endings = walk->endings.items;
    uint32_t passes = 0;
    struct rational reach = end;
    while (*next < walk->endings.n && date_less(endings[*next].begin, begin)) {
        ++*next;
    }
    for (size_t i = *next; i < walk->endings.n && !date_less(reach, endings[i].begin); i++) {
        passes |= endings[i].passes;
        reach = date_max(reach, endings[i].end);
    }
    int times = 2;
    for (int pass = 3; pass <= PASSES_MAX; pass++) {
        times = passes >> (pass - 1) & 1 ? pass : times;
    }
    return times;
}

/* Begin and end bars of any staff, by date. A repeat without begin starts where the last ended. */
static int find_repeats(struct repeat_walk *walk) {
    const struct music *music = walk->arranger->music;
    struct rational begin = {0, 1};
    size_t next_ending = 0;
    for (size_t i = 0; i < music->n_bars;) {
        struct rational date = music->bars[i].date;
        bool begins = false, ends = false;
        for (; i < music->n_bars && date_equal(music->bars[i].date, date); i++) {
            enum music_bar_kind kind = music->bars[i].kind;
            begins = begins || kind == MUSIC_BAR_REPEAT_BEGIN || kind == MUSIC_BAR_REPEAT_BOTH;
            ends = ends || kind == MUSIC_BAR_REPEAT_END || kind == MUSIC_BAR_REPEAT_BOTH;
        }
        if (ends && date_less(begin, date)) {
            struct music_repeat *repeat =
                list_add(walk->arranger->scratch, &walk->repeats, sizeof(*repeat));
            if (repeat == NULL) {
                return LG_ETOOLARGE;
            }
            *repeat =
                (struct music_repeat){begin, date, count_times(walk, &next_ending, begin, date)};
        }
        begin = begins || ends ? date : begin;
    }
    return 0;
}

int arrange_repeats(struct arranger *arranger) {
    struct music *music = arranger->music;
    struct repeat_walk walk = {.arranger = arranger};
    int code = 0;
    for (size_t v = 0; v < music->n_voices && code == 0; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        for (size_t t = 0; t < voice->model->n_tags && code == 0; t++) {
            code = read_tag(&walk, voice, &voice->model->tags[t]);
        }
    }
    keep_unique(&walk);
    code = code != 0 ? code : find_repeats(&walk);
    music->jumps = list_keep(arranger->arena, &walk.jumps, sizeof(*music->jumps));
    music->n_jumps = music->jumps != NULL ? walk.jumps.n : 0;
    music->repeats = list_keep(arranger->arena, &walk.repeats, sizeof(*music->repeats));
    music->n_repeats = music->repeats != NULL ? walk.repeats.n : 0;
    music->endings = list_keep(arranger->arena, &walk.endings, sizeof(*music->endings));
    music->n_endings = music->endings != NULL ? walk.endings.n : 0;
    return code;
}
