#!/usr/bin/env python3
"""libleggio-client: requests, notifications and answers in both directions, against a raw server
that also does what no server should."""
import json

from client_probe import Probe, main
from harness import check, equal, until
from wsserver import OP_CONT, OP_TEXT, WsServer

FINE, CLOSED, TIMEOUT, CONNECT, SESSION, ANSWER, FULL = 0, -3, -4, -5, -6, -7, -8


class Pair:
    """A probe and its server, connected."""

    def __init__(self, **options):
        self.server = WsServer()
        try:
            self.probe = Probe(self.server.uri, **options)
            self.probe.do("start")
            self.peer = self.server.open()
            got = {self.probe.next(), self.probe.next()}
            equal(got, {"done start 0", "event connected"})
        except BaseException:
            self.server.stop()
            raise

    def __enter__(self):
        return self.server, self.probe, self.peer

    def __exit__(self, kind, *rest):
        self.peer.drop() if kind else None
        try:
            self.probe.__exit__(kind, *rest)
        finally:
            self.peer.drop()
            self.server.stop()


def case_first_request_connects_and_carries_no_session_id():
    with WsServer() as server, Probe(server.uri) as probe:
        probe.do('request a version {"scene": "x"}')
        peer = server.accept()
        head = peer.handshake()
        check(head.startswith("GET /rpc HTTP/1.1\r\n"), head)
        check("Origin" not in head and "Sec-WebSocket-Protocol" not in head, head)
        check(f"\r\nHost: 127.0.0.1:{server.port}\r\n" in head + "\r\n", head)
        connect = peer.attach("s-1")
        equal(connect.get("params"), {})
        probe.expect("event connected")
        request = peer.recv_method("version")
        equal(request["params"], {"scene": "x"})
        peer.answer(request, {"version": 12})
        equal(probe.expect("answer a 0 0"), '{"version": 12} -')
        equal(probe.session(), "s-1")
        peer.drop()
        probe.expect("event reconnecting")


def case_connect_carries_what_the_options_say():
    with WsServer() as server:
        with Probe(server.uri, session_id="old", token="t0", register_info='{"name":"harp"}') as probe:
            probe.do("start")
            peer = server.accept()
            peer.handshake()
            request = peer.attach("old", "reconnection successful")
            equal(request["params"], {"sessionId": "old", "token": "t0", "registerInfo": {"name": "harp"}})
            equal({probe.next(), probe.next()}, {"done start 0", "event connected"})
            equal(probe.session(), "old")
            probe.close()
            equal(peer.wait_gone(), 1000)


def case_answers_keep_every_byte():
    with Pair() as (_, probe, peer):
        for text in ('{"a":1.50,"b":[1e3,123456789012345678901234567890]}', '"x\\u00e9\\"y"', "null", "0", "[]", "-0.0"):
            probe.do("request a get [1, 2.50]")
            request = peer.recv_text()
            check('"params":[1, 2.50]' in request, request)
            peer.send_text(f'{{"jsonrpc":"2.0","id":{json.loads(request)["id"]},"result":{text}}}')
            equal(probe.expect("answer a 0 0"), text + " -")


def case_errors_come_with_code_message_and_data():
    with Pair() as (_, probe, peer):
        probe.do("request a post {}")
        peer.refuse(peer.recv_method("post"), 40022, "script_error", data={"log": "line 1"})
        equal(probe.expect("answer a -7 40022"), 'script_error {"log": "line 1"}')
        probe.do("ask b -1 post")
        peer.refuse(peer.recv_method("post"), -32603, "it is in the log")
        equal(probe.expect("answer b -7 -32603"), "it is in the log -")


def case_answers_may_come_in_any_order():
    with Pair() as (_, probe, peer):
        for tag in "abc":
            probe.do(f"ask {tag} -1 m{tag}")
        requests = [peer.recv_method(f"m{tag}") for tag in "abc"]
        equal(len({request["id"] for request in requests}), 3, "ids")
        for tag, request in reversed(list(zip("abc", requests))):
            peer.answer(request, tag)
        for tag in "cba":
            equal(probe.expect(f"answer {tag} 0 0"), f'"{tag}" -')


def case_answers_in_a_batch_are_answers():
    with Pair() as (_, probe, peer):
        probe.do("ask a -1 m")
        probe.do("ask b -1 m")
        first, second = peer.recv_json(), peer.recv_json()
        peer.send_json([{"jsonrpc": "2.0", "id": second["id"], "result": 2}, 7,
                        {"jsonrpc": "2.0", "id": first["id"], "result": 1}])
        probe.expect("answer b 0 0 2")
        probe.expect("answer a 0 0 1")
        equal(probe.stats()["ignored"], 1)


