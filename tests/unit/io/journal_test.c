/* The journal: what was durable is there after a kill, a cut log or a torn page; what is damaged is
 * told, not used; what is too old goes. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/err.h"
#include "renderer/io/state/journal.h"
#include "tests/unit/io/folder_fixture.h"

struct world {
    struct state *state;
    struct journal *journal;
    int ends[2]; /* a byte for each durable */
    atomic_bool needs_snapshot;
};

static void on_durable(void *ctx) {
    struct world *world = ctx;
    assert_int_equal(write(world->ends[1], "d", 1), 1);
}

static void on_status(void *ctx, const char *why, bool needs_snapshot) {
    struct world *world = ctx;
    (void)why;
    world->needs_snapshot = needs_snapshot;
}

static void world_open(struct world *world, const char *dir) {
    world->needs_snapshot = false;
    world->state = state_open(dir);
    assert_non_null(world->state);
    assert_int_equal(pipe(world->ends), 0);
    const struct journal_options options = {.state = world->state,
                                            .dir = dir,
                                            .ctx = world,
                                            .on_durable = on_durable,
                                            .on_status = on_status};
    world->journal = journal_create(&options);
    assert_non_null(world->journal);
}

static void world_close(struct world *world) {
    journal_destroy(world->journal);
    state_close(world->state);
    close(world->ends[0]);
    close(world->ends[1]);
}

static void put(struct journal *journal, uint64_t seq, const char *body, bool is_awaited) {
    const struct state_entry entry = {.seq = seq,
                                      .time_us = (int64_t)seq * 10,
                                      .wall_us = (int64_t)seq * 1000,
                                      .kind = 2,
                                      .source = "test",
                                      .body = (const uint8_t *)body,
                                      .body_size = strlen(body),
                                      .seed = seq == 3 ? 77 : 0};
    journal_put_entry(journal, &entry, is_awaited);
}

static void await_durable(struct world *world, uint64_t seq) {
    char byte;
    while (journal_durable(world->journal) < seq) {
        assert_int_equal(read(world->ends[0], &byte, 1), 1);
    }
}

struct seen {
    uint64_t last, n;
    bool is_wrong;
};

static bool see(void *ctx, const struct state_entry *entry) {
    struct seen *seen = ctx;
    seen->is_wrong = seen->is_wrong || entry->seq != seen->last + 1;
    seen->last = entry->seq;
    seen->n++;
    return true;
}

static struct seen read_all(const char *dir) {
    struct seen seen = {0};
    struct state *state = state_open(dir);
    assert_non_null(state);
    assert_int_equal(state_read_entries(state, 0, UINT64_MAX, see, &seen), LG_OK);
    state_close(state);
    assert_false(seen.is_wrong);
    return seen;
}

static bool see_third(void *ctx, const struct state_entry *entry) {
    if (entry->seq == 3) {
        assert_int_equal(entry->time_us, 30);
        assert_int_equal(entry->wall_us, 3000);
        assert_int_equal(entry->kind, 2);
        assert_string_equal(entry->source, "test");
        assert_int_equal(entry->body_size, 5);
        assert_memory_equal(entry->body, "three", 5);
        assert_int_equal(entry->seed, 77);
        *(bool *)ctx = true;
    }
    return true;
}

static void test_journal__rows_come_back_as_they_were_put(void **state) {
    struct world world;
    bool is_seen = false;
    world_open(&world, *state);
    put(world.journal, 1, "one", false);
    put(world.journal, 2, "", false);
    put(world.journal, 3, "three", true);
    await_durable(&world, 3);
    world_close(&world);
    struct state *again = state_open(*state);
    assert_int_equal(state_read_entries(again, 1, 3, see_third, &is_seen), LG_OK);
    assert_true(is_seen);
    state_close(again);
}

