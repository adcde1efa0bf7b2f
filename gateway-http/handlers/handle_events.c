/* GET /events: server-sent events. A client has one small text under way and
 * remembers what it was told last; whatever happened meanwhile, the next text
 * says the newest. So a slow client skips versions and costs no memory.
 *
 *     id: <epoch>-<version>          data: {"scene": …, "version": N, "epoch": "…"}
 *     event: state                   data: {"stale": true, "since": <seconds since 1970>}
 *     : beat                         each EVENTS_BEAT_S without other news
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/metrics.h"
#include "gateway-http/exchange.h"
#include "gateway-http/path.h"
#include "gateway-http/server/response.h"
#include "gateway-http/handlers/scene_wait.h"

#define EVENTS_BEAT_S     15
#define EVENTS_TEXT_BYTES 512

struct event_client {
    struct event_client *prev, *next; /* events.lock */
    bool is_asleep;                   /* events.lock; suspended until woken */
    struct exchange *exchange;
    int64_t last_text_us; /* events.lock for others than the HTTP thread */
    /* HTTP thread only: */
    uint64_t epoch, version; /* told last */
    bool is_greeted, was_stale;
    char text[EVENTS_TEXT_BYTES];
    size_t text_len, text_at;
};

/* -- the list ----------------------------------------------------------- */

void events_init(struct events *events) {
    memset(events, 0, sizeof *events);
    pthread_mutex_init(&events->lock, NULL);
    events->n_notices = metric_counter("leggio_http_notices_total", "", "versions told to /events");
    events->n_coalesced = metric_counter(
        "leggio_http_coalesced_total", "",
        "versions that a client of /events was not told of, as a newer one was there");
    events->delay = metric_histogram("leggio_http_notice_delay_seconds", "",
                                     "from drawing a version to its notice on /events",
                                     METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
}

void events_finish(struct events *events) {
    pthread_mutex_destroy(&events->lock);
    memset(events, 0, sizeof *events);
}

static void wake_locked(struct event_client *client) {
    if (client->is_asleep) {
        client->is_asleep = false;
        http_request_resume(client->exchange->request);
    }
}

void events_wake(struct events *events, const char *scene) {
    pthread_mutex_lock(&events->lock);
    for (struct event_client *c = events->first; c != NULL; c = c->next) {
        if (scene == NULL || strcmp(c->exchange->scene, scene) == 0) {
            wake_locked(c);
        }
    }
    pthread_mutex_unlock(&events->lock);
}

void events_tick(struct events *events) {
    int64_t beat_us = lg_clock_us() - EVENTS_BEAT_S * 1000000LL;
    pthread_mutex_lock(&events->lock);
    for (struct event_client *c = events->first; c != NULL; c = c->next) {
        if (c->last_text_us <= beat_us || http_request_is_retired(c->exchange->request)) {
            wake_locked(c);
        }
    }
    pthread_mutex_unlock(&events->lock);
}

void events_end(struct events *events) {
    pthread_mutex_lock(&events->lock);
    atomic_store(&events->is_ending, true);
    for (struct event_client *c = events->first; c != NULL; c = c->next) {
        wake_locked(c);
    }
    pthread_mutex_unlock(&events->lock);
}

static void list_add(struct events *events, struct event_client *client) {
    pthread_mutex_lock(&events->lock);
    client->next = events->first;
    if (events->first != NULL) {
        events->first->prev = client;
    }
    events->first = client;
    pthread_mutex_unlock(&events->lock);
}

static void list_remove(struct events *events, struct event_client *client) {
    pthread_mutex_lock(&events->lock);
    if (client->prev != NULL) {
        client->prev->next = client->next;
    } else {
        events->first = client->next;
    }
    if (client->next != NULL) {
        client->next->prev = client->prev;
    }
    pthread_mutex_unlock(&events->lock);
}

/* -- one client --------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void say(struct event_client *client,
                                                      const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(client->text + client->text_len, sizeof client->text - client->text_len,
                      format, args);
    va_end(args);
    client->text_len += (size_t)n; /* the largest event has half of the room */
}

static void count_notice(struct gateway *gateway, const struct event_client *client,
                         const struct frame *frame) {
    struct events *events = &gateway->events;
    metric_add(events->n_notices, 1);
    if (client->epoch != frame->epoch || frame->version <= client->version) {
        return; /* its first, or another life: nothing was skipped, nothing is late */
    }
    metric_add(events->n_coalesced, (int64_t)(frame->version - client->version - 1));
    metric_observe(events->delay, lg_clock_wall_us() - frame->drawn_wall_us);
}

