#!/usr/bin/env python3
"""One change, 5000 WebSocket clients: time until the last has its notification, and memory per client,
beside nchan (Debian's libnginx-mod-nchan, one worker) with the same client program.

    tests/bench/fanout/fanout.py [CLIENTS [ROUNDS [TURNS]]]

Leggio is measured whole: a script is posted by WebSocket, the renderer runs it, draws, publishes; nchan only passes
a message of the same size on. The two take turns; medians. Goals: time <= 0.85 x, memory <= 0.3 x. Needs the target
fanout_client, nginx-light and libnginx-mod-nchan."""
import os
import platform
import shutil
import subprocess
import sys
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TESTS, "wire"))
import harness  # noqa: E402
from harness import check, until  # noqa: E402

CLIENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
TURNS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
GOAL_TIME, GOAL_MEMORY = 0.85, 0.3

NGINX = """
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
worker_processes 1;
worker_rlimit_nofile {files};
daemon off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections {files}; use epoll; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  nchan_max_reserved_memory 64M;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /sub {{ nchan_subscriber websocket; nchan_channel_id c; }}
    location = /pub {{ nchan_publisher; nchan_channel_id c; nchan_message_buffer_length 1; }}
  }}
}}
"""


class Nchan:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="leggio-nchan-")
        self.port = harness.free_port()
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(NGINX.format(folder=self.folder, port=self.port, files=CLIENTS + 200))
        self.process = subprocess.Popen(["nginx", "-c", path, "-p", self.folder])
        until(lambda: harness.accepts(self.port), "nginx")
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        self.worker = until(lambda: open(children, encoding="ascii").read().split(), "worker")[0]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def measure(port, path, trigger, pid):
    done = subprocess.run([harness.tool("fanout_client"), str(port), path, str(CLIENTS), str(ROUNDS), trigger, str(pid)],
                          capture_output=True, text=True, timeout=600, check=False)
    check(done.returncode == 0, done.stderr)
    return {name: float(value) for name, value in (pair.split("=") for pair in done.stdout.split())}


def one_turn_leggio():
    options = ["--max-connections", str(CLIENTS + 100)]
    with harness.System(n_http=0, n_ws=1, renderer="real", ws_options=options) as system:
        return measure(system.ws_port, "/", "ws", system.wss[0].process.pid)


def one_turn_nchan():
    nchan = Nchan()
    try:
        return measure(nchan.port, "/sub", f"http:{nchan.port}:/pub", nchan.worker)
    finally:
        nchan.stop()


def median(results, name):
    values = sorted(result[name] for result in results)
    return values[len(values) // 2]


def main():
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(one_turn_leggio())
        theirs.append(one_turn_nchan())
    for name, results in (("leggio", ours), ("nchan", theirs)):
        print(f"{name}: clients {CLIENTS}, rounds {TURNS} x {ROUNDS}, first {median(results, 'first_ms'):.2f} ms, "
              f"last {median(results, 'last_ms'):.2f} ms (turns: "
              f"{', '.join(format(result['last_ms'], '.1f') for result in results)}), "
              f"{median(results, 'cpu_us_per_notice'):.1f} us of processor time a notice, "
              f"memory {median(results, 'bytes_per_client'):.0f} bytes a client, "
              f"taking all in {median(results, 'connect_ms'):.0f} ms")
    time_ratio = median(ours, "last_ms") / median(theirs, "last_ms")
    memory_ratio = median(ours, "bytes_per_client") / median(theirs, "bytes_per_client")
    print(f"ratio: time {time_ratio:.2f} (goal {GOAL_TIME}), memory {memory_ratio:.2f} (goal {GOAL_MEMORY}); "
          f"{os.cpu_count()} x {platform.machine()}, Linux {platform.release()}")
    sys.exit(0 if time_ratio <= GOAL_TIME and memory_ratio <= GOAL_MEMORY else 1)


if __name__ == "__main__":
    main()
