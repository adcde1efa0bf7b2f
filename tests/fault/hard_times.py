#!/usr/bin/env python3
"""Processes that stand still, clocks that step, descriptors and memory that run out.

    tests/fault/hard_times.py [--stop-seconds S] [CASE...]

Each process in turn is stopped (SIGSTOP) for some seconds (30 in the nightly run): the others go on, pictures stay on the air
with their mark, posts are refused or answered late but never lost, and everybody is current within 3 s of SIGCONT. The wall
clock steps back and forth by hours: versions, waits and deadlines do not care. Needs a build with LEGGIO_FAULTS."""
import argparse
import concurrent.futures
import email.utils
import os
import resource
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
import png  # noqa: E402
from harness import check, equal, until  # noqa: E402
from wsclient import WsClient  # noqa: E402

CURRENT_S = 3.0
SCORE = "/ITL/scene/probe set rect 0.5 0.5; /ITL/scene/probe color 200 30 30;\n"
stop_s = 4.0


def paint(shade):
    return f"/ITL/scene/probe color {shade} 30 30;"


def shade_of(answer):
    return png.read(answer.body).rgb(270, 270)[0]


def stand_still(program):
    program.signal(signal.SIGSTOP)
    until(lambda: open(f"/proc/{program.process.pid}/stat", encoding="ascii").read().rpartition(")")[2].split()[0] == "T",
          "stopped")


