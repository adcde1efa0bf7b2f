/* Sessions, transactions, pings and stores of the library, without any socket. */
#include "tests/unit/jsonrpc/fixture.h"

static bool was_new[8];
static size_t n_news;

static void echo(struct jsonrpc_transaction *transaction, json_t *params) {
    struct jsonrpc_session *session = jsonrpc_transaction_session(transaction);
    was_new[n_news++ % 8] = session != NULL && jsonrpc_session_is_new(session);
    assert_int_equal(jsonrpc_respond(transaction, json_incref(params)), 0);
}

static void twice(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)params;
    assert_int_equal(jsonrpc_respond(transaction, json_string("one")), 0);
    assert_int_equal(jsonrpc_respond(transaction, json_string("two")), LG_EOLD);
}

static void nothing(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)transaction;
    (void)params;
}

static const struct jsonrpc_method METHODS[] = {
    {.name = "echo", .handle = echo},
    {.name = "twice", .handle = twice},
    {.name = "nothing", .handle = nothing, .has_no_params = true},
    {.name = "async", .handle = fixture_async},
    {.name = "once", .handle = fixture_async, .is_once = true},
    {.name = "conduct", .handle = echo, .role = 3},
};

static struct jsonrpc_options options_of_tests(void) {
    struct jsonrpc_options options = jsonrpc_options_default();
    options.events = FIXTURE_EVENTS;
    return options;
}

static void open_server(struct jsonrpc_options *options) {
    n_news = 0;
    fixture_open(options, METHODS, sizeof METHODS / sizeof METHODS[0]);
}

static void open_usual(void) {
    struct jsonrpc_options options = options_of_tests();
    open_server(&options);
}

#define CALL(id, method) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"" method "\"}"

static const char *session_id(size_t link_i) {
    return jsonrpc_session_id(jsonrpc_transport_session(fixture.links[link_i].transport));
}

static const char *take_up(size_t link_i, int id, const char *session) {
    char text[160];
    snprintf(
        text, sizeof text,
        "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"connect\",\"params\":{\"sessionId\":\"%s\"}}",
        id, session);
    return fixture_say(link_i, text);
}

static char kept_id[64];

/* A session on connection 0, which is lost then. */
static void lose_session(void) {
    fixture_say(0, CALL(1, "connect"));
    strcpy(kept_id, session_id(0));
    fixture_gone(0);
}

static void test_session__events_come_in_their_order(void **state) {
    (void)state;
    open_usual();
    fixture_link(0);
    assert_string_equal(fixture.events, "");
    fixture_say(0, CALL(1, "ping"));
    assert_string_equal(fixture.events, "");
    fixture_say(0, CALL(2, "connect"));
    strcpy(kept_id, session_id(0));
    jsonrpc_transport_error(fixture.links[0].transport, "error");
    fixture_gone(0);
    take_up(1, 3, kept_id);
    fixture_gone(1);
    fixture_pass_ms(9999);
    assert_string_equal(fixture.events, "established connected error lost reconnected lost");
    fixture_pass_ms(2);
    assert_string_equal(fixture.events, "established connected error lost reconnected lost "
                                        "closed(connection lost)");
    assert_non_null(strstr(take_up(2, 4, kept_id), "40007"));
    fixture_close();
}

static void test_session__only_the_first_message_is_new(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "ping"));
    fixture_say(0, CALL(1, "echo"));
    fixture_say(0, CALL(2, "echo"));
    fixture_say(1, CALL(1, "connect"));
    fixture_say(1, CALL(2, "echo"));
    assert_true(was_new[0]);
    assert_false(was_new[1]);
    assert_false(was_new[2]);
    fixture_close();
}

static void test_session__the_reconnection_timeout_can_be_set(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "connect"));
    jsonrpc_session_set_reconnection_us(jsonrpc_transport_session(fixture.links[0].transport),
                                        60000000);
    fixture_gone(0);
    fixture_pass_ms(59999);
    assert_int_equal(jsonrpc_server_n_sessions(fixture.server), 1);
    fixture_pass_ms(1);
    assert_int_equal(jsonrpc_server_n_sessions(fixture.server), 0);
    fixture_close();
}

