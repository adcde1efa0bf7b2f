/* The one door to the renderer: a thread that owns both sockets, the state that
 * other threads may read, and the way of calls to the thread and back. What the
 * messages mean is in feed_client.c and call_client.c. */
#include "common/broker/upstream.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "common/broker/call_client.h"
#include "common/broker/feed_client.h"
#include "common/broker/frame_cache.h"
#include "common/broker/zmq_parts.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/calls.h"

#define TICK_MS          50      /* longest sleep of the thread */
#define DRAIN_MAX        256     /* messages of one socket between two ticks */
#define RECONNECT_MS     50      /* first pause of libzmq before it connects again */
#define RECONNECT_MAX_MS 500
#define HANG_US          5000000 /* of silence, then the connections are made anew */
#define OWN_DEADLINE_US  2000000 /* of hello and snapshot */

/* A wish of another thread, in a list of one direction. */
struct command {
    struct command *next;
    bool is_follow; /* else a call */
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    struct call_client_request call;
};

/* A call of a gateway, from upstream_call to its answer. */
struct asked {
    struct upstream *upstream;
    enum call_kind kind;
    size_t size_bytes;
    call_reply_fn done;
    void *ctx;
};

/* A snapshot of ours. */
struct snapshot_ask {
    struct upstream *upstream;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
};

struct upstream {
    char *feed, *calls; /* endpoints */
    void (*on_event)(void *ctx, const struct upstream_event *event);
    void *ctx;
    uint64_t gateway_id;
    _Atomic uint64_t counter;
    _Atomic size_t n_under_way, bytes_under_way;
    atomic_bool is_stopping;
    struct frame_cache *cache;
    int wake_fd; /* eventfd: commands are there, or stop */
    pthread_t thread;

    pthread_mutex_t lock; /* guards the following group */
    struct command *first, *last;
    struct upstream_state state;
    struct msg_scene *scenes;
    size_t n_scenes;
    bool has_scenes;
    struct upstream_server *servers;
    size_t n_servers;
    char followed[LIMIT_SCENES][LIMIT_SCENE_NAME_BYTES + 1];
    size_t n_followed;

    /* of the thread alone, once it runs */
    void *zmq, *feed_socket, *calls_socket;
    struct feed_client *feed_client;
    struct call_client *call_client;
    struct zmq_parts parts;
    int64_t connected_us;
};

/* -- state that any thread may read ---------------------------------------- */

static void emit(struct upstream *up, enum upstream_event_kind kind, const char *scene,
                 struct frame *frame) {
    struct upstream_event event = {.kind = kind, .scene = scene, .frame = frame};
    if (up->on_event != NULL && !atomic_load(&up->is_stopping)) {
        up->on_event(up->ctx, &event);
    }
}

static void push_command(struct upstream *up, struct command *command) {
    uint64_t one = 1;
    pthread_mutex_lock(&up->lock);
    command->next = NULL;
    if (up->last != NULL) {
        up->last->next = command;
    } else {
        up->first = command;
    }
    up->last = command;
    pthread_mutex_unlock(&up->lock);
    ssize_t n = write(up->wake_fd, &one, sizeof one);
    (void)n; /* full counter: it is awake anyway */
}

static struct command *take_commands(struct upstream *up) {
    pthread_mutex_lock(&up->lock);
    struct command *first = up->first;
    up->first = up->last = NULL;
    pthread_mutex_unlock(&up->lock);
    return first;
}

static bool has_scene_locked(const struct upstream *up, const char *scene) {
    for (size_t i = 0; i < up->n_scenes; i++) {
        if (strcmp(up->scenes[i].name, scene) == 0) {
            return true;
        }
    }
    return false;
}

/* Is it new, and may it be followed? Names that the renderer does not know are
 * not: clients may ask for any. */
