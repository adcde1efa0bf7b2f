/* JSON-RPC calls over WebSockets as fast as a server answers them, from one
 * process (epoll). The same program is used for every server that is compared.
 *
 *     rpc_load calls PORT PATH N_SOCKETS N_IN_FLIGHT SECONDS PID
 *     rpc_load idle|sessions PORT PATH N_SOCKETS PID
 *
 * calls: keeps N_IN_FLIGHT calls of `version` under way on each socket; prints
 * calls a second, times from a call to its answer, and the processor time of
 * this program and of the process PID per call.
 * idle: opens the sockets; prints by how much the memory of PID grew, per socket.
 * sessions: the same with a session on each (`connect`).
 * Prints one line of key=value pairs.
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

enum {
    EVENTS_AT_ONCE = 128,
    IN_BYTES = 256 * 1024,
    CALL_BYTES = 128, /* a call with its frame, at most */
    WARM_UP_MS = 500,
    WAIT_LIMIT_MS = 20000,
    BUCKET_US = 10, /* of the histogram of answering times */
    N_BUCKETS = 200 * 1000,
};

struct socket_state {
    int fd;
    uint64_t next_id, n_waiting;
    double *sent_ms; /* of call id, at id % n_in_flight */
    uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_len;
};

struct run {
    uint16_t port;
    const char *path;
    size_t n_sockets, n_in_flight;
    long pid;
    struct socket_state *sockets;
    int epoll_fd;
    bool is_measuring, is_ending;
    uint64_t n_answers; /* while measuring */
    uint64_t n_over;    /* slower than the histogram's end */
    uint32_t *histogram;
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

static void refuse(const char *what) {
    fprintf(stderr, "rpc_load: %s\n", what);
    exit(1);
}

static void *take(size_t count, size_t size) {
    void *made = calloc(count, size);
    if (made == NULL) {
        die("memory");
    }
    return made;
}

/* -- processes ---------------------------------------------------------- */

static long resident_bytes(long pid) {
    char path[64];
    long total = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) {
        die(path);
    }
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

/* Processor time of a process so far, all its threads. */
static double cpu_ms(long pid) {
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(text, sizeof text, file) == NULL) {
        die(path);
    }
    fclose(file);
    const char *after_name = strrchr(text, ')');
    if (after_name == NULL ||
        sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2) {
        refuse("processor time of the server is not to be read");
    }
    return (double)(user + system) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu_ms(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* -- connections ---------------------------------------------------------- */

static int connect_tcp(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        die("connect");
    }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct timeval limit = {.tv_sec = WAIT_LIMIT_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

/* Sends the upgrade and reads its answer, byte by byte, so that no frame is taken with it. */
static void upgrade(int fd, const char *path) {
    char text[512];
    size_t len = 0;
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                     path);
    if (write(fd, text, (size_t)n) != n) {
        die("upgrade");
    }
    while (len < 4 || memcmp(text + len - 4, "\r\n\r\n", 4) != 0) {
        if (len == sizeof text || read(fd, text + len, 1) != 1) {
            refuse("no answer to the upgrade");
        }
        len++;
    }
    if (memcmp(text, "HTTP/1.1 101", 12) != 0) {
        refuse("the upgrade was refused");
    }
}

/* A masked text frame of at most 125 bytes. */
static size_t put_frame(uint8_t *out, const char *text, size_t len) {
    static const uint8_t MASK[4] = {0x5a, 0xc3, 0x17, 0x88};
    out[0] = 0x81;
    out[1] = (uint8_t)(0x80 | len);
    memcpy(out + 2, MASK, sizeof MASK);
    for (size_t i = 0; i < len; i++) {
        out[6 + i] = (uint8_t)text[i] ^ MASK[i % 4];
    }
    return len + 6;
}

/* The next whole frame in bytes: its size and payload; 0 when there is none yet. */
static size_t next_frame(const uint8_t *in, size_t in_len, const uint8_t **payload, size_t *len) {
    if (in_len < 2) {
        return 0;
    }
    size_t head = 2;
    *len = in[1] & 0x7f;
    if (*len == 126) {
        head = 4;
        *len = in_len < head ? 0 : ((size_t)in[2] << 8 | in[3]);
    } else if (*len == 127) {
        refuse("an answer of more than 64 KiB");
    }
    if (in_len < head + *len) {
        return 0;
    }
    *payload = in + head;
    return head + *len;
}

/* -- calls ---------------------------------------------------------------- */

static void add_call(struct run *run, struct socket_state *socket) {
    char text[CALL_BYTES];
    int n = snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%llu,\"method\":\"version\"}",
                     (unsigned long long)socket->next_id);
    socket->sent_ms[socket->next_id % run->n_in_flight] = now_ms();
    socket->out_len += put_frame(socket->out + socket->out_len, text, (size_t)n);
    socket->next_id++;
    socket->n_waiting++;
}

static void flush(struct socket_state *socket) {
    size_t at = 0;
    while (at < socket->out_len) {
        ssize_t n = write(socket->fd, socket->out + at, socket->out_len - at);
        if (n < 0) {
            die("write");
        }
        at += (size_t)n;
    }
    socket->out_len = 0;
}

/* "id":N of an answer, which has a result (while it warms up perhaps none yet). */
static uint64_t id_of_answer(const struct run *run, const uint8_t *payload, size_t len) {
    static const char ID[] = "\"id\":";
    char text[1024];
    len = len < sizeof text ? len : sizeof text - 1;
    memcpy(text, payload, len);
    text[len] = '\0';
    const char *at = strstr(text, ID);
    if (at == NULL || (run->is_measuring && strstr(text, "\"result\"") == NULL)) {
        fprintf(stderr, "rpc_load: no answer: %s\n", text);
        exit(1);
    }
    return strtoull(at + sizeof ID - 1, NULL, 10);
}

static void note_answer(struct run *run, struct socket_state *socket, uint64_t id) {
    if (socket->n_waiting == 0) {
        refuse("an answer too many");
    }
    socket->n_waiting--;
    if (!run->is_measuring) {
        return;
    }
    double took_us = (now_ms() - socket->sent_ms[id % run->n_in_flight]) * 1e3;
    size_t bucket = (size_t)(took_us / BUCKET_US);
    run->n_answers++;
    if (bucket < N_BUCKETS) {
        run->histogram[bucket]++;
    } else {
        run->n_over++;
    }
}

static void on_readable(struct run *run, struct socket_state *socket) {
    ssize_t n = read(socket->fd, socket->in + socket->in_len, IN_BYTES - socket->in_len);
    if (n <= 0) {
        refuse("the server has closed a connection");
    }
    socket->in_len += (size_t)n;
    size_t at = 0, size, len;
    const uint8_t *payload;
    while ((size = next_frame(socket->in + at, socket->in_len - at, &payload, &len)) > 0) {
        if ((socket->in[at] & 0x0f) == 1) {
            note_answer(run, socket, id_of_answer(run, payload, len));
            if (!run->is_ending) {
                add_call(run, socket);
            }
        }
        at += size;
    }
    memmove(socket->in, socket->in + at, socket->in_len - at);
    socket->in_len -= at;
    flush(socket);
}

static uint64_t waiting(const struct run *run) {
    uint64_t total = 0;
    for (size_t i = 0; i < run->n_sockets; i++) {
        total += run->sockets[i].n_waiting;
    }
    return total;
}

/* Turns the loop for so long, or until nothing waits when the run is ending. */
static void turn(struct run *run, double ms) {
    struct epoll_event events[EVENTS_AT_ONCE];
    double end = now_ms() + ms;
    while (now_ms() < end && !(run->is_ending && waiting(run) == 0)) {
        int n = epoll_wait(run->epoll_fd, events, EVENTS_AT_ONCE, 100);
        for (int i = 0; i < n; i++) {
            on_readable(run, events[i].data.ptr);
        }
    }
}

static double percentile(const struct run *run, double share) {
    uint64_t wanted = (uint64_t)((double)run->n_answers * share), seen = 0;
    for (size_t i = 0; i < N_BUCKETS; i++) {
        seen += run->histogram[i];
        if (seen >= wanted) {
            return (double)(i + 1) * BUCKET_US / 1e3;
        }
    }
    return (double)N_BUCKETS * BUCKET_US / 1e3;
}

static void open_sockets(struct run *run, void (*on_open)(int fd)) {
    run->sockets = take(run->n_sockets, sizeof *run->sockets);
    run->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < run->n_sockets; i++) {
        struct socket_state *socket = &run->sockets[i];
        socket->fd = connect_tcp(run->port);
        upgrade(socket->fd, run->path);
        if (on_open != NULL) {
            on_open(socket->fd);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = socket};
        if (epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, socket->fd, &event) < 0) {
            die("epoll");
        }
    }
}

