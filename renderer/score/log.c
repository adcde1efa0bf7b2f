/* The score's own log: what /ITL/log holds, bounded, newest last. Not the
 * program's log on stderr (common/log.h). */
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/err.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/score_state.h"

enum { LEVEL_NOTHING, LEVEL_ERRORS, LEVEL_MESSAGES };

/* At twice the limit the older half goes, at a line end; so appending stays linear. */
static void trim(struct text *log) {
    if (log->len <= 2 * (size_t)LIMIT_LOG_TEXT_BYTES) {
        return;
    }
    const char *from = log->data + log->len - LIMIT_LOG_TEXT_BYTES;
    const char *line = strchr(from, '\n');
    from = line != NULL && line[1] != '\0' ? line + 1 : from;
    size_t kept = log->len - (size_t)(from - log->data);
    memmove(log->data, from, kept + 1);
    log->len = kept;
}

/* "2026-11-21T07:10:00.123Z error http:127.0.0.1:4242 part.inscore line 3: " */
static void append_head(struct score *score, const char *level) {
    const struct transaction *now = &score->now;
    int64_t wall_us = lg_clock_wall_us();
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc;
    char stamp[32];
    gmtime_r(&seconds, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    text_printf(&score->log, "%s.%03dZ %s %s", stamp, (int)(wall_us / 1000 % 1000), level,
                now->source != NULL ? now->source : "score");
    if (now->place[0] != '\0') {
        text_printf(&score->log, " %s", now->place);
    }
    if (now->line > 0) {
        text_printf(&score->log, " line %d", now->line);
    }
    text_append(&score->log, ": ", 2);
}

static void append_line(struct score *score, const char *level, const char *line) {
    size_t len = strlen(line);
    append_head(score, level);
    if (len > LIMIT_ERROR_TEXT_BYTES) {
        len = LIMIT_ERROR_TEXT_BYTES;
    }
    text_append(&score->log, line, len);
    text_append(&score->log, "\n", 1);
    trim(&score->log);
}

void score_log(struct score *score, const char *format, ...) {
    if (score->log_level < LEVEL_MESSAGES) {
        return;
    }
    struct text line = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&line, format, args);
    va_end(args);
    append_line(score, "message", line.data != NULL ? line.data : "");
    text_finish(&line);
}

void score_place(struct score *score, const char *name, int line) {
    struct transaction *now = &score->now;
    now->line = line;
    if (name == NULL || (now->source != NULL && strcmp(name, now->source) == 0)) {
        now->place[0] = '\0'; /* the source says it */
        return;
    }
    size_t len = strlen(name);
    if (len >= sizeof now->place) { /* its end says more; from a character's start */
        name += len - (sizeof now->place - 1);
        while (((unsigned char)*name & 0xc0) == 0x80) {
            name++;
        }
    }
    strcpy(now->place, name);
}

void log_give_error(struct score *score, const char *line) {
    if (score->log_level >= LEVEL_ERRORS) {
        append_line(score, "error", line);
    }
}

const char *score_log_text(const struct score *score) {
    const struct text *log = &score->log;
    if (log->data == NULL) {
        return "";
    }
    if (log->len <= LIMIT_LOG_TEXT_BYTES) {
        return log->data;
    }
    const char *from = log->data + log->len - LIMIT_LOG_TEXT_BYTES;
    const char *line = strchr(from, '\n');
    return line != NULL && line[1] != '\0' ? line + 1 : from;
}

/* -- the node -------------------------------------------------------------------------- */

static int write_words(struct object *node, const struct param *params, size_t n_params) {
    struct text line = {0};
    for (size_t i = 0; i < n_params; i++) {
        if (i > 0) {
            text_append(&line, " ", 1);
        }
        param_print(&params[i], true, &line);
    }
    append_line(node->score, "message", line.data != NULL ? line.data : "");
    text_finish(&line);
    return 0;
}

static int save(struct object *node, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const struct score_env *env = node->score->env;
    const char *text = score_log_text(node->score);
    int err = env->write_file(env->ctx, score_root_path(node->score, node), params[0].as.text, text,
                              strlen(text), false);
    if (err != 0) {
        score_error(node->score, "can't write file : %s", params[0].as.text);
    }
    return err == LG_EBADREQUEST ? LG_EFORBIDDEN : err;
}

int log_node_other(struct object *node, const char *method, const struct param *params,
                   size_t n_params) {
    if (method == NULL) {
        return LG_ENOTFOUND;
    }
    if (strcmp(method, "write") == 0) {
        return write_words(node, params, n_params);
    }
    if (strcmp(method, "save") == 0) {
        return save(node, params, n_params);
    }
    if (strcmp(method, "clear") == 0) {
        if (n_params != 0) {
            return LG_EBADREQUEST;
        }
        text_finish(&node->score->log);
        return 0;
    }
    if (strcmp(method, "level") == 0) {
        if (n_params != 1 || !param_is_number(&params[0])) {
            return LG_EBADREQUEST;
        }
        node->score->log_level = param_as_int(&params[0]);
        return LG_ENOTFOUND; /* kept among the settings, too */
    }
    return LG_ENOTFOUND;
}
