#!/usr/bin/env python3
"""Limits, odd framing, slow and silent clients: none stops the gateway, grows
it without bound, or delays others (issue "Bad input"; RFC 9112 5, 6)."""
import socket
import threading
import time

import harness
from harness import Connection, check, equal, only_with, until, with_options

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def raw(system, data, method="GET"):
    """Send bytes; the answer, or None when the connection was closed without."""
    with Connection(system.http_port) as connection:
        connection.send(data)
        try:
            return connection.read_answer(method)
        except (EOFError, ConnectionError):
            return None


def check_alive(system):
    equal(system.http.get("/version").status, 200, "another client")


# -- framing ------------------------------------------------------------------

ODD = {
    "length and chunked": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n",
    "chunked and length": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n",
    "two lengths": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: 6\r\nContent-Length: 7\r\n\r\ndata=1",
    "length list": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: 6, 6\r\n\r\ndata=1",
    "signed length": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: +6\r\n\r\ndata=1",
    "negative length": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: -6\r\n\r\n",
    "huge length": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: 99999999999999999999\r\n\r\n",
    "hex length": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: 0x6\r\n\r\ndata=1",
    "unknown coding": f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked in 1.0": f"POST / HTTP/1.0\r\nHost: a\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "folded header": "GET /version HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n 2\r\nX-Two: 3\r\n\r\n",
    "folded last header": "GET /version HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n\t2\r\n\r\n",
    "folded first header": "GET /version HTTP/1.1\r\nHost: a\r\n b\r\nX-One: 1\r\n\r\n",
    "folded only header": "GET /version HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
    "fold before the first": "GET /version HTTP/1.1\r\n X: 1\r\nHost: a\r\n\r\n",
    "space before colon": "GET /version HTTP/1.1\r\nHost: a\r\nContent-Length : 0\r\n\r\n",
    "two hosts": "GET /version HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no host": "GET /version HTTP/1.1\r\nX: a\r\n\r\n",
    "two origins": "GET /version HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nOrigin: http://b\r\n\r\n",
    "no colon": "GET /version HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "no version": "GET /version\r\n\r\n",
    "unknown version": "GET /version HTTP/9.9\r\nHost: a\r\n\r\n",
    "binary": bytes(range(256)) * 8 + b"\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
}


@with_options(http_options=("--idle-time", "2s"))
def case_odd_requests_are_refused_and_closed(system):
    """At once, or, where the library misses the end of input that came with the
    last bytes (one edge for both), after the idle time."""
    for name, data in ODD.items():
        with Connection(system.http_port) as connection:
            connection.send(data)
            connection.socket.shutdown(socket.SHUT_WR)
            try:
                answer = connection.read_answer()
            except (EOFError, ConnectionError):
                answer = None
            except TimeoutError:
                check(False, f"{name}: neither answered nor closed")
            check(answer is None or answer.status in (400, 411, 413, 431, 501, 505), f"{name}: {answer}")
            check(connection.is_closed(), f"{name}: still open")
    check_alive(system)


def case_a_refused_body_is_not_the_next_request(system):
    """Request smuggling: what follows an odd head is never served."""
    hidden = "GET /version HTTP/1.1\r\nHost: a\r\n\r\n"
    with Connection(system.http_port) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}Content-Length: {len(hidden)}\r\n"
                        f"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}")
        equal(connection.read_answer().status, 400)
        check(connection.is_closed(), "open")


def case_plain_requests_in_other_clothes_are_served(system):
    for data in ("GET /version HTTP/1.1\r\nhost:a\r\n\r\n", "GET /version HTTP/1.1\r\nHost: \t a \t \r\nX-Empty:\r\n\r\n",
                 "GET /version HTTP/1.0\r\n\r\n", "\r\nGET /version HTTP/1.1\r\nHost: a\r\n\r\n",
                 "GET /version HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: 2\r\nX-Three: 3\r\n\r\n",
                 "GET /version HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\nCookie: e=f\r\nX: y\r\n\r\n"):
        answer = raw(system, data)
        check(answer is not None and answer.status == 200, f"{data!r}: {answer}")


def case_requests_in_a_row_and_in_pieces(system):
    with Connection(system.http_port) as connection:
        connection.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
        for _ in range(20):
            equal(connection.read_answer().status, 200)
        for byte in b"GET /version?scene=scene HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: 2\r\n\r\n":
            connection.send(bytes([byte]))
        equal(connection.read_answer().status, 200)


def case_header_too_large_is_refused(system):
    for head in ("GET /" + "a" * 100000 + " HTTP/1.1\r\nHost: a\r\n\r\n",
                 "GET / HTTP/1.1\r\nHost: a\r\n" + "X: " + "b" * 100000 + "\r\n\r\n",
                 "GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n" * 20000 + "\r\n"):
        with Connection(system.http_port) as connection:
            try:
                connection.send(head)
                answer = connection.read_answer()
            except (EOFError, ConnectionError):
                continue  # closed while we were sending
            check(answer.status in (400, 413, 414, 431), answer)
            check(connection.is_closed(), "open")
    check_alive(system)


