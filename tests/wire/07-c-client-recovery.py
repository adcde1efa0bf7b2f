#!/usr/bin/env python3
"""libleggio-client: loss of the connection, reconnection with the session or without, what becomes
of requests, heartbeat, back-off, deadline; against a raw server. Scenario 18 against leggio-ws is
in 07-c-client-leggio-ws.py."""
import time

from client_probe import Probe, RECONNECTED, connected, main, reconnected
from harness import check, equal
from wsserver import Gone, OP_CONT, OP_TEXT, WsServer


def case_taken_up_session_answers_over_the_next_connection():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("request a load")
        request = peer.recv_method("load")
        peer.kill()
        probe.expect("event reconnecting")
        probe.do("ask b -1 later")
        again = server.accept()
        again.handshake()
        equal(again.recv_method("connect")["params"], {"sessionId": "s1"})
        again.drop()
        again = server.accept()
        again.handshake()
        again.attach("s1", RECONNECTED)
        probe.expect("event reconnected 1")
        equal(again.recv_json()["method"], "later", "only what was not sent is sent")
        again.answer(request, "from before")
        probe.expect('answer a 0 0 "from before"')
        probe.close()
        again.drop()


def case_lost_session_fails_what_was_sent_and_sends_the_rest():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("request a load")
        probe.do("ask b -1 load")
        peer.recv_json()
        peer.recv_json()
        peer.kill()
        probe.expect("event reconnecting")
        probe.do("ask c -1 later")
        again = server.accept()
        again.handshake()
        request = again.recv_method("connect")
        equal(request["params"], {"sessionId": "s1"})
        again.refuse(request, 40007, "reconnection error")
        equal(again.attach("s2")["params"], {}, "a new session is asked for")
        probe.expect_all("event reconnected 0", "answer a -6", "answer b -6")
        equal(probe.session(), "s2")
        later = again.recv_method("later")
        again.answer(later, 1)
        probe.expect("answer c 0 0 1")
        probe.close()
        again.drop()


def case_another_session_than_asked_for_is_a_new_one():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("request a load")
        peer.recv_json()
        peer.kill()
        probe.expect("event reconnecting")
        again = server.open("other")
        probe.expect_all("event reconnected 0", "answer a -6")
        probe.close()
        again.drop()


def case_session_given_at_the_start_may_be_gone():
    with WsServer() as server, Probe(server.uri, session_id="of yesterday") as probe:
        probe.do("connect")
        peer = server.accept()
        peer.handshake()
        peer.refuse(peer.recv_method("connect"), 40007, "reconnection error")
        peer.attach("today")
        probe.expect_all("event connected", "done connect 0")
        equal(probe.session(), "today")
        probe.close()
        peer.drop()


def case_request_that_times_out_while_away_is_never_sent():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        server.stop()
        peer.kill()
        probe.expect("event reconnecting")
        probe.do("ask a 100 post")
        probe.do("ask b -1 version")
        probe.expect("answer a -4")
        server.start()
        again = server.open("s1", RECONNECTED)
        probe.expect("event reconnected 1")
        equal(again.recv_json()["method"], "version")
        probe.close()
        again.drop()


def case_replies_do_not_go_to_another_session():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        peer.send_json({"jsonrpc": "2.0", "id": 5, "method": "slow"})
        probe.expect("call asked slow")
        peer.kill()
        probe.do("go")
        probe.expect("event reconnecting")
        again = server.open("s2")
        probe.expect("event reconnected 0")
        probe.do("notify x")
        probe.expect("done notify 0")
        equal(again.recv_json()["method"], "x")
        probe.close()
        again.drop()


def case_taken_over_session_is_left_alone():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("ask a -1 version")
        peer.recv_json()
        peer.close(4001, "taken over")
        probe.expect_all("answer a -3", "event disconnected another connection has taken the session up")
        check(not server.is_tried(1.0), "no attempt")
        probe.do("request b version")
        probe.expect("answer b -3")


def case_heartbeat_goes_on_after_each_reconnection():
    with WsServer() as server, Probe(server.uri, heartbeat_ms=100) as probe:
        peer = connected(server, probe)
        for number in range(3):
            first = peer.recv_method("ping")
            equal(first["params"], {"interval": 100}, "first ping of a connection")
            peer.answer(first, {"value": "pong"})
            for _ in range(3):
                ping = peer.recv_method("ping")
                check("params" not in ping, ping)
                peer.answer(ping, {"value": "pong"})
            peer.kill()
            probe.expect("event reconnecting")
            peer = server.open("other0", RECONNECTED) if number == 1 else server.open(f"other{number}")
            probe.expect(f"event reconnected {number % 2}")
        equal(probe.stats()["reconnections"], 3)
        probe.close()
        peer.drop()


def case_heartbeat_can_be_changed_and_stopped():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("heartbeat 60")
        probe.expect("done heartbeat 0")
        ping = peer.recv_method("ping")
        equal(ping["params"], {"interval": 60})
        peer.answer(ping, {"value": "pong"})
        peer.answer(peer.recv_method("ping"), {"value": "pong"})
        probe.do("heartbeat 0")
        probe.expect("done heartbeat 0")
        probe.do("heartbeat 7")
        probe.expect("done heartbeat -1")
        probe.do("request a version")
        request = peer.recv_json()
        while request["method"] == "ping":
            peer.answer(request, {"value": "pong"})
            request = peer.recv_json()
        peer.answer(request, 1)
        probe.expect("answer a 0 0 1")
        try:
            text = peer.recv_text(0.3)
            raise AssertionError(f"still pinging: {text}")
        except TimeoutError:
            pass
        probe.close()
        peer.drop()


