/* What is refused, where, and what is said (gmn.md 1, 2, 5, 7, 14). */
/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "common/err.h"
#include "notation_reading.h"
#include "renderer/notation/read/gmn.h"

#define SYMBOL "a note, rest or chord, a tag, '|' or "

static const struct {
    const char *text, *expected;
} rows[] = {
    {"", "1:1 unexpected the end of the text, expected a variable, '[' or '{'"},
    {"c", "1:1 unexpected a note, expected a variable, '[' or '{'"},
    {"[c] d", "1:5 unexpected a note, expected the end of the text"},
    {"[c", "1:3 unexpected the end of the text, expected " SYMBOL "']'"},
    {"[c\nd}", "2:2 unexpected '}', expected " SYMBOL "']'"},
    {"[\\beam(c d]", "1:11 unexpected ']', expected " SYMBOL "')'"},
    {"[(c d)]", "1:2 unexpected '(', expected " SYMBOL "']'"},
    {"[c1.5]", "1:3 unexpected a number with a decimal point, expected " SYMBOL "']'"},
    {"[ C]", "1:3 no symbol begins so, expected " SYMBOL "']'"},
    {"[des]", "1:4 no symbol begins so, expected " SYMBOL "']'"},
    {"[c/ d]", "1:5 unexpected a note, expected an integer"},
    {"[{c e}]", "1:5 unexpected a note, expected ',' or '}'"},
    {"[{c,{d}}]", "1:5 unexpected '{', expected a note or rest or a tag"},
    {"[{c|}]", "1:4 unexpected '|', expected ',' or '}'"},
    {"[{}]", "1:3 unexpected '}', expected a note or rest or a tag"},
    {"{[c] [d]}", "1:6 unexpected '[', expected ',' or '}'"},
    {"[\\clef<>]", "1:8 unexpected '>', expected a number, a string or a word"},
    {"[\\clef<\"g\" 1>]", "1:12 unexpected an integer, expected '>' or ','"},
    {"[\\slurBegin:x c]", "1:13 no symbol begins so, expected an integer"},
    {"[\\ c]", "1:2 a tag name follows the \\"},
    {"[\\text<\"abc]", "1:8 a string without end"},
    {"[c\n  (* d]", "2:3 a comment without end"},
    {"[s1 c]", "1:2 a text between colons follows s1 ... s6"},
    {"[c $riff]", "1:4 the variable $riff is not declared"},
    {"[\\text<$x>]", "1:8 the variable $x is not declared"},
    {"[c/0]", "1:4 1/0 is no duration: expected 0 or more over 1 or more"},
    {"[c*-1/4]", "1:4 -1/4 is no duration: expected 0 or more over 1 or more"},
    {"[c/99999999999999999999]",
     "1:4 the number 99999999999999999999... is out of range (64 bits)"},
    {"[c*9223372036854775807/2.]", "1:2 this duration needs a fraction of more than 64 bits"},
    {"[c/9223372036854775807 d/9223372036854775783]",
     "1:24 the date after this note needs a fraction of more than 64 bits"},
    {"[c*100001]", "1:2 a voice of more than 100000 whole notes"},
    {"$a = 3 [c]", "1:8 unexpected '[', expected ';'"},
    {"$r=\"c )\";[c $r d]", "1:13 unexpected ')', expected " SYMBOL "']'"},
    {"$r=\"$r\";[$r]", "1:10 variables that insert variables, more than 256 deep"},
    {"[\xc3\xa9]", "1:2 no symbol begins so, expected " SYMBOL "']'"},
    {"[\\text<\"\xc3\xa9\"> ?]",
     "1:13 no symbol begins so, expected a note, rest or chord, a tag, '|', ']' or '('"},
    {"[c\r\n\r\n?]", "3:1 no symbol begins so, expected " SYMBOL "']'"},
    {"[c\r?]", "2:1 no symbol begins so, expected " SYMBOL "']'"},
};

static void test_gmn__errors_say_where_and_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(refusal(rows[i].text), rows[i].expected);
    }
}

static void test_gmn__codes_tell_errors_from_limits(void **state) {
    (void)state;
    struct notation *notation = NULL;
    struct notation_message error;
    assert_int_equal(gmn_read("[c", 2, &notation, &error), LG_EBADREQUEST);
    assert_int_equal(gmn_read("[c*100001]", 10, &notation, NULL), LG_ETOOLARGE);
    assert_int_equal(gmn_read("[c\0]", 4, &notation, &error), LG_EBADREQUEST);
    assert_int_equal(error.column, 3);
    assert_null(notation);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gmn__errors_say_where_and_what_was_expected),
        cmocka_unit_test(test_gmn__codes_tell_errors_from_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
