/* Heads of the msgpack format, from its specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/msgpack_reader.h"

struct sample {
    const char *bytes;
    size_t size;
    enum msgpack_kind kind;
    uint64_t uint; /* or the bits of a negative number */
    size_t len;
};
#define BYTES(text) text, sizeof text - 1

static const struct sample SAMPLES[] = {
    {BYTES("\x00"), MSGPACK_READ_UINT, 0, 0},
    {BYTES("\x7f"), MSGPACK_READ_UINT, 127, 0},
    {BYTES("\xcc\xff"), MSGPACK_READ_UINT, 255, 0},
    {BYTES("\xcd\x01\x00"), MSGPACK_READ_UINT, 256, 0},
    {BYTES("\xce\x80\x00\x00\x00"), MSGPACK_READ_UINT, 0x80000000u, 0},
    {BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), MSGPACK_READ_UINT, UINT64_MAX, 0},
    {BYTES("\xff"), MSGPACK_READ_INT, (uint64_t)-1, 0},
    {BYTES("\xe0"), MSGPACK_READ_INT, (uint64_t)-32, 0},
    {BYTES("\xd0\x80"), MSGPACK_READ_INT, (uint64_t)-128, 0},
    {BYTES("\xd0\x7f"), MSGPACK_READ_UINT, 127, 0},
    {BYTES("\xd1\x80\x00"), MSGPACK_READ_INT, (uint64_t)-32768, 0},
    {BYTES("\xd2\xff\xff\xff\xff"), MSGPACK_READ_INT, (uint64_t)-1, 0},
    {BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), MSGPACK_READ_INT, 1ull << 63, 0},
    {BYTES("\xc0"), MSGPACK_READ_NIL, 0, 0},
    {BYTES("\xc2"), MSGPACK_READ_BOOL, 0, 0},
    {BYTES("\xc3"), MSGPACK_READ_BOOL, 1, 0},
    {BYTES("\xa3"
           "abc"),
     MSGPACK_READ_STR, 0, 3},
    {BYTES("\xd9\x01"
           "a"),
     MSGPACK_READ_STR, 0, 1},
    {BYTES("\xda\x00\x01"
           "a"),
     MSGPACK_READ_STR, 0, 1},
    {BYTES("\xdb\x00\x00\x00\x01"
           "a"),
     MSGPACK_READ_STR, 0, 1},
    {BYTES("\xc4\x02xy"), MSGPACK_READ_BIN, 0, 2},
    {BYTES("\xc5\x00\x02xy"), MSGPACK_READ_BIN, 0, 2},
    {BYTES("\xc6\x00\x00\x00\x02xy"), MSGPACK_READ_BIN, 0, 2},
    {BYTES("\xd4\x05x"), MSGPACK_READ_EXT, 0, 1},
    {BYTES("\xd8\x05xxxxxxxxxxxxxxxx"), MSGPACK_READ_EXT, 0, 16},
    {BYTES("\xc7\x02\x05xy"), MSGPACK_READ_EXT, 0, 2},
    {BYTES("\xca\x3f\x80\x00\x00"), MSGPACK_READ_FLOAT, 0x3f800000u, 0},
    {BYTES("\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"), MSGPACK_READ_FLOAT, 0x3ff0000000000000ull, 0},
    {BYTES("\x92\x01\x02"), MSGPACK_READ_ARRAY, 0, 2},
    {BYTES("\xdc\x00\x02\x01\x02"), MSGPACK_READ_ARRAY, 0, 2},
    {BYTES("\xdd\x00\x00\x00\x02\x01\x02"), MSGPACK_READ_ARRAY, 0, 2},
    {BYTES("\x81\x01\x02"), MSGPACK_READ_MAP, 0, 1},
    {BYTES("\xde\x00\x01\x01\x02"), MSGPACK_READ_MAP, 0, 1},
    {BYTES("\xdf\x00\x00\x00\x01\x01\x02"), MSGPACK_READ_MAP, 0, 1},
};
#define N_SAMPLES (sizeof SAMPLES / sizeof SAMPLES[0])

static struct msgpack_reader reader_of(const char *bytes, size_t size) {
    const uint8_t *data = (const uint8_t *)bytes;
    return (struct msgpack_reader){data, data + size};
}

static void test_msgpack_reader__reads_every_head(void **state) {
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct msgpack_token token;
        struct msgpack_reader reader = reader_of(SAMPLES[i].bytes, SAMPLES[i].size);
        assert_true(msgpack_reader_next(&reader, &token));
        assert_int_equal(token.kind, SAMPLES[i].kind);
        assert_int_equal(token.value.uint, SAMPLES[i].uint);
        assert_int_equal(token.len, SAMPLES[i].len);
    }
}

static void test_msgpack_reader__skips_every_value_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct msgpack_reader reader = reader_of(SAMPLES[i].bytes, SAMPLES[i].size);
        assert_true(msgpack_reader_skip(&reader, 4));
        assert_ptr_equal(reader.at, reader.end);
    }
}

static void test_msgpack_reader__refuses_every_cut(void **state) {
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        for (size_t size = 0; size < SAMPLES[i].size; size++) {
            struct msgpack_reader reader = reader_of(SAMPLES[i].bytes, size);
            assert_false(msgpack_reader_skip(&reader, 4));
        }
    }
}

static void test_msgpack_reader__refuses_what_claims_more_than_is_there(void **state) {
    (void)state;
    static const struct sample BAD[] = {
        {BYTES("\xdd\xff\xff\xff\xff"), 0, 0, 0}, {BYTES("\xdf\xff\xff\xff\xff\x01\x01"), 0, 0, 0},
        {BYTES("\xdb\xff\xff\xff\xff"), 0, 0, 0}, {BYTES("\xc6\xff\xff\xff\xff"), 0, 0, 0},
        {BYTES("\x82\x01\x01\x01"), 0, 0, 0},     {BYTES("\xc1"), 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct msgpack_token token;
        struct msgpack_reader reader = reader_of(BAD[i].bytes, BAD[i].size);
        assert_false(msgpack_reader_next(&reader, &token));
    }
}

static void test_msgpack_reader__nesting_is_bounded(void **state) {
    (void)state;
    char deep[100];
    memset(deep, '\x91', sizeof deep);
    deep[99] = '\x01';
    struct msgpack_reader reader = reader_of(deep, sizeof deep);
    assert_false(msgpack_reader_skip(&reader, 98));
    reader = reader_of(deep, sizeof deep);
    assert_true(msgpack_reader_skip(&reader, 99));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_msgpack_reader__reads_every_head),
        cmocka_unit_test(test_msgpack_reader__skips_every_value_whole),
        cmocka_unit_test(test_msgpack_reader__refuses_every_cut),
        cmocka_unit_test(test_msgpack_reader__refuses_what_claims_more_than_is_there),
        cmocka_unit_test(test_msgpack_reader__nesting_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
