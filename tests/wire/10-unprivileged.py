#!/usr/bin/env python3
"""Everything runs as a user with no rights, on a root file system that is read-only;
only the state folder can be written (as systemd units and containers run it). Needs
root, to take rights away: otherwise it says so and stops."""
import os
import shutil
import subprocess
import sys

import harness
from harness import check, equal, until
from wsclient import WsClient

NOBODY = 65534
# A mount namespace of its own: the state folder stays as it is, all else is read-only.
CONFINE = ("mount -o bind \"$1\" \"$1\" && mount -o remount,bind,ro / && shift && exec setpriv --reuid 65534 --regid 65534 "
           "--clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \"$@\"")


def confined(folder):
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", CONFINE, "confine", folder]


def can_confine():
    if os.geteuid() != 0 or not shutil.which("setpriv") or not shutil.which("unshare"):
        return False
    done = subprocess.run([*confined("/tmp"), "sh", "-c", "test $(id -u) = 65534 && ! touch /usr/x 2>/dev/null"],
                          capture_output=True, check=False)
    return done.returncode == 0


class Confined(harness.System):
    """Each program of ours without rights."""

    def start_program(self, command, name=None, **options):
        state = os.path.join(self.folder, "state")
        if not os.path.isdir(state):
            os.chmod(self.folder, 0o755)
            os.mkdir(state, 0o700)
            os.chown(state, NOBODY, NOBODY)
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **{name: value for name, value in os.environ.items()
                                                                      if name.startswith(("ASAN_", "UBSAN_", "TSAN_", "LSAN_"))}}
        return super().start_program([*confined(state), *command], name or os.path.basename(command[0]), env=env, **options)


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


EVERYTHING = ("/ITL/scene/t set txt 'some text'; /ITL/scene/s set svg \"<svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'>"
              "<rect width='50' height='50' fill='red'/><text y='20'>x</text></svg>\"; /ITL/scene/g set gmn '[ c d e f ]';"
              "<?javascript post('/ITL/scene/j', 'set', 'txt', 'from JavaScript') ?> /ITL/scene/h set html '<b>bold</b>';"
              "/ITL/scene/q set httpd {port}; /ITL/scene/p set pianoroll '[ c d ]';")


def case_all_works_without_rights(system):
    port = harness.free_port()
    answer = system.http.post(EVERYTHING.replace("{port}", str(port)))
    equal(answer.status, 200, answer)
    equal(system.http.get("/").status, 200)
    until(lambda: harness.accepts(port), "the port of the score")
    with WsClient("127.0.0.1", system.ws_ports[0]) as ws:
        until(lambda: ws.request("post", data=system.touch_script())["status"] == "OK", "post")
    pids = []
    for program in (system.renderer, system.https[0], system.wss[0]):
        pids += [program.process.pid, *children_of(program.process.pid)]
    check(len(pids) >= 5, "the workers for SVG and JavaScript are there", pids)
    for pid in pids:
        status = status_of(pid)
        equal(set(status["Uid"].split()), {str(NOBODY)}, pid)
        equal((status["CapEff"].strip("0"), status["CapPrm"].strip("0"), status["NoNewPrivs"]), ("", "", "1"), pid)


def case_what_cannot_be_written_is_told(system):
    for script in ("/ITL save 'kept.inscore';", "/ITL/log save 'log.txt';"):
        answer = system.http.post(script)
        equal(answer.status, 400, script)
        check(len(answer.json()["error"]) > 5, answer)
    system.http.post("/ITL/scene export 'page.png';")
    until(lambda: "page.png" in system.http.get("/log").text, "export tells")
    equal(os.listdir(system.root), [], "written")


def case_state_outlives_a_kill(system):
    version = system.http.post("/ITL/scene/kept set txt 'still here';").version
    system.renderer.kill()
    system.start_renderer()
    until(lambda: "X-Leggio-Stale-Since" not in dict(system.http.get("/version").headers), "fresh")
    check(system.scene_version() >= version, "version")
    check("snapshot_errors" not in system.renderer.log_text(), system.renderer.log_text())
    # The folder is the user's alone, and nothing else was written.
    state = os.path.join(system.folder, "state")
    check(all(os.stat(os.path.join(state, name)).st_uid == NOBODY for name in os.listdir(state)), os.listdir(state))


def case_nothing_is_dropped_silently(system):
    """Every line of the logs is one of ours, and none is an error."""
    for program in (system.renderer, system.https[0], system.wss[0]):
        for line in program.log_text().splitlines():
            check(" leggio-" in line, f"{program.name}: a stray line: {line}")
            check(" error " not in line, f"{program.name}: {line}")


def case_a_state_folder_that_cannot_be_written_is_told(system):
    folder = os.path.join(system.folder, "locked")
    os.mkdir(folder, 0o755)
    done = subprocess.run([*confined("/tmp"), harness.tool("leggio-renderer"), "--feed", "tcp://127.0.0.1:*", "--calls", "tcp://127.0.0.1:*",
                           "--state", folder], capture_output=True, text=True, timeout=harness.LIMIT_S, check=False,
                          env={**os.environ, "HOME": "/nonexistent"})
    check(done.returncode == 1 and folder in done.stderr, done)


if __name__ == "__main__":
    if not can_confine():
        print("# skipped: needs root, unshare and setpriv")
        sys.exit(0)
    harness.System = Confined
    harness.main(globals(), renderers=("real",), n_ws=1)
