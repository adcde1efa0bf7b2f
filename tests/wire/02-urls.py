#!/usr/bin/env python3
"""Resources named by URL: --allow-url, limits, redirects, events (language reference 4.10, 9, 11.1)."""
import http.server
import threading

import harness
from harness import check, equal, until



class Files(http.server.BaseHTTPRequestHandler):
    """What the score loads. hold: paths that wait until they are let go."""
    gate = threading.Event()
    asked = []

    def do_GET(self):
        Files.asked.append(self.path)
        to = self.path.partition("?to=")[2] or (self.path == "/loop" and "/loop")
        if to:
            self.send_response(302)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/slow.txt":
            Files.gate.wait(20)
        body = {"/a.txt": b"from afar", "/slow.txt": b"late", "/b.inscore": b"/ITL/scene/loaded set txt yes;",
                "/b.inscore2": b"/ITL/scene/l[1...2] set txt two;", "/a.svg":
                b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40"><rect width="80" height="40"/></svg>',
                "/a.gmn": b"[ c d e f ]", "/large": None}.get(self.path, b"")
        if self.path == "/large":
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(40):
                    self.wfile.write(b"x" * (1 << 20))
            except OSError:
                pass
            return
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the program went away

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


SERVER = Server(("127.0.0.1", 0), Files)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
URL = f"http://127.0.0.1:{SERVER.server_port}"
OTHER = f"http://localhost:{SERVER.server_port}"
ALLOWED = ("--allow-url", "example.invalid,127.0.0.1")


def post(system, script, status=200):
    body = b"data=" + harness.percent(script).encode()
    answer = system.http.request("POST", "/", (harness.FORM,), body)
    equal(answer.status, status, answer)
    return "" if status == 200 else answer.json()["error"]


def show(system, address, what):
    return post(system, f"v = $( {address} get {what} ); <? javascript throw 'is ' + v ?>", 400)


def log(system):
    return system.http.get("/log").text


@harness.with_options(renderer_options=ALLOWED)
def case_an_object_waits_for_its_url(system):
    post(system, f"/ITL/scene/seen set txt nothing; /ITL/scene/t set txtf '{URL}/slow.txt';"
                 "/ITL/scene/t watch success ( /ITL/scene/seen set txt success ); /ITL/scene/t x 0.25;")
    check("is 0.25" in show(system, "/ITL/scene/t", "x"), "attributes hold meanwhile")
    check("late" not in show(system, "/ITL/scene/t", "text"), "empty before it is there")
    Files.gate.set()
    until(lambda: "is late" in show(system, "/ITL/scene/t", "text"), "the text")
    until(lambda: "is success" in show(system, "/ITL/scene/seen", "text"), "the event success")
    check("is 0.25" in show(system, "/ITL/scene/t", "x"), "what was said meanwhile holds")
    check(f"{URL}/slow.txt" in post(system, "v = $( /ITL/scene/t get ); <? javascript throw v ?>", 400), "get tells the URL")


@harness.with_options(renderer_options=ALLOWED)
def case_scripts_and_pictures_are_loaded(system):
    post(system, f"/ITL load '{URL}/b.inscore'; /ITL/scene load '{URL}/b.inscore2';"
                 f"/ITL/scene/s set svgf '{URL}/a.svg'; /ITL/scene/u set url svgf '{URL}/a.svg';"
                 f"/ITL/scene/u watch success ( /ITL/scene/u y 0.5 ); /ITL/scene/g set gmnf '{URL}/a.gmn';")
    until(lambda: "is yes" in show(system, "/ITL/scene/loaded", "text"), "the script")
    until(lambda: "is two" in show(system, "/ITL/scene/l2", "text"), "the script of version 2")
    until(lambda: "is 0.2" in show(system, "/ITL/scene/s", "width"), "the picture's own size: 80 units of 400")
    until(lambda: "is 0.2" in show(system, "/ITL/scene/u", "width"), "the url object became a picture")
    until(lambda: "is 0.5" in show(system, "/ITL/scene/u", "y"), "and kept its events")
    until(lambda: "is 0" not in show(system, "/ITL/scene/g", "width"), "the music")


