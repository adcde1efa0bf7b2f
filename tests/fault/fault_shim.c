/* One call fails: which kind and the how manieth is said by the environment.
 *
 *     LEGGIO_FAULT=KIND:N   the Nth call of this kind fails (counted from 1)
 *     LEGGIO_FAULT=count    none fails; how many there were is told at the end
 *
 * Kinds: alloc (memory that our own code asks for: the linker wraps it, so what
 * libraries ask for themselves does not count, many of them end the process),
 * send, recv, accept (sockets, also the libraries'), write (regular files:
 * write, pwrite, fsync, fdatasync, ftruncate), open. Linked into the programs of builds
 * with LEGGIO_FAULTS only; a program's own functions come before the C
 * library's and the sanitizer's, whose functions are called behind these.
 *
 *     LEGGIO_READ_ONLY=FILE as long as this file exists no regular file can be written,
 *                           made or cut: EROFS
 *     LEGGIO_NO_FONTS=FILE  as long as this file exists no font file can be opened: EMFILE
 *     LEGGIO_CLOCK_STEP=S   with SIGUSR2 the wall clock of this process steps by S
 *                           seconds, forwards or back; the monotonic one never does
 *
 * When a call fails a line `fault: KIND N failed` goes to standard error, with
 * the stack when a sanitizer is there to print it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum fault_kind { ALLOC, SEND, RECV, ACCEPT, WRITE, OPEN, N_KINDS };

static const char *const NAMES[N_KINDS] = {"alloc", "send", "recv", "accept", "write", "open"};
static atomic_ulong n_calls[N_KINDS];
static unsigned long fails_at[N_KINDS]; /* 0 = never */
static bool is_counting;
static pid_t owner; /* children are not meant */

static const char *read_only, *no_fonts; /* the files of LEGGIO_…, or NULL */

static long step_s;
static atomic_long stepped_s;

__attribute__((weak)) void __sanitizer_print_stack_trace(void);

static void step_clock(int number) {
    (void)number;
    atomic_fetch_add(&stepped_s, step_s);
}

__attribute__((constructor)) static void read_environment(void) {
    const char *text = getenv("LEGGIO_FAULT"), *step = getenv("LEGGIO_CLOCK_STEP");
    if (step != NULL) {
        struct sigaction action = {.sa_handler = step_clock, .sa_flags = SA_RESTART};
        step_s = strtol(step, NULL, 10);
        sigaction(SIGUSR2, &action, NULL);
    }
    owner = getpid();
    read_only = getenv("LEGGIO_READ_ONLY");
    no_fonts = getenv("LEGGIO_NO_FONTS");
    is_counting = text != NULL && strcmp(text, "count") == 0;
    for (int kind = 0; text != NULL && kind < N_KINDS; kind++) {
        size_t len = strlen(NAMES[kind]);
        if (strncmp(text, NAMES[kind], len) == 0 && text[len] == ':') {
            fails_at[kind] = strtoul(text + len + 1, NULL, 10);
        }
    }
}

__attribute__((destructor)) static void tell_counts(void) {
    if (!is_counting || getpid() != owner) {
        return;
    }
    for (int kind = 0; kind < N_KINDS; kind++) {
        fprintf(stderr, "fault: count %s %lu\n", NAMES[kind], atomic_load(&n_calls[kind]));
    }
}

static bool fails(enum fault_kind kind) {
    unsigned long call = atomic_fetch_add(&n_calls[kind], 1) + 1;
    if (call != fails_at[kind] || getpid() != owner) {
        return false;
    }
    fprintf(stderr, "fault: %s %lu failed\n", NAMES[kind], call);
    if (__sanitizer_print_stack_trace != NULL) {
        __sanitizer_print_stack_trace();
    }
    return true;
}

static bool is_there(const char *flag) {
    return flag != NULL && getpid() == owner && access(flag, F_OK) == 0;
}

static bool is_read_only(void) {
    return is_there(read_only);
}

static bool is_file(int fd) {
    struct stat stat;
    return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
}

static bool is_network(int fd) {
    int domain = 0;
    socklen_t size = sizeof(domain);
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
           (domain == AF_INET || domain == AF_INET6);
}

/* -- memory: --wrap ------------------------------------------------------------ */

#define WRAP(result, name, arguments, call, out_of_memory)                                         \
    result __real_##name arguments;                                                                \
    result __wrap_##name arguments;                                                                \
    result __wrap_##name arguments {                                                               \
        if (fails(ALLOC)) {                                                                        \
            errno = ENOMEM;                                                                        \
            return out_of_memory;                                                                  \
        }                                                                                          \
        return __real_##name call;                                                                 \
    }
WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, realloc, (void *block, size_t size), (block, size), NULL)
WRAP(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)
WRAP(char *, strndup, (const char *text, size_t size), (text, size), NULL)
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size), NULL)
WRAP(int, vasprintf, (char **text, const char *format, va_list arguments),
     (text, format, arguments), -1)

