/* A program that does with libleggio-client what its standard input says and tells on standard
 * output what comes of it, a line each. For the wire tests.
 *
 *     client-probe uri=ws://127.0.0.1:7100/rpc heartbeat_ms=0 …
 *     start | connect | session | state | stats | threads | go
 *     request TAG METHOD [PARAMS]     in a thread of its own: answer TAG STATUS CODE TEXT DATA
 *     ask TAG TIMEOUT METHOD [PARAMS]
 *     many TAG N METHOD               N asks at once; one line when all are answered
 *     notify METHOD [PARAMS]
 *     subscribe SCENE none|whole|tiles [WIDTH] | unsubscribe SCENE
 *     heartbeat MS | close 0|1 | destroy
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/c/leggio_client.h"

struct task {
    char *line;
    struct lg_client *client;
};

struct many {
    char tag[32];
    atomic_int left, fine;
};

static struct lg_client_options options;
static atomic_bool is_gone; /* destroyed inside a function of ours */
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static unsigned n_gos;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    flockfile(stdout);
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    funlockfile(stdout);
    va_end(arguments);
}

/* -- functions that the client calls ------------------------------------------ */

static void on_connected(struct lg_client *client, void *user) {
    (void)client;
    (void)user;
    say("event connected");
}

static void on_failed(struct lg_client *client, const char *reason, void *user) {
    (void)client;
    (void)user;
    say("event failed %s", reason);
}

static void on_reconnecting(struct lg_client *client, const char *reason, void *user) {
    (void)client;
    (void)user;
    say("event reconnecting %s", reason);
}

static void on_reconnected(struct lg_client *client, int same, void *user) {
    (void)client;
    (void)user;
    say("event reconnected %d", same);
}

static void on_disconnected(struct lg_client *client, const char *reason, void *user) {
    (void)client;
    (void)user;
    say("event disconnected %s", reason);
}

static void say_answer(const char *tag, int status, const struct lg_client_answer *answer) {
    const char *text = answer->result != NULL    ? answer->result
                       : answer->message != NULL ? answer->message
                                                 : "-";
    say("answer %s %d %d %s %s", tag, status, answer->code, text,
        answer->data != NULL ? answer->data : "-");
}

static void on_answer(struct lg_client *client, int status, const struct lg_client_answer *answer,
                      void *user) {
    (void)client;
    say_answer(user, status, answer);
    free(user);
}

static void on_one_of_many(struct lg_client *client, int status,
                           const struct lg_client_answer *answer, void *user) {
    struct many *many = user;
    (void)client;
    (void)answer;
    atomic_fetch_add(&many->fine, status == LG_CLIENT_OK ? 1 : 0);
    if (atomic_fetch_sub(&many->left, 1) == 1) {
        say("many %s %d", many->tag, atomic_load(&many->fine));
        free(many);
    }
}

static void wait_for_go(void) {
    pthread_mutex_lock(&gate_lock);
    while (n_gos == 0) {
        pthread_cond_wait(&gate_changed, &gate_lock);
    }
    n_gos--;
    pthread_mutex_unlock(&gate_lock);
}

static int on_call(struct lg_client *client, struct lg_client_call *call, const char *method,
                   const char *params, void *user) {
    (void)user;
    say("call %s %s %s", lg_client_call_is_notification(call) ? "told" : "asked", method,
        params != NULL ? params : "-");
    if (strcmp(method, "echo") == 0) {
        lg_client_reply(call, params);
        if (lg_client_reply(call, params) != LG_CLIENT_ERROR_ARGUMENT) {
            say("wrong: answered twice");
        }
    } else if (strcmp(method, "fail") == 0) {
        lg_client_reply_error(call, 7, "no \"such\" thing", "[1]");
    } else if (strcmp(method, "slow") == 0) {
        wait_for_go();
    } else if (strcmp(method, "blocking") == 0) {
        struct lg_client_answer answer;
        int status = lg_client_request(client, "version", NULL, &answer);
        say_answer("inside", status, &answer);
        lg_client_reply(call, answer.result);
        lg_client_answer_clear(&answer);
    } else if (strcmp(method, "close") == 0) {
        lg_client_close(client, 0);
    } else if (strcmp(method, "destroy") == 0) {
        atomic_store(&is_gone, true);
        lg_client_destroy(client);
    } else if (strcmp(method, "silent") != 0) {
        return 1;
    }
    return 0;
}

static void on_changed(struct lg_client *client, const char *scene, uint64_t epoch,
                       uint64_t version, void *user) {
    (void)client;
    (void)user;
    say("changed %s %016" PRIx64 " %" PRIu64, scene, epoch, version);
}

static void on_frame(struct lg_client *client, const struct lg_client_frame *frame, void *user) {
    (void)client;
    (void)user;
    unsigned long sum = 0;
    for (size_t i = 0; i < frame->png_bytes; i++) {
        sum = (sum * 31 + frame->png[i]) & 0xffffff;
    }
    for (size_t i = 0; i < frame->n_tiles; i++) {
        for (size_t j = 0; j < frame->tiles[i].png_bytes; j++) {
            sum = (sum * 31 + frame->tiles[i].png[j]) & 0xffffff;
        }
    }
    say("frame %s %016" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu32 "x%" PRIu32 " %zu %zu %lu",
        frame->scene, frame->epoch, frame->version, frame->base_version, frame->width,
        frame->height, frame->png_bytes, frame->n_tiles, sum);
}

