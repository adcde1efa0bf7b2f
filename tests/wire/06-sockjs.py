#!/usr/bin/env python3
"""SockJS under /sockjs by raw HTTP: what the public protocol says, and its limits."""
import base64
import json
import os
import time

import harness
import sockjs
from harness import HttpClient, check, equal, until
from sockjs import Session, Stream, request
from wsclient import OP_BINARY, OP_TEXT, Closed, Refused, WsClient

HEARTBEAT = ["--sockjs-heartbeat", "300ms"]


def at(system):
    return HttpClient(system.ws_port)


def is_reply(message, number):
    return str(message.get("id")) == str(number)


def case_welcome_and_info(system):
    for path in ("/sockjs", "/sockjs/"):
        answer = at(system).get(path)
        equal((answer.status, answer.body), (200, b"Welcome to SockJS!\n"), path)
        check(answer.header("Content-Type").startswith("text/plain"), answer)
    entropies = set()
    for _ in range(3):
        answer = at(system).get("/sockjs/info")
        equal(answer.status, 200)
        check("no-store" in answer.header("Cache-Control"), answer)
        check(answer.header("Content-Type").startswith("application/json"), answer)
        info = answer.json()
        entropies.add(info.pop("entropy"))
        equal(info, {"websocket": True, "origins": ["*:*"], "cookie_needed": False})
    check(len(entropies) == 3 and all(0 <= entropy < 2 ** 32 for entropy in entropies), entropies)


def case_pages_of_the_own_host_get_their_headers(system):
    origin = ("Origin", "http://127.0.0.1:8000")
    session = Session(system.ws_port, open_it=False)
    for method, path in (("GET", "/sockjs/info"), ("POST", session.path + "/xhr"), ("GET", "/sockjs")):
        answer = at(system).request(method, path, (origin,), b"" if method == "POST" else None)
        equal(answer.status, 200, answer)
        equal(answer.header("Access-Control-Allow-Origin"), origin[1], path)
        equal(answer.header("Access-Control-Allow-Credentials"), "true", path)
        equal(answer.header("Vary"), "Origin", path)
    for path, method in (("/sockjs/info", "GET"), ("/sockjs/0/a/xhr", "POST"), ("/sockjs/0/a/xhr_send", "POST"),
                         ("/sockjs/0/a/xhr_streaming", "POST"), ("/sockjs/0/a/eventsource", "GET")):
        answer = at(system).request("OPTIONS", path, (origin, ("Access-Control-Request-Headers", "a, b")))
        equal((answer.status, answer.body), (204, b""), answer)
        equal(answer.header("Access-Control-Allow-Methods"), f"OPTIONS, {method}", path)
        equal(answer.header("Access-Control-Allow-Headers"), "a, b", path)
        check(int(answer.header("Access-Control-Max-Age")) > 1000000 and answer.header("Expires"), answer)
        check("public" in answer.header("Cache-Control"), answer)
    equal(at(system).get("/sockjs/info").header("Access-Control-Allow-Origin"), "*")


def case_what_is_not_there(system):
    for path in ("/sockjs/x", "/sockjs/a/b", "/sockjs//b/xhr", "/sockjs/a//xhr", "/sockjs/a.b/c/xhr", "/sockjs/a/b.c/xhr",
                 "/sockjs/a/b/xhr/", "/sockjs/a/b/c/xhr", "/sockjs/a/b/jsonp", "/sockjs/a/b/htmlfile", "/sockjs/iframe.html",
                 "/sockjs/a/" + "b" * 65 + "/xhr", "/sockjs/info/"):
        equal(at(system).request("POST", path, (), b"").status, 404, path)
        equal(at(system).request("OPTIONS", path).status, 404, path)
        try:
            WsClient("127.0.0.1", system.ws_port, path)
            check(False, path, "was upgraded")
        except Refused as refused:
            equal(refused.status, 404, path)
    equal(at(system).get("/sockjsx").status, 426)
    equal(at(system).request("POST", "/sockjs/a/unknown/xhr_send", (), b'["x"]').status, 404)


