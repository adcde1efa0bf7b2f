/* A stand-in for leggio-renderer, for tests of the gateways and of the broker.
 *
 *     fake-renderer [--feed ENDPOINT] [--calls ENDPOINT] [--size WxH] [--root DIR]
 *
 * Endpoints default to tcp://127.0.0.1:* (a free port). Prints
 *     feed tcp://127.0.0.1:PORT
 *     calls tcp://127.0.0.1:PORT
 *     ready
 * and obeys lines on stdin; each is answered by "done VERSION-OF-THE-FIRST-SCENE":
 *     touch [SCENE]        a new version, published
 *     lose [SCENE]         a new version, not published (next heartbeat tells)
 *     dense [SCENE]        publish the dense form of the newest version
 *     resize W H           other size, whole frame published
 *     scene NAME / gone NAME
 *     server KIND ADDRESS SCENE PORT PERIOD / noservers
 *     beats on|off         heartbeats
 *     beat                 one heartbeat now
 *     silent on|off        neither publishes nor answers
 *     drop N               ignore the next N requests
 *     delay MS             before each answer
 *     epoch                a new life of the score: versions begin again
 *     reborn               another renderer id, same score
 *     quit                 (also at the end of stdin)
 * Posts: "/fake/touch;" "/fake/error;" "/fake/scene NAME;" "/fake/gone NAME;"
 * "/fake/server KIND ADDRESS SCENE PORT PERIOD;" "/fake/noservers;". Clicks hit
 * in the left half of the picture. "fake.bin" is a file of 2.5 MiB (byte i is
 * i mod 251). `log` lists the requests that were applied.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "common/broker/zmq_parts.h"
#include "common/clock.h"
#include "common/err.h"
#include "proto/feed.h"
#include "tests/fake/fake.h"

static void publish(struct fake *fake, enum feed_kind kind, const char *scene, uint32_t width_px,
                    struct msg_buf header) {
    struct feed_topic topic = {.kind = kind, .width_px = width_px};
    char text[LIMIT_TOPIC_BYTES];
    strcpy(topic.scene, scene);
    struct msg_bytes parts[] = {{text, feed_topic_print(&topic, text)}, {header.data, header.size}};
    if (!fake->is_silent) {
        zmq_parts_send(fake->feed, parts, 2);
    }
    free(header.data);
}

struct fake_scene *fake_find_scene(struct fake *fake, const char *name) {
    for (size_t i = 0; i < fake->n_scenes; i++) {
        if (strcmp(fake->scenes[i].name, name) == 0) {
            return &fake->scenes[i];
        }
    }
    return NULL;
}

size_t fake_list_scenes(const struct fake *fake, struct msg_scene list[FAKE_SCENES_MAX]) {
    for (size_t i = 0; i < fake->n_scenes; i++) {
        const struct fake_scene *scene = &fake->scenes[i];
        list[i] = (struct msg_scene){
            .version = scene->version, .width_px = scene->width_px, .height_px = scene->height_px};
        strcpy(list[i].name, scene->name);
    }
    return fake->n_scenes;
}

static void publish_servers(struct fake *fake) {
    struct msg_servers servers = {
        .epoch = fake->epoch, .servers = fake->servers, .n_servers = fake->n_servers};
    struct msg_buf header;
    if (msg_servers_encode(&servers, &header) == 0) {
        publish(fake, FEED_SERVERS, "", 0, header);
    }
}

void fake_beat(struct fake *fake) {
    struct msg_scene list[FAKE_SCENES_MAX];
    struct msg_heartbeat beat = {.epoch = fake->epoch,
                                 .renderer_id = fake->renderer_id,
                                 .uptime_ms = (uint64_t)(lg_clock_us() - fake->started_us) / 1000,
                                 .scenes = list,
                                 .n_scenes = fake_list_scenes(fake, list)};
    struct msg_buf header;
    if (msg_heartbeat_encode(&beat, &header) == 0) {
        publish(fake, FEED_HEARTBEAT, "", 0, header);
    }
    publish_servers(fake);
}

static void publish_frame(struct fake *fake, const struct fake_scene *scene,
                          const struct frame *base) {
    struct msg_notice notice = {
        .epoch = fake->epoch, .version = scene->version, .wall_us = lg_clock_wall_us()};
    struct feed_topic topic = {.kind = FEED_FRAME, .width_px = scene->width_px};
    struct msg_buf header;
    char text[LIMIT_TOPIC_BYTES];
    if (fake->is_silent || msg_notice_encode(&notice, &header) != 0) {
        return;
    }
    publish(fake, FEED_NOTICE, scene->name, 0, header);
    strcpy(topic.scene, scene->name);
    struct msg_bytes first = {text, feed_topic_print(&topic, text)};
    fake_send_frame(fake->feed, &first, 1, scene->frame, base);
}

void fake_touch(struct fake *fake, struct fake_scene *scene, bool is_lost) {
    struct frame *base = scene->frame;
    scene->version++;
    scene->frame = fake_draw(scene, fake->epoch, base);
    if (!is_lost) {
        publish_frame(fake, scene, base);
    }
    frame_unref(base);
}

void fake_resize(struct fake *fake, struct fake_scene *scene, uint32_t width_px,
                 uint32_t height_px) {
    frame_unref(scene->frame);
    scene->version++;
    scene->width_px = width_px;
    scene->height_px = height_px;
    scene->frame = fake_draw(scene, fake->epoch, NULL);
    publish_frame(fake, scene, NULL);
}

bool fake_add_scene(struct fake *fake, const char *name) {
    if (fake->n_scenes == FAKE_SCENES_MAX || fake_find_scene(fake, name) != NULL ||
        !feed_is_scene_name(name, strlen(name))) {
        return false;
    }
    struct fake_scene *scene = &fake->scenes[fake->n_scenes++];
    *scene = (struct fake_scene){
        .version = 1, .width_px = fake->scenes[0].width_px, .height_px = fake->scenes[0].height_px};
    strcpy(scene->name, name);
    scene->frame = fake_draw(scene, fake->epoch, NULL);
    fake_beat(fake);
    return true;
}

void fake_remove_scene(struct fake *fake, const char *name) {
    struct fake_scene *scene = fake_find_scene(fake, name);
    if (scene != NULL && fake->n_scenes > 1) {
        frame_unref(scene->frame);
        *scene = fake->scenes[--fake->n_scenes];
        fake_beat(fake);
    }
}

void fake_publish_dense(struct fake *fake, const struct fake_scene *scene) {
    struct msg_dense dense = {.epoch = fake->epoch,
                              .version = scene->version,
                              .width_px = scene->width_px,
                              .height_px = scene->height_px,
                              .size_bytes = lg_bytes_size(scene->frame->png)};
    struct feed_topic topic = {.kind = FEED_DENSE, .width_px = scene->width_px};
    struct msg_buf header;
    char text[LIMIT_TOPIC_BYTES];
    strcpy(dense.scene, scene->name);
    strcpy(topic.scene, scene->name);
    if (!fake->is_silent && msg_dense_encode(&dense, &header) == 0) {
        struct msg_bytes parts[] = {
            {text, feed_topic_print(&topic, text)},
            {header.data, header.size},
            {lg_bytes_data(scene->frame->png), lg_bytes_size(scene->frame->png)}};
        zmq_parts_send(fake->feed, parts, 3);
        free(header.data);
    }
}

void fake_set_server(struct fake *fake, const char *words) {
    struct msg_server server = {.port = 0};
    unsigned port, period_ms = 0;
    if (sscanf(words, "%15s %255s %63s %u %u", server.kind, server.address, server.scene, &port,
               &period_ms) < 4) {
        return;
    }
    server.port = port;
    server.period_ms = period_ms;
    size_t i = 0;
    while (i < fake->n_servers && strcmp(fake->servers[i].address, server.address) != 0) {
        i++;
    }
    if (i < FAKE_SERVERS_MAX) {
        fake->servers[i] = server;
        fake->n_servers += i == fake->n_servers;
    }
    publish_servers(fake);
}

void fake_clear_servers(struct fake *fake) {
    fake->n_servers = 0;
    publish_servers(fake);
}

static uint64_t fresh_id(void) {
    static uint64_t n;
    return (uint64_t)lg_clock_wall_us() << 8 ^ (uint64_t)getpid() << 40 ^ ++n;
}

static void begin_epoch(struct fake *fake) {
    fake->epoch = fresh_id();
    for (size_t i = 0; i < fake->n_scenes; i++) {
        struct fake_scene *scene = &fake->scenes[i];
        frame_unref(scene->frame);
        scene->version = 1;
        scene->frame = fake_draw(scene, fake->epoch, NULL);
        publish_frame(fake, scene, NULL);
    }
    fake_beat(fake);
}

static void obey(struct fake *fake, char *line) {
    char *rest = line + strcspn(line, " \n");
    bool has_rest = *rest == ' ';
    *rest++ = '\0';
    if (has_rest) {
        rest[strcspn(rest, "\n")] = '\0';
    } else {
        rest = line + strlen(line);
    }
    struct fake_scene *named = has_rest ? fake_find_scene(fake, rest) : NULL;
    struct fake_scene *scene = named != NULL ? named : &fake->scenes[0];
    bool is_on = strcmp(rest, "on") == 0;
    unsigned width, height;
    if (strcmp(line, "touch") == 0) {
        fake_touch(fake, scene, false);
    } else if (strcmp(line, "lose") == 0) {
        fake_touch(fake, scene, true);
    } else if (strcmp(line, "dense") == 0) {
        fake_publish_dense(fake, scene);
    } else if (strcmp(line, "resize") == 0 && sscanf(rest, "%u %u", &width, &height) == 2) {
        fake_resize(fake, scene, width, height);
    } else if (strcmp(line, "scene") == 0) {
        fake_add_scene(fake, rest);
    } else if (strcmp(line, "gone") == 0) {
        fake_remove_scene(fake, rest);
    } else if (strcmp(line, "server") == 0) {
        fake_set_server(fake, rest);
    } else if (strcmp(line, "noservers") == 0) {
        fake_clear_servers(fake);
    } else if (strcmp(line, "beats") == 0) {
        fake->is_beating = is_on;
    } else if (strcmp(line, "beat") == 0) {
        fake_beat(fake);
    } else if (strcmp(line, "silent") == 0) {
        fake->is_silent = is_on;
    } else if (strcmp(line, "drop") == 0) {
        fake->n_to_drop = (unsigned)strtoul(rest, NULL, 10);
    } else if (strcmp(line, "delay") == 0) {
        fake->delay_ms = (unsigned)strtoul(rest, NULL, 10);
    } else if (strcmp(line, "epoch") == 0) {
        begin_epoch(fake);
    } else if (strcmp(line, "reborn") == 0) {
        fake->renderer_id = fresh_id();
        fake_beat(fake);
    } else if (strcmp(line, "quit") == 0) {
        fake->is_quitting = true;
    } else {
        fprintf(stderr, "fake-renderer: unknown command '%s'\n", line);
    }
    printf("done %" PRIu64 "\n", fake->scenes[0].version);
    fflush(stdout);
}

/* Reads what is there and obeys whole lines. */
static void read_commands(struct fake *fake) {
    static char buffer[4096];
    static size_t len;
    ssize_t n = read(0, buffer + len, sizeof buffer - 1 - len);
    if (n <= 0) {
        fake->is_quitting = true;
        return;
    }
    len += (size_t)n;
    buffer[len] = '\0';
    for (char *newline; (newline = strchr(buffer, '\n')) != NULL;) {
        char line[4096];
        size_t line_len = (size_t)(newline - buffer) + 1;
        memcpy(line, buffer, line_len);
        line[line_len] = '\0';
        memmove(buffer, newline + 1, len - line_len + 1);
        len -= line_len;
        obey(fake, line);
    }
}

