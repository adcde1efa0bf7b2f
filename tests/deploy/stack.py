"""deploy/docker-compose.yml on an engine, seen from outside: what containers.py needs to say what it expects."""
import json
import os
import re
import signal
import subprocess
import threading
import time

import engine
from harness import Failure, HttpClient, check, until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMPOSE = os.path.join(ROOT, "deploy", "docker-compose.yml")
PORT, TLS_PORT = 8000, 8443  # in a network of the test's own
ADMIN_PORTS = {"renderer": 9100, "gateway-http": 9101, "gateway-ws": 9102, "relay": 9103, "balancer": 9104}
HEALTHY_LIMIT_S = 60.0


class Stack:
    def __init__(self, docker, folder):
        self.docker = docker
        self.env = {"LEGGIO_ACCESS": os.path.join(folder, "access"), "LEGGIO_CERTS": os.path.join(folder, "certs")}
        for path in self.env.values():
            os.makedirs(path)
        self.token = self.make_token()
        self.door = HttpClient(PORT)
        self.n_posts = 0

    def make_token(self):
        """A token that may conduct, made by the image as docs/operations.md says."""
        made = subprocess.run(["docker", "run", "--rm", "leggio-keys", "token", "--role", "conduct", "--label", "test"],
                              env=self.docker.env, capture_output=True, text=True, check=True)
        with open(os.path.join(self.env["LEGGIO_ACCESS"], "auth"), "w", encoding="utf-8") as file:
            file.write(made.stdout + "anonymous play\n")
        return made.stderr.strip()

    def compose(self, *words, limit_s=300):
        return engine.run(["docker-compose", "--project-name", "leggio", "--file", COMPOSE, *words], limit_s,
                          env={**self.docker.env, **self.env})

    def up(self, **scale):
        words = [word for service, n in scale.items() for word in ("--scale", f"{service.replace('_', '-')}={n}")]
        self.compose("up", "--detach", "--no-build", *words)

    # -- containers -------------------------------------------------------------

    def containers(self, service=None):
        """What the engine says of each container."""
        label = f"com.docker.compose.service={service}" if service else "com.docker.compose.project=leggio"
        ids = self.docker.run("ps", "--all", "--quiet", "--no-trunc", "--filter", f"label={label}").split()
        boxes = json.loads(self.docker.run("inspect", *ids)) if ids else []
        return [box for box in boxes if not box["Name"].startswith("/leggio_keys_")]  # a tool, ended

    def unhealthy(self, service=None):
        """Containers that are not healthy, with what their last check said."""
        checks = [(box["Name"], box["State"].get("Health", {"Status": "unchecked"})) for box in self.containers(service)]
        return [f"{name} {health['Status']}: {health.get('Log', [{}])[-1:]}" for name, health in checks
                if health["Status"] != "healthy"]

    def wait_healthy(self, service=None):
        try:
            until(lambda: not self.unhealthy(service), "all healthy", HEALTHY_LIMIT_S)
        except Failure:
            raise Failure("\n".join(self.unhealthy(service))) from None

    def kill_process(self, box):
        """kill -9 of a container's process, as a crash would be; true once the engine has started it again."""
        n_before, pid = box["RestartCount"], box["State"]["Pid"]
        os.kill(pid, signal.SIGKILL)

        def is_back():
            now = next(other for other in self.containers() if other["Id"] == box["Id"])
            return now["RestartCount"] == n_before + 1 and now["State"]["Running"] and now["State"]["Pid"] != pid
        until(is_back, f"{box['Name']} started again")

    def addresses(self, service):
        return [next(network["IPAddress"] for network in box["NetworkSettings"]["Networks"].values())
                for box in self.containers(service) if box["State"]["Running"]]

    def metrics(self, service):
        """Text of each container's metrics."""
        return [HttpClient(ADMIN_PORTS[service], host).get("/metrics").text for host in self.addresses(service)]

    def sums(self, service, name):
        """Sum over the labels of a metric, for each container."""
        return [sum(float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))
                for text in self.metrics(service)]

    # -- the score ----------------------------------------------------------------

    def post(self):
        """Change the score by the door; the answer, whatever it is."""
        self.n_posts += 1
        return self.door.post(f"/ITL/scene/title angle {self.n_posts % 90};", ("Authorization", f"Bearer {self.token}"))

    def change_is_seen(self, limit_s=20.0):
        """A change goes in and comes out by the door. Seconds until it did."""
        started = time.monotonic()
        answer = until(lambda: answer_or_none(self.post), "a post is accepted", limit_s)
        until(lambda: answer_or_none(lambda: self.door.get(f"/?version={answer.version}")), "its picture", limit_s)
        return time.monotonic() - started


def answer_or_none(ask):
    """The answer if it is a 200."""
    try:
        answer = ask()
    except (OSError, EOFError):
        return None
    return answer if answer.status == 200 else None


class Watcher:
    """Somebody who looks all the time, by the door. Use with `with`; then it has counted."""

    def __init__(self, period_s=0.02):
        self.n_seen = self.newest = 0
        self.failures, self.inversions = [], []
        self.period_s = period_s
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()

    def look(self):
        # As the page does: gateways may differ while the renderer is away, so it asks for what it has seen or newer.
        answer = HttpClient(PORT).request("HEAD", f"/?version={self.newest}", limit_s=15)
        check(answer.status == 200, answer.status)
        version = answer.version
        if version < self.newest:
            self.inversions.append((self.newest, version))
        self.newest = version

    def watch(self):
        while not self.is_over.wait(self.period_s):
            try:
                self.look()
                self.n_seen += 1
            except Exception as error:  # whatever a client may meet counts as a failure
                self.failures.append(f"{type(error).__name__} {error}")

    def told(self):
        return f"{self.n_seen} seen, {len(self.failures)} failed, {len(self.inversions)} versions back"
