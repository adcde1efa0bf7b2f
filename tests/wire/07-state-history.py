#!/usr/bin/env python3
"""The past of a concert: every kept version can be drawn again exactly (docs/renderer.md, History), also while the
renderer runs; the concert as a script with times, and played back."""
import os
import re
import subprocess
import tempfile

import harness
import png
from harness import check, equal, tool, until

NOTES = " ".join("c d e f g a h c2" for _ in range(60))
# What makes pictures that nobody posts: a clock with events, random numbers, JavaScript, delays, an engraving that is laid out
# beside the score, a file that changes.
LIVELY = """
/ITL/scene/hand set rect 0.05 0.6; /ITL/scene/clock set ellipse 0.1 0.1;
/ITL/scene/clock watch ddate ( /ITL/scene/hand dangle 3. );
/ITL/scene/clock tempo 300.;
/ITL/scene/dice set rect 0.1 0.1;
"""
SCRIPTS = [
    "<?javascript 'var r = Math.random(); \"/ITL/scene/dice x \" + (r - 0.5) + \";\"' ?>",
    "/ITL/scene/javascript run \"post('/ITL/scene/dice', 'dy', Math.random() / 10)\";",
    "/ITL/scene/dice dx 0.03; /ITL/scene/dice color 200 30 30;",
    "/ITL after 40 ( /ITL/scene/dice dangle 20. );",
    "/ITL/scene/dice watch newData ( /ITL/scene/dice dangle 5. ); /ITL/scene/dice set rect 0.12 0.1;",
    "/ITL/scene/v load dice.inscore2;",
    "/ITL load dice.inscore2;",
    "/ITL/scene/t set txtf words.txt;",
    f"/ITL/scene/g set gmn '[ {NOTES} ]'; /ITL/scene/g scale 0.5;",
    "/ITL/scene push; /ITL/scene/dice del; /ITL/scene/dice set ellipse 0.2 0.1;",
    "/ITL/scene/t alias '/words' 'x'; /words 0.2;",
    "/ITL/scene/signal/s 0. 0.5 1. 0.2 -0.3; /ITL/scene/f set fastgraph s;",
]


