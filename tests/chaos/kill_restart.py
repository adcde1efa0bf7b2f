#!/usr/bin/env python3
"""Kill and restart each process in turn under load, 20 times: no wrong picture, no crash, gateways current again
within 3 s of the renderer's return.

    tests/chaos/kill_restart.py [ROUNDS]

Load: posters change the score through both gateways, readers take pictures all the time. What is checked of each
picture: it is a whole PNG, a version shows the same pixels through every gateway, no connection sees a version go
back (in one epoch; the state is kept, so there is one only), and the picture is one that was posted: a bar whose
colour and place must fit each other."""
import hashlib
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
import png  # noqa: E402
from harness import check  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
CURRENT_LIMIT_S = 3.0
STEPS = 200


class Load:
    def __init__(self, ports):
        self.ports = ports
        self.pictures = {}  # version -> hash of its pixels
        self.wrong = []
        self.n_pictures = self.n_posts = self.n_refused = 0
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(i,), daemon=True) for i in range(4)]
        self.threads += [threading.Thread(target=self.post, args=(i,), daemon=True) for i in range(2)]
        for thread in self.threads:
            thread.start()

    def note(self, text):
        with self.lock:
            self.wrong.append(text)
        self.is_over.set()

    def look(self, answer, newest):
        version = answer.version
        if version < newest:
            self.note(f"version went back from {newest} to {version}")
        picture = png.read(answer.body)
        digest = hashlib.sha256(picture.bytes()).hexdigest()
        with self.lock:
            self.n_pictures += 1
            known = self.pictures.setdefault(version, digest)
        if known != digest:
            self.note(f"version {version} has two pictures")
        step = picture.rgb(270, 500)
        row = picture.rows[270]
        colored = [x for x in range(picture.width) if row[4 * x:4 * x + 3] != b"\xff\xff\xff"]
        if colored and step != (255, 255, 255):
            middle = (colored[0] + colored[-1]) / 2
            wanted = 270 + 270 * (-0.9 + 1.8 * step[0] / STEPS)
            if abs(middle - wanted) > 3:
                self.note(f"bar at {middle}, its colour says {wanted:.0f} (version {version})")
        return version

    def read(self, number):
        newest, turn = 0, number
        while not self.is_over.is_set():
            turn += 1
            try:
                with harness.Connection(self.ports[turn % len(self.ports)], limit_s=5) as connection:
                    newest_here = 0
                    for _ in range(10):
                        answer = connection.request("GET", "/")
                        if answer.status == 200:
                            newest_here = self.look(answer, newest_here)
                newest = max(newest, newest_here)
            except (OSError, EOFError):
                time.sleep(0.02)  # its gateway is being killed: load, not a condition
            except Exception as error:  # a picture that is none
                self.note(f"{type(error).__name__}: {error}")

    def post(self, number):
        step = number
        while not self.is_over.is_set():
            step = (step + 1) % STEPS
            # one script = one transaction: colour and place are never seen apart
            script = (f"/ITL/scene/bar set rect 0.1 0.5; /ITL/scene/bar x {-0.9 + 1.8 * step / STEPS:.4f};"
                      f"/ITL/scene/bar color {step} 0 0; /ITL/scene/tag set rect 0.5 0.2; /ITL/scene/tag y 0.85;"
                      f"/ITL/scene/tag color {step} 0 0;")
            try:
                answer = harness.HttpClient(self.ports[step % len(self.ports)]).post(script)
                with self.lock:
                    self.n_posts += answer.status == 200
                    self.n_refused += answer.status == 503
                if answer.status not in (200, 503):
                    self.note(f"post: {answer}")
            except (OSError, EOFError):
                time.sleep(0.02)
            time.sleep(0.005)

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(10)


def wait_current(port, above, what):
    """Seconds until a gateway serves a fresh picture above the versions that were there before."""
    start = time.monotonic()

    def is_current():
        try:
            answer = harness.HttpClient(port).get("/")
        except (OSError, EOFError):
            return False
        return answer.status == 200 and answer.header("Warning") is None and answer.version > above
    harness.until(is_current, what, CURRENT_LIMIT_S)
    return time.monotonic() - start


def restart_http(system, index):
    port = system.http_ports[index]
    system.https[index].kill()
    program = system.start_program([harness.tool("leggio-http"), "--listen", f"127.0.0.1:{port}", "--feed", system.feed,
                                    "--calls", system.calls, *system.http_options])
    system.https[index] = program
    program.wait_line("listening http")


def newest_version(load):
    with load.lock:
        return max(load.pictures, default=0)


def main():
    delays = []
    with harness.System(n_http=2, n_ws=1, score="") as system:
        load = Load(list(system.http_ports))
        ws_port = system.ws_ports[0]
        try:
            for round_i in range(ROUNDS):
                harness.until(lambda: load.n_posts > 20 * round_i or load.wrong, "posts get through")
                above = newest_version(load)
                system.renderer.kill()
                system.start_renderer()
                for port in system.http_ports:
                    delays.append(wait_current(port, above, f"gateway current after restart {round_i + 1}"))
                restart_http(system, round_i % 2)
                delays.append(wait_current(system.http_ports[round_i % 2], above, "gateway current after its own restart"))
                system.wss[0].kill()
                system.wss[0] = system.start_program([harness.tool("leggio-ws"), "--listen", f"127.0.0.1:{ws_port}",
                                                      "--feed", system.feed, "--calls", system.calls])
                system.wss[0].wait_line("listening ws")
                check(not load.wrong, load.wrong[:1])
                for program in (system.renderer, *system.https, *system.wss):
                    check(program.is_running(), f"{program.name} ended by itself", program.log_text())
        finally:
            load.end()
        check(not load.wrong, load.wrong[:1])
        check(load.n_pictures > 10 * ROUNDS, f"only {load.n_pictures} pictures were looked at")
    delays.sort()
    print(f"ok kill and restart: {ROUNDS} rounds, {load.n_pictures} pictures of {len(load.pictures)} versions, "
          f"{load.n_posts} posts, {load.n_refused} refused; current again after {delays[len(delays) // 2]:.2f} s "
          f"(median), {delays[-1]:.2f} s (worst)")


if __name__ == "__main__":
    try:
        main()
    except harness.Failure as failure:
        print(f"not ok kill and restart: {failure}")
        sys.exit(1)
