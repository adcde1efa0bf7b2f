#!/usr/bin/env python3
"""TLS in both gateways: certificate and key by option, read again on SIGHUP, without a
client noticing; bad files; half a handshake."""
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import warnings

import certificates
import harness
from harness import check, equal, until
from wsclient import WsClient

BOTH = ("leggio-ws", "leggio-http")


class Secured:
    """Files that a gateway reads: their content can be changed."""

    def __init__(self, system):
        self.first, self.second = (certificates.make(system.folder, name) for name in ("first", "second"))
        self.cert, self.key = (os.path.join(system.folder, name) for name in ("cert.pem", "key.pem"))
        self.trust = certificates.trust(self.first, self.second)
        self.use(self.first)

    def use(self, pair):
        for source, target in ((pair.cert, self.cert), (pair.key, self.key)):
            shutil.copy(source, target + ".new")
            os.rename(target + ".new", target)

    @property
    def options(self):
        return ["--tls-cert", self.cert, "--tls-key", self.key]


def start(system, kind, *more):
    """A gateway with TLS: (program, port, files)."""
    files = Secured(system)
    begin = system.start_ws if kind == "leggio-ws" else system.start_http
    program = begin(*files.options, *more)
    return program, (system.ws_ports if kind == "leggio-ws" else system.http_ports)[-1], files


def peer_der(port, context):
    """The certificate that a new connection is shown."""
    with socket.create_connection(("127.0.0.1", port), harness.LIMIT_S) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            return secure.getpeercert(True)


def curl(port, files, path, *more):
    return subprocess.run(["curl", "-sS", "--max-time", "20", "--cacert", files.first.cert, *more,
                           f"https://localhost:{port}{path}"], capture_output=True, check=True).stdout


def post(ws, script):
    """The version that shows it."""
    reply = ws.request("post", data=script)
    equal(reply["status"], "OK", reply)
    return ws.request("version")["version"]


def case_https_serves_what_http_serves(system):
    _, port, files = start(system, "leggio-http")
    until(lambda: b"version" in curl(port, files, "/version"), "first version")
    image = curl(port, files, "/image")
    equal(image[:8], b"\x89PNG\r\n\x1a\n")
    with harness.Connection(port, host="localhost", tls=files.trust) as connection:
        before = connection.request("GET", "/version").version
        body = harness.form(data=system.touch_script())
        after = connection.request("POST", "/", (harness.FORM,), body).version
        check(after > before, before, after)
        changed = connection.request("GET", "/image")
        check(changed.version >= after and changed.body != image, changed)


def case_wss_serves_what_ws_serves(system):
    _, port, files = start(system, "leggio-ws")
    system.start_ws()
    with WsClient("localhost", port, tls=files.trust) as ws, WsClient("127.0.0.1", system.ws_ports[-1]) as plain:
        until(lambda: ws.request("version")["status"] == "OK", "first version")
        version = post(ws, system.touch_script())
        ws.wait_notification(version)
        plain.wait_notification(version)
        equal(ws.image(), plain.image(), "picture")


def case_a_picture_of_many_records_is_whole(system):
    """A busy page: more bytes than the socket takes at once, many times over."""
    _, port, files = start(system, "leggio-ws")
    letters = "".join(f"/ITL/scene/t{i} set txt '{chr(65 + i % 26) * 40}'; /ITL/scene/t{i} x {i % 7 / 4 - .8};"
                      f"/ITL/scene/t{i} y {i / 45 - .9}; /ITL/scene/t{i} color {i * 3} {255 - i * 3} {i * 7 % 256};"
                      for i in range(80))
    with WsClient("localhost", port, tls=files.trust, rcvbuf=8192) as ws:
        until(lambda: ws.request("version")["status"] == "OK", "first version")
        version = post(ws, letters)
        ws.wait_notification(version)
        for _ in range(3):
            ws.send_json({"method": "image", "id": "a"})
        pictures = [ws.reply() for _ in range(3)]
        check(all(reply["status"] == "OK" and len(reply["image"]) > 40000 for reply in pictures),
              [len(reply.get("image", "")) for reply in pictures])


def case_notices_reach_many_secure_clients(system):
    _, port, files = start(system, "leggio-ws")
    clients = [WsClient("localhost", port, tls=files.trust) for _ in range(30)]
    try:
        until(lambda: clients[0].request("version")["status"] == "OK", "first version")
        for _ in range(5):
            version = post(clients[0], system.touch_script())
            for ws in clients:
                equal(ws.wait_notification(version)[-1], version)
    finally:
        for ws in clients:
            ws.close()


