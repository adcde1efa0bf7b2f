#!/usr/bin/env python3
"""POST /click and /hover (web API reference 2.2, 3.6)."""
import json

import harness
from harness import check, equal, only_with

JSON = ("Content-Type", "application/json")


def case_a_hit_is_200_and_empty(system):
    x, y = system.hit
    for path in ("/click", "/hover", "//click/", "/scenes/scene/click", "/click?scene=scene"):
        answer = system.http.post_form(path, x=x, y=y)
        equal((answer.status, answer.body), (200, b""), path)
        equal(answer.header("Access-Control-Allow-Origin"), "*")


def case_a_miss_is_unknown_object(system):
    x, y = system.miss
    for path in ("/click", "/hover"):
        for point in ((x, y), (-1, -1), (99999999999, 5)):
            answer = system.http.post_form(path, x=point[0], y=point[1])
            equal((answer.status, answer.json()), (400, {"error": "Unknown object"}), f"{path} {point}")
            equal(answer.header("Content-Type"), "application/json")


def case_numbers_are_read_leniently_and_other_fields_ignored(system):
    x, y = system.hit
    equal(system.http.post_form("/click", x=f"{x}.7", y=f"{y}.2").status, 200)
    equal(system.http.post_form("/click", x=x, y=y, z=1, more="a").status, 200)
    check(system.http.post_form("/click", x="abc", y="").status in (200, 400), "abc is 0")


def case_missing_coordinates_are_unidentified(system):
    for fields in ({}, {"x": 1}, {"y": 1}, {"X": 1, "Y": 1}):
        for path in ("/click", "/hover"):
            answer = system.http.post_form(path, **fields)
            equal((answer.status, answer.text), (404, "Unidentified POST request."), f"{path} {fields}")


def case_json_bodies_work(system):
    x, y = system.hit
    for point, status in (({"x": x, "y": y}, 200), ({"x": x + 0.9, "y": y + 0.1}, 200), ({"x": "1", "y": 2}, 400),
                          ({"x": 1e400 if False else 1e300, "y": 2}, 400), ({"x": None, "y": 2}, 400)):
        answer = system.http.request("POST", "/click", [JSON], json.dumps(point).encode())
        equal(answer.status, status, point)
    equal(system.http.request("POST", "/click", [JSON], b"{").status, 400)


def case_get_on_pointer_paths_is_a_file_that_is_not_there(system):
    for path in ("/click", "/hover"):
        answer = system.http.get(path)
        equal((answer.status, answer.text), (404, "404 Page Not Found"), path)


@only_with("fake")
def case_role_client_and_point_reach_the_renderer(system):
    x, y = system.hit
    equal(system.http.post_form("/click", x=x, y=y).status, 200)
    line = [line for line in system.http.get("/log").json()["log"].splitlines() if line.startswith("click")][-1]
    check(f"x={x} y={y}" in line and "client=http:127.0.0.1" in line, line)


@only_with("real")
def case_a_click_runs_what_watches_it(system):
    """A read after the answer shows the effect."""
    equal(system.http.post("/ITL/scene/probe watch mouseDown (/ITL/scene/probe color 20 200 20);").status, 200)
    before = system.http.get("/")
    x, y = system.hit
    answer = system.http.post_form("/click", x=x, y=y)
    equal(answer.status, 200, answer)
    after = system.http.get(f"/?version={answer.version or before.version + 1}")
    equal(after.status, 200)
    check(after.body != before.body, "the picture did not change")


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
