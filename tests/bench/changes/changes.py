#!/usr/bin/env python3
"""How many changes one renderer takes, and what somebody who floods it costs the others: what `--max-changes` was chosen by.

    tests/bench/changes/changes.py [--seconds N] [--limits N[,N...]]

256 connections of one address (wrk) post, or click on an object whose `watch` changes the picture, as fast as they are answered; each
answer means durable and shown. Beside them a client of another address posts every 10 ms through the same gateway. One row for each
`--max-changes` (0 = none): changes taken and refused a second, and the time of the other's post."""
import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import FORM, Connection, equal, form  # noqa: E402

SCORE = "/ITL/scene/probe set rect 0.5 0.5; /ITL/scene/probe watch mouseDown (/ITL/scene/probe angle '$x');"
FLOODS = {"posts": ("/", '"data=%2FITL%2Fscene%2Fprobe%20angle%20" .. (i % 45 + 1) .. "%3B"'),
          "clicks": ("/click", '"x=" .. (265 + i % 9) .. "&y=270"')}
PAUSE_S = 0.01


def write_script(folder, kind):
    path, body = FLOODS[kind]
    name = os.path.join(folder, f"{kind}.lua")
    with open(name, "w", encoding="ascii") as file:
        file.write('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\nlocal i = 0\n'
                   f'request = function() i = i + 1; return wrk.format(nil, "{path}", nil, {body}) end\n')
    return name


def percentile(values, share):
    return sorted(values)[int(len(values) * share)] * 1000


def row(kind, limit, seconds):
    with harness.System(n_http=1, http_options=("--max-changes", str(limit)), score=SCORE) as system, \
            Connection(system.http_port, source="127.0.0.9") as other:
        script = write_script(system.folder, kind)
        flood = subprocess.Popen(["wrk", "-t1", "-c256", f"-d{seconds + 1}s", "-s", script, f"http://127.0.0.1:{system.http_port}/"],
                                 stdout=subprocess.PIPE, text=True)
        times = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            equal(other.request("POST", "/", [FORM], form(data=f"/ITL/scene/other set txt 'n{len(times)}';")).status, 200, "the other's post")
            times.append(time.monotonic() - begun)
            time.sleep(PAUSE_S)
        said = flood.communicate()[0]
    n_all = int(re.search(r"(\d+) requests in", said)[1])
    found = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    n_refused = int(found[1]) if found else 0
    print(f"changes, {kind}, --max-changes {limit}: {(n_all - n_refused) / (seconds + 1):.0f} taken, {n_refused / (seconds + 1):.0f} refused a "
          f"second; another's post {percentile(times, 0.5):.0f} ms, p99 {percentile(times, 0.99):.0f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--limits", default="0,5000,1000")
    options = parser.parse_args()
    disk = subprocess.run(["stat", "-f", "-c", "%T", tempfile.gettempdir()], capture_output=True, text=True, check=False)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, state on {disk.stdout.strip()}")
    for kind in FLOODS:
        for limit in options.limits.split(","):
            row(kind, int(limit), options.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
