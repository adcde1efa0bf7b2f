"""What the wire tests share: programs on free ports, a raw HTTP client, cases.

    import harness
    from harness import check

    def case_version_is_json(system):
        answer = system.http.get("/version")
        check(answer.status == 200, answer)

    harness.main(globals(), topologies=("one", "three"))

Each function case_… runs in a system of its own topology: "one" gateway of a
kind, or "three" behind HAProxy. Programs are found by LEGGIO_BIN and
LEGGIO_BUILD; LEGGIO_RENDERER=fake takes the fake renderer where a test allows
both. Nothing sleeps: everything waits for a condition with a limit.
"""
import ctypes
import json
import os
import queue
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(TESTS)
BUILD = os.environ.get("LEGGIO_BUILD", os.path.join(ROOT, "build", "release"))
BIN = os.environ.get("LEGGIO_BIN", os.path.join(BUILD, "bin"))
LIMIT_S = 20.0  # for any one condition; sanitizers and a busy machine included


class Failure(Exception):
    """An expectation that does not hold."""


def check(is_so, *facts):
    if not is_so:
        raise Failure(" ".join(str(fact) for fact in facts) or "does not hold")


def equal(got, expected, what=""):
    check(got == expected, f"{what}: got {got!r}, expected {expected!r}")


def until(condition, what="condition", limit_s=LIMIT_S):
    """The first true value of condition(), or a Failure."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < end, f"{what}: not within {limit_s} s")
        select.select([], [], [], 0.01)


def free_port(kind=socket.SOCK_STREAM, host="127.0.0.1"):
    """A port that nobody listens on, below those that the kernel gives to
    clients: nobody gets it by chance before we bind it."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
                return port
            except OSError:
                continue


def other_address():
    """An address of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


def own_mounts():
    """From now on what this process and its children mount is theirs alone. False: it is not permitted."""
    clone_newns = 0x00020000
    if ctypes.CDLL(None).unshare(clone_newns) != 0:
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL, check=False).returncode == 0


# -- programs ---------------------------------------------------------------

class Program:
    """One process. Lines of its standard output come by line() and wait_line()."""

    def __init__(self, command, name=None, stdin=False, env=None):
        self.name = name or os.path.basename(command[0])
        self.command = command
        self.log = tempfile.NamedTemporaryFile(prefix=f"{self.name}-", suffix=".log", mode="w+b")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, env=env)
        self.lines = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\n"))
        self.lines.put(None)

    def line(self, limit_s=LIMIT_S):
        """The next line of standard output."""
        try:
            line = self.lines.get(timeout=limit_s)
        except queue.Empty:
            raise Failure(f"{self.name}: no line within {limit_s} s\n{self.log_text()}") from None
        if line is None:
            raise Failure(f"{self.name} ended with {self.process.wait()}\n{self.log_text()}")
        self.seen.append(line)
        return line

    def wait_line(self, start, limit_s=LIMIT_S):
        """The first line that begins so; lines before it are passed over."""
        end = time.monotonic() + limit_s
        while True:
            line = self.line(max(0.01, end - time.monotonic()))
            if line.startswith(start):
                return line

    def write(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def log_text(self):
        self.log.flush()
        with open(self.log.name, "rb") as file:
            return file.read().decode(errors="replace")[-16000:]

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, limit_s=LIMIT_S):
        """SIGTERM, and the exit status."""
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except OSError:
                pass
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"{self.name} did not end within {limit_s} s of SIGTERM\n{self.log_text()}") from None

    def rss_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def n_fds(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def tool(name):
    for folder in (BIN, os.path.join(BUILD, "tests"), os.path.join(BUILD, "bin")):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    raise Failure(f"{name} is not built (looked in {BIN} and {BUILD}/tests; benchmarks: --target benches)")


# -- a raw HTTP client ------------------------------------------------------

class Answer:
    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def header(self, name):
        """Value of a header, None when it is absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    @property
    def version(self):
        value = self.header("X-Inscore-Version")
        return None if value is None else int(value)

    def __str__(self):
        return f"{self.status} {self.reason} {dict(self.headers)} {self.body[:200]!r}"


