"""A raw ZMTP 3 peer (RFC 23/ZMTP, NULL mechanism) and the little msgpack that broker messages need: it sends what it
is told to, also what no gateway would send. Standard library only.

    peer = Peer(endpoint, "DEALER")
    reply = peer.call(kind=POST, role=3, gateway_id=7, counter=1, text=b"/ITL/scene/a x 1;")
"""
import socket
import struct

from harness import LIMIT_S, check

HELLO, SNAPSHOT, VERSION, POST, CLICK, HOVER, GET, FILE, LOG, SCENES, SERVERS = range(1, 12)
REQUEST, REPLY = 16, 17
REQUEST_FIELDS = {"gateway_id": 1, "counter": 2, "kind": 3, "role": 4, "deadline_ms": 5, "client_id": 6, "scene": 7,
                  "text": 8, "note": 9, "x": 10, "y": 11, "offset_bytes": 12, "length_bytes": 13, "width_px": 14,
                  "renderer_id": 15, "expires_ms": 16}
REPLY_FIELDS = {1: "gateway_id", 2: "counter", 3: "code", 4: "text", 5: "bytes", 6: "total_size_bytes", 7: "mtime_s",
                8: "epoch", 9: "version", 10: "renderer_id", 11: "scenes", 12: "servers",
                13: "uptime_ms"}


def pack(value):
    if isinstance(value, dict):
        return struct.pack(">BI", 0xdf, len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return struct.pack(">BI", 0xdd, len(value)) + b"".join(pack(item) for item in value)
    if isinstance(value, bytes):
        return struct.pack(">BI", 0xdb if isinstance(value, Text) else 0xc6, len(value)) + value
    if isinstance(value, str):
        return struct.pack(">BI", 0xdb, len(value.encode())) + value.encode()
    return struct.pack(">Bq", 0xd3, value) if value < 0 else struct.pack(">BQ", 0xcf, value)


def unpack(data, at=0):
    """(value, next)"""
    kind = data[at]
    at += 1
    if kind < 0x80:
        return kind, at
    if kind >= 0xe0:
        return kind - 256, at
    if kind in NUMBERS:
        form = NUMBERS[kind]
        return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    if kind in (0xc0, 0xc2, 0xc3):
        return {0xc0: None, 0xc2: False, 0xc3: True}[kind], at
    if 0xa0 <= kind < 0xc0 or kind in SIZES and kind not in (0xdc, 0xdd, 0xde, 0xdf):
        size, at = (kind & 31, at) if kind < 0xc0 else size_of(kind, data, at)
        value = bytes(data[at:at + size])
        return (value if kind in (0xc4, 0xc5, 0xc6) else value.decode(errors="replace")), at + size
    if 0x90 <= kind < 0xa0 or kind in (0xdc, 0xdd):
        n, at = (kind & 15, at) if kind < 0xa0 else size_of(kind, data, at)
        items = []
        for _ in range(n):
            item, at = unpack(data, at)
            items.append(item)
        return items, at
    n, at = (kind & 15, at) if kind < 0x90 else size_of(kind, data, at)
    items = {}
    for _ in range(n):
        key, at = unpack(data, at)
        items[key], at = unpack(data, at)
    return items, at


NUMBERS = {0xca: ">f", 0xcb: ">d", 0xcc: ">B", 0xcd: ">H", 0xce: ">I", 0xcf: ">Q", 0xd0: ">b", 0xd1: ">h", 0xd2: ">i", 0xd3: ">q"}
SIZES = {0xc4: ">B", 0xc5: ">H", 0xc6: ">I", 0xd9: ">B", 0xda: ">H", 0xdb: ">I", 0xdc: ">H", 0xdd: ">I", 0xde: ">H", 0xdf: ">I"}


def size_of(kind, data, at):
    form = SIZES[kind]
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


class Text(bytes):
    """Any bytes, but packed as a string."""


def request(**fields):
    fields = {name: Text(value) if isinstance(value, bytes) else value for name, value in fields.items()}
    return pack([1, REQUEST, {REQUEST_FIELDS[name]: value for name, value in fields.items()}])


class Peer:
    def __init__(self, endpoint, kind="DEALER", identity=b"", limit_s=LIMIT_S):
        host, port = endpoint.rpartition("/")[2].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), limit_s)
        self.buffer = b""
        self.socket.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
        greeting = self.take(64)
        check(greeting[0] == 0xff and greeting[9] == 0x7f, "no ZMTP greeting", greeting)
        ready = b"\x05READY" + self.property(b"Socket-Type", kind.encode()) + self.property(b"Identity", identity)
        self.socket.sendall(struct.pack(">BB", 4, len(ready)) + ready)
        flags, _ = self.frame()
        check(flags & 4, "no READY")

    @staticmethod
    def property(name, value):
        return struct.pack(">B", len(name)) + name + struct.pack(">I", len(value)) + value

    def take(self, size):
        while len(self.buffer) < size:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("peer closed")
            self.buffer += data
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def frame(self):
        flags = self.take(1)[0]
        size = struct.unpack(">Q", self.take(8))[0] if flags & 2 else self.take(1)[0]
        return flags, self.take(size)

    def send(self, *parts):
        for i, part in enumerate(parts):
            more = 1 if i + 1 < len(parts) else 0
            head = struct.pack(">BB", more, len(part)) if len(part) < 256 else struct.pack(">BQ", more | 2, len(part))
            self.socket.sendall(head + part)

    def receive(self):
        parts = []
        while True:
            flags, body = self.frame()
            if flags & 4:
                continue  # a command
            parts.append(body)
            if not flags & 1:
                return parts

    def reply(self):
        """Fields of the next reply, and the parts behind it."""
        parts = self.receive()
        check(parts[0] == b"", "no delimiter", parts[0][:20])
        protocol, number, fields = unpack(parts[1])[0]
        check((protocol, number) == (1, REPLY), "no reply", protocol, number)
        if isinstance(fields.get(4), bytes):
            fields[4] = fields[4].decode(errors="replace")
        named = {name: fields.get(field, "" if name in ("code", "text") else 0) for field, name in REPLY_FIELDS.items()}
        return named, parts[2:]

    def call(self, **fields):
        self.send(b"", request(**fields))
        return self.reply()[0]

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
