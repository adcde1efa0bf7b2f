/* A score with small fake types, messages as text, replies and errors as text. */
#ifndef SCORE_FIXTURE_H
#define SCORE_FIXTURE_H

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "renderer/score/score.h"

struct fixture {
    struct score *score;
    struct score_env env;
    struct text errors;  /* of the last fixture_run or fixture_tasks */
    struct text replies; /* script form, one per line */
    struct text written; /* last write_file */
    char written_path[256];
    bool was_appended;
    int n_quit, n_osc, n_exports;
    char exported[256];
    int64_t now_us;
    uint64_t version;
    const char *files[8][2]; /* name, content */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);
/* Statements separated by ';', one transaction. Not the script language: words, numbers,
 * strings in double quotes, ( nested , messages ). */
void fixture_run(struct fixture *fixture, const char *script);
/* Run what events queued, until nothing is queued or n_tasks are done; returns tasks run. */
int fixture_tasks(struct fixture *fixture, int n_tasks);
/* Run one statement and compare its replies (lines ended by '\n') and that it gave no error. */
void fixture_expect(struct fixture *fixture, const char *statement, const char *replies);
/* Run and compare the errors: " words;" or "". */
void fixture_expect_error(struct fixture *fixture, const char *statement, const char *errors);
/* Parse one statement; the caller finishes it. */
void fixture_parse(const char *statement, struct message *msg);

#endif
