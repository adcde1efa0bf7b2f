/* Three pages over libmicrohttpd. */
#include "common/admin.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "common/metrics.h"
#include "common/options.h"
#include "common/process_metrics.h"

#define MEMORY_PER_CONNECTION_BYTES (16 * 1024)

struct admin {
    struct admin_options options;
    struct MHD_Daemon *daemon;
    uint16_t port;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *text, size_t len) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *text) {
    return answer(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result answer_ready(const struct admin *admin, struct MHD_Connection *connection) {
    char why[256] = "", text[280];
    bool is_ready = admin->options.is_ready == NULL ||
                    admin->options.is_ready(admin->options.ctx, why, sizeof why);
    if (is_ready) {
        snprintf(text, sizeof text, why[0] != '\0' ? "ready; %s\n" : "ready\n", why);
    } else {
        snprintf(text, sizeof text, "%s\n", why[0] != '\0' ? why : "not ready");
    }
    return answer_text(connection, is_ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, text);
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection) {
    size_t len = 0;
    process_metrics_update();
    char *text = metrics_print(&len);
    if (text == NULL) {
        return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    }
    enum MHD_Result result =
        answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text, len);
    free(text);
    return result;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request) {
    const struct admin *admin = ctx;
    static int seen; /* its address marks the first call of a request */
    (void)version;
    (void)upload;
    /* Answers go out on the second call: docs/pitfalls.md, libmicrohttpd 2. */
    if (*request == NULL) {
        *request = &seen;
        return MHD_YES;
    }
    *upload_size = 0;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    if (strcmp(url, "/healthz") == 0) {
        return answer_text(connection, MHD_HTTP_OK, "alive\n");
    }
    if (strcmp(url, "/readyz") == 0) {
        return answer_ready(admin, connection);
    }
    if (strcmp(url, "/metrics") == 0) {
        return answer_metrics(connection);
    }
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "/healthz, /readyz or /metrics\n");
}

static struct MHD_Daemon *start(struct admin *admin, const struct addrinfo *address) {
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL |
                     (address->ai_family == AF_INET6 ? MHD_USE_DUAL_STACK : 0);
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, admin, MHD_OPTION_SOCK_ADDR,
                            address->ai_addr, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)ADMIN_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)ADMIN_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)MEMORY_PER_CONNECTION_BYTES, MHD_OPTION_END);
}

struct admin *admin_create(const struct admin_options *options) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[8];
    struct admin *admin = calloc(1, sizeof *admin);
    if (admin == NULL) {
        return NULL;
    }
    admin->options = *options;
    admin->options.host = NULL; /* borrowed until here only */
    snprintf(port, sizeof port, "%u", options->port);
    int code = getaddrinfo(options->host[0] != '\0' ? options->host : NULL, port, &hints, &found);
    process_metrics_update(); /* before the thread that will do it */
    errno = 0;
    for (struct addrinfo *at = found; at != NULL && admin->daemon == NULL; at = at->ai_next) {
        admin->daemon = start(admin, at);
    }
    if (found != NULL) {
        freeaddrinfo(found);
    }
    if (admin->daemon == NULL) {
        lg_log(LG_LOG_ERROR, "admin", "listen_failed", "host=%s port=%u reason=%s", options->host,
               options->port, code != 0 ? gai_strerror(code) : strerror(errno));
        free(admin);
        return NULL;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_BIND_PORT);
    admin->port = info != NULL ? info->port : options->port;
    lg_log(LG_LOG_INFO, "admin", "listening", "host=%s port=%u", options->host, admin->port);
    return admin;
}

void admin_destroy(struct admin *admin) {
    if (admin != NULL) {
        MHD_stop_daemon(admin->daemon);
        free(admin);
    }
}

uint16_t admin_port(const struct admin *admin) {
    return admin->port;
}

bool admin_open(const struct options *options, bool (*is_ready)(void *, char *, size_t), void *ctx,
                struct admin **admin) {
    struct options_hostport at;
    if (!options_hostport(options, "admin", 0, &at)) {
        return true;
    }
    const struct admin_options wanted = {at.host, at.port, is_ready, ctx};
    *admin = admin_create(&wanted);
    if (*admin == NULL) {
        return false;
    }
    printf(strchr(at.host, ':') != NULL ? "listening admin [%s]:%u\n" : "listening admin %s:%u\n",
           at.host[0] != '\0' ? at.host : "*", (*admin)->port);
    fflush(stdout);
    return true;
}
