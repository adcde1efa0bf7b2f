/* The client's functions write the pictures; the main thread only waits for the end. */
#include "clients/c/watch/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clients/c/watch/picture_file.h"

enum {
    BUSY = 50003, /* error code: a gateway that has only just begun has no picture yet */
    BUSY_PAUSE_NS = 300000000
};

/* Written by the client's thread; the main thread reads status after end_fd told it. */
struct watch {
    const struct watch_options *options;
    bool is_folder, is_terminal;
    int end_fd;
    bool is_ended;
    int status;
    uint64_t noticed_epoch, noticed_version;
    int64_t noticed_us;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The first one counts. */
static void end(struct watch *watch, int status) {
    uint64_t one = 1;
    if (watch->is_ended) {
        return;
    }
    watch->is_ended = true;
    watch->status = status;
    if (write(watch->end_fd, &one, sizeof(one)) < 0) {
        perror("leggio-watch");
    }
}

static void tell(struct watch *watch, const char *what, const char *reason) {
    fprintf(stderr, "%sleggio-watch: %s%s%s\n", watch->is_terminal ? "\n" : "", what,
            reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

/* -- pictures -------------------------------------------------------------------- */

static void on_changed(struct lg_client *client, const char *scene, uint64_t epoch,
                       uint64_t version, void *user) {
    struct watch *watch = user;
    (void)client;
    (void)scene;
    watch->noticed_epoch = epoch;
    watch->noticed_version = version;
    watch->noticed_us = now_us();
}

/* "scene 12 1920x1080 48213 bytes 3.1 ms scene.png"; the time from the notice to the file. */
static void print_progress(struct watch *watch, const struct lg_client_frame *frame,
                           const char *path) {
    char delay[32] = "-";
    if (watch->options->is_quiet) {
        return;
    }
    if (watch->noticed_epoch == frame->epoch && watch->noticed_version == frame->version) {
        snprintf(delay, sizeof(delay), "%.1f ms", (double)(now_us() - watch->noticed_us) / 1000);
    }
    printf("%s%s %" PRIu64 " %" PRIu32 "x%" PRIu32 " %zu bytes %s %s%s",
           watch->is_terminal ? "\r\033[K" : "", frame->scene, frame->version, frame->width,
           frame->height, frame->message_bytes, delay, path, watch->is_terminal ? "" : "\n");
    fflush(stdout);
}

/* So that the server knows what is to be seen here. */
static void say_shown(struct lg_client *client, const struct lg_client_frame *frame) {
    char params[400];
    int len = snprintf(params, sizeof(params),
                       "{\"scene\":\"%s\",\"epoch\":\"%016" PRIx64 "\",\"version\":%" PRIu64 "}",
                       frame->scene, frame->epoch, frame->version);
    if (len > 0 && (size_t)len < sizeof(params)) {
        lg_client_notify(client, "shown", params); /* refused when the name needs escapes */
    }
}

static void on_frame(struct lg_client *client, const struct lg_client_frame *frame, void *user) {
    struct watch *watch = user;
    char path[PICTURE_FILE_PATH_BYTES];
    if (!picture_file_path(path, watch->options->target, watch->is_folder, frame)) {
        tell(watch, "the path of the picture is too long", NULL);
        return;
    }
    int error = picture_file_write(path, frame->png, frame->png_bytes);
    if (error != 0) {
        tell(watch, path, strerror(error)); /* the next one may succeed */
        return;
    }
    print_progress(watch, frame, path);
    say_shown(client, frame);
    if (watch->options->is_once) {
        end(watch, 0);
    }
}

static void on_ended(struct lg_client *client, const char *scene, const char *reason, void *user) {
    (void)client;
    (void)scene;
    tell(user, "the scene cannot be followed any more", reason);
    end(user, 1);
}

/* -- the connection ---------------------------------------------------------------- */

static void on_connected(struct lg_client *client, void *user) {
    struct watch *watch = user;
    struct lg_client_subscription wanted = {
        .size_bytes = sizeof(wanted),
        .scene = watch->options->scene,
        .frames = LG_CLIENT_FRAMES_WHOLE,
        .width = watch->options->width,
        .period_ms = watch->options->period_ms,
        .changed = on_changed,
        .frame = on_frame,
        .ended = on_ended,
        .user = watch,
    };
    struct lg_client_answer answer;
    int status = lg_client_subscribe(client, &wanted, &answer);
    while (status == LG_CLIENT_ERROR_ANSWER && answer.code == BUSY) {
        struct timespec pause = {.tv_nsec = BUSY_PAUSE_NS};
        lg_client_answer_clear(&answer);
        nanosleep(&pause, NULL); /* a close ends the next request */
        status = lg_client_subscribe(client, &wanted, &answer);
    }
    if (status != LG_CLIENT_OK && status != LG_CLIENT_ERROR_CLOSED) {
        tell(watch, "the scene cannot be followed",
             answer.message != NULL ? answer.message : lg_client_status_text(status));
        end(watch, 1);
    }
    lg_client_answer_clear(&answer);
}

static void on_failed(struct lg_client *client, const char *reason, void *user) {
    (void)client;
    tell(user, "no connection, trying again", reason);
}

static void on_reconnecting(struct lg_client *client, const char *reason, void *user) {
    (void)client;
    tell(user, "connection lost, trying again", reason);
}

static void on_reconnected(struct lg_client *client, int same_session, void *user) {
    (void)client;
    tell(user, same_session ? "connected again" : "connected again, in a new session", NULL);
}

static void on_disconnected(struct lg_client *client, const char *reason, void *user) {
    (void)client;
    if (strcmp(reason, "closed") != 0) {
        tell(user, "disconnected", reason);
    }
    end(user, 1);
}

static void on_log(const char *line, void *user) {
    tell(user, line, NULL);
}

/* true: by a signal. */
static bool wait_for_end(const struct watch *watch, int signal_fd) {
    struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
                           {.fd = watch->end_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return (fds[1].revents & POLLIN) == 0;
}

static int open_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

int watch_run(const struct watch_options *options) {
    struct watch watch = {.options = options, .status = 1};
    struct stat about;
    char why[400] = "";
    int signal_fd = open_signals();
    watch.end_fd = eventfd(0, EFD_CLOEXEC);
    watch.is_folder = stat(options->target, &about) == 0 && S_ISDIR(about.st_mode);
    watch.is_terminal = !options->is_quiet && isatty(STDOUT_FILENO) == 1;
    struct lg_client_options client_options = options->client;
    client_options.listener = (struct lg_client_listener){.connected = on_connected,
                                                          .connection_failed = on_failed,
                                                          .reconnecting = on_reconnecting,
                                                          .reconnected = on_reconnected,
                                                          .disconnected = on_disconnected};
    client_options.log = on_log;
    client_options.user = &watch;
    struct lg_client *client = signal_fd >= 0 && watch.end_fd >= 0
                                   ? lg_client_create(&client_options, why, sizeof(why))
                                   : NULL;
    if (client == NULL) {
        tell(&watch, why[0] != '\0' ? why : strerror(errno), NULL);
    } else {
        lg_client_start(client);
        bool is_signal = wait_for_end(&watch, signal_fd);
        lg_client_close(client, 1);
        lg_client_destroy(client);
        watch.status = is_signal ? 0 : watch.status;
        if (watch.is_terminal) {
            putchar('\n');
        }
    }
    close(signal_fd);
    close(watch.end_fd);
    return watch.status;
}
