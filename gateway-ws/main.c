/* leggio-ws: options, limits, gateway, loop. */
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

/* The library sizes its table by this limit. */
static int set_fd_limit(const struct options *options) {
    rlim_t wanted = (rlim_t)options_int(options, "max-connections") + FDS_BESIDE_CLIENTS;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -1;
    }
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted) {
        lg_log(LG_LOG_ERROR, "ws", "too_few_files", "hard_limit=%llu needed=%llu lower=%s",
               (unsigned long long)limit.rlim_max, (unsigned long long)wanted, "--max-connections");
        return -1;
    }
    limit.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
    int status;
    block_signals();
    struct options *options = options_load(&gateway_options_table, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    options_open_log(options);
    struct gateway *gateway = set_fd_limit(options) == 0 ? gateway_create(options) : NULL;
    if (gateway != NULL) {
        gateway_run(gateway);
    }
    status = gateway != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
    gateway_destroy(gateway);
    options_destroy(options);
    return status;
}
