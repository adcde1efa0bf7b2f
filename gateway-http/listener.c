/* Listening sockets. The library could listen by itself, but then each port
 * would need a daemon and a thread of its own, and a score opens ports. */
#include "gateway-http/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway-http/server/http_server.h"

#define ACCEPT_BURST   64
#define LISTEN_BACKLOG 1024

static int open_socket(const struct addrinfo *info, bool shares_port) {
    int on = 1, off = 0;
    int fd = socket(info->ai_family, SOCK_STREAM, 0);
    if (fd < 0) {
        return -1;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shares_port) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    if (info->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static uint16_t port_of(int fd) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        return 0;
    }
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

int listener_open(const char *host, uint16_t port, bool shares_port, uint16_t *bound) {
    char service[8];
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    snprintf(service, sizeof service, "%u", port);
    /* All addresses: "::" first, which takes IPv4 too; without IPv6, 0.0.0.0. */
    bool is_any = host[0] == '\0';
    int code = getaddrinfo(is_any ? "::" : host, service, &hints, &found);
    if (code != 0) {
        lg_log(LG_LOG_ERROR, "http", "no_host", "host=%s reason=%s", host, gai_strerror(code));
        return -1;
    }
    int fd = open_socket(found, shares_port);
    freeaddrinfo(found);
    if (fd < 0 && is_any && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) &&
        getaddrinfo("0.0.0.0", service, &hints, &found) == 0) {
        fd = open_socket(found, shares_port);
        freeaddrinfo(found);
    }
    if (fd < 0) {
        lg_log(LG_LOG_ERROR, "http", "cannot_listen", "host=%s port=%u reason=%s",
               is_any ? "*" : host, port, strerror(errno));
        return -1;
    }
    *bound = port_of(fd);
    return fd;
}

/* Over the limit: one honest line instead of silence. */
static void turn_away(const struct http_server *server, int fd) {
    static const char ANSWER[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                                 "Retry-After: 2\r\nConnection: close\r\n\r\n";
    if (!http_server_has_tls(server)) { /* else: no words before a handshake */
        ssize_t n = send(fd, ANSWER, sizeof ANSWER - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)n; /* best effort */
    }
    close(fd);
}

bool listener_accept(int fd, struct http_server *server, struct http_port *port,
                     uint32_t max_connections) {
    for (int i = 0; i < ACCEPT_BURST; i++) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        int on = 1;
        int client = accept(fd, (struct sockaddr *)&address, &size);
        if (client < 0) {
            return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
        }
        fcntl(client, F_SETFD, FD_CLOEXEC);
        fcntl(client, F_SETFL, O_NONBLOCK);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (http_server_n_connections(server) >= (int)max_connections) {
            lg_log(LG_LOG_WARN, "http", "too_many_connections", "limit=%u", max_connections);
            http_server_note_limit(server, HTTP_MAX_CONNECTIONS);
            turn_away(server, client);
            continue;
        }
        if (!http_server_adopt(server, client, (struct sockaddr *)&address, size, port)) {
            turn_away(server, client);
        }
    }
    return true;
}