def case_endless_chunked_body_is_cut(system):
    with Connection(system.http_port) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
        n_sent = 0
        try:
            while n_sent < 400:
                connection.send(chunk)
                n_sent += 1
        except OSError:
            pass
        check(n_sent < 400, "400 MiB were taken")
    check_alive(system)
    check(system.https[0].rss_kb() < 600_000, f"{system.https[0].rss_kb()} kB")


# -- time ---------------------------------------------------------------------

@with_options(http_options=("--idle-time", "2s", "--send-time", "3s"))
def case_slow_clients_are_closed_and_delay_nobody(system):
    """Half requests, a drip of header bytes, a drip of body bytes, silence."""
    starts = {
        "silent": b"",
        "half head": b"GET / HTTP/1.1\r\nHost: 1",
        "half body": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\ndata=",
        "head drip": b"GET / HTTP/1.1\r\nX: ",
        "body drip": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\ndata=",
        "after an answer": b"GET /version HTTP/1.1\r\nHost: a\r\n\r\nGET /ver",
    }
    clients = {name: Connection(system.http_port) for name in starts}
    for name, data in starts.items():
        clients[name].send(data)
    closed = set()

    def look():
        for name, client in clients.items():
            if name.endswith("drip") and name not in closed:
                try:
                    client.send(b"a")
                except OSError:
                    closed.add(name)
            if name not in closed and client.is_closed(0.02):
                closed.add(name)
        check_alive(system)
        return len(closed) == len(clients)
    until(look, f"all closed, not only {sorted(closed)}", 20)


@with_options(http_options=("--max-per-address", "0", "--idle-time", "3s"))
def case_many_half_requests_do_not_keep_others_out(system):
    n_fds, half = system.https[0].n_fds(), []
    for i in range(1000):
        client = Connection(system.http_port)
        client.send(b"GET / HTTP/1.1\r\nHost: 1" if i % 2 else b"POST / HTTP/1.1\r\nHost: 1\r\nContent-Length: 9\r\n\r\n")
        half.append(client)
    started = time.monotonic()
    check_alive(system)
    check(time.monotonic() - started < 2, f"served after {time.monotonic() - started:.1f} s")
    for client in half[1::2]:
        check(client.is_closed(20), "half a head is held")
    for client in half:
        client.close()
    until(lambda: system.https[0].n_fds() <= n_fds + 2, "all given back")


@with_options(http_options=("--send-time", "2s", "--idle-time", "3s"),
              renderer_options=("--size", "1920x1080"))
@only_with("fake")
def case_client_that_never_reads_is_closed_and_delays_nobody(system):
    before_kb, n_fds = system.https[0].rss_kb(), system.https[0].n_fds()
    clients = []
    for _ in range(50):
        client = Connection(system.http_port)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
        clients.append(client)
    versions = []
    for _ in range(100):  # each picture that is held for one of them would stay
        version = system.fake("touch")
        versions.append(version)
        answer = system.http.get(f"/?version={version}")
        check(answer.version >= version, answer)
    grown_kb = system.https[0].rss_kb() - before_kb
    check(grown_kb < 100_000, f"grew by {grown_kb} kB")

    # They never read, so they cannot see it; the gateway's descriptors tell.
    until(lambda: system.https[0].n_fds() <= n_fds, "closed")
    for client in clients:
        client.close()


# -- numbers ------------------------------------------------------------------

@with_options(http_options=("--max-connections", "10", "--max-per-address", "0"))
def case_connections_over_the_limit_are_told_so(system):
    clients = []
    for _ in range(10):
        client = Connection(system.http_port)
        equal(client.request("GET", "/version").status, 200)
        clients.append(client)
    with Connection(system.http_port) as one_more:
        answer = one_more.read_head()
        equal(answer.status, 503)
        check(answer.header("Retry-After"), answer)
    equal(clients[0].request("GET", "/version").status, 200)
    clients.pop().close()

    def has_room():
        try:
            with Connection(system.http_port) as client:
                return client.request("GET", "/version").status == 200
        except (EOFError, OSError):
            return False
    until(has_room, "room after one left")


@with_options(http_options=("--max-per-address", "4"))
def case_connections_of_one_address_have_a_limit(system):
    clients = []

    def is_served():
        try:
            client = Connection(system.http_port)
            clients.append(client)
            return client.request("GET", "/version").status == 200
        except (EOFError, OSError):
            return False
    until(lambda: all([is_served() for _ in range(1)]), "first")
    n_served = sum(is_served() for _ in range(10))
    check(n_served <= 3, f"{n_served + 1} of one address")
    with Connection(system.http_port, source="127.0.0.9") as other:
        equal(other.request("GET", "/version").status, 200)


def case_a_thousand_clients_are_served_together(system):
    clients = [Connection(system.http_port) for _ in range(500)]
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    for client in clients:
        equal(client.read_answer().status, 200)
        client.close()


def case_threads_of_noise_do_not_stop_it(system):
    noise = [b"\0" * 1000, b"GET / HTTP/1.1\r\n" * 100, b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n\0\xff",
             b"GET /%00%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n" * 5000, b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n"]
    failures = []

    def one(number):
        for turn in range(20):
            try:
                with Connection(system.http_port) as connection:
                    connection.send(noise[(number + turn) % len(noise)])
            except OSError as error:
                failures.append(error)
    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_alive(system)


if __name__ == "__main__":
    harness.main(globals(), renderers=("fake",))
