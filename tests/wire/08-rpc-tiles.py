#!/usr/bin/env python3
"""Frames of subscriptions: tiles put on their base equal the whole picture, pixel by pixel; latest wins."""
import base64
import random

import harness
import png
from harness import check, equal
from rpcclient import RpcClient, RpcError

SHAPES = """
/ITL/scene/*  del;
/ITL/scene/probe set rect 0.5 0.5;
/ITL/scene/t set txt "bar 1";
/ITL/scene/c set ellipse 0.3 0.2;
/ITL/scene/c color 0 90 200 160;
"""


def ready(system, path="/rpc", **options):
    rpc = RpcClient(system.ws_port, path, **options)
    rpc.call("version")
    return rpc


class Canvas:
    """What a client shows: whole frames replace it, tiles are put on it."""

    def __init__(self):
        self.rows, self.epoch, self.version = None, 0, 0
        self.n_whole = self.n_tiles = 0

    def take(self, frame):
        if frame.is_whole:
            picture = png.read(frame.png)
            equal((picture.width, picture.height), (frame.width, frame.height))
            self.rows = [bytearray(row) for row in picture.rows]
            self.n_whole += 1
        else:
            equal((frame.epoch, frame.base), (self.epoch, self.version), "tiles for a base that is not shown")
            for x, y, width, height, data in frame.tiles:
                tile = png.read(data)
                equal((tile.width, tile.height), (width, height))
                for i, row in enumerate(tile.rows):
                    self.rows[y + i][4 * x:4 * (x + width)] = row
            self.n_tiles += 1
        check(frame.epoch != self.epoch or frame.version > self.version, "versions rise")
        self.epoch, self.version = frame.epoch, frame.version

    def bytes(self):
        return b"".join(bytes(row) for row in self.rows)


def change(rng, i):
    what = rng.randrange(7)
    if what == 0:
        return f"/ITL/scene/t set txt \"bar {i}\";"
    if what == 1:
        return f"/ITL/scene/c x {rng.uniform(-1, 1):.3f};"
    if what == 2:
        return f"/ITL/scene/probe angle {rng.randrange(360)};"
    if what == 3:
        return f"/ITL/scene/c scale {rng.uniform(0.2, 2):.2f};"
    if what == 4:
        return f"/ITL/scene/probe color {rng.randrange(256)} {rng.randrange(256)} 30 {rng.randrange(40, 256)};"
    if what == 5:
        return f"/ITL/scene/new{i % 4} set rect 0.1 0.1; /ITL/scene/new{i % 4} x {rng.uniform(-1, 1):.2f};"
    return f"/ITL/scene/new{i % 4} del;"


def post(hand, script):
    """The version that shows it, also when a part of it was an error."""
    try:
        return hand.call("post", {"data": script})["version"]
    except RpcError as error:
        check(error.code == 40022, error)
        return error.data["version"]


def until_version(rpc, canvas, version):
    while canvas.version < version:
        canvas.take(rpc.binary())


def compare(rpc, canvas, **params):
    image = rpc.call("image", params)
    equal(image["version"], canvas.version)
    check(png.read(base64.b64decode(image["image"])).bytes() == canvas.bytes(), "pixels differ at version", image["version"])


def case_tiles_equal_the_whole_picture(system):
    rng = random.Random(11)
    with ready(system) as rpc, ready(system) as hand:
        hand.call("post", {"data": SHAPES})
        canvas = Canvas()
        answer = rpc.call("subscribe", {"frames": "tiles", "period": 0})
        equal((answer["frames"], answer["width"]), ("tiles", 540))
        for i in range(60):
            version = post(hand, change(rng, i))
            until_version(rpc, canvas, version)
            if i % 5 == 0:
                compare(rpc, canvas)
        compare(rpc, canvas)
        check(canvas.n_tiles > canvas.n_whole, canvas.n_tiles, canvas.n_whole)


def case_a_slow_client_gets_one_chain_or_a_whole_frame(system):
    """It does not read for many versions; then what it gets leads from its base to the newest."""
    rng = random.Random(12)
    with ready(system, rcvbuf=4096) as rpc, ready(system) as hand:
        canvas = Canvas()
        rpc.call("subscribe", {"frames": "tiles", "period": 0})
        hand.call("post", {"data": SHAPES})
        for i in range(120):
            version = post(hand, change(rng, i))
        n_before = canvas.n_tiles + canvas.n_whole
        until_version(rpc, canvas, version)
        compare(rpc, canvas)
        check(canvas.n_tiles + canvas.n_whole - n_before <= 121)


