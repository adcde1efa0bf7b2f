"""A SockJS client for tests, by raw HTTP: one session over xhr, streams or a framed WebSocket.

    session = Session(port)            # POST xhr: o
    session.send({"jsonrpc": "2.0", …})  # POST xhr_send
    session.poll()                     # ("a", [text, …]), ("h", None), ("c", [code, reason])
"""
import json
import secrets

import harness
from harness import equal


def parse(frame):
    """(kind, value) of one frame without its end of line."""
    text = frame.decode()
    return text[0], json.loads(text[1:]) if len(text) > 1 else None


sessions = []


def end_all():
    """End all sessions at once, so that a gateway has nobody to wait for: a receiver that breaks off ends its own."""
    for session in sessions:
        try:
            Stream(session, "xhr_streaming").connection.close()
        except (OSError, EOFError, harness.Failure):
            pass
    sessions.clear()


class Session:
    def __init__(self, port, host="127.0.0.1", headers=(), open_it=True, tls=None):
        self.port, self.host, self.headers, self.tls = port, host, tuple(headers), tls
        self.path = f"/sockjs/{secrets.randbelow(1000):03}/{secrets.token_hex(6)}"
        self.kept = []
        sessions.append(self)
        if open_it:
            equal(self.poll(), ("o", None), "the first frame")

    def connect(self):
        return harness.Connection(self.port, self.host, tls=self.tls)

    def post(self, door, body=b"", headers=()):
        with self.connect() as connection:
            return connection.request("POST", f"{self.path}/{door}", (*self.headers, *headers), body)

    def poll(self):
        answer = self.post("xhr")
        equal(answer.status, 200, answer)
        assert answer.body.endswith(b"\n"), answer
        return parse(answer.body[:-1])

    def send(self, *messages):
        texts = [text if isinstance(text, str) else json.dumps(text) for text in messages]
        answer = self.post("xhr_send", json.dumps(texts).encode())
        equal(answer.status, 204, answer)

    def messages(self):
        """Messages of the next frame that has some."""
        while True:
            kind, value = self.poll()
            if kind == "a":
                return [json.loads(text) for text in value]
            equal(kind, "h", value)

    def reply(self, number):
        """The answer to the request of this id; what comes before it is kept."""
        while True:
            for message in self.kept:
                if str(message.get("id")) == str(number):
                    self.kept.remove(message)
                    return message
            self.kept += self.messages()

    def ask(self, number, method="version", **params):
        self.send(request(number, method, **params))
        return self.reply(number)


def request(number, method="version", **params):
    message = {"jsonrpc": "2.0", "method": method, "id": number}
    if params:
        message["params"] = params
    return message


class Stream:
    """A request that receives frame after frame."""

    def __init__(self, session, door):
        self.connection = session.connect()
        self.is_events = door == "eventsource"
        head = f"{'GET' if self.is_events else 'POST'} {session.path}/{door} HTTP/1.1\r\nHost: {self.connection.name}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in session.headers)
        self.connection.send(head + ("" if self.is_events else "Content-Length: 0\r\n") + "\r\n")
        self.answer = self.connection.read_head()
        equal(self.answer.status, 200, self.answer)
        prelude = b"\r\n" if self.is_events else b"h" * 2048 + b"\n"
        equal(self.connection.read_exactly(len(prelude)), prelude, "prelude")
        self.n_bytes = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def frame(self):
        """The next frame; EOFError when the stream has ended in good order."""
        data = self.connection.read_until(b"\r\n\r\n" if self.is_events else b"\n")
        self.n_bytes += len(data)
        if self.is_events:
            equal(data[:6], b"data: ", "event")
            return parse(data[6:-4])
        return parse(data[:-1])

    def messages(self):
        while True:
            kind, value = self.frame()
            if kind == "a":
                return [json.loads(text) for text in value]
            assert kind in "oh", (kind, value)
