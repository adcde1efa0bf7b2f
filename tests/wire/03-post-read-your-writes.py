#!/usr/bin/env python3
"""POST against the real renderer: the answer's version shows the change, here and through every other gateway
(issue "Read your writes"; language reference 7.5 for where things are)."""
import os
import threading

import harness
import png
from harness import check, equal, until

NEW_RED = "/ITL/scene/* del; /ITL/scene/r set rect 0.5 0.5; /ITL/scene/r color 255 0 0;"


def image(client, path="/"):
    answer = client.get(path)
    equal(answer.status, 200, path)
    return answer, png.read(answer.body)


def post(system, script):
    answer = system.http.post(script)
    equal(answer.status, 200, answer)
    check(answer.version is not None, "the answer tells no version:", answer)
    return answer.version


def case_picture_shows_what_was_posted(system):
    version = post(system, NEW_RED)
    answer, picture = image(system.http, f"/?version={version}")
    check(answer.version >= version, answer.version, version)
    equal((picture.width, picture.height), (540, 540), "default size (6.1)")
    # 0.5 x 0.5 in the middle: 135 px wide, from 202.5 to 337.5
    equal(picture.rgb(270, 270), (255, 0, 0), "middle")
    equal(picture.rgb(210, 210), (255, 0, 0), "inside")
    equal(picture.rgb(190, 270), (255, 255, 255), "left of it")
    equal(picture.rgb(270, 350), (255, 255, 255), "below it")


def case_answer_comes_when_this_gateway_holds_the_version(system):
    if len(system.http_ports) > 1:
        return
    for red in range(20):
        version = post(system, f"/ITL/scene/r set rect 0.5 0.5; /ITL/scene/r color {red} 7 7;")
        answer, picture = image(system.http)
        check(answer.version >= version, f"GET showed {answer.version}, POST said {version}")
        equal(picture.rgb(270, 270), (red, 7, 7), f"after post {red}")


def case_every_gateway_shows_it_when_asked_for_the_version(system):
    for green in range(5):
        version = post(system, f"/ITL/scene/r set rect 0.5 0.5; /ITL/scene/r color 9 {green} 9;")
        for gateway in system.gateways():
            answer, picture = image(gateway, f"/?version={version}")
            check(answer.version >= version, answer.version, version)
            equal(picture.rgb(270, 270), (9, green, 9), "through another gateway")


def case_post_that_changes_nothing_keeps_the_version(system):
    version = post(system, NEW_RED)
    equal(post(system, "/ITL/scene/r color 255 0 0;"), version, "same colour again")
    equal(post(system, "/ITL/scene/r x 0;"), version, "same place again")
    equal(post(system, "# only a comment\n"), version, "a comment")
    equal(post(system, "/ITL/scene/nobody* x 1;"), version, "a pattern that matches nothing (4.4)")
    check(post(system, "/ITL/scene/r x 0.1;") > version, "another place is another version")


def case_what_stands_before_an_error_is_executed(system):
    post(system, NEW_RED)
    answer = system.http.post("/ITL/scene/r color 0 0 255; /ITL/scene/r x ( ; /ITL/scene/r color 0 255 0;")
    equal(answer.status, 400, answer)
    check("syntax error" in answer.json()["error"] and "line 1" in answer.json()["error"], answer)
    _, picture = image(system.http, f"/?version={answer.version}" if answer.version else "/")
    equal(picture.rgb(270, 270), (0, 0, 255), "first statement done, third not (1.6)")


def case_errors_are_those_of_the_language(system):
    for script, words in (("/ITL/scene/nothing x 1;", "incorrect OSC address: /ITL/scene/nothing"),
                          ("/ITL/scene/q set nonsense 1;", "unknown object type: nonsense"),
                          ("/ITL/scene/r set rect 0.5 0.5; /ITL/scene/r x text;", "incorrect parameters: /ITL/scene/r x text")):
        answer = system.http.post(script)
        equal(answer.status, 400, script)
        check(words in answer.json()["error"], script, answer)