def case_notices_come_before_their_frames(system):
    with ready(system) as rpc, ready(system) as hand:
        rpc.call("subscribe", {"frames": "binary"})
        rpc.binary()
        version = hand.call("post", {"data": system.touch_script()})["version"]
        equal(rpc.note("scoreChanged")["version"], version)
        check(not rpc.frames, "the frame came first")
        frame = rpc.binary()
        equal((frame.version, frame.is_whole, frame.base, frame.scene), (version, True, 0, "scene"))


def case_base64_frames(system):
    with ready(system) as rpc, ready(system) as hand:
        rpc.call("subscribe", {"frames": "base64"})
        first = rpc.note("frame")
        equal(set(first), {"scene", "epoch", "version", "width", "height", "mimeType", "image"})
        png.read(base64.b64decode(first["image"], validate=True))
        version = hand.call("post", {"data": system.touch_script()})["version"]
        equal(rpc.note("frame")["version"], version)


def case_tiles_at_another_width(system):
    """Painted anew for this width; tiles are the strips that differ."""
    rng = random.Random(13)
    with ready(system) as rpc, ready(system) as hand:
        hand.call("post", {"data": SHAPES})
        canvas = Canvas()
        answer = rpc.call("subscribe", {"frames": "tiles", "width": 700, "period": 0})
        equal((answer["width"], answer["height"]), (700, 700))
        for i in range(30):
            version = post(hand, change(rng, i))
            until_version(rpc, canvas, version)
            if i % 5 == 0:
                compare(rpc, canvas, width=700)
        compare(rpc, canvas, width=700)
        check(canvas.n_tiles > canvas.n_whole, canvas.n_tiles, canvas.n_whole)


def case_a_subscription_is_replaced_and_ended(system):
    with ready(system) as rpc, ready(system) as hand:
        rpc.call("subscribe", {"frames": "binary"})
        rpc.binary()
        rpc.call("subscribe", {})
        version = hand.call("post", {"data": system.touch_script()})["version"]
        equal(rpc.note("scoreChanged")["version"], version)
        check(rpc.is_quiet() and not rpc.frames)
        equal(rpc.call("unsubscribe")["scene"], "scene")
        hand.call("post", {"data": system.touch_script()})
        check(rpc.is_quiet() and not rpc.notes)
        equal(rpc.error("unsubscribe").code, 40004)
        equal(rpc.error("subscribe", {"scene": "nowhere"}).code, 40004)


def case_the_period_is_kept(system):
    with ready(system) as rpc, ready(system) as hand:
        rpc.call("subscribe", {"period": 60000})
        first = hand.call("post", {"data": system.touch_script()})["version"]
        equal(rpc.note("scoreChanged")["version"], first)
        hand.call("post", {"data": system.touch_script()})
        check(rpc.is_quiet() and not rpc.notes, "within the period")


def case_shown_is_told_by_presence(system):
    with ready(system) as rpc, ready(system) as hand:
        rpc.connect(registerInfo={"stand": 3})
        rpc.call("subscribe", {"frames": "binary"})
        frame = rpc.binary()
        rpc.notify("shown", {"epoch": "%016x" % frame.epoch, "version": frame.version})
        rpc.call("ping")
        [mine] = [one for one in hand.call("presence")["clients"] if one["registerInfo"] == {"stand": 3}]
        equal(mine["subscriptions"][0]["shown"], {"epoch": "%016x" % frame.epoch, "version": frame.version})
        equal((mine["role"], mine["connected"]), ("conduct", True))


def case_many_scenes(system):
    with ready(system) as rpc, ready(system) as hand:
        for i in range(3):
            hand.call("post", {"data": f"/ITL/extra{i} new; /ITL/extra{i}/r set rect 0.5 0.5;"})
        for i in range(3):
            rpc.call("subscribe", {"scene": f"extra{i}", "frames": "binary"})
        equal({rpc.binary().scene for _ in range(3)}, {"extra0", "extra1", "extra2"})
        for i in range(3):
            hand.call("post", {"data": f"/ITL/extra{i}/r angle 10;"})
        equal({rpc.binary().scene for _ in range(3)}, {"extra0", "extra1", "extra2"})
        hand.call("post", {"data": "/ITL/extra* del;"})


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), ws=True)
