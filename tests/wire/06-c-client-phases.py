#!/usr/bin/env python3
"""libleggio-client: connections that do not come about, and closing in every phase (scenario 20 of
the protocol's reference): at once, `disconnected` exactly once, no thread left."""
import os
import socket
import struct
import time

from client_probe import Probe, connected, main, reconnected
from harness import check, equal, free_port, until
from wsserver import OP_CLOSE, WsServer

# Of a minute that it could wait: generous for sanitizers, valgrind, a busy machine.
AT_ONCE_MS = 20000 if os.environ.get("LEGGIO_PROBE_UNDER") else 3000


def case_nobody_listens():
    with Probe(f"ws://127.0.0.1:{free_port()}/rpc") as probe:
        probe.do("request a version")
        reason, _ = probe.expect_all("event failed", "answer a -5")
        check(reason.startswith("cannot connect to 127.0.0.1, port "), reason)
        probe.do("connect")
        equal(probe.expect_all("event failed", "done connect -5"), [reason, reason])
        probe.do("state")
        equal(probe.expect("state"), "0")
        probe.close(reason="closed")


def case_a_refused_first_connection_can_be_tried_again():
    port = free_port()
    with Probe(f"ws://127.0.0.1:{port}/rpc") as probe:
        probe.do("connect")
        probe.expect_all("event failed", "done connect -5")
        with WsServer() as server:
            server.stop()
            server.port = port
            server.start()
            probe.do("connect")
            peer = server.open()
            probe.expect_all("event connected", "done connect 0")
            probe.close()
            peer.drop()


def case_first_connection_is_retried_when_wanted():
    with WsServer() as server:
        server.stop()
        with Probe(server.uri, retry_first_connection=1) as probe:
            probe.do("ask a -1 version")
            probe.expect("event failed")
            probe.expect("event failed")
            server.start()
            peer = server.open()
            line = probe.next()
            while line.startswith("event failed"):
                line = probe.next()
            equal(line, "event connected")
            peer.answer(peer.recv_method("version"), 1)
            probe.expect("answer a 0 0 1")
            probe.close()
            peer.drop()


def case_name_that_does_not_exist():
    with Probe("ws://no-such-host.invalid/rpc", connection_timeout_ms=20000) as probe:
        probe.do("start")
        check("no-such-host.invalid" in probe.expect_all("event failed", "done start 0")[0], "host is named")


def case_localhost_is_found_on_any_of_its_addresses():
    with WsServer() as server, Probe(server.uri.replace("127.0.0.1", "localhost")) as probe:
        probe.do("connect")
        peer = server.accept()
        check(f"\r\nHost: localhost:{server.port}\r\n" in peer.handshake() + "\r\n", "Host")
        peer.attach()
        probe.expect_all("event connected", "done connect 0")
        probe.close()
        peer.drop()


def case_six_is_a_version_too():
    try:
        server = WsServer(host="::1")
    except OSError:
        return  # this machine has no IPv6
    with server, Probe(f"ws://[::1]:{server.port}/x?y=1") as probe:
        probe.do("connect")
        peer = server.accept()
        head = peer.handshake()
        check(head.startswith("GET /x?y=1 HTTP/1.1\r\n") and f"\r\nHost: [::1]:{server.port}\r\n" in head + "\r\n", head)
        peer.attach()
        probe.expect_all("event connected", "done connect 0")
        probe.close()
        peer.drop()


def stuck(server, how):
    """A peer in front of which the client waits."""
    if how == "silent":
        return server.accept()
    peer = server.accept()
    peer.read_head()
    if how == "half":
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgra")
    elif how == "attach":
        raise AssertionError(how)
    return peer


def stuck_attaching(server):
    peer = server.accept()
    peer.handshake()
    peer.recv_method("connect")
    return peer


STUCK = {"silent": lambda server: stuck(server, "silent"), "after the head": lambda server: stuck(server, "head"),
         "half an answer": lambda server: stuck(server, "half"), "no session": stuck_attaching}


def case_a_server_that_goes_silent_is_given_up_in_time():
    for name, wait in STUCK.items():
        with WsServer() as server, Probe(server.uri, connection_timeout_ms=300) as probe:
            started = time.monotonic()
            probe.do("request a version")
            peer = wait(server)
            reason, _ = probe.expect_all("event failed", "answer a -5")
            check("no answer from the server in 300 ms" in reason, name, reason)
            check(time.monotonic() - started < 5, name)
            probe.close()
            peer.drop()


def case_close_while_connecting():
    for name, wait in STUCK.items():
        with WsServer() as server, Probe(server.uri, connection_timeout_ms=60000) as probe:
            probe.do("ask a -1 version")
            peer = wait(server)
            probe.do("close 0")
            equal({probe.next(), probe.next()}, {"answer a -3 0 - -", "event disconnected closed"}, name)
            took = int(probe.expect("done close 0"))
            check(took < AT_ONCE_MS, name, took)
            until(lambda: probe.n_threads() == 0, f"threads to end: {name}")
            probe.end()
            peer.drop()


def case_close_before_anything():
    with Probe(f"ws://127.0.0.1:{free_port()}/rpc") as probe:
        probe.do("close 0")
        probe.expect("done close 0")  # it never began to connect: no event
        until(lambda: probe.n_threads() == 0, "threads to end")
        probe.do("start")
        probe.expect("done start -3")


