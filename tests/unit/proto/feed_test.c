/* Topics and frames of the feed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"
#include "proto/feed.h"

static void test_feed__topics_are_written_and_read(void **state) {
    (void)state;
    static const struct {
        struct feed_topic topic;
        const char *text;
    } SAMPLES[] = {
        {{FEED_NOTICE, "scene", 0}, "v/scene"}, {{FEED_FRAME, "violin1", 1080}, "f/violin1/1080"},
        {{FEED_DENSE, "s", 1}, "d/s/1"},        {{FEED_SERVERS, "", 0}, "s"},
        {{FEED_HEARTBEAT, "", 0}, "h"},
    };
    for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
        char text[LIMIT_TOPIC_BYTES];
        struct feed_topic topic;
        size_t len = feed_topic_print(&SAMPLES[i].topic, text);
        assert_string_equal(text, SAMPLES[i].text);
        assert_int_equal(len, strlen(text));
        assert_int_equal(feed_topic_parse(text, len, &topic), 0);
        assert_int_equal(topic.kind, SAMPLES[i].topic.kind);
        assert_string_equal(topic.scene, SAMPLES[i].topic.scene);
        assert_int_equal(topic.width_px, SAMPLES[i].topic.width_px);
    }
}

static void test_feed__a_width_of_zero_subscribes_to_all(void **state) {
    (void)state;
    char text[LIMIT_TOPIC_BYTES];
    feed_topic_print(&(struct feed_topic){FEED_FRAME, "scene", 0}, text);
    assert_string_equal(text, "f/scene/");
}

static void test_feed__odd_topics_are_refused(void **state) {
    (void)state;
    static const char *const BAD[] = {
        "",     "x",     "v",     "v/",        "v/a/b",   "f/a",
        "f/a/", "f/a/x", "f/a/0", "f/a/99999", "f//10",   "f/a/10/1",
        "hh",   "s/",    "v/a b", "f/a/-1",    "q/scene", "f/a/99999999999999999999"};
    struct feed_topic topic;
    char text[LIMIT_TOPIC_BYTES], long_name[100];
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_int_equal(feed_topic_parse(BAD[i], strlen(BAD[i]), &topic), LG_EBADREQUEST);
    }
    memset(long_name, 'a', sizeof long_name);
    memcpy(long_name, "v/", 2);
    assert_int_equal(feed_topic_parse(long_name, 2 + 64, &topic), LG_EBADREQUEST);
    assert_int_equal(feed_topic_parse(long_name, 2 + 63, &topic), 0);
    assert_int_equal(feed_topic_parse("v/a\0b", 5, &topic), LG_EBADREQUEST);
    assert_int_equal(feed_topic_print(&(struct feed_topic){FEED_NOTICE, "a/b", 0}, text), 0);
    assert_int_equal(feed_topic_print(&(struct feed_topic){FEED_NOTICE, "", 0}, text), 0);
}

static void test_feed__strips_cover_the_picture(void **state) {
    (void)state;
    struct msg_frame frame = {.width_px = 10, .height_px = 130, .color_type = 2};
    assert_int_equal(feed_strip_rows(130, 0), 64);
    assert_int_equal(feed_strip_rows(130, 2), 2);
    assert_int_equal(feed_strip_rows(130, 3), 0);
    assert_int_equal(feed_strip_raw_bytes(&frame, 0), 64 * 31);
    frame.color_type = 6;
    assert_int_equal(feed_strip_raw_bytes(&frame, 2), 2 * 41);
    frame.color_type = 0;
    assert_int_equal(feed_strip_raw_bytes(&frame, 1), 64 * 11);
}

/* A chunk of n data bytes; only its frame counts here. */
static struct msg_bytes chunk(uint8_t *bytes, uint8_t n) {
    memcpy(bytes, (uint8_t[]){0, 0, 0, n, 'I', 'D', 'A', 'T'}, 8);
    return (struct msg_bytes){bytes, (size_t)n + 12};
}

struct sample {
    uint8_t bytes[3][64];
    struct msg_strip strips[3];
    struct msg_tile tiles[1];
    struct msg_bytes payload[3], tile_bytes[1];
    struct feed_frame frame;
};

