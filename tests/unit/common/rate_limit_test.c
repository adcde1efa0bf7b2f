/* Token buckets by key, and the keys: addresses, proxies. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#include "common/access/peer_key.h"
#include "common/access/rate_limit.h"

#define SECOND INT64_C(1000000)

static void test_rate_limit__a_burst_then_so_many_a_second(void **state) {
    (void)state;
    struct rate_limit *limit = rate_limit_create(10, 20);
    int64_t now = 1000 * SECOND, wait_us = 0;
    for (int i = 0; i < 20; i++) {
        assert_true(rate_limit_take(limit, 7, now, NULL));
    }
    assert_false(rate_limit_take(limit, 7, now, &wait_us));
    assert_int_equal(wait_us, SECOND / 10);
    assert_false(rate_limit_take(limit, 7, now + SECOND / 10 - 1, NULL));
    assert_true(rate_limit_take(limit, 7, now + SECOND / 10, NULL));
    int n = 0;
    for (int64_t t = now + SECOND / 10; t <= now + 10 * SECOND; t += 1000) {
        n += rate_limit_take(limit, 7, t, NULL);
    }
    assert_in_range(n, 98, 99);                        /* 9.9 s at 10 a second */
    assert_true(rate_limit_take(limit, 8, now, NULL)); /* another's bucket */
    rate_limit_destroy(limit);
}

static void test_rate_limit__who_rests_gets_no_more_than_a_burst(void **state) {
    (void)state;
    struct rate_limit *limit = rate_limit_create(1000000, 3);
    int64_t now = 0;
    for (int64_t rest = 1; rest > 0 && rest < INT64_MAX / 64; rest *= 16) { /* no overflow either */
        now += rest;
        for (int i = 0; i < 3; i++) {
            rate_limit_take(limit, 1, now, NULL);
        }
        assert_false(rate_limit_take(limit, 1, now, NULL));
    }
    rate_limit_destroy(limit);
}

static void test_rate_limit__zero_is_no_limit_and_nobody_is_not_counted(void **state) {
    (void)state;
    struct rate_limit *none = rate_limit_create(0, 0), *one = rate_limit_create(1, 1);
    for (int i = 0; i < 1000; i++) {
        assert_true(rate_limit_take(none, 5, 0, NULL));
        assert_true(rate_limit_take(one, 0, 0, NULL));
        assert_true(rate_limit_take(NULL, 5, 0, NULL));
    }
    assert_true(rate_limit_take(one, 5, 0, NULL));
    assert_false(rate_limit_take(one, 5, 0, NULL));
    rate_limit_destroy(none);
    rate_limit_destroy(one);
}

static void test_rate_limit__a_clock_that_steps_back_is_survived(void **state) {
    (void)state;
    struct rate_limit *limit = rate_limit_create(10, 1);
    assert_true(rate_limit_take(limit, 1, 100 * SECOND, NULL));
    assert_false(rate_limit_take(limit, 1, 50 * SECOND, NULL));
    assert_true(rate_limit_take(limit, 1, 51 * SECOND, NULL));
    rate_limit_destroy(limit);
}

static void test_rate_limit__a_flood_of_keys_does_not_free_who_is_at_the_limit(void **state) {
    (void)state;
    struct rate_limit *limit = rate_limit_create(1, 2);
    int64_t now = 5 * SECOND;
    while (rate_limit_take(limit, 42, now, NULL)) {
    }
    for (uint64_t key = 100; key < 200000; key++) { /* each takes one and leaves one */
        rate_limit_take(limit, key, now, NULL);
        assert_false(rate_limit_take(limit, 42, now, NULL));
    }
    rate_limit_destroy(limit);
}

