#!/usr/bin/env python3
"""libleggio-client: following a score. Versions only rise, tiles come only on the frame that they
need, subscriptions outlive sessions; against a raw server that does all of it wrong as well."""
import struct

from client_probe import Probe, RECONNECTED, connected, main, reconnected
from harness import check, equal
from wsserver import OP_BINARY, WsServer, binary_frame

EPOCH, OTHER = 0x0123456789abcdef, 0xfedcba9876543210


def subscribed(server, probe, frames, scene="scene"):
    peer = connected(server, probe)
    subscribe(probe, peer, frames, scene)
    return peer


def subscribe(probe, peer, frames, scene="scene"):
    probe.do(f"subscribe {scene} {frames}")
    request = peer.recv_method("subscribe")
    equal(request["params"], {"scene": scene, "frames": {"whole": "binary"}.get(frames, frames)})
    peer.answer(request, {"scene": scene, "version": 1})
    probe.expect("answer subscribe 0")


def send(peer, version, epoch=EPOCH, scene="scene", **more):
    if "tiles" not in more:
        more.setdefault("png", b"PNG" + bytes([version & 0xff]) * 5)
    peer.send_frame(OP_BINARY, binary_frame(scene, epoch, version, **more))


def changed(peer, version, epoch=EPOCH, scene="scene"):
    peer.send_json({"jsonrpc": "2.0", "method": "scoreChanged",
                    "params": {"scene": scene, "epoch": f"{epoch:016x}", "version": version}})


def seen(probe, version, epoch=EPOCH, base=0, scene="scene"):
    line = probe.expect(f"frame {scene} {epoch:016x} {version} {base} ")
    return line.split()


def case_whole_frames():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "whole")
        png = b"\x89PNG whole"
        send(peer, 2**63 + 5, png=png, size=(1920, 1080))
        size, png_bytes, n_tiles, total = seen(probe, 2**63 + 5)
        value = 0
        for byte in png:
            value = (value * 31 + byte) & 0xffffff
        equal((size, int(png_bytes), int(n_tiles), int(total)), ("1920x1080", len(png), 0, value))
        probe.close()
        peer.drop()


def case_versions_never_go_back_within_an_epoch():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "whole")
        for version in (10, 10, 9, 12, 11):
            send(peer, version)
        seen(probe, 10)
        seen(probe, 12)
        send(peer, 3, epoch=OTHER)
        seen(probe, 3, epoch=OTHER)
        equal(probe.stats()["ignored"], 3)
        for version in (5, 5, 4, 6):
            changed(peer, version)
        probe.expect(f"changed scene {EPOCH:016x} 5")
        probe.expect(f"changed scene {EPOCH:016x} 6")
        probe.close()
        peer.drop()


def case_tiles_on_their_base_and_no_other():
    tile = (10, 20, 30, 10, b"tile one")
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "tiles")
        send(peer, 5, base=4, tiles=[tile])  # nothing to put it on
        request = peer.recv_method("subscribe")
        equal(request["params"], {"scene": "scene", "frames": "tiles"})
        send(peer, 6, base=5, tiles=[tile])  # nor this; asked already
        peer.answer(request, {})
        send(peer, 7)
        seen(probe, 7)
        send(peer, 8, base=7, tiles=[tile, (0, 0, 100, 50, b"two")])
        equal(seen(probe, 8, base=7)[1:3], ["0", "2"])
        send(peer, 10, base=9, tiles=[tile])  # a jump
        peer.answer(peer.recv_method("subscribe"), {})
        send(peer, 10)
        seen(probe, 10)
        send(peer, 11, base=10, epoch=OTHER, tiles=[tile])  # of another epoch
        peer.answer(peer.recv_method("subscribe"), {})
        send(peer, 1, epoch=OTHER)
        seen(probe, 1, epoch=OTHER)
        probe.close()
        peer.drop()


def case_binary_messages_that_are_wrong_are_ignored():
    good = binary_frame("scene", EPOCH, 1, png=b"p")
    tile = binary_frame("scene", EPOCH, 3, base=2, tiles=[(0, 0, 10, 10, b"t")])
    wrong = [b"", b"LG", good[:39], good[:40], good[:-1], b"XX" + good[2:], b"LG\x02" + good[3:], b"LG\x01\x03" + good[4:],
             good[:36] + struct.pack(">H", 6) + good[38:], good[:36] + struct.pack(">H", 65535) + good[38:],
             good[:36] + b"\0\0" + good[38:], good[:38] + struct.pack(">H", 1) + good[40:],
             good[:20] + struct.pack(">Q", 1) + good[28:], good[:28] + b"\0\0\0\0" + good[32:],
             good[:28] + b"\xff\xff\xff\xff" + good[32:], good.replace(b"scene", b"sc\xffne"), good.replace(b"scene", b"sc\0ne"),
             tile[:-1], tile + b"x", tile[:38] + b"\0\0" + tile[40:], tile[:38] + b"\xff\xff" + tile[40:],
             binary_frame("scene", EPOCH, 3, base=3, tiles=[(0, 0, 10, 10, b"t")]),
             binary_frame("scene", EPOCH, 3, base=2, tiles=[(95, 0, 10, 10, b"t")]),
             binary_frame("scene", EPOCH, 3, base=2, tiles=[(0xffffffff, 0, 10, 10, b"t")]),
             binary_frame("scene", EPOCH, 3, base=2, tiles=[(0, 0, 0, 10, b"t")]),
             binary_frame("elsewhere", EPOCH, 3, png=b"p"), binary_frame("s" * 300, EPOCH, 3, png=b"p")]
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "whole")
        for message in wrong:
            peer.send_frame(OP_BINARY, message)
        send(peer, 7)
        seen(probe, 7)
        equal(probe.stats()["ignored"], len(wrong))
        probe.close()
        peer.drop()


