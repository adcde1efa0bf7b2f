#!/usr/bin/env python3
"""Notifications: at once when quiet, then at most every period, the newest version only;
slow clients miss versions but never the newest (web API reference, 3.3; architecture 6)."""
import socket
import threading
import time

import harness
from harness import check, equal, until
from wsclient import Closed, WsClient


def connect(system, path="/", **options):
    return WsClient("127.0.0.1", system.ws_port, path, **options)


def ready(system):
    ws = connect(system)
    until(lambda: ws.request("log")["status"] == "OK", "the renderer answers")
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return ws


def case_no_notification_on_connection(system):
    with ready(system), ready(system) as ws:
        try:
            check(False, "notified", ws.next_notification(timeout=0.3))
        except TimeoutError:
            pass


def case_a_change_is_told_to_everyone(system):
    with ready(system) as poster:
        others = [connect(system) for _ in range(20)]
        for other in others:
            other.request("version")
        poster.request("post", data=system.touch_script())
        version = poster.request("version")["version"]
        for other in others:
            other.wait_notification(version)
            equal(other.notifications, [], "nothing after the newest")
            other.close()


def case_notification_is_an_object_of_two_keys(system):
    with ready(system) as ws, ready(system) as poster:
        poster.request("post", data=system.touch_script())
        message = ws.recv_json()
        equal(list(message), ["notification", "version"])
        check(message["notification"] is True and isinstance(message["version"], int), message)


def case_the_picture_that_follows_is_at_least_as_new(system):
    with ready(system) as ws, ready(system) as poster:
        for _ in range(5):
            poster.request("post", data=system.touch_script())
            version = ws.next_notification()
            check(ws.image()[0] >= version)


@harness.with_options(ws_options=["--notify-period", "300ms"])
def case_a_storm_is_told_once_per_period(system):
    with ready(system) as ws, ready(system) as poster:
        ws.request("version")
        start = time.monotonic()
        stop = start + 1.5
        while time.monotonic() < stop:
            poster.request("post", data=system.touch_script())
        version = poster.request("version")["version"]
        seen = ws.wait_notification(version)
        elapsed = time.monotonic() - start
        check(len(seen) <= elapsed / 0.3 + 2, "notifications", len(seen), "in", elapsed)
        check(len(seen) >= 3, "told while the storm goes on", seen)
        equal(seen, sorted(set(seen)), "rising, each once")


@harness.with_options(ws_options=["--notify-period", "60s"])
def case_the_first_change_after_quiet_is_told_at_once(system):
    with ready(system) as ws, ready(system) as poster:
        start = time.monotonic()
        poster.request("post", data=system.touch_script())
        ws.next_notification(timeout=5)
        check(time.monotonic() - start < 5)


def case_a_client_that_never_reads_delays_nobody(system):
    with ready(system) as ws, ready(system) as poster:
        stalled = connect(system, rcvbuf=4096)
        for _ in range(40):
            stalled.send_json({"id": 1, "method": "image"})
        for _ in range(20):
            start = time.monotonic()
            poster.request("post", data=system.touch_script())
            ws.wait_notification(poster.request("version")["version"])
            check(time.monotonic() - start < 2.0, "a round took", time.monotonic() - start)
        stalled.close()


def case_a_slow_client_gets_the_newest(system):
    with ready(system) as poster:
        slow = connect(system, rcvbuf=4096)
        for _ in range(30):
            slow.send_json({"id": "i", "method": "image"})
            poster.request("post", data=system.touch_script())
        version = poster.request("version")["version"]
        pictures = [slow.reply() for _ in range(30)]
        versions = [picture["version"] for picture in pictures]
        equal(versions, sorted(versions), "never back")
        equal(versions[-1], version, "the last picture is the newest")
        slow.close()


@harness.with_options(ws_options=["--stall-time", "1s"])
def case_a_client_that_never_reads_is_closed(system):
    with ready(system) as ws:
        stalled = connect(system, rcvbuf=4096)
        for _ in range(60):
            stalled.send_json({"id": 1, "method": "image"})
        # Reading here would help it; writing shows the end of it.
        until(lambda: is_reset(stalled), "the stalled client is closed")
        equal(ws.request("version")["status"], "OK")
        stalled.close()


def is_reset(ws):
    try:
        ws.sock.sendall(ws.frame(9, b""))
        return False
    except OSError:
        return True


def case_more_unread_replies_than_the_queue_holds_close_the_client(system):
    with ready(system) as ws:
        greedy = connect(system, rcvbuf=4096)
        greedy.sock.settimeout(5)
        message = greedy.frame(1, b'{"id": 1, "method": "image"}')
        try:
            for _ in range(2000):
                greedy.sock.sendall(message)
        except (OSError, socket.timeout):
            pass
        n_pictures = 0
        try:
            while n_pictures < 2000:
                greedy.reply(timeout=10)
                n_pictures += 1
        except Closed as end:
            check(end.code in (1008, None), end)
        check(n_pictures < 2000, "all were answered")
        equal(ws.request("version")["status"], "OK")
        greedy.close()


def case_memory_of_stalled_clients_is_bounded(system):
    program = system.wss[0]
    with ready(system) as poster:
        before = program.rss_kb()
        stalled = [connect(system, rcvbuf=4096) for _ in range(50)]
        for ws in stalled:
            for _ in range(30):
                ws.send_json({"id": 1, "method": "image"})
        for _ in range(100):
            poster.request("post", data=system.touch_script())
        grown = program.rss_kb() - before
        check(grown < 50 * 1500, "grown by", grown, "KiB for 50 stalled clients")
        for ws in stalled:
            ws.close()


def case_posts_of_many_clients_at_once(system):
    wrong = []

    def work():
        try:
            with connect(system) as ws:
                for _ in range(20):
                    reply = ws.request("post", data=system.touch_script())
                    if reply["status"] != "OK":
                        wrong.append(reply)
                    ws.image()
        except Exception as error:
            wrong.append(error)

    with ready(system):
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    equal(wrong, [])


if __name__ == "__main__":
    harness.main(globals(), ws=True)