def case_wrong_methods_and_bodies(system):
    for method, path, allowed in (("GET", "/sockjs/a/b/xhr", "POST"), ("GET", "/sockjs/a/b/xhr_send", "POST"),
                                  ("PUT", "/sockjs/a/b/xhr", "POST"), ("POST", "/sockjs/info", "GET"),
                                  ("DELETE", "/sockjs", "GET"), ("POST", "/sockjs/a/b/eventsource", "GET")):
        answer = at(system).request(method, path, (), b"" if method == "POST" else None)
        equal((answer.status, answer.header("Allow")), (405, allowed + ", OPTIONS"), f"{method} {path}")
    for path in ("/sockjs/websocket", "/sockjs/a/b/websocket"):
        answer = at(system).get(path)
        equal((answer.status, answer.body), (400, b'Can "Upgrade" only to "WebSocket".'), path)
    session = Session(system.ws_port)
    for body, words in ((b"", b"Payload expected."), (b"x", b"Broken JSON encoding."), (b'["x"', b"Broken JSON encoding."),
                        (b'"x"', b"Broken JSON encoding."), (b"{}", b"Broken JSON encoding."), (b"[1]", b"Broken JSON encoding."),
                        (b'["\xff"]', b"Broken JSON encoding."), (b"[" * 100000, b"Broken JSON encoding."),
                        (b'["a"] x', b"Broken JSON encoding."), (b'[["a"]]', b"Broken JSON encoding.")):
        answer = session.post("xhr_send", body)
        equal((answer.status, answer.body), (500, words), body[:20])
    equal(session.post("xhr_send", b"[]").status, 204)
    check(is_reply(session.ask(1), 1), "the session lives on")


def case_xhr_asks_and_answers(system):
    session = Session(system.ws_port)
    check(is_reply(session.ask(1), 1))
    session.send(*(request(number) for number in range(2, 40)))
    for number in range(2, 40):
        session.reply(number)
    answer = session.post("xhr_send", json.dumps([json.dumps(request(40))]).encode())
    equal((answer.status, answer.body), (204, b""))
    check(is_reply(session.reply(40), 40))


def case_one_connection_serves_many_polls(system):
    session = Session(system.ws_port)
    with session.connect() as polls, session.connect() as sends:
        for number in range(1, 30):
            body = json.dumps([json.dumps(request(number))]).encode()
            equal(sends.request("POST", session.path + "/xhr_send", (), body).status, 204)
            got = []
            while not any(is_reply(message, number) for message in got):
                kind, value = sockjs.parse(polls.request("POST", session.path + "/xhr", (), b"").body[:-1])
                got += [json.loads(text) for text in value] if kind == "a" else []


def case_streams(system):
    for door in ("xhr_streaming", "eventsource"):
        session = Session(system.ws_port, open_it=False)
        with Stream(session, door) as stream:
            kind = {"xhr_streaming": "application/javascript", "eventsource": "text/event-stream"}[door]
            check(stream.answer.header("Content-Type").startswith(kind), stream.answer)
            check("no-store" in stream.answer.header("Cache-Control"), stream.answer)
            equal(stream.frame(), ("o", None), door)
            for number in range(1, 5):
                session.send(request(number))
                while not any(is_reply(message, number) for message in stream.messages()):
                    pass


def case_a_stream_ends_after_128_kib_and_goes_on(system):
    for door in ("xhr_streaming", "eventsource"):
        session = Session(system.ws_port)
        number, sizes = 0, []
        until(lambda at=session: "version" in json.dumps(at.ask(-1, "version")), "first version")
        for _ in range(2):
            with Stream(session, door) as stream:
                try:
                    while True:
                        number += 1
                        session.send(*[request(number, "image")] * 3)
                        got = 0
                        while got < 3:
                            got += sum(is_reply(message, number) for message in stream.messages())
                except EOFError:
                    sizes.append(stream.n_bytes)
            session.kept = []
        check(all(128 * 1024 <= size < 2 * 1024 * 1024 for size in sizes), door, sizes)


