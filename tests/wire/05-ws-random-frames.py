#!/usr/bin/env python3
"""Clients that send frames in any order, cut anywhere: the gateway answers, closes or ignores them, and stays up.
LEGGIO_SEED chooses another run."""
import os
import random
import socket

import harness
from harness import check, equal, until
from wsclient import WsClient

SEED = int(os.environ.get("LEGGIO_SEED", "1"))
MESSAGES = (b"", b"{}", b"[", b'{"id":1,"method":"version"}', b'{"id":"i","method":"image"}', b"\xff\xfe", b"\0" * 9,
            b'{"id":1,"method":"post","data":"/fake/touch;"}', b'{"id":2,"method":"click","x":1,"y":2}',
            b'{"id":3,"method":"file","path":"x"}', b"\xc3\xa9" * 70, b"x" * 70000, b"\x03\xe8bye", b"\x00")


def random_frames(ws, dice):
    data = b""
    for _ in range(dice.randint(1, 12)):
        payload = dice.choice(MESSAGES)
        if dice.random() < 0.2:
            payload = payload[:dice.randint(0, len(payload))]
        opcode = dice.choice((0, 0, 0, 1, 1, 1, 1, 2, 8, 9, 10, dice.randint(0, 15)))
        length = dice.choice((None,) * 9 + (dice.randint(0, 1 << 63),))
        data += ws.frame(opcode, payload, dice.random() < 0.7, dice.random() < 0.95, length)
    return data


def send_in_pieces(ws, data, dice):
    ws.sock.settimeout(2)
    try:
        while data:
            size = dice.choice((1, 2, 7, 300, len(data)))
            ws.sock.sendall(data[:size])
            data = data[size:]
            if dice.random() < 0.02:
                return
        if dice.random() < 0.5:
            ws.sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def case_random_frames_hurt_nobody(system):
    dice = random.Random(SEED)
    with WsClient("127.0.0.1", system.ws_port) as good:
        until(lambda: good.request("log")["status"] == "OK", "the renderer answers")
        for number in range(300):
            try:
                ws = WsClient("127.0.0.1", system.ws_port)
            except OSError as error:
                check(False, f"seed {SEED}, client {number}: {error}")
            with ws:
                send_in_pieces(ws, random_frames(ws, dice), dice)
            if number % 50 == 49:
                equal(good.request("version")["status"], "OK", f"seed {SEED}, client {number}")
    check(all(program.is_running() for program in system.wss), "every gateway is still there")


if __name__ == "__main__":
    harness.main(globals(), renderers=("fake",), ws=True)
