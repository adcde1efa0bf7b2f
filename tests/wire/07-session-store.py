#!/usr/bin/env python3
"""Sessions at any gateway: --session-store with a real Redis, three gateways, and what
happens when one of them, or Redis, is slow or gone."""
import json
import os
import signal
import subprocess
import time

import harness
from harness import check, equal, until
from redis import Redis
from rpcclient import RpcClient

NO_SESSION = 40007


class Gateways:
    """Some that share a store; ports by number."""

    def __init__(self, system, number=2, timeout="10s", redis_options=(), more=()):
        self.system, self.redis = system, Redis(system, *redis_options)
        self.options = ["--session-store", self.redis.url, "--session-timeout", timeout, "--admin", "127.0.0.1:0", *more]
        self.programs, self.ports, self.admins = [], [], []
        for _ in range(number):
            self.start()
        for i in range(number):
            until(lambda at=i: self.is_up(at), "the store")

    def start(self):
        program = self.system.start_ws(*self.options)
        self.programs.append(program)
        self.ports.append(self.system.ws_ports[-1])
        self.admins.append(harness.admin_of(program))

    def metric(self, i, name):
        return harness.metrics(self.admins[i]).get(name, 0)  # the first is there a moment after the port

    def is_up(self, i):
        return self.metric(i, "leggio_ws_store_up") == 1

    def client(self, i, **options):
        return RpcClient(self.ports[i], **options)

    def stored(self, session):
        data = self.redis.ask("HGET", "leggio:session:" + session, "data")
        return json.loads(data) if data else None

    def wait_stored(self, session, what=lambda data: True):
        return until(lambda: (data := self.stored(session)) and what(data) and data, "the session in Redis")


def post(system, ws):
    return ws.call("post", {"data": system.touch_script()})["version"]


def case_a_lost_session_is_taken_up_elsewhere(system):
    at = Gateways(system)
    with at.client(0) as first:
        id_ = first.connect(registerInfo={"name": "viola"})["sessionId"]
        subscribed = first.call("subscribe", {"frames": "base64", "period": 70})
        version = post(system, first)  # nothing is on its way after this one
        while first.note("frame")["version"] < version:
            pass
        at.wait_stored(id_, lambda data: "viola" in json.dumps(data) and "base64" in json.dumps(data))
    with at.client(1) as second:
        result = second.connect(sessionId=id_, seen=[{"scene": "scene", "epoch": subscribed["epoch"], "version": version}])
        equal((result["value"], result["sessionId"], result["current"]), ("reconnection successful", id_, True))
        equal([(sub["scene"], sub["frames"], sub["period"]) for sub in result["subscriptions"]], [("scene", "base64", 70)])
        version = post(system, second)
        while second.note("frame")["version"] < version:
            pass
        (me,) = [client for client in second.call("presence")["clients"] if client["session"] == id_[:8]]
        equal((me["registerInfo"], me["connected"]), ({"name": "viola"}, True))
        equal(at.redis.ask("HGET", "leggio:session:" + id_, "fence"), "2")
    with at.client(0) as third:
        equal(third.connect(sessionId=id_)["value"], "reconnection successful")
        check(third.note("frame")["version"] >= version, "the newest frame comes by itself")


def case_taking_over_a_living_session_closes_its_socket(system):
    at = Gateways(system)
    sockets = [at.client(0)]
    id_ = sockets[0].connect()["sessionId"]
    at.wait_stored(id_)
    for turn in range(1, 6):
        sockets.append(at.client(turn % 2))
        equal(sockets[-1].connect(sessionId=id_)["value"], "reconnection successful")
        equal(sockets[-2].wait_close()[0], 4001, "the socket before")
        equal(sockets[-1].call("version")["sessionId"], id_)
    equal(len(at.redis.sessions()), 1)
    for socket in sockets:
        socket.close()


def case_a_killed_gateway_loses_no_session(system):
    at = Gateways(system, 3)
    clients = [at.client(0) for _ in range(5)]
    ids = []
    for client in clients:
        ids.append(client.connect()["sessionId"])
        client.call("subscribe", {"frames": "none"})
        at.wait_stored(ids[-1], lambda data: "none" in json.dumps(data))
    at.programs[0].kill()
    for i, id_ in enumerate(ids):
        with at.client(1 + i % 2) as client:
            begun = time.monotonic()
            result = client.connect(sessionId=id_)
            equal((result["value"], len(result["subscriptions"])), ("reconnection successful", 1))
            check(time.monotonic() - begun < 1, "nobody is waited for", time.monotonic() - begun)
    for client in clients:
        client.close()


