/* Who may do what: architecture section 6, JSON-RPC reference 8.1. */
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

#include "common/access/auth.h"

static const struct auth_policy CLOSED = {.is_open = false};
static const struct auth_policy OPEN = {.is_open = true};

/* The usual local request: curl on the same machine. */
static const struct auth_request LOCAL = {.peer = "127.0.0.1", .host = "localhost:8000"};

static enum auth_role role(const struct auth_policy *policy, struct auth_request request) {
    return auth_role(policy, &request);
}

static struct auth_request with_host(const char *host) {
    struct auth_request request = LOCAL;
    request.host = host;
    return request;
}

static struct auth_request with_peer(const char *peer) {
    struct auth_request request = LOCAL;
    request.peer = peer;
    return request;
}

static struct auth_request with_origin(const char *origin) {
    struct auth_request request = LOCAL;
    request.origin = origin;
    return request;
}

static void test_auth__a_local_client_conducts(void **state) {
    (void)state;
    assert_int_equal(role(&CLOSED, LOCAL), AUTH_CONDUCT);
    assert_int_equal(role(&CLOSED, with_peer("127.8.9.10")), AUTH_CONDUCT);
    assert_int_equal(role(&CLOSED, with_peer("::1")), AUTH_CONDUCT);
    assert_int_equal(role(&CLOSED, with_peer("::ffff:127.0.0.1")), AUTH_CONDUCT);
}

static void test_auth__a_client_on_another_address_plays(void **state) {
    (void)state;
    static const char *const PEERS[] = {"192.168.1.5", "10.0.0.1",    "::ffff:192.168.1.5",
                                        "fe80::1",     "2001:db8::1", "",
                                        "localhost",   "0.0.0.0",     "128.0.0.1"};
    for (size_t i = 0; i < sizeof PEERS / sizeof PEERS[0]; i++) {
        assert_int_equal(role(&CLOSED, with_peer(PEERS[i])), AUTH_PLAY);
    }
    assert_int_equal(role(&CLOSED, with_peer(NULL)), AUTH_PLAY);
}

static void test_auth__a_request_through_a_proxy_plays(void **state) {
    (void)state;
    struct auth_request request = LOCAL;
    request.is_forwarded = true;
    assert_int_equal(role(&CLOSED, request), AUTH_PLAY);
    assert_int_equal(role(&OPEN, request), AUTH_CONDUCT);
}

static void test_auth__hosts_that_name_loopback(void **state) {
    (void)state;
    static const char *const HOSTS[] = {"localhost",  "LocalHost:8000", "localhost.",
                                        "127.0.0.1",  "127.0.0.1:80",   "[::1]",
                                        "[::1]:8000", "127.1.2.3:1"};
    for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++) {
        assert_int_equal(role(&CLOSED, with_host(HOSTS[i])), AUTH_CONDUCT);
    }
}

static void test_auth__a_rebound_or_odd_host_plays(void **state) {
    (void)state;
    static const char *const HOSTS[] = {"evil.example",
                                        "evil.example:8000",
                                        "localhost.evil.example",
                                        "127.0.0.1.evil.example",
                                        "",
                                        ":8000",
                                        "[::1",
                                        "[::1]x",
                                        "::1",
                                        "localhost:99999999",
                                        "localhost:8a",
                                        "user@localhost",
                                        "localhost, evil",
                                        "0.0.0.0",
                                        "127.1",
                                        "2130706433",
                                        "localhost/",
                                        "localhost localhost",
                                        "0x7f.0.0.1"};
    for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++) {
        assert_int_equal(role(&CLOSED, with_host(HOSTS[i])), AUTH_PLAY);
    }
    assert_int_equal(role(&CLOSED, with_host(NULL)), AUTH_PLAY);
}

static void test_auth__the_public_host_counts_as_this_machine(void **state) {
    (void)state;
    struct auth_policy policy = {.public_host = "score.example:8000"};
    assert_int_equal(role(&policy, with_host("Score.Example")), AUTH_CONDUCT);
    assert_int_equal(role(&policy, with_host("score.example:7100")), AUTH_CONDUCT);
    assert_int_equal(role(&policy, with_host("other.example")), AUTH_PLAY);
    struct auth_request remote = with_host("score.example");
    remote.peer = "192.168.1.5";
    assert_int_equal(role(&policy, remote), AUTH_PLAY);
}

static void test_auth__open_lifts_the_loopback_rule(void **state) {
    (void)state;
    struct auth_request remote = {.peer = "192.168.1.5", .host = "192.168.1.2:8000"};
    assert_int_equal(role(&CLOSED, remote), AUTH_PLAY);
    assert_int_equal(role(&OPEN, remote), AUTH_CONDUCT);
}

static void test_auth__a_page_of_the_same_host_conducts(void **state) {
    (void)state;
    assert_int_equal(role(&CLOSED, with_origin("http://localhost:8000")), AUTH_CONDUCT);
    assert_int_equal(role(&CLOSED, with_origin("http://localhost:7100")), AUTH_CONDUCT);
    assert_int_equal(role(&CLOSED, with_origin("https://LOCALHOST/")), AUTH_CONDUCT);
    struct auth_request six = {.peer = "::1", .host = "[::1]:7100", .origin = "http://[::1]:8000"};
    assert_int_equal(role(&CLOSED, six), AUTH_CONDUCT);
}

