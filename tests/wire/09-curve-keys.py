#!/usr/bin/env python3
"""Keys on feed and calls (docs/security.md "Keys between the parts"): a keyed system
works and survives the restart of each part; who has no key, or a wrong one, gets
nothing and says why; without keys nothing leaves the machine."""
import atexit
import os
import shutil
import signal
import subprocess
import tempfile

import harness
import zmtp
from harness import HttpClient, check, equal, free_port, until
from wsclient import WsClient

FOLDER = tempfile.mkdtemp(prefix="leggio-keys-")
atexit.register(shutil.rmtree, FOLDER, True)
KEYS, OTHER = os.path.join(FOLDER, "keys"), os.path.join(FOLDER, "other")
SAYS_S = 5.0  # within so long a gateway tells what is wrong


def make(folder, *more):
    return subprocess.run([harness.tool("leggio-keys"), "curve", folder, *more], capture_output=True, text=True, check=False)


for name in (KEYS, OTHER):
    make(name)


def keyed(part, folder=KEYS):
    return ("--curve-keys", os.path.join(folder, part))


SYSTEM = {"renderer_options": keyed("renderer"), "http_options": keyed("gateway"), "ws_options": keyed("gateway")}


def gateway(system, name, *options, feed=None, calls=None):
    """A gateway on its own: (program, client)."""
    program = system.start_program([harness.tool(name), "--listen", "127.0.0.1:0", "--feed", feed or system.feed, "--calls",
                                    calls or system.calls, *options])
    return program, int(program.wait_line("listening").rpartition(":")[2])


def works(system):
    for client in system.gateways():
        until(lambda at=client: at.post(system.touch_script()).status == 200, "post")
        until(lambda at=client: "X-Leggio-Stale-Since" not in dict(at.get("/").headers), "fresh")
    with WsClient("127.0.0.1", system.ws_ports[0]) as ws:
        until(lambda: ws.request("post", data=system.touch_script())["status"] == "OK", "post over WebSocket")
        check(len(ws.image()[1]) > 100)


def case_a_keyed_system_works_and_survives_each_restart(system):
    works(system)
    system.renderer.kill()
    system.start_renderer()
    works(system)
    for kind in (system.https, system.wss):
        kind.pop().stop()
    system.http_ports.clear()
    system.ws_ports.clear()
    system.start_http()
    system.start_ws()
    system.http = HttpClient(system.http_ports[0])
    until(lambda: system.http.get("/version").status == 200, "first version")
    works(system)


def case_who_has_no_right_key_gets_nothing_and_says_why(system):
    stranger = os.path.join(FOLDER, "stranger")  # the right server.key, a key of its own that nobody knows
    if not os.path.exists(stranger):
        shutil.copytree(os.path.join(KEYS, "gateway"), stranger)
        shutil.copy(os.path.join(OTHER, "gateway", "client.key_secret"), stranger)
    for what, options, words in (("no key", (), "we have none"),
                                 ("another renderer's keys", keyed("gateway", OTHER), "do not fit"),
                                 ("an unknown key", ("--curve-keys", stranger), "not among")):
        for name in ("leggio-http", "leggio-ws"):
            program, port = gateway(system, name, *options)
            until(lambda at=program: "link_refused" in at.log_text(), f"{name} with {what} says so", SAYS_S)
            check(words in program.log_text(), what, program.log_text())
            if name == "leggio-http":
                equal(HttpClient(port).get("/version").status, 503, what)
                equal(HttpClient(port).post("/ITL;").status, 503, what)
            lines = program.log_text().count("link_refused")
            check(lines <= 4, f"{lines} lines", program.log_text())
            program.stop()
    until(lambda: "curve refused" in system.renderer.log_text(), "the renderer says so too")
    works(system)


def case_a_raw_peer_without_keys_is_not_heard(system):
    for endpoint, kind in ((system.calls, "DEALER"), (system.feed, "SUB")):
        try:
            with zmtp.Peer(endpoint, kind, limit_s=3) as peer:
                peer.call(kind=zmtp.POST, role=3, gateway_id=7, counter=1, text=b"/ITL/scene/intruder new;")
            check(False, "was answered", endpoint)
        except (OSError, EOFError, harness.Failure):
            pass
    works(system)


@harness.with_options(renderer_options=(), http_options=keyed("gateway"), ws_options=(), n_http=0, n_ws=0)
def case_keys_without_a_keyed_renderer_are_told_too(system):
    program, _ = gateway(system, "leggio-http", *keyed("gateway"))
    until(lambda: "link_refused" in program.log_text(), "says so", SAYS_S)
    check("it has none" in program.log_text(), program.log_text())


