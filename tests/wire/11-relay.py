#!/usr/bin/env python3
"""leggio-relay: a tree renderer - relay - relay - gateways sees every change, its calls work, and all is current again
after any of its relays was killed and has come back (architecture 1)."""
import signal
import socket
import threading
import time

import harness
import zmtp
from harness import HttpClient, Program, admin_of, check, equal, free_port, metrics, tool, until
from wsclient import WsClient

CURRENT_LIMIT_S = 3.0


class Tree:
    """Two relays one behind the other below the system's renderer; an HTTP gateway on each, a WebSocket gateway last."""

    def __init__(self, system, calls=None):
        self.system = system
        self.calls = calls or system.calls  # of the renderer
        self.ports = [[free_port(), free_port()] for _ in range(2)]
        self.relays = [self.start_relay(0), self.start_relay(1)]
        self.admins = [admin_of(relay) for relay in self.relays]
        self.http = [self.start_gateway("http", level) for level in range(2)]
        self.ws_port = self.start_gateway("ws", 1)
        for client in self.http:
            until(lambda at=client: at.get("/version").status == 200, "first version below a relay")

    def endpoints(self, level):
        """Feed and calls that the relay of this level gives on."""
        return [f"tcp://127.0.0.1:{port}" for port in self.ports[level]]

    def start_relay(self, level, *more):
        feed, calls = (self.system.feed, self.calls) if level == 0 else self.endpoints(level - 1)
        below = self.endpoints(level)
        relay = self.system.start_program([
            tool("leggio-relay"), "--feed", feed, "--calls", calls, "--bind-feed", below[0], "--bind-calls", below[1],
            "--admin", "127.0.0.1:0", *more])
        relay.wait_line("ready feed=")
        return relay

    def start_gateway(self, kind, level):
        feed, calls = self.endpoints(level)
        program = self.system.start_program([tool(f"leggio-{kind}"), "--listen", "127.0.0.1:0", "--feed", feed,
                                             "--calls", calls])
        port = int(program.wait_line(f"listening {kind}").rpartition(":")[2])
        return HttpClient(port) if kind == "http" else port

    def stop(self):
        """In any order: relays first."""
        for relay in self.relays:
            equal(relay.stop(), 0, "status of a stopped relay")