def case_what_is_wrong_with_the_files_is_said(system):
    one, two = (certificates.make(system.folder, name) for name in ("one", "two"))
    missing = os.path.join(system.folder, "nothing.pem")
    unreadable = os.path.join(system.folder, "folder.pem")
    os.mkdir(unreadable)
    for kind in BOTH:
        for options, words in (
                (["--tls-cert", one.cert], ["--tls-cert without --tls-key"]),
                (["--tls-key", one.key], ["--tls-key without --tls-cert"]),
                (["--tls-cert", missing, "--tls-key", one.key], ["--tls-cert", missing, "No such file"]),
                (["--tls-cert", one.cert, "--tls-key", missing], ["--tls-key", missing, "No such file"]),
                (["--tls-cert", unreadable, "--tls-key", one.key], ["--tls-cert", unreadable]),
                (["--tls-cert", one.key, "--tls-key", one.key], ["--tls-cert", "certificates in PEM"]),
                (["--tls-cert", one.cert, "--tls-key", one.cert], ["--tls-key", "a private key in PEM"]),
                (["--tls-cert", one.cert, "--tls-key", two.key], ["--tls-key", two.key, "the key of the certificate"])):
            done = subprocess.run([harness.tool(kind), "--listen", "127.0.0.1:0", *options], capture_output=True,
                                  text=True, timeout=harness.LIMIT_S, check=False)
            check(done.returncode in (1, 2), kind, options, done.returncode, done.stderr)
            check(all(word in done.stderr for word in words), kind, options, done.stderr)
            check("Sanitizer" not in done.stderr, done.stderr)


def case_old_versions_of_tls_are_refused(system):
    for kind in BOTH:
        _, port, files = start(system, kind)
        context = certificates.trust(files.first)
        context.set_ciphers("ALL:@SECLEVEL=0")
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            peer_der(port, context)
            check(False, kind, "speaks TLS 1.1")
        except (ssl.SSLError, ConnectionError):
            pass
        context.maximum_version = context.minimum_version = ssl.TLSVersion.TLSv1_2
        equal(peer_der(port, context), files.first.der, kind)


def case_http_2_is_not_spoken(system):
    for kind in BOTH:
        _, port, files = start(system, kind)
        files.trust.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection(("127.0.0.1", port), harness.LIMIT_S) as plain:
            with files.trust.wrap_socket(plain, server_hostname="localhost") as secure:
                equal(secure.selected_alpn_protocol(), "http/1.1", kind)


def case_half_a_handshake_is_closed(system):
    hello = bytes.fromhex("1603010200010001fc0303") + os.urandom(20)  # 512 bytes announced
    for kind, limit in (("leggio-ws", "--handshake-time"), ("leggio-http", "--idle-time")):
        _, port, files = start(system, kind, limit, "1s")
        for data in (b"", hello, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", os.urandom(300)):
            with harness.Connection(port) as connection:
                connection.send(data)
                check(connection.is_closed(), kind, data[:20], "is still open")
        with socket.create_connection(("127.0.0.1", port)) as plain:  # a handshake, then silence
            with files.trust.wrap_socket(plain, server_hostname="localhost") as secure:
                secure.settimeout(harness.LIMIT_S)
                try:
                    equal(secure.recv(1000), b"", kind)
                except ssl.SSLEOFError:
                    pass
        equal(peer_der(port, files.trust), files.first.der, kind)


class Load(threading.Thread):
    """A client that never stops asking on one connection."""

    def __init__(self, system, ask):
        super().__init__(daemon=True)
        self.system, self.ask = system, ask
        self.n, self.error, self.is_ending = 0, None, False
        self.start()

    def run(self):
        try:
            while not self.is_ending:
                self.ask()
                self.n += 1
        except Exception as error:  # told by end()
            self.error = error

    def end(self):
        self.is_ending = True
        self.join(harness.LIMIT_S)
        check(self.error is None, "a client was disturbed:", repr(self.error), "after", self.n, "answers")


def ws_load(system, port, files):
    ws = WsClient("localhost", port, tls=files.trust)
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return Load(system, lambda: check(ws.request("version")["status"] == "OK"))


def http_load(system, port, files):
    connection = harness.Connection(port, host="localhost", tls=files.trust)
    until(lambda: connection.request("GET", "/version").status == 200, "first version")
    return Load(system, lambda: equal(connection.request("GET", "/image").status, 200))


def case_reload_under_load_disturbs_nobody(system):
    for kind, load in (("leggio-ws", ws_load), ("leggio-http", http_load)):
        program, port, files = start(system, kind)
        clients = [load(system, port, files) for _ in range(4)]
        for pair in (files.second, files.first, files.second):
            before = [client.n for client in clients]
            files.use(pair)
            program.signal(signal.SIGHUP)
            until(lambda at=pair: peer_der(port, files.trust) == at.der, f"{kind}: new certificate")
            until(lambda: all(client.n > n for client, n in zip(clients, before)), f"{kind}: answers go on")
        for client in clients:
            client.end()


def case_a_bad_new_pair_leaves_the_old_one(system):
    for kind in BOTH:
        program, port, files = start(system, kind)
        bad = ((files.first.cert, files.second.key), (files.first.key, files.first.key), ("/dev/null", "/dev/null"))
        for n, (cert, key) in enumerate(bad, 1):
            shutil.copy(cert, files.cert)
            shutil.copy(key, files.key)
            program.signal(signal.SIGHUP)
            until(lambda: program.log_text().count("tls_kept") == n, f"{kind}: a line about it")
            check("bad_tls_file" in program.log_text(), program.log_text())
            equal(peer_der(port, files.trust), files.first.der, kind)
        files.use(files.second)
        program.signal(signal.SIGHUP)
        until(lambda: peer_der(port, files.trust) == files.second.der, f"{kind}: the next good one")


harness.main(globals(), renderers=("real",), n_http=0, n_ws=0)
