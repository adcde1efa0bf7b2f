#!/usr/bin/env python3
"""Each process killed and started again: versions never go back, the epoch stays, gateways come back by themselves."""
import signal
import threading

import harness
import png
from harness import check, equal, until
from wsclient import WsClient

RED = "/ITL/scene/r set rect 0.5 0.5; /ITL/scene/r color 255 0 0;"


def etag_epoch(system):
    return system.http.get("/").header("ETag").strip('W/"').split("-")[0]


def post(system, script):
    answer = system.http.post(script)
    equal(answer.status, 200, answer)
    return answer.version


def is_current(system):
    answer = system.http.get("/")
    return answer.status == 200 and answer.header("Warning") is None and \
        answer.header("X-Leggio-Stale-Since") is None


def wait_changes(system, version_before, limit_s=harness.LIMIT_S):
    """Posts until one is taken again; its version must be above all that were seen."""
    answer = until(lambda: (lambda got: got if got.status == 200 else None)(system.http.post(RED + "/ITL/scene/r dx 0.01;")),
                   "a post is taken again", limit_s)
    check(answer.version > version_before, f"version {answer.version} after {version_before}")
    return answer.version


def case_renderer_killed_goes_on_above_all_versions(system):
    version = post(system, RED)
    epoch = etag_epoch(system)
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        for i in range(5):
            version = post(system, f"/ITL/scene/r color {i} 1 1;")
        if number == signal.SIGKILL:
            system.renderer.kill()
        else:
            equal(system.renderer.stop(), 0, "exit status after SIGTERM")
        answer = system.http.get("/")
        equal(answer.status, 200, "the last frame is served on")
        equal(png.read(answer.body).rgb(270, 270), (4, 1, 1), "and is the last one")
        system.start_renderer()
        version = wait_changes(system, version, 5)
        until(lambda: is_current(system), "gateway is current", 5)
        equal(etag_epoch(system), epoch, "epoch")


def case_posts_while_the_renderer_is_away_are_refused(system):
    system.renderer.kill()
    until(lambda: not is_current(system), "the gateway notices")
    answer = system.http.post(RED)
    equal(answer.status, 503, answer)
    check(answer.header("Retry-After") is not None, "Retry-After", answer)
    equal(system.http.get("/").status, 200, "the picture is served on")
    system.start_renderer()
    wait_changes(system, 0)


def case_a_post_under_way_is_applied_by_the_next_renderer(system):
    version = post(system, RED)
    system.renderer.kill()
    answers = []
    poster = threading.Thread(target=lambda: answers.append(system.http.post(RED + "/ITL/scene/r x 0.5;")))
    poster.start()
    system.start_renderer()
    poster.join(harness.LIMIT_S)
    check(answers, "no answer")
    if answers[0].status == 200:  # else it was refused: nothing is in between
        check(answers[0].version > version, answers[0])
    else:
        equal(answers[0].status, 503, answers[0])


def case_a_lost_state_is_another_epoch(system):
    post(system, RED)
    epoch = etag_epoch(system)
    system.renderer.stop()
    harness.shutil.rmtree(f"{system.folder}/state")
    system.start_renderer()
    until(lambda: etag_epoch(system) != epoch, "the new epoch")
    post(system, RED)


def case_gateway_killed_comes_back_with_the_newest_frame(system):
    version = post(system, RED)
    for program in list(system.https):
        program.kill()
    system.https.clear()
    system.http_ports.clear()
    system.start_http()
    client = harness.HttpClient(system.http_ports[0])
    answer = until(lambda: (lambda got: got if got.status == 200 else None)(client.get("/")), "an image", 5)
    check(answer.version >= version, answer.version, version)
    system.http = client
    post(system, RED + "/ITL/scene/r x 0.2;")


def case_gateways_may_start_before_the_renderer(system):
    system.renderer.stop()
    program = system.start_http()
    client = harness.HttpClient(system.http_ports[-1])
    check(program.is_running(), "it waits")
    answer = client.get("/")
    check(answer.status in (503, 404), "no frame yet", answer)
    system.start_renderer()
    until(lambda: client.get("/").status == 200, "its first image", 5)


def case_two_renderers_do_not_share_a_state_folder(system):
    program = system.start_program([harness.tool("leggio-renderer"), "--feed", "tcp://127.0.0.1:0", "--calls",
                                    "tcp://127.0.0.1:0", "--state", f"{system.folder}/state"])
    equal(program.process.wait(harness.LIMIT_S), 1, "exit status")
    check("another renderer" in program.log_text(), program.log_text())


@harness.with_options(n_ws=1)
def case_websocket_gateway_killed_comes_back_and_notifies(system):
    version = post(system, RED)
    port = system.ws_ports[0]
    system.wss[0].kill()
    system.start_program([harness.tool("leggio-ws"), "--listen", f"127.0.0.1:{port}", "--feed", system.feed, "--calls",
                          system.calls]).wait_line("listening ws")
    with WsClient("127.0.0.1", port) as ws:
        until(lambda: ws.request("version").get("version", 0) >= version, "its version", 5)
        version = post(system, RED + "/ITL/scene/r x 0.3;")
        equal(ws.wait_notification(version)[-1], version, "notified")
        system.renderer.kill()
        system.start_renderer()
        newer = wait_changes(system, version, 5)
        ws.wait_notification(newer)  # on the same connection
        check(ws.image()[0] >= newer, "its image")


@harness.with_options(renderer_options=("--allow-quit",))
def case_quit_answers_the_poster_and_ends_the_renderer(system):
    for script in ("/ITL quit;", "/ITL/scene del;"):
        answer = system.http.post(script)
        equal(answer.status, 200, answer)
        equal(system.renderer.process.wait(harness.LIMIT_S), 0, f"exit status after {script}")
        system.start_renderer()
        wait_changes(system, 0)


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), renderer_options=("--max-fps", "1000"))
