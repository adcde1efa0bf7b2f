#!/usr/bin/env python3
"""libleggio-client and leggio-watch with leggio-ws itself: methods, pictures, scenario 18 of the
protocol's reference (server killed and back, network cut and back), closed sessions."""
import base64
import json
import os
import signal

import harness
import png
from client_probe import Probe
from harness import check, equal, only_with, until
from network import Wire


def uri(system, port=None):
    return f"ws://127.0.0.1:{port or system.ws_port}/rpc"


def connect(probe):
    probe.do("connect")
    probe.expect_all("event connected", "done connect 0")


def request(probe, method, params=None):
    probe.do(f"request r {method} {json.dumps(params) if params is not None else ''}".strip())
    answer = probe.expect("answer r 0 0")
    return json.loads(answer[:-2])


def touch(probe, system):
    return request(probe, "post", {"data": system.touch_script()})["version"]


def subscribe(probe, frames):
    """Version of the first frame."""
    versions = []
    probe.do(f"subscribe scene {frames}")
    while not (line := probe.next()).startswith("answer subscribe 0"):
        check(line.startswith("frame"), line)
        versions.append(int(line.split()[3]))
    return versions[0] if versions else int(frame(probe)[2])


def frame(probe):
    """Words of the next frame, after its notice or another's."""
    while True:
        line = probe.next()
        if line.startswith("frame "):
            return line.split()[1:]
        check(line.startswith("changed "), line)


def wait_version(probe, version):
    words = frame(probe)
    seen = [int(words[2])]
    while seen[-1] < version:
        words = frame(probe)
        seen.append(int(words[2]))
    equal(seen, sorted(set(seen)), "versions rise")
    return words


def drain(probe):
    """Lines that are there already."""
    while probe.kept or not probe.lines.empty():
        probe.next()


def case_methods(system):
    with Probe(uri(system), register_info='{"name":"harp"}') as probe:
        connect(probe)
        check(len(probe.session()) >= 20, probe.session())
        version = request(probe, "version")
        equal(version["scene"], "scene")
        check(version["version"] >= 1 and len(version["epoch"]) == 16, version)
        subscribe(probe, "whole")  # there is a picture now
        image = request(probe, "image")
        png.read(base64.b64decode(image["image"]))
        probe.do("unsubscribe scene")
        probe.expect("answer unsubscribe 0")
        check(touch(probe, system) > version["version"], "a post shows")
        probe.do("request r nothing")
        probe.expect("answer r -7 -32601")
        probe.do('request r version {"scene":5}')
        probe.expect("answer r -7 -32602")
        probe.do("heartbeat 50")
        probe.expect("done heartbeat 0")
        until(lambda: probe.stats()["pongs"] >= 3, "pongs")
        probe.close(end_session=True, reason="closed")


def case_whole_frames_and_tiles_follow_the_score(system):
    for frames in ("whole", "tiles"):
        with Probe(uri(system)) as probe:
            connect(probe)
            version = subscribe(probe, frames)
            with Probe(uri(system)) as other:
                connect(other)
                for _ in range(5):
                    version = touch(other, system)
                    words = wait_version(probe, version)
                    check(words[3] == "0" or int(words[3]) < version, words)
                other.close()
            drain(probe)
            equal(probe.stats()["ignored"], 0, frames)
            probe.close()


def case_watch_writes_the_picture_of_the_server(system):
    path = os.path.join(system.folder, "watched.png")
    watch = system.start_program([harness.tool("leggio-watch"), uri(system), "-o", path])
    with Probe(uri(system)) as probe:
        connect(probe)
        for _ in range(3):
            version = touch(probe, system)
            while int(watch.line().split()[1]) < version:
                pass
            image = request(probe, "image")
            equal(image["version"], version)
            with open(path, "rb") as file:
                check(png.read(file.read()).rows == png.read(base64.b64decode(image["image"])).rows, "same pixels")
        probe.close()
    equal(watch.stop(), 0)
    equal(watch.log_text(), "")


