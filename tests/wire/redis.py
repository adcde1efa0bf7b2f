"""A Redis server for tests: on a free port, in memory only, stopped with the system."""
import socket

import harness
from harness import until


class Redis:
    def __init__(self, system, *more):
        self.port = harness.free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.program = system.start_program(["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                                             "--appendonly", "no", "--dir", system.folder, *more])
        self.password = more[more.index("--requirepass") + 1] if "--requirepass" in more else None
        until(self.answers, "redis-server")

    def answers(self):
        try:
            return self.ask("PING") == "PONG"
        except OSError:
            return False

    def ask(self, *args):
        """One command: text, number, list or None."""
        with socket.create_connection(("127.0.0.1", self.port), harness.LIMIT_S) as connection:
            file = connection.makefile("rwb")
            if self.password:
                self._send(file, "AUTH", self.password)
                self._read(file)
            self._send(file, *args)
            return self._read(file)

    @staticmethod
    def _send(file, *args):
        parts = [f"*{len(args)}\r\n".encode()]
        for arg in args:
            data = str(arg).encode()
            parts += [f"${len(data)}\r\n".encode(), data, b"\r\n"]
        file.write(b"".join(parts))
        file.flush()

    def _read(self, file):
        line = file.readline()[:-2].decode()
        kind, rest = line[0], line[1:]
        if kind == "+":
            return rest
        if kind == ":":
            return int(rest)
        if kind == "-":
            raise harness.Failure(rest)
        if kind == "$":
            return None if rest == "-1" else file.read(int(rest) + 2)[:-2].decode()
        return None if rest == "-1" else [self._read(file) for _ in range(int(rest))]

    def sessions(self):
        return self.ask("KEYS", "leggio:session:*")