static void test_session__attributes_live_as_long_as_it(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "connect"));
    struct jsonrpc_session *session = jsonrpc_transport_session(fixture.links[0].transport);
    json_object_set_new(jsonrpc_session_attributes(session), "seat", json_integer(4));
    strcpy(kept_id, session_id(0));
    fixture_gone(0);
    take_up(1, 2, kept_id);
    session = jsonrpc_transport_session(fixture.links[1].transport);
    assert_int_equal(
        json_integer_value(json_object_get(jsonrpc_session_attributes(session), "seat")), 4);
    fixture_close();
}

static void test_session__closing_it_closes_the_socket(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "connect"));
    jsonrpc_session_close(jsonrpc_transport_session(fixture.links[0].transport), "over");
    assert_int_equal(fixture.links[0].close_code, 1000);
    assert_string_equal(fixture.events, "established connected closed(over)");
    assert_string_equal(fixture_say(0, CALL(2, "echo")), "");
    fixture_close();
}

static void test_transaction__a_second_answer_is_refused(void **state) {
    (void)state;
    open_usual();
    assert_string_equal(fixture_say(0, CALL(1, "twice")),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"one\"}");
    assert_non_null(strstr(fixture.events, "fault(twice: answered twice)"));
    fixture_close();
}

static void test_transaction__no_answer_is_an_empty_one(void **state) {
    char expected[128];
    (void)state;
    open_usual();
    const char *sent = fixture_say(0, CALL(1, "nothing"));
    snprintf(expected, sizeof expected,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"sessionId\":\"%s\"}}", session_id(0));
    assert_string_equal(sent, expected);
    fixture_close();
}

static void test_transaction__async_answers_come_in_any_order(void **state) {
    (void)state;
    open_usual();
    assert_string_equal(fixture_say(0, CALL(1, "async")), "");
    assert_string_equal(fixture_say(0, CALL(2, "async")), "");
    assert_int_equal(jsonrpc_transport_in_flight(fixture.links[0].transport), 2);
    (void)jsonrpc_respond(fixture.async[1], json_integer(2));
    (void)jsonrpc_respond(fixture.async[0], json_integer(1));
    assert_string_equal(fixture_sent(0), "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":2}\n"
                                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}");
    assert_int_equal(jsonrpc_transport_in_flight(fixture.links[0].transport), 0);
    assert_int_equal(jsonrpc_respond(fixture.async[0], NULL), LG_EOLD);
    fixture_close();
}

static void test_transaction__an_async_answer_has_a_limit(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "async"));
    fixture_pass_ms(299999);
    assert_string_equal(fixture_sent(0), "");
    fixture_pass_ms(1);
    assert_string_equal(fixture_sent(0), "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,"
                                         "\"message\":\"not answered in time\"}}");
    assert_int_equal(jsonrpc_respond(fixture.async[0], NULL), LG_EOLD);
    fixture_close();
}

static void test_transaction__an_answer_follows_its_session(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "connect"));
    fixture_say(0, CALL(2, "async"));
    strcpy(kept_id, session_id(0));
    fixture_gone(0);
    take_up(1, 3, kept_id);
    (void)jsonrpc_respond(fixture.async[0], json_integer(9));
    assert_string_equal(fixture_sent(1), "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":9}");
    fixture_close();
}

static void test_transaction__only_so_many_are_under_way(void **state) {
    struct jsonrpc_options options = options_of_tests();
    (void)state;
    options.max_in_flight = 2;
    open_server(&options);
    fixture_say(0, CALL(1, "async"));
    fixture_say(0, CALL(2, "async"));
    assert_non_null(strstr(fixture_say(0, CALL(3, "echo")), "40029"));
    (void)jsonrpc_respond(fixture.async[0], NULL);
    fixture_sent(0);
    assert_null(strstr(fixture_say(0, CALL(4, "echo")), "error"));
    fixture_close();
}

static void test_transaction__the_role_is_checked(void **state) {
    (void)state;
    open_usual();
    assert_string_equal(fixture_say(0, CALL(1, "conduct")),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":40003,\"message\":"
                        "\"forbidden\",\"data\":{\"role\":2,\"needed\":3}}}");
    jsonrpc_transport_set_role(fixture.links[0].transport, 3);
    assert_null(strstr(fixture_say(0, CALL(2, "conduct")), "error"));
    fixture_close();
}