def case_framed_websocket(system):
    with WsClient("127.0.0.1", system.ws_port, "/sockjs/000/framed/websocket") as ws:
        equal(ws.recv_message(), (OP_TEXT, b"o"))

        def reply(number):
            while True:
                kind, value = sockjs.parse(ws.recv_message()[1])
                equal(kind, "a")
                equal(len(value), 1, value)
                if is_reply(json.loads(value[0]), number):
                    return
        ws.send_json([json.dumps(request(1))])
        reply(1)
        ws.send_json(json.dumps(request(2)))  # one string alone
        reply(2)
        ws.send_json([json.dumps(request(number)) for number in range(3, 30)])
        for number in range(3, 30):
            reply(number)
        ws.send_json([])
        ws.send_text("")
        half = json.dumps([json.dumps(request(30))]).encode()
        ws.send_frame(OP_TEXT, half[:7], fin=False)
        ws.send_frame(0, half[7:])
        reply(30)
    for broken in ('["x"', "[1]", "{}", "x"):
        with WsClient("127.0.0.1", system.ws_port, "/sockjs/000/framed/websocket") as ws:
            equal(ws.recv_message(), (OP_TEXT, b"o"))
            ws.send_text(broken)
            equal(ws.recv_message(), (OP_TEXT, b'c[1002,"no SockJS frame"]'), broken)
            equal(ws.wait_close(), (1002, "no SockJS frame"), broken)


def case_raw_websocket(system):
    with WsClient("127.0.0.1", system.ws_port, "/sockjs/websocket") as ws:
        ws.send_json(request(1))
        while not is_reply(ws.recv_json(), 1):
            pass
        ws.send_frame(OP_BINARY, b"ignored or refused, never fatal")


def case_two_receivers(system):
    session = Session(system.ws_port)
    with Stream(session, "xhr_streaming") as stream:
        equal(session.poll(), ("c", [2010, "Another connection still open"]))
        for door in ("eventsource", "xhr_streaming"):
            with Stream(session, door) as second:
                equal(second.frame(), ("c", [2010, "Another connection still open"]))
                check(second.connection.is_closed(), "the second one is ended")
        session.send(request(1))
        while not any(is_reply(message, 1) for message in stream.messages()):
            pass


def case_an_interrupted_receiver_ends_the_session(system):
    session = Session(system.ws_port)
    with Stream(session, "xhr_streaming"):
        pass
    until(lambda: session.post("xhr_send", b'["x"]').status == 404, "the end of the session")
    for _ in range(3):
        equal(session.poll(), ("c", [1002, "Connection interrupted"]))
    with Stream(session, "eventsource") as late:
        equal(late.frame(), ("c", [1002, "Connection interrupted"]))


def case_a_session_nobody_fetches_from_is_dropped(system):
    session = Session(system.ws_port)
    begun = time.monotonic()
    until(lambda: session.post("xhr_send", b'[""]').status == 404, "the end of the session")
    check(4.5 < time.monotonic() - begun < 9, time.monotonic() - begun)
    equal(session.poll(), ("o", None), "the same name again is a new session")


@harness.with_options(ws_options=HEARTBEAT)
def case_heartbeats(system):
    session = Session(system.ws_port)
    until(lambda: session.poll() == ("h", None), "xhr")
    for door in ("xhr_streaming", "eventsource"):
        with Stream(Session(system.ws_port), door) as stream:
            for _ in range(3):
                while stream.frame() != ("h", None):
                    pass
    with WsClient("127.0.0.1", system.ws_port, "/sockjs/000/beating/websocket") as ws:
        for _ in range(2):
            while ws.recv_message() != (OP_TEXT, b"h"):
                pass


@harness.with_options(ws_options=[*HEARTBEAT, "--idle-time", "1s"])
def case_a_silent_client_that_fetches_stays(system):
    session = Session(system.ws_port)
    polling = Session(system.ws_port)
    with Stream(session, "xhr_streaming") as stream:
        end = time.monotonic() + 3.5  # twice --idle-time and a look at all clients
        while time.monotonic() < end:
            check(stream.frame()[0] in "ah")
            check(polling.poll()[0] in "ah")


def picture(message):
    """Base64 of the picture in an INScore or JSON-RPC reply."""
    return message.get("image") or message["result"]["image"]


