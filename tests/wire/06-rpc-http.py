#!/usr/bin/env python3
"""POST /rpc of leggio-http: single calls and batches without a session."""
import base64
import http.client
import json
import os

import harness
import png
from harness import FORM, check, equal, only_with, until

JSON = ("Content-Type", "application/json")


def post(system, body, *headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return system.http.request("POST", "/rpc", (JSON, *headers), data)


def call(system, method, params=None, rpc_id=1):
    answer = post(system, {"jsonrpc": "2.0", "id": rpc_id, "method": method,
                           **({} if params is None else {"params": params})})
    equal(answer.status, 200, answer)
    equal(answer.header("Content-Type"), "application/json")
    return answer.json()


def case_version_and_image(system):
    result = call(system, "version")["result"]
    equal(result["version"], system.scene_version())
    equal(set(result), {"scene", "epoch", "version"})
    image = call(system, "image")["result"]
    png.read(base64.b64decode(image["image"], validate=True))
    equal((image["version"], image["mimeType"]), (result["version"], "image/png"))


def case_a_post_can_be_read_at_once(system):
    for _ in range(5):
        result = call(system, "post", {"data": system.touch_script()})["result"]
        check(system.scene_version() >= result["version"])
    equal(call(system, "post", {"data": system.error_script})["error"]["code"], 40022)


def case_a_batch_is_answered_together(system):
    answer = post(system, [{"jsonrpc": "2.0", "id": i, "method": "post", "params": {"data": system.touch_script()}}
                           for i in range(4)] + [{"jsonrpc": "2.0", "method": "version"}, 5,
                                                 {"jsonrpc": "2.0", "id": "v", "method": "version"}])
    equal(sorted(str(item["id"]) for item in answer.json()), ["0", "1", "2", "3", "None", "v"])


def case_nothing_to_answer_is_204(system):
    for body in ({"jsonrpc": "2.0", "method": "version"}, [{"jsonrpc": "2.0", "method": "version"}] * 2,
                 {"jsonrpc": "2.0", "id": 1, "result": 1}):
        answer = post(system, body)
        equal((answer.status, answer.body), (204, b""))


def case_what_is_no_request(system):
    for body, code in ((b"{", -32700), (b"", -32700), (b"\xff\xfe", -32700), (b"[]", -32600), (b"1", -32600),
                       (b"[" * 100 + b"]" * 100, -32600)):
        answer = post(system, body)
        equal((answer.status, answer.json()["error"]["code"], answer.json()["id"]), (200, code, None), body[:20])


def case_methods_that_need_a_session_say_so(system):
    for method in ("connect", "subscribe", "presence", "nothing"):
        equal(call(system, method)["error"]["code"], -32601, method)
    equal(call(system, "ping")["result"], {"value": "pong"})
    equal(call(system, "version", {"sessionId": "invented"})["error"]["code"], 40007)
    names = {method["name"] for method in call(system, "rpc.discover")["result"]["methods"]}
    check("image" in names and "presence" not in names, names)


def case_the_path_names_the_scene(system):
    answer = system.http.request("POST", "/scenes/nowhere/rpc", (JSON,), b'{"jsonrpc":"2.0","id":1,"method":"version"}')
    equal(answer.json()["error"]["code"], 40004)


def case_other_methods_are_refused(system):
    answer = system.http.get("/rpc")
    check(answer.status in (404, 405), answer)
    answer = system.http.request("OPTIONS", "/rpc")
    check("POST" in (answer.header("Allow") or "") + (answer.header("Access-Control-Allow-Methods") or ""), answer)


def case_a_foreign_page_may_click_and_not_post(system):
    origin = ("Origin", "http://elsewhere.example")
    answer = post(system, {"jsonrpc": "2.0", "id": 1, "method": "post", "params": {"data": "x;"}}, origin)
    equal(answer.json()["error"]["code"], 40003)
    equal(answer.json()["error"]["data"], {"role": "play", "needed": "conduct"})


@only_with("real")
def case_files_and_questions(system):
    with open(os.path.join(system.root, "a.txt"), "wb") as file:
        file.write(b"x" * 3000000)
    result = call(system, "file", {"path": "a.txt"})["result"]
    equal(len(base64.b64decode(result["file"])), 3000000)
    equal(call(system, "file", {"path": "../a.txt"})["error"]["code"], 40004)
    result = call(system, "get", {"address": "/ITL/scene/probe", "params": ["x", "y"]})["result"]
    equal([message["method"] for message in result["messages"]], ["x", "y"])
    result = call(system, "scenes")["result"]["scenes"]
    equal([scene["name"] for scene in result], ["scene"])
    equal(call(system, "image", {"width": 100})["result"]["width"], 100)
    check("log" in call(system, "log")["result"])
    equal(call(system, "image", {"scene": "nowhere"})["error"]["code"], 40004)


def case_a_large_batch_is_bounded(system):
    batch = [{"jsonrpc": "2.0", "id": i, "method": "image"} for i in range(280)]
    client = http.client.HTTPConnection("127.0.0.1", system.http_port, timeout=30)
    client.request("POST", "/rpc", json.dumps(batch), {"Content-Type": "application/json"})
    data = client.getresponse().read()
    client.close()
    check(len(data) < 34 * 1024 * 1024, len(data))
    answers = json.loads(data)
    equal(len(answers), 280)
    check(all("result" in answer or answer["error"]["code"] in (40029, 40013) for answer in answers))
    equal(post(system, [1] * 1001).json()["error"]["code"], -32600)


if __name__ == "__main__":
    harness.main(globals())
