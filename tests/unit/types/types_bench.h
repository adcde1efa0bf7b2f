/* A score with the real types and nothing around it: what the unit tests of types share. */
#ifndef LEGGIO_TESTS_TYPES_BENCH_H
#define LEGGIO_TESTS_TYPES_BENCH_H

#include <math.h>

#include "renderer/score/score.h"

#define expect_near(value, wanted, tolerance) assert_true(fabs((value) - (wanted)) <= (tolerance))

struct types_bench {
    struct score *score;
    int n_servers_changed;
    const char *file_name; /* the one file there is; NULL = none */
    const char *file_data;
    size_t file_size;
};

void types_bench_init(struct types_bench *bench); /* a screen of 1080 px */
void types_bench_init_px(struct types_bench *bench, double screen_px);
void types_bench_finish(struct types_bench *bench);
/* Run script text as one transaction; the errors, for free(). */
char *types_bench_run(struct types_bench *bench, const char *script);
/* Run and expect no error. */
void types_bench_ok(struct types_bench *bench, const char *script);
/* First reply of a get, in script form; for free(). "" when there is none. */
char *types_bench_get(struct types_bench *bench, const char *script);
struct object *types_bench_find(struct types_bench *bench, const char *address);

#endif
