/* Version 2 of the language: score-language reference section 2. */
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
#include "renderer/script/v2/run_v2.h"

static int run(const char *script, const char *name, const char *messages, const char *errors) {
    struct fake_target fake;
    fake_target_init(&fake);
    int status = script_run(&fake.target, script, strlen(script), name);
    if (messages != NULL) {
        assert_string_equal(fake_text(&fake.messages), messages);
    }
    if (errors != NULL) {
        assert_string_equal(fake_text(&fake.errors), errors);
    }
    fake_target_finish(&fake);
    return status;
}

static void expect(const char *script, const char *messages, const char *errors) {
    struct fake_target fake;
    fake_target_init(&fake);
    int status = script_v2_run(&fake.target, script, strlen(script), NULL);
    assert_string_equal(fake_text(&fake.errors), errors);
    assert_string_equal(fake_text(&fake.messages), messages);
    bool is_warning = strstr(errors, "warning!") != NULL && strstr(errors, " col ") == NULL;
    assert_int_equal(status, errors[0] == '\0' || is_warning ? 0 : LG_ESCRIPT);
    fake_target_finish(&fake);
}

#define OK(script, messages) expect(script, messages, "")

/* An error of this kind, and nothing runs. */
static void refuse(const char *script, const char *words) {
    struct fake_target fake;
    fake_target_init(&fake);
    assert_int_equal(script_v2_run(&fake.target, script, strlen(script), NULL), LG_ESCRIPT);
    assert_string_equal(fake_text(&fake.messages), "");
    if (strstr(fake_text(&fake.errors), words) == NULL) {
        fail_msg("%s: not in %s", words, fake_text(&fake.errors));
    }
    fake_target_finish(&fake);
}

static void test_v2__a_statement_is_its_paths(void **state) {
    (void)state;
    OK("/ITL/scene/a x 1;", "/ITL/scene/a x 1\n");
    OK("/ITL/scene/a (x 1), (y 2);", "/ITL/scene/a x 1\n/ITL/scene/a y 2\n");
    OK("(/ITL/scene (a x 1), (b y 2));", "/ITL/scene a x 1\n/ITL/scene b y 2\n");
    OK("/ITL/scene (/a x 1), (/b y 2);", "/ITL/scene/a x 1\n/ITL/scene/b y 2\n");
    OK("/ITL/scene (/a (x 1), (y 2)), (/b (/c del));",
       "/ITL/scene/a x 1\n/ITL/scene/a y 2\n/ITL/scene/b/c del\n");
    OK("/a, /b x 1;", "/a x 1\n/b x 1\n");
    OK("/ITL/scene (/a, /b) (x 1), (y 2);",
       "/ITL/scene/a x 1\n/ITL/scene/a y 2\n/ITL/scene/b x 1\n/ITL/scene/b y 2\n");
    OK("/ITL/scene/a;", "/ITL/scene/a\n");
    OK("", "");
}

static void test_v2__bare_values_are_one_list(void **state) {
    (void)state;
    OK("/a set rect 1, 0.5; /a set rect 1 0.5;", "/a set rect 1 0.5\n/a set rect 1 0.5\n");
    OK("grey = (150, 150, 150, 120); /a effect shadow (6, 6, $grey, 6);",
       "/a effect shadow 6 6 150 150 150 120 6\n");
    OK("grey = 1 2 3; /a color $grey;", "/a color 1 2 3\n");
    OK("/ITL/scene/signal/s 1, 0.5, -1;", "/ITL/scene/signal/s 1 0.5 -1\n");
    OK("/a get x, y;", "/a get x y\n");
    OK("/a show, hide 1;", "/a show 1\n/a hide 1\n");
}

