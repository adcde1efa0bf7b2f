/* Many WebSocket clients in one process (epoll), for measuring how long a
 * change takes to reach the last of them. The same program is used for every
 * server that is compared.
 *
 *     fanout_client PORT PATH N_CLIENTS N_ROUNDS TRIGGER PID
 *
 * TRIGGER "ws": another WebSocket client posts a script that changes the score
 * (the placeholder %u becomes the round); "http:PORT:PATH": an HTTP POST. PID:
 * process whose memory is read from /proc before and after the clients come,
 * and its processor time for the rounds.
 * Prints one line of key=value pairs; times in milliseconds from the trigger.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP_ROUNDS = 3, EVENTS_AT_ONCE = 512, ROUND_LIMIT_MS = 20000 };

struct client {
    int fd;
    unsigned round; /* of the last notice */
};

struct run {
    uint16_t port;
    const char *path;
    size_t n_clients;
    unsigned n_rounds;
    const char *trigger;
    long pid;
    struct client *clients;
    int epoll_fd;
    int trigger_fd;
};

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long resident_kib(long pid) {
    char path[64];
    long total = 0, resident = 0;
    snprintf(path, sizeof(path), "/proc/%ld/statm", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) {
        die(path);
    }
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Processor time of a process so far. */
static double cpu_ms(long pid) {
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(text, sizeof(text), file) == NULL) {
        die(path);
    }
    fclose(file);
    const char *after_name = strrchr(text, ')');
    if (after_name == NULL ||
        sscanf(after_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2) {
        die(path);
    }
    return (double)(user + system) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

static int connect_to(uint16_t port) {
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        die("connect");
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

static void send_all(int fd, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        if (n <= 0) {
            die("send");
        }
        at += n;
        size -= (size_t)n;
    }
}

/* One WebSocket connection; blocking until the upgrade is done. */
static int open_client(const struct run *run) {
    char text[1024];
    size_t used = 0;
    int fd = connect_to(run->port);
    int len = snprintf(text, sizeof(text),
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       run->path, run->port);
    send_all(fd, text, (size_t)len);
    while (used < sizeof(text) - 1) {
        ssize_t n = recv(fd, text + used, sizeof(text) - 1 - used, 0);
        if (n <= 0) {
            die("upgrade");
        }
        used += (size_t)n;
        text[used] = '\0';
        if (strstr(text, "\r\n\r\n") != NULL) {
            break;
        }
    }
    if (strncmp(text, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "upgrade refused: %.40s\n", text);
        exit(1);
    }
    return fd;
}

static void open_clients(struct run *run) {
    run->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    run->clients = calloc(run->n_clients, sizeof(*run->clients));
    if (run->epoll_fd < 0 || run->clients == NULL) {
        die("epoll");
    }
    for (size_t i = 0; i < run->n_clients; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
        run->clients[i].fd = open_client(run);
        fcntl(run->clients[i].fd, F_SETFL, O_NONBLOCK);
        if (epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, run->clients[i].fd, &event) != 0) {
            die("epoll_ctl");
        }
    }
}

/* -- triggers ------------------------------------------------------------------ */

static void send_masked_text(int fd, const char *text, size_t len) {
    uint8_t frame[1024] = {0x81, 0xfe, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, 0};
    memcpy(frame + 8, text, len); /* masked by zeros */
    send_all(fd, frame, 8 + len);
}

static void trigger_ws(struct run *run, unsigned round) {
    char text[512];
    int len = snprintf(text, sizeof(text),
                       "{\"method\":\"post\",\"id\":%u,\"data\":"
                       "\"/ITL/scene/bench set txt 'round %u';\"}",
                       round, round);
    send_masked_text(run->trigger_fd, text, (size_t)len);
}

static void trigger_http(struct run *run, unsigned round) {
    char body[64], text[512];
    const char *path = strchr(run->trigger + 5, ':') + 1;
    int body_len = snprintf(body, sizeof(body), "{\"notification\":true,\"version\":%u}", round);
    int len = snprintf(text, sizeof(text),
                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s", path,
                       body_len, body);
    send_all(run->trigger_fd, text, (size_t)len);
}

static void open_trigger(struct run *run) {
    if (strcmp(run->trigger, "ws") == 0) {
        run->trigger_fd = open_client(run);
    } else {
        run->trigger_fd = connect_to((uint16_t)atoi(run->trigger + 5));
    }
    fcntl(run->trigger_fd, F_SETFL, O_NONBLOCK);
}

static void pull(struct run *run, unsigned round) {
    char rest[4096];
    while (recv(run->trigger_fd, rest, sizeof(rest), 0) > 0) {
        /* answers of earlier rounds */
    }
    if (strcmp(run->trigger, "ws") == 0) {
        trigger_ws(run, round);
    } else {
        trigger_http(run, round);
    }
}

/* -- rounds --------------------------------------------------------------------- */

struct times {
    double first_ms, last_ms;
};

/* Any data counts: one notice per round and client, each far below a packet. */
static bool take(struct client *client, unsigned round) {
    char data[2048];
    ssize_t n = recv(client->fd, data, sizeof(data), 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        die("recv");
    }
    if (n < 0 || (data[0] & 0x0f) != 1 || client->round == round) {
        return false;
    }
    client->round = round;
    return true;
}

static struct times one_round(struct run *run, unsigned round) {
    struct epoll_event events[EVENTS_AT_ONCE];
    struct times times = {0, 0};
    size_t left = run->n_clients;
    double start_ms = now_ms();
    pull(run, round);
    while (left > 0) {
        int n = epoll_wait(run->epoll_fd, events, EVENTS_AT_ONCE, ROUND_LIMIT_MS);
        if (n <= 0) {
            fprintf(stderr, "round %u: %zu clients without a notice\n", round, left);
            exit(1);
        }
        for (int i = 0; i < n; i++) {
            left -= take(&run->clients[events[i].data.u64], round);
        }
        times.last_ms = now_ms() - start_ms;
        if (times.first_ms == 0 && left < run->n_clients) {
            times.first_ms = times.last_ms;
        }
    }
    return times;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof(*values), compare);
    return values[n / 2];
}

