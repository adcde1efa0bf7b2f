#!/usr/bin/env python3
"""Writes the byte vectors of the broker protocol, independently of the C codec.

Every build must read each *.bin into the values below and, for those without
"newer" in their name, write the same bytes again (tests/unit/proto/vectors_test.c).
A vector is never changed once a protocol number was released: a change of its
bytes is a new protocol.
"""
import pathlib
import struct

PROTOCOL = 1


def uint(n):
    for limit, head, form in ((1 << 7, None, ">B"), (1 << 8, 0xCC, ">B"), (1 << 16, 0xCD, ">H"),
                              (1 << 32, 0xCE, ">I"), (1 << 64, 0xCF, ">Q")):
        if n < limit:
            return (b"" if head is None else bytes([head])) + struct.pack(form, n)


def sint(n):
    if n >= 0:
        return uint(n)
    for bits, head, form in ((5, None, ">b"), (7, 0xD0, ">b"), (15, 0xD1, ">h"), (31, 0xD2, ">i"),
                             (63, 0xD3, ">q")):
        if n >= -(1 << bits):
            return (b"" if head is None else bytes([head])) + struct.pack(form, n)


def pack(value):
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return sint(value)
    if isinstance(value, str):
        data = value.encode()
        if len(data) < 32:
            return bytes([0xA0 | len(data)]) + data
        return (struct.pack(">BB", 0xD9, len(data)) if len(data) < 256
                else struct.pack(">BH", 0xDA, len(data))) + data
    if isinstance(value, bytes):
        return struct.pack(">BB", 0xC4, len(value)) + value
    if isinstance(value, list):
        head = bytes([0x90 | len(value)]) if len(value) < 16 else struct.pack(">BH", 0xDC, len(value))
        return head + b"".join(pack(item) for item in value)
    if isinstance(value, dict):
        assert len(value) < 16
        return bytes([0x80 | len(value)]) + b"".join(pack(k) + pack(v) for k, v in value.items())
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    raise TypeError(value)


def message(number, fields, protocol=PROTOCOL):
    return pack([protocol, number, fields])


EPOCH = 0x1122334455667788
NOTICE = {1: EPOCH, 2: 42, 3: 1700000000123456}
VECTORS = {
    "notice": message(1, NOTICE),
    "frame-delta": message(2, {
        1: EPOCH, 2: 43, 3: 42, 4: 1700000000123456, 5: "scene", 6: 320, 7: 200, 8: 2, 9: 99,
        10: [{1: 1, 2: 0xDEADBEEF, 3: 61504, 4: 700}, {1: 3, 2: 5, 3: 7688, 4: 80}],
        11: [{1: 10, 2: 64, 3: 200, 4: 100, 5: 512}]}),
    "frame-whole": message(2, {
        1: EPOCH, 2: 1, 5: "violin1", 6: 1, 7: 1, 8: 6, 10: [{2: 1, 3: 5, 4: 20}]}),
    "frame-grey": message(2, {
        1: EPOCH, 2: 1, 5: "violin1", 6: 1, 7: 1, 10: [{2: 1, 3: 2, 4: 20}]}),
    "dense": message(3, {1: EPOCH, 2: 43, 3: "scene", 4: 320, 5: 200, 6: 4096}),
    "servers": message(4, {1: EPOCH, 2: [
        {1: "httpd", 2: "/ITL/scene/http", 3: "scene", 4: 8001},
        {1: "websocket", 2: "/ITL/scene/ws", 3: "scene", 4: 7101, 5: 50}]}),
    "servers-none": message(4, {1: EPOCH}),
    "heartbeat": message(5, {1: EPOCH, 2: 7, 3: 61000, 4: [
        {1: "scene", 2: 43, 3: 1920, 4: 1080}, {1: "Partitur-äöü", 3: 16384, 4: 1}]}),
    "request-post": message(16, {
        1: 0xFFFFFFFFFFFFFFFF, 2: 1, 3: 4, 4: 3, 5: 5000, 6: "http:[::1]:4242", 7: "scene",
        8: "/ITL/scene/a set txt \"Grüße\";\n" * 3}),
    "request-hover": message(16, {1: 9, 2: 300, 3: 6, 4: 2, 6: "ws:7", 10: -2147483648,
                                  11: 2147483647}),
    "request-click": message(16, {1: 9, 2: 303, 3: 5, 4: 2, 5: 5000, 10: 5, 11: 6, 15: 7,
                                  16: 61000}),
    "request-servers": message(16, {1: 9, 2: 301, 3: 11, 4: 1, 8: "/ITL/scene/ws",
                                    9: "port 7101 is in use"}),
    "request-file": message(16, {1: 9, 2: 302, 3: 8, 4: 1, 8: "img/a.png", 12: 1 << 40, 13: 65536}),
    "reply-ok": message(17, {1: 9, 2: 300, 3: "ok", 8: EPOCH, 9: 43}),
    "reply-error": message(17, {1: 9, 2: 299, 3: "script_error", 4: "line 1: no such object",
                                8: EPOCH, 9: 43}),
    "reply-file": message(17, {1: 9, 2: 302, 3: "ok", 5: bytes(range(200)), 6: 1 << 33,
                               7: -86400, 8: EPOCH}),
    "reply-hello": message(17, {1: 9, 2: 1, 3: "ok", 8: EPOCH, 10: 7,
                                11: [{1: "scene", 2: 43, 3: 1920, 4: 1080}],
                                12: [{1: "httpd", 2: "/ITL/scene/http", 3: "scene", 4: 8001}],
                                13: 61000}),
    # Of a newer program of the same protocol: unknown fields are skipped.
    "notice-newer": message(1, {**NOTICE, 77: {1: [1, 2.5, "x", b"yz", True]},
                                78: -5}),
    "servers-newer": message(4, {1: EPOCH, 2: [
        {1: "httpd", 9: [[]], 2: "/ITL/scene/http", 3: "scene", 4: 8001}], 200: "later"}),
    # Of another protocol: refused, but the ids are read.
    "request-protocol-2": message(16, {1: 9, 2: 5, 3: "post"}, protocol=2),
}

if __name__ == "__main__":
    for name, data in VECTORS.items():
        pathlib.Path(__file__).with_name(name + ".bin").write_bytes(data)
    print(len(VECTORS), "vectors")
