#!/usr/bin/env python3
"""Limits by address and token in both gateways: requests, changes, new connections;
IPv6 by /64, clients behind proxies of ours by X-Forwarded-For (docs/operations.md)."""
import atexit
import os
import shutil
import subprocess
import tempfile
import time

import harness
from harness import FORM, Connection, HttpClient, check, equal, form, until
from wsclient import Refused, WsClient

FOLDER = tempfile.mkdtemp(prefix="leggio-rates-")
atexit.register(shutil.rmtree, FOLDER, True)
AUTH = os.path.join(FOLDER, "auth")
made = subprocess.run([harness.tool("leggio-keys"), "token", "--role", "play"], capture_output=True, text=True, check=True)
TOKEN = made.stderr.strip()
with open(AUTH, "w", encoding="utf-8") as file:
    file.write(made.stdout + "anonymous play\n")
os.chmod(AUTH, 0o600)
ADMIN = ("--admin", "127.0.0.1:0")
PROXY = ("--proxy", "127.0.0.0/8")


def behind(address):
    return ("X-Forwarded-For", f"203.0.113.250, {address}")


def metric(program, name):
    return harness.metrics(harness.admin_of(program)).get(name, 0.0)


def until_metric(program, name):
    until(lambda: metric(program, name) >= 1, name)


def statuses(connection, n, method="GET", path="/version", headers=(), body=None):
    return [connection.request(method, path, headers, body).status for _ in range(n)]


@harness.with_options(n_ws=0, http_options=("--max-address-requests", "20", *ADMIN, *PROXY))
def case_requests_of_one_address_over_http(system):
    with Connection(system.http_port) as connection:
        got = statuses(connection, 60, headers=[behind("198.51.100.1")])
        check(20 <= got.count(200) <= 30 and got.count(429) == 60 - got.count(200), got)
        check(got[:20] == [200] * 20, got)
        refused = connection.request("GET", "/", [behind("198.51.100.1")])
        equal(refused.status, 429)
        check(1 <= int(refused.header("Retry-After")) <= 2, refused)
        check("try again" in refused.json()["error"], refused)
        # Others are not touched; a lie in front of what the proxy adds does not help.
        equal(connection.request("GET", "/version", [behind("198.51.100.2")]).status, 200)
        equal(connection.request("GET", "/version", [("X-Forwarded-For", "198.51.100.77, 198.51.100.1")]).status, 429)
        equal(connection.request("GET", "/version", [("X-Forwarded-For", "198.51.100.78,198.51.100.1")]).status, 429)
        until(lambda: connection.request("GET", "/version", [behind("198.51.100.1")]).status == 200, "allowed again")
        # A house with IPv6 has one bucket.
        got = [connection.request("GET", "/version", [behind(f"2001:db8:1:2::{i:x}")]).status for i in range(40)]
        check(20 <= got.count(200) <= 30, got)
        equal(connection.request("GET", "/version", [behind("2001:db8:1:3::1")]).status, 200)
    until_metric(system.https[0], 'leggio_http_limited_total{limit="max-address-requests"}')


@harness.with_options(n_ws=0, http_options=("--max-address-requests", "20"))
def case_who_is_no_proxy_of_ours_is_not_believed(system):
    with Connection(system.http_port) as connection:
        got = [connection.request("GET", "/version", [behind(f"198.51.100.{i}")]).status for i in range(60)]
        check(got.count(429) > 20, got)


@harness.with_options(n_ws=0, http_options=("--max-changes", "10", "--auth", AUTH, *ADMIN, *PROXY))
def case_changes_of_one_token_over_http(system):
    click = form(x=system.hit[0], y=system.hit[1])
    with Connection(system.http_port) as connection:
        token = [FORM, ("Authorization", f"Bearer {TOKEN}"), behind("198.51.100.9")]
        got = statuses(connection, 30, "POST", "/click", [FORM, behind("198.51.100.9")], click)
        check(10 <= got.count(200) <= 16 and got.count(429) == 30 - got.count(200), got)
        # The token has a bucket of its own, from wherever it comes; looking is not counted.
        got = statuses(connection, 30, "POST", "/click", token, click)
        check(10 <= got.count(200) <= 16, got)
        equal(connection.request("POST", "/hover", token[:2] + [behind("198.51.100.10")], click).status, 429)
        equal(statuses(connection, 50, headers=[behind("198.51.100.9")]), [200] * 50)
    until_metric(system.https[0], 'leggio_http_limited_total{limit="max-changes"}')


@harness.with_options(n_ws=1, http_options=("--max-accepts", "10", *ADMIN), ws_options=("--max-accepts", "10", *ADMIN))
def case_new_connections_of_one_address(system):
    got = []
    for _ in range(40):
        try:
            with Connection(system.http_port) as connection:
                got.append(connection.request("GET", "/version").status)
        except (EOFError, OSError):
            got.append(503)
    check(got.count(503) >= 15, got)
    until(lambda: _ask(system.http_port) == 200, "allowed again")
    refused = 0
    for _ in range(40):
        try:
            WsClient("127.0.0.1", system.ws_ports[0]).close()
        except (Refused, OSError):
            refused += 1
    check(refused >= 15, refused)
    until_metric(system.https[0], 'leggio_http_limited_total{limit="max-accepts"}')
    until_metric(system.wss[0], 'leggio_ws_refused_total{limit="max-accepts"}')


def _ask(port):
    try:
        return HttpClient(port).get("/version").status
    except (EOFError, OSError):
        return 0


