/* Inside renderer/past: a replay under way. */
#ifndef LEGGIO_PAST_REPLAY_PRIVATE_H
#define LEGGIO_PAST_REPLAY_PRIVATE_H

#include "renderer/parts.h"
#include "renderer/past/replay.h"

/* An answer as it was read; owned. */
struct kept_answer {
    struct answer answer;
    char *key, *text;
    struct message *messages;
    bool is_used;
};

/* Work that was given away and is not done yet. */
struct pending_aside {
    uint64_t seq; /* of the input that asked */
    char *address;
    void (*work)(void *job);
    void (*done)(void *job, struct score *score);
    void *job;
};

struct replay {
    struct renderer *renderer;
    struct state *state;
    bool is_exact, is_loading; /* a snapshot */
    uint64_t seq;              /* done */
    uint64_t now_seq;          /* under way */
    struct kept_answer *answers;
    size_t n_answers, answers_capacity;
    struct pending_aside *asides;
    size_t n_asides, asides_capacity;
    const char *arrived_url; /* while it is told */
    struct text changed_files;
    char **wanted_urls;
    size_t n_wanted_urls;
};

/* replay_world.c */
bool replay_take_answers(struct replay *replay, const struct state_entry *entry);
void replay_drop_answers(struct replay *replay);
/* The engraving that was asked for in this input. */
void replay_do_aside(struct replay *replay, uint64_t seq, const char *address);

#endif
