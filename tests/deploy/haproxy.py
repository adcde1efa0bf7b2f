#!/usr/bin/env python3
"""deploy/haproxy.cfg, with its ports replaced by free ones, before two gateways of each kind."""
import os
import re
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import accepts, check, equal, free_port, until  # noqa: E402
from wsclient import WsClient  # noqa: E402

CONFIGURATION = os.path.join(os.path.dirname(TESTS), "deploy", "haproxy.cfg")


def start_haproxy(system):
    """HAProxy's own ports for HTTP and WebSocket."""
    with open(CONFIGURATION, encoding="utf-8") as file:
        text = file.read()
    front = [free_port(), free_port()]
    for old, new in zip((":8000", ":7100"), front):
        check(f"bind {old}\n" in text, f"no bind {old}")
        text = text.replace(f"bind {old}\n", f"bind 127.0.0.1:{new}\n")
    for kind, ports in (("http", system.http_ports), ("ws", system.ws_ports)):
        for index, port in enumerate(ports, 1):
            text, n_found = re.subn(rf"(server {kind}-{index} 127\.0\.0\.1:)\d+", rf"\g<1>{port}", text)
            equal(n_found, 1, f"server {kind}-{index}")
    path = os.path.join(system.folder, "haproxy-deploy.cfg")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    haproxy = system.start_program(["haproxy", "-db", "-f", path])
    until(lambda: not haproxy.is_running() or all(map(accepts, front)), "haproxy")
    check(haproxy.is_running(), haproxy.log_text())
    return front


def case_file_is_valid(_):
    done = subprocess.run(["haproxy", "-c", "-f", CONFIGURATION], capture_output=True, text=True, check=False)
    check(done.returncode == 0 and "WARNING" not in done.stdout + done.stderr, done.stdout, done.stderr)


def case_everybody_looks_and_clicks_nobody_conducts(system):
    http_port, ws_port = start_haproxy(system)
    front = harness.HttpClient(http_port)
    until(lambda: front.get("/version").status == 200, "gateways behind HAProxy")
    equal(front.get("/").body[:8], b"\x89PNG\r\n\x1a\n")
    x, y = system.hit
    equal(front.post_form("/click", x=x, y=y).status, 200, "click")
    equal(front.post("/ITL/scene/probe angle 5;").status, 403, "post")
    equal(front.get("/log").status, 403, "log")
    with WsClient("127.0.0.1", ws_port) as ws:
        equal(ws.request("version")["status"], "OK")
        equal(ws.request("post", data="/ITL/scene/probe angle 5;")["status"], "ERROR", "post over WebSocket")


def case_one_gateway_goes_and_its_clients_stay_served(system):
    http_port, _ = start_haproxy(system)
    front = harness.HttpClient(http_port)
    until(lambda: front.get("/version").status == 200, "gateways behind HAProxy")
    system.https[0].kill()
    for _ in range(20):
        equal(front.get("/version").status, 200, "while one is away")
    version = system.gateways()[1].post("/ITL/scene/probe angle 12;").version
    equal(front.get(f"/?version={version}").version, version, "what was posted")


if __name__ == "__main__":
    harness.TOPOLOGIES["two"] = {"number": 2, "haproxy": False}
    harness.main(globals(), topologies=("two",), renderers=("real",), n_ws=2,
                 http_options=("--max-per-address", "0"), ws_options=("--max-per-address", "0"))
