/* The signals that every program understands, as a descriptor for its loop:
 * SIGTERM and SIGINT (end), SIGHUP (read files again). */
#ifndef LEGGIO_COMMON_SIGNALS_H
#define LEGGIO_COMMON_SIGNALS_H

/* Block them, and ignore SIGPIPE, in this thread and all that it will make: call
 * it before the first one. Returns a descriptor that is readable when one has
 * come, -1 with errno when there is none. */
int lg_signals_open(void);

/* The next one that has come; 0 = none. Never waits. */
int lg_signals_next(int fd);

#endif