def wait_seconds(seconds, meanwhile):
    """The length of a fault; meanwhile() is asked all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        meanwhile()


def is_current(client, shade):
    answer = client.get("/")
    return answer.status == 200 and answer.header("Warning") is None and shade_of(answer) == shade


def current_again(system, shade, what):
    start = time.monotonic()
    for client in system.gateways():
        until(lambda at=client: is_current(at, shade), what, CURRENT_S + 2)
    seconds = time.monotonic() - start
    check(seconds < CURRENT_S, f"{what}: current only after {seconds:.1f} s")
    return seconds


def case_renderer_stands_still():
    with harness.System(n_http=2, n_ws=1, score=SCORE) as system:
        equal(system.http.post(paint(100)).status, 200)
        current_again(system, 100, "before")
        viewer = WsClient("127.0.0.1", system.ws_port, "/")
        stand_still(system.renderer)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            late = pool.submit(lambda: system.http.post(paint(110)))

            def look():
                for client in system.gateways():
                    answer = client.get("/")
                    equal((answer.status, shade_of(answer)), (200, 100), "picture while it stands still")
                equal(viewer.request("version")["status"], "OK")
            wait_seconds(stop_s, look)
            if stop_s > 3.5:
                answer = system.http.get("/")
                check("110" in (answer.header("Warning") or ""), f"no mark after {stop_s} s: {answer}")
            system.renderer.signal(signal.SIGCONT)
            answer = late.result(30)
        check(answer.status in (200, 503), answer)
        equal(system.http.post(paint(120)).status, 200, "post afterwards")
        seconds = current_again(system, 120, "after the renderer goes on")
        viewer.wait_notification(system.scene_version(), 5)
        return f"renderer stopped for {stop_s:g} s, current again after {seconds:.2f} s"


def case_http_gateway_stands_still():
    with harness.System(n_http=2, n_ws=0, score=SCORE) as system:
        stand_still(system.https[1])
        shade, n = 40, 0

        def post():
            nonlocal shade, n
            shade, n = 40 + (shade - 39) % 200, n + 1
            equal(system.http.post(paint(shade)).status, 200, "post through the other gateway")
        wait_seconds(stop_s, post)
        check(n > 10, f"only {n} posts got through")
        system.https[1].signal(signal.SIGCONT)
        seconds = current_again(system, shade, "after the gateway goes on")
        return f"leggio-http stopped for {stop_s:g} s, {n} posts by the other one, current again after {seconds:.2f} s"


def case_ws_gateway_stands_still():
    with harness.System(n_http=1, n_ws=2, score=SCORE) as system:
        healthy = WsClient("127.0.0.1", system.ws_ports[0], "/")
        frozen = WsClient("127.0.0.1", system.ws_ports[1], "/")
        stand_still(system.wss[1])
        shade, told = 40, []

        def post():
            nonlocal shade
            shade = 40 + (shade - 39) % 200
            version = system.http.post(paint(shade)).version
            told.append(healthy.wait_notification(version, 5)[-1])
        wait_seconds(stop_s, post)
        system.wss[1].signal(signal.SIGCONT)
        start = time.monotonic()
        seen = frozen.wait_notification(told[-1], CURRENT_S + 2)
        seconds = time.monotonic() - start
        check(seconds < CURRENT_S, f"current only after {seconds:.1f} s")
        check(seen == sorted(set(seen)), f"versions not rising: {seen}")
        return f"leggio-ws stopped for {stop_s:g} s: {len(told)} versions told by the other one, newest after {seconds:.2f} s"


class SteppingSystem(harness.System):
    """All programs step their wall clock by so many seconds at SIGUSR2."""
    step_s = 0

    def start_program(self, command, name=None, **options):
        if os.path.basename(command[0]).startswith("leggio-"):
            options["env"] = dict(os.environ, LEGGIO_CLOCK_STEP=str(self.step_s))
        return super().start_program(command, name, **options)

    def step(self):
        for program in (self.renderer, *self.https, *self.wss):
            program.signal(signal.SIGUSR2)


def http_time(answer):
    return email.utils.parsedate_to_datetime(answer.header("Date")).timestamp()


def step_clock(seconds):
    SteppingSystem.step_s = seconds
    with SteppingSystem(n_http=1, n_ws=1, score=SCORE) as system:
        viewer = WsClient("127.0.0.1", system.ws_port, "/")
        first = system.http.post(paint(60))
        date = system.http.get("/").header("Last-Modified")
        system.step()
        until(lambda: abs(http_time(system.http.get("/version")) - time.time() - seconds) < 60, "the gateway's clock has stepped", 5)
        versions = [first.version]
        for shade in (70, 80, 90):
            answer = system.http.post(paint(shade))
            equal(answer.status, 200, "post after the step")
            versions.append(answer.version)
            picture = system.http.get(f"/?version={answer.version}", ("If-Modified-Since", date or "Thu, 01 Jan 1970 00:00:00 GMT"))
            equal((picture.status, shade_of(picture)), (200, shade), "picture after the step, never an old one by date")
            check(picture.header("Warning") is None, picture)
        check(versions == sorted(set(versions)), f"versions after the step: {versions}")
        check(viewer.wait_notification(versions[-1], 5), "notices")
        start = time.monotonic()
        equal(system.http.get(f"/?version={versions[-1] + 1000}").status, 503, "a wait that ends")
        check(time.monotonic() - start < 20, "the wait ended late")
        system.renderer.kill()
        system.start_renderer()
        again = until(lambda: (lambda answer: answer if answer.status == 200 else None)(system.http.post(paint(95))), "post")
        current_again(system, 95, "after a restart with another clock")
        check(again.version > versions[-1], f"version {again.version} after {versions[-1]}")
    return f"wall clock stepped by {seconds} s: versions {versions} rise, waits end"


def case_clock_steps_back():
    return step_clock(-7200)


def case_clock_steps_forward():
    return step_clock(7200)


def cpu_s(program):
    with open(f"/proc/{program.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def case_descriptors_run_out():
    """No descriptor is left in each gateway: who is there stays served, nothing spins, and room that comes back is used."""
    facts = []
    with harness.System(n_http=1, n_ws=1, score=SCORE) as system:
        viewer = WsClient("127.0.0.1", system.ws_port, "/")
        until(lambda: viewer.request("version")["status"] == "OK", "the first version")
        kept = harness.Connection(system.http_port)
        equal(kept.request("GET", "/version").status, 200)
        for program, port in ((system.https[0], system.http_port), (system.wss[0], system.ws_port)):
            before = resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE)
            n_open = program.n_fds()
            resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, (n_open + 8, before[1]))
            crowd = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(40)]
            start_cpu, start = cpu_s(program), time.monotonic()

            def served():
                equal(kept.request("GET", "/version").status, 200, "a client that was there before")
                answer = viewer.request("version")
                equal(answer["status"], "OK", f"a viewer that was there before: {answer}")
            wait_seconds(1.5, lambda: (served(), time.sleep(0.02)))
            share = (cpu_s(program) - start_cpu) / (time.monotonic() - start)
            check(share < 0.8, f"{program.name} spins: {share:.0%} of a core without a descriptor")
            check(program.is_running(), program.log_text())
            for link in crowd:
                link.close()
            resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, before)
            until(lambda: system.http.get("/version").status == 200, "a new HTTP client afterwards")
            until(lambda: WsClient("127.0.0.1", system.ws_port, "/").request("version")["status"] == "OK", "a new viewer afterwards")
            facts.append(f"{program.name} {share:.0%}")
        equal(system.http.post(paint(150)).status, 200)
        current_again(system, 150, "afterwards")
    return "no descriptors left: share of a core " + ", ".join(facts)


def main():
    global stop_s
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stop-seconds", type=float, default=stop_s)
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    stop_s = options.stop_seconds
    return 1 if harness.run_alone(globals(), options.cases) else 0


if __name__ == "__main__":
    sys.exit(main())