class Connection:
    """A TCP connection that sends exactly what it is told."""

    def __init__(self, port, host="127.0.0.1", limit_s=LIMIT_S, source=None, tls=None):
        self.socket = socket.create_connection((host, port), limit_s, source_address=(source, 0) if source else None)
        if tls:  # an ssl.SSLContext
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        self.name = f"{host}:{port}"
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def read_until(self, mark):
        """Everything up to and with the mark; EOFError at the end of input."""
        while mark not in self.buffer:
            if not self._more():
                raise EOFError(f"connection closed after {self.buffer[:200]!r}")
        cut = self.buffer.index(mark) + len(mark)
        data, self.buffer = self.buffer[:cut], self.buffer[cut:]
        return data

    def read_exactly(self, size):
        while len(self.buffer) < size:
            if not self._more():
                raise EOFError(f"connection closed, {size - len(self.buffer)} bytes are missing")
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def is_closed(self, limit_s=LIMIT_S):
        """Does the peer close within the limit? What it still sends is dropped."""
        end = time.monotonic() + limit_s
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return False
            try:
                if not self.socket.recv(65536):
                    return True
            except OSError:
                return True

    def read_head(self):
        head = self.read_until(b"\r\n\r\n").decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        _, status, *reason = first.split(" ", 2)
        headers = [(line.partition(":")[0], line.partition(":")[2].strip()) for line in lines]
        return Answer(int(status), reason[0] if reason else "", headers, b"")

    def read_chunk(self):
        """One chunk of a chunked body, b"" for the last."""
        size = int(self.read_until(b"\r\n").split(b";")[0], 16)
        return self.read_exactly(size + 2)[:-2]

    def read_answer(self, method="GET"):
        answer = self.read_head()
        if answer.status == 100:
            return self.read_answer(method)
        if method == "HEAD" or answer.status in (204, 304):
            return answer
        if (answer.header("Transfer-Encoding") or "").lower() == "chunked":
            while chunk := self.read_chunk():
                answer.body += chunk
        elif answer.header("Content-Length") is not None:
            answer.body = self.read_exactly(int(answer.header("Content-Length")))
        else:
            while self._more():
                pass
            answer.body, self.buffer = self.buffer, b""
        return answer

    def request(self, method, path, headers=(), body=None):
        """Send a request in good form and read the answer."""
        lines = [f"{method} {path} HTTP/1.1"]
        if not any(key.lower() == "host" for key, _ in headers):
            lines.append(f"Host: {self.name}")
        lines += [f"{key}: {value}" for key, value in headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return self.read_answer(method)


def admin_of(program):
    """A client of the admin endpoint of a program that was started with `--admin 127.0.0.1:0`."""
    seen = next((line for line in program.seen if line.startswith("listening admin")), None)
    return HttpClient(int((seen or program.wait_line("listening admin")).rpartition(":")[2]))


def metrics(admin):
    """{name with labels: value}"""
    answer = admin.get("/metrics")
    equal(answer.status, 200, "/metrics")
    return {name: float(value) for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", answer.text, re.M)}


def percent(text):
    safe = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
    return "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in
                   (text if isinstance(text, bytes) else text.encode()))


def form(**fields):
    return "&".join(f"{name}={percent(str(value))}" for name, value in fields.items()).encode()


FORM = ("Content-Type", "application/x-www-form-urlencoded")


class HttpClient:
    """One request on a connection of its own."""

    def __init__(self, port, host="127.0.0.1"):
        self.port, self.host = port, host

    def connect(self, **options):
        return Connection(self.port, self.host, **options)

    def request(self, method, path, headers=(), body=None, **options):
        with self.connect(**options) as connection:
            return connection.request(method, path, headers, body)

    def get(self, path, *headers, **options):
        return self.request("GET", path, headers, **options)

    def post_form(self, path, *headers, **fields):
        return self.request("POST", path, (FORM, *headers), form(**fields))

    def post(self, script, *headers):
        return self.post_form("/", *headers, data=script)


# -- a system ---------------------------------------------------------------

# What the real renderer shows when a test says nothing else.
SCORE = "/ITL/scene/probe set rect 0.5 0.5;\n/ITL/scene/probe color 200 30 30;\n"

HAPROXY = """
global
    maxconn 4000
defaults
    mode http
    timeout connect 5s
    timeout client 120s
    timeout server 120s
    timeout tunnel 1h
    retries 3
    option redispatch
"""


class System:
    """A renderer and gateways on free ports; use with `with`."""

    def __init__(self, n_http=1, n_ws=0, haproxy=False, renderer="real", http_options=(), ws_options=(),
                 renderer_options=(), score=None, root=None):
        self.folder = tempfile.mkdtemp(prefix="leggio-wire-")
        self.root = root or os.path.join(self.folder, "root")
        os.makedirs(self.root, exist_ok=True)
        self.feed = f"tcp://127.0.0.1:{free_port()}"
        self.calls = f"tcp://127.0.0.1:{free_port()}"
        self.renderer_kind = renderer
        self.renderer_options = list(renderer_options)
        self.http_options, self.ws_options = list(http_options), list(ws_options)
        self.score = os.path.join(self.folder, "score.inscore")
        with open(self.score, "w", encoding="utf-8") as file:
            file.write(SCORE if score is None else score)
        self.n_touches = 0
        self.programs = []
        self.renderer = None
        self.https, self.wss, self.http_ports, self.ws_ports = [], [], [], []
        try:
            self.start_renderer()
            for _ in range(n_http):
                self.start_http()
            for _ in range(n_ws):
                self.start_ws()
            self.http_port = self.http_ports[0] if self.http_ports else None
            self.ws_port = self.ws_ports[0] if self.ws_ports else None
            if haproxy:
                self.start_haproxy()
            self.http = HttpClient(self.http_port) if self.http_port else None
            for client in (self.gateways() if self.http else ()):
                until(lambda at=client: has_version(at), "first version")
        except BaseException:
            self.stop(is_clean=False)
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.stop(is_clean=kind is None)

    def start_program(self, command, name=None, **options):
        program = Program(command, name, **options)
        self.programs.append(program)
        return program

    def start_renderer(self):
        """Also after stop_renderer or kill: same ports, same state."""
        if self.renderer_kind == "none":
            return
        if self.renderer_kind == "fake":
            self.renderer = self.start_program([tool("fake-renderer"), "--feed", self.feed, "--calls", self.calls,
                                                "--root", self.root, *self.renderer_options], stdin=True)
            self.renderer.wait_line("ready")
            return
        self.renderer = self.start_program([
            tool("leggio-renderer"), "--feed", self.feed, "--calls", self.calls, "--osc-port", "0",
            "--state", os.path.join(self.folder, "state"), "--root-path", self.root, "--score", self.score,
            *self.renderer_options])
        self.renderer.wait_line("ready")

    def start_http(self, *more):
        program = self.start_program([tool("leggio-http"), "--listen", "127.0.0.1:0", "--feed", self.feed,
                                      "--calls", self.calls, *self.http_options, *more])
        self.https.append(program)
        self.http_ports.append(int(program.wait_line("listening http").rpartition(":")[2]))
        return program

    def start_ws(self, *more):
        program = self.start_program([tool("leggio-ws"), "--listen", "127.0.0.1:0", "--feed", self.feed,
                                      "--calls", self.calls, *self.ws_options, *more])
        self.wss.append(program)
        self.ws_ports.append(int(program.wait_line("listening ws").rpartition(":")[2]))
        return program

    def start_haproxy(self):
        """http_port and ws_port are HAProxy's from now on."""
        text = HAPROXY
        for kind, ports in (("http", self.http_ports), ("ws", self.ws_ports)):
            if not ports:
                continue
            port = free_port()
            text += f"listen {kind}\n    bind 127.0.0.1:{port}\n    balance roundrobin\n"
            text += "".join(f"    server {kind}{i} 127.0.0.1:{at}\n" for i, at in enumerate(ports))
            setattr(self, f"{kind}_port", port)
        path = os.path.join(self.folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.start_program(["haproxy", "-db", "-q", "-f", path])
        for port in (self.http_port, self.ws_port):
            if port:
                until(lambda at=port: accepts(at), "haproxy")

    # What tests do to a score, in the words of the renderer at hand.

    @property
    def is_fake(self):
        return self.renderer_kind == "fake"

    def fake(self, command):
        """A command of the fake renderer; its first scene's version after it."""
        self.renderer.write(command + "\n")
        return int(self.renderer.wait_line("done").split()[1])

    def touch_script(self):
        """A script that changes the picture of the scene."""
        self.n_touches += 1
        return "/fake/touch;" if self.is_fake else f"/ITL/scene/probe angle {self.n_touches % 45 + 1};"

    @property
    def error_script(self):
        return "/fake/error;" if self.is_fake else "/ITL/scene/probe nothing 1;"

    @property
    def hit(self):
        """A pixel of the scene's picture with something under it."""
        return (10, 10) if self.is_fake else (270, 270)

    @property
    def miss(self):
        return (310, 10) if self.is_fake else (3, 3)

    def scene_version(self):
        return self.http.get("/version").json()["version"]

    def gateways(self):
        """A client for each HTTP gateway itself."""
        return [HttpClient(port) for port in self.http_ports]

    def stop(self, is_clean=True):
        """Stops everything; with is_clean, every gateway must end with 0."""
        wrong = []
        for program in reversed(self.programs):
            was_running = program.is_running()
            try:
                status = program.stop()
            except Failure as failure:
                wrong.append(str(failure))
                continue
            if was_running and program.name.startswith("leggio-") and status != 0:
                wrong.append(f"{program.name} ended with {status}\n{program.log_text()}")
            if "ERROR: " in program.log_text() and "Sanitizer" in program.log_text():
                wrong.append(f"{program.name}: {program.log_text()}")
        shutil.rmtree(self.folder, ignore_errors=True)
        if is_clean and wrong:
            raise Failure("\n".join(wrong))


def has_version(client):
    """Does this gateway serve? A connection that is cut is a no."""
    try:
        return client.get("/version").status == 200
    except (OSError, EOFError):
        return False


def accepts(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


TOPOLOGIES = {"one": {"number": 1, "haproxy": False}, "three": {"number": 3, "haproxy": True}}


def main(names, topologies=("one",), renderers=("fake", "real"), ws=False, **options):
    """Run all case_… functions of `names` in each topology with each renderer.
    options go to System. Decorators below change that for one case. Arguments
    of the command line: only cases whose name contains one of them. Ends the
    program."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if "LEGGIO_RENDERER" in os.environ:
        renderers = [kind for kind in renderers if kind == os.environ["LEGGIO_RENDERER"]]
    cases = [case for name, case in names.items() if name.startswith("case_") and callable(case)
             and (len(sys.argv) == 1 or any(part in name for part in sys.argv[1:]))]
    n_failed = 0
    for renderer in renderers:
        for topology in topologies:
            chosen = [case for case in cases if topology in getattr(case, "topologies", topologies)
                      and renderer in getattr(case, "renderers", renderers)]
            shape = TOPOLOGIES[topology]
            basis = {"n_http": 0 if ws else shape["number"], "n_ws": shape["number"] if ws else 0,
                     "haproxy": shape["haproxy"], "renderer": renderer, **options}
            shared = [case for case in chosen if not hasattr(case, "options")]
            groups = [(basis, shared)] if shared else []
            groups += [({**basis, **case.options}, [case]) for case in chosen if hasattr(case, "options")]
            for system_options, group in groups:
                n_failed += run_group(system_options, group, f"{topology} {renderer}")
    sys.exit(1 if n_failed else 0)


def run_group(system_options, group, where):
    n_failed = 0
    try:
        with System(**system_options) as system:
            for case in group:
                n_failed += run_case(case, system, where)
    except Exception as error:  # the system did not start, or did not end well
        print(f"not ok {where}: {case_name(group[0])} and others: {error}", flush=True)
        n_failed += 1
    return n_failed


def case_name(case):
    return case.__name__[len("case_"):].replace("_", " ")


def run_case(case, system, where):
    try:
        case(system)
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
                 if frame.filename != os.path.abspath(__file__)]
        kind = "" if isinstance(error, Failure) else f"{type(error).__name__}: "
        print(f"not ok {where}: {case_name(case)}: {kind}{error} (line {lines[-1] if lines else '?'})", flush=True)
        return 1
    print(f"ok {where}: {case_name(case)}", flush=True)
    return 0


def run_alone(names, words=()):
    """All case_… functions of `names` that make their own systems, or those whose names contain one of the words; what
    a case returns is told. How many failed."""
    n_failed = 0
    for name, case in list(names.items()):
        if not name.startswith("case_") or (words and not any(word in name for word in words)):
            continue
        try:
            print(f"ok {case_name(case)}: {case()}", flush=True)
        except Exception as error:  # told, and the next case has its turn
            n_failed += 1
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
                     if frame.filename != os.path.abspath(__file__)]
            print(f"not ok {case_name(case)}: {type(error).__name__}: {error} (lines {lines})", flush=True)
    return n_failed


def _mark(name, value):
    def mark(case):
        setattr(case, name, value)
        return case
    return mark


def with_options(**options):
    """Decorator: this case has a system of its own, with these options."""
    return _mark("options", options)


def only_in(*topologies):
    """Decorator: this case runs in these topologies only."""
    return _mark("topologies", topologies)


def only_with(*renderers):
    """Decorator: this case runs with these renderers only ("fake", "real")."""
    return _mark("renderers", renderers)
