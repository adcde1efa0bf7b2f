#!/usr/bin/env python3
"""JSON-RPC sessions with raw sockets: scenarios 1 to 9, 12, 13 of the reference jsonrpc-session-protocol, chapter 20,
and what clients do wrong with sessions."""
import json
import signal

import harness
from harness import check, equal, until, with_options
from rpcclient import RpcClient, RpcError

SHORT = with_options(ws_options=["--session-timeout", "400ms"])


def client(system):
    return RpcClient(system.ws_port)


def ready(system):
    rpc = client(system)
    rpc.call("version")
    return rpc


def others(rpc, *known):
    """Sessions beside these, by their short names."""
    names = {session[:8] for session in known}
    return [one for one in rpc.call("presence")["clients"] if one["session"] not in names]


def lose(system, rpc):
    """Gone, and the gateway knows: what it sends before it does is lost."""
    rpc.drop()
    with client(system) as watcher:
        until(lambda: not [one for one in watcher.call("presence")["clients"]
                           if one["session"] == rpc.session[:8] and one["connected"]], "the loss is seen")


def case_scenario_1_a_socket_alone_is_no_session(system):
    with client(system) as watcher:
        watcher.connect()
        with client(system):
            equal(others(watcher, watcher.session), [])
        equal(others(watcher, watcher.session), [])


def case_scenario_2_who_stops_pinging_is_closed(system):
    with client(system) as rpc, client(system) as with_session:
        equal(rpc.call("ping", {"interval": 60}), {"value": "pong"})
        with_session.connect()
        equal(with_session.call("ping", {"interval": 60}), {"value": "pong"})
        equal(rpc.wait_close(5), (1000, "Close for not receive ping from client"))
        equal(with_session.wait_close(5)[0], 1000)
        with client(system) as again:  # the session waits all the same
            equal(again.call("connect", {"sessionId": with_session.session})["value"], "reconnection successful")


def case_a_new_interval_replaces_the_old(system):
    with client(system) as rpc:
        rpc.call("ping", {"interval": 100})
        rpc.call("ping", {"interval": 60000})
        try:
            rpc.take(0.6)
            check(False, "something came")
        except TimeoutError:
            pass
        rpc.call("version")


def case_the_interval_goes_with_the_session(system):
    with client(system) as rpc:
        rpc.connect()
        rpc.call("ping", {"interval": 300})
        with client(system) as again:
            again.connect(sessionId=rpc.session)
            equal(again.wait_close(5)[0], 1000, "it announced nothing itself and does not ping")


def case_scenario_3_connect_twice_is_one_session(system):
    with client(system) as rpc:
        first = rpc.connect(registerInfo={"name": "stand 1"})
        equal(first["value"], "OK")
        check(len(first["sessionId"]) >= 22, "128 bits")
        second = rpc.connect()
        equal((second["value"], second["sessionId"]), ("OK", first["sessionId"]))
        equal(rpc.call("version")["sessionId"], first["sessionId"])


def case_scenario_4_a_lost_session_comes_back(system):
    with ready(system) as rpc:
        rpc.connect(registerInfo={"name": "stand 2"})
        rpc.call("subscribe", {"frames": "base64", "period": 70})
        rpc.note("frame")
        rpc.drop()
        with client(system) as again:
            result = again.connect(sessionId=rpc.session)
            equal(result["value"], "reconnection successful")
            equal(result["subscriptions"], [{"scene": "scene", "frames": "base64", "period": 70}])
            again.note("frame")
            mine = [one for one in again.call("presence")["clients"] if one["session"] == rpc.session[:8]]
            equal(mine[0]["registerInfo"], {"name": "stand 2"})


@SHORT
def case_scenario_5_a_session_expires(system):
    with ready(system) as rpc, client(system) as watcher:
        watcher.connect()
        rpc.connect()
        rpc.drop()
        until(lambda: not others(watcher, watcher.session), "the end of the session")
        with client(system) as again:
            error = again.error("connect", {"sessionId": rpc.session})
            equal((error.code, error.message), (40007, "reconnection error"))
            equal(again.error("reconnect", {"sessionId": rpc.session}).code, 40007)
            equal(again.connect()["value"], "OK")
            check(again.session != rpc.session)


