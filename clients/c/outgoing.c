/* Two lists. */
#include "clients/c/outgoing.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

static void init_queue(struct outgoing_queue *queue) {
    queue->last = &queue->first;
}

void outgoing_init(struct outgoing *outgoing) {
    init_queue(&outgoing->control);
    init_queue(&outgoing->ready);
}

void outgoing_finish(struct outgoing *outgoing) {
    outgoing_clear(&outgoing->control);
    outgoing_clear(&outgoing->ready);
}

struct outgoing_message *outgoing_message_create(const char *text, size_t len, uint64_t id) {
    struct outgoing_message *message = calloc(1, sizeof(*message) + LWS_PRE + len);
    if (message == NULL) {
        return NULL;
    }
    message->id = id;
    message->len = len;
    message->text = (unsigned char *)(message + 1) + LWS_PRE;
    memcpy(message->text, text, len);
    return message;
}

void outgoing_message_destroy(struct outgoing_message *message) {
    free(message);
}

void outgoing_put(struct outgoing_queue *queue, struct outgoing_message *message) {
    message->next = NULL;
    *queue->last = message;
    queue->last = &message->next;
    queue->n++;
    queue->size_bytes += message->len;
}

/* The message that *at points to leaves the list. */
static struct outgoing_message *unlink_at(struct outgoing_queue *queue,
                                          struct outgoing_message **at) {
    struct outgoing_message *message = *at;
    *at = message->next;
    if (queue->last == &message->next) {
        queue->last = at;
    }
    message->next = NULL;
    queue->n--;
    queue->size_bytes -= message->len;
    return message;
}

struct outgoing_message *outgoing_take(struct outgoing_queue *queue) {
    return queue->first != NULL ? unlink_at(queue, &queue->first) : NULL;
}

void outgoing_clear(struct outgoing_queue *queue) {
    struct outgoing_message *message;
    while ((message = outgoing_take(queue)) != NULL) {
        outgoing_message_destroy(message);
    }
}

void outgoing_remove(struct outgoing_queue *queue, uint64_t id) {
    struct outgoing_message **at = &queue->first;
    while (*at != NULL && (*at)->id != id) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        outgoing_message_destroy(unlink_at(queue, at));
    }
}

void outgoing_remove_replies(struct outgoing_queue *queue) {
    struct outgoing_message **at = &queue->first;
    while (*at != NULL) {
        if ((*at)->is_reply) {
            outgoing_message_destroy(unlink_at(queue, at));
        } else {
            at = &(*at)->next;
        }
    }
}
