#!/usr/bin/env python3
"""Scripts by POST: what they do, and the error log of web API reference 3.5 and language reference 1.6."""
import os
import time

import harness
import png
from harness import check, equal

RED = "/ITL/scene/* del; /ITL/scene/r set rect 0.5 0.5; /ITL/scene/r color 255 0 0;"


def color(system):
    answer = system.http.get("/")
    return png.read(answer.body).rgb(270, 270)


def error_of(system, script):
    body = b"data=" + harness.percent(script).encode()
    answer = system.http.request("POST", "/", (harness.FORM,), body)
    equal(answer.status, 400, answer)
    return answer.json()["error"]


def case_variables_and_math_are_evaluated(system):
    script = RED + "red = 100 + 20; rest = 7 9; /ITL/scene/r color ( $red / 2 ) $rest;"
    equal(system.http.post(script).status, 200)
    equal(color(system), (60, 7, 9), "colour")


def case_later_statements_see_the_effect_of_earlier_ones(system):
    script = RED + "/ITL/scene/r color 11 22 33; /ITL/scene/r color $( /ITL/scene/r get green blue red );"
    equal(system.http.post(script).status, 200)
    equal(color(system), (22, 33, 11), "colour")


def case_statements_before_a_syntax_error_are_executed(system):
    equal(system.http.post(RED).status, 200)
    error = error_of(system, "/ITL/scene/r color 1 2 3;\n/ITL/scene/r color , 4 5 6;\n/ITL/scene/r color 7 8 9;")
    check(error.startswith(" line 2 col 20 : syntax error, unexpected ','"), error)
    check(error.endswith(";"), error)
    equal(color(system), (1, 2, 3), "colour")


def case_errors_are_joined_and_have_the_words_of_the_reference(system):
    equal(system.http.post(RED).status, 200)
    error = error_of(system, "/ITL/scene/nothing x 1; /ITL/scene/r x; /ITL/scene/q set foo 1; /ITL/scene/r color 4 5 6;")
    equal(error, " incorrect OSC address: /ITL/scene/nothing; incorrect parameters: /ITL/scene/r x;"
                 " unknown object type: foo;")
    equal(color(system), (4, 5, 6), "colour")


def case_math_errors_stop_the_script(system):
    equal(system.http.post(RED).status, 200)
    error = error_of(system, "/ITL/scene/r color 1 2 3; /ITL/scene/r color 9 9 ( 1 / 0 );")
    equal(error, " line 1 col 54 : math '/': division by 0;")
    equal(color(system), (1, 2, 3), "colour")


def case_preprocess_shows_the_messages_and_runs_none(system):
    equal(system.http.post(RED).status, 200)
    with open(os.path.join(system.root, "look.inscore"), "w", encoding="utf-8") as file:
        file.write("n = 7; /ITL/scene/r color $n ( $n * 2 ) 9;\n<? javascript '/ITL/scene/r y 0.5;' ?>")
    equal(system.http.post("/ITL preprocess look.inscore;").status, 200)
    log = system.http.get("/log").json()["log"]
    check("/ITL/scene/r color 7 14 9;" in log and "/ITL/scene/r y 0.5;" in log, log)
    equal(color(system), (255, 0, 0), "colour")
    check("can't open file : none.inscore" in error_of(system, "/ITL/scene preprocess none.inscore;"))


def case_bytes_that_are_no_text_are_told(system):
    equal(system.http.post(RED).status, 200)
    error = error_of(system, b"/ITL/scene/r color 1 2 3; /ITL/scene/r set txt '\xff';")
    equal(error, " line 1 col 49 : invalid UTF-8;")
    equal(color(system), (1, 2, 3), "colour")
    error = error_of(system, b"/ITL/scene/r color 4 5 6; \0 /ITL/scene/r color 7 8 9;")
    equal(error, " line 1 col 27 : NUL byte in the script;")
    equal(color(system), (4, 5, 6), "colour")


def case_deep_nesting_is_refused(system):
    equal(system.http.post(RED).status, 200)
    error = error_of(system, "/ITL/scene/r watch mouseDown " + "( /ITL/scene/r watch mouseDown " * 10000)
    check("nested too deep" in error, error[:300])
    equal(color(system), (255, 0, 0), "colour")


def case_an_empty_script_is_no_error(system):
    for script in ("# only a comment\n", "name = 1;", "__END__ ;;"):
        equal(system.http.post(script).status, 200, script)


def lines(n_bytes):
    line = "/ITL/scene/r color 1 2 3; /ITL/scene/r x 0.;\n"
    return RED + line * (n_bytes // len(line))


def case_large_scripts_take_time_in_proportion(system):
    def seconds(n_bytes):
        best = 1e9
        for _ in range(3):
            start = time.monotonic()
            equal(system.http.post(lines(n_bytes)).status, 200)
            best = min(best, time.monotonic() - start)
        return best
    small, large = seconds(20 * 1024), seconds(200 * 1024)
    check(large < 30 * small + 0.5, f"20 KB in {small:.3f} s, 200 KB in {large:.3f} s")
    check(large < 10, f"200 KB in {large:.3f} s")


def case_ten_megabytes_are_taken(system):
    answer = system.http.request("POST", "/", [harness.FORM], harness.form(data=lines(10 * 1024 * 1024)), limit_s=60)
    equal(answer.status, 200, answer)
    equal(color(system), (1, 2, 3), "colour")


harness.main(globals(), renderers=("real",))
