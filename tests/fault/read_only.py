#!/usr/bin/env python3
"""The disk of the state folder becomes read-only while a concert runs: changes are refused with the reason (503), the picture
stays on the air and goes on moving, and what was answered is there when the disk is.

    tests/fault/read_only.py [CASE...]

For a while (as a network disk does; the program's calls are told so, build with LEGGIO_FAULTS): it goes on by itself. For good (a real
file system, which gives up as after an error of its disk; it stays closed for files that are open, so nothing can go on by
itself): it ends in order, and the next start, after a check of the file system, has everything. That needs a loop device
and a mount namespace of its own; without the right to both it is skipped."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
from harness import check, equal, until  # noqa: E402

# A hand that time moves, so that there are new pictures without a post.
SCORE = ("/ITL/scene/probe set rect 0.5 0.5; /ITL/scene/hand set rect 0.1 0.5;"
         "/ITL/scene/probe watch ddate ( /ITL/scene/hand dangle 1. ); /ITL/scene/probe tempo 60.;\n")
WORDS = "Read-only file system"
AGAIN_S = 3.0


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class WatchedSystem(harness.System):
    """The renderer's files cannot be written as long as there is the file `flag`."""

    def __init__(self, flag):
        self.flag = flag
        super().__init__(n_http=1, score=SCORE)

    def start_program(self, command, name=None, **options):
        if os.path.basename(command[0]) == "leggio-renderer":
            options["env"] = dict(os.environ, LEGGIO_READ_ONLY=self.flag)
        return super().start_program(command, name, **options)


def objects(system):
    """Names of the scene's objects."""
    equal(until(lambda: (lambda answer: answer if answer.status != 503 else None)(
        system.http.post("/ITL/scene save look.inscore;")), "the score is saved").status, 200)
    with open(os.path.join(system.root, "look.inscore"), encoding="utf-8") as file:
        text = file.read()
    return {name for name in ("before", "lost", "after") if f"/ITL/scene/{name} " in text}


def refused_with_the_reason(system, n_posts=20):
    """Posts, while the disk is read-only: each is refused, the picture is there and moves."""
    answer = until(lambda: (lambda got: got if got.status == 503 else None)(system.http.post("/ITL/scene/probe dx 0.001;")),
                   "a post is refused")
    check("cannot be kept" in answer.text and WORDS in answer.text, answer, answer.text)
    first = system.scene_version()
    for _ in range(n_posts):
        answer = system.http.post("/ITL/scene/lost set txt never;")
        check(answer.status == 503 and WORDS in answer.text, answer, answer.text)
        picture = system.http.get("/image")
        check(picture.status == 200 and picture.header("X-Leggio-Stale-Since") is None, picture)
    until(lambda: system.scene_version() > first, "time goes on")
    log = system.renderer.log_text()
    check(WORDS in log and log.count("write_failed") == 1, log)


def case_read_only_for_a_while():
    with tempfile.TemporaryDirectory(prefix="leggio-read-only-") as folder:
        flag = os.path.join(folder, "read-only")
        with WatchedSystem(flag) as system:
            for _ in range(3):
                equal(system.http.post("/ITL/scene/before set txt before;").status, 200)
                with open(flag, "wb"):
                    pass
                refused_with_the_reason(system, 10)
                os.remove(flag)
                until(lambda: system.http.post("/ITL/scene/after set txt after;").status == 200, "changes are taken again", AGAIN_S)
                system.renderer.log.truncate(0)
            shown = system.scene_version()
            system.renderer.kill()
            system.start_renderer()
            equal(objects(system), {"before", "after"}, "after a kill")
            check(system.scene_version() > shown, "versions go on")
    return "three times, changes taken again by itself, answered ones kept, refused ones not"


def case_a_file_system_that_gave_up():
    if not can_mount:
        return "skipped: no right to mount a file system of its own"
    with tempfile.TemporaryDirectory(prefix="leggio-gave-up-") as folder:
        image, disk = os.path.join(folder, "image"), os.path.join(folder, "disk")
        os.mkdir(disk)
        with open(image, "wb") as file:
            file.truncate(48 * 1024 * 1024)
        run("mkfs.ext4", "-q", "-F", image)
        run("mount", "-o", "loop", image, disk)
        try:
            with harness.System(n_http=1, score=SCORE, renderer_options=("--state", os.path.join(disk, "state"))) as system:
                for _ in range(10):
                    equal(system.http.post("/ITL/scene/before set txt before;").status, 200)
                run("sync", "-f", disk)
                run("mount", "-o", "remount,abort", disk)
                refused_with_the_reason(system)
                shown = system.scene_version()
                equal(system.renderer.stop(), 0, "it ends in order")
                run("umount", disk)
                check(subprocess.run(["e2fsck", "-p", image], stdout=subprocess.DEVNULL, check=False).returncode in (0, 1), "checked")
                run("mount", "-o", "loop", image, disk)
                system.start_renderer()
                equal(objects(system), {"before"}, "after the check")
                check(system.scene_version() > shown, f"version {system.scene_version()} after {shown}")
        finally:
            subprocess.run(["umount", "-l", disk], stderr=subprocess.DEVNULL, check=False)
    return "refused while it was closed, answered ones kept, refused ones not"


if __name__ == "__main__":
    can_mount = harness.own_mounts() and os.access("/dev/loop-control", os.R_OK | os.W_OK)
    sys.exit(1 if harness.run_alone(globals(), sys.argv[1:]) else 0)
