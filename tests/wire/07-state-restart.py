#!/usr/bin/env python3
"""A restart goes on with the score: what was answered is there, time goes on or stands, what waited still waits, a request is
applied once also across a crash; when a new score begins instead (docs/renderer.md, State)."""
import os
import shutil
import sqlite3
import time

import harness
import png
import zmtp
from harness import check, equal, until
from zmtp import GET, POST, Peer

CONDUCT = 3


class Asker:
    """Queries by a raw call: what the score itself says."""

    def __init__(self, system):
        self.system, self.number, self.counter = system, int.from_bytes(os.urandom(6), "big") + 1, 0

    def call(self, kind, text):
        self.counter += 1
        with Peer(self.system.calls) as peer:
            return peer.call(gateway_id=self.number, counter=self.counter, kind=kind, role=CONDUCT, text=text.encode())

    def get(self, text):
        reply = self.call(GET, text)
        equal(reply["code"], "ok", reply)
        return reply["text"].strip()

    def post(self, text):
        reply = self.call(POST, text)
        equal(reply["code"], "ok", reply)
        return reply["version"]


def crash(system):
    system.renderer.kill()
    system.start_renderer()


def stop(system):
    equal(system.renderer.stop(), 0)
    system.start_renderer()


def databases(system):
    return sorted(name for name in os.listdir(f"{system.folder}/state") if name.endswith(".db"))


SETTLED = """
/ITL/scene/a set txt "some words"; /ITL/scene/a x 0.123456789; /ITL/scene/a color 1 2 3 200;
/ITL/scene/a watch mouseDown ( /ITL/scene/b set rect 0.1 0.1 ); /ITL/scene/a push; /ITL/scene/a watch;
/ITL/scene/a watch ONE ( /ITL/scene/b set rect 0.3 0.3 );
/ITL/scene/a alias '/pos' 'x[0,127]' 'y';
/ITL/scene/signal/s 0.1 0.2 0.3; /ITL/scene/signal connect s "a:dalpha";
/ITL/violin new; /ITL/violin/c set layer; /ITL/violin/c/d set ellipse 0.5 0.2; /ITL/violin color 200 100 50;
/ITL defaultShow 0; /ITL rate 20;
"""


def case_the_score_is_what_it_was(system):
    ask = Asker(system)
    ask.post(SETTLED)
    # the rest of a name is a query of its own; times and ports belong to the process
    queries = ("/ITL/scene *", "/ITL/violin *", "/ITL/scene/a watch", "/ITL/scene/a stack", "/ITL/scene/a alias",
               "/ITL/scene/signal", "/ITL defaultShow", "/ITL rate", "/ITL scenes")
    before = {query: ask.get(query) for query in queries}
    for again in (crash, crash, stop, crash, stop):
        again(system)
        for query in queries:
            equal(ask.get(query), before[query], f"{query} after {again.__name__}")
    ask.post("/ITL/scene/a pop; /ITL/scene/a event mouseDown 1. 1.;")
    until(lambda: "rect 0.1" in ask.get("/ITL/scene/b"), "the pushed events came back")
    ask.post("/pos 127 0.5;")
    equal(ask.get("/ITL/scene/a x"), "/ITL/scene/a x 1.0;")


def case_time_goes_on_over_a_crash_and_stands_over_a_stop(system):
    ask = Asker(system)

    def date():
        return float(eval(ask.get("/ITL/scene/t date").split("date ")[1].rstrip(";").replace(" ", "/")))
    ask.post("/ITL/scene/t set rect 0.1 0.1; /ITL/scene/t date 0; /ITL/scene/t tempo 240.;")  # a whole note a second
    start, first = time.monotonic(), date()
    system.renderer.kill()
    time.sleep(0.5)  # the absence is what is measured
    system.start_renderer()
    passed, moved = time.monotonic() - start, date() - first
    check(passed - 0.3 < moved < passed + 0.3, f"{moved} whole notes in {passed} s")
    equal(system.renderer.stop(), 0)
    time.sleep(1.0)
    start = time.monotonic()
    system.start_renderer()
    before = moved + first
    passed, moved = time.monotonic() - start, date() - before
    check(moved < passed + 0.5, f"{moved} whole notes over a stop, {passed} s after it")


