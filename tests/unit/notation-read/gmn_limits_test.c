/* Hostile and huge texts: a result or a clear refusal, in linear time (docs/operations.md). */
/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/read/gmn.h"

/* before, n times piece, after; freed by the caller. */
static char *repeat(const char *before, const char *piece, size_t n, const char *after) {
    size_t len = strlen(piece), before_len = strlen(before);
    char *text = malloc(before_len + n * len + strlen(after) + 1);
    assert_non_null(text);
    memcpy(text, before, before_len);
    for (size_t i = 0; i < n; i++) {
        memcpy(text + before_len + i * len, piece, len);
    }
    strcpy(text + before_len + n * len, after);
    return text;
}

static void check(const char *before, const char *piece, size_t n, const char *after, int code,
                  const char *said) {
    char *text = repeat(before, piece, n, after);
    struct notation *notation = NULL;
    struct notation_message error;
    int result = gmn_read(text, strlen(text), &notation, &error);
    if (result != code || (code != 0 && strstr(error.text, said) == NULL)) {
        fail_msg("%zu x \"%s\": %d %d:%d %s", n, piece, result, error.line, error.column,
                 error.text);
    }
    assert_true(result == 0 || error.line > 0);
    notation_destroy(notation);
    free(text);
}

static void test_gmn__too_much_is_refused_in_words(void **state) {
    (void)state;
    check("[", "a", 10 * 1000 * 1000, "]", LG_ETOOLARGE, "more than 250000 notes and rests");
    check("[", "a", LIMIT_NOTATION_NOTES, "]", 0, "");
    check("{[c]", ",[c]", 100 * 1000, "}", LG_ETOOLARGE, "more than 1024 voices");
    check("{[c]", ",[c]", 1023, "}", 0, "");
    check("[", "\\slur(", 10 * 1000, "c", LG_ETOOLARGE, "tags nested more than 256 deep");
    check("[", "\\foo(", 10 * 1000, "c", LG_ETOOLARGE, "tags nested more than 256 deep");
    check("[", "\\slurBegin ", 10 * 1000, "]", LG_ETOOLARGE, "256 open tags");
    check("[", "\\clef<\"g\"> ", 600 * 1000, "]", LG_ETOOLARGE, "more than 500000 tags");
    check("[{c", ",c", 10 * 1000, "}]", LG_ETOOLARGE, "a chord of more than 1024 notes");
    check("[", " ", LIMIT_NOTATION_BYTES, "]", LG_ETOOLARGE, "longer than 16 MiB");
    check("", "$a=1;", 10 * 1000, "[]", LG_ETOOLARGE, "more than 4096 variables");
    check("[{", "\\acc(", 10 * 1000, "c", LG_ETOOLARGE, "tags nested more than 256 deep");
}

static void test_gmn__what_opens_and_never_closes_is_refused(void **state) {
    (void)state;
    check("", "{", 1000 * 1000, "", LG_EBADREQUEST, "expected");
    check("", "[", 1000 * 1000, "", LG_EBADREQUEST, "expected");
    check("[", "(*", 1000 * 1000, "", LG_EBADREQUEST, "a comment without end");
    check("[c", "#", 1000 * 1000, "", LG_EBADREQUEST, "expected");
    check("[c<", "<", 1000 * 1000, "", LG_EBADREQUEST, "expected");
    check("[\\text<\"", "a\\\"", 1000 * 1000, "", LG_EBADREQUEST, "a string without end");
}

static void test_gmn__variables_that_multiply_are_bounded(void **state) {
    (void)state;
    char text[8192] = "$v0=\"c c c c c c c c\";";
    for (int i = 1; i < 30; i++) {
        char line[128];
        snprintf(line, sizeof(line), "$v%d=\"$v%d $v%d $v%d $v%d\";", i, i - 1, i - 1, i - 1,
                 i - 1);
        strcat(text, line);
    }
    strcat(text, "[$v29]");
    struct notation *notation = NULL;
    struct notation_message error;
    assert_int_equal(gmn_read(text, strlen(text), &notation, &error), LG_ETOOLARGE);
    assert_non_null(strstr(error.text, "more than"));
}

static double seconds(const char *before, const char *piece, size_t n, const char *after) {
    char *text = repeat(before, piece, n, after);
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
        struct notation *notation = NULL;
        struct timespec begin, end;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
        assert_int_equal(gmn_read(text, strlen(text), &notation, NULL), 0);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
        notation_destroy(notation);
        double spent =
            (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
        best = spent < best ? spent : best;
    }
    free(text);
    return best;
}

static void test_gmn__time_is_linear(void **state) {
    (void)state;
    static const char *const pieces[][3] = {
        {"[", "c#2/8. ", "]"},
        {"[", "\\slurBegin:3 c \\slurEnd:3 ", "]"},
        {"[", "\\text<\"abc\",dy=2hs>(c) ", "]"},
        {"[", "{c,e,\\acc(g)} ", "]"},
        {"$r=\"c d\";[", "$r ", "]"},
        {"[", "(* x *) ", "]"},
        {"[c", " ", "]"},
    };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        double small = seconds(pieces[i][0], pieces[i][1], 4000, pieces[i][2]);
        double large = seconds(pieces[i][0], pieces[i][1], 64000, pieces[i][2]);
        if (large > 64 * small + 0.05) { /* 16 times the text; quadratic would be 256 */
            fail_msg("%s: %g s, then %g s", pieces[i][1], small, large);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gmn__too_much_is_refused_in_words),
        cmocka_unit_test(test_gmn__what_opens_and_never_closes_is_refused),
        cmocka_unit_test(test_gmn__variables_that_multiply_are_bounded),
        cmocka_unit_test(test_gmn__time_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
