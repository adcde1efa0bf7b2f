/* JavaScript sections and `javascript run` (score-language reference 15): one engine that lives as
 * long as the renderer, in a process of its own with limits of time and memory. Code that breaks
 * them costs one error; the engine then starts anew, without what earlier code left in it.
 *
 * The engine is duktape (Debian's libduktape207): of the two packaged small engines it takes an
 * allocator of ours, so that memory is bounded inside the engine too, and tells lines of errors;
 * mujs offers neither. The process is this same program, started with --javascript-worker.
 *
 * Score thread only. */
#ifndef LEGGIO_IO_JAVASCRIPT_H
#define LEGGIO_IO_JAVASCRIPT_H

#include <stddef.h>

#include "renderer/score/message.h"
#include "renderer/score/score.h"

#define JAVASCRIPT_WORKER_OPTION "--javascript-worker"

/* What code may ask from outside; every entry is set. */
struct javascript_host {
    void *ctx;
    void (*print)(void *ctx, const char *words);
    /* post(address, ...): a message for a later task; borrowed. */
    void (*post)(void *ctx, const struct message *msg);
    /* readfile(name): text for free(); NULL when there is none. */
    char *(*read_file)(void *ctx, const char *name, size_t *len);
};

struct javascript_error {
    int line; /* of the code, from 1; 0 = none */
    char text[256];
};

struct javascript; /* the process, started when first needed */

struct javascript *javascript_create(void);
void javascript_destroy(struct javascript *javascript); /* NULL is fine */

/* Run code. globals: set before it runs.
 *
 * value    its value when that is a string or an array of strings, for free(); NULL otherwise
 * returns  0; LG_ESCRIPT: threw, see error; LG_ETOOLARGE: over LIMIT_JAVASCRIPT_MS or
 *          LIMIT_JAVASCRIPT_MEMORY_BYTES, or crashed; LG_EINTERNAL: no process
 */
int javascript_run(struct javascript *javascript, const char *code,
                   const struct named_value *globals, size_t n_globals,
                   const struct javascript_host *host, char **value,
                   struct javascript_error *error);

/* The process's side: answers until the other end closes. The exit status. */
int javascript_worker_main(void);

#endif