static bool begin_follow(struct upstream *up, const char *scene) {
    bool is_new = false;
    if (strlen(scene) > LIMIT_SCENE_NAME_BYTES) {
        return false;
    }
    pthread_mutex_lock(&up->lock);
    if (!up->has_scenes || has_scene_locked(up, scene)) {
        size_t i = 0;
        while (i < up->n_followed && strcmp(up->followed[i], scene) != 0) {
            i++;
        }
        is_new = i == up->n_followed && up->n_followed < LIMIT_SCENES;
        if (is_new) {
            strcpy(up->followed[up->n_followed++], scene);
        }
    }
    pthread_mutex_unlock(&up->lock);
    return is_new;
}

struct frame *upstream_frame(struct upstream *up, const char *scene) {
    struct frame *frame = frame_cache_get(up->cache, scene);
    if (frame == NULL && begin_follow(up, scene)) {
        struct command *command = calloc(1, sizeof *command);
        if (command != NULL) {
            command->is_follow = true;
            strcpy(command->scene, scene);
            push_command(up, command);
        }
    }
    return frame;
}

bool upstream_version(struct upstream *up, const char *scene, uint64_t *epoch, uint64_t *version) {
    return frame_cache_version(up->cache, scene, epoch, version);
}

bool upstream_has_scene(struct upstream *up, const char *scene) {
    pthread_mutex_lock(&up->lock);
    bool has = has_scene_locked(up, scene);
    pthread_mutex_unlock(&up->lock);
    return has;
}

void upstream_state(struct upstream *up, struct upstream_state *state) {
    pthread_mutex_lock(&up->lock);
    *state = up->state;
    pthread_mutex_unlock(&up->lock);
}

size_t upstream_servers(struct upstream *up, struct upstream_server **servers) {
    pthread_mutex_lock(&up->lock);
    size_t n = up->n_servers;
    *servers = n > 0 ? malloc(n * sizeof **servers) : NULL;
    if (*servers != NULL) {
        memcpy(*servers, up->servers, n * sizeof **servers);
    }
    pthread_mutex_unlock(&up->lock);
    return *servers != NULL ? n : 0;
}

/* -- what the feed client wants (thread) ------------------------------------ */

static void on_subscribe(void *ctx, const char *topic, size_t len, bool is_wanted) {
    struct upstream *up = ctx;
    zmq_setsockopt(up->feed_socket, is_wanted ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, topic, len);
}

static uint64_t next_counter(struct upstream *up) {
    return atomic_fetch_add(&up->counter, 1) + 1;
}

/* A call of our own; ctx is freed by done. */
static void start_own_call(struct upstream *up, struct msg_request *request,
                           call_client_done_fn done, void *ctx) {
    struct call_client_request call = {.done = done, .ctx = ctx};
    int64_t now_us = lg_clock_us();
    request->gateway_id = up->gateway_id;
    request->counter = call.counter = next_counter(up);
    request->role = CALL_ROLE_VIEW;
    request->deadline_ms = OWN_DEADLINE_US / 1000;
    call.deadline_us = now_us + OWN_DEADLINE_US;
    if (call_request_encode(request, &call.bytes, NULL) != 0) {
        done(ctx, LG_EINTERNAL, NULL, NULL, 0);
        return;
    }
    call_client_start(up->call_client, &call, now_us);
}

static void on_hello(void *ctx, int code, const struct msg_reply *reply,
                     const struct msg_bytes *rest, size_t n_rest) {
    struct upstream *up = ctx;
    (void)rest;
    (void)n_rest;
    if (!atomic_load(&up->is_stopping)) {
        feed_client_hello(up->feed_client, code == 0 ? reply : NULL, lg_clock_us());
    }
}

static void ask_hello(void *ctx) {
    struct msg_request request = {.kind = REQUEST_HELLO};
    start_own_call(ctx, &request, on_hello, ctx);
}

static void on_snapshot(void *ctx, int code, const struct msg_reply *reply,
                        const struct msg_bytes *rest, size_t n_rest) {
    struct snapshot_ask *ask = ctx;
    struct upstream *up = ask->upstream;
    if (code == 0) {
        code = lg_err_from_name(reply->code);
    }
    if (!atomic_load(&up->is_stopping)) {
        feed_client_snapshot(up->feed_client, ask->scene, code, rest, n_rest, lg_clock_us());
    }
    free(ask);
}

