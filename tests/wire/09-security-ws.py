#!/usr/bin/env python3
"""Who may post over WebSocket (architecture, section 6): everyone may look and click,
only the host itself may post, unless it is opened."""
import harness
from harness import check, equal, until
from wsclient import WsClient


def connect(system, host="127.0.0.1", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return WsClient(host, system.ws_ports[0], "/", headers=headers)


def is_looking(ws):
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    check(ws.image()[0] >= 0)


def may_click(system, ws):
    x, y = system.hit
    until(lambda: ws.request("click", x=x, y=y)["status"] == "OK", "click")


def may_post(system, ws):
    until(lambda: ws.request("log")["status"] == "OK", "log")
    equal(ws.request("post", data=system.touch_script())["status"], "OK")


def may_not_post(system, ws):
    before = ws.request("version")["version"]
    for method, fields in (("post", {"data": system.touch_script()}), ("log", {})):
        reply = ws.request(method, **fields)
        equal(reply["status"], "ERROR", method)
        check("allowed" in reply["error"], reply)
    equal(ws.request("version")["version"], before)


def looks_and_clicks_only(system, ws):
    with ws:
        is_looking(ws)
        may_click(system, ws)
        may_not_post(system, ws)


def conducts(system, ws):
    with ws:
        is_looking(ws)
        may_click(system, ws)
        may_post(system, ws)


def case_a_local_client_conducts(system):
    conducts(system, connect(system))
    conducts(system, connect(system, Host="localhost:7100"))
    conducts(system, connect(system, Host="[::1]:7100"))


def case_a_page_of_the_same_host_conducts(system):
    conducts(system, connect(system, Origin="http://127.0.0.1:8000"))
    conducts(system, connect(system, Host="localhost:7100", Origin="http://localhost:8000"))


def case_a_page_of_another_origin_looks_and_clicks(system):
    for origin in ("http://evil.example", "https://127.0.0.1.evil.example", "http://localhost.evil.example:8000",
                   "file://", "http://127.0.0.2", "x"):
        looks_and_clicks_only(system, connect(system, Origin=origin))


def case_origin_null_looks_and_clicks(system):
    looks_and_clicks_only(system, connect(system, Origin="null"))


def case_through_a_proxy_one_looks_and_clicks(system):
    looks_and_clicks_only(system, connect(system, X_Forwarded_For="192.0.2.7"))
    looks_and_clicks_only(system, connect(system, Forwarded="for=192.0.2.7"))
    for name in ("X_Forwarded_Host", "X_Forwarded_Proto", "X_Real_IP", "Via"):
        looks_and_clicks_only(system, connect(system, **{name: "192.0.2.7"}))
    looks_and_clicks_only(system, connect(system, X_Real_IP="192.0.2.7"))
    looks_and_clicks_only(system, connect(system, X_Forwarded_For="127.0.0.1"))


def case_a_rebound_host_looks_and_clicks(system):
    looks_and_clicks_only(system, connect(system, Host="rebound.example:7100"))
    looks_and_clicks_only(system, connect(system, Host="rebound.example", Origin="http://rebound.example"))


@harness.with_options(ws_options=["--listen", "0.0.0.0:0"])
def case_a_peer_on_another_address_looks_and_clicks(system):
    address = harness.other_address()
    if address is None:
        print("# no other address here")
        return
    program = system.wss[0]
    port = int(next(line for line in program.seen + wait_lines(program) if "0.0.0.0:" in line).rpartition(":")[2])
    looks_and_clicks_only(system, WsClient(address, port))
    looks_and_clicks_only(system, WsClient(address, port, headers={"Host": "127.0.0.1:7100"}))


def wait_lines(program):
    return [] if any("0.0.0.0:" in line for line in program.seen) else [program.wait_line("listening ws 0.0.0.0")]


@harness.with_options(ws_options=["--public-host", "stand.example"])
def case_the_public_host_conducts(system):
    conducts(system, connect(system, Host="stand.example:7100"))
    conducts(system, connect(system, Host="stand.example", Origin="https://stand.example"))
    looks_and_clicks_only(system, connect(system, Host="other.example"))
    looks_and_clicks_only(system, connect(system, Host="stand.example", Origin="http://evil.example"))


@harness.with_options(ws_options=["--allow-origin", "https://page.example"])
def case_an_allowed_origin_conducts(system):
    conducts(system, connect(system, Origin="https://page.example"))
    looks_and_clicks_only(system, connect(system, Origin="https://other.example"))
    looks_and_clicks_only(system, connect(system, Origin="https://page.example", X_Forwarded_For="192.0.2.7"))


@harness.with_options(ws_options=["--open"])
def case_open_lets_every_peer_post_but_no_foreign_page(system):
    conducts(system, connect(system, X_Forwarded_For="192.0.2.7"))
    conducts(system, connect(system, Host="any.example"))
    looks_and_clicks_only(system, connect(system, Origin="http://evil.example"))


def case_a_message_of_one_who_may_not_post_stays_small(system):
    with connect(system, Origin="null") as ws:
        ws.send_text('{"id": 1, "method": "post", "data": "' + "x" * 100000 + '"}')
        equal(ws.wait_close()[0], 1009)


if __name__ == "__main__":
    harness.main(globals(), ws=True)
