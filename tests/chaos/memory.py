#!/usr/bin/env python3
"""Memory that runs out: each process in turn may have little more than it has (RLIMIT_AS), and is asked for much more.

A gateway loses the clients that ask for it and nobody else. The renderer refuses what it has no memory for, or ends and
comes back: every post that was answered is there afterwards, and the picture is on the air all the time."""
import json
import os
import resource
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
from harness import check, equal, until  # noqa: E402
from wsclient import WsClient  # noqa: E402

MIB = 1024 * 1024
SCORE = "/ITL/scene/probe set rect 0.5 0.5; /ITL/scene/probe color 200 30 30;\n"


def address_space(program):
    with open(f"/proc/{program.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def limit(program, more_bytes):
    resource.prlimit(program.process.pid, resource.RLIMIT_AS, (address_space(program) + more_bytes, resource.RLIM_INFINITY))


def unlimit(program):
    resource.prlimit(program.process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def flood(port, data, n_links):
    """Large requests that are never ended; whoever is refused is refused."""
    links = []
    for _ in range(n_links):
        try:
            link = socket.create_connection(("127.0.0.1", port), 5)
            link.settimeout(2)
            links.append(link)
            link.sendall(data)
        except OSError:
            pass
    return links


def case_memory_of_the_ws_gateway():
    with harness.System(n_http=1, n_ws=1, score=SCORE) as system:
        viewer = WsClient("127.0.0.1", system.ws_port, "/")
        until(lambda: viewer.request("version")["status"] == "OK", "first version")
        limit(system.wss[0], 24 * MIB)
        upgrade = (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        message = b"\x81\xff" + (30 * MIB).to_bytes(8, "big") + b"\0\0\0\0" + b"x" * (6 * MIB)
        links = flood(system.ws_port, upgrade + message, 12)
        equal(viewer.request("version")["status"], "OK", "a viewer in the flood")
        version = system.http.post("/ITL/scene/probe angle 10;").version
        check(viewer.wait_notification(version, 10), "notices in the flood")
        check(system.wss[0].is_running(), system.wss[0].log_text())
        for link in links:
            link.close()
        unlimit(system.wss[0])
        until(lambda: WsClient("127.0.0.1", system.ws_port, "/").request("version")["status"] == "OK", "a new viewer afterwards")
        return f"{len(links)} clients asked for 6 MiB each, the gateway had 24"


def case_memory_of_the_http_gateway():
    with harness.System(n_http=1, n_ws=0, score=SCORE) as system:
        kept = harness.Connection(system.http_port)
        equal(kept.request("GET", "/").status, 200)
        limit(system.https[0], 24 * MIB)
        request = (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 15000000\r\n\r\n"
                   + b"x" * (6 * MIB))
        links = flood(system.http_port, request, 12)
        equal(kept.request("GET", "/").status, 200, "a client in the flood")
        check(system.https[0].is_running(), system.https[0].log_text())
        for link in links:
            link.close()
        unlimit(system.https[0])
        until(lambda: system.http.post("/ITL/scene/probe angle 20;").status == 200, "a post afterwards")
        return f"{len(links)} clients posted 6 MiB each, the gateway had 24"


def has_object(system, name):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "get", "params": {"address": f"/ITL/scene/{name}", "params": ["x"]}})
    answer = system.http.request("POST", "/rpc", (("Content-Type", "application/json"),), body.encode())
    return bool(answer.status == 200 and answer.json().get("result", {}).get("messages"))


def post(system, script):
    """Status, or None when no answer comes: the renderer has ended in the middle of it."""
    try:
        return system.http.post(script).status
    except OSError:
        return None


def case_memory_of_the_renderer():
    with harness.System(n_http=1, n_ws=0, score=SCORE) as system:
        limit(system.renderer, 64 * MIB)
        answered, refused = [], 0
        for number in range(200):
            words = "word " * 40
            script = f"/ITL/scene/mark{number} set rect 0.01 0.01; /ITL/scene/mark{number} x 0.5;" + "".join(
                f"/ITL/scene/t{number}_{i} set txt '{words}{i}';" for i in range(400))
            status = post(system, script)
            check(status in (200, 400, 503, None), status)  # 400: done in part, and the answer says what was not
            equal(system.http.get("/").status, 200, "picture meanwhile")
            if status == 200:
                answered.append(number)
            else:
                refused += 1
            if not system.renderer.is_running() or refused > 3:
                break
        has_ended = not system.renderer.is_running()
        check(has_ended or refused > 0, "200 large posts did not fill 64 MiB")
        if has_ended:
            system.start_renderer()
        else:
            unlimit(system.renderer)
        until(lambda: system.http.post("/ITL/scene/probe angle 30;").status == 200, "a post afterwards", 60)
        lost = [number for number in answered if not has_object(system, f"mark{number}")]
        check(not lost, f"posts {lost} were answered and are gone")
        return (f"{len(answered)} posts answered, {refused} refused, the renderer "
                f"{'ended and came back' if has_ended else 'went on'}, all answered ones are there")


if __name__ == "__main__":
    sys.exit(1 if harness.run_alone(globals(), sys.argv[1:]) else 0)
