#!/usr/bin/env python3
"""JavaScript sections and `javascript run` (language reference 15; script and replies of reference picture 38)."""
import os
import signal

import harness
from harness import check, equal

SCRIPT = """/ITL/scene/* del;
n = 5;
<? javascript
  var out = "";
  for (var i = 0; i < n; i++) {
    var o = "/ITL/scene/b" + i;
    out += o + " set rect 0.2 " + (0.2 + 0.2 * i) + ";";
    out += o + " x " + (-0.8 + 0.4 * i) + ";";
    out += o + " color " + (50 * i) + " 80 160;";
  }
  out;
?>
/ITL/scene/t set txt "waiting";
/ITL/scene/t watch GO <? javascript "/ITL/scene/t color 200 0 0; /ITL/scene/t set txt went;" ?>;
"""


def post(system, script, status=200):
    body = b"data=" + harness.percent(script).encode()
    answer = system.http.request("POST", "/", (harness.FORM,), body)
    equal(answer.status, status, answer)
    return "" if status == 200 else answer.json()["error"]


def show(system, address):
    """Its text, through JavaScript itself: an error quotes it."""
    return post(system, f"v = $( {address} get text ); <? javascript throw 'is ' + v ?>", 400)


def case_a_section_makes_objects_and_messages(system):
    post(system, SCRIPT)
    check("b4 1.0" in post(system, "w = $( /ITL/scene/b4 get height ); <? javascript throw 'b4 ' + w.toFixed(1) ?>", 400))
    post(system, "/ITL/scene/t event GO;")
    harness.until(lambda: "is went" in show(system, "/ITL/scene/t"), "the text of the watch")


def case_code_runs_at_event_time(system):
    post(system, "/ITL/scene/javascript run \"'/ITL/scene/u set txt done;'\";")
    check("is done" in show(system, "/ITL/scene/u"))


def case_errors_tell_line_and_reason(system):
    error = post(system, "/ITL/scene/javascript run \"nofunc()\";", 400)
    check(error.startswith(" javascript error line 1 :") and "nofunc" in error, error)
    error = post(system, "/ITL/scene/k set txt before;\n<? javascript\n\nvar a = ; ?>\n/ITL/scene/k set txt after;", 400)
    check(error.startswith(" javascript error line 4 :") and "SyntaxError" in error, error)
    check("is after" in show(system, "/ITL/scene/k"), "the rest of the script is done")


def case_the_engine_remembers(system):
    post(system, "<? javascript var kept = 41; null ?>")
    check("is 42" in post(system, "<? javascript throw 'is ' + (kept + 1) ?>", 400))


def case_an_endless_loop_costs_one_error(system):
    error = post(system, "<? javascript while (true) {} ?> /ITL/scene/e set txt on;", 400)
    check("stopped after 2 s" in error, error)
    check("is on" in show(system, "/ITL/scene/e"), "the rest of the script is done")
    equal(system.http.get("/version").status, 200)


def case_memory_is_bounded(system):
    error = post(system, "<? javascript var s = 'x'; while (true) s += s + s; ?>", 400)
    check("javascript error" in error, error)
    error = post(system, "<? javascript var a = []; while (true) a.push(new Array(1000).join('y')); ?>", 400)
    check("javascript error" in error, error)
    check("is 1" in post(system, "<? javascript throw 'is ' + 1 ?>", 400), "the engine goes on")


def case_a_killed_engine_comes_back(system):
    post(system, "<? javascript null ?>")
    with os.popen(f"pgrep -P {system.renderer.process.pid} -f javascript-worker") as found:
        os.kill(int(found.read().split()[0]), signal.SIGKILL)
    harness.until(lambda: "is 2" in post(system, "<? javascript throw 'is ' + 2 ?>", 400), "the engine")


def case_posted_messages_come_later(system):
    post(system, "/ITL/scene/p set txt early; <? javascript post('/ITL/scene/p', 'set', 'txt', 'late', 1, 0.5); null ?>")
    harness.until(lambda: "is late 1 0.5" in show(system, "/ITL/scene/p"), "the posted message")


def case_files_are_read_below_the_root_path_only(system):
    with open(os.path.join(system.root, "words.txt"), "w", encoding="utf-8") as file:
        file.write("of a file")
    check("is of a file" in post(system, "<? javascript throw 'is ' + readfile('words.txt') ?>", 400))
    for name in ("/etc/passwd", "../score.inscore", "nothing.txt"):
        error = post(system, f"<? javascript readfile('{name}') ?>", 400)
        check("can't open file" in error, error)


def case_sections_that_make_sections_end(system):
    error = post(system, "<? javascript var f = \"<? javascript f ?\" + \">\"; f ?>", 400)
    check("nested deeper than 8" in error, error)


harness.main(globals(), renderers=("real",))