/* Write what this client does not know yet. */
static void compose(struct event_client *client) {
    struct gateway *gateway = client->exchange->gateway;
    client->text_len = client->text_at = 0;
    if (!client->is_greeted) {
        client->is_greeted = true;
        say(client, "retry: 1000\n\n");
    }
    bool is_stale = atomic_load(&gateway->link.is_stale);
    if (is_stale != client->was_stale) {
        client->was_stale = is_stale;
        say(client, "event: state\ndata: {\"stale\": %s, \"since\": %" PRId64 "}\n\n",
            is_stale ? "true" : "false", (int64_t)atomic_load(&gateway->link.stale_since_s));
    }
    const struct picture *picture = pictures_get(gateway->pictures, client->exchange->scene);
    if (picture != NULL &&
        (picture->frame->version != client->version || picture->frame->epoch != client->epoch)) {
        count_notice(gateway, client, picture->frame);
        client->epoch = picture->frame->epoch;
        client->version = picture->frame->version;
        say(client,
            "id: %016" PRIx64 "-%" PRIu64 "\ndata: {\"scene\": \"%s\", \"version\": %" PRIu64
            ", \"epoch\": \"%016" PRIx64 "\"}\n\n",
            client->epoch, client->version, client->exchange->scene, client->version,
            client->epoch);
    }
}

/* Sleep, unless something happened since compose looked: then the library calls
 * read again at once. */
static void fall_asleep(struct event_client *client) {
    struct exchange *exchange = client->exchange;
    struct events *events = &exchange->gateway->events;
    pthread_mutex_lock(&events->lock);
    client->is_asleep = true;
    http_request_suspend(exchange->request);
    pthread_mutex_unlock(&events->lock);
    compose(client); /* a frame that came just before found nobody asleep */
    if (client->text_len > 0 || atomic_load(&events->is_ending)) {
        pthread_mutex_lock(&events->lock);
        wake_locked(client);
        pthread_mutex_unlock(&events->lock);
    }
}

static int64_t read_events(void *ctx, uint64_t at, char *out, size_t max) {
    (void)at;
    struct event_client *client = ctx;
    struct exchange *exchange = client->exchange;
    struct events *events = &exchange->gateway->events;
    http_request_set_stream(exchange->request);
    if (atomic_load(&events->is_ending) || http_request_is_retired(exchange->request)) {
        return RESPONSE_END;
    }
    if (client->text_at == client->text_len) {
        compose(client);
        int64_t now_us = lg_clock_us();
        if (client->text_len == 0 && now_us - client->last_text_us >= EVENTS_BEAT_S * 1000000LL) {
            say(client, ": beat\n\n");
        }
        if (client->text_len == 0) {
            fall_asleep(client);
            return RESPONSE_SUSPENDED;
        }
    }
    size_t left = client->text_len - client->text_at;
    size_t n = left < max ? left : max;
    memcpy(out, client->text + client->text_at, n);
    client->text_at += n;
    pthread_mutex_lock(&events->lock);
    client->last_text_us = lg_clock_us();
    pthread_mutex_unlock(&events->lock);
    return (int64_t)n;
}

static void release_client(void *ctx) {
    struct event_client *client = ctx;
    list_remove(&client->exchange->gateway->events, client);
    free(client);
}

/* The library keeps the response until the connection is done with it, which
 * is after the exchange has ended; so the client leaves the list with the
 * exchange, and the response only holds a pointer that it no longer uses. */
static void keep_nothing(void *ctx) {
    (void)ctx;
}

static void read_last_id(struct event_client *client) {
    char text[64] = "";
    const char *id = client->exchange->request->headers.last_event_id;
    if (id == NULL &&
        path_query(client->exchange->request->query, "last-event-id", text, sizeof text)) {
        id = text;
    }
    uint64_t epoch, version;
    if (id != NULL && sscanf(id, "%16" SCNx64 "-%20" SCNu64, &epoch, &version) == 2) {
        client->epoch = epoch;
        client->version = version;
    }
}

void handle_events(struct exchange *exchange) {
    if (exchange->request->method == HTTP_HEAD) {
        struct MHD_Response *head = response_empty();
        response_add(head, "Content-Type", "text/event-stream");
        exchange_give(exchange, 200, head);
        return;
    }
    if (!scene_is_there(exchange)) {
        return;
    }
    struct event_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        exchange_error(exchange, 503, "out of memory");
        return;
    }
    client->exchange = exchange;
    client->last_text_us = lg_clock_us();
    read_last_id(client);
    list_add(&exchange->gateway->events, client);
    exchange->handler_ctx = client;
    exchange->release = release_client;
    struct MHD_Response *response = response_stream(RESPONSE_SIZE_UNKNOWN, "text/event-stream",
                                                    read_events, keep_nothing, client);
    response_add(response, "X-Accel-Buffering", "no"); /* nginx: pass it on at once */
    exchange_give(exchange, 200, response);
    http_request_set_stream(exchange->request);
}
