#!/usr/bin/env python3
"""/healthz, /readyz with reasons and /metrics in every process, and that the figures
follow what happens (docs/operations.md "Health and metrics")."""
import signal

import harness
from harness import Connection, admin_of, check, equal, metrics, until
from wsclient import WsClient

ADMIN = ("--admin", "127.0.0.1:0")


def until_metric(admin, name, is_good, what=""):
    until(lambda: is_good(metrics(admin).get(name, -1)), f"{name} {what}")


def case_every_process_is_alive_ready_and_counts(system):
    for program in (system.renderer, system.https[0], system.wss[0]):
        admin = admin_of(program)
        equal(admin.get("/healthz").text, "alive\n")
        until(lambda at=admin: at.get("/readyz").status == 200, f"{program.name} ready")
        figures = metrics(admin)
        check(figures["process_resident_memory_bytes"] > 1e6, program.name)
        check(3 < figures["process_open_fds"] < figures["process_max_fds"], program.name)
        check(figures["process_start_time_seconds"] > 1.7e9, program.name)
        check(any(name.startswith("leggio_build_info{version=") for name in figures), program.name)


def case_frame_age_starts_again_with_each_picture(system):
    renderer, http = admin_of(system.renderer), admin_of(system.https[0])
    for admin, name in ((renderer, "leggio_renderer_frame_age_seconds"), (http, "leggio_upstream_frame_age_seconds")):
        until_metric(admin, name, lambda age: age > 2.0, "grows")
        system.http.post(system.touch_script())
        until_metric(admin, name, lambda age: 0 <= age < 2.0, "starts again")
    equal(metrics(http)["leggio_upstream_versions_behind"], 0)


def case_clients_by_state_and_notices(system):
    ws_admin, http_admin = admin_of(system.wss[0]), admin_of(system.https[0])
    with WsClient("127.0.0.1", system.ws_ports[0]) as ws, Connection(system.http_port) as events:
        events.send(f"GET /events HTTP/1.1\r\nHost: {events.name}\r\n\r\n")
        equal(events.read_head().status, 200)
        until_metric(ws_admin, 'leggio_ws_clients{state="current"}', lambda n: n >= 1)
        until_metric(http_admin, 'leggio_http_clients{state="streaming"}', lambda n: n >= 1)
        before = metrics(ws_admin)["leggio_ws_notice_delay_seconds_count"], metrics(http_admin)["leggio_http_notices_total"]
        system.http.post(system.touch_script())
        ws.next_notification()
        until_metric(ws_admin, "leggio_ws_notice_delay_seconds_count", lambda n: n > before[0])
        until_metric(http_admin, "leggio_http_notices_total", lambda n: n > before[1])
    until_metric(http_admin, 'leggio_http_clients{state="streaming"}', lambda n: n == 0)


def case_sessions_and_subscriptions_are_counted(system):
    admin = admin_of(system.wss[0])
    with WsClient("127.0.0.1", system.ws_ports[0], "/rpc") as ws:
        ws.send_json({"jsonrpc": "2.0", "id": 1, "method": "connect"})
        ws.send_json({"jsonrpc": "2.0", "id": 2, "method": "subscribe", "params": {"frames": "base64"}})
        until(lambda: ws.recv_json().get("id") == 2, "subscribed")
        until_metric(admin, "leggio_rpc_sessions", lambda n: n == 1)
        until_metric(admin, "leggio_rpc_subscriptions", lambda n: n == 1)
        system.http.post(system.touch_script())
        until_metric(admin, "leggio_rpc_notice_delay_seconds_count", lambda n: n >= 1)
        check(metrics(admin)['leggio_rpc_sessions_total{what="made"}'] >= 1)
        ws.send_json({"jsonrpc": "2.0", "id": 3, "method": "closeSession"})
        until_metric(admin, "leggio_rpc_sessions", lambda n: n == 0)


@harness.with_options(ws_options=(*ADMIN, "--notify-period", "1s"))
def case_versions_that_nobody_was_told_of_are_counted(system):
    admin = admin_of(system.wss[0])
    with WsClient("127.0.0.1", system.ws_ports[0]) as ws:
        first = ws.image()[0]
        for _ in range(6):
            newest = system.http.post(system.touch_script()).version
        told = ws.wait_notification(newest)
        check(len(told) <= 3, "told", told)
        n_skipped = newest - first - len([version for version in told if version > first])
        check(n_skipped > 0, first, told)
        until_metric(admin, "leggio_ws_coalesced_total", lambda n: n >= n_skipped)


def case_a_renderer_that_goes_is_seen_and_no_reason_to_turn_clients_away(system):
    admins = [admin_of(system.https[0]), admin_of(system.wss[0])]
    system.renderer.kill()
    for admin in admins:
        until_metric(admin, "leggio_upstream_fresh", lambda n: n == 0)
        check(metrics(admin)["leggio_upstream_silent_seconds"] > 2)
        equal(admin.get("/readyz").status, 200)
    system.start_renderer()
    for admin in admins:
        until_metric(admin, "leggio_upstream_fresh", lambda n: n == 1)


def case_reasons_of_those_who_are_not_ready(system):
    nowhere = f"tcp://127.0.0.1:{harness.free_port()}"
    for name in ("leggio-http", "leggio-ws"):
        program = system.start_program([harness.tool(name), "--listen", "127.0.0.1:0", *ADMIN, "--feed", nowhere,
                                        "--calls", nowhere])
        answer = admin_of(program).get("/readyz")
        equal((answer.status, answer.text), (503, "no contact with the renderer yet\n"), name)
        program.stop()


@harness.with_options(ws_options=(*ADMIN, "--drain-time", "5s"), http_options=(*ADMIN, "--drain-time", "5s"))
def case_draining_is_a_reason(system):
    admins = [admin_of(system.https[0]), admin_of(system.wss[0])]
    with WsClient("127.0.0.1", system.ws_ports[0]), Connection(system.http_port) as slow:
        slow.send(f"POST / HTTP/1.1\r\nHost: {slow.name}\r\nContent-Length: 9\r\n\r\n")
        until_metric(admins[0], 'leggio_http_clients{state="receiving"}', lambda n: n >= 1)
        for program, admin in zip((system.https[0], system.wss[0]), admins):
            program.signal(signal.SIGTERM)
            until(lambda at=admin: at.get("/readyz").status == 503, "draining")
            equal(admin.get("/readyz").text, "draining\n", program.name)


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), n_ws=1, http_options=ADMIN, ws_options=ADMIN, renderer_options=ADMIN)
