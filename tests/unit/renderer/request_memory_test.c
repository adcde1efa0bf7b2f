/* Requests are applied once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/limits.h"
#include "renderer/broker/request_memory.h"

static enum request_state enter(struct request_memory *memory, uint64_t gateway, uint64_t counter,
                                void *call, int64_t now_us, const uint8_t **reply, void **what) {
    struct request_found found;
    struct request_key key = {gateway, counter};
    enum request_state state = request_memory_enter(memory, key, call, now_us, &found);
    *reply = found.reply;
    *what = found.call;
    return state;
}

static void test_request_memory__a_repeated_request_gets_the_first_answer(void **state) {
    (void)state;
    struct request_memory *memory = request_memory_create();
    int call_a, call_b;
    const uint8_t *reply = NULL;
    void *what = NULL;
    assert_int_equal(enter(memory, 1, 1, &call_a, 0, &reply, &what), REQUEST_NEW);
    assert_int_equal(enter(memory, 1, 1, &call_b, 1, &reply, &what), REQUEST_UNDER_WAY);
    assert_ptr_equal(what, &call_a);
    request_memory_answer(memory, (struct request_key){1, 1}, (const uint8_t *)"done", 5, 1);
    assert_int_equal(enter(memory, 1, 1, &call_b, 2, &reply, &what), REQUEST_ANSWERED);
    assert_string_equal((const char *)reply, "done");
    /* another gateway, another counter: other requests */
    assert_int_equal(enter(memory, 2, 1, &call_b, 3, &reply, &what), REQUEST_NEW);
    assert_int_equal(enter(memory, 1, 2, &call_b, 3, &reply, &what), REQUEST_NEW);
    request_memory_destroy(memory);
}

static void test_request_memory__a_refused_request_may_come_again(void **state) {
    (void)state;
    struct request_memory *memory = request_memory_create();
    int call;
    const uint8_t *reply;
    void *what;
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(enter(memory, 1, i, &call, 0, &reply, &what), REQUEST_NEW);
    }
    request_memory_forget(memory, (struct request_key){1, 2});
    assert_int_equal(request_memory_size(memory), 2);
    assert_int_equal(enter(memory, 1, 2, &call, 0, &reply, &what), REQUEST_NEW);
    request_memory_forget(memory, (struct request_key){1, 1});
    request_memory_forget(memory, (struct request_key){1, 2});
    request_memory_forget(memory, (struct request_key){1, 3});
    assert_int_equal(request_memory_size(memory), 0);
    assert_int_equal(enter(memory, 1, 3, &call, 0, &reply, &what), REQUEST_NEW);
    request_memory_destroy(memory);
}

static void test_request_memory__old_ones_are_forgotten(void **state) {
    (void)state;
    struct request_memory *memory = request_memory_create();
    int call;
    const uint8_t *reply;
    void *what;
    assert_int_equal(enter(memory, 1, 1, &call, 0, &reply, &what), REQUEST_NEW);
    request_memory_answer(memory, (struct request_key){1, 1}, (const uint8_t *)"x", 1, 0);
    enter(memory, 1, 2, &call, REQUEST_MEMORY_AGE_US, &reply, &what);
    assert_int_equal(request_memory_size(memory), 2);
    enter(memory, 1, 3, &call, REQUEST_MEMORY_AGE_US + 1, &reply, &what);
    assert_int_equal(request_memory_size(memory), 2); /* 1 went; 2 and 3 are under way */
    assert_int_equal(enter(memory, 1, 1, &call, REQUEST_MEMORY_AGE_US + 2, &reply, &what),
                     REQUEST_NEW);
    request_memory_destroy(memory);
}

static void test_request_memory__number_and_bytes_are_bounded(void **state) {
    (void)state;
    struct request_memory *memory = request_memory_create();
    int call;
    const uint8_t *reply;
    void *what;
    for (uint64_t i = 1; i <= LIMIT_REQUESTS_REMEMBERED + 100; i++) {
        enter(memory, 1, i, &call, 0, &reply, &what);
        request_memory_answer(memory, (struct request_key){1, i}, (const uint8_t *)"x", 1, 0);
    }
    assert_true(request_memory_size(memory) <= LIMIT_REQUESTS_REMEMBERED);
    static uint8_t large[1024 * 1024];
    for (uint64_t i = 1; i <= 100; i++) {
        enter(memory, 2, i, &call, 0, &reply, &what);
        request_memory_answer(memory, (struct request_key){2, i}, large, sizeof large, 0);
    }
    assert_true(request_memory_size(memory) <= REQUEST_MEMORY_BYTES / sizeof large + 1);
    request_memory_destroy(memory);
}

/* One that is never answered must not keep all that came after it. */
static void test_request_memory__one_that_waits_holds_nobody_back(void **state) {
    (void)state;
    struct request_memory *memory = request_memory_create();
    int waiting, call;
    const uint8_t *reply;
    void *what;
    enter(memory, 1, 0, &waiting, 0, &reply, &what);
    for (uint64_t i = 1; i <= LIMIT_REQUESTS_REMEMBERED + 100; i++) {
        enter(memory, 1, i, &call, 0, &reply, &what);
        request_memory_answer(memory, (struct request_key){1, i}, (const uint8_t *)"x", 1, 0);
    }
    assert_int_equal(request_memory_size(memory), LIMIT_REQUESTS_REMEMBERED + 1);
    assert_int_equal(enter(memory, 1, 0, &call, 0, &reply, &what), REQUEST_UNDER_WAY);
    assert_ptr_equal(what, &waiting);
    assert_int_equal(enter(memory, 1, LIMIT_REQUESTS_REMEMBERED, &call, 0, &reply, &what),
                     REQUEST_ANSWERED);
    assert_int_equal(enter(memory, 1, 100, &call, 0, &reply, &what), REQUEST_NEW);
    request_memory_destroy(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_memory__a_repeated_request_gets_the_first_answer),
        cmocka_unit_test(test_request_memory__a_refused_request_may_come_again),
        cmocka_unit_test(test_request_memory__old_ones_are_forgotten),
        cmocka_unit_test(test_request_memory__number_and_bytes_are_bounded),
        cmocka_unit_test(test_request_memory__one_that_waits_holds_nobody_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
