#!/usr/bin/env python3
"""One call fails, once, in one process: each allocation of our code, each send, recv, accept, write, open in turn.

    tests/fault/each_call_fails.py [--all | --each N] [PROGRAM[:KIND[:NUMBER]]...]

A smoke scenario runs against a whole system of which one program has the fault (fault_shim.c; a build with LEGGIO_FAULTS
and sanitizers). Whatever fails: nothing crashes or hangs, no sanitizer complains, nothing leaks. A failure before the program
is ready may end it, with a line that says why. After that it lives, single requests may be refused or cut, and then all is
right again: a post succeeds and its picture is the right one on every gateway, versions do not go back. By default
a few calls of each kind, spread over all; long runs (nightly) try other ones every day, --all every one."""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
import png  # noqa: E402
from harness import check, until  # noqa: E402
from wsclient import OP_TEXT, Closed, Refused, WsClient  # noqa: E402

KINDS = ("alloc", "send", "recv", "accept", "write", "open")
PROGRAMS = ("renderer", "http", "ws")
OTHERS_EACH_DAY = 50  # long runs try other calls every day; what stands before a landing stays the same
SCORE = ("/ITL/scene/probe set rect 0.5 0.5; /ITL/scene/probe color 200 30 30; /ITL/scene/text set txt 'hello';\n"
         "/ITL/scene/music set gmn '[ \\meter<\"4/4\"> c d e f ]'; /ITL/scene/music y -0.6;\n"
         "/ITL/scene/probe watch mouseDown (/ITL/scene/text set txt 'clicked');\n")
CUT = (OSError, EOFError, ValueError, Closed, Refused)  # what a client may see while something fails


class FaultySystem(harness.System):
    """A system of which one program is started with LEGGIO_FAULT."""

    def __init__(self, program, fault):
        self.faulty, self.fault = program, fault
        super().__init__(n_http=1, n_ws=1, score=SCORE)

    def start_program(self, command, name=None, **options):
        if os.path.basename(command[0]) == f"leggio-{self.faulty}" and self.fault:
            fault, self.fault = self.fault, None  # a second start is without
            options["env"] = dict(os.environ, LEGGIO_FAULT=fault)
        return super().start_program(command, name, **options)


def patiently(what, action, limit_s=10):
    """Until it works; a cut connection or a refusal is allowed on the way."""
    end = time.monotonic() + limit_s
    while True:
        try:
            result = action()
            if result is not None:
                return result
            seen = "refused"
        except CUT as error:
            seen = f"{type(error).__name__}: {error}"
        check(time.monotonic() < end, f"{what}: never, in the end {seen}")
        time.sleep(0.02)  # the rhythm of a client that tries again


def smoke(system):
    """Everything a client does, each once, whatever comes of it."""
    http = system.http
    steps = [
        lambda: http.get("/version"), lambda: http.get("/"), lambda: http.get("/?width=300"), lambda: http.get("/view/"),
        lambda: http.get("/nothing.txt"), lambda: http.get("/log"), lambda: http.post_form("/click", x=270, y=270),
        lambda: http.post_form("/hover", x=270, y=270), lambda: http.post("/ITL/scene/probe angle 10;"),
        lambda: http.post("/ITL/scene/music set gmn '[ a b c ]'; /ITL/scene/new set txt 'more';"),
        lambda: http.post("/ITL/scene/probe nonsense 1; /ITL/scene/probe"),
        lambda: http.post("/ITL/scene/new del;"), lambda: http.get("/", ("If-None-Match", "W/\"a-1-b\"")),
        lambda: http.get("/?format=svg"),
    ]
    for step in steps:
        try:
            step()
        except CUT:
            pass
    try:
        client = WsClient("127.0.0.1", system.ws_port, "/")
        for method, fields in (("version", {}), ("image", {}), ("post", {"data": "/ITL/scene/probe angle 20;"}),
                               ("click", {"x": 270, "y": 270}), ("log", {}), ("file", {"path": "nothing"})):
            client.request(method, **fields)
        client.close()
    except CUT:
        pass
    smoke_rpc(system)


def smoke_rpc(system):
    """A session: subscribed, lost, taken up; calls over HTTP; SockJS."""
    calls = [("subscribe", {"frames": "tiles"}), ("post", {"data": "/ITL/scene/probe angle 30;"}), ("image", {}), ("presence", {}),
             ("get", {"address": "/ITL/scene/probe"}), ("scenes", {}), ("nonsense", {}), ("ping", {"interval": 60000})]
    try:
        client = WsClient("127.0.0.1", system.ws_port, "/rpc", timeout=3)
        session = rpc(client, "connect", {"registerInfo": {"seat": 1}})["result"]["sessionId"]
        for method, params in calls:
            rpc(client, method, params)
        client.close()
        client = WsClient("127.0.0.1", system.ws_port, "/rpc", timeout=3)
        rpc(client, "connect", {"sessionId": session})
        rpc(client, "closeSession", {})
    except (*CUT, KeyError):
        pass
    body = json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "version"}, {"jsonrpc": "2.0", "id": 2, "method": "image"}, 7]).encode()
    for step in (lambda: system.http.request("POST", "/rpc", (("Content-Type", "application/json"),), body),
                 lambda: harness.HttpClient(system.ws_port).get("/sockjs/info"),
                 lambda: harness.HttpClient(system.ws_port).request("POST", "/sockjs/0/session/xhr", (), b"")):
        try:
            step()
        except CUT:
            pass


