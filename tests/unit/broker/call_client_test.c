/* Deadlines and repetition of calls, without sockets, with time given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/broker/call_client.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/calls.h"

#define MS 1000

struct world {
    struct call_client *client;
    unsigned n_sent, n_done;
    int send_code, code;
    uint64_t last_counter, done_version;
};

static int on_send(void *ctx, struct msg_bytes request) {
    struct world *world = ctx;
    struct msg_request decoded;
    if (world->send_code == 0) {
        world->n_sent++;
        assert_int_equal(call_request_decode(request.data, request.size, &decoded, NULL), 0);
        world->last_counter = decoded.counter;
    }
    return world->send_code;
}

static void on_done(void *ctx, int code, const struct msg_reply *reply,
                    const struct msg_bytes *rest, size_t n_rest) {
    struct world *world = ctx;
    (void)rest;
    (void)n_rest;
    world->n_done++;
    world->code = code;
    world->done_version = reply != NULL ? reply->version : 0;
}

static int begin(void **state) {
    struct world *world = calloc(1, sizeof *world);
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_ERROR, false, 2});
    world->client =
        call_client_create(&(struct call_client_options){.send = on_send, .ctx = world});
    *state = world;
    return world->client == NULL;
}

static int end(void **state) {
    call_client_destroy(((struct world *)*state)->client);
    free(*state);
    return 0;
}

static void start(struct world *world, uint64_t counter, int64_t deadline_us) {
    struct msg_request request = {
        .gateway_id = 9, .counter = counter, .kind = REQUEST_LOG, .role = CALL_ROLE_CONDUCT};
    struct call_client_request call = {.gateway_id = 9,
                                       .counter = counter,
                                       .deadline_us = deadline_us,
                                       .done = on_done,
                                       .ctx = world};
    assert_int_equal(call_request_encode(&request, &call.bytes, NULL), 0);
    call_client_start(world->client, &call, 0);
}

static void answer(struct world *world, uint64_t gateway_id, uint64_t counter) {
    struct msg_reply reply = {
        .gateway_id = gateway_id, .counter = counter, .code = "ok", .version = 77};
    struct msg_buf buf;
    assert_int_equal(call_reply_encode(&reply, &buf), 0);
    call_client_handle(world->client, &(struct msg_bytes){buf.data, buf.size}, 1);
    free(buf.data);
}

static void test_call_client__an_answer_ends_its_call(void **state) {
    struct world *world = *state;
    start(world, 1, 5000 * MS);
    start(world, 2, 5000 * MS);
    assert_int_equal(world->n_sent, 2);
    answer(world, 9, 2);
    assert_int_equal(world->n_done, 1);
    assert_int_equal(world->code, 0);
    assert_int_equal(world->done_version, 77);
    answer(world, 9, 2); /* the answer to a repetition: nobody waits */
    answer(world, 8, 1); /* of another gateway */
    assert_int_equal(world->n_done, 1);
    assert_int_equal(call_client_pending(world->client), 1);
}

static void test_call_client__silence_repeats_then_ends(void **state) {
    struct world *world = *state;
    start(world, 1, 5000 * MS);
    for (int64_t now_ms = 0; now_ms < 5000; now_ms += 10) {
        call_client_tick(world->client, now_ms * MS);
    }
    assert_in_range(world->n_sent, 3, 5); /* about 0, 0.5, 1.5, 3.5 s */
    assert_int_equal(world->n_done, 0);
    call_client_tick(world->client, 5000 * MS);
    assert_int_equal(world->n_done, 1);
    assert_int_equal(world->code, LG_EBUSY);
    assert_int_equal(call_client_pending(world->client), 0);
    assert_int_equal(call_client_tick(world->client, 6000 * MS), INT64_MAX);
}

static void test_call_client__a_refusing_socket_is_tried_again_soon(void **state) {
    struct world *world = *state;
    world->send_code = LG_EBUSY;
    start(world, 1, 5000 * MS);
    assert_int_equal(world->n_sent, 0);
    world->send_code = 0;
    assert_in_range(call_client_tick(world->client, 0), 1, 50 * MS);
    call_client_tick(world->client, 50 * MS);
    assert_int_equal(world->n_sent, 1);
}

