/* The outbox of one client. Long texts go out in fragments; a picture is one
 * own fragment (id, version) followed by the fragments that all clients share.
 */
#include "gateway-ws/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "gateway-ws/link/ws_frame.h"
#include "gateway-ws/link/ws_link.h"
#include "gateway-ws/picture.h"
#include "proto/limits.h"

enum { FRAGMENT_BYTES = 16384 };

struct outbox_item {
    struct outbox_item *next;
    struct picture *picture; /* owned reference */
    bool is_picture;
    bool is_news;
    size_t size_bytes;   /* of the own text */
    size_t at;           /* own bytes written; then number of shared pieces written */
    bool is_own_written; /* `at` counts pieces */
    uint8_t end_size_bytes;
    uint8_t end[WS_LINK_PRE + OUTBOX_END_BYTES]; /* after the pieces */
    uint8_t bytes[];                             /* WS_LINK_PRE, text, NUL */
};

static void drop_first(struct outbox *outbox) {
    struct outbox_item *item = outbox->first;
    outbox->first = item->next;
    if (outbox->first == NULL) {
        outbox->last = NULL;
    }
    outbox->n_items--;
    outbox->n_news -= item->is_news;
    outbox->size_bytes -= (uint32_t)item->size_bytes;
    picture_unref(item->picture);
    free(item);
}

void outbox_finish(struct outbox *outbox) {
    uint32_t max_items = outbox->max_items;
    while (outbox->first != NULL) {
        drop_first(outbox);
    }
    memset(outbox, 0, sizeof(*outbox));
    outbox->max_items = max_items;
}

static struct outbox_item *make_item(const char *text, size_t size_bytes) {
    struct outbox_item *item = calloc(1, sizeof(*item) + WS_LINK_PRE + size_bytes + 1);
    if (item != NULL) {
        item->size_bytes = size_bytes;
        memcpy(item->bytes + WS_LINK_PRE, text, size_bytes);
    }
    return item;
}

static int push(struct outbox *outbox, const char *text, size_t size_bytes, bool is_picture) {
    uint32_t max_items = outbox->max_items > 0 ? outbox->max_items : LIMIT_WS_REPLIES_QUEUED;
    if (outbox->n_items >= max_items || size_bytes > UINT32_MAX - outbox->size_bytes) {
        return LG_EBUSY;
    }
    struct outbox_item *item = make_item(text, size_bytes);
    if (item == NULL) {
        return LG_ENOMEM;
    }
    item->is_picture = is_picture;
    if (outbox->last != NULL) {
        outbox->last->next = item;
    } else {
        outbox->first = item;
    }
    outbox->last = item;
    outbox->n_items++;
    outbox->size_bytes += (uint32_t)size_bytes;
    return 0;
}

int outbox_push_text(struct outbox *outbox, const char *text, size_t size_bytes) {
    return push(outbox, text, size_bytes, false);
}

int outbox_push_picture(struct outbox *outbox, const char *start, size_t size_bytes) {
    return push(outbox, start, size_bytes, true);
}

int outbox_push_shared(struct outbox *outbox, const char *start, struct picture *picture,
                       const char *end) {
    size_t start_len = strlen(start), end_len = strlen(end);
    assert(end_len <= OUTBOX_END_BYTES);
    int err = push(outbox, start, start_len, true);
    if (err == 0) {
        struct outbox_item *item = outbox->last;
        item->picture = picture_ref(picture);
        item->is_own_written = start_len == 0;
        item->end_size_bytes = (uint8_t)end_len;
        memcpy(item->end + WS_LINK_PRE, end, end_len);
    }
    return err;
}

void outbox_mark_news(struct outbox *outbox) {
    if (!outbox->last->is_news) {
        outbox->last->is_news = true;
        outbox->n_news++;
    }
}

bool outbox_has_news_inside(const struct outbox *outbox) {
    return outbox->n_news > 0;
}

size_t outbox_gather(const struct outbox *outbox, uint8_t *frames, size_t room_bytes,
                     size_t *n_texts) {
    size_t used = 0;
    *n_texts = 0;
    for (const struct outbox_item *item = outbox->first;
         item != NULL && !item->is_picture && item->at == 0; item = item->next) {
        size_t size = ws_frame_text(frames + used, room_bytes - used,
                                    (const char *)item->bytes + WS_LINK_PRE, item->size_bytes);
        if (size == 0) {
            break;
        }
        used += size;
        ++*n_texts;
    }
    return used;
}

