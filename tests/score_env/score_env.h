/* A world for a score with the real types and nothing around it: no files, no sockets, a clock that
 * stands. What unit tests of types, golden_render and the fuzz target of the score share. */
#ifndef LEGGIO_TESTS_SCORE_ENV_H
#define LEGGIO_TESTS_SCORE_ENV_H

#include "renderer/score/score.h"

/* Every entry set and harmless; the caller replaces what it wants to see or serve (read_file …). */
struct score_env score_env_empty(void *ctx);
/* Run script text inside a transaction; name for error texts, or NULL. */
void score_env_run(struct score *score, const char *text, size_t len, const char *name);

#endif