static void ask_snapshot(void *ctx, const char *scene) {
    struct upstream *up = ctx;
    struct msg_request request = {.kind = REQUEST_SNAPSHOT};
    struct snapshot_ask *ask = calloc(1, sizeof *ask);
    if (ask == NULL) {
        feed_client_snapshot(up->feed_client, scene, LG_ENOMEM, NULL, 0, lg_clock_us());
        return;
    }
    ask->upstream = up;
    strcpy(ask->scene, scene);
    strcpy(request.scene, scene);
    start_own_call(up, &request, on_snapshot, ask);
}

static void on_frame(void *ctx, struct frame *frame) {
    struct upstream *up = ctx;
    if (frame_cache_give(up->cache, frame_ref(frame)) == 0) {
        emit(up, UPSTREAM_FRAME, frame->scene, frame);
    }
}

static void on_version(void *ctx, const char *scene, uint64_t epoch, uint64_t version) {
    frame_cache_announce(((struct upstream *)ctx)->cache, scene, epoch, version);
}

static void on_scene_gone(void *ctx, const char *scene) {
    struct upstream *up = ctx;
    pthread_mutex_lock(&up->lock);
    for (size_t i = 0; i < up->n_followed; i++) {
        if (strcmp(up->followed[i], scene) == 0) {
            up->n_followed--;
            memmove(up->followed[i], up->followed[up->n_followed], sizeof up->followed[i]);
            break;
        }
    }
    pthread_mutex_unlock(&up->lock);
    frame_cache_drop(up->cache, scene);
}

static void on_scenes(void *ctx, const struct msg_scene *scenes, size_t n) {
    struct upstream *up = ctx;
    struct msg_scene *copy = calloc(n + 1, sizeof *copy);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, scenes, n * sizeof *copy);
    pthread_mutex_lock(&up->lock);
    struct msg_scene *old = up->scenes;
    up->scenes = copy;
    up->n_scenes = n;
    up->has_scenes = true;
    pthread_mutex_unlock(&up->lock);
    free(old);
    emit(up, UPSTREAM_SCENES, NULL, NULL);
}

static void on_servers(void *ctx, const struct msg_server *servers, size_t n) {
    struct upstream *up = ctx;
    struct upstream_server *list = calloc(n + 1, sizeof *list);
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        strcpy(list[i].kind, servers[i].kind);
        strcpy(list[i].address, servers[i].address);
        strcpy(list[i].scene, servers[i].scene);
        list[i].port = (uint16_t)servers[i].port;
        list[i].period_ms = (uint32_t)servers[i].period_ms;
    }
    pthread_mutex_lock(&up->lock);
    struct upstream_server *old = up->servers;
    up->servers = list;
    up->n_servers = n;
    pthread_mutex_unlock(&up->lock);
    free(old);
    emit(up, UPSTREAM_SERVERS, NULL, NULL);
}

static void on_state(void *ctx, bool is_new_renderer) {
    struct upstream *up = ctx;
    bool is_fresh = feed_client_is_fresh(up->feed_client);
    int64_t silent_us = lg_clock_us() - feed_client_last_heard_us(up->feed_client);
    pthread_mutex_lock(&up->lock);
    if (is_fresh) {
        up->state.stale_since_wall_s = 0;
    } else if (up->state.is_fresh) {
        up->state.stale_since_wall_s = (lg_clock_wall_us() - silent_us) / 1000000;
    }
    up->state.is_fresh = is_fresh;
    up->state.epoch = feed_client_epoch(up->feed_client);
    pthread_mutex_unlock(&up->lock);
    if (is_new_renderer) {
        call_client_resend_all(up->call_client, lg_clock_us());
    }
    emit(up, UPSTREAM_STATE, NULL, NULL);
}