static void *open_socket(void *zmq, int type, const char *endpoint, const char *name) {
    void *socket = zmq_socket(zmq, type);
    int linger = 0, hwm = type == ZMQ_PUB ? LIMIT_FEED_HWM : LIMIT_CALLS_HWM;
    char bound[256];
    size_t size = sizeof bound;
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &hwm, sizeof hwm);
    if (zmq_bind(socket, endpoint) != 0) {
        fprintf(stderr, "fake-renderer: %s: %s\n", endpoint, zmq_strerror(errno));
        exit(2);
    }
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size);
    printf("%s %s\n", name, bound);
    return socket;
}

static const char *option(int argc, char **argv, const char *name, const char *otherwise) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return otherwise;
}

static void serve(struct fake *fake) {
    while (!fake->is_quitting) {
        zmq_pollitem_t items[] = {{.fd = 0, .events = ZMQ_POLLIN},
                                  {.socket = fake->calls, .events = ZMQ_POLLIN}};
        int64_t left_ms = (fake->next_beat_us - lg_clock_us()) / 1000 + 1;
        zmq_poll(items, 2, left_ms > 0 ? (long)left_ms : 0);
        if (items[0].revents != 0) {
            read_commands(fake);
        }
        while (fake_answer(fake)) {
        }
        if (lg_clock_us() >= fake->next_beat_us) {
            fake->next_beat_us = lg_clock_us() + LIMIT_HEARTBEAT_MS * 1000;
            if (fake->is_beating) {
                fake_beat(fake);
            }
        }
    }
}

