#!/usr/bin/env python3
"""A server that asks its clients (common/jsonrpc in tests/fake/rpc_asker.c; leggio-ws asks nobody): scenario 17 of the
reference jsonrpc-session-protocol, chapter 20, with raw sockets and with libleggio-client."""
import contextlib

import client_probe
import harness
from client_probe import Probe
from harness import Program, check, equal, until
from network import Wire
from rpcclient import RpcClient

NO_ANSWER = -7  # LG_EBUSY


@contextlib.contextmanager
def asker(request_ms=10000, session_ms=10000, port=0):
    program = Program([harness.tool("rpc-asker"), str(port), str(request_ms), str(session_ms)])
    try:
        yield program, int(program.wait_line("listening ws").rpartition(":")[2])
    finally:
        status = program.stop()
        check(status == 0 and "Sanitizer" not in program.log_text(), status, program.log_text())


def next_request(rpc):
    """The next thing that the server asks."""
    return rpc._wait(lambda: rpc.requests.pop(0) if rpc.requests else None, None)


def answer(rpc, request, result):
    rpc.send({"jsonrpc": "2.0", "id": request["id"], "result": result})


def case_scenario_17_two_requests_have_different_ids():
    with asker() as (_, port), RpcClient(port) as rpc:
        asked = [rpc.start("ask", {"method": "add", "params": [1, n]}) for n in (1, 2)]
        requests = [next_request(rpc), next_request(rpc)]
        check(requests[0]["id"] != requests[1]["id"], requests)
        equal([(one["method"], one["params"]) for one in requests], [("add", [1, 1]), ("add", [1, 2])])
        for request in reversed(requests):  # in any order
            answer(rpc, request, sum(request["params"]))
        for asked_id, result in zip(asked, (2, 3)):
            got = rpc.answer_to(asked_id)["result"]
            equal((got["code"], got["result"]), (0, result))


def case_scenario_17_also_across_a_reconnection():
    with asker() as (_, port):
        rpc = RpcClient(port)
        rpc.connect()
        first_ask = rpc.start("ask", {"method": "add", "params": [1]})
        first = next_request(rpc)
        rpc.drop()
        with RpcClient(port) as again:
            again.rpc_id = 100
            again.connect(sessionId=rpc.session)
            second_ask = again.start("ask", {"method": "add", "params": [2]})
            second = next_request(again)
            check(first["id"] != second["id"], first, second)
            answer(again, second, "b")
            answer(again, first, "a")  # asked over the connection before
            equal(again.answer_to(second_ask)["result"]["result"], "b")
            equal(again.answer_to(first_ask)["result"]["result"], "a")


def case_ids_of_another_process_are_others():
    """Clients answer a known id from memory for some seconds."""
    ids = []
    for _ in range(3):
        with asker() as (_, port), RpcClient(port) as rpc:
            rpc.start("ask", {"method": "add"})
            ids.append(next_request(rpc)["id"])
    equal(len(set(ids)), 3, ids)


def case_errors_silence_and_nonsense():
    with asker(request_ms=300) as (_, port), RpcClient(port) as rpc:
        asked = rpc.start("ask", {"method": "x"})
        rpc.send({"jsonrpc": "2.0", "id": next_request(rpc)["id"], "error": {"code": 7, "message": "no such thing"}})
        got = rpc.answer_to(asked)["result"]
        equal((got["code"], got["message"], got["result"]), (7, "no such thing", None))
        asked = rpc.start("ask", {"method": "x"})
        request = next_request(rpc)
        for wrong in (str(request["id"]), request["id"] + 1, None, float(request["id"]) + 0.5):
            rpc.send({"jsonrpc": "2.0", "id": wrong, "result": "not this one"})
        equal(rpc.answer_to(asked)["result"]["code"], NO_ANSWER)
        answer(rpc, request, "too late")
        check(rpc.is_quiet(), rpc.answers)


def connected(probe):
    probe.do("connect")
    probe.expect_all("event connected", "done connect 0")


def case_libleggio_client_answers():
    with asker() as (_, port), Probe(f"ws://127.0.0.1:{port}/") as probe:
        connected(probe)
        for n in (1, 2):
            probe.do(f'ask a{n} -1 ask {{"method":"echo","params":[{n}]}}')
        lines = [probe.next() for _ in range(4)]
        equal(sorted(line for line in lines if line.startswith("call")), ["call asked echo [1]", "call asked echo [2]"])
        for n in (1, 2):
            check(any(line.startswith(f"answer a{n} 0 0") and f'"result":[{n}]' in line for line in lines), lines)
        probe.do('request b ask {"method":"fail"}')
        probe.expect("call asked fail")
        check('"code":7' in probe.expect("answer b 0 0"))
        probe.do('request c ask {"method":"unheard"}')
        probe.expect("call asked unheard")
        check('"code":-32601' in probe.expect("answer c 0 0"))


def case_libleggio_client_answers_across_a_reconnection():
    with asker() as (_, port):
        wire = Wire(port)
        try:
            with Probe(f"ws://127.0.0.1:{wire.port}/", request_timeout_ms=15000) as probe:
                connected(probe)
                probe.do('ask a -1 ask {"method":"slow","params":[1]}')
                probe.expect("call asked slow [1]")
                wire.drop()
                until(lambda: probe.stats()["reconnections"] == 1, "the reconnection")
                probe.do('ask b -1 ask {"method":"echo","params":[2]}')
                probe.do("go")  # only now the first one is answered: over the new connection
                told = probe.expect_all("event reconnecting", "event reconnected 1", "call asked echo [2]",
                                        "answer a 0 0", "answer b 0 0")
                check('"code":0' in told[3] and '"result":[2]' in told[4], told)
        finally:
            wire.stop()


if __name__ == "__main__":
    client_probe.main(globals(), n_at_once=2)
