#!/usr/bin/env python3
"""Start renderer and gateways under supervisor, wait until all serve, stay.

Called by deploy/run, which installs and builds. Everything that is written
(supervisor's configuration, logs, its socket) lies in one temporary folder
that goes when the system stops.
"""
import argparse
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
READY_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15
# Our own processes are never asked through a proxy that the environment names.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class StartError(Exception):
    """Said in one line, then everything is stopped."""


def parse_options():
    parser = argparse.ArgumentParser(
        prog="deploy/run", description="Start a Leggio: one renderer, HTTP and WebSocket gateways.")
    parser.add_argument("--score", default=os.path.join(HERE, "scores", "demo.inscore"), metavar="FILE",
                        help="script that makes the score (default: the demo)")
    parser.add_argument("--state", metavar="DIR", help="state folder (default: the renderer's own)")
    parser.add_argument("--http", default="127.0.0.1:8000", metavar="HOST:PORT",
                        help="where browsers come (default %(default)s; 0.0.0.0:8000 = every network)")
    parser.add_argument("--ws", default="127.0.0.1:7100", metavar="HOST:PORT",
                        help="WebSocket gateway (default %(default)s)")
    parser.add_argument("--osc", default="7000", metavar="PORT",
                        help="OSC input over UDP (default %(default)s; 0 = a free one, off = none)")
    parser.add_argument("--feed", default="tcp://127.0.0.1:7010", metavar="ENDPOINT", help="default %(default)s")
    parser.add_argument("--calls", default="tcp://127.0.0.1:7011", metavar="ENDPOINT", help="default %(default)s")
    parser.add_argument("--http-count", type=count, default=1, metavar="N", help="further ones on the following ports")
    parser.add_argument("--ws-count", type=count, default=1, metavar="N", help="further ones on the following ports")
    parser.add_argument("--no-install", action="store_true", help="install no packages")
    parser.add_argument("--no-build", action="store_true", help="use what is built")
    parser.add_argument("--open", action="store_true", help="everybody may post, not only this machine")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "release", "bin"), metavar="DIR",
                        help="folder of the programs")
    options = parser.parse_args()
    try:
        options.http = split_address("--http", options.http)
        options.ws = split_address("--ws", options.ws)
        options.feed = split_endpoint("--feed", options.feed)
        options.calls = split_endpoint("--calls", options.calls)
        options.osc = None if options.osc == "off" else port_number("--osc", options.osc)
    except ValueError as error:
        parser.error(str(error))
    return options


def count(text):
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("1 to 64")
    return number


def port_number(option, text):
    if not text.isdigit() or int(text) > 65535:
        raise ValueError(f"{option}: {text!r} is no port (0 to 65535)")
    return int(text)


def split_address(option, text):
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise ValueError(f"{option}: expected HOST:PORT, not {text!r}")
    return host.strip("[]"), port_number(option, port)


def split_endpoint(option, text):
    """("tcp://HOST", PORT), or (text, None) for ipc and others."""
    if not text.startswith("tcp://"):
        return text, None
    host, _, port = text[len("tcp://"):].rpartition(":")
    if not host:
        raise ValueError(f"{option}: expected tcp://HOST:PORT, not {text!r}")
    return "tcp://" + host, 0 if port == "*" else port_number(option, port)


