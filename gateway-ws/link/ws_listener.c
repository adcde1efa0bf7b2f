/* Listening sockets of our own, handed to the library as raw descriptors;
 * sockets that come in are adopted as HTTP connections. So a port opens,
 * fails and closes at once, and a connection over a limit costs nothing.
 */
#define _GNU_SOURCE /* accept4: POSIX since 2024 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway-ws/link/ws_private.h"

enum {
    BACKLOG = 4096,
    ACCEPTS_AT_ONCE = 64, /* then the other descriptors get their turn */
};

static const char REFUSAL[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                              "Connection: close\r\nContent-Length: 0\r\n\r\n";

/* A bound, listening, non-blocking socket or a negative errno. */
static int open_socket(const struct addrinfo *address, bool is_shared) {
    const int on = 1;
    const int off = 0;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (is_shared) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    }
    if (address->ai_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    }
    /* Accepted sockets inherit it. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int err = errno;
        close(fd);
        return -err;
    }
    return fd;
}

/* "" tries all addresses by IPv6 first (it takes IPv4 too), then IPv4 alone. */
static int open_port(const char *host, uint16_t port_number, bool is_shared) {
    static const char *const ALL[] = {"::", "0.0.0.0"};
    char service[8];
    int fd = -EADDRNOTAVAIL;
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    snprintf(service, sizeof(service), "%u", (unsigned)port_number);
    for (size_t i = 0; i < (host[0] == '\0' ? 2u : 1u); i++) {
        struct addrinfo *list = NULL;
        const char *name = host[0] == '\0' ? ALL[i] : host;
        if (getaddrinfo(name, service, &hints, &list) != 0) {
            continue;
        }
        fd = open_socket(list, is_shared);
        freeaddrinfo(list);
        if (fd >= 0 || fd == -EADDRINUSE || fd == -EACCES) {
            break;
        }
    }
    return fd;
}

static uint16_t bound_port(int fd) {
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        return 0;
    }
    if (address.ss_family == AF_INET6) {
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    }
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

int ws_server_listen(struct ws_server *server, const char *host, uint16_t port_number,
                     bool is_shared, void *port, struct ws_listener **listener) {
    int fd = open_port(host, port_number, is_shared);
    if (fd < 0) {
        return fd;
    }
    struct ws_listener *fresh = calloc(1, sizeof(*fresh));
    if (fresh == NULL) {
        close(fd);
        return -ENOMEM;
    }
    fresh->server = server;
    fresh->port = port;
    fresh->fd = fd;
    fresh->port_number = bound_port(fd);
    lws_adopt_desc_t adoption = {
        .vh = server->vhost,
        .type = LWS_ADOPT_RAW_FILE_DESC,
        .fd = {.filefd = fd},
        .vh_prot_name = WS_PROTOCOL_LISTENER,
        .opaque = fresh,
    };
    server->is_adopting = true;
    fresh->link = lws_adopt_descriptor_vhost_via_info(&adoption);
    server->is_adopting = false;
    if (fresh->link == NULL) {
        free(fresh); /* the library closed the descriptor */
        return -ENOMEM;
    }
    fresh->next = server->listeners;
    server->listeners = fresh;
    *listener = fresh;
    return 0;
}

uint16_t ws_listener_port(const struct ws_listener *listener) {
    return listener->port_number;
}

void ws_listener_name(const struct ws_listener *listener, char *text, size_t size_bytes) {
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char host[INET6_ADDRSTRLEN] = "*";
    if (getsockname(listener->fd, (struct sockaddr *)&address, &len) == 0) {
        getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), NULL, 0, NI_NUMERICHOST);
    }
    snprintf(text, size_bytes, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
             (unsigned)listener->port_number);
}

void ws_listener_close(struct ws_listener *listener) {
    if (listener != NULL) {
        /* Ends in ws_listener_forget; the descriptor is closed when this returns. */
        lws_set_timeout(listener->link, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
    }
}

void ws_listener_forget(struct ws_listener *listener) {
    struct ws_listener **at = &listener->server->listeners;
    while (*at != NULL && *at != listener) {
        at = &(*at)->next;
    }
    if (*at == listener) {
        *at = listener->next;
        free(listener);
    }
}

static void refuse(const struct ws_server *server, int fd) {
    if (server->tls == NULL) { /* else: no words before a handshake */
        (void)!send(fd, REFUSAL, sizeof(REFUSAL) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void adopt(struct ws_listener *listener, int fd, const struct sockaddr_storage *peer) {
    struct ws_server *server = listener->server;
    void *connection = server->events->on_accept(server->ctx, listener->port, peer);
    if (connection == NULL) {
        refuse(server, fd);
        return;
    }
    lws_adopt_desc_t adoption = {
        .vh = server->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | (server->tls != NULL ? LWS_ADOPT_ALLOW_SSL : 0),
        .fd = {.sockfd = fd},
        .opaque = connection,
    };
    server->is_adopting = true;
    struct lws *link = lws_adopt_descriptor_vhost_via_info(&adoption);
    server->is_adopting = false;
    if (link == NULL) {
        server->events->on_gone(connection);
    }
}

int ws_listener_spare(void) {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left: whoever waits would make the loop spin. The spare one
 * lets him in and out again. false: there is none either. */
static bool refuse_by_spare(struct ws_listener *listener) {
    struct ws_server *server = listener->server;
    if (server->spare_fd >= 0) {
        close(server->spare_fd);
    }
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        refuse(server, fd);
    }
    server->spare_fd = ws_listener_spare();
    return fd >= 0;
}

void ws_listener_accept(struct ws_listener *listener) {
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof(peer);
        memset(&peer, 0, sizeof(peer));
        int fd =
            accept4(listener->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return;
            }
            bool is_full = errno == EMFILE || errno == ENFILE;
            lg_log(LG_LOG_WARN, "ws", "accept_failed", "reason=%s", strerror(errno));
            if (!is_full || !refuse_by_spare(listener)) {
                return;
            }
            continue;
        }
        adopt(listener, fd, &peer);
    }
}
