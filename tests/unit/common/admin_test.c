/* The admin endpoint over a real socket on loopback. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/admin.h"
#include "common/log.h"
#include "common/metrics.h"

static atomic_bool is_able;

static bool is_ready(void *ctx, char *why, size_t size) {
    assert_ptr_equal(ctx, &is_able);
    snprintf(why, size, "no renderer");
    return atomic_load(&is_able);
}

static int begin(void **state) {
    struct admin_options options = {.host = "127.0.0.1", .is_ready = is_ready, .ctx = &is_able};
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_ERROR, false, -1});
    *state = admin_create(&options);
    return *state == NULL;
}

static int end(void **state) {
    admin_destroy(*state);
    return 0;
}

static const char *ask(const struct admin *admin, const char *method, const char *path) {
    static char text[65536];
    size_t len = 0;
    ssize_t n;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(admin_port(admin)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    dprintf(fd, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method, path);
    while ((n = read(fd, text + len, sizeof text - 1 - len)) > 0) {
        len += (size_t)n;
    }
    close(fd);
    text[len] = '\0';
    return text;
}

static void test_admin__answers_alive(void **state) {
    const char *text = ask(*state, "GET", "/healthz");
    assert_memory_equal(text, "HTTP/1.1 200 ", 13);
    assert_non_null(strstr(text, "\r\n\r\nalive\n"));
}

static void test_admin__ready_says_why_not(void **state) {
    atomic_store(&is_able, false);
    const char *text = ask(*state, "GET", "/readyz");
    assert_memory_equal(text, "HTTP/1.1 503 ", 13);
    assert_non_null(strstr(text, "no renderer\n"));
    atomic_store(&is_able, true);
    assert_memory_equal(ask(*state, "GET", "/readyz"), "HTTP/1.1 200 ", 13);
}

static void test_admin__metrics_are_prometheus_text(void **state) {
    metric_add(metric_counter("t_admin_total", "", "admin"), 5);
    const char *text = ask(*state, "GET", "/metrics");
    assert_non_null(strstr(text, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(text, "t_admin_total 5\n"));
}

static void test_admin__other_paths_and_methods_are_refused(void **state) {
    assert_memory_equal(ask(*state, "GET", "/"), "HTTP/1.1 404 ", 13);
    const char *text = ask(*state, "DELETE", "/healthz");
    assert_memory_equal(text, "HTTP/1.1 405 ", 13);
    assert_non_null(strstr(text, "Allow: GET, HEAD"));
    text = ask(*state, "HEAD", "/healthz");
    assert_memory_equal(text, "HTTP/1.1 200 ", 13);
    assert_null(strstr(text, "alive"));
}

static void test_admin__a_port_in_use_is_told(void **state) {
    struct admin_options options = {.host = "127.0.0.1", .port = admin_port(*state)};
    assert_null(admin_create(&options));
    options.host = "no.such.host.invalid";
    assert_null(admin_create(&options));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_admin__answers_alive),
        cmocka_unit_test(test_admin__ready_says_why_not),
        cmocka_unit_test(test_admin__metrics_are_prometheus_text),
        cmocka_unit_test(test_admin__other_paths_and_methods_are_refused),
        cmocka_unit_test(test_admin__a_port_in_use_is_told),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
