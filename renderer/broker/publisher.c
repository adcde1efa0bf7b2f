/* The publisher's thread and its slots. What a message looks like on the wire is feed_send.c. */
#include "renderer/broker/publisher.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/condition.h"
#include "common/err.h"
#include "common/log.h"
#include "common/thread_name.h"
#include "common/metrics.h"
#include "renderer/broker/feed_send.h"

#define PUBLISHER_SERVERS_PERIOD_US (3 * 1000000)

struct slot {
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    bool is_live;
    struct feed_picture waiting; /* waiting.frame == NULL: nothing waits */
    struct frame *dense;         /* waits; NULL = none */
    uint64_t sent_version;
    uint32_t width_px, height_px;
};

struct publisher {
    struct publisher_options options;
    struct feed_socket *socket; /* publisher's thread only, once it runs */
    char endpoint[256];
    pthread_t thread;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t wake;
    struct slot *slots;
    size_t n_slots, slots_capacity;
    struct msg_server servers[LIMIT_SERVERS];
    size_t n_servers;
    bool has_new_servers;
    bool wants_heartbeat;
    bool is_started, is_stopping;
    int64_t sent_us; /* the newest picture of all; 0 = none yet */
    struct metric *pictures, *joined, *dense, *heartbeats, *bytes, *age, *scenes;
};

static struct slot *find_slot_locked(struct publisher *publisher, const char *scene) {
    for (size_t i = 0; i < publisher->n_slots; i++) {
        if (strcmp(publisher->slots[i].scene, scene) == 0) {
            return &publisher->slots[i];
        }
    }
    return NULL;
}

static struct slot *add_slot_locked(struct publisher *publisher, const char *scene) {
    if (publisher->n_slots == LIMIT_SCENES || strlen(scene) > LIMIT_SCENE_NAME_BYTES) {
        return NULL;
    }
    if (publisher->n_slots == publisher->slots_capacity) {
        size_t capacity = publisher->slots_capacity == 0 ? 8 : publisher->slots_capacity * 2;
        struct slot *slots = realloc(publisher->slots, capacity * sizeof *slots);
        if (slots == NULL) {
            return NULL;
        }
        publisher->slots = slots;
        publisher->slots_capacity = capacity;
    }
    struct slot *slot = &publisher->slots[publisher->n_slots++];
    memset(slot, 0, sizeof *slot);
    strcpy(slot->scene, scene);
    return slot;
}

static void finish_slot(struct slot *slot) {
    feed_picture_finish(&slot->waiting);
    frame_unref(slot->dense);
    slot->dense = NULL;
}

/* -- from other threads -------------------------------------------------- */

void publisher_set_scenes(struct publisher *publisher, const char *const *names, size_t n_names) {
    pthread_mutex_lock(&publisher->lock);
    for (size_t i = 0; i < publisher->n_slots; i++) {
        publisher->slots[i].is_live = false;
    }
    for (size_t i = 0; i < n_names; i++) {
        struct slot *slot = find_slot_locked(publisher, names[i]);
        if (slot == NULL) {
            slot = add_slot_locked(publisher, names[i]);
        }
        if (slot != NULL) {
            slot->is_live = true;
        }
    }
    for (size_t i = publisher->n_slots; i > 0; i--) {
        struct slot *slot = &publisher->slots[i - 1];
        if (!slot->is_live) {
            finish_slot(slot);
            *slot = publisher->slots[--publisher->n_slots];
            publisher->wants_heartbeat = true;
        }
    }
    pthread_cond_signal(&publisher->wake);
    pthread_mutex_unlock(&publisher->lock);
}

void publisher_put_picture(struct publisher *publisher, const struct feed_update *update) {
    pthread_mutex_lock(&publisher->lock);
    struct slot *slot = find_slot_locked(publisher, update->frame->scene);
    if (slot != NULL) {
        if (slot->waiting.frame != NULL) {
            metric_add(publisher->joined, 1);
        }
        feed_picture_join(&slot->waiting, update);
        frame_unref(slot->dense);
        slot->dense = NULL;
        pthread_cond_signal(&publisher->wake);
    }
    pthread_mutex_unlock(&publisher->lock);
}

void publisher_put_dense(struct publisher *publisher, struct frame *frame) {
    pthread_mutex_lock(&publisher->lock);
    struct slot *slot = find_slot_locked(publisher, frame->scene);
    if (slot != NULL) {
        frame_unref(slot->dense);
        slot->dense = frame_ref(frame);
        pthread_cond_signal(&publisher->wake);
    }
    pthread_mutex_unlock(&publisher->lock);
}

