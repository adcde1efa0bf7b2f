/* The process's own figures, from /proc/self. */
#include "common/process_metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/metrics.h"

#ifndef LEGGIO_VERSION
#define LEGGIO_VERSION "unknown"
#endif

static int64_t resident_bytes(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) {
        return 0;
    }
    int n = fscanf(file, "%*s %ld", &pages);
    fclose(file);
    return n == 1 ? (int64_t)pages * sysconf(_SC_PAGESIZE) : 0;
}

static int64_t open_fds(void) {
    int64_t n = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) {
        return 0;
    }
    while (readdir(folder) != NULL) {
        n++;
    }
    closedir(folder);
    return n - 3; /* ".", ".." and the folder's own */
}

static int64_t cpu_us(void) {
    struct timespec used;
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0
               ? (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000
               : 0;
}

void process_metrics_update(void) {
    static int64_t start_wall_us;
    struct rlimit limit;
    if (start_wall_us == 0) { /* first asked when the endpoint opens */
        start_wall_us = lg_clock_wall_us();
    }
    metric_set(metric_gauge("leggio_build_info", "version=\"" LEGGIO_VERSION "\"", "always 1"), 1);
    metric_set(metric_gauge("process_resident_memory_bytes", "", "memory of this process"),
               resident_bytes());
    metric_set(metric_gauge("process_open_fds", "", "open file descriptors"), open_fds());
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metric_set(metric_gauge("process_max_fds", "", "most open file descriptors"),
                   (int64_t)limit.rlim_cur);
    }
    metric_set(metric_time("process_cpu_seconds_total", "", "processor time, user and system"),
               cpu_us());
    metric_set(metric_time("process_start_time_seconds", "", "since 1970"), start_wall_us);
}
