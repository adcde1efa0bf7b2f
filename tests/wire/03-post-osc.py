#!/usr/bin/env python3
"""OSC in and out (language reference 14): messages, bundles, flat lists, replies, errors, host prefixes."""
import select
import socket
import struct

import harness
from harness import check, equal, until

OSC_PORT = harness.free_port(socket.SOCK_DGRAM)


def padded(data):
    data += b"\0"
    return data + b"\0" * (-len(data) % 4)


def packet(address, *arguments):
    tags, data = ",", b""
    for argument in arguments:
        if isinstance(argument, int):
            tags, data = tags + "i", data + struct.pack(">i", argument)
        elif isinstance(argument, float):
            tags, data = tags + "f", data + struct.pack(">f", argument)
        elif isinstance(argument, bytes):
            tags, data = tags + "h", data + argument  # some other type, 8 bytes
        else:
            tags, data = tags + "s", data + padded(argument.encode())
    return padded(address.encode()) + padded(tags.encode()) + data


def bundle(*packets):
    data = b"#bundle\0" + struct.pack(">Q", 2 ** 63)
    return data + b"".join(struct.pack(">i", len(one)) + one for one in packets)


def parse(data):
    def text(at):
        end = data.index(b"\0", at)
        return data[at:end].decode(), (end // 4 + 1) * 4
    address, at = text(0)
    tags, at = text(at)
    values = [address]
    for tag in tags[1:]:
        if tag == "s":
            value, at = text(at)
        else:
            value = struct.unpack_from(">i" if tag == "i" else ">f", data, at)[0]
            value, at = (round(value, 4) if tag == "f" else value), at + 4
        values.append(value)
    return values


class Peer:
    """A program such as Max: sends to the renderer, listens for replies and errors on ports of its own."""

    def __init__(self, system):
        self.port = int(until(lambda: next((word[4:] for line in system.renderer.seen for word in line.split()
                                            if word.startswith("osc=")), None), "port of OSC"))
        self.out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.replies, self.errors = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for one in (self.replies, self.errors):
            one.bind(("127.0.0.1", 0))
        self.send("/ITL", "outport", self.replies.getsockname()[1])
        self.send("/ITL", "errport", self.errors.getsockname()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (self.out, self.replies, self.errors):
            one.close()

    def send_raw(self, data):
        self.out.sendto(data, ("127.0.0.1", self.port))

    def send(self, *message):
        self.send_raw(packet(*message))

    def heard(self, from_socket=None):
        from_socket = from_socket or self.replies
        check(select.select([from_socket], [], [], harness.LIMIT_S)[0], "nothing came")
        return parse(from_socket.recv(65536))

    def ask(self, *message):
        self.send(*message)
        return self.heard()


def case_messages_are_executed_and_answered(system):
    with Peer(system) as peer:
        peer.send("/ITL/scene/a", "set", "rect", 0.5, 0.25)
        equal(peer.ask("/ITL/scene/a", "get"), ["/ITL/scene/a", "set", "rect", 0.5, 0.25])
        peer.send("/ITL/scene/a", "x", b"\0" * 8, 1)  # the 64-bit number is skipped
        equal(peer.ask("/ITL/scene/a", "get", "x"), ["/ITL/scene/a", "x", 1.0])


def case_bundles_are_flattened_without_regard_to_time(system):
    with Peer(system) as peer:
        peer.send("/ITL/scene/a", "set", "rect", 0.5, 0.25)
        peer.send_raw(bundle(packet("/ITL/scene/a", "x", 0.5), bundle(packet("/ITL/scene/a", "y", -0.5)),
                             packet("/ITL/scene/a", "get", "x", "y")))
        equal(peer.heard(), ["/ITL/scene/a", "x", 0.5])
        equal(peer.heard(), ["/ITL/scene/a", "y", -0.5])


def case_watch_lists_travel_flat(system):
    with Peer(system) as peer:
        peer.send("/ITL/scene/b", "set", "rect", 0.5, 0.25)
        peer.send("/ITL/scene/b", "watch", "GO", "(", "/ITL/scene/b", "watch", "NEXT", "(", "/ITL/scene/b", "z", 2, ")",
                  ",", "/ITL/scene/b", "x", 0.25, ")")
        equal(peer.ask("/ITL/scene/b", "get", "watch"),
              ["/ITL/scene/b", "watch", "GO", "(", "/ITL/scene/b", "watch", "NEXT", "(", "/ITL/scene/b", "z", 2, ")",
               ":", "/ITL/scene/b", "x", 0.25, ")"])
        peer.send("/ITL/scene/b", "event", "GO")
        until(lambda: peer.ask("/ITL/scene/b", "get", "x") == ["/ITL/scene/b", "x", 0.25], "the event ran")


def case_errors_go_to_the_error_port(system):
    with Peer(system) as peer:
        peer.send("/ITL/scene/nothing", "x", 1)
        equal(peer.heard(peer.errors), ["error:", " incorrect OSC address: /ITL/scene/nothing"])
        peer.send("/ITL", "read", "/ITL/scene x ( 1 / 0 );")
        equal(peer.heard(peer.errors), ["error:", " line 1 col 18 : math '/': division by 0"])


def case_host_prefixes_are_sent_there(system):
    with Peer(system) as peer:
        port = peer.replies.getsockname()[1]
        equal(system.http.post(f"127.0.0.1:{port}/max/in hello 1 0.5;").status, 200)
        equal(peer.heard(), ["/max/in", "hello", 1, 0.5])


def case_debug_osc_0_hides_what_is_wrong_with_messages(system):
    with Peer(system) as peer:
        peer.send("/ITL/debug", "osc", 0)
        peer.send("/ITL/scene/nothing", "x", 1)
        peer.send("/ITL/scene/z", "set", "nosuchtype")
        equal(peer.heard(peer.errors), ["error:", " unknown object type: nosuchtype"])
        peer.send("/ITL/debug", "osc", 1)


def case_the_error_address_can_be_chosen(system):
    with Peer(system) as peer:
        peer.send("/ITL", "errorAddress", "/my/errors")
        peer.send("/ITL/scene/nothing", "x", 1)
        equal(peer.heard(peer.errors), ["/my/errors", " incorrect OSC address: /ITL/scene/nothing"])
        peer.send("/ITL", "errorAddress", "error:")


def case_aliases_are_called_by_osc(system):
    with Peer(system) as peer:
        peer.send("/ITL/scene/al", "set", "rect", 0.5, 0.25)
        peer.send("/ITL/scene/al", "alias", "/fader", "x[0,127]", "red")
        peer.send("/fader", 127, 50)
        equal(peer.ask("/ITL/scene/al", "get", "x"), ["/ITL/scene/al", "x", 1.0])
        equal(peer.ask("/ITL/scene/al", "get", "red"), ["/ITL/scene/al", "red", 50])


def case_another_port_is_listened_on_and_told(system):
    with Peer(system) as peer:
        port, old = harness.free_port(socket.SOCK_DGRAM), peer.port
        peer.send("/ITL", "port", port)
        said = peer.heard(peer.errors)
        check(said[0] == "error:" and said[1].endswith(f"listening OSC on port {port}"), said)
        peer.port = port
        equal(peer.ask("/ITL", "get", "port"), ["/ITL", "port", port])
        peer.send("/ITL", "port", old)
        peer.heard(peer.errors)


def case_a_flood_is_bounded_and_the_score_is_served(system):
    with Peer(system) as peer:
        peer.send("/ITL/scene/fl", "set", "rect", 0.5, 0.25)
        data = packet("/ITL/scene/fl", "x", 0.5)
        for _ in range(30000):
            peer.send_raw(data)
        equal(system.http.get("/version").status, 200)

        def is_answered():
            """The question may be among the packets that a full socket drops: it is asked until it comes through."""
            peer.send("/ITL/scene/fl", "get", "x")
            return select.select([peer.replies], [], [], 0.2)[0]
        until(is_answered, "the score answers", limit_s=3 * harness.LIMIT_S)
        equal(peer.heard(), ["/ITL/scene/fl", "x", 0.5])


def case_nonsense_harms_nobody(system):
    with Peer(system) as peer:
        for data in (b"", b"x", b"/a", b"/a\0\0,\0\0\0", b"#bundle\0", bundle(b"xx"), b"/a\0\0,sss\0\0\0\0", b"\xff" * 1000,
                     packet("/ITL/scene/a", "x") + b"junk", packet("/ITL/\x7f", *["("] * 9000)):
            peer.send_raw(data)
        peer.send("/ITL/scene/c", "set", "rect", 0.5, 0.25)
        equal(peer.ask("/ITL/scene/c", "get"), ["/ITL/scene/c", "set", "rect", 0.5, 0.25])


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), renderer_options=("--osc-port", str(OSC_PORT), "--osc-send"))
