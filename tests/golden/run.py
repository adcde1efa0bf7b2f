#!/usr/bin/env python3
"""Golden tests: pictures and replies of golden_render against the originals.

    run.py [GOLDEN_RENDER] [--keep DIR] [--write-own] [NAME...]

reference/: scripts, pictures and replies of the original; compared with a
tolerance per script. own/: scripts and pictures of ours, looked at before they
were committed; compared almost exactly. One line per case; 0 when all are ok."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# Far pixels per 10000 that a picture may have. Texts and toolkit brushes differ in kind.
# An edge that lies between two pixels differs by up to half the contrast, hence the default.
FAR_DEFAULT = 20
FAR = {
    "09-brush": 200,      # dense patterns have other points
    "20-effects": 120,    # another blur
    "22-scene-size": 40,  # long edges
    "24-html": 60,
    "25-gmn-line": 500,   # another engraver and font: sizes and places are compared, not pixels
    "26-gmn-voices": 500,
    "27-pianoroll": 60,   # lines between pixels
    "30-sync-gmn": 300,
    "32-graph": 100,      # the ring of the radial graph lies 3 pixels further out
    "36-debug": 300,      # its score is engraved otherwise
}
# Errors of the original that ours say in other words.
OTHER_ERRORS = {
    "javascript error line 1 :  ReferenceError: nofunc is not defined":
        "javascript error line 1 : ReferenceError: identifier 'nofunc' undefined",
    "mapping parse error line 0 :": "mapping parse error line 1 : a number with a decimal point expected",
}
# Replies that are known to differ, with the reason.
SKIP_REPLIES = {
    "31-line-map": {"/ITL/scene/m map"},  # floats with their point, so that the text can be read again
    "36-debug": {"/ITL/scene/g"},  # the score's size
}
NOTATION = ("25", "26", "30")
NOTATION_TOLERANCE = 0.06  # sizes of engraved music
TEXT_TOLERANCE = 0.075   # widths of texts; the original widens italics
NUMBER_TOLERANCE = 0.011


def steps_of(path):
    """[(kind, text, replies)] of a replies file; kind: message or picture."""
    steps = []
    for line in open(path, encoding="utf-8").read().split("\n"):
        if line.startswith("> "):
            steps.append(["message", line[2:], []])
        elif line.startswith("picture "):
            steps.append(["picture", line[8:], []])
        elif not line:
            continue
        else:
            if not steps:
                steps.append(["load", "", []])
            if line.startswith("    ") or line.startswith("  ! "):
                steps[-1][2].append(line.strip())
            else:
                steps[-1][2][-1] += "\n" + line
    if not steps or steps[0][0] != "load":
        steps.insert(0, ["load", "", []])
    return steps


def render(program, script, steps, out_dir, original):
    """Runs the steps; returns replies per step (load, message)."""
    feed = ""
    for kind, text, _ in steps:
        if kind == "message":
            feed += "> " + text + "\n"
        elif kind == "picture":
            feed += "picture " + os.path.join(out_dir, text) + "\n"
    args = [program] + (["--original"] if original else []) + [script]
    run = subprocess.run(args, input=feed, capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        raise RuntimeError("exit %d: %s" % (run.returncode, run.stderr[-2000:]))
    got = [[]]
    for line in run.stdout.split("\n"):
        if line.startswith("> "):
            got.append([])
        elif line.startswith("    ") or line.startswith("  ! "):
            got[-1].append(line.strip())
        elif line and got[-1]:
            got[-1][-1] += "\n" + line
    return got


def tokens(line):
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def same_number(want, got, is_text):
    want, got = float(want), float(got)
    share = NOTATION_TOLERANCE if is_text == "notation" else TEXT_TOLERANCE if is_text else 0.001
    tolerance = max(0.02 if is_text == "notation" else NUMBER_TOLERANCE, abs(want) * share)
    return abs(want - got) <= tolerance


def same(want, got, is_text):
    a, b = tokens(want), tokens(got)
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if x == y:
            continue
        try:
            if same_number(x, y, is_text):
                continue
        except ValueError:
            pass
        return False
    return True


def errors(lines):
    """Error texts, each once, without the transport's blanks and marks. Of notation that is refused only
    the line counts: the words and the column are the reader's own."""
    out = set()
    for line in lines:
        if line.startswith("! "):
            text = line[2:]
            text = re.sub(r'^error: "(.*)"$', r"\1", text, flags=re.S)
            text = re.sub(r"(invalid gmn code   line \d+), col \d+: syntax error, [^;]*", r"\1", text)
            out.update(OTHER_ERRORS.get(part.strip(), part.strip()) for part in text.split(";") if part.strip())
    return out


