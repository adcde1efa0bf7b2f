#!/usr/bin/env python3
"""Requests that cannot mean anything: refused, never taken as something else."""
import harness
from harness import check, equal


def case_a_scene_that_cannot_be_is_not_the_default_scene(system):
    for name in ("%00", "a%00", "x" * 64, "x" * 3000, "", "%ff", "../scene"):
        for path in ("/", "/image", "/version", "/events"):
            equal(system.http.get(f"{path}?scene={name}").status, 404, f"{path} {name[:20]}")


def case_a_version_that_cannot_be_is_refused(system):
    for version in ("%00", "9" * 100, "-1", "abc", ""):
        equal(system.http.get(f"/image?version={version}").status, 400, version[:20])


def case_a_path_too_long_is_no_file(system):
    for path in ("/" + "a" * 5000, "/" + "a/" * 4000):
        answer = system.http.get(path)
        equal(answer.status, 404, answer)
        check(b"404 Page Not Found" in answer.body, answer)


harness.main(globals(), renderers=("real",))