static void test_call_client__another_renderer_gets_everything_again(void **state) {
    struct world *world = *state;
    start(world, 1, 5000 * MS);
    start(world, 2, 5000 * MS);
    call_client_resend_all(world->client, 10 * MS);
    call_client_tick(world->client, 10 * MS);
    assert_int_equal(world->n_sent, 4);
}

static void start_before_contact(struct world *world, int64_t contact_us) {
    struct msg_request request = {
        .gateway_id = 9, .counter = 1, .kind = REQUEST_LOG, .role = CALL_ROLE_CONDUCT};
    struct call_client_request call = {.gateway_id = 9,
                                       .counter = 1,
                                       .deadline_us = 5000 * MS,
                                       .contact_us = contact_us,
                                       .done = on_done,
                                       .ctx = world};
    assert_int_equal(call_request_encode(&request, &call.bytes, NULL), 0);
    call_client_start(world->client, &call, 0);
}

static void test_call_client__without_a_renderer_a_call_ends_sooner(void **state) {
    struct world *world = *state;
    start_before_contact(world, 1000 * MS);
    call_client_tick(world->client, 999 * MS);
    assert_int_equal(world->n_done, 0);
    call_client_tick(world->client, 1000 * MS);
    assert_int_equal(world->n_done, 1);
    assert_int_equal(world->code, LG_EBUSY);
}

static void test_call_client__with_the_first_renderer_it_has_all_its_time(void **state) {
    struct world *world = *state;
    start_before_contact(world, 1000 * MS);
    call_client_resend_all(world->client, 900 * MS);
    call_client_tick(world->client, 4999 * MS);
    assert_int_equal(world->n_done, 0);
    call_client_tick(world->client, 5000 * MS);
    assert_int_equal(world->n_done, 1);
}

static void test_call_client__the_table_is_bounded_and_used_again(void **state) {
    struct world *world = *state;
    for (uint64_t i = 1; i <= LIMIT_CALLS_UNDER_WAY; i++) {
        start(world, i, 5000 * MS);
    }
    assert_int_equal(world->n_done, 0);
    start(world, 100000, 5000 * MS);
    assert_int_equal(world->n_done, 1);
    assert_int_equal(world->code, LG_EBUSY);
    for (uint64_t i = 1; i <= LIMIT_CALLS_UNDER_WAY; i += 2) {
        answer(world, 9, i);
    }
    assert_int_equal(call_client_pending(world->client), LIMIT_CALLS_UNDER_WAY / 2);
    for (uint64_t i = 0; i < LIMIT_CALLS_UNDER_WAY / 2; i++) {
        start(world, 200000 + i, 5000 * MS);
    }
    assert_int_equal(world->n_done, 1 + LIMIT_CALLS_UNDER_WAY / 2);
}

static void test_call_client__malformed_replies_do_no_harm(void **state) {
    struct world *world = *state;
    start(world, 1, 5000 * MS);
    call_client_handle(world->client, NULL, 0);
    call_client_handle(world->client, &(struct msg_bytes){"\xc1", 1}, 1);
    assert_int_equal(world->n_done, 0);
    /* ids readable, the rest of another protocol */
    call_client_handle(world->client, &(struct msg_bytes){"\x93\x02\x11\x82\x01\x09\x02\x01", 8},
                       1);
    assert_int_equal(world->n_done, 1);
    assert_int_equal(world->code, LG_EINTERNAL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_call_client__an_answer_ends_its_call),
        CASE(test_call_client__silence_repeats_then_ends),
        CASE(test_call_client__a_refusing_socket_is_tried_again_soon),
        CASE(test_call_client__another_renderer_gets_everything_again),
        CASE(test_call_client__without_a_renderer_a_call_ends_sooner),
        CASE(test_call_client__with_the_first_renderer_it_has_all_its_time),
        CASE(test_call_client__the_table_is_bounded_and_used_again),
        CASE(test_call_client__malformed_replies_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