@harness.with_options(n_ws=1, n_http=0)
def case_scenario_18_server_killed_and_back(system):
    port = system.ws_port
    with Probe(uri(system), heartbeat_ms=100, reconnection_limit_ms=-1) as probe:
        connect(probe)
        subscribe(probe, "whole")
        first = probe.session()
        system.wss[0].kill()
        line = probe.next()
        while line.startswith(("changed", "frame")):
            line = probe.next()
        check(line.startswith("event reconnecting"), line)
        again = system.start_program([harness.tool("leggio-ws"), "--listen", f"127.0.0.1:{port}", "--feed", system.feed,
                                      "--calls", system.calls])
        again.wait_line("listening ws")
        probe.expect("event reconnected 0")
        check(probe.session() != first, "another session")
        pongs = probe.stats()["pongs"]
        until(lambda: probe.stats()["pongs"] >= pongs + 3, "heartbeat after the reconnection")
        with Probe(uri(system)) as other:
            connect(other)
            wait_version(probe, touch(other, system))
            other.close()
        drain(probe)
        probe.close()


def case_scenario_18_network_cut_and_back(system):
    wire = Wire(system.ws_port)
    try:
        with Probe(uri(system, wire.port), heartbeat_ms=100, reconnection_limit_ms=-1,
                   connection_timeout_ms=20000) as probe, Probe(uri(system)) as other:
            connect(probe)
            connect(other)
            subscribe(probe, "tiles")
            session = probe.session()
            wire.set_cut(True)
            version = touch(other, system)
            equal(probe.expect("event reconnecting"), "the server did not answer a ping in 2000 ms")
            wire.set_cut(False)
            probe.expect("event reconnected 1")
            equal(probe.session(), session)
            wait_version(probe, version)
            drain(probe)
            pongs = probe.stats()["pongs"]
            until(lambda: probe.stats()["pongs"] >= pongs + 3, "heartbeat after the reconnection")
            wait_version(probe, touch(other, system))
            drain(probe)
            probe.close()
            other.close()
    finally:
        wire.stop()


def case_answer_of_a_lost_connection_comes_over_the_next(system):
    wire = Wire(system.ws_port)
    try:
        with Probe(uri(system, wire.port)) as probe:
            connect(probe)
            version = request(probe, "version")["version"]
            system.renderer.signal(signal.SIGSTOP)  # so that the answer takes longer than the connection lives
            try:
                probe.do(f'ask a -1 post {json.dumps({"data": system.touch_script()})}')
                until(lambda: probe.stats()["waiting"] == 1, "the request to go")
                probe.do("ask b -1 ping")  # answered in order on the socket: the post is with the server now
                probe.expect("answer b 0 0")
                wire.drop()
                probe.expect("event reconnecting")
                probe.expect("event reconnected 1")
            finally:
                system.renderer.signal(signal.SIGCONT)
            check(json.loads(probe.expect("answer a 0 0")[:-2])["version"] > version, "the post was done")
            probe.close()
    finally:
        wire.stop()


def case_closed_session_is_gone_and_another_process_takes_up_a_kept_one(system):
    with Probe(uri(system)) as probe:
        connect(probe)
        ended = probe.session()
        probe.close(end_session=True)
    with Probe(uri(system), session_id=ended) as probe:
        connect(probe)
        check(probe.session() != ended, "it was ended")
        kept = probe.session()
        probe.close()
    with Probe(uri(system), session_id=kept) as probe:
        connect(probe)
        equal(probe.session(), kept)
        with Probe(uri(system), session_id=kept) as thief:
            connect(thief)
            equal(thief.session(), kept)
            probe.expect("event disconnected another connection has taken the session up")
            thief.close()


@only_with("real")
def case_an_error_of_a_script_comes_with_its_log(system):
    with Probe(uri(system)) as probe:
        connect(probe)
        probe.do('request r post {"data":"/ITL/scene/probe nothing 1;"}')
        check("log" in probe.expect("answer r -7 40022"), "data")
        probe.close()


if __name__ == "__main__":
    harness.main(globals(), ws=True)
