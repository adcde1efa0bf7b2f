/* The difference of lists: match equal items, keep the longest run of matches
 * that are in the same order, damage the rest. */
#include "renderer/draw/damage.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/draw/display_list_private.h"

/* -- sets of rectangles --------------------------------------------------- */

static int64_t area(struct rect_px rect) {
    return (int64_t)rect.width * rect.height;
}

void damage_add(struct damage *damage, struct rect_px rect) {
    if (rect.width <= 0 || rect.height <= 0) {
        return;
    }
    size_t best = 0;
    int64_t best_waste = INT64_MAX;
    for (size_t i = 0; i < damage->n; i++) {
        struct rect_px both = rect_px_unite(damage->rects[i], rect);
        int64_t waste = area(both) - area(damage->rects[i]) - area(rect);
        if (waste < best_waste) {
            best_waste = waste;
            best = i;
        }
    }
    if (damage->n > 0 && (damage->n == DAMAGE_RECTS_MAX || best_waste <= area(rect) / 4)) {
        struct rect_px united = rect_px_unite(damage->rects[best], rect);
        damage->rects[best] = damage->rects[--damage->n];
        damage_add(damage, united); /* one shorter each time, so this ends */
        return;
    }
    damage->rects[damage->n++] = rect;
}

/* -- lists -------------------------------------------------------------- */

/* A top-level item or a whole group. */
struct unit {
    uint64_t hash;
    struct rect_px bounds;
};

struct units {
    struct unit *of;
    size_t n;
};

/* Blocks first..end of a list. */
struct stretch {
    const struct display_list *list;
    size_t first, end;
};

static bool collect(struct stretch stretch, struct units *units) {
    size_t n_items = 0;
    for (size_t i = stretch.first; i < stretch.end; i++) {
        n_items += stretch.list->blocks[i]->n_items;
    }
    units->n = 0;
    units->of = malloc((n_items + 1) * sizeof(*units->of));
    if (units->of == NULL) {
        return false;
    }
    for (size_t block_i = stretch.first; block_i < stretch.end; block_i++) {
        const struct display_block *block = stretch.list->blocks[block_i];
        for (size_t i = 0; i < block->n_items; i = block->marks[i].end_i + 1) {
            const struct display_mark *mark = &block->marks[i];
            if (mark->bounds.width > 0) {
                units->of[units->n++] = (struct unit){mark->hash, mark->bounds};
            }
        }
    }
    return true;
}

static bool is_same(struct unit a, struct unit b) {
    return a.hash == b.hash && memcmp(&a.bounds, &b.bounds, sizeof(a.bounds)) == 0;
}

#define NOWHERE SIZE_MAX

/* For each unit of `after` the place of an equal one in `before`, each place used once. */
static bool match(const struct unit *before, size_t n_before, const struct unit *after,
                  size_t n_after, size_t *place) {
    size_t n_slots = 16;
    while (n_slots < 2 * n_before) {
        n_slots *= 2;
    }
    size_t *first = malloc(n_slots * sizeof(*first));
    size_t *next = malloc((n_before + 1) * sizeof(*next));
    bool is_done = first != NULL && next != NULL;
    if (is_done) {
        memset(first, 0xff, n_slots * sizeof(*first));
        for (size_t i = n_before; i-- > 0;) { /* backwards, so that chains run forwards */
            size_t slot = (size_t)before[i].hash & (n_slots - 1);
            next[i] = first[slot];
            first[slot] = i;
        }
        for (size_t i = 0; i < n_after; i++) {
            size_t *link = &first[(size_t)after[i].hash & (n_slots - 1)];
            while (*link != NOWHERE && !is_same(before[*link], after[i])) {
                link = &next[*link];
            }
            place[i] = *link;
            if (*link != NOWHERE) {
                *link = next[*link];
            }
        }
    }
    free(first);
    free(next);
    return is_done;
}

