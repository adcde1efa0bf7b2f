#!/usr/bin/env python3
"""The images and deploy/docker-compose.yml on a real engine: built, brought up scaled, looked at from outside, every
service killed in turn, scaled down and up, without its renderer for 20 s, with TLS, below a relay, and down.

    tests/deploy/containers.py              all of it; needs root
    tests/deploy/containers.py build|run [NAME…]    one half, inside the namespaces that the whole makes; only these steps
"""
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
from harness import Failure, HttpClient, check, equal, until  # noqa: E402
from wsclient import WsClient  # noqa: E402
import engine  # noqa: E402
import monitoring  # noqa: E402
import stack  # noqa: E402
from stack import PORT, TLS_PORT, Watcher  # noqa: E402

ME = os.path.abspath(__file__)
SERVICES = ("renderer", "gateway-http", "gateway-ws", "store", "balancer")
AWAY_S = 20
BUILD_LIMIT_S, RUN_LIMIT_S = 1500, 600  # a loaded machine included


# -- build ------------------------------------------------------------------------

def build():
    """All images of deploy/Dockerfile, on the base image and the layers of the cache."""
    with engine.Engine(has_network=True) as docker, tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        docker.clean()
        docker.import_base()
        print(f"ok base image ({time.monotonic() - started:.0f} s)", flush=True)
        started = time.monotonic()
        dockerfile = os.path.join(stack.ROOT, "deploy", "Dockerfile")
        # Named, so that its layers are kept when what is old is removed.
        docker.run("build", "--network", "host", "--file", dockerfile, "--target", "build", "--tag", "leggio-build", stack.ROOT,
                   limit_s=BUILD_LIMIT_S)
        print(f"ok build stage ({time.monotonic() - started:.0f} s)", flush=True)
        override = os.path.join(folder, "build.yml")
        services = engine.run(["docker-compose", "--file", stack.COMPOSE, "--profile", "relay", "config",
                               "--services"], env=docker.env).split()
        with open(override, "w", encoding="utf-8") as file:
            file.write("services:\n" + "".join(f"  {name}: {{build: {{network: host}}}}\n" for name in services))
        engine.run(["docker-compose", "--file", stack.COMPOSE, "--file", override, "--profile", "relay",
                    "build"], BUILD_LIMIT_S, env=docker.env)
        docker.run("image", "prune", "--force")
        sizes = docker.run("images", "--format", "{{.Repository}} {{.Size}}").split("\n")
        print(f"ok all images ({time.monotonic() - started:.0f} s):", ", ".join(sorted(filter(None, sizes))), flush=True)


# -- what is looked at ---------------------------------------------------------------

def one_door(it):
    """Everything comes by one origin, and nothing else is published."""
    published = {box["Name"]: [port for port, at in box["NetworkSettings"]["Ports"].items() if at] for box in it.containers()}
    equal({name for name, ports in published.items() if ports}, {"/leggio_balancer_1"}, "published ports")
    until(lambda: stack.answer_or_none(lambda: it.door.get("/version")), "the first version by the door")
    check(b"<title>Leggio</title>" in it.door.get("/view/").body, "the page")
    equal(it.door.get("/").body[:8], b"\x89PNG\r\n\x1a\n", "the picture")
    equal(it.door.get("/view/config.json").json()["websocket"], f"ws://127.0.0.1:{PORT}/", "where the sockets are")
    with WsClient("127.0.0.1", PORT, "/", headers={"Authorization": f"Bearer {it.token}"}) as ws:
        equal(ws.request("version")["status"], "OK", "a WebSocket by the same port")
    it.change_is_seen()


