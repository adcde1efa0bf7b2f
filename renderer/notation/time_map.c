/* Performed time to score time: repeats, endings and jumps unrolled (gmn.md 13). The score is cut
 * into sections at everything that may be jumped from or to; sections are played one after the
 * other, each as one entry for every date at which something begins. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/score_maps.h"

#define JUMPS_MAX 4096 /* later ones are not followed: looking for their marks is quadratic */

struct player {
    const struct music *music;
    size_t n_jumps;
    struct rational *dates; /* sorted: begins of events and everything structural, then the end */
    size_t n_dates;
    int *passes; /* of each repeat: the one being played, from 1 */
    bool *taken; /* of each jump: it was followed */
    bool has_jumped;
    struct rational now; /* performed */
    struct time_map *out;
    size_t capacity, n_steps;
};

static int compare_dates(const void *a, const void *b) {
    return rational_compare(*(const struct rational *)a, *(const struct rational *)b);
}

static int collect_dates(struct player *player, const struct engraving *engraving) {
    const struct music *music = player->music;
    size_t n_all = 2 * music->n_repeats + 2 * music->n_endings + player->n_jumps + 2;
    for (size_t i = 0; i < engraving->n_systems; i++) {
        n_all += engraving->systems[i].n_dates;
    }
    struct rational *dates = calloc(n_all, sizeof(*dates));
    size_t n = 0, kept = 0;
    if (dates == NULL) {
        return LG_ENOMEM;
    }
    dates[n++] = (struct rational){0, 1};
    dates[n++] = music->duration;
    for (size_t i = 0; i < engraving->n_systems; i++) {
        const struct engraved_system *system = &engraving->systems[i];
        if (system->n_dates > 0) {
            memcpy(dates + n, system->dates, system->n_dates * sizeof *dates);
            n += system->n_dates;
        }
    }
    for (size_t i = 0; i < music->n_repeats; i++) {
        dates[n++] = music->repeats[i].begin;
        dates[n++] = music->repeats[i].end;
    }
    for (size_t i = 0; i < music->n_endings; i++) {
        dates[n++] = music->endings[i].begin;
        dates[n++] = music->endings[i].end;
    }
    for (size_t i = 0; i < player->n_jumps; i++) {
        dates[n++] = music->jumps[i].at;
    }
    qsort(dates, n, sizeof(*dates), compare_dates);
    for (size_t i = 0; i < n && !date_less(music->duration, dates[i]); i++) {
        if (kept == 0 || !date_equal(dates[kept - 1], dates[i])) {
            dates[kept++] = dates[i];
        }
    }
    player->dates = dates;
    player->n_dates = kept;
    return 0;
}

