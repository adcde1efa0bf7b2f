#!/usr/bin/env python3
"""What strangers send over JSON-RPC: bombs, floods, nonsense. Nothing crashes, nothing grows, others are served."""
import json
import random
import threading

import harness
from harness import check, equal, with_options
from rpcclient import RpcClient
from wsclient import OP_CONT, OP_TEXT, Closed

UNLIMITED = with_options(ws_options=["--max-requests", "0"])


def ready(system, **options):
    rpc = RpcClient(system.ws_port, **options)
    rpc.call("version")
    return rpc


def refused(rpc, text, code=-32600):
    rpc.send(text)
    answer = rpc.answer()
    equal((answer["id"], answer["error"]["code"]), (None, code), text[:60])


def case_bombs_of_json(system):
    memory_kb = system.wss[0].rss_kb()
    with ready(system) as rpc:
        refused(rpc, "[" * 1000000)
        refused(rpc, '{"a":' * 100000 + "1" + "}" * 100000)
        refused(rpc, "[" + "[]," * 2000000 + "[]]")
        refused(rpc, "[" + ",".join(["1"] * 1001) + "]")
        refused(rpc, '{"jsonrpc":"2.0","id":1,"method":"version","params":[' + "1," * 100000 + "1]}")
        refused(rpc, '"' + "x" * 10000000, -32700)
        refused(rpc, '{"jsonrpc":"2.0","id":1,"method":"version","params":{"a\\u0000b":1}}')
        refused(rpc, '{"jsonrpc":"2.0","id":"%s","method":"version"}' % ("x" * 5000000))
        refused(rpc, '{"jsonrpc":"2.0","id":%s,"method":"version"}' % ("9" * 5000000))
        equal(rpc.error("x" * 1000000).code, -32601)
        equal(rpc.error("version", {"scene": "\x00"}).data["field"], "scene")
        # The same member thousands of times, and many different ones.
        rpc.send('{"jsonrpc":"2.0","id":1,"method":"version","params":{' + ",".join('"scene":"scene"' for _ in range(20000)) + "}}")
        check("result" in rpc.answer_to(1))
        rpc.send('{"jsonrpc":"2.0","id":2,"method":"version","params":{' + ",".join(f'"m{i}":{i}' for i in range(90000)) + "}}")
        check("result" in rpc.answer_to(2))
    if "asan" not in harness.BUILD:
        check(system.wss[0].rss_kb() < memory_kb + 150000, "memory", memory_kb, system.wss[0].rss_kb())


def case_invalid_utf8_closes(system):
    for text in (b'{"jsonrpc":"2.0","id":"\xff","method":"version"}', b'\xc0\xaf', b'\xed\xa0\x80'):
        with ready(system) as rpc:
            rpc.connect()
            rpc.send_frame(OP_TEXT, text)
            equal(rpc.wait_close()[0], 1007, text)
            with RpcClient(system.ws_port) as again:  # the session waits
                equal(again.connect(sessionId=rpc.session)["value"], "reconnection successful")


def case_answers_never_asked(system):
    with ready(system) as rpc:
        rpc.connect()
        for i in range(2000):
            rpc.send('{"jsonrpc":"2.0","id":%d,"result":{}}' % i)
        for text in ('{"jsonrpc":"2.0","id":{},"result":1}', '{"result":null}', '{"error":1,"id":1}'):
            rpc.send(text)
        check(rpc.is_quiet())


@UNLIMITED
def case_ten_thousand_requests_in_flight(system):
    """Sent without reading: short ones are all answered, in order; of slow ones the rest is refused at once."""
    with ready(system) as rpc:
        frames = b"".join(rpc.frame(OP_TEXT, b'{"jsonrpc":"2.0","id":%d,"method":"version"}' % i) for i in range(10000))
        sender = threading.Thread(target=rpc.sock.sendall, args=(frames,))
        sender.start()
        equal([rpc.answer()["id"] for _ in range(10000)], list(range(10000)))
        sender.join()
        system.fake("silent on")
        posts = b"".join(rpc.frame(OP_TEXT, b'{"jsonrpc":"2.0","id":%d,"method":"post","params":{"data":"/fake/touch;"}}' % i)
                         for i in range(10000))
        sender = threading.Thread(target=rpc.sock.sendall, args=(posts,))
        sender.start()
        with RpcClient(system.ws_port) as other:
            other.call("ping")
        early = [rpc.answer() for _ in range(10000 - 256)]
        check(all(answer["error"]["code"] == 40029 for answer in early), early[0])
        system.fake("silent off")
        late = [rpc.answer(30) for _ in range(256)]
        check(all("result" in answer or answer["error"]["code"] == 50003 for answer in late), late[0])
        equal(sorted(answer["id"] for answer in early + late), list(range(10000)))
        sender.join()