static void measure(struct run *run, long before_kib, double connect_ms) {
    double *first = calloc(run->n_rounds, sizeof(double));
    double *last = calloc(run->n_rounds, sizeof(double));
    double *spread = calloc(run->n_rounds, sizeof(double));
    if (first == NULL || last == NULL || spread == NULL) {
        die("memory");
    }
    long idle_kib = resident_kib(run->pid);
    double start_cpu_ms = cpu_ms(run->pid);
    for (unsigned i = 1; i <= run->n_rounds + WARM_UP_ROUNDS; i++) {
        struct times times = one_round(run, i);
        if (i > WARM_UP_ROUNDS) {
            size_t at = i - WARM_UP_ROUNDS - 1;
            first[at] = times.first_ms;
            last[at] = times.last_ms;
            spread[at] = times.last_ms - times.first_ms;
        }
        usleep(150 * 1000); /* quiet between the rounds: longer than any notify period */
    }
    long after_kib = resident_kib(run->pid);
    double n_notices = (double)run->n_clients * (run->n_rounds + WARM_UP_ROUNDS);
    double notice_us = (cpu_ms(run->pid) - start_cpu_ms) * 1e3 / n_notices;
    printf("clients=%zu rounds=%u connect_ms=%.0f first_ms=%.2f last_ms=%.2f spread_ms=%.2f "
           "cpu_us_per_notice=%.2f bytes_per_client_idle=%.0f bytes_per_client=%.0f\n",
           run->n_clients, run->n_rounds, connect_ms, median(first, run->n_rounds),
           median(last, run->n_rounds), median(spread, run->n_rounds), notice_us,
           (double)(idle_kib - before_kib) * 1024 / (double)run->n_clients,
           (double)(after_kib - before_kib) * 1024 / (double)run->n_clients);
    free(first);
    free(last);
    free(spread);
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: fanout_client PORT PATH N_CLIENTS N_ROUNDS TRIGGER PID\n");
        return 2;
    }
    struct run run = {.port = (uint16_t)atoi(argv[1]),
                      .path = argv[2],
                      .n_clients = (size_t)atol(argv[3]),
                      .n_rounds = (unsigned)atoi(argv[4]),
                      .trigger = argv[5],
                      .pid = atol(argv[6])};
    struct rlimit limit = {run.n_clients + 64, run.n_clients + 64};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        die("setrlimit");
    }
    long before_kib = resident_kib(run.pid);
    double start_ms = now_ms();
    open_clients(&run);
    double connect_ms = now_ms() - start_ms;
    open_trigger(&run);
    measure(&run, before_kib, connect_ms);
    for (size_t i = 0; i < run.n_clients; i++) {
        close(run.clients[i].fd);
    }
    close(run.trigger_fd);
    close(run.epoll_fd);
    free(run.clients);
    return 0;
}