def case_no_answer_is_a_timeout_for_blocking_and_other_requests():
    with Pair(request_timeout_ms=300) as (_, probe, peer):
        probe.do("request a never")
        probe.do("ask b 200 never")
        requests = [peer.recv_json(), peer.recv_json()]
        got = {probe.next(), probe.next()}
        equal(got, {f"answer a {TIMEOUT} 0 - -", f"answer b {TIMEOUT} 0 - -"})
        for request in requests:
            peer.answer(request, "late")
        probe.do("request c version")
        peer.answer(peer.recv_method("version"), 1)
        probe.expect("answer c 0 0 1")
        stats = probe.stats()
        equal((stats["ignored"], stats["waiting"]), (2, 0), "late answers")


def case_second_answers_and_answers_to_nothing_are_ignored():
    with Pair() as (_, probe, peer):
        probe.do("request a version")
        request = peer.recv_method("version")
        peer.answer(request, 1)
        peer.answer(request, 2)
        peer.send_json({"jsonrpc": "2.0", "id": 99999, "result": 3})
        peer.send_json({"jsonrpc": "2.0", "id": "1", "result": 3})
        peer.send_json({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "x"}})
        probe.expect("answer a 0 0 1")
        probe.do("request b version")
        peer.answer(peer.recv_method("version"), 4)
        probe.expect("answer b 0 0 4")
        equal(probe.stats()["ignored"], 4)


def case_what_is_no_json_rpc_is_ignored():
    rubbish = ["", "{", "nonsense", "[]", "{}", "7", "null", '{"jsonrpc":"1.0","id":1,"result":1}',
               '{"jsonrpc":"2.0","id":{},"result":1}', '{"jsonrpc":"2.0","method":5}',
               '{"jsonrpc":"2.0","method":"echo","params":7,"id":1}', '{"jsonrpc":"2.0","id":1}',
               "[" * 100000, '{"a":' * 3000, '{"notification":true,"version":7}', "[1,[2],{}]"]
    with Pair() as (_, probe, peer):
        for text in rubbish:
            peer.send_text(text)
        probe.do("request a version")
        peer.answer(peer.recv_method("version"), 4)
        probe.expect("answer a 0 0 4")
        check(probe.stats()["ignored"] >= len(rubbish) - 1, probe.stats())


def case_invalid_utf8_ends_the_connection():
    with Pair() as (server, probe, peer):
        peer.send_text(b'{"jsonrpc":"2.0","method":"\xff\xfe"}')
        equal(peer.wait_gone(), 1007)
        equal(probe.expect("event reconnecting"), "the server sent a text that is no UTF-8")
        again = server.open("s1", "reconnection successful")
        probe.expect("event reconnected 1")
        again.drop()
        probe.expect("event reconnecting")


def case_large_and_cut_messages():
    with Pair(max_message_bytes=3000000) as (server, probe, peer):
        long = "x" * 2500000
        probe.do("ask a -1 big")
        text = json.dumps({"jsonrpc": "2.0", "id": peer.recv_method("big")["id"], "result": long}).encode()
        pieces = [text[i:i + 70001] for i in range(0, len(text), 70001)]
        for i, piece in enumerate(pieces):
            peer.send_frame(OP_TEXT if i == 0 else OP_CONT, piece, fin=i == len(pieces) - 1)
        equal(probe.expect("answer a 0 0"), f'"{long}" -')
        peer.send_frame(OP_TEXT, b"[" + b" " * 3000000 + b"]")
        equal(peer.wait_gone(), 1009)
        equal(probe.expect("event reconnecting"), "the server sent a message above max_message_bytes")
        server.open("s1").drop()
        probe.expect("event reconnected 1")
        probe.expect("event reconnecting")


def case_a_message_that_never_ends_is_refused():
    with Pair(max_message_bytes=100000) as (_, probe, peer):
        try:
            peer.send_frame(OP_TEXT, b"[" + b" " * 60000, fin=False)
            peer.send_frame(OP_CONT, b" " * 60000, fin=False)
        except OSError:
            pass
        probe.expect("event reconnecting")


def case_long_requests_go_in_pieces():
    with Pair() as (_, probe, peer):
        data = "y" * 3900
        probe.do(f'ask a -1 post {{"data":"{data}"}}')
        request = peer.recv_method("post")
        equal(request["params"]["data"], data)
        peer.answer(request, 1)
        probe.expect("answer a 0 0 1")


def case_bad_arguments_are_told():
    with Pair() as (_, probe, peer):
        for params in ("7", "{", "[1]]", '"x"', "nothing"):
            probe.do(f"request a version {params}")
            probe.expect("answer a -1")
        probe.do("notify x 7")
        probe.expect("done notify -1")
        probe.do('notify shown {"version":1}')
        probe.expect("done notify 0")
        equal(peer.recv_json(), {"jsonrpc": "2.0", "method": "shown", "params": {"version": 1}})


