#!/usr/bin/env python3
"""The file route and the web page: web API reference 2.4, 7."""
import os

import harness
from harness import Connection, check, equal, only_in, until

NOT_FOUND = (404, "404 Page Not Found")
LARGE = bytes(number % 253 for number in range(3_500_000))


def fill(system):
    if os.path.exists(os.path.join(system.root, "hello.txt")):
        return
    os.makedirs(os.path.join(system.root, "sub"))
    files = {"hello.txt": b"hello\n", "page.html": b"<p>page", "a b.css": b"p{}", "sub/\u00e9t\u00e9.json": b"{}",
             "large.bin": LARGE, "empty.txt": b"", "PICTURE.PNG": b"png", ".hidden": b"secret", "none": b"x"}
    for name, data in files.items():
        with open(os.path.join(system.root, name), "wb") as file:
            file.write(data)
        os.utime(os.path.join(system.root, name), (1_700_000_000, 1_700_000_000))
    with open(os.path.join(system.folder, "outside.txt"), "wb") as file:
        file.write(b"outside")
    os.symlink("../outside.txt", os.path.join(system.root, "link.txt"))
    os.symlink("..", os.path.join(system.root, "up"))


def case_files_have_their_type(system):
    fill(system)
    for path, kind, body in (("/hello.txt", "text/plain", b"hello\n"), ("/page.html", "text/html", b"<p>page"),
                             ("/a%20b.css", "text/css", b"p{}"), ("/sub/%C3%A9t%C3%A9.json", "application/json", b"{}"),
                             ("//sub//%C3%A9t%C3%A9.json", "application/json", b"{}"),
                             ("/PICTURE.PNG", "image/png", b"png"), ("/none", "application/octet-stream", b"x")):
        answer = system.http.get(path)
        equal((answer.status, answer.header("Content-Type").split(";")[0], answer.body), (200, kind, body), path)
        equal(answer.header("Cache-Control"), "no-cache")
        equal(answer.header("Accept-Ranges"), "bytes")
        equal(answer.header("X-Content-Type-Options"), "nosniff")


def case_missing_and_empty_files_are_not_found(system):
    fill(system)
    for path in ("/missing.txt", "/empty.txt", "/sub", "/sub/", "/hello.txt/x", "/" + "a" * 3000):
        answer = system.http.get(path)
        equal((answer.status, answer.text), NOT_FOUND, path)
        equal(answer.header("Access-Control-Allow-Origin"), "*")


def case_large_files_come_whole(system):
    fill(system)
    answer = system.http.get("/large.bin")
    equal(answer.status, 200)
    check(answer.body == LARGE, "other bytes")
    head = system.http.request("HEAD", "/large.bin")
    equal((head.status, head.header("Content-Length")), (200, str(len(LARGE))))


def case_ranges_are_served(system):
    fill(system)
    size = len(LARGE)
    for text, first, last in (("0-0", 0, 0), ("5-9", 5, 9), ("1048570-1048590", 1048570, 1048590),
                              ("100-3000000", 100, 3000000), (f"{size - 3}-", size - 3, size - 1),
                              ("-4", size - 4, size - 1), ("3000000-99999999", 3000000, size - 1)):
        answer = system.http.get("/large.bin", ("Range", f"bytes={text}"))
        equal((answer.status, answer.header("Content-Range")), (206, f"bytes {first}-{last}/{size}"), text)
        check(answer.body == LARGE[first:last + 1], f"{text}: other bytes")
    answer = system.http.get("/large.bin", ("Range", f"bytes={size}-"))
    equal((answer.status, answer.header("Content-Range")), (416, f"bytes */{size}"))
    for text in ("bytes=5-1", "items=0-1", "bytes=0-1,3-4", "x"):
        answer = system.http.get("/hello.txt", ("Range", text))
        equal((answer.status, answer.body), (200, b"hello\n"), text)
    answer = system.http.get("/hello.txt", ("Range", "bytes=0-1"), ("If-Range", '"other"'))
    equal((answer.status, answer.body), (200, b"hello\n"))


def case_known_files_give_304(system):
    fill(system)
    first = system.http.get("/hello.txt")
    for name, value in (("If-None-Match", first.header("ETag")), ("If-Modified-Since", first.header("Last-Modified"))):
        answer = system.http.get("/hello.txt", (name, value))
        equal((answer.status, answer.body), (304, b""), name)
    with open(os.path.join(system.root, "hello2.txt"), "w", encoding="ascii") as file:
        file.write("one")
    tag = system.http.get("/hello2.txt").header("ETag")
    with open(os.path.join(system.root, "hello2.txt"), "w", encoding="ascii") as file:
        file.write("two")
    equal(system.http.get("/hello2.txt", ("If-None-Match", tag)).body, b"two", "changed within its second")
    os.remove(os.path.join(system.root, "hello2.txt"))


