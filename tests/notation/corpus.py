#!/usr/bin/env python3
"""The corpus through leggio-engrave --json, beside what npm @grame/guidolib said (guido.json, made
by compare_guido.mjs): accept or refuse, duration, voices, pages, heads. What differs on purpose
stands below with its reason, the same as in docs/notation.md; a difference that is gone fails too."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "corpus")
ROOT = os.path.dirname(os.path.dirname(HERE))
ENGRAVE = os.path.join(os.environ.get("LEGGIO_BIN", os.path.join(ROOT, "build", "release", "bin")), "leggio-engrave")

# file -> what differs
DIFFERENCES = {
    "05-durations.gmn": {"heads"},        # a note of no duration is drawn here
    "19-tablature.gmn": {"heads"},        # a figure on a string counts as a head here
    "25-bars.gmn": {"accepted"},          # the bar \| is in its documents, not in its grammar
    "28-jumps.gmn": {"accepted"},         # the parameter m by its name
    "49-cue-notes.gmn": {"voices"},       # cue notes are no voice of their own here
    "50-clusters.gmn": {"heads"},         # the notes of a block count here
}
# Lines and pages are broken by other rules: only that there is a page is compared (docs/notation.md).

# MusicXML: duration, voices, notes drawn; by the files themselves (corpus written by hand).
MUSICXML = {
    "70-two-staves.musicxml": ("3/2", 2, 9),
    "71-packed.mxl": ("3/2", 2, 9),
    "72-song.musicxml": ("13/4", 1, 11),
    "73-timewise.musicxml": ("3/1", 2, 14),
    "74-repeats.musicxml": ("3/1", 1, 16),
    "75-trio.musicxml": ("3/1", 3, 17),
}


def engrave(name):
    """The JSON object and the exit status."""
    run = subprocess.run([ENGRAVE, "--json", os.path.join(CORPUS, name)], capture_output=True, text=True, timeout=120)
    return json.loads(run.stdout), run.returncode


def differing(own, other):
    """Which answers are not the same."""
    if own["ok"] != other["accepted"]:
        return {"accepted"}
    if not own["ok"]:
        return set()
    pairs = {"duration": own["duration"], "voices": own["voices"], "heads": own["notes"]}
    wrong = {key for key, value in pairs.items() if value != other[key]}
    return wrong | ({"pages"} if own["pages"] < 1 else set())


def check_guido():
    with open(os.path.join(HERE, "guido.json"), encoding="utf-8") as file:
        table = json.load(file)
    files = {name for name in os.listdir(CORPUS) if name.endswith(".gmn")}
    failed = sorted(f"{name}: guido.json is not up to date" for name in files ^ set(table))
    for name in sorted(files & set(table)):
        own, status = engrave(name)
        if status != (0 if own["ok"] else 1):
            failed.append(f"{name}: exit status {status}")
        if not own["ok"] and not (own["error"]["line"] > 0 and own["error"]["column"] > 0 and own["error"]["message"]):
            failed.append(f"{name}: the error says not where: {own['error']}")
        found, expected = differing(own, table[name]), DIFFERENCES.get(name, set())
        if found != expected:
            failed.append(f"{name}: differs in {sorted(found)}, expected {sorted(expected)}: {own}, guidolib {table[name]}")
    if len(files) < 60:
        failed.append(f"only {len(files)} scores")
    return failed


def check_musicxml():
    failed = []
    for name, (duration, voices, notes) in MUSICXML.items():
        own, status = engrave(name)
        answer = (own.get("duration"), own.get("voices"), own.get("notes"))
        if status != 0 or answer != (duration, voices, notes):
            failed.append(f"{name}: {answer} instead of {(duration, voices, notes)}")
    unknown = {name for name in os.listdir(CORPUS) if not name.endswith(".gmn")} - set(MUSICXML)
    return failed + [f"{name}: not in the table" for name in sorted(unknown)]


def main():
    failed = False
    for check in (check_guido, check_musicxml):
        wrong = check()
        failed = failed or bool(wrong)
        for line in wrong:
            print("not ok", line)
        if not wrong:
            print("ok", check.__name__)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