static const struct feed_client_ops FEED_OPS = {
    .subscribe = on_subscribe,
    .ask_snapshot = ask_snapshot,
    .ask_hello = ask_hello,
    .on_frame = on_frame,
    .on_version = on_version,
    .on_scene_gone = on_scene_gone,
    .on_scenes = on_scenes,
    .on_servers = on_servers,
    .on_state = on_state,
};

/* -- calls of gateways ------------------------------------------------------- */

static enum request_kind request_kind(enum call_kind kind) {
    switch (kind) {
    case CALL_POST:
        return REQUEST_POST;
    case CALL_CLICK:
        return REQUEST_CLICK;
    case CALL_HOVER:
        return REQUEST_HOVER;
    case CALL_GET:
        return REQUEST_GET;
    case CALL_FILE:
        return REQUEST_FILE;
    case CALL_LOG:
        return REQUEST_LOG;
    case CALL_SCENES:
        return REQUEST_SCENES;
    case CALL_SERVERS:
        return REQUEST_SERVERS;
    }
    assert(!"a call_kind");
    return REQUEST_HELLO;
}

/* Names of scenes, one a line; free(). */
static char *print_scenes(const struct msg_reply *reply, size_t *size) {
    char *text = malloc(reply->n_scenes * (LIMIT_SCENE_NAME_BYTES + 1) + 1);
    size_t len = 0;
    for (size_t i = 0; text != NULL && i < reply->n_scenes; i++) {
        size_t name_len = strlen(reply->scenes[i].name);
        memcpy(text + len, reply->scenes[i].name, name_len);
        text[len + name_len] = '\n';
        len += name_len + 1;
    }
    *size = text != NULL ? len : 0;
    return text;
}

static void on_answer(void *ctx, int code, const struct msg_reply *reply,
                      const struct msg_bytes *rest, size_t n_rest) {
    struct asked *asked = ctx;
    struct upstream *up = asked->upstream;
    struct call_reply answer = {.code = code, .text = ""};
    char *scenes = NULL;
    (void)rest;
    (void)n_rest;
    if (code == 0) {
        answer.code = lg_err_from_name(reply->code);
        if (reply->text.size > 0) {
            answer.text = reply->text.data;
            answer.text_size_bytes = reply->text.size;
        } else if (asked->kind == CALL_SCENES) {
            scenes = print_scenes(reply, &answer.text_size_bytes);
            answer.text = scenes != NULL ? scenes : "";
        }
        answer.bytes = reply->bytes.data;
        answer.bytes_size = reply->bytes.size;
        answer.total_size_bytes = reply->total_size_bytes;
        answer.mtime_s = reply->mtime_s;
        answer.epoch = reply->epoch;
        answer.version = reply->version;
        if (!atomic_load(&up->is_stopping)) {
            feed_client_heard_reply(up->feed_client, reply, lg_clock_us());
        }
    }
    atomic_fetch_sub(&up->n_under_way, 1);
    atomic_fetch_sub(&up->bytes_under_way, asked->size_bytes);
    asked->done(asked->ctx, &answer);
    free(scenes);
    free(asked);
}

/* Copy at most size - 1 bytes of a text that may be NULL; cut, never refused:
 * it is only for the log. */
static void copy_name(char *to, size_t size, const char *from) {
    size_t len = from != NULL ? strnlen(from, size - 1) : 0;
    for (size_t i = 0; i < len; i++) {
        to[i] = (unsigned char)from[i] < 0x20 || from[i] == 0x7f ? '?' : from[i];
    }
    to[len] = '\0';
}

