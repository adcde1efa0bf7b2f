/* Lines of the log, read from a pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"

static int pipe_fds[2];
static char text[65536];

static void open_log(enum lg_log_level level, bool is_json) {
    lg_log_open(&(struct lg_log_options){"prog", level, is_json, pipe_fds[1]});
}

static const char *written(void) {
    ssize_t n = read(pipe_fds[0], text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static int begin(void **state) {
    (void)state;
    lg_clock_fake(1000000, 1700000000123456);
    return pipe(pipe_fds) != 0 || fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0;
}

static int end(void **state) {
    (void)state;
    lg_clock_fake(-1, 0);
    return close(pipe_fds[0]) + close(pipe_fds[1]);
}

static void test_log__a_line_has_time_level_program_module_event(void **state) {
    (void)state;
    open_log(LG_LOG_INFO, false);
    lg_log(LG_LOG_WARN, "feed", "gap", "scene=%s base=%d", "violin1", 7);
    assert_string_equal(written(),
                        "2023-11-14T22:13:20.123Z warn prog feed gap scene=violin1 base=7\n");
    lg_log(LG_LOG_INFO, "feed", "start", NULL);
    assert_string_equal(written(), "2023-11-14T22:13:20.123Z info prog feed start\n");
}

static void test_log__odd_values_are_quoted(void **state) {
    (void)state;
    open_log(LG_LOG_INFO, false);
    lg_log(LG_LOG_INFO, "m", "e", "a=%s b=%s c=%s", "two words", "x\"\n\x01=", "");
    assert_non_null(strstr(written(), " a=\"two words\" b=\"x\\\"\\n\\u0001=\" c=\"\"\n"));
}

static void test_log__json_is_one_object_a_line(void **state) {
    (void)state;
    open_log(LG_LOG_INFO, true);
    lg_log(LG_LOG_ERROR, "m", "e", "a=%s n=%d", "q\"", 5);
    assert_string_equal(written(), "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"error\","
                                   "\"program\":\"prog\",\"module\":\"m\",\"event\":\"e\","
                                   "\"a\":\"q\\\"\",\"n\":\"5\"}\n");
}

static void test_log__a_value_cannot_forge_a_pair_or_a_line(void **state) {
    (void)state;
    open_log(LG_LOG_INFO, false);
    lg_log(LG_LOG_INFO, "m", "forge", "a=%s",
           "x\x1e"
           "b=1\nfake");
    const char *line = written();
    assert_non_null(strstr(line, " text=\"a=x\\u001eb=1\\nfake\"\n"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void test_log__a_long_line_is_cut_and_stays_a_line(void **state) {
    (void)state;
    char *big = malloc(100001);
    memset(big, 'x', 100000);
    big[100000] = '\0';
    open_log(LG_LOG_INFO, true);
    lg_log(LG_LOG_INFO, "m", "big", "a=%s b=%s", big, big);
    const char *line = written();
    size_t len = strlen(line);
    assert_in_range(len, 1000, 4200);
    assert_string_equal(line + len - 3, "\"}\n");
    free(big);
}

static void test_log__levels_above_are_dropped(void **state) {
    (void)state;
    open_log(LG_LOG_WARN, false);
    lg_log(LG_LOG_INFO, "m", "e", "a=%d", 1);
    assert_string_equal(written(), "");
    assert_false(lg_log_is_on(LG_LOG_DEBUG));
    assert_true(lg_log_is_on(LG_LOG_ERROR));
    assert_int_equal(lg_log_level_from_name("trace"), LG_LOG_TRACE);
    assert_int_equal(lg_log_level_from_name("loud"), -1);
    assert_int_equal(lg_log_level_from_name(NULL), -1);
}

static unsigned n_lines(const char *lines) {
    unsigned n = 0;
    for (; *lines != '\0'; lines++) {
        n += *lines == '\n';
    }
    return n;
}

static void test_log__repeated_lines_are_counted_not_written(void **state) {
    (void)state;
    open_log(LG_LOG_INFO, false);
    for (int i = 0; i < 100; i++) {
        lg_log(LG_LOG_WARN, "m", "again", "i=%d", i);
    }
    assert_int_equal(n_lines(written()), LG_LOG_BURST);
    lg_clock_fake(1000000 + (LG_LOG_WINDOW_S + 1) * 1000000LL, 1700000000123456);
    lg_log(LG_LOG_WARN, "m", "again", "i=%d", 100);
    assert_non_null(strstr(written(), " i=100 suppressed=80\n"));
}

static void test_log__debug_lines_are_not_limited(void **state) {
    (void)state;
    open_log(LG_LOG_DEBUG, false);
    for (int i = 0; i < 50; i++) {
        lg_log(LG_LOG_DEBUG, "m", "client", "i=%d", i);
    }
    assert_int_equal(n_lines(written()), 50);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_log__a_line_has_time_level_program_module_event),
        CASE(test_log__odd_values_are_quoted),
        CASE(test_log__json_is_one_object_a_line),
        CASE(test_log__a_value_cannot_forge_a_pair_or_a_line),
        CASE(test_log__a_long_line_is_cut_and_stays_a_line),
        CASE(test_log__levels_above_are_dropped),
        CASE(test_log__repeated_lines_are_counted_not_written),
        CASE(test_log__debug_lines_are_not_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
