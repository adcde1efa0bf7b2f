/* OSC in and out: score-language reference 14. Packets go over loopback. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <lo/lo.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/io/osc.h"

#define WAIT_MS 5000

struct heard {
    struct text text; /* messages in script form, one per line; a packet ends with "--" */
    size_t n_packets, n_messages;
    char sender[64];
};

static void on_packet(void *ctx, const struct message *messages, size_t n_messages,
                      const char *sender) {
    struct heard *heard = ctx;
    for (size_t i = 0; i < n_messages; i++) {
        message_print(&messages[i], &heard->text);
        text_printf(&heard->text, "\n");
    }
    text_printf(&heard->text, "--\n");
    snprintf(heard->sender, sizeof(heard->sender), "%s", sender);
    heard->n_packets++;
    heard->n_messages += n_messages;
}

/* Drain until so many packets came, or fail. */
static void wait_packets(struct osc_server *server, struct heard *heard, size_t n_packets) {
    struct pollfd fd = {.fd = osc_server_fd(server), .events = POLLIN};
    while (heard->n_packets < n_packets) {
        assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
        osc_server_drain(server, 100);
    }
}

static lo_address to_server(struct osc_server *server) {
    char port[8];
    snprintf(port, sizeof(port), "%u", (unsigned)osc_server_port(server));
    return lo_address_new("127.0.0.1", port);
}

static void send_raw(struct osc_server *server, const void *bytes, size_t len) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(osc_server_port(server))};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    sendto(fd, bytes, len, 0, (struct sockaddr *)&to, sizeof(to));
    close(fd);
}

struct fixture {
    struct heard heard;
    struct osc_server *server;
    lo_address address;
};

/* Some port that is free now, found by the same rule as a user's. */
static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->server = osc_server_create("127.0.0.1", 17000, on_packet, &fixture->heard);
    assert_non_null(fixture->server);
    fixture->address = to_server(fixture->server);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    lo_address_free(fixture->address);
    osc_server_destroy(fixture->server);
    text_finish(&fixture->heard.text);
    free(fixture);
    return 0;
}

static void expect(struct fixture *fixture, const char *text) {
    wait_packets(fixture->server, &fixture->heard, fixture->heard.n_packets + 1);
    assert_string_equal(fixture->heard.text.data, text);
    text_finish(&fixture->heard.text);
}

static void test_osc_server__first_string_is_the_method(void **state) {
    struct fixture *fixture = *state;
    lo_send(fixture->address, "/ITL/scene/a", "sfi", "color", 0.5, 7);
    expect(fixture, "/ITL/scene/a color 0.5 7\n--\n");
    lo_send(fixture->address, "/ITL/scene/signal/s", "ffs", 0.5, 1.0, "x");
    expect(fixture, "/ITL/scene/signal/s 0.5 1.0 x\n--\n");
    lo_send(fixture->address, "/ITL", "");
    expect(fixture, "/ITL\n--\n");
    assert_string_equal(fixture->heard.sender, "127.0.0.1");
}

static void test_osc_server__other_tags_are_skipped(void **state) {
    struct fixture *fixture = *state;
    lo_send(fixture->address, "/a", "shdTi", "x", (int64_t)1, 2.0, 3);
    expect(fixture, "/a x 3\n--\n");
    union {
        uint32_t bits;
        float f;
    } nan = {0x7fc00000};
    lo_message msg = lo_message_new();
    lo_message_add_string(msg, "x");
    lo_message_add_float(msg, nan.f);
    lo_send_message(fixture->address, "/a", msg);
    lo_message_free(msg);
    expect(fixture, "/a x\n--\n");
}

static void test_osc_server__bundles_are_one_packet_without_delay(void **state) {
    struct fixture *fixture = *state;
    lo_timetag later = {UINT32_MAX - 1, 0};
    lo_bundle outer = lo_bundle_new(later), inner = lo_bundle_new(later);
    lo_message one = lo_message_new(), two = lo_message_new();
    lo_message_add_string(one, "x");
    lo_message_add_int32(two, 2);
    lo_bundle_add_message(outer, "/a", one);
    lo_bundle_add_message(inner, "/b", two);
    lo_bundle_add_bundle(outer, inner);
    lo_bundle_add_message(outer, "/c", two);
    lo_send_bundle(fixture->address, outer);
    lo_bundle_free_recursive(outer);
    expect(fixture, "/a x\n/b 2\n/c 2\n--\n");
}

