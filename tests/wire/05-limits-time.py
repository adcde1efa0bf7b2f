#!/usr/bin/env python3
"""Bad dates, loops of aliases and loads, events that trigger themselves (issue 4, bad input; language reference 10, 3.1, 11.1)."""
import os
import time

import harness
from harness import check, equal, until


BUSY_S = 60.0  # ten seconds of processor time, on a machine that others use


def post(system, script, status=200):
    body = b"data=" + harness.percent(script).encode()
    answer = system.http.request("POST", "/", (harness.FORM,), body, limit_s=BUSY_S)
    check(answer.status == status, script[:200], answer)
    return "" if status == 200 else answer.json()["error"]


def show(system, address, what):
    return post(system, f"v = $( {address} get {what} ); <? javascript throw 'is ' + v ?>", 400)


def date(system, address="/ITL/scene/a"):
    return show(system, address, "date").partition("is ")[2].partition(" while")[0].rstrip(";")


def case_dates_are_exact_or_refused(system):
    post(system, "/ITL/scene/a set rect 1 1; /ITL/scene/a date 3 4;")
    for wrong in ("1 0", "0 0", "'1/0'", "'9223372036854775808/1'", "'1/9223372036854775808'", "'-9223372036854775808/1'",
                  "'1/-0'", "'99999999999999999999999999/3'", "'/'", "'1/'", "'/1'", "'1/2/3'", "x"):
        post(system, f"/ITL/scene/a date {wrong};", 400)
        equal(date(system), "3,4", wrong)
        post(system, f"/ITL/scene/a duration {wrong};", 400)
        post(system, f"/ITL/scene/a ddate {wrong};", 400)
        equal(date(system), "3,4", wrong)
    for wrong in ("1 0 2 1", "0 1 2 0", "'1/0' '2/1'", "'0/1' '9223372036854775808/1'", "'1/2'", "1 2 3"):
        post(system, f"/ITL/scene/a watch timeEnter {wrong} ( /ITL/scene/a x 1 );", 400)
    post(system, "/ITL/scene/a date 2147483647 1;")
    post(system, "/ITL/scene/a ddate 2147483647 1;", 400)
    equal(date(system), "2147483647,1", "what does not fit is refused")
    post(system, "/ITL/scene/a date 1 2147483647;")
    post(system, "/ITL/scene/a ddate 1 2147483646;", 400)
    equal(date(system), "1,2147483647", "what does not fit is refused")
    post(system, "/ITL/scene/a date -2147483647 1;")
    post(system, "/ITL/scene/a ddate -1 1;", 400)


def case_maps_with_large_numbers_are_refused_or_exact(system):
    post(system, "/ITL/scene/m set rect 1 1;")
    for interval in ("[0/1, 9223372036854775808/1[", "[0/0, 1/1[", "[0/1, 1/0[", "[0/1, 99999999999999999999/1[",
                     "[99:99:99999999999999999999, 1/1[", "[0/1, 9223372036854775807/1["):
        post(system, f"/ITL/scene/m map \"( [-1., 1.[ [-1., 1.[ ) ( {interval} )\";", 400)
    post(system, "/ITL/scene/m map \"( [-1., 1.[ [-1., 1.[ ) ( [0/1, 2147483647/2147483646[ )\";"
                 "/ITL/scene/s set ellipse 0.1 0.1; /ITL/scene/sync s m;", 200)
    post(system, "/ITL/scene/m date 2147483647 2147483646; /ITL/scene/s date 2147483645 2147483644;")
    equal(system.http.get("/version").status, 200)


def case_a_tempo_reaches_the_end_of_time(system):
    post(system, "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1; /ITL/scene/sync b a;")
    for tempo in ("1e38", "-1e38", "3.0e-38"):
        post(system, f"/ITL/scene/a date 1 3; /ITL/scene/a tempo {tempo};")
        until(lambda: system.http.get("/version").status == 200)
        date(system)
    post(system, "/ITL/scene/a tempo 0;")


