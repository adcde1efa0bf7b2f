#!/usr/bin/env python3
"""leggio-watch: writes each picture whole, says what it does, comes back, ends cleanly."""
import os
import signal
import tempfile

import harness
from client_probe import main
from harness import Program, check, equal, until
from wsserver import OP_BINARY, WsServer, binary_frame

EPOCH = 0x0123456789abcdef


class Watch:
    """leggio-watch in a folder of its own, in front of a server."""

    def __init__(self, *options, target="picture.png"):
        self.folder = tempfile.TemporaryDirectory(prefix="leggio-watch-")
        self.target = os.path.join(self.folder.name, target)
        self.server = WsServer()
        self.program = Program([harness.tool("leggio-watch"), self.server.uri, "--output", self.target, "--heartbeat", "1min",
                                *options])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()
        self.server.stop()
        self.folder.cleanup()

    def subscribed(self, session="s1", scene="scene", **more):
        peer = self.server.accept()
        peer.handshake()
        connect = peer.attach(session)
        equal(connect["params"]["registerInfo"], {"program": "leggio-watch"})
        self.first = [peer.recv_json(), peer.recv_json()]
        request = next(message for message in self.first if message["method"] == "subscribe")
        ping = next(message for message in self.first if message["method"] == "ping")
        equal(request["params"], {"scene": scene, "frames": "binary", **more})
        peer.answer(ping, {"value": "pong"})
        peer.answer(request, {"scene": scene})
        return peer

    def end(self, status=0, number=signal.SIGINT):
        self.program.signal(number)
        equal(self.program.process.wait(harness.LIMIT_S), status, self.program.log_text())


def show(peer, version, png, scene="scene"):
    peer.send_json({"jsonrpc": "2.0", "method": "scoreChanged",
                    "params": {"scene": scene, "epoch": f"{EPOCH:016x}", "version": version}})
    peer.send_frame(OP_BINARY, binary_frame(scene, EPOCH, version, png=png, size=(1920, 1080)))


def content(path):
    with open(path, "rb") as file:
        return file.read()


def case_each_picture_replaces_the_file():
    with Watch() as watch:
        peer = watch.subscribed()
        for version in (3, 4, 9):
            png = b"png %d" % version * 1000
            show(peer, version, png)
            words = watch.program.line().split()
            equal(words[:5], ["scene", str(version), "1920x1080", str(45 + len(png)), "bytes"])
            check(float(words[5]) >= 0 and words[6] == "ms" and words[7] == watch.target, words)
            equal(content(watch.target), png)
            shown = peer.recv_method("shown")
            equal(shown["params"], {"scene": "scene", "epoch": f"{EPOCH:016x}", "version": version})
            check("id" not in shown, shown)
        equal(os.listdir(watch.folder.name), ["picture.png"], "no temporary files")
        watch.program.signal(signal.SIGINT)
        peer.answer(peer.recv_method("closeSession"), "bye")
        equal(peer.wait_gone(), 1000)
        equal(watch.program.process.wait(harness.LIMIT_S), 0)
        equal(watch.program.log_text(), "")


def case_a_folder_gets_a_file_for_each_version():
    with Watch("--scene", "violin/../1", "--width", "800", "--period", "250ms", target="") as watch:
        peer = watch.subscribed(scene="violin/../1", width=800, period=250)
        for version in (3, 12):
            show(peer, version, b"png%d" % version, scene="violin/../1")
            watch.program.line()
        names = sorted(os.listdir(watch.folder.name))
        equal(names, ["violin____1-000000000003.png", "violin____1-000000000012.png"])
        equal(content(os.path.join(watch.folder.name, names[1])), b"png12")
        peer.drop()
        watch.end(number=signal.SIGTERM)


def case_once():
    with Watch("--once", "--quiet") as watch:
        peer = watch.subscribed()
        show(peer, 3, b"one")
        peer.recv_method("shown")
        peer.answer(peer.recv_method("closeSession"), "bye")
        equal(watch.program.process.wait(harness.LIMIT_S), 0)
        equal(content(watch.target), b"one")
        equal(watch.program.lines.get(), None, "quiet")


def case_it_waits_for_the_server_and_comes_back():
    with WsServer() as server:
        server.stop()
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "p.png")
            program = Program([harness.tool("leggio-watch"), server.uri, "-o", target, "--heartbeat", "1min"])
            until(lambda: "no connection, trying again: cannot connect to 127.0.0.1" in program.log_text(), "a word")
            server.start()
            peer = server.open()
            for _ in range(2):
                message = peer.recv_json()
                peer.answer(message, {"value": "pong"})
            show(peer, 3, b"one")
            program.line()
            peer.kill()
            again = server.open("s1", "reconnection successful")
            until(lambda: "connection lost, trying again" in program.log_text()
                  and "connected again" in program.log_text(), "words")
            show(again, 4, b"two")
            program.line()
            equal(content(target), b"two")
            again.drop()
            server.stop()
            program.signal(signal.SIGINT)
            equal(program.process.wait(harness.LIMIT_S), 0, "also while it tries")


def case_what_cannot_be_is_told():
    with Watch("--scene", "nowhere") as watch:
        peer = watch.server.open()
        for _ in range(2):
            message = peer.recv_json()
            if message["method"] == "subscribe":
                peer.refuse(message, 40004, "not_found")
            else:
                peer.answer(message, {"value": "pong"})
        equal(watch.program.process.wait(harness.LIMIT_S), 1)
        check("the scene cannot be followed: not_found" in watch.program.log_text(), watch.program.log_text())
        peer.drop()
    with Watch("--give-up", "1s") as watch:
        peer = watch.subscribed()
        watch.server.stop()
        peer.kill()
        equal(watch.program.process.wait(harness.LIMIT_S), 1)
        check("disconnected: cannot connect" in watch.program.log_text(), watch.program.log_text())
    with Watch(target="no/such/folder/p.png") as watch:
        peer = watch.subscribed()
        show(peer, 3, b"one")
        until(lambda: "no/such/folder/p.png: No such file or directory" in watch.program.log_text(), "a word")
        check(watch.program.is_running(), "it goes on")
        peer.drop()
        watch.end()


def case_options_are_checked():
    for options, status, word in ((["http://x/"], 1, "uri: expected ws://"), (["--width", "-1"], 2, "width"),
                                  (["--tls-pin", "x"], 1, "tls_pin_sha256"), (["--check"], 0, ""),
                                  (["--token-file", "/nowhere"], 2, "/nowhere"), (["--nothing"], 2, "nothing")):
        program = Program([harness.tool("leggio-watch"), *options])
        equal(program.process.wait(harness.LIMIT_S), status, program.log_text())
        check(word in program.log_text(), options, program.log_text())


if __name__ == "__main__":
    main(globals())