@harness.with_options(renderer_options=ALLOWED)
def case_what_fails_is_told(system):
    post(system, f"/ITL/scene/seen set txt nothing; /ITL/scene/m set txtf '{URL}/missing';"
                 "/ITL/scene/m watch error ( /ITL/scene/seen set txt failed );")
    until(lambda: "is failed" in show(system, "/ITL/scene/seen", "text"), "the event error")
    check(f"can't load {URL}/missing : answered 404" in log(system), log(system))
    post(system, f"/ITL/scene/m set txtf '{URL}/large';")
    until(lambda: f"can't load {URL}/large : larger than 32 MiB" in log(system), "the limit of size")
    port = harness.free_port()
    post(system, f"/ITL/scene/m set txtf 'http://127.0.0.1:{port}/x';")
    until(lambda: f"can't load http://127.0.0.1:{port}/x : " in log(system), "nobody answers")


@harness.with_options(renderer_options=ALLOWED)
def case_another_content_cancels(system):
    Files.gate.clear()
    post(system, f"/ITL/scene/seen set txt nothing; /ITL/scene/c set txtf '{URL}/slow.txt';"
                 "/ITL/scene/c watch cancel ( /ITL/scene/seen set txt cancelled ); /ITL/scene/c set txt other;")
    until(lambda: "is cancelled" in show(system, "/ITL/scene/seen", "text"), "the event cancel")
    post(system, f"/ITL/scene/d set txtf '{URL}/slow.txt'; /ITL/scene/d del;")
    Files.gate.set()
    post(system, f"/ITL/scene/e set txtf '{URL}/a.txt';")
    until(lambda: "is from afar" in show(system, "/ITL/scene/e", "text"), "another one")
    check("is other" in show(system, "/ITL/scene/c", "text"), "the late content changes nothing")


@harness.with_options(renderer_options=ALLOWED)
def case_only_allowed_hosts_are_asked(system):
    for url, why in ((f"{OTHER}/a.txt", "host localhost is not allowed"),
                     ("http://user:secret@127.0.0.1/a.txt", "no URL that can be loaded"),
                     ("http://[::1]:1/a.txt", "host ::1 is not allowed"), ("http://", "no URL that can be loaded")):
        error = post(system, f"/ITL/scene/f set txtf '{url}';", 400)
        check(f"can't load {url} : " in error and why in error, error)
    Files.asked.clear()
    post(system, f"/ITL/scene/h set txtf '{URL}/r?to={OTHER}/a.txt';")
    until(lambda: "?to=" in log(system) and "host localhost is not allowed" in log(system).split("?to=")[-1], "a redirect away")
    post(system, f"/ITL/scene/i set txtf '{URL}/r?to=file:///etc/passwd';")
    until(lambda: "?to=file" in log(system), "a redirect to a file")
    post(system, f"/ITL/scene/j set txtf '{URL}/r?to=/a.txt';")
    until(lambda: "is from afar" in show(system, "/ITL/scene/j", "text"), "a redirect on the same host")
    Files.asked.clear()
    post(system, f"/ITL/scene/k set txtf '{URL}/loop';")
    until(lambda: f"can't load {URL}/loop : redirected more than 5 times" in log(system), "a loop of redirects")
    equal(len(Files.asked), 6)


@harness.with_options(renderer_options=("--allow-url", "any"))
def case_any_means_public_addresses(system):
    for number, url in enumerate((f"{URL}/a.txt", f"{OTHER}/a.txt", f"http://2130706433:{SERVER.server_port}/a.txt")):
        Files.asked.clear()
        post(system, f"/ITL/scene/p{number} set txtf '{url}';")
        until(lambda: f"can't load {url} : its address is private" in log(system), url)
        equal(Files.asked, [], url)


def case_urls_are_off_unless_allowed(system):
    Files.asked.clear()
    error = post(system, f"/ITL/scene/f set txtf '{URL}/a.txt'; /ITL load '{URL}/b.inscore';", 400)
    check("URLs are not loaded here" in error, error)
    equal(Files.asked, [])


@harness.with_options(renderer_options=ALLOWED)
def case_stopping_waits_for_nobody(system):
    Files.gate.clear()
    post(system, f"/ITL/scene/t set txtf '{URL}/slow.txt';")
    until(lambda: "/slow.txt" in Files.asked, "it is asked")
    system.renderer.stop(limit_s=5)
    Files.gate.set()


harness.main(globals(), renderers=("real",))
