/* The renderer's side of the JavaScript process. */
#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np */
#include "renderer/io/javascript/javascript.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/io/javascript/javascript_wire.h"

extern char **environ;

struct javascript {
    pid_t pid; /* 0 = none */
    int fd;
};

struct javascript *javascript_create(void) {
    struct javascript *javascript = calloc(1, sizeof *javascript);
    if (javascript != NULL) {
        javascript->fd = -1;
    }
    return javascript;
}

static void stop(struct javascript *javascript) {
    if (javascript->pid != 0) {
        close(javascript->fd);
        kill(javascript->pid, SIGKILL);
        while (waitpid(javascript->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        javascript->pid = 0;
        javascript->fd = -1;
    }
}

void javascript_destroy(struct javascript *javascript) {
    if (javascript != NULL) {
        stop(javascript);
        free(javascript);
    }
}

static int start(struct javascript *javascript) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return LG_EINTERNAL;
    }
    char name[] = "leggio-javascript", option[] = JAVASCRIPT_WORKER_OPTION;
    char *argv[] = {name, option, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], JAVASCRIPT_WIRE_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, JAVASCRIPT_WIRE_FD + 1);
    int err = posix_spawn(&javascript->pid, "/proc/self/exe", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (err != 0) {
        lg_log(LG_LOG_ERROR, "javascript", "no_worker", "why=%s", strerror(err));
        close(ends[0]);
        javascript->pid = 0;
        return LG_EINTERNAL;
    }
    javascript->fd = ends[0];
    return LG_OK;
}

/* -- values ------------------------------------------------------------------------------ */

/* A parameter as JSON; message lists as script text. */
static json_t *from_param(const struct param *param) {
    struct text text = {0};
    json_t *value = NULL;
    switch (param->kind) {
    case PARAM_INT:
        return json_integer(param->as.i);
    case PARAM_FLOAT:
        return json_real((double)param->as.f);
    case PARAM_STRING:
        return json_string(param->as.text);
    case PARAM_MESSAGES:
        param_print(param, false, &text);
        value = json_string(text.data != NULL ? text.data : "");
        text_finish(&text);
        break;
    }
    return value;
}

static json_t *make_globals(const struct named_value *globals, size_t n_globals) {
    json_t *object = json_object();
    for (size_t i = 0; i < n_globals; i++) {
        json_t *value;
        if (globals[i].n_params == 1) {
            value = from_param(&globals[i].params[0]);
        } else {
            value = json_array();
            for (size_t k = 0; k < globals[i].n_params; k++) {
                json_array_append_new(value, from_param(&globals[i].params[k]));
            }
        }
        json_object_set_new(object, globals[i].name, value != NULL ? value : json_null());
    }
    return object;
}

static bool to_param(const json_t *value, struct param *out) {
    if (json_is_string(value)) {
        *out = param_string(json_string_value(value));
    } else if (json_is_integer(value) && json_integer_value(value) >= INT32_MIN &&
               json_integer_value(value) <= INT32_MAX) {
        *out = param_int((int32_t)json_integer_value(value));
    } else if (json_is_number(value)) {
        *out = param_float((float)json_number_value(value));
    } else if (json_is_boolean(value)) {
        *out = param_int(json_is_true(value) ? 1 : 0);
    } else {
        return false;
    }
    return true;
}

static void post(const struct javascript_host *host, const json_t *words) {
    const char *address = json_string_value(json_array_get(words, 0));
    if (address == NULL || address[0] != '/') {
        return;
    }
    struct message msg;
    const char *method = json_string_value(json_array_get(words, 1));
    message_init(&msg, address, method);
    for (size_t i = method != NULL ? 2 : 1; i < json_array_size(words); i++) {
        struct param param;
        if (to_param(json_array_get(words, i), &param)) {
            message_give_param(&msg, param);
        }
    }
    host->post(host->ctx, &msg);
    message_finish(&msg);
}

/* -- one run ------------------------------------------------------------------------------- */

static bool answer_read(struct javascript *javascript, const char *name,
                        const struct javascript_host *host, int64_t deadline_us) {
    size_t len = 0;
    char *data = host->read_file(host->ctx, name, &len);
    json_t *text = data != NULL ? json_stringn(data, len) : NULL;
    free(data);
    json_t *answer = json_object();
    json_object_set_new(answer, "data", text != NULL ? text : json_null());
    return javascript_send(javascript->fd, answer, deadline_us);
}

/* What ends a run: LG_OK or LG_ESCRIPT; otherwise LG_EBUSY, it goes on. */
static int take_end(const json_t *frame, char **value, struct javascript_error *error) {
    const char *words = json_string_value(json_object_get(frame, "error"));
    if (words != NULL) {
        error->line = (int)json_integer_value(json_object_get(frame, "line"));
        snprintf(error->text, sizeof error->text, "%s", words);
        return LG_ESCRIPT;
    }
    const json_t *text = json_object_get(frame, "value");
    if (text == NULL) {
        return LG_EBUSY;
    }
    *value = json_is_string(text) ? strdup(json_string_value(text)) : NULL;
    return LG_OK;
}

static int exchange(struct javascript *javascript, const struct javascript_host *host, char **value,
                    struct javascript_error *error, int64_t deadline_us) {
    int code = LG_EBUSY;
    while (code == LG_EBUSY) {
        json_t *frame = javascript_receive(javascript->fd, deadline_us);
        if (frame == NULL) {
            return LG_ETOOLARGE;
        }
        const char *words = json_string_value(json_object_get(frame, "print"));
        const char *name = json_string_value(json_object_get(frame, "read"));
        const json_t *posted = json_object_get(frame, "post");
        if (words != NULL) {
            host->print(host->ctx, words);
        } else if (json_is_array(posted)) {
            post(host, posted);
        } else if (name != NULL) {
            code = answer_read(javascript, name, host, deadline_us) ? LG_EBUSY : LG_ETOOLARGE;
        } else {
            code = take_end(frame, value, error);
        }
        json_decref(frame);
    }
    return code;
}

int javascript_run(struct javascript *javascript, const char *code,
                   const struct named_value *globals, size_t n_globals,
                   const struct javascript_host *host, char **value,
                   struct javascript_error *error) {
    int64_t deadline_us = lg_clock_us() + (int64_t)LIMIT_JAVASCRIPT_MS * 1000;
    *value = NULL;
    *error = (struct javascript_error){0, ""};
    if (javascript->pid == 0 && start(javascript) != LG_OK) {
        snprintf(error->text, sizeof error->text, "the engine could not be started");
        return LG_EINTERNAL;
    }
    json_t *ask = json_object(), *text = json_string(code);
    json_object_set_new(ask, "run", text != NULL ? text : json_string(""));
    json_object_set_new(ask, "globals", make_globals(globals, n_globals));
    int result = javascript_send(javascript->fd, ask, deadline_us)
                     ? exchange(javascript, host, value, error, deadline_us)
                     : LG_ETOOLARGE;
    if (result == LG_ETOOLARGE) {
        bool is_late = lg_clock_us() >= deadline_us - 1000;
        snprintf(error->text, sizeof error->text, "%s; the engine starts anew",
                 is_late ? "stopped after 2 s" : "the engine ended (memory, or a crash)");
        lg_log(LG_LOG_WARN, "javascript", "stopped", "why=%s limit_ms=%d", is_late ? "time" : "end",
               LIMIT_JAVASCRIPT_MS);
        stop(javascript);
    }
    return result;
}
