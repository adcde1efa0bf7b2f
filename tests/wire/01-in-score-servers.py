#!/usr/bin/env python3
"""`set httpd PORT`: ports that the score opens (web API reference 1.1; issue
"In-score servers")."""
import re
import socket

import harness
from harness import Connection, HttpClient, accepts, check, equal, free_port, only_with, until


def set_server(system, name, port, scene="scene"):
    if system.is_fake:
        return system.http.post(f"/fake/server httpd /ITL/{scene}/{name} {scene} {port} 0;")
    return system.http.post(f"/ITL/{scene}/{name} set httpd {port};")


def delete_server(client, system, name):
    return client.post("/fake/noservers;" if system.is_fake else f"/ITL/scene/{name} del;")


def served(port, path="/version"):
    try:
        with Connection(port, limit_s=5) as connection:
            return connection.request("GET", path).status == 200
    except (OSError, EOFError):
        return False


def clean(system, *ports):
    if system.is_fake:
        system.http.post("/fake/noservers;")
    for port in ports:
        until(lambda at=port: not accepts(at), f"{port} closed")


def case_port_opens_serves_and_closes(system):
    port = free_port()
    equal(set_server(system, "web", port).status, 200)
    until(lambda: served(port), f"port {port}")
    client = HttpClient(port)
    equal(client.get("/").body[:4], b"\x89PNG")
    equal(client.post(system.touch_script()).status, 200)
    x, y = system.hit
    equal(client.post_form("/click", x=x, y=y).status, 200)
    delete_server(system.http, system, "web")
    clean(system, port)
    equal(system.http.get("/version").status, 200, "the default port")


def case_port_moves_and_drops_its_clients(system):
    first, second = free_port(), free_port()
    set_server(system, "web", first)
    until(lambda: served(first), "first")
    with Connection(first) as idle, Connection(system.http_ports[0]) as other:
        equal(idle.request("GET", "/version").status, 200)
        equal(other.request("GET", "/version").status, 200)
        set_server(system, "web", second)
        until(lambda: served(second), "second")
        until(lambda: not accepts(first), "first closed")
        check(idle.is_closed(), "its idle client is closed")
        equal(other.request("GET", "/version").status, 200, "a client of the default port")
    delete_server(system.http, system, "web")
    clean(system, second)


def case_poster_is_answered_by_the_server_that_it_deletes(system):
    for _ in range(5):
        port = free_port()
        set_server(system, "web", port)
        until(lambda: served(port), f"port {port}")
        answer = delete_server(HttpClient(port), system, "web")
        equal(answer.status, 200, answer)
        clean(system, port)


def case_all_objects_may_be_deleted_through_it(system):
    if system.is_fake:
        return
    port = free_port()
    set_server(system, "web", port)
    until(lambda: served(port), f"port {port}")
    equal(HttpClient(port).post("/ITL/scene/* del;").status, 200)
    clean(system, port)
    equal(system.http.post(harness.SCORE).status, 200)


def case_port_of_another_scene_shows_that_scene(system):
    port = free_port()
    script = "/fake/scene viola;" if system.is_fake else "/ITL/viola new; /ITL/viola/r set rect 1 1;"
    equal(system.http.post(script).status, 200)
    set_server(system, "web", port, "viola")
    until(lambda: served(port), f"port {port}")
    equal(HttpClient(port).get("/").header("ETag"), system.http.get("/scenes/viola/").header("ETag"))
    system.http.post("/fake/noservers;" if system.is_fake else "/ITL/viola/web del;")
    clean(system, port)


def case_default_port_is_never_shared(system):
    """Every gateway must fail, and say so, and go on serving."""
    set_server(system, "web", system.http_ports[0])
    if system.is_fake:
        until(lambda: re.search(r"servers .*x=0 .*web", system.http.get("/log").json()["log"]), "report")
    else:
        until(lambda: "Cannot create http server on port" in system.http.get("/log").json()["log"], "error in the log")
    for client in system.gateways():
        for _ in range(5):
            equal(client.get("/version").status, 200)
    delete_server(system.http, system, "web")


def case_port_in_use_is_reported(system):
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        set_server(system, "web", port)
        if system.is_fake:
            until(lambda: re.search(r"servers .*x=0 .*web", system.http.get("/log").json()["log"]), "report")
        else:
            until(lambda: f"Cannot create http server on port {port}" in system.http.get("/log").json()["log"],
                  "error in the log")
        delete_server(system.http, system, "web")


@only_with("fake")
def case_number_of_clients_is_reported(system):
    port = free_port()
    set_server(system, "count", port)
    until(lambda: served(port), f"port {port}")

    def reported():
        last = {}
        for line in system.http.get("/log").json()["log"].splitlines():
            match = re.match(r"servers .*x=1 y=(\d+) .*count", line)
            if match:
                last[line.split()[2]] = int(match[1])
        return sum(last.values())
    clients = []
    for _ in range(6):
        clients.append(Connection(port))
        clients[-1].request("GET", "/version")
    if len(system.http_ports) == 1:
        until(lambda: reported() == 6, "6 clients")
    for client in clients:
        client.close()
    until(lambda: reported() == 0, "no client")
    clean(system, port)


def case_list_of_many_ports(system):
    ports = [free_port() for _ in range(20)]
    for number, port in enumerate(ports):
        set_server(system, f"many{number}", port)
    if not system.is_fake:
        for port in ports:
            until(lambda at=port: served(at), f"port {port}")
        equal(system.http.post("/ITL/scene/many* del;").status, 200)
    clean(system, *ports)


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