static int encode_call(struct upstream *up, const struct call_request *request, uint64_t counter,
                       uint32_t deadline_ms, struct msg_buf *bytes) {
    struct msg_request msg = {
        .gateway_id = up->gateway_id,
        .counter = counter,
        .kind = request_kind(request->kind),
        .role = call_role_from_name(request->role),
        .deadline_ms = deadline_ms,
        .text = {request->text, request->text_size_bytes},
        .x = request->x,
        .y = request->y,
        .offset_bytes = request->offset_bytes,
        .length_bytes = request->length_bytes,
    };
    struct msg_problem problem = {.protocol = 0};
    const char *scene = request->scene != NULL ? request->scene : "";
    if (strlen(scene) >= sizeof msg.scene) {
        return LG_EBADREQUEST;
    }
    strcpy(msg.scene, scene);
    copy_name(msg.client_id, sizeof msg.client_id, request->client_id);
    size_t note_len = request->note != NULL ? strnlen(request->note, LIMIT_NOTE_BYTES) : 0;
    msg.note = (struct msg_bytes){request->note, note_len};
    int code = call_request_encode(&msg, bytes, &problem);
    if (code != 0) {
        lg_log(LG_LOG_DEBUG, "calls", "refused", "kind=%s reason=%s", call_kind_name(msg.kind),
               problem.text);
    }
    return code;
}

/* Room for one more call of this size? It is taken when there is. */
static bool take_room(struct upstream *up, size_t size_bytes) {
    size_t n = atomic_fetch_add(&up->n_under_way, 1);
    size_t bytes = atomic_fetch_add(&up->bytes_under_way, size_bytes);
    /* A few places stay free for our own hellos and snapshots. */
    if (n < LIMIT_CALLS_UNDER_WAY - LIMIT_SCENES - 2 &&
        bytes + size_bytes <= LIMIT_CALLS_PENDING_BYTES) {
        return true;
    }
    atomic_fetch_sub(&up->n_under_way, 1);
    atomic_fetch_sub(&up->bytes_under_way, size_bytes);
    lg_log(LG_LOG_WARN, "calls", "too_many", "under_way=%zu bytes=%zu", n, bytes);
    return false;
}

static bool is_fresh(struct upstream *up) {
    struct upstream_state state;
    upstream_state(up, &state);
    return state.is_fresh;
}

int upstream_call(struct upstream *up, const struct call_request *request, call_reply_fn done,
                  void *ctx) {
    uint32_t deadline_ms =
        request->deadline_ms == 0 ? LIMIT_DEADLINE_DEFAULT_MS : request->deadline_ms;
    deadline_ms = deadline_ms < LIMIT_DEADLINE_MAX_MS ? deadline_ms : LIMIT_DEADLINE_MAX_MS;
    if (request->text_size_bytes > LIMIT_SCRIPT_BYTES) {
        return LG_ETOOLARGE;
    }
    if (!is_fresh(up) || !take_room(up, request->text_size_bytes)) {
        return LG_EBUSY;
    }
    uint64_t counter = next_counter(up);
    struct msg_buf bytes = {NULL, 0};
    struct command *command = calloc(1, sizeof *command);
    struct asked *asked = calloc(1, sizeof *asked);
    int code = command == NULL || asked == NULL
                   ? LG_EBUSY
                   : encode_call(up, request, counter, deadline_ms, &bytes);
    if (code != 0) {
        atomic_fetch_sub(&up->n_under_way, 1);
        atomic_fetch_sub(&up->bytes_under_way, request->text_size_bytes);
        free(asked);
        free(command);
        return code;
    }
    *asked = (struct asked){up, request->kind, request->text_size_bytes, done, ctx};
    command->call = (struct call_client_request){
        .counter = counter,
        .bytes = bytes,
        .deadline_us = lg_clock_us() + (int64_t)deadline_ms * 1000,
        .done = on_answer,
        .ctx = asked,
    };
    push_command(up, command);
    return 0;
}

static int send_request(void *ctx, struct msg_bytes request) {
    struct upstream *up = ctx;
    struct msg_bytes parts[] = {{"", 0}, request};
    return zmq_parts_send(up->calls_socket, parts, 2);
}

/* -- the thread ---------------------------------------------------------------- */

static void run_commands(struct upstream *up) {
    uint64_t count;
    ssize_t n = read(up->wake_fd, &count, sizeof count);
    (void)n; /* not signalled: then there is nothing to take */
    for (struct command *command = take_commands(up); command != NULL;) {
        struct command *next = command->next;
        if (command->is_follow) {
            feed_client_follow(up->feed_client, command->scene, lg_clock_us());
        } else {
            call_client_start(up->call_client, &command->call, lg_clock_us());
        }
        free(command);
        command = next;
    }
}

