/* Starts and steers a fake-renderer from a C test. */
#ifndef LEGGIO_TESTS_FAKE_PROCESS_H
#define LEGGIO_TESTS_FAKE_PROCESS_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct fake_process {
    pid_t pid;
    FILE *in, *out;
    char feed[128], calls[128]; /* endpoints */
};

/* Asserts that it starts. feed and calls NULL = free ports. */
void fake_process_start(struct fake_process *fake, const char *feed, const char *calls);
/* Sends one line, waits for its answer; returns the version of the first scene. */
uint64_t fake_process_do(struct fake_process *fake, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* At once, without a word to its peers. */
void fake_process_kill(struct fake_process *fake);

#endif