def case_delayed_messages_come_after_a_crash(system):
    ask = Asker(system)
    ask.post("/ITL/scene/late set txt no; /ITL after 1500 ( /ITL/scene/late set txt yes ); "
             "/ITL after 600000 ( /ITL/scene/late set txt never );")
    crash(system)
    equal(ask.get("/ITL/scene/late"), "/ITL/scene/late set txt no;")
    until(lambda: ask.get("/ITL/scene/late") == "/ITL/scene/late set txt yes;", "it came")


def case_a_request_is_applied_once_across_a_crash(system):
    ask = Asker(system)
    ask.post("/ITL/scene/m set rect 0.1 0.1; /ITL/scene/m x 0;")
    fields = {"gateway_id": ask.number, "counter": 5000, "kind": POST, "role": CONDUCT, "text": b"/ITL/scene/m dx 0.01;"}
    bad = {**fields, "counter": 5001, "text": b"/ITL/scene/m dx 0.01; /ITL/scene/m nonsense 1;"}
    with Peer(system.calls) as peer:
        first, wrong = peer.call(**fields), peer.call(**bad)
    equal((first["code"], wrong["code"]), ("ok", "script_error"))
    for again in (crash, stop, crash):
        again(system)
        with Peer(system.calls) as peer:
            reply, reply_wrong = peer.call(**fields), peer.call(**bad)
        equal(reply["code"], "ok", reply)
        check(reply["version"] >= first["version"], reply, first)
        equal((reply_wrong["code"], reply_wrong["text"]), ("script_error", wrong["text"]), reply_wrong)
        equal(ask.get("/ITL/scene/m x"), "/ITL/scene/m x 0.02;", "moved once each")


def case_scores_are_loaded_at_the_first_start_only(system):
    ask = Asker(system)
    ask.post("/ITL/scene/mine set txt here;")
    epoch = system.http.get("/").header("ETag").split("-")[0]
    with open(system.score, "a", encoding="utf-8") as file:
        file.write("/ITL/scene/added set txt later;\n")
    stop(system)
    check("/ITL/scene/mine" in ask.get("/ITL/scene *") and "/added" not in ask.get("/ITL/scene *"), "it goes on")
    check("scores_changed" in system.renderer.log_text(), system.renderer.log_text())
    system.renderer.stop()
    system.renderer_options.append("--fresh")
    system.start_renderer()
    system.renderer_options.remove("--fresh")
    check("/mine" not in ask.get("/ITL/scene *") and "/added" in ask.get("/ITL/scene *"), "it begins anew")
    check(any(name.startswith("score-before-") for name in databases(system)), databases(system))
    until(lambda: system.http.get("/").header("ETag").split("-")[0] != epoch, "a new epoch")
    system.renderer.stop()
    other = system.score.replace("score.", "other.")
    os.rename(system.score, other)
    system.score = other
    system.start_renderer()
    check(any(name.startswith("score-other-") for name in databases(system)), databases(system))


