/* Words of the language: score-language reference 1, 1.1, 1.4, 1.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "fake_target.h"
#include "proto/limits.h"

#define OK(script, messages) fake_target_expect(script, messages, "")

static void test_lexer__numbers_are_ints_and_floats(void **state) {
    (void)state;
    OK("/a x 12 +12 -12;", "/a x 12 12 -12\n");
    OK("/a x 1. 1.5 -0.5 1e3 1.5e-3 +2.E2;", "/a x 1.0 1.5 -0.5 1000.0 0.0015 200.0\n");
    OK("/a x 2147483647 -2147483648;", "/a x 2147483647 -2147483648\n");
    fake_target_expect("/a x .5;", "",
                       "line 1 col 6 : syntax error, unexpected ERR (no token begins so)\n");
}

static void test_lexer__numbers_out_of_range_are_refused(void **state) {
    (void)state;
    fake_target_expect("/a x 1;\n/a x 2147483648;/a x 3;", "/a x 1\n",
                       "line 2 col 6 : integer out of range (32 bits)\n");
    fake_target_expect("/a x -99999999999999999999999;", "",
                       "line 1 col 6 : integer out of range (32 bits)\n");
    fake_target_expect("/a x 1e99;", "", "line 1 col 6 : float out of range (32 bits)\n");
    OK("/a x 1e-99;", "/a x 0.0\n");
}

static void test_lexer__bare_words_need_no_quotes(void **state) {
    (void)state;
    OK("/a watch+ my-name map+ c* a?b _x9 x-1;", "/a watch+ my-name map+ c* a?b _x9 x-1\n");
    OK("/a set 2nd 10*2;", "/a set \"2nd\" \"10*2\"\n");
}

static void test_lexer__strings_keep_backslashes_but_before_quotes(void **state) {
    (void)state;
    OK("/a set txt \"a b\" 'c d';", "/a set txt \"a b\" \"c d\"\n");
    OK("/a set gmn '[\\meter<\"4/4\"> a \\n]';", "/a set gmn \"[\\meter<\\\"4/4\\\"> a \\n]\"\n");
    OK("/a set txt \"say \\\"hi\\\"\" 'it\\'s';", "/a set txt \"say \\\"hi\\\"\" \"it's\"\n");
    OK("/a set txt \"two\nlines\" '';", "/a set txt \"two\nlines\" \"\"\n");
    OK("/a set txt \"# no comment (* nor this ; __END__\";",
       "/a set txt \"# no comment (* nor this ; __END__\"\n");
    fake_target_expect("/a x 1;\n/a set txt \"open ;\n", "/a x 1\n",
                       "line 2 col 12 : syntax error, unexpected ERR (string without end)\n");
}

static void test_lexer__bare_paths_are_strings(void **state) {
    (void)state;
    OK("/a set img img/a.png;", "/a set img \"img/a.png\"\n");
    OK("/a set img /music/x/a.png;", "/a set img \"/music/x/a.png\"\n");
    OK("/a set img ./a.png ../up/b-2.svg;", "/a set img \"./a.png\" \"../up/b-2.svg\"\n");
    OK("/a set img 01-intro.png x.tar.gz;", "/a set img \"01-intro.png\" \"x.tar.gz\"\n");
    OK("/a set video a.mp4;", "/a set video \"a.mp4\"\n");
    OK("/a watch X ( /b load a.inscore, /c load b/c.inscore );",
       "/a watch X ( /b load \"a.inscore\", /c load \"b/c.inscore\" )\n");
    OK("f = img/a.png; /a set img $f;", "/a set img \"img/a.png\"\n");
}

static void test_lexer__scene_relative_numbers_are_strings(void **state) {
    (void)state;
    OK("/a x 0.5sw;/a y -1sh; /a width 1.sw;", "/a x \"0.5sw\"\n/a y -1sh\n/a width \"1.sw\"\n");
}

static void test_lexer__comments_are_blank(void **state) {
    (void)state;
    OK("# one\n/a x 1; # two ; /a x 2;\n/a x # in\n 3;", "/a x 1\n/a x 3\n");
    OK("(* a (* nested *) ; *)/a x (* ( ) * *) 1;", "/a x 1\n");
    fake_target_expect("/a x 1;\n  (* (* *)\n/a x 2;", "/a x 1\n",
                       "line 2 col 3 : syntax error, unexpected ERR (comment without end)\n");
}

static void test_lexer__end_mark_hides_the_rest(void **state) {
    (void)state;
    OK("/a x 1; __END__ /a x ;;; \" \x80 \xff", "/a x 1\n");
    OK("__END__", "");
    OK("", "");
    OK("/a set txt __END__x;", "/a set txt __END__x\n");
}

static void test_lexer__byte_order_mark_is_skipped(void **state) {
    (void)state;
    OK("\xef\xbb\xbf/a x 1;\r\n/a x 2;\r/a x 3;", "/a x 1\n/a x 2\n/a x 3\n");
}

static void test_address__patterns_and_variables_are_kept(void **state) {
    (void)state;
    OK("/ITL/scene/* del;", "/ITL/scene/* del\n");
    OK("/ITL/s*/a?[a-c]{x,yz}[^1] del;", "/ITL/s*/a?[a-c]{x,yz}[^1] del\n");
    OK("/ITL/$scene/$self del;", "/ITL/$scene/$self del\n");
    OK("/my/addr 1 2.;", "/my/addr 1 2.0\n");
    OK("/ITL/scene/signal/sig;", "/ITL/scene/signal/sig\n");
    fake_target_expect("/*/scene x 1;", "", NULL);
    fake_target_expect("/ITL/{a x 1;", "", NULL);
}