class Cable:
    """A TCP port that leads to another one. Connections that exist when it is cut stay open and carry nothing, as when a
    machine on the way has forgotten them; new ones work."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open, self.dead = [], []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.target))
            self.open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    def carry(self, source, sink):
        try:
            while data := source.recv(65536):
                if source not in self.dead:
                    sink.sendall(data)
            if source not in self.dead:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        self.dead += self.open

    def close(self):
        self.listener.close()
        for end in self.open:
            end.close()


def all_show(tree, version):
    """Every gateway of the tree has this version, and the same picture of it."""
    pictures = set()
    for client in tree.http:
        answer = client.get(f"/?version={version}")
        equal((answer.status, answer.version), (200, version), "picture below a relay")
        pictures.add(answer.header("ETag"))
    equal(len(pictures), 1, "different pictures of one version")


def case_changes_go_down_and_calls_go_up(system):
    tree = Tree(system)
    for client in [*tree.http, system.http]:
        answer = client.post(system.touch_script())
        equal(answer.status, 200, answer)
        all_show(tree, answer.version)
    equal(tree.http[1].post(system.error_script).status, 400, "the renderer's refusal comes back")
    with WsClient("127.0.0.1", tree.ws_port) as ws:
        equal(ws.request("version")["status"], "OK")
        equal(ws.request("post", data=system.touch_script())["status"], "OK")
    for admin in tree.admins:
        equal(admin.get("/healthz").status, 200)
        equal(admin.get("/readyz").status, 200)
        for name in ("feed_messages", "feed_bytes", "calls", "replies"):
            check(metrics(admin)[f"leggio_relay_{name}_total"] > 0, name)
        check(metrics(admin)["leggio_relay_subscriptions"] >= 3, "topics of the gateways below")
    tree.stop()


def case_a_killed_relay_comes_back_and_all_is_current(system):
    tree = Tree(system)
    for level in (0, 1):
        tree.relays[level].kill()
        version = system.http.post(system.touch_script()).version  # nobody below hears of it
        tree.relays[level] = tree.start_relay(level)
        back = time.monotonic()
        for client in tree.http:
            until(lambda at=client: at.get("/version").json()["version"] >= version, "what was missed")
        check(time.monotonic() - back < CURRENT_LIMIT_S, f"current after {time.monotonic() - back:.1f} s")
        answer = until(lambda: (lambda at: at if at.status == 200 else None)(tree.http[1].post(system.touch_script())),
                       "calls after the relay's return")
        all_show(tree, answer.version)
    tree.stop()


def case_the_renderer_goes_and_comes_back(system):
    tree = Tree(system)
    system.renderer.kill()
    for admin in tree.admins:
        until(lambda at=admin: at.get("/readyz").status == 503, "a relay says that the feed is silent")
        equal(admin.get("/healthz").status, 200)
    until(lambda: tree.http[1].get("/").header("Warning"), "the picture is marked as old")
    system.start_renderer()
    for admin in tree.admins:
        until(lambda at=admin: at.get("/readyz").status == 200, "ready again")
    back = time.monotonic()
    for client in tree.http:
        until(lambda at=client: at.get("/").header("Warning") is None, "fresh below relays")
    check(time.monotonic() - back < CURRENT_LIMIT_S, f"fresh after {time.monotonic() - back:.1f} s")
    answer = tree.http[0].post(system.touch_script())
    equal((answer.status, answer.header("Warning")), (200, None), answer)
    all_show(tree, answer.version)
    tree.stop()


def case_calls_go_on_when_their_connection_hangs_and_the_feed_does_not(system):
    cable = Cable(int(system.calls.rpartition(":")[2]))
    tree = Tree(system, calls=f"tcp://127.0.0.1:{cable.port}")
    all_show(tree, tree.http[0].post(system.touch_script()).version)
    cable.cut()
    answer = until(lambda: (lambda at: at if at.status == 200 else None)(tree.http[1].post(system.touch_script())),
                   "a post over a new connection")
    all_show(tree, answer.version)
    equal(tree.admins[0].get("/readyz").status, 200, "the feed was heard all the time")
    check(metrics(tree.admins[0])["leggio_relay_reconnects_total"] >= 1, "connected anew")
    tree.stop()
    cable.close()


def case_nonsense_from_below_goes_no_further(system):
    """Strange subscriptions and calls: the relay drops or passes them, and everybody else is served."""
    tree = Tree(system)
    feed, calls = tree.endpoints(0)
    with socket.create_connection(("127.0.0.1", tree.ports[0][0])) as raw:
        raw.sendall(b"\xff" * 4096)
    with zmtp.Peer(feed, "SUB") as peer:
        for body in (b"\x01" + b"x" * 300, b"\x07no subscription", b"\x01f/scene/"):
            peer.send(body)
    with zmtp.Peer(calls, "DEALER") as peer:
        peer.send(*[b"hop"] * 20, b"", b"too many hops")
        peer.send(b"", b"no request")
        peer.send(b"nothing behind", b"")
    until(lambda: metrics(tree.admins[0])["leggio_relay_calls_total"] >= 3, "passed on")
    check(all(relay.is_running() for relay in tree.relays) and system.renderer.is_running(), "all live")
    all_show(tree, tree.http[1].post(system.touch_script()).version)
    tree.stop()


def case_options_are_checked(system):
    def start(*options):
        relay = Program([tool("leggio-relay"), "--bind-feed", "tcp://127.0.0.1:*", "--bind-calls", "tcp://127.0.0.1:*",
                         *options])
        return relay.process.wait(harness.LIMIT_S), relay.log_text()

    status, text = start("--bind-calls", "tcp://0.0.0.0:*")
    check(status == 2 and "--bind-calls" in text and "--curve-keys" in text, status, text)
    status, text = start("--feed", "nonsense")
    check(status == 2 and "--feed" in text, status, text)
    status, text = start("--bind-feed", system.feed)
    check(status == 1 and "not_bound" in text, status, text)


def case_hangup_keeps_serving(system):
    tree = Tree(system)
    for relay in tree.relays:
        relay.signal(signal.SIGHUP)
        until(lambda at=relay: "reload" in at.log_text(), "it says that it has read again")
    all_show(tree, tree.http[1].post(system.touch_script()).version)
    tree.stop()


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",))