def case_a_server_that_answers_no_ping_is_left():
    with WsServer() as server, Probe(server.uri, heartbeat_ms=100) as probe:
        peer = connected(server, probe)
        peer.recv_method("ping")
        started = time.monotonic()
        equal(probe.expect("event reconnecting"), "the server did not answer a ping in 2000 ms")
        check(1.8 < time.monotonic() - started < 4, "own timeout of pings: 2 s, not that of requests")
        again = server.open("s1", RECONNECTED)
        probe.expect("event reconnected 1")
        equal(again.recv_method("ping")["params"], {"interval": 100})
        probe.close()
        again.drop()
        peer.drop()


def case_a_long_message_under_way_is_a_sign_of_life():
    with WsServer() as server, Probe(server.uri, heartbeat_ms=50) as probe:
        peer = connected(server, probe)
        peer.recv_method("ping")
        peer.send_frame(OP_TEXT, b'{"jsonrpc":"2.0","method":"silent","params":["', fin=False)
        until = time.monotonic() + 2.6  # longer than the 2 s that a ping has
        while time.monotonic() < until:
            peer.send_frame(OP_CONT, b"x", fin=False)
            try:
                peer.recv_text(0.05)
            except TimeoutError:
                pass
        peer.send_frame(OP_CONT, b'"]}')
        probe.expect("call told silent")
        probe.close()
        peer.drop()


def case_idle_connection_is_renewed():
    with WsServer() as server, Probe(server.uri, idle_timeout_ms=300) as probe:
        peer = connected(server, probe)
        for _ in range(3):  # traffic keeps it
            time.sleep(0.15)
            peer.send_json({"jsonrpc": "2.0", "method": "silent"})
            probe.expect("call told silent")
        equal(probe.expect("event reconnecting"), "the connection was idle for too long")
        equal(peer.wait_gone(), None)
        again = server.open("s1", RECONNECTED)
        probe.expect("event reconnected 1")
        probe.close()
        again.drop()


def case_deadline_counts_from_the_loss():
    with WsServer() as server, Probe(server.uri, reconnection_limit_ms=1200) as probe:
        peer = connected(server, probe)
        time.sleep(1.5)  # connected for longer than the limit
        server.stop()
        peer.kill()
        probe.expect("event reconnecting")
        started = time.monotonic()
        probe.do("ask a -1 version")
        rests = probe.expect_all("answer a -3", "event disconnected")
        check("cannot connect" in rests[1], rests)
        check(1.0 <= time.monotonic() - started < 4, time.monotonic() - started)
        probe.do("connect")
        probe.expect("done connect -3")


def case_limit_zero_is_one_attempt():
    with WsServer() as server, Probe(server.uri, reconnection_limit_ms=0) as probe:
        peer = connected(server, probe)
        again = reconnected(server, probe, peer, is_same=True)
        server.stop()
        again.kill()
        probe.expect("event reconnecting")
        probe.expect("event disconnected")


def case_attempts_back_off():
    with WsServer() as server, Probe(server.uri, reconnection_limit_ms=-1) as probe:
        peer = connected(server, probe)
        peer.kill()
        probe.expect("event reconnecting")
        times = [time.monotonic()]
        for _ in range(3):
            server.accept().kill()
            times.append(time.monotonic())
        waits = [later - sooner for sooner, later in zip(times, times[1:])]
        # 0.5, 1, 2 s, halved at most.
        for wait, (least, most) in zip(waits, ((0.25, 0.5), (0.5, 1), (1, 2))):
            check(least - 0.05 <= wait <= most + 0.6, waits)
        probe.close()


def case_back_off_holds_when_connections_do_not_last():
    with WsServer() as server, Probe(server.uri, reconnection_limit_ms=-1) as probe:
        peer = connected(server, probe)
        times = []
        for _ in range(4):
            peer.kill()
            probe.expect("event reconnecting")
            started = time.monotonic()
            peer = server.open("s1", RECONNECTED)
            times.append(time.monotonic() - started)
            probe.expect("event reconnected 1")
        check(times[3] > 0.8, times)
        probe.close()
        peer.drop()


def case_connection_refused_while_reconnecting_counts_as_an_attempt():
    with WsServer() as server, Probe(server.uri, reconnection_limit_ms=-1, connection_timeout_ms=200) as probe:
        peer = connected(server, probe)
        peer.kill()
        probe.expect("event reconnecting")
        first = server.accept()
        first.handshake()
        first.refuse(first.recv_method("connect"), 50003, "busy")
        second = server.accept()
        second.handshake()
        second.recv_method("connect")  # never answered: the attempt ends, and its socket
        try:
            second.recv_text()
            raise AssertionError("the socket stays open")
        except Gone:
            pass
        third = server.open("s1", RECONNECTED)
        probe.expect("event reconnected 1")
        for old in (first, second):
            old.drop()
        probe.close()
        third.drop()


if __name__ == "__main__":
    main(globals())