static void test_v2__comments_strings_and_the_end(void **state) {
    (void)state;
    OK("# one\n/a x 1; /# two\n /a x 2; # #/ /a x 3; __END__ ( not read", "/a x 1\n/a x 3\n");
    OK("/a set txt \"two words # no comment\" 'it\\'s';",
       "/a set txt \"two words # no comment\" \"it's\"\n");
    OK("/a set gmn '[\\meter<\"4/4\"> a]';", "/a set gmn \"[\\meter<\\\"4/4\\\"> a]\"\n");
    OK("/a set img rsrc/play.png; /a mapf maps/x.map; /a x -0.5sw;",
       "/a set img \"rsrc/play.png\"\n/a mapf \"maps/x.map\"\n/a x \"-0.5sw\"\n");
    OK("localhost:8000/max/play 1; \"a.b\":9000/x go;",
       "localhost:8000/max/play 1\na.b:9000/x go\n");
    OK("/ITL/scene/* del; /a/map[23d] x 1; /a get *; /a/{b,c} x 1;",
       "/ITL/scene/* del\n/a/map[23d] x 1\n/a get \"*\"\n/a/{b,c} x 1\n");
}

static void test_v2__variables_are_lazy(void **state) {
    (void)state;
    OK("a = (+ $b, 1); b = 1; /x x $a; b = 5; /x x $a;", "/x x 2\n/x x 6\n");
    OK("m = (x $v); /o $m{v=1}; /o $m{v=2};", "/o x 1\n/o x 2\n");
    OK("v = 7; m = (x $v); /o $m{v=1}, $m;", "/o x 1\n/o x 7\n");
    OK("size = 0.5; m = (scale $size); /o $m{size=$size};", "/o scale 0.5\n");
    OK("on = (color $c); b = (/o/$n (set txt $t), ($what)); "
       "$b{n=k, t=Play, c=red, what=$on};",
       "/o/k set txt Play\n/o/k color red\n");
    OK("1 = 4; /o x $1;", "/o x 4\n");
    OK("/o/$n x 1;", "/o/$n x 1\n");
    OK("n = (a, b); /o/$n x 1; /o/p$n x 1;", "/o/a x 1\n/o/b x 1\n/o/pa x 1\n/o/pb x 1\n");
    expect("/o x $nothing;", "/o x \"$nothing\"\n",
           "line 1 : warning! variable $nothing is not defined.\n");
    expect("a = $a; /o x $a;", "/o x \"$a\"\n", "line 1 : warning! variable $a is not defined.\n");
}

static void test_v2__values_and_addresses_expand(void **state) {
    (void)state;
    OK("/s [0...4];", "/s 0 1 2 3 4\n");
    OK("/s [2...-1];", "/s 2 1 0 -1\n");
    OK("/s set [a...c];", "/s set a b c\n");
    OK("/o/n[1...3] x 1;", "/o/n1 x 1\n/o/n2 x 1\n/o/n3 x 1\n");
    OK("/o/n[i:1...3] x $i;", "/o/n1 x 0\n/o/n2 x 1\n/o/n3 x 2\n");
    OK("/o/[a...c] del;", "/o/a del\n/o/b del\n/o/c del\n");
    OK("/o/r_[i:j:aa...bb] x $i $j;",
       "/o/r_aa x 0 0\n/o/r_ab x 0 1\n/o/r_ba x 1 0\n/o/r_bb x 1 1\n");
    OK("c = /o/$addr (x $i), (y $n); $c{addr=k_[i:1...2], n=9};",
       "/o/k_1 x 0\n/o/k_1 y 9\n/o/k_2 x 1\n/o/k_2 y 9\n");
}

