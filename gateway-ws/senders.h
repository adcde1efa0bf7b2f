/* The same moment for many sockets: prepared bytes go out from two cores at
 * once. The loop thread and one helper thread take small pieces of one list
 * of jobs until none is left; the loop thread comes back when all are sent, so
 * no descriptor can be closed and used again meanwhile.
 *
 * The helper calls send() and nothing else: no library, no connection. Between
 * two runs it sleeps. A helper that is late (its core is busy) finds less to
 * do or nothing; nobody waits for it unless it is sending.
 */
#ifndef LEGGIO_GATEWAY_WS_SENDERS_H
#define LEGGIO_GATEWAY_WS_SENDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct senders;

struct send_job {
    const uint8_t *bytes; /* a whole frame; borrowed until the run is over */
    uint32_t size_bytes;
    uint32_t member_i; /* the caller's */
    int fd;
    int result; /* of ws_frame_send */
};

/* NULL after logging. with_helper false, or one processor only: the loop
 * thread sends alone. */
struct senders *senders_create(bool with_helper);
void senders_destroy(struct senders *senders); /* NULL is fine */

/* Room for so many jobs, kept for the next time; NULL: out of memory.
 * thread   loop thread only, as senders_run */
struct send_job *senders_room(struct senders *senders, size_t n_jobs);

/* Send what the first n jobs in that room say, set their results. */
void senders_run(struct senders *senders, size_t n_jobs);

#endif