def stop_renderer(system):
    system.renderer.signal(signal.SIGSTOP)


def case_answers_come_where_the_client_is(system):
    at = Gateways(system)
    for is_moved_first in (False, True):
        with at.client(0) as first:
            id_ = first.connect()["sessionId"]
            first.call("log")
            stop_renderer(system)
            asked = [first.start("log") for _ in range(3)]
            first.is_quiet()
        try:
            if not is_moved_first:
                # What is written to a socket before its end is seen is lost: asked again, not kept.
                until(lambda: at.metric(0, "leggio_ws_connections") == 0, "the end of the socket is seen")
                system.renderer.signal(signal.SIGCONT)
                at.wait_stored(id_, lambda data: len(data["queue"]) == 3)
            with at.client(1) as second:
                equal(second.connect(sessionId=id_)["value"], "reconnection successful")
                system.renderer.signal(signal.SIGCONT)
                for number in asked:
                    check("log" in second.answer_to(number)["result"], number)
                check(second.is_quiet(), "each answer once", second.answers)
        finally:
            system.renderer.signal(signal.SIGCONT)


def case_a_gateway_that_hangs_is_not_waited_for_long(system):
    at = Gateways(system)
    hanging = at.client(0)
    id_ = hanging.connect()["sessionId"]
    at.wait_stored(id_)
    at.programs[0].signal(signal.SIGSTOP)
    try:
        with at.client(1) as other:
            begun = time.monotonic()
            equal(other.connect(sessionId=id_)["value"], "reconnection successful")
            check(time.monotonic() - begun < 2, time.monotonic() - begun)
            at.programs[0].signal(signal.SIGCONT)
            equal(hanging.wait_close()[0], 4001)
            equal(other.call("version")["sessionId"], id_)
    finally:
        at.programs[0].signal(signal.SIGCONT)
        hanging.close()


def case_nothing_stays_in_redis(system):
    at = Gateways(system, timeout="1s")
    with at.client(0) as closing, at.client(0) as leaving, at.client(1) as killed:
        ids = [client.connect()["sessionId"] for client in (closing, leaving, killed)]
        for id_ in ids:
            at.wait_stored(id_)
        closing.call("closeSession")
        until(lambda: not at.stored(ids[0]), "a closed session is gone at once", 1)
        leaving.drop()
        until(lambda: not at.stored(ids[1]), "a lost one after its time", 5)
        at.programs[1].kill()
        until(lambda: not at.redis.sessions(), "those of a killed gateway too", 8)
    with at.client(0) as late:
        equal(late.error("connect", {"sessionId": ids[1]}).code, NO_SESSION)
        equal(late.error("connect", {"sessionId": "neverseen"}).code, NO_SESSION)
        equal(late.connect()["value"], "OK")


def slowest_call(client, number=30):
    slowest = 0
    for _ in range(number):
        begun = time.monotonic()
        client.call("version")
        slowest = max(slowest, time.monotonic() - begun)
    return slowest


def works_alone(system, at, old):
    """Sessions in this process go on while Redis is away."""
    with at.client(0) as client:
        id_ = client.connect()["sessionId"]
        client.call("subscribe", {"frames": "none"})
        version = post(system, client)
        while client.note("scoreChanged")["version"] < version:
            pass
    with at.client(0) as client:
        equal(client.connect(sessionId=id_)["value"], "reconnection successful", "on the same gateway")
        begun = time.monotonic()
        equal(client.error("connect", {"sessionId": old}).code, NO_SESSION)
        check(time.monotonic() - begun < 1, "refused at once", time.monotonic() - begun)
        check(slowest_call(client) < 1, "calls are not slower")
    return id_


def is_known_to_be_away(at):
    until(lambda: not at.is_up(0), "the outage is noticed", 5)
    check("store down" in at.programs[0].log_text(), at.programs[0].log_text())
    answer = at.admins[0].get("/readyz")
    check(answer.status == 200 and "session store" in answer.text, answer)


def case_redis_stops_and_goes_on(system):
    at = Gateways(system)
    with at.client(1) as client:
        old = client.connect()["sessionId"]
        at.wait_stored(old)
        at.redis.program.signal(signal.SIGSTOP)
        try:
            check(slowest_call(client, 200) < 1, "calls while nobody knows yet")
            is_known_to_be_away(at)
            id_ = works_alone(system, at, old)
        finally:
            at.redis.program.signal(signal.SIGCONT)
        for i in range(2):
            until(lambda at_=i: at.is_up(at_), "the store is back")
        at.wait_stored(id_)
        with at.client(1) as other:
            equal(other.connect(sessionId=id_)["value"], "reconnection successful", "made during the outage")


