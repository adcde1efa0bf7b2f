/* Variables and math: score-language reference 1.2, 1.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "fake_target.h"

#define OK(script, messages)    fake_target_expect(script, messages, "")
#define MATH_ERROR(math, error) fake_target_expect("/a x " math "; /b x 1;", "", error "\n")

static void test_variables__hold_lists_and_messages(void **state) {
    (void)state;
    OK("w = 0.4; /a x $w;", "/a x 0.4\n");
    OK("col = 200 100 0; /a color $col 255;", "/a color 200 100 0 255\n");
    OK("act = ( /b x 1, /c y 2 ); /a watch X $act;", "/a watch X ( /b x 1, /c y 2 )\n");
    OK("act = ( /b x 1 ) ( /c y 2 ); /a watch X $act;", "/a watch X ( /b x 1 ) ( /c y 2 )\n");
    OK("a = 1; a = 2; /a x $a;", "/a x 2\n");
    OK("a = 1; b = $a 2; a = 9; /a x $b;", "/a x 1 2\n");
    OK("_v9 = x; /a $_v9 1;", "/a x 1\n");
}

static void test_variables__are_seen_inside_lists_at_parse_time(void **state) {
    (void)state;
    OK("n = 1; /a watch X ( /b x $n, /c watch Y ( /d y ( $n + 1 ) ) ); n = 2;",
       "/a watch X ( /b x 1, /c watch Y ( /d y 2 ) )\n");
}

static void test_variables__undefined_ones_pass_as_text_with_a_warning(void **state) {
    (void)state;
    fake_target_expect("/a x 1;\n/a watch X ( /b x $x );", "/a x 1\n/a watch X ( /b x \"$x\" )\n",
                       "line 2 : warning! variable $x is not defined.\n");
    fake_target_expect("/a x $1;", "/a x \"$1\"\n",
                       "line 1 : warning! variable $1 is not defined.\n");
    fake_target_expect("/a x $n++;", "/a x \"$n\"\n",
                       "line 1 : warning! variable $n is not defined.\n");
    OK("/a watch X ( /b x '$x[-1,1]' \"$date%f\" );",
       "/a watch X ( /b x \"$x[-1,1]\" \"$date%f\" )\n");
}

static void test_variables__of_another_run_are_unknown(void **state) {
    (void)state;
    OK("n = 1;", "");
    fake_target_expect("/a x $n;", "/a x \"$n\"\n",
                       "line 1 : warning! variable $n is not defined.\n");
}

static void test_variables__step_before_and_after(void **state) {
    (void)state;
    OK("n = 5; /a set txt $n++ $n $n-- $n ++$n $n --$n $n;", "/a set txt 5 6 6 5 6 6 5 5\n");
    OK("n = 0.5; /a x $n++ $n --$n;", "/a x 0.5 1.5 0.5\n");
    OK("n = 1 2.; /a x $n++ $n;", "/a x 1 2.0 2 3.0\n");
    OK("n = 2147483647; /a x $n++ $n;", "/a x 2147483647 2147483647\n");
    fake_target_expect("n = a; /a x $n++;", "",
                       "line 1 col 13 : math '++': unsupported type of argument\n");
}

static void test_variables__predefined_ones_tell_the_system(void **state) {
    (void)state;
    OK("/a set txt $OSName $OSId;", "/a set txt Linux 3\n");
}

static void test_query__inserts_the_parameters_of_all_replies(void **state) {
    (void)state;
    struct fake_target fake;
    fake_target_init(&fake);
    fake.answers = "/s/a x 0.5; /s/b x -1; /s/c set rect 1 2; /s/d watch X ( /e y 1 );";
    const char *script = "/a x 1; n = x;\n"
                         "/a set txt $( /s/* get $n );\n"
                         "/a watch X ( /b x $( /s/a get x ) );";
    assert_int_equal(script_run(&fake.target, script, strlen(script), NULL), 0);
    assert_string_equal(fake_text(&fake.queries), "/s/* get x\n/s/a get x\n");
    assert_string_equal(fake_text(&fake.messages),
                        "/a x 1\n"
                        "/a set txt 0.5 -1 rect 1 2 X ( /e y 1 )\n"
                        "/a watch X ( /b x 0.5 -1 rect 1 2 X ( /e y 1 ) )\n");
    fake_target_finish(&fake);
}

static void test_query__without_replies_inserts_nothing(void **state) {
    (void)state;
    OK("/a set txt a $( /s get x ) b;", "/a set txt a b\n");
    OK("v = $( /s get x ); /a set txt $v $v a; /a $v $v;", "/a set txt a\n/a\n");
    OK("/a set txt a $( h:7000/s get x ) b;", "/a set txt a b\n");
    OK("/a set txt a ( 1 + $( /s get x ) );", "/a set txt a 1\n");
}

static void test_math__on_numbers(void **state) {
    (void)state;
    OK("/a x 1 + 2;", "/a x 3\n");
    OK("/a x 7 / 2 7 / 2. 7 % 4 -7 / 2 -7 % 4;", "/a x 3 3.5 3 -3 -3\n");
    OK("/a x 7.9 % 4.2;", "/a x 3\n");
    OK("/a x 2 * 3 1.5 * 2;", "/a x 6 3.0\n");
    OK("/a x 5 - 3 5. - 3;", "/a x 2 2.0\n");
    OK("/a x 10 + 2 20;", "/a x 12 20\n");
    OK("a = 1; /a x $a+$OSId 1+2;", "/a x 4 \"1+2\"\n");
}

static void test_math__precedence_and_parentheses(void **state) {
    (void)state;
    OK("/a x 1 + 2 * 3 ( 1 + 2 ) * 3;", "/a x 7 9\n");
    OK("/a x 10 - 2 - 3 100 / 10 / 2;", "/a x 5 5\n");
    OK("/a x 1 + 1 > 1 2 * 2 == 4;", "/a x 1 1\n");
    OK("/a x 1 - (2 - (3 - 4));", "/a x -2\n");
}

static void test_math__lexical_traps(void **state) {
    (void)state;
    OK("a = 5; /a x $a - 1;", "/a x 4\n");
    OK("a = 5; /a x $a -1;", "/a x 5 -1\n");
    OK("a = 5; /a x $a / 2;", "/a x 2\n");
    OK("a = 5; /a x $a *b;", "/a x 5 *b\n");
    OK("a = 5; /a x $a * 2;", "/a x 10\n");
    OK("a = 5; /a x $a*$a;", "/a x 25\n");
    fake_target_expect("a = 5;\n/a x $a /2;", "", NULL);
    fake_target_expect("/a x 1 != 2;", "", NULL);
}

static void test_math__plus_joins_strings(void **state) {
    (void)state;
    OK("/a set txt \"a\" + 1 1 + \"b\" \"a b\" + c 1.5 + s 2. + s;",
       "/a set txt a1 \"1b\" \"a bc\" \"1.5s\" \"2.0s\"\n");
    MATH_ERROR("\"a\" - 1", "line 1 col 10 : math '-': unsupported type of argument");
    MATH_ERROR("2 * b", "line 1 col 8 : math '*': unsupported type of argument");
    MATH_ERROR("a + ( /b )", "line 1 col 8 : math '+': unsupported type of argument");
}

static void test_math__division_by_zero_is_an_error(void **state) {
    (void)state;
    MATH_ERROR("1 / 0", "line 1 col 8 : math '/': division by 0");
    MATH_ERROR("1. / 0", "line 1 col 9 : math '/': division by 0");
    MATH_ERROR("1 / 0.", "line 1 col 8 : math '/': division by 0");
    MATH_ERROR("1 % 0", "line 1 col 8 : math '%': division by 0");
    MATH_ERROR("1 % 0.5", "line 1 col 8 : math '%': division by 0");
    fake_target_expect("/a x 1;\n/a watch X ( /b x ( 1 / 0 ) );\n/a x 2;", "/a x 1\n",
                       "line 2 col 23 : math '/': division by 0\n");
}

static void test_math__saturates(void **state) {
    (void)state;
    OK("/a x -2147483648 / -1 -2147483648 % -1;", "/a x 2147483647 0\n");
    OK("/a x 2147483647 + 1 -2147483648 - 1 65536 * 65536;",
       "/a x 2147483647 -2147483648 2147483647\n");
    OK("m = 3e38; /a x ( $m * 10 > 3e38 ) ( $m * -10. < -3e38 );", "/a x 1 1\n");
    OK("/a x 3e38 % 10;", "/a x 7\n");
}

static void test_math__lists_go_element_by_element(void **state) {
    (void)state;
    OK("l = 10 20 30; /a x ( $l / 10 );", "/a x 1 2 3\n");
    OK("l = 10 20 30; /a x 1 + $l;", "/a x 11 21 31\n");
    OK("l = 10 20 30; m = 1 2; /a x $l - $m;", "/a x 9 18 30\n");
    OK("l = 10 20 30; m = 1 2; /a x $m - $l;", "/a x -9 -18 30\n");
    OK("l = a b; /a set txt $l + 1;", "/a set txt a1 b1\n");
    OK("l = 1 2; m = 3 4 ( /x y 1 ); /a x $l + $m;", "/a x 4 6 ( /x y 1 )\n");
}

static void test_math__comparisons(void **state) {
    (void)state;
    OK("/a x 1 > 2 2 > 1 1 >= 1 1 < 2 2 <= 1 2 == 2.;", "/a x 0 1 1 1 0 1\n");
    OK("/a x a < b \"b\" == b ab >= b;", "/a x 1 1 0\n");
    OK("l = 1 2; m = 2 3; /a x $l < $m $m < $l $l < 5 $l == $l;", "/a x 1 0 0 1\n");
    MATH_ERROR("a > 1", "line 1 col 8 : math '>': unsupported type of argument");
}

static void test_math__conditional(void **state) {
    (void)state;
    OK("/a x ( 1 > 2 ? a : b );", "/a x b\n");
    OK("/a set txt ( 1 ? \"large\" : \"small\" );", "/a set txt large\n");
    OK("l = 1 0; /a x ( $l ? 1 : 2 ) ( ! $l ? 1 : 2 );", "/a x 2 1\n");
    OK("c = 1 2 3; /a color ( 1 ? $c : 0 );", "/a color 1 2 3\n");
    OK("/a x ( 0 ? 1 : ( 1 ? 2 : 3 ) );", "/a x 2\n");
    OK("/a watch X ( 1 ? ( /b x 1 ) : ( /c x 1 ) );", "/a watch X ( /b x 1 )\n");
    MATH_ERROR("( a ? 1 : 2 )", "line 1 col 10 : math '?': unsupported type of argument");
}

static void test_math__branch_not_taken_may_fail(void **state) {
    (void)state;
    OK("n = 0; /a x ( $n == 0 ? 7 : 1 / $n );", "/a x 7\n");
    MATH_ERROR("( 1 ? 1 / 0 : 2 )", "line 1 col 14 : math '/': division by 0");
}

static void test_math__not(void **state) {
    (void)state;
    OK("/a x ! 1 !0 !!5 !0.;", "/a x 0 1 1 1\n");
    MATH_ERROR("! a", "line 1 col 6 : math '!': unsupported type of argument");
}

static void test_math__min_and_max(void **state) {
    (void)state;
    OK("/a x @max( 3 9 4 ) @min( 3 9 -4 ) @max(1.5 1);", "/a x 9 -4 1.5\n");
    OK("l = 200 120 40; /a x @min( $l ) @max( $l 300 );", "/a x 40 300\n");
    OK("/a x @max( 3 hello ) @min( abc 9 ) @max( 1 + 1 1 );", "/a x 5 3 2\n");
}

/* Pictures 35: expectations from its transcript of the original's replies. */
static void test_pictures__35_variables_math(void **state) {
    (void)state;
    static const char script[] =
        "/ITL/scene/* del;\n"
        "w = 0.4;\ncol = 200 120 40;\ngrow = $w * 1.5;\n"
        "/ITL/scene/a set rect $w 0.2;\n/ITL/scene/a color $col;\n"
        "/ITL/scene/b set rect $grow ( $w - 0.2 );\n"
        "/ITL/scene/b color ( $col / 2 ) 255;\n"
        "/ITL/scene/t set txt \"sum\" ( 1 + 2 ) \"div\" ( 7 / 2 ) \"mix\" ( 7 / 2. ) ( \"a\" + 1 "
        ");\n"
        "/ITL/scene/u set txt ( $w > 0.3 ? \"large\" : \"small\" ) @max( 3 9 4 ) @min( $col );\n"
        "n = 5;\n/ITL/scene/v set txt $n++ $n $( /ITL/scene/b get width );\n";
    struct fake_target fake;
    fake_target_init(&fake);
    fake.answers = "/ITL/scene/b width 0.6;";
    assert_int_equal(script_run(&fake.target, script, sizeof(script) - 1, NULL), 0);
    assert_string_equal(fake_text(&fake.messages), "/ITL/scene/* del\n"
                                                   "/ITL/scene/a set rect 0.4 0.2\n"
                                                   "/ITL/scene/a color 200 120 40\n"
                                                   "/ITL/scene/b set rect 0.6 0.2\n"
                                                   "/ITL/scene/b color 100 60 20 255\n"
                                                   "/ITL/scene/t set txt sum 3 div 3 mix 3.5 a1\n"
                                                   "/ITL/scene/u set txt large 9 40\n"
                                                   "/ITL/scene/v set txt 5 6 0.6\n");
    fake_target_finish(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables__hold_lists_and_messages),
        cmocka_unit_test(test_variables__are_seen_inside_lists_at_parse_time),
        cmocka_unit_test(test_variables__undefined_ones_pass_as_text_with_a_warning),
        cmocka_unit_test(test_variables__of_another_run_are_unknown),
        cmocka_unit_test(test_variables__step_before_and_after),
        cmocka_unit_test(test_variables__predefined_ones_tell_the_system),
        cmocka_unit_test(test_query__inserts_the_parameters_of_all_replies),
        cmocka_unit_test(test_query__without_replies_inserts_nothing),
        cmocka_unit_test(test_math__on_numbers),
        cmocka_unit_test(test_math__precedence_and_parentheses),
        cmocka_unit_test(test_math__lexical_traps),
        cmocka_unit_test(test_math__plus_joins_strings),
        cmocka_unit_test(test_math__division_by_zero_is_an_error),
        cmocka_unit_test(test_math__saturates),
        cmocka_unit_test(test_math__lists_go_element_by_element),
        cmocka_unit_test(test_math__comparisons),
        cmocka_unit_test(test_math__conditional),
        cmocka_unit_test(test_math__branch_not_taken_may_fail),
        cmocka_unit_test(test_math__not),
        cmocka_unit_test(test_math__min_and_max),
        cmocka_unit_test(test_pictures__35_variables_math),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