static void test_kept__answers_before_notifications(void **state) {
    struct jsonrpc_options options = options_of_tests();
    (void)state;
    options.queue_texts = 2;
    open_server(&options);
    fixture_say(0, CALL(1, "connect"));
    fixture_say(0, CALL(2, "async"));
    struct jsonrpc_session *session = jsonrpc_transport_session(fixture.links[0].transport);
    assert_int_equal(jsonrpc_session_notify(session, "now", NULL), 0);
    assert_string_equal(fixture_sent(0), "{\"jsonrpc\":\"2.0\",\"method\":\"now\"}");
    strcpy(kept_id, session_id(0));
    fixture_gone(0);
    assert_int_equal(jsonrpc_session_notify(session, "one", NULL), 1);
    assert_int_equal(jsonrpc_session_notify(session, "two", NULL), 1);
    (void)jsonrpc_respond(fixture.async[0], json_integer(9));
    const char *sent = strchr(take_up(1, 3, kept_id), '\n');
    assert_non_null(sent);
    assert_string_equal(sent, "\n{\"jsonrpc\":\"2.0\",\"method\":\"overflow\",\"params\":"
                              "{\"answers\":0,\"notifications\":1}}\n"
                              "{\"jsonrpc\":\"2.0\",\"method\":\"two\"}\n"
                              "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":9}");
    fixture_close();
}

static void test_kept__what_is_too_large_becomes_an_error(void **state) {
    struct jsonrpc_options options = options_of_tests();
    char large[600];
    (void)state;
    options.queue_bytes = 300;
    open_server(&options);
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    fixture_say(0, CALL(1, "connect"));
    fixture_say(0, CALL(2, "async"));
    strcpy(kept_id, session_id(0));
    fixture_gone(0);
    (void)jsonrpc_respond(fixture.async[0], json_string(large));
    assert_non_null(strstr(take_up(1, 3, kept_id), "\"id\":2,\"error\":{\"code\":40013"));
    fixture_close();
}

static void test_watchdog__three_intervals_without_a_ping(void **state) {
    (void)state;
    open_usual();
    fixture_say(0,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"interval\":100}}");
    fixture_pass_ms(299);
    assert_int_equal(fixture.links[0].close_code, 0);
    fixture_say(0, CALL(2, "ping"));
    fixture_say(0, CALL(3, "echo")); /* other traffic does not count */
    fixture_pass_ms(299);
    assert_int_equal(fixture.links[0].close_code, 0);
    fixture_pass_ms(1);
    assert_int_equal(fixture.links[0].close_code, 1000);
    assert_string_equal(fixture.links[0].close_reason, "Close for not receive ping from client");
    fixture_close();
}

static void test_watchdog__intervals_are_clamped(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"params\":{\"interval\":1}}");
    fixture_say(1, "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"params\":{\"interval\":99999999}}");
    fixture_say(2, "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}"); /* 20 s when none is told */
    fixture_pass_ms(149);
    assert_int_equal(fixture.links[0].close_code, 0);
    fixture_pass_ms(1);
    assert_int_equal(fixture.links[0].close_code, 1000);
    fixture_pass_ms(60000);
    assert_int_equal(fixture.links[2].close_code, 1000);
    assert_int_equal(fixture.links[1].close_code, 0);
    fixture_pass_ms(3 * 600000);
    assert_int_equal(fixture.links[1].close_code, 1000);
    fixture_close();
}

static char answered[128];

static void on_answer(void *ctx, struct jsonrpc_session *session, int code, const char *message,
                      const json_t *result) {
    char *text = result != NULL ? json_dumps(result, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    size_t len = strlen(answered);
    (void)session;
    snprintf(answered + len, sizeof answered - len, "%s=%d:%s;", (const char *)ctx, code,
             text != NULL ? text : message);
    free(text);
}

static void answer(size_t link_i, unsigned id, const char *rest) {
    char text[128];
    snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%u,%s}", id, rest);
    fixture_say(link_i, text);
}

static unsigned asked_id(size_t link_i) {
    const char *at = strstr(fixture_sent(link_i), "\"id\":");
    assert_non_null(at);
    return (unsigned)strtoul(at + 5, NULL, 10);
}

