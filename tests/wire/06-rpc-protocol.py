#!/usr/bin/env python3
"""JSON-RPC 2.0 over WebSocket, row by row of the checklist in the reference jsonrpc-session-protocol,
chapter 18, and the scenarios of chapter 20 that are about messages (3, 7, 8, 10 to 14)."""

import harness
from harness import check, equal, until
from rpcclient import RpcClient
from wsclient import OP_BINARY, OP_TEXT, Refused, WsClient


def ready(system, path="/rpc", **options):
    rpc = RpcClient(system.ws_port, path, **options)
    rpc.call("version")
    return rpc


def error_of(rpc, text, code, rpc_id=None):
    rpc.send(text)
    answer = rpc.answer()
    equal((answer["jsonrpc"], answer["id"], answer["error"]["code"]), ("2.0", rpc_id, code), text)
    check(set(answer) == {"jsonrpc", "id", "error"}, answer)
    check(set(answer["error"]) <= {"code", "message", "data"}, answer)
    check(isinstance(answer["error"]["message"], str), answer)


def case_row_1_jsonrpc_is_exactly_2_0(system):
    with ready(system) as rpc:
        for part in ("", '"jsonrpc":2,', '"jsonrpc":"2",', '"jsonrpc":"2.00",', '"jsonrpc":2.0,'):
            error_of(rpc, '{%s"id":4,"method":"version"}' % part, -32600, 4)


def case_row_2_method_is_a_string(system):
    with ready(system) as rpc:
        for method in ("1", "null", "{}", "[]", "true"):
            error_of(rpc, '{"jsonrpc":"2.0","id":5,"method":%s}' % method, -32600, 5)


def case_row_3_rpc_names_are_reserved(system):
    with ready(system) as rpc:
        equal(rpc.error("rpc.unknown").code, -32601)
        document = rpc.call("rpc.discover")
        equal(document["openrpc"], "1.2.6")
        names = {method["name"] for method in document["methods"]}
        check({"connect", "ping", "version", "image", "subscribe", "presence", "rpc.discover"} <= names, names)
        check("sessionId" not in document, "OpenRPC has no such member")


def case_row_4_params_are_an_object_or_an_array(system):
    with ready(system) as rpc:
        for params in ("1", '"scene"', "true", "null"):
            error_of(rpc, '{"jsonrpc":"2.0","id":6,"method":"version","params":%s}' % params, -32600, 6)
        equal(rpc.call("version", ["scene"])["scene"], "scene")


def case_row_5_ids_come_back_exactly(system):
    with ready(system) as rpc:
        for rpc_id in ("0", '""', "1.5", "1.50", "9007199254740991", "-0", "1e3", "1E400", '"\\u00e9"', '"é"',
                       "123456789012345678901234567890", '"7"', "null", '"%s"' % ("x" * 254)):
            rpc.send('{"jsonrpc":"2.0","id":%s,"method":"version"}' % rpc_id)
            kind, data = rpc.recv_message()
            check(kind == OP_TEXT and data.decode().startswith('{"jsonrpc":"2.0","id":%s,"result":' % rpc_id),
                  rpc_id, data[:80])
        for rpc_id in ("{}", "[]", "true", "[[[[1]]]]", '"%s"' % ("x" * 255), "1" * 257):
            error_of(rpc, '{"jsonrpc":"2.0","id":%s,"method":"version"}' % rpc_id, -32600)
        error_of(rpc, '{"jsonrpc":"2.0","id":1,"method":"version","id":2}', -32600)
        error_of(rpc, '{"jsonrpc":"2.0","id":1,"method":"version","\\u0069d":2}', -32600)


def case_rows_6_and_7_null_is_an_id_and_none_is_a_notification(system):
    with ready(system) as rpc:
        error_of(rpc, '{"jsonrpc":"2.0","id":null,"method":"nothing"}', -32601)
        for text in ('{"jsonrpc":"2.0","method":"nothing"}', '{"jsonrpc":"2.0","method":"version","params":{"scene":1}}',
                     '{"jsonrpc":"2.0","method":"ping"}', '{"jsonrpc":"2.0","method":"connect"}',
                     '{"jsonrpc":"2.0","method":"connect","params":{"sessionId":"invented"}}',
                     '{"jsonrpc":"2.0","method":"post","params":{"data":"nonsense;"}}'):
            rpc.send(text)
        check(rpc.is_quiet(), "a notification was answered")


