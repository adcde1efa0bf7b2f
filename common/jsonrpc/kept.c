/* Texts that wait: a bounded list that counts what it had to drop. */
#include <stdlib.h>
#include <string.h>

#include "common/jsonrpc/private.h"

void kept_init(struct kept *kept) {
    *kept = (struct kept){.first = NULL};
    kept->last = &kept->first;
}

struct kept_text *kept_take(struct kept *kept) {
    struct kept_text *text = kept->first;
    if (text != NULL) {
        kept->first = text->next;
        if (kept->first == NULL) {
            kept->last = &kept->first;
        }
        kept->n_texts--;
        kept->size_bytes -= text->size_bytes;
    }
    return text;
}

void kept_finish(struct kept *kept) {
    struct kept_text *text;
    while ((text = kept_take(kept)) != NULL) {
        free(text);
    }
}

bool kept_push(struct kept *kept, const char *text, size_t size_bytes, bool is_notification) {
    struct kept_text *item = malloc(sizeof *item + size_bytes + 1);
    if (item == NULL) {
        return false;
    }
    item->next = NULL;
    item->size_bytes = size_bytes;
    item->is_notification = is_notification;
    memcpy(item->text, text, size_bytes);
    item->text[size_bytes] = '\0';
    *kept->last = item;
    kept->last = &item->next;
    kept->n_texts++;
    kept->size_bytes += size_bytes;
    return true;
}

/* The oldest notification, else the oldest text. */
static void drop_one(struct kept *kept) {
    struct kept_text **at = &kept->first;
    while (*at != NULL && !(*at)->is_notification) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        kept->lost_answers++;
        free(kept_take(kept));
        return;
    }
    struct kept_text *text = *at;
    *at = text->next;
    if (text->next == NULL) {
        kept->last = at;
    }
    kept->lost_notifications++;
    kept->n_texts--;
    kept->size_bytes -= text->size_bytes;
    free(text);
}

void kept_make_room(struct kept *kept, size_t size_bytes, size_t max_texts, size_t max_bytes) {
    while (kept->n_texts > 0 &&
           (kept->n_texts >= max_texts || kept->size_bytes + size_bytes > max_bytes)) {
        drop_one(kept);
    }
}