def sockets_of_all_kinds(it):
    """JSON-RPC over WebSocket, over HTTP, and over SockJS, whose requests stay with one gateway."""
    question = {"jsonrpc": "2.0", "id": 1, "method": "version"}
    with WsClient("127.0.0.1", PORT, "/rpc") as ws:
        ws.send_json(question)
        check("version" in ws.recv_json()["result"], "over WebSocket")
    json_type = ("Content-Type", "application/json")
    answer = it.door.request("POST", "/rpc", [json_type], json.dumps(question).encode())
    check("version" in answer.json()["result"], "over HTTP", answer)
    check(it.door.get("/sockjs/info").json()["websocket"], "SockJS")
    for i in range(8):
        path = f"/sockjs/000/session{i}"
        equal(it.door.request("POST", f"{path}/xhr", [json_type], b"").body, b"o\n", "a SockJS session opens")
        sent = it.door.request("POST", f"{path}/xhr_send", [json_type], json.dumps([json.dumps(question)]).encode())
        equal(sent.status, 204, "a SockJS session takes a message")
        answer = it.door.request("POST", f"{path}/xhr", [json_type], b"").body
        check(answer.startswith(b"a[") and b"version" in answer, "over SockJS", answer)


def sessions_move(it):
    """A session of one gateway-ws is taken up at another, with no help from the door."""
    until(lambda: all(it.sums("gateway-ws", "leggio_ws_store_up")), "Redis is heard")
    first, second = it.addresses("gateway-ws")[:2]
    session, told = None, []
    for host in (first, second, first):
        params = {} if session is None else {"sessionId": session}
        with WsClient(host, 7100, "/rpc") as ws:
            ws.send_json({"jsonrpc": "2.0", "id": 1, "method": "connect", "params": params})
            result = ws.recv_json()["result"]
        check(session in (None, result["sessionId"]), "another session", result)
        session = result["sessionId"]
        told.append(result["value"])
    equal(told, ["OK", "reconnection successful", "reconnection successful"], "what connect says")


def who_may(it):
    equal(it.door.post("/ITL/scene/title angle 1;").status, 401, "a post without a token")
    equal(it.door.post("/ITL/scene/title angle 1;", ("X-Forwarded-For", "127.0.0.1"), ("Host", "localhost")).status, 401,
          "a post that says that it is local")
    equal(it.door.post_form("/click", x=432, y=308).status, 200, "the audience clicks")
    old, it.token = it.token, it.make_token()
    equal(it.post().status, 401, "a token that the gateways have not read yet")
    it.compose("kill", "-s", "HUP", "gateway-http", "gateway-ws")
    until(lambda: all(it.post().status == 200 for _ in range(6)), "the new token at every gateway")
    equal(it.door.post("/ITL/scene/title angle 1;", ("Authorization", f"Bearer {old}")).status, 401, "a token that is gone")


def confined(it):
    """No root, no capabilities, a read-only root, only the state folder writable."""
    for box in it.containers():
        with open(f"/proc/{box['State']['Pid']}/status", encoding="ascii") as file:
            facts = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        equal(facts["Uid"].split(), ["10001"] * 4, f"user of {box['Name']}")
        equal((facts["CapEff"], facts["CapBnd"]), ("0" * 16, "0" * 16), f"capabilities of {box['Name']}")
        equal(facts["NoNewPrivs"], "1", box["Name"])
        check(box["HostConfig"]["ReadonlyRootfs"], box["Name"], "has a writable root")
    renderer = it.containers("renderer")[0]["Id"]
    it.docker.run("exec", renderer, "bash", "-c",
                  "echo >/var/lib/leggio/probe && rm /var/lib/leggio/probe && ! (echo >/probe || echo >/scores/probe) 2>/dev/null")


def sockets_everywhere(it):
    """How many of twelve new WebSockets each gateway has."""
    sockets = [WsClient("127.0.0.1", PORT) for _ in range(12)]
    clients = until(lambda: (lambda n: n if sum(n) >= 12 else None)(it.sums("gateway-ws", "leggio_ws_connections")), "12 sockets")
    for socket in sockets:
        socket.close()
    return clients


def spread(it):
    """New connections go to all gateways."""
    before = it.sums("gateway-http", "leggio_http_requests_total")
    for _ in range(40):
        equal(it.door.get("/version").status, 200)
    served = [after - start for start, after in zip(before, it.sums("gateway-http", "leggio_http_requests_total"))]
    check(min(served) >= 5, "requests of each gateway:", served)
    clients = sockets_everywhere(it)
    check(min(clients) >= 2, "clients of each gateway:", clients)
    return f"requests {[int(n) for n in served]}, sockets {[int(n) for n in clients]}"


