#!/usr/bin/env python3
"""A gateway that joins after the dense frame was published serves it too; architecture 4 "Frames", 5 "Joining"."""
import harness
import png
from harness import check, equal, until

SCORE = "/ITL/scene/title set txt \"A page that is worth encoding twice\";\n/ITL/scene/title fontSize 40;\n" + "".join(
    f"/ITL/scene/e{i} set ellipse 0.{i + 1} 0.2;\n/ITL/scene/e{i} y {i / 5 - 0.9};\n" for i in range(8))


def case_a_late_gateway_gets_the_dense_form(system):
    early = system.gateways()[0]
    joined = early.get("/image")
    dense = until(lambda: (answer := early.get("/image")) and len(answer.body) < len(joined.body) and answer,
                  "dense form")
    equal(dense.header("ETag"), joined.header("ETag"))
    equal(png.read(dense.body).bytes(), png.read(joined.body).bytes())
    system.start_http()
    late = system.gateways()[-1]
    until(lambda: late.get("/version").status == 200, "first version")
    until(lambda: late.get("/image").body == dense.body, "dense form at the late gateway")
    check(late.get("/image").header("ETag") == dense.header("ETag"), "same tag")


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), score=SCORE)