def case_scenario_6_closing(system):
    for method in ("closeSession", "close"):
        with client(system) as rpc, client(system) as again:
            rpc.connect()
            rpc.send('{"jsonrpc":"2.0","method":"%s","id":31}' % method)
            equal(rpc.answer(), {"jsonrpc": "2.0", "id": 31, "result": "bye"})
            equal(rpc.wait_close()[0], 1000)
            equal(again.error("connect", {"sessionId": rpc.session}).code, 40007)
    with client(system) as rpc:  # without a session the socket is closed as well
        equal(rpc.call("closeSession"), "bye")
        equal(rpc.wait_close()[0], 1000)


@with_options(ws_options=["--session-timeout", "60s"])
def case_scenario_7_answers_come_over_the_new_socket(system):
    with ready(system) as rpc:
        rpc.connect()
        system.fake("silent on")
        posts = [rpc.start("post", {"data": system.touch_script()}) for _ in range(3)]
        rpc.call("ping")  # they are under way
        lose(system, rpc)
        system.fake("silent off")
        with client(system) as again:
            again.rpc_id = rpc.rpc_id + 100
            again.connect(sessionId=rpc.session)
            for post in posts:
                answer = again.answer_to(post)
                check("result" in answer or answer["error"]["code"] == 50003, answer)


@with_options(ws_options=["--session-timeout", "60s"])
def case_what_is_kept_is_bounded_and_told(system):
    with ready(system) as rpc:
        rpc.connect()
        before = rpc.call("version")["version"]
        system.renderer.signal(signal.SIGSTOP)
        posts = [rpc.start("post", {"data": system.touch_script()}) for _ in range(100)]
        rpc.call("ping")
        lose(system, rpc)
        system.renderer.signal(signal.SIGCONT)
        with client(system) as probe:  # each post is answered when its version is here
            until(lambda: probe.call("version")["version"] >= before + 100, "all posts are shown")
        with client(system) as again:
            again.rpc_id = rpc.rpc_id + 1000
            again.connect(sessionId=rpc.session)
            lost = again.note("overflow")
            equal(lost, {"answers": 36, "notifications": 0})
            answered = {again.answer()["id"] for _ in range(64)}
            check(answered <= set(posts), answered)
            check(again.is_quiet())


def case_scenario_8_a_foreign_session_is_refused(system):
    with ready(system) as rpc, client(system) as other:
        other.connect()
        rpc.connect()
        for session in ("invented", other.session, "", "x" * 128):
            equal(rpc.error("version", {"sessionId": session}).code, 40007, session)
        equal(rpc.error("version", {"sessionId": 5}).data["field"], "sessionId")
        equal(rpc.call("version", {"sessionId": rpc.session})["sessionId"], rpc.session)
        equal(rpc.call("version", {"sessionId": None})["sessionId"], rpc.session)
        equal(other.call("version")["sessionId"], other.session)


def case_scenario_9_a_session_is_at_one_socket(system):
    with ready(system) as first, client(system) as second:
        first.connect()
        equal(second.connect(sessionId=first.session)["value"], "reconnection successful")
        equal(first.wait_close(), (4001, "session goes on over another connection"))
        equal(second.call("version")["sessionId"], first.session)


def case_two_take_a_session_from_each_other(system):
    """A guessed or stolen id: one of them has it at any time, nothing else happens."""
    with client(system) as rpc:
        session = rpc.connect()["sessionId"]
        for _ in range(20):
            taker = client(system)
            taker.connect(sessionId=session)
            equal(rpc.wait_close()[0], 4001)
            rpc.close()
            rpc = taker
        equal(rpc.call("version")["sessionId"], session)
        rpc.close()


def case_who_takes_up_another_session_ends_his_own(system):
    with ready(system) as rpc, client(system) as other:
        rpc.connect()
        other.connect()
        own = other.session
        equal(other.connect(sessionId=rpc.session)["sessionId"], rpc.session)
        with client(system) as third:
            equal(third.error("connect", {"sessionId": own}).code, 40007)


