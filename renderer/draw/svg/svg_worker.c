/* The renderer's side of the svg worker. */
#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np */
#include "renderer/draw/svg/svg_worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/svg/svg_wire.h"

extern char **environ;

static struct {
    pthread_mutex_t lock; /* everything below */
    bool is_enabled;
    pid_t pid; /* 0 = none */
    int fd;
    uint64_t known_id; /* document that the worker has parsed */
} worker = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

void svg_worker_enable(void) {
    worker.is_enabled = true;
}

bool svg_worker_is_enabled(void) {
    return worker.is_enabled;
}

static void stop_locked(void) {
    if (worker.pid != 0) {
        close(worker.fd);
        kill(worker.pid, SIGKILL);
        while (waitpid(worker.pid, NULL, 0) < 0 && errno == EINTR) {
        }
        worker.pid = 0;
        worker.fd = -1;
    }
}

void svg_worker_stop(void) {
    pthread_mutex_lock(&worker.lock);
    stop_locked();
    pthread_mutex_unlock(&worker.lock);
}

static int start_locked(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return LG_EINTERNAL;
    }
    char name[] = "leggio-renderer", option[] = SVG_WORKER_OPTION;
    char *argv[] = {name, option, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], SVG_WIRE_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, SVG_WIRE_FD + 1);
    int err = posix_spawn(&worker.pid, "/proc/self/exe", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (err != 0) {
        lg_log(LG_LOG_ERROR, "svg", "no_worker", "why=%s", strerror(err));
        close(ends[0]);
        worker.pid = 0;
        return LG_EINTERNAL;
    }
    worker.fd = ends[0];
    worker.known_id = 0;
    return LG_OK;
}

/* Waits for the socket until the deadline. */
static bool is_ready(short events, int64_t deadline_us) {
    for (;;) {
        int64_t left_ms = (deadline_us - lg_clock_us()) / 1000;
        struct pollfd item = {.fd = worker.fd, .events = events};
        int n = left_ms > 0 ? poll(&item, 1, (int)left_ms) : 0;
        if (n >= 0 || errno != EINTR) {
            return n > 0;
        }
    }
}

static bool send_all(const void *data, size_t size, int64_t deadline_us) {
    const char *at = data;
    while (size > 0) {
        ssize_t n = is_ready(POLLOUT, deadline_us)
                        ? send(worker.fd, at, size, MSG_NOSIGNAL | MSG_DONTWAIT)
                        : 0;
        if (n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR))) {
            return false;
        }
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool receive_all(void *data, size_t size, int64_t deadline_us) {
    char *at = data;
    while (size > 0) {
        ssize_t n = is_ready(POLLIN, deadline_us) ? recv(worker.fd, at, size, MSG_DONTWAIT) : 0;
        if (n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR))) {
            return false;
        }
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool exchange_locked(const struct svg_source *source, struct svg_ask *ask,
                            struct svg_answer *answer, cairo_surface_t *surface,
                            int64_t deadline_us) {
    ask->is_known = worker.known_id == source->id;
    if (!send_all(ask, sizeof *ask, deadline_us) ||
        (!ask->is_known && (!send_all(source->base_dir, ask->base_len, deadline_us) ||
                            !send_all(source->data, source->len, deadline_us))) ||
        !receive_all(answer, sizeof *answer, deadline_us)) {
        return false;
    }
    worker.known_id = source->id;
    return !ask->draws || answer->code != LG_OK ||
           receive_all(cairo_image_surface_get_data(surface),
                       (size_t)ask->width * 4 * (size_t)ask->height, deadline_us);
}

/* A worker that ended by itself may have been killed by somebody else: one more try. */
static int ask_worker(const struct svg_source *source, struct svg_ask *ask,
                      struct svg_answer *answer, cairo_surface_t *surface) {
    ask->id = source->id;
    ask->doc_len = source->len;
    ask->base_len = source->base_dir != NULL ? (uint32_t)strlen(source->base_dir) : 0;
    int64_t deadline_us = lg_clock_us() + (int64_t)LIMIT_SVG_MS * 1000;
    int code = LG_ETOOLARGE;
    pthread_mutex_lock(&worker.lock);
    for (int try_i = 0; try_i < 2 && code == LG_ETOOLARGE && lg_clock_us() < deadline_us; try_i++) {
        if (worker.pid == 0 && start_locked() != LG_OK) {
            code = LG_EINTERNAL;
        } else if (exchange_locked(source, ask, answer, surface, deadline_us)) {
            code = answer->code;
        } else {
            stop_locked();
        }
    }
    pthread_mutex_unlock(&worker.lock);
    if (code == LG_ETOOLARGE) {
        lg_log(LG_LOG_WARN, "svg", "refused", "why=%s limit_ms=%d limit_bytes=%u",
               "crash, time or memory", LIMIT_SVG_MS, LIMIT_SVG_MEMORY_BYTES);
    }
    return code;
}

int svg_worker_measure(const struct svg_source *source, double *width, double *height) {
    struct svg_ask ask = {0};
    struct svg_answer answer = {0};
    int code = ask_worker(source, &ask, &answer, NULL);
    *width = answer.width;
    *height = answer.height;
    return code;
}

int svg_worker_draw(const struct svg_source *source, const cairo_matrix_t *matrix,
                    const struct rect_px *rect, cairo_surface_t **out) {
    struct svg_ask ask = {
        .draws = 1,
        .matrix = {matrix->xx, matrix->yx, matrix->xy, matrix->yy, matrix->x0, matrix->y0},
        .x = rect->x,
        .y = rect->y,
        .width = rect->width,
        .height = rect->height,
    };
    struct svg_answer answer;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, rect->width, rect->height);
    int code = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS
                   ? ask_worker(source, &ask, &answer, surface)
                   : LG_ENOMEM;
    if (code != LG_OK) {
        cairo_surface_destroy(surface);
        return code;
    }
    cairo_surface_mark_dirty(surface);
    *out = surface;
    return LG_OK;
}
