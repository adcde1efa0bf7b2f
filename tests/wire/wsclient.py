"""A raw RFC 6455 client for tests: it sends what it is told to, also what no
well-behaved client would send. Standard library only.

    ws = WsClient("127.0.0.1", port, "/?scene=violin")
    ws.request("version")                  -> {"id": "1", "status": "OK", ...}
    ws.next_notification(timeout=2)        -> 17
    ws.send_frame(OP_TEXT, b"...", fin=False)
    ws.wait_close()                        -> (1001, "reason") or (None, "") for a bare end
"""
import base64
import hashlib
import json
import os
import socket
import struct
import time

OP_CONT, OP_TEXT, OP_BINARY, OP_CLOSE, OP_PING, OP_PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refused(Exception):
    """The server answered the upgrade with another status than 101."""

    def __init__(self, status, head):
        super().__init__(f"upgrade refused: {status}")
        self.status = status
        self.head = head


class Closed(Exception):
    """The connection ended; code is None when no close frame came."""

    def __init__(self, code, reason):
        super().__init__(f"closed: {code} {reason}")
        self.code = code
        self.reason = reason


class WsClient:
    def __init__(self, host, port, path="/", headers=None, timeout=10.0, rcvbuf=None,
                 source=None, tls=None):
        self.timeout = timeout
        self.buffer = b""
        self.notifications = []
        self.pongs = []
        self.next_id = 0
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        if rcvbuf:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        if source:
            self.sock.bind((source, 0))
        self.sock.settimeout(timeout)
        self.sock.connect((host, port))
        if tls:  # an ssl.SSLContext
            self.sock = tls.wrap_socket(self.sock, server_hostname=host)
        try:
            self._upgrade(host, port, path, headers or {})
        except BaseException:
            self.sock.close()
            raise

    def _upgrade(self, host, port, path, headers):
        key = base64.b64encode(os.urandom(16))
        names = {name.lower() for name in headers}
        lines = [f"GET {path} HTTP/1.1"]
        if "host" not in names:
            lines.append(f"Host: {'[' + host + ']' if ':' in host else host}:{port}")
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                  f"Sec-WebSocket-Key: {key.decode()}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                break
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        words = head.split(None, 2)
        status = int(words[1]) if len(words) > 1 else 0
        if status != 101:
            raise Refused(status, head)
        wanted = base64.b64encode(hashlib.sha1(key + GUID).digest())
        if wanted not in head:
            raise AssertionError("wrong Sec-WebSocket-Accept")

    # -- frames -------------------------------------------------------------

    def frame(self, opcode, payload, fin=True, mask=True, length=None):
        """The bytes of one frame; length tells a lie about the payload's."""
        size = len(payload) if length is None else length
        head = bytes([(0x80 if fin else 0) | opcode])
        bit = 0x80 if mask else 0
        if size < 126:
            head += bytes([bit | size])
        elif size < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", size)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", size)
        if not mask:
            return head + payload
        key = os.urandom(4)
        repeated = (key * (len(payload) // 4 + 1))[:len(payload)]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(
            len(payload), "big") if payload else b""
        return head + key + masked

    def send_frame(self, opcode, payload, fin=True, mask=True, length=None):
        self.sock.sendall(self.frame(opcode, payload, fin, mask, length))

    def send_text(self, text):
        self.send_frame(OP_TEXT, text.encode() if isinstance(text, str) else text)

    def send_json(self, value):
        self.send_text(json.dumps(value))

    def _read(self, size, deadline):
        while len(self.buffer) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no frame in time")
            self.sock.settimeout(left)
            try:
                data = self.sock.recv(262144)
            except socket.timeout:
                raise TimeoutError("no frame in time") from None
            except ConnectionError:
                data = b""
            if not data:
                raise Closed(None, "")
            self.buffer += data
        part, self.buffer = self.buffer[:size], self.buffer[size:]
        return part

    def recv_frame(self, timeout=None):
        """(fin, opcode, payload). A frame that is half there is not lost by a timeout."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        before = self.buffer
        taken = b""
        try:
            taken = head = self._read(2, deadline)
            size = head[1] & 0x7f
            if head[1] & 0x80:
                raise AssertionError("server frames must not be masked")
            if size in (126, 127):
                more = self._read(2 if size == 126 else 8, deadline)
                taken += more
                size = int.from_bytes(more, "big")
            return bool(head[0] & 0x80), head[0] & 0x0f, self._read(size, deadline)
        except TimeoutError:
            self.buffer = taken + self.buffer if taken else (self.buffer or before)
            raise

    def recv_message(self, timeout=None):
        """(opcode, bytes) of the next data message. Answers pings, keeps pongs."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        kind, whole = None, []
        while True:
            left = deadline - time.monotonic() if not whole else self.timeout
            fin, opcode, payload = self.recv_frame(max(left, 0.001))
            if opcode == OP_PING:
                self.send_frame(OP_PONG, payload)
            elif opcode == OP_PONG:
                self.pongs.append(payload)
            elif opcode == OP_CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None
                try:
                    self.send_frame(OP_CLOSE, payload[:2])
                except OSError:
                    pass
                raise Closed(code, payload[2:].decode("utf-8", "replace"))
            else:
                if opcode != OP_CONT:
                    kind = opcode
                whole.append(payload)
                if fin:
                    return kind, b"".join(whole)

    def recv_json(self, timeout=None):
        kind, data = self.recv_message(timeout)
        assert kind == OP_TEXT, f"opcode {kind}"
        return json.loads(data.decode("utf-8"))

    # -- INScore ------------------------------------------------------------

    def reply(self, timeout=None):
        """The next message that is no notification (those are kept)."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            message = self.recv_json(max(deadline - time.monotonic(), 0.001))
            if message.get("notification") is True:
                self.notifications.append(message["version"])
            else:
                return message

    def request(self, method, timeout=None, **fields):
        self.next_id += 1
        self.send_json({"method": method, "id": self.next_id, **fields})
        reply = self.reply(timeout)
        assert reply["id"] == str(self.next_id), reply
        return reply

    def next_notification(self, timeout=None):
        """Version of the oldest notification not yet taken."""
        if not self.notifications:
            message = self.recv_json(timeout)
            assert message.get("notification") is True, message
            self.notifications.append(message["version"])
        return self.notifications.pop(0)

    def wait_notification(self, version, timeout=10.0):
        """Read until a notification of this version or a newer one; all versions seen."""
        seen = []
        deadline = time.monotonic() + timeout
        while not seen or seen[-1] < version:
            seen.append(self.next_notification(max(deadline - time.monotonic(), 0.001)))
        return seen

    def image(self, timeout=None):
        """(version, PNG bytes)"""
        reply = self.request("image", timeout)
        assert reply["status"] == "OK", reply
        return reply["version"], base64.b64decode(reply["image"], validate=True)

    def wait_close(self, timeout=None):
        """(code, reason) when the server ends it; (None, "") without a close frame."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        try:
            while True:
                self.recv_message(max(deadline - time.monotonic(), 0.001))
        except Closed as end:
            return end.code, end.reason

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
