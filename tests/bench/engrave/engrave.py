#!/usr/bin/env python3
"""Text to display list beside @grame/guidolib (wasm, warm, one Node process); page to PNG; POST to picture; streams.

    tests/bench/engrave/engrave.py [RUNS]

Pieces of 50, 500 and 5000 notes with chords, beams, slurs, dynamics and accidentals, made here from a fixed seed.
Goals: 500 notes three times faster than the peer (parse, layout, draw commands of all pages); a note of 5000 costs at
most 1.5 times one of 500; the page of 500 notes at 1080 lines is painted and encoded in 20 ms; a note appended to a
stream of 2000 costs at most a fifth of the whole, and 8000 notes cost no more than 1.5 times that. The peer is installed
from the npm registry into a temporary folder."""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(os.path.dirname(HERE))
ROOT = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402

BUILD = os.environ.get("LEGGIO_BUILD", os.path.join(ROOT, "build", "release"))
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
PEER = "@grame/guidolib@1.7.82"
GOAL_RATIO, GOAL_GROWTH, GOAL_PNG_MS = 3.0, 1.5, 20.0
GOAL_APPEND, GOAL_APPEND_GROWTH = 0.2, 1.5
NAMES = "cdefgab"


def measure_of(dice, signs):
    """A 4/4 measure: eighths in slurred groups, quarters, chords; ten heads on average."""
    kind = dice.randrange(4)
    pitch = [f"{dice.choice(NAMES)}{dice.choice(['', '', '', '#', '&'])}{dice.randint(1, 2)}" for _ in range(8)]
    if kind == 0:
        return f"\\slur({pitch[0]}/8 {pitch[1]} {pitch[2]} {pitch[3]}) {' '.join(pitch[4:])}", 8
    if kind == 1:
        return f"{{{pitch[0]}/4,{pitch[1]}}} {pitch[2]} \\stacc({pitch[3]} {pitch[4]})", 5
    if kind == 2:
        marks = f'\\intens<"{dice.choice(["p", "mf", "f"])}"> ' if signs else ""
        return f"{marks}{pitch[0]}/16 {pitch[1]} {pitch[2]} {pitch[3]} {pitch[4]}/4 \\accent({pitch[5]}) {pitch[6]}/8. {pitch[7]}/16", 8
    return f"{pitch[0]}/2 _/4 {pitch[1]}/8 {pitch[2]}", 3


def piece(n_notes):
    dice = random.Random(n_notes)
    measures, n = [], 0
    while n < n_notes:
        text, more = measure_of(dice, len(measures) % 4 == 0)
        measures.append(text)
        n += more
    return '[ \\clef<"treble"> \\key<-1> \\meter<"4/4">\n' + " |\n".join(measures) + " ]\n"


def run(command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if result.returncode != 0:
        sys.exit(f"{command[0]}: {result.stderr.strip()[:2000]}")
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def post_to_picture(text):
    """Median ms from POST of a piece to the version that shows it, and from POST to the whole PNG."""
    answered, shown = [], []
    score = "/ITL/scene width 1.4142; /ITL/scene height 2.;"
    with harness.System(n_http=1, score=score) as system:
        with system.http.connect() as connection:
            for turn in range(RUNS):
                quoted = text.replace('"', '\\"').replace("[ ", f"[ (* {turn} *) ", 1)
                body = harness.form(data=f'/ITL/scene/s set gmn "{quoted}"; /ITL/scene/s height 1.9;')
                start = time.perf_counter()
                answer = connection.request("POST", "/", (harness.FORM,), body)
                answered.append(1000 * (time.perf_counter() - start))
                image = connection.request("GET", f"/?version={answer.version}")
                shown.append(1000 * (time.perf_counter() - start))
                if answer.status != 200 or not image.body.endswith(b"IEND\xaeB`\x82"):
                    sys.exit(f"post: {answer.status} {answer.text}")
                time.sleep(0.1)
    return sorted(answered)[RUNS // 2], sorted(shown)[RUNS // 2]


def appends():
    """Rows of bench_stream for 200, 2000 and 8000 notes."""
    sizes = (200, 2000, 8000)
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, f"{n_notes}.gmn") for n_notes in sizes]
        for n_notes, name in zip(sizes, files):
            with open(name, "w", encoding="utf-8") as file:
                file.write(piece(n_notes).rstrip().removesuffix("]"))
        subprocess.run(["cmake", "--build", BUILD, "--target", "bench_stream"], check=True, capture_output=True)
        rows = run([os.path.join(BUILD, "tests", "bench_stream"), "300", *files])
    for n_notes, row in zip(sizes, rows):
        print(f"stream of {n_notes} notes: a note appended {row['append_ms']:.2f} ms (layout {row['layout_ms']:.2f}, worst "
              f"{row['worst_ms']:.2f}), the whole {row['whole_ms']:.2f} ms: {row['append_ms'] / row['whole_ms']:.3f} of it")
    return rows


def main():
    sizes = (50, 500, 5000)
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for n_notes in sizes:
            files.append(os.path.join(folder, f"{n_notes}.gmn"))
            with open(files[-1], "w", encoding="utf-8") as file:
                file.write(piece(n_notes))
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--prefix", folder, PEER], check=True,
                       capture_output=True, timeout=300)
        subprocess.run(["cmake", "--build", BUILD, "--target", "bench_engrave"], check=True, capture_output=True)
        ours = run([os.path.join(BUILD, "tests", "bench_engrave"), str(RUNS), *files])
        peers = run(["node", os.path.join(HERE, "peer.mjs"), folder, str(RUNS), *files])
    for n_notes, own, peer in zip(sizes, ours, peers):
        print(f"{n_notes} notes ({own['heads']} heads, {own['pages']} pages): {own['text_ms']:.2f} ms (read {own['read_ms']:.2f}, "
              f"layout {own['layout_ms']:.2f}, pieces {own['pieces_ms']:.2f}), guidolib {peer['text_ms']:.2f} ms: "
              f"{peer['text_ms'] / own['text_ms']:.1f} x; first page at 1080 lines {own['png_ms']:.1f} ms")
    ratio = peers[1]["text_ms"] / ours[1]["text_ms"]
    growth = ours[2]["text_ms"] / ours[2]["heads"] / (ours[1]["text_ms"] / ours[1]["heads"])
    answered, shown = post_to_picture(piece(500))
    print(f"POST of 500 notes: answered with its version after {answered:.1f} ms, picture in the client's hands {shown:.1f} ms")
    rows = appends()
    share, grows = rows[1]["append_ms"] / rows[1]["whole_ms"], rows[2]["layout_ms"] / rows[1]["layout_ms"]
    goals = [(f"500 notes {ratio:.1f} x faster, goal {GOAL_RATIO}", ratio >= GOAL_RATIO),
             (f"a note of 5000 costs {growth:.2f} x one of 500, goal {GOAL_GROWTH}", growth <= GOAL_GROWTH),
             (f"page of 500 notes as PNG {ours[1]['png_ms']:.1f} ms, goal {GOAL_PNG_MS}", ours[1]["png_ms"] <= GOAL_PNG_MS),
             (f"a note appended to 2000 costs {share:.2f} of the whole, goal {GOAL_APPEND}", share <= GOAL_APPEND),
             (f"its layout at 8000 notes {grows:.2f} x that at 2000, goal {GOAL_APPEND_GROWTH}", grows <= GOAL_APPEND_GROWTH)]
    for text, is_met in goals:
        print("ok" if is_met else "not ok", "engrave:", text)
    return 0 if all(is_met for _, is_met in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