void publisher_set_servers(struct publisher *publisher, const struct msg_server *servers,
                           size_t n_servers) {
    if (n_servers > LIMIT_SERVERS) {
        lg_log(LG_LOG_WARN, "publisher", "too_many_servers", "n=%zu limit=%d", n_servers,
               LIMIT_SERVERS);
        n_servers = LIMIT_SERVERS;
    }
    pthread_mutex_lock(&publisher->lock);
    if (n_servers > 0) {
        memcpy(publisher->servers, servers, n_servers * sizeof *servers);
    }
    publisher->n_servers = n_servers;
    publisher->has_new_servers = true;
    pthread_cond_signal(&publisher->wake);
    pthread_mutex_unlock(&publisher->lock);
}

static size_t scenes_locked(const struct publisher *publisher, struct msg_scene *scenes) {
    size_t n = 0;
    for (size_t i = 0; i < publisher->n_slots; i++) {
        const struct slot *slot = &publisher->slots[i];
        if (slot->sent_version > 0) {
            scenes[n] = (struct msg_scene){.version = slot->sent_version,
                                           .width_px = slot->width_px,
                                           .height_px = slot->height_px};
            strcpy(scenes[n++].name, slot->scene);
        }
    }
    return n;
}

size_t publisher_scenes(struct publisher *publisher, struct msg_scene *scenes) {
    pthread_mutex_lock(&publisher->lock);
    size_t n = scenes_locked(publisher, scenes);
    pthread_mutex_unlock(&publisher->lock);
    return n;
}

size_t publisher_servers(struct publisher *publisher, struct msg_server *servers) {
    pthread_mutex_lock(&publisher->lock);
    size_t n = publisher->n_servers;
    memcpy(servers, publisher->servers, n * sizeof *servers);
    pthread_mutex_unlock(&publisher->lock);
    return n;
}

bool publisher_has_picture(struct publisher *publisher) {
    pthread_mutex_lock(&publisher->lock);
    bool has_picture = publisher->sent_us > 0;
    pthread_mutex_unlock(&publisher->lock);
    return has_picture;
}

const char *publisher_endpoint(const struct publisher *publisher) {
    return publisher->endpoint;
}

/* -- the thread ----------------------------------------------------------- */

/* Takes a picture or a dense frame out of its slot; true when there was one. */
static bool take_locked(struct publisher *publisher, struct feed_picture *picture,
                        struct frame **dense) {
    for (size_t i = 0; i < publisher->n_slots; i++) {
        struct slot *slot = &publisher->slots[i];
        if (slot->waiting.frame != NULL) {
            *picture = slot->waiting;
            memset(&slot->waiting, 0, sizeof slot->waiting);
            return true;
        }
        if (slot->dense != NULL) {
            *dense = slot->dense;
            slot->dense = NULL;
            return true;
        }
    }
    return false;
}

static void send_taken(struct publisher *publisher, struct feed_picture *picture,
                       struct frame *dense) {
    size_t bytes = picture->frame != NULL ? feed_send_picture(publisher->socket, picture)
                                          : feed_send_dense(publisher->socket, dense);
    pthread_mutex_lock(&publisher->lock);
    metric_add(publisher->bytes, (int64_t)bytes);
    if (picture->frame != NULL) {
        metric_add(publisher->pictures, 1);
        publisher->sent_us = lg_clock_us();
        struct slot *slot = find_slot_locked(publisher, picture->frame->scene);
        if (slot != NULL) {
            slot->sent_version = picture->frame->version;
            slot->width_px = picture->frame->width_px;
            slot->height_px = picture->frame->height_px;
        }
    } else {
        metric_add(publisher->dense, 1);
    }
    pthread_mutex_unlock(&publisher->lock);
    feed_picture_finish(picture);
    frame_unref(dense);
}

static void send_heartbeat(struct publisher *publisher) {
    static _Thread_local struct msg_scene scenes[LIMIT_SCENES];
    struct msg_heartbeat heartbeat = {
        .epoch = publisher->options.epoch,
        .renderer_id = publisher->options.renderer_id,
        .uptime_ms = (uint64_t)(lg_clock_us() - publisher->options.started_us) / 1000,
        .scenes = scenes,
    };
    pthread_mutex_lock(&publisher->lock);
    publisher->wants_heartbeat = false;
    metric_add(publisher->heartbeats, 1);
    heartbeat.n_scenes = scenes_locked(publisher, scenes);
    metric_set(publisher->scenes, (int64_t)heartbeat.n_scenes);
    metric_set(publisher->age, publisher->sent_us > 0 ? lg_clock_us() - publisher->sent_us : 0);
    pthread_mutex_unlock(&publisher->lock);
    feed_send_message(publisher->socket, "h", &msg_heartbeat_type, &heartbeat);
}

static void send_servers(struct publisher *publisher) {
    static _Thread_local struct msg_server list[LIMIT_SERVERS];
    struct msg_servers servers = {.epoch = publisher->options.epoch, .servers = list};
    pthread_mutex_lock(&publisher->lock);
    publisher->has_new_servers = false;
    memcpy(list, publisher->servers, sizeof list);
    servers.n_servers = publisher->n_servers;
    pthread_mutex_unlock(&publisher->lock);
    feed_send_message(publisher->socket, "s", &msg_servers_type, &servers);
}