def case_redis_dies_and_comes_back_empty(system):
    at = Gateways(system)
    with at.client(0) as client:
        kept = client.connect()["sessionId"]
        at.wait_stored(kept)
        at.redis.program.kill()
        is_known_to_be_away(at)
        works_alone(system, at, "neverseen")
        at.redis.program = system.start_program(at.redis.program.command)
        for i in range(2):
            until(lambda at_=i: at.is_up(at_), "the store is back")
        at.wait_stored(kept)
        with at.client(1) as other:
            equal(other.connect(sessionId=kept)["value"], "reconnection successful")
            equal(client.wait_close()[0], 4001)
            outages = [at.metric(i, "leggio_ws_store_outages_total") for i in range(2)]
            check(min(outages) >= 1, outages)


def case_a_redis_that_takes_no_writes_is_not_hammered(system):
    at = Gateways(system, number=1)

    def refusals():
        info = at.redis.ask("INFO", "errorstats")
        return next((int(line.partition("count=")[2]) for line in info.split() if line.startswith("errorstat_OOM")), 0)

    with at.client(0) as client:
        id_ = client.connect()["sessionId"]
        at.wait_stored(id_)
        at.redis.ask("CONFIG", "SET", "maxmemory", "1")
        began = time.monotonic()
        client.call("subscribe", {"frames": "none"})
        until(lambda: refusals() >= 3, "three refused writes")
        check(time.monotonic() - began > 1.5, "once a second")
        check(refusals() < 10, refusals())
        at.redis.ask("CONFIG", "SET", "maxmemory", "0")
        at.wait_stored(id_, lambda data: (data["attributes"] or {}).get("subscriptions"))


def case_a_gateway_that_stops_hands_everything_over(system):
    at = Gateways(system)
    with at.client(0) as client:
        id_ = client.connect()["sessionId"]
        client.call("subscribe", {"frames": "none"})
        at.programs[0].signal(signal.SIGTERM)
        equal(client.wait_close()[0], 1001)
    with at.client(1) as other:
        result = other.connect(sessionId=id_)
        equal((result["value"], len(result["subscriptions"])), ("reconnection successful", 1))
    equal(at.programs[0].process.wait(harness.LIMIT_S), 0)


def case_presence_knows_all_gateways(system):
    at = Gateways(system, 3)
    clients = [at.client(i) for i in range(3)]
    ids = {client.connect(registerInfo={"at": i})["sessionId"][:8] for i, client in enumerate(clients)}

    def seen(client):
        return {row["session"] for row in client.call("presence")["clients"] if row["connected"]}
    for client in clients:
        until(lambda at_=client: seen(at_) == ids, "everybody")
    clients.pop().close()
    until(lambda: len(seen(clients[0])) == 2, "one has gone")
    for client in clients:
        client.close()


def case_a_password_comes_from_a_file(system):
    path = os.path.join(system.folder, "password")
    with open(path, "w", encoding="ascii") as file:
        file.write("secret\n")
    at = Gateways(system, 1, redis_options=["--requirepass", "secret"], more=["--session-store-password", path])
    with at.client(0) as client:
        at.wait_stored(client.connect()["sessionId"])
    with open(path, "w", encoding="ascii") as file:
        file.write("wrong\n")
    at.start()
    until(lambda: "WRONGPASS" in at.programs[1].log_text(), "a word about the password")
    check(not at.is_up(1), "is not up")
    for url, words in (("http://a", "redis://"), ("redis://user:secret@a", "--session-store-password"), ("redis://", "no host"),
                       ("redis://a:0", "port"), ("redis://a/x", "database")):
        done = subprocess.run([harness.tool("leggio-ws"), "--check", "--session-store", url], capture_output=True, text=True,
                              timeout=harness.LIMIT_S, check=False)
        check(done.returncode == 2 and words in done.stderr and "secret" not in done.stderr, url, done.stderr)
    for file in ("/dev/null", "/nonexistent"):
        done = subprocess.run([harness.tool("leggio-ws"), "--session-store", at.redis.url, "--session-store-password", file],
                              capture_output=True, text=True, timeout=harness.LIMIT_S, check=False)
        check(done.returncode == 1 and "bad_password_file" in done.stderr, done.stderr)


harness.main(globals(), renderers=("real",), n_http=0, n_ws=0)
