#!/usr/bin/env python3
"""Partitions and lossy links between the renderer and its gateways, each in a network namespace made for this test.

    tests/fault/network.py [--seconds S] [CASE...]

The renderer is one host, the gateways and all clients another; feed and calls cross the link between them, keyed. While the
link is cut (unplugged, or packets silently dropped) the last picture stays on the air with its mark, changes are refused; after
healing every gateway is current. With a fifth of all packets lost versions still rise, everybody ends with the newest, and each
post that was answered has been applied once, whatever was sent again. Needs root; makes its namespaces and removes them."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
import png  # noqa: E402
from harness import check, equal, until  # noqa: E402
from wsclient import WsClient  # noqa: E402

INSIDE = "LEGGIO_NETWORK_TEST"  # name of the renderer's namespace; set in the process that runs among the gateways
RENDERER_IP, GATEWAY_IP = "10.99.77.1", "10.99.77.2"
STALE_S = 5.0    # until the mark is shown
HEALED_S = 3.0   # after an unplugged link is back
DROPPED_S = 6.0  # after silent loss of everything: connections are found dead after 5 s, and made anew
STEP_PX = 2
SCORE = "/ITL/scene/probe set rect 0.1 0.5; /ITL/scene/probe x -0.9; /ITL/scene/probe color 200 30 30;\n"
fault_s = 5.0


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Hosts:
    """Two namespaces and the cable between them."""

    def __init__(self):
        self.renderer, self.gateways = f"lg-r-{os.getpid()}", f"lg-g-{os.getpid()}"

    def __enter__(self):
        for name in (self.renderer, self.gateways):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "lgr", "netns", self.renderer, "type", "veth", "peer", "name", "lgg", "netns", self.gateways)
        for name, device, address in ((self.renderer, "lgr", RENDERER_IP), (self.gateways, "lgg", GATEWAY_IP)):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", device, "up")
        return self

    def __exit__(self, *_):
        for name in (self.renderer, self.gateways):
            subprocess.run(["ip", "netns", "del", name], check=False)


# -- inside: among the gateways ---------------------------------------------------------------


class FarSystem(harness.System):
    """The renderer stands in the other namespace."""

    def __init__(self, **options):
        self.keys = tempfile.mkdtemp(prefix="leggio-network-")
        run(harness.tool("leggio-keys"), "curve", self.keys)
        gateway = ("--curve-keys", os.path.join(self.keys, "gateway"))
        super().__init__(score=SCORE, renderer_options=("--curve-keys", os.path.join(self.keys, "renderer")),
                         http_options=gateway, ws_options=gateway, **options)

    def start_renderer(self):
        if self.renderer is None:
            self.feed, self.calls = (f"tcp://{RENDERER_IP}:{harness.free_port()}" for _ in range(2))
        super().start_renderer()

    def start_program(self, command, name=None, **options):
        if os.path.basename(command[0]) == "leggio-renderer":
            command, name = ["ip", "netns", "exec", os.environ[INSIDE], *command], "leggio-renderer"
        return super().start_program(command, name, **options)

    def stop(self, is_clean=True):
        super().stop(is_clean)
        shutil.rmtree(self.keys, ignore_errors=True)


def left_edge(answer):
    """Column of the first red pixel in the middle row."""
    row, width = png.read(answer.body), 540
    return next((x for x in range(width) if row.rgb(x, 270) == (200, 30, 30)), None)


STEP = f"/ITL/scene/probe dx {STEP_PX / 270:.9f};"


def all_current(system, within_s, what):
    """Every gateway fresh; seconds from now until then."""
    start = time.monotonic()
    for client in system.gateways():
        until(lambda at=client: at.get("/").header("Warning") is None and at.post("/ITL/scene/probe angle 0;").status == 200,
              what, within_s + 10)
    seconds = time.monotonic() - start
    check(seconds < within_s, f"{what}: {seconds:.1f} s")
    return seconds


def stays_on_the_air(system, viewer):
    """Until the fault is over: the picture is there, the mark comes, changes are refused."""
    end, marked_s, start = time.monotonic() + fault_s, None, time.monotonic()
    while time.monotonic() < end:
        for client in system.gateways():
            answer = client.get("/")
            equal(answer.status, 200, "picture during the fault")
        if marked_s is None and all("110" in (client.get("/").header("Warning") or "") for client in system.gateways()):
            marked_s = time.monotonic() - start
        equal(viewer.request("version")["status"], "OK", "version during the fault")
        time.sleep(0.02)  # the rhythm of a client
    if fault_s > STALE_S:
        check(marked_s is not None and marked_s < STALE_S, f"marked as stale after {marked_s} s")
        answer = system.http.post(STEP)
        equal(answer.status, 503, "a post while the renderer is out of reach")
        check(answer.header("Retry-After") is not None, answer)
    return marked_s


def cut(system, sever, heal, within_s, what):
    viewer = WsClient("127.0.0.1", system.ws_port, "/")
    until(lambda: viewer.request("version")["status"] == "OK", "first version")
    before = system.http.post(STEP)
    equal(before.status, 200)
    sever()
    try:
        marked_s = stays_on_the_air(system, viewer)
    finally:
        heal()
    seconds = all_current(system, within_s, f"current after {what}")
    after = until(lambda: (lambda answer: answer if answer.status == 200 else None)(system.http.post(STEP)), "post")
    check(after.version > before.version, f"version {after.version} after {before.version}")
    seen = viewer.wait_notification(after.version, 10)
    check(seen == sorted(set(seen)), f"versions went back: {seen}")
    mark = f"marked stale after {marked_s:.1f} s, " if marked_s is not None else ""
    return f"{what} for {fault_s:g} s: {mark}current {seconds:.1f} s after healing"


def namespace(*command):
    run("ip", "netns", "exec", os.environ[INSIDE], *command)


def drop(share_percent):
    """Packets that come in at the renderer's host are lost, and those at ours."""
    for where in (namespace, run):
        where("nft", "add", "table", "inet", "lg")
        where("nft", "add", "chain", "inet", "lg", "in", "{ type filter hook input priority 0 ; }")
        by_chance = ("numgen", "random", "mod", "100", "<", str(share_percent)) if share_percent < 100 else ()
        where("nft", "add", "rule", "inet", "lg", "in", "iifname", "{ lgr, lgg }", *by_chance, "drop")


