/* A crowd of WebSocket clients (INScore dialect), changes of the score at a
 * fixed rate, and how long each notice was under way.
 *
 *     crowd --ports P[,P…] --clients N [--processes N] [--rate HZ] [--seconds S]
 *           [--churn HZ] [--deaf N] [--report S] [--path PATH]
 *
 * Clients are spread over the ports. A poster at the first port changes the
 * score `rate` times a second, whether or not anything has come of the changes
 * before (no coordinated omission): a delay counts from the moment when the
 * change was due. churn: so many clients a second leave, and come again. deaf:
 * clients that never read. processes: so many share the clients, since each may
 * have only so many open files; the first of them posts.
 * Prints one JSON object a line per report (of the first process), and one for the whole run with
 * "total": true; there `behind` is the number of clients that did not have the
 * last version 5 s after the end. Exit status 1 when the crowd cannot come.
 */
#include "crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS_AT_ONCE = 512,
    OPENING_AT_ONCE = 200, /* the listener's backlog must not overflow */
    OPENING_LIMIT_S = 120,
    SETTLE_S = 5,
};
#define POSTER UINT64_MAX

int64_t crowd_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

_Noreturn void crowd_die(const char *what) {
    fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* -- the poster: blocking until it is connected, then it only sends -------------- */

static void send_masked(int fd, const char *text) {
    size_t len = strlen(text);
    uint8_t frame[512] = {0x81, 0xfe, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, 0};
    memcpy(frame + 8, text, len); /* masked by zeros */
    if (send(fd, frame, 8 + len, MSG_NOSIGNAL) != (ssize_t)(8 + len)) {
        crowd_die("post");
    }
}

static uint64_t ask_version(int fd) {
    char text[512];
    size_t used = 0;
    send_masked(fd, "{\"id\":\"v\",\"method\":\"version\"}");
    while (used + 1 < sizeof(text)) {
        ssize_t n = recv(fd, text + used, sizeof(text) - 1 - used, 0);
        if (n <= 0) {
            break;
        }
        used += (size_t)n;
        text[used] = '\0';
        for (size_t i = 0; i < used; i++) { /* heads of frames hold zeros */
            text[i] = text[i] == '\0' ? ' ' : text[i];
        }
        const char *answer = strstr(text, "\"OK\"");
        const char *at = answer == NULL ? NULL : strstr(answer, "\"version\":");
        if (at != NULL && strchr(at, '}') != NULL) {
            return strtoull(at + 10, NULL, 10);
        }
    }
    fprintf(stderr, "crowd: no version from the gateway\n");
    exit(1);
}

static void open_poster(struct crowd *crowd) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(crowd->ports[0])};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    static const char UPGRADE[] =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    char head[1024] = "";
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        send(fd, UPGRADE, sizeof(UPGRADE) - 1, MSG_NOSIGNAL) < 0) {
        crowd_die("poster");
    }
    for (size_t used = 0; strstr(head, "\r\n\r\n") == NULL; used++) {
        if (used + 1 >= sizeof(head) || recv(fd, head + used, 1, 0) != 1) {
            crowd_die("upgrade of the poster");
        }
    }
    crowd->poster.fd = fd;
    crowd->shared->first_version = ask_version(fd) + 1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = POSTER};
    if (epoll_ctl(crowd->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        crowd_die("epoll_ctl");
    }
}

static void drain_poster(struct crowd *crowd) {
    char rest[4096];
    ssize_t n;
    while ((n = recv(crowd->poster.fd, rest, sizeof(rest), 0)) > 0) {
        /* its own notices and answers */
    }
    if (n == 0) {
        fprintf(stderr, "crowd: the poster was closed\n");
        exit(1);
    }
}

static void post_change(struct crowd *crowd, int64_t due_us) {
    char text[256];
    struct shared *shared = crowd->shared;
    uint64_t n_changes = atomic_load(&shared->n_changes);
    if (n_changes == shared->max_changes) {
        return;
    }
    shared->due_us[n_changes] = due_us;
    atomic_store(&shared->n_changes, n_changes + 1);
    snprintf(
        text, sizeof(text),
        "{\"id\":\"p\",\"method\":\"post\",\"data\":\"/ITL/scene/crowd set txt 'change %llu';\"}",
        (unsigned long long)n_changes + 1);
    send_masked(crowd->poster.fd, text);
}

