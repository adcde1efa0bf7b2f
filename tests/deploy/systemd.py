#!/usr/bin/env python3
"""deploy/systemd on a systemd that runs as PID 1, of a bare Debian in namespaces of its own: enabled, started, confined, killed,
reloaded, booted again, stopped, as docs/operations.md says.

    tests/deploy/systemd.py          all of it; needs root
    tests/deploy/systemd.py run      the half inside the namespaces that the whole makes
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))
import harness  # noqa: E402
from harness import BIN, ROOT, Failure, HttpClient, check, equal, until  # noqa: E402
from wsclient import WsClient  # noqa: E402
import engine  # noqa: E402

ME = os.path.abspath(__file__)
PROGRAMS = ("renderer", "http", "ws", "relay")
UNITS = ("leggio-renderer", "leggio-http@8001", "leggio-http@8002", "leggio-ws@7101", "leggio-relay")
ADMIN = {"leggio-renderer": 9100, "leggio-http@8001": 18001, "leggio-http@8002": 18002, "leggio-ws@7101": 17101, "leggio-relay": 9103}
GROUP = "leggio-systemd-test"
LIMIT_S = 600  # with today's packages, on a busy machine
# What a program may need of the kernel beyond its daily work: children, JIT-less JavaScript, fonts, threads.
EVERYTHING = ("/ITL/scene/t set txt 'some text'; /ITL/scene/s set svg \"<svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'>"
              "<rect width='50' height='50' fill='red'/><text y='20'>x</text></svg>\"; /ITL/scene/g set gmn '[ c d e f ]';"
              "<?javascript post('/ITL/scene/j', 'set', 'txt', 'from JavaScript') ?> /ITL/scene/h set html '<b>bold</b>';"
              "/ITL/scene/q set httpd 8123; /ITL/scene/p set pianoroll '[ c d ]';")

# Mounts of a machine's start, in a mount namespace that goes with it; cgroups of both kinds. No chroot: the kernel makes no
# user namespaces (PrivateUsers=) in one.
BOOT = r"""
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
    mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
    cd "$root/sys/fs/cgroup"
    mkdir unified systemd memory pids
    mount -t cgroup2 cgroup2 unified
    mount -t cgroup -o none,name=systemd cgroup systemd
    mount -t cgroup -o memory cgroup memory
    mount -t cgroup -o pids cgroup pids
