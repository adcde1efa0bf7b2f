/* OSC in and out (score-language reference 14): a packet is a transaction; replies go to its sender
 * at the output port, errors at the error port. What web clients and events cause goes to the last
 * sender, as in the original. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/auth.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "renderer/error_list.h"
#include "renderer/io/osc.h"
#include "proto/limits.h"
#include "renderer/parts.h"
#include "renderer/score/nodes/application.h"

#define OSC_ROUND_PACKETS 16   /* at once; then the clock is looked at */
#define OSC_ROUND_US      8000 /* of a turn of the loop; pictures and calls come between */

struct osc_link {
    struct renderer *renderer;
    struct osc_server *server;
    struct osc_sender *sender;
    char last_sender[64]; /* numeric address; "" = nobody yet */
    uint16_t wanted_port; /* what /ITL said last; the one that we got may be a later one */
    struct metric *packets, *refused, *dropped, *not_sent, *not_kept;
};

/* All that goes out passes here, so that what does not is counted. */
static void send_to(struct osc_link *link, const char *host, uint16_t port,
                    const struct message *msg) {
    if (osc_send(link->sender, host, port, msg) != LG_OK) {
        metric_add(link->not_sent, 1);
    }
}

/* errorAddress of /ITL, owned by the caller; NULL when it is the default. */
static char *error_address(struct renderer *renderer) {
    struct message query;
    struct message *replies = NULL;
    size_t n_replies = 0;
    char *address = NULL;
    message_init(&query, "/ITL", "get");
    message_give_param(&query, param_string("errorAddress"));
    score_query(renderer->score, &query, &replies, &n_replies);
    for (size_t i = 0; i < n_replies; i++) {
        if (address == NULL && replies[i].n_params == 1 &&
            replies[i].params[0].kind == PARAM_STRING) {
            address = strdup(replies[i].params[0].as.text);
        }
        message_finish(&replies[i]);
    }
    free(replies);
    message_finish(&query);
    return address;
}

static uint16_t port_setting(const struct renderer *renderer, const char *name, uint16_t fallback) {
    double port = score_setting(renderer->score, name);
    return port >= 1 && port <= UINT16_MAX ? (uint16_t)port : fallback;
}

/* `/ITL/debug osc 0`: what is wrong with messages themselves (addresses, parameters) is
 * not sent. */
static bool is_debugging(struct renderer *renderer) {
    struct message query;
    struct message *replies = NULL;
    size_t n_replies = 0;
    bool is_on = true;
    message_init(&query, "/ITL/debug", "get");
    message_give_param(&query, param_string("osc"));
    score_query(renderer->score, &query, &replies, &n_replies);
    for (size_t i = 0; i < n_replies; i++) {
        if (replies[i].n_params == 1 && param_is_number(&replies[i].params[0])) {
            is_on = param_as_int(&replies[i].params[0]) != 0;
        }
        message_finish(&replies[i]);
    }
    free(replies);
    message_finish(&query);
    return is_on;
}

static void send_errors(struct osc_link *link, const char *errors) {
    uint16_t port = port_setting(link->renderer, "errport", 7002);
    char *address = error_address(link->renderer);
    struct error_list list = {errors};
    const char *error;
    size_t len;
    bool is_verbose = is_debugging(link->renderer);
    while (error_list_next(&list, &error, &len)) {
        if (!is_verbose && strncmp(error, " incorrect ", 11) == 0) {
            continue;
        }
        char *words = strndup(error, len);
        struct message msg;
        message_init(&msg, address != NULL ? address : "error:", NULL);
        message_give_param(&msg, param_string(words == NULL ? "" : words));
        send_to(link, link->last_sender, port, &msg);
        message_finish(&msg);
        free(words);
    }
    free(address);
}

