"""A container engine of a test's own: a base image made by debootstrap, one dockerd that builds and one that runs.

    engine.in_namespaces([...], has_network=True)    run a program where nothing that it starts or mounts outlives it
    with engine.Engine(has_network=True) as docker: docker.run("images")

Needs root and the packages of deploy/packages. The base image and the layers of earlier builds are kept in a cache
folder ($XDG_CACHE_HOME/leggio, else ~/.cache/leggio); everything else is gone afterwards.
"""
import fcntl
import glob
import os
import shutil
import subprocess
import tempfile
import time

from harness import Failure, check, until

SUITE = "bookworm"
IMAGE = f"debian:{SUITE}-slim"
BASE_AGE_S = 7 * 86400  # then the base image is made again, with today's packages
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "leggio")
GROUP = "leggio-deploy-test"  # control group of all its containers
START_LIMIT_S = 60.0
# Of no use in images (Debian's own slim images leave them out, too).
LEFT_OUT = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info")


def run(command, limit_s=600, **options):
    """Output of a command that must succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit_s,
                          check=False, stdin=subprocess.DEVNULL, **options)
    check(done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


def missing_tools():
    return [tool for tool in ("dockerd", "docker", "docker-compose", "debootstrap", "unshare", "iptables", "runc", "prometheus")
            if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None]


def lock_cache():
    """Nobody else builds or runs from the cache while the result is open."""
    os.makedirs(CACHE, exist_ok=True)
    file = open(os.path.join(CACHE, "lock"), "w", encoding="ascii")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def in_namespaces(command, has_network, limit_s):
    """Exit status of a command that runs with processes and mounts of its own (and without the host's network): the
    kernel ends and unmounts all of it with the command, whatever happens."""
    wall = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    with subprocess.Popen(wall + ([] if has_network else ["--net"]) + command) as process:
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            print(f"not ok {command[-1]}: not over within {limit_s} s", flush=True)
            return 1
        finally:
            process.kill()


# -- the base image -----------------------------------------------------------

def host_sources():
    """Lines of sources.list, the first one Debian itself: what apt uses on this machine."""
    listing = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages"])
    targets = sorted(set(line.strip() for line in listing.splitlines() if f" {SUITE}" in line), key=lambda line: line.split()[1])
    check(targets, f"apt knows no source of Debian {SUITE} on this machine")
    return targets


def write_apt_files(root, targets):
    with open(os.path.join(root, "etc/apt/sources.list"), "w", encoding="utf-8") as file:
        file.write("".join(f"deb {target}\n" for target in targets))
    names = ["Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::http", "Acquire::https"]
    with open(os.path.join(root, "etc/apt/apt.conf.d/90host"), "w", encoding="utf-8") as file:
        for name in names:
            file.write(run(["apt-config", "dump", "--no-empty", "--format", '%F "%v";%n', name]))


def base_tar():
    """The path of the base image as a tar, made when it is missing or old."""
    path = os.path.join(CACHE, f"{SUITE}.tar")
    if os.path.exists(path) and time.time() - os.path.getmtime(path) < BASE_AGE_S:
        return path
    targets = host_sources()
    with tempfile.TemporaryDirectory(prefix="base-", dir=CACHE) as folder:
        root = os.path.join(folder, "root")
        run(["debootstrap", "--variant=minbase", SUITE, root, targets[0].split()[0]])
        write_apt_files(root, targets)
        for name in LEFT_OUT:
            shutil.rmtree(os.path.join(root, name))
            os.makedirs(os.path.join(root, name))
        run(["tar", "-C", root, "-cf", f"{folder}/base.tar", "."])
        os.replace(f"{folder}/base.tar", path)
    return path


# -- an engine ----------------------------------------------------------------

class Engine:
    """A dockerd on the cached layers. With the host's network it can build, but its containers have no network of
    their own; without, it runs stacks in the private network of in_namespaces."""

    def __init__(self, has_network):
        # One at a time (lock_cache): what an engine left that was stopped by force goes with the next.
        self.folder = os.path.join(CACHE, "engine")
        shutil.rmtree(self.folder, ignore_errors=True)
        remove_groups(GROUP)
        os.makedirs(self.folder)
        self.socket = os.path.join(self.folder, "docker.sock")
        self.env = dict(os.environ, DOCKER_HOST=f"unix://{self.socket}", DOCKER_BUILDKIT="0", COMPOSE_DOCKER_CLI_BUILD="0",
                        DOCKER_CONFIG=self.folder)
        command = ["dockerd", "--data-root", os.path.join(CACHE, "docker"), "--exec-root", os.path.join(self.folder, "exec"),
                   "--pidfile", os.path.join(self.folder, "pid"), "--host", f"unix://{self.socket}",
                   "--storage-driver", "overlay2", "--default-ulimit", "nofile=4096:4096",
                   "--cgroup-parent", f"/{GROUP}"]
        if has_network:
            command += ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"]
        else:
            run(["ip", "link", "set", "lo", "up"])
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        try:
            until(lambda: self.process.poll() is not None or self.answers(), "dockerd answers", START_LIMIT_S)
            check(self.process.poll() is None, "dockerd ended")
        except Failure as failure:
            text = self.log_text()
            self.stop()
            raise Failure(f"{failure}\n{text}") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def answers(self):
        return subprocess.run(["docker", "version"], env=self.env, capture_output=True, check=False).returncode == 0

    def log_text(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def run(self, *words, limit_s=600, **options):
        return run(["docker", *words], limit_s, env={**self.env, **options.pop("env", {})}, **options)

    def clean(self):
        """Without what a run left that was stopped by force."""
        for kind in ("container", "volume", "network"):
            self.run(kind, "prune", "--force")

    def import_base(self):
        tar = base_tar()
        stamp = f"{os.path.getmtime(tar):.0f}"
        label = self.run("images", "--filter", f"label=leggio.base={stamp}", "--quiet", IMAGE).strip()
        if not label:
            self.run("import", "--change", f"LABEL leggio.base={stamp}", tar, IMAGE)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        remove_groups(GROUP)


def remove_groups(name):
    """The engine's control groups, which it leaves behind empty."""
    for controller in os.listdir("/sys/fs/cgroup"):
        top = os.path.join("/sys/fs/cgroup", controller, name)
        for folder, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass  # still in use: the kernel's own end of a process is not over


def left_over():
    """Mounts, control groups and processes that should be gone."""
    with open("/proc/mounts", encoding="utf-8") as file:
        left = [line.split()[1] for line in file if CACHE in line]
    left += glob.glob(f"/sys/fs/cgroup/*/{GROUP}")
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue  # it has just ended
        if words[0].endswith(b"dockerd") and os.path.join(CACHE, "docker").encode() in words:
            left.append(words[0].decode())
    return left
