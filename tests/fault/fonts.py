#!/usr/bin/env python3
"""A font's file cannot be opened when a text is shown first: no descriptor is left, or its disk is away.

    tests/fault/fonts.py [CASE...]

For a moment: the picture waits and is whole. For long: it is shown without the text after half a second, everything else is
there, and the text comes by itself when the file can be opened. Needs a build with LEGGIO_FAULTS."""
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
import png  # noqa: E402
from harness import check, equal, until  # noqa: E402

WORDS = "/ITL/scene/words set txt 'hello world'; /ITL/scene/words scale 2; /ITL/scene/page set html '<b>bold</b>'; /ITL/scene/page y 0.5;"
BOX = "/ITL/scene/box set rect 0.2 0.2; /ITL/scene/box y -0.7; /ITL/scene/box color 200 30 30;"
WAIT_S = 0.5  # the picture waits for a font
TEXT_ROWS, PAGE_ROWS, BOX_ROWS = (250, 290), (395, 420), (60, 120)


class FontSystem(harness.System):
    def __init__(self, flag):
        self.flag = flag
        super().__init__(n_http=1, score="/ITL/scene/probe set rect 0.1 0.1; /ITL/scene/probe x -0.8;\n")

    def start_program(self, command, name=None, **options):
        if os.path.basename(command[0]) == "leggio-renderer":
            options["env"] = dict(os.environ, LEGGIO_NO_FONTS=self.flag)
        return super().start_program(command, name, **options)


def ink(picture, rows):
    """Pixels that are not white, in the middle of these rows."""
    return sum(picture.rgb(x, y) != (255, 255, 255) for y in range(*rows) for x in range(200, 340))


def looks(system):
    picture = png.read(system.http.get("/image").body)
    return {"text": ink(picture, TEXT_ROWS), "page": ink(picture, PAGE_ROWS), "box": ink(picture, BOX_ROWS)}


def expected(flag):
    """How it looks where nothing fails."""
    with FontSystem(flag) as system:
        equal(system.http.post(WORDS + BOX).status, 200)
        look = looks(system)
        check(min(look.values()) > 50, look)
        return look


def put(flag):
    with open(flag, "wb"):
        pass


def case_a_font_that_cannot_be_opened_for_a_moment():
    with tempfile.TemporaryDirectory(prefix="leggio-fonts-") as folder:
        flag = os.path.join(folder, "no-fonts")
        whole = expected(flag)
        with FontSystem(flag) as system:
            put(flag)
            answers = []
            post = threading.Thread(target=lambda: answers.append(system.http.post(WORDS + BOX)))
            post.start()
            until(lambda: "font_not_opened" in system.renderer.log_text(), "it is told")
            os.remove(flag)
            post.join()
            equal(answers[0].status, 200)
            equal(looks(system), whole, "the first picture")
    return "the picture waited and is whole"


def case_a_font_that_cannot_be_opened_for_long():
    with tempfile.TemporaryDirectory(prefix="leggio-fonts-") as folder:
        flag = os.path.join(folder, "no-fonts")
        whole = expected(flag)
        with FontSystem(flag) as system:
            put(flag)
            start = time.monotonic()
            equal(system.http.post(WORDS + BOX).status, 200)
            waited_s = time.monotonic() - start
            check(waited_s >= WAIT_S, f"it waited for {waited_s:.2f} s only")
            equal(looks(system), {"text": 0, "page": 0, "box": whole["box"]}, "without the texts")
            start = time.monotonic()
            equal(system.http.post("/ITL/scene/box color 30 200 30;").status, 200)
            check(time.monotonic() - start < WAIT_S, "every change waits")
            os.remove(flag)
            until(lambda: looks(system) == whole, "the texts come by themselves")
            check("font_opened" in system.renderer.log_text(), system.renderer.log_text())
    return f"shown without after {waited_s:.1f} s, whole by itself afterwards"


def case_a_font_of_a_score_that_cannot_be_opened():
    """The music is there; its texts come when it is set again."""
    score = "/ITL/scene/music set gmn '[ \\text<\"words\",dy=-4>( c d e f ) ]'; /ITL/scene/music scale 2;"
    with tempfile.TemporaryDirectory(prefix="leggio-fonts-") as folder:
        flag = os.path.join(folder, "no-fonts")
        with FontSystem(flag) as system:
            equal(system.http.post(score).status, 200)
            whole = png.read(system.http.get("/image").body)
        with FontSystem(flag) as system:
            equal(system.http.post("/ITL/scene/music set gmn '[ c d e f ]'; /ITL/scene/music scale 2;").status, 200)
            put(flag)
            equal(system.http.post(score).status, 200)
            until(lambda: "object=music" in system.renderer.log_text(), "it is told")
            without = png.read(system.http.get("/image").body)
            n_ink = [sum(picture.rgb(x, y) != (255, 255, 255) for y in range(0, 540, 2) for x in range(150, 540, 2))
                     for picture in (whole, without)]
            check(0.5 < n_ink[1] / n_ink[0] < 1, f"{n_ink[1]} of {n_ink[0]} pixels")
            os.remove(flag)
            equal(system.http.post(score).status, 200)
            check(png.read(system.http.get("/image").body).bytes() == whole.bytes(), "set again it is whole")
    return f"{n_ink[1]} of {n_ink[0]} pixels without, all when it is set again"


if __name__ == "__main__":
    sys.exit(1 if harness.run_alone(globals(), sys.argv[1:]) else 0)