static void test_asked__answers_count_over_a_new_connection(void **state) {
    (void)state;
    answered[0] = '\0';
    open_usual();
    fixture_say(0, CALL(1, "connect"));
    struct jsonrpc_session *session = jsonrpc_transport_session(fixture.links[0].transport);
    assert_int_equal(
        jsonrpc_session_request(session, "name", NULL, 0, on_answer, (void *)(uintptr_t) "a"), 0);
    unsigned first = asked_id(0);
    assert_int_equal(
        jsonrpc_session_request(session, "name", NULL, 0, on_answer, (void *)(uintptr_t) "b"), 0);
    unsigned second = asked_id(0);
    assert_int_equal(second, first + 1);
    answer(0, first, "\"result\":\"Ann\"");
    answer(0, first, "\"result\":\"Ann\""); /* nobody waits any more */
    strcpy(kept_id, session_id(0));
    fixture_gone(0);
    assert_int_equal(jsonrpc_session_request(session, "name", NULL, 0, on_answer, NULL), LG_EBUSY);
    take_up(1, 2, kept_id);
    answer(1, second, "\"error\":{\"code\":7,\"message\":\"no\"}");
    assert_string_equal(answered, "a=0:\"Ann\";b=7:no;");
    assert_int_equal(jsonrpc_server_counts(fixture.server)->responses_unknown, 1);
    fixture_close();
}

static void test_asked__a_client_has_ten_seconds(void **state) {
    (void)state;
    answered[0] = '\0';
    open_usual();
    fixture_say(0, CALL(1, "connect"));
    struct jsonrpc_session *session = jsonrpc_transport_session(fixture.links[0].transport);
    (void)jsonrpc_session_request(session, "a", NULL, 0, on_answer, (void *)(uintptr_t) "a");
    fixture_pass_ms(9999);
    assert_string_equal(answered, "");
    fixture_pass_ms(1);
    assert_string_equal(answered, "a=-7:no answer in time;");
    (void)jsonrpc_session_request(session, "b", NULL, 0, on_answer, (void *)(uintptr_t) "b");
    jsonrpc_session_close(session, "over");
    assert_string_equal(answered, "a=-7:no answer in time;b=-7:the session has ended;");
    fixture_close();
}

static void test_repeats__are_answered_from_memory_for_five_seconds(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "once"));
    fixture_say(0, CALL(1, "once")); /* still under way */
    assert_int_equal(fixture.n_async, 1);
    (void)jsonrpc_respond(fixture.async[0], json_integer(5));
    assert_string_equal(fixture_sent(0), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":5}");
    assert_string_equal(fixture_say(0, CALL(1, "once")),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":5}");
    assert_string_equal(fixture_say(0, CALL(2, "once")), ""); /* another request */
    fixture_pass_ms(5001);
    assert_string_equal(fixture_say(0, CALL(1, "once")), "");
    assert_int_equal(fixture.n_async, 3);
    fixture_close();
}

static struct jsonrpc_key key_of(size_t async_i) {
    return jsonrpc_transaction_key(fixture.async[async_i]);
}

static void test_repeats__are_tried_anew_when_nothing_was_known(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "once"));
    jsonrpc_transaction_leave_open(fixture.async[0]);
    (void)jsonrpc_respond_error(fixture.async[0], 50003, "busy", NULL);
    fixture_sent(0);
    fixture_pass_ms(20000); /* who is told `busy` waits */
    assert_string_equal(fixture_say(0, CALL(1, "once")), "");
    assert_int_equal(fixture.n_async, 2);
    fixture_say(0, CALL(1, "once")); /* the second one is under way */
    assert_int_equal(fixture.n_async, 2);
    assert_memory_equal(&(struct jsonrpc_key[]){key_of(0)}, &(struct jsonrpc_key[]){key_of(1)},
                        sizeof(struct jsonrpc_key));
    (void)jsonrpc_respond(fixture.async[1], json_integer(5));
    assert_string_equal(fixture_sent(0), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":5}");
    assert_string_equal(fixture_say(0, CALL(1, "once")),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":5}");
    fixture_close();
}

static void test_repeats__have_a_key_each(void **state) {
    (void)state;
    open_usual();
    fixture_say(0, CALL(1, "once"));
    fixture_say(0, CALL(2, "once"));
    assert_true(key_of(0).high != 0 && key_of(0).low != 0);
    assert_true(key_of(0).high != key_of(1).high && key_of(0).low != key_of(1).low);
    fixture_close();
}

