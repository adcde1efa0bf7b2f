/* One table of options: order of places, kinds, ranges, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/log.h"
#include "common/options.h"

static int check_both(const struct options *options, char *why, size_t size) {
    if (options_flag(options, "open") && options_int(options, "count") == 13) {
        snprintf(why, size, "--open and --count 13 do not go together");
        return -1;
    }
    return 0;
}

static const struct option_row ROWS[] = {
    {"feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7010", .text = "feed"},
    {"listen", OPTION_HOSTPORT_LIST, "HOST:PORT", "127.0.0.1:8000,[::1]:8000",
     .text = "serve here"},
    {"admin", OPTION_HOSTPORT, "HOST:PORT", NULL, .text = "admin endpoint"},
    {"score", OPTION_LIST, "FILE", NULL, .text = "scores"},
    {"count", OPTION_INT, "N", "4", 1, 100, .text = "count", .is_reloadable = true},
    {"offset", OPTION_INT, "N", "0", -5, 5, .text = "offset"},
    {"max-body", OPTION_SIZE, "SIZE", "16MiB", 1024, 1 << 30, .text = "body"},
    {"idle", OPTION_DURATION, "TIME", "30s", .text = "idle time"},
    {"mode", OPTION_STRING, "MODE", "a", .choices = "a|bc|d", .text = "mode"},
    {"open", OPTION_FLAG, .text = "open"},
};
static const struct options_table TABLE = {.program = "leggio-test",
                                           .summary = "a test",
                                           .rows = ROWS,
                                           .n_rows = sizeof ROWS / sizeof ROWS[0],
                                           .check = check_both};

static char output[32768];
static int status;

/* Loads with these arguments; stdout and stderr go to `output`. */
static struct options *load(const char *first, ...) {
    static char *argv[16];
    int argc = 1, saved_out = dup(1), saved_err = dup(2);
    va_list args;
    FILE *file = tmpfile();
    argv[0] = (char *)(uintptr_t) "leggio-test";
    va_start(args, first);
    for (const char *arg = first; arg != NULL; arg = va_arg(args, const char *)) {
        argv[argc++] = (char *)(uintptr_t)arg;
    }
    va_end(args);
    fflush(stdout);
    dup2(fileno(file), 1);
    dup2(fileno(file), 2);
    struct options *options = options_load(&TABLE, argc, argv, &status);
    fflush(stdout);
    dup2(saved_out, 1);
    dup2(saved_err, 2);
    close(saved_out);
    close(saved_err);
    rewind(file);
    output[fread(output, 1, sizeof output - 1, file)] = '\0';
    fclose(file);
    return options;
}

static void refused(const char *expected, const char *arg, const char *value) {
    assert_null(load(arg, value, NULL));
    assert_int_equal(status, 2);
    if (strstr(output, expected) == NULL) {
        fail_msg("'%s' lacks '%s'", output, expected);
    }
}

static void test_options__defaults(void **state) {
    (void)state;
    struct options_hostport hostport;
    const char *const *items;
    struct options *options = load(NULL, NULL);
    assert_non_null(options);
    assert_string_equal(options_string(options, "feed"), "tcp://127.0.0.1:7010");
    assert_true(options_hostport(options, "listen", 0, &hostport));
    assert_string_equal(hostport.host, "127.0.0.1");
    assert_int_equal(hostport.port, 8000);
    assert_true(options_hostport(options, "listen", 1, &hostport));
    assert_string_equal(hostport.host, "::1");
    assert_false(options_hostport(options, "listen", 2, &hostport));
    assert_false(options_hostport(options, "admin", 0, &hostport));
    assert_int_equal(options_list(options, "score", &items), 0);
    assert_int_equal(options_int(options, "count"), 4);
    assert_int_equal(options_size_bytes(options, "max-body"), 16777216);
    assert_int_equal(options_duration_us(options, "idle"), 30000000);
    assert_false(options_flag(options, "open"));
    assert_false(options_is_given(options, "count"));
    options_destroy(options);
}

