#!/usr/bin/env python3
"""Scripts that would keep the score busy for ever: each gets its answer, and the
others are served meanwhile."""
import threading

import harness
from harness import FORM, check, equal, form, until


def post(system, script, limit_s=60):
    with system.http.connect(limit_s=limit_s) as connection:
        return connection.request("POST", "/", [FORM], form(data=script))


def case_a_script_that_loads_itself_twice_is_stopped(system):
    with open(f"{system.root}/twice.inscore", "w", encoding="ascii") as file:
        file.write("/ITL load twice.inscore; /ITL load twice.inscore;")
    answers = []
    poster = threading.Thread(target=lambda: answers.append(post(system, "/ITL load twice.inscore;")))
    poster.start()
    n_served = 0
    while poster.is_alive():
        answer = system.http.get("/image")
        check(answer.status == 200 and answer.header("X-Leggio-Stale-Since") is None, answer)
        n_served += 1
        poster.join(0.05)
    check(n_served > 10, n_served)
    if answers[0].status == 503:  # on a busy machine the gateway waits 30 s for these 10 s of processor time
        until(lambda: "stopped after" in system.http.get("/log").text, "it is stopped", limit_s=60)
    else:
        equal(answers[0].status, 400, answers[0])
        check("stopped after" in answers[0].json()["error"], answers[0])
    check(post(system, system.touch_script()).status == 200)


def case_events_of_all_objects_on_all_objects_leave_room_for_posts(system):
    make = "".join(f"/ITL/scene/many{i} set rect 0.01 0.01;" for i in range(2000))
    check(post(system, make).status == 200)
    storm = "/ITL/scene/many* watch A ( /ITL/scene/many* y 0.35 ); /ITL/scene/many* event A;"
    until(lambda: post(system, storm).status == 200, "the storm is taken")
    for _ in range(5):
        answer = post(system, system.touch_script(), limit_s=10)
        check(answer.status == 200, answer)
    check(post(system, "/ITL/scene/many* del;").status == 200)


def case_scenes_share_a_bound_of_pixels(system):
    for i in range(2):
        answer = post(system, f"/ITL/big{i} new; /ITL/big{i} width 15.; /ITL/big{i} height 14.;")
        check(answer.status == 200, answer)
    answer = post(system, "/ITL/big2 new; /ITL/big2 width 15.; /ITL/big2 height 14.;")
    check(answer.status == 400 and "scenes are too large" in answer.json()["error"], answer)
    check(system.renderer.rss_kb() < 1_200_000, system.renderer.rss_kb())
    check(post(system, "/ITL/big* del;").status == 200)
    answer = post(system, "/ITL/big2 new; /ITL/big2 width 15.; /ITL/big2 height 14.;")
    check(answer.status == 200, answer)
    check(post(system, "/ITL/big2 del;").status == 200)


def case_servers_beyond_the_limit_are_told(system):
    ports = [harness.free_port() for _ in range(70)]
    script = "".join(f"/ITL/scene/h{i} set httpd {port};" for i, port in enumerate(ports))
    check(post(system, script).status == 200)
    until(lambda: "too many servers (limit 64), 6 are not started" in system.http.get("/log").json()["log"])
    check(post(system, "/ITL/scene/h* del;").status == 200)
    until(lambda: not any(harness.accepts(port) for port in ports))


harness.main(globals(), renderers=("real",))