static void test_address__ends_at_separators(void **state) {
    (void)state;
    OK("/a watch X (/b,/c\t,/d:/e\n);", "/a watch X ( /b, /c, /d, /e )\n");
    OK("/a watch X (/b/c);", "/a watch X ( /b/c )\n");
    OK("/b/c;", "/b/c\n");
}

static void test_address__relative_ones_pass(void **state) {
    (void)state;
    OK("./sub x 1;", "./sub x 1\n");
    OK("/a eval ( ./sub set txt hi, ./s/t x 1 );", "/a eval ( ./sub set txt hi, ./s/t x 1 )\n");
    OK("m = ( ./sub x 1 ); /a eval $m;", "/a eval ( ./sub x 1 )\n");
}

static void test_address__host_prefix_is_split_off(void **state) {
    (void)state;
    OK("host:7000/ITL/a x 1;", "host:7000/ITL/a x 1\n");
    OK("192.168.0.2:7001/ITL/a x 1;", "192.168.0.2:7001/ITL/a x 1\n");
    OK("\"some.host\":7000/ITL/a x 1;", "some.host:7000/ITL/a x 1\n");
    OK("'::1':7000/ITL/a x 1;", "\"::1\":7000/ITL/a x 1\n");
    OK("/a watch X ( localhost:8000/max 1, /b x 1 : h:1/c );",
       "/a watch X ( localhost:8000/max 1, /b x 1, h:1/c )\n");
    fake_target_expect("h:70000/a x 1;", "", "line 1 col 1 : port out of range (1 to 65535)\n");
    fake_target_expect("h:0/a x 1;", "", "line 1 col 1 : port out of range (1 to 65535)\n");
}

static void test_message__method_is_the_first_string(void **state) {
    (void)state;
    OK("/a 1 x;", "/a 1 x\n");
    OK("m = 'x'; /a $m 1;", "/a x 1\n");
    OK("/a;", "/a\n");
}

static void test_message__operators_as_words_need_no_quotes(void **state) {
    (void)state;
    OK("/a get *; /a watch keyDown * ( /b x 1 );",
       "/a get \"*\"\n/a watch keyDown \"*\" ( /b x 1 )\n");
    OK("/a save + \"f.inscore\";", "/a save \"+\" \"f.inscore\"\n");
    OK("/a save x + f.inscore;", "/a save \"xf.inscore\"\n");
}

static void test_list__nests_and_is_one_parameter(void **state) {
    (void)state;
    OK("/a watch mouseDown ( /b x 1, /c y 2 ) 3;", "/a watch mouseDown ( /b x 1, /c y 2 ) 3\n");
    OK("/a watch X ( /b watch Y ( /c x 1 : /c y 2 ), /d z 3 );",
       "/a watch X ( /b watch Y ( /c x 1, /c y 2 ), /d z 3 )\n");
    OK("/a require 1.3 ( /b set txt old );", "/a require 1.3 ( /b set txt old )\n");
    fake_target_expect("/a watch X ();", "", NULL);
}

