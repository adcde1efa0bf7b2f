#!/usr/bin/env python3
"""Which pages may open a JSON-RPC door: rule 8.1 of the session protocol for /rpc and
/sockjs (without ports, architecture section 6), and not for /."""
import json

import harness
import sockjs
from harness import HttpClient, check, equal, until
from wsclient import Refused, WsClient

DOORS = ("/rpc", "/sockjs/websocket", "/sockjs/0/page/websocket")
FOREIGN = ("http://evil.example", "https://127.0.0.1.evil.example", "http://localhost", "null", "127.0.0.1", "http://",
           "file://", "http://127.0.0.1@evil.example", "http://evil.example/127.0.0.1")


def upgrade(system, path, **headers):
    """Status of an upgrade."""
    try:
        WsClient("127.0.0.1", system.ws_port, path, headers=headers).close()
        return 101
    except Refused as refused:
        return refused.status


def requests(system, origin):
    """Statuses of the doors that are plain HTTP."""
    headers = () if origin is None else (("Origin", origin),)
    at = HttpClient(system.ws_port)
    name = sockjs.Session(system.ws_port, headers=headers, open_it=False).path
    return [at.get("/sockjs/info", *headers).status, at.get("/sockjs", *headers).status,
            at.request("OPTIONS", name + "/xhr", headers).status, at.request("POST", name + "/xhr", headers, b"").status,
            at.request("POST", name + "/xhr_send", headers, b'["{}"]').status]


def is_let_in(system, origin):
    headers = {} if origin is None else {"Origin": origin}
    for path in DOORS:
        equal(upgrade(system, path, **headers), 101, f"{path} for {origin}")
    equal(requests(system, origin), [200, 200, 204, 200, 204], origin)
    sockjs.end_all()


def is_kept_out(system, origin):
    for path in DOORS:
        equal(upgrade(system, path, Origin=origin), 403, f"{path} for {origin}")
    equal(requests(system, origin), [403] * 5, origin)


def case_1_who_has_no_origin_comes_in(system):
    is_let_in(system, None)


def case_2_pages_of_the_own_host_come_in(system):
    for origin in ("http://127.0.0.1:8000", "https://127.0.0.1", f"http://127.0.0.1:{system.ws_port}/"):
        is_let_in(system, origin)


@harness.with_options(ws_options=["--allow-origin", "*"])
def case_3_a_star_lets_everybody_in(system):
    for origin in ("http://evil.example", "null"):
        is_let_in(system, origin)


@harness.with_options(ws_options=["--allow-origin", "https://page.example", "--allow-origin", "http://other.example:8080/"])
def case_4_listed_pages_come_in(system):
    for origin in ("https://page.example", "https://PAGE.example", "https://page.example/", "http://other.example:8080"):
        is_let_in(system, origin)
    for origin in ("http://page.example", "https://page.example:444", "http://other.example", "https://a.page.example"):
        is_kept_out(system, origin)


def case_5_all_others_are_kept_out_with_a_hint(system):
    for origin in FOREIGN:
        is_kept_out(system, origin)
    log = system.wss[0].log_text()
    line = next(line for line in log.split("\n") if "origin_refused" in line)
    check("--allow-origin" in line and "hint=" in line, line)


def case_the_first_door_lets_foreign_pages_look_and_click(system):
    for origin in ("http://evil.example", "null"):
        with WsClient("127.0.0.1", system.ws_port, "/", headers={"Origin": origin}) as ws:
            until(lambda at=ws: at.request("version")["status"] == "OK", "first version")
            equal(ws.request("post", data=system.touch_script())["status"], "ERROR", origin)
            x, y = system.hit
            until(lambda at=ws: at.request("click", x=x, y=y)["status"] == "OK", "click")


def case_a_page_behind_a_rebound_name_does_not_conduct(system):
    """Its origin is the host that it names, so it comes in; but no more."""
    with WsClient("127.0.0.1", system.ws_port, "/sockjs/websocket",
                  headers={"Host": "evil.example:7100", "Origin": "http://evil.example:7100"}) as ws:
        ws.send_text(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "post", "data": system.touch_script(),
                                 "params": {"data": system.touch_script()}}))
        while str((message := ws.recv_json()).get("id")) != "1":
            pass
        check(message.get("status") == "ERROR" or message["error"]["code"] == 40003, message)


harness.main(globals(), ws=True, renderers=("real",))