def case_pictures_come_whole(system):
    with WsClient("127.0.0.1", system.ws_port) as ws:
        until(lambda: ws.request("version")["status"] == "OK", "first version")
        expected = ws.image()[1]
    session = Session(system.ws_port)
    equal(base64.b64decode(picture(session.ask(1, "image"))), expected, "by xhr")
    with Stream(session, "eventsource") as stream:
        session.send(request(2, "image"))
        while not (got := [message for message in stream.messages() if is_reply(message, 2)]):
            pass
        equal(base64.b64decode(picture(got[0])), expected, "by eventsource")
    with WsClient("127.0.0.1", system.ws_port, "/sockjs/0/picture/websocket") as ws:
        equal(ws.recv_message(), (OP_TEXT, b"o"))
        ws.send_json([json.dumps(request(3, "image"))])
        while True:
            message = json.loads(sockjs.parse(ws.recv_message()[1])[1][0])
            if is_reply(message, 3):
                break
        equal(base64.b64decode(picture(message)), expected, "by framed WebSocket")


@harness.with_options(ws_options=["--max-small-message", "2KiB", "--max-message", "4KiB"])
def case_bodies_are_bounded(system):
    session = Session(system.ws_port)
    answer = session.post("xhr_send", json.dumps(["x" * 5000]).encode())
    equal(answer.status, 413, answer)
    check(is_reply(session.ask(1), 1), "the session lives on")
    proxied = (("X-Forwarded-For", "192.0.2.1"),)
    far = Session(system.ws_port, headers=proxied)
    equal(far.post("xhr_send", json.dumps(["x" * 3000]).encode()).status, 413)
    equal(far.post("xhr_send", json.dumps(["x" * 1000]).encode()).status, 204)
    with WsClient("127.0.0.1", system.ws_port, "/sockjs/0/large/websocket") as ws:
        equal(ws.recv_message(), (OP_TEXT, b"o"))
        ws.send_json(["x" * 5000])
        equal(ws.recv_message(), (OP_TEXT, b'c[1009,"message too big"]'))
        equal(ws.wait_close()[0], 1009)
    # too large by its very end: what is sent after the answer may reset the connection under it
    chunk = "100\r\n" + "x" * 256 + "\r\n"
    equal(chunked(session, '3\r\n["x\r\n' + chunk * 15 + "ff\r\n" + "x" * 255), 413)


def chunked(session, body, more="Transfer-Encoding: chunked\r\n"):
    """Status of an xhr_send with this body in chunks."""
    with session.connect() as connection:
        connection.send(f"POST {session.path}/xhr_send HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}\r\n")
        for byte in range(0, len(body), 7):
            try:
                connection.send(body[byte:byte + 7])
            except BrokenPipeError:
                break  # it was answered before the end
        return connection.read_head().status