static void test_v2__math_is_prefix(void **state) {
    (void)state;
    OK("/o x (+ 1, 2) (- 5, 2) (* 2, 3, 4) (/ 7, 2) (/ 7, 2.) (% 7, 3);", "/o x 3 3 24 3 3.5 1\n");
    OK("a = 6; b = 3; /o x * $a, (- 1, $b);", "/o x -12\n");
    OK("/o x (- 4) (+ \"a\", 1, \"b\");", "/o x -4 a1b\n");
    OK("/o x (< 1, 2) (> 1, 2) (<= 2, 2) (>= 1, 2) (== 1, 1) (!= 1, 1) (! 0);",
       "/o x 1 0 1 0 1 0 1\n");
    OK("/o x (? (% 3, 2), odd, even) (? 0, 1, 2) (? true, 1, 2) (? false, 1, 2);",
       "/o x odd 2 1 2\n");
    OK("? (math.has 2, (1, 2, 3)), (/o x 1), (/o x 2);", "/o x 1\n");
    OK("/o x (math.sqrt 9) (math.pow 2, 10) (math.floor 1.5) (math.ceil 1.5) (math.round 1.6);",
       "/o x 3.0 1024.0 1.0 2.0 2.0\n");
    OK("/o x (math.min 3, 1, 2) (math.max 3, 1, 2) (math.cos 0) (math.log2 8) (math.cbrt 27);",
       "/o x 1 3 1.0 3.0 3.0\n");
    OK("/o (x (< math.rand, 1)), (y (>= math.rand, 0));", "/o x 1\n/o y 1\n");
    refuse("/o x 1; /o x (/ 1, 0);", "line 1 col 15 : math '/': division by 0");
    refuse("/o x (- a, 1);", "math '-': unsupported type of argument");
    refuse("/o x (math.nothing 1);", "unknown function");
    refuse("/o x (math.sin 1, 2);", "math.sin takes 1 number, 2 are given");
}

static void test_v2__delays_add_along_the_path(void **state) {
    (void)state;
    OK("500ms /a x 1;", "/ITL after 500 ( /a x 1 )\n");
    OK("/a 2s x 1;", "/ITL after 2000 ( /a x 1 )\n");
    OK("1s /a (500ms x 1), (y 2);", "/ITL after 1500 ( /a x 1 )\n/ITL after 1000 ( /a y 2 )\n");
    OK("d = 10ms; /o/t[i:1...3] (* $d, $i) x 1;",
       "/o/t1 x 1\n/ITL after 10 ( /o/t2 x 1 )\n/ITL after 20 ( /o/t3 x 1 )\n");
    refuse("/a x 1; 25000000s /a x 1;", "delay out of range");
    refuse("/a 20000s 20000s 20000s 20000s 20000s x 1;", "delay of more than 24 hours");
}

static void test_v2__messages_of_watches_are_lists(void **state) {
    (void)state;
    OK("/a watch mouseDown (/b x 1);", "/a watch mouseDown ( /b x 1 )\n");
    OK("/a (set rect 1 1), (watch mouseDown ((/b x '$x'), (/c (x 1), (y 2))));",
       "/a set rect 1 1\n/a watch mouseDown ( /b x \"$x\", /c x 1, /c y 2 )\n");
    OK("/a watch mouseDown (/b date $date);", "/a watch mouseDown ( /b date \"$date\" )\n");
    OK("move = ((/b date '$date'), (/c x 1)); /a watch mouseDown ( $move );",
       "/a watch mouseDown ( /b date \"$date\", /c x 1 )\n");
    OK("run = /b del; /a watch GO $run;", "/a watch GO ( /b del )\n");
    OK("d = 330ms; /a watch GO ((/b x 1), ($d /b x 2), ((* $d, 2) /b x 3));",
       "/a watch GO ( /b x 1, /ITL after 330 ( /b x 2 ), /ITL after 660 ( /b x 3 ) )\n");
    OK("/a watch A (/a watch B (/a watch C (/b del)));",
       "/a watch A ( /a watch B ( /a watch C ( /b del ) ) )\n");
    OK("c = (? (< 4, 3), touchBegin, mouseDown); /a watch $c (/b del);",
       "/a watch mouseDown ( /b del )\n");
    OK("/a watch timeEnter 1 2 (/b del);", "/a watch timeEnter 1 2 ( /b del )\n");
    OK("/a watch keyDown * (/b del);", "/a watch keyDown \"*\" ( /b del )\n");
}

