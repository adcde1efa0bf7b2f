#!/usr/bin/env python3
"""kill -9 of the renderer at random moments under a load of posts and OSC: every answered post is there, none twice;
versions never go back and never show other pixels; ETags hold; gateways and clients notice nothing but a pause.

    tests/chaos/crash.py [--rounds N] [--seed N]

Each post makes an object of its own, which says that it is there, and adds one to a counter, which says that it was
applied once. A post without an answer may be there or not; both are counted. OSC is committed every 100 ms: what was
sent just before a kill may be lost, nothing may be applied twice."""
import argparse
import hashlib
import os
import random
import re
import signal
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
import png  # noqa: E402
from harness import check, until  # noqa: E402
from wsclient import WsClient  # noqa: E402

POSTERS = 4
READERS = 2


def osc(address, *arguments):
    def padded(data):
        data += b"\0"
        return data + b"\0" * (-len(data) % 4)
    tags = "," + "".join("s" if isinstance(one, str) else "f" for one in arguments)
    data = padded(address.encode()) + padded(tags.encode())
    for one in arguments:
        data += padded(one.encode()) if isinstance(one, str) else struct.pack(">f", one)
    return data


def bundle(*packets):
    return b"#bundle\0" + struct.pack(">Q", 1) + b"".join(struct.pack(">i", len(one)) + one for one in packets)


class Gate:
    """Workers pass while it is open; close() returns when none is inside."""

    def __init__(self):
        self.condition = threading.Condition()
        self.is_open, self.is_over, self.n_inside = True, False, 0

    def enter(self):
        with self.condition:
            while not self.is_open and not self.is_over:
                self.condition.wait()
            self.n_inside += not self.is_over
            return not self.is_over

    def leave(self):
        with self.condition:
            self.n_inside -= 1
            self.condition.notify_all()

    def close(self):
        with self.condition:
            self.is_open = False
            while self.n_inside > 0:
                check(self.condition.wait(60), "a poster hangs")

    def open(self):
        with self.condition:
            self.is_open = True
            self.condition.notify_all()

    def end(self):
        with self.condition:
            self.is_over = True
            self.condition.notify_all()