def rpc(client, method, params):
    """The answer; binary messages and notifications before it are passed over."""
    client.next_id += 1
    client.send_json({"jsonrpc": "2.0", "id": client.next_id, "method": method, "params": params})
    while True:
        kind, data = client.recv_message()
        message = json.loads(data) if kind == OP_TEXT else {}
        if message.get("id") == client.next_id:
            return message


def all_is_right(system):
    """A red post, then a green one: each gateway shows the picture that was posted, and no version goes back."""
    last = 0
    for color in ((210, 20, 20), (20, 210, 20)):
        script = f"/ITL/scene/probe set rect 0.5 0.5; /ITL/scene/probe angle 0; /ITL/scene/probe color {color[0]} {color[1]} {color[2]};"

        def post(script=script):
            answer = system.http.post(script)
            return answer.version if answer.status == 200 else None
        version = patiently("post", post)
        check(version >= last, f"version went back from {last} to {version}")
        last = version

        def picture(version=version):
            answer = system.http.get(f"/?version={version}")
            return answer if answer.status == 200 else None
        answer = patiently("picture", picture)
        got = png.read(answer.body).rgb(270, 225)
        check(got == color, f"picture of version {answer.version}: {got} instead of {color}")

        def told(version=version):
            client = WsClient("127.0.0.1", system.ws_port, "/", timeout=5)
            seen = client.request("version").get("version", 0)
            client.close()
            return seen if seen >= version else None
        patiently("version by WebSocket", told)

        def told_by_rpc(version=version):
            client = WsClient("127.0.0.1", system.ws_port, "/rpc", timeout=5)
            seen = rpc(client, "version", {}).get("result", {}).get("version", 0)
            client.close()
            return seen if seen >= version else None
        patiently("version by JSON-RPC", told_by_rpc)


def run_once(program, fault):
    """(did it fire, log). Raises harness.Failure."""
    try:
        system = FaultySystem(program, fault)
    except harness.Failure as failure:
        text = str(failure)
        check(f"leggio-{program} ended with" in text, f"did not start: {text}")
        check("fault: " in text and "Sanitizer" not in text and "ended with -" not in text, text)
        told = re.sub(r"(?m)^(fault: .*| +#\d+ .*)$", "", text.partition("\n")[2]).strip()
        check(told, f"ended without a word: {text}")
        return True, text
    with system:
        smoke(system)
        for started in (system.renderer, *system.https, *system.wss):
            check(started.is_running(), f"{started.name} ended with {started.process.poll()}\n{started.log_text()}")
        all_is_right(system)
        faulty = {"renderer": [system.renderer], "http": system.https, "ws": system.wss}[program][0]
    return "fault: " in whole_log(faulty), whole_log(faulty)


def whole_log(program):
    with open(program.log.name, "rb") as file:
        return file.read().decode(errors="replace")


def counts(program):
    _, log = run_once(program, "count")
    return {kind: int(number) for kind, number in re.findall(r"fault: count (\w+) (\d+)", log)}


def numbers(n_calls, options):
    """Which calls fail: spread evenly, shifted a little every day."""
    if options.all or n_calls <= options.each:
        return range(1, n_calls + 1)
    step = n_calls / options.each
    shift = (int(time.time()) // 86400 * 7919) % max(1, int(step)) if options.each >= OTHERS_EACH_DAY else 0
    return sorted({min(n_calls, int(i * step) + 1 + shift) for i in range(options.each)})


def plan(options):
    jobs = []
    wanted = [word.split(":") for word in options.what] or [[program] for program in PROGRAMS]
    for program, *more in wanted:
        if len(more) == 2:
            jobs.append((program, more[0], int(more[1])))
            continue
        found = counts(program)
        check(set(found) == set(KINDS), f"{program}: no counts, is this a build with LEGGIO_FAULTS?")
        print(f"{program}: " + ", ".join(f"{found[kind]} {kind}" for kind in KINDS), flush=True)
        for kind in more or KINDS:
            jobs += [(program, kind, number) for number in numbers(found[kind], options)]
    return jobs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="every call")
    parser.add_argument("--each", type=int, default=2, help="calls of each kind and program (default %(default)s)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("what", nargs="*", metavar="PROGRAM[:KIND[:NUMBER]]")
    options = parser.parse_args()
    jobs, failed, fired, lock = plan(options), [], 0, threading.Lock()

    def job(program, kind, number):
        nonlocal fired
        try:
            did_fire, _ = run_once(program, f"{kind}:{number}")
            with lock:
                fired += did_fire
        except Exception as error:  # any: told with the call that failed
            with lock:
                failed.append(f"{program}:{kind}:{number}")
                print(f"not ok {program}:{kind}:{number}: {error}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda arguments: job(*arguments), jobs))
    if not failed:
        check(fired > len(jobs) / 2, f"only {fired} of {len(jobs)} faults came")
    print(f"{'not ok' if failed else 'ok'} each call fails: {len(jobs)} tried, {fired} came, {len(failed)} failed {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except harness.Failure as failure:
        print(f"not ok each call fails: {failure}")
        sys.exit(1)