void outbox_drop(struct outbox *outbox, size_t n_texts) {
    for (size_t i = 0; i < n_texts; i++) {
        drop_first(outbox);
    }
}

bool outbox_needs_picture(const struct outbox *outbox) {
    return outbox->first != NULL && outbox->first->is_picture && outbox->first->picture == NULL;
}

const char *outbox_picture_start(const struct outbox *outbox) {
    assert(outbox_needs_picture(outbox));
    return (const char *)outbox->first->bytes + WS_LINK_PRE;
}

/* Puts a longer or other own text into the first item. */
static int replace_first(struct outbox *outbox, const char *text, size_t size_bytes) {
    struct outbox_item *old = outbox->first;
    struct outbox_item *item = make_item(text, size_bytes);
    if (item == NULL) {
        return LG_ENOMEM;
    }
    item->next = old->next;
    outbox->first = item;
    if (outbox->last == old) {
        outbox->last = item;
    }
    outbox->size_bytes += (uint32_t)(size_bytes - old->size_bytes);
    free(old);
    return 0;
}

int outbox_choose_picture(struct outbox *outbox, struct picture *picture, const char *instead) {
    assert(outbox_needs_picture(outbox));
    if (picture == NULL) {
        return replace_first(outbox, instead, strlen(instead));
    }
    struct outbox_item *item = outbox->first;
    const char *head = picture_head(picture);
    size_t head_len = strlen(head);
    char *text = malloc(item->size_bytes + head_len);
    if (text == NULL) {
        return LG_ENOMEM;
    }
    memcpy(text, item->bytes + WS_LINK_PRE, item->size_bytes);
    memcpy(text + item->size_bytes, head, head_len);
    int err = replace_first(outbox, text, item->size_bytes + head_len);
    free(text);
    if (err == 0) {
        outbox->first->is_picture = true;
        outbox->first->picture = picture_ref(picture);
    }
    return err;
}

bool outbox_peek(const struct outbox *outbox, struct ws_link_piece *piece) {
    struct outbox_item *item = outbox->first;
    if (item == NULL || outbox_needs_picture(outbox)) {
        return false;
    }
    piece->is_binary = item->picture != NULL && picture_is_binary(item->picture);
    if (item->is_own_written) {
        size_t n_pieces = picture_n_pieces(item->picture);
        bool is_end = item->at == n_pieces;
        piece->bytes = is_end ? item->end + WS_LINK_PRE
                              : picture_piece(item->picture, item->at, &piece->size_bytes);
        piece->size_bytes = is_end ? item->end_size_bytes : piece->size_bytes;
        piece->is_first = item->at == 0 && item->size_bytes == 0;
        piece->is_last = item->at + 1 == n_pieces + (item->end_size_bytes > 0);
        return true;
    }
    size_t left = item->size_bytes - item->at;
    piece->bytes = item->bytes + WS_LINK_PRE + item->at;
    piece->size_bytes = left < FRAGMENT_BYTES ? left : FRAGMENT_BYTES;
    piece->is_first = item->at == 0;
    piece->is_last = item->picture == NULL && left <= FRAGMENT_BYTES;
    return true;
}

void outbox_advance(struct outbox *outbox) {
    struct ws_link_piece piece;
    struct outbox_item *item = outbox->first;
    if (!outbox_peek(outbox, &piece)) {
        return;
    }
    if (piece.is_last) {
        drop_first(outbox);
    } else if (item->is_own_written) {
        item->at++;
    } else {
        item->at += piece.size_bytes;
        if (item->at == item->size_bytes) {
            item->is_own_written = true;
            item->at = 0;
        }
    }
}

bool outbox_is_inside(const struct outbox *outbox) {
    const struct outbox_item *item = outbox->first;
    return item != NULL && (item->at > 0 || (item->is_own_written && item->size_bytes > 0));
}

bool outbox_is_empty(const struct outbox *outbox) {
    return outbox->first == NULL;
}