def case_a_damaged_journal_is_set_aside_and_the_score_begins_anew(system):
    ask = Asker(system)
    ask.post("/ITL/scene/mine set txt here;")
    system.renderer.stop()
    path = f"{system.folder}/state/score.db"
    with open(path, "r+b") as file:
        size = file.seek(0, 2)
        for page in range(1, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xa5" * 2000)
    system.start_renderer()
    check("damaged" in system.renderer.log_text(), system.renderer.log_text())
    check(any(name.startswith("score-damaged-") for name in databases(system)), databases(system))
    check("/mine" not in ask.get("/ITL/scene *") and "/probe" in ask.get("/ITL/scene *"), "the --score files are loaded")


def golden_scripts():
    """Scripts that use most of the language; all of them nightly (LEGGIO_NIGHTLY), else every fourth."""
    golden = os.path.join(harness.TESTS, "golden")
    found = sorted(os.path.join(folder, name) for folder in (f"{golden}/reference", f"{golden}/own")
                   for name in os.listdir(folder) if name.endswith(".inscore"))
    return found if os.environ.get("LEGGIO_NIGHTLY") else found[::4]


@harness.with_options(score="", renderer_options=("--screen", "300"))
def case_pictures_are_the_same_after_a_restart(system):
    for folder in ("reference", "own"):
        folder = os.path.join(harness.TESTS, "golden", folder)
        for name in os.listdir(folder):
            if os.path.isfile(os.path.join(folder, name)):
                shutil.copy(os.path.join(folder, name), system.root)

    def look():
        answer = until(lambda: (lambda got: got if got.status == 200 and got.header("Warning") is None else None)(
            system.http.get("/")), "a fresh picture")
        return answer.version, png.read(answer.body).bytes()
    scripts = golden_scripts()
    check(len(scripts) > 10, scripts)
    for path in scripts:
        system.http.post("/ITL/scene reset;")
        with open(path, encoding="utf-8") as file:
            system.http.post(file.read())
        version, pixels = look()
        for again in (stop, crash):
            again(system)
            if again is crash:  # the last one is not known for sure: a new number
                until(lambda above=version: system.scene_version() > above, "a new picture")
            check(look()[1] == pixels, f"{os.path.basename(path)}: another picture after a restart")


def case_an_orderly_restart_shows_the_same_version_again(system):
    ask = Asker(system)
    version = ask.post("/ITL/scene/mine set txt here; /ITL/second new; /ITL/second/a set rect 0.5 0.5;")
    second = until(lambda: system.http.get("/scenes/second/version").json().get("version"), "the second scene")
    until(lambda: system.scene_version() == version, "the gateway has it")
    etag = system.http.get("/").header("ETag")
    for _ in range(3):
        stop(system)
        until(lambda: system.http.get("/").header("Warning") is None and system.scene_version() == version, "it is back")
        answer = system.http.get("/", ("If-None-Match", etag))
        equal((answer.status, system.scene_version()), (304, version), answer)
        until(lambda: system.http.get("/scenes/second/version").json().get("version") == second, "the second scene's version")
    after = ask.post("/ITL/scene/mine dx 0.1;")
    check(after > version, after, version)
    until(lambda: system.http.get("/", ("If-None-Match", etag)).status == 200, "the tag is of the past")
    crash(system)
    until(lambda: system.scene_version() > after, "after a crash it is a new one")


def case_a_score_that_ends_the_program_is_set_aside(system):
    """Five starts that show nothing; as the program cannot be made to crash by a score, the count is put there."""
    ask = Asker(system)
    ask.post("/ITL/scene/mine set txt here;")
    for n_failed, goes_on in ((4, True), (5, False)):
        system.renderer.stop()
        database = sqlite3.connect(f"{system.folder}/state/score.db")
        database.execute("UPDATE meta SET value = ? WHERE name = 'failed_starts'", (n_failed,))
        database.commit()
        database.close()
        system.start_renderer()
        equal("/mine" in ask.get("/ITL/scene *"), goes_on, f"after {n_failed} failed starts")
    check(any(name.startswith("score-crashing-") for name in databases(system)), databases(system))


@harness.with_options(renderer_options=("--state-keep", "300KiB"))
def case_the_journal_stays_within_its_size(system):
    ask = Asker(system)
    words = "x" * 20000
    for i in range(120):
        ask.post(f"# {words}\n/ITL/scene/w set txt 'x{i}';")
        if i % 20 == 19:
            stop(system)  # each takes a snapshot
    path = f"{system.folder}/state/score.db"
    until(lambda: os.path.getsize(path) < 1500000, f"{os.path.getsize(path)} bytes")
    check(f"x{119}" in ask.get("/ITL/scene/w"), "the newest is there")


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",))
