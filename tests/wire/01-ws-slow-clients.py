#!/usr/bin/env python3
"""Slow-loris on the WebSocket port: handshakes and messages that never end, many at once. Each is ended in its time
(docs/ws-api.md "Limits") and none keeps others from being served."""
import resource
import socket
import time

import harness
from harness import check, equal, until
from wsclient import OP_CONT, OP_PING, OP_TEXT, Refused, WsClient

HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgr"
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, max(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))


def connect(system, path="/", **options):
    return WsClient("127.0.0.1", system.ws_port, path, **options)


def ready(system):
    ws = connect(system)
    until(lambda: ws.request("log")["status"] == "OK", "the renderer answers")
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return ws


def is_gone(sock):
    """Has the other side ended it? Never waits; what comes in is dropped."""
    sock.setblocking(False)
    try:
        while True:
            if not sock.recv(65536):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def drips(sock, data):
    """Send a little more; False when it is ended."""
    if is_gone(sock):
        return False
    try:
        sock.send(data)
    except OSError:
        return False
    return True


def drip_until_gone(system, clients, limit_s=15):
    """clients: name -> (socket, bytes that it sends again and again). Others are served meanwhile."""
    left = dict(clients)
    with ready(system) as ws:
        def look():
            for name, (sock, data) in list(left.items()):
                if not drips(sock, data):
                    del left[name]
            start = time.monotonic()
            equal(ws.request("version")["status"], "OK")
            check(time.monotonic() - start < 2, "another client waits")
            return not left
        until(look, f"all ended, not {sorted(left)}", limit_s)


@harness.with_options(ws_options=["--handshake-time", "1s", "--idle-time", "60s"])
def case_handshakes_that_drip_are_ended(system):
    starts = {"silent": (b"", b""), "half a head": (HALF, b""), "a drip of header bytes": (b"GET / HTTP/1.1\r\nX: ", b"a"),
              "a drip of headers": (b"GET / HTTP/1.1\r\n", b"X: y\r\n"), "a drip of path": (b"GET /", b"a"),
              "empty lines": (b"", b"\r\n"),
              "a body that nobody asked for": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b"a")}
    clients = {}
    for name, (start, more) in starts.items():
        sock = socket.create_connection(("127.0.0.1", system.ws_port))
        sock.sendall(start)
        clients[name] = (sock, more)
    drip_until_gone(system, clients)


@harness.with_options(ws_options=["--message-time", "1s", "--idle-time", "60s"])
def case_messages_that_drip_are_ended(system):
    starts = {"half a frame": (OP_TEXT, b"", 60000, False), "a drip of text": (OP_TEXT, b"{", 60000, True),
              "a drip of binary": (2, b"{", 60000, True)}
    clients = {}
    for name, (opcode, payload, length, is_dripping) in starts.items():
        ws = connect(system)
        ws.send_frame(opcode, payload + b" ", length=length)
        clients[name] = (ws.sock, b"a" if is_dripping else b"")
    ws = connect(system)
    ws.send_frame(OP_TEXT, b"{", fin=False)
    clients["a drip of fragments"] = (ws.sock, ws.frame(OP_CONT, b"a", fin=False))
    ws = connect(system)
    ws.send_frame(OP_TEXT, b"{", fin=False)
    clients["pings between fragments"] = (ws.sock, ws.frame(OP_PING, b""))
    drip_until_gone(system, clients)
    with connect(system) as ws:
        ws.send_frame(OP_TEXT, b'{"id"', fin=False)
        code, reason = ws.wait_close()
        equal(code, 1008, reason)


@harness.with_options(ws_options=["--message-time", "2s", "--idle-time", "60s"])
def case_a_message_in_time_is_served_however_many_came_before(system):
    with ready(system) as ws:
        end = time.monotonic() + 4
        while time.monotonic() < end:
            ws.send_frame(OP_TEXT, b'{"id": 1,', fin=False)
            time.sleep(0.05)
            ws.send_frame(OP_CONT, b'"method": "version"}')
            equal(ws.reply()["status"], "OK")


@harness.with_options(ws_options=["--max-receiving", "64KiB", "--message-time", "2s"])
def case_memory_that_slow_messages_took_is_given_back(system):
    with ready(system) as ws:
        greedy = []
        for _ in range(10):
            client = connect(system)
            client.send_frame(OP_TEXT, b'{"id": 1,' + b" " * 12000, fin=False)
            greedy.append(client)

        def is_served():
            try:
                with connect(system) as fresh:
                    fresh.send_frame(OP_TEXT, b'{"id": 1,' + b" " * 12000, fin=False)
                    fresh.send_frame(OP_CONT, b'"method": "version"}')
                    return fresh.reply()["status"] == "OK"
            except Exception:  # refused for want of room
                return False
        until(is_served, "room for others")
        until(lambda: all(is_gone(client.sock) for client in greedy), "the slow ones are gone")
        equal(ws.request("version")["status"], "OK")


def case_many_half_handshakes_do_not_keep_others_out(system):
    half = []
    for _ in range(1000):
        sock = socket.create_connection(("127.0.0.1", system.ws_port))
        sock.sendall(HALF)
        half.append(sock)
    start = time.monotonic()
    with connect(system) as ws:
        equal(ws.request("version")["status"], "OK")
    check(time.monotonic() - start < 3, f"served after {time.monotonic() - start:.1f} s")
    for sock in half:
        sock.close()


def refused_with(system, path, headers=None):
    try:
        connect(system, path, headers=headers).close()
        return None
    except Refused as refused:
        return refused.status


def case_names_too_long_are_refused_not_cut(system):
    for path in ("/scenes/" + "a" * 600, "/?scene=" + "a" * 600, "/?" + "x=y&" * 400 + "scene=" + "a" * 600,
                 "/scenes/" + "a" * 300):
        status = refused_with(system, path)
        check(status in (0, 400, 414, 431), f"{path[:20]}… of {len(path)}: {status}")  # 0: closed
    equal(refused_with(system, "/?x=1&scene=scene&y=2"), None)


def case_scenes_that_do_not_exist_leave_room_for_those_that_do(system):
    with ready(system):
        pass
    idle = []
    try:
        while len(idle) < 600:
            idle.append(connect(system, f"/scenes/none{len(idle)}"))
    except Refused as refused:
        equal(refused.status, 503)
    check(len(idle) >= 100, f"{len(idle)} scenes")
    with connect(system) as ws:
        equal(ws.request("version")["status"], "OK")
        check(ws.image()[1].startswith(b"\x89PNG"), "picture")
    for client in idle:
        client.close()


if __name__ == "__main__":
    harness.main(globals(), ws=True)