def compare_replies(name, steps, got):
    bad = []
    wanted = [step for step in steps if step[0] != "picture"]
    for (kind, text, want_lines), got_lines in zip(wanted, got):
        want_lines = [w for w in want_lines
                      if not any(w.startswith(s + " ") for s in SKIP_REPLIES.get(name, ()))]
        got_lines = [g for g in got_lines
                     if not any(g.startswith(s + " ") for s in SKIP_REPLIES.get(name, ()))]
        is_text = "notation" if name[:2] in NOTATION else name[:2] in ("01", "02", "15", "24")
        if is_text == "notation":  # the original prints strings without escapes
            got_lines = [g.replace('\\"', '"') for g in got_lines]
        want = [w for w in want_lines if not w.startswith("! ")]
        have = [g for g in got_lines if not g.startswith("! ")]
        for line in want:
            match = next((g for g in have if same(line, g, is_text)), None)
            if match is None:
                near = [g for g in have if g.split()[:2] == line.split()[:2]]
                bad.append("%s: want %r got %r" % (text or kind, line, near))
            else:
                have.remove(match)
        for line in have:
            if " watch" not in line and not any(
                    line.split()[:2] == w.split()[:2] for w in want):
                bad.append("%s: unexpected %r" % (text or kind, line))
        if name != "36-debug" and errors(want_lines) != errors(got_lines):
            bad.append("%s: errors want %r got %r" %
                       (text or kind, errors(want_lines), errors(got_lines)))
    return bad


def compare_picture(program, ours, theirs, side):
    run = subprocess.run([program, "--compare", ours, theirs, side], capture_output=True,
                         text=True, timeout=60)
    if run.returncode != 0:
        return None, run.stdout.strip()
    far, mean = run.stdout.split()
    return float(far), "far %s/10000 mean %s/1000" % (far, mean)


def run_reference(program, out_dir, only):
    failed = 0
    folder = os.path.join(HERE, "reference")
    worst = []
    for entry in sorted(os.listdir(folder)):
        name, ext = os.path.splitext(entry)
        if ext != ".inscore" or (only and not any(name.startswith(o) for o in only)):
            continue
        steps = steps_of(os.path.join(folder, name + ".replies.txt"))
        try:
            got = render(program, os.path.join(folder, entry), steps, out_dir, True)
        except (RuntimeError, subprocess.TimeoutExpired) as err:
            print("not ok %s %s" % (name, err))
            failed += 1
            continue
        bad = compare_replies(name, steps, got)
        print(("not ok" if bad else "ok"), name, "replies")
        for line in bad:
            print("   ", line)
        failed += bool(bad)
        for kind, picture, _ in steps:
            if kind != "picture":
                continue
            far, text = compare_picture(program, os.path.join(out_dir, picture),
                                        os.path.join(folder, picture),
                                        os.path.join(out_dir, "side-" + picture))
            good = far is not None and far <= FAR.get(name, FAR_DEFAULT)
            print("ok" if good else "not ok", picture, text)
            failed += not good
            worst.append((far if far is not None else 1e9, picture))
    worst.sort(reverse=True)
    print("worst:", ", ".join("%s %.1f" % (p, f) for f, p in worst[:5]))
    return failed


def run_own(program, out_dir, only, write):
    failed = 0
    folder = os.path.join(HERE, "own")
    for entry in sorted(os.listdir(folder)):
        name, ext = os.path.splitext(entry)
        if ext != ".inscore" or (only and not any(name.startswith(o) for o in only)):
            continue
        picture = name + ".png"
        target = folder if write else out_dir
        try:
            render(program, os.path.join(folder, entry), [["picture", picture, []]], target, False)
        except (RuntimeError, subprocess.TimeoutExpired) as err:
            print("not ok own/%s %s" % (name, err))
            failed += 1
            continue
        if write:
            continue
        far, text = compare_picture(program, os.path.join(out_dir, picture),
                                    os.path.join(folder, picture),
                                    os.path.join(out_dir, "side-own-" + picture))
        good = far is not None and far <= 1
        print("ok" if good else "not ok", "own/" + picture, text)
        failed += not good
    return failed


def main():
    args = sys.argv[1:]
    write = "--write-own" in args
    args = [a for a in args if a != "--write-own"]
    keep = None
    if "--keep" in args:
        at = args.index("--keep")
        keep = args[at + 1]
        del args[at:at + 2]
        os.makedirs(keep, exist_ok=True)
    if args and os.access(args[0], os.X_OK):
        program, only = os.path.abspath(args[0]), args[1:]
    else:
        build = os.environ.get("LEGGIO_BUILD", os.path.join(HERE, "..", "..", "build", "release"))
        program, only = os.path.join(build, "tests", "golden_render"), args
    with tempfile.TemporaryDirectory() as temporary:
        out_dir = os.path.abspath(keep or temporary)
        failed = 0 if write else run_reference(program, out_dir, only)
        failed += run_own(program, out_dir, only, write)
    print("%d failed" % failed if failed else "all ok")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