static void test_errors__stop_at_the_first_with_line_and_column(void **state) {
    (void)state;
    fake_target_expect("/a x 1;\n\n  /a x , 2;\n/a x 3;", "/a x 1\n", NULL);
    struct fake_target fake;
    fake_target_init(&fake);
    const char *script = "/a x 1;\n\n  /a x , 2;\n/a x 3;";
    assert_int_equal(script_run(&fake.target, script, strlen(script), "tune.inscore"), LG_ESCRIPT);
    assert_int_equal(fake.n_errors, 1);
    static const char begin[] = "line 3 col 8 : syntax error, unexpected ','";
    assert_memory_equal(fake.errors.data, begin, sizeof(begin) - 1);
    assert_non_null(strstr(fake.errors.data, " while parsing file tune.inscore\n"));
    fake_target_finish(&fake);
}

static void test_errors__name_what_was_expected(void **state) {
    (void)state;
    fake_target_expect("x 1;", "",
                       "line 1 col 3 : syntax error, unexpected integer, expecting '='\n");
    fake_target_expect("a:b;", "", "line 1 col 2 : syntax error, unexpected ':', expecting '='\n");
    fake_target_expect("\xc3\xa9 = 1;\n/\xc3\xa9/b x 1;\n'\xc3\xa9\xe2\x82\xac' \xc3\xa9",
                       "/\xc3\xa9/b x 1\n", NULL);
}

static void test_errors__columns_count_characters(void **state) {
    (void)state;
    struct fake_target fake;
    fake_target_init(&fake);
    const char *script = "/a set txt '\xc3\xa9\xe2\x82\xac' ,;";
    script_run(&fake.target, script, strlen(script), NULL);
    assert_memory_equal(fake.errors.data, "line 1 col 17 : ", 16);
    fake_target_finish(&fake);
}

static void test_errors__missing_semicolon_is_seen_at_the_end(void **state) {
    (void)state;
    struct fake_target fake;
    fake_target_init(&fake);
    const char *script = "/a x 1;\n/a x 2\n";
    script_run(&fake.target, script, strlen(script), NULL);
    static const char begin[] = "line 3 col 1 : syntax error, unexpected end of file";
    assert_memory_equal(fake.errors.data, begin, sizeof(begin) - 1);
    assert_string_equal(fake.messages.data, "/a x 1\n");
    fake_target_finish(&fake);
}

static void test_javascript__is_one_error_and_the_script_goes_on(void **state) {
    (void)state;
    fake_target_expect("/a x 1;\n <? javascript var a = \"/b x 1;\"; a ?>\n/a x 2;",
                       "/a x 1\n/a x 2\n",
                       "line 2 col 2 : JavaScript sections are not supported\n");
    fake_target_expect("/a watch X <?javascript 'x' ?>;/a x 2;", "/a x 2\n",
                       "line 1 col 12 : JavaScript sections are not supported\n");
    fake_target_expect("v = <?javascript 1 ?>; /a x 2;", "/a x 2\n",
                       "line 1 col 5 : JavaScript sections are not supported\n");
    fake_target_expect("/a watch X ( /b watch Y <? javascript ?>, /c x 1 );/a x 2;", "/a x 2\n",
                       "line 1 col 25 : JavaScript sections are not supported\n");
    fake_target_expect("/a x 1;\n<? a ?>", "/a x 1\n", NULL);
    fake_target_expect(
        "/a x 1;\n<?javascript a", "/a x 1\n",
        "line 2 col 1 : syntax error, unexpected ERR (JavaScript section without ?>)\n");
}

static void run_echoed(const char *script, const char *messages, const char *errors,
                       const char *sections) {
    struct fake_target fake;
    fake_target_init(&fake);
    fake_target_echo_javascript(&fake);
    script_run(&fake.target, script, strlen(script), NULL);
    assert_string_equal(fake_text(&fake.messages), messages);
    assert_string_equal(fake_text(&fake.errors), errors);
    assert_string_equal(fake_text(&fake.sections), sections);
    fake_target_finish(&fake);
}

static void test_javascript__text_of_a_section_is_run_in_place(void **state) {
    (void)state;
    run_echoed("n = 5 6;\n<? javascript /a x $n; m = 7; ?>\n/a y $m;", "/a x 5 6\n/a y 7\n", "",
               "2: OSId=1 OSName=1 n=2\n");
    run_echoed("<?javascript /a x ?> /a y 1;", "/a y 1\n",
               "line 1 col 7 : syntax error, unexpected end of file\n", "1: OSId=1 OSName=1\n");
}