static void test_auth__a_foreign_page_plays_even_when_open(void **state) {
    (void)state;
    static const char *const ORIGINS[] = {"http://evil.example",
                                          "https://localhost.evil.example",
                                          "null",
                                          "",
                                          "localhost",
                                          "http://",
                                          "://localhost",
                                          "http://evil.example/localhost",
                                          "file://",
                                          "http://localhost@evil.example",
                                          "http://evil.example:80:80",
                                          "http://127.0.0.1:8000"};
    for (size_t i = 0; i < sizeof ORIGINS / sizeof ORIGINS[0]; i++) {
        struct auth_request request = with_origin(ORIGINS[i]);
        assert_int_equal(role(&CLOSED, request), AUTH_PLAY);
        assert_int_equal(role(&OPEN, request), AUTH_PLAY);
        assert_false(auth_origin_is_good(&CLOSED, &request));
    }
}

static void test_auth__an_origin_without_a_host_plays(void **state) {
    (void)state;
    struct auth_request request = with_origin("http://localhost");
    request.host = NULL;
    assert_int_equal(role(&OPEN, request), AUTH_PLAY);
}

static void test_auth__listed_origins_conduct(void **state) {
    (void)state;
    static const char *const LIST[] = {"https://A.example:8443/", "b.example"};
    struct auth_policy policy = {.allow_origins = LIST, .n_allow_origins = 2};
    assert_int_equal(role(&policy, with_origin("https://a.example:8443")), AUTH_CONDUCT);
    assert_int_equal(role(&policy, with_origin("https://a.example")), AUTH_PLAY);
    assert_int_equal(role(&policy, with_origin("http://a.example:8443")), AUTH_PLAY);
    assert_int_equal(role(&policy, with_origin("http://b.example")), AUTH_CONDUCT);
    assert_int_equal(role(&policy, with_origin("https://b.example:1")), AUTH_CONDUCT);
    assert_int_equal(role(&policy, with_origin("https://c.b.example")), AUTH_PLAY);
    assert_int_equal(role(&policy, with_origin("null")), AUTH_PLAY);
    struct auth_request remote = with_origin("http://b.example");
    remote.peer = "192.168.1.5"; /* the list opens the origin rule, not the loopback rule */
    assert_int_equal(role(&policy, remote), AUTH_PLAY);
}

static void test_auth__a_star_takes_in_every_origin(void **state) {
    (void)state;
    static const char *const LIST[] = {"*"};
    struct auth_policy policy = {.allow_origins = LIST, .n_allow_origins = 1};
    assert_int_equal(role(&policy, with_origin("http://evil.example")), AUTH_CONDUCT);
    assert_int_equal(role(&policy, with_origin("null")), AUTH_CONDUCT);
}

static void test_auth__native_clients_may_upgrade(void **state) {
    (void)state;
    struct auth_request remote = {.peer = "192.168.1.5", .host = "x"};
    assert_true(auth_origin_is_good(&CLOSED, &remote));
}

static void test_auth__long_names_are_refused_not_cut(void **state) {
    (void)state;
    char host[600], origin[700] = "http://";
    memset(host, 'a', sizeof host);
    host[599] = '\0';
    strcat(origin, host);
    struct auth_request request = {.peer = "127.0.0.1", .host = host, .origin = origin};
    assert_int_equal(role(&OPEN, request), AUTH_PLAY);
}

static void test_auth__addresses_are_printed_in_numbers(void **state) {
    (void)state;
    char text[64];
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    auth_peer_print((const struct sockaddr *)&four, text, sizeof text);
    assert_string_equal(text, "127.0.0.1");
    auth_peer_print((const struct sockaddr *)&six, text, sizeof text);
    assert_string_equal(text, "::1");
    auth_peer_print((const struct sockaddr *)&local, text, sizeof text);
    assert_string_equal(text, "");
    auth_peer_print(NULL, text, sizeof text);
    assert_string_equal(text, "");
}

static void test_auth__role_names(void **state) {
    (void)state;
    assert_string_equal(auth_role_name(AUTH_VIEW), "view");
    assert_string_equal(auth_role_name(AUTH_PLAY), "play");
    assert_string_equal(auth_role_name(AUTH_CONDUCT), "conduct");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auth__a_local_client_conducts),
        cmocka_unit_test(test_auth__a_client_on_another_address_plays),
        cmocka_unit_test(test_auth__a_request_through_a_proxy_plays),
        cmocka_unit_test(test_auth__hosts_that_name_loopback),
        cmocka_unit_test(test_auth__a_rebound_or_odd_host_plays),
        cmocka_unit_test(test_auth__the_public_host_counts_as_this_machine),
        cmocka_unit_test(test_auth__open_lifts_the_loopback_rule),
        cmocka_unit_test(test_auth__a_page_of_the_same_host_conducts),
        cmocka_unit_test(test_auth__a_foreign_page_plays_even_when_open),
        cmocka_unit_test(test_auth__an_origin_without_a_host_plays),
        cmocka_unit_test(test_auth__listed_origins_conduct),
        cmocka_unit_test(test_auth__a_star_takes_in_every_origin),
        cmocka_unit_test(test_auth__native_clients_may_upgrade),
        cmocka_unit_test(test_auth__long_names_are_refused_not_cut),
        cmocka_unit_test(test_auth__addresses_are_printed_in_numbers),
        cmocka_unit_test(test_auth__role_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
