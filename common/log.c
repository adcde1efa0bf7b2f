/* The log: formatting of one line, quoting, rate limit. Lines go out by one
 * write(2), so that those of several processes on one pipe do not mix. */
#include "common/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#define LINE_BYTES   4096
#define FORMAT_BYTES 512
#define LIMIT_SLOTS  64
#define MARK         '\x1e' /* between pairs while a line is made */

static const char *const LEVEL_NAMES[] = {"error", "warn", "info", "debug", "trace"};

static _Atomic int log_level = LG_LOG_INFO;
static const char *log_program = "leggio";
static bool log_is_json;
static int log_fd = 2;

/* One slot counts the lines of one (module, event); slots are shared by hash
 * and taken over when their window is past. Guarded by limit_lock. */
struct limit_slot {
    uint32_t key;
    int64_t window_us;
    unsigned n_written, n_suppressed;
};
static pthread_mutex_t limit_lock = PTHREAD_MUTEX_INITIALIZER;
static struct limit_slot limit_slots[LIMIT_SLOTS];

struct line {
    char text[LINE_BYTES];
    size_t len;
};

void lg_log_open(const struct lg_log_options *options) {
    log_program = options->program;
    log_is_json = options->is_json;
    log_fd = options->fd;
    atomic_store(&log_level, (int)options->level);
    pthread_mutex_lock(&limit_lock);
    memset(limit_slots, 0, sizeof limit_slots);
    pthread_mutex_unlock(&limit_lock);
}

void lg_log_set_level(enum lg_log_level level) {
    atomic_store(&log_level, (int)level);
}