static void test_peer_key__ipv4_whole_ipv6_by_its_house(void **state) {
    (void)state;
    assert_true(peer_key_from_text("192.0.2.1") != peer_key_from_text("192.0.2.2"));
    assert_true(peer_key_from_text("192.0.2.1") == peer_key_from_text("::ffff:192.0.2.1"));
    assert_true(peer_key_from_text("192.0.2.1") == peer_key_from_text("192.0.2.1:8000"));
    assert_true(peer_key_from_text("2001:db8:1:2::1") ==
                peer_key_from_text("[2001:db8:1:2:ffff::9]:80"));
    assert_true(peer_key_from_text("2001:db8:1:2::1") != peer_key_from_text("2001:db8:1:3::1"));
    assert_true(peer_key_from_text("::1") != 0);
    static const char *const NONE[] = {
        "",
        "unknown",
        "_hidden",
        "192.0.2",
        "1.2.3.4.5",
        "[::1",
        "300.1.1.1",
        "::g",
        "192.0.2.1, 192.0.2.2",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++) {
        if (peer_key_from_text(NONE[i]) != 0 && strcmp(NONE[i], "[::1") != 0) {
            fail_msg("%s", NONE[i]);
        }
    }
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    assert_true(peer_key((const struct sockaddr *)&local) == 0);
}

static struct sockaddr_in ip4(const char *text) {
    struct sockaddr_in in = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
    return in;
}

static void test_peer_nets__a_proxy_tells_who_is_behind_it(void **state) {
    (void)state;
    static const char *const ITEMS[] = {"10.0.0.0/8", "192.0.2.1", "fd00::/8"};
    struct peer_nets nets;
    const char *bad = NULL;
    assert_int_equal(peer_nets_parse(&nets, ITEMS, 3, &bad), 0);
    struct sockaddr_in proxy = ip4("10.1.2.3"), stranger = ip4("11.1.2.3"), edge = ip4("192.0.2.2");
    const struct sockaddr *at_proxy = (const struct sockaddr *)&proxy;
    assert_true(peer_nets_contain(&nets, at_proxy));
    assert_false(peer_nets_contain(&nets, (const struct sockaddr *)&stranger));
    assert_false(peer_nets_contain(&nets, (const struct sockaddr *)&edge));
    uint64_t client = peer_key_from_text("198.51.100.7");
    assert_true(peer_key_behind(&nets, at_proxy, "198.51.100.7") == client);
    assert_true(peer_key_behind(&nets, at_proxy, "203.0.113.9, 198.51.100.7") == client);
    assert_true(peer_key_behind(&nets, at_proxy, "203.0.113.9,\t198.51.100.7 ") == client);
    /* What says nothing, and what a stranger says, counts as the peer itself. */
    assert_true(peer_key_behind(&nets, at_proxy, "unknown") == peer_key(at_proxy));
    assert_true(peer_key_behind(&nets, at_proxy, NULL) == peer_key(at_proxy));
    assert_true(peer_key_behind(&nets, (const struct sockaddr *)&stranger, "198.51.100.7") ==
                peer_key((const struct sockaddr *)&stranger));
}

static void test_peer_nets__what_is_no_network_is_named(void **state) {
    (void)state;
    static const char *const BAD[] = {
        "",           "haproxy",     "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x",
        "fd00::/129", "10.0.0.0/-1", "/8"};
    struct peer_nets nets;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        const char *bad = NULL;
        assert_int_equal(peer_nets_parse(&nets, &BAD[i], 1, &bad), -1);
        assert_ptr_equal(bad, BAD[i]);
    }
    static const char *const ALL[] = {"0.0.0.0/0", "::/0"};
    const char *bad = NULL;
    assert_int_equal(peer_nets_parse(&nets, ALL, 2, &bad), 0);
    struct sockaddr_in any = ip4("203.0.113.9");
    assert_true(peer_nets_contain(&nets, (const struct sockaddr *)&any));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_limit__a_burst_then_so_many_a_second),
        cmocka_unit_test(test_rate_limit__who_rests_gets_no_more_than_a_burst),
        cmocka_unit_test(test_rate_limit__zero_is_no_limit_and_nobody_is_not_counted),
        cmocka_unit_test(test_rate_limit__a_clock_that_steps_back_is_survived),
        cmocka_unit_test(test_rate_limit__a_flood_of_keys_does_not_free_who_is_at_the_limit),
        cmocka_unit_test(test_peer_key__ipv4_whole_ipv6_by_its_house),
        cmocka_unit_test(test_peer_nets__a_proxy_tells_who_is_behind_it),
        cmocka_unit_test(test_peer_nets__what_is_no_network_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