static void drain_feed(struct upstream *up) {
    int64_t now_us = lg_clock_us();
    for (int i = 0; i < DRAIN_MAX; i++) {
        int code = zmq_parts_receive(&up->parts, up->feed_socket);
        if (code == LG_EBUSY) {
            break;
        }
        if (code == 0) {
            feed_client_handle(up->feed_client, up->parts.parts, up->parts.n, now_us);
        }
    }
    zmq_parts_clear(&up->parts);
    feed_client_flush(up->feed_client);
}

static void drain_calls(struct upstream *up) {
    for (int i = 0; i < DRAIN_MAX; i++) {
        int code = zmq_parts_receive(&up->parts, up->calls_socket);
        if (code == LG_EBUSY) {
            break;
        }
        const struct msg_bytes *parts = up->parts.parts;
        size_t n_delimiters = code == 0 && parts[0].size == 0 ? 1 : 0;
        if (code == 0) {
            call_client_handle(up->call_client, parts + n_delimiters, up->parts.n - n_delimiters);
        }
    }
    zmq_parts_clear(&up->parts);
}

static void reconnect(struct upstream *up, void *socket, const char *endpoint) {
    (void)up;
    zmq_disconnect(socket, endpoint);
    if (zmq_connect(socket, endpoint) != 0) {
        lg_log(LG_LOG_ERROR, "upstream", "connect_failed", "endpoint=%s reason=%s", endpoint,
               zmq_strerror(errno));
    }
}

/* A peer that vanished without a word leaves connections that look alive. */
static void break_hang(struct upstream *up, int64_t now_us) {
    int64_t heard_us = feed_client_last_heard_us(up->feed_client);
    int64_t since_us = heard_us > up->connected_us ? heard_us : up->connected_us;
    if (now_us - since_us > HANG_US) {
        up->connected_us = now_us;
        reconnect(up, up->feed_socket, up->feed);
        reconnect(up, up->calls_socket, up->calls);
    }
}

static long poll_timeout_ms(int64_t due_us, int64_t now_us) {
    if (due_us - now_us >= (int64_t)TICK_MS * 1000) {
        return TICK_MS;
    }
    return due_us <= now_us ? 1 : (long)((due_us - now_us) / 1000 + 1);
}

static void *run(void *ctx) {
    struct upstream *up = ctx;
    int64_t due_us = 0;
    feed_client_start(up->feed_client, lg_clock_us());
    while (!atomic_load(&up->is_stopping)) {
        zmq_pollitem_t items[] = {
            {.fd = up->wake_fd, .events = ZMQ_POLLIN},
            {.socket = up->feed_socket, .events = ZMQ_POLLIN},
            {.socket = up->calls_socket, .events = ZMQ_POLLIN},
        };
        zmq_poll(items, 3, poll_timeout_ms(due_us, lg_clock_us()));
        run_commands(up);
        drain_feed(up);
        drain_calls(up);
        int64_t now_us = lg_clock_us();
        feed_client_tick(up->feed_client, now_us);
        due_us = call_client_tick(up->call_client, now_us);
        break_hang(up, now_us);
    }
    run_commands(up); /* so that calls on their way here end too */
    call_client_destroy(up->call_client);
    up->call_client = NULL;
    return NULL;
}

/* -- life ------------------------------------------------------------------------ */

