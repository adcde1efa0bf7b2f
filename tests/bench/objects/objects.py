#!/usr/bin/env python3
"""Many objects: what each costs the renderer in memory and time, and what one change among them costs.

    tests/bench/objects/objects.py [N...]          default: 1000 100000

For each number and kind one fresh renderer and gateway. The objects are posted in scripts of 10 000. Printed:
bytes of the renderer for each object, its processor time for all of them (until the picture is there), the median
time of a POST that moves one of them, until its answer (the change is published by then), and the same as processor
time of the renderer. Goals: a short text in 4 KB and 5 s of processor for 100 000; one change among 100 000 in
10 ms, among 1000 in 1 ms of processor. Texts are drawn small, so that 100 000 of
them lie beside each other; "heaped" are those of the usual size, sixty on every pixel: no goal for their changes."""
import math
import os
import statistics
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import equal  # noqa: E402

A_POST = 10_000
N_CHANGES = 40
TICKS = os.sysconf("SC_CLK_TCK")
KINDS = {
    "rect": lambda i: f"/ITL/scene/o{i} set rect 0.01 0.01;",
    "txt, all different": lambda i: f"/ITL/scene/o{i} set txt \"word {i}\";/ITL/scene/o{i} scale 0.15;",
    "txt, of 10 words": lambda i: f"/ITL/scene/o{i} set txt \"word {i % 10}\";/ITL/scene/o{i} scale 0.15;",
    "txt, heaped": lambda i: f"/ITL/scene/o{i} set txt \"word {i}\";",
}
BYTES_GOAL, LOAD_S_GOAL = 4096, 5.0


def place(i, n):
    """A square of rows that fills the picture."""
    side = math.ceil(math.sqrt(n))
    return (f"/ITL/scene/o{i} x {1.9 * (i % side) / side - 0.95:.4f};"
            f"/ITL/scene/o{i} y {1.9 * (i // side) / side - 0.95:.4f};\n")


def cpu_s(program):
    with open(f"/proc/{program.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def post(connection, script):
    answer = connection.request("POST", "/", (harness.FORM,), harness.form(data=script))
    equal(answer.status, 200, answer)


def measure(kind, n):
    with harness.System(n_http=1, score="/ITL/scene/first set rect 0.1 0.1;") as system:
        program = system.renderer
        kb, cpu = program.rss_kb(), cpu_s(program)
        with system.http.connect(limit_s=300) as connection:
            start = time.perf_counter()
            for first in range(0, n, A_POST):
                post(connection, "".join(KINDS[kind](i) + place(i, n) for i in range(first, min(first + A_POST, n))))
            wall = time.perf_counter() - start
            time.sleep(1.0)  # the dense frame of the last picture
            loaded_kb, load_s = program.rss_kb(), cpu_s(program) - cpu
            times, cpu = [], cpu_s(program)
            for turn in range(N_CHANGES):
                start = time.perf_counter()
                post(connection, f"/ITL/scene/o{turn * 7919 % n} dx 0.{1 + turn % 3};")
                times.append(1000 * (time.perf_counter() - start))
                time.sleep(0.02)
            change_cpu = 1000 * (cpu_s(program) - cpu) / N_CHANGES
            bytes_each = 1024 * (min(loaded_kb, program.rss_kb()) - kb) / n  # without what is on its way
    return bytes_each, load_s, wall, statistics.median(times), change_cpu


def main():
    counts = [int(word) for word in sys.argv[1:]] or [1000, 100_000]
    is_good = True
    for n in counts:
        for kind in KINDS:
            bytes_each, load_s, wall, change_ms, change_cpu = measure(kind, n)
            print(f"objects, {n} {kind}: {bytes_each:.0f} bytes each, posted in {wall:.2f} s, {load_s:.2f} s of processor; "
                  f"one change {change_ms:.2f} ms, {change_cpu:.2f} ms of processor", flush=True)
            if n == 100_000:
                is_good = is_good and bytes_each <= BYTES_GOAL and load_s <= LOAD_S_GOAL
            if kind != "txt, heaped":
                is_good = is_good and (change_ms <= 10 if n > 1000 else change_cpu <= 1)
    print(f"{'ok' if is_good else 'not ok'} objects: memory, load and one change")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
