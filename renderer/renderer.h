/* The program: one score, drawn and published. */
#ifndef LEGGIO_RENDERER_RENDERER_H
#define LEGGIO_RENDERER_RENDERER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/options.h"

struct renderer_options {
    struct options *loaded;    /* where the rest comes from; read again on SIGHUP */
    const char *const *scores; /* files to load at start */
    size_t n_scores;
    const char *root_path; /* NULL = folder of the last score, else <state>/files */
    const char *state_dir; /* NULL = state_default_dir() */
    bool is_fresh;         /* begin anew, whatever the state folder holds */
    uint64_t keep_bytes;   /* of the journal; 0 = no limit */
    int64_t keep_us;       /* 0 = no limit */
    const char *feed, *calls;
    const char *curve_dir; /* --curve-keys; NULL = no keys */
    const char *osc_host;
    uint16_t osc_port;   /* 0 = no OSC */
    bool is_osc_sending; /* messages with a host prefix leave the machine */
    double screen_px;
    int max_fps;
    const char *public_host; /* NULL = unknown */
    bool is_quit_allowed;
    const char *const *url_hosts; /* --allow-url */
    size_t n_url_hosts;           /* 0 = no URLs */
    bool is_traced;
    const char *export_path; /* NULL = serve */
    const char *at;          /* a past version to be exported; NULL = the scores */
    const char *export_log;  /* write the concert there */
    const char *replay_path; /* play this concert log */
    double replay_speed;
};

/* Table of the program's options, for options_load. */
extern const struct options_table RENDERER_TABLE;
/* Fill from what was loaded; borrows the texts. */
void renderer_options_from(struct options *loaded, struct renderer_options *options);

/* --state, or the default; for free(). NULL after logging. */
char *renderer_state_dir(const struct renderer_options *options);

/* Serve until SIGTERM, SIGINT or quit; returns the exit status (0; 1 when a part did not start). */
int renderer_run(const struct renderer_options *options);

/* --export: load the scores, let their events run out, draw, write the file. 0, or 1 with the
 * errors on stderr. */
int renderer_export(const struct renderer_options *options);

#endif