class Load:
    def __init__(self, system, osc_port):
        self.system, self.osc_port = system, osc_port
        self.lock = threading.Lock()
        self.wrong = []
        self.gate = Gate()
        self.acked = [set() for _ in range(POSTERS)]
        self.doubted = [set() for _ in range(POSTERS)]
        self.n_posted = [0] * POSTERS
        # In the names of objects and counters: what a gateway gave up and the renderer does all the same, later, is of no
        # concern to the next round.
        self.round_i = 0
        self.n_osc = 0
        self.n_acked = self.n_doubted = self.n_pictures = self.n_not_modified = self.n_notices = self.n_pauses = 0
        self.pictures = {}  # version -> hash of its pixels
        self.longest_s = 0.0
        self.threads = [threading.Thread(target=self.guard, args=(run, i), daemon=True)
                        for run, n in ((self.post, POSTERS), (self.read, READERS), (self.send, 1), (self.listen, 1))
                        for i in range(n)]
        for thread in self.threads:
            thread.start()

    def guard(self, run, number):
        try:
            run(number)
        except Exception as error:
            self.note(f"{run.__name__}: {type(error).__name__}: {error}")

    def note(self, text):
        with self.lock:
            self.wrong.append(text)

    def post(self, number):
        ports = self.system.http_ports
        while self.gate.enter():
            try:
                n = self.n_posted[number] = self.n_posted[number] + 1
                script = (f"/ITL/scene/p{number}r{self.round_i}x{n} set layer; /ITL/scene/c{number}r{self.round_i} set layer;"
                          f"/ITL/scene/c{number}r{self.round_i} dx 1.;"
                          f"/ITL/scene/bar x {-0.9 + 0.018 * (n % 100):.3f};")
                start = time.monotonic()
                status = 0
                try:
                    status = harness.HttpClient(ports[n % len(ports)]).request(
                        "POST", "/", (harness.FORM,), harness.form(data=script), limit_s=30).status
                except (OSError, EOFError):
                    pass
                with self.lock:
                    self.longest_s = max(self.longest_s, time.monotonic() - start)
                    if status == 200:
                        self.acked[number].add(n)
                        self.n_acked += 1
                    else:
                        self.doubted[number].add(n)
                        self.n_doubted += 1
                if status not in (0, 200, 503, 504):
                    self.note(f"post {number}/{n}: {status}")
            finally:
                self.gate.leave()

    def send(self, _):
        """Numbered packets: the counter counts what arrived, `last` says which was the last."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            while self.gate.enter():
                try:
                    self.n_osc += 1
                    try:
                        out.sendto(bundle(osc("/ITL/scene/osc", "dx", 1.0), osc("/ITL/scene/last", "x", float(self.n_osc))),
                                   ("127.0.0.1", self.osc_port))
                    except OSError:
                        pass  # nobody listens just now
                finally:
                    self.gate.leave()
                time.sleep(0.005)

    def look(self, answer, newest):
        version = answer.version
        if version < newest:
            self.note(f"version went back from {newest} to {version}")
        digest = hashlib.sha256(png.read(answer.body).bytes()).hexdigest()
        with self.lock:
            self.n_pictures += 1
            known = self.pictures.setdefault(version, digest)
        if known != digest:
            self.note(f"version {version} has two pictures")
        return version

    def read(self, number):
        """One connection after the other, with the ETag of the last picture."""
        newest, etag, tagged, turn = 0, None, 0, number
        while not self.gate.is_over:
            turn += 1
            try:
                with harness.Connection(self.system.http_ports[turn % 2], limit_s=20) as connection:
                    newest = 0  # each gateway is its own witness
                    for _ in range(20):
                        answer = connection.request("GET", "/", [("If-None-Match", etag)] if etag else [])
                        if answer.status == 304:
                            # what the tag names is the newest picture: the same version
                            if answer.header("ETag") not in (None, etag):
                                self.note(f"304 for {etag} names {answer.header('ETag')}")
                            with self.lock:
                                self.n_not_modified += 1
                            if tagged < newest:
                                self.note(f"304 for version {tagged} after {newest} was seen")
                        elif answer.status == 200:
                            newest = self.look(answer, newest)
                            etag, tagged = answer.header("ETag"), newest
                        time.sleep(0.01)
            except (OSError, EOFError) as error:
                self.note(f"a gateway broke a connection: {error}")

    def listen(self, _):
        """A WebSocket client that stays connected the whole evening."""
        client = WsClient("127.0.0.1", self.system.ws_ports[0], timeout=60)
        newest = 0
        while not self.gate.is_over:
            try:
                message = client.recv_json(timeout=1)
            except TimeoutError:
                continue
            if message.get("notification"):
                self.n_notices += 1
                if message["version"] < newest:
                    self.note(f"notice went back from {newest} to {message['version']}")
                newest = message["version"]

    def end(self):
        self.gate.end()
        for thread in self.threads:
            thread.join(30)


def saved_score(system):
    """What the score holds, by its own words."""
    path = os.path.join(system.root, "check.inscore")
    until(lambda: system.http.post("/ITL/scene save check.inscore;").status == 200, "the score is saved")
    with open(path, encoding="utf-8") as file:
        return file.read()


def number_of(text, name):
    found = re.search(rf"^/ITL/scene/{name} x ([-0-9.e+]+);", text, re.M)
    check(found, f"{name} is not in the score")
    return round(float(found[1]))


class Counts:
    found = missing = doubled = unanswered_found = osc_lost = osc_doubled = 0


def compare(load, text, counts, osc_base):
    """After a crash and with nobody posting: what is there against what was answered."""
    for i in range(POSTERS):
        there = {int(n) for n in re.findall(rf"^/ITL/scene/p{i}r{load.round_i}x(\d+) set layer;", text, re.M)}
        counts.found += len(there & load.acked[i])
        counts.unanswered_found += len(there & load.doubted[i])
        counts.missing += len(load.acked[i] - there)
        check(not load.acked[i] - there, f"answered and not there: poster {i}: {sorted(load.acked[i] - there)[:5]}")
        check(there <= load.acked[i] | load.doubted[i], "there and never posted")
        applied = number_of(text, f"c{i}r{load.round_i}") if there else 0
        counts.doubled += max(0, applied - len(there))
        check(applied == len(there), f"poster {i}: {len(there)} posts are there, {applied} were applied")
        load.acked[i].clear()
        load.doubted[i].clear()
    arrived, last = number_of(text, "osc"), number_of(text, "last")
    check(arrived <= last <= load.n_osc, f"OSC: {arrived} arrived, the last is {last}, {load.n_osc} were sent")
    counts.osc_doubled += max(0, (arrived - osc_base[0]) - (last - osc_base[1]))
    osc_base[:] = [arrived, last]


def clean(system, round_i):
    """The objects of this round may go, so that the score stays small."""
    for i in range(POSTERS):
        until(lambda i=i: system.http.post(f"/ITL/scene/p{i}r{round_i}x* del; /ITL/scene/c{i}r{round_i} del;").status in (200, 400), "the round's objects go")


def run(rounds, seed):
    chance = random.Random(seed)
    counts = Counts()
    osc_base = [0, 0]
    osc_port = harness.free_port(socket.SOCK_DGRAM)
    score = "/ITL/scene/osc set layer; /ITL/scene/last set layer; /ITL/scene/bar set rect 0.1 0.5;"
    down = []
    with harness.System(n_http=2, n_ws=1, score=score,
                        renderer_options=("--screen", "200", "--osc-port", str(osc_port), "--max-fps", "1000")) as system:
        gateways = [(program, program.process.pid) for program in (*system.https, *system.wss)]
        load = Load(system, osc_port)
        try:
            for round_i in range(rounds):
                time.sleep(chance.uniform(0.02, 0.5))  # the moment is the experiment, not a condition
                before = time.monotonic()
                system.renderer.process.kill()
                system.renderer.process.wait()
                system.start_renderer()
                down.append(time.monotonic() - before)
                acked = load.n_acked
                until(lambda: load.n_acked > acked + POSTERS or load.wrong, "posts get through again")
                load.gate.close()
                if not load.wrong:
                    compare(load, saved_score(system), counts, osc_base)
                    clean(system, load.round_i)
                    load.round_i += 1
                check(not load.wrong, f"round {round_i + 1}:", load.wrong[:3])
                for program, pid in gateways:
                    check(program.is_running() and program.process.pid == pid, f"{program.name} ended", program.log_text())
                load.gate.open()
                if (round_i + 1) % 100 == 0:
                    print(f"{round_i + 1} rounds: {counts.found} answered posts found", flush=True)
        finally:
            load.end()
        check(not load.wrong, load.wrong[:3])
        check(load.n_acked >= rounds and load.n_pictures > rounds, f"{load.n_acked} posts, {load.n_pictures} pictures")
    down.sort()
    print(f"posts: {load.n_acked} acknowledged, {counts.found} of them found, {counts.missing} missing, {counts.doubled} doubled; "
          f"{load.n_doubted} without an answer, {counts.unanswered_found} of them found; longest {load.longest_s:.2f} s")
    print(f"OSC: {load.n_osc} packets sent, {osc_base[0]} kept, {counts.osc_doubled} doubled")
    print(f"versions: {len(load.pictures)} observed in {load.n_pictures} pictures, 0 inversions, 0 with two pictures; "
          f"{load.n_not_modified} times 304; {load.n_notices} notices on one connection")
    print(f"restart: {down[len(down) // 2]:.3f} s from kill to ready (median), {down[-1]:.3f} s (worst)")
    print(f"ok crash: {rounds} kills, seed {seed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves nothing running
    try:
        run(options.rounds, options.seed)
    except harness.Failure as failure:
        print(f"not ok crash: seed {options.seed}: {failure}")
        sys.exit(1)


if __name__ == "__main__":
    main()