static void test_journal__what_nobody_waits_for_is_durable_soon(void **state) {
    struct world world;
    world_open(&world, *state);
    put(world.journal, 1, "tick", false);
    int64_t until_us = lg_clock_us() + 5000000;
    while (journal_durable(world.journal) < 1 && lg_clock_us() < until_us) {
        usleep(1000);
    }
    assert_int_equal(journal_durable(world.journal), 1);
    world_close(&world);
}

static void *put_request(void *arg) {
    const struct state_request request = {.gateway_id = 1, .counter = 2};
    journal_put_request(arg, &request);
    return NULL;
}

/* A request and what it did: a commit that comes between them takes neither. */
static void test_journal__a_group_is_committed_whole(void **state) {
    struct world world;
    pthread_t other;
    char byte;
    world_open(&world, *state);
    journal_open_group(world.journal);
    put(world.journal, 1, "a post", true);
    assert_int_equal(pthread_create(&other, NULL, put_request, world.journal), 0);
    assert_int_equal(read(world.ends[0], &byte, 1), 1); /* the other's row is durable */
    pthread_join(other, NULL);
    assert_int_equal(journal_durable(world.journal), 0);
    const struct state_request request = {.gateway_id = 3, .counter = 4, .seq = 1};
    journal_put_request(world.journal, &request);
    journal_close_group(world.journal);
    await_durable(&world, 1);
    world_close(&world);
}

/* An eighth of what may wait at most, so that with their heads seven fit. */
static void put_large(struct journal *journal, uint64_t seq) {
    static uint8_t body[JOURNAL_DROP_BYTES / 8];
    const struct state_entry entry = {
        .seq = seq, .kind = 2, .body = body, .body_size = sizeof body};
    journal_put_entry(journal, &entry, true);
}

static void put_snapshot_row(struct journal *journal, uint64_t seq, size_t size) {
    static char script[JOURNAL_DROP_BYTES / 8];
    const struct state_snapshot snapshot = {.seq = seq,
                                            .script = script,
                                            .script_size = size,
                                            .moment = (const uint8_t *)"m",
                                            .moment_size = 1};
    journal_put_snapshot(journal, &snapshot);
}

static void see_snapshot(void *ctx, const struct state_snapshot *snapshot) {
    *(uint64_t *)ctx = snapshot->seq;
}

/* The queue stands while a group is open, as it does while a disk refuses. */
static void test_journal__what_does_not_fit_is_dropped_until_a_snapshot_comes(void **state) {
    struct world world;
    char why[400] = "", byte;
    uint64_t at = 0;
    world_open(&world, *state);
    journal_open_group(world.journal);
    for (uint64_t seq = 1; seq <= 8; seq++) {
        put_large(world.journal, seq);
    }
    assert_false(journal_accepts(world.journal, why, sizeof why));
    put(world.journal, 9, "small, but one before it is missing", true);
    put_snapshot_row(world.journal, 9, JOURNAL_DROP_BYTES / 8); /* does not fit either */
    journal_close_group(world.journal);
    assert_int_equal(read(world.ends[0], &byte, 1), 1);
    assert_int_equal(journal_durable(world.journal), 7);
    assert_true(world.needs_snapshot);
    assert_false(journal_accepts(world.journal, why, sizeof why));
    put_snapshot_row(world.journal, 9, 5);
    assert_true(journal_accepts(world.journal, why, sizeof why));
    put(world.journal, 10, "kept again", true);
    await_durable(&world, 10);
    world_close(&world);
    struct state *again = state_open(*state);
    struct seen seen = {.last = 9};
    assert_int_equal(state_read_snapshot(again, UINT64_MAX, see_snapshot, &at), LG_OK);
    assert_int_equal(at, 9);
    assert_int_equal(state_read_entries(again, 9, UINT64_MAX, see, &seen), LG_OK);
    assert_int_equal(seen.n, 1);
    assert_false(seen.is_wrong);
    state_close(again);
}