int __wrap_asprintf(char **text, const char *format, ...);
int __wrap_asprintf(char **text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = __wrap_vasprintf(text, format, arguments);
    va_end(arguments);
    return len;
}

/* -- system calls: ours stand before the library's ------------------------------- */

/* The function that would have been called without us. */
static void *behind(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL) {
        abort();
    }
    return function;
}

#define STAND_BEFORE(result, name, arguments, call, kind, is_meant, error)                         \
    result name arguments;                                                                         \
    result name arguments {                                                                        \
        static result(*real) arguments;                                                            \
        if (real == NULL) {                                                                        \
            *(void **)&real = behind(#name);                                                       \
        }                                                                                          \
        if (is_meant && fails(kind)) {                                                             \
            errno = error;                                                                         \
            return -1;                                                                             \
        }                                                                                          \
        if (kind == WRITE && is_meant && is_read_only()) {                                         \
            errno = EROFS;                                                                         \
            return -1;                                                                             \
        }                                                                                          \
        return real call;                                                                          \
    }
STAND_BEFORE(ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
             (fd, bytes, size, flags), SEND, is_network(fd), ECONNRESET)
STAND_BEFORE(ssize_t, sendto,
             (int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to,
              socklen_t to_size),
             (fd, bytes, size, flags, to, to_size), SEND, is_network(fd), ECONNRESET)
STAND_BEFORE(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags),
             (fd, message, flags), SEND, is_network(fd), ECONNRESET)
STAND_BEFORE(ssize_t, recv, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags),
             RECV, is_network(fd), ECONNRESET)
STAND_BEFORE(ssize_t, recvfrom,
             (int fd, void *bytes, size_t size, int flags, struct sockaddr *from,
              socklen_t *from_size),
             (fd, bytes, size, flags, from, from_size), RECV, is_network(fd), ECONNRESET)
STAND_BEFORE(int, accept4, (int fd, struct sockaddr *peer, socklen_t *size, int flags),
             (fd, peer, size, flags), ACCEPT, is_network(fd), EMFILE)
STAND_BEFORE(int, accept, (int fd, struct sockaddr *peer, socklen_t *size), (fd, peer, size),
             ACCEPT, is_network(fd), EMFILE)
STAND_BEFORE(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size), WRITE,
             fd > STDERR_FILENO && is_file(fd), ENOSPC)
STAND_BEFORE(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t offset),
             (fd, bytes, size, offset), WRITE, is_file(fd), ENOSPC)
STAND_BEFORE(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t offset),
             (fd, bytes, size, offset), WRITE, is_file(fd), ENOSPC)
STAND_BEFORE(int, fsync, (int fd), (fd), WRITE, is_file(fd), EIO)
STAND_BEFORE(int, fdatasync, (int fd), (fd), WRITE, is_file(fd), EIO)
STAND_BEFORE(int, ftruncate, (int fd, off_t size), (fd, size), WRITE, is_file(fd), EIO)
STAND_BEFORE(int, ftruncate64, (int fd, off64_t size), (fd, size), WRITE, is_file(fd), EIO)

/* Would opening it so write a regular file? */
static bool is_written(const char *path, int flags) {
    struct stat facts;
    return ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0) &&
           (stat(path, &facts) != 0 || S_ISREG(facts.st_mode));
}

static bool is_font(const char *path) {
    const char *end = strrchr(path, '.');
    return end != NULL && (strcmp(end, ".ttf") == 0 || strcmp(end, ".otf") == 0);
}

/* Why it must not be opened; 0 = it may. */
static int why_closed(const char *path, int flags) {
    if (fails(OPEN) || (is_font(path) && is_there(no_fonts))) {
        return EMFILE;
    }
    return is_written(path, flags) && is_read_only() ? EROFS : 0;
}

/* Libraries with large files call the second. */
#define STAND_BEFORE_OPEN(name)                                                                    \
    int name(const char *path, int flags, ...);                                                    \
    int name(const char *path, int flags, ...) {                                                   \
        static int (*real)(const char *, int, ...);                                                \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;        \
        va_end(arguments);                                                                         \
        if (real == NULL) {                                                                        \
            *(void **)&real = behind(#name);                                                       \
        }                                                                                          \
        int why = why_closed(path, flags);                                                         \
        if (why != 0) {                                                                            \
            errno = why;                                                                           \
            return -1;                                                                             \
        }                                                                                          \
        return real(path, flags, mode);                                                            \
    }
STAND_BEFORE_OPEN(open)
STAND_BEFORE_OPEN(open64)

/* -- the wall clock ---------------------------------------------------------------- */

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL) {
        *(void **)&real = behind("clock_gettime");
    }
    int code = real(clock, now);
    if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += atomic_load(&stepped_s);
    }
    return code;
}

time_t time(time_t *seconds) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds != NULL) {
        *seconds = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
    struct timespec now = {0};
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    value->tv_sec = now.tv_sec;
    value->tv_usec = now.tv_nsec / 1000;
    return 0;
}
