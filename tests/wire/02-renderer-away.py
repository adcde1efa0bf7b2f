#!/usr/bin/env python3
"""While the renderer is away the last picture is served, marked; changes are
refused; everything goes on when it is back (issue "HTTP gateway")."""
import email.utils
import time

import harness
from harness import check, equal, form, FORM, only_with, until, with_options


def wait_until_away(system):
    until(lambda: system.http.get("/").header("Warning"), "a warning")


def check_stale(answer):
    check(answer.header("Warning").startswith("110 "), answer)
    since = email.utils.parsedate_to_datetime(answer.header("X-Leggio-Stale-Since")).timestamp()
    check(abs(time.time() - since) < 60, answer)


def check_away(system, before):
    for path in ("/", "/image", "/version"):
        answer = system.http.get(path)
        equal(answer.status, 200, path)
        equal(answer.version, before.version, path)
        check_stale(answer)
    equal(system.http.get("/").body, before.body)
    answer = system.http.get("/", ("If-None-Match", before.header("ETag")))
    equal(answer.status, 304)
    check_stale(answer)
    check("Warning" in answer.header("Access-Control-Expose-Headers"), answer)
    for path, fields in (("/", {"data": "/ITL;"}), ("/click", {"x": 1, "y": 1}), ("/hover", {"x": 1, "y": 1})):
        started = time.monotonic()
        answer = system.http.request("POST", path, [FORM], form(**fields))
        equal(answer.status, 503, path)
        check(int(answer.header("Retry-After")) > 0, answer)
        check(answer.json()["error"], answer)
        check(time.monotonic() - started < 3, "answered late")
    for path in ("/log", "/some/file.txt"):
        answer = system.http.get(path)
        equal(answer.status, 503, path)
        check(answer.header("Retry-After"), answer)
    equal(system.http.get("/view/").status, 200)


def check_back(system):
    until(lambda: system.http.get("/").header("Warning") is None, "no warning")
    answer = until(lambda: (lambda a: a if a.status == 200 else None)(system.http.post(system.touch_script())), "post")
    check(system.http.get("/").version >= answer.version, "current")


@with_options()
@only_with("fake")
def case_silent_renderer_makes_pictures_stale(system):
    before = system.http.get("/")
    check(before.header("Warning") is None, before)
    system.fake("silent on")
    wait_until_away(system)
    check_away(system, before)
    system.fake("silent off")
    check_back(system)


@with_options()
def case_killed_renderer_comes_back(system):
    system.http.post(system.touch_script())
    before = system.http.get("/")
    system.renderer.kill()
    wait_until_away(system)
    check_away(system, before)
    system.start_renderer()
    check_back(system)


@with_options(renderer="none", n_http=0)
def case_gateway_may_start_first(system):
    system.start_http()
    system.http = harness.HttpClient(system.http_ports[0])
    answer = system.http.get("/")
    equal((answer.status, answer.text), (503, "Cannot create image"))
    check(answer.header("Retry-After"), answer)
    equal(system.http.post("/ITL;").status, 503)
    equal(system.http.get("/view/").status, 200)
    system.renderer_kind = "fake"
    with system.http.connect() as waiting:
        waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        system.start_renderer()
        answer = waiting.read_answer()
    check(answer.status == 200 or system.http.get("/").status == 200 or
          until(lambda: system.http.get("/").status == 200), answer)


if __name__ == "__main__":
    harness.main(globals())
