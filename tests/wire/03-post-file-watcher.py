#!/usr/bin/env python3
"""fileWatcher (language reference 3) and the score's log: files that are written, replaced, deleted and made again;
errors with their time, source, file and line."""
import os
import re
import tempfile

import harness
from harness import check, equal, until

FOLDER = tempfile.mkdtemp(prefix="leggio-watch-")


def write(name, text):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as out:
        out.write(text)


def counts(system):
    """How often the file was told so far."""
    return system.http.get("/log").json()["log"].count("told once more")


def watch(system, name):
    script = ("/ITL/log clear; /ITL/scene/fileWatcher watch; /ITL/scene/fileWatcher watch '%s' "
              "( /ITL/log write told once more );" % name)
    equal(system.http.post(script).status, 200, name)


def case_a_file_that_is_written_fires(system):
    write("a.txt", "one")
    watch(system, "a.txt")
    write("a.txt", "two")
    until(lambda: counts(system) == 1, "written")


def case_a_file_that_is_replaced_fires(system):
    write("b.txt", "one")
    watch(system, "b.txt")
    for turn in range(1, 4):
        write("b.tmp", "two")
        os.replace(os.path.join(FOLDER, "b.tmp"), os.path.join(FOLDER, "b.txt"))
        until(lambda: counts(system) == turn, f"replaced {turn}")


def case_a_file_that_is_made_again_fires(system):
    write("c.txt", "one")
    watch(system, "c.txt")
    os.remove(os.path.join(FOLDER, "c.txt"))
    write("c.txt", "two")
    until(lambda: counts(system) >= 1, "made again")


def case_other_files_do_not_fire(system):
    write("d.txt", "one")
    write("other.txt", "one")
    watch(system, "d.txt")
    write("other.txt", "two")
    write("d.txt", "two")
    until(lambda: counts(system) == 1, "only d.txt")


def case_what_is_not_there_or_outside_is_refused(system):
    for name in ("missing.txt", "/etc/passwd", "../x"):
        answer = system.http.post("/ITL/scene/fileWatcher watch '%s' ( /ITL/scene x 0 );" % name)
        check("can't watch file" in answer.text, answer)


def case_the_log_tells_when_who_and_where(system):
    write("part.inscore", "# a part\n/ITL/scene/gone x 1;\n")
    system.http.post("/ITL/log clear;\n\n/ITL/scene/nothing x 1;\n/ITL/scene load 'part.inscore';")
    lines = system.http.get("/log").json()["log"].splitlines()
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    check(re.fullmatch(stamp + r" error http:\S+ line 3: incorrect OSC address: /ITL/scene/nothing", lines[0]), lines)
    check(re.fullmatch(stamp + r" error http:\S+ part.inscore line 2: incorrect OSC address: /ITL/scene/gone", lines[1]), lines)


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), renderer_options=("--root-path", FOLDER))
