#!/usr/bin/env python3
"""The gateway's admin endpoint, and where it listens (architecture 7)."""
import harness
from harness import Connection, HttpClient, admin_of, check, equal, until


def case_admin_tells_health_readiness_and_metrics(system):
    program = system.start_http("--admin", "127.0.0.1:0")
    admin = admin_of(program)
    equal(admin.get("/healthz").status, 200)
    until(lambda: admin.get("/readyz").status == 200, "ready")
    client = HttpClient(system.http_ports[-1])
    for _ in range(5):
        equal(client.get("/version").status, 200)
    text = admin.get("/metrics").text
    for name in ("leggio_http_requests_total", "leggio_http_connections", "leggio_http_limited_total",
                 "leggio_upstream_frames_total"):
        check(f"\n{name}" in "\n" + text, name)


def case_not_ready_before_the_first_contact(system):
    nowhere = f"tcp://127.0.0.1:{harness.free_port()}"
    program = system.start_program([harness.tool("leggio-http"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                                    "--feed", nowhere, "--calls", nowhere])
    admin = admin_of(program)
    equal(admin.get("/healthz").status, 200)
    equal(admin.get("/readyz").status, 503)


def case_several_addresses_and_ipv6(system):
    program = system.start_program([harness.tool("leggio-http"), "--listen", "127.0.0.1:0", "--listen", "[::1]:0",
                                    "--feed", system.feed, "--calls", system.calls])
    ports = [int(program.wait_line("listening http").rpartition(":")[2]) for _ in range(2)]
    for port, host in zip(ports, ("127.0.0.1", "::1")):
        until(lambda at=port, name=host: HttpClient(at, name).get("/version", ("Host", "localhost")).status == 200, host)
        answer = HttpClient(port, host).request("POST", "/", [harness.FORM, ("Host", "localhost")],
                                                harness.form(data=system.touch_script()))
        equal(answer.status, 200, answer)


def case_port_in_use_ends_the_start_with_one_line(system):
    program = system.start_program([harness.tool("leggio-http"), "--listen", f"127.0.0.1:{system.http_ports[0]}",
                                    "--feed", system.feed, "--calls", system.calls], "second")
    equal(program.process.wait(harness.LIMIT_S), 1)
    check("cannot listen on 127.0.0.1" in program.log_text(), program.log_text())
    with Connection(system.http_ports[0]) as connection:
        equal(connection.request("GET", "/version").status, 200)


if __name__ == "__main__":
    harness.main(globals(), renderers=("fake",))
