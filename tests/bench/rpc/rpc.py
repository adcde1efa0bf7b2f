#!/usr/bin/env python3
"""JSON-RPC `version` calls a second over one socket pipelined and over 100 sockets, beside npm rpc-websockets as a
server with the same client program; memory per idle session.

    tests/bench/rpc/rpc.py [SECONDS [TURNS [SESSIONS]]]

The two take turns; medians. Goals: calls >= 5 x with several calls under way on each socket, memory <= 8 KiB a session
above its socket. With one call under way on each socket both sides wait for the kernel: told, not judged. Needs the
target rpc_load and `npm ci` in tests/peers."""
import os
import platform
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import check  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 3
TURNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
SESSIONS = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
GOAL_CALLS, GOAL_BYTES = 5.0, 8192
# Sockets, calls under way on each, and whether the goal counts.
LOADS = {"one socket": (1, 100, True), "100 sockets": (100, 10, True), "100 sockets, one by one": (100, 1, False)}


def load(*arguments):
    done = subprocess.run([harness.tool("rpc_load"), *map(str, arguments)], capture_output=True, text=True,
                          timeout=600, check=False)
    check(done.returncode == 0, done.stderr, done.stdout)
    return {name: float(value) for name, value in (pair.split("=") for pair in done.stdout.split())}


def turn(port, path, pid):
    return {name: load("calls", port, path, n_sockets, n_in_flight, SECONDS, pid)
            for name, (n_sockets, n_in_flight, _) in LOADS.items()}


def turn_leggio():
    # The limit of calls a second is not what is measured.
    with harness.System(n_http=0, n_ws=1, renderer="real", ws_options=["--max-requests", "0"]) as system:
        return turn(system.ws_port, "/rpc", system.wss[0].process.pid)


def turn_peer():
    path = os.path.join(TESTS, "peers")
    link = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peer.mjs")
    # Packages are looked for beside the program, so it is read from standard input.
    with open(link, "rb") as program:
        peer = subprocess.Popen(["node", "--input-type=module", "-"], stdin=program, stdout=subprocess.PIPE, cwd=path)
    try:
        port = int(peer.stdout.readline())
        return turn(port, "/", peer.pid)
    finally:
        peer.terminate()
        peer.wait(20)


def memory(kind):
    options = ["--max-connections", str(SESSIONS + 100)]
    with harness.System(n_http=0, n_ws=1, renderer="real", ws_options=options) as system:
        return load(kind, system.ws_port, "/rpc", SESSIONS, system.wss[0].process.pid)["bytes"]


def median(turns, load_name, name):
    values = sorted(one[load_name][name] for one in turns)
    return values[len(values) // 2]


def main():
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(turn_leggio())
        theirs.append(turn_peer())
    is_reached = True
    for name, (_, n_in_flight, is_judged) in LOADS.items():
        print(f"{name}, {n_in_flight} under way on each, {TURNS} turns of {SECONDS:g} s:")
        for who, turns in (("leggio-ws", ours), ("rpc-websockets", theirs)):
            print(f"  {who}: {median(turns, name, 'calls_per_s'):.0f} calls/s, p50 {median(turns, name, 'p50_ms'):.2f} ms, "
                  f"p99 {median(turns, name, 'p99_ms'):.2f} ms; processor time a call: server "
                  f"{median(turns, name, 'server_us'):.1f} us, client {median(turns, name, 'client_us'):.1f} us "
                  f"(client busy {median(turns, name, 'client_load'):.0%})")
        ratio = median(ours, name, "calls_per_s") / median(theirs, name, "calls_per_s")
        server = median(theirs, name, "server_us") / median(ours, name, "server_us")
        is_reached = is_reached and (ratio >= GOAL_CALLS or not is_judged)
        print(f"  ratio {ratio:.1f} ({f'goal {GOAL_CALLS:g}' if is_judged else 'not judged'}), in processor time of the servers {server:.1f}")
    socket, session = memory("idle"), memory("sessions")
    is_reached = is_reached and session - socket <= GOAL_BYTES
    print(f"memory of {SESSIONS} idle sessions: {session - socket:.0f} bytes each (goal {GOAL_BYTES}) above "
          f"{socket:.0f} of the socket; {os.cpu_count()} x {platform.machine()}, Linux {platform.release()}")
    sys.exit(0 if is_reached else 1)


if __name__ == "__main__":
    main()