int main(int argc, char **argv) {
    static struct fake fake = {.is_beating = true, .n_scenes = 1};
    struct fake_scene *scene = &fake.scenes[0];
    void *zmq = zmq_ctx_new();
    *scene = (struct fake_scene){.name = "scene", .version = 1, .width_px = 320, .height_px = 200};
    sscanf(option(argc, argv, "--size", ""), "%ux%u", &scene->width_px, &scene->height_px);
    fake.root = option(argc, argv, "--root", NULL);
    fake.epoch = fresh_id();
    fake.renderer_id = fresh_id();
    fake.started_us = lg_clock_us();
    scene->frame = fake_draw(scene, fake.epoch, NULL);
    const char *anywhere = "tcp://127.0.0.1:*";
    fake.feed = open_socket(zmq, ZMQ_PUB, option(argc, argv, "--feed", anywhere), "feed");
    fake.calls = open_socket(zmq, ZMQ_ROUTER, option(argc, argv, "--calls", anywhere), "calls");
    printf("ready\n");
    fflush(stdout);
    serve(&fake);
    zmq_close(fake.feed);
    zmq_close(fake.calls);
    zmq_ctx_term(zmq);
    for (size_t i = 0; i < fake.n_scenes; i++) {
        frame_unref(fake.scenes[i].frame);
    }
    for (size_t i = 0; i < FAKE_REPLIES_MAX; i++) {
        free(fake.answered[i].reply.data);
    }
    return 0;
}
