#!/usr/bin/env python3
"""SIGTERM: stop accepting, finish what is under way, exit 0 (architecture 7)."""
import signal
import time

import harness
from harness import Connection, accepts, check, equal, form, FORM, only_with, until, with_options


def end(system):
    """SIGTERM to the gateway; returns a function that waits for its end."""
    system.https[0].signal(signal.SIGTERM)

    def wait():
        started = time.monotonic()
        equal(system.https[0].stop(), 0, system.https[0].log_text())
        return time.monotonic() - started
    return wait


@with_options()
def case_idle_clients_are_closed_at_once(system):
    clients = [Connection(system.http_port) for _ in range(20)]
    for client in clients:
        equal(client.request("GET", "/version").status, 200)
    wait = end(system)
    for client in clients:
        check(client.is_closed(), "open")
    check(wait() < 5, "slow end")
    check(not accepts(system.http_port), "still accepts")


@with_options()
def case_waiting_requests_are_answered(system):
    with Connection(system.http_port) as waiting, Connection(system.http_port) as events:
        waiting.send("GET /image?version=999999 HTTP/1.1\r\nHost: a\r\n\r\n")
        events.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        equal(events.read_head().status, 200)
        wait = end(system)
        equal(waiting.read_answer().status, 503)
        while events.read_chunk():
            pass  # the stream ends with its last chunk, not by a cut
        check(waiting.is_closed() and events.is_closed(), "open")
        check(wait() < 5, "slow end")


@with_options()
@only_with("fake")
def case_post_under_way_is_finished(system):
    system.fake("delay 700")
    with Connection(system.http_port) as poster:
        body = form(data="/fake/touch;")
        poster.send(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + f"{FORM[0]}: {FORM[1]}\r\n".encode() +
                    b"Content-Length: %d\r\n\r\n" % len(body) + body)
        harness.select.select([], [], [], 0.2)  # it has reached the gateway
        wait = end(system)
        equal(poster.read_answer().status, 200)
        wait()


@with_options(http_options=("--drain-time", "1s"))
@only_with("fake")
def case_client_that_never_ends_does_not_hold_it(system):
    system.fake("resize 1920 1080")
    with Connection(system.http_port) as stuck, Connection(system.http_port) as half:
        stuck.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 200)
        half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        until(lambda: system.http.get("/version").status == 200, "served")
        check(end(system)() < 6, "slow end")


@with_options()
def case_sighup_changes_nothing(system):
    system.https[0].signal(signal.SIGHUP)
    equal(system.http.get("/version").status, 200)


if __name__ == "__main__":
    harness.main(globals())
