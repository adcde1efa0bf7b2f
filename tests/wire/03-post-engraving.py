#!/usr/bin/env python3
"""Scores through POST: the answer's version shows the engraved piece, also of a piece that is engraved beside the score
thread; that thread goes on meanwhile (issue 3; language reference 7.4, 9, 9.1)."""
import threading

import harness
import png
from harness import check, equal

NOTES = "cdefgab"


def piece(n_notes, first="c"):
    names = [first] + [NOTES[i * 5 % 7] + ("2" if i % 3 else "1") + ("/8" if i % 4 else "/4") for i in range(n_notes - 1)]
    return "[ \\meter<\\\"4/4\\\"> " + " ".join(names) + " ]"


def post(system, script):
    answer = system.http.post(script)
    equal(answer.status, 200, answer)
    return answer


def ink(system, version):
    """How many dark pixels the picture of this version has."""
    answer = system.http.get(f"/?version={version}")
    equal(answer.status, 200, answer)
    picture = png.read(answer.body)
    return sum(1 for row in picture.rows for x in range(0, len(row), 4) if row[x] < 100)


def case_answer_of_a_short_piece_shows_it(system):
    empty = ink(system, post(system, "/ITL/scene/* del;").version)
    equal(empty, 0, "an empty scene")
    version = post(system, f'/ITL/scene/s set gmn "{piece(20)}"; /ITL/scene/s width 1.8;').version
    check(ink(system, version) > 300, "the piece is there")


def case_answer_of_a_long_piece_shows_it(system):
    for n_notes in (500, 2000):
        post(system, "/ITL/scene/* del;")
        version = post(system, f'/ITL/scene/s set gmn "{piece(n_notes)}"; /ITL/scene/s height 1.9;').version
        check(ink(system, version) > 5000, n_notes, "notes are in the picture of the answer's version")


def case_old_picture_stays_until_the_new_one_is_there(system):
    post(system, f'/ITL/scene/* del; /ITL/scene/s set gmn "{piece(30)}"; /ITL/scene/s width 1.8;')
    least = []
    is_over = threading.Event()

    def look():
        with system.http.connect() as connection:
            while not is_over.is_set():
                picture = png.read(connection.request("GET", "/").body)
                least.append(sum(1 for row in picture.rows for x in range(0, len(row), 4) if row[x] < 100))

    watcher = threading.Thread(target=look)
    watcher.start()
    for _ in range(3):
        post(system, f'/ITL/scene/s set gmn "{piece(3000)}";')
        post(system, f'/ITL/scene/s set gmn "{piece(30)}";')
    is_over.set()
    watcher.join()
    check(min(least) > 100, "never empty", min(least))


def case_others_are_answered_while_a_long_piece_is_engraved(system):
    post(system, "/ITL/scene/* del; /ITL/scene/r set rect 0.1 0.1;")
    done = []

    def long_post():
        done.append(post(system, f'/ITL/scene/s set gmn "{piece(20000)}"; /ITL/scene/s height 1.9;').version)

    poster = threading.Thread(target=long_post)
    poster.start()
    n_answered = 0
    with system.http.connect() as connection:
        i = 0
        while poster.is_alive() and i < 2000:
            i += 1
            body = harness.form(data=f"/ITL/scene/r x {(i % 100) / 100:.2f};")
            equal(connection.request("POST", "/", (harness.FORM,), body).status, 200, "a small post meanwhile")
            n_answered += poster.is_alive()
    poster.join()
    check(n_answered >= 1, "a small post was answered before the long one")
    check(ink(system, done[0]) > 5000, "and the long one shows its piece")


def case_newest_of_a_burst_wins(system):
    post(system, "/ITL/scene/* del;")
    with system.http.connect() as connection:
        for i in range(12):
            body = harness.form(data=f'/ITL/scene/s set gmn "{piece(400 + i)}";')
            equal(connection.request("POST", "/", (harness.FORM,), body).status, 200, "burst")
    last = post(system, f'/ITL/scene/s set gmn "{piece(5)}"; /ITL/scene/s width 1.8;').version
    few = ink(system, last)
    for i in range(20):  # each is answered after what was engraved before it
        post(system, f"/ITL/scene/s date {i} 1;")
    equal(ink(system, last), few, "nothing older comes after it")


def case_what_is_wrong_is_in_the_answer(system):
    answer = system.http.post('/ITL/scene/bad set gmn "[ c d";')
    equal(answer.status, 400, answer)
    check("/ITL/scene/bad invalid gmn code   line 1, col" in answer.text and "syntax error" in answer.text, answer.text)
    long_text = piece(30000)[:-1]
    answer = system.http.post(f'/ITL/scene/bad set gmn "{long_text}";')
    check(answer.status in (200, 400), answer)
    equal(post(system, '/ITL/scene/bad set gmn "[ c d ]";').status, 200, "mended")


def case_streams_grow(system):
    post(system, "/ITL/scene/* del;")
    version = post(system, '/ITL/scene/s set gmnstream "[ c d"; /ITL/scene/s width 1.8;').version
    before = ink(system, version)
    version = post(system, '/ITL/scene/s write " e f g a b c2 d2";').version
    check(ink(system, version) != before, "more notes, other picture")
    version = post(system, "/ITL/scene/s clear;").version
    equal(ink(system, version), 0, "cleared")


if __name__ == "__main__":
    harness.main(globals(), topologies=("one",), renderers=("real",))
