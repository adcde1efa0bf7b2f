/* Small parts of a client: waiting requests, outgoing messages, the resolver; and the library's
 * behaviour towards programs that call it wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "clients/c/outgoing.h"
#include "clients/c/resolver.h"
#include "clients/c/waiting.h"

static void test_waiting__ordered_by_deadline_found_by_id(void **state) {
    static const int64_t DEADLINES[] = {50, 20, INT64_MAX, 20, 70};
    static const uint64_t ORDER[] = {2, 4, 1, 5, 3};
    struct waiting waiting = {0};
    struct waiting_request requests[5] = {0};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        requests[i].id = i + 1;
        requests[i].deadline_us = DEADLINES[i];
        waiting_put(&waiting, &requests[i]);
    }
    const struct waiting_request *request = waiting.first;
    for (size_t i = 0; i < 5; i++, request = request->next) {
        assert_int_equal(request->id, ORDER[i]);
    }
    assert_null(request);
    assert_ptr_equal(waiting_find(&waiting, 3), &requests[2]);
    assert_null(waiting_find(&waiting, 3 + WAITING_BUCKETS));
    waiting_remove(&waiting, &requests[2]); /* the last */
    waiting_remove(&waiting, &requests[1]); /* the first */
    waiting_remove(&waiting, &requests[0]);
    assert_null(waiting_find(&waiting, 3));
    assert_int_equal(waiting.n, 2);
    assert_ptr_equal(waiting.first, &requests[3]);
    assert_ptr_equal(waiting.last, &requests[4]);
}

static void test_waiting__ids_of_one_bucket(void **state) {
    struct waiting waiting = {0};
    struct waiting_request requests[3] = {
        {.id = 1}, {.id = 1 + WAITING_BUCKETS}, {.id = 1 + 2 * WAITING_BUCKETS}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        waiting_put(&waiting, &requests[i]);
    }
    waiting_remove(&waiting, &requests[1]);
    assert_ptr_equal(waiting_find(&waiting, 1), &requests[0]);
    assert_null(waiting_find(&waiting, 1 + WAITING_BUCKETS));
    assert_ptr_equal(waiting_find(&waiting, 1 + 2 * WAITING_BUCKETS), &requests[2]);
}

static void put(struct outgoing *outgoing, uint64_t id, bool is_reply) {
    struct outgoing_message *message = outgoing_message_create("text", 4, id);
    assert_non_null(message);
    message->is_reply = is_reply;
    outgoing_put(&outgoing->ready, message);
}

static void test_outgoing__order_removal_and_count(void **state) {
    struct outgoing outgoing = {0};
    (void)state;
    outgoing_init(&outgoing);
    put(&outgoing, 1, false);
    put(&outgoing, 0, true);
    put(&outgoing, 2, false);
    put(&outgoing, 0, true);
    assert_int_equal(outgoing.ready.n, 4);
    assert_int_equal(outgoing.ready.size_bytes, 16);
    outgoing_remove(&outgoing.ready, 9);
    outgoing_remove(&outgoing.ready, 1);
    outgoing_remove_replies(&outgoing.ready);
    put(&outgoing, 3, false); /* behind what is the last one now */
    struct outgoing_message *message = outgoing_take(&outgoing.ready);
    assert_int_equal(message->id, 2);
    assert_memory_equal(message->text, "text", 4);
    outgoing_message_destroy(message);
    message = outgoing_take(&outgoing.ready);
    assert_int_equal(message->id, 3);
    outgoing_message_destroy(message);
    assert_null(outgoing_take(&outgoing.ready));
    assert_int_equal(outgoing.ready.size_bytes, 0);
    put(&outgoing, 4, false);
    outgoing_finish(&outgoing);
}

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool is_rung;
};

static void ring(void *user) {
    struct bell *bell = user;
    pthread_mutex_lock(&bell->lock);
    bell->is_rung = true;
    pthread_cond_signal(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

static void test_resolver__tells_addresses_or_why_not(void **state) {
    char addresses[RESOLVER_ADDRESSES][RESOLVER_ADDRESS_BYTES], why[100];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct bell bell = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
        struct resolver *resolver =
            resolver_start(i == 0 ? "localhost" : "no-such-host.invalid", ring, &bell);
        assert_non_null(resolver);
        pthread_mutex_lock(&bell.lock);
        while (!bell.is_rung) {
            pthread_cond_wait(&bell.rung, &bell.lock);
        }
        pthread_mutex_unlock(&bell.lock);
        assert_true(resolver_is_done(resolver));
        size_t n = resolver_result(resolver, addresses, why, sizeof(why));
        assert_int_equal(n > 0, i == 0);
        assert_true(i == 0 || why[0] != '\0');
        resolver_abandon(resolver);
    }
}

static void test_resolver__may_be_abandoned_at_once(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) {
        resolver_abandon(resolver_start("localhost", NULL, NULL));
    }
    resolver_abandon(NULL);
}

static void test_client__wrong_calls_are_refused(void **state) {
    struct lg_client_answer answer;
    char why[200];
    (void)state;
    assert_null(lg_client_create(NULL, why, sizeof(why)));
    assert_non_null(strstr(why, "options"));
    assert_null(lg_client_create(NULL, NULL, 0));
    assert_int_equal(lg_client_request(NULL, "m", NULL, &answer), LG_CLIENT_ERROR_ARGUMENT);
    assert_int_equal(lg_client_notify(NULL, "m", NULL), LG_CLIENT_ERROR_ARGUMENT);
    assert_int_equal(lg_client_connect(NULL, NULL, 0), LG_CLIENT_ERROR_ARGUMENT);
    assert_int_equal(lg_client_close(NULL, 0), LG_CLIENT_ERROR_ARGUMENT);
    assert_int_equal(lg_client_subscribe(NULL, NULL, &answer), LG_CLIENT_ERROR_ARGUMENT);
    assert_int_equal(lg_client_reply(NULL, NULL), LG_CLIENT_ERROR_ARGUMENT);
    lg_client_answer_clear(NULL);
    lg_client_destroy(NULL);
    for (int status = LG_CLIENT_ERROR_TOO_LARGE - 2; status < 3; status++) {
        assert_true(strlen(lg_client_status_text(status)) > 3);
    }
}

static void test_client__many_are_made_and_unmade(void **state) {
    struct lg_client_options options;
    (void)state;
    lg_client_options_init(&options, sizeof(options));
    for (int i = 0; i < 20; i++) {
        options.uri = i % 2 == 0 ? "ws://127.0.0.1:9/" : "wss://localhost/";
        struct lg_client *client = lg_client_create(&options, NULL, 0);
        assert_non_null(client);
        assert_int_equal(lg_client_state(client), LG_CLIENT_IDLE);
        if (i % 4 > 1) {
            lg_client_start(client);
        }
        lg_client_destroy(client);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waiting__ordered_by_deadline_found_by_id),
        cmocka_unit_test(test_waiting__ids_of_one_bucket),
        cmocka_unit_test(test_outgoing__order_removal_and_count),
        cmocka_unit_test(test_resolver__tells_addresses_or_why_not),
        cmocka_unit_test(test_resolver__may_be_abandoned_at_once),
        cmocka_unit_test(test_client__wrong_calls_are_refused),
        cmocka_unit_test(test_client__many_are_made_and_unmade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
