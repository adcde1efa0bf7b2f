#!/usr/bin/env python3
"""Who may post (architecture 6 "Who may do what"): everyone may look and click,
not everyone may conduct."""
import harness
from harness import FORM, Connection, HttpClient, check, equal, form, only_in, until, with_options

FOREIGN = {
    "a form of another origin": [("Origin", "http://evil.example")],
    "a form of another port's sibling name": [("Origin", "http://127.0.0.1.evil.example")],
    "null origin": [("Origin", "null")],
    "empty origin": [("Origin", "")],
    "file origin": [("Origin", "file://")],
    "through a proxy (Forwarded)": [("Forwarded", "for=198.51.100.7")],
    "through a proxy (X-Forwarded-For)": [("X-Forwarded-For", "198.51.100.7")],
    "through a proxy that hides in loopback": [("X-Forwarded-For", "127.0.0.1")],
    "through a proxy (X-Real-IP)": [("X-Real-IP", "198.51.100.7")],
    "rebound name": [("Host", "rebound.example")],
    "rebound name with port": [("Host", "rebound.example:8000")],
    "rebound name and its own origin": [("Host", "rebound.example"), ("Origin", "http://rebound.example")],
    "loopback with a suffix": [("Host", "127.0.0.1.rebound.example")],
    "localhost with a suffix": [("Host", "localhost.rebound.example")],
    "user part": [("Host", "localhost@rebound.example")],
}
HOME = {
    "curl": [],
    "localhost": [("Host", "localhost:1234")],
    "own page": [("Host", "127.0.0.1:1234"), ("Origin", "http://127.0.0.1:1234")],
    "own page by IPv6": [("Host", "[::1]:1234"), ("Origin", "http://[::1]:1234")],
    "own page by name": [("Host", "localhost"), ("Origin", "http://localhost")],
}


def post(client, headers, script="/ITL;"):
    return client.request("POST", "/", [FORM, *headers], form(data=script))


def check_may_look_and_click(client, headers, name, hit):
    for path in ("/", "/version"):
        answer = client.request("GET", path, headers)
        equal(answer.status, 200, name)
        equal(answer.header("Access-Control-Allow-Origin"), "*", name)
    answer = client.request("POST", "/click", [FORM, *headers], form(x=hit[0], y=hit[1]))
    equal(answer.status, 200, name)


def check_may_not_conduct(client, headers, name):
    for kind in (FORM, ("Content-Type", "text/plain"), ("Content-Type", "application/json"),
                 ("Content-Type", "multipart/form-data; boundary=x")):
        answer = client.request("POST", "/", [kind, *headers], b'data="1"')
        equal(answer.status, 403, f"{name} {kind}")
        equal(answer.header("Content-Type"), "application/json")
        check(answer.json()["error"], answer)
    answer = client.request("GET", "/log", headers)
    equal(answer.status, 403, name)
    equal(client.request("GET", "/view/config.json", headers).json()["role"], "play", name)


def case_foreign_clients_look_and_click_but_do_not_conduct(system):
    version = system.scene_version()
    for name, headers in FOREIGN.items():
        check_may_look_and_click(system.http, headers, name, system.hit)
        check_may_not_conduct(system.http, headers, name)
    if system.is_fake:
        equal(system.scene_version(), version, "something was changed")


def case_home_clients_conduct(system):
    for name, headers in HOME.items():
        answer = post(system.http, headers, system.touch_script())
        equal(answer.status, 200, f"{name}: {answer}")


@only_in("one")
@with_options(n_http=0)
def case_peer_on_another_address_does_not_conduct(system):
    """Also when it says that it speaks to loopback."""
    address = harness.other_address()
    if address is None:
        print("# no other address here: skipped")
        return
    program = system.start_program([harness.tool("leggio-http"), "--listen", "0.0.0.0:0", "--feed", system.feed,
                                    "--calls", system.calls, "--public-host", address])
    port = int(program.wait_line("listening http").rpartition(":")[2])
    away, home = HttpClient(port, address), HttpClient(port)
    until(lambda: home.get("/version").status == 200, "first version")
    for headers in ([], [("Host", "127.0.0.1")], [("Host", "localhost")]):
        check_may_look_and_click(away, headers, str(headers), system.hit)
        check_may_not_conduct(away, headers, str(headers))
    equal(post(home, [], system.touch_script()).status, 200)
    # Loopback peers may use the public name.
    equal(post(home, [("Host", f"{address}:{port}")], system.touch_script()).status, 200)


@only_in("one")
@with_options(http_options=("--open",))
def case_open_lets_everyone_conduct_but_foreign_pages(system):
    for name, headers in FOREIGN.items():
        is_page = any(header == "Origin" for header, _ in headers) and "rebound" not in name
        answer = post(system.http, headers, system.touch_script())
        equal(answer.status, 403 if is_page else 200, name)


@only_in("one")
@with_options(http_options=("--allow-origin", "https://desk.example", "--allow-origin", "tablet.example"))
def case_allowed_origins_conduct(system):
    for origin, status in (("https://desk.example", 200), ("http://tablet.example:81", 200), ("http://desk.example", 403),
                           ("https://desk.example.evil.example", 403), ("http://evil.example", 403), ("null", 403)):
        equal(post(system.http, [("Origin", origin)], system.touch_script()).status, status, origin)


def case_nothing_that_is_asked_becomes_a_header(system):
    """CR and LF in any spelling, in whatever is told back."""
    ends = ("%0d%0a", "%0D%0A", "%0a", "%E5%98%8A%E5%98%8D", "%u000d%u000a", "\\r\\n", "%250d%250a", "%00%0d%0a")
    for end in ends:
        bad = f"{end}X-Evil:%201{end}{end}<script>"
        for path in (f"/view?{bad}", f"/view/?{bad}", f"/{bad}", f"/scenes/{bad}/version", f"/version?scene={bad}", f"/events?scene={bad}",
                     f"/?width={bad}", f"/view/config.json?scene={bad}"):
            answer = system.http.get(path.replace("<", "%3c"))
            check(answer.header("X-Evil") is None and answer.status < 500, path, answer)
            check(b"<script>" not in answer.body or answer.header("Content-Type") == "text/html; charset=utf-8", path, answer)
        for header in ("Origin", "Host", "If-None-Match", "Last-Event-ID", "Range"):
            answer = system.http.get("/version", (header, f"x{bad}"))
            check(answer.header("X-Evil") is None and answer.status < 500, header, answer)


def case_refused_bodies_are_not_kept(system):
    """A large body of a client that may not post: an answer, and no memory."""
    before_kb = system.https[0].rss_kb()
    with Connection(system.http_port) as connection:
        answer = connection.request("POST", "/", [FORM, ("Origin", "http://evil.example")], b"data=" + b"a" * 8_000_000)
        equal(answer.status, 403)
        equal(connection.request("GET", "/version").status, 200)
    check(system.https[0].rss_kb() - before_kb < 100_000, "memory")


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