static int measure_calls(struct run *run, double seconds) {
    run->histogram = take(N_BUCKETS, sizeof *run->histogram);
    open_sockets(run, NULL);
    for (size_t i = 0; i < run->n_sockets; i++) {
        struct socket_state *socket = &run->sockets[i];
        socket->sent_ms = take(run->n_in_flight, sizeof *socket->sent_ms);
        socket->in = take(1, IN_BYTES);
        socket->next_id = 1; /* there are servers that take 0 for none */
        socket->out = take(run->n_in_flight, CALL_BYTES);
        for (size_t k = 0; k < run->n_in_flight; k++) {
            add_call(run, socket);
        }
        flush(socket);
    }
    turn(run, WARM_UP_MS);
    double started_ms = now_ms(), own_ms = own_cpu_ms(), server_ms = cpu_ms(run->pid);
    run->is_measuring = true;
    turn(run, seconds * 1e3);
    run->is_measuring = false;
    double took_ms = now_ms() - started_ms;
    own_ms = own_cpu_ms() - own_ms;
    server_ms = cpu_ms(run->pid) - server_ms;
    run->is_ending = true;
    turn(run, WAIT_LIMIT_MS);
    double calls = (double)run->n_answers;
    printf(
        "calls_per_s=%.0f p50_ms=%.3f p99_ms=%.3f client_us=%.2f server_us=%.2f client_load=%.2f "
        "unanswered=%llu\n",
        calls / took_ms * 1e3, percentile(run, 0.5), percentile(run, 0.99), own_ms * 1e3 / calls,
        server_ms * 1e3 / calls, own_ms / took_ms, (unsigned long long)waiting(run));
    return waiting(run) == 0 && run->n_answers > 0 ? 0 : 1;
}

