/* The table of options, and the checks that look at more than one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/broker/curve/curve_options.h"
#include "common/err.h"
#include "proto/limits.h"
#include "renderer/draw/export.h"
#include "renderer/renderer.h"

static const struct option_row ROWS[] = {
    {"score", OPTION_LIST, "FILE", NULL, .text = "load this script at start (repeatable)"},
    {"root-path", OPTION_STRING, "DIR", NULL,
     .text = "files of the score; default: folder of the last --score, else STATE/files"},
    {"state", OPTION_STRING, "DIR", NULL,
     .text = "what outlives the process; default: $XDG_STATE_HOME/leggio"},
    {"fresh", OPTION_FLAG, .text = "begin anew: what --state holds is kept under another name"},
    {"state-keep", OPTION_STRING, "SIZE|AGE", "1GiB",
     .text = "of the journal, what is older goes: 1GiB, 7d; all = everything"},
    {"feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7010",
     .text = "publish here; port 0 or * = a free one"},
    {"calls", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7011",
     .text = "answer gateways here; port 0 or * = a free one"},
    {"curve-keys", OPTION_STRING, "DIR", NULL,
     .text =
         "keys of this renderer and of who may connect to --feed and --calls (leggio-keys curve)"},
    {"osc-port", OPTION_INT, "PORT", "0", 0, 65535, .text = "listen for OSC here (UDP); 0 = off"},
    {"osc-host", OPTION_STRING, "HOST", "127.0.0.1",
     .text = "address of the OSC port; 0.0.0.0 = all: then whoever reaches the port conducts"},
    {"osc-send", OPTION_FLAG, .text = "send messages with a host prefix by OSC"},
    {"screen", OPTION_INT, "PX", "1080", LIMIT_SCREEN_MIN_PX, LIMIT_SCREEN_MAX_PX,
     .text = "a scene of size 1 is half of this many pixels wide"},
    {"max-fps", OPTION_INT, "N", "60", 1, LIMIT_FPS,
     .text = "most pictures of a scene in a second"},
    {"public-host", OPTION_STRING, "HOST", NULL,
     .text = "name in the address that httpd objects show"},
    {"allow-url", OPTION_LIST, "HOST[,HOST...]|any", NULL,
     .text = "scripts may load http and https URLs of these hosts (repeatable); any = every public "
             "one"},
    {"allow-quit", OPTION_FLAG, .text = "let scripts end the renderer (/ITL quit)"},
    {"admin", OPTION_HOSTPORT, "HOST:PORT", NULL, .text = "health and metrics; default: off"},
    {"trace", OPTION_FLAG, .text = "log every call"},
    {"export", OPTION_STRING, "FILE", NULL,
     .text =
         "draw the score once into FILE (.png, .svg, .pdf) and exit; 1 when a script had errors"},
    {"at", OPTION_STRING, "[SCENE:]VERSION", NULL,
     .text = "with --export: draw this past version from --state; 1 when the pixels are not those "
             "published"},
    {"export-log", OPTION_STRING, "FILE", NULL,
     .text = "write the concert in --state as a script with times into FILE and exit"},
    {"replay", OPTION_STRING, "FILE", NULL, .text = "begin anew and play what --export-log wrote"},
    {"speed", OPTION_STRING, "FACTOR", "1", .text = "of --replay: 2 is twice as fast"},
};

/* A size or an age; "all": neither. */
static bool read_keep(const char *text, uint64_t *bytes, int64_t *age_us) {
    int64_t value = 0;
    *bytes = 0;
    *age_us = 0;
    if (strcmp(text, "all") == 0) {
        return true;
    }
    if (options_parse_size(text, &value)) {
        *bytes = (uint64_t)value;
    } else if (options_parse_duration(text, &value)) {
        *age_us = value;
    }
    return value > 0;
}

static int check_keep(const struct options *options, char *why, size_t size_bytes) {
    uint64_t bytes;
    int64_t age_us;
    const char *text = options_string(options, "state-keep");
    if (!read_keep(text, &bytes, &age_us)) {
        snprintf(why, size_bytes, "--state-keep: %s is neither a size (1GiB), an age (7d) nor all",
                 text);
        return -1;
    }
    return 0;
}

static int check_export(const struct options *options, char *why, size_t size_bytes) {
    const char *path = options_string(options, "export");
    enum export_format format;
    const char *const *scores;
    if (path == NULL) {
        return 0;
    }
    if (export_format_of(path, &format) != LG_OK) {
        snprintf(why, size_bytes, "--export: %s does not end in .png, .svg or .pdf", path);
        return -1;
    }
    if (options_list(options, "score", &scores) == 0 && options_string(options, "at") == NULL) {
        snprintf(why, size_bytes, "--export needs --score, or --at");
        return -1;
    }
    return 0;
}

static int check_past(const struct options *options, char *why, size_t size_bytes) {
    const char *speed = options_string(options, "speed");
    char *end;
    double value = strtod(speed, &end);
    if (*speed == '\0' || *end != '\0' || !(value >= 0.001 && value <= 1000)) {
        snprintf(why, size_bytes, "--speed: %s is no number from 0.001 to 1000", speed);
        return -1;
    }
    if (options_string(options, "at") != NULL && options_string(options, "export") == NULL) {
        snprintf(why, size_bytes, "--at needs --export");
        return -1;
    }
    return 0;
}

static int check(const struct options *options, char *why, size_t size_bytes) {
    static const char *const ENDPOINTS[] = {"feed", "calls"};
    if (curve_options_check_server(options, ENDPOINTS, 2, why, size_bytes) != 0) {
        return -1;
    }
    if (check_keep(options, why, size_bytes) != 0 || check_past(options, why, size_bytes) != 0) {
        return -1;
    }
    return check_export(options, why, size_bytes);
}

const struct options_table RENDERER_TABLE = {
    .program = "leggio-renderer",
    .summary = "Owns a score, draws it, publishes its pictures to any number of gateways.",
    .rows = ROWS,
    .n_rows = sizeof ROWS / sizeof ROWS[0],
    .check = check,
};

void renderer_options_from(struct options *loaded, struct renderer_options *options) {
    *options = (struct renderer_options){
        .loaded = loaded,
        .root_path = options_string(loaded, "root-path"),
        .state_dir = options_string(loaded, "state"),
        .is_fresh = options_flag(loaded, "fresh"),
        .feed = options_string(loaded, "feed"),
        .calls = options_string(loaded, "calls"),
        .curve_dir = options_string(loaded, "curve-keys"),
        .osc_host = options_string(loaded, "osc-host"),
        .osc_port = (uint16_t)options_int(loaded, "osc-port"),
        .is_osc_sending = options_flag(loaded, "osc-send"),
        .screen_px = (double)options_int(loaded, "screen"),
        .max_fps = (int)options_int(loaded, "max-fps"),
        .public_host = options_string(loaded, "public-host"),
        .is_quit_allowed = options_flag(loaded, "allow-quit"),
        .is_traced = options_flag(loaded, "trace"),
        .export_path = options_string(loaded, "export"),
        .at = options_string(loaded, "at"),
        .export_log = options_string(loaded, "export-log"),
        .replay_path = options_string(loaded, "replay"),
        .replay_speed = strtod(options_string(loaded, "speed"), NULL),
    };
    options->is_fresh = options->is_fresh || options->replay_path != NULL;
    read_keep(options_string(loaded, "state-keep"), &options->keep_bytes, &options->keep_us);
    options->n_scores = options_list(loaded, "score", &options->scores);
    options->n_url_hosts = options_list(loaded, "allow-url", &options->url_hosts);
}