static json_t *stored;
static uint64_t asked_lookup;
static char store_events[256];

static void on_changed(void *ctx, struct jsonrpc_session *session) {
    (void)ctx;
    json_decref(stored);
    stored = jsonrpc_session_export(session);
}

static void on_removed(void *ctx, const char *id) {
    (void)ctx;
    (void)id;
    strcat(store_events, "removed ");
}

static int on_find(void *ctx, const char *id, uint64_t lookup) {
    (void)ctx;
    (void)id;
    asked_lookup = lookup;
    return 0;
}

static void on_orphan(void *ctx, const char *id, const char *text, size_t size_bytes) {
    size_t len = strlen(store_events);
    (void)ctx;
    (void)id;
    snprintf(store_events + len, sizeof store_events - len, "orphan(%.*s) ", (int)size_bytes, text);
}

static void open_with_store(void) {
    struct jsonrpc_options options = options_of_tests();
    options.store = (struct jsonrpc_store){.on_changed = on_changed,
                                           .on_removed = on_removed,
                                           .find = on_find,
                                           .on_orphan = on_orphan};
    store_events[0] = '\0';
    open_server(&options);
}

static void test_store__a_session_goes_to_another_process(void **state) {
    (void)state;
    open_with_store();
    fixture_say(0, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"connect\",\"params\":{"
                   "\"registerInfo\":{\"a\":1}}}");
    struct jsonrpc_session *session = jsonrpc_transport_session(fixture.links[0].transport);
    json_object_set_new(jsonrpc_session_attributes(session), "seat", json_integer(4));
    fixture_say(0, CALL(2, "async"));
    strcpy(kept_id, session_id(0));
    fixture_gone(0);
    (void)jsonrpc_respond(fixture.async[0], json_integer(9));
    json_t *exported = json_incref(stored);
    fixture_close();

    open_with_store(); /* another process */
    assert_string_equal(take_up(0, 3, kept_id), "");
    assert_string_equal(fixture_say(0, CALL(4, "echo")), ""); /* held */
    assert_string_equal(fixture_say(0, CALL(5, "ping")),
                        "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"value\":\"pong\"}}");
    assert_true(jsonrpc_server_found(fixture.server, asked_lookup, exported));
    const char *sent = fixture_sent(0);
    assert_non_null(strstr(sent, "\"id\":3,\"result\":{\"value\":\"reconnection successful\""));
    assert_non_null(strstr(sent, "\n{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":9}\n"));
    assert_non_null(strstr(sent, "\"id\":4,\"result\":"));
    assert_string_equal(fixture.events, "restored reconnected");
    session = jsonrpc_transport_session(fixture.links[0].transport);
    assert_int_equal(
        json_integer_value(json_object_get(jsonrpc_session_attributes(session), "seat")), 4);
    assert_non_null(json_object_get(jsonrpc_session_register_info(session), "a"));
    assert_false(jsonrpc_server_found(fixture.server, asked_lookup, exported));
    json_decref(exported);
    fixture_close();
}

static void test_store__a_request_under_way_keeps_its_key(void **state) {
    (void)state;
    open_with_store();
    fixture_say(0, CALL(1, "connect"));
    fixture_say(0, CALL(2, "once"));
    strcpy(kept_id, session_id(0));
    struct jsonrpc_key key = key_of(0);
    json_t *exported = json_incref(stored);
    fixture_gone(0);
    fixture_close();

    open_with_store(); /* another process */
    take_up(0, 3, kept_id);
    assert_true(jsonrpc_server_found(fixture.server, asked_lookup, exported));
    fixture_sent(0);
    assert_string_equal(fixture_say(0, CALL(2, "once")), ""); /* done again, under the same key */
    assert_int_equal(fixture.n_async, 1);
    assert_memory_equal(&key, &(struct jsonrpc_key[]){key_of(0)}, sizeof key);
    json_decref(exported);
    fixture_close();
}

static void test_store__nobody_knows_or_nobody_answers(void **state) {
    (void)state;
    open_with_store();
    take_up(0, 1, "AAAAAAAAAAAAAAAAAAAAAAAA");
    assert_true(jsonrpc_server_found(fixture.server, asked_lookup, NULL));
    assert_non_null(strstr(fixture_sent(0), "40007"));
    take_up(0, 2, "AAAAAAAAAAAAAAAAAAAAAAAA");
    fixture_pass_ms(2000);
    assert_non_null(strstr(fixture_sent(0), "40007"));
    assert_false(jsonrpc_server_found(fixture.server, asked_lookup, NULL));
    fixture_close();
}

static void test_store__a_released_session_leaves_orphans(void **state) {
    (void)state;
    open_with_store();
    fixture_say(0, CALL(1, "connect"));
    fixture_say(0, CALL(2, "async"));
    strcpy(kept_id, session_id(0));
    jsonrpc_server_release(fixture.server, kept_id);
    assert_int_equal(fixture.links[0].close_code, 4001);
    assert_string_equal(fixture.events, "established connected closed(taken up elsewhere)");
    (void)jsonrpc_respond(fixture.async[0], json_integer(9));
    assert_string_equal(store_events, "orphan({\"jsonrpc\":\"2.0\",\"id\":2,\"result\":9}) ");
    assert_false(jsonrpc_server_deliver(fixture.server, kept_id, "{}", 2));
    fixture_say(1, CALL(1, "connect"));
    assert_true(jsonrpc_server_deliver(fixture.server, session_id(1), "{}", 2));
    assert_string_equal(fixture_sent(1), "{}");
    fixture_close();
}

static void test_session__compatible_results_are_wrapped(void **state) {
    struct jsonrpc_options options = options_of_tests();
    char expected[160];
    (void)state;
    options.wraps_results = true;
    open_server(&options);
    const char *sent =
        fixture_say(0, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[3,4]}");
    snprintf(expected, sizeof expected,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"value\":[3,4],\"sessionId\":\"%s\"}}",
             session_id(0));
    assert_string_equal(sent, expected);
    assert_string_equal(fixture_say(0, CALL(2, "closeSession")),
                        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"bye\"}");
    fixture_close();
}

static void test_session__a_lost_one_can_be_named_by_nobody_else(void **state) {
    (void)state;
    open_usual();
    lose_session();
    char text[160];
    snprintf(text, sizeof text,
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{\"sessionId\":\"%s\"}}",
             kept_id);
    assert_non_null(strstr(fixture_say(1, text), "40007"));
    fixture_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session__events_come_in_their_order),
        cmocka_unit_test(test_session__only_the_first_message_is_new),
        cmocka_unit_test(test_session__the_reconnection_timeout_can_be_set),
        cmocka_unit_test(test_session__attributes_live_as_long_as_it),
        cmocka_unit_test(test_session__closing_it_closes_the_socket),
        cmocka_unit_test(test_session__compatible_results_are_wrapped),
        cmocka_unit_test(test_session__a_lost_one_can_be_named_by_nobody_else),
        cmocka_unit_test(test_transaction__a_second_answer_is_refused),
        cmocka_unit_test(test_transaction__no_answer_is_an_empty_one),
        cmocka_unit_test(test_transaction__async_answers_come_in_any_order),
        cmocka_unit_test(test_transaction__an_async_answer_has_a_limit),
        cmocka_unit_test(test_transaction__an_answer_follows_its_session),
        cmocka_unit_test(test_transaction__only_so_many_are_under_way),
        cmocka_unit_test(test_transaction__the_role_is_checked),
        cmocka_unit_test(test_kept__answers_before_notifications),
        cmocka_unit_test(test_kept__what_is_too_large_becomes_an_error),
        cmocka_unit_test(test_watchdog__three_intervals_without_a_ping),
        cmocka_unit_test(test_watchdog__intervals_are_clamped),
        cmocka_unit_test(test_asked__answers_count_over_a_new_connection),
        cmocka_unit_test(test_asked__a_client_has_ten_seconds),
        cmocka_unit_test(test_repeats__are_answered_from_memory_for_five_seconds),
        cmocka_unit_test(test_repeats__are_tried_anew_when_nothing_was_known),
        cmocka_unit_test(test_repeats__have_a_key_each),
        cmocka_unit_test(test_store__a_session_goes_to_another_process),
        cmocka_unit_test(test_store__a_request_under_way_keeps_its_key),
        cmocka_unit_test(test_store__nobody_knows_or_nobody_answers),
        cmocka_unit_test(test_store__a_released_session_leaves_orphans),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(stored);
    return failed;
}