def case_a_gateway_may_have_a_key_of_its_own(system):
    equal(make(KEYS, "--name", "stage2").returncode, 0)
    program, port = gateway(system, "leggio-http", *keyed("stage2"))
    until(lambda: "link_refused" in program.log_text(), "not yet known", SAYS_S)
    system.renderer.signal(signal.SIGHUP)
    until(lambda: HttpClient(port).get("/version").status == 200, "known after SIGHUP")
    os.unlink(os.path.join(KEYS, "renderer", "clients", "stage2.key"))
    system.renderer.signal(signal.SIGHUP)
    until(lambda: system.renderer.log_text().count("curve reloaded") == 2, "read again")
    program.stop()
    shutil.rmtree(os.path.join(KEYS, "stage2"))
    program, port = gateway(system, "leggio-http", *keyed("gateway"))
    until(lambda: HttpClient(port).get("/version").status == 200, "the others stay")


def case_a_relay_with_keys_passes_on(system):
    feed, calls = f"tcp://127.0.0.1:{free_port()}", f"tcp://127.0.0.1:{free_port()}"
    relay = system.start_program([harness.tool("leggio-relay"), "--feed", system.feed, "--calls", system.calls, "--bind-feed",
                                  feed, "--bind-calls", calls, *keyed("relay")])
    relay.wait_line("ready")
    program, port = gateway(system, "leggio-http", *keyed("gateway"), feed=feed, calls=calls)
    until(lambda: HttpClient(port).get("/version").status == 200, "through the relay")
    equal(HttpClient(port).post(system.touch_script()).status, 200)
    program, port = gateway(system, "leggio-http", *keyed("gateway", OTHER), feed=feed, calls=calls)
    until(lambda: "link_refused" in program.log_text(), "says so", SAYS_S)
    equal(HttpClient(port).get("/version").status, 503)


def refused(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=harness.LIMIT_S, check=False)
    equal(done.returncode, 2, command)
    equal(len(done.stderr.strip().splitlines()), 1, done.stderr)
    return done.stderr


def case_without_keys_nothing_leaves_the_machine(system):
    renderer, relay = harness.tool("leggio-renderer"), harness.tool("leggio-relay")
    for endpoint in ("tcp://0.0.0.0:7010", "tcp://*:7010", "tcp://[::]:7010", "tcp://192.0.2.1:7010", "tcp://eth0:7010",
                     "tcp://localhost.evil.example:7010", "tcp://127.evil.example:7010", "udp://127.0.0.1:7010"):
        for command in ((renderer, "--feed", endpoint), (renderer, "--calls", endpoint), (relay, "--bind-feed", endpoint)):
            check("--curve-keys" in refused(*command), command)
    if system.renderer_kind == "real":
        check(system.renderer.is_running())


def case_bad_folders_end_the_start_with_one_line(system):
    folder = os.path.join(FOLDER, "bad")
    shutil.rmtree(folder, True)
    http, renderer = harness.tool("leggio-http"), harness.tool("leggio-renderer")
    check("client.key_secret" in refused(http, "--curve-keys", folder), "no folder")
    shutil.copytree(os.path.join(KEYS, "gateway"), folder)
    os.chmod(os.path.join(folder, "client.key_secret"), 0o644)
    check("mode 0644" in refused(http, "--curve-keys", folder), "open to all")
    os.chmod(os.path.join(folder, "client.key_secret"), 0o600)
    with open(os.path.join(folder, "server.key"), "w", encoding="utf-8") as file:
        file.write("nonsense")
    check("server.key holds no public key" in refused(http, "--curve-keys", folder), "nonsense")
    check("server.key_secret" in refused(renderer, "--curve-keys", folder), "a gateway's folder")
    shutil.rmtree(folder)
    shutil.copytree(os.path.join(KEYS, "renderer"), folder)
    shutil.rmtree(os.path.join(folder, "clients"))
    check("clients" in refused(renderer, "--curve-keys", folder), "no clients")
    os.mkdir(os.path.join(folder, "clients"))
    check("nobody could connect" in refused(renderer, "--curve-keys", folder), "empty clients")
    check(system.renderer.is_running())


def case_the_tool_keeps_keys_that_are_there(system):
    path = os.path.join(KEYS, "renderer", "server.key_secret")
    with open(path, "rb") as file:
        before = file.read()
    equal(make(KEYS).returncode, 0)
    with open(path, "rb") as file:
        equal(file.read(), before)
    for folder, _, names in os.walk(KEYS):
        equal(os.stat(folder).st_mode & 0o077, 0, folder)
        for name in names:
            if name.endswith("_secret"):
                equal(os.stat(os.path.join(folder, name)).st_mode & 0o777, 0o600, name)
    for options in (("--name", "../x"), ("--name", ""), ("--name", "renderer"), ("--role", "view")):
        equal(make(KEYS, *options).returncode, 2, options)
    equal(make(os.path.join(FOLDER, "none"), "--name", "x").returncode, 1)
    check(system.renderer.is_running())


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), n_ws=1, **SYSTEM)
