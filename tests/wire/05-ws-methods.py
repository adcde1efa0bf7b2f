#!/usr/bin/env python3
"""The INScore dialect over WebSocket, row by row (web API reference, sections 3, 7 and 8)."""
import base64
import json
import os

import harness
import png
from harness import check, equal, until
from wsclient import OP_BINARY, OP_CONT, OP_PING, OP_TEXT, Refused, WsClient


def connect(system, path="/", **options):
    return WsClient("127.0.0.1", system.ws_port, path, **options)


def ready(system):
    """A client of a gateway that has the score."""
    ws = connect(system)
    until(lambda: ws.request("log")["status"] == "OK", "the renderer answers")
    until(lambda: ws.request("version")["status"] == "OK", "first version")
    return ws


def case_version_is_an_integer(system):
    with ready(system) as ws:
        ws.send_text('{"method": "version", "id": "v"}')
        reply = ws.reply()
        equal(list(reply), ["id", "status", "version"], "keys in order")
        check(isinstance(reply["version"], int), reply)


def case_ids_come_back_as_strings(system):
    with ready(system) as ws:
        for sent, expected in (('"abc"', "abc"), ("7", "7"), ("-3", "-3"), (r'"\u00e9\""', 'é"')):
            ws.send_text('{"id": %s, "method": "version"}' % sent)
            equal(ws.reply()["id"], expected)


def case_no_usable_id_is_a_bad_request(system):
    with ready(system) as ws:
        for part in ("", '"id": "",', '"id": 1.5,', '"id": true,', '"id": null,', '"id": {},'):
            ws.send_text('{%s "method": "version"}' % part)
            equal(ws.reply(), {"id": "", "status": "ERROR", "error": "Bad request"}, part)


def case_unknown_methods_are_bad_requests_with_their_id(system):
    with ready(system) as ws:
        for part in ('"method": "nothing"', '"method": 7', '"other": "version"'):
            ws.send_text('{"id": 9, %s}' % part)
            equal(ws.reply(), {"id": "9", "status": "ERROR", "error": "Bad request"}, part)


def case_unknown_fields_are_ignored_and_the_first_of_a_key_wins(system):
    with ready(system) as ws:
        ws.send_text('{"x": [{}], "id": 1, "id": 2, "method": "version", "method": "none", "y": 3}')
        reply = ws.reply()
        equal((reply["id"], reply["status"]), ("1", "OK"))


def case_image_is_the_picture_in_base64(system):
    with ready(system) as ws:
        reply = ws.request("image")
        equal(list(reply), ["id", "status", "version", "mimeType", "image"], "keys in order")
        equal(reply["mimeType"], "image/png")
        data = base64.b64decode(reply["image"], validate=True)
        check("\n" not in reply["image"])
        png.read(data)
        equal(ws.request("version")["version"], reply["version"])


def case_post_runs_a_script_and_shows_it(system):
    with ready(system) as ws:
        before = ws.request("version")["version"]
        reply = ws.request("post", data=system.touch_script())
        equal(reply, {"id": reply["id"], "status": "OK"})
        version, _ = ws.image()
        check(version > before, "the image that follows shows the post", before, version)


def case_post_reports_the_errors_of_the_script(system):
    with ready(system) as ws:
        reply = ws.request("post", data=system.error_script)
        equal(list(reply), ["id", "status", "error"], "keys in order")
        equal(reply["status"], "ERROR")
        check(len(reply["error"]) > 0, reply)


def case_post_without_data_is_a_bad_request(system):
    with ready(system) as ws:
        equal(ws.request("post")["error"], "Bad request")
        equal(ws.request("post", data=7)["error"], "Bad request")


@harness.only_with("real")
def case_post_decodes_json_escapes(system):
    with ready(system) as ws:
        script = '/ITL/scene/esc set txt "a \\"b\\" é";\n/ITL/scene/esc x 0.1;'
        equal(ws.request("post", data=script)["status"], "OK")


@harness.only_with("real")
def case_what_stands_before_a_syntax_error_is_executed(system):
    with ready(system) as ws:
        before = ws.request("version")["version"]
        reply = ws.request("post", data="/ITL/scene/half set rect 0.2 0.3;\n/ITL/scene/( oops")
        equal(reply["status"], "ERROR")
        check("line 2" in reply["error"], reply)
        check(ws.request("version")["version"] > before, "the rectangle is drawn")
        ws.request("post", data="/ITL/scene/half del;")


def case_click_and_hover_hit_or_miss(system):
    with ready(system) as ws:
        for method in ("click", "hover"):
            x, y = system.hit
            equal(ws.request(method, x=x, y=y)["status"], "OK", method)
            reply = ws.request(method, x=1000000, y=y)
            equal((reply["status"], reply["error"]), ("ERROR", "Unknown object"), method)
            for fields in ({"x": 12.0, "y": 3}, {"x": "12", "y": 3}, {"x": 12}, {}, {"x": -1, "y": 3}):
                equal(ws.request(method, **fields)["error"], "Bad request", f"{method} {fields}")