int lg_log_level_from_name(const char *name) {
    for (int i = 0; name != NULL && i <= LG_LOG_TRACE; i++) {
        if (strcmp(LEVEL_NAMES[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

bool lg_log_is_on(enum lg_log_level level) {
    return (int)level <= atomic_load_explicit(&log_level, memory_order_relaxed);
}

static uint32_t hash_words(const char *module, const char *event) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = module; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    }
    hash = (hash ^ '/') * 16777619u;
    for (const char *c = event; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    }
    return hash;
}

/* May this line be written? Sets how many were left out before it. */
static bool pass_limit(const char *module, const char *event, unsigned *n_suppressed) {
    uint32_t key = hash_words(module, event);
    struct limit_slot *slot = &limit_slots[key % LIMIT_SLOTS];
    int64_t now_us = lg_clock_us();
    bool may_write = true;
    pthread_mutex_lock(&limit_lock);
    bool is_past = now_us - slot->window_us > (int64_t)LG_LOG_WINDOW_S * 1000000;
    if (slot->key != key || slot->n_written == 0 || is_past) {
        *n_suppressed = slot->key == key ? slot->n_suppressed : 0;
        *slot = (struct limit_slot){.key = key, .window_us = now_us, .n_written = 1};
    } else if (slot->n_written < LG_LOG_BURST) {
        slot->n_written++;
    } else {
        slot->n_suppressed++;
        may_write = false;
    }
    pthread_mutex_unlock(&limit_lock);
    return may_write;
}

/* Append; a line that is full keeps its end for "…" markers and the newline. */
static void add_bytes(struct line *line, const char *bytes, size_t len) {
    size_t room = LINE_BYTES - 8 - line->len;
    size_t n = len < room ? len : room;
    memcpy(line->text + line->len, bytes, n);
    line->len += n;
}

static void add_text(struct line *line, const char *text) {
    add_bytes(line, text, strlen(text));
}

/* JSON escapes serve for both forms. */
static void add_escaped(struct line *line, const char *bytes, size_t len) {
    add_text(line, "\"");
    for (size_t i = 0; i < len && line->len < LINE_BYTES - 64; i++) {
        unsigned char c = (unsigned char)bytes[i];
        char escape[8];
        if (c == '"' || c == '\\') {
            add_bytes(line, (char[]){'\\', (char)c}, 2);
        } else if (c == '\n') {
            add_text(line, "\\n");
        } else if (c < 0x20 || c == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", c);
            add_text(line, escape);
        } else {
            add_bytes(line, bytes + i, 1);
        }
    }
    add_text(line, "\"");
}

static bool needs_quotes(const char *value, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c == 0x7f) {
            return true;
        }
    }
    return len == 0;
}

static void add_pair(struct line *line, const char *key, size_t key_len, const char *value,
                     size_t value_len) {
    if (line->len + key_len > LINE_BYTES - 128) {
        return; /* the line is full: whole pairs only, so that JSON stays JSON */
    }
    if (log_is_json) {
        add_text(line, ",");
        add_escaped(line, key, key_len);
        add_text(line, ":");
        add_escaped(line, value, value_len);
        return;
    }
    add_text(line, " ");
    add_bytes(line, key, key_len);
    add_text(line, "=");
    if (needs_quotes(value, value_len)) {
        add_escaped(line, value, value_len);
    } else {
        add_bytes(line, value, value_len);
    }
}

static void add_head(struct line *line, enum lg_log_level level, const char *module,
                     const char *event) {
    int64_t wall_us = lg_clock_wall_us();
    time_t wall_s = (time_t)(wall_us / 1000000);
    struct tm utc;
    char stamp[40], time_text[64];
    gmtime_r(&wall_s, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(time_text, sizeof time_text, "%s.%03dZ", stamp, (int)(wall_us / 1000 % 1000));
    const char *values[] = {time_text, LEVEL_NAMES[level], log_program, module, event};
    const char *keys[] = {"time", "level", "program", "module", "event"};
    for (size_t i = 0; i < 5; i++) {
        if (log_is_json) {
            add_text(line, i == 0 ? "{" : ",");
            add_escaped(line, keys[i], strlen(keys[i]));
            add_text(line, ":");
            add_escaped(line, values[i], strlen(values[i]));
        } else {
            add_text(line, i == 0 ? "" : " ");
            add_text(line, values[i]);
        }
    }
}

/* body: pairs with MARK between them, n_marks of them by the format. */
static void add_pairs(struct line *line, const char *body, size_t len, size_t n_marks) {
    size_t n_found = 0;
    for (size_t i = 0; i < len; i++) {
        n_found += body[i] == MARK;
    }
    if (n_found != n_marks) { /* a value brought a mark: tell it as one text, forge nothing */
        add_pair(line, "text", 4, body, len);
        return;
    }
    for (const char *pair = body, *end = body + len; pair < end;) {
        const char *mark = memchr(pair, MARK, (size_t)(end - pair));
        const char *stop = mark != NULL ? mark : end;
        const char *equal = memchr(pair, '=', (size_t)(stop - pair));
        if (equal != NULL) {
            add_pair(line, pair, (size_t)(equal - pair), equal + 1, (size_t)(stop - equal - 1));
        } else {
            add_pair(line, "text", 4, pair, (size_t)(stop - pair));
        }
        pair = stop + 1;
    }
}

/* The format with MARK for each space between pairs. */
static size_t mark_format(const char *format, char marked[FORMAT_BYTES]) {
    size_t n_marks = 0, i = 0;
    for (; format[i] != '\0' && i < FORMAT_BYTES - 1; i++) {
        marked[i] = format[i] == ' ' ? MARK : format[i];
        n_marks += format[i] == ' ';
    }
    marked[i] = '\0';
    return n_marks;
}

static void write_line(struct line *line) {
    if (log_is_json) {
        memcpy(line->text + line->len++, "}", 1);
    }
    line->text[line->len++] = '\n';
    ssize_t n = write(log_fd, line->text, line->len);
    (void)n; /* nobody left to tell */
}

void lg_log(enum lg_log_level level, const char *module, const char *event, const char *format,
            ...) {
    unsigned n_suppressed = 0;
    if (!lg_log_is_on(level) ||
        (level <= LG_LOG_INFO && !pass_limit(module, event, &n_suppressed))) {
        return;
    }
    struct line line = {.len = 0};
    add_head(&line, level, module, event);
    if (format != NULL && format[0] != '\0') {
        char marked[FORMAT_BYTES], body[LINE_BYTES];
        size_t n_marks = mark_format(format, marked);
        va_list args;
        va_start(args, format);
        int n = vsnprintf(body, sizeof body, marked, args);
        va_end(args);
        if (n > 0) {
            add_pairs(&line, body, (size_t)n < sizeof body ? (size_t)n : sizeof body - 1, n_marks);
        }
    }
    if (n_suppressed > 0) {
        char count[16];
        int n = snprintf(count, sizeof count, "%u", n_suppressed);
        add_pair(&line, "suppressed", 10, count, (size_t)n);
    }
    write_line(&line);
}
