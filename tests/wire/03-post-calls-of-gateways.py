#!/usr/bin/env python3
"""The calls endpoint, spoken to by a raw ZMTP peer: requests are applied once, roles hold, bad bytes are answered or
dropped and hurt nobody (proto/calls.h, docs/protocol.md)."""
import os

import harness
import zmtp
from harness import check, equal
from zmtp import CLICK, FILE, GET, HELLO, HOVER, LOG, POST, SCENES, SERVERS, SNAPSHOT, VERSION, Peer

VIEW, PLAY, CONDUCT = 1, 2, 3
MOVE = b"/ITL/scene/m dx 0.01;"


class Gateway:
    """Numbers its requests as a gateway does."""

    def __init__(self, system, number=None):
        self.peer = Peer(system.calls)
        self.number = number or int.from_bytes(os.urandom(7), "big") + 1
        self.counter = 0

    def call(self, kind, role=CONDUCT, **fields):
        self.counter += 1
        return self.peer.call(gateway_id=self.number, counter=self.counter, kind=kind, role=role, **fields)

    def get(self, text):
        reply = self.call(GET, text=text)
        equal(reply["code"], "ok", reply)
        return reply["text"].strip()


def new_object(gateway):
    equal(gateway.call(POST, text=b"/ITL/scene/m set rect 0.1 0.1; /ITL/scene/m x 0;")["code"], "ok")


def case_a_repeated_post_is_applied_once(system):
    gateway = Gateway(system)
    new_object(gateway)
    fields = {"gateway_id": gateway.number, "counter": 1000, "kind": POST, "role": CONDUCT, "text": MOVE}
    first = gateway.peer.call(**fields)
    equal(first["code"], "ok", first)
    for _ in range(3):
        equal(gateway.peer.call(**fields), first, "the first answer again")
    with Peer(system.calls) as other:  # the gateway came back by another connection
        equal(other.call(**fields), first, "the same on another connection")
    equal(gateway.get(b"/ITL/scene/m x"), "/ITL/scene/m x 0.01;", "moved once")
    fields["gateway_id"] += 1
    check(gateway.peer.call(**fields)["version"] > first["version"], "another gateway's request is another")
    equal(gateway.get(b"/ITL/scene/m x"), "/ITL/scene/m x 0.02;", "moved twice")


def case_repeated_before_its_answer_is_applied_once(system):
    gateway = Gateway(system)
    new_object(gateway)
    body = zmtp.request(gateway_id=gateway.number, counter=2000, kind=POST, role=CONDUCT, text=MOVE)
    for _ in range(5):
        gateway.peer.send(b"", body)
    first, _ = gateway.peer.reply()
    equal(first["code"], "ok", first)
    with Peer(system.calls) as other:
        reply = other.call(gateway_id=gateway.number, counter=2001, kind=GET, role=CONDUCT, text=b"/ITL/scene/m x")
    equal(reply["text"].strip(), "/ITL/scene/m x 0.01;", "moved once")


def case_roles_hold(system):
    gateway = Gateway(system)
    new_object(gateway)
    for kind, text in ((POST, b"/ITL/scene/m x 1;"), (GET, b"/ITL/scene/m x"), (LOG, b"")):
        for role in (VIEW, PLAY):
            equal(gateway.call(kind, role, text=text)["code"], "forbidden", f"kind {kind} role {role}")
    for kind in (CLICK, HOVER):
        equal(gateway.call(kind, VIEW, x=270, y=270)["code"], "forbidden", f"kind {kind}")
        check(gateway.call(kind, PLAY, x=270, y=270)["code"] != "forbidden", f"kind {kind}")
    for kind in (VERSION, SNAPSHOT, SCENES, HELLO):
        with Peer(system.calls) as peer:
            equal(peer.call(gateway_id=5, counter=kind, kind=kind, role=VIEW)["code"], "ok", f"kind {kind}")
    equal(gateway.get(b"/ITL/scene/m x"), "/ITL/scene/m x 0.0;", "nothing was posted")