def picture_at(system, scene_version, folder, scene="scene"):
    """(exit status, what was said, pixels) of a past version."""
    path = os.path.join(folder, f"{scene}-{scene_version}.png")
    done = subprocess.run([tool("leggio-renderer"), "--state", f"{system.folder}/state", "--at",
                           f"{scene}:{scene_version}" if scene != "scene" else str(scene_version), "--export", path],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    pixels = None
    if os.path.exists(path):
        with open(path, "rb") as file:
            pixels = png.read(file.read()).bytes()
    return done.returncode, done.stdout.decode(), pixels


class Watcher:
    """Pixels of versions, as a gateway showed them."""

    def __init__(self, system):
        self.system, self.seen = system, {}

    def look(self):
        answer = self.system.http.get("/")
        if answer.status == 200 and answer.header("Warning") is None:
            self.seen[answer.version] = png.read(answer.body).bytes()
        return answer.version


def write(system, name, text):
    with open(os.path.join(system.root, name), "w", encoding="utf-8") as file:
        file.write(text)


def play(system, watcher, scripts):
    for script in scripts:
        answer = system.http.post(script)
        check(answer.status in (200, 400), answer)
        for _ in range(3):
            watcher.look()


@harness.with_options(score=LIVELY, renderer_options=("--screen", "300"))
def case_every_version_that_was_seen_is_drawn_again_exactly(system):
    watcher = Watcher(system)
    write(system, "dice.inscore2", "/ITL/scene/dice (x (math.rand()));\n/ITL/scene/dice (y (math.rand()));\n")
    write(system, "words.txt", "first words")
    play(system, watcher, SCRIPTS)
    write(system, "words.txt", "other words")  # a small file is kept as it was read
    write(system, "dice.inscore2", "/ITL/scene/dice (x (0.1));\n")
    # what was shown in the last tenth of a second before a crash may not be kept
    until(lambda: picture_at(system, max(watcher.seen), system.folder)[0] == 0, "the rows are committed")
    system.renderer.kill()
    system.start_renderer()
    until(lambda: system.http.post("/ITL/scene/dice dx 0.01;").status == 200, "posts are taken")
    play(system, watcher, SCRIPTS)
    system.renderer.stop()
    system.start_renderer()
    until(lambda: system.http.post("/ITL/scene/dice dx 0.01;").status == 200, "posts are taken")
    play(system, watcher, SCRIPTS[:4])
    newest = max(watcher.seen)
    until(lambda: system.http.post("/ITL/scene/dice dx 0.01;").status == 200 and
          picture_at(system, newest, system.folder)[0] == 0, "its row is committed")
    check(len(watcher.seen) > 25, f"only {len(watcher.seen)} versions were seen")
    wrong = []
    for version, pixels in sorted(watcher.seen.items()):
        status, said, drawn = picture_at(system, version, system.folder)
        if status != 0 or drawn != pixels or "are those that were published" not in said:
            wrong.append((version, status, drawn == pixels, said))
    check(not wrong, f"{len(wrong)} of {len(watcher.seen)} versions differ:", wrong[:3])


@harness.with_options(score=LIVELY, renderer_options=("--screen", "300"))
def case_what_cannot_be_exact_is_said(system):
    big = os.path.join(system.root, "big.ppm")

    def paint(color):
        with open(big, "wb") as file:
            file.write(b"P6 400 300 255\n" + bytes(color) * 120000)
    paint((255, 0, 0))
    equal(system.http.post("/ITL/scene/i set img big.ppm; /ITL/scene/clock tempo 0.;").status, 200)
    version = system.scene_version()
    until(lambda: picture_at(system, version, system.folder)[0] == 0, "it is drawn again")
    status, said, _ = picture_at(system, version, os.path.join(system.folder, "nowhere"))
    check(status == 1 and "cannot write" in said and "No such file" in said and "published" not in said, status, said)
    paint((0, 0, 255))
    status, said, _ = picture_at(system, version, system.folder)
    check(status == 1 and "differ" in said and "big.ppm" in said, status, said)
    status, said, _ = picture_at(system, 10 ** 9, system.folder)
    check(status == 1 and "not kept" in said and str(version) in said, status, said)
    status, said, _ = picture_at(system, 1, system.folder, "nowhere")
    check(status == 1 and "no picture" in said, status, said)


def case_looking_back_without_a_state_folder_is_an_error(system):
    env = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_STATE_HOME")}
    for options in (("--at", "1", "--export", os.path.join(system.folder, "no.png")), ("--export-log", os.path.join(system.folder, "no.log"))):
        done = subprocess.run([tool("leggio-renderer"), *options], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=60, check=False)
        check(done.returncode == 1 and b"neither --state" in done.stdout, done)


@harness.with_options(score="", renderer_options=("--screen", "300"))
def case_a_concert_is_written_and_played_back(system):
    equal(system.http.post("/ITL/scene/a set rect 0.2 0.2; /ITL/scene/a color 200 0 0;").status, 200)
    answer = system.http.post("# @1 2 not a heading of ours\n/ITL/scene/b set txt 'two words';\n# @9 of 9\n")
    equal(answer.status, 200, answer)
    equal(system.http.post("/ITL/scene/a watch mouseDown ( /ITL/scene/a dx 0.1 );").status, 200)
    answer = system.http.post_form("/click", x="75", y="75")
    equal(answer.status, 200, answer)
    until(lambda: system.http.post("/ITL/scene/a dangle 10.;").status == 200)
    pixels = png.read(system.http.get("/").body).bytes()
    log = os.path.join(system.folder, "concert.log")
    done = subprocess.run([tool("leggio-renderer"), "--state", f"{system.folder}/state", "--export-log", log],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    equal(done.returncode, 0, done.stdout)
    with open(log, encoding="utf-8") as file:
        text = file.read()
    check(text.startswith("# leggio concert log 1\n"), text)
    times = [float(at) for at in re.findall(r"^# @([0-9.]+) \d+ http:", text, re.M)]
    check(times == sorted(times) and len(times) >= 5, text)
    check("/ITL/scene/a event mouseDown" in text, text)
    with tempfile.TemporaryDirectory() as state:
        system.renderer.stop()
        program = system.start_program([
            tool("leggio-renderer"), "--feed", system.feed, "--calls", system.calls, "--osc-port", "0", "--state", state,
            "--root-path", system.root, "--screen", "300", "--replay", log, "--speed", "10"])
        program.wait_line("ready")
        until(lambda: "replay_ended" in program.log_text(), "the end of the replay")
        check("why=\"the end\"" in program.log_text(), program.log_text())

        def is_same():
            answer = system.http.get("/")
            return answer.status == 200 and answer.header("Warning") is None and png.read(answer.body).bytes() == pixels
        until(is_same, "the same picture")
        program.stop()


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",))