static void serve(struct publisher *publisher) {
    int64_t heartbeat_us = 0, servers_us = 0;
    for (;;) {
        struct feed_picture picture = {0};
        struct frame *dense = NULL;
        int64_t now_us = lg_clock_us();
        pthread_mutex_lock(&publisher->lock);
        bool has_taken = take_locked(publisher, &picture, &dense);
        bool is_time = publisher->wants_heartbeat || now_us >= heartbeat_us;
        bool has_servers = publisher->has_new_servers || now_us >= servers_us;
        bool is_stopping = publisher->is_stopping;
        if (!has_taken && !is_time && !has_servers && !is_stopping) {
            struct timespec until = lg_condition_until(heartbeat_us - now_us);
            pthread_cond_timedwait(&publisher->wake, &publisher->lock, &until);
        }
        pthread_mutex_unlock(&publisher->lock);
        if (has_taken) {
            send_taken(publisher, &picture, dense);
        }
        if (is_time) {
            send_heartbeat(publisher);
            heartbeat_us = now_us + LIMIT_HEARTBEAT_MS * 1000;
        }
        if (has_servers) {
            send_servers(publisher);
            servers_us = now_us + PUBLISHER_SERVERS_PERIOD_US;
        }
        if (is_stopping && !has_taken) {
            return;
        }
    }
}

static void *run(void *arg) {
    lg_thread_name("feed");
    struct publisher *publisher = arg;
    struct feed_socket *socket =
        feed_socket_create(publisher->options.endpoint, publisher->options.keys,
                           publisher->endpoint, sizeof publisher->endpoint);
    pthread_mutex_lock(&publisher->lock);
    publisher->socket = socket;
    publisher->is_started = true;
    pthread_cond_broadcast(&publisher->wake);
    pthread_mutex_unlock(&publisher->lock);
    if (socket != NULL) {
        serve(publisher);
        feed_socket_destroy(socket);
    }
    return NULL;
}

static void free_publisher(struct publisher *publisher) {
    for (size_t i = 0; i < publisher->n_slots; i++) {
        finish_slot(&publisher->slots[i]);
    }
    free(publisher->slots);
    pthread_cond_destroy(&publisher->wake);
    pthread_mutex_destroy(&publisher->lock);
    free(publisher);
}

static void make_metrics(struct publisher *publisher) {
    publisher->pictures =
        metric_counter("leggio_renderer_feed_pictures_total", "", "versions published");
    publisher->joined = metric_counter("leggio_renderer_feed_joined_total", "",
                                       "versions that went out joined with a newer one");
    publisher->dense =
        metric_counter("leggio_renderer_feed_dense_total", "", "dense frames published");
    publisher->heartbeats =
        metric_counter("leggio_renderer_feed_heartbeats_total", "", "heartbeats published");
    publisher->age = metric_time("leggio_renderer_frame_age_seconds", "",
                                 "since a picture was published last; 0 = none yet");
    publisher->scenes = metric_gauge("leggio_renderer_scenes", "", "scenes with a picture");
    publisher->bytes = metric_counter("leggio_renderer_feed_bytes_total", "",
                                      "bytes of pictures handed to the feed (once per version)");
}

struct publisher *publisher_create(const struct publisher_options *options) {
    struct publisher *publisher = calloc(1, sizeof *publisher);
    if (publisher == NULL) {
        return NULL;
    }
    publisher->options = *options;
    make_metrics(publisher);
    pthread_mutex_init(&publisher->lock, NULL);
    if (!lg_condition_init(&publisher->wake)) {
        pthread_mutex_destroy(&publisher->lock);
        free(publisher);
        return NULL;
    }
    if (pthread_create(&publisher->thread, NULL, run, publisher) != 0) {
        free_publisher(publisher);
        return NULL;
    }
    pthread_mutex_lock(&publisher->lock);
    while (!publisher->is_started) {
        pthread_cond_wait(&publisher->wake, &publisher->lock);
    }
    bool is_bound = publisher->socket != NULL;
    pthread_mutex_unlock(&publisher->lock);
    if (!is_bound) {
        pthread_join(publisher->thread, NULL);
        free_publisher(publisher);
        return NULL;
    }
    return publisher;
}

void publisher_destroy(struct publisher *publisher) {
    if (publisher == NULL) {
        return;
    }
    pthread_mutex_lock(&publisher->lock);
    publisher->is_stopping = true;
    pthread_cond_signal(&publisher->wake);
    pthread_mutex_unlock(&publisher->lock);
    pthread_join(publisher->thread, NULL);
    free_publisher(publisher);
}
