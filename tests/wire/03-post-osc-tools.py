#!/usr/bin/env python3
"""OSC with liblo's own tools (language reference 14): a busy port, hello at start, oscsend in, oscdump out by a host
prefix and by `forward` with filters."""
import queue
import select
import shutil
import socket
import subprocess
import threading

import harness
from harness import check, equal, until

if shutil.which("oscsend") is None:
    raise SystemExit("not ok: oscsend is missing (package liblo-tools)")


def bound():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("", 0))
    return one


def said(lines):
    return "\n".join(lines)


class Dump:
    """oscdump on a free port."""

    def __init__(self):
        self.port = harness.free_port(socket.SOCK_DGRAM)
        self.process = subprocess.Popen(["oscdump", "-L", str(self.port)], stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        until(lambda: f":{self.port:04X} " in open("/proc/net/udp", encoding="ascii").read()
              + open("/proc/net/udp6", encoding="ascii").read(), "oscdump listens")

    def line(self):
        return self.lines.get(timeout=harness.LIMIT_S)

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.split(" ", 1)[1].strip())

    def close(self):
        self.process.terminate()
        self.process.wait(harness.LIMIT_S)
        self.reader.join()
        self.process.stdout.close()


def send(port, address, types="", *values):
    subprocess.run(["oscsend", "127.0.0.1", str(port), address, *([types] if types else []), *values], check=True,
                   timeout=harness.LIMIT_S)


def main():
    busy, errors = bound(), bound()
    busy_port, dump = busy.getsockname()[1], Dump()
    options = ("--osc-port", str(busy_port), "--osc-send")
    try:
        with harness.System(n_http=1, renderer_options=options,
                            score=f"/ITL errport {errors.getsockname()[1]}; /ITL/scene/a set rect 0.5 0.5;") as system:
            port = int(next(word[4:] for line in system.renderer.seen for word in line.split() if word.startswith("osc=")))
            check(port >= busy_port + 3, f"port {port}, busy {busy_port}")
            print("ok a busy port: the third after it, or a later one")

            check(select.select([errors], [], [], harness.LIMIT_S)[0], "no hello")
            hello = errors.recv(65536)
            check(b"listening OSC on port %d" % port in hello and hello.startswith(b"error:\0"), hello)
            print("ok hello at start")

            send(port, "/ITL/scene/a", "sf", "x", "0.25")
            until(lambda: "0.25" in get(system, "x"), "oscsend moves it")
            print("ok oscsend is understood")

            equal(system.http.post(f"127.0.0.1:{dump.port}/max/in go 3 0.5 'two words';").status, 200)
            equal(dump.line(), '/max/in sifs "go" 3 0.500000 "two words"')
            print("ok a host prefix is read by oscdump")

            equal(system.http.post(f"/ITL forward 'localhost:{dump.port}'; /ITL/filter reject y;").status, 200)
            system.http.post("/ITL/scene/a y 0.5; /ITL/scene/a z 2;")
            heard = [dump.line()]
            while not heard[-1].startswith("/ITL/scene/a si \"z\" 2"):
                heard.append(dump.line())
            check(not any('/ITL/scene/a sf "y"' in line for line in heard), said(heard))
            print("ok forward copies what the filter lets through")
    finally:
        dump.close()
        busy.close()
        errors.close()
    return 0


def get(system, name):
    system.http.post("/ITL/log clear; /ITL/log write $( /ITL/scene/a get %s );" % name)
    return system.http.get("/log").json()["log"]


if __name__ == "__main__":
    raise SystemExit(main())
