/* A thread for what waits for the disk or takes long (state writes, files for clients, exports),
 * so that the score thread does not. Jobs run one at a time, in order. */
#ifndef LEGGIO_IO_WORKER_H
#define LEGGIO_IO_WORKER_H

#define WORKER_JOBS_MAX 4096

typedef void (*worker_fn)(void *ctx);

struct worker;
struct worker *worker_create(void);
/* Finishes all jobs, then stops. */
void worker_destroy(struct worker *worker);
/* Any thread. 0, or LG_EBUSY when WORKER_JOBS_MAX jobs wait (refused), LG_ENOMEM. */
int worker_give(struct worker *worker, worker_fn fn, void *ctx);

#endif