def case_rows_8_and_9_answers_have_their_form(system):
    with ready(system) as rpc:
        rpc.send('{"jsonrpc":"2.0","id":7,"method":"version"}')
        equal(list(rpc.answer()), ["jsonrpc", "id", "result"])
        error = rpc.error("image", {"width": 0})
        equal((error.code, error.message, error.data),
              (-32602, "Invalid params", {"field": "width", "expected": "a whole number from 1 to 16384"}))


def case_rows_10_and_11_what_is_no_request(system):
    with ready(system) as rpc:
        for text in ("{", "[1", "hello", "", '{"jsonrpc":"2.0","method":"foobar, "params":"bar","baz]', "\x00", "nul"):
            error_of(rpc, text or " ", -32700)
        for text in ("1", '"x"', "true", "null", "{}", '{"id":8}', '{"jsonrpc":"2.0"}'):
            error_of(rpc, text, -32600, 8 if "8" in text else None)
        # Answers that nobody asked for are no requests.
        for text in ('{"jsonrpc":"2.0","id":8,"result":1}', '{"id":1,"error":{}}',
                     '{"jsonrpc":"2.0","id":1,"result":1,"error":null}'):
            rpc.send(text)
        check(rpc.is_quiet(), "an answer was answered")
        rpc.call("version")


def case_rows_12_to_15_errors_of_calls(system):
    with ready(system) as rpc:
        equal(rpc.error("nothing").code, -32601)
        equal(rpc.error("version", {"scene": 5}).data["field"], "scene")
        equal(rpc.error("version", {"scene": "no/such"}).data["expected"], "the name of a scene")
        equal(rpc.error("click", {"x": 1}).data["field"], "y")
        equal(rpc.error("version", ["a", "b"]).data["field"], "params")
        equal(rpc.error("subscribe", {"frames": "jpeg"}).data["expected"], "one of none|base64|binary|tiles")
        equal(rpc.error("shown", {"epoch": "xyz", "version": 1}).data["field"], "epoch")
        equal(rpc.error("connect", {"registerInfo": {"a": "x" * 5000}}).data["field"], "registerInfo")
        equal(rpc.error("connect", {"seen": [{"scene": "scene"}]}).data["field"], "seen")
        error = rpc.error("version", {"scene": "nowhere"})
        equal((error.code, error.message), (40004, "not_found"))


def case_rows_16_to_23_batches(system):
    call = {"jsonrpc": "2.0", "id": 1, "method": "version"}
    with ready(system) as rpc:
        error_of(rpc, "[]", -32600)
        rpc.send("[1,2,3]")
        equal([(answer["id"], answer["error"]["code"]) for answer in rpc.answer()], [(None, -32600)] * 3)
        rpc.send([call, {"jsonrpc": "2.0", "method": "version"}, 5, {**call, "id": "two", "method": "none"}, [call]])
        answers = rpc.answer()
        equal(sorted(str(answer["id"]) for answer in answers), ["1", "None", "None", "two"])
        rpc.send([{"jsonrpc": "2.0", "method": "version"}] * 3)
        check(rpc.is_quiet(), "a batch of notifications was answered")
        error_of(rpc, '[{"jsonrpc":"2.0","method":"version","id":1},{"jsonrpc":"2.0","method"]', -32700)
        rpc.send([call])
        answers = rpc.answer()
        check(isinstance(answers, list) and len(answers) == 1, answers)
        rpc.send([{**call, "id": i, "method": "post", "params": {"data": system.touch_script()}} for i in range(5)])
        equal(sorted(answer["id"] for answer in rpc.answer()), list(range(5)))


def case_row_24_connect_and_close_stand_alone(system):
    with ready(system) as rpc:
        rpc.send([{"jsonrpc": "2.0", "id": 1, "method": "connect"}, {"jsonrpc": "2.0", "id": 2, "method": "ping"}])
        answers = {answer["id"]: answer for answer in rpc.answer()}
        equal(answers[1]["error"]["code"], -32600)
        equal(answers[2]["result"], {"value": "pong"})
        rpc.send([{"jsonrpc": "2.0", "id": 3, "method": "connect"}])
        equal(rpc.answer()[0]["result"]["value"], "OK")


