#!/usr/bin/env python3
"""How many WebSocket clients leggio-ws holds on this machine with notices at 5 a second and p99 <= 250 ms.

    tests/bench/scale/scale.py [--gateways 1,2,4] [--seconds 10] [--start 1000] [--most N]

Method (so that others can repeat it): a renderer, N gateways and the client program `crowd` share this machine. The crowd
spreads its clients over the gateways (and itself over processes, where one may not open so many files); a poster changes the score at a fixed rate, whatever has come of the changes before,
and a delay counts from the moment when the change was due to the moment when the client has read the notice. The number of
clients rises by half until p99 is over the limit or a limit of the machine is met, then it is halved in three times. A size
holds when p99 <= 250 ms, nobody was lost, no version went back and all clients have the last version in the end. Printed:
the largest size that held, its delays, memory a client (resident, of all gateways, after the first notices, without what the
kernel keeps for a socket) and processor time per 1000 notices of all gateways."""
import argparse
import json
import os
import platform
import resource
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import check  # noqa: E402

RATE_HZ, LIMIT_MS = 5, 250
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
ONE_HOLDS = (FILES if FILES > 0 else 1_000_000) - 500  # clients of one process, a gateway or the crowd
TICKS = os.sysconf("SC_CLK_TCK")


def options_of():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gateways", default="1,2,4")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--start", type=int, default=1000)
    parser.add_argument("--most", type=int, help="by default what the limit of open files lets the gateways hold")
    return parser.parse_args()


def cpu_ms(program):
    with open(f"/proc/{program.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS


def measure(system, n_clients, seconds):
    before_kb = sum(program.rss_kb() for program in system.wss)
    before_ms = sum(map(cpu_ms, system.wss))
    command = [harness.tool("crowd"), "--ports", ",".join(map(str, system.ws_ports)), "--clients", str(n_clients),
               "--processes", str(-(-n_clients // ONE_HOLDS)), "--rate", str(RATE_HZ), "--seconds", str(seconds)]
    crowd = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    came = crowd.stdout.readline()
    peak_kb = 0
    while crowd.poll() is None:
        peak_kb = max(peak_kb, sum(program.rss_kb() for program in system.wss))
        try:
            crowd.wait(0.2)
        except subprocess.TimeoutExpired:
            pass
    output, errors = crowd.communicate()
    check(crowd.returncode == 0 and came, errors)
    result = json.loads(output.splitlines()[-1])
    result["came_s"] = json.loads(came)["came_s"]
    result["clients"] = n_clients
    result["bytes_per_client"] = max(0, peak_kb - before_kb) * 1024 / n_clients
    result["cpu_ms_per_1000"] = (sum(map(cpu_ms, system.wss)) - before_ms) * 1000 / max(1, result["notices"])
    result["coalesced"] = result["changes"] * n_clients - result["notices"]
    result["holds"] = (result["p99_ms"] <= LIMIT_MS and result["lost"] == 0 and result["inversions"] == 0
                       and result["behind"] == 0)
    return result


def try_size(n_gateways, n_clients, options):
    """Fresh processes for each size, so that memory is that of these clients."""
    with harness.System(n_http=0, n_ws=n_gateways, score="", ws_options=["--max-connections", str(ONE_HOLDS + 100)]) as system:
        result = measure(system, n_clients, options.seconds)
    print(f"  {n_gateways} gateway(s), {n_clients} clients: p50 {result['p50_ms']:.1f} p99 {result['p99_ms']:.1f} "
          f"p99.9 {result['p999_ms']:.1f} ms{'' if result['holds'] else '  (does not hold)'}", flush=True)
    return result


def largest(n_gateways, options):
    best, size = None, options.start
    most = options.most or ONE_HOLDS * n_gateways
    while True:
        result = try_size(n_gateways, size, options)
        if not result["holds"]:
            break
        best = result
        if size >= most:
            return best
        size = min(most, size * 3 // 2)
    low, high = (best["clients"] if best else 0), size
    for _ in range(3):
        middle = (low + high) // 2
        result = try_size(n_gateways, middle, options)
        if result["holds"]:
            best, low = result, middle
        else:
            high = middle
    return best


def main():
    options = options_of()
    for n_gateways in map(int, options.gateways.split(",")):
        best = largest(n_gateways, options)
        check(best is not None, f"{n_gateways} gateway(s): not even {options.start // 8} clients")
        print(f"scale: gateways {n_gateways}, clients {best['clients']}, changes {RATE_HZ}/s, p50 {best['p50_ms']:.1f} ms, "
              f"p99 {best['p99_ms']:.1f} ms, p99.9 {best['p999_ms']:.1f} ms, {best['bytes_per_client']:.0f} bytes a client, "
              f"{best['cpu_ms_per_1000']:.2f} ms of processor per 1000 notices, {best['coalesced']} notices coalesced, "
              f"all came in {best['came_s']:.1f} s; {os.cpu_count()} x {platform.machine()}, Linux {platform.release()}",
              flush=True)


if __name__ == "__main__":
    main()
