/* Inputs: all that changes the score passes here, one by one, each with its moment. The score's
 * clock stands during an input; what the world answered (files, JavaScript, engravings) is noted
 * with it. So doing the same inputs again makes the same score, and the same pictures.
 *
 * While the renderer serves, each input becomes a row of the journal. Score thread only. */
#ifndef LEGGIO_PAST_INPUTS_H
#define LEGGIO_PAST_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/io/state/records.h"
#include "renderer/past/pack.h"
#include "renderer/score/score.h"

struct renderer;
struct inputs;

/* Numbers that stand in databases: never changed, only added to. Bodies are msgpack (pack.h). */
enum input_kind {
    INPUT_START = 1,    /* of the process: [program version, [score path, hash]…] */
    INPUT_SCRIPT = 2,   /* [name or nil, text] */
    INPUT_MESSAGES = 3, /* [message…]: an OSC packet */
    INPUT_POINTER = 4,  /* [address, pointer_kind, x, y] */
    INPUT_EVENTS = 5,   /* [n]: so many messages of events */
    INPUT_TICK = 6,     /* time goes on */
    INPUT_DELAYS = 7,   /* delayed messages that are due */
    INPUT_FIRE = 8,     /* [address, event] */
    INPUT_ERROR = 9,    /* [text] */
    INPUT_FILES = 10,   /* [path…]: watched files changed */
    INPUT_URL = 11,     /* [url, why or nil]: it has come, or not */
    INPUT_ASIDE = 12,   /* [seq, address]: the engraving asked for in that input is shown */
    INPUT_QUERY = 13,   /* text of a get, which moves time or fires errors */
};

/* What the world said while an input was done. */
enum answer_kind {
    ANSWER_JAVASCRIPT = 1, /* text: value; messages: posted; a: 1 = text is an error's words */
    ANSWER_VERSION = 2,    /* key: scene; a */
    ANSWER_SERVER = 3,     /* key: address; a: is running, b: clients */
    ANSWER_EXPORT = 4,     /* key: address; text: error */
    ANSWER_WRITE = 5,      /* key: path; a: code */
    ANSWER_URL = 6,        /* key: url; a: code; text: error */
    ANSWER_EXISTS = 7,     /* key: path; a */
    ANSWER_ASIDE = 8,      /* key: address; a: code */
    ANSWER_QUIT = 9,       /* a: allowed */
};

struct answer {
    enum answer_kind kind;
    const char *key; /* borrowed */
    int64_t a, b;
    const char *text; /* borrowed; NULL = none */
    const struct message *messages;
    size_t n_messages;
};

struct inputs *inputs_create(struct renderer *renderer);
void inputs_destroy(struct inputs *inputs);

/* -- the clock ----------------------------------------------------------------- */
/* The score's time: of the input under way, else of the last one. */
int64_t inputs_now_us(const struct inputs *inputs);
/* What it would be for an input that began now. */
int64_t inputs_live_us(const struct inputs *inputs);
/* It is this time now, and goes on from here. */
void inputs_set_clock(struct inputs *inputs, int64_t now_us);

/* -- doing ----------------------------------------------------------------------- */
/* An input begins; source is borrowed until it is closed. Returns where its body goes. With
 * `inputs` NULL (export) both do nothing and the pack is a spare one. */
struct pack *inputs_open(struct inputs *inputs, enum input_kind kind, const char *source);
/* It is done; result: of score_end, NULL when there was none. */
void inputs_close(struct inputs *inputs, const struct score_result *result);
/* It changed nothing: forget it. */
void inputs_drop(struct inputs *inputs);
/* The last input that was closed; 0 = none yet. */
uint64_t inputs_last(const struct inputs *inputs);
void inputs_set_last(struct inputs *inputs, uint64_t seq);
/* The one under way. */
uint64_t inputs_current(const struct inputs *inputs);
/* Seeds of random numbers of the input under way. */
uint64_t inputs_random(struct inputs *inputs);

/* -- answers ------------------------------------------------------------------------ */
void inputs_note(struct inputs *inputs, const struct answer *answer);
/* A file or URL was read; data NULL unless code is 0. */
void inputs_note_file(struct inputs *inputs, const char *path, int code, const void *data,
                      size_t size_bytes);

/* -- how much has come since the last snapshot ------------------------------------------ */
struct inputs_load {
    uint64_t n_inputs, size_bytes;
    int64_t work_us;
};
struct inputs_load inputs_load(const struct inputs *inputs);
void inputs_clear_load(struct inputs *inputs);

/* -- for replays (replay.c) ------------------------------------------------------------------ */
/* From now on nothing is journalled; time and seeds are those of this input. */
void inputs_replay(struct inputs *inputs, const struct state_entry *entry);
void inputs_stop_replay(struct inputs *inputs);

#endif