static void on_ended(struct lg_client *client, const char *scene, const char *reason, void *user) {
    (void)client;
    (void)user;
    say("ended %s %s", scene, reason);
}

static void on_log(const char *line, void *user) {
    (void)user;
    say("log %s", line);
}

/* -- commands -------------------------------------------------------------------- */

/* The next word of *rest; all of it when is_last. NULL: none. */
static char *word(char **rest, bool is_last) {
    char *start = *rest + strspn(*rest, " ");
    if (*start == '\0') {
        return NULL;
    }
    size_t len = is_last ? strlen(start) : strcspn(start, " ");
    *rest = start + len + (start[len] != '\0' ? 1 : 0);
    start[len] = '\0';
    return start;
}

static void do_subscribe(struct lg_client *client, char *rest) {
    struct lg_client_subscription wanted = {
        .size_bytes = sizeof(wanted), .changed = on_changed, .frame = on_frame, .ended = on_ended};
    struct lg_client_answer answer;
    wanted.scene = word(&rest, false);
    const char *frames = word(&rest, false);
    const char *width = word(&rest, false);
    wanted.frames = strcmp(frames, "none") == 0    ? LG_CLIENT_FRAMES_NONE
                    : strcmp(frames, "whole") == 0 ? LG_CLIENT_FRAMES_WHOLE
                                                   : LG_CLIENT_FRAMES_TILES;
    wanted.width = width != NULL ? (uint32_t)strtoul(width, NULL, 10) : 0;
    int status = lg_client_subscribe(client, &wanted, &answer);
    say_answer("subscribe", status, &answer);
    lg_client_answer_clear(&answer);
}

/* Commands that wait, each in a thread of its own. */
static void *run_task(void *argument) {
    struct task *task = argument;
    char *rest = task->line;
    const char *verb = word(&rest, false);
    struct lg_client_answer answer = {0};
    if (strcmp(verb, "subscribe") == 0) {
        do_subscribe(task->client, rest);
    } else if (strcmp(verb, "unsubscribe") == 0) {
        int status = lg_client_unsubscribe(task->client, word(&rest, false), &answer);
        say_answer("unsubscribe", status, &answer);
    } else if (strcmp(verb, "connect") == 0) {
        char why[400];
        int status = lg_client_connect(task->client, why, sizeof(why));
        say("done connect %d %s", status, why);
    } else {
        const char *tag = word(&rest, false), *method = word(&rest, false);
        int status = lg_client_request(task->client, method, word(&rest, true), &answer);
        say_answer(tag, status, &answer);
    }
    lg_client_answer_clear(&answer);
    free(task->line);
    free(task);
    return NULL;
}

static pthread_t tasks[256];
static size_t n_tasks;

static void start_task(struct lg_client *client, const char *line) {
    struct task *task = calloc(1, sizeof(*task));
    task->line = strdup(line);
    task->client = client;
    if (n_tasks < sizeof(tasks) / sizeof(tasks[0]) &&
        pthread_create(&tasks[n_tasks], NULL, run_task, task) == 0) {
        n_tasks++;
    } else {
        say("wrong: no thread");
    }
}

static void do_many(struct lg_client *client, char *rest) {
    struct many *many = calloc(1, sizeof(*many));
    snprintf(many->tag, sizeof(many->tag), "%s", word(&rest, false));
    int n = atoi(word(&rest, false)), n_refused = 0;
    const char *method = word(&rest, false);
    atomic_store(&many->left, n + 1);
    for (int i = 0; i < n; i++) {
        if (lg_client_request_async(client, method, NULL, -1, on_one_of_many, many) !=
            LG_CLIENT_OK) {
            atomic_fetch_sub(&many->left, 1);
            n_refused++;
        }
    }
    say("refused %d", n_refused);
    struct lg_client_answer none = {0};
    on_one_of_many(client, -1, &none, many);
}

static void do_close(struct lg_client *client, const char *end_session) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    int status = lg_client_close(client, end_session != NULL && end_session[0] == '1');
    clock_gettime(CLOCK_MONOTONIC, &to);
    say("done close %d %ld", status,
        (long)(to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000);
}

static void say_stats(struct lg_client *client) {
    struct lg_client_stats stats;
    lg_client_get_stats(client, &stats, sizeof(stats));
    say("stats {\"in\":%" PRIu64 ",\"out\":%" PRIu64 ",\"pings\":%" PRIu64 ",\"pongs\":%" PRIu64
        ",\"reconnections\":%" PRIu32 ",\"ignored\":%" PRIu64 ",\"waiting\":%" PRIu32 "}",
        stats.bytes_in, stats.bytes_out, stats.pings, stats.pongs, stats.reconnections,
        stats.ignored, stats.waiting);
}

