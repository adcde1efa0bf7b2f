#!/usr/bin/env python3
"""Pictures and versions: web API reference 2.1, 2.2, 2.5, 7; architecture 6."""
import struct

import harness
from harness import check, equal, only_with

OLD_HEADERS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache", "Pragma": "no-cache"}


def check_old_headers(answer):
    for name, value in OLD_HEADERS.items():
        equal(answer.header(name), value, name)


def case_image_is_a_png_at_root_and_image(system):
    for path in ("/", "/image", "//image/", "/scenes/scene/", "/scenes/scene/image", "/?scene=scene",
                 "/image?unknown=argument"):
        answer = system.http.get(path)
        equal(answer.status, 200, path)
        equal(answer.header("Content-Type"), "image/png", path)
        equal(answer.body[:8], b"\x89PNG\r\n\x1a\n", path)
        equal(answer.body[-8:-4], b"IEND", path)
        check(min(struct.unpack(">II", answer.body[16:24])) > 0, "size")
        check(answer.version > 0, answer)
        check(answer.header("Last-Modified").endswith(" GMT"), answer)
        check(answer.header("ETag").startswith('W/"'), answer)
        check_old_headers(answer)


def case_headers_can_be_read_by_other_pages(system):
    exposed = system.http.get("/").header("Access-Control-Expose-Headers").replace(" ", "").split(",")
    for name in ("X-Inscore-Version", "ETag"):
        check(name in exposed, exposed)


def case_version_is_an_object_with_one_key(system):
    answer = system.http.get("/version")
    equal(answer.status, 200)
    equal(answer.header("Content-Type"), "application/json")
    equal(list(answer.json()), ["version"])
    equal(answer.json()["version"], system.http.get("/").version)
    check_old_headers(answer)


def case_head_has_the_headers_of_get(system):
    for path in ("/", "/version", "/image"):
        get, head = system.http.get(path), system.http.request("HEAD", path)
        while get.header("Content-Length") != (again := system.http.get(path)).header("Content-Length"):
            get, head = again, system.http.request("HEAD", path)  # the dense form came in between; it comes once
        equal(head.status, 200, path)
        for name in ("Content-Type", "Content-Length", "ETag", "X-Inscore-Version"):
            equal(head.header(name), get.header(name), path)


def case_options_says_what_can_be_done(system):
    for path, allow in (("/", "GET, HEAD, POST, OPTIONS"), ("/version", "GET, HEAD, OPTIONS"),
                        ("/click", "POST, OPTIONS"), ("/some/file.png", "GET, HEAD, OPTIONS")):
        answer = system.http.request("OPTIONS", path, [("Origin", "http://elsewhere.example"),
                                                      ("Access-Control-Request-Method", "POST")])
        equal(answer.status, 204, path)
        equal(answer.header("Allow"), allow, path)
        equal(answer.header("Access-Control-Allow-Methods"), allow, path)
        check("Content-Type" in answer.header("Access-Control-Allow-Headers"), answer)
        equal(answer.header("Access-Control-Allow-Origin"), "*", path)


def case_other_methods_get_405_with_the_old_words(system):
    answer = system.http.request("DELETE", "/")
    equal((answer.status, answer.text), (405, "DELETE request not supported by the server"))
    for method in ("PUT", "PATCH", "BREW"):
        answer = system.http.request(method, "/", body=b"")
        equal((answer.status, answer.text), (405, f"The server does not support the {method} command"))
        equal(answer.header("Allow"), "GET, HEAD, POST, OPTIONS")


def case_version_waits_until_it_is_there(system):
    with system.http.connect() as waiting:
        version = system.scene_version()
        waiting.send(f"GET /image?version={version + 1} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = system.http.post(system.touch_script())
        equal(answer.status, 200, answer)
        got = waiting.read_answer()
        equal(got.status, 200, got)
        check(got.version >= version + 1, got)


def case_version_already_there_is_answered_at_once(system):
    answer = system.http.get(f"/version?version={system.scene_version()}")
    equal(answer.status, 200, answer)
    equal(system.http.get("/version?version=0").status, 200)


def case_version_that_is_no_number_is_refused(system):
    for text in ("x", "-1", "1.5", "99999999999999999999999"):
        equal(system.http.get(f"/image?version={text}").status, 400, text)


def case_unknown_scene_is_not_found(system):
    for path in ("/scenes/nowhere/", "/scenes/nowhere/version", "/image?scene=nowhere", "/scenes//", "/scenes/",
                 "/?scene=..%2f", "/events?scene=nowhere"):
        answer = system.http.get(path)
        equal((answer.status, answer.text), (404, "404 Page Not Found"), path)


def case_another_scene_has_its_own_picture(system):
    script = "/fake/scene violin;" if system.is_fake else "/ITL/violin new; /ITL/violin/r set rect 1 1;"
    equal(system.http.post(script).status, 200)
    for client in system.gateways():
        answer = client.get("/scenes/violin/")
        equal(answer.status, 200, answer)
        equal(answer.body[:4], b"\x89PNG")
        check(answer.header("ETag") != client.get("/").header("ETag"), "same tag")
        equal(client.get("/version?scene=violin").status, 200)


@only_with("fake")
def case_dense_form_keeps_version_and_tag(system):
    before = system.http.get("/")
    system.fake("dense")
    after = system.http.get("/")
    equal((after.version, after.header("ETag")), (before.version, before.header("ETag")))


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
