#!/usr/bin/env python3
"""GET /events: server-sent events, latest wins (issue "HTTP gateway"; the
WHATWG standard's event stream)."""
import json
import socket

import harness
from harness import Connection, check, equal, only_in, only_with, until


class Events:
    """A client of /events."""

    def __init__(self, port, path="/events", *headers):
        self.connection = Connection(port)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.connection.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n")
        self.head = self.connection.read_head()
        self.text = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def next(self):
        """Fields of the next event that has data."""
        while True:
            while b"\n\n" not in self.text:
                chunk = self.connection.read_chunk()
                if not chunk:
                    raise EOFError("end of events")
                self.text += chunk
            block, _, self.text = self.text.partition(b"\n\n")
            lines = [line.partition(": ") for line in block.decode().split("\n") if not line.startswith(":")]
            fields = {name: value for name, _, value in lines}
            if "data" in fields:
                fields["data"] = json.loads(fields["data"])
                return fields

    def next_version(self):
        while True:
            event = self.next()
            if "event" not in event:
                return event


def case_first_event_is_the_newest_version(system):
    with Events(system.http_port) as events:
        equal(events.head.status, 200)
        equal(events.head.header("Content-Type"), "text/event-stream")
        equal(events.head.header("Cache-Control"), "no-cache")
        equal(events.head.header("Access-Control-Allow-Origin"), "*")
        event = events.next_version()
        equal(event["data"]["version"], system.scene_version())
        equal(event["data"]["scene"], "scene")
        check(event["id"].endswith(f"-{event['data']['version']}"), event)


def case_each_change_is_told(system):
    with Events(system.http_port) as events:
        events.next_version()
        for _ in range(5):
            version = system.http.post(system.touch_script()).version
            while events.next_version()["data"]["version"] < version:
                pass


def case_last_event_id_leaves_out_what_is_known(system):
    with Events(system.http_port) as events:
        known = events.next_version()["id"]
    for is_header in (True, False):
        arguments = ("/events", ("Last-Event-ID", known)) if is_header else (f"/events?last-event-id={known}",)
        with Events(system.http_port, *arguments) as events:
            version = system.http.post(system.touch_script()).version
            event = events.next_version()
            check(event["id"] != known, "told again")
            check(event["data"]["version"] <= version, event)
            known = event["id"]


def case_unknown_last_event_id_begins_anew(system):
    for text in ("", "nonsense", "0-0", "\xff", "a" * 500, "0000000000000001-5"):
        with Events(system.http_port, "/events", ("Last-Event-ID", text)) as events:
            equal(events.next_version()["data"]["version"], system.scene_version(), text)


def case_events_of_another_scene(system):
    script = "/fake/scene cello;" if system.is_fake else "/ITL/cello new; /ITL/cello/r set rect 1 1;"
    equal(system.http.post(script).status, 200)
    for client in system.gateways():
        with Events(client.port, "/scenes/cello/events") as events:
            equal(events.next_version()["data"]["scene"], "cello")


def case_head_of_events_ends(system):
    answer = system.http.request("HEAD", "/events")
    equal((answer.status, answer.header("Content-Type")), (200, "text/event-stream"))


@only_in("one")
@only_with("fake")
def case_slow_reader_skips_to_the_newest(system):
    """One that reads nothing for thousands of versions costs nothing and then
    gets the newest, not all of them."""
    quick = Events(system.http_port)

    def growth_kb():
        before_kb = system.https[0].rss_kb()
        for _ in range(3000):
            version = system.fake("touch")
        while quick.next_version()["data"]["version"] < version:
            pass
        return system.https[0].rss_kb() - before_kb, version
    usual_kb, _ = growth_kb()  # a sanitizer keeps what is freed for a while
    slow = Events(system.http_port)
    slow.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    with_slow_kb, version = growth_kb()
    check(with_slow_kb < usual_kb + 20_000, f"grew by {with_slow_kb} kB, else by {usual_kb} kB")
    n_read = 0
    while slow.next_version()["data"]["version"] < version:
        n_read += 1
    check(n_read < 3000, "every version was kept")


@only_in("one")
@only_with("fake")
def case_many_clients_cost_little(system):
    before_kb = system.https[0].rss_kb()
    clients = [Events(system.http_port) for _ in range(300)]
    for client in clients:
        client.next_version()
    each_kb = (system.https[0].rss_kb() - before_kb) / len(clients)
    version = system.fake("touch")
    for client in clients:
        while client.next_version()["data"]["version"] < version:
            pass
    for client in clients:
        client.connection.close()
    print(f"# an event client costs {each_kb:.1f} kB", flush=True)
    check(each_kb < 100, f"{each_kb:.1f} kB each")  # sanitizers included
    until(lambda: system.http.get("/version").status == 200, "alive")


@only_in("one")
@only_with("fake")
def case_renderer_going_and_coming_is_told(system):
    with Events(system.http_port) as events:
        events.next_version()
        system.fake("silent on")
        event = events.next()
        equal((event.get("event"), event["data"]["stale"]), ("state", True))
        check(event["data"]["since"] > 1_600_000_000, event)
        system.fake("silent off")
        while True:
            event = events.next()
            if event.get("event") == "state":
                break
        equal(event["data"]["stale"], False)


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