/* -- the loop ------------------------------------------------------------------- */

void crowd_run_until(struct crowd *crowd, int64_t end_us) {
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        int64_t left_us = end_us - crowd_now_us();
        int n = epoll_wait(crowd->epoll_fd, events, EVENTS_AT_ONCE,
                           left_us <= 0 ? 0 : (int)((left_us + 999) / 1000));
        for (int i = 0; i < n; i++) {
            if (events[i].data.u64 == POSTER) {
                drain_poster(crowd);
            } else {
                crowd_client_ready(crowd, events[i].data.u64);
            }
        }
        if (left_us <= 0) {
            return;
        }
    }
}

static void open_all(struct crowd *crowd) {
    int64_t limit_us = crowd_now_us() + OPENING_LIMIT_S * INT64_C(1000000);
    size_t next = 0;
    while (crowd->tally.n_open < crowd->n_clients) {
        while (next < crowd->n_clients && next < crowd->tally.n_open + OPENING_AT_ONCE) {
            crowd->clients[next].is_deaf = next < crowd->n_deaf;
            crowd_client_open(crowd, next++);
        }
        crowd_run_until(crowd, crowd_now_us() + 1000);
        if (crowd_now_us() > limit_us || crowd->tally.n_refused > 0) {
            fprintf(stderr, "crowd: only %zu of %zu clients could come\n", crowd->tally.n_open,
                    crowd->n_clients);
            exit(1);
        }
    }
}

/* One client leaves or, if it is away, comes again. */
static void churn(struct crowd *crowd) {
    size_t client_i = (size_t)random() % crowd->n_clients;
    struct client *client = &crowd->clients[client_i];
    if (client->state == CLIENT_OPEN) {
        crowd_client_close(crowd, client);
    }
    if (client->state == CLIENT_AWAY) {
        crowd_client_open(crowd, client_i);
    }
}

static void report(const struct crowd *crowd, const struct tally *tally, double at_s) {
    const struct delays *delays = &tally->delays;
    printf(
        "{\"at_s\": %.0f, \"open\": %zu, \"opened\": %llu, \"changes\": %llu, \"notices\": %llu, "
        "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, \"max_ms\": %.3f, "
        "\"inversions\": %llu, \"lost\": %llu, \"refused\": %llu",
        at_s, (size_t)tally->n_open, (unsigned long long)tally->n_opened,
        (unsigned long long)atomic_load(&crowd->shared->n_changes), (unsigned long long)delays->n,
        (double)delays_share_us(delays, 0.5) / 1e3, (double)delays_share_us(delays, 0.99) / 1e3,
        (double)delays_share_us(delays, 0.999) / 1e3, (double)delays->max_us / 1e3,
        (unsigned long long)tally->n_inversions, (unsigned long long)tally->n_lost,
        (unsigned long long)tally->n_refused);
}

static void run(struct crowd *crowd) {
    struct delays all = {0};
    int64_t start_us = crowd_now_us(), end_us = start_us + (int64_t)(crowd->seconds * 1e6);
    int64_t change_us = start_us, churn_us = start_us, report_us = start_us;
    int64_t every_us = (int64_t)(1e6 / crowd->rate_hz);
    int64_t churn_every_us = crowd->churn_hz > 0 ? (int64_t)(1e6 / crowd->churn_hz) : INT64_MAX / 2;
    int64_t report_every_us = (int64_t)(crowd->report_s * 1e6);
    churn_us += churn_every_us;
    report_us += report_every_us;
    for (int64_t now_us = start_us; now_us < end_us; now_us = crowd_now_us()) {
        if (now_us >= change_us) {
            post_change(crowd, change_us);
            change_us += every_us;
        }
        if (now_us >= churn_us) {
            churn(crowd);
            churn_us += churn_every_us;
        }
        if (now_us >= report_us) {
            report(crowd, &crowd->tally, (double)(now_us - start_us) / 1e6);
            printf("}\n");
            fflush(stdout);
            delays_join(&all, &crowd->tally.delays);
            memset(&crowd->tally.delays, 0, sizeof(crowd->tally.delays));
            report_us += report_every_us;
        }
        int64_t next_us = change_us < churn_us ? change_us : churn_us;
        crowd_run_until(crowd, next_us < report_us ? next_us : report_us);
    }
    post_change(crowd, crowd_now_us());
    atomic_store(&crowd->shared->is_over, true);
    crowd_run_until(crowd, crowd_now_us() + SETTLE_S * INT64_C(1000000));
    delays_join(&crowd->tally.delays, &all);
    struct tally tally = crowd_join(crowd);
    report(crowd, &tally, crowd->seconds);
    printf(", \"behind\": %llu, \"total\": true}\n", (unsigned long long)tally.n_behind);
}

