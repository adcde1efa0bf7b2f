#!/usr/bin/env python3
"""What became of a change whose answer did not come in time: it is not begun any more once the asker was told "busy",
and who sends it again (same id, same Idempotency-Key) learns the rest (docs/protocol.md "Calls", docs/jsonrpc.md
"Sessions", docs/http-api.md "Changing the score")."""
import json
import os
import signal

import harness
import zmtp
from harness import check, equal, form, until, with_options
from network import Wire, port_of
from rpcclient import RpcClient, RpcError
from zmtp import GET, HELLO, POST, Peer

CONDUCT = 3
BUSY = 50003
MOVE = "/ITL/scene/probe dx 0.01;"
HOUR_MS = 3_600_000


class Gateway:
    """A raw peer of the calls, which counts its requests."""

    def __init__(self, endpoint):
        self.peer, self.number, self.counter = Peer(endpoint), int.from_bytes(os.urandom(7), "big") + 1, 0
        self.renderer_id = self.call(HELLO)["renderer_id"]

    def call(self, kind, **fields):
        self.counter += 1
        return self.peer.call(gateway_id=self.number, counter=self.counter, kind=kind, role=CONDUCT, **fields)

    def x(self):
        return round(float(self.call(GET, text=b"/ITL/scene/probe x")["text"].split()[-1].rstrip(";")), 6)


def case_a_call_past_its_time_is_not_begun(system):
    gateway = Gateway(system.calls)
    before = gateway.x()
    late = {"text": MOVE.encode(), "renderer_id": gateway.renderer_id, "expires_ms": 1}
    equal(gateway.call(POST, **late)["code"], "busy")
    equal(gateway.x(), before, "nothing was done")
    name = {"gateway_id": gateway.number, "counter": 9000, "kind": POST, "role": CONDUCT}
    equal(gateway.peer.call(**name, **late)["code"], "busy")
    first = gateway.peer.call(**name, **{**late, "expires_ms": HOUR_MS})
    equal(first["code"], "ok", "the same request, in time")
    equal(gateway.peer.call(**name, **late), first, "what was done is told at any time")
    equal(gateway.x(), round(before + 0.01, 6), "once")
    # The age of another process says nothing here.
    equal(gateway.call(POST, **{**late, "renderer_id": gateway.renderer_id + 1})["code"], "ok")
    equal(gateway.x(), round(before + 0.02, 6))


def post(rpc, rpc_id=900):
    rpc.send(json.dumps({"jsonrpc": "2.0", "id": rpc_id, "method": "post", "params": {"data": MOVE}}))
    return rpc.answer_to(rpc_id)


def x_by(rpc):
    """As soon as the renderer answers."""
    def ask():
        try:
            return rpc.call("get", {"address": "/ITL/scene/probe", "params": ["x"]})["messages"][0]["params"]
        except RpcError as error:
            equal(error.code, BUSY)
            return None
    return round(until(ask, "an answer of the renderer")[0], 6)


@with_options(n_http=0, n_ws=1)
def case_a_renderer_that_stood_still_does_not_apply_it_later(system):
    with RpcClient(system.ws_port) as rpc:
        before = x_by(rpc)
        system.renderer.signal(signal.SIGSTOP)
        try:
            equal(post(rpc)["error"]["code"], BUSY)
        finally:
            system.renderer.signal(signal.SIGCONT)
        equal(x_by(rpc), before, "what waited in its socket was not begun")
        again = post(rpc)
        check("result" in again, "tried anew", again)
        equal(post(rpc), again, "then the answer is kept")
        equal(x_by(rpc), round(before + 0.01, 6))


@with_options(n_http=0, n_ws=0)
def case_a_lost_answer_is_told_to_who_asks_again(system):
    direct, way = Gateway(system.calls), Wire(port_of(system.calls))
    system.calls = f"tcp://127.0.0.1:{way.port}"
    system.start_ws()
    try:
        with RpcClient(system.ws_ports[0]) as rpc:
            before = x_by(rpc)
            way.hold_answers(True)
            equal(post(rpc)["error"]["code"], BUSY)
            equal(direct.x(), round(before + 0.01, 6), "it was done")
            way.hold_answers(False)
            again = post(rpc)
            while again.get("error", {}).get("code") == BUSY:  # the way back is being made
                again = post(rpc)
            check("result" in again, again)
            equal(direct.x(), round(before + 0.01, 6), "once")
            equal(post(rpc, 901)["result"]["version"] > again["result"]["version"], True, "another id is another post")
            equal(direct.x(), round(before + 0.02, 6))
    finally:
        way.stop()


@with_options(n_http=2, n_ws=0)
def case_an_idempotency_key_names_a_change_at_any_gateway(system):
    one, other = system.gateways()
    raw = Gateway(system.calls)
    before = raw.x()

    def send(client, key, script=MOVE):
        answer = client.post(script, ("Idempotency-Key", key))
        equal(answer.status, 200, answer.body)
        return int(answer.header("X-Inscore-Version"))

    first = send(one, "a-1")
    equal([send(one, "a-1"), send(other, "a-1")], [first, first])
    equal(raw.x(), round(before + 0.01, 6), "once")
    check(send(other, "a-2") > first, "another key")
    check(send(one, "a-1", MOVE + " ") > first, "another script")
    equal(raw.x(), round(before + 0.03, 6))
    calls = [{"jsonrpc": "2.0", "id": i, "method": "post", "params": {"data": MOVE}} for i in range(2)]
    headers = [("Content-Type", "application/json"), ("Idempotency-Key", "b")]
    answers = [client.request("POST", "/rpc", headers, json.dumps(calls).encode()).json() for client in (one, other)]
    equal(sorted(map(str, answers[0])), sorted(map(str, answers[1])))
    equal(raw.x(), round(before + 0.05, 6), "each call of the batch once")
    check("Idempotency-Key" in one.request("OPTIONS", "/").header("Access-Control-Allow-Headers"))


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), n_http=0)