def case_bodies_in_chunks(system):
    session = Session(system.ws_port)
    equal(chunked(session, '2\r\n["\r\n3;a=b\r\nabc\r\n02\r\n"]\r\n000\r\nA: b\r\n\r\n'), 204)
    equal(chunked(session, "0\r\n\r\n"), 500)
    for broken in ("x", "\r\n", "-1\r\n", "2\r\n[]x", "2\n[]", "00000002\r\n[]", "ffffffff\r\n", "2;" + "x" * 2000, " 2\r\n[]"):
        equal(chunked(session, broken), 400, broken[:20])
    equal(chunked(session, "0\r\n\r\n", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"), 400)
    equal(chunked(session, "0\r\n\r\n", "Transfer-Encoding: gzip, chunked\r\n"), 400)
    check(is_reply(session.ask(1), 1), "the session lives on")


@harness.with_options(ws_options=["--max-connections", "24"])
def case_sessions_are_bounded(system):
    answers = [Session(system.ws_port, open_it=False).post("xhr").status for _ in range(40)]
    check(answers.count(200) <= 24 and 503 in answers, answers)
    sockjs.end_all()
    until(lambda: Session(system.ws_port, open_it=False).post("xhr").status == 200, "room again")


def case_a_stranger_cannot_use_a_conductors_session(system):
    session = Session(system.ws_port)
    proxied = (("X-Forwarded-For", "192.0.2.1"),)
    for door in ("xhr", "xhr_send"):
        equal(session.post(door, b'["x"]', proxied).status, 403, door)
        equal(session.post(door, b'["x"]', (("Host", "rebound.example"),)).status, 403, door)
    check(is_reply(session.ask(1), 1), "the session lives on")


def case_a_reader_that_stops_costs_little(system):
    session = Session(system.ws_port)
    with Stream(session, "xhr_streaming"):
        before = system.wss[0].rss_kb()
        for number in range(60):
            answer = session.post("xhr_send", json.dumps([json.dumps(request(number, "image"))] * 4).encode())
            if answer.status in (404, 503):
                break
        check(system.wss[0].rss_kb() - before < 60000, system.wss[0].rss_kb() - before)


def case_noise_is_no_danger(system):
    keeper = Session(system.ws_port)
    for size in (1, 50, 500, 5000):
        with harness.Connection(system.ws_port) as connection:
            connection.send(b"POST /sockjs/0/noise/xhr_send HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + os.urandom(size))
            equal(connection.read_head().status, 404)
        with harness.Connection(system.ws_port) as connection:
            connection.send(b"POST /sockjs/0/" + os.urandom(size).replace(b"\n", b"x") + b"/xhr_send HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.socket.settimeout(0.2)
            try:
                connection.read_head()
            except (OSError, EOFError, ValueError, IndexError):
                pass
    for text in ('["' + "\\u0000" * 300 + '"]', '["\\ud800"]', '[""]', '["[[[[[[["]', '["{}","null","1","[]"]'):
        check(keeper.post("xhr_send", text.encode()).status in (204, 500), text[:20])
    check(is_reply(keeper.ask(99), 99), "the session lives on")


def cpu_s(program):
    with open(f"/proc/{program.process.pid}/stat", encoding="ascii") as stat:
        return sum(int(field) for field in stat.read().rpartition(")")[2].split()[11:13]) / os.sysconf("SC_CLK_TCK")


def case_bytes_while_an_answer_waits_end_the_connection(system):
    """The library would wake for ever over what it does not read."""
    for door in ("xhr_streaming", "eventsource"):
        with Stream(Session(system.ws_port), door) as stream:
            stream.connection.send("GET /sockjs HTTP/1.1\r\nHost: a\r\n\r\n")
            check(stream.connection.is_closed(2), door)
    streams = [Stream(Session(system.ws_port), "eventsource") for _ in range(5)]
    for stream in streams:
        stream.connection.socket.shutdown(1)
    for stream in streams:
        check(stream.connection.is_closed(2), "half closed")
    before, begun = cpu_s(system.wss[0]), time.monotonic()
    until(lambda: time.monotonic() - begun > 0.5, "half a second")
    check(cpu_s(system.wss[0]) - before < 0.3, "processor time of silence", cpu_s(system.wss[0]) - before)


def case_drain_tells_everybody(system):
    gateway = system.start_ws("--drain-time", "0s", *HEARTBEAT)
    port = system.ws_ports[-1]
    streams = [Stream(Session(port), door) for door in ("xhr_streaming", "eventsource")]
    with WsClient("127.0.0.1", port, "/sockjs/0/drained/websocket") as ws:
        equal(ws.recv_message(), (OP_TEXT, b"o"))
        gateway.signal(15)
        for stream in streams:
            while (frame := stream.frame())[0] != "c":
                pass
            equal(frame, ("c", [1001, "server stops"]))
        while (message := ws.recv_message())[1][:1] != b"c":
            pass
        equal(message[1], b'c[1001,"server stops"]')
        try:
            ws.recv_message()
            check(False, "is still open")
        except Closed as closed:
            equal(closed.code, 1001)
    equal(gateway.process.wait(harness.LIMIT_S), 0, "exit status")


def ending(case):
    def run(system):
        try:
            case(system)
        finally:
            sockjs.end_all()
    run.__name__ = case.__name__
    run.__dict__.update(case.__dict__)
    return run


for name, value in list(globals().items()):
    if name.startswith("case_"):
        globals()[name] = ending(value)
harness.main(globals(), ws=True, renderers=("real",))