def survives_kill(it, service):
    """kill -9: the engine starts it again, the door's news go on, what others saw is told."""
    box = it.containers(service)[0]
    with Watcher() as watcher:
        it.kill_process(box)
        seconds = it.change_is_seen()
    check(not watcher.inversions, f"{service}: versions went back", watcher.inversions)
    return f"a change seen {seconds:.1f} s after; {watcher.told()}"


def survives_kills(it):
    told = [f"{service}: {survives_kill(it, service)}" for service in SERVICES]
    it.wait_healthy()
    return "; ".join(told)


def restart_alone(it):
    """An orderly restart of one container of each service: who looks notices that of the door only."""
    told = []
    for service in SERVICES:
        with Watcher() as watcher:
            it.docker.run("restart", "--time", "15", it.containers(service)[0]["Id"])
            it.change_is_seen()
        check(not watcher.inversions, service, watcher.inversions)
        check(service == "balancer" or not watcher.failures, service, watcher.failures[:5])
        told.append(f"{service}: {watcher.told()}")
    it.wait_healthy()
    return "; ".join(told)


def scales(it):
    """Down to one of each and up to more: nobody who looks notices."""
    with Watcher() as watcher:
        it.up(gateway_http=1, gateway_ws=1)
        it.change_is_seen()
        it.up(gateway_http=2, gateway_ws=4)
        equal(len(it.containers("gateway-ws")), 4, "gateways")
        it.wait_healthy()
        until(lambda: all(n > 0 for n in sockets_everywhere(it)), "the door knows the new ones")
        it.change_is_seen()
    check(not watcher.inversions, watcher.inversions)
    check(not watcher.failures, watcher.failures[:5])
    return watcher.told()


def renderer_away(it):
    """Stopped for 20 s: the last picture stays on the air, marked; changes are refused; then all is current."""
    with Watcher() as watcher:
        it.compose("stop", "renderer")
        until(lambda: not any(it.sums("gateway-http", "leggio_upstream_fresh")), "all gateways miss it")
        end = time.monotonic() + AWAY_S
        n_served = 0
        while time.monotonic() < end:
            answer = it.door.get("/")
            equal(answer.status, 200, "while the renderer is away")
            check(answer.header("Warning"), "the mark is gone")
            n_served += 1
            watcher.is_over.wait(0.2)
        equal(it.post().status, 503, "a post while the renderer is away")
        it.compose("start", "renderer")
        seconds = it.change_is_seen()
        until(lambda: it.door.get("/").header("Warning") is None, "the mark goes")
    check(not watcher.failures and not watcher.inversions, watcher.told(), watcher.failures[:5])
    return f"{n_served} marked pictures; a change seen {seconds:.1f} s after its return; {watcher.told()}"