def drop_nothing():
    for where in (namespace, run):
        where("nft", "delete", "table", "inet", "lg")


def case_unplugged():
    with FarSystem(n_http=2, n_ws=1) as system:
        return cut(system, lambda: namespace("ip", "link", "set", "lgr", "down"),
                   lambda: namespace("ip", "link", "set", "lgr", "up"), HEALED_S, "unplugged")


def case_everything_dropped():
    with FarSystem(n_http=2, n_ws=1) as system:
        return cut(system, lambda: drop(100), drop_nothing, DROPPED_S, "all packets dropped")


def case_lossy_link():
    """Each answered post is applied once, however often it was sent again."""
    with FarSystem(n_http=2, n_ws=1) as system:
        viewer = WsClient("127.0.0.1", system.ws_port, "/")
        start_px = until(lambda: left_edge(system.http.get("/")), "the bar")
        n_answered = n_unknown = newest = 0
        drop(20)
        try:
            end = time.monotonic() + fault_s
            while time.monotonic() < end:
                answer = system.gateways()[n_answered % 2].post(STEP)
                check(answer.status in (200, 503), answer)
                n_answered += answer.status == 200
                n_unknown += answer.status == 503
                if answer.version is not None:
                    check(answer.version >= newest, f"version went back from {newest} to {answer.version}")
                    newest = answer.version
        finally:
            drop_nothing()
        seconds = all_current(system, DROPPED_S, "current after the losses")
        last = until(lambda: (lambda answer: answer if answer.status == 200 else None)(system.http.post(STEP)), "post")
        n_answered += 1
        for client in system.gateways():
            answer = client.get(f"/?version={last.version}")
            n_applied = (left_edge(answer) - start_px) / STEP_PX
            check(n_answered <= n_applied <= n_answered + n_unknown,
                  f"{n_applied} posts applied, {n_answered} answered, {n_unknown} without an answer")
        seen = viewer.wait_notification(last.version, 10)
        check(seen == sorted(set(seen)), f"versions went back: {seen}")
        return (f"a fifth of all packets lost for {fault_s:g} s: {n_answered} posts answered, {n_unknown} without an answer, "
                f"{n_applied:.0f} applied, current {seconds:.1f} s after healing")


def main():
    global fault_s
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=6, help="length of each fault (default %(default)s)")
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    fault_s = options.seconds
    if INSIDE in os.environ:
        return 1 if harness.run_alone(globals(), options.cases) else 0
    with Hosts() as hosts:
        return subprocess.run(["ip", "netns", "exec", hosts.gateways, sys.executable, os.path.abspath(__file__), *sys.argv[1:]],
                              env=dict(os.environ, **{INSIDE: hosts.renderer}), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