static void test_osc_server__flat_lists_become_lists(void **state) {
    struct fixture *fixture = *state;
    lo_send(fixture->address, "/a", "ssssffssssis", "watch", "mouseDown", "(", "/b", 0.5, 1.0, ",",
            "/c", "watch", "GO", 1, ")");
    expect(fixture, "/a watch mouseDown ( /b 0.5 1.0, /c watch GO 1 )\n--\n");
    lo_send(fixture->address, "/a", "ssssssssssssssssis", "watch+", "X", "(", "/b", "watch", "Y",
            "(", "/c", "x", ":", "/d", "y", ")", ":", "h:7000/e", "z", 3, ")");
    expect(fixture, "/a watch+ X ( /b watch Y ( /c x, /d y ), h:7000/e z 3 )\n--\n");
    lo_send(fixture->address, "/a", "ssiisss", "watch", "timeEnter", 0, 1, "/b", "x", "y");
    expect(fixture, "/a watch timeEnter 0 1 ( /b x y )\n--\n");
    lo_send(fixture->address, "/a/fileWatcher", "sssss", "watch", "/tmp/f", "/b", "x", "y");
    expect(fixture, "/a/fileWatcher watch \"/tmp/f\" ( /b x y )\n--\n");
    lo_send(fixture->address, "/a", "sssss", "set", "txt", "(", "/b", ")");
    expect(fixture, "/a set txt \"(\" \"/b\" \")\"\n--\n");
    lo_send(fixture->address, "/a", "ss", "watch", "mouseDown");
    expect(fixture, "/a watch mouseDown\n--\n");
    lo_send(fixture->address, "/a", "s", "watch");
    expect(fixture, "/a watch\n--\n");
}

static void test_osc_server__deep_lists_stay_flat(void **state) {
    struct fixture *fixture = *state;
    lo_message msg = lo_message_new();
    lo_message_add_string(msg, "watch");
    lo_message_add_string(msg, "X");
    for (int i = 0; i < 2000; i++) {
        lo_message_add_string(msg, "(");
        lo_message_add_string(msg, "/b");
    }
    lo_send_message(fixture->address, "/a", msg);
    lo_message_free(msg);
    wait_packets(fixture->server, &fixture->heard, 1);
    assert_memory_equal(fixture->heard.text.data, "/a watch X \"(\" \"/b\"", 19);
}

static void test_osc_server__nonsense_is_counted_and_dropped(void **state) {
    struct fixture *fixture = *state;
    uint32_t random = 1;
    static const char good[] = "/a\0\0,sif\0\0\0\0x\0\0\0\0\0\0\1\0\0\0\0";
    for (int i = 0; i < 300; i++) {
        char bytes[sizeof(good) - 1];
        memcpy(bytes, good, sizeof(bytes));
        for (int k = 0; k < 3; k++) {
            random = random * 1664525u + 1013904223u;
            bytes[(random >> 8) % sizeof(bytes)] = (char)(random >> 24);
        }
        send_raw(fixture->server, bytes, 1 + (random >> 16) % sizeof(bytes));
    }
    send_raw(fixture->server, "", 0);
    send_raw(fixture->server, "#bundle\0\0\0\0\0\0\0\0\1\xff\xff\xff\xff", 20);
    send_raw(fixture->server, "/a\xff\0,\0\0\0", 8);
    lo_send(fixture->address, "/last", "s", "word");
    struct pollfd fd = {.fd = osc_server_fd(fixture->server), .events = POLLIN};
    while (fixture->heard.text.data == NULL ||
           strstr(fixture->heard.text.data, "/last word\n") == NULL) {
        assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
        osc_server_drain(fixture->server, 100);
    }
    assert_true(osc_server_counts(fixture->server).refused > 0);
}