/* 10 x 130 pixels, whole. */
static void make_whole(struct sample *sample) {
    memset(sample, 0, sizeof *sample);
    sample->frame.header = (struct msg_frame){.epoch = 1,
                                              .version = 5,
                                              .scene = "scene",
                                              .width_px = 10,
                                              .height_px = 130,
                                              .color_type = 2,
                                              .strips = sample->strips,
                                              .n_strips = 3,
                                              .tiles = sample->tiles};
    for (uint8_t i = 0; i < 3; i++) {
        sample->payload[i] = chunk(sample->bytes[i], i);
        sample->strips[i].strip_i = i;
        sample->strips[i].raw_size_bytes = i < 2 ? 64 * 31 : 2 * 31;
    }
    sample->tile_bytes[0] = (struct msg_bytes){"png", 3};
    sample->tiles[0] = (struct msg_tile){.width_px = 10, .height_px = 130};
    sample->frame.strips = sample->payload;
    sample->frame.tiles = sample->tile_bytes;
}

static void test_feed__a_frame_is_written_and_read(void **state) {
    (void)state;
    struct sample sample;
    struct msg_buf header;
    struct feed_frame frame;
    struct msg_problem problem;
    make_whole(&sample);
    sample.frame.header.n_tiles = 1;
    assert_int_equal(feed_frame_encode(&sample.frame, &header, &problem), 0);
    struct msg_bytes parts[] = {{header.data, header.size},
                                sample.payload[0],
                                sample.payload[1],
                                sample.payload[2],
                                sample.tile_bytes[0]};
    assert_int_equal(feed_frame_decode(parts, 5, &frame, &problem), 0);
    assert_int_equal(frame.header.version, 5);
    assert_int_equal(frame.header.n_strips, 3);
    assert_ptr_equal(frame.strips[2].data, sample.payload[2].data);
    assert_ptr_equal(frame.tiles[0].data, sample.tile_bytes[0].data);
    feed_frame_finish(&frame);
    assert_int_equal(feed_frame_decode(parts, 4, &frame, &problem), LG_EBADREQUEST);
    assert_int_equal(feed_frame_decode(parts, 0, &frame, &problem), LG_EBADREQUEST);
    parts[1].size--;
    assert_int_equal(feed_frame_decode(parts, 5, &frame, &problem), LG_EBADREQUEST);
    parts[1].size++;
    sample.bytes[0][4] = 'X';
    assert_int_equal(feed_frame_decode(parts, 5, &frame, &problem), LG_EBADREQUEST);
    free(header.data);
}

#define REFUSED(change)                                                                            \
    do {                                                                                           \
        struct sample sample;                                                                      \
        struct msg_frame *header = &sample.frame.header;                                           \
        make_whole(&sample);                                                                       \
        change;                                                                                    \
        assert_int_equal(feed_frame_check(header, NULL), LG_EBADREQUEST);                          \
    } while (0)

static void test_feed__frames_that_contradict_themselves_are_refused(void **state) {
    (void)state;
    struct sample good;
    make_whole(&good);
    assert_int_equal(feed_frame_check(&good.frame.header, NULL), 0);
    REFUSED(header->scene[0] = '/');
    REFUSED(header->color_type = 3);
    REFUSED(header->base_version = 5);
    REFUSED(header->n_strips = 2);
    REFUSED(sample.strips[1].strip_i = 0);
    REFUSED(sample.strips[2].strip_i = 3);
    REFUSED(sample.strips[2].raw_size_bytes = 64 * 31);
    REFUSED(header->height_px = 129);
    REFUSED(header->width_px = 16384; header->height_px = 16384);
    REFUSED(header->n_tiles = 1; sample.tiles[0].x_px = 1);
    REFUSED(header->n_tiles = 1; sample.tiles[0].height_px = 131);
}

static void test_feed__a_delta_may_have_few_strips_or_none(void **state) {
    (void)state;
    struct sample sample;
    make_whole(&sample);
    sample.frame.header.base_version = 4;
    sample.frame.header.n_strips = 0;
    assert_int_equal(feed_frame_check(&sample.frame.header, NULL), 0);
    sample.frame.header.n_strips = 1;
    assert_int_equal(feed_frame_check(&sample.frame.header, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed__topics_are_written_and_read),
        cmocka_unit_test(test_feed__a_width_of_zero_subscribes_to_all),
        cmocka_unit_test(test_feed__odd_topics_are_refused),
        cmocka_unit_test(test_feed__strips_cover_the_picture),
        cmocka_unit_test(test_feed__a_frame_is_written_and_read),
        cmocka_unit_test(test_feed__frames_that_contradict_themselves_are_refused),
        cmocka_unit_test(test_feed__a_delta_may_have_few_strips_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