static void test_javascript__text_in_place_of_a_list_gives_its_messages(void **state) {
    (void)state;
    run_echoed("/t watch GO <? javascript /t x 1; /t y 2; ?>; /t z 3;",
               "/t watch GO ( /t x 1, /t y 2 )\n/t z 3\n", "", "1: OSId=1 OSName=1\n");
    run_echoed("/t watch GO <? javascript v = 1; ?>; /t z 3;", "/t z 3\n",
               "line 1 col 13 : JavaScript section: no messages in its text\n",
               "1: OSId=1 OSName=1\n");
}

static void test_expr__is_one_parameter_with_its_variables(void **state) {
    (void)state;
    OK("/a set gmn expr( seq \"[a)]\" (par &b ~c) );\n/a x 2;",
       "/a set gmn expr( seq \"[a)]\" (par &b ~c) )\n/a x 2\n");
    OK("c = '[e f]'; d = obj; /a set gmn expr( seq $c (par &$d \"$c\") );",
       "/a set gmn expr( seq \"[e f]\" (par &obj \"$c\") )\n");
    OK("/a expr reeval;", "/a expr reeval\n");
    fake_target_expect("/a set gmn expr( seq a", "", NULL);
}

static void test_bytes__nul_and_bad_utf8_are_told_once(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *error;
    } cases[] = {
        {"/a x 1;\n/a x \0 2;", 17, "line 2 col 6 : NUL byte in the script\n"},
        {"/a x 1;\n/a \xff;", 13, "line 2 col 4 : invalid UTF-8\n"},
        {"/a x 1;\n'a\xc3\xa9\xc0\xaf", 15, "line 2 col 4 : invalid UTF-8\n"},
        {"/a x 1;\n# \xe9t\xe9\n", 14, "line 2 col 3 : invalid UTF-8\n"},
        {"/a x 1;\n(* \xed\xa0\x80", 14, "line 2 col 4 : invalid UTF-8\n"},
        {"/a x 1;\n<?javascript \xf4\x90\x80\x80", 25, "line 2 col 14 : invalid UTF-8\n"},
        {"/a x 1;\nexpr(\xe2\x82", 15, "line 2 col 6 : invalid UTF-8\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_target fake;
        fake_target_init(&fake);
        assert_int_equal(script_run(&fake.target, cases[i].text, cases[i].len, NULL), LG_ESCRIPT);
        assert_string_equal(fake_text(&fake.messages), "/a x 1\n");
        assert_string_equal(fake_text(&fake.errors), cases[i].error);
        fake_target_finish(&fake);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lexer__numbers_are_ints_and_floats),
        cmocka_unit_test(test_lexer__numbers_out_of_range_are_refused),
        cmocka_unit_test(test_lexer__bare_words_need_no_quotes),
        cmocka_unit_test(test_lexer__strings_keep_backslashes_but_before_quotes),
        cmocka_unit_test(test_lexer__bare_paths_are_strings),
        cmocka_unit_test(test_lexer__scene_relative_numbers_are_strings),
        cmocka_unit_test(test_lexer__comments_are_blank),
        cmocka_unit_test(test_lexer__end_mark_hides_the_rest),
        cmocka_unit_test(test_lexer__byte_order_mark_is_skipped),
        cmocka_unit_test(test_address__patterns_and_variables_are_kept),
        cmocka_unit_test(test_address__ends_at_separators),
        cmocka_unit_test(test_address__relative_ones_pass),
        cmocka_unit_test(test_address__host_prefix_is_split_off),
        cmocka_unit_test(test_message__method_is_the_first_string),
        cmocka_unit_test(test_message__operators_as_words_need_no_quotes),
        cmocka_unit_test(test_list__nests_and_is_one_parameter),
        cmocka_unit_test(test_errors__stop_at_the_first_with_line_and_column),
        cmocka_unit_test(test_errors__name_what_was_expected),
        cmocka_unit_test(test_errors__columns_count_characters),
        cmocka_unit_test(test_errors__missing_semicolon_is_seen_at_the_end),
        cmocka_unit_test(test_javascript__is_one_error_and_the_script_goes_on),
        cmocka_unit_test(test_javascript__text_of_a_section_is_run_in_place),
        cmocka_unit_test(test_javascript__text_in_place_of_a_list_gives_its_messages),
        cmocka_unit_test(test_expr__is_one_parameter_with_its_variables),
        cmocka_unit_test(test_bytes__nul_and_bad_utf8_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
