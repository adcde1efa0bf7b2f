/* Options of a client: addresses, ranges, texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/c/settings.h"

static int load(struct settings *settings, const struct lg_client_options *options, char *why) {
    memset(settings, 0, sizeof(*settings));
    return settings_load(settings, options, why, 200);
}

static void check_uri(const char *uri, const char *host, unsigned port, const char *path,
                      const char *header) {
    struct lg_client_options options;
    struct settings settings;
    char why[200];
    lg_client_options_init(&options, sizeof(options));
    options.uri = uri;
    assert_int_equal(load(&settings, &options, why), LG_CLIENT_OK);
    assert_string_equal(settings.host, host);
    assert_int_equal(settings.port, port);
    assert_string_equal(settings.path, path);
    assert_string_equal(settings.host_header, header);
    assert_int_equal(settings.is_tls, strncmp(uri, "wss", 3) == 0);
    settings_finish(&settings);
}

static void test_settings__addresses_are_taken_apart(void **state) {
    (void)state;
    check_uri("ws://score.example/rpc", "score.example", 80, "/rpc", "score.example");
    check_uri("wss://score.example", "score.example", 443, "/", "score.example");
    check_uri("wss://score.example:80/a/b?c=d", "score.example", 80, "/a/b?c=d",
              "score.example:80");
    check_uri("ws://10.0.0.7:7100?x=1", "10.0.0.7", 7100, "/?x=1", "10.0.0.7:7100");
    check_uri("ws://[::1]:7100/rpc", "::1", 7100, "/rpc", "[::1]:7100");
    check_uri("wss://[fe80::1%eth0]/", "fe80::1%eth0", 443, "/", "[fe80::1%eth0]");
}

static void test_settings__numbers_are_told_from_names(void **state) {
    static const struct {
        const char *uri;
        bool is_numeric;
    } ROWS[] = {{"ws://127.0.0.1/", true},
                {"ws://[::1]/", true},
                {"ws://localhost/", false},
                {"ws://1.2.3.4.example/", false},
                {"ws://127.1/", false}};
    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct lg_client_options options;
        struct settings settings;
        char why[200];
        lg_client_options_init(&options, sizeof(options));
        options.uri = ROWS[i].uri;
        assert_int_equal(load(&settings, &options, why), LG_CLIENT_OK);
        assert_int_equal(settings.is_host_numeric, ROWS[i].is_numeric);
        settings_finish(&settings);
    }
}

static void test_settings__wrong_addresses_are_refused_with_a_word(void **state) {
    static const char *const WRONG[] = {"",
                                        "ws",
                                        "ws:",
                                        "ws://",
                                        "WS://x/",
                                        "http://x/",
                                        "ws:///x",
                                        "ws://x:",
                                        "ws://x:0/",
                                        "ws://x:a/",
                                        "ws://x:1a/",
                                        "ws://x:65536/",
                                        "ws://[::1",
                                        "ws://[::1]x/",
                                        "ws://x y/",
                                        "ws://x/\r\n",
                                        "ws://x/#a",
                                        "ws://u@x/",
                                        "ws://[]/",
                                        "ws://x\x80/",
                                        "ws://x/\xff",
                                        "ws://x:99999999999999999999/"};
    (void)state;
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
        struct lg_client_options options;
        struct settings settings;
        char why[200] = "";
        lg_client_options_init(&options, sizeof(options));
        options.uri = WRONG[i];
        assert_int_equal(load(&settings, &options, why), LG_CLIENT_ERROR_ARGUMENT);
        assert_int_equal(strncmp(why, "uri: ", 5), 0);
        settings_finish(&settings);
    }
}

static void test_settings__hosts_longer_than_names_may_be_are_refused(void **state) {
    (void)state;
    char uri[400] = "ws://";
    memset(uri + 5, 'a', 254);
    struct lg_client_options options;
    struct settings settings;
    char why[200];
    lg_client_options_init(&options, sizeof(options));
    options.uri = uri;
    assert_int_equal(load(&settings, &options, why), LG_CLIENT_ERROR_ARGUMENT);
    settings_finish(&settings);
    uri[5 + 253] = '\0';
    assert_int_equal(load(&settings, &options, why), LG_CLIENT_OK);
    settings_finish(&settings);
}

/* A program that was compiled with an older, shorter struct. */
static void test_settings__a_shorter_struct_has_defaults_for_the_rest(void **state) {
    (void)state;
    struct lg_client_options options, whole;
    struct settings settings;
    char why[200];
    size_t old = offsetof(struct lg_client_options, heartbeat_ms);
    memset(&options, 0x5a, sizeof(options)); /* beyond old: not ours */
    lg_client_options_init(&options, old);
    options.uri = "ws://x/";
    options.request_timeout_ms = 7;
    assert_int_equal(load(&settings, &options, why), LG_CLIENT_OK);
    lg_client_options_init(&whole, sizeof(whole));
    assert_int_equal(settings.request_timeout_ms, 7);
    assert_int_equal(settings.heartbeat_ms, whole.heartbeat_ms);
    assert_int_equal(settings.reconnection_limit_ms, whole.reconnection_limit_ms);
    assert_null(settings.tls_ca_file);
    settings_finish(&settings);
    options.size_bytes = 0;
    assert_int_equal(load(&settings, &options, why), LG_CLIENT_ERROR_ARGUMENT);
    settings_finish(&settings);
}

static void test_settings__defaults_are_those_of_the_reference(void **state) {
    (void)state;
    struct lg_client_options options;
    lg_client_options_init(&options, sizeof(options));
    assert_int_equal(options.connection_timeout_ms, 5000);
    assert_int_equal(options.idle_timeout_ms, 300000);
    assert_int_equal(options.request_timeout_ms, 60000);
    assert_int_equal(options.heartbeat_ms, 5000);
    assert_int_equal(options.tls_do_not_validate, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings__addresses_are_taken_apart),
        cmocka_unit_test(test_settings__numbers_are_told_from_names),
        cmocka_unit_test(test_settings__wrong_addresses_are_refused_with_a_word),
        cmocka_unit_test(test_settings__hosts_longer_than_names_may_be_are_refused),
        cmocka_unit_test(test_settings__a_shorter_struct_has_defaults_for_the_rest),
        cmocka_unit_test(test_settings__defaults_are_those_of_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
