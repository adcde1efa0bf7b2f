#!/usr/bin/env python3
"""A long evening: 500 WebSocket clients coming and going, 50 HTTP pollers, slow and hostile ones among them, changes at
10 a second. Memory and descriptors of each process must stay flat, nobody may see a version go back or miss the last one.

    tests/chaos/soak.py [--minutes M] [--clients N] [--pollers N]

Short by default (tests/run); `tests/nightly` runs an hour. Printed: notices with their p99 at the start and at the end,
slope of memory of each process after the first fifth, descriptors, requests of pollers, what was thrown at it."""
import argparse
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
from harness import check  # noqa: E402

RATE_HZ = 10
N_DEAF = 20
CHURN_HZ = 10
SLOPE_LIMIT_MB_H = 1.0     # judged when the run is long enough to tell
SLOPE_MINUTES = 30
GROWTH_LIMIT_MB = 32       # a short run must not grow by this after its first fifth
FD_LIMIT_SPREAD = 120      # churn and pollers come and go


def options_of():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--pollers", type=int, default=50)
    return parser.parse_args()


class Guests:
    """Pollers and hostile clients, each on a thread of its own."""

    def __init__(self, system, n_pollers):
        self.system = system
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        self.n = {"version": 0, "picture": 0, "unchanged": 0, "hostile": 0}
        self.wrong = []
        self.threads = [threading.Thread(target=self.poll, args=(i,), daemon=True) for i in range(n_pollers)]
        self.threads += [threading.Thread(target=self.attack, args=(i,), daemon=True) for i in range(2)]
        for thread in self.threads:
            thread.start()

    def count(self, what):
        with self.lock:
            self.n[what] += 1

    def poll(self, number):
        """As an old page does: version again and again, the picture when it is another."""
        rhythm = random.Random(number)
        seen, etag = 0, None
        while not self.is_over.wait(rhythm.uniform(0.3, 0.7)):
            try:
                with harness.Connection(self.system.http_port) as connection:
                    for _ in range(20):
                        version = connection.request("GET", "/version").json()["version"]
                        self.count("version")
                        if version < seen:
                            self.wrong.append(f"poller {number}: version went back from {seen} to {version}")
                        seen = max(seen, version)
                        answer = connection.request("GET", "/", [("If-None-Match", etag)] if etag else [])
                        if answer.status not in (200, 304):
                            self.wrong.append(f"poller {number}: {answer}")
                        self.count("picture" if answer.status == 200 else "unchanged")
                        etag = answer.header("ETag") or etag
                        if self.is_over.wait(rhythm.uniform(0.3, 0.7)):
                            return
            except (OSError, EOFError, ValueError) as error:
                if not self.is_over.is_set():
                    self.wrong.append(f"poller {number}: {type(error).__name__}: {error}")
                    return

    def attack(self, number):
        """Garbage, halves, giants; each connection is dropped or refused, which is right."""
        dice = random.Random(1000 + number)
        ports = [self.system.http_port, *self.system.ws_ports]
        held = []
        while not self.is_over.wait(dice.uniform(0.05, 0.2)):
            try:
                link = socket.create_connection(("127.0.0.1", dice.choice(ports)), 5)
                link.settimeout(0.05)
                self.throw(link, dice)
                self.count("hostile")
                held.append(link)
                if len(held) > 20:  # some stay open with half a request
                    held.pop(dice.randrange(len(held))).close()
            except OSError:
                pass
        for link in held:
            link.close()

    @staticmethod
    def throw(link, dice):
        upgrade = (b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        thrown = dice.choice([
            lambda: dice.randbytes(dice.randrange(1, 4000)),
            lambda: b"GET / HTTP/1.1\r\nHost: ",
            lambda: b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\ndata=",
            lambda: b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n",
            lambda: upgrade + dice.randbytes(300),
            lambda: upgrade + b"\x81\xff" + (1 << 40).to_bytes(8, "big") + b"mask" + b"x" * 1000,
            lambda: upgrade + b"\x81\x85\0\0\0\0\xff\xfe\xfd\xfc\xfb",
            lambda: upgrade + b"\x81\xfe\x03\xe8\0\0\0\0" + b"[" * 1000,
        ])()
        link.sendall(thrown)
        try:
            link.recv(4096)
        except OSError:
            pass

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(10)


class Watch:
    """Memory and descriptors of each process in time."""

    def __init__(self, programs):
        self.programs = programs
        self.rows = []
        self.start = time.monotonic()

    def look(self):
        self.rows.append((time.monotonic() - self.start, [program.rss_kb() for program in self.programs],
                          [program.n_fds() for program in self.programs]))

    def settled(self):
        """Without the first fifth."""
        return [row for row in self.rows if row[0] >= self.rows[-1][0] / 5]

    def slope_mb_h(self, program_i):
        rows = self.settled()
        xs = [row[0] / 3600 for row in rows]
        ys = [row[1][program_i] / 1024 for row in rows]
        x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - x0) ** 2 for x in xs)
        return sum((x - x0) * (y - y0) for x, y in zip(xs, ys)) / spread if spread else 0.0

    def judge(self, minutes):
        """What is not as it should be; the figures are printed whatever they are."""
        rows, wrong = self.settled(), []
        for i, program in enumerate(self.programs):
            first, last = rows[0][1][i] / 1024, rows[-1][1][i] / 1024
            fds = [row[2][i] for row in rows]
            slope = self.slope_mb_h(i)
            print(f"{program.name} {i}: memory {first:.1f} -> {last:.1f} MB, slope {slope:+.2f} MB/h, "
                  f"descriptors {fds[0]} -> {fds[-1]} (least {min(fds)}, most {max(fds)})")
            if minutes >= SLOPE_MINUTES and slope >= SLOPE_LIMIT_MB_H:
                wrong.append(f"{program.name} {i} grows by {slope:.2f} MB an hour")
            if last - first >= GROWTH_LIMIT_MB:
                wrong.append(f"{program.name} {i} grew from {first:.1f} to {last:.1f} MB")
            if max(fds) - min(fds) >= FD_LIMIT_SPREAD:
                wrong.append(f"{program.name} {i}: descriptors {min(fds)} to {max(fds)}")
        return wrong


