/* Dates that run: objects with a tempo (score-language reference 10.1). Each keeps
 * the date and the moment it started from, so that nothing drifts; dates are brought
 * up to now at the begin of every transaction, and by ticks while somebody sees
 * them move. Score thread only. */
#ifndef LEGGIO_SCORE_CLOCKS_H
#define LEGGIO_SCORE_CLOCKS_H

#include "renderer/score/object.h"

/* Resolution of running dates: 1/9600 of a whole note, 0.4 ms at 60 quarters a minute. */
#define CLOCK_STEPS 9600

struct clock_run;
struct clocks {
    struct clock_run *runs;
    size_t n_runs, capacity;
};

/* The tempo or the date of the object was set: start from here, or stop. */
void clocks_restart(struct object *object);
void clocks_forget(struct object *object);
void clocks_finish(struct clocks *clocks);

/* What runs, and from when: for snapshots (moment.c). */
struct clock_facts {
    struct object *object;
    struct rational start; /* its date at since_us */
    int64_t since_us, steps;
};
size_t clocks_count(const struct score *score);
struct clock_facts clocks_facts(const struct score *score, size_t run_i);
/* Only these run from now on, in this order. */
void clocks_replace(struct score *score, const struct clock_facts *facts, size_t n_facts);

/* All running dates up to now, with their time events and `ddate` watchers. */
void clocks_advance(struct score *score);
/* Does somebody see a running date: an event, a synchronisation? Then clocks_advance is called at
 * the task rate; otherwise running costs nothing. */
bool clocks_are_seen(const struct score *score);
/* A change of this object's date shows, or may fire. */
bool clocks_is_date_seen(const struct object *object);

#endif