/* -- memory --------------------------------------------------------------- */

static void begin_session(int fd) {
    static const char CONNECT[] =
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"connect\",\"params\":{}}";
    uint8_t frame[CALL_BYTES], answer[4096];
    size_t size = put_frame(frame, CONNECT, sizeof CONNECT - 1);
    if (write(fd, frame, size) != (ssize_t)size || read(fd, answer, sizeof answer) <= 0) {
        refuse("no session");
    }
}

static int measure_memory(struct run *run, bool has_sessions) {
    long before = resident_bytes(run->pid);
    open_sockets(run, has_sessions ? begin_session : NULL);
    long after = resident_bytes(run->pid);
    printf("bytes=%.0f\n", (double)(after - before) / (double)run->n_sockets);
    return 0;
}

int main(int argc, char **argv) {
    bool has_sessions = argc == 6 && strcmp(argv[1], "sessions") == 0;
    bool is_idle = has_sessions || (argc == 6 && strcmp(argv[1], "idle") == 0);
    if (!is_idle && !(argc == 8 && strcmp(argv[1], "calls") == 0)) {
        refuse("calls PORT PATH N_SOCKETS N_IN_FLIGHT SECONDS PID, or idle|sessions PORT PATH "
               "N_SOCKETS PID");
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct run run = {
        .port = (uint16_t)strtoul(argv[2], NULL, 10),
        .path = argv[3],
        .n_sockets = strtoul(argv[4], NULL, 10),
        .n_in_flight = is_idle ? 0 : strtoul(argv[5], NULL, 10),
        .pid = strtol(argv[argc - 1], NULL, 10),
    };
    return is_idle ? measure_memory(&run, has_sessions)
                   : measure_calls(&run, strtod(argv[6], NULL));
}
