#!/usr/bin/env python3
"""A gateway that has just begun knows nothing yet: what is asked of it waits until it does, bounded (docs/jsonrpc.md
"Errors", docs/http-api.md, docs/ws-api.md; limits LIMIT_FIRST_CONTACT_MS, LIMIT_FIRST_PICTURE_MS)."""
import json
import time

import harness
from harness import HttpClient, check, equal, form, with_options
from network import Wire, port_of
from rpcclient import RpcClient
from wsclient import WsClient

SCORE = "/ITL/scene/probe set rect 0.5 0.5;\n/ITL/other new;\n/ITL/other/e set ellipse 0.3 0.3;\n"
BUSY = 50003


class Away:
    """A renderer that is there, and whose network is not yet."""

    def __init__(self, system):
        self.system, self.before = system, (system.feed, system.calls)
        self.ways = [Wire(port_of(endpoint)) for endpoint in self.before]
        for wire in self.ways:
            wire.set_cut(True)
        system.feed, system.calls = (f"tcp://127.0.0.1:{wire.port}" for wire in self.ways)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for wire in self.ways:
            wire.stop()
        self.system.feed, self.system.calls = self.before

    def come(self):
        for wire in self.ways:
            wire.set_cut(False)


def case_json_rpc_waits(system):
    with Away(system) as renderer:
        system.start_ws()
        with RpcClient(system.ws_ports[-1]) as rpc:
            asked = [("version", {}), ("image", {}), ("image", {"width": 100}), ("subscribe", {"frames": "base64"}),
                     ("version", {"scene": "other"}), ("scenes", None), ("get", {"address": "/ITL/scene/probe"}),
                     ("post", {"data": "/ITL/scene/probe angle 3;"})]
            ids = [rpc.start(method, params) for method, params in asked]
            unknown = rpc.start("version", {"scene": "nobody"})
            check(rpc.is_quiet(), "answered too early", rpc.answers)
            renderer.come()
            results = [rpc.answer_to(rpc_id)["result"] for rpc_id in ids]
            check(results[0]["version"] > 0 and results[1]["image"] and results[2]["width"] == 100, results)
            equal(results[3]["frames"], "base64")
            equal((results[4]["scene"], [one["name"] for one in results[5]["scenes"]]), ("other", ["scene", "other"]))
            check(results[6]["messages"] and results[7]["version"] > 0, results)
            check(rpc.note("frame")["image"], "the subscription's first frame")
            equal(rpc.answer_to(unknown)["error"]["code"], 40004)


def case_inscore_clients_wait(system):
    """One request each: such a client's requests are answered one after the other."""
    with Away(system) as renderer:
        system.start_ws()
        port = system.ws_ports[-1]
        requests = [("/", "version", {}), ("/", "image", {}), ("/scenes/other", "version", {}),
                    ("/", "post", {"data": "/ITL/scene/probe angle 4;"})]
        clients = [WsClient("127.0.0.1", port, path) for path, _, _ in requests]
        for client, (_, method, more) in zip(clients, requests):
            client.send_json({"id": "7", "method": method, **more})
        renderer.come()
        for client, (_, method, _) in zip(clients, requests):
            answer = client.reply()
            equal((answer["id"], answer["status"]), ("7", "OK"), method)
            check(answer.get("version", 1) > 0 and answer.get("image", "x"), method, answer)
            client.close()


def case_http_waits(system):
    with Away(system) as renderer:
        system.start_http()
        http = HttpClient(system.http_ports[-1])
        body = json.dumps([{"jsonrpc": "2.0", "id": i, "method": method, "params": {"scene": "other"}}
                           for i, method in enumerate(("version", "image"))]).encode()
        requests = [("GET", "/version", None), ("GET", "/", None), ("GET", "/image?width=100", None),
                    ("GET", "/scenes/other/version", None), ("GET", "/scenes/nobody/version", None),
                    ("POST", "/", form(data="/ITL/scene/probe angle 5;")), ("POST", "/rpc", body),
                    ("POST", "/click", form(x=270, y=270))]
        connections = []
        for method, path, data in requests:
            connection = http.connect()
            kind = "application/json" if path == "/rpc" else "application/x-www-form-urlencoded"
            head = f"{method} {path} HTTP/1.1\r\nHost: {connection.name}\r\nContent-Type: {kind}\r\n"
            connection.send(f"{head}Content-Length: {len(data or b'')}\r\n\r\n".encode() + (data or b""))
            connections.append(connection)
        renderer.come()
        answers = [connection.read_answer() for connection in connections]
        for (method, path, _), answer in zip(requests, answers):
            equal(answer.status, 404 if "nobody" in path else 200, f"{method} {path}: {answer.body[:200]}")
        check(answers[0].json()["version"] > 0 and answers[3].json()["version"] > 0)
        check(all(one["result"]["scene"] == "other" for one in answers[6].json()), answers[6].body[:200])
        for connection in connections:
            connection.close()


@with_options(renderer="none", n_ws=1)
def case_without_a_renderer_it_is_busy_soon_then_at_once(system):
    with RpcClient(system.ws_port) as rpc, WsClient("127.0.0.1", system.ws_port) as other:
        ids = [rpc.start("version"), rpc.start("post", {"data": "/ITL/scene/probe angle 1;"}), rpc.start("get")]
        other.send_json({"id": "7", "method": "version"})
        for rpc_id in ids:
            equal(rpc.answer_to(rpc_id)["error"]["code"], BUSY)
        equal(other.reply(), {"id": "7", "status": "ERROR", "error": "Renderer not available, try again"})
        # Its beginning is over: nothing waits any longer but for a scene that is known.
        began = time.monotonic()
        equal(rpc.error("post", {"data": "/ITL/scene/probe angle 2;"}).code, BUSY)
        equal(rpc.error("version").code, BUSY)
        check(time.monotonic() - began < 1.5, "at once")


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), score=SCORE, n_http=0)