def case_file_is_served_inside_the_root(system):
    data = bytes(range(256)) * 9000  # more than one piece
    with open(os.path.join(system.root, "blob.png"), "wb") as file:
        file.write(data)
    with ready(system) as ws:
        reply = ws.request("file", path="blob.png")
        equal(list(reply), ["id", "status", "mimeType", "file"], "keys in order")
        equal(reply["mimeType"], "image/png")
        check(base64.b64decode(reply["file"], validate=True) == data, "bytes")
        for path in ("nothing.txt", "../score.inscore", "/etc/hosts", "", ".", "a\\..\\b", "x" * 5000):
            equal(ws.request("file", path=path).get("error"), "File not found", path)
        for path in (None, 7, [], {}):
            equal(ws.request("file", path=path)["error"], "Bad request", str(path))
        equal(ws.request("file")["error"], "Bad request")


def case_log_is_a_text(system):
    with ready(system) as ws:
        reply = ws.request("log")
        equal(list(reply), ["id", "status", "log"], "keys in order")
        check(isinstance(reply["log"], str))


def case_malformed_messages_are_bad_requests(system):
    with ready(system) as ws:
        for text in ("", "x", "[]", "7", '{"id": 1, "method": "version"', "\0", '{"id": 007}',
                     '{"id":1,"method":"post","data":"a\0b"}', "[" * 10000, '{"a":' * 10000):
            ws.send_text(text)
            equal(ws.reply(), {"id": "", "status": "ERROR", "error": "Bad request"}, text[:20])


def case_invalid_utf8_closes_with_1007(system):
    with ready(system) as ws:
        ws.send_text(b'{"id": "\xff\xfe", "method": "version"}')
        equal(ws.wait_close()[0], 1007)
    with ready(system) as ws:
        ws.send_text(b'{"id": "\xc3')
        equal(ws.wait_close()[0], 1007)


def case_binary_messages_are_ignored(system):
    with ready(system) as ws:
        ws.send_frame(OP_BINARY, b'{"id": 1, "method": "version"}')
        equal(ws.request("version")["status"], "OK")


def case_fragments_and_pings_in_between(system):
    with ready(system) as ws:
        text = b'{"id": "f", "method": "version"}'
        ws.send_frame(OP_TEXT, text[:5], fin=False)
        ws.send_frame(OP_PING, b"hello")
        for i in range(5, len(text)):
            ws.send_frame(OP_CONT, text[i:i + 1], fin=i == len(text) - 1)
        equal(ws.reply()["id"], "f")
        check(b"hello" in ws.pongs, "the ping was answered")


def case_empty_fragments_are_fragments(system):
    with ready(system) as ws:
        text = b'{"id": "f", "method": "version"}'
        for parts in ((b"", text), (text, b""), (b"", b"", text[:9], b"", text[9:], b"")):
            for i, part in enumerate(parts):
                ws.send_frame(OP_TEXT if i == 0 else OP_CONT, part, fin=i == len(parts) - 1)
            equal(ws.reply()["id"], "f", str(parts))
        for parts in ((b"",), (b"", b"")):
            for i, part in enumerate(parts):
                ws.send_frame(OP_TEXT if i == 0 else OP_CONT, part, fin=i == len(parts) - 1)
            equal(ws.reply()["error"], "Bad request", str(parts))


def case_protocol_errors_close_and_hurt_nobody(system):
    with ready(system) as good:
        for opcode, payload in ((0x3, b""), (OP_PING, b"x" * 126), (OP_CONT, b"x")):
            with connect(system) as bad:
                bad.send_frame(opcode, payload)
                code, _ = bad.wait_close()
                check(code in (1002, None), opcode, code)
        equal(good.request("version")["status"], "OK")


def case_requests_in_a_row_are_answered_in_order(system):
    with ready(system) as ws:
        messages = b"".join(ws.frame(OP_TEXT, json.dumps(
            {"id": i, "method": "post" if i % 10 == 0 else "version", "data": system.touch_script()}).encode())
            for i in range(200))
        ws.sock.sendall(messages)
        equal([ws.reply()["id"] for _ in range(200)], [str(i) for i in range(200)])


def case_any_path_is_accepted(system):
    for path in ("/", "/anything/at/all", "/x?y=z", "/?scene=scene", "/scenes/scene"):
        with connect(system, path) as ws:
            until(lambda client=ws: client.request("version")["status"] == "OK", path)
    try:
        connect(system, "/?scene=" + "x" * 100)
        check(False, "a scene name over the limit was accepted")
    except Refused as refused:
        equal(refused.status, 400)


def case_a_plain_request_is_told_to_upgrade(system):
    answer = harness.HttpClient(system.ws_port).get("/", ("Connection", "close"))
    equal(answer.status, 426)


@harness.only_with("real")
def case_each_scene_has_its_own_image_and_version(system):
    with ready(system) as ws:
        equal(ws.request("post", data="/ITL/violin new; /ITL/violin/t set rect 0.5 0.5;")["status"], "OK")
        with connect(system, "/?scene=violin") as violin:
            version, data = violin.image()
            check(version > 0)
            png.read(data)
            before = ws.request("version")["version"]
            equal(violin.request("post", data="/ITL/violin/t angle 20;")["status"], "OK")
            check(violin.image()[0] > version, "violin has moved")
            equal(ws.request("version")["version"], before, "the other scene has not")


def case_a_scene_that_is_not_there_has_no_image(system):
    with ready(system), connect(system, "/?scene=nowhere") as ws:
        reply = ws.request("image")
        equal((reply["status"], reply["error"]), ("ERROR", "Cannot create score image"))


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"), ws=True)
