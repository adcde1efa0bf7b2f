#!/usr/bin/env python3
"""Tokens (--auth): every door gives the same role to the same token, and none to a
token that nobody made (docs/security.md)."""
import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile

import harness
import sockjs
from harness import FORM, HttpClient, check, equal, form, until
from wsclient import Closed, Refused, WsClient

FOLDER = tempfile.mkdtemp(prefix="leggio-auth-")
atexit.register(shutil.rmtree, FOLDER, True)
FILE = os.path.join(FOLDER, "auth")
ROLES = ("view", "play", "conduct")


def make_token(role, *more):
    """(token, line of the file)"""
    done = subprocess.run([harness.tool("leggio-keys"), "token", "--role", role, *more], capture_output=True, text=True,
                          check=True)
    return done.stderr.strip(), done.stdout


def write(lines, path=FILE, mode=0o600):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
    os.chmod(path, mode)


TOKENS = {role: make_token(role, "--label", f"the {role} desk") for role in ROLES}
STRANGER = make_token("conduct")[0]  # its line is in no file
LINES = [line for _, line in TOKENS.values()]
write(LINES)
OPTIONS = {"http_options": ("--auth", FILE), "ws_options": ("--auth", FILE)}


def bearer(token):
    return ("Authorization", f"Bearer {token}")


def ways(token, *headers):
    """The two ways of HTTP to show a token: (name, query, headers)."""
    return (("header", "", (bearer(token), *headers)), ("query", f"?token={token}", headers))


def http_can(system, role, name, query, headers):
    """The role's rights over HTTP and nothing more."""
    client = system.http
    level = ROLES.index(role)
    for path in ("/", "/version", "/view/", "/scenes/scene/version"):
        equal(client.get(path + query, *headers).status, 200, f"{name} {path}")
    equal(client.get("/view/config.json" + query, *headers).json()["role"], role, name)
    touched = client.request("POST", "/click" + query, [FORM, *headers], form(x=system.hit[0], y=system.hit[1]))
    posted = client.request("POST", "/" + query, [FORM, *headers], form(data=system.touch_script()))
    read = client.get("/log" + query, *headers)
    refused = 403 if "lgt_" in f"{query}{headers}" else 401
    equal(touched.status, 200 if level >= 1 else refused, f"{name} click")
    equal(posted.status, 200 if level >= 2 else refused, f"{name} post")
    equal(read.status, 200 if level >= 2 else refused, f"{name} log")
    if level < 2:
        check(posted.json()["error"], posted)
        equal(posted.header("WWW-Authenticate") is not None, refused == 401, name)


def ws_can(system, role, name, path="/", headers=None, host="127.0.0.1"):
    level = ROLES.index(role)
    with WsClient(host, system.ws_ports[0], path, headers=headers or {}) as ws:
        until(lambda: ws.request("version")["status"] == "OK", "first version")
        check(ws.image()[0] >= 0)
        x, y = system.hit
        equal(ws.request("click", x=x, y=y)["status"], "OK" if level >= 1 else "ERROR", f"{name} click")
        for method, fields in (("post", {"data": system.touch_script()}), ("log", {})):
            equal(ws.request(method, **fields)["status"], "OK" if level >= 2 else "ERROR", f"{name} {method}")


def case_each_token_has_its_role_at_every_door(system):
    for role, (token, _) in TOKENS.items():
        for way, query, headers in ways(token):
            http_can(system, role, f"{role} by {way}", query, headers)
        ws_can(system, role, f"{role} by header", headers=dict([bearer(token)]))
        ws_can(system, role, f"{role} by query", f"/?token={token}")
        ws_can(system, role, f"{role} by query", f"/scenes/scene?x=1&token={token}")


def case_without_a_token_one_looks_also_on_this_machine(system):
    http_can(system, "view", "no token", "", ())
    http_can(system, "view", "Basic of a proxy", "", (("Authorization", "Basic eDp5"),))
    http_can(system, "view", "an empty one", "?token=", ())
    ws_can(system, "view", "no token")


