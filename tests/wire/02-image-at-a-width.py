#!/usr/bin/env python3
"""?width=: the scene painted anew at another width; architecture 6, docs/http-api.md."""
import struct

import harness
import png
from harness import check, equal

SCORE = """
/ITL/scene width 1.5;
/ITL/scene height 1.0;
/ITL/scene/probe set rect 0.5 0.5;
/ITL/scene/probe color 200 30 30;
"""


def size_of(answer):
    return struct.unpack(">II", answer.body[16:24])


def case_the_picture_has_the_width_and_the_same_content(system):
    own = system.http.get("/image")
    equal(own.header("X-Leggio-Scene-Size"), "810x540")
    for width in (405, 1620, 1701):
        answer = system.http.get(f"/image?width={width}")
        equal(answer.status, 200, width)
        equal(size_of(answer), (width, round(width / 1.5)), width)
        equal(answer.version, own.version, width)
        equal(answer.header("X-Leggio-Scene-Size"), "810x540", width)
        picture = png.read(answer.body)
        x, y = picture.width // 2, picture.height // 2
        half = round(0.25 * picture.height / 2)
        equal(picture.rgb(x, y), (200, 30, 30), width)
        equal(picture.rgb(x + half - 2, y), (200, 30, 30), width)
        equal(picture.rgb(x + half + 2, y), (255, 255, 255), width)


def case_a_change_is_seen_at_every_width(system):
    version = system.http.post("/ITL/scene/probe color 1 2 3;").version
    for client in system.gateways():
        answer = client.get(f"/image?width=1620&version={version}")
        check(answer.version >= version, answer.version, version)
        equal(png.read(answer.body).rgb(810, 540), (1, 2, 3))
    system.http.post("/ITL/scene/probe color 200 30 30;")


def case_each_width_has_its_own_tag(system):
    client = system.gateways()[0]
    tags = {client.get(f"/image{query}").header("ETag") for query in ("", "?width=405", "?width=1620")}
    equal(len(tags), 3, tags)
    tag = client.get("/image?width=405").header("ETag")
    known = client.get("/image?width=405", ("If-None-Match", tag))
    equal((known.status, known.body), (304, b""))
    equal(client.get("/image?width=1620", ("If-None-Match", tag)).status, 200)


def case_the_own_width_is_the_own_picture(system):
    client = system.gateways()[0]
    equal(client.get("/image?width=810").header("ETag"), client.get("/image").header("ETag"))


def case_a_wrong_width_is_refused(system):
    for width in ("0", "-1", "16385", "12.5", "wide", "", "99999999999999999999"):
        equal(system.http.get(f"/image?width={width}").status, 400, width)


def case_a_width_that_is_too_large_gives_the_own_picture(system):
    answer = system.http.get("/image?width=16384")
    equal((answer.status, size_of(answer)), (200, (810, 540)))


def case_many_widths_are_bounded(system):
    client = system.gateways()[0]
    for width in range(400, 500):
        equal(size_of(client.get(f"/image?width={width}"))[0], width)


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"), renderers=("real",), score=SCORE)