static void test_options__the_command_line_says_it_both_ways(void **state) {
    (void)state;
    const char *const *items;
    struct options *options =
        load("--count=7", "--score", "a.inscore", "--score=b,c", "--open", "--offset", "-3", NULL);
    assert_non_null(options);
    assert_int_equal(options_int(options, "count"), 7);
    assert_int_equal(options_int(options, "offset"), -3);
    assert_int_equal(options_list(options, "score", &items), 2);
    assert_string_equal(items[0], "a.inscore");
    assert_string_equal(items[1], "b,c");
    assert_true(options_flag(options, "open"));
    assert_true(options_is_given(options, "count"));
    options_destroy(options);
}

static void write_config(char path[32], const char *text) {
    strcpy(path, "/tmp/leggio-options-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void test_options__default_then_file_then_environment_then_command_line(void **state) {
    (void)state;
    char path[32];
    const char *const *items;
    write_config(path,
                 "# comment\n\n feed = from-file \ncount=10\nscore = a\nscore = b\nopen = yes\n");
    setenv("LEGGIO_COUNT", "20", 1);
    setenv("LEGGIO_SCORE", "x,y,z", 1);
    setenv("LEGGIO_MAX_BODY", "2MiB", 1);
    struct options *options = load("--config", path, "--max-body", "3MiB", NULL);
    assert_non_null(options);
    assert_string_equal(options_string(options, "feed"), "from-file");
    assert_int_equal(options_int(options, "count"), 20);
    assert_int_equal(options_list(options, "score", &items), 3);
    assert_int_equal(options_size_bytes(options, "max-body"), 3 << 20);
    assert_true(options_flag(options, "open"));
    options_destroy(options);
    unsetenv("LEGGIO_COUNT");
    unsetenv("LEGGIO_SCORE");
    unsetenv("LEGGIO_MAX_BODY");
    unlink(path);
}

static void test_options__errors_name_option_and_range(void **state) {
    (void)state;
    refused("--count: must be from 1 to 100, not '101'", "--count", "101");
    refused("--count: must be a whole number, not '4x'", "--count", "4x");
    refused("--max-body: must be from 1024 to 1073741824 bytes, not '10'", "--max-body", "10");
    refused("--idle: must be a time such as 250ms, 3s or 5min, not '3 s'", "--idle", "3 s");
    refused("--mode: must be one of a|bc|d, not 'b'", "--mode", "b");
    refused("--admin: must be HOST:PORT, port 0 to 65535", "--admin", "localhost");
    refused("--admin: must be HOST:PORT", "--admin", "::1:80");
    refused("unknown option --nothing", "--nothing", NULL);
    refused("'stray' is no option", "stray", NULL);
    refused("--feed needs ENDPOINT", "--feed", NULL);
    refused("--open: must be yes or no", "--open=maybe", NULL);
}

static void test_options__errors_of_a_file_name_its_line(void **state) {
    (void)state;
    char path[32], expected[128];
    write_config(path, "count = 5\n\ncount = 500\n");
    snprintf(expected, sizeof expected, "%s:3: count: must be from 1 to 100, not '500'", path);
    refused(expected, "--config", path);
    unlink(path);
    write_config(path, "nonsense = 5\n");
    refused(":1: unknown option 'nonsense'", "--config", path);
    unlink(path);
    write_config(path, "count\n");
    refused(":1: no '=' after 'count'", "--config", path);
    unlink(path);
    refused("--config: /nonexistent/file", "--config", "/nonexistent/file");
}

static void test_options__errors_of_the_environment_name_the_variable(void **state) {
    (void)state;
    setenv("LEGGIO_COUNT", "0", 1);
    refused("LEGGIO_COUNT: must be from 1 to 100, not '0'", NULL, NULL);
    unsetenv("LEGGIO_COUNT");
}

static void test_options__checks_of_several_options(void **state) {
    (void)state;
    assert_null(load("--open", "--count", "13", NULL));
    assert_int_equal(status, 2);
    assert_non_null(strstr(output, "--open and --count 13 do not go together"));
}

static void test_options__help_version_check_print_config_end_well(void **state) {
    (void)state;
    assert_null(load("--help", "--count", "999", NULL));
    assert_int_equal(status, 0);
    assert_non_null(strstr(output, "--max-body SIZE"));
    assert_non_null(strstr(output, "1024 to 1073741824 bytes"));
    assert_null(load("--version", NULL));
    assert_int_equal(status, 0);
    assert_non_null(strstr(output, "leggio-test "));
    assert_null(load("--check", NULL));
    assert_int_equal(status, 0);
    assert_null(load("--check", "--count", "999", NULL));
    assert_int_equal(status, 2);
    assert_null(load("--print-config", "--count", "9", NULL));
    assert_int_equal(status, 0);
    assert_non_null(strstr(output, "count = 9  # command line\n"));
    assert_non_null(strstr(output, "listen = [::1]:8000  # default\n"));
    assert_non_null(strstr(output, "open = no  # default\n"));
}

static void test_options__reload_takes_only_what_may_change(void **state) {
    (void)state;
    char path[32];
    write_config(path, "count = 5\nfeed = one\n");
    struct options *options = load("--config", path, NULL);
    assert_non_null(options);
    FILE *file = fopen(path, "w");
    fputs("count = 6\nfeed = two\n", file);
    fclose(file);
    assert_int_equal(options_reload(options), 1);
    assert_int_equal(options_int(options, "count"), 6);
    assert_string_equal(options_string(options, "feed"), "one");
    unlink(path);
    options_destroy(options);
}

static void test_options__reload_gives_the_log_its_level(void **state) {
    (void)state;
    char path[32];
    write_config(path, "log-level = warn\n");
    struct options *options = load("--config", path, NULL);
    assert_non_null(options);
    options_open_log(options);
    assert_false(lg_log_is_on(LG_LOG_INFO));
    FILE *file = fopen(path, "w");
    fputs("log-level = debug\n", file);
    fclose(file);
    options_reload_log(options);
    assert_true(lg_log_is_on(LG_LOG_DEBUG));
    unlink(path);
    options_destroy(options);
}

static void test_options__sizes_and_times_have_units(void **state) {
    (void)state;
    int64_t value;
    static const struct {
        const char *text;
        int64_t value;
    } SIZES[] = {{"0", 0}, {"5B", 5}, {"2k", 2000}, {"64KiB", 65536}, {"1GiB", 1 << 30}},
      TIMES[] = {{"5", 5000},     {"20us", 20},        {"250ms", 250000},
                 {"3s", 3000000}, {"2min", 120000000}, {"1h", 3600000000}};
    for (size_t i = 0; i < 5; i++) {
        assert_true(options_parse_size(SIZES[i].text, &value));
        assert_int_equal(value, SIZES[i].value);
    }
    for (size_t i = 0; i < 6; i++) {
        assert_true(options_parse_duration(TIMES[i].text, &value));
        assert_int_equal(value, TIMES[i].value);
    }
    static const char *const BAD[] = {"", "-1", "x", "1 MiB", "9999999999GiB", "1.5MiB", "0x10"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_false(options_parse_size(BAD[i], &value));
    }
}

static void test_options__hosts_and_ports(void **state) {
    (void)state;
    struct options_hostport hostport;
    assert_true(options_parse_hostport(":0", &hostport));
    assert_string_equal(hostport.host, "");
    assert_true(options_parse_hostport("*:65535", &hostport));
    assert_string_equal(hostport.host, "");
    static const char *const BAD[] = {"", "a", "a:", "a:65536", "a:-1", "a:x", "[::1]", "a:b:1"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_false(options_parse_hostport(BAD[i], &hostport));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options__defaults),
        cmocka_unit_test(test_options__the_command_line_says_it_both_ways),
        cmocka_unit_test(test_options__default_then_file_then_environment_then_command_line),
        cmocka_unit_test(test_options__errors_name_option_and_range),
        cmocka_unit_test(test_options__errors_of_a_file_name_its_line),
        cmocka_unit_test(test_options__errors_of_the_environment_name_the_variable),
        cmocka_unit_test(test_options__checks_of_several_options),
        cmocka_unit_test(test_options__help_version_check_print_config_end_well),
        cmocka_unit_test(test_options__reload_takes_only_what_may_change),
        cmocka_unit_test(test_options__reload_gives_the_log_its_level),
        cmocka_unit_test(test_options__sizes_and_times_have_units),
        cmocka_unit_test(test_options__hosts_and_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
