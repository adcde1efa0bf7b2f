/* Names of threads, as `top -H` and benchmarks show them. */
#ifndef LEGGIO_COMMON_THREAD_NAME_H
#define LEGGIO_COMMON_THREAD_NAME_H

/* Name the calling thread: at most 15 characters. Not for the main thread, whose name is the
 * program's. */
void lg_thread_name(const char *name);

#endif