def make_certificate(path):
    """A new certificate with its key."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                           "2", "-subj", "/CN=score.example", "-addext", "subjectAltName=DNS:score.example", "-keyout", "-"],
                          capture_output=True, text=True, check=True).stdout
    with open(path, "w", encoding="ascii") as file:
        file.write(made)


class TlsConnection(harness.Connection):
    """Trusts one certificate alone."""

    def __init__(self, pem):
        super().__init__(TLS_PORT)
        context = ssl.create_default_context(cafile=pem)
        self.socket = context.wrap_socket(self.socket, server_hostname="score.example")
        self.name = f"score.example:{TLS_PORT}"


def with_tls(it):
    """Certificates in the folder: TLS on its port, the plain port only points there. A new one is taken on SIGUSR2."""
    pem = os.path.join(it.env["LEGGIO_CERTS"], "door.pem")
    make_certificate(pem)

    def config():
        with TlsConnection(pem) as connection:
            return connection.request("GET", "/view/config.json")

    it.compose("restart", "balancer")
    told = until(lambda: stack.answer_or_none(config), "the page by TLS").json()["websocket"]
    equal(told, f"wss://score.example:{TLS_PORT}/", "where the sockets are")
    with TlsConnection(pem) as connection:
        connection.send("GET / HTTP/1.1\r\nHost: score.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
        equal(connection.read_head().status, 101, "a WebSocket by TLS")
    plain = it.door.get("/view/?a=b", ("Host", f"score.example:{PORT}"))
    equal((plain.status, plain.header("Location")), (307, f"https://score.example:{TLS_PORT}/view/?a=b"), "the plain port")
    make_certificate(pem)
    check(stack.answer_or_none(config) is None, "the new certificate is in use before it was read")
    it.compose("kill", "-s", "USR2", "balancer")
    until(lambda: stack.answer_or_none(config), "the page with the new certificate")
    os.remove(pem)
    it.compose("restart", "balancer")
    it.change_is_seen()


def below_a_relay(it):
    it.env.update(LEGGIO_FEED="tcp://relay:7020", LEGGIO_CALLS="tcp://relay:7021")
    it.compose("--profile", "relay", "up", "--detach", "--no-build", "--scale", "gateway-ws=2")
    it.change_is_seen()
    passed = it.sums("relay", "leggio_relay_calls_total")
    check(passed and passed[0] > 0, "calls that the relay passed on:", passed)
    return survives_kill(it, "relay")


def is_monitored(it):
    sockets_everywhere(it)  # some metrics begin with the first client
    with tempfile.TemporaryDirectory() as folder:
        return monitoring.all_expressions_hold(it, folder)


def goes_down(it):
    """An order, and everything is gone; our programs end with 0."""
    it.compose("--profile", "relay", "stop", "--timeout", "15")
    for box in it.containers():
        if not box["Name"].startswith("/leggio_balancer"):
            equal(box["State"]["ExitCode"], 0, f"exit status of {box['Name']}")
    it.compose("--profile", "relay", "down", "--volumes")
    equal(it.docker.run("ps", "--all", "--quiet"), "", "containers left")
    equal(it.docker.run("volume", "ls", "--quiet"), "", "volumes left")


STEPS = (one_door, sockets_of_all_kinds, sessions_move, who_may, confined, spread, survives_kills, restart_alone, scales, renderer_away,
         with_tls, below_a_relay, is_monitored, goes_down)


def say(name, step, *arguments):
    started = time.monotonic()
    try:
        told = step(*arguments)
    except Exception as error:
        kind = "" if isinstance(error, Failure) else f"{type(error).__name__}: "
        print(f"not ok {name}: {kind}{error}", flush=True)
        raise
    print(f"ok {name} ({time.monotonic() - started:.0f} s)" + (f": {told}" if told else ""), flush=True)


def come_up(it):
    it.up(gateway_http=2, gateway_ws=3)
    it.wait_healthy()


def run():
    with engine.Engine(has_network=False) as docker, tempfile.TemporaryDirectory() as folder:
        docker.clean()
        os.chmod(folder, 0o755)
        it = stack.Stack(docker, folder)
        chosen = [step for step in STEPS if not sys.argv[2:] or step.__name__ in sys.argv[2:]]
        try:
            say("come up", come_up, it)
            for step in chosen:
                say(step.__name__.replace("_", " "), step, it)
        except Exception:
            print(it.compose("logs", "--tail", "6", "--no-color")[-6000:], flush=True)
            raise
        finally:
            it.compose("--profile", "relay", "down", "--volumes", "--timeout", "5")


def main():
    if sys.argv[1:2] in (["build"], ["run"]):
        try:
            {"build": build, "run": run}[sys.argv[1]]()
        except Failure as failure:
            print(f"not ok {sys.argv[1]}: {failure}", flush=True)
            return 1
        except Exception:  # told by its step
            return 1
        return 0
    missing = engine.missing_tools()
    if os.geteuid() != 0 or missing:
        print("not ok containers: needs root and", ", ".join(missing) or "nothing else")
        return 1
    with engine.lock_cache():
        for half, has_network, limit_s in (("build", True, BUILD_LIMIT_S), ("run", False, RUN_LIMIT_S)):
            if engine.in_namespaces([sys.executable, ME, half], has_network, limit_s) != 0:
                return 1
    left = engine.left_over()
    print("not ok left over: " + ", ".join(left) if left else "ok nothing is left running or mounted", flush=True)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
