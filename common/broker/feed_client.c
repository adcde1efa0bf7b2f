/* Topics → scenes, heartbeat → state of the link. */
#include "common/broker/feed_client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/broker/scene_feed.h"
#include "common/broker/trace.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "proto/feed.h"

#define STALE_US      ((int64_t)LIMIT_HEARTBEAT_MS * LIMIT_HEARTBEATS_MISSED * 1000)
#define HELLO_EACH_US 1000000 /* while nobody answers */

struct feed_client {
    struct feed_client_ops ops;
    void *ctx;
    size_t n_feeds;
    struct scene_feed *feeds[LIMIT_SCENES];
    uint64_t epoch, renderer_id; /* 0 before the first contact */
    bool is_fresh, is_hello_asked, needs_hello, has_beat;
    int64_t last_heard_us, hello_us;
    struct msg_scene *scenes; /* owned */
    size_t n_scenes;
    struct msg_server *servers; /* owned */
    size_t n_servers;
    struct metric *frames, *denses, *unknown, *malformed, *snapshots, *gaps;
};

struct feed_client *feed_client_create(const struct feed_client_ops *ops, void *ctx) {
    struct feed_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return NULL;
    }
    client->ops = *ops;
    client->ctx = ctx;
    client->frames = metric_counter("leggio_upstream_frames_total", "", "frames off the feed");
    client->denses =
        metric_counter("leggio_upstream_denses_total", "", "dense frames off the feed");
    client->unknown =
        metric_counter("leggio_upstream_unknown_total", "", "feed messages of unknown topics");
    client->malformed =
        metric_counter("leggio_upstream_malformed_total", "", "feed messages that were refused");
    client->snapshots =
        metric_counter("leggio_upstream_snapshots_total", "", "snapshots asked for");
    client->gaps = metric_counter("leggio_upstream_gaps_total", "", "gaps in the versions");
    return client;
}

void feed_client_destroy(struct feed_client *client) {
    if (client == NULL) {
        return;
    }
    for (size_t i = 0; i < client->n_feeds; i++) {
        scene_feed_destroy(client->feeds[i]);
    }
    free(client->scenes);
    free(client->servers);
    free(client);
}

static void subscribe(struct feed_client *client, enum feed_kind kind, const char *scene,
                      bool is_wanted) {
    struct feed_topic topic = {.kind = kind};
    char text[LIMIT_TOPIC_BYTES];
    strncpy(topic.scene, scene, sizeof topic.scene - 1);
    size_t len = feed_topic_print(&topic, text);
    if (len > 0) {
        client->ops.subscribe(client->ctx, text, len, is_wanted);
    }
}

static void subscribe_scene(struct feed_client *client, const char *scene, bool is_wanted) {
    subscribe(client, FEED_NOTICE, scene, is_wanted);
    subscribe(client, FEED_FRAME, scene, is_wanted);
    subscribe(client, FEED_DENSE, scene, is_wanted);
}

static void ask_hello(struct feed_client *client, int64_t now_us) {
    client->hello_us = now_us;
    client->is_hello_asked = true;
    client->needs_hello = true;
    client->ops.ask_hello(client->ctx);
}

void feed_client_start(struct feed_client *client, int64_t now_us) {
    subscribe(client, FEED_SERVERS, "", true);
    subscribe(client, FEED_HEARTBEAT, "", true);
    ask_hello(client, now_us);
}

static size_t find_feed(const struct feed_client *client, const char *scene) {
    size_t i = 0;
    while (i < client->n_feeds && strcmp(scene_feed_name(client->feeds[i]), scene) != 0) {
        i++;
    }
    return i;
}

static void ask_snapshots(struct feed_client *client, int64_t now_us) {
    for (size_t i = 0; client->epoch != 0 && i < client->n_feeds; i++) {
        if (scene_feed_wants_snapshot(client->feeds[i], now_us)) {
            metric_add(client->snapshots, 1);
            client->ops.ask_snapshot(client->ctx, scene_feed_name(client->feeds[i]));
        }
    }
}

int feed_client_follow(struct feed_client *client, const char *scene, int64_t now_us) {
    if (find_feed(client, scene) < client->n_feeds || client->n_feeds == LIMIT_SCENES ||
        !feed_is_scene_name(scene, strlen(scene))) {
        return LG_OK;
    }
    struct scene_feed *feed = scene_feed_create(scene);
    if (feed == NULL) {
        return LG_ENOMEM;
    }
    client->feeds[client->n_feeds++] = feed;
    subscribe_scene(client, scene, true);
    ask_snapshots(client, now_us);
    return LG_OK;
}

