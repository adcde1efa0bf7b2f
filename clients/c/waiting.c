/* A list by deadline, filled from its end, and a table of ids. */
#include "clients/c/waiting.h"

#include <stddef.h>

void waiting_put(struct waiting *waiting, struct waiting_request *request) {
    struct waiting_request *before = waiting->last;
    while (before != NULL && before->deadline_us > request->deadline_us) {
        before = before->previous;
    }
    request->previous = before;
    request->next = before != NULL ? before->next : waiting->first;
    *(before != NULL ? &before->next : &waiting->first) = request;
    *(request->next != NULL ? &request->next->previous : &waiting->last) = request;
    struct waiting_request **bucket = &waiting->buckets[request->id % WAITING_BUCKETS];
    request->next_in_bucket = *bucket;
    *bucket = request;
    waiting->n++;
}

struct waiting_request *waiting_find(const struct waiting *waiting, uint64_t id) {
    struct waiting_request *request = waiting->buckets[id % WAITING_BUCKETS];
    while (request != NULL && request->id != id) {
        request = request->next_in_bucket;
    }
    return request;
}

void waiting_remove(struct waiting *waiting, struct waiting_request *request) {
    struct waiting_request **at = &waiting->buckets[request->id % WAITING_BUCKETS];
    while (*at != request) {
        at = &(*at)->next_in_bucket;
    }
    *at = request->next_in_bucket;
    *(request->previous != NULL ? &request->previous->next : &waiting->first) = request->next;
    *(request->next != NULL ? &request->next->previous : &waiting->last) = request->previous;
    request->next = request->previous = request->next_in_bucket = NULL;
    waiting->n--;
}
