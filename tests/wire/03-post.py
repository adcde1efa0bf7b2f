#!/usr/bin/env python3
"""POST /: bodies, answers, read your writes (web API reference 2.2, 2.5, 7)."""
import json
import time

import harness
from harness import FORM, check, equal, form, only_in, only_with

TEXT = ("Content-Type", "text/plain; charset=utf-8")
JSON = ("Content-Type", "application/json")


def multipart(**fields):
    parts = [f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in fields.items()]
    return ("".join(parts) + "--edge--\r\n").encode()


MULTIPART = ("Content-Type", "multipart/form-data; boundary=edge")


def bodies(script):
    """The same script in every kind of body."""
    return [(FORM, form(data=script)), (MULTIPART, multipart(data=script)), (TEXT, script.encode()),
            (JSON, json.dumps({"data": script}).encode())]


def case_every_kind_of_body_runs_the_script(system):
    for number in range(4):
        before = system.scene_version()
        kind, body = bodies(system.touch_script())[number]
        answer = system.http.request("POST", "/", [kind], body)
        equal((answer.status, answer.body), (200, b""), kind)
        check(answer.version > before, f"{kind}: {answer.version} after {before}")


def case_answer_carries_the_version_that_shows_it(system):
    """A GET after the answer never shows an older one: through this gateway at
    once, through any other with ?version=."""
    for client in system.gateways():
        for _ in range(10):
            answer = client.post(system.touch_script())
            equal(answer.status, 200, answer)
            check(client.get("/").version >= answer.version, "image")
            check(client.get("/version").json()["version"] >= answer.version, "version")
            for other in system.gateways():
                got = other.get(f"/image?version={answer.version}")
                check(got.status == 200 and got.version >= answer.version, got)


def case_errors_are_json_with_status_400(system):
    answer = system.http.post(system.error_script)
    equal(answer.status, 400)
    equal(answer.header("Content-Type"), "application/json")
    equal(list(answer.json()), ["error"])
    check(answer.json()["error"].strip() != "", answer)
    equal(answer.header("Access-Control-Allow-Origin"), "*")
    equal(answer.header("Cache-Control"), "no-cache")


def case_what_stands_before_an_error_is_run(system):
    before = system.scene_version()
    answer = system.http.post(system.touch_script() + "\n" + system.error_script)
    equal(answer.status, 400, answer)
    check(answer.version > before, answer)


def case_form_needs_one_field_named_data(system):
    words = "Unidentified POST request."
    for fields in ({}, {"x": "1"}, {"data": "/ITL;", "x": "1"}, {"Data": "/ITL;"}):
        for answer in (system.http.post_form("/", **fields), system.http.request("POST", "/", [MULTIPART],
                                                                                 multipart(**fields))):
            equal((answer.status, answer.text), (404, words), fields)
            equal(answer.header("Content-Type").split(";")[0], "text/plain")


def case_other_paths_are_unidentified(system):
    for path in ("/post", "/version", "/image", "/log", "/view/", "/a/b"):
        answer = system.http.post_form(path, data="/ITL;")
        equal((answer.status, answer.text), (404, "Unidentified POST request."), path)


def case_bad_json_is_400_with_json(system):
    deep = b"[" * 10000 + b"]" * 10000
    for body in (b"", b"{", b"[]", b"1", b'{"data": "a}', b"\xff", deep, b'{"data":' + deep + b"}"):
        answer = system.http.request("POST", "/", [JSON], body)
        equal(answer.status, 400, body[:20])
        check("JSON" in answer.json()["error"], answer)
    for body in (b"{}", b'{"data": 1}', b'{"script": "x"}'):
        answer = system.http.request("POST", "/", [JSON], body)
        equal(answer.status, 404, body)


def case_body_of_another_type_is_unidentified(system):
    answer = system.http.request("POST", "/", [("Content-Type", "application/octet-stream")], b"/ITL;")
    equal((answer.status, answer.text), (404, "Unidentified POST request."))


def case_plus_and_percent_are_decoded_in_forms(system):
    """A script that is only right when decoded once."""
    for body in (b"data=" + harness.percent(system.touch_script()).encode(),
                 b"data=" + system.touch_script().replace(" ", "+").encode()):
        before = system.scene_version()
        answer = system.http.request("POST", "/", [FORM], body)
        equal(answer.status, 200, answer)
        check(answer.version > before, answer)