def case_an_unknown_token_is_refused_everywhere(system):
    real = TOKENS["conduct"][0]
    for token in (STRANGER, "x", real[:-1], real + "A", real.swapcase(), real[4:], "a" * 800, "%00", real + "%00"):
        for way, query, headers in ways(token):
            for path in ("/", "/version", "/view/", "/events", "/log", "/no/such/file"):
                answer = system.http.get(path + query, *headers)
                equal(answer.status, 401, f"{way} {token[:60]} {path}")
                check("invalid_token" in answer.header("WWW-Authenticate"), answer)
            answer = system.http.request("POST", "/" + query, [FORM, *headers], form(data=system.touch_script()))
            equal(answer.status, 401, f"{way} {token[:60]} post")
            if "%" in token:
                continue  # the library drops such requests itself
            try:
                WsClient("127.0.0.1", system.ws_ports[0], "/" + query, headers=dict(headers)).close()
                check(False, "upgraded with", token[:60], "by", way)
            except Refused as refusal:
                equal(refusal.status, 401, f"{way} {token[:60]}")
    equal(system.http.request("OPTIONS", f"/?token={STRANGER}").status, 204)


def case_foreign_pages_never_conduct_whatever_they_show(system):
    token = TOKENS["conduct"][0]
    for origin in ("http://evil.example", "null", "", "file://", "https://127.0.0.1.evil.example"):
        for way, query, headers in ways(token, ("Origin", origin)):
            http_can(system, "play", f"{origin} {way}", query, headers)
        if origin:  # the library tells an empty one as none; no browser sends it
            ws_can(system, "play", origin, f"/?token={token}", {"Origin": origin})
    for way, query, headers in ways(token, ("Origin", "http://127.0.0.1:1"), ("X-Forwarded-For", "192.0.2.1")):
        http_can(system, "conduct", f"own page through a proxy, {way}", query, headers)
    for way, query, headers in ways(token, ("Host", "rebound.example"), ("Origin", "http://127.0.0.1")):
        http_can(system, "play", f"rebound name, {way}", query, headers)


def case_a_token_counts_from_afar_and_through_proxies(system):
    token = TOKENS["conduct"][0]
    for headers in ((("X-Forwarded-For", "192.0.2.7"),), (("Host", "stage.example"),),
                    (("Forwarded", "for=192.0.2.7"), ("Host", "stage.example"))):
        for way, query, all_headers in ways(token, *headers):
            http_can(system, "conduct", f"{headers} {way}", query, all_headers)
        ws_can(system, "conduct", headers, f"/?token={token}", dict(headers))


def case_events_take_the_token_of_the_query(system):
    with harness.Connection(system.http_port) as connection:
        connection.send(f"GET /events?token={TOKENS['view'][0]} HTTP/1.1\r\nHost: {connection.name}\r\n\r\n")
        equal(connection.read_head().status, 200)
        check(b"retry" in connection.read_chunk())


def case_large_bodies_of_those_who_may_not_post_are_not_kept(system):
    before_kb = system.https[0].rss_kb()
    body = b"data=" + b"a" * 8_000_000
    for headers in ((), (bearer(TOKENS["view"][0]),), (bearer(STRANGER),)):
        equal(system.http.request("POST", "/", [FORM, *headers], body).status,
              403 if headers and headers[0] == bearer(TOKENS["view"][0]) else 401)
    equal(system.http.request("POST", "/click", [FORM, bearer(TOKENS["play"][0])], body[:500_000]).status, 413)
    check(system.https[0].rss_kb() - before_kb < 100_000, "memory")


def case_tokens_never_show_in_logs(system):
    for token in (TOKENS["conduct"][0], STRANGER):
        for _, query, headers in ways(token):
            system.http.get("/version" + query, *headers)
    text = "".join(program.log_text() for program in system.programs)
    check("bad_token" in text, "the refusal is in the log")
    check("lgt_" not in text, "a token is in the log")


def rpc(ws, method, **params):
    """Result, or the code of the error."""
    ws.next_id += 1
    ws.send_json({"jsonrpc": "2.0", "id": ws.next_id, "method": method, "params": params})
    while True:
        message = ws.recv_json()
        if message.get("id") == ws.next_id:
            return message["result"] if "result" in message else message["error"]["code"]


