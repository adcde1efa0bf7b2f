#!/usr/bin/env python3
"""Golden pictures of engraved music: the scores of ../corpus and those here, drawn 800 pixels wide,
beside pictures that were looked at before they were committed.

    run.py [--write] [NAME...]

Only edges may differ a little. A picture that changed on purpose: look at the new one (--write NAME
draws it here), judge it by gmn.md 16, then commit it. One line a score; 0 when all are ok."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("LEGGIO_BUILD", os.path.join(ROOT, "build", "release"))
ENGRAVE = os.path.join(os.environ.get("LEGGIO_BIN", os.path.join(BUILD, "bin")), "leggio-engrave")
COMPARE = os.path.join(BUILD, "tests", "golden_render")
WIDTH = "800"
FAR_MOST = 1.0  # pixels per 10000 that differ by more than an edge


def scores():
    """name -> path, of what is not to be refused."""
    found = {}
    for folder in (os.path.join(HERE, "..", "corpus"), HERE):
        for entry in sorted(os.listdir(folder)):
            if entry.endswith((".gmn", ".musicxml", ".mxl")) and not entry.startswith("refused"):
                found[os.path.splitext(entry)[0]] = os.path.join(folder, entry)
    return found


def draw(path, picture):
    run = subprocess.run([ENGRAVE, "--width", WIDTH, "-o", picture, path], capture_output=True, text=True, timeout=120)
    return "" if run.returncode == 0 else (run.stderr or run.stdout).strip()[-400:] or f"exit {run.returncode}"


def differing(name, path, folder):
    """What is wrong with a score's picture; empty when nothing is."""
    golden = os.path.join(HERE, name + ".png")
    first, second = os.path.join(folder, name + ".png"), os.path.join(folder, name + "-again.png")
    problem = draw(path, first) or draw(path, second)
    if problem:
        return problem
    with open(first, "rb") as a, open(second, "rb") as b:
        if a.read() != b.read():
            return "drawn twice, not the same bytes"
    if not os.path.exists(golden):
        return "no picture was committed: look at it, then --write"
    run = subprocess.run([COMPARE, "--compare", golden, first], capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        return run.stdout.strip()
    far = float(run.stdout.split()[0])
    return "" if far <= FAR_MOST else f"{far} of 10000 pixels differ"


def main():
    arguments = sys.argv[1:]
    is_writing = "--write" in arguments
    names = [argument for argument in arguments if argument != "--write"]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, path in sorted(scores().items()):
            if names and not any(name.startswith(wanted) for wanted in names):
                continue
            problem = draw(path, os.path.join(HERE, name + ".png")) if is_writing else differing(name, path, folder)
            print("not ok" if problem else "ok", name, problem)
            failed += bool(problem)
    if not names:
        for entry in sorted(os.listdir(HERE)):
            if entry.endswith(".png") and entry[:-4] not in scores():
                print("not ok", entry, "has no score")
                failed += 1
    print(f"{failed} failed" if failed else "all ok")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