def case_chunked_bodies_are_taken(system):
    before = system.scene_version()
    body = form(data=system.touch_script())
    with system.http.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        for byte in body:
            connection.send(b"1\r\n" + bytes([byte]) + b"\r\n")
        connection.send("0\r\n\r\n")
        answer = connection.read_answer()
        equal(answer.status, 200, answer)
        check(answer.version > before, answer)


def case_nul_and_invalid_utf8_do_no_harm(system):
    for body in (b"data=%00%00;", b"data=%ff%fe%00;", b"data=/ITL/scene/%ed%a0%80 x 1;"):
        answer = system.http.request("POST", "/", [FORM], body)
        check(answer.status in (200, 400), answer)
        if answer.status == 400:
            check(answer.json()["error"], answer)
    equal(system.http.get("/version").status, 200)


def case_ten_megabytes_are_taken(system):
    script = system.touch_script() + "\n" + "# a comment that says nothing at all\n" * (10 * 1024 * 1024 // 37)
    before = system.scene_version()
    for kind, body in ((TEXT, script.encode()), (FORM, form(data=script))):
        answer = system.http.request("POST", "/", [kind], body)
        equal(answer.status, 200, answer)
    check(system.http.get("/").version > before, before)


def case_too_large_is_413(system):
    big = b"#" * (17 * 1024 * 1024)
    answer = system.http.request("POST", "/", [TEXT], big)
    equal(answer.status, 413, answer)
    check("error" in answer.json(), answer)
    equal(system.http.get("/version").status, 200)


def case_expect_100_continue_is_served(system):
    with system.http.connect() as connection:
        body = form(data=system.touch_script())
        connection.send(f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n{FORM[0]}: {FORM[1]}\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n")
        equal(connection.read_head().status, 100)
        connection.send(body)
        equal(connection.read_answer().status, 200)


def case_many_posts_on_one_connection(system):
    with system.http.connect() as connection:
        version = 0
        for _ in range(50):
            answer = connection.request("POST", "/", [FORM], form(data=system.touch_script()))
            equal(answer.status, 200, answer)
            check(answer.version > version, answer)
            version = answer.version


@only_in("one")
@only_with("fake")
def case_answer_waits_for_the_version_and_not_for_ever(system):
    """A renderer that answers, and whose picture comes late."""
    system.fake("silent on")
    with system.http.connect() as connection:
        body = form(data=system.touch_script())
        connection.send(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        b"Content-Length: %d\r\n\r\n" % len(body) + body)
        harness.select.select([], [], [], 0.3)
        check(not harness.select.select([connection.socket], [], [], 0)[0], "answered too early")
        system.fake("silent off")
        answer = connection.read_answer()
        equal(answer.status, 200, answer)
        check(system.http.get("/").version >= answer.version, answer)


@only_in("one")
@only_with("fake")
def case_error_text_is_escaped(system):
    """Whatever the log says, the answer is JSON."""
    answer = system.http.post("/fake/error;")
    equal(answer.json(), {"error": "line 1: fake error\n"})


@only_in("one")
def case_log_is_json_with_one_member(system):
    system.http.post(system.error_script)
    answer = system.http.get("/log")
    equal(answer.status, 200, answer)
    equal(answer.header("Content-Type"), "application/json")
    equal(list(answer.json()), ["log"])
    check(isinstance(answer.json()["log"], str) and answer.json()["log"], answer)


@only_in("one")
@only_with("real")
def case_twenty_and_two_hundred_kilobytes_are_linear(system):
    """The original needs 1.7 s for 20 KB."""
    def seconds(size):
        line = "/ITL/scene/probe x 0.1;\n"
        script = line * (size // len(line))
        started = time.monotonic()
        equal(system.http.post(script).status, 200)
        return time.monotonic() - started
    small = min(seconds(20_000) for _ in range(5))
    large = min(seconds(200_000) for _ in range(3))
    check(large < 30 * small + 0.2, f"20 KB {small:.3f} s, 200 KB {large:.3f} s")


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