static void test_osc_server__queue_is_bounded(void **state) {
    struct fixture *fixture = *state;
    lo_bundle bundle = lo_bundle_new(LO_TT_IMMEDIATE);
    lo_message msg = lo_message_new();
    for (int i = 0; i < 2000; i++) {
        lo_bundle_add_message(bundle, "/a", msg);
    }
    for (int i = 0; i < 8; i++) { /* 16000 messages, nobody drains */
        lo_send_bundle(fixture->address, bundle);
        struct osc_server_counts counts;
        do {
            counts = osc_server_counts(fixture->server);
        } while (counts.packets + counts.dropped / 2000 < (uint64_t)i + 1);
    }
    lo_bundle_free_recursive(bundle);
    assert_int_equal(osc_server_counts(fixture->server).packets, LIMIT_OSC_QUEUE / 2000);
    assert_int_equal(osc_server_counts(fixture->server).dropped, 16000 - LIMIT_OSC_QUEUE);
    wait_packets(fixture->server, &fixture->heard, LIMIT_OSC_QUEUE / 2000);
    assert_int_equal(fixture->heard.n_messages, LIMIT_OSC_QUEUE);
}

static void test_osc_server__takes_the_third_port_after_a_busy_one(void **state) {
    struct fixture *fixture = *state;
    uint16_t port = osc_server_port(fixture->server);
    struct osc_server *second = osc_server_create("127.0.0.1", port, on_packet, &fixture->heard);
    assert_non_null(second);
    assert_true(osc_server_port(second) >= port + 3);
    osc_server_destroy(second);
}

static void test_osc_send__is_received_as_sent(void **state) {
    struct fixture *fixture = *state;
    struct osc_sender *sender = osc_sender_create();
    struct message msg, inner;
    message_init(&inner, "/b", "x");
    message_give_param(&inner, param_float(0.5f));
    struct message *messages = calloc(2, sizeof(*messages));
    message_copy(&messages[0], &inner);
    messages[1] = inner;
    message_init(&msg, "/a", "watch");
    message_give_param(&msg, param_string("X"));
    message_give_param(&msg, param_messages(message_list_give(messages, 2)));
    message_give_param(&msg, param_int(3));
    assert_int_equal(osc_send(sender, "127.0.0.1", osc_server_port(fixture->server), &msg), 0);
    expect(fixture, "/a watch X ( /b x 0.5, /b x 0.5 ) 3\n--\n");
    message_finish(&msg);
    message_init(&msg, "error:", NULL);
    message_give_param(&msg, param_string(" incorrect parameters"));
    assert_int_equal(osc_send(sender, "localhost", osc_server_port(fixture->server), &msg), 0);
    expect(fixture, "error: \" incorrect parameters\"\n--\n");
    message_finish(&msg);
    osc_sender_destroy(sender);
}

static void test_osc_send__refuses_what_fits_in_no_packet(void **state) {
    (void)state;
    struct osc_sender *sender = osc_sender_create();
    char *text = malloc(LIMIT_OSC_PACKET_BYTES + 1);
    memset(text, 'x', LIMIT_OSC_PACKET_BYTES);
    text[LIMIT_OSC_PACKET_BYTES] = '\0';
    struct message msg;
    message_init(&msg, "/a", "set");
    message_give_param(&msg, param_string(text));
    assert_int_equal(osc_send(sender, "127.0.0.1", 9, &msg), LG_ETOOLARGE);
    assert_int_equal(osc_send(sender, text, 9, &msg), LG_ETOOLARGE);
    message_finish(&msg);
    free(text);
    osc_sender_destroy(sender);
}

int main(void) {
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_osc_server__first_string_is_the_method),
        WITH_SERVER(test_osc_server__other_tags_are_skipped),
        WITH_SERVER(test_osc_server__bundles_are_one_packet_without_delay),
        WITH_SERVER(test_osc_server__flat_lists_become_lists),
        WITH_SERVER(test_osc_server__deep_lists_stay_flat),
        WITH_SERVER(test_osc_server__nonsense_is_counted_and_dropped),
        WITH_SERVER(test_osc_server__queue_is_bounded),
        WITH_SERVER(test_osc_server__takes_the_third_port_after_a_busy_one),
        WITH_SERVER(test_osc_send__is_received_as_sent),
        cmocka_unit_test(test_osc_send__refuses_what_fits_in_no_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
