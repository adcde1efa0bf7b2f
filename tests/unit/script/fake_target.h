/* A script target that records: messages as text, one per line, and errors, one per line.
 * Queries are recorded in `queries` and answered by `answers`. */
#ifndef LEGGIO_TESTS_FAKE_TARGET_H
#define LEGGIO_TESTS_FAKE_TARGET_H

#include "renderer/score/message.h"
#include "renderer/script/run.h"

struct fake_target {
    struct script_target target;
    struct text messages, errors, queries;
    struct text sections; /* line and visible variables of each JavaScript section */
    size_t n_messages, n_errors;
    /* Replies to any query, until answers_n is used up; borrowed texts as script. */
    const char *answers;
};

void fake_target_init(struct fake_target *fake);
/* From now on a JavaScript section's value is its own code. */
void fake_target_echo_javascript(struct fake_target *fake);
void fake_target_finish(struct fake_target *fake);
/* Run and compare; fails the test with both texts. NULL = not compared. */
void fake_target_expect(const char *script, const char *messages, const char *errors);
const char *fake_text(const struct text *text);

#endif