@UNLIMITED
def case_who_reads_nothing_is_not_read(system):
    """Answers that are not taken stop the reading, not the gateway."""
    memory_kb = system.wss[0].rss_kb()
    with ready(system, rcvbuf=4096) as rpc, ready(system) as other:
        frame = rpc.frame(OP_TEXT, b'{"jsonrpc":"2.0","id":1,"method":"image"}')
        rpc.sock.settimeout(1.0)
        sent = 0
        try:
            while sent < 50000:
                rpc.sock.sendall(frame * 100)
                sent += 100
        except TimeoutError:
            pass
        for _ in range(20):
            other.call("version")
        check(system.wss[0].rss_kb() < memory_kb + 100000, "memory", memory_kb, system.wss[0].rss_kb())


def case_the_same_id_twice_in_flight(system):
    with ready(system) as rpc:
        system.fake("delay 30")
        for _ in range(3):
            rpc.send('{"jsonrpc":"2.0","id":7,"method":"log"}')
        for _ in range(3):
            check("result" in rpc.answer_to(7))
        system.fake("delay 0")


@UNLIMITED
def case_a_ping_each_millisecond(system):
    with ready(system) as rpc:
        ping = rpc.frame(OP_TEXT, b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"interval":1}}')
        for _ in range(50):
            rpc.sock.sendall(ping * 20)
            for _ in range(20):
                equal(rpc.answer()["result"], {"value": "pong"})
        equal(rpc.wait_close()[0], 1000)  # and then never: the interval counts as 50 ms


def case_a_client_that_never_pings_stays(system):
    with ready(system) as rpc:
        rpc.connect()
        try:
            rpc.take(1.0)
        except TimeoutError:
            pass
        rpc.call("version")


def case_session_ids_are_not_guessed(system):
    """And guessing costs the guesser only."""
    with ready(system) as rpc:
        rpc.connect()
        with RpcClient(system.ws_port) as guesser:
            letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            rng = random.Random(3)
            for _ in range(300):
                guess = "".join(rng.choice(letters) for _ in range(24))
                equal(guesser.error("connect", {"sessionId": guess}).code, 40007)
            for guess in (rpc.session[:23], rpc.session + "A", rpc.session.swapcase()):
                equal(guesser.error("connect", {"sessionId": guess}).code, 40007)
        rpc.call("version")


def case_random_messages(system):
    """Pieces of good messages, put together at random, each in random fragments."""
    rng = random.Random(5)
    words = ['{', '}', '[', ']', ',', ':', '"jsonrpc"', '"2.0"', '"id"', '"method"', '"params"', '"connect"', '"ping"',
             '"subscribe"', '"closeSession"', '"sessionId"', '"x"', '1', '-1.5e3', 'null', 'true', '"frames"', '"tiles"',
             '"interval"', '"result"', '"error"', '{"jsonrpc":"2.0","id":1,"method":"version"}']
    for _ in range(30):
        with RpcClient(system.ws_port) as rpc:
            try:
                for _ in range(30):
                    data = "".join(rng.choice(words) for _ in range(rng.randrange(1, 14))).encode()
                    if rng.randrange(3) == 0:
                        data = json.dumps({"jsonrpc": "2.0", "id": rng.randrange(9), "method": rng.choice(
                            ["connect", "ping", "subscribe", "unsubscribe", "shown", "image", "presence", "hover"]),
                            "params": rng.choice([{}, [], {"scene": "scene"}, {"interval": 60000}, {"frames": "binary"},
                                                  {"x": 1, "y": 2}])}).encode()
                    cut = rng.randrange(len(data) + 1)
                    rpc.send_frame(OP_TEXT, data[:cut], fin=False)
                    rpc.send_frame(OP_CONT, data[cut:])
                rpc.timeout = 5
                rpc.is_quiet()
            except (Closed, BrokenPipeError, ConnectionResetError):
                pass  # closeSession was among them
    with ready(system) as rpc:
        rpc.call("version")


if __name__ == "__main__":
    harness.main(globals(), renderers=("fake",), ws=True)