void osc_link_tell(struct osc_link *link, const struct score_result *result) {
    if (link == NULL || link->last_sender[0] == '\0') {
        return;
    }
    if (result->n_replies > 0) {
        uint16_t port = port_setting(link->renderer, "outport", 7001);
        for (size_t i = 0; i < result->n_replies; i++) {
            send_to(link, link->last_sender, port, &result->replies[i]);
        }
    }
    if (result->errors.len > 0) {
        send_errors(link, result->errors.data);
    }
}

static void on_packet(void *ctx, const struct message *messages, size_t n_messages,
                      const char *sender) {
    struct osc_link *link = ctx;
    struct renderer *renderer = link->renderer;
    struct score_result result;
    char source[80], why[400];
    snprintf(source, sizeof source, "osc:%s", sender);
    snprintf(link->last_sender, sizeof link->last_sender, "%s", sender);
    if (!journal_accepts(renderer->journal, why, sizeof why)) {
        metric_add(link->not_kept, 1);
        lg_log(LG_LOG_WARN, "osc", "refused", "why=%s", why);
        send_errors(link, why);
        return;
    }
    struct pack *body = inputs_open(renderer->inputs, INPUT_MESSAGES, source);
    pack_messages(body, messages, n_messages);
    score_begin(renderer->score, source);
    for (size_t i = 0; i < n_messages; i++) {
        score_count_osc(renderer->score);
        score_process(renderer->score, &messages[i]);
    }
    score_end(renderer->score, &result);
    inputs_close(renderer->inputs, &result);
    osc_link_tell(link, &result);
    score_result_finish(&result);
    renderer_run_task(renderer);
}

static void on_readable(void *ctx) {
    struct osc_link *link = ctx;
    int64_t start_us = lg_clock_us();
    while (osc_server_drain(link->server, OSC_ROUND_PACKETS) == OSC_ROUND_PACKETS &&
           lg_clock_us() - start_us < OSC_ROUND_US) {
    }
    struct osc_server_counts counts = osc_server_counts(link->server);
    metric_set(link->packets, (int64_t)counts.packets);
    metric_set(link->refused, (int64_t)counts.refused);
    metric_set(link->dropped, (int64_t)counts.dropped);
}

void osc_link_send(struct osc_link *link, const struct message *msg) {
    if (link == NULL || !link->renderer->options->is_osc_sending) {
        lg_log(LG_LOG_DEBUG, "osc", "not_sent", "host=%s address=%s", msg->host, msg->address);
        return;
    }
    if (osc_send(link->sender, msg->host, msg->port, msg) != LG_OK) {
        lg_log(LG_LOG_WARN, "osc", "not_sent", "host=%s address=%s", msg->host, msg->address);
    }
}

void osc_link_print(struct osc_link *link, const char *words) {
    if (link == NULL || link->last_sender[0] == '\0') {
        return;
    }
    struct message msg;
    message_init(&msg, "javascript:", NULL);
    message_give_param(&msg, param_string(words));
    send_to(link, link->last_sender, port_setting(link->renderer, "outport", 7001), &msg);
    message_finish(&msg);
}

uint16_t osc_link_port(const struct osc_link *link) {
    return link == NULL || link->server == NULL ? 0 : osc_server_port(link->server);
}

/* `/ITL get port` says the port that it got. */
static void note_port(struct renderer *renderer, uint16_t port) {
    struct message msg;
    struct score_result result;
    message_init(&msg, "/ITL", "port");
    message_give_param(&msg, param_int(port));
    pack_messages(inputs_open(renderer->inputs, INPUT_MESSAGES, "osc"), &msg, 1);
    score_begin(renderer->score, "osc");
    score_count_osc(renderer->score);
    score_process(renderer->score, &msg);
    score_end(renderer->score, &result);
    inputs_close(renderer->inputs, &result);
    score_result_finish(&result);
    message_finish(&msg);
}

static struct osc_server *listen_on(struct osc_link *link, uint16_t port) {
    struct osc_server *server =
        osc_server_create(link->renderer->options->osc_host, port, on_packet, link);
    if (server != NULL &&
        loop_add_fd(link->renderer->loop, osc_server_fd(server), on_readable, link) != LG_OK) {
        osc_server_destroy(server);
        server = NULL;
    }
    return server;
}