def case_get_only_asks(system):
    gateway = Gateway(system)
    new_object(gateway)
    for text in (b"/ITL/scene/m x; /ITL/scene/m x 1", b"/ITL/scene/m x;\n/ITL/scene/* del;", b"/ITL/scene/m #"):
        gateway.call(GET, text=text)
        equal(gateway.get(b"/ITL/scene/m x"), "/ITL/scene/m x 0.0;", text)
    equal(gateway.get(b"/ITL/scene/m"), "/ITL/scene/m set rect 0.1 0.1;")
    equal(gateway.get(b"/ITL/scene/m x y"), "/ITL/scene/m x 0.0;\n/ITL/scene/m y 0.0;")
    equal(gateway.call(GET, text=b"/ITL/scene/nobody x")["code"], "script_error")


def case_log_scenes_version_and_files(system):
    gateway = Gateway(system)
    gateway.call(POST, text=b"/ITL/scene/nobody x 1; /ITL/other new;")
    check("incorrect OSC address: /ITL/scene/nobody" in gateway.call(LOG)["text"], "log")
    equal(sorted(gateway.call(SCENES)["text"].split()), ["other", "scene"])
    equal(gateway.call(VERSION, scene="missing")["code"], "not_found")
    equal(gateway.call(SNAPSHOT, scene="missing")["code"], "not_found")
    equal(gateway.call(CLICK, scene="missing", x=1, y=1)["code"], "not_found")
    gateway.call(POST, text=b"/ITL/other del;")
    equal(gateway.call(SCENES)["text"].split(), ["scene"])
    with open(os.path.join(system.root, "range.bin"), "wb") as file:
        file.write(bytes(range(200)))
    reply = gateway.call(FILE, VIEW, text=b"range.bin", offset_bytes=190, length_bytes=50)
    equal((reply["code"], reply["bytes"], reply["total_size_bytes"]), ("ok", bytes(range(190, 200)), 200))
    for path in (b"../score.inscore", b"/etc/passwd", b"range.bin\0.png", b"", b"a\\..\\b", b"."):
        equal(gateway.call(FILE, CONDUCT, text=path)["code"], "not_found", path)


def case_reports_of_unknown_servers_are_harmless(system):
    gateway = Gateway(system)
    for x in (-1, 0, 1, 77):
        check(gateway.call(SERVERS, text=b"/ITL/scene/nobody", x=x, y=5)["code"] in ("ok", "bad_request"))


def case_bad_bytes_hurt_nobody(system):
    good = Gateway(system)
    new_object(good)
    bodies = [b"", b"\0", b"\xc1" * 100, os.urandom(1000), b"\x93\x01\x10", b"\x93\x01\x10\xdf\xff\xff\xff\xff",
              zmtp.pack([1, 999, {}]), zmtp.pack([2, 16, {1: 1}]), zmtp.pack([1, 16, {}]),
              zmtp.request(gateway_id=1, counter=1, kind=200, role=3), zmtp.request(gateway_id=1, counter=2, kind=POST, role=9),
              zmtp.request(gateway_id=0, counter=0, kind=POST, role=3, text=MOVE),
              zmtp.request(gateway_id=1, counter=3, kind=POST, role=3, text="x" * (17 << 20)),
              zmtp.request(gateway_id=1, counter=4, kind=CLICK, role=3, x=2 ** 40, y=1),
              zmtp.request(gateway_id=1, counter=5, kind=VERSION, role=3, scene="s" * 500),
              zmtp.pack([[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]])]
    for body in bodies:
        for parts in ((b"", body), (body,), (b"x", body), (b"", body, b"more"), (b"",)):
            with Peer(system.calls) as peer:
                peer.send(*parts)
                if parts == (b"", body):
                    peer.socket.settimeout(0.05)
                    try:
                        check(peer.reply()[0]["code"] not in ("ok", ""), body[:40])
                    except (TimeoutError, EOFError, OSError):
                        pass  # dropped: it could not be answered
    equal(good.get(b"/ITL/scene/m x"), "/ITL/scene/m x 0.0;", "the others go on")
    check(system.renderer.is_running())


def case_peers_that_never_read_do_not_hold_the_others(system):
    deaf = [Gateway(system) for _ in range(5)]
    for gateway in deaf:
        for _ in range(300):
            gateway.counter += 1
            gateway.peer.send(b"", zmtp.request(gateway_id=gateway.number, counter=gateway.counter, kind=SNAPSHOT, role=1))
    good = Gateway(system)
    new_object(good)
    equal(good.get(b"/ITL/scene/m x"), "/ITL/scene/m x 0.0;")
    check(system.renderer.rss_kb() < 400_000, f"{system.renderer.rss_kb()} KB")


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",))
