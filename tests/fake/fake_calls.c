/* Answers of the fake renderer. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "common/broker/zmq_parts.h"
#include "common/clock.h"
#include "common/err.h"
#include "proto/calls.h"
#include "proto/feed.h"
#include "tests/fake/fake.h"

#define BUILT_IN_BYTES (5 * 1024 * 1024 / 2) /* of "fake.bin": more than two chunks */

void fake_send_frame(void *socket, const struct msg_bytes *first, size_t n_first,
                     const struct frame *frame, const struct frame *base) {
    struct msg_strip strips[LIMIT_STRIPS];
    struct msg_bytes payload[LIMIT_STRIPS], parts[LIMIT_PARTS];
    struct feed_frame msg = {.header = {.epoch = frame->epoch,
                                        .version = frame->version,
                                        .base_version = base != NULL ? base->version : 0,
                                        .wall_us = lg_clock_wall_us(),
                                        .width_px = frame->width_px,
                                        .height_px = frame->height_px,
                                        .color_type = frame->color_type,
                                        .strips = strips},
                             .strips = payload};
    struct msg_buf header;
    struct msg_problem problem = {.protocol = 0};
    size_t n = 0;
    strcpy(msg.header.scene, frame->scene);
    for (size_t i = 0; i < frame->n_strips; i++) {
        const struct frame_strip *strip = &frame->strips[i];
        if (base == NULL || base->strips[i].chunk != strip->chunk) {
            payload[n] =
                (struct msg_bytes){lg_bytes_data(strip->chunk), lg_bytes_size(strip->chunk)};
            strips[n++] = (struct msg_strip){
                .strip_i = i, .adler = strip->adler, .raw_size_bytes = strip->raw_size_bytes};
        }
    }
    msg.header.n_strips = n;
    if (feed_frame_encode(&msg, &header, &problem) != 0) {
        fprintf(stderr, "fake-renderer: %s\n", problem.text);
        abort();
    }
    memcpy(parts, first, n_first * sizeof parts[0]);
    parts[n_first] = (struct msg_bytes){header.data, header.size};
    memcpy(parts + n_first + 1, payload, n * sizeof parts[0]);
    zmq_parts_send(socket, parts, n_first + 1 + n);
    free(header.data);
}

static void log_line(struct fake *fake, const struct msg_request *request) {
    int room = (int)(FAKE_LOG_BYTES - fake->log_len);
    int shown = request->text.size < 200 ? (int)request->text.size : 200;
    int n = snprintf(fake->log + fake->log_len, (size_t)room,
                     "%s role=%s client=%s x=%d y=%d %.*s\n", call_kind_name(request->kind),
                     call_role_name(request->role), request->client_id, (int)request->x,
                     (int)request->y, shown, shown > 0 ? (const char *)request->text.data : "");
    fake->log_len = n < room ? fake->log_len + (size_t)n : 0;
}

/* Statements that the fake understands, each ended by ';'. */
static void run_statement(struct fake *fake, struct fake_scene *scene, const char *statement,
                          struct msg_reply *reply) {
    static const char ERROR[] = "line 1: fake error\n";
    if (strncmp(statement, "/fake/touch", 11) == 0) {
        fake_touch(fake, scene, false);
    } else if (strncmp(statement, "/fake/error", 11) == 0) {
        call_reply_set_code(reply, LG_ESCRIPT);
        reply->text = (struct msg_bytes){ERROR, sizeof ERROR - 1};
    } else if (strncmp(statement, "/fake/scene ", 12) == 0) {
        fake_add_scene(fake, statement + 12);
    } else if (strncmp(statement, "/fake/gone ", 11) == 0) {
        fake_remove_scene(fake, statement + 11);
    } else if (strncmp(statement, "/fake/server ", 13) == 0) {
        fake_set_server(fake, statement + 13);
    } else if (strncmp(statement, "/fake/noservers", 15) == 0) {
        fake_clear_servers(fake);
    }
}