def time_of(clients, n, message):
    """Seconds until each client has n answers to a message that all send at once."""
    begun = time.monotonic()
    for ws in clients:
        for i in range(n):
            ws.send_json({**message, "id": i})
    for ws in clients:
        for i in range(n):
            equal(ws.reply()["id"], str(i))
    return time.monotonic() - begun


@harness.with_options(n_ws=1, ws_options=("--max-address-requests", "50", *ADMIN, *PROXY))
def case_requests_of_one_address_over_websocket_are_delayed(system):
    """Five clients of one address share its rate; one of another address is quick."""
    port = system.ws_ports[0]
    clients = [WsClient("127.0.0.1", port, headers=dict([behind("198.51.100.1")]), timeout=20) for _ in range(5)]
    other = WsClient("127.0.0.1", port, headers=dict([behind("198.51.100.2")]))
    until(lambda: other.request("version")["status"] == "OK", "first version")
    took_s = time_of(clients, 40, {"method": "version"})  # 200 requests, 50 at once: 150 at 50 a second
    check(2.5 <= took_s <= 6, f"{took_s} s")
    check(time_of([other], 20, {"method": "version"}) < 1, "the other waits too")
    for ws in (*clients, other):
        ws.close()
    until_metric(system.wss[0], 'leggio_ws_throttled_total{limit="max-address-requests"}')


@harness.with_options(n_ws=1, ws_options=("--max-changes", "20", *ADMIN, *PROXY))
def case_changes_over_websocket_are_delayed_in_every_dialect(system):
    x, y = system.hit
    clients = [WsClient("127.0.0.1", system.ws_ports[0], headers=dict([behind("198.51.100.1")]), timeout=20) for _ in range(3)]
    until(lambda: clients[0].request("version")["status"] == "OK", "first version")
    took_s = time_of(clients, 20, {"method": "click", "x": x, "y": y})  # 60, 20 at once: 40 at 20 a second
    check(1.3 <= took_s <= 6, f"{took_s} s")
    check(time_of([clients[0]], 5, {"method": "version"}) < 3, "looking waits for what is owed only")
    for ws in clients:
        ws.close()
    with WsClient("127.0.0.1", system.ws_ports[0], "/rpc", headers=dict([behind("198.51.100.5")]), timeout=20) as ws:
        begun = time.monotonic()
        for i in range(60):
            ws.send_json({"jsonrpc": "2.0", "id": i, "method": "click", "params": {"x": x, "y": y}})
        done = 0
        while done < 60:
            done += "id" in ws.recv_json()
        took_s = time.monotonic() - begun
        check(1.3 <= took_s <= 6, f"JSON-RPC: {took_s} s")
    until_metric(system.wss[0], 'leggio_ws_throttled_total{limit="max-changes"}')


@harness.with_options(n_http=1, http_options=("--max-per-address", "3", *PROXY))
def case_connections_through_a_proxy_of_ours_are_not_counted(system):
    held = [Connection(system.http_port) for _ in range(10)]
    for connection in held:
        equal(connection.request("GET", "/version").status, 200)
        connection.close()


@harness.with_options(n_ws=0, http_options=("--max-per-address", "3", "--listen", "[::]:0"))
def case_ipv6_connections_count_by_house(system):
    """Two addresses of one /64: here two of 127.0.0.0/8 and ::1 stand for strangers."""
    held = []

    def hold():  # connections of before may not be counted off yet
        connection = Connection(system.http_port)
        try:
            if connection.request("GET", "/version").status == 200:
                held.append(connection)
                return True
        except (EOFError, ConnectionError):
            pass
        connection.close()
        return False

    for _ in range(3):
        until(hold, "a connection")
    with Connection(system.http_port) as fourth:
        try:
            equal(fourth.request("GET", "/version").status, 503)
        except (EOFError, ConnectionError):
            pass
    with Connection(system.http_port, source="127.0.0.9") as stranger:
        equal(stranger.request("GET", "/version").status, 200)
    for connection in held:
        connection.close()
    until(lambda: _ask(system.http_port) == 200, "recovers at once")


@harness.with_options(n_ws=0, http_options=("--max-receiving", "100KiB", *ADMIN))
def case_bodies_of_all_requests_together_are_bounded(system):
    def head(size):
        return f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n".encode()

    script = b"/ITL/scene/probe x 0.1;" + b" " * 60_000
    with Connection(system.http_port) as first, Connection(system.http_port) as second:
        first.send(head(len(script)) + script[:-1])  # 64 KiB are held for it
        until_metric(system.https[0], "leggio_http_receiving_bytes")
        second.send(head(len(script)) + script)
        answer = second.read_answer()
        equal(answer.status, 503, answer)
        check("too much" in answer.json()["error"] and answer.header("Retry-After"), answer)
        equal(HttpClient(system.http_port).post("/ITL/scene/probe x 0.2;").status, 200, "small ones go on")
        first.send(script[-1:])
        equal(first.read_answer().status, 200)
        second.send(head(len(script)) + script)
        equal(second.read_answer().status, 200, "room again")
    until(lambda: metric(system.https[0], "leggio_http_receiving_bytes") == 0, "all is given back")
    until_metric(system.https[0], 'leggio_http_limited_total{limit="max-receiving"}')


def case_bad_proxies_end_the_start(system):
    for name in ("leggio-http", "leggio-ws"):
        for bad in ("haproxy", "10.0.0.0/33", "::/129"):
            done = subprocess.run([harness.tool(name), "--proxy", bad, "--check"], capture_output=True, text=True, check=False)
            equal(done.returncode, 2, bad)
            check(bad in done.stderr, done.stderr)
    equal(system.http.get("/version").status, 200)


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",))