def case_a_session_taken_up_says_what_was_seen():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "whole")
        subscribe(probe, peer, "none", "other")
        send(peer, 4)
        seen(probe, 4)
        changed(peer, 9, scene="other")
        probe.expect("changed other")
        peer.kill()
        probe.expect("event reconnecting")
        again = server.accept()
        again.handshake()
        params = again.attach("s1", RECONNECTED)["params"]
        equal(sorted(params.pop("seen"), key=lambda item: item["scene"]),
              [{"scene": "other", "epoch": f"{EPOCH:016x}", "version": 9},
               {"scene": "scene", "epoch": f"{EPOCH:016x}", "version": 4}])
        equal(params, {"sessionId": "s1"})
        probe.expect("event reconnected 1")
        send(again, 4)  # again: it is known
        send(again, 6)
        seen(probe, 6)
        probe.do("request a version")
        equal(again.recv_json()["method"], "version", "no new subscription in the same session")
        probe.close()
        again.drop()


def case_subscriptions_are_made_again_in_a_new_session():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "tiles")
        subscribe(probe, peer, "whole", "gone")
        send(peer, 4)
        seen(probe, 4)
        again = reconnected(server, probe, peer, "s2")
        requests = {}
        for _ in range(2):
            request = again.recv_method("subscribe")
            requests[request["params"]["scene"]] = request
        again.answer(requests["scene"], {})
        again.refuse(requests["gone"], 40004, "not_found")
        equal(probe.expect("ended gone"), "not_found (40004)")
        send(again, 5)
        seen(probe, 5)
        send(again, 9, scene="gone")
        third = reconnected(server, probe, again, "s3")
        equal(third.recv_method("subscribe")["params"]["scene"], "scene", "the ended one is not asked for again")
        probe.close()
        third.drop()


def case_subscription_lost_while_it_is_made_again_is_made_once_more():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "whole")
        again = reconnected(server, probe, peer, "s2")
        again.recv_method("subscribe")
        third = reconnected(server, probe, again, "s2", is_same=True)
        third.answer(third.recv_method("subscribe"), {})
        send(third, 2)
        seen(probe, 2)
        probe.close()
        third.drop()


def case_a_busy_server_is_asked_again():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "whole")
        again = reconnected(server, probe, peer, "s2")
        for _ in range(2):
            again.refuse(again.recv_method("subscribe"), 50003, "busy")
        again.answer(again.recv_method("subscribe"), {})
        send(again, 5)
        seen(probe, 5)
        probe.close()
        again.drop()


def case_refused_subscription_gives_nothing():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = connected(server, probe)
        probe.do("subscribe nowhere whole")
        peer.refuse(peer.recv_method("subscribe"), 40004, "not_found")
        equal(probe.expect("answer subscribe -7 40004"), "not_found -")
        send(peer, 2, scene="nowhere")
        changed(peer, 2, scene="nowhere")  # nobody's: the program may look at it itself
        probe.expect('call told scoreChanged {"scene": "nowhere"')
        probe.close()
        peer.drop()


def case_unsubscribed_is_silent_and_replaced_goes_on():
    with WsServer() as server, Probe(server.uri) as probe:
        peer = subscribed(server, probe, "tiles")
        send(peer, 3)
        seen(probe, 3)
        subscribe(probe, peer, "whole")
        send(peer, 4)
        seen(probe, 4)
        probe.do("unsubscribe scene")
        request = peer.recv_method("unsubscribe")
        equal(request["params"], {"scene": "scene"})
        send(peer, 5)
        peer.answer(request, {"scene": "scene"})
        probe.expect("answer unsubscribe 0")
        probe.close()
        peer.drop()


def case_many_frames_in_order_and_large_ones():
    with WsServer() as server, Probe(server.uri, heartbeat_ms=100) as probe:
        peer = connected(server, probe)
        ping = peer.recv_method("ping")
        peer.answer(ping, {"value": "pong"})
        probe.do("subscribe scene whole")
        request = peer.recv_json()
        while request["method"] == "ping":
            peer.answer(request, {"value": "pong"})
            request = peer.recv_json()
        peer.answer(request, {})
        probe.expect("answer subscribe 0")
        for version in range(1, 41):
            send(peer, version, png=bytes([version]) * 1000000)
        for version in range(1, 41):
            equal(seen(probe, version)[1], "1000000")
        check(probe.stats()["in"] > 40000000, probe.stats())
        probe.close()
        peer.drop()


if __name__ == "__main__":
    main(globals())
