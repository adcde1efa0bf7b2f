/* leggio-ws: options, limits, gateway, loop. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/log.h"
#include "gateway-ws/gateway.h"

enum { FDS_BESIDE_CLIENTS = 320 };

/* Signals come by the loop: block them before any thread is made. */
static void block_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Descriptors for --max-connections, or as many connections as the hard limit
 * leaves. The library sizes its table by the result. 0: none. */
static uint32_t raise_fd_limit(const struct options *options) {
    uint32_t n_connections = (uint32_t)options_int(options, "max-connections");
    rlim_t wanted = (rlim_t)n_connections + FDS_BESIDE_CLIENTS;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted) {
        wanted = limit.rlim_max;
        n_connections = wanted > FDS_BESIDE_CLIENTS ? (uint32_t)(wanted - FDS_BESIDE_CLIENTS) : 0;
        lg_log(LG_LOG_WARN, "ws", "few_descriptors", "hard_limit=%llu max_connections=%u",
               (unsigned long long)limit.rlim_max, (unsigned)n_connections);
    }
    limit.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? n_connections : 0;
}

int main(int argc, char **argv) {
    int status;
    block_signals();
    struct options *options = options_load(&gateway_options_table, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    options_open_log(options);
    uint32_t n_connections = raise_fd_limit(options);
    struct gateway *gateway = n_connections > 0 ? gateway_create(options, n_connections) : NULL;
    if (gateway != NULL) {
        gateway_run(gateway);
    } else {
        lg_log(LG_LOG_ERROR, "gateway", "not_started", "why=%s",
               errno == ENOMEM ? "out of memory" : "see above");
    }
    status = gateway != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
    gateway_destroy(gateway);
    options_destroy(options);
    return status;
}