static void unfollow(struct feed_client *client, size_t feed_i) {
    struct scene_feed *feed = client->feeds[feed_i];
    client->feeds[feed_i] = client->feeds[--client->n_feeds];
    subscribe_scene(client, scene_feed_name(feed), false);
    client->ops.on_scene_gone(client->ctx, scene_feed_name(feed));
    scene_feed_destroy(feed);
}

static bool has_scene(const struct msg_scene *scenes, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(scenes[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool equal_names(const struct feed_client *client, const struct msg_scene *scenes,
                        size_t n) {
    bool is_equal = n == client->n_scenes;
    for (size_t i = 0; is_equal && i < n; i++) {
        is_equal = strcmp(scenes[i].name, client->scenes[i].name) == 0;
    }
    return is_equal;
}

/* A copy of an array for keeping; NULL for an empty one or without memory. */
static void *copy_array(const void *from, size_t n, size_t size) {
    void *to = n > 0 ? calloc(n, size) : NULL;
    if (to != NULL) {
        memcpy(to, from, n * size);
    }
    return to;
}

static void take_scenes(struct feed_client *client, const struct msg_scene *scenes, size_t n,
                        int64_t now_us) {
    for (size_t i = client->n_feeds; i-- > 0;) {
        if (!has_scene(scenes, n, scene_feed_name(client->feeds[i]))) {
            unfollow(client, i);
        }
    }
    bool is_equal = equal_names(client, scenes, n);
    struct msg_scene *copy = copy_array(scenes, n, sizeof *scenes);
    free(client->scenes);
    client->scenes = copy;
    client->n_scenes = copy != NULL ? n : 0;
    if (!is_equal) {
        client->ops.on_scenes(client->ctx, scenes, n);
    }
    for (size_t i = 0; i < n; i++) {
        size_t feed_i = find_feed(client, scenes[i].name);
        if (scenes[i].version == 0) {
            continue;
        }
        if (feed_i < client->n_feeds) {
            scene_feed_announce(client->feeds[feed_i], client->epoch, scenes[i].version, now_us);
        }
        client->ops.on_version(client->ctx, scenes[i].name, client->epoch, scenes[i].version);
    }
}

static bool equal_servers(const struct msg_server *a, const struct msg_server *b) {
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->address, b->address) == 0 &&
           strcmp(a->scene, b->scene) == 0 && a->port == b->port && a->period_ms == b->period_ms;
}

static void take_servers(struct feed_client *client, const struct msg_server *servers, size_t n) {
    bool is_equal = n == client->n_servers;
    for (size_t i = 0; is_equal && i < n; i++) {
        is_equal = equal_servers(&servers[i], &client->servers[i]);
    }
    if (is_equal) {
        return;
    }
    struct msg_server *copy = copy_array(servers, n, sizeof *servers);
    free(client->servers);
    client->servers = copy;
    client->n_servers = copy != NULL ? n : 0;
    client->ops.on_servers(client->ctx, servers, n);
}

/* The renderer gave a sign of life. */
static void hear(struct feed_client *client, uint64_t epoch, uint64_t renderer_id, int64_t now_us) {
    bool was_fresh = client->is_fresh;
    bool is_new_renderer = renderer_id != 0 && renderer_id != client->renderer_id;
    bool is_new_epoch = epoch != client->epoch;
    client->last_heard_us = now_us;
    client->is_fresh = true;
    if (was_fresh && !is_new_renderer && !is_new_epoch) {
        return;
    }
    client->epoch = epoch;
    client->renderer_id = renderer_id != 0 ? renderer_id : client->renderer_id;
    lg_log(LG_LOG_INFO, "feed", "renderer_here", "epoch=%" PRIx64 " renderer=%" PRIx64, epoch,
           client->renderer_id);
    for (size_t i = 0; i < client->n_feeds; i++) {
        scene_feed_rejoin(client->feeds[i]);
    }
    client->ops.on_state(client->ctx, is_new_renderer);
}

static void handle_heartbeat(struct feed_client *client, const struct msg_heartbeat *beat,
                             int64_t now_us) {
    bool is_other = beat->renderer_id != client->renderer_id;
    client->ops.on_uptime(client->ctx, beat->renderer_id, beat->uptime_ms);
    hear(client, beat->epoch, beat->renderer_id, now_us);
    take_scenes(client, beat->scenes, beat->n_scenes, now_us);
    /* The first beat proves that our subscriptions have reached this renderer:
     * what was published before it may have been missed, so ask once more. */
    if (is_other || !client->has_beat) {
        client->has_beat = true;
        ask_hello(client, now_us);
    }
}

static void handle_frame(struct feed_client *client, struct scene_feed *feed,
                         const struct msg_bytes *parts, size_t n_parts, int64_t now_us) {
    struct feed_frame frame;
    struct msg_problem problem;
    int code = feed_frame_decode(parts, n_parts, &frame, &problem);
    if (code == 0 && strcmp(frame.header.scene, scene_feed_name(feed)) != 0) {
        strcpy(problem.text, "another scene than its topic says");
        feed_frame_finish(&frame);
        code = LG_EBADREQUEST;
    }
    if (code != 0) {
        metric_add(client->malformed, 1);
        lg_log(LG_LOG_WARN, "feed", "frame_refused", "scene=%s reason=%s", scene_feed_name(feed),
               problem.text);
        return;
    }
    if (!client->is_fresh) {
        hear(client, frame.header.epoch, 0, now_us); /* it came before the first heartbeat */
    }
    uint64_t gaps = scene_feed_gaps(feed);
    metric_add(client->frames, 1);
    client->ops.on_fed(client->ctx, &frame); /* before a frame that needs it is handed out */
    scene_feed_take_frame(feed, &frame, now_us);
    metric_add(client->gaps, (int64_t)(scene_feed_gaps(feed) - gaps));
    client->ops.on_version(client->ctx, frame.header.scene, frame.header.epoch,
                           frame.header.version);
    feed_frame_finish(&frame);
}

static void flush_feed(struct feed_client *client, struct scene_feed *feed) {
    struct frame *frame = scene_feed_flush(feed);
    if (frame != NULL) {
        client->ops.on_frame(client->ctx, frame);
    }
}

static int handle_dense(struct feed_client *client, struct scene_feed *feed,
                        const struct msg_bytes *parts, size_t n_parts) {
    struct msg_dense dense;
    int code = msg_dense_decode(parts[0].data, parts[0].size, &dense, NULL);
    if (code != 0 || n_parts != 2 || parts[1].size != dense.size_bytes) {
        return LG_EBADREQUEST;
    }
    flush_feed(client, feed); /* it belongs to a frame that came before it */
    if (scene_feed_take_dense(feed, &dense, parts[1])) {
        metric_add(client->denses, 1);
        client->ops.on_frame(client->ctx, scene_feed_frame(feed));
    }
    return 0;
}

static int handle_notice(struct feed_client *client, struct scene_feed *feed,
                         const struct msg_bytes *header, int64_t now_us) {
    struct msg_notice notice;
    int code = msg_notice_decode(header->data, header->size, &notice, NULL);
    if (code == 0) {
        scene_feed_announce(feed, notice.epoch, notice.version, now_us);
        client->ops.on_version(client->ctx, scene_feed_name(feed), notice.epoch, notice.version);
    }
    return code;
}

/* Messages that belong to no scene. */
static int handle_common(struct feed_client *client, enum feed_kind kind,
                         const struct msg_bytes *header, int64_t now_us) {
    if (kind == FEED_SERVERS) {
        struct msg_servers servers;
        int code = msg_servers_decode(header->data, header->size, &servers, NULL);
        if (code == 0) {
            take_servers(client, servers.servers, servers.n_servers);
            msg_servers_finish(&servers);
        }
        return code;
    }
    struct msg_heartbeat beat;
    struct msg_problem problem;
    int code = msg_heartbeat_decode(header->data, header->size, &beat, &problem);
    if (code == 0) {
        handle_heartbeat(client, &beat, now_us);
        msg_heartbeat_finish(&beat);
    } else {
        lg_log(LG_LOG_ERROR, "feed", "heartbeat_refused", "reason=%s", problem.text);
    }
    return code;
}

void feed_client_handle(struct feed_client *client, const struct msg_bytes *parts, size_t n_parts,
                        int64_t now_us) {
    struct feed_topic topic;
    if (n_parts < 2 || parts[1].size > LIMIT_HEADER_BYTES ||
        feed_topic_parse(parts[0].data, parts[0].size, &topic) != 0) {
        metric_add(client->unknown, 1);
        return;
    }
    trace_message("feed", "received", parts[1]);
    int code = 0;
    if (topic.kind == FEED_SERVERS || topic.kind == FEED_HEARTBEAT) {
        code = handle_common(client, topic.kind, &parts[1], now_us);
    } else {
        size_t feed_i = find_feed(client, topic.scene);
        if (feed_i == client->n_feeds) {
            return; /* another scene whose name begins like one that we follow */
        }
        struct scene_feed *feed = client->feeds[feed_i];
        if (topic.kind == FEED_FRAME) {
            handle_frame(client, feed, parts + 1, n_parts - 1, now_us);
        } else if (topic.kind == FEED_DENSE) {
            code = handle_dense(client, feed, parts + 1, n_parts - 1);
        } else {
            code = handle_notice(client, feed, &parts[1], now_us);
        }
    }
    if (code != 0) {
        metric_add(client->malformed, 1);
    }
}

void feed_client_flush(struct feed_client *client) {
    for (size_t i = 0; i < client->n_feeds; i++) {
        flush_feed(client, client->feeds[i]);
    }
}

void feed_client_snapshot(struct feed_client *client, const char *scene, int code,
                          const struct msg_bytes *rest, size_t n_rest, int64_t now_us) {
    struct feed_frame frame;
    struct msg_problem problem = {.protocol = 0};
    size_t feed_i = find_feed(client, scene);
    if (feed_i == client->n_feeds) {
        return;
    }
    struct scene_feed *feed = client->feeds[feed_i];
    if (code == 0) {
        code = feed_frame_decode(rest, n_rest, &frame, &problem);
        if (code != 0) {
            lg_log(LG_LOG_WARN, "feed", "snapshot_refused", "scene=%s reason=%s", scene,
                   problem.text);
        } else if (frame.header.epoch != client->epoch) {
            feed_frame_finish(&frame); /* of a former life of the score: late */
            code = LG_EOLD;
        }
    }
    if (code != 0) {
        scene_feed_snapshot_failed(feed, now_us);
        return;
    }
    scene_feed_take_snapshot(feed, &frame, now_us);
    feed_frame_finish(&frame);
    flush_feed(client, feed);
}

void feed_client_hello(struct feed_client *client, const struct msg_reply *reply, int64_t now_us) {
    client->is_hello_asked = false;
    if (reply == NULL || reply->epoch == 0) {
        return;
    }
    client->needs_hello = false;
    if (reply->uptime_ms != 0) {
        client->ops.on_uptime(client->ctx, reply->renderer_id, reply->uptime_ms);
    }
    hear(client, reply->epoch, reply->renderer_id, now_us);
    take_scenes(client, reply->scenes, reply->n_scenes, now_us);
    take_servers(client, reply->servers, reply->n_servers);
    ask_snapshots(client, now_us);
}

void feed_client_heard_reply(struct feed_client *client, const struct msg_reply *reply,
                             int64_t now_us) {
    /* Of another epoch the heartbeat will tell. The reply's version may lie in
     * the future (the picture is still being drawn): it announces nothing. */
    if (reply->epoch != 0 && reply->epoch == client->epoch && reply->n_scenes > 0) {
        take_scenes(client, reply->scenes, reply->n_scenes, now_us);
    }
}

void feed_client_tick(struct feed_client *client, int64_t now_us) {
    if (client->is_fresh && now_us - client->last_heard_us > STALE_US) {
        client->is_fresh = false;
        lg_log(LG_LOG_WARN, "feed", "renderer_away", "silent_ms=%" PRId64,
               (now_us - client->last_heard_us) / 1000);
        client->ops.on_state(client->ctx, false);
    }
    if ((!client->is_fresh || client->needs_hello) && !client->is_hello_asked &&
        now_us - client->hello_us > HELLO_EACH_US) {
        ask_hello(client, now_us);
    }
    if (client->is_fresh) {
        ask_snapshots(client, now_us);
    }
}

bool feed_client_is_fresh(const struct feed_client *client) {
    return client->is_fresh;
}

uint64_t feed_client_epoch(const struct feed_client *client) {
    return client->epoch;
}

int64_t feed_client_last_heard_us(const struct feed_client *client) {
    return client->last_heard_us;
}