ESCAPES = (
    "/../outside.txt", "/sub/../../outside.txt", "/..", "/sub/..", "/%2e%2e/outside.txt", "/..%2foutside.txt",
    "/%2e%2e%2foutside.txt", "/..%5coutside.txt", "/sub/..\\..\\outside.txt", "/.%2e/outside.txt",
    "/%252e%252e/outside.txt", "/%c0%ae%c0%ae/outside.txt", "/hello.txt%00.png", "/%00", "/hello.txt%0a",
    "//etc/passwd", "/etc/passwd", "///etc/passwd", "/%2fetc/passwd", "/.hidden", "/./hello.txt", "/sub/./x",
    "/~root", "/file:///etc/passwd", "/C:/x", "/sub/%2e%2e/hello.txt", "/\x7f",
)


def case_no_path_leaves_the_root(system):
    fill(system)
    for path in ESCAPES:
        answer = system.http.get(path)
        check(answer.status in (400, 404), f"{path}: {answer}")
        check(b"outside" not in answer.body and b"root:" not in answer.body, path)


def case_links_out_of_the_root_are_not_followed(system):
    if system.is_fake:
        return  # the renderer's own check
    fill(system)
    for path in ("/link.txt", "/up/outside.txt"):
        equal(system.http.get(path).status, 404, path)


@only_in("one")
def case_reader_of_a_large_file_may_leave(system):
    fill(system)
    for _ in range(20):
        with Connection(system.http_port) as connection:
            connection.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.read_head()
    until(lambda: system.http.get("/hello.txt").status == 200, "alive")


# -- the web page -------------------------------------------------------------

def case_page_is_served_at_view(system):
    for path in ("/view/", "/view/index.html", "/scenes/scene/view/", "/view/?scene=scene"):
        answer = system.http.get(path)
        equal((answer.status, answer.header("Content-Type")), (200, "text/html; charset=utf-8"), path)
        check(b"<!doctype html>" in answer.body.lower(), path)
    answer = system.http.get("/view/main.js")
    equal((answer.status, answer.header("Content-Type")), (200, "text/javascript; charset=utf-8"))
    equal(system.http.get("/view/main.js", ("If-None-Match", answer.header("ETag"))).status, 304)
    equal(system.http.get("/view/nothing.js").status, 404)
    answer = system.http.get("/view?scene=scene")
    equal((answer.status, answer.header("Location")), (308, "view/?scene=scene"))


def case_page_learns_role_and_websocket(system):
    answer = system.http.get("/view/config.json", ("Host", "127.0.0.1:8000"))
    equal(answer.status, 200, answer)
    config = answer.json()
    equal((config["role"], config["scene"], config["websocket"]), ("conduct", "scene", "ws://127.0.0.1:7100/"))
    equal(system.http.get("/view/config.json", ("Host", "[::1]:8000")).json()["websocket"], "ws://[::1]:7100/")
    config = system.http.get("/view/config.json", ("Origin", "http://elsewhere.example")).json()
    equal(config["role"], "play")
    for host in ("a/b", "a b", '"', "[", ":80", "", "a@b"):
        answer = system.http.get("/view/config.json", ("Host", host))
        check(answer.status == 400 or answer.json()["websocket"] is None, f"{host}: {answer.body}")


@only_in("one")
def case_the_page_is_told_where_the_sockets_are(system):
    def told(client, *headers):
        return client.get("/view/config.json", *headers).json()["websocket"]

    here = ("Host", "score.example:8443")
    equal(told(system.http, here), "ws://score.example:7100/", "by port")
    equal(told(system.http, ("Host", "[::1]:80")), "ws://[::1]:7100/", "by port")
    for options, wanted in ((("--ws-url", "/"), "ws://score.example:8443/"),
                            (("--ws-url", "/stands/"), "ws://score.example:8443/stands/"),
                            (("--ws-url", "wss://other.example/x"), "wss://other.example/x"),
                            (("--ws-port", "0"), None)):
        system.start_http(*options)
        client = system.gateways()[-1]
        until(lambda at=client: at.get("/version").status == 200, "the gateway")
        equal(told(client, here), wanted, options)
    client = system.gateways()[1]
    equal(told(client, here, ("X-Forwarded-Proto", "https")), "wss://score.example:8443/", "behind TLS")
    equal(told(client, ("Host", 'a"b')), None, "a strange host")
    wrong = system.start_program([harness.tool("leggio-http"), "--ws-url", "http://x/"])
    equal(wrong.process.wait(harness.LIMIT_S), 2)
    check("--ws-url" in wrong.log_text(), wrong.log_text())


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
