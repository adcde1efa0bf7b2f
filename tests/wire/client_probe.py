"""tests/fake/client_probe.c, driven: a program with libleggio-client in it.

    with Probe(server.uri, heartbeat_ms=0) as probe:
        probe.write("request a version")
        peer = server.open()
        probe.wait("event connected")
        ...
    # destroyed, ended with 0, and wrote nothing that was not looked at

LEGGIO_PROBE_UNDER, words of a command, runs it under that command (valgrind).
"""
import concurrent.futures
import glob
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import traceback

import harness
from harness import Failure, Program, check, equal

LIMIT_S = harness.LIMIT_S * (4 if os.environ.get("LEGGIO_PROBE_UNDER") else 1)


class Probe(Program):
    def __init__(self, uri, start=True, fault=0, **options):
        options.setdefault("heartbeat_ms", 0)
        if os.environ.get("LEGGIO_PROBE_UNDER"):
            options.setdefault("connection_timeout_ms", 30000)  # everything takes longer there
        command = [*shlex.split(os.environ.get("LEGGIO_PROBE_UNDER", "")), harness.tool("client-probe"), f"uri={uri}",
                   *(f"{name}={value}" for name, value in options.items())]
        env = dict(os.environ)
        env["TSAN_OPTIONS"] = f"suppressions={os.path.join(harness.TESTS, 'tsan.supp')}:exitcode=66"
        if fault:
            env["LEGGIO_FAULT"] = f"alloc:{fault}"
        super().__init__(command, "client-probe", stdin=True, env=env)
        self.n_others = 1
        self.kept = []
        if start:
            self.expect("ready")
            self.n_others = len(self._tasks()) - 2  # the program's own, and a sanitizer's

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print("    |", "\n    | ".join(line[:300] for line in (*self.seen[-8:], self.log_text())), flush=True)
            self.kill()
        elif self.process.returncode is None or self.lines.qsize() > 1:
            self.end()

    def do(self, line):
        self.write(line + "\n")

    def next(self, limit_s=LIMIT_S):
        return self.kept.pop(0) if self.kept else self.line(limit_s)

    def _query(self, verb):
        """The answer to a question about the client itself; what comes before it is kept."""
        self.do(verb)
        before = []
        while True:
            line = self.line(LIMIT_S)
            if line.startswith(verb + " "):
                self.kept += before
                return line[len(verb) + 1:]
            before.append(line)

    def expect(self, start, limit_s=LIMIT_S):
        """The next line must begin so; the rest of it."""
        line = self.next(limit_s)
        if not line.startswith(start):
            raise Failure(f"expected {start!r}, not {line!r}\n{self.log_text()}")
        return line[len(start):].strip()

    def expect_all(self, *starts):
        """The next lines, in any order, each begin with one of these; the rests in the order of starts."""
        lines = [self.next() for _ in starts]
        rests = []
        for start in starts:
            found = [line for line in lines if line.startswith(start)]
            if not found:
                raise Failure(f"expected {starts}, not {lines}")
            lines.remove(found[0])
            rests.append(found[0][len(start):].strip())
        return rests

    def stats(self):
        return json.loads(self._query("stats"))

    def session(self):
        return self._query("session").strip()

    def _tasks(self):
        return os.listdir(f"/proc/{self.process.pid}/task")

    def n_threads(self):
        """How many threads the client has."""
        return len(self._tasks()) - self.n_others

    def close(self, end_session=False, reason=None):
        """Closes; the milliseconds that it took. Requests that wait end with -3."""
        self.do(f"close {int(end_session)}")
        told, took = [], None
        while took is None or not told:
            line = self.next()
            if line.startswith("event disconnected"):
                told.append(line[len("event disconnected"):].strip())
            elif line.startswith("done close 0"):
                took = int(line.split()[3])
            else:
                check(line.startswith("answer") and line.split()[2] == "-3", line)
        if reason is not None:
            equal(told, [reason], "reason")
        return took

    def end(self):
        """Destroys the client: no more events than are expected here, and exit status 0."""
        if self.is_running():
            self.do("destroy")
        rest = []
        while True:
            line = self.next()
            if line == "destroyed":
                break
            rest.append(line)
        status = self.process.wait(LIMIT_S)
        check(status == 0, f"ended with {status}", self.log_text())
        left = [line for line in rest if not line.startswith(("event disconnected", "answer", "many"))]
        check(not left, "lines that nobody expected", left)
        check("Sanitizer" not in self.log_text(), self.log_text())
        return rest


RECONNECTED = "reconnection successful"


def connected(server, probe):
    """The server's side of the first connection."""
    probe.do("connect")
    peer = server.open()
    probe.expect_all("event connected", "done connect 0")
    return peer


def reconnected(server, probe, peer, session="s1", is_same=False):
    """The connection is lost and made again, in a new session or the same: the server's side of it."""
    peer.kill()
    probe.expect("event reconnecting")
    again = server.open(session, RECONNECTED) if is_same else server.open(session)
    probe.expect(f"event reconnected {int(is_same)}")
    return again


def run_case(case, where):
    started = time.monotonic()
    try:
        case()
        print(f"ok {harness.case_name(case)} ({time.monotonic() - started:.1f} s)", flush=True)
        return True
    except Exception as error:  # told, the next one runs
        at = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == where]
        print(f"not ok {harness.case_name(case)}: {type(error).__name__}: {error} (line {at[-1] if at else '?'})",
              flush=True)
        return False


def main(names, n_at_once=4):
    """Runs all case_… functions, some at once, since most of them wait; arguments choose by name."""
    cases = [case for name, case in names.items() if name.startswith("case_")
             and (len(sys.argv) == 1 or any(part in name for part in sys.argv[1:]))]
    with concurrent.futures.ThreadPoolExecutor(n_at_once) as pool:
        results = list(pool.map(lambda case: run_case(case, names["__file__"]), cases))
    sys.exit(0 if results and all(results) else 1)


def build_probe(folder, *flags, library_flags=(), more=()):
    """client-probe in folder/tests, compiled with these flags; its library with more sources and flags besides."""
    os.makedirs(os.path.join(folder, "tests"))
    words = shlex.split(subprocess.run(["pkg-config", "--cflags", "--libs", "libwebsockets", "jansson", "libssl", "libcrypto"],
                                       capture_output=True, text=True, check=True).stdout)
    compiler = [*(["ccache"] if shutil.which("ccache") else []), "gcc", "-std=c11", "-D_POSIX_C_SOURCE=200809L",
                "-D_DEFAULT_SOURCE", '-DLEGGIO_VERSION="test"', f"-I{harness.ROOT}", "-g", "-O1", "-pthread", "-fPIC", *flags]
    sources = [*glob.glob(f"{harness.ROOT}/clients/c/*.c"), f"{harness.ROOT}/common/utf8.c",
               f"{harness.ROOT}/common/jsonrpc/scan.c", *more]

    def compile_one(source):
        output = os.path.join(folder, os.path.basename(source) + ".o")
        subprocess.run([*compiler, "-c", source, "-o", output], check=True)
        return output

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compile_one, sources))
    library = os.path.join(folder, "libleggio-client.so.0")
    subprocess.run(["gcc", "-shared", *flags, *objects, "-o", library, *words, "-pthread", *library_flags,
                    "-Wl,-soname,libleggio-client.so.0"], check=True)
    subprocess.run(["gcc", *flags, compile_one(f"{harness.ROOT}/tests/fake/client_probe.c"), library, "-pthread",
                    f"-Wl,-rpath,{folder}", "-o", os.path.join(folder, "tests", "client-probe")], check=True)
