#!/usr/bin/env python3
"""Recovery: `seen`, `current`, and the newest frame once; versions never go back, over sockets, gateways and renderers."""
import random

import harness
from harness import check, equal, until
from rpcclient import RpcClient


def ready(system, port=None):
    rpc = RpcClient(port or system.ws_port)
    rpc.call("version")
    return rpc


def seen(version):
    return [{"scene": version["scene"], "epoch": version["epoch"], "version": version["version"]}]


def lose(rpc, frames="binary"):
    """A session with a subscription, its newest version, and no connection."""
    rpc.connect()
    rpc.call("subscribe", {"frames": frames})
    version = rpc.call("version")
    rpc.drop()
    return version


def case_who_is_current_gets_nothing(system):
    with ready(system) as rpc:
        version = lose(rpc)
        with RpcClient(system.ws_port) as again:
            equal(again.connect(sessionId=rpc.session, seen=seen(version))["current"], True)
            check(again.is_quiet() and not again.frames and not again.notes, again.notes)


def case_who_is_behind_gets_the_newest_once(system):
    for frames in ("binary", "tiles", "base64", "none"):
        with ready(system) as rpc:
            version = lose(rpc, frames)
            for _ in range(3):
                newest = system.fake("touch")
            with ready(system) as watcher:
                until(lambda: watcher.call("version")["version"] >= newest, "the gateway has it")
            with RpcClient(system.ws_port) as again:
                equal(again.connect(sessionId=rpc.session, seen=seen(version))["current"], False)
                if frames == "base64":
                    equal(again.note("frame")["version"], newest)
                elif frames == "none":
                    equal(again.note("scoreChanged")["version"], newest)
                else:
                    frame = again.binary()
                    equal((frame.version, frame.is_whole), (newest, True), "no tiles on another connection's base")
                check(again.is_quiet() and not again.frames and not again.notes, again.notes)


def case_who_does_not_tell_gets_the_newest(system):
    with ready(system) as rpc:
        version = lose(rpc)
        with RpcClient(system.ws_port) as again:
            equal(again.connect(sessionId=rpc.session)["current"], True)
            equal(again.binary().version, version["version"])


def case_another_epoch_is_not_current(system):
    with ready(system) as rpc:
        version = lose(rpc)
        system.fake("epoch")
        with ready(system) as watcher:
            until(lambda: watcher.call("version")["epoch"] != version["epoch"], "the new epoch")
            with RpcClient(system.ws_port) as again:
                result = again.connect(sessionId=rpc.session, seen=seen(version))
                equal(result["current"], False)
                frame = again.binary()
                equal("%016x" % frame.epoch, watcher.call("version")["epoch"])


def case_a_fresh_session_is_told_too(system):
    with ready(system) as rpc:
        version = rpc.call("version")
        with RpcClient(system.ws_port) as other:
            equal(other.connect(seen=seen(version))["current"], True)
        with RpcClient(system.ws_port) as other:
            equal(other.connect(seen=seen({**version, "version": version["version"] - 1}))["current"], False)
        with RpcClient(system.ws_port) as other:
            equal(other.connect(seen=[{**seen(version)[0], "scene": "nowhere"}])["current"], False)


class Order:
    """What one client sees; versions rise inside an epoch."""

    def __init__(self):
        self.epoch, self.version, self.n = None, 0, 0

    def see(self, epoch, version):
        if epoch == self.epoch:
            check(version >= self.version, "version", version, "after", self.version)
        self.epoch, self.version, self.n = epoch, version, self.n + 1


def watch(rpc, order, limit_s):
    try:
        rpc.take(limit_s)
    except TimeoutError:
        return
    for note in rpc.notes:
        order.see(note["params"]["epoch"], note["params"]["version"])
    for frame in rpc.frames:
        order.see("%016x" % frame.epoch, frame.version)
    rpc.notes, rpc.frames = [], []


@harness.with_options(n_ws=3, n_http=0, renderer="fake")
def case_versions_never_go_back_over_three_gateways(system):
    """Random changes of gateway; what a client has seen counts, wherever it goes (no session store: new sessions)."""
    rng = random.Random(7)
    order = Order()
    for port in system.ws_ports:
        ready(system, port).close()
    version = 0
    for _ in range(15):
        port = rng.choice(system.ws_ports)
        with RpcClient(port) as rpc:
            known = [] if order.epoch is None else [{"scene": "scene", "epoch": order.epoch, "version": order.version}]
            result = rpc.connect(seen=known)
            rpc.call("subscribe", {"frames": rng.choice(["tiles", "binary"])})
            # A gateway that is behind what the client has shown catches up by itself.
            for _ in range(rng.randrange(1, 4)):
                version = system.fake("touch")

            def newest(client=rpc):
                client.take(5)
                frames = [frame.version for frame in client.frames]
                return version in frames
            until(newest, "the newest version")
            last = 0
            for frame in rpc.frames:
                check(frame.version > last, "frames rise")
                last = frame.version
            order.see(result["epoch"], last)
    check(order.n == 15)


def case_a_renderer_that_comes_back_goes_on(system):
    with ready(system) as rpc:
        order = Order()
        rpc.connect()
        rpc.call("subscribe", {"frames": "tiles"})
        for i in range(30):
            if i % 10 == 9:
                system.fake("reborn")
            elif i % 10 == 5:
                system.fake("lose")
            else:
                system.fake("touch")
            watch(rpc, order, 0.05)
        newest = system.fake("touch")
        until(lambda: watch(rpc, order, 1) or order.version >= newest, "the newest version")


if __name__ == "__main__":
    harness.main(globals(), renderers=("fake",), ws=True)
