#!/usr/bin/env python3
"""Scripts of 2, 20, 200 KB and 2 MB post in time linear in their size (the original needs 1.7 s for 20 KB).

    tests/bench/post/post.py

Each size is posted 9 times on a kept connection, the best counts (what the machine does besides is not our subject).
Linear: ten times the bytes take at most twenty times as long beyond what the smallest takes (one picture); the
margin is for what no longer fits the caches: 2 MB make 55 000 objects."""
import os
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import equal  # noqa: E402

SIZES = (2_000, 20_000, 200_000, 2_000_000)
KINDS = {
    "moves of 50 objects": lambda i, turn: f"/ITL/scene/o{i % 50} x {((i + turn) % 400) / 200 - 1:.3f};\n",
    "new objects": lambda i, turn: f"/ITL/scene/n{i} set rect 0.0{1 + turn % 9} 0.01;\n",
}


def script(kind, size, turn):
    lines, total, i = [], 0, 0
    while total < size:
        lines.append(KINDS[kind](i, turn))
        total += len(lines[-1])
        i += 1
    return "".join(lines)


def best_ms(system, kind, size):
    times = []
    with system.http.connect(limit_s=60) as connection:
        for turn in range(9):
            body = harness.form(data=script(kind, size, turn))
            start = time.perf_counter()
            answer = connection.request("POST", "/", (harness.FORM,), body)
            times.append(1000 * (time.perf_counter() - start))
            equal(answer.status, 200, answer)
            time.sleep(0.05)
    return min(times)


def main():
    is_good = True
    for kind in KINDS:
        with harness.System(n_http=1, score="".join(f"/ITL/scene/o{i} set rect 0.01 0.01;" for i in range(50))) as system:
            times = [best_ms(system, kind, size) for size in SIZES]
        print(f"post, {kind}: " + ", ".join(f"{size / 1000:.0f} KB {ms:.1f} ms" for size, ms in zip(SIZES, times)))
        for i in range(2, len(SIZES)):
            small, large = max(times[i - 1] - times[0], 1.0), times[i] - times[0]
            if large > 20 * small:
                is_good = False
                print(f"  {SIZES[i] / 1000:.0f} KB took {large / small:.1f} x as long as {SIZES[i - 1] / 1000:.0f} KB")
    print(f"{'ok' if is_good else 'not ok'} post: time linear in the size of the script")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
