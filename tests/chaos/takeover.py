#!/usr/bin/env python3
"""HAProxy, three leggio-ws and Redis; clients with JSON-RPC sessions and subscriptions.
Gateways are killed one after the other: every session must be taken up elsewhere, no
answer be lost or come twice, no version go back.

    tests/chaos/takeover.py [--clients 60] [--seconds 15] [--pause 1.5]

Clients send what was not answered again after they have taken their session up, with
the same id, as docs/jsonrpc.md says."""
import argparse
import asyncio
import base64
import json
import os
import random
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
from harness import System, check, until  # noqa: E402
from redis import Redis  # noqa: E402

LIMIT_S = 20


class Socket:
    """A small WebSocket for asyncio: whole text messages."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write((f"GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            writer.close()
            raise ConnectionError(head.split(b"\r\n")[0].decode())
        return cls(reader, writer)

    def send(self, message, opcode=1):
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        self.writer.write(bytes([0x80 | opcode]) + size + bytes(4) + data)  # masked with zeros

    async def receive(self):
        whole = b""
        while True:
            head = await self.reader.readexactly(2)
            size = head[1] & 0x7f
            if size >= 126:
                wide = 2 if size == 126 else 8
                size = int.from_bytes(await self.reader.readexactly(wide), "big")
            data = await self.reader.readexactly(size)
            opcode = head[0] & 15
            if opcode == 9:
                self.send(data, 10)
            elif opcode == 8:
                raise ConnectionError(data)
            elif opcode in (0, 1):
                whole += data
                if head[0] & 0x80:
                    return json.loads(whole)


class Counts:
    def __init__(self):
        self.connections = self.taken_up = self.lost_sessions = self.requests = self.answers = 0
        self.doubled = self.errors = self.sent_again = self.notices = self.inversions = self.kills = self.drops = 0
        self.away_s = []


class Client:
    def __init__(self, port, counts):
        self.port, self.counts = port, counts
        self.session = None
        self.next_id = 0
        self.pending = {}
        self.answered = set()
        self.version, self.epoch = 0, None
        self.is_ending = False
        self.lost_s = None

    async def run(self):
        while not (self.is_ending and not self.pending):
            try:
                socket = await asyncio.wait_for(Socket.open(self.port), 5)
            except (OSError, EOFError, asyncio.TimeoutError):
                await asyncio.sleep(0.05)
                continue
            self.counts.connections += 1
            try:
                await self.talk(socket)
            except (OSError, EOFError):
                self.lost_s = time.monotonic()
            finally:
                socket.writer.close()
            await asyncio.sleep(random.uniform(0, 0.1))

    async def talk(self, socket):
        await self.connect(socket)
        self.counts.sent_again += len(self.pending)
        if self.next_id == 0:
            self.ask("subscribe", {"frames": "none"})
        for message in self.pending.values():
            socket.send(message)
        asking = asyncio.ensure_future(self.ask_on(socket))
        try:
            while not (self.is_ending and not self.pending):
                self.take(await socket.receive())
        finally:
            asking.cancel()

    async def connect(self, socket):
        """The answer, and everything that was kept: a ping comes back behind it."""
        params = {} if self.session is None else {"sessionId": self.session}
        if self.epoch:
            params["seen"] = [{"scene": "scene", "epoch": self.epoch, "version": self.version}]
        socket.send({"jsonrpc": "2.0", "id": "connect", "method": "connect", "params": params})
        while (message := await socket.receive()).get("id") != "connect":
            self.take(message)
        if "error" in message:
            if message["error"]["code"] == 40007:
                self.counts.lost_sessions += 1
                self.session = None
            raise ConnectionError(message)
        if self.session is not None:
            self.counts.taken_up += message["result"]["sessionId"] == self.session
            if self.lost_s is not None:
                self.counts.away_s.append(time.monotonic() - self.lost_s)
        self.session = message["result"]["sessionId"]
        socket.send({"jsonrpc": "2.0", "id": "ping", "method": "ping"})
        while (message := await socket.receive()).get("id") != "ping":
            self.take(message)

    def ask(self, method, params):
        self.next_id += 1
        self.counts.requests += 1
        message = {"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params}
        self.pending[self.next_id] = message
        return message

    async def ask_on(self, socket):
        while not self.is_ending:
            for _ in range(random.choice((1, 1, 1, 5))):
                if random.random() < 0.3:
                    socket.send(self.ask("click", {"x": random.randrange(300), "y": random.randrange(300)}))
                else:
                    socket.send(self.ask("version", {}))
            if random.random() < 0.01:  # gone in the middle, by itself
                await socket.writer.drain()
                self.counts.drops += 1
                socket.writer.transport.abort()
                return
            await asyncio.sleep(random.uniform(0.05, 0.2))

    def take(self, message):
        if message.get("method") == "scoreChanged":
            params = message["params"]
            self.counts.notices += 1
            if params["epoch"] == self.epoch and params["version"] < self.version:
                self.counts.inversions += 1
            self.epoch, self.version = params["epoch"], params["version"]
        elif "id" in message and "method" not in message:
            number = message["id"]
            self.counts.answers += 1
            self.counts.doubled += number in self.answered
            self.counts.errors += "error" in message and message["error"]["code"] not in (40010, 50003)
            self.answered.add(number)
            self.pending.pop(number, None)


class Gateway:
    def __init__(self, system, redis):
        self.port = harness.free_port()
        self.system = system
        self.command = [harness.tool("leggio-ws"), "--listen", f"127.0.0.1:{self.port}", "--feed", system.feed, "--calls",
                        system.calls, "--session-store", redis.url, "--max-address-requests", "0"]
        system.ws_ports.append(self.port)
        self.start()

    def start(self):
        self.program = self.system.start_program(self.command)
        self.program.wait_line("listening ws")


async def change(system, is_over):
    """Twenty changes a second."""
    loop = asyncio.get_running_loop()
    while not is_over.is_set():
        await loop.run_in_executor(None, lambda: system.http.post(system.touch_script()))
        await asyncio.sleep(0.05)


async def kill_in_turn(gateways, counts, options, loop):
    end, turn = time.monotonic() + options.seconds, 0
    while time.monotonic() < end:
        await asyncio.sleep(options.pause)
        gateway = gateways[turn % len(gateways)]
        await loop.run_in_executor(None, gateway.program.kill)
        counts.kills += 1
        turn += 1
        await asyncio.sleep(options.pause / 2)
        await loop.run_in_executor(None, gateway.start)


async def play(system, gateways, options):
    counts, is_over = Counts(), asyncio.Event()
    loop = asyncio.get_running_loop()
    clients = [Client(system.ws_port, counts) for _ in range(options.clients)]
    tasks = [asyncio.ensure_future(client.run()) for client in clients]
    changing = asyncio.ensure_future(change(system, is_over))
    while not all(client.version for client in clients):
        await asyncio.sleep(0.05)
    await kill_in_turn(gateways, counts, options, loop)
    is_over.set()
    await changing
    newest = system.scene_version()
    begun = time.monotonic()
    while not all(client.version == newest for client in clients) and time.monotonic() - begun < LIMIT_S:
        await asyncio.sleep(0.05)
    n_behind = sum(client.version != newest for client in clients)
    for client in clients:
        client.is_ending = True
    _, running = await asyncio.wait(tasks, timeout=LIMIT_S)
    for task in running:
        task.cancel()
    n_pending = sum(len(client.pending) for client in clients)
    return counts, n_behind, n_pending


def report(counts, n_behind, n_pending, options):
    away = sorted(counts.away_s)
    longest = f"{away[len(away) // 2] * 1000:.0f} ms, longest {away[-1] * 1000:.0f} ms" if away else "-"
    print(f"clients {options.clients}, kills {counts.kills}, sockets dropped by clients {counts.drops}, connections {counts.connections}, sessions taken up "
          f"{counts.taken_up}, lost {counts.lost_sessions}; away in the middle {longest}")
    print(f"requests {counts.requests}, sent again {counts.sent_again}, answers {counts.answers}, lost {n_pending}, doubled "
          f"{counts.doubled}, errors {counts.errors}")
    print(f"notices {counts.notices}, versions that went back {counts.inversions}, clients without the newest {n_behind}", flush=True)
    check(counts.kills >= 3 and counts.taken_up >= counts.kills, "too little happened")
    check(counts.lost_sessions == 0, "sessions were lost")
    check(n_pending == 0 and counts.doubled == 0, "answers were lost or doubled")
    check(counts.inversions == 0 and n_behind == 0, "versions went back, or the newest did not come")
    check(counts.errors == 0, "errors were answered")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--pause", type=float, default=1.5)
    options = parser.parse_args()
    with System(n_http=1) as system:
        redis = Redis(system)
        gateways = [Gateway(system, redis) for _ in range(3)]
        system.http_ports, ports = [], system.http_ports
        system.start_haproxy()
        system.http_ports = ports
        until(lambda: len(redis.ask("PUBSUB", "CHANNELS", "leggio:to:*")) == 3, "three gateways with the store")
        report(*asyncio.run(play(system, gateways, options)), options)


if __name__ == "__main__":
    try:
        main()
    except harness.Failure as failure:
        print("not ok", failure)
        sys.exit(1)
    print("ok sessions outlive their gateways")