class Ports:
    """Chooses free ports and checks the wanted ones before anything starts."""

    def __init__(self):
        self.taken = set()

    def claim(self, what, host, port, kind=socket.SOCK_STREAM):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        for _ in range(50):
            with socket.socket(family, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError as error:
                    raise StartError(f"{what}: cannot use {host}:{port}: {error.strerror}") from None
                chosen = probe.getsockname()[1]
            if (chosen, kind) not in self.taken:
                self.taken.add((chosen, kind))
                return chosen
            if port:
                raise StartError(f"{what}: port {port} is asked for twice")
        raise StartError(f"{what}: no free port found")

    def claim_endpoint(self, what, endpoint):
        address, port = endpoint
        if port is None:
            return address
        host = address[len("tcp://"):].strip("[]")
        return f"{address}:{self.claim(what, '0.0.0.0' if host == '*' else host, port)}"

    def claim_many(self, what, host, port, number):
        return [self.claim(what, host, port + index if port else 0) for index in range(number)]


def show_host(host):
    """A host that a person can open."""
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    return f"[{host}]" if ":" in host else host


def join_address(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def plan(options):
    """[(name, command)] of every process, and the addresses they will have."""
    ports = Ports()
    feed = ports.claim_endpoint("--feed", options.feed)
    calls = ports.claim_endpoint("--calls", options.calls)
    https = ports.claim_many("--http", *options.http, options.http_count)
    wss = ports.claim_many("--ws", *options.ws, options.ws_count)
    osc = None if options.osc is None else ports.claim("--osc", "127.0.0.1", options.osc, socket.SOCK_DGRAM)

    def tool(name):
        path = os.path.join(options.bin, name)
        if not os.access(path, os.X_OK):
            raise StartError(f"{path} is not there: run deploy/build first")
        return path

    renderer = [tool("leggio-renderer"), "--score", os.path.abspath(options.score), "--feed", feed,
                "--calls", calls, "--osc-port", str(osc or 0), "--public-host", show_host(options.http[0])]
    if options.state:
        renderer += ["--state", os.path.abspath(options.state)]
    broker = ["--feed", feed, "--calls", calls] + (["--open"] if options.open else [])
    programs = [("renderer", renderer)]
    for index, port in enumerate(https):
        programs.append((f"http-{index}", [tool("leggio-http"), "--listen", join_address(options.http[0], port),
                                           "--ws-port", str(wss[index % len(wss)])] + broker))
    for index, port in enumerate(wss):
        programs.append((f"ws-{index}", [tool("leggio-ws"), "--listen", join_address(options.ws[0], port)] + broker))
    return programs, {"feed": feed, "calls": calls, "http": https, "ws": wss, "osc": osc}


def quote(word):
    """One word of a supervisor command line: shell quoting, and % doubled."""
    return "'" + word.replace("'", "'\\''").replace("%", "%%") + "'"


def write_supervisor_file(folder, programs):
    lines = [
        "[supervisord]", "nodaemon=true", f"logfile={folder}/supervisord.log", "loglevel=info",
        f"pidfile={folder}/supervisord.pid", f"childlogdir={folder}", "minfds=4096", "",
        "[unix_http_server]", f"file={folder}/control", "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface", "",
        "[supervisorctl]", f"serverurl=unix://{folder}/control", "",
    ]
    for name, command in programs:
        lines += [
            f"[program:{name}]", "command=" + " ".join(quote(word) for word in command),
            "autorestart=true", "startretries=1000", "startsecs=0", "stopwaitsecs=10",
            f"stdout_logfile={folder}/{name}.log", "redirect_stderr=true", "stdout_logfile_maxbytes=10MB",
            "stdout_logfile_backups=1", "",
        ]
    path = os.path.join(folder, "supervisord.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return path


def check_host(host):
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def http_is_ready(host, port):
    try:
        with DIRECT.open(f"http://{join_address(check_host(host), port)}/version", timeout=2) as answer:
            return "version" in json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return False


def receive_until(link, mark, data=b""):
    while mark not in data:
        more = link.recv(4096)
        if not more:
            raise OSError("closed")
        data += more
    return data


def ws_is_ready(host, port):
    """A WebSocket handshake and one `version` request."""
    key = base64.b64encode(os.urandom(16)).decode()
    question = b'{"id":"1","method":"version"}'
    mask = os.urandom(4)
    frame = bytes([0x81, 0x80 | len(question)]) + mask + bytes(
        byte ^ mask[index % 4] for index, byte in enumerate(question))
    try:
        with socket.create_connection((check_host(host), port), timeout=2) as link:
            link.sendall((f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\n"
                          f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                          "Sec-WebSocket-Version: 13\r\n\r\n").encode())
            head, _, body = receive_until(link, b"\r\n\r\n").partition(b"\r\n\r\n")
            link.sendall(frame)
            body = receive_until(link, b"}", body)
            return head.startswith(b"HTTP/1.1 101") and b'"OK"' in body
    except OSError:
        return False


def last_line(folder, name):
    try:
        with open(os.path.join(folder, name + ".log"), encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.strip()]
    except OSError:
        return "it wrote nothing"
    return lines[-1] if lines else "it wrote nothing"


def failed_programs(folder):
    """Names of programs that supervisor has seen end."""
    try:
        with open(os.path.join(folder, "supervisord.log"), encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    return [line.partition("exited: ")[2].split()[0] for line in lines if "exited: " in line]


def wait_until_ready(folder, options, addresses, supervisor, stopped):
    waiting = [(http_is_ready, options.http[0], port) for port in addresses["http"]]
    waiting += [(ws_is_ready, options.ws[0], port) for port in addresses["ws"]]
    deadline = time.monotonic() + READY_TIMEOUT_S
    while waiting and not stopped:
        waiting = [check for check in waiting if not check[0](*check[1:])]
        for name in failed_programs(folder):
            raise StartError(f"{name} stopped at once: {last_line(folder, name)}")
        if supervisor.poll() is not None:
            raise StartError("supervisord stopped: " + last_line(folder, "supervisord"))
        if waiting and time.monotonic() > deadline:
            missing = ", ".join(join_address(host, port) for _, host, port in waiting)
            raise StartError(f"not ready after {READY_TIMEOUT_S} s: {missing}; renderer: {last_line(folder, 'renderer')}")
        if waiting:
            time.sleep(0.05)


def stop(supervisor):
    if supervisor.poll() is None:
        supervisor.terminate()
        try:
            supervisor.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()


def print_addresses(options, addresses, folder):
    http_host, ws_host = show_host(options.http[0]), show_host(options.ws[0])
    for port in addresses["http"]:
        print(f"score     http://{http_host}:{port}/view/")
        print(f"picture   http://{http_host}:{port}/")
    for port in addresses["ws"]:
        print(f"websocket ws://{ws_host}:{port}/")
    print(f"osc       udp port {addresses['osc']}" if addresses["osc"] else "osc       off")
    print(f"feed      {addresses['feed']}")
    print(f"calls     {addresses['calls']}")
    print(f"logs      {folder}")
    if not options.open:
        print("Only this machine may change the score (--open lifts that). Ctrl-C stops.")
    print("ready", flush=True)


def serve(options, folder, stopped):
    programs, addresses = plan(options)
    configuration = write_supervisor_file(folder, programs)
    # A session of its own: Ctrl-C comes to us, and we stop the rest in order.
    supervisor = subprocess.Popen(["/usr/bin/supervisord", "-c", configuration], start_new_session=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(folder, options, addresses, supervisor, stopped)
        if not stopped:
            print_addresses(options, addresses, folder)
        while not stopped:
            if supervisor.poll() is not None:
                raise StartError("supervisord stopped: " + last_line(folder, "supervisord"))
            try:
                supervisor.wait(0.5)
            except subprocess.TimeoutExpired:
                pass
    finally:
        stop(supervisor)


def main():
    options = parse_options()
    if not os.path.isfile(options.score):
        print(f"deploy/run: {options.score}: no such score", file=sys.stderr)
        return 1
    stopped = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.append(1))
    folder = tempfile.mkdtemp(prefix="leggio-")
    try:
        serve(options, folder, stopped)
    except StartError as error:
        print(f"deploy/run: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
