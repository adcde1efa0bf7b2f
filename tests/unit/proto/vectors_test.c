/* The byte vectors that every build must read and write alike; they are made by
 * proto/vectors/make.py, which shares no code with the codec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"
#include "proto/messages.h"

#define EPOCH        0x1122334455667788
#define VECTOR_BYTES 4096

static size_t read_vector(const char *name, uint8_t bytes[VECTOR_BYTES]) {
    char path[256];
    snprintf(path, sizeof path, "../proto/vectors/%s.bin", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, VECTOR_BYTES, file);
    fclose(file);
    assert_true(size > 0);
    return size;
}

/* The file says what the struct says, and the struct is written as the file. */
static void check(const char *name, const struct msg_type *type, const void *message) {
    uint8_t bytes[VECTOR_BYTES];
    char expected[4096], got[4096];
    union {
        struct msg_frame frame;
        struct msg_reply reply;
        struct msg_request request;
        struct msg_heartbeat heartbeat;
    } decoded;
    struct msg_buf buf;
    struct msg_problem problem;
    size_t size = read_vector(name, bytes);
    if (msg_decode(type, bytes, size, &decoded, &problem) != 0) {
        fail_msg("%s: %s", name, problem.text);
    }
    msg_print(type, message, expected, sizeof expected);
    msg_print(type, &decoded, got, sizeof got);
    assert_string_equal(got, expected);
    msg_finish(type, &decoded);
    if (strstr(name, "newer") == NULL) {
        assert_int_equal(msg_encode(type, message, &buf, NULL), 0);
        assert_int_equal(buf.size, size);
        assert_memory_equal(buf.data, bytes, size);
        free(buf.data);
    }
}

static void test_vectors__notice(void **state) {
    (void)state;
    struct msg_notice notice = {.epoch = EPOCH, .version = 42, .wall_us = 1700000000123456};
    check("notice", &msg_notice_type, &notice);
    check("notice-newer", &msg_notice_type, &notice);
}

static void test_vectors__frame(void **state) {
    (void)state;
    struct msg_strip strips[] = {{1, 0xDEADBEEF, 61504, 700}, {3, 5, 7688, 80}};
    struct msg_tile tiles[] = {{10, 64, 200, 100, 512}};
    struct msg_frame delta = {.epoch = EPOCH,
                              .version = 43,
                              .base_version = 42,
                              .wall_us = 1700000000123456,
                              .scene = "scene",
                              .width_px = 320,
                              .height_px = 200,
                              .color_type = 2,
                              .pixels_hash = 99,
                              .strips = strips,
                              .n_strips = 2,
                              .tiles = tiles,
                              .n_tiles = 1};
    check("frame-delta", &msg_frame_type, &delta);
    struct msg_strip strip = {0, 1, 5, 20};
    struct msg_frame whole = {.epoch = EPOCH,
                              .version = 1,
                              .scene = "violin1",
                              .width_px = 1,
                              .height_px = 1,
                              .color_type = 6,
                              .strips = &strip,
                              .n_strips = 1};
    check("frame-whole", &msg_frame_type, &whole);
    strip.raw_size_bytes = 2;
    whole.color_type = 0;
    check("frame-grey", &msg_frame_type, &whole);
}

static void test_vectors__dense(void **state) {
    (void)state;
    struct msg_dense dense = {.epoch = EPOCH,
                              .version = 43,
                              .scene = "scene",
                              .width_px = 320,
                              .height_px = 200,
                              .size_bytes = 4096};
    check("dense", &msg_dense_type, &dense);
}

static void test_vectors__servers(void **state) {
    (void)state;
    struct msg_server list[] = {{"httpd", "/ITL/scene/http", "scene", 8001, 0},
                                {"websocket", "/ITL/scene/ws", "scene", 7101, 50}};
    struct msg_servers servers = {.epoch = EPOCH, .servers = list, .n_servers = 2};
    check("servers", &msg_servers_type, &servers);
    servers.n_servers = 1;
    check("servers-newer", &msg_servers_type, &servers);
    servers = (struct msg_servers){.epoch = EPOCH};
    check("servers-none", &msg_servers_type, &servers);
}

static void test_vectors__heartbeat(void **state) {
    (void)state;
    struct msg_scene scenes[] = {{"scene", 43, 1920, 1080}, {"Partitur-äöü", 0, 16384, 1}};
    struct msg_heartbeat beat = {
        .epoch = EPOCH, .renderer_id = 7, .uptime_ms = 61000, .scenes = scenes, .n_scenes = 2};
    check("heartbeat", &msg_heartbeat_type, &beat);
}

