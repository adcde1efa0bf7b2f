#!/usr/bin/env python3
"""leggio-engrave: pictures of notation files, facts as JSON, exit status 0 or 1 (issue 3, "A tool of its own")."""
import json
import os
import subprocess
import sys
import tempfile

import harness
import png
from harness import check, equal

GMN = '[ \\title<"A"> \\meter<"2/4"> c/4 d | \\repeatBegin e/8 f g/4 \\repeatEnd | \\newPage a/2 \\tie(a/4 a) ]'
XML = """<?xml version="1.0"?><score-partwise><part-list><score-part id="P1"><part-name>A</part-name></score-part></part-list>
<part id="P1"><measure number="1"><attributes><divisions>2</divisions></attributes>
<note><pitch><step>C</step><octave>4</octave></pitch><duration>2</duration><type>quarter</type></note>
<note><rest/><duration>2</duration><type>quarter</type></note></measure></part></score-partwise>"""


def run(*args, text=None, folder=None):
    return subprocess.run([harness.tool("leggio-engrave"), *args], input=None if text is None else text.encode(),
                          capture_output=True, timeout=60, cwd=folder)


def facts(text, *args):
    result = run("--json", *args, "-", text=text)
    return result.returncode, json.loads(result.stdout)


def case_json_tells_what_is_in_a_score():
    status, told = facts(GMN)
    equal(status, 0, told)
    expected = {"ok": True, "duration": "2/1", "voices": 1, "staves": 1, "pages": 2, "systems": 2, "notes": 8}
    equal({name: told.get(name) for name in expected}, expected, "facts")
    equal(facts("{[c/4],[d/2 e/4]}")[1]["voices"], 2, "voices")
    equal(facts("[c/4 _/4 {d,f}]")[1]["notes"], 3, "heads")
    equal(facts('[\\meter<"3/4"> c/2 d/2]')[1]["notes"], 3, "a tied continuation counts (gmn.md 10.4)")
    equal(facts(XML)[1]["duration"], "1/2", "MusicXML")
    equal(facts("[]")[1]["duration"], "0/1", "an empty score")


def case_json_tells_errors_with_their_place():
    status, told = facts("[ c\n d @ ]")
    equal(status, 1, told)
    equal(told["ok"], False, told)
    equal((told["error"]["line"], told["error"]["column"]), (2, 4), told)
    check(told["error"]["message"], told)
    equal(facts("")[0], 1, "an empty text is a syntax error (gmn.md 1)")
    equal(facts("<score-partwise><part")[0], 1, "XML that is cut short")


def case_maps_cover_the_score():
    _, told = facts(GMN, "--maps")
    maps = told["maps"]
    equal([part[0] for part in maps["staff1"]][0], "0/1", "staff map begins at 0")
    for name in ("system", "systemflat", "systemSlice", "staff1"):
        for before, after in zip(maps[name], maps[name][1:]):
            equal(before[1], after[0], f"{name}: no gap")
        equal(maps[name][-1][1], "2/1", f"{name}: ends with the score")
    equal(maps["time"][-1][1], "5/2", "the repeated measure is played twice")
    check("voice1" in maps and "page" in maps, sorted(maps))


def case_pictures_have_the_asked_form_and_size():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a.gmn"), "w", encoding="utf-8") as file:
            file.write(GMN)
        equal(run("a.gmn", folder=folder).returncode, 0, "default")
        with open(os.path.join(folder, "a.png"), "rb") as file:
            natural = png.read(file.read())
        check(natural.width > 200, natural.width)
        equal(run("--width", "333", "-o", "b.png", "a.gmn", folder=folder).returncode, 0, "width")
        with open(os.path.join(folder, "b.png"), "rb") as file:
            equal(png.read(file.read()).width, 333, "width")
        pdf = run("--format", "pdf", "-o", "-", "a.gmn", folder=folder).stdout
        check(pdf.startswith(b"%PDF") and b"/Count 2" in pdf, pdf[:40])
        svg = run("--format=svg", "--page", "2", "-o", "-", "a.gmn", folder=folder).stdout
        check(b"<svg" in svg, svg[:60])
        equal(run("-o", "c.svg", "a.gmn", folder=folder).returncode, 0, "by the name")
        with open(os.path.join(folder, "c.svg"), "rb") as file:
            check(b"<svg" in file.read(), "c.svg")
        wrong = run("--page", "3", "a.gmn", folder=folder)
        equal(wrong.returncode, 1, "page 3 of 2")
        check(b"no page 3" in wrong.stderr, wrong.stderr)


def case_a_page_is_black_on_white():
    picture = png.read(run("-o", "-", "-", text="[ c d e f ]").stdout)
    equal(picture.rgb(0, 0), (255, 255, 255), "corner")
    dark = sum(1 for row in picture.rows for x in range(0, len(row), 4) if row[x] < 80)
    check(100 < dark < picture.width * picture.height // 4, dark)


def case_errors_go_to_stderr_with_file_and_place():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "bad.gmn"), "w", encoding="utf-8") as file:
            file.write("[ c d")
        wrong = run("bad.gmn", folder=folder)
        equal(wrong.returncode, 1, wrong.stderr)
        check(wrong.stderr.startswith(b"bad.gmn:1:"), wrong.stderr)
        check(not os.path.exists(os.path.join(folder, "bad.png")), "no picture")
        missing = run("nothing.gmn", folder=folder)
        equal(missing.returncode, 1, missing.stderr)
        check(b"nothing.gmn" in missing.stderr, missing.stderr)


def case_options_are_checked():
    equal(run().returncode, 2, "a file is needed")
    equal(run("--width", "0", "a.gmn").returncode, 2, "width 0")
    equal(run("--format", "bmp", "a.gmn").returncode, 2, "format")
    equal(run("a.gmn", "b.gmn").returncode, 2, "one file")
    equal(run("--check", "a.gmn").returncode, 0, "--check")
    text = run("--help").stdout
    for word in (b"--format", b"--page", b"--width", b"-o, --output", b"--json", b"--maps", b"FILE"):
        check(word in text, word)


def main():
    n_failed = 0
    for name, case in list(globals().items()):
        if name.startswith("case_") and (len(sys.argv) == 1 or any(part in name for part in sys.argv[1:])):
            try:
                case()
                print("ok", harness.case_name(case))
            except Exception as error:  # told, the next one runs
                print("not ok", harness.case_name(case), "-", error)
                n_failed += 1
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
