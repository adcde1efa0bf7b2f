/* Delayed messages: a heap by time, emptied into the queue of events. */
#include "renderer/score/time/delays.h"

#include <stdlib.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/score_state.h"

static bool is_earlier(const struct delayed *a, const struct delayed *b) {
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->serial < b->serial;
}

static void swap(struct delayed *a, struct delayed *b) {
    struct delayed kept = *a;
    *a = *b;
    *b = kept;
}

static void put(struct delays *delays, const struct delayed *item) {
    delays->items =
        alloc_grow(delays->items, delays->n_items, &delays->capacity, sizeof *delays->items);
    size_t i = delays->n_items++;
    delays->items[i] = *item;
    delays->size_bytes += item->size_bytes;
    while (i > 0 && is_earlier(&delays->items[i], &delays->items[(i - 1) / 2])) {
        swap(&delays->items[i], &delays->items[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static struct delayed take_first(struct delays *delays) {
    struct delayed first = delays->items[0];
    delays->items[0] = delays->items[--delays->n_items];
    delays->size_bytes -= first.size_bytes;
    for (size_t i = 0;;) {
        size_t next = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < delays->n_items; child++) {
            next = is_earlier(&delays->items[child], &delays->items[next]) ? child : next;
        }
        if (next == i) {
            return first;
        }
        swap(&delays->items[i], &delays->items[next]);
        i = next;
    }
}

static size_t list_bytes(const struct message_list *list) {
    size_t bytes = sizeof *list;
    for (size_t i = 0; i < list->n_messages; i++) {
        bytes += message_size_bytes(&list->messages[i]);
    }
    return bytes;
}

int delays_set(struct object *object, const struct param *params, size_t n_params) {
    struct score *score = object->score;
    if (n_params < 2 || !param_is_number(&params[0]) || param_as_int(&params[0]) < 0 ||
        param_as_int(&params[0]) > LIMIT_DELAY_MS) {
        return LG_EBADREQUEST;
    }
    struct message_list *list = watch_list_from_params(params + 1, n_params - 1);
    if (list == NULL) {
        return LG_EBADREQUEST;
    }
    int64_t now_us = score->env->now_us(score->env->ctx);
    return delays_put(score, now_us + (int64_t)param_as_int(&params[0]) * 1000, list);
}

int delays_put(struct score *score, int64_t due_us, struct message_list *list) {
    struct delays *delays = &score->delays;
    struct delayed item = {
        .due_us = due_us,
        .serial = ++delays->last_serial,
        .list = list,
        .size_bytes = list_bytes(list),
    };
    if (delays->n_items >= LIMIT_DELAYED ||
        delays->size_bytes + item.size_bytes > LIMIT_DELAYED_BYTES) {
        message_list_unref(list);
        if (!delays->is_full) {
            delays->is_full = true;
            score_error(score, "too many delayed messages (limit %d), dropping", LIMIT_DELAYED);
        }
        return LG_ETOOLARGE;
    }
    put(delays, &item);
    return 0;
}

int64_t score_next_delayed_us(const struct score *score) {
    return score->delays.n_items > 0 ? score->delays.items[0].due_us : -1;
}

void score_queue_delayed(struct score *score) {
    struct delays *delays = &score->delays;
    int64_t now_us = score->env->now_us(score->env->ctx);
    while (delays->n_items > 0 && delays->items[0].due_us <= now_us) {
        struct delayed item = take_first(delays);
        for (size_t i = 0; i < item.list->n_messages; i++) {
            watch_enqueue(score, &item.list->messages[i]);
        }
        message_list_unref(item.list);
        delays->is_full = false;
    }
}

void delays_finish(struct delays *delays) {
    for (size_t i = 0; i < delays->n_items; i++) {
        message_list_unref(delays->items[i].list);
    }
    free(delays->items);
    *delays = (struct delays){0};
}