static void run_script(struct fake *fake, struct fake_scene *scene, struct msg_bytes script,
                       struct msg_reply *reply) {
    char statement[512];
    const char *at = script.data, *end = at + script.size;
    while (at < end) {
        while (at < end && (*at == ' ' || *at == '\n')) {
            at++;
        }
        const char *stop = memchr(at, ';', (size_t)(end - at));
        size_t len = (size_t)((stop != NULL ? stop : end) - at);
        if (len < sizeof statement) {
            memcpy(statement, at, len);
            statement[len] = '\0';
            run_statement(fake, scene, statement, reply);
        }
        at += len + 1;
    }
}

static void point(const struct fake_scene *scene, const struct msg_request *request,
                  struct msg_reply *reply) {
    bool is_hit = request->x >= 0 && request->y >= 0 && request->x < (int64_t)scene->width_px / 2 &&
                  request->y < (int64_t)scene->height_px;
    call_reply_set_code(reply, is_hit ? LG_OK : LG_EUNKNOWNOBJECT);
}

/* Content of a file from offset on, at most one chunk, into bytes (static). */
static int read_file(const struct fake *fake, const char *path, uint64_t offset, size_t length,
                     struct msg_reply *reply) {
    static uint8_t bytes[LIMIT_FILE_CHUNK_BYTES];
    size_t n = length == 0 || length > sizeof bytes ? sizeof bytes : length;
    reply->bytes.data = bytes;
    if (strcmp(path, "fake.bin") == 0) {
        uint64_t left = offset < BUILT_IN_BYTES ? BUILT_IN_BYTES - offset : 0;
        reply->bytes.size = left < n ? (size_t)left : n;
        for (size_t i = 0; i < reply->bytes.size; i++) {
            bytes[i] = (uint8_t)((offset + i) % 251);
        }
        reply->total_size_bytes = BUILT_IN_BYTES;
        reply->mtime_s = 1700000000;
        return 0;
    }
    char full[2 * LIMIT_PATH_BYTES];
    struct stat stat;
    if (fake->root == NULL || strstr(path, "..") != NULL || path[0] == '/') {
        return LG_ENOTFOUND;
    }
    snprintf(full, sizeof full, "%s/%s", fake->root, path);
    int fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        if (fd >= 0) {
            close(fd);
        }
        return LG_ENOTFOUND;
    }
    ssize_t got = pread(fd, bytes, n, (off_t)offset);
    close(fd);
    reply->bytes.size = got > 0 ? (size_t)got : 0;
    reply->total_size_bytes = (uint64_t)stat.st_size;
    reply->mtime_s = stat.st_mtime;
    return got < 0 ? LG_EINTERNAL : 0;
}

/* Everything but snapshot. extra holds texts that the reply points to. */
static void fill_reply(struct fake *fake, struct fake_scene *scene,
                       const struct msg_request *request, struct msg_reply *reply, char *extra,
                       size_t extra_size) {
    char path[LIMIT_PATH_BYTES + 1];
    switch (request->kind) {
    case REQUEST_HELLO:
        reply->renderer_id = fake->renderer_id;
        reply->servers = fake->servers;
        reply->n_servers = fake->n_servers;
        break;
    case REQUEST_POST:
        run_script(fake, scene, request->text, reply);
        break;
    case REQUEST_CLICK:
    case REQUEST_HOVER:
        point(scene, request, reply);
        break;
    case REQUEST_GET: {
        int n = snprintf(extra, extra_size, "%.*s 42;\n", (int)request->text.size,
                         request->text.size > 0 ? (const char *)request->text.data : "");
        reply->text = (struct msg_bytes){extra, (size_t)n < extra_size ? (size_t)n : 0};
        break;
    }
    case REQUEST_FILE:
        if (request->text.size > 0) {
            memcpy(path, request->text.data, request->text.size);
        }
        path[request->text.size] = '\0';
        call_reply_set_code(reply, read_file(fake, path, request->offset_bytes,
                                             (size_t)request->length_bytes, reply));
        break;
    case REQUEST_LOG:
        reply->text = (struct msg_bytes){fake->log, fake->log_len};
        break;
    default: /* version, scenes, servers: what every reply says */
        break;
    }
}

