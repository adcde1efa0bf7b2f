#!/usr/bin/env python3
"""A full disk, or one that cannot be written: a clear error at the start; while it runs changes are refused with the
reason, the picture stays on the air, and it goes on by itself when there is room again. Needs to mount a small tmpfs (root in its own mount namespace); otherwise it is skipped."""
import os
import subprocess
import sys
import tempfile

import harness
from harness import FORM, check, equal, form, tool, until

SMALL = "/ITL/scene/r set rect 0.2 0.2;"


class Disk:
    """A tmpfs of our own on a fresh folder."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="leggio-disk-")
        self.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.folder)
        return self

    def __exit__(self, *_):
        self.run("umount", "-l", self.folder)
        os.rmdir(self.folder)

    @staticmethod
    def run(*command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fill(self):
        """To the last byte."""
        size = 65536
        with open(os.path.join(self.folder, "fill"), "wb", buffering=0) as file:
            while size > 0:
                try:
                    size = 0 if file.write(bytes(size)) == 0 else size
                except OSError:
                    size //= 2

    def free(self):
        os.remove(os.path.join(self.folder, "fill"))

    def read_only(self):
        self.run("mount", "-o", "remount,ro", self.folder)


def can_mount():
    try:
        with Disk():
            return True
    except (OSError, subprocess.SubprocessError):
        return False


def refusal(state):
    """What a renderer says that does not start."""
    ended = subprocess.run([tool("leggio-renderer"), "--feed", "tcp://127.0.0.1:*", "--calls", "tcp://127.0.0.1:*",
                            "--osc-port", "0", "--state", state], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=harness.LIMIT_S, check=False)
    check(ended.returncode == 1, ended)
    check(b"ready" not in ended.stdout, ended)
    return ended.stderr.decode()


def post(system, script):
    with system.http.connect(limit_s=60) as connection:
        return connection.request("POST", "/", [FORM], form(data=script))


def case_a_full_disk_at_the_start_is_named(_system):
    with Disk() as disk:
        disk.fill()
        said = refusal(disk.folder + "/state")
        check("disk is full" in said and disk.folder in said, said)


def case_a_folder_that_cannot_be_written_is_named(_system):
    with Disk() as disk:
        os.mkdir(disk.folder + "/state")
        disk.read_only()
        for folder in ("/state", "/other"):
            said = refusal(disk.folder + folder)
            check("Read-only file system" in said and disk.folder + folder in said, said)


def saved(system):
    """What the score holds, by its own words."""
    equal(post(system, "/ITL/scene save look.inscore;").status, 200)
    with open(os.path.join(system.root, "look.inscore"), encoding="utf-8") as file:
        return file.read()


def refused(system, word):
    """A post that is not taken, and why."""
    answer = until(lambda: (lambda got: got if got.status == 503 else None)(post(system, "/ITL/scene/r dx 0.001;")),
                   "a post is refused")
    check(word in answer.text and "cannot be kept" in answer.text, answer, answer.text)
    return answer


def case_a_disk_that_fills_up_refuses_changes_and_leaves_the_picture_on_the_air(_system):
    with Disk() as disk:
        with harness.System(n_http=1, score=SMALL, renderer_options=("--state", disk.folder + "/state")) as system:
            answer = post(system, "/ITL/scene/kept set txt before;")
            equal(answer.status, 200)
            disk.fill()
            refused(system, "full")
            said = until(lambda: "write_failed" in system.renderer.log_text() and system.renderer.log_text(),
                         "the error is told")
            check("full" in said and disk.folder in said, said)
            for _ in range(20):  # nothing is taken, everything is shown
                got = post(system, "/ITL/scene/lost set txt never;")
                equal(got.status, 503, got)
                picture = system.http.get("/image")
                check(picture.status == 200 and picture.header("X-Leggio-Stale-Since") is None, picture)
            disk.free()
            until(lambda: post(system, "/ITL/scene/after set txt after;").status == 200, "changes are taken again")
            text = saved(system)
            check("/ITL/scene/kept " in text and "/ITL/scene/after " in text and "/ITL/scene/lost " not in text, text)
            system.renderer.kill()
            system.start_renderer()
            until(lambda: post(system, "/ITL/scene/again set txt again;").status == 200, "posts are taken")
            text = saved(system)
            check("/ITL/scene/kept " in text and "/ITL/scene/after " in text and "/ITL/scene/lost " not in text, text)


def case_versions_never_repeat_when_the_disk_was_full_at_a_crash(_system):
    """Numbers go on in place, where no more room is needed; a clock moves the picture meanwhile."""
    score = SMALL + ("/ITL/scene/hand set rect 0.1 0.5; /ITL/scene/r watch ddate ( /ITL/scene/hand dangle 1. );"
                     "/ITL/scene/r tempo 60.;")
    with Disk() as disk:
        with harness.System(n_http=1, score=score, renderer_options=("--state", disk.folder + "/state",
                                                                     "--max-fps", "1000")) as system:
            equal(post(system, "/ITL/scene/kept set txt before;").status, 200)
            disk.fill()
            refused(system, "full")
            first = system.scene_version()
            until(lambda: system.scene_version() > first, "time goes on")
            last = system.scene_version()
            system.renderer.kill()
            disk.free()
            system.start_renderer()
            until(lambda: post(system, "/ITL/scene/again set txt again;").status == 200, "posts are taken")
            check(system.scene_version() > last, (system.scene_version(), last))


def case_save_and_export_to_a_full_disk_are_errors(_system):
    many = "".join(f"/ITL/scene/o{i} set rect 0.01 0.01;" for i in range(200))  # more than what is left of a page
    with Disk() as disk, harness.System(n_http=1, score=SMALL + many, root=disk.folder) as system:
        equal(post(system, "/ITL/scene save kept.inscore;").status, 200)
        with open(disk.folder + "/kept.inscore", "rb") as file:
            kept = file.read()
        disk.fill()
        for script in ("/ITL/scene save kept.inscore;", "/ITL/scene save + kept.inscore;"):
            answer = post(system, script)
            check(answer.status == 400 and "can't write file" in answer.json()["error"], answer)
        with open(disk.folder + "/kept.inscore", "rb") as file:
            equal(file.read(), kept, "the file is as it was")
        equal(post(system, "/ITL/scene export page.png;").status, 200)
        until(lambda: "can't export to file : page.png" in system.http.get("/log").text, "the log tells it")
        equal(sorted(os.listdir(disk.folder)), ["fill", "kept.inscore"], "nothing half written")
        equal(system.http.get("/image").status, 200)


def case_an_export_that_can_only_fail_is_an_error_of_the_post(_system):
    with harness.System(n_http=1, score=SMALL) as system:
        for path in ("../out.png", "/etc/out.png", "nowhere/out.png", "out.xyz"):
            answer = post(system, f'/ITL/scene export "{path}";')
            check(answer.status == 400 and f"can't export to file : {path}" in answer.json()["error"], answer)
        equal(post(system, "/ITL/scene export out.png;").status, 200)
        until(lambda: os.path.exists(os.path.join(system.root, "out.png")), "it is written")


def main():
    cases = [case for name, case in globals().items() if name.startswith("case_")]
    if not harness.own_mounts() or not can_mount():
        print("skipped: no right to mount a small disk, 6 cases of a full one were not run")
        cases = [case_an_export_that_can_only_fail_is_an_error_of_the_post]
    return 1 if sum(harness.run_case(case, None, "disk") for case in cases) else 0


if __name__ == "__main__":
    sys.exit(main())