/* Longest increasing subsequence of place[]; is_kept[i] tells its members. */
static bool keep_longest(const size_t *place, size_t n, bool *is_kept) {
    /* tails[k]: index of the last member of the best run of k + 1 members. */
    size_t *tails = malloc((n + 1) * sizeof(*tails));
    size_t *parent = malloc((n + 1) * sizeof(*parent));
    size_t length = 0;
    bool is_done = tails != NULL && parent != NULL;
    for (size_t i = 0; is_done && i < n; i++) {
        is_kept[i] = false;
        if (place[i] == NOWHERE) {
            continue;
        }
        size_t low = 0, high = length;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (place[tails[middle]] < place[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        parent[i] = low > 0 ? tails[low - 1] : NOWHERE;
        tails[low] = i;
        length = low == length ? length + 1 : length;
    }
    for (size_t i = length > 0 ? tails[length - 1] : NOWHERE; is_done && i != NOWHERE;
         i = parent[i]) {
        is_kept[i] = true;
    }
    free(tails);
    free(parent);
    return is_done;
}

/* What lies between the common beginning and end. */
static bool damage_middle(const struct unit *before, size_t n_before, const struct unit *after,
                          size_t n_after, struct damage *damage) {
    size_t *place = malloc((n_after + 1) * sizeof(*place));
    bool *is_kept = calloc(n_after + 1, sizeof(*is_kept));
    bool *was_kept = calloc(n_before + 1, sizeof(*was_kept));
    bool is_done = place != NULL && is_kept != NULL && was_kept != NULL &&
                   match(before, n_before, after, n_after, place) &&
                   keep_longest(place, n_after, is_kept);
    for (size_t i = 0; is_done && i < n_after; i++) {
        if (is_kept[i]) {
            was_kept[place[i]] = true;
        } else {
            damage_add(damage, after[i].bounds);
        }
    }
    for (size_t i = 0; is_done && i < n_before; i++) {
        if (!was_kept[i]) {
            damage_add(damage, before[i].bounds);
        }
    }
    free(place);
    free(is_kept);
    free(was_kept);
    return is_done;
}

/* Blocks that lie between two that both lists share. */
static bool damage_stretch(struct stretch before, struct stretch after, struct damage *damage) {
    struct units a = {0}, b = {0};
    bool is_done = collect(before, &a) && collect(after, &b);
    if (is_done) {
        size_t start = 0, end = 0, shorter = a.n < b.n ? a.n : b.n;
        while (start < shorter && is_same(a.of[start], b.of[start])) {
            start++;
        }
        while (end < shorter - start && is_same(a.of[a.n - 1 - end], b.of[b.n - 1 - end])) {
            end++;
        }
        is_done =
            damage_middle(a.of + start, a.n - start - end, b.of + start, b.n - start - end, damage);
    }
    free(a.of);
    free(b.of);
    return is_done;
}

/* The next block that both lists share, at most LOOK_AHEAD further in each; their ends when there
 * is none so near. Shared blocks found in order are kept items: any such choice gives damage that
 * covers every change, and a later one only more of it. */
#define LOOK_AHEAD 6

static void find_shared(struct stretch *before, struct stretch *after) {
    size_t n_before = before->list->n_blocks, n_after = after->list->n_blocks;
    for (size_t ahead = 0; ahead <= 2 * LOOK_AHEAD; ahead++) {
        for (size_t i = 0; i <= ahead; i++) {
            size_t in_before = before->first + i, in_after = after->first + ahead - i;
            if (i <= LOOK_AHEAD && ahead - i <= LOOK_AHEAD && in_before < n_before &&
                in_after < n_after &&
                before->list->blocks[in_before] == after->list->blocks[in_after]) {
                before->end = in_before;
                after->end = in_after;
                return;
            }
        }
    }
    /* A long row of changed blocks, as when everything moves: the same number in both. */
    size_t n = n_before - before->first < n_after - after->first ? n_before - before->first
                                                                 : n_after - after->first;
    for (size_t i = 2 * LOOK_AHEAD + 1; n_before == n_after && i < n; i++) {
        if (before->list->blocks[before->first + i] == after->list->blocks[after->first + i]) {
            before->end = before->first + i;
            after->end = after->first + i;
            return;
        }
    }
    before->end = n_before;
    after->end = n_after;
}

void damage_between(const struct display_list *before, const struct display_list *after,
                    struct damage *damage) {
    struct stretch a = {before, 0, 0}, b = {after, 0, 0};
    damage->n = 0;
    bool is_done = memcmp(&before->background, &after->background, sizeof(before->background)) == 0;
    while (is_done && (a.first < before->n_blocks || b.first < after->n_blocks)) {
        find_shared(&a, &b);
        if (a.first < a.end || b.first < b.end) {
            is_done = damage_stretch(a, b, damage);
        }
        a.first = a.end + 1; /* behind the shared one */
        b.first = b.end + 1;
    }
    if (!is_done) {
        damage->n = 0;
        damage_add(damage, display_list_rect(after));
    }
}

/* -- pixels ------------------------------------------------------------- */

struct rect_px damage_compare(const uint8_t *before, const uint8_t *after, size_t stride,
                              struct rect_px rect) {
    size_t row_bytes = (size_t)rect.width * 4;
    size_t left = row_bytes, right = 0;
    int top = -1, bottom = -1;
    for (int y = rect.y; y < rect.y + rect.height; y++) {
        const uint8_t *a = before + (size_t)y * stride + (size_t)rect.x * 4;
        const uint8_t *b = after + (size_t)y * stride + (size_t)rect.x * 4;
        if (memcmp(a, b, row_bytes) == 0) {
            continue;
        }
        top = top < 0 ? y : top;
        bottom = y;
        size_t x = 0;
        while (x < left && memcmp(a + x, b + x, 4) == 0) {
            x += 4;
        }
        left = x;
        x = row_bytes;
        while (x > right && memcmp(a + x - 4, b + x - 4, 4) == 0) {
            x -= 4;
        }
        right = x;
    }
    if (top < 0) {
        return (struct rect_px){0, 0, 0, 0};
    }
    return (struct rect_px){rect.x + (int)(left / 4), top, (int)((right - left) / 4),
                            bottom - top + 1};
}
