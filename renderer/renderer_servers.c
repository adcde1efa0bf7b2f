/* In-score servers: which ones the score asks for, and what the gateways say became of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/parts.h"

#define SERVERS_REPORTS_MAX   4096 /* gateways x servers */
#define SERVERS_REPORT_AGE_US (15 * (int64_t)1000000)

/* What one gateway said of one server. */
struct report {
    uint64_t gateway_id;
    char address[LIMIT_ADDRESS_BYTES + 1];
    uint16_t port; /* that the object asked for when it was reported */
    bool is_running;
    int n_clients;
    int64_t seen_us;
};

struct servers {
    struct renderer *renderer;
    bool has_changed;
    struct msg_server list[LIMIT_SERVERS];
    size_t n_list;
    size_t n_over; /* beyond the limit, told */
    bool is_failure_told[LIMIT_SERVERS];
    struct report *reports;
    size_t n_reports, capacity;
};

struct servers *servers_create(struct renderer *renderer) {
    struct servers *servers = calloc(1, sizeof *servers);
    if (servers != NULL) {
        servers->renderer = renderer;
        servers->has_changed = true;
    }
    return servers;
}

void servers_destroy(struct servers *servers) {
    if (servers != NULL) {
        free(servers->reports);
        free(servers);
    }
}

void servers_changed(struct servers *servers) {
    servers->has_changed = true;
}

/* -- what the score asks for ----------------------------------------------------- */

/* The object as `get` would print it, "set httpd 8000", holds all that is needed. */
static bool describe(const struct object *object, struct msg_server *server) {
    const char *kind = object->type == NULL ? "" : object->type->name;
    bool is_httpd = strcmp(kind, "httpd") == 0;
    if (object->is_deleted || object->data == NULL ||
        (!is_httpd && strcmp(kind, "websocket") != 0) || object->type->get_set == NULL) {
        return false;
    }
    struct message set;
    message_init(&set, "", "set");
    object->type->get_set(object, &set);
    int32_t numbers[2] = {0, 0};
    size_t n = 0;
    for (size_t i = 0; i < set.n_params && n < 2; i++) {
        if (param_is_number(&set.params[i])) {
            numbers[n++] = param_as_int(&set.params[i]);
        }
    }
    message_finish(&set);
    char *address = object_address(object);
    const struct object *scene = object_scene(object);
    bool is_good = n >= 1 && numbers[0] > 0 && numbers[0] <= UINT16_MAX && address != NULL &&
                   strlen(address) <= LIMIT_ADDRESS_BYTES && scene != NULL &&
                   strlen(scene->name) <= LIMIT_SCENE_NAME_BYTES;
    if (is_good) {
        memset(server, 0, sizeof *server);
        strcpy(server->kind, kind);
        strcpy(server->address, address);
        strcpy(server->scene, scene->name);
        server->port = (uint64_t)numbers[0];
        server->period_ms = numbers[1] <= 0                           ? 0
                            : numbers[1] > LIMIT_NOTIFY_PERIOD_MAX_MS ? LIMIT_NOTIFY_PERIOD_MAX_MS
                                                                      : (uint64_t)numbers[1];
    }
    free(address);
    return is_good;
}

static size_t collect(const struct object *object, struct msg_server *list, size_t n,
                      size_t *n_over) {
    struct msg_server over;
    if (describe(object, n < LIMIT_SERVERS ? &list[n] : &over)) {
        *n_over += n == LIMIT_SERVERS;
        n += n < LIMIT_SERVERS;
    }
    for (size_t i = 0; i < object->n_children; i++) {
        n = collect(object->children[i], list, n, n_over);
    }
    return n;
}

static void tell_over(struct servers *servers, size_t n_over) {
    if (n_over > servers->n_over) {
        char words[100];
        snprintf(words, sizeof words, "too many servers (limit %d), %zu are not started",
                 LIMIT_SERVERS, n_over);
        renderer_tell_error(servers->renderer, "servers", words);
    }
    servers->n_over = n_over;
}

static const struct msg_server *find_server(const struct msg_server *list, size_t n,
                                            const char *address, size_t *server_i) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].address, address) == 0) {
            *server_i = i;
            return &list[i];
        }
    }
    return NULL;
}

void servers_end_turn(struct servers *servers) {
    if (!servers->has_changed) {
        return;
    }
    servers->has_changed = false;
    static struct msg_server fresh[LIMIT_SERVERS];
    bool is_told[LIMIT_SERVERS] = {false};
    size_t n_over = 0;
    size_t n = collect(score_root(servers->renderer->score), fresh, 0, &n_over);
    tell_over(servers, n_over);
    bool is_same = n == servers->n_list;
    for (size_t i = 0; i < n; i++) {
        size_t old_i;
        const struct msg_server *old =
            find_server(servers->list, servers->n_list, fresh[i].address, &old_i);
        bool is_kept = old != NULL && strcmp(old->kind, fresh[i].kind) == 0 &&
                       old->port == fresh[i].port && old->period_ms == fresh[i].period_ms &&
                       strcmp(old->scene, fresh[i].scene) == 0;
        is_told[i] = is_kept && servers->is_failure_told[old_i];
        is_same = is_same && is_kept;
    }
    memcpy(servers->list, fresh, n * sizeof fresh[0]);
    memcpy(servers->is_failure_told, is_told, sizeof is_told);
    servers->n_list = n;
    if (!is_same) {
        publisher_set_servers(servers->renderer->publisher, servers->list, n);
    }
}

