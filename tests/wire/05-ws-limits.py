#!/usr/bin/env python3
"""Limits of the WebSocket gateway, and what a client beyond one of them is told."""
import json
import os
import socket
import time

import harness
from harness import check, equal, until
from wsclient import OP_BINARY, OP_CONT, OP_TEXT, Refused, WsClient


def connect(system, path="/", **options):
    return WsClient("127.0.0.1", system.ws_port, path, **options)


def ready(system):
    ws = connect(system)
    until(lambda: ws.request("log")["status"] == "OK", "the renderer answers")
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return ws


def is_refused(system):
    try:
        connect(system).close()
        return False
    except Refused as refused:
        return refused.status == 503
    except OSError:
        return True


@harness.with_options(ws_options=["--max-connections", "5"])
def case_connections_over_the_limit_are_refused(system):
    clients = [ready(system) for _ in range(5)]
    check(is_refused(system), "a sixth connection was taken")
    clients.pop().close()
    until(lambda: not is_refused(system), "a place that is free again is given")
    equal(clients[0].request("version")["status"], "OK")
    for client in clients:
        client.close()


@harness.with_options(ws_options=["--max-per-address", "3"])
def case_connections_of_one_address_are_limited(system):
    clients = [ready(system) for _ in range(3)]
    check(is_refused(system))
    other = connect(system, source="127.0.0.2")
    equal(other.request("version")["status"], "OK")
    for client in (*clients, other):
        client.close()


@harness.with_options(ws_options=["--max-message", "100000"])
def case_messages_over_the_limit_close_with_1009(system):
    for opcode in (OP_TEXT, OP_BINARY):
        with ready(system) as ws:
            ws.send_frame(opcode, b" " * 100001)
            equal(ws.wait_close()[0], 1009)
        with ready(system) as ws:
            try:
                for i in range(40):
                    ws.send_frame(opcode if i == 0 else OP_CONT, b" " * 5000, fin=False)
            except OSError:
                pass
            check(ws.wait_close()[0] in (1009, None))
    with ready(system) as ws:
        text = json.dumps({"id": 1, "method": "post", "data": " " * 90000})
        ws.send_text(text)
        equal(ws.reply()["status"], "OK")


def case_a_frame_that_claims_to_be_huge_costs_nothing(system):
    program = system.wss[0]
    with ready(system):
        before = program.rss_kb()
        clients = []
        for _ in range(20):
            ws = connect(system)
            ws.send_frame(OP_TEXT, b"x" * 100, length=1 << 40)
            clients.append(ws)
        with ready(system) as ws:
            equal(ws.request("version")["status"], "OK")
        check(program.rss_kb() - before < 20000)
        for ws in clients:
            ws.close()


@harness.with_options(ws_options=["--max-sending", "6MiB"])
def case_files_that_nobody_reads_take_bounded_memory(system):
    """Four times its size is counted for a file: two of these are served, a third must wait."""
    with open(os.path.join(system.root, "large.bin"), "wb") as file:
        file.write(os.urandom(700_000))
    refusal = "Too much is being sent, try again"
    with ready(system) as ws:
        def is_refused():
            return ws.request("file", path="large.bin").get("error") == refusal
        for _ in range(3):  # what was read is given back
            equal(ws.request("file", path="large.bin")["status"], "OK")
        stalled = []
        for _ in range(2):
            stalled.append(connect(system, rcvbuf=4096))
            stalled[-1].send_json({"id": 1, "method": "file", "path": "large.bin"})
            stalled[-1].sock.recv(1, socket.MSG_PEEK)  # its answer has begun
        check(is_refused(), "room for a third")
        equal(ws.request("version")["status"], "OK")
        stalled.pop().close()
        until(lambda: not is_refused(), "room again after one has gone")
        equal(stalled[0].reply(timeout=20)["status"], "OK")
        stalled[0].close()


@harness.with_options(ws_options=["--max-requests", "50"])
def case_requests_beyond_the_rate_are_delayed_not_lost(system):
    with ready(system) as ws, ready(system) as other:
        start = time.monotonic()
        for i in range(150):
            ws.send_json({"id": i, "method": "version"})
        quick = time.monotonic()
        equal(other.request("version")["status"], "OK")
        check(time.monotonic() - quick < 1.0, "another client waits")
        equal([ws.reply()["id"] for _ in range(150)], [str(i) for i in range(150)])
        check(time.monotonic() - start > 1.0, "150 requests at 50 a second")


@harness.with_options(ws_options=["--idle-time", "1s"])
def case_silent_clients_are_pinged_and_dead_ones_closed(system):
    with ready(system) as alive:
        dead = connect(system)
        data = b""
        end = time.monotonic() + 12
        while time.monotonic() < end:
            try:
                alive.recv_message(timeout=0.2)  # answers the pings
            except TimeoutError:
                pass
            dead.sock.settimeout(0.2)
            try:
                more = dead.sock.recv(4096)
                if not more:
                    break
                data += more
            except socket.timeout:
                pass
        else:
            check(False, "a client without a sign of life stays")
        check(b"\x89\x01" in data, "it was pinged")
        equal(alive.request("version")["status"], "OK")


def case_half_requests_are_dropped_in_time(system):
    """A handshake in single bytes, or none at all, is ended; others are served meanwhile."""
    half = [socket.create_connection(("127.0.0.1", system.ws_port)) for _ in range(50)]
    for sock in half[:25]:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgr")
    with ready(system) as ws:
        equal(ws.request("version")["status"], "OK")
        end = time.monotonic() + 30
        for sock in half:
            sock.settimeout(max(0.1, end - time.monotonic()))
            try:
                while sock.recv(4096):
                    pass
            except ConnectionError:
                pass
            except socket.timeout:
                check(False, "half a request is held for ever")
            sock.close()
        equal(ws.request("version")["status"], "OK")


def case_heads_that_are_no_handshake(system):
    for head in (b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100000 + b"\r\n\r\n", b"\x16\x03\x01\x02\x00" * 40,
                 b"GET /\xff\x00 HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n" * 1000,
                 b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", system.ws_port)) as sock:
            sock.settimeout(15)
            try:
                sock.sendall(head)
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(4096):
                    pass
            except OSError:
                pass
    with ready(system) as ws:
        equal(ws.request("version")["status"], "OK")


@harness.only_with("real")
def case_a_script_of_ten_megabytes(system):
    with ready(system) as ws:
        script = "/ITL/scene/probe x 0.1;\n" * (10 * 1024 * 1024 // 24)
        reply = ws.request("post", data=script, timeout=120)
        check(reply["status"] in ("OK", "ERROR"), reply)
        equal(ws.request("version", timeout=60)["status"], "OK")


if __name__ == "__main__":
    harness.main(globals(), ws=True)
