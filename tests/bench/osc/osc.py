#!/usr/bin/env python3
"""OSC as a controller sends it: `x` messages at 1000 a second from one sender, one after the other.

    tests/bench/osc/osc.py [SECONDS]

None may be lost (by the renderer's counter of packets), the score thread takes at most 25 % of a core, and after the last message its value is on the air within two frames."""
import os
import re
import socket
import struct
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import until  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
RATE, FRAME_S = 1000, 1 / 60
SHARE_GOAL, FRAMES_GOAL = 25.0, 2.0
TICKS = os.sysconf("SC_CLK_TCK")


def thread_cpu_s(pid):
    """Processor seconds by thread name."""
    seconds = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii") as stat:
            head, _, rest = stat.read().rpartition(")")
        fields, name = rest.split(), head.partition("(")[2]
        seconds[name] = seconds.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def padded(data):
    data += b"\0"
    return data + b"\0" * (-len(data) % 4)


def x_message(value):
    return padded(b"/ITL/scene/a") + padded(b",sf") + padded(b"x") + struct.pack(">f", value)


def metrics(port):
    text = harness.HttpClient(port).get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(leggio_renderer_osc_\w+) (\S+)$", text, re.M)}


def osc_port(system):
    return int(until(lambda: next((word[4:] for line in system.renderer.seen for word in line.split()
                                   if word.startswith("osc=")), None), "port of OSC"))


def main():
    admin, wanted = harness.free_port(), harness.free_port(socket.SOCK_DGRAM)
    options = ("--admin", f"127.0.0.1:{admin}", "--osc-port", str(wanted))
    with harness.System(n_http=1, renderer_options=options) as system:
        system.http.post("/ITL/scene/a set rect 0.2 0.2; /ITL/stats reset;")
        system.http.post("/ITL/scene/b set txt 'still';")
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        out.connect(("127.0.0.1", osc_port(system)))
        pid, n = system.renderer.process.pid, int(SECONDS * RATE)
        before, counts, start = thread_cpu_s(pid), metrics(admin), time.perf_counter()
        for i in range(n):
            out.send(x_message(-0.9 + 1.8 * (i % 1000) / 1000))
            ahead = start + (i + 1) / RATE - time.perf_counter()
            if ahead > 0:
                time.sleep(ahead)
        took = time.perf_counter() - start
        after = thread_cpu_s(pid)
        time.sleep(0.3)  # quiet: the last picture is out
        delays = []
        for i in range(20):
            version = system.scene_version()
            sent = time.perf_counter()
            out.send(x_message(0.03 * i))
            while system.scene_version() == version and time.perf_counter() - sent < 2:
                pass
            delays.append(time.perf_counter() - sent)
            time.sleep(0.05)
        more = metrics(admin)
        out.close()
    arrived = int(more["leggio_renderer_osc_packets_total"] - counts["leggio_renderer_osc_packets_total"]) - len(delays)
    lost = n - arrived
    dropped = int(more["leggio_renderer_osc_dropped_total"])
    shares = {name: 100 * (after[name] - before.get(name, 0.0)) / took for name in after}
    score = max((share for name, share in shares.items() if name == "leggio-renderer"), default=0.0)
    told = ", ".join(f"{name} {share:.0f} %" for name, share in sorted(shares.items(), key=lambda s: -s[1]) if share >= 1)
    frames = sorted(delays)[len(delays) // 2] / FRAME_S
    worst = max(delays) / FRAME_S
    is_good = lost == 0 and dropped == 0 and 0 < score <= SHARE_GOAL and frames <= FRAMES_GOAL
    print(f"{'ok' if is_good else 'not ok'} osc: {n} messages at {n / took:.0f}/s, {lost} lost, {dropped} dropped; of one core: {told}; "
          f"score thread {score:.1f} % (goal {SHARE_GOAL:.0f}); visible after {frames:.2f} frames, worst {worst:.2f} (goal {FRAMES_GOAL:.0f})")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