static void test_v2__nothing_runs_after_an_error(void **state) {
    (void)state;
    expect("/a x 1;\n/a x (;\n", "", "line 2 col 7 : syntax error, unexpected ';'\n");
    refuse("/a x 1; /a x 2", "syntax error, unexpected end of file");
    refuse("/a x 1; /# open", "line 1 col 9 : syntax error, unexpected ERR (comment without end)");
    refuse("/a x 1; /a set txt \"open;", "string without end");
    refuse("/a x 1; x @ 2;", "'@' and 'with' are reserved");
    refuse("/a x 1; x 2;", "a message begins with an address");
    refuse("/a x 1; /a x 99999999999;", "line 1 col 14 : integer out of range (32 bits)");
    refuse("/a x 1; /a x \xff;", "line 1 col 14 : invalid UTF-8");
}

static void test_v2__files_are_chosen_by_their_extension(void **state) {
    (void)state;
    assert_int_equal(run("/a (x 1), (y 2);", "b.inscore2", "/a x 1\n/a y 2\n", ""), 0);
    assert_int_equal(run("/a (x 1;", "b.inscore2", "",
                         "line 1 col 8 : syntax error, unexpected ';' while parsing file "
                         "b.inscore2\n"),
                     LG_ESCRIPT);
}

static void test_v2__expansion_is_bounded(void **state) {
    (void)state;
    refuse("/o/[1...99999]/[1...99999] x 1;", "expands to");
    refuse("/o/[aaaaaaaa...zzzzzzzz] x 1;", "expands to");
    refuse("a = $b, $b; b = $c, $c; c = $d, $d; d = $e, $e; e = $f, $f; f = $g, $g; g = $h, $h;"
           "h = $i, $i; i = $j, $j; j = $k, $k; k = $l, $l; l = $m, $m; m = $n, $n; n = $o, $o;"
           "o = $p, $p; p = $q, $q; q = $r, $r; r = $s, $s; s = $t, $t; t = $u, $u; u = $v, $v;"
           "v = $w, $w; w = $x, $x; x = $y, $y; y = 1; /a x $a;",
           "expands too far");
    refuse("a = (- $b, 1); b = (- $c, 1); c = $a{q=1}; /a x $a;", "unsupported type");
    struct text deep = {0};
    for (int i = 0; i < 100000; i++) {
        text_append(&deep, "(", 1);
    }
    refuse(deep.data, "line 1");
    text_finish(&deep);
    for (int i = 0; i < 5000; i++) {
        text_printf(&deep, "v%d = (+ 1, $v%d);", i, i + 1);
    }
    text_printf(&deep, "/a x $v0;");
    refuse(deep.data, "nested");
    text_finish(&deep);
    text_printf(&deep, "/a x 1");
    for (int i = 0; i < 50000; i++) {
        text_printf(&deep, ", %d", i);
    }
    text_printf(&deep, ";");
    struct fake_target fake;
    fake_target_init(&fake);
    assert_int_equal(script_v2_run(&fake.target, deep.data, deep.len, NULL), 0);
    assert_int_equal(fake.n_messages, 1);
    fake_target_finish(&fake);
    text_finish(&deep);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_v2__a_statement_is_its_paths),
        cmocka_unit_test(test_v2__bare_values_are_one_list),
        cmocka_unit_test(test_v2__comments_strings_and_the_end),
        cmocka_unit_test(test_v2__variables_are_lazy),
        cmocka_unit_test(test_v2__values_and_addresses_expand),
        cmocka_unit_test(test_v2__math_is_prefix),
        cmocka_unit_test(test_v2__delays_add_along_the_path),
        cmocka_unit_test(test_v2__messages_of_watches_are_lists),
        cmocka_unit_test(test_v2__nothing_runs_after_an_error),
        cmocka_unit_test(test_v2__files_are_chosen_by_their_extension),
        cmocka_unit_test(test_v2__expansion_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