fi
cd "$root"
mkdir run/outside
pivot_root . run/outside
cd /
umount -l /run/outside
exec /usr/bin/env -i container=leggio PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --show-status=0
"""


# -- the machine --------------------------------------------------------------------

def needed_packages():
    """What the programs are linked with, and what deploy/packages says besides."""
    needs = os.path.join(ROOT, "deploy", "container", "needs")
    names = {"systemd"}
    for program in PROGRAMS:
        names |= set(engine.run([needs, os.path.join(BIN, f"leggio-{program}")]).split())
        with open(os.path.join(ROOT, "deploy", "packages"), encoding="utf-8") as file:
            names |= {line.split()[1] for line in file if line.startswith(f"run-{program} ")}
    return sorted(names)


def machine_tar():
    """The path of a bare machine with these packages as a tar, made when it is missing or older than the base image."""
    path = os.path.join(engine.CACHE, "systemd.tar")
    base = engine.base_tar()
    if os.path.exists(path) and os.path.getmtime(path) > os.path.getmtime(base):
        return path
    with tempfile.TemporaryDirectory(prefix="systemd-", dir=engine.CACHE) as folder:
        root = os.path.join(folder, "root")
        os.mkdir(root)
        engine.run(["tar", "-C", root, "-xf", base])
        for name in ("resolv.conf", "hosts"):
            if os.path.exists(f"/etc/{name}"):
                shutil.copy(f"/etc/{name}", f"{root}/etc/{name}")
        engine.run(["chroot", root, "apt-get", "update", "-q"])
        engine.run(["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q",
                    "--no-install-recommends", *needed_packages()])
        shutil.rmtree(f"{root}/var/cache/apt")
        engine.run(["tar", "-C", root, "-cf", f"{folder}/machine.tar", "."])
        os.replace(f"{folder}/machine.tar", path)
    return path


def groups():
    """The control groups that the machine lives in."""
    tops = [top for top in glob.glob("/sys/fs/cgroup/*") if os.path.basename(top) in ("unified", "systemd", "memory", "pids")]
    return [os.path.join(top, GROUP) for top in tops or ["/sys/fs/cgroup"]]


class Machine:
    """Programs, units and settings on a bare Debian, as an operator puts them there. Use with `with`; boot() starts it."""

    def __init__(self, folder):
        self.root = os.path.join(folder, "root")
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8", errors="replace")
        self.process = self.pid = None
        os.mkdir(self.root, 0o755)
        engine.run(["tar", "-C", self.root, "-xf", os.path.join(engine.CACHE, "systemd.tar")])
        deploy = os.path.join(ROOT, "deploy")
        for program in PROGRAMS + ("keys",):
            engine.run(["install", "-s", "-m", "755", os.path.join(BIN, f"leggio-{program}"), f"{self.root}/usr/local/bin/"])
        for unit in glob.glob(f"{deploy}/systemd/*.service"):
            shutil.copy(unit, f"{self.root}/etc/systemd/system/")
        shutil.copy(f"{deploy}/systemd/leggio.sysusers", f"{self.root}/usr/lib/sysusers.d/leggio.conf")
        shutil.copytree(f"{deploy}/scores", f"{self.root}/srv/leggio")
        os.mkdir(f"{self.root}/etc/leggio")
        self.write("etc/leggio/renderer.env", "LEGGIO_SCORE=/srv/leggio/demo.inscore\n")
        for name in ("http", "ws"):
            self.write(f"etc/leggio/{name}.env", "LEGGIO_AUTH=/etc/leggio/auth\n")
        self.write("etc/machine-id", "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.power_off()
        self.log.close()

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text)

    def boot(self):
        for group in groups():
            os.makedirs(group, exist_ok=True)

        def join():
            for group in groups():
                with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as file:
                    file.write("0")
        self.process = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--cgroup", "bash", "-c",
                                         BOOT, "boot", self.root], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        preexec_fn=join)
        pid = self.process.pid
        until(lambda: self.process.poll() is not None or self.is_up(pid), "systemd runs", 60)
        check(self.process.poll() is None, "systemd ended:", self.text())

    def is_up(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            self.pid = file.read().strip()
        return self.pid and self.ask("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def power_off(self):
        """Like a pulled plug."""
        if self.process:
            self.process.kill()
            self.process.wait()
            until(lambda: not any(remove_group(group) for group in groups()), "the control groups are empty")
        self.process = None

    def ask(self, *command):
        return subprocess.run(["nsenter", "-t", self.pid, "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd", *command],
                              capture_output=True, text=True, check=False, timeout=60)

    def run(self, *command):
        done = self.ask(*command)
        check(done.returncode == 0, " ".join(command), "ended with", done.returncode, done.stdout, done.stderr)
        return done.stdout

    def property(self, unit, name):
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def text(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "--output", "cat", "--unit", unit)


def remove_group(group):
    """Is it still there?"""
    for folder, _, _ in os.walk(group, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            pass
    return os.path.exists(group)


# -- what is looked at -----------------------------------------------------------------

def picture(port=8001):
    try:
        answer = HttpClient(port).get("/")
    except (OSError, EOFError):
        return None
    return answer if answer.status == 200 and answer.header("Warning") is None else None


def post(machine, script="/ITL/scene/title angle 7;", port=8001):
    return HttpClient(port).post(script, ("Authorization", f"Bearer {machine.token}"))


def starts_as_documented(machine):
    machine.run("systemd-sysusers")
    machine.run("systemctl", "daemon-reload")
    done = machine.run("bash", "-c", "umask 077; { leggio-keys token --role conduct >/etc/leggio/auth; } 2>&1")
    machine.token = done.strip()
    machine.run("bash", "-c", "echo anonymous play >>/etc/leggio/auth; chown leggio /etc/leggio/auth")
    machine.run("systemctl", "enable", "--now", *UNITS)
    for port in (8001, 8002):
        until(lambda at=port: picture(at), f"the picture at port {port}")
    with WsClient("127.0.0.1", 7101) as ws:
        until(lambda: ws.request("version")["status"] == "OK", "the version over WebSocket")
    for unit, port in ADMIN.items():
        until(lambda at=port: HttpClient(at).get("/readyz").status == 200, f"{unit} ready")


def everything_works_confined(machine):
    """A script with all that needs children, fonts, ports; nothing dies of the sandbox."""
    answer = post(machine, EVERYTHING)
    equal(answer.status, 200, answer)
    equal(HttpClient(8002).get(f"/?version={answer.version}").version, answer.version, "its picture at the other gateway")
    until(lambda: harness.accepts(8123), "the port that the score opens")
    equal(post(machine, "/ITL/scene/title angle 1;", 8002).status, 200)
    for unit in UNITS:
        equal(machine.property(unit, "NRestarts"), "0", f"restarts of {unit}")
        check("SIGSYS" not in machine.journal(unit), machine.journal(unit))
    check("no_openat2" not in machine.journal("leggio-renderer"), "files are opened without openat2")
    for unit in UNITS:
        pid = machine.property(unit, "MainPID")
        facts = dict(re.findall(r"^(\w+):\t(.*)$", machine.run("cat", f"/proc/{pid}/status"), re.MULTILINE))
        equal((facts["CapEff"], facts["CapBnd"], facts["NoNewPrivs"], facts["Seccomp"]), ("0" * 16, "0" * 16, "1", "2"), unit)
        equal(machine.run("stat", "-c", "%U", f"/proc/{pid}").strip(), "leggio", f"user of {unit}")
        mounts = machine.run("cat", f"/proc/{pid}/mountinfo").split("\n")
        root = next(line.split() for line in mounts if line and line.split()[4] == "/")
        check("ro" in root[5].split(","), unit, "has a writable root", root)
    equal(machine.run("stat", "-c", "%a", "/var/lib/leggio/").strip(), "700", "mode of the state folder")


def comes_back(machine):
    """kill -9 of each: started again at once; what was posted is there."""
    version = post(machine).version
    for unit in UNITS:
        before = machine.property(unit, "MainPID")
        machine.run("systemctl", "kill", "--signal", "KILL", "--kill-whom", "main", unit)
        until(lambda at=unit, old=before: machine.property(at, "ActiveState") == "active"
              and machine.property(at, "MainPID") not in ("0", old), f"{unit} is started again")
        until(lambda at=ADMIN[unit]: is_ready(at), f"{unit} ready again")
    check(until(picture, "the picture").version >= version, "the version went back")


def is_ready(port):
    try:
        return HttpClient(port).get("/readyz").status == 200
    except (OSError, EOFError):
        return False


def reloads(machine):
    """A new token without a restart."""
    old = machine.token
    machine.token = machine.run("bash", "-c", "{ leggio-keys token --role conduct >/etc/leggio/auth; } 2>&1").strip()
    equal(post(machine).status, 401, "not read yet")
    machine.run("systemctl", "reload", "leggio-http@8001", "leggio-http@8002", "leggio-ws@7101")
    until(lambda: post(machine).status == 200, "the new token")
    machine.token, new = old, machine.token
    equal(post(machine).status, 401, "the old token")
    machine.token = new


def boots_again(machine):
    """After a power failure all of it is there by itself."""
    version = post(machine, "/ITL/scene/after set txt 'still here';").version
    machine.power_off()
    started = time.monotonic()
    machine.boot()
    check(until(picture, "the picture after a boot", 60).version >= version, "the version went back")
    until(lambda: post(machine).status == 200, "a post after a boot")
    return f"the picture {time.monotonic() - started:.1f} s after the plug"


def stops(machine):
    machine.run("systemctl", "stop", *UNITS)
    for unit in UNITS:
        equal((machine.property(unit, "Result"), machine.property(unit, "ExecMainStatus")), ("success", "0"), f"end of {unit}")


def run():
    with tempfile.TemporaryDirectory(prefix="systemd-", dir=engine.CACHE) as folder, Machine(folder) as machine:
        machine.boot()
        try:
            for step in (starts_as_documented, everything_works_confined, comes_back, reloads, boots_again, stops):
                started = time.monotonic()
                told = step(machine)
                print(f"ok {step.__name__.replace('_', ' ')} ({time.monotonic() - started:.0f} s)" + (f": {told}" if told else ""), flush=True)
        except Exception as error:
            print(f"not ok {step.__name__.replace('_', ' ')}: {error}", flush=True)
            print(machine.ask("journalctl", "--no-pager", "--lines", "40").stdout, machine.text(), flush=True)
            return 1
    return 0


def main():
    if sys.argv[1:2] == ["run"]:
        return run()
    missing = [tool for tool in ("debootstrap", "unshare", "nsenter") if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin") is None]
    if os.geteuid() != 0 or missing:
        print("not ok systemd: needs root and", ", ".join(missing) or "nothing else")
        return 1
    with engine.lock_cache():
        try:
            machine_tar()
        except Failure as failure:
            print(f"not ok systemd: {failure}", flush=True)
            return 1
        return engine.in_namespaces(["bash", "-c", "ip link set lo up && exec \"$@\"", "run", sys.executable, ME, "run"], False, LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