def case_scenario_13_second_answers_and_order(system):
    with ready(system) as rpc:
        system.fake("delay 50")
        slow = [rpc.start("post", {"data": system.touch_script()}) for _ in range(3)]
        fast = rpc.start("version")
        rpc.answer_to(fast)
        for post in slow:
            check("result" in rpc.answer_to(post))
        system.fake("delay 0")
        check(rpc.is_quiet())


def applied(rpc):
    """How many posts the renderer has done; 0 while it does not answer."""
    try:
        return rpc.call("log")["log"].count("post")
    except RpcError:
        return 0


def case_a_repeated_post_is_done_once(system):
    with ready(system) as rpc:
        rpc.connect()
        before = applied(rpc)
        text = json.dumps({"jsonrpc": "2.0", "id": 900, "method": "post", "params": {"data": "/fake/touch;"}})
        rpc.send(text)
        first = rpc.answer_to(900)
        rpc.send(text)
        equal(rpc.answer_to(900), first)
        equal(applied(rpc), before + 1)
        rpc.send(text.replace("touch", "touch "))  # other params: another request
        rpc.answer_to(900)
        equal(applied(rpc), before + 2)
        # Sent again over another connection, whose connect counts on.
        rpc.drop()
        with client(system) as again:
            again.rpc_id = 901
            again.connect(sessionId=rpc.session)
            again.send(text)
            equal(again.answer_to(900), first)
            equal(applied(again), before + 2)


def case_a_page_loaded_again_is_not_taken_for_a_repetition(system):
    with ready(system) as rpc:
        rpc.rpc_id = 10
        rpc.connect()
        rpc.call("post", {"data": "/fake/touch;"})  # its id is 12
        before = applied(rpc)
        rpc.drop()
        with client(system) as page:  # counts from 0 again
            page.connect(sessionId=rpc.session)
            page.rpc_id = 11
            page.call("post", {"data": "/fake/touch;"})
            equal(applied(page), before + 1)


def case_a_repetition_under_way_gets_one_answer(system):
    with ready(system) as rpc:
        rpc.connect()
        system.fake("delay 100")
        text = json.dumps({"jsonrpc": "2.0", "id": 900, "method": "post", "params": {"data": "/fake/touch;"}})
        rpc.send(text)
        rpc.send(text)
        rpc.answer_to(900)
        system.fake("delay 0")
        check(rpc.is_quiet())


@with_options(ws_options=["--max-sessions", "3"])
def case_sessions_are_limited(system):
    rpcs = [client(system) for _ in range(3)]
    for rpc in rpcs:
        rpc.connect()
    with client(system) as one_more:
        equal(one_more.error("connect").code, 40029)
        equal(one_more.error("version").code, 40029)
        equal(one_more.call("ping"), {"value": "pong"})
        rpcs[0].call("closeSession")
        equal(one_more.connect()["value"], "OK")
    for rpc in rpcs:
        rpc.close()


def case_sockets_vanish_in_every_state(system):
    """Nothing is left of them but sessions that wait."""
    with ready(system) as watcher:
        watcher.connect()
        for step in range(6):
            for _ in range(10):
                rpc = client(system)
                if step > 0:
                    rpc.connect()
                if step > 1:
                    rpc.call("subscribe", {"frames": "base64"})
                if step > 2:
                    rpc.start("post", {"data": system.touch_script()})
                if step > 3:
                    rpc.start("image")
                if step > 4:
                    rpc.start("closeSession")
                rpc.drop()
        watcher.call("version")
        until(lambda: all(not one["connected"] for one in others(watcher, watcher.session)), "all are seen to be gone")


@SHORT
def case_sessions_in_masses_come_and_go(system):
    with ready(system) as watcher:
        watcher.connect()
        for _ in range(20):
            rpcs = [client(system) for _ in range(20)]
            for rpc in rpcs:
                rpc.send('{"jsonrpc":"2.0","id":1,"method":"connect"}')
            for rpc in rpcs:
                rpc.answer()
                rpc.close()
        until(lambda: not others(watcher, watcher.session), "all have expired")


if __name__ == "__main__":
    harness.main(globals(), renderers=("fake",), ws=True)