def case_rows_25_to_27_names_and_extra_members(system):
    with ready(system) as rpc:
        rpc.send('{"jsonrpc":"2.0","id":1,"method":"version","extra":[1],"params":{"other":1}}')
        check("result" in rpc.answer())
        rpc.send('{"jsonrpc":"2.0","ID":1,"Method":"x","method":"version"}')
        check(rpc.is_quiet(), "a notification with other members was answered")
        equal(rpc.error("Version").code, -32601)


def case_pings_of_any_form_are_answered(system):
    with ready(system) as rpc:
        rpc.send('{"jsonrpc":"2.0","method":"ping","params":{"interval":5000},"id":0}')
        equal(rpc.answer(), {"jsonrpc": "2.0", "id": 0, "result": {"value": "pong"}})
        for params in ("[]", '"x"', "null", "7", '{"interval":"no"}', '{"interval":-1}', '{"interval":1e300}'):
            rpc.send('{"jsonrpc":"2.0","method":"ping","params":%s,"id":1}' % params)
            equal(rpc.answer()["result"], {"value": "pong"}, params)
        rpc.send('{"jsonrpc":"2.0","method":"ping","params":{"sessionId":"anything"},"id":1}')
        equal(rpc.answer()["result"], {"value": "pong", "sessionId": "anything"})


def case_inscore_turns_to_json_rpc(system):
    with WsClient("127.0.0.1", system.ws_port, "/") as ws:
        until(lambda: ws.request("version")["status"] == "OK", "first version")
        ws.send_text('{"method":"post","id":"p","data":"# \\"jsonrpc\\" is no member here"}')
        equal(ws.reply()["id"], "p")
        ws.send_text('{"jsonrpc":"2.0","id":1,"method":"version"}')
        check("result" in ws.reply())
        ws.send_text('{"method":"version","id":"9"}')
        equal(ws.reply()["error"]["code"], -32600)
    with WsClient("127.0.0.1", system.ws_port, "/") as ws:
        ws.send_text('[{"jsonrpc":"2.0","id":1,"method":"ping"}]')
        equal(ws.recv_json()[0]["result"], {"value": "pong"})


def case_the_address_names_the_scene(system):
    with ready(system) as rpc:
        rpc.call("post", {"data": "/fake/scene violin;"})
    with RpcClient(system.ws_port, "/rpc?scene=violin") as rpc:
        equal(rpc.call("version")["scene"], "violin")
        equal(rpc.call("version", {"scene": "scene"})["scene"], "scene")
    with RpcClient(system.ws_port, "/scenes/violin") as rpc:
        equal(rpc.call("subscribe")["scene"], "violin")
    with ready(system) as rpc:
        rpc.call("post", {"data": "/fake/gone violin;"})


def case_binary_messages_are_ignored(system):
    with ready(system) as rpc:
        rpc.send_frame(OP_BINARY, b'{"jsonrpc":"2.0","id":1,"method":"version"}')
        check(rpc.is_quiet())


def case_scenario_14_origins(system):
    port = system.ws_port
    for origin in (None, f"http://127.0.0.1:{port}", "http://127.0.0.1:9999"):
        with ready(system, headers={"Origin": origin} if origin else None) as rpc:
            equal(rpc.connect()["role"], "conduct", origin)
    for origin in ("http://elsewhere.example", "null", "http://127.0.0.2"):
        try:
            RpcClient(port, headers={"Origin": origin}).close()
            check(False, origin, "was accepted")
        except Refused as refused:
            equal(refused.status, 403)


@harness.with_options(ws_options=["--allow-origin", "http://page.example:81"])
def case_scenario_14_listed_origins(system):
    with ready(system, headers={"Origin": "HTTP://page.example:81/"}) as rpc:
        equal(rpc.connect()["role"], "conduct")
    try:
        RpcClient(system.ws_port, headers={"Origin": "http://page.example:82"}).close()
        check(False, "another port was accepted")
    except Refused as refused:
        equal(refused.status, 403)


def case_requests_and_answers_cross(system):
    """Answers of a slow call do not hold up what comes after it."""
    with ready(system) as rpc:
        posts = [rpc.start("post", {"data": system.touch_script()}) for _ in range(20)]
        equal(rpc.call("ping"), {"value": "pong"})
        results = [rpc.answer_to(i) for i in posts]
        check(all("result" in result for result in results), results)
        versions = [result["result"]["version"] for result in results]
        check(rpc.call("version")["version"] >= max(versions), versions)


if __name__ == "__main__":
    harness.main(globals(), renderers=("fake",), ws=True)
