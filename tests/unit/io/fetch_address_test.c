/* Which hosts may be asked, and which addresses never (RFC 6890;
 * docs/operations.md --allow-url). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/io/fetch.h"
#include "renderer/io/fetch_address.h"

static bool is_private(const char *text) {
    struct sockaddr_storage storage = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        memcpy(&storage, &in, sizeof in);
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
        memcpy(&storage, &in6, sizeof in6);
    }
    return fetch_is_private((const struct sockaddr *)&storage);
}

static void test_fetch_address__private_networks_are_known(void **state) {
    (void)state;
    static const char *const PRIVATE[] = {"0.0.0.0",
                                          "10.0.0.1",
                                          "10.255.255.255",
                                          "100.64.0.1",
                                          "100.127.255.255",
                                          "127.0.0.1",
                                          "127.255.255.254",
                                          "169.254.169.254",
                                          "172.16.0.1",
                                          "172.31.255.255",
                                          "192.0.0.1",
                                          "192.0.2.1",
                                          "192.168.1.1",
                                          "198.18.0.1",
                                          "198.51.100.7",
                                          "203.0.113.9",
                                          "224.0.0.1",
                                          "240.0.0.1",
                                          "255.255.255.255",
                                          "::",
                                          "::1",
                                          "fe80::1",
                                          "fc00::1",
                                          "fdff::1",
                                          "ff02::1",
                                          "::ffff:127.0.0.1",
                                          "::ffff:10.1.2.3",
                                          "64:ff9b::7f00:1",
                                          "2002:7f00:1::1",
                                          "2001::1",
                                          "2001:db8::1",
                                          "::7f00:1"};
    static const char *const PUBLIC[] = {
        "1.1.1.1",         "9.255.255.255", "11.0.0.1",        "100.63.255.255",
        "100.128.0.1",     "128.0.0.1",     "169.253.0.1",     "172.15.255.255",
        "172.32.0.1",      "192.167.1.1",   "193.0.0.1",       "223.255.255.255",
        "2606:4700::1111", "2a00:1450::5",  "2002:101:101::1", "64:ff9b::101:101"};
    for (size_t i = 0; i < sizeof PRIVATE / sizeof PRIVATE[0]; i++) {
        if (!is_private(PRIVATE[i])) {
            fail_msg("%s counts as public", PRIVATE[i]);
        }
    }
    for (size_t i = 0; i < sizeof PUBLIC / sizeof PUBLIC[0]; i++) {
        if (is_private(PUBLIC[i])) {
            fail_msg("%s counts as private", PUBLIC[i]);
        }
    }
    const struct sockaddr local = {.sa_family = AF_UNIX};
    assert_true(fetch_is_private(&local));
}

static void test_fetch_address__hosts_are_named_or_any(void **state) {
    (void)state;
    static const char *const NAMED[] = {"a.org,B.net", "127.0.0.1"};
    static const char *const ANY[] = {"nas.local", "any"};
    assert_int_equal(fetch_permission(NAMED, 2, "a.org"), FETCH_NAMED);
    assert_int_equal(fetch_permission(NAMED, 2, "b.NET"), FETCH_NAMED);
    assert_int_equal(fetch_permission(NAMED, 2, "127.0.0.1"), FETCH_NAMED);
    assert_int_equal(fetch_permission(NAMED, 2, "x.a.org"), FETCH_NO);
    assert_int_equal(fetch_permission(NAMED, 2, "a.org,B.net"), FETCH_NO);
    assert_int_equal(fetch_permission(NAMED, 2, ""), FETCH_NO);
    assert_int_equal(fetch_permission(NAMED, 2, "any"), FETCH_NO);
    assert_int_equal(fetch_permission(ANY, 2, "x.org"), FETCH_PUBLIC);
    assert_int_equal(fetch_permission(ANY, 2, "nas.local"), FETCH_NAMED);
    assert_int_equal(fetch_permission(NULL, 0, "a.org"), FETCH_NO);
}

static void test_fetch__urls_are_http_and_https(void **state) {
    (void)state;
    assert_true(fetch_is_url("http://a/b"));
    assert_true(fetch_is_url("HTTPS://a/b"));
    assert_false(fetch_is_url("file:///etc/passwd"));
    assert_false(fetch_is_url("ftp://a/b"));
    assert_false(fetch_is_url("http:a.png"));
    assert_false(fetch_is_url("img/http://"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fetch_address__private_networks_are_known),
        cmocka_unit_test(test_fetch_address__hosts_are_named_or_any),
        cmocka_unit_test(test_fetch__urls_are_http_and_https),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