def case_close_while_waiting_for_an_answer():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("request a never")
        probe.do("ask b -1 never")
        peer.recv_json()
        peer.recv_json()
        probe.do("close 0")
        lines = [probe.next() for _ in range(4)]
        check("answer a -3 0 - -" in lines and "answer b -3 0 - -" in lines, lines)
        equal([line for line in lines if line.startswith("event")], ["event disconnected closed"])
        took = [line for line in lines if line.startswith("done close 0")]
        check(took and int(took[0].split()[3]) < AT_ONCE_MS, lines)
        equal(peer.wait_gone(), 1000)
        until(lambda: probe.n_threads() == 0, "threads to end")
        for line in ("close 0", "close 1"):
            probe.do(line)
            probe.expect("done close 0")  # again does no harm, and tells nothing
        probe.do("request c version")
        probe.expect("answer c -3")
        probe.do("notify x")
        probe.expect("done notify -3")


def case_close_while_reconnecting():
    for between_attempts in (True, False):
        with WsServer() as server, Probe(server.uri, connection_timeout_ms=60000, reconnection_limit_ms=-1) as probe:
            peer = connected(server, probe)
            probe.do("ask a -1 never")
            peer.recv_json()
            if between_attempts:
                server.stop()
            peer.kill()
            probe.expect("event reconnecting")
            again = None if between_attempts else stuck_attaching(server)
            took = probe_close(probe)
            check(took < AT_ONCE_MS, between_attempts, took)
            until(lambda: probe.n_threads() == 0, "threads to end")
            probe.end()
            if again:
                again.drop()
                check(not server.is_tried(0.3), "no attempt after the close")


def probe_close(probe):
    probe.do("close 0")
    equal({probe.next(), probe.next()}, {"answer a -3 0 - -", "event disconnected closed"})
    return int(probe.expect("done close 0"))


def case_close_ends_the_session_when_wanted():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("ask a -1 never")
        peer.recv_json()
        probe.do("close 1")
        bye = peer.recv_method("closeSession")
        check("params" not in bye, bye)
        peer.answer(bye, "bye")
        equal(peer.wait_gone(), 1000)
        equal({probe.next(), probe.next()}, {"answer a -3 0 - -", "event disconnected closed"})
        probe.expect("done close 0")


def case_close_waits_two_seconds_for_bye_at_most():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("close 1")
        peer.recv_method("closeSession")
        probe.expect("event disconnected closed; the server did not confirm")
        took = int(probe.expect("done close 0"))
        check(1900 <= took < 2000 + AT_ONCE_MS, took)
        peer.drop()


def case_server_closes_instead_of_saying_bye():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("close 1")
        peer.recv_method("closeSession")
        peer.close(1000)
        probe.expect("event disconnected")
        probe.expect("done close 0")
        check(not server.is_tried(0.3), "no attempt after the close")


def case_close_to_a_peer_that_reads_nothing():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        data = "z" * 3900
        for _ in range(3000):
            probe.do(f'notify x ["{data}"]')
        for _ in range(3000):
            if probe.next() != "done notify 0":
                raise AssertionError("notify")
        took = probe.close()
        check(took < AT_ONCE_MS, took)
        peer.drop()


def case_upgrades_that_are_none():
    answers = {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n": "HTTP status 403",
               "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n": "HTTP status 401",
               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok": "HTTP status 200",
               "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n": "HTTP status 302",
               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n": "WebSocket",
               "SSH-2.0-OpenSSH\r\n\r\n": "WebSocket", "\0" * 4000: "WebSocket"}
    for answer, word in answers.items():
        with WsServer() as server, Probe(server.uri, connection_timeout_ms=3000) as probe:
            probe.do("connect")
            peer = server.accept()
            peer.read_head()
            peer.send(answer.encode())
            peer.drop()
            reason, _ = probe.expect_all("event failed", "done connect -5")
            check(word in reason, answer[:40], reason)
            probe.close()


def case_a_session_that_is_refused():
    with WsServer() as server, Probe(server.uri, token="wrong") as probe:
        probe.do("connect")
        peer = server.accept()
        peer.handshake()
        peer.refuse(peer.recv_method("connect"), 40003, "forbidden")
        reason, _ = probe.expect_all("event failed", "done connect -5")
        equal(reason, "the server refuses the session: forbidden (40003)")
        equal(peer.wait_gone(), None)


def case_close_frames_of_every_kind():
    for payload in (b"", b"\x03", struct.pack(">H", 1001) + b"bye", struct.pack(">H", 999), struct.pack(">H", 4500),
                    struct.pack(">H", 1000) + b"\xff\xfe", struct.pack(">H", 1000) + b"x" * 123, b"y" * 5000):
        with WsServer() as server, Probe(server.uri) as probe:
            peer = connected(server, probe)
            peer.send_frame(OP_CLOSE, payload)
            probe.expect("event reconnecting")
            peer.drop()
            server.open("s1").drop()
            probe.expect("event reconnected 1")
            probe.expect("event reconnecting")


def case_options_are_checked():
    wrong = {"http://x/": "uri", "ws:/x": "uri", "ws://": "uri", "ws://x:0/": "port", "ws://x:70000/": "port",
             "ws://a b/": "uri", "ws://user@x/": "host", "ws://[::1/": "host", "ws://x:/": "port", "ws://x\u00e9/": "host"}
    for uri, word in wrong.items():
        probe = Probe(uri, start=False)
        check(word in probe.expect("refused"), uri)
    for name, value in (("heartbeat_ms", 10), ("heartbeat_ms", -1), ("connection_timeout_ms", 0),
                        ("reconnection_limit_ms", -2), ("max_message_bytes", 5), ("tls_pin_sha256", "abc"),
                        ("register_info", "[1]"), ("tls_cert_file", "x")):
        probe = Probe("ws://127.0.0.1/", start=False, **{name: value})
        check(name in probe.expect("refused"), name)


if __name__ == "__main__":
    main(globals())