static void do_small(struct lg_client *client, const char *verb, char *rest) {
    char id[200];
    if (strcmp(verb, "start") == 0) {
        say("done start %d", lg_client_start(client));
    } else if (strcmp(verb, "session") == 0) {
        lg_client_session_id(client, id, sizeof(id));
        say("session %s", id);
    } else if (strcmp(verb, "state") == 0) {
        say("state %d", (int)lg_client_state(client));
    } else if (strcmp(verb, "stats") == 0) {
        say_stats(client);
    } else if (strcmp(verb, "heartbeat") == 0) {
        say("done heartbeat %d", lg_client_set_heartbeat(client, atoi(rest)));
    } else if (strcmp(verb, "go") == 0) {
        pthread_mutex_lock(&gate_lock);
        n_gos++;
        pthread_cond_broadcast(&gate_changed);
        pthread_mutex_unlock(&gate_lock);
    } else if (strcmp(verb, "close") == 0) {
        do_close(client, word(&rest, false));
    } else {
        say("wrong: %s", verb);
    }
}

static void do_line(struct lg_client *client, char *line) {
    char whole[4096];
    char *rest = line;
    snprintf(whole, sizeof(whole), "%.4000s", line);
    const char *verb = word(&rest, false);
    if (verb == NULL) {
        return;
    }
    if (strcmp(verb, "request") == 0 || strcmp(verb, "connect") == 0 ||
        strcmp(verb, "subscribe") == 0 || strcmp(verb, "unsubscribe") == 0) {
        start_task(client, whole);
    } else if (strcmp(verb, "ask") == 0) {
        char *tag = strdup(word(&rest, false));
        int timeout_ms = atoi(word(&rest, false));
        const char *method = word(&rest, false);
        int status =
            lg_client_request_async(client, method, word(&rest, true), timeout_ms, on_answer, tag);
        if (status != LG_CLIENT_OK) {
            say("answer %s %d 0 - -", tag, status);
            free(tag);
        }
    } else if (strcmp(verb, "many") == 0) {
        do_many(client, rest);
    } else if (strcmp(verb, "notify") == 0) {
        const char *method = word(&rest, false);
        say("done notify %d", lg_client_notify(client, method, word(&rest, true)));
    } else {
        do_small(client, verb, rest);
    }
}

static bool set_option(const char *name, const char *value) {
    const struct {
        const char *name;
        const char **text;
        int *number;
    } ROWS[] = {
        {"uri", &options.uri, NULL},
        {"session_id", &options.session_id, NULL},
        {"token", &options.token, NULL},
        {"register_info", &options.register_info, NULL},
        {"tls_ca_file", &options.tls_ca_file, NULL},
        {"tls_cert_file", &options.tls_cert_file, NULL},
        {"tls_key_file", &options.tls_key_file, NULL},
        {"tls_pin_sha256", &options.tls_pin_sha256, NULL},
        {"tls_do_not_validate", NULL, &options.tls_do_not_validate},
        {"connection_timeout_ms", NULL, &options.connection_timeout_ms},
        {"idle_timeout_ms", NULL, &options.idle_timeout_ms},
        {"request_timeout_ms", NULL, &options.request_timeout_ms},
        {"heartbeat_ms", NULL, &options.heartbeat_ms},
        {"reconnection_limit_ms", NULL, &options.reconnection_limit_ms},
        {"retry_first_connection", NULL, &options.retry_first_connection},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        if (strcmp(ROWS[i].name, name) == 0) {
            if (ROWS[i].text != NULL) {
                *ROWS[i].text = value;
            } else {
                *ROWS[i].number = atoi(value);
            }
            return true;
        }
    }
    if (strcmp(name, "max_message_bytes") == 0) {
        options.max_message_bytes = strtoul(value, NULL, 10);
        return true;
    }
    return false;
}

static void read_options(int argc, char **argv) {
    lg_client_options_init(&options, sizeof(options));
    options.listener = (struct lg_client_listener){.connected = on_connected,
                                                   .connection_failed = on_failed,
                                                   .reconnecting = on_reconnecting,
                                                   .reconnected = on_reconnected,
                                                   .disconnected = on_disconnected};
    options.on_call = on_call;
    options.log = on_log;
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value != NULL) {
            *value++ = '\0';
        }
        if (value == NULL || !set_option(argv[i], value)) {
            say("wrong option %s", argv[i]);
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    char why[400];
    char *line = NULL;
    size_t room = 0;
    read_options(argc, argv);
    struct lg_client *client = lg_client_create(&options, why, sizeof(why));
    if (client == NULL) {
        say("refused %s", why);
        return 1;
    }
    say("ready");
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "destroy") == 0) {
            break;
        }
        do_line(client, line);
    }
    free(line);
    if (!atomic_load(&is_gone)) {
        lg_client_close(client, 0);
    }
    for (size_t i = 0; i < n_tasks; i++) {
        pthread_join(tasks[i], NULL);
    }
    if (!atomic_load(&is_gone)) {
        lg_client_destroy(client);
    }
    say("destroyed");
    return 0;
}
