/* A list, and the thread of the program's functions. */
#include "clients/c/inbox.h"

#include "clients/c/client_private.h"

static _Thread_local const struct lg_client *inside;

void inbox_init(struct inbox *inbox) {
    inbox->last = &inbox->first;
}

void inbox_put_locked(struct lg_client *client, struct delivery *delivery) {
    struct inbox *inbox = &client->inbox;
    delivery->next = NULL;
    *inbox->last = delivery;
    inbox->last = &delivery->next;
    inbox->n_items++;
    inbox->size_bytes += delivery->size_bytes;
    pthread_cond_broadcast(&client->changed);
}

bool inbox_is_full_locked(struct inbox *inbox) {
    size_t times = inbox->is_waiting ? 4 : 1;
    bool is_full =
        inbox->n_items >= INBOX_ITEMS * times || inbox->size_bytes >= INBOX_BYTES * times;
    inbox->is_stalled = is_full;
    return is_full;
}

void inbox_wait_begin_locked(struct lg_client *client) {
    if (inbox_is_inside(client)) {
        client->inbox.is_waiting = true;
        client_wake_locked(client);
    }
}

void inbox_wait_end_locked(struct lg_client *client) {
    if (inbox_is_inside(client)) {
        client->inbox.is_waiting = false;
    }
}

void inbox_end_locked(struct lg_client *client) {
    client->inbox.is_ending = true;
    pthread_cond_broadcast(&client->changed);
}

/* NULL: the end. */
static struct delivery *take_locked(struct lg_client *client) {
    struct inbox *inbox = &client->inbox;
    while (inbox->first == NULL && !inbox->is_ending) {
        pthread_cond_wait(&client->changed, &client->lock);
    }
    struct delivery *delivery = inbox->first;
    if (delivery == NULL) {
        return NULL;
    }
    inbox->first = delivery->next;
    if (inbox->first == NULL) {
        inbox->last = &inbox->first;
    }
    inbox->n_items--;
    inbox->size_bytes -= delivery->size_bytes;
    if (inbox->is_stalled && inbox->n_items <= INBOX_ITEMS / 2 &&
        inbox->size_bytes <= INBOX_BYTES / 2) {
        inbox->is_stalled = false;
        client_wake_locked(client);
    }
    return delivery;
}

void inbox_run(struct lg_client *client) {
    inside = client;
    pthread_mutex_lock(&client->lock);
    struct delivery *delivery;
    while ((delivery = take_locked(client)) != NULL) {
        bool is_wanted = delivery->is_must || !client->inbox.is_dropping;
        pthread_mutex_unlock(&client->lock);
        if (is_wanted) {
            delivery->run(client, delivery);
        }
        delivery->destroy(delivery);
        pthread_mutex_lock(&client->lock);
    }
    client->inbox.is_over = true;
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
    inside = NULL;
}

bool inbox_is_inside(const struct lg_client *client) {
    return inside == client;
}
