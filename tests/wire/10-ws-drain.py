#!/usr/bin/env python3
"""Stopping, and the renderer going away and coming back (architecture, sections 6 and 7)."""
import time

import harness
from harness import check, equal, until
from wsclient import WsClient


def connect(system, path="/"):
    return WsClient("127.0.0.1", system.ws_port, path)


def ready(system):
    ws = connect(system)
    until(lambda: ws.request("log")["status"] == "OK", "the renderer answers")
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return ws


def case_sigterm_closes_with_1001_spread_over_the_drain_time(system):
    program = system.start_ws("--drain-time", "1s")
    clients = [WsClient("127.0.0.1", system.ws_ports[-1]) for _ in range(20)]
    for client in clients:
        client.sock.settimeout(10)
    start = time.monotonic()
    program.process.terminate()
    ends = []
    for client in clients:
        code, _ = client.wait_close()
        equal(code, 1001)
        ends.append(time.monotonic() - start)
    equal(program.process.wait(10), 0)
    check(max(ends) > 0.4, "not all at once", ends)
    check(not harness.accepts(system.ws_ports[-1]), "nobody listens any more")


def case_sigterm_without_clients_ends_at_once(system):
    program = system.start_ws()
    start = time.monotonic()
    equal(program.stop(), 0)
    check(time.monotonic() - start < 2.0)


def case_a_client_that_does_not_answer_the_close_delays_a_little_only(system):
    program = system.start_ws("--drain-time", "500ms")
    deaf = WsClient("127.0.0.1", system.ws_ports[-1])
    equal(program.stop(), 0)
    deaf.close()


def case_renderer_away_reading_goes_on_and_changes_are_refused(system):
    with ready(system) as ws:
        version, picture = ws.image()
        system.renderer.kill()
        until(lambda: "not available" in ws.request("post", data=system.touch_script()).get("error", ""),
              "posts are refused")
        start = time.monotonic()
        reply = ws.request("post", data=system.touch_script())
        check(time.monotonic() - start < 1.0, "quickly")
        equal(reply["status"], "ERROR")
        x, y = system.hit
        equal(ws.request("click", x=x, y=y)["status"], "ERROR")
        check(ws.image() == (version, picture), "the last picture stays")
        equal(ws.request("version")["version"], version)
        system.start_renderer()
        until(lambda: ws.request("post", data=system.touch_script())["status"] == "OK", "changes are taken again")
        check(ws.image()[0] != version or system.is_fake)


def case_a_gateway_may_start_before_the_renderer(system):
    system.renderer.kill()
    system.start_ws()
    with WsClient("127.0.0.1", system.ws_ports[-1]) as ws:
        equal(ws.request("image")["error"], "Cannot create score image")
        equal(ws.request("version")["status"], "ERROR")
        equal(ws.request("post", data="x")["status"], "ERROR")
        system.start_renderer()
        until(lambda: ws.request("image")["status"] == "OK", "the picture comes")


if __name__ == "__main__":
    harness.main(globals(), ws=True)
