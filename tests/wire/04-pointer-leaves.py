#!/usr/bin/env python3
"""What a client's pointer was over is left when the client is gone: a session that ends, a connection of the INScore
dialect that closes; not when a session only loses its connection (docs/jsonrpc.md, web API reference 3.6)."""
import signal

import harness
from harness import equal, until, with_options
from redis import Redis
from rpcclient import RpcClient
from wsclient import WsClient

SCORE = ("/ITL/scene/probe set rect 0.5 0.5;\n/ITL/scene/entered set rect 0 0;\n/ITL/scene/left set rect 0 0;\n"
         "/ITL/scene/entered x 0;\n/ITL/scene/left x 0;\n"
         "/ITL/scene/probe watch mouseEnter (/ITL/scene/entered dx 1);\n"
         "/ITL/scene/probe watch mouseLeave (/ITL/scene/left dx 1);\n")
SHORT = ["--session-timeout", "300ms"]


class Counts:
    """How often something was entered and left, since this was made."""

    def __init__(self, system, port=None):
        self.rpc = RpcClient(port or system.ws_port)
        self.base = (0, 0)
        self.base = self.now()

    def _x(self, name):
        messages = self.rpc.call("get", {"address": f"/ITL/scene/{name}", "params": ["x"]})["messages"]
        return round(messages[0]["params"][0])

    def now(self):
        return self._x("entered") - self.base[0], self._x("left") - self.base[1]

    def become(self, entered, left):
        until(lambda: self.now() == (entered, left), f"entered {entered}, left {left}")


def hover(system, rpc, point=None):
    x, y = point or system.hit
    return rpc.call("hover", {"x": x, "y": y})


def case_closing_a_session_leaves(system):
    counts = Counts(system)
    with RpcClient(system.ws_port) as rpc:
        hover(system, rpc)
        hover(system, rpc)
        equal(counts.now(), (1, 0))
        rpc.call("closeSession")
        counts.become(1, 1)


def case_an_expired_session_leaves_once(system):
    counts = Counts(system)
    rpc = RpcClient(system.ws_port)
    hover(system, rpc)
    rpc.drop()
    counts.become(1, 1)
    equal(counts.now(), (1, 1))


@with_options(n_http=0, n_ws=1, ws_options=["--session-timeout", "60s"])
def case_a_lost_connection_leaves_nothing(system):
    counts = Counts(system)
    rpc = RpcClient(system.ws_port)
    rpc.connect()
    hover(system, rpc)
    rpc.drop()
    with RpcClient(system.ws_port) as again:
        again.connect(sessionId=rpc.session)
        hover(system, again)
        equal(counts.now(), (1, 0), "the same pointer")
        again.call("closeSession")
        counts.become(1, 1)


def case_two_sessions_have_two_pointers(system):
    counts = Counts(system)
    with RpcClient(system.ws_port) as one, RpcClient(system.ws_port) as other:
        hover(system, one)
        hover(system, other)
        equal(counts.now(), (2, 0))
        one.call("closeSession")
        counts.become(2, 1)
        other.call("closeSession")
        counts.become(2, 2)


def case_an_inscore_client_that_closes_leaves(system):
    counts = Counts(system)
    x, y = system.hit
    with WsClient("127.0.0.1", system.ws_port) as client:
        equal(client.request("hover", x=x, y=y)["status"], "OK")
        equal(counts.now(), (1, 0))
    counts.become(1, 1)


def case_one_that_turned_to_json_rpc_leaves_both(system):
    counts = Counts(system)
    x, y = system.hit
    with RpcClient(system.ws_port, path="/") as client:
        client.send_json({"id": "7", "method": "hover", "x": x, "y": y})
        until(lambda: counts.now() == (1, 0), "entered")
        client.recv_message()
        hover(system, client)
        equal(counts.now(), (2, 0))
        client.call("closeSession")
        counts.become(2, 2)


@with_options(n_http=0, n_ws=2, ws_options=["--session-timeout", "60s", "--drain-time", "100ms"])
def case_a_gateway_that_stops_leaves(system):
    counts = Counts(system, system.ws_ports[1])
    here, away = RpcClient(system.ws_ports[0]), RpcClient(system.ws_ports[0])
    hover(system, here)
    hover(system, away)
    away.drop()
    system.wss[0].signal(signal.SIGTERM)
    counts.become(2, 2)
    here.drop()


@with_options(n_http=0, n_ws=0)
def case_a_session_takes_its_pointer_to_another_gateway(system):
    store = Redis(system)
    for _ in range(2):
        system.start_ws("--session-store", store.url, "--session-timeout", "60s")
    counts = Counts(system, system.ws_ports[1])
    rpc = RpcClient(system.ws_ports[0])
    rpc.connect()
    hover(system, rpc)
    with RpcClient(system.ws_ports[1]) as again:
        again.connect(sessionId=rpc.session)
        hover(system, again)
        equal(counts.now(), (1, 0), "the same pointer")
        again.call("closeSession")
        counts.become(1, 1)
    rpc.drop()


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), n_http=0, n_ws=1, ws_options=SHORT, score=SCORE)