static size_t place_of(const struct player *player, struct rational date) {
    size_t low = 0, high = player->n_dates;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (date_less(player->dates[middle], date)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The last repeat that begins at or before date; SIZE_MAX. */
static size_t repeat_before(const struct music *music, struct rational date) {
    size_t low = 0, high = music->n_repeats;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (date_less(date, music->repeats[middle].begin)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low > 0 ? low - 1 : SIZE_MAX;
}

/* An ending that begins here and is not for this pass is left out: where to go on. An ending right
 * behind a repeat belongs to it, not to a repeat that begins with it. */
static bool skips_ending(const struct player *player, struct rational date, struct rational *end) {
    const struct music *music = player->music;
    size_t low = 0, high = music->n_endings;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (date_less(music->endings[middle].begin, date)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t repeat = repeat_before(music, date);
    if (low == music->n_endings || !date_equal(music->endings[low].begin, date) ||
        repeat == SIZE_MAX) {
        return false;
    }
    if (repeat > 0 && date_equal(music->repeats[repeat].begin, date) &&
        date_equal(music->repeats[repeat - 1].end, date)) {
        repeat--;
    }
    int pass = player->has_jumped ? music->repeats[repeat].times : player->passes[repeat];
    *end = music->endings[low].end;
    return pass >= 1 && pass <= 32 && (music->endings[low].passes >> (pass - 1) & 1) == 0;
}

/* A repeat that ends here and has a pass left. */
static bool follows_repeat(struct player *player, struct rational date, struct rational *to) {
    const struct music *music = player->music;
    size_t repeat = repeat_before(music, date);
    if (repeat != SIZE_MAX && date_equal(music->repeats[repeat].begin, date) && repeat > 0) {
        repeat--; /* the next one begins where this one ends */
    }
    if (repeat == SIZE_MAX || player->has_jumped || !date_equal(music->repeats[repeat].end, date) ||
        player->passes[repeat] >= music->repeats[repeat].times) {
        return false;
    }
    player->passes[repeat]++;
    *to = music->repeats[repeat].begin;
    return true;
}

/* The nearest mark of a kind: the last one before date, or the first one after. */
static bool find_mark(const struct player *player, enum notation_tag_kind kind,
                      struct rational date, bool is_after, struct rational *at) {
    bool is_found = false;
    for (size_t i = 0; i < player->n_jumps; i++) {
        const struct music_jump *jump = &player->music->jumps[i];
        bool is_right_side = is_after ? date_less(date, jump->at) : date_less(jump->at, date);
        if (jump->kind == kind && is_right_side && !(is_after && is_found)) {
            *at = jump->at;
            is_found = true;
        }
    }
    return is_found;
}

enum move { MOVE_ON, MOVE_JUMP, MOVE_STOP };

static enum move follow_jump(struct player *player, size_t jump_i, struct rational *to) {
    const struct music_jump *jump = &player->music->jumps[jump_i];
    switch (jump->kind) {
    case TAG_FINE:
        return player->has_jumped ? MOVE_STOP : MOVE_ON;
    case TAG_DA_CODA:
        if (player->has_jumped && find_mark(player, TAG_CODA, jump->at, true, to)) {
            return MOVE_JUMP;
        }
        return MOVE_ON;
    case TAG_DA_CAPO:
    case TAG_DA_CAPO_AL_FINE:
    case TAG_DAL_SEGNO:
    case TAG_DAL_SEGNO_AL_FINE:
        if (player->taken[jump_i]) {
            return MOVE_ON;
        }
        *to = (struct rational){0, 1};
        if ((jump->kind == TAG_DAL_SEGNO || jump->kind == TAG_DAL_SEGNO_AL_FINE) &&
            !find_mark(player, TAG_SEGNO, jump->at, false, to)) {
            return MOVE_ON; /* no sign to go to */
        }
        player->taken[jump_i] = true;
        player->has_jumped = true;
        return MOVE_JUMP;
    default:
        return MOVE_ON;
    }
}

/* What happens when the music reaches a date: repeats first, then jumps. */
static enum move reach(struct player *player, struct rational date, struct rational *to) {
    const struct music *music = player->music;
    if (follows_repeat(player, date, to)) {
        return MOVE_JUMP;
    }
    size_t low = 0, high = player->n_jumps;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (date_less(music->jumps[middle].at, date)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i < player->n_jumps && date_equal(music->jumps[i].at, date); i++) {
        enum move move = follow_jump(player, i, to);
        if (move != MOVE_ON) {
            return move;
        }
    }
    return MOVE_ON;
}

static int play(struct player *player, struct rational begin, struct rational end) {
    struct time_map *out = player->out;
    struct rational length = date_subtract(end, begin);
    if (out->n_entries == player->capacity) {
        size_t capacity = player->capacity > 0 ? player->capacity * 2 : 64;
        struct time_map_entry *larger = realloc(out->entries, capacity * sizeof(*larger));
        if (larger == NULL) {
            return LG_ENOMEM;
        }
        out->entries = larger;
        player->capacity = capacity;
    }
    struct rational after = date_add(player->now, length);
    out->entries[out->n_entries++] = (struct time_map_entry){player->now, after, begin, end};
    player->now = after;
    return 0;
}

static int perform(struct player *player) {
    size_t at = 0;
    while (at + 1 < player->n_dates && player->out->n_entries < LIMIT_TIME_MAP_ENTRIES &&
           player->n_steps++ < 2 * (size_t)LIMIT_TIME_MAP_ENTRIES) {
        struct rational to = {0, 1};
        if (skips_ending(player, player->dates[at], &to)) {
            at = place_of(player, to);
            continue;
        }
        int code = play(player, player->dates[at], player->dates[at + 1]);
        if (code != 0) {
            return code;
        }
        at++;
        enum move move = reach(player, player->dates[at], &to);
        if (move == MOVE_STOP) {
            return 0;
        }
        at = move == MOVE_JUMP ? place_of(player, to) : at;
    }
    return 0;
}

int time_map_build(const struct engraving *engraving, struct time_map *out) {
    const struct music *music = engraving->music;
    struct time_map map = {0};
    struct player player = {.music = music, .now = {0, 1}, .out = &map};
    player.n_jumps = music->n_jumps < JUMPS_MAX ? music->n_jumps : JUMPS_MAX;
    int code = collect_dates(&player, engraving);
    player.passes = calloc(music->n_repeats + 1, sizeof(*player.passes));
    player.taken = calloc(music->n_jumps + 1, sizeof(*player.taken));
    if (code == 0 && (player.passes == NULL || player.taken == NULL)) {
        code = LG_ENOMEM;
    }
    for (size_t i = 0; code == 0 && i < music->n_repeats; i++) {
        player.passes[i] = 1;
    }
    code = code != 0 ? code : perform(&player);
    free(player.dates);
    free(player.passes);
    free(player.taken);
    if (code != 0) {
        time_map_finish(&map);
        return code;
    }
    *out = map;
    return 0;
}

void time_map_finish(struct time_map *map) {
    free(map->entries);
    *map = (struct time_map){0};
}
