#!/usr/bin/env python3
"""Ports that the score asks for by websocket objects (web API reference, 1.2)."""
import importlib.util
import os
import socket

import harness
from harness import check, equal, until
from wsclient import Refused, WsClient


def load_osc():
    """The OSC peer of another test."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "03-post-osc.py")
    spec = importlib.util.spec_from_file_location("osc", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OSC = load_osc()


def connect(system, port=None, path="/"):
    return WsClient("127.0.0.1", port or system.ws_port, path)


def ready(system):
    ws = connect(system)
    until(lambda: ws.request("log")["status"] == "OK", "the renderer answers")
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return ws


def has_port(port):
    """Is somebody listening who speaks WebSocket?"""
    try:
        WsClient("127.0.0.1", port).close()
        return True
    except (OSError, Refused):
        return False


def set_server(ws, name, port, period=50):
    return ws.request("post", data=f"/ITL/scene/{name} set websocket {port} {period};")


def log_has(ws, text):
    return text in ws.request("log")["log"]


def case_a_port_opens_moves_and_closes(system):
    first, second = harness.free_port(), harness.free_port()
    with ready(system) as ws:
        equal(set_server(ws, "one", first)["status"], "OK")
        until(lambda: has_port(first), "the port opens")
        with connect(system, first) as client:
            until(lambda: client.request("version")["status"] == "OK", "it serves")
            equal(set_server(ws, "one", second)["status"], "OK")
            until(lambda: has_port(second), "the port moves")
            until(lambda: not has_port(first), "the old one closes")
            check(client.wait_close()[0] in (1001, 1000), "its clients are told")
        equal(ws.request("post", data="/ITL/scene/one del;")["status"], "OK")
        until(lambda: not has_port(second), "the port closes")
        equal(ws.request("version")["status"], "OK")


def case_the_same_values_again_change_nothing(system):
    port = harness.free_port()
    with ready(system) as ws:
        set_server(ws, "same", port)
        until(lambda: has_port(port), "the port opens")
        with connect(system, port) as client:
            set_server(ws, "same", port)
            ws.request("post", data=system.touch_script())
            client.next_notification()
            equal(client.request("version")["status"], "OK")
        ws.request("post", data="/ITL/scene/same del;")
        until(lambda: not has_port(port), "closed")


def case_a_post_through_the_server_that_it_deletes_is_answered(system):
    port = harness.free_port()
    with ready(system) as ws:
        set_server(ws, "self", port)
        until(lambda: has_port(port), "the port opens")
        with connect(system, port) as client:
            reply = client.request("post", data="/ITL/scene/self del;")
            equal(reply["status"], "OK")
            check(client.wait_close()[0] in (1001, 1000))
        until(lambda: not has_port(port), "closed")


def case_deleting_everything_answers_first_too(system):
    port = harness.free_port()
    with ready(system) as ws:
        set_server(ws, "self", port)
        until(lambda: has_port(port), "the port opens")
        with connect(system, port) as client:
            equal(client.request("post", data="/ITL/scene/* del;")["status"], "OK")
            check(client.wait_close()[0] in (1001, 1000))
        until(lambda: not has_port(port), "closed")
        equal(ws.request("post", data="/ITL/scene/probe set rect 0.5 0.5;")["status"], "OK")


@harness.only_in("one")
@harness.with_options(n_http=1)
def case_a_renderer_whose_score_has_servers_ends_in_good_order(system):
    with ready(system) as ws:
        port = harness.free_port()
        set_server(ws, "one", port)
        ws.request("post", data=f"/ITL/scene/two set httpd {harness.free_port()};")
        until(lambda: has_port(port), "the port opens")
        equal(system.renderer.stop(), 0, system.renderer.log_text())


@harness.only_in("one")
def case_a_gateway_that_stops_leaves_shared_ports_to_the_others(system):
    port = harness.free_port()
    with ready(system) as ws:
        leaving = system.start_ws("--drain-time", "2s")
        with connect(system, system.ws_ports[-1]) as other:
            until(lambda: other.request("version")["status"] == "OK", "it follows the score")
        set_server(ws, "shared", port)
        until(lambda: has_port(port), "the port opens")
        n_fds, clients = leaving.n_fds(), []
        until(lambda: clients.append(connect(system, port)) or leaving.n_fds() >= n_fds + 10, "ten clients of each")
        leaving.process.terminate()
        until(lambda: not harness.accepts(system.ws_ports[-1]), "it listens no more")
        while leaving.is_running():  # its clients go one after the other, which it would report
            check(has_port(port), "refused: the gateway that stops listens again")
        check(not log_has(ws, f"Cannot create web socket server on port {port}"), "it calls that a failure")
        ws.request("post", data="/ITL/scene/shared del;")
        for client in clients:
            client.close()


def case_a_taken_port_is_a_documented_failure(system):
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with ready(system) as ws:
            set_server(ws, "bad", port)
            until(lambda: log_has(ws, f"Cannot create web socket server on port {port}"), "the error is in the log")
            equal(ws.request("version")["status"], "OK")
            ws.request("post", data="/ITL/scene/bad del;")


def case_the_default_port_is_never_shared(system):
    with ready(system) as ws:
        set_server(ws, "thief", system.ws_ports[0])
        port = system.ws_ports[0]
        until(lambda: log_has(ws, f"Cannot create web socket server on port {port}"), "the error is in the log")
        for _ in range(10):
            with connect(system) as other:
                equal(other.request("log")["status"], "OK")
        ws.request("post", data="/ITL/scene/thief del;")
        with connect(system) as other:
            equal(other.request("version")["status"], "OK")


def case_its_period_is_its_own(system):
    port = harness.free_port()
    with ready(system) as ws:
        set_server(ws, "slow", port, 500)
        until(lambda: has_port(port), "the port opens")
        with connect(system, port) as slow:
            slow.request("version")
            for _ in range(30):
                ws.request("post", data=system.touch_script())
            version = ws.request("version")["version"]
            check(len(slow.wait_notification(version)) <= 3, "two periods at most")
        ws.request("post", data="/ITL/scene/slow del;")


def case_the_renderer_comes_back_and_the_port_stays(system):
    port = harness.free_port()
    with ready(system) as ws:
        set_server(ws, "stay", port)
        until(lambda: has_port(port), "the port opens")
        system.renderer.kill()
        with connect(system, port) as client:
            system.start_renderer()
            until(lambda: client.request("log")["status"] == "OK", "the renderer answers")
            equal(client.request("post", data=system.touch_script())["status"], "OK")
        ws.request("post", data="/ITL/scene/stay del;")
        until(lambda: not has_port(port), "closed")


def asked(peer, address, what, n_values):
    """The last values of the reply to `get what`."""
    peer.send(address, "get", what)
    reply = peer.heard()
    while reply is not None and (reply[0] != address or what not in reply[1:]):
        reply = peer.heard()
    return None if reply is None else reply[-n_values:]


@harness.with_options(n_ws=3, renderer_options=["--osc-port", str(OSC.OSC_PORT)])
def case_status_and_clients_are_those_of_all_gateways(system):
    port = harness.free_port()
    address = "/ITL/scene/count"
    with ready(system) as ws, OSC.Peer(system) as peer:
        set_server(ws, "count", port)
        until(lambda: has_port(port), "the port opens")
        until(lambda: asked(peer, address, "status", 1) == ["running"], "running")
        clients = [connect(system, port) for _ in range(12)]
        until(lambda: asked(peer, address, "clients", 1) == [12], "12 clients over three gateways")
        for client in clients:
            client.close()
        until(lambda: asked(peer, address, "clients", 1) == [0], "no client")
        with socket.socket() as taken:
            taken.bind(("0.0.0.0", 0))
            taken.listen()
            set_server(ws, "count", taken.getsockname()[1])
            until(lambda: asked(peer, address, "status", 1) == ["stopped"], "stopped")
        ws.request("post", data="/ITL/scene/count del;")


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"), renderers=("real",), ws=True)
