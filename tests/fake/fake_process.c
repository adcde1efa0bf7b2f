/* fake-renderer as a child with pipes. FAKE_RENDERER is its path, by CMake. */
#include "tests/fake/fake_process.h"

#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void die(const char *what) {
    perror(what);
    abort();
}

static void spawn(struct fake_process *fake, char *const argv[]) {
    int in[2], out[2];
    posix_spawn_file_actions_t actions;
    if (pipe(in) != 0 || pipe(out) != 0) {
        die("pipe");
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    if (posix_spawn(&fake->pid, FAKE_RENDERER, &actions, NULL, argv, environ) != 0) {
        die(FAKE_RENDERER);
    }
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    fake->in = fdopen(in[1], "w");
    fake->out = fdopen(out[0], "r");
}

void fake_process_start(struct fake_process *fake, const char *feed, const char *calls) {
    char path[] = FAKE_RENDERER, feed_name[] = "--feed", calls_name[] = "--calls";
    char feed_copy[128], calls_copy[128], line[256];
    snprintf(feed_copy, sizeof feed_copy, "%s", feed != NULL ? feed : "tcp://127.0.0.1:*");
    snprintf(calls_copy, sizeof calls_copy, "%s", calls != NULL ? calls : "tcp://127.0.0.1:*");
    char *argv[] = {path, feed_name, feed_copy, calls_name, calls_copy, NULL};
    spawn(fake, argv);
    while (fgets(line, sizeof line, fake->out) != NULL && strcmp(line, "ready\n") != 0) {
        sscanf(line, "feed %127s", fake->feed);
        sscanf(line, "calls %127s", fake->calls);
    }
    if (fake->feed[0] == '\0' || fake->calls[0] == '\0') {
        die("fake-renderer did not start");
    }
}

uint64_t fake_process_do(struct fake_process *fake, const char *format, ...) {
    char line[256];
    unsigned long long version = 0;
    va_list args;
    va_start(args, format);
    vfprintf(fake->in, format, args);
    va_end(args);
    fputc('\n', fake->in);
    fflush(fake->in);
    if (fgets(line, sizeof line, fake->out) == NULL || sscanf(line, "done %llu", &version) != 1) {
        die("fake-renderer did not answer");
    }
    return version;
}

void fake_process_kill(struct fake_process *fake) {
    kill(fake->pid, SIGKILL);
    waitpid(fake->pid, NULL, 0);
    fclose(fake->in);
    fclose(fake->out);
}