def case_a_burst_of_posts_is_all_there_in_the_end(system):
    post(system, "/ITL/scene/* del;")
    n, wrong = 60, []

    def send(i):
        answer = system.http.post(f"/ITL/scene/dot{i} set rect 0.02 0.02; /ITL/scene/dot{i} x {-0.9 + 0.03 * i:.2f};"
                                  f"/ITL/scene/dot{i} color {i} 0 200;")
        if answer.status != 200:
            wrong.append(str(answer))

    threads = [threading.Thread(target=send, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not wrong, wrong[:1])
    version = post(system, "/ITL/scene/last set rect 0.02 0.02; /ITL/scene/last y 0.5;")
    _, picture = image(system.http, f"/?version={version}")
    for i in range(n):
        equal(picture.rgb(round(270 + 270 * (-0.9 + 0.03 * i)), 270), (i, 0, 200), f"dot {i}")


def case_click_goes_where_it_was_and_its_effect_is_in_the_version(system):
    version = post(system, "/ITL/scene/* del; /ITL/scene/r set rect 0.5 0.5; /ITL/scene/r color 255 0 0;"
                           "/ITL/scene/m set rect 0.1 0.1; /ITL/scene/m y 0.8; /ITL/scene/m color 0 0 0;"
                           "/ITL/scene/r watch mouseDown ( /ITL/scene/m x '$sx', /ITL/scene/m color 0 200 0 );")
    image(system.http, f"/?version={version}")
    answer = system.http.post_form("/click", x=303, y=270)  # sx = 33 / 270
    equal(answer.status, 200, answer)
    check(answer.version is not None and answer.version > version, answer)
    _, picture = image(system.http, f"/?version={answer.version}")
    equal(picture.rgb(303, 486), (0, 200, 0), "the marker is under the click")
    equal(picture.rgb(270, 486), (255, 255, 255), "and no longer in the middle")


def case_click_passes_through_objects_without_handlers(system):
    post(system, "/ITL/scene/* del; /ITL/scene/r set rect 0.5 0.5; /ITL/scene/r color 255 0 0;"
                 "/ITL/scene/r watch mouseDown ( /ITL/scene/r color 0 0 255 );"
                 "/ITL/scene/glass set rect 0.2 0.2; /ITL/scene/glass color 10 10 10 40;")
    answer = system.http.post_form("/click", x=270, y=270)
    equal(answer.status, 200, answer)
    _, picture = image(system.http, f"/?version={answer.version}")
    equal(picture.rgb(220, 270), (0, 0, 255), "the object below (11.2)")


def case_click_on_something_without_handlers_is_success(system):
    version = post(system, NEW_RED)
    answer = system.http.post_form("/click", x=270, y=270)
    equal(answer.status, 200, answer)
    equal(answer.version, version, "nothing changed")
    answer = system.http.post_form("/click", x=5, y=5)
    equal(answer.status, 400, answer)
    equal(answer.json()["error"], "Unknown object", "empty place (web API 3.6)")
    for x, y in ((-5, 270), (100000, 100000)):
        equal(system.http.post_form("/click", x=x, y=y).status, 400, f"click at {x} {y}")


def case_hidden_objects_are_not_clicked(system):
    post(system, NEW_RED + "/ITL/scene/r watch mouseDown ( /ITL/scene/r x 1 ); /ITL/scene/r show 0;")
    equal(system.http.post_form("/click", x=270, y=270).status, 400, "hidden (8.1)")


@harness.only_in("one")  # behind a proxy each request may come from another connection: another client
def case_hover_enters_and_leaves(system):
    post(system, "/ITL/scene/* del; /ITL/scene/a set rect 0.2 0.2; /ITL/scene/a x -0.5; /ITL/scene/b set rect 0.2 0.2;"
                 "/ITL/scene/b x 0.5; /ITL/scene/a color 100 0 0; /ITL/scene/b color 100 0 0;"
                 "/ITL/scene/a watch mouseEnter ( /ITL/scene/a color 0 100 0 );"
                 "/ITL/scene/a watch mouseLeave ( /ITL/scene/a color 0 0 100 );"
                 "/ITL/scene/b watch mouseEnter ( /ITL/scene/b color 0 100 0 );")
    with system.http.connect() as connection:
        def hover(x, y):
            answer = connection.request("POST", "/hover", (harness.FORM,), harness.form(x=x, y=y))
            picture = image(system.http, f"/?version={answer.version}" if answer.version else "/")[1]
            return answer.status, picture.rgb(135, 270), picture.rgb(405, 270)
        equal(hover(135, 270), (200, (0, 100, 0), (100, 0, 0)), "over a")
        equal(hover(405, 270), (200, (0, 0, 100), (0, 100, 0)), "over b: a was left")


def case_a_score_that_triggers_itself_lets_others_in(system):
    post(system, "/ITL/scene/* del; /ITL/scene/r set rect 0.1 0.1; /ITL/scene/r watch TICK ( /ITL/scene/r dx 0.001,"
                 "/ITL/scene/r event TICK ); /ITL/scene/r event TICK;")
    first = system.scene_version()
    until(lambda: system.scene_version() > first + 3, "it runs by itself")
    version = post(system, "/ITL/scene/r watch TICK; /ITL/scene/r x 0.7;")
    _, picture = image(system.http, f"/?version={version}")
    equal(picture.rgb(270 + 189, 270), (0, 0, 0), "the post got through")
    last = {}

    def is_quiet():
        before, last["version"] = last.get("version"), system.scene_version()
        return before == last["version"]
    until(is_quiet, "it stops")


def case_several_scenes_have_their_own_pictures(system):
    post(system, "/ITL/violin new; /ITL/violin/r set rect 1 1; /ITL/violin/r color 1 2 3; /ITL/violin width 0.5;")
    answer = until(lambda: (lambda got: got if got.status == 200 else None)(system.http.get("/?scene=violin")), "its image")
    picture = png.read(answer.body)
    equal((picture.width, picture.height), (270, 540), "its size")
    equal(picture.rgb(135, 270), (1, 2, 3), "its object")
    post(system, "/ITL/violin del;")
    until(lambda: system.http.get("/?scene=violin").status == 404, "gone")
    equal(system.http.get("/").status, 200, "the other one stays")


def case_quit_is_refused(system):
    answer = system.http.post("/ITL quit;")
    equal(answer.status, 400, answer)
    check("quit" in answer.json()["error"], answer)
    post(system, "/ITL/scene/still set rect 0.1 0.1;")
    check(system.renderer.is_running(), "the renderer runs")


def case_deleting_the_last_scene_answers_and_goes_on(system):
    answer = system.http.post("/ITL/scene del;")
    check(answer.status in (200, 400), answer)
    post(system, "/ITL/scene new;")
    post(system, NEW_RED)
    until(lambda: image(system.http)[1].rgb(270, 270) == (255, 0, 0), "the new scene's picture")


def case_large_scripts_and_objects_are_linear_work(system):
    post(system, "/ITL/scene/* del;")
    script = "".join(f"/ITL/scene/o{i} set rect 0.01 0.01;\n" for i in range(2000))
    version = post(system, script)
    check(version is not None)
    post(system, "/ITL/scene/* del;")


def case_get_route_reads_files_inside_the_root_path_only(system):
    with open(f"{system.root}/page.txt", "w", encoding="ascii") as file:
        file.write("a page")
    equal(system.http.get("/page.txt").body, b"a page", "a file")
    for path in ("/../score.inscore", "/%2e%2e/score.inscore", "/..%2fscore.inscore", "//etc/passwd", "/page.txt%00",
                 "/..%5cscore.inscore"):
        check(system.http.get(path).status in (400, 404), path)
    above, folder = os.path.split(system.folder)
    for root, path in (("/etc", "/passwd"), ("/", "/etc/passwd"), (above, f"/{folder}/score.inscore")):
        system.http.post(f"/ITL rootPath '{root}';")
        equal(system.http.get(path).status, 404, f"{path} in {root}")
    system.http.post(f"/ITL rootPath '{system.root}';")
    equal(system.http.get("/page.txt").body, b"a page", "back again")


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"), renderers=("real",))
