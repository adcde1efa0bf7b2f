/* Every way out of a root path that we know of, with openat2 and without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/io/files.h"

struct tree {
    char top[64];
    struct files *files;
};

static void put(const char *dir, const char *name, const char *text) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void put_link(const char *dir, const char *name, const char *target) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(symlink(target, path), 0);
}

static char *in(const struct tree *tree, const char *name, char path[256]) {
    snprintf(path, 256, "%s/%s", tree->top, name);
    return path;
}

static int set_up(void **state, bool has_openat2) {
    struct tree *tree = calloc(1, sizeof *tree);
    strcpy(tree->top, "/tmp/leggio-files-XXXXXX");
    assert_non_null(mkdtemp(tree->top));
    char path[256];
    assert_int_equal(mkdir(in(tree, "root", path), 0755), 0);
    put(path, "page.txt", "a page");
    put(path, ".hidden", "hidden");
    put(path, "empty", "");
    put_link(path, "out.txt", "../secret.txt");
    put_link(path, "outside", "..");
    put_link(path, "absolute.txt", "/etc/hostname");
    put_link(path, "loop", "loop");
    put_link(path, "inside.txt", "page.txt");
    assert_int_equal(mkdir(in(tree, "root/sub", path), 0755), 0);
    put(path, "deep.txt", "deep");
    assert_int_equal(mkfifo(in(tree, "root/fifo", path), 0644), 0);
    assert_int_equal(mkdir(in(tree, "rootless", path), 0755), 0);
    put(path, "near.txt", "near");
    put(tree->top, "secret.txt", "secret");
    const struct files_options options = {.has_openat2 = has_openat2};
    tree->files = files_create(&options);
    assert_int_equal(files_allow(tree->files, in(tree, "root", path)), LG_OK);
    *state = tree;
    return 0;
}

static int set_up_new(void **state) {
    return set_up(state, true);
}

static int set_up_old(void **state) {
    return set_up(state, false);
}

static int tear_down(void **state) {
    struct tree *tree = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", tree->top);
    assert_int_equal(system(command), 0);
    files_destroy(tree->files);
    free(tree);
    return 0;
}

static int read_it(const struct tree *tree, const char *dir, const char *path,
                   const char *expected) {
    char *data = NULL;
    size_t size = 0;
    char root[256];
    int code = files_read(tree->files, in(tree, dir, root), path, 1000, &data, &size);
    if (code == LG_OK && expected != NULL) {
        assert_int_equal(size, strlen(expected));
        assert_string_equal(data, expected);
    }
    free(data);
    return code;
}

static void test_files__reads_inside_the_root(void **state) {
    const struct tree *tree = *state;
    assert_int_equal(read_it(tree, "root", "page.txt", "a page"), LG_OK);
    assert_int_equal(read_it(tree, "root", "./sub//deep.txt", "deep"), LG_OK);
    assert_int_equal(read_it(tree, "root/sub", "deep.txt", "deep"), LG_OK);
    assert_int_equal(read_it(tree, "root/", "page.txt", "a page"), LG_OK);
    assert_int_equal(read_it(tree, "root", "empty", ""), LG_OK);
}

static void test_files__no_path_leads_out(void **state) {
    static const char *const PATHS[] = {"../secret.txt",
                                        "..",
                                        "sub/../../secret.txt",
                                        "sub/..",
                                        "out.txt",
                                        "outside/secret.txt",
                                        "absolute.txt",
                                        "/etc/hostname",
                                        "//etc/hostname",
                                        "loop",
                                        "sub",
                                        ".",
                                        "",
                                        "fifo",
                                        "..\\secret.txt",
                                        "page.txt/",
                                        "page.txt/x",
                                        "missing",
                                        "sub/missing",
                                        "\x01",
                                        "page\n.txt",
                                        "~/page.txt",
                                        "file:///etc/hostname",
                                        "page.txt\x7f"};
    const struct tree *tree = *state;
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        if (read_it(tree, "root", PATHS[i], NULL) != LG_ENOTFOUND) {
            fail_msg("%s was read", PATHS[i]);
        }
    }
}

static void test_files__a_moved_root_path_stays_inside_what_is_allowed(void **state) {
    const struct tree *tree = *state;
    assert_int_equal(read_it(tree, "", "secret.txt", NULL), LG_ENOTFOUND);
    assert_int_equal(read_it(tree, "root/..", "secret.txt", NULL), LG_ENOTFOUND);
    assert_int_equal(read_it(tree, "root/outside", "secret.txt", NULL), LG_ENOTFOUND);
    assert_int_equal(read_it(tree, "rootless", "near.txt", NULL), LG_ENOTFOUND);
    char *data = NULL;
    size_t size;
    assert_int_equal(files_read(tree->files, "/etc", "hostname", 1000, &data, &size), LG_ENOTFOUND);
    assert_int_equal(files_read(tree->files, "/", "etc/hostname", 1000, &data, &size),
                     LG_ENOTFOUND);
    assert_int_equal(files_read(tree->files, "", "page.txt", 1000, &data, &size), LG_ENOTFOUND);
}

static void test_files__absolute_path_inside_the_root_is_relative(void **state) {
    const struct tree *tree = *state;
    char path[256];
    assert_int_equal(read_it(tree, "root", in(tree, "root/page.txt", path), "a page"), LG_OK);
    assert_int_equal(read_it(tree, "root", in(tree, "rootless/near.txt", path), NULL),
                     LG_ENOTFOUND);
    assert_int_equal(read_it(tree, "root", in(tree, "root/../secret.txt", path), NULL),
                     LG_ENOTFOUND);
}

static void test_files__size_has_a_bound(void **state) {
    const struct tree *tree = *state;
    char root[256];
    char *data = NULL;
    size_t size;
    in(tree, "root", root);
    assert_int_equal(files_read(tree->files, root, "page.txt", 5, &data, &size), LG_ETOOLARGE);
    assert_int_equal(files_read(tree->files, root, "page.txt", 6, &data, &size), LG_OK);
    free(data);
    char *longest = malloc(LIMIT_PATH_BYTES + 2);
    memset(longest, 'a', LIMIT_PATH_BYTES + 1);
    longest[LIMIT_PATH_BYTES + 1] = '\0';
    assert_false(files_path_is_safe(longest, LIMIT_PATH_BYTES + 1, false));
    free(longest);
}

static void test_files__a_range_is_cut_at_the_end(void **state) {
    const struct tree *tree = *state;
    char root[256];
    in(tree, "root", root);
    struct files_range range;
    assert_int_equal(files_read_range(tree->files, root, "page.txt", 8, 2, 100, &range), LG_OK);
    assert_int_equal(range.size_bytes, 4);
    assert_memory_equal(range.bytes, "page", 4);
    assert_int_equal(range.total_size_bytes, 6);
    assert_true(range.mtime_s > 0);
    free(range.bytes);
    assert_int_equal(files_read_range(tree->files, root, "page.txt", 8, 0, 3, &range), LG_OK);
    assert_int_equal(range.size_bytes, 3);
    free(range.bytes);
    assert_int_equal(files_read_range(tree->files, root, "page.txt", 8, UINT64_MAX, 3, &range),
                     LG_OK);
    assert_int_equal(range.size_bytes, 0);
    free(range.bytes);
}

static void test_files__clients_see_no_hidden_names_and_no_nul(void **state) {
    const struct tree *tree = *state;
    char root[256];
    in(tree, "root", root);
    struct files_range range;
    assert_int_equal(files_read_range(tree->files, root, ".hidden", 7, 0, 9, &range), LG_ENOTFOUND);
    assert_int_equal(files_read_range(tree->files, root, "sub/.x", 6, 0, 9, &range), LG_ENOTFOUND);
    assert_int_equal(files_read_range(tree->files, root, "./page.txt", 10, 0, 9, &range),
                     LG_ENOTFOUND);
    assert_int_equal(files_read_range(tree->files, root, "page.txt\0.png", 13, 0, 9, &range),
                     LG_ENOTFOUND);
    assert_int_equal(files_read_range(tree->files, root, "", 0, 0, 9, &range), LG_ENOTFOUND);
    assert_int_equal(files_read_range(tree->files, root, "fifo", 4, 0, 9, &range), LG_ENOTFOUND);
}

static void test_files__writes_stay_inside_too(void **state) {
    const struct tree *tree = *state;
    char root[256];
    in(tree, "root", root);
    struct files *files = tree->files;
    assert_int_equal(files_write(files, root, "new.txt", "one", 3, false), LG_OK);
    assert_int_equal(files_write(files, root, "new.txt", "two", 3, true), LG_OK);
    assert_int_equal(read_it(tree, "root", "new.txt", "onetwo"), LG_OK);
    assert_int_equal(files_write(files, root, "sub/new.txt", "x", 1, false), LG_OK);
    assert_int_equal(read_it(tree, "root", "sub/new.txt", "x"), LG_OK);
    static const char *const REFUSED[] = {
        "../new.txt", "/tmp/leggio-new.txt", "out.txt", "sub", "outside/new.txt",
        "fifo",       "missing/new.txt",     "sub/",    ""};
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        if (files_write(files, root, REFUSED[i], "x", 1, false) == LG_OK ||
            files_write(files, root, REFUSED[i], "x", 1, true) == LG_OK) {
            fail_msg("%s was written", REFUSED[i]);
        }
    }
    char *data = NULL;
    size_t size;
    char secret[256];
    assert_int_equal(files_read_trusted(in(tree, "secret.txt", secret), 100, &data, &size), LG_OK);
    assert_string_equal(data, "secret");
    free(data);
}

static void test_files__a_link_that_stays_inside_is_followed(void **state) {
    assert_int_equal(read_it(*state, "root", "inside.txt", "a page"), LG_OK);
}

static void test_files__without_openat2_no_link_is_followed(void **state) {
    assert_int_equal(read_it(*state, "root", "inside.txt", NULL), LG_ENOTFOUND);
}

#define BOTH(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, set_up_new, tear_down),                                  \
        cmocka_unit_test_setup_teardown(test, set_up_old, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(test_files__reads_inside_the_root),
        BOTH(test_files__no_path_leads_out),
        BOTH(test_files__a_moved_root_path_stays_inside_what_is_allowed),
        BOTH(test_files__absolute_path_inside_the_root_is_relative),
        BOTH(test_files__size_has_a_bound),
        BOTH(test_files__a_range_is_cut_at_the_end),
        BOTH(test_files__clients_see_no_hidden_names_and_no_nul),
        BOTH(test_files__writes_stay_inside_too),
        cmocka_unit_test_setup_teardown(test_files__a_link_that_stays_inside_is_followed,
                                        set_up_new, tear_down),
        cmocka_unit_test_setup_teardown(test_files__without_openat2_no_link_is_followed, set_up_old,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
