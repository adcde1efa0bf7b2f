#!/usr/bin/env python3
"""deploy/run as a user runs it: ready on free ports, serves, stops; a port in use."""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FREE = ["--http", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--osc", "0", "--feed", "tcp://127.0.0.1:0",
        "--calls", "tcp://127.0.0.1:0"]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
failures = []


def check(name, is_ok, facts=""):
    print("ok" if is_ok else "not ok", name, "" if is_ok else facts, flush=True)
    if not is_ok:
        failures.append(name)


def start(*options):
    return subprocess.Popen([os.path.join(ROOT, "deploy", "run"), "--no-install", "--no-build", *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_until_ready(process):
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line == "ready\n":
            break
    return lines


def children_of(pid):
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listing.stdout.split()]


def all_below(pid):
    found = []
    for child in children_of(pid):
        found += [child, *all_below(child)]
    return found


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, timeout_s):
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def serves_and_stops(stop_signal):
    name = signal.Signals(stop_signal).name
    with tempfile.TemporaryDirectory() as state:
        process = start(*FREE, "--state", state, "--http-count", "2")
        lines = read_until_ready(process)
        pictures = [line.split()[1] for line in lines if line.startswith("picture ")]
        check(f"{name}: two HTTP gateways are printed", len(pictures) == 2, lines)
        if not pictures:
            process.kill()
            print(process.communicate())
            return
        data = urllib.parse.urlencode({"data": "/ITL/scene/x set rect 0.5 0.5;"}).encode()
        with DIRECT.open(pictures[0], data) as answer:
            version = answer.headers["X-Inscore-Version"]
            check(f"{name}: a post is answered", answer.status == 200 and version, answer.status)
        with DIRECT.open(f"{pictures[1]}?version={version}") as answer:
            check(f"{name}: the other gateway has the picture", answer.read(8) == b"\x89PNG\r\n\x1a\n")
        with DIRECT.open(pictures[0] + "view/") as answer:
            check(f"{name}: the page is there", b"<title>Leggio</title>" in answer.read())
        below = all_below(process.pid)
        check(f"{name}: renderer and three gateways run", len(below) >= 5, below)
        logs = [line.split()[1] for line in lines if line.startswith("logs ")]
        process.send_signal(stop_signal)
        check(f"{name}: exits with 0", process.wait(20) == 0, process.returncode)
        check(f"{name}: nothing is left running", wait_until(lambda: not any(map(is_alive, below)), 5), below)
        check(f"{name}: nothing is left on disk", not os.path.exists(logs[0]), logs)


def port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(*FREE[2:], "--http", f"127.0.0.1:{port}")
        out, err = process.communicate(timeout=30)
    lines = err.strip().split("\n")
    check("a port in use: one clear line", len(lines) == 1 and re.search(rf"--http.*{port}.*in use", lines[0]), err)
    check("a port in use: exit status 1, nothing started", process.returncode == 1 and not out, out)


def bad_score():
    process = start(*FREE, "--score", "no-such-file.inscore")
    _, err = process.communicate(timeout=30)
    check("a missing score: one clear line", process.returncode == 1 and "no-such-file.inscore" in err, err)


if __name__ == "__main__":
    serves_and_stops(signal.SIGTERM)
    serves_and_stops(signal.SIGINT)
    port_in_use()
    bad_score()
    sys.exit(1 if failures else 0)
