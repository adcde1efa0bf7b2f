#!/usr/bin/env python3
"""Running tempos: pictures a second, and processor time of the renderer's threads.

    tests/bench/time/time.py [SECONDS]

On a scene of 1920 x 1080, the renderer bound to one core:
* crowd: 1000 objects, 100 of them slaves on running tempos over 10 masters; goal 30 pictures a second;
* cursor: one slave over a page of 500 notes (drawn as an engraved score when the renderer can); goal 3 ms from
  tick to published picture, as the sum of the means of its stages;
* still: the same tempos, but nothing follows them: no pictures, and next to no processor time."""
import os
import re
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import equal  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 6.0
PICTURES_GOAL, TICK_GOAL_MS = 30.0, 3.0
MAX_FPS = 120  # above the task rate of 100 Hz: a tick that waits for its turn would count as work
TICKS = os.sysconf("SC_CLK_TCK")
STAGES = (("leggio_renderer_list_build_seconds", "display list"), ("leggio_renderer_shown_seconds", "paint, encode, publish"))
SCENE = "/ITL/scene width 3.5556; /ITL/scene height 2.;\n"


def crowd():
    """Ten long masters, a hundred slaves of them, the rest of the thousand still."""
    yield SCENE
    for m in range(10):
        yield f"/ITL/scene/m{m} set rect 3. 0.12; /ITL/scene/m{m} y {-0.85 + 0.19 * m:.2f};"
        yield f"/ITL/scene/m{m} color 225 230 240; /ITL/scene/m{m} duration 30 1;\n"
    for s in range(100):
        kind = ("rect 0.03 0.1", "ellipse 0.05 0.05", f"txt 'v{s}'")[s % 3]
        yield f"/ITL/scene/s{s} set {kind}; /ITL/scene/s{s} color {s * 2} 40 {255 - s * 2};"
        yield f"/ITL/scene/sync s{s} m{s % 10}; /ITL/scene/s{s} date {s} 10; /ITL/scene/s{s} tempo {60 + s};\n"
    for o in range(890):
        kind = ("rect 0.01 0.02", "ellipse 0.02 0.02", f"txt 'word {o}'")[o % 3]
        yield f"/ITL/scene/o{o} set {kind}; /ITL/scene/o{o} x {-1.7 + 0.039 * (o % 88):.3f};"
        yield f"/ITL/scene/o{o} y {-0.95 + 0.19 * (o // 88):.3f};\n"


def cursor():
    notes = " ".join("cdefgab"[i % 7] + ("/8" if i % 5 else "/4") for i in range(500))
    yield SCENE
    yield f"/ITL/scene/page set gmn '[\\meter<\"4/4\"> {notes}]'; /ITL/scene/page height 1.9; /ITL/scene/page duration 100 1;\n"
    yield "/ITL/scene/c set rect 0.01 0.1; /ITL/scene/c color 220 0 0 150; /ITL/scene/sync c page; /ITL/scene/c tempo 120;\n"


def still():
    yield SCENE
    for o in range(100):
        yield f"/ITL/scene/o{o} set rect 0.1 0.1; /ITL/scene/o{o} tempo {60 + o};\n"


def thread_cpu_s(pid):
    """Processor seconds by thread name."""
    seconds = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii") as stat:
            head, _, rest = stat.read().rpartition(")")
        fields = rest.split()
        name = head.partition("(")[2]
        seconds[name] = seconds.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def sums(port):
    text = harness.HttpClient(port).get("/metrics").text
    found = re.findall(r"^(leggio_renderer_\w+_seconds)_(sum|count)(?:\{[^}]*\})? (\S+)$", text, re.M)
    return {(name, what): float(value) for name, what, value in found}


def measure(name, script, max_fps=60):
    """(pictures a second, ms from tick to published, share of a core)"""
    admin = harness.free_port()
    options = ("--admin", f"127.0.0.1:{admin}", "--max-fps", str(max_fps))
    with harness.System(n_http=1, renderer_options=options) as system:
        pid = system.renderer.process.pid
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(task), {0})
        equal(system.http.post("".join(script)).status, 200, name)
        time.sleep(1)  # what is new has been drawn
        before, metrics, version, start = thread_cpu_s(pid), sums(admin), system.scene_version(), time.perf_counter()
        time.sleep(SECONDS)  # the load's own duration
        took = time.perf_counter() - start
        pictures = (system.scene_version() - version) / took
        after, more = thread_cpu_s(pid), sums(admin)
    tick_ms, parts = 0.0, []
    for stage, word in STAGES:
        n = more.get((stage, "count"), 0) - metrics.get((stage, "count"), 0)
        mean_ms = 1000 * (more[stage, "sum"] - metrics[stage, "sum"]) / n if n else 0.0
        tick_ms += mean_ms
        parts.append(f"{word} {mean_ms:.2f} ms")
    shares = {thread: 100 * (after[thread] - before.get(thread, 0.0)) / took for thread in after}
    told = ", ".join(f"{thread} {share:.0f} %" for thread, share in sorted(shares.items(), key=lambda s: -s[1]) if share >= 1)
    print(f"time {name}: {pictures:.1f} pictures/s; {', '.join(parts)}; of one core: {told or 'under 1 %'}")
    return pictures, tick_ms, sum(shares.values())


def main():
    crowd_pictures = measure("crowd", crowd())[0]
    tick_ms = measure("cursor", cursor(), MAX_FPS)[1]
    still_pictures, _, still_share = measure("still", still())
    is_good = (crowd_pictures >= PICTURES_GOAL and tick_ms <= TICK_GOAL_MS and still_pictures == 0 and still_share < 3)
    print(f"{'ok' if is_good else 'not ok'} time: {crowd_pictures:.1f} pictures/s (goal {PICTURES_GOAL:.0f}), "
          f"{tick_ms:.2f} ms from tick to published (goal {TICK_GOAL_MS:.0f}), still {still_share:.1f} % of a core")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