static void *open_socket(struct upstream *up, int type, const char *endpoint, int hwm) {
    void *socket = zmq_socket(up->zmq, type);
    int linger = 0, immediate = 1, pause = RECONNECT_MS, pause_max = RECONNECT_MAX_MS, alive = 1;
    int64_t max_bytes = LIMIT_MESSAGE_BYTES;
    if (socket == NULL) {
        return NULL;
    }
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &hwm, sizeof hwm);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &hwm, sizeof hwm);
    zmq_setsockopt(socket, ZMQ_IMMEDIATE, &immediate, sizeof immediate);
    zmq_setsockopt(socket, ZMQ_RECONNECT_IVL, &pause, sizeof pause);
    zmq_setsockopt(socket, ZMQ_RECONNECT_IVL_MAX, &pause_max, sizeof pause_max);
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes);
    zmq_setsockopt(socket, ZMQ_TCP_KEEPALIVE, &alive, sizeof alive);
    if (zmq_connect(socket, endpoint) != 0) {
        lg_log(LG_LOG_ERROR, "upstream", "connect_failed", "endpoint=%s reason=%s", endpoint,
               zmq_strerror(errno));
        zmq_close(socket);
        return NULL;
    }
    return socket;
}

static void free_all(struct upstream *up) {
    call_client_destroy(up->call_client);
    feed_client_destroy(up->feed_client);
    if (up->feed_socket != NULL) {
        zmq_close(up->feed_socket);
    }
    if (up->calls_socket != NULL) {
        zmq_close(up->calls_socket);
    }
    if (up->zmq != NULL) {
        zmq_ctx_term(up->zmq);
    }
    if (up->wake_fd >= 0) {
        close(up->wake_fd);
    }
    frame_cache_destroy(up->cache);
    pthread_mutex_destroy(&up->lock);
    free(up->scenes);
    free(up->servers);
    free(up->feed);
    free(up->calls);
    free(up);
}

static bool build_parts(struct upstream *up) {
    struct call_client_options calls = {.gateway_id = up->gateway_id, .send = send_request,
                                        .ctx = up};
    up->cache = frame_cache_create();
    up->feed_client = feed_client_create(&FEED_OPS, up);
    up->call_client = call_client_create(&calls);
    up->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    up->zmq = zmq_ctx_new();
    if (up->cache == NULL || up->feed_client == NULL || up->call_client == NULL ||
        up->wake_fd < 0 || up->zmq == NULL || up->feed == NULL || up->calls == NULL) {
        lg_log(LG_LOG_ERROR, "upstream", "start_failed", "reason=%s", strerror(errno));
        return false;
    }
    /* Made here, so that a bad endpoint stops the start; used by the thread
     * alone from its first line on (pthread_create is the fence). */
    up->feed_socket = open_socket(up, ZMQ_SUB, up->feed, LIMIT_FEED_HWM);
    up->calls_socket = open_socket(up, ZMQ_DEALER, up->calls, LIMIT_CALLS_HWM);
    return up->feed_socket != NULL && up->calls_socket != NULL;
}

/* Signals belong to the program's main thread. */
static int start_thread(struct upstream *up) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int code = pthread_create(&up->thread, NULL, run, up);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return code;
}

struct upstream *upstream_create(const struct upstream_options *options) {
    struct upstream *up = calloc(1, sizeof *up);
    if (up == NULL || sodium_init() < 0) {
        free(up);
        return NULL;
    }
    pthread_mutex_init(&up->lock, NULL);
    up->wake_fd = -1;
    up->feed = strdup(options->feed);
    up->calls = strdup(options->calls);
    up->on_event = options->on_event;
    up->ctx = options->ctx;
    up->state.stale_since_wall_s = lg_clock_wall_us() / 1000000;
    up->connected_us = lg_clock_us();
    do {
        randombytes_buf(&up->gateway_id, sizeof up->gateway_id);
    } while (up->gateway_id == 0);
    if (!build_parts(up) || start_thread(up) != 0) {
        free_all(up);
        return NULL;
    }
    lg_log(LG_LOG_INFO, "upstream", "started", "kind=%s gateway=%" PRIx64 " feed=%s calls=%s",
           options->kind, up->gateway_id, up->feed, up->calls);
    return up;
}

void upstream_destroy(struct upstream *up) {
    uint64_t one = 1;
    if (up == NULL) {
        return;
    }
    atomic_store(&up->is_stopping, true);
    ssize_t n = write(up->wake_fd, &one, sizeof one);
    (void)n; /* it looks at the flag within a tick anyway */
    pthread_join(up->thread, NULL);
    free_all(up);
}
