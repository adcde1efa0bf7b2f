"""JSON-RPC over WebSocket for tests, on the raw client of wsclient.py.

    rpc = RpcClient(port)                     # ws://127.0.0.1:port/rpc
    rpc.call("version")                       -> the result; RpcError for an error
    rpc.send('{"jsonrpc": …}'); rpc.answer()  -> the next message that is an answer
    rpc.note("scoreChanged")                  -> params of the next such notification
    rpc.binary()                              -> Frame of the next binary message
"""
import json
import struct
import time

from wsclient import OP_BINARY, Closed, WsClient


class RpcError(Exception):
    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.code, self.message, self.data = error["code"], error["message"], error.get("data")


class Frame:
    """A binary message, by the table of docs/jsonrpc.md."""

    def __init__(self, data):
        magic, self.layout, self.kind, self.epoch, self.version, self.base, self.width, self.height, s, n = \
            struct.unpack(">2sBBQQQIIHH", data[:40])
        assert magic == b"LG" and self.layout == 1 and self.kind in (1, 2), data[:40]
        self.scene = data[40:40 + s].decode()
        at = 40 + s
        rows = [struct.unpack(">IIIII", data[at + 20 * i:at + 20 * i + 20]) for i in range(n)]
        at += 20 * n
        self.tiles = []
        for x, y, width, height, size in rows:
            self.tiles.append((x, y, width, height, data[at:at + size]))
            at += size
        self.png = data[at:] if self.kind == 1 else None
        assert self.kind == 1 or at == len(data), "bytes are left"
        self.size = len(data)

    @property
    def is_whole(self):
        return self.kind == 1


class RpcClient(WsClient):
    def __init__(self, port, path="/rpc", host="127.0.0.1", **options):
        super().__init__(host, port, path, **options)
        self.answers, self.notes, self.frames, self.requests = [], [], [], []
        self.rpc_id = 0
        self.session = None

    def send(self, message):
        self.send_text(message if isinstance(message, (str, bytes)) else json.dumps(message))

    def take(self, timeout=None):
        """One message into its list."""
        kind, data = self.recv_message(timeout)
        if kind == OP_BINARY:
            self.frames.append(Frame(data))
            return
        message = json.loads(data.decode("utf-8"))
        if isinstance(message, dict) and "method" in message:
            (self.requests if "id" in message else self.notes).append(message)
        else:
            self.answers.append(message)

    def _wait(self, find, timeout):
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            found = find()
            if found is not None:
                return found
            self.take(max(deadline - time.monotonic(), 0.001))

    def answer(self, timeout=None):
        return self._wait(lambda: self.answers.pop(0) if self.answers else None, timeout)

    def answer_to(self, rpc_id, timeout=None):
        def find():
            for i, answer in enumerate(self.answers):
                if isinstance(answer, dict) and answer["id"] == rpc_id and type(answer["id"]) is type(rpc_id):
                    return self.answers.pop(i)
            return None
        return self._wait(find, timeout)

    def note(self, method, timeout=None):
        def find():
            for i, note in enumerate(self.notes):
                if note["method"] == method:
                    return self.notes.pop(i)["params"]
            return None
        return self._wait(find, timeout)

    def binary(self, timeout=None):
        return self._wait(lambda: self.frames.pop(0) if self.frames else None, timeout)

    def start(self, method, params=None):
        """Sends a request; its id."""
        self.rpc_id += 1
        message = {"jsonrpc": "2.0", "id": self.rpc_id, "method": method}
        if params is not None:
            message["params"] = params
        self.send(message)
        return self.rpc_id

    def call(self, method, params=None, timeout=None):
        answer = self.answer_to(self.start(method, params), timeout)
        assert answer["jsonrpc"] == "2.0" and ("result" in answer) != ("error" in answer), answer
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def error(self, method, params=None, timeout=None):
        """The error that this call gets."""
        try:
            result = self.call(method, params, timeout)
        except RpcError as error:
            return error
        raise AssertionError(f"{method} {params}: no error but {result}")

    def notify(self, method, params=None):
        self.send({"jsonrpc": "2.0", "method": method, **({} if params is None else {"params": params})})

    def connect(self, **params):
        result = self.call("connect", params)
        self.session = result["sessionId"]
        return result

    def is_quiet(self):
        """Does nothing come before the answer to a ping? (Answers come in order.)"""
        before = len(self.answers)
        answer_id = self.start("ping")
        self.answer_to(answer_id)
        return len(self.answers) == before

    def drop(self):
        """Gone without a word."""
        self.sock.close()