static void send_reply(struct fake *fake, struct msg_bytes identity, const struct msg_buf *reply,
                       const struct frame *frame) {
    struct msg_bytes parts[] = {identity, {"", 0}, {reply->data, reply->size}};
    if (frame != NULL) {
        fake_send_frame(fake->calls, parts, 3, frame, NULL);
    } else {
        zmq_parts_send(fake->calls, parts, 3);
    }
}

static void remember(struct fake *fake, const struct msg_request *request, struct msg_buf reply) {
    struct fake_answered *slot = &fake->answered[fake->answered_i++ % FAKE_REPLIES_MAX];
    free(slot->reply.data);
    *slot = (struct fake_answered){request->gateway_id, request->counter, reply};
}

static const struct msg_buf *find_answered(const struct fake *fake,
                                           const struct msg_request *request) {
    for (size_t i = 0; i < FAKE_REPLIES_MAX; i++) {
        const struct fake_answered *slot = &fake->answered[i];
        if (slot->reply.data != NULL && slot->gateway_id == request->gateway_id &&
            slot->counter == request->counter) {
            return &slot->reply;
        }
    }
    return NULL;
}

static void answer_request(struct fake *fake, struct msg_bytes identity,
                           const struct msg_request *request) {
    static char extra[1024 * 1024];
    struct msg_scene list[FAKE_SCENES_MAX];
    struct msg_reply reply = {.gateway_id = request->gateway_id, .counter = request->counter};
    struct msg_buf bytes;
    const char *name = request->scene[0] != '\0' ? request->scene : "scene";
    struct fake_scene *scene = fake_find_scene(fake, name);
    call_reply_set_code(&reply, LG_OK);
    if (request->kind != REQUEST_HELLO && request->kind != REQUEST_SNAPSHOT &&
        request->kind != REQUEST_LOG) {
        log_line(fake, request);
    }
    if (scene == NULL) {
        call_reply_set_code(&reply, LG_ENOTFOUND);
    } else {
        fill_reply(fake, scene, request, &reply, extra, sizeof extra);
    }
    reply.epoch = fake->epoch;
    scene = fake_find_scene(fake, name); /* a statement may have moved it */
    reply.version = scene != NULL ? scene->version : 0;
    if (request->kind == REQUEST_HELLO || request->kind == REQUEST_SCENES ||
        request->kind == REQUEST_POST) {
        reply.scenes = list;
        reply.n_scenes = fake_list_scenes(fake, list);
    }
    if (call_reply_encode(&reply, &bytes) != 0) {
        abort();
    }
    bool is_snapshot = request->kind == REQUEST_SNAPSHOT && scene != NULL;
    send_reply(fake, identity, &bytes, is_snapshot ? scene->frame : NULL);
    if (is_snapshot) {
        free(bytes.data); /* it changes nothing: may be answered anew */
    } else {
        remember(fake, request, bytes);
    }
}

bool fake_answer(struct fake *fake) {
    static struct zmq_parts parts;
    struct msg_request request;
    struct msg_problem problem;
    if (zmq_parts_receive(&parts, fake->calls) != 0) {
        return false;
    }
    if (fake->is_silent || parts.n != 3) {
        return true;
    }
    if (fake->n_to_drop > 0) {
        fake->n_to_drop--;
        return true;
    }
    if (fake->delay_ms > 0) {
        struct timespec pause = {fake->delay_ms / 1000, (long)(fake->delay_ms % 1000) * 1000000};
        nanosleep(&pause, NULL);
    }
    int code = call_request_decode(parts.parts[2].data, parts.parts[2].size, &request, &problem);
    const struct msg_buf *before = code == 0 ? find_answered(fake, &request) : NULL;
    if (before != NULL) {
        send_reply(fake, parts.parts[0], before, NULL);
    } else if (code == 0) {
        answer_request(fake, parts.parts[0], &request);
    } else {
        struct msg_buf bytes;
        if (call_error_encode(&request, code, problem.text, &bytes) == 0) {
            send_reply(fake, parts.parts[0], &bytes, NULL);
            free(bytes.data);
        }
    }
    return true;
}