/* -- what the gateways say ------------------------------------------------------- */

static void drop_report(struct servers *servers, size_t report_i) {
    servers->reports[report_i] = servers->reports[--servers->n_reports];
}

static void drop_old(struct servers *servers) {
    int64_t now_us = lg_clock_us();
    for (size_t i = servers->n_reports; i > 0; i--) {
        if (now_us - servers->reports[i - 1].seen_us > SERVERS_REPORT_AGE_US) {
            drop_report(servers, i - 1);
        }
    }
}

static struct report *find_report(struct servers *servers, uint64_t gateway_id,
                                  const char *address) {
    for (size_t i = 0; i < servers->n_reports; i++) {
        if (servers->reports[i].gateway_id == gateway_id &&
            strcmp(servers->reports[i].address, address) == 0) {
            return &servers->reports[i];
        }
    }
    return NULL;
}

static struct report *add_report(struct servers *servers, uint64_t gateway_id,
                                 const char *address) {
    if (servers->n_reports == SERVERS_REPORTS_MAX) {
        return NULL;
    }
    if (servers->n_reports == servers->capacity) {
        size_t capacity = servers->capacity == 0 ? 16 : servers->capacity * 2;
        struct report *grown = realloc(servers->reports, capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        servers->reports = grown;
        servers->capacity = capacity;
    }
    struct report *report = &servers->reports[servers->n_reports++];
    memset(report, 0, sizeof *report);
    report->gateway_id = gateway_id;
    strcpy(report->address, address);
    return report;
}

/* The error of the web API reference 1.1 and 1.2, once per server and port. */
static void tell_failure(struct servers *servers, size_t server_i, const char *note) {
    const struct msg_server *server = &servers->list[server_i];
    if (servers->is_failure_told[server_i]) {
        return;
    }
    servers->is_failure_told[server_i] = true;
    char words[100];
    snprintf(words, sizeof words, "Cannot create %s server on port %" PRIu64,
             strcmp(server->kind, "httpd") == 0 ? "http" : "web socket", server->port);
    renderer_tell_error(servers->renderer, "gateway", words);
    lg_log(LG_LOG_WARN, "servers", "not_started", "address=%s port=%" PRIu64 " why=%s",
           server->address, server->port, note);
}

static void copy_text(struct msg_bytes from, char *to, size_t size) {
    size_t len = from.size < size ? from.size : size - 1;
    if (len > 0) {
        memcpy(to, from.data, len);
    }
    to[len] = '\0';
}

void renderer_server_report(struct renderer *renderer, struct call *call) {
    struct servers *servers = renderer->servers;
    const struct msg_request *request = call_request(call);
    char address[LIMIT_ADDRESS_BYTES + 1], note[LIMIT_NOTE_BYTES + 1];
    copy_text(request->text, address, sizeof address);
    copy_text(request->note, note, sizeof note);
    size_t server_i;
    const struct msg_server *server =
        find_server(servers->list, servers->n_list, address, &server_i);
    drop_old(servers);
    struct report *report = find_report(servers, request->gateway_id, address);
    if (server == NULL || request->x < 0) {
        if (report != NULL) {
            drop_report(servers, (size_t)(report - servers->reports));
        }
    } else {
        if (report == NULL) {
            report = add_report(servers, request->gateway_id, address);
        }
        if (report != NULL) {
            report->port = (uint16_t)server->port;
            report->is_running = request->x == 1;
            report->n_clients = request->y < 0 ? 0 : (int)request->y;
            report->seen_us = lg_clock_us();
        }
        if (request->x == 0) {
            tell_failure(servers, server_i, note);
            renderer_run_task(renderer);
        }
    }
    struct msg_reply reply;
    renderer_reply_now(renderer, call, &reply);
    call_server_answer(renderer->calls, call, &reply);
}

void servers_status(const struct servers *servers, const struct object *object, bool *is_running,
                    int *n_clients) {
    struct msg_server asked;
    int64_t now_us = lg_clock_us();
    if (!describe(object, &asked)) {
        return;
    }
    for (size_t i = 0; i < servers->n_reports; i++) {
        const struct report *report = &servers->reports[i];
        if (report->port == asked.port && strcmp(report->address, asked.address) == 0 &&
            now_us - report->seen_us <= SERVERS_REPORT_AGE_US && report->is_running) {
            *is_running = true;
            *n_clients += report->n_clients;
        }
    }
}
