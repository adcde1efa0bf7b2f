#!/usr/bin/env python3
"""Scripts of version 2: posted after `parse v2`, as a file, with delays (language reference 2)."""
import os
import tempfile

import harness
from harness import check, equal, until


def post(system, script, status=200):
    body = b"data=" + harness.percent(script).encode()
    answer = system.http.request("POST", "/", (harness.FORM,), body)
    equal(answer.status, status, answer)
    return "" if status == 200 else answer.json()["error"]


def show(system, address, what):
    """In version 1, through JavaScript: an error quotes the value."""
    return post(system, f"v = $( {address} get {what} ); <? javascript throw 'is ' + v ?>", 400)


def case_posts_follow_parse(system):
    post(system, "/ITL parse v2;")
    post(system, "size = 0.2; c = /ITL/scene/$addr (set rect $size $size), (x (* 0.25, $i));"
                 "/ITL/scene/* del; $c{addr=k[i:1...3]};")
    error = post(system, "/ITL/scene/k1 x 0.9; /ITL/scene/k1 (x 1;", 400)
    check(error.startswith(" line 1 col 40 : syntax error"), error)
    error = post(system, "/ITL/scene/k1 x 0.9;\n/ITL/scene/k1 x (/ 1, 0);", 400)
    check(error.startswith(" line 2 col 18 : math '/': division by 0"), error)
    post(system, "/ITL parse v1;")
    check("is 0.5" in show(system, "/ITL/scene/k3", "x"))
    check("is 0" in show(system, "/ITL/scene/k1", "x") and "0.9" not in show(system, "/ITL/scene/k1", "x"),
          "nothing of a wrong script ran")


def case_addresses_are_factored(system):
    post(system, "/ITL parse v2;")
    post(system, "(/ITL/scene (p set rect 1 1), (q set rect 1 1));"
                 "(/ITL/scene (p x 0.25), (q y 0.75), (width 1.)); /ITL/scene (/p (z 1)), (/q set txt set);")
    post(system, "(/ITL/scene (nobody x 1));", 400)
    post(system, "/ITL parse v1;")
    check("is 0.25" in show(system, "/ITL/scene/p", "x"))
    check("is 0.75" in show(system, "/ITL/scene/q", "y"))
    check("is set" in show(system, "/ITL/scene/q", "text"))


def case_delays_run_when_due(system):
    post(system, "/ITL parse v2;")
    post(system, "/ITL/scene/d set txt before; /ITL/scene/d watch GO (100ms /ITL/scene/d set txt $1);"
                 "50ms /ITL/scene/d x 0.5; 20ms /ITL/scene/e set txt early;")
    post(system, "/ITL parse v1;")
    until(lambda: "is 0.5" in show(system, "/ITL/scene/d", "x"), "the delayed message")
    check("is early" in show(system, "/ITL/scene/e", "text"), "the earlier one")
    post(system, "/ITL/scene/d event GO later;")
    until(lambda: "is later" in show(system, "/ITL/scene/d", "text"), "the delayed message of an event")
    post(system, "/ITL after -1 ( /ITL/scene/d x 1 );", 400)
    post(system, "/ITL after 86400001 ( /ITL/scene/d x 1 );", 400)


def case_delayed_messages_are_bounded(system):
    post(system, "/ITL parse v2;")
    error = post(system, "/ITL/scene/[i:1...10001] 80000s x 1;", 400)
    post(system, "/ITL parse v1;")
    equal(error, " too many delayed messages (limit 10000), dropping;")


def score_file():
    folder = tempfile.mkdtemp(prefix="leggio-v2-")
    with open(os.path.join(folder, "start.inscore2"), "w", encoding="utf-8") as file:
        file.write("/ITL/scene/f_[i:1...3] (set txt (+ $i, 1)), (y $i);\n/ITL/scene/f_1 show 0;\n")
    return folder


FOLDER = score_file()


@harness.with_options(renderer_options=("--score", os.path.join(FOLDER, "start.inscore2")))
def case_files_are_chosen_by_name(system):
    check("is 3" in show(system, "/ITL/scene/f_3", "text"))
    with open(os.path.join(system.root, "wrong.inscore2"), "w", encoding="utf-8") as file:
        file.write("/ITL/scene/g set txt one;\n/ITL/scene/g x (2;\n")
    error = post(system, "/ITL/scene load wrong.inscore2;", 400)
    check("line 2 col 18 : syntax error" in error and "while parsing file wrong.inscore2" in error, error)
    check("incorrect OSC address" in post(system, "/ITL/scene/g x 0;", 400), "nothing of it ran")
    with open(os.path.join(system.root, "late.inscore2"), "w", encoding="utf-8") as file:
        file.write("/ITL/scene/g set txt one;\n\n/ITL/scene/nobody y 2;\n")
    post(system, "/ITL load late.inscore2;", 400)
    check("late.inscore2 line 3" in system.http.get("/log").text, system.http.get("/log").text[-300:])


harness.main(globals(), renderers=("real",))
