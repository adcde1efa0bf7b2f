#!/usr/bin/env python3
"""Enough clients that a second thread helps to tell them (architecture 6): each is told of the newest version, whoever
breaks, stalls or leaves meanwhile; and none twice (web API reference, 3.3)."""
import resource
import socket
import struct
import threading

import harness
from harness import check, equal, until
from wsclient import WsClient

N_CLIENTS = 600  # the helper is asked from 256 on
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, max(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))


def connect(system, **options):
    return WsClient("127.0.0.1", system.ws_port, **options)


def ready(system):
    ws = connect(system)
    until(lambda: ws.request("log")["status"] == "OK", "the renderer answers")
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return ws


def crowd(system, n_clients=N_CLIENTS):
    clients = [connect(system) for _ in range(n_clients)]
    for client in clients:
        client.request("version")
    return clients


def change(system, poster):
    equal(poster.request("post", data=system.touch_script())["status"], "OK")
    return poster.request("version")["version"]


def reset(client):
    """End it without a word: the other side's next send breaks."""
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.sock.close()


def case_all_of_many_are_told_once_of_each_version(system):
    with ready(system) as poster:
        clients = crowd(system)
        for _ in range(5):
            version = change(system, poster)
            for client in clients:
                seen = client.wait_notification(version)
                equal(seen, sorted(set(seen)), "rising, each once")
        for client in clients:
            client.request("version")
            equal(client.notifications, [], "nothing after the newest")
            client.close()


def case_some_that_break_do_not_hinder_the_others(system):
    with ready(system) as poster:
        clients = crowd(system)
        n_fds = system.wss[0].n_fds()
        for turn in range(4):
            gone, clients = clients[turn::20], [client for i, client in enumerate(clients) if i % 20 != turn]
            breaker = threading.Thread(target=lambda: [reset(client) for client in gone])
            breaker.start()  # while they are told
            version = change(system, poster)
            breaker.join()
            for client in clients:
                client.wait_notification(version)
            n_fds -= len(gone)
            until(lambda: system.wss[0].n_fds() <= n_fds, f"{len(gone)} broken ones are gone")
        for client in clients:
            client.close()


def case_places_taken_while_others_are_told_get_their_own_news(system):
    """A descriptor that is closed and used again never gets what was meant for its last owner."""
    stop = threading.Event()
    wrong = []

    def come_and_go():
        try:
            while not stop.is_set():
                with connect(system) as ws:
                    version = ws.request("version")["version"]
                    ws.notifications.clear()
                    ws.request("version")
                    equal([old for old in ws.notifications if old < version], [], "older than the answer")
        except Exception as error:  # told by the main thread
            wrong.append(error)
    with ready(system) as poster:
        clients = crowd(system, 400)
        threads = [threading.Thread(target=come_and_go) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            version = change(system, poster)
        stop.set()
        for thread in threads:
            thread.join()
        for client in clients:
            client.wait_notification(version)
            client.close()
    equal(wrong, [])


def case_a_stalled_one_among_many_gets_the_newest_when_it_reads(system):
    with ready(system) as poster:
        clients = crowd(system, 400)
        slow = connect(system, rcvbuf=4096)
        for _ in range(40):
            slow.send_json({"id": "i", "method": "image"})
        for _ in range(5):
            version = change(system, poster)
            for client in clients:
                client.wait_notification(version)
        pictures = [slow.reply()["version"] for _ in range(40)]
        equal(pictures, sorted(pictures), "never back")
        slow.request("version")
        equal((slow.notifications or pictures)[-1], version, "the newest notice")
        for client in (*clients, slow):
            client.close()


@harness.with_options(ws_options=["--stall-time", "1s"])
def case_many_that_never_read_are_closed(system):
    with ready(system) as poster:
        clients = crowd(system, 300)
        n_fds = system.wss[0].n_fds()
        stalled = [connect(system, rcvbuf=4096) for _ in range(20)]
        for ws in stalled:
            for _ in range(60):
                ws.send_json({"id": 1, "method": "image"})

        def look():
            version = change(system, poster)
            for client in clients:
                client.wait_notification(version)
            return system.wss[0].n_fds() <= n_fds
        until(look, "the stalled ones are closed", 30)
        for client in (*clients, *stalled):
            client.close()


@harness.with_options(ws_options=["--drain-time", "0s"])
def case_it_ends_while_many_are_told(system):
    with ready(system) as poster:
        clients = crowd(system, 400)
        program = system.wss[0]
        change(system, poster)
        poster.send_json({"method": "post", "id": 1, "data": system.touch_script()})
        program.process.terminate()
        for client in clients:
            check(client.wait_close()[0] in (1001, None), "going away")
        equal(program.process.wait(20), 0)


if __name__ == "__main__":
    harness.main(globals(), ws=True)