static bool is_local(const char *host) {
    return strcmp(host, "localhost") == 0 || auth_peer_is_loopback(host);
}

struct osc_link *osc_link_create(struct renderer *renderer) {
    struct osc_link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        return NULL;
    }
    link->renderer = renderer;
    link->sender = osc_sender_create();
    if (link->sender == NULL) {
        osc_link_destroy(link);
        return NULL;
    }
    link->packets = metric_counter("leggio_renderer_osc_packets_total", "", "OSC packets taken");
    link->refused = metric_counter("leggio_renderer_osc_refused_total", "",
                                   "packets that were no OSC, or no UTF-8");
    link->dropped = metric_counter("leggio_renderer_osc_dropped_total", "",
                                   "OSC messages dropped: too many were waiting");
    link->not_sent = metric_counter("leggio_renderer_osc_not_sent_total", "",
                                    "OSC messages not sent: too large, or too many were waiting");
    link->not_kept = metric_counter("leggio_renderer_osc_not_kept_total", "",
                                    "OSC packets refused: the state folder could not be written");
    if (renderer->options->osc_port == 0) {
        return link;
    }
    if (!is_local(renderer->options->osc_host)) {
        lg_log(LG_LOG_WARN, "osc", "open_port", "host=%s what=%s", renderer->options->osc_host,
               "whoever reaches the OSC port conducts: keep it in a network of your own");
    }
    link->server = listen_on(link, renderer->options->osc_port);
    if (link->server == NULL) {
        osc_link_destroy(link);
        return NULL;
    }
    note_port(renderer, osc_server_port(link->server));
    link->wanted_port = osc_server_port(link->server);
    return link;
}

void osc_link_end_turn(struct osc_link *link) {
    uint16_t port = link->server == NULL ? 0 : port_setting(link->renderer, "port", 0);
    if (port == 0 || port == link->wanted_port) {
        return;
    }
    link->wanted_port = port;
    /* A script's port; the operator's (--osc-port) may be any. */
    struct osc_server *fresh = port >= LIMIT_SCORE_PORT_MIN ? listen_on(link, port) : NULL;
    if (port < LIMIT_SCORE_PORT_MIN) {
        lg_log(LG_LOG_WARN, "osc", "port_refused", "port=%u least=%d", (unsigned)port,
               LIMIT_SCORE_PORT_MIN);
    }
    if (fresh == NULL) { /* told in the program's log; we stay where we are */
        note_port(link->renderer, osc_server_port(link->server));
        link->wanted_port = osc_server_port(link->server);
        return;
    }
    loop_remove_fd(link->renderer->loop, osc_server_fd(link->server));
    osc_server_destroy(link->server);
    link->server = fresh;
    note_port(link->renderer, osc_server_port(fresh));
    link->wanted_port = osc_server_port(fresh);
    lg_log(LG_LOG_INFO, "osc", "port", "port=%u", (unsigned)osc_server_port(fresh));
    osc_link_hello(link);
}

void osc_link_hello(struct osc_link *link) {
    if (link->server == NULL) {
        return;
    }
    struct text words = {0};
    struct message msg;
    char *address = error_address(link->renderer);
    text_printf(&words, " INScore v.%.2f listening OSC on port %u", APPLICATION_LANGUAGE_VERSION,
                (unsigned)osc_server_port(link->server));
    message_init(&msg, address != NULL ? address : "error:", NULL);
    message_give_param(&msg, param_string(words.data));
    send_to(link, "127.0.0.1", port_setting(link->renderer, "errport", 7002), &msg);
    message_finish(&msg);
    text_finish(&words);
    free(address);
}

void osc_link_destroy(struct osc_link *link) {
    if (link == NULL) {
        return;
    }
    if (link->server != NULL) {
        loop_remove_fd(link->renderer->loop, osc_server_fd(link->server));
        osc_server_destroy(link->server);
    }
    osc_sender_destroy(link->sender);
    free(link);
}
