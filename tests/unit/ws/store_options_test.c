/* Addresses of the session store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway-ws/store/store_options.h"

static void expect(const char *url, const char *user, const char *host, int port, int db) {
    struct redis_options redis = {0};
    char why[200] = "";
    assert_true(store_options_parse(url, &redis, why, sizeof why));
    assert_string_equal(redis.user, user);
    assert_string_equal(redis.host, host);
    assert_int_equal(redis.port, port);
    assert_int_equal(redis.db, db);
}

static void test_store_options__read_addresses(void **state) {
    (void)state;
    expect("redis://localhost", "", "localhost", 6379, 0);
    expect("redis://localhost:1", "", "localhost", 1, 0);
    expect("redis://10.0.0.1:65535/15", "", "10.0.0.1", 65535, 15);
    expect("redis://[::1]", "", "::1", 6379, 0);
    expect("redis://[::1]:7000/", "", "::1", 7000, 0);
    expect("redis://leggio@a.example/3", "leggio", "a.example", 6379, 3);
}

static void test_store_options__say_what_is_wrong(void **state) {
    static const char *const WRONG[] = {"",
                                        "localhost",
                                        "rediss://a",
                                        "redis://",
                                        "redis://:1",
                                        "redis:///1",
                                        "redis://a:0",
                                        "redis://a:65536",
                                        "redis://a:x",
                                        "redis://a/-1",
                                        "redis://a/1/2",
                                        "redis://a/99999",
                                        "redis://u:p@a",
                                        "redis://:p@a"};
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        struct redis_options redis = {0};
        char why[200] = "";
        assert_false(store_options_parse(WRONG[i], &redis, why, sizeof why));
        assert_non_null(strstr(why, "--session-store"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_options__read_addresses),
        cmocka_unit_test(test_store_options__say_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
