#!/usr/bin/env python3
"""libleggio-client: each of its allocations fails, once, in a scenario that uses all of it (promise
12). Nothing crashes, hangs or leaks, and afterwards the client works. By default some of them, other
ones each day; `--all` tries every one."""
import concurrent.futures
import re
import sys
import tempfile
import threading
import time

import harness
from client_probe import Probe, build_probe
from harness import Failure, check
from wsserver import OP_BINARY, Gone, WsServer, binary_frame

WRAPPED = ("malloc", "calloc", "realloc", "aligned_alloc", "strdup", "strndup", "open_memstream", "vasprintf", "asprintf")
STEP = 6  # of the default run


def build(folder):
    """client-probe with a library whose allocations can fail."""
    build_probe(folder, "-fsanitize=address,undefined", "-fno-omit-frame-pointer",
                more=[f"{harness.ROOT}/tests/fault/fault_shim.c"],
                library_flags=["-ldl", *(f"-Wl,--wrap={name}" for name in WRAPPED)])


class Server:
    """Answers everything; kills the connection when told `drop`, and then knows no session."""

    def __init__(self):
        self.server = WsServer()
        self.knows = set()
        self.n_sessions = 0
        self.is_over = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.is_over:
            try:
                peer = self.server.accept(0.2)
            except OSError:
                continue
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            peer.handshake()
            while not self.is_over:
                message = peer.recv_json()
                if message.get("method") == "drop":
                    self.knows.clear()
                    peer.kill()
                elif "method" in message and "id" in message:
                    self.answer(peer, message)
        except (Gone, OSError, TimeoutError, IndexError):
            pass
        peer.drop()

    def answer(self, peer, request):
        method, params = request["method"], request.get("params", {})
        if method == "connect":
            known = params.get("sessionId")
            if known and known not in self.knows:
                peer.refuse(request, 40007, "reconnection error")
                return
            self.n_sessions += not known
            name = known or f"s{self.n_sessions}"
            self.knows.add(name)
            peer.answer(request, {"value": "OK", "sessionId": name})
        elif method == "subscribe":
            peer.answer(request, {"scene": "scene"})
            peer.send_json({"jsonrpc": "2.0", "method": "scoreChanged",
                            "params": {"scene": "scene", "epoch": "0123456789abcdef", "version": 1}})
            peer.send_frame(OP_BINARY, binary_frame("scene", 1, 1, png=b"p" * 20000))
            peer.send_frame(OP_BINARY, binary_frame("scene", 1, 2, base=1, tiles=[(0, 0, 10, 10, b"t")]))
            for ident, name in ((1, "echo"), (2, "fail"), (3, "silent")):
                peer.send_json({"jsonrpc": "2.0", "id": ident, "method": name, "params": {"a": ident}})
        elif method == "bad":
            peer.refuse(request, 7, "bad", data={"log": "x"})
        else:
            peer.answer(request, {"value": method, "sessionId": "s1"})

    def stop(self):
        self.is_over = True
        self.thread.join()
        self.server.stop()


def wait(probe, *starts, limit_s=15):
    """The next line that begins with one of these, or with the end of the client."""
    end = time.monotonic() + limit_s
    while True:
        line = probe.next(max(0.01, end - time.monotonic()))
        if line.startswith((*starts, "event disconnected")):
            return line


def scenario(probe):
    probe.do("connect")
    wait(probe, "done connect")
    for line, start in (('request a version {"scene":"x"}', "answer a"), ("request b bad [1]", "answer b"),
                        ("ask c 3000 other", "answer c"), ("notify told {}", "done notify"),
                        ("subscribe scene tiles", "answer subscribe"), ("heartbeat 100", "done heartbeat"),
                        ("notify drop", "done notify"), ("request d version", "answer d"),
                        ("unsubscribe scene", "answer unsubscribe")):
        probe.do(line)
        wait(probe, start)
    end = time.monotonic() + 15
    while True:  # and then all is well
        probe.do("request z version")
        line = wait(probe, "answer z")
        if line.startswith("answer z 0"):
            break
        check(not line.startswith("event disconnected") and time.monotonic() < end, f"it does not come back: {line}")


def run(number):
    """Whether an allocation failed; raises when something is wrong."""
    server = Server()
    log = ""
    try:
        probe = Probe(server.server.uri, start=False, fault=number, request_timeout_ms=3000)
        first = probe.next()
        if first.startswith("ready"):
            scenario(probe)
            probe.do("close 1")
            wait(probe, "done close")
            probe.do("destroy")
            while probe.next() != "destroyed":
                pass
        status = probe.process.wait(20)
        log = probe.log_text()
        check("Sanitizer" not in log, log)
        check(status == (0 if first.startswith("ready") else 1), f"status {status}", first, log)
        if not first.startswith("ready"):
            check(re.fullmatch(r"refused \S.*", first) or number == 1, f"refused without a word: {first!r}", log)
        return "failed" in log
    except Failure as failure:
        raise Failure(f"allocation {number}: {failure}\n{probe.log_text() if 'probe' in locals() else ''}") from None
    finally:
        if "probe" in locals():
            probe.kill()
        server.stop()


def main():
    folder = tempfile.TemporaryDirectory(prefix="leggio-memory-")
    build(folder.name)
    harness.BUILD = harness.BIN = folder.name
    is_all = "--all" in sys.argv
    first = 1 if is_all else 1 + int(time.time() // 86400) % STEP
    n_run, n_failed, is_over = 0, 0, False
    with folder, concurrent.futures.ThreadPoolExecutor(4) as pool:
        number = first
        while not is_over and n_failed < 5:
            jobs = [pool.submit(run, number + i * (1 if is_all else STEP)) for i in range(4)]
            number += 4 * (1 if is_all else STEP)
            for job in jobs:
                try:
                    is_over = not job.result() or is_over
                    n_run += 1
                except Failure as failure:
                    print(f"not ok {failure}", flush=True)
                    n_failed += 1
    if not n_failed:
        print(f"ok {n_run} of about {number} allocations failed, and nothing else did")
    return 1 if n_failed or n_run < 8 else 0


if __name__ == "__main__":
    sys.exit(main())