def rpc_by_http(system, method, query="", headers=(), **params):
    """Result, the code of the error, or the status when it is no 200."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    answer = system.http.request("POST", "/rpc" + query, [("Content-Type", "application/json"), *headers], body)
    if answer.status != 200:
        return answer.status
    return answer.json().get("result") or answer.json()["error"]["code"]


def case_json_rpc_over_http_takes_tokens(system):
    x, y = system.hit
    calls = (("version", 0, {}), ("click", 1, {"x": x, "y": y}), ("post", 2, {"data": "/ITL/scene/probe x 0.1;"}), ("log", 2, {}))

    def can(role, name, query, headers):
        for method, least, params in calls:
            got = rpc_by_http(system, method, query, headers, **params)
            may = ROLES.index(role) >= least
            check((got == 40003) != may and got not in (401, 403), f"{name} {method}: {got}")

    for role, (token, _) in TOKENS.items():
        for way, query, headers in ways(token):
            can(role, f"{role} by {way}", query, headers)
    can("view", "no token", "", ())
    for way, query, headers in ways(STRANGER):
        equal(rpc_by_http(system, "version", query, headers), 401, way)
    token = TOKENS["conduct"][0]
    for origin in ("http://evil.example", "null"):
        for way, query, headers in ways(token, ("Origin", origin)):
            can("play", f"{origin} by {way}", query, headers)
    # A form of a foreign page can send no JSON type, but a text that is JSON: it counts as any other page.
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "post", "params": {"data": "/ITL/scene/probe x 0.2;"}, "x": "="}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = system.http.request("POST", "/rpc", [("Content-Type", kind), ("Origin", "http://evil.example")], body)
        check(answer.status != 200 or answer.json()["error"]["code"] == 40003, kind, answer)


def rpc_can(system, ws, role, name):
    level = ROLES.index(role)
    x, y = system.hit
    check(isinstance(rpc(ws, "version"), dict), f"{name} version")
    for method, least, params in (("click", 1, {"x": x, "y": y}), ("post", 2, {"data": system.touch_script()}), ("log", 2, {})):
        got = rpc(ws, method, **params)
        equal(got if isinstance(got, int) else 0, 0 if level >= least else 40003, f"{name} {method}")


def case_json_rpc_takes_tokens_at_the_door_and_at_connect(system):
    port = system.ws_ports[0]
    for role, (token, _) in TOKENS.items():
        for path, headers in (("/rpc", dict([bearer(token)])), (f"/rpc?token={token}", {})):
            with WsClient("127.0.0.1", port, path, headers=headers) as ws:
                until(lambda at=ws: isinstance(rpc(at, "version"), dict), "first version")
                rpc_can(system, ws, role, f"{role} at the door")
                equal(rpc(ws, "connect")["role"], role)
        with WsClient("127.0.0.1", port, "/rpc") as ws:
            rpc_can(system, ws, "view", "before connect")
            equal(rpc(ws, "connect", token=STRANGER), 40003, "unknown")
            rpc_can(system, ws, "view", "after an unknown token")
            equal(rpc(ws, "connect", token=token)["role"], role)
            rpc_can(system, ws, role, f"{role} by connect")
    # A page of a foreign origin: not at /rpc, and on / no more than play whatever it shows.
    token = TOKENS["conduct"][0]
    for origin in ("http://evil.example", "null"):
        try:
            WsClient("127.0.0.1", port, f"/rpc?token={token}", headers={"Origin": origin}).close()
            check(False, "upgraded", origin)
        except Refused as refusal:
            equal(refusal.status, 403, origin)
        with WsClient("127.0.0.1", port, "/", headers={"Origin": origin}) as ws:
            equal(rpc(ws, "connect", token=token)["role"], "play", origin)
            rpc_can(system, ws, "play", origin)


def case_a_session_gives_nobody_anothers_role(system):
    port = system.ws_ports[0]
    with WsClient("127.0.0.1", port, f"/rpc?token={TOKENS['conduct'][0]}") as ws:
        session = rpc(ws, "connect")["sessionId"]
    with WsClient("127.0.0.1", port, "/rpc") as ws:
        taken = rpc(ws, "connect", sessionId=session)
        check(taken == 40007 or taken["role"] == "view", taken)
        rpc_can(system, ws, "view", "the conductor's session in a viewer's hands")


def case_sockjs_takes_tokens_at_the_door_and_at_connect(system):
    port = system.ws_ports[0]
    for role, (token, _) in TOKENS.items():
        may = role == "conduct"
        for session in (sockjs.Session(port, headers=[bearer(token)]), sockjs.Session(port)):
            until(lambda at=session: "result" in at.ask(1), "first version")
            equal(session.ask(2, "connect", token=token)["result"]["role"], role)
            equal("result" in session.ask(3, "post", data=system.touch_script()), may, role)
    # Nobody does more by the name of a session than who opened it; foreign pages do not come in.
    mine = sockjs.Session(port, headers=[bearer(TOKENS["conduct"][0])])
    mine.headers = ()
    equal(mine.post("xhr_send", b'["{}"]').status, 403)
    mine.headers = (bearer(TOKENS["conduct"][0]),)
    sockjs.end_all()
    refused = sockjs.Session(port, headers=[("Origin", "http://evil.example")], open_it=False)
    equal(refused.post("xhr").status, 403)
    for way, query, headers in ways(STRANGER):
        unknown = sockjs.Session(port, headers=headers, open_it=False)
        equal(unknown.post("xhr" + query).status, 401, way)
    sockjs.sessions.clear()


def reload(program, word):
    """SIGHUP, and the line in the log that answers it."""
    before = program.log_text().count(f"auth {word}")
    program.signal(signal.SIGHUP)
    until(lambda: program.log_text().count(f"auth {word}") > before, f"auth {word}")


@harness.with_options(http_options=("--auth", FILE + "2", "--admin", "127.0.0.1:0"),
                      ws_options=("--auth", FILE + "2", "--log-level", "debug"))
def case_the_file_is_read_again_on_sighup(system):
    (old, old_line), (new, new_line) = TOKENS["conduct"], make_token("conduct", "--label", "new")
    gateways = (system.https[0], system.wss[0])
    clients = {name: WsClient("127.0.0.1", system.ws_ports[0], f"/?token={token}")
               for name, token in (("old", old), ("view", TOKENS["view"][0]))}
    clients["rpc"] = WsClient("127.0.0.1", system.ws_ports[0], "/rpc")
    equal(rpc(clients["rpc"], "connect", token=old)["role"], "conduct")
    write([new_line, TOKENS["view"][1]], FILE + "2")
    for program in gateways:
        reload(program, "reloaded")
    http_can(system, "conduct", "new", "", (bearer(new),))
    equal(system.http.get("/version", bearer(old)).status, 401)
    # Who came by a token that is gone is gone too; the others stay.
    equal(clients["old"].wait_close()[0], 1008)
    equal(clients["rpc"].wait_close()[0], 1008)
    equal(clients["view"].request("version")["status"], "OK")
    clients["view"].close()
    # A bad file changes nothing and is told with its line, without what stands there.
    write([new_line, "# fine\n", f"conduct {old}\n"], FILE + "2")
    for program in gateways:
        reload(program, "not_reloaded")
        check("line 3" in program.log_text() and old not in program.log_text(), program.log_text())
    equal(system.http.get("/version", bearer(new)).status, 200)
    equal(system.http.get("/version", bearer(old)).status, 401)
    os.unlink(FILE + "2")
    for program in gateways:
        reload(program, "not_reloaded")
    equal(system.http.get("/version", bearer(new)).status, 200)
    # Open files are warned of.
    write([old_line, "anonymous play\n"], FILE + "2", 0o666)
    for program in gateways:
        reload(program, "reloaded")
        check("file_mode" in program.log_text(), program.log_text())
    http_can(system, "play", "anonymous play", "", ())
    write(LINES, FILE + "2")


write(LINES, FILE + "2")


def case_bad_files_end_the_start_with_one_line(system):
    write(["conduct nonsense\n"], FILE + "3")
    for name in ("leggio-http", "leggio-ws"):
        for options, word in ((("--auth", FILE + "3"), "line 1"), (("--auth", FILE + "4"), "No such file"),
                              (("--auth", FILE, "--open"), "--open")):
            done = subprocess.run([harness.tool(name), "--listen", "127.0.0.1:0", *options], capture_output=True, text=True,
                                  timeout=harness.LIMIT_S, check=False)
            equal(done.returncode, 2, f"{name} {options}")
            check(word in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr)


if __name__ == "__main__":
    harness.main(globals(), n_ws=1, **OPTIONS)
