/* OSC in and out (score-language reference 14): a packet is a transaction; replies go to its sender at
 * the output port, errors at the error port. What web clients and events cause goes to the last
 * sender, as in the original. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/error_list.h"
#include "renderer/io/osc.h"
#include "renderer/parts.h"

#define OSC_ROUND_PACKETS 256

struct osc_link {
    struct renderer *renderer;
    struct osc_server *server;
    struct osc_sender *sender;
    char last_sender[64]; /* numeric address; "" = nobody yet */
};

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
        if (address == NULL && replies[i].n_params == 1 && replies[i].params[0].kind == PARAM_STRING) {
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

static void send_errors(struct osc_link *link, const char *errors) {
    uint16_t port = port_setting(link->renderer, "errport", 7002);
    char *address = error_address(link->renderer);
    struct error_list list = {errors};
    const char *error;
    size_t len;
    while (error_list_next(&list, &error, &len)) {
        char *words = strndup(error, len);
        struct message msg;
        message_init(&msg, address != NULL ? address : "error:", NULL);
        message_give_param(&msg, param_string(words == NULL ? "" : words));
        osc_send(link->sender, link->last_sender, port, &msg);
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
            osc_send(link->sender, link->last_sender, port, &result->replies[i]);
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
    char source[80];
    snprintf(source, sizeof source, "osc:%s", sender);
    snprintf(link->last_sender, sizeof link->last_sender, "%s", sender);
    score_begin(renderer->score, source);
    for (size_t i = 0; i < n_messages; i++) {
        score_count_osc(renderer->score);
        score_process(renderer->score, &messages[i]);
    }
    score_end(renderer->score, &result);
    osc_link_tell(link, &result);
    score_result_finish(&result);
    renderer_run_task(renderer);
}

static void on_readable(void *ctx) {
    struct osc_link *link = ctx;
    osc_server_drain(link->server, OSC_ROUND_PACKETS);
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
    osc_send(link->sender, link->last_sender, port_setting(link->renderer, "outport", 7001), &msg);
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
    score_begin(renderer->score, "osc");
    score_process(renderer->score, &msg);
    score_end(renderer->score, &result);
    score_result_finish(&result);
    message_finish(&msg);
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
    if (renderer->options->osc_port == 0) {
        return link;
    }
    link->server = osc_server_create(renderer->options->osc_port, on_packet, link);
    if (link->server == NULL ||
        loop_add_fd(renderer->loop, osc_server_fd(link->server), on_readable, link) != LG_OK) {
        osc_link_destroy(link);
        return NULL;
    }
    note_port(renderer, osc_server_port(link->server));
    return link;
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
