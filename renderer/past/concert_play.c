/* One timer for the next part. Time in the score itself (tempos, delays) runs as ever; speed is
 * that of the parts. */
#include "renderer/past/concert_play.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "renderer/parts.h"
#include "renderer/past/concert_log.h"
#include "renderer/score/alloc.h"

#define CONCERT_LOG_BYTES (1024u * 1024 * 1024)
#define WAIT_MAX_MS       3600000

struct concert_play {
    struct renderer *renderer;
    char *text;
    size_t size, at;
    double speed;
    int64_t start_us;
    struct concert_part next;
    int timer; /* -1 = none */
    size_t n_parts;
};

static void on_timer(void *ctx);

static void play_part(struct concert_play *play) {
    struct score_result result;
    char *source = alloc_text_n(play->next.source, play->next.source_len);
    renderer_run_script(play->renderer, source, play->next.text, play->next.size, NULL, &result);
    score_result_finish(&result);
    free(source);
    play->n_parts++;
}

/* Plays what is due, then waits for the next. */
static void go_on(struct concert_play *play, bool has_part) {
    const char *why = NULL;
    while (has_part || concert_log_next(play->text, play->size, &play->at, &play->next, &why)) {
        int64_t due_us = play->start_us + (int64_t)((double)play->next.at_us / play->speed);
        int64_t wait_us = due_us - lg_clock_us();
        if (wait_us > 0) {
            int64_t wait_ms = (wait_us + 999) / 1000;
            play->timer = loop_timer_once(play->renderer->loop,
                                          wait_ms < WAIT_MAX_MS ? (uint32_t)wait_ms : WAIT_MAX_MS,
                                          on_timer, play);
            return;
        }
        play_part(play);
        has_part = false;
    }
    lg_log(why == NULL ? LG_LOG_INFO : LG_LOG_ERROR, "past", "replay_ended", "parts=%zu why=%s",
           play->n_parts, why == NULL ? "the end" : why);
}

static void on_timer(void *ctx) {
    struct concert_play *play = ctx;
    play->timer = -1;
    go_on(play, true);
}

struct concert_play *concert_play_open(struct renderer *renderer, const char *path, double speed) {
    struct concert_play *play = alloc_zero(sizeof *play);
    struct concert_part part;
    const char *why = NULL;
    size_t at = 0;
    play->renderer = renderer;
    play->speed = speed;
    play->timer = -1;
    if (files_read_trusted(path, CONCERT_LOG_BYTES, &play->text, &play->size) != LG_OK) {
        lg_log(LG_LOG_ERROR, "past", "no_replay", "file=%s why=%s", path, "it cannot be read");
        concert_play_destroy(play);
        return NULL;
    }
    if (!concert_log_next(play->text, play->size, &at, &part, &why) && why != NULL) {
        lg_log(LG_LOG_ERROR, "past", "no_replay", "file=%s why=%s", path, why);
        concert_play_destroy(play);
        return NULL;
    }
    return play;
}

void concert_play_start(struct concert_play *play) {
    play->start_us = lg_clock_us();
    go_on(play, false);
}

void concert_play_destroy(struct concert_play *play) {
    if (play == NULL) {
        return;
    }
    if (play->timer >= 0 && play->renderer->loop != NULL) {
        loop_timer_cancel(play->renderer->loop, play->timer);
    }
    free(play->text);
    free(play);
}
