/* See fixture.h. */
#include "tests/unit/jsonrpc/fixture.h"

struct fixture fixture;

void fixture_event(const char *event) {
    size_t len = strlen(fixture.events);
    snprintf(fixture.events + len, sizeof fixture.events - len, "%s%s", len > 0 ? " " : "", event);
}

static void on_send(void *ctx, const char *text, size_t size_bytes) {
    struct fixture_link *link = ctx;
    size_t len = strlen(link->sent);
    assert_true(len + size_bytes + 2 < sizeof link->sent);
    memcpy(link->sent + len, text, size_bytes);
    strcpy(link->sent + len + size_bytes, "\n");
}

static void on_close(void *ctx, uint16_t code, const char *reason) {
    struct fixture_link *link = ctx;
    assert_int_equal(link->close_code, 0);
    link->close_code = code;
    link->close_reason = reason;
}

void fixture_open(struct jsonrpc_options *options, const struct jsonrpc_method *methods,
                  size_t n_methods) {
    memset(&fixture, 0, sizeof fixture);
    fixture.now_us = 1000000;
    lg_clock_fake(fixture.now_us, fixture.now_us);
    options->methods = methods;
    options->n_methods = n_methods;
    fixture.server = jsonrpc_server_create(options);
    assert_non_null(fixture.server);
}

void fixture_close(void) {
    for (size_t i = 0; i < fixture.n_async; i++) {
        jsonrpc_transaction_release(fixture.async[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        fixture_gone(i);
    }
    jsonrpc_server_destroy(fixture.server);
    lg_clock_fake(-1, 0);
}

struct fixture_link *fixture_link(size_t link_i) {
    struct fixture_link *link = &fixture.links[link_i];
    if (link->transport == NULL) {
        const struct jsonrpc_link of = {.ctx = link, .send = on_send, .close = on_close};
        link->sent[0] = '\0';
        link->close_code = 0;
        link->transport = jsonrpc_transport_open(fixture.server, &of, 2);
    }
    return link;
}

void fixture_gone(size_t link_i) {
    struct fixture_link *link = &fixture.links[link_i];
    struct jsonrpc_transport *transport = link->transport;
    link->transport = NULL;
    jsonrpc_transport_closed(transport, "");
}

const char *fixture_sent(size_t link_i) {
    static char text[8192];
    struct fixture_link *link = fixture_link(link_i);
    size_t len = strlen(link->sent);
    memcpy(text, link->sent, len + 1);
    if (len > 0) {
        text[len - 1] = '\0';
    }
    link->sent[0] = '\0';
    return text;
}

const char *fixture_say(size_t link_i, const char *text) {
    struct fixture_link *link = fixture_link(link_i);
    jsonrpc_transport_receive(link->transport, text, strlen(text));
    return fixture_sent(link_i);
}

void fixture_pass_ms(int64_t ms) {
    fixture.now_us += ms * 1000;
    lg_clock_fake(fixture.now_us, fixture.now_us);
    (void)jsonrpc_server_tick(fixture.server);
}

void fixture_async(struct jsonrpc_transaction *transaction, json_t *params) {
    (void)params;
    jsonrpc_transaction_start_async(transaction);
    fixture.async[fixture.n_async++] = transaction;
}

static void on_established(void *ctx, struct jsonrpc_session *session) {
    (void)ctx;
    fixture_event(jsonrpc_session_is_new(session) ? "established" : "restored");
}

static void on_connected(void *ctx, struct jsonrpc_session *session, bool is_reconnection) {
    (void)ctx;
    (void)session;
    fixture_event(is_reconnection ? "reconnected" : "connected");
}

static void on_lost(void *ctx, struct jsonrpc_session *session) {
    (void)ctx;
    assert_null(jsonrpc_session_transport(session));
    fixture_event("lost");
}

static void on_transport_error(void *ctx, struct jsonrpc_session *session, const char *what) {
    (void)ctx;
    (void)session;
    fixture_event(what);
}

static void on_closed(void *ctx, struct jsonrpc_session *session, const char *reason) {
    char text[128];
    (void)ctx;
    (void)session;
    snprintf(text, sizeof text, "closed(%s)", reason);
    fixture_event(text);
}

static void on_fault(void *ctx, struct jsonrpc_session *session, const char *method,
                     const char *what) {
    char text[128];
    (void)ctx;
    (void)session;
    snprintf(text, sizeof text, "fault(%s: %s)", method, what);
    fixture_event(text);
}

const struct jsonrpc_events FIXTURE_EVENTS = {
    .on_established = on_established,
    .on_connected = on_connected,
    .on_lost = on_lost,
    .on_transport_error = on_transport_error,
    .on_closed = on_closed,
    .on_fault = on_fault,
};
