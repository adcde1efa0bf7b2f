#!/usr/bin/env python3
"""Scripts in the style of composers' work: each must run without an error and look as it did when we looked at it.

    run.py [--write] [--keep DIR] [NAME...]

A script is drawn by `leggio-renderer --export`; lines "#> message" are sent after it (as part of the same load, so
what they trigger runs in the tasks after it). The picture is compared almost exactly."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("LEGGIO_BUILD", os.path.join(HERE, "..", "..", "..", "build", "release"))
FAR_LIMIT = 1.0  # pixels of 10000 that are far from those we looked at


def program(name):
    return next(path for path in (os.path.join(BUILD, folder, name) for folder in ("bin", "tests"))
                if os.access(path, os.X_OK))


def draw(script, picture, folder):
    """What it has to say against the script, or ''."""
    text = open(script, encoding="utf-8").read()
    steps = [line[3:] for line in text.splitlines() if line.startswith("#> ")]
    played = os.path.join(folder, os.path.basename(script))
    with open(played, "w", encoding="utf-8") as out:
        out.write(text + "\n" + "\n".join(steps) + "\n")
    run = subprocess.run([program("leggio-renderer"), "--root-path", HERE, "--score", played, "--export", picture],
                         capture_output=True, text=True, timeout=60)
    return run.stderr.strip() or (f"exit {run.returncode}" if run.returncode else "")


def compare(ours, theirs, side):
    run = subprocess.run([program("golden_render"), "--compare", ours, theirs, side], capture_output=True, text=True,
                         timeout=60)
    if run.returncode != 0:
        return run.stdout.strip() or "no comparison"
    far, mean = run.stdout.split()
    return "" if float(far) <= FAR_LIMIT else f"far {far}/10000 mean {mean}/1000"


def main():
    args = sys.argv[1:]
    write, keep, only, failed = "--write" in args, None, [], 0
    if "--keep" in args:
        keep = args.pop(args.index("--keep") + 1)
        os.makedirs(keep, exist_ok=True)
    only = [arg for arg in args if not arg.startswith("--")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or temporary
        for entry in sorted(os.listdir(HERE)):
            name, extension = os.path.splitext(entry)
            if extension != ".inscore" or (only and not any(name.startswith(one) for one in only)):
                continue
            golden = os.path.join(HERE, name + ".png")
            picture = golden if write else os.path.join(folder, name + ".png")
            said = draw(os.path.join(HERE, entry), picture, folder)
            if not said and not write:
                said = compare(picture, golden, os.path.join(folder, "side-" + name + ".png"))
            print(f"not ok composer/{name} {said}" if said else f"ok composer/{name}")
            failed += bool(said)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
