"""A raw WebSocket server for tests of clients: it answers what it is told to, also what no
well-behaved server would. Standard library only. Everything is done by the test, step by step:

    with WsServer() as server:
        peer = server.accept()            -> after TCP (and TLS)
        peer.handshake()                  -> the head of the request, text
        peer.recv_json()                  -> what the client said
        peer.attach("s1")                 -> answers its `connect`
        peer.send_json({...})
        peer.close(1001) / peer.kill()
"""
import base64
import hashlib
import json
import select
import socket
import ssl
import struct
import time

from wsclient import GUID, OP_BINARY, OP_CLOSE, OP_CONT, OP_PING, OP_PONG, OP_TEXT

LIMIT_S = 20.0


class Gone(Exception):
    """The client closed; code is None when no close frame came."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"the client closed: {code} {reason}")
        self.code = code
        self.reason = reason


class WsPeer:
    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()

    # -- bytes --------------------------------------------------------------

    def _more(self, deadline):
        self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data = self.sock.recv(262144)
        except (socket.timeout, ssl.SSLWantReadError):
            raise TimeoutError("nothing from the client in time") from None
        except OSError:
            data = b""
        if not data:
            raise Gone()
        self.buffer += data

    def _read(self, size, deadline):
        while len(self.buffer) < size:
            self._more(deadline)
        part, self.buffer = self.buffer[:size], self.buffer[size:]
        return part

    def send(self, data):
        self.sock.settimeout(LIMIT_S)
        self.sock.sendall(data)

    def read_head(self, limit_s=LIMIT_S):
        deadline = time.monotonic() + limit_s
        while b"\r\n\r\n" not in self.buffer:
            self._more(deadline)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def handshake(self, more=""):
        head = self.read_head()
        key = [line.split(":", 1)[1].strip() for line in head.split("\r\n")
               if line.lower().startswith("sec-websocket-key:")][0]
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        self.send(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   f"Sec-WebSocket-Accept: {accept}\r\n{more}\r\n").encode())
        return head

    # -- frames -------------------------------------------------------------

    @staticmethod
    def frame(opcode, payload, fin=True):
        size = len(payload)
        head = bytes([(0x80 if fin else 0) | opcode])
        if size < 126:
            return head + bytes([size]) + payload
        if size < 65536:
            return head + bytes([126]) + struct.pack(">H", size) + payload
        return head + bytes([127]) + struct.pack(">Q", size) + payload

    def send_frame(self, opcode, payload, fin=True):
        self.send(self.frame(opcode, payload, fin))

    def send_text(self, text):
        self.send_frame(OP_TEXT, text.encode() if isinstance(text, str) else text)

    def send_json(self, value):
        self.send_text(json.dumps(value))

    def recv_frame(self, deadline):
        head = self._read(2, deadline)
        size = head[1] & 0x7f
        if not head[1] & 0x80:
            raise AssertionError("frames of a client must be masked")
        if size in (126, 127):
            size = int.from_bytes(self._read(2 if size == 126 else 8, deadline), "big")
        key = self._read(4, deadline)
        payload = self._read(size, deadline)
        if size:
            mask = (key * (size // 4 + 1))[:size]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
        return bool(head[0] & 0x80), head[0] & 0x0f, payload

    def recv_text(self, limit_s=LIMIT_S):
        deadline = time.monotonic() + limit_s
        whole = []
        while True:
            fin, opcode, payload = self.recv_frame(deadline)
            if opcode == OP_PING:
                self.send_frame(OP_PONG, payload)
            elif opcode == OP_CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None
                raise Gone(code, payload[2:].decode("utf-8", "replace"))
            elif opcode in (OP_TEXT, OP_CONT):
                whole.append(payload)
                if fin:
                    return b"".join(whole).decode("utf-8")

    # -- JSON-RPC -------------------------------------------------------------

    def recv_json(self, limit_s=LIMIT_S):
        return json.loads(self.recv_text(limit_s))

    def recv_method(self, method, limit_s=LIMIT_S):
        """The next message, which must be a call of this method."""
        message = self.recv_json(limit_s)
        if message.get("method") != method or message.get("jsonrpc") != "2.0":
            raise AssertionError(f"expected {method}: {message}")
        return message

    def answer(self, request, result):
        self.send_json({"jsonrpc": "2.0", "id": request["id"], "result": result})

    def refuse(self, request, code, message, **more):
        self.send_json({"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": message, **more}})

    def attach(self, session="s1", value="OK"):
        """Answer the client's `connect`, which is returned."""
        request = self.recv_method("connect")
        self.answer(request, {"value": value, "sessionId": session})
        return request

    def wait_gone(self, limit_s=LIMIT_S):
        """Code of the client's close frame; None for a bare end."""
        deadline = time.monotonic() + limit_s
        try:
            while True:
                self.recv_text(max(deadline - time.monotonic(), 0.001))
        except Gone as gone:
            return gone.code

    # -- ends -------------------------------------------------------------------

    def close(self, code=1000, reason=""):
        self.send_frame(OP_CLOSE, struct.pack(">H", code) + reason.encode())
        try:
            self.wait_gone()
        finally:
            self.drop()

    def drop(self):
        try:
            self.sock.close()
        except OSError:
            pass

    def kill(self):
        """A reset instead of an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.drop()


class WsServer:
    """tls: an ssl.SSLContext. The port stays the same over stop() and start()."""

    def __init__(self, tls=None, host="127.0.0.1"):
        self.tls = tls
        self.host = host
        self.port = 0
        self.listener = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def uri(self):
        return f"{'wss' if self.tls else 'ws'}://{self.host}:{self.port}/rpc"

    def start(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.listener = socket.create_server((self.host, self.port), family=family, backlog=64)
        self.port = self.listener.getsockname()[1]

    def stop(self):
        if self.listener:
            self.listener.close()
            self.listener = None

    def accept_raw(self, limit_s=LIMIT_S):
        self.listener.settimeout(limit_s)
        return self.listener.accept()[0]

    def accept(self, limit_s=LIMIT_S):
        sock = self.accept_raw(limit_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            sock.settimeout(limit_s)
            sock = self.tls.wrap_socket(sock, server_side=True)
        return WsPeer(sock)

    def open(self, session="s1", value="OK"):
        """A client that is connected and has its session."""
        peer = self.accept()
        peer.handshake()
        peer.attach(session, value)
        return peer

    def is_tried(self, within_s):
        return bool(select.select([self.listener], [], [], within_s)[0])


def binary_frame(scene, epoch, version, png=b"", base=0, size=(100, 50), tiles=()):
    """A binary message. tiles: (x, y, width, height, png)."""
    name = scene.encode()
    head = struct.pack(">2sBBQQQIIHH", b"LG", 1, 2 if tiles else 1, epoch, version, base, *size, len(name), len(tiles))
    rows = b"".join(struct.pack(">IIIII", x, y, w, h, len(data)) for x, y, w, h, data in tiles)
    return head + name + rows + (b"".join(tile[4] for tile in tiles) if tiles else png)


__all__ = ["Gone", "WsPeer", "WsServer", "binary_frame", "OP_BINARY", "OP_CONT", "OP_TEXT"]