def case_alias_loops_end(system):
    post(system, "/ITL/scene/a set rect 1 1; /ITL/scene/a alias '/loop' x; /ITL/scene/a watch x ( /loop 0.5 );")
    post(system, "/loop 0.25;")
    until(lambda: "is 0.5" in show(system, "/ITL/scene/a", "x"), "the first turn")
    post(system, "/ITL/scene/b set rect 1 1; /ITL/scene/b alias '/loop2'; /loop2 eval ( /loop2 eval ( /loop2 y 0.5 ) );")
    post(system, "/ITL/scene/c set rect 1 1; /ITL/scene/c alias '/ITL/scene/c';")
    post(system, "/ITL/scene/c x 0.75;")
    check("is 0.75" in show(system, "/ITL/scene/c", "x"), "an alias of its own address")
    post(system, "/ITL/scene/a del;")


def case_load_loops_end(system):
    with open(os.path.join(system.root, "self.inscore"), "w", encoding="utf-8") as file:
        file.write("/ITL load self.inscore;\n")
    with open(os.path.join(system.root, "two.inscore"), "w", encoding="utf-8") as file:
        file.write("/ITL load two.inscore;\n/ITL load two.inscore;\n")
    with open(os.path.join(system.root, "two.inscore2"), "w", encoding="utf-8") as file:
        file.write("/ITL (load two.inscore2), (load two.inscore2);\n")
    check("nested too deep" in post(system, "/ITL load self.inscore;", 400))
    for name in ("two.inscore", "two.inscore2"):
        start = time.monotonic()
        error = post(system, f"/ITL load {name};", 400)
        check("nested too deep" in error or "stopped after" in error, error[:300])
        check(time.monotonic() - start < BUSY_S, "bounded by the time of a transaction")


def case_events_that_trigger_themselves_run_at_the_task_rate(system):
    post(system, "/ITL/scene/a set rect 1 1; /ITL/scene/n set txt 0;"
                 "/ITL/scene/a watch GO ( /ITL/scene/a event GO, /ITL/scene/a dx 0.001, /ITL/scene/a event GO );"
                 "/ITL/scene/a event GO;")
    until(lambda: "too many messages of events" in system.http.get("/log").text, "the storm meets its limit", limit_s=60)
    for _ in range(5):
        equal(system.http.get("/version").status, 200)
        post(system, "/ITL/scene/n set txt alive;")
    post(system, "/ITL/scene/a watch GO;")
    post(system, "/ITL/scene/b set rect 1 1; /ITL/scene/b watch newData ( /ITL/scene/b set rect 1 0.5 ); /ITL/scene/b set rect 1 1;")
    post(system, "/ITL/scene/b watch timeEnter 0 1 ( /ITL/scene/b date 2 ); /ITL/scene/b watch timeLeave 0 1 ( /ITL/scene/b date 0 );"
                 "/ITL/scene/b date 2;")
    post(system, "/ITL watch error ( /ITL/nothing x 1 ); /ITL/nothing x 1;", 400)
    post(system, "/ITL/scene/n set txt on;")
    check("is on" in show(system, "/ITL/scene/n", "text"))


def case_delayed_storms_are_bounded(system):
    post(system, "/ITL/scene/a set rect 1 1; /ITL/scene/a watch GO ( /ITL after 0 ( /ITL/scene/a event GO ),"
                 "/ITL after 0 ( /ITL/scene/a event GO ), /ITL/scene/a dx 0.001 ); /ITL/scene/a event GO;")
    until(lambda: "too many" in system.http.get("/log").text, "the storm meets its limit", limit_s=60)
    post(system, "/ITL/scene/n set txt on;")
    check("is on" in show(system, "/ITL/scene/n", "text"))
    post(system, "/ITL/scene/a watch GO;")


harness.main(globals(), renderers=("real",))
