/* The state folder: what is there after a life that ended well, or by kill -9. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
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

#include "common/err.h"
#include "renderer/io/state/state.h"
#include "tests/unit/io/folder_fixture.h"

static void test_state__epoch_is_kept_and_versions_go_on(void **state) {
    struct state *first = state_open(*state);
    assert_non_null(first);
    uint64_t epoch = state_epoch(first);
    assert_int_not_equal(epoch, 0);
    assert_int_equal(state_used_version(first), 0);
    assert_int_equal(state_reserve(first, 1000), LG_OK);
    assert_int_equal(state_reserve(first, 500), LG_OK); /* never back */
    state_close(first);
    struct state *second = state_open(*state);
    assert_non_null(second);
    assert_int_equal(state_epoch(second), epoch);
    assert_int_equal(state_used_version(second), 1000);
    state_close(second);
}

static void test_state__a_lost_folder_gives_a_new_epoch(void **state) {
    char path[128];
    struct state *first = state_open(*state);
    uint64_t epoch = state_epoch(first);
    state_close(first);
    snprintf(path, sizeof path, "%s/score.db", (char *)*state);
    assert_int_equal(unlink(path), 0);
    struct state *second = state_open(*state);
    assert_int_not_equal(state_epoch(second), epoch);
    state_close(second);
}

static void test_state__missing_folders_are_made(void **state) {
    char path[128];
    struct stat facts;
    snprintf(path, sizeof path, "%s/a/b", (char *)*state);
    struct state *made = state_open(path);
    assert_non_null(made);
    state_close(made);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0700);
}

static void test_state__two_renderers_do_not_share_a_folder(void **state) {
    struct state *first = state_open(*state);
    assert_non_null(first);
    assert_null(state_open(*state));
    state_close(first);
    struct state *second = state_open(*state);
    assert_non_null(second);
    state_close(second);
}

static size_t count_files(const char *dir, const char *start, char *found) {
    DIR *folder = opendir(dir);
    size_t n = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strncmp(entry->d_name, start, strlen(start)) == 0) {
            snprintf(found, 400, "%.100s/%.256s", dir, entry->d_name);
            n++;
        }
    }
    closedir(folder);
    return n;
}

static void write_file(const char *path, const char *words, int n) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < n; i++) {
        fputs(words, file);
    }
    fclose(file);
}

static void test_state__a_broken_database_is_set_aside_and_a_new_one_begun(void **state) {
    char path[128], kept[400];
    snprintf(path, sizeof path, "%s/score.db", (char *)*state);
    write_file(path, "this is no database ", 400);
    struct state *opened = state_open(*state);
    assert_non_null(opened);
    assert_int_not_equal(state_epoch(opened), 0);
    state_close(opened);
    struct stat facts;
    assert_int_equal(count_files(*state, "score-damaged-", kept), 1);
    assert_int_equal(stat(kept, &facts), 0);
    assert_int_equal(facts.st_size, 8000);
}

static void test_state__a_later_schema_is_set_aside_whole(void **state) {
    char kept[400];
    struct state *first = state_open(*state);
    uint64_t epoch = state_epoch(first);
    assert_int_equal(state_put_number(first, "schema", 99), LG_OK);
    state_close(first);
    struct state *second = state_open(*state);
    assert_non_null(second);
    assert_int_not_equal(state_epoch(second), epoch);
    state_close(second);
    assert_int_equal(count_files(*state, "score-newer-", kept), 1);
    /* nothing of it is lost: under its old name it is what it was, but for the program that knows
     * it */
    char back[128];
    snprintf(back, sizeof back, "%s/back", (char *)*state);
    assert_int_equal(mkdir(back, 0700), 0);
    snprintf(back, sizeof back, "%s/back/score.db", (char *)*state);
    assert_int_equal(rename(kept, back), 0);
    snprintf(back, sizeof back, "%s/back", (char *)*state);
    struct state *moved = state_open_to_read(back);
    assert_null(moved);
}

/* Made by the program before the journal came: tests/unit/io/data. */
static void test_state__the_first_schema_is_brought_up_to_date(void **state) {
    char command[300];
    int64_t schema = 0;
    snprintf(command, sizeof command, "cp unit/io/data/schema-1.db %s/score.db", (char *)*state);
    assert_int_equal(system(command), 0);
    struct state *opened = state_open(*state);
    assert_non_null(opened);
    assert_int_equal(state_epoch(opened), UINT64_C(9050423116469059876));
    assert_int_equal(state_used_version(opened), 10001);
    assert_false(state_has_score(opened));
    assert_true(state_get_number(opened, "schema", &schema));
    assert_int_equal(schema, 2);
    const struct state_entry entry = {.seq = 1, .kind = 6, .time_us = 5};
    assert_int_equal(state_begin(opened), LG_OK);
    assert_int_equal(state_put_entry(opened, &entry), LG_OK);
    assert_int_equal(state_commit(opened), LG_OK);
    state_close(opened);
    opened = state_open(*state);
    assert_int_equal(state_epoch(opened), UINT64_C(9050423116469059876));
    assert_true(state_has_score(opened));
    assert_int_equal(state_last_seq(opened), 1);
    state_close(opened);
}

static void test_state__it_may_be_read_while_it_is_written(void **state) {
    struct state *writer = state_open(*state);
    assert_int_equal(state_begin(writer), LG_OK);
    const struct state_entry entry = {.seq = 1, .kind = 6};
    assert_int_equal(state_put_entry(writer, &entry), LG_OK);
    struct state *reader = state_open_to_read(*state);
    assert_non_null(reader);
    assert_int_equal(state_last_seq(reader), 0);
    assert_int_equal(state_commit(writer), LG_OK);
    assert_int_equal(state_last_seq(reader), 1);
    assert_int_not_equal(state_put_number(reader, "schema", 3), LG_OK);
    state_close(reader);
    state_close(writer);
}

/* A child reserves and tells each number that is durable, until it is killed: the next life must
 * start at the last number told, or above. */
static void test_state__what_was_reserved_survives_a_kill(void **state) {
    for (int round = 0; round < 5; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            struct state *mine = state_open(*state);
            for (uint64_t n = state_used_version(mine) + 1;; n++) {
                if (state_reserve(mine, n) != LG_OK || write(ends[1], &n, sizeof n) < 0) {
                    _exit(1);
                }
            }
        }
        close(ends[1]);
        uint64_t told = 0, n;
        for (int i = 0; i < 20 + round && read(ends[0], &n, sizeof n) == (ssize_t)sizeof n; i++) {
            told = n;
        }
        kill(child, SIGKILL);
        while (read(ends[0], &n, sizeof n) == (ssize_t)sizeof n) {
            told = n;
        }
        close(ends[0]);
        assert_int_equal(waitpid(child, NULL, 0), child);
        struct state *after = state_open(*state);
        assert_non_null(after);
        assert_true(told > 0);
        assert_true(state_used_version(after) >= told);
        state_close(after);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_state__epoch_is_kept_and_versions_go_on, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(test_state__a_lost_folder_gives_a_new_epoch, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(test_state__missing_folders_are_made, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(test_state__two_renderers_do_not_share_a_folder,
                                        folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(
            test_state__a_broken_database_is_set_aside_and_a_new_one_begun, folder_set_up,
            folder_tear_down),
        cmocka_unit_test_setup_teardown(test_state__a_later_schema_is_set_aside_whole,
                                        folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(test_state__the_first_schema_is_brought_up_to_date,
                                        folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(test_state__it_may_be_read_while_it_is_written,
                                        folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(test_state__what_was_reserved_survives_a_kill,
                                        folder_set_up, folder_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