def main():
    options = options_of()
    seconds = options.minutes * 60
    score = "/ITL/scene/music set gmn '[ \\meter<\"4/4\"> c d e f | g a b c2 ]';\n/ITL/scene/music scale 2;\n"
    with harness.System(n_http=1, n_ws=2, score=score) as system:
        programs = [system.renderer, *system.https, *system.wss]
        guests = Guests(system, options.pollers)
        watch = Watch(programs)
        report_s = max(5.0, seconds / 60)
        crowd = subprocess.Popen(
            [harness.tool("crowd"), "--ports", ",".join(map(str, system.ws_ports)), "--clients", str(options.clients),
             "--rate", str(RATE_HZ), "--churn", str(CHURN_HZ), "--deaf", str(N_DEAF), "--seconds", str(seconds),
             "--report", str(report_s)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            while crowd.poll() is None:
                watch.look()
                check(not guests.wrong, guests.wrong[:1])
                for program in programs:
                    check(program.is_running(), f"{program.name} ended", program.log_text())
                try:
                    crowd.wait(max(0.5, seconds / 400))
                except subprocess.TimeoutExpired:
                    pass
        finally:
            crowd.kill()
            output, errors = crowd.communicate()
            guests.end()
        check(crowd.returncode == 0, errors)
        check(not guests.wrong, guests.wrong[:1])
        reports = [json.loads(line) for line in output.splitlines()][1:]
        total = reports.pop()
        check(total["behind"] == 0, f"{total['behind']} clients without the last version")
        check(total["inversions"] == 0, f"{total['inversions']} versions went back")
        check(total["lost"] <= N_DEAF * (1 + seconds / 10), f"{total['lost']} clients were dropped")
        check(total["opened"] > options.clients, "nobody came and went")
        check(guests.n["unchanged"] + guests.n["picture"] > 0 and guests.n["hostile"] > 0, guests.n)
        wrong = watch.judge(options.minutes)
        first, last = (reports[0], reports[-1]) if reports else (total, total)
        print(f"{'not ok' if wrong else 'ok'} soak: {options.minutes:g} min, {options.clients} clients ({total['opened']} came), {total['notices']} notices "
              f"of {total['changes']} changes; p99 {first['p99_ms']:.1f} ms at the start, {last['p99_ms']:.1f} ms at the end, "
              f"{total['p999_ms']:.1f} ms p99.9 of all; {guests.n}; 0 inversions, 0 behind {'; '.join(wrong)}")
        return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except harness.Failure as failure:
        print(f"not ok soak: {failure}")
        sys.exit(1)
