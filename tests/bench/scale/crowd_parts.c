/* A crowd in several processes: they share the clock of the changes, each counts what its clients
 * saw. */
#include "crowd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_US = 20000 };

struct shared *crowd_shared_create(uint64_t max_changes) {
    size_t size_bytes = sizeof(struct shared) + max_changes * sizeof(int64_t);
    struct shared *shared =
        mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        crowd_die("mmap");
    }
    shared->max_changes = max_changes;
    return shared;
}

void crowd_fork(struct crowd *crowd) {
    size_t n_all = crowd->n_clients;
    for (unsigned part = 1; part < crowd->n_parts && crowd->part == 0; part++) {
        pid_t pid = fork();
        if (pid < 0) {
            crowd_die("fork");
        }
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL); /* never left behind */
            crowd->part = part;
            crowd->n_deaf =
                0; /* those that do not read and those that leave are the first process's */
            crowd->churn_hz = 0;
        }
    }
    crowd->first_client = n_all * crowd->part / crowd->n_parts;
    crowd->n_clients = n_all * (crowd->part + 1) / crowd->n_parts - crowd->first_client;
}

/* How many of this process's clients do not have that version. */
static uint64_t count_behind(const struct crowd *crowd, uint64_t newest) {
    uint64_t n_behind = 0;
    for (size_t i = 0; i < crowd->n_clients; i++) {
        const struct client *client = &crowd->clients[i];
        n_behind += client->state == CLIENT_OPEN && !client->is_deaf && client->version != newest;
    }
    return n_behind;
}

/* What was counted goes to where the first process sees it. */
static void hand_in(struct crowd *crowd) {
    struct tally *tally = &crowd->tally;
    for (size_t i = 0; i < crowd->n_clients; i++) {
        uint64_t version = crowd->clients[i].version;
        tally->newest = version > tally->newest ? version : tally->newest;
    }
    tally->n_behind = count_behind(crowd, tally->newest);
    crowd->shared->tallies[crowd->part] = *tally;
}

_Noreturn void crowd_follow(struct crowd *crowd, int64_t settle_us) {
    while (!atomic_load(&crowd->shared->is_over)) {
        crowd_run_until(crowd, crowd_now_us() + LOOK_US);
    }
    crowd_run_until(crowd, crowd_now_us() + settle_us);
    hand_in(crowd);
    exit(0);
}

void crowd_await_all(struct crowd *crowd) {
    while (atomic_load(&crowd->shared->n_here) < crowd->n_parts) {
        crowd_run_until(crowd, crowd_now_us() + LOOK_US);
        if (crowd->n_parts > 1 && waitpid(-1, NULL, WNOHANG) > 0) {
            exit(1); /* it has said why */
        }
    }
}

struct tally crowd_join(struct crowd *crowd) {
    struct tally all = {0};
    hand_in(crowd);
    for (unsigned part = 1; part < crowd->n_parts; part++) {
        int status;
        if (wait(&status) < 0 || status != 0) {
            fprintf(stderr, "crowd: one of its processes failed\n");
            exit(1);
        }
    }
    for (unsigned part = 0; part < crowd->n_parts; part++) {
        const struct tally *one = &crowd->shared->tallies[part];
        all.newest = one->newest > all.newest ? one->newest : all.newest;
    }
    for (unsigned part = 0; part < crowd->n_parts; part++) {
        const struct tally *one = &crowd->shared->tallies[part];
        delays_join(&all.delays, &one->delays);
        all.n_inversions += one->n_inversions;
        all.n_lost += one->n_lost;
        all.n_refused += one->n_refused;
        all.n_opened += one->n_opened;
        all.n_open += one->n_open;
        all.n_behind += one->newest == all.newest ? one->n_behind : one->n_open;
    }
    return all;
}