/* A child puts rows and tells each that is durable, until it is killed. */
static void test_journal__durable_rows_survive_a_kill(void **state) {
    uint64_t told = 0, first = 0;
    for (int round = 0; round < 5; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            struct world world;
            world_open(&world, *state);
            for (uint64_t seq = first + 1;; seq++) {
                put(world.journal, seq, "some words of a post", true);
                await_durable(&world, seq);
                if (write(ends[1], &seq, sizeof seq) < 0) {
                    _exit(1);
                }
            }
        }
        close(ends[1]);
        uint64_t n;
        for (int i = 0; i < 10 + round && read(ends[0], &n, sizeof n) == (ssize_t)sizeof n; i++) {
            told = n;
        }
        kill(child, SIGKILL);
        while (read(ends[0], &n, sizeof n) == (ssize_t)sizeof n) {
            told = n;
        }
        close(ends[0]);
        assert_int_equal(waitpid(child, NULL, 0), child);
        struct seen seen = read_all(*state);
        assert_true(told > 0 && seen.last >= told);
        first = seen.last;
    }
}

/* Rows are committed one by one, then the process ends without closing: all is in the log. */
static uint64_t leave_a_log(const char *dir, uint64_t n_rows) {
    pid_t child = fork();
    if (child == 0) {
        struct world world;
        world_open(&world, dir);
        for (uint64_t seq = 1; seq <= n_rows; seq++) {
            put(world.journal, seq, "some words of a post", true);
            await_durable(&world, seq);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    return n_rows;
}

/* A disk that lost the end of the log (it lied, or the file system did): what is before it is
 * there. */
static void test_journal__a_cut_log_gives_the_rows_before_the_cut(void **state) {
    char path[128];
    struct stat facts;
    leave_a_log(*state, 20);
    snprintf(path, sizeof path, "%s/score.db-wal", (char *)*state);
    assert_int_equal(stat(path, &facts), 0);
    off_t size = facts.st_size;
    uint64_t before = 20;
    for (int cut = 0; cut < 6; cut++) {
        size = size * 4 / 5 + 7;
        assert_int_equal(truncate(path, size), 0);
        char copy[300];
        snprintf(copy, sizeof copy, "rm -rf %s/c && mkdir %s/c && cp %s/score.db* %s/c/",
                 (char *)*state, (char *)*state, (char *)*state, (char *)*state);
        assert_int_equal(system(copy), 0);
        snprintf(copy, sizeof copy, "%s/c", (char *)*state);
        struct seen seen = read_all(copy);
        assert_true(seen.n <= before);
        before = seen.n;
    }
    assert_true(before < 20);
}

/* Bytes that changed where a row lies: told, not used. */
static void test_journal__a_changed_byte_is_found(void **state) {
    struct world world;
    char path[128], bytes[65536];
    struct seen seen = {0};
    world_open(&world, *state);
    put(world.journal, 1, "NEEDLE in the hay", true);
    await_durable(&world, 1);
    world_close(&world);
    snprintf(path, sizeof path, "%s/score.db", (char *)*state);
    FILE *file = fopen(path, "r+b");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    const char *at = bytes;
    while (at + 6 < bytes + size && memcmp(at, "NEEDLE", 6) != 0) {
        at++;
    }
    assert_true(at + 6 < bytes + size);
    fseek(file, at - bytes, SEEK_SET);
    fputs("needle", file);
    fclose(file);
    struct state *again = state_open(*state);
    assert_non_null(again);
    assert_int_equal(state_read_entries(again, 0, UINT64_MAX, see, &seen), LG_EINTERNAL);
    assert_int_equal(seen.n, 0);
    state_close(again);
}

/* Half of a page of the database is another's: a torn write. */
static void test_journal__a_torn_page_is_set_aside(void **state) {
    char path[128], junk[2048];
    struct world world;
    world_open(&world, *state);
    for (uint64_t seq = 1; seq <= 400; seq++) {
        put(world.journal, seq, "words that fill some pages of the database with rows", seq == 400);
    }
    await_durable(&world, 400);
    world_close(&world);
    uint64_t epoch = 0;
    struct state *before = state_open(*state);
    epoch = state_epoch(before);
    state_close(before);
    snprintf(path, sizeof path, "%s/score.db", (char *)*state);
    memset(junk, 0xa5, sizeof junk);
    FILE *file = fopen(path, "r+b");
    fseek(file, 0, SEEK_END);
    long n_pages = ftell(file) / 4096;
    for (long page = 1; page < n_pages; page++) {
        fseek(file, page * 4096, SEEK_SET);
        fwrite(junk, 1, sizeof junk, file);
    }
    fclose(file);
    struct state *after = state_open(*state);
    assert_non_null(after);
    assert_int_not_equal(state_epoch(after), epoch);
    assert_false(state_has_score(after));
    state_close(after);
}

static void put_snapshot(struct state *state, uint64_t seq, int64_t wall_us) {
    const struct state_snapshot snapshot = {.seq = seq,
                                            .wall_us = wall_us,
                                            .script = "/ITL;",
                                            .script_size = 5,
                                            .moment = (const uint8_t *)"m",
                                            .moment_size = 1};
    assert_int_equal(state_put_snapshot(state, &snapshot), LG_OK);
}

static void test_journal__what_is_too_old_goes_and_the_newest_snapshot_stays(void **state) {
    struct state *opened = state_open(*state);
    static char body[2000];
    memset(body, 'b', sizeof body);
    assert_int_equal(state_begin(opened), LG_OK);
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        const struct state_entry entry = {.seq = seq,
                                          .kind = 2,
                                          .wall_us = (int64_t)seq,
                                          .body = (const uint8_t *)body,
                                          .body_size = sizeof body};
        assert_int_equal(state_put_entry(opened, &entry), LG_OK);
        if (seq % 100 == 0) {
            put_snapshot(opened, seq, (int64_t)seq);
        }
    }
    assert_int_equal(state_commit(opened), LG_OK);
    /* by age: of what is younger than 500 everything stays, with a snapshot to begin from */
    assert_int_equal(state_droppable(opened, 0, 500, 1050), 500);
    while (state_drop(opened, 500, 50)) {
    }
    struct seen seen = {.last = 500};
    assert_int_equal(state_read_entries(opened, 0, UINT64_MAX, see, &seen), LG_OK);
    assert_int_equal(seen.n, 500);
    assert_false(seen.is_wrong);
    assert_int_equal(state_droppable(opened, 0, 500, 1050), 0);
    /* by size: piece by piece, down to the newest */
    uint64_t seq, last = 500;
    while ((seq = state_droppable(opened, 100, 0, 0)) > 0) {
        assert_int_equal(seq, last + 100);
        last = seq;
        while (state_drop(opened, seq, 50)) {
        }
    }
    assert_int_equal(last, 1000);
    assert_int_equal(state_last_snapshot(opened), 1000);
    /* everything is too old: the newest snapshot stays all the same */
    assert_int_equal(state_droppable(opened, 0, 1, 1000000), 0);
    state_close(opened);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_journal__rows_come_back_as_they_were_put,
                                        folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(test_journal__what_nobody_waits_for_is_durable_soon,
                                        folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(test_journal__a_group_is_committed_whole, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(
            test_journal__what_does_not_fit_is_dropped_until_a_snapshot_comes, folder_set_up,
            folder_tear_down),
        cmocka_unit_test_setup_teardown(test_journal__durable_rows_survive_a_kill, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(test_journal__a_cut_log_gives_the_rows_before_the_cut,
                                        folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(test_journal__a_changed_byte_is_found, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(test_journal__a_torn_page_is_set_aside, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(
            test_journal__what_is_too_old_goes_and_the_newest_snapshot_stays, folder_set_up,
            folder_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