/* -- options -------------------------------------------------------------------- */

static void read_ports(struct crowd *crowd, char *text) {
    char *rest = NULL;
    for (char *word = strtok_r(text, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        if (crowd->n_ports < CROWD_PORTS_MAX) {
            crowd->ports[crowd->n_ports++] = (uint16_t)atoi(word);
        }
    }
}

static void read_options(struct crowd *crowd, int argc, char **argv) {
    static const struct option OPTIONS[] = {{"ports", 1, NULL, 'p'},     {"clients", 1, NULL, 'n'},
                                            {"rate", 1, NULL, 'r'},      {"seconds", 1, NULL, 's'},
                                            {"churn", 1, NULL, 'c'},     {"deaf", 1, NULL, 'd'},
                                            {"report", 1, NULL, 'e'},    {"path", 1, NULL, 'a'},
                                            {"processes", 1, NULL, 'o'}, {NULL, 0, NULL, 0}};
    int which;
    while ((which = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (which) {
        case 'p':
            read_ports(crowd, optarg);
            break;
        case 'n':
            crowd->n_clients = (size_t)atol(optarg);
            break;
        case 'r':
            crowd->rate_hz = atof(optarg);
            break;
        case 's':
            crowd->seconds = atof(optarg);
            break;
        case 'c':
            crowd->churn_hz = atof(optarg);
            break;
        case 'd':
            crowd->n_deaf = (size_t)atol(optarg);
            break;
        case 'e':
            crowd->report_s = atof(optarg);
            break;
        case 'a':
            crowd->path = optarg;
            break;
        case 'o':
            crowd->n_parts = (unsigned)atoi(optarg);
            break;
        default:
            exit(2);
        }
    }
    if (crowd->n_ports == 0 || crowd->n_clients == 0 || crowd->rate_hz <= 0 ||
        crowd->seconds <= 0 || crowd->n_parts < 1 || crowd->n_parts > CROWD_PARTS_MAX ||
        crowd->n_clients < crowd->n_parts) {
        fprintf(stderr,
                "usage: crowd --ports P[,P] --clients N [--processes N, at most %d] [--rate HZ] "
                "[--seconds S]\n",
                CROWD_PARTS_MAX);
        exit(2);
    }
}

int main(int argc, char **argv) {
    struct crowd crowd = {.n_parts = 1, .rate_hz = 5, .seconds = 10, .report_s = 60, .path = "/"};
    read_options(&crowd, argc, argv);
    crowd.shared = crowd_shared_create((uint64_t)(crowd.rate_hz * crowd.seconds) + 16);
    int64_t start_us = crowd_now_us();
    crowd_fork(&crowd);
    struct rlimit limit = {crowd.n_clients + 64, crowd.n_clients + 64};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        crowd_die("setrlimit");
    }
    crowd.clients = calloc(crowd.n_clients, sizeof(*crowd.clients));
    crowd.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (crowd.clients == NULL || crowd.epoll_fd < 0) {
        crowd_die("start");
    }
    open_all(&crowd);
    atomic_fetch_add(&crowd.shared->n_here, 1);
    if (crowd.part > 0) {
        crowd_follow(&crowd, SETTLE_S * INT64_C(1000000));
    }
    crowd_await_all(&crowd);
    printf("{\"came_s\": %.2f}\n", (double)(crowd_now_us() - start_us) / 1e6);
    fflush(stdout);
    open_poster(&crowd);
    run(&crowd);
    free(crowd.clients);
    return 0;
}