static void test_vectors__requests(void **state) {
    (void)state;
    static const char SCRIPT[] = "/ITL/scene/a set txt \"Grüße\";\n"
                                 "/ITL/scene/a set txt \"Grüße\";\n"
                                 "/ITL/scene/a set txt \"Grüße\";\n";
    struct msg_request post = {.gateway_id = UINT64_MAX,
                               .counter = 1,
                               .kind = 4,
                               .role = 3,
                               .deadline_ms = 5000,
                               .client_id = "http:[::1]:4242",
                               .scene = "scene",
                               .text = {SCRIPT, sizeof SCRIPT - 1}};
    check("request-post", &msg_request_type, &post);
    struct msg_request hover = {.gateway_id = 9,
                                .counter = 300,
                                .kind = 6,
                                .role = 2,
                                .client_id = "ws:7",
                                .x = INT32_MIN,
                                .y = INT32_MAX};
    check("request-hover", &msg_request_type, &hover);
    struct msg_request click = {.gateway_id = 9,
                                .counter = 303,
                                .kind = 5,
                                .role = 2,
                                .deadline_ms = 5000,
                                .x = 5,
                                .y = 6,
                                .renderer_id = 7,
                                .expires_ms = 61000};
    check("request-click", &msg_request_type, &click);
    struct msg_request servers = {.gateway_id = 9,
                                  .counter = 301,
                                  .kind = 11,
                                  .role = 1,
                                  .text = {"/ITL/scene/ws", 13},
                                  .note = {"port 7101 is in use", 19}};
    check("request-servers", &msg_request_type, &servers);
    struct msg_request file = {.gateway_id = 9,
                               .counter = 302,
                               .kind = 8,
                               .role = 1,
                               .text = {"img/a.png", 9},
                               .offset_bytes = 1ull << 40,
                               .length_bytes = 65536};
    check("request-file", &msg_request_type, &file);
}

static void test_vectors__replies(void **state) {
    (void)state;
    uint8_t bytes[200];
    for (int i = 0; i < 200; i++) {
        bytes[i] = (uint8_t)i;
    }
    struct msg_reply ok = {
        .gateway_id = 9, .counter = 300, .code = "ok", .epoch = EPOCH, .version = 43};
    check("reply-ok", &msg_reply_type, &ok);
    struct msg_reply error = {.gateway_id = 9,
                              .counter = 299,
                              .code = "script_error",
                              .text = {"line 1: no such object", 22},
                              .epoch = EPOCH,
                              .version = 43};
    check("reply-error", &msg_reply_type, &error);
    struct msg_reply file = {.gateway_id = 9,
                             .counter = 302,
                             .code = "ok",
                             .bytes = {bytes, 200},
                             .total_size_bytes = 1ull << 33,
                             .mtime_s = -86400,
                             .epoch = EPOCH};
    check("reply-file", &msg_reply_type, &file);
    struct msg_scene scene = {"scene", 43, 1920, 1080};
    struct msg_server server = {"httpd", "/ITL/scene/http", "scene", 8001, 0};
    struct msg_reply hello = {.gateway_id = 9,
                              .counter = 1,
                              .code = "ok",
                              .epoch = EPOCH,
                              .renderer_id = 7,
                              .scenes = &scene,
                              .n_scenes = 1,
                              .servers = &server,
                              .n_servers = 1,
                              .uptime_ms = 61000};
    check("reply-hello", &msg_reply_type, &hello);
}

static void test_vectors__another_protocol_is_told_and_the_ids_are_read(void **state) {
    (void)state;
    uint8_t bytes[VECTOR_BYTES];
    struct msg_request request;
    struct msg_problem problem;
    size_t size = read_vector("request-protocol-2", bytes);
    assert_int_equal(msg_request_decode(bytes, size, &request, &problem), LG_EBADREQUEST);
    assert_int_equal(problem.protocol, 2);
    assert_string_equal(problem.text, "protocol 2 is spoken, 1 is understood");
    assert_int_equal(request.gateway_id, 9);
    assert_int_equal(request.counter, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors__notice),
        cmocka_unit_test(test_vectors__frame),
        cmocka_unit_test(test_vectors__dense),
        cmocka_unit_test(test_vectors__servers),
        cmocka_unit_test(test_vectors__heartbeat),
        cmocka_unit_test(test_vectors__requests),
        cmocka_unit_test(test_vectors__replies),
        cmocka_unit_test(test_vectors__another_protocol_is_told_and_the_ids_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