def case_server_requests_are_answered_in_order():
    with Pair() as (_, probe, peer):
        ids = [0, "", "a\"b", 1.5, 9007199254740993, -3, None]
        for number, ident in enumerate(ids):
            peer.send_json({"jsonrpc": "2.0", "id": ident, "method": "echo", "params": [number]})
        for number, ident in enumerate(ids):
            probe.expect(f"call asked echo [{number}]")
            equal(peer.recv_json(), {"jsonrpc": "2.0", "id": ident, "result": [number]})
        peer.send_text('{"jsonrpc":"2.0","id":1.50e0,"method":"silent"}')
        probe.expect("call asked silent -")
        equal(peer.recv_text(), '{"jsonrpc":"2.0","id":1.50e0,"result":null}', "id byte for byte")
        peer.send_json({"jsonrpc": "2.0", "id": 2, "method": "fail", "params": {}})
        probe.expect("call asked fail {}")
        equal(peer.recv_json()["error"], {"code": 7, "message": 'no "such" thing', "data": [1]})
        peer.send_json({"jsonrpc": "2.0", "id": 3, "method": "unheard"})
        probe.expect("call asked unheard")
        equal(peer.recv_json()["error"]["code"], -32601)


def case_notifications_are_never_answered():
    with Pair() as (_, probe, peer):
        for method in ("echo", "fail", "unheard"):
            peer.send_json({"jsonrpc": "2.0", "method": method})
            probe.expect(f"call told {method}")
        probe.expect("wrong: answered twice") if False else None
        probe.do("request a version")
        peer.answer(peer.recv_method("version"), 1)
        probe.expect("answer a 0 0 1")


def case_a_handler_may_wait_for_an_answer():
    with Pair() as (_, probe, peer):
        peer.send_json({"jsonrpc": "2.0", "id": 1, "method": "blocking"})
        probe.expect("call asked blocking")
        peer.answer(peer.recv_method("version"), {"version": 3})
        probe.expect('answer inside 0 0 {"version": 3}')
        equal(peer.recv_json(), {"jsonrpc": "2.0", "id": 1, "result": {"version": 3}})


def case_a_handler_that_is_slow_stops_the_reading_not_the_memory():
    with Pair(heartbeat_ms=100) as (_, probe, peer):
        peer.send_json({"jsonrpc": "2.0", "method": "slow"})
        before = probe.rss_kb()
        text = peer.frame(OP_TEXT, json.dumps({"jsonrpc": "2.0", "method": "silent", "params": ["z" * 2000]}).encode()) * 32
        peer.sock.settimeout(1)
        sent = 0
        try:
            while sent < 100 << 20:
                sent += peer.sock.send(text[sent % len(text):])
        except OSError:
            pass
        check(sent < 60 << 20, f"{sent} bytes were taken in")
        check(probe.rss_kb() - before < 100 * 1024, probe.rss_kb() - before)  # sanitizers double it
        peer.kill()
        probe.do("go")
        probe.expect("call told slow")
        line = probe.next()
        while line.startswith("call told silent"):
            line = probe.next()
        check(line.startswith("event reconnecting"), line)


def case_ten_thousand_requests_at_once():
    with Pair() as (_, probe, peer):
        probe.do("many a 10500 version")
        n_refused = int(probe.expect("refused"))
        check(n_refused >= 400, n_refused)
        for _ in range(10500 - n_refused):
            peer.answer(peer.recv_json(), 1)
        probe.expect(f"many a {10500 - n_refused}")
        equal(probe.stats()["waiting"], 0)


def case_close_inside_a_handler():
    with Pair() as (_, probe, peer):
        probe.do("ask a -1 never")
        peer.recv_json()
        peer.send_json({"jsonrpc": "2.0", "id": 1, "method": "close"})
        probe.expect("call asked close")
        equal({probe.next(), probe.next()}, {f"answer a {CLOSED} 0 - -", "event disconnected closed"})
        equal(peer.wait_gone(), 1000)
        probe.do("request b version")
        probe.expect(f"answer b {CLOSED}")


def case_destroy_inside_a_handler():
    with Pair() as (_, probe, peer):
        peer.send_json({"jsonrpc": "2.0", "id": 1, "method": "destroy"})
        probe.expect("call asked destroy")
        probe.expect("event disconnected closed")
        equal(peer.wait_gone(), 1000)
        until(lambda: probe.n_threads() == 0, "threads of the client to end")


if __name__ == "__main__":
    main(globals())
