#!/usr/bin/env python3
"""What it costs to keep a concert.

    tests/bench/journal/journal.py [--seconds N] [--messages N[,N...]]

1. Posts a second that are acknowledged, each durable (on the disk that holds TMPDIR) and visible: one client that waits for
   each answer, and fifty. Once with posts that change nothing to see, where only the journal is waited for, and once with posts that
   change the picture. Beside it, on the same disk: SQLite alone, one commit for each row, the same settings (WAL, synchronous=FULL).
   Clients speak to the renderer's calls endpoint, as gateways do, so that Python's HTTP is not what is measured.
2. Restarts, after an orderly stop and after kill -9, with so many messages in the journal: seconds from the start of the process to
   its first frame, and to `ready`. Goals: 1 s with 10 000, 3 s with 1 000 000."""
import argparse
import os
import platform
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
import zmtp  # noqa: E402
from harness import check, equal  # noqa: E402

CONDUCT = 3
SCORE = "".join(f"/ITL/scene/o{i} set rect 0.05 0.05; /ITL/scene/o{i} x {-0.9 + 0.018 * i:.3f};" for i in range(100))
GOALS_S = {10000: 1.0, 1000000: 3.0}


def peer_of(calls):
    peer = zmtp.Peer(calls)
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def post(peer, gateway, counter, text):
    reply = peer.call(gateway_id=gateway, counter=counter, kind=zmtp.POST, role=CONDUCT, text=text.encode())
    equal(reply["code"], "ok", reply)


def rate(system, n_clients, seconds, script):
    """Acknowledged posts a second of so many clients."""
    counts = [0] * n_clients
    end = time.monotonic() + seconds

    def run(number):
        with peer_of(system.calls) as peer:
            gateway = int.from_bytes(os.urandom(6), "big") + 1
            while time.monotonic() < end:
                counts[number] += 1
                post(peer, gateway, counts[number], script(number, counts[number]))
    threads = [threading.Thread(target=run, args=(i,)) for i in range(n_clients)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - start)


def sqlite_rate(folder, seconds):
    """Commits a second of SQLite alone."""
    database = sqlite3.connect(os.path.join(folder, "alone.db"), isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, source TEXT, body BLOB)")
    end, n = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        n += 1
        database.execute("INSERT INTO entries VALUES (?, ?, ?)", (n, "http:127.0.0.1:1", b"/ITL/scene/o1 dx 0.001;"))
    database.close()
    return n / seconds


def rates(seconds):
    with harness.System(n_http=0, score=SCORE, renderer_options=("--max-fps", "1000")) as system:
        alone = sqlite_rate(system.folder, seconds)
        print(f"journal, SQLite alone, a commit each: {alone:.0f} a second ({1e6 / alone:.0f} us)")
        for name, script in (("nothing to see", lambda client, i: f"/ITL/scene/o{client} class c{i};"),
                             ("a new picture", lambda client, i: f"/ITL/scene/o{client} y {i % 100 / 100:.2f};")):
            one, fifty = (rate(system, n, seconds, script) for n in (1, 50))
            print(f"journal, {name}: one client {one:.0f} posts/s ({1e6 / one:.0f} us each, {one / alone:.2f} x SQLite alone), "
                  f"fifty clients {fifty:.0f} posts/s ({fifty / alone:.2f} x)")


class Restarts:
    """A renderer by hand, with a state folder that is filled once."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="leggio-journal-")
        self.state = os.path.join(self.folder, "state")
        self.score = os.path.join(self.folder, "score.inscore")
        with open(self.score, "w", encoding="utf-8") as file:
            file.write(SCORE)
        self.calls = f"tcp://127.0.0.1:{harness.free_port()}"
        self.program = None

    def start(self):
        """(seconds to ready, seconds to the first frame)"""
        begun = time.monotonic()
        self.program = harness.Program([harness.tool("leggio-renderer"), "--feed", "tcp://127.0.0.1:*", "--calls", self.calls,
                                        "--state", self.state, "--score", self.score, "--state-keep", "all"])
        self.program.wait_line("ready", limit_s=120)
        ready = time.monotonic() - begun
        with zmtp.Peer(self.calls) as peer:
            reply = peer.call(gateway_id=1, counter=int(begun * 1e6), kind=zmtp.VERSION, role=1)
            check(reply["code"] == "ok" and reply["version"] > 0, reply)
        return ready, time.monotonic() - begun

    def fill(self, n_messages):
        """Posts of one message each, many under way."""
        gateway = int.from_bytes(os.urandom(6), "big") + 1
        begun, n_answered = time.monotonic(), 0
        with peer_of(self.calls) as peer:
            for i in range(n_messages):
                peer.send(b"", zmtp.request(gateway_id=gateway, counter=i + 1, kind=zmtp.POST, role=CONDUCT,
                                            text=f"/ITL/scene/o{i % 100} x {i % 173 / 100 - 0.86:.2f};".encode()))
                while i + 1 - n_answered > 500:
                    peer.reply()
                    n_answered += 1
            while n_answered < n_messages:
                peer.reply()
                n_answered += 1
        return n_messages / (time.monotonic() - begun)

    def close(self):
        if self.program:
            self.program.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def restarts(n_messages):
    world = Restarts()
    try:
        world.start()
        filled = world.fill(n_messages)
        size = sum(os.path.getsize(os.path.join(world.state, name)) for name in os.listdir(world.state))
        results = {}
        for how in ("kill -9", "an orderly stop"):
            times = []
            for _ in range(5):
                if how == "kill -9":
                    world.fill(500)  # something to do again
                    world.program.kill()
                else:
                    equal(world.program.stop(), 0)
                times.append(world.start())
            times.sort(key=lambda pair: pair[1])
            results[how] = times[2]
        worst = max(frame for _, frame in results.values())
        goal = GOALS_S.get(n_messages, 3.0)
        said = ", ".join(f"after {how} {frame:.3f} s (ready {ready:.3f})" for how, (ready, frame) in results.items())
        print(f"{'ok' if worst <= goal else 'not ok'} journal, restart with {n_messages} messages ({size / 1e6:.0f} MB, filled at "
              f"{filled:.0f}/s): first frame {said}; goal {goal:.0f} s")
        return worst <= goal
    finally:
        world.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--messages", default="10000,1000000")
    options = parser.parse_args()
    disk = subprocess.run(["stat", "-f", "-c", "%T", tempfile.gettempdir()], capture_output=True, text=True, check=False)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, state on {disk.stdout.strip()}")
    rates(options.seconds)
    is_good = [restarts(int(number)) for number in options.messages.split(",") if number]
    return 0 if all(is_good) else 1


if __name__ == "__main__":
    sys.exit(main())
