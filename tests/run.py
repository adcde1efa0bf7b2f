"""Builds and runs all tests, one line each; closes with `N passed, N failed`."""
import argparse
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
JOBS = max(2, os.cpu_count() or 2)
OUTPUT_LINES = 120  # of a failed test
# Other people's JSON-RPC and SockJS clients, and ours in Node.
PEERS = ("leggio.test.mjs", "kurento.test.mjs", "asks.test.mjs", "clients.test.mjs", "http.test.mjs", "sockjs.test.mjs")


def parse_options():
    parser = argparse.ArgumentParser(prog="tests/run")
    parser.add_argument("--quick", action="store_true", help="one compiler, no chaos and no browser")
    parser.add_argument("--no-install", action="store_true", help="install no packages")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only tests whose name contains one of these")
    return parser.parse_args()


class Results:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.started = time.monotonic()

    def add(self, name, is_ok, seconds, output=""):
        if is_ok:
            self.passed += 1
        else:
            self.failed.append(name)
        print(f"{'ok    ' if is_ok else 'FAILED'} {name} ({seconds:.1f} s)", flush=True)
        if not is_ok:
            # What held is not news; the rest begins with what failed first.
            lines = [line for line in output.splitlines() if not re.match(r"ok |\[ +(RUN|OK) ", line)]
            if len(lines) > OUTPUT_LINES:
                half = OUTPUT_LINES // 2
                lines[half:-half] = [f"({len(lines) - 2 * half} lines left out)"]
            print("\n".join("    | " + line[:2000] for line in lines), flush=True)

    def close(self):
        print(f"in {time.monotonic() - self.started:.0f} s" + ("; failed: " + ", ".join(self.failed) if self.failed else ""))
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


running = set()  # processes that end with us


def stop_all(number, _):
    for process in list(running):
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    print(f"tests/run: stopped by {signal.Signals(number).name}", file=sys.stderr, flush=True)
    os._exit(128 + number)


def run(command, timeout_s, env=None, cwd=ROOT):
    """(exit status, output, seconds); the whole process group goes when the time is up."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   cwd=cwd, env=env, start_new_session=True)
        running.add(process)
        try:
            status = process.wait(timeout_s)
            note = ""
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status, note = 124, f"\nstopped after {timeout_s} s"
        finally:
            running.discard(process)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return status, text + note, time.monotonic() - started


def build(results, preset):
    status, output, seconds = run(["cmake", "--preset", preset, "-DLEGGIO_TESTS=ON"], 300)
    if status == 0:
        status, output, more = run(["cmake", "--build", "--preset", preset, "-j", str(JOBS)], 1500)
        seconds += more
    results.add(f"build {preset}", status == 0, seconds, output)
    return status == 0


def wanted(options, name):
    return not options.names or any(part in name for part in options.names)


def sanitizer_env():
    env = dict(os.environ)
    suppressions = os.path.join(TESTS, "lsan.supp")
    # A small quarantine, since tests look at the memory of processes.
    env["ASAN_OPTIONS"] = ("detect_leaks=1:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1"
                           ":quarantine_size_mb=32")
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    env["LSAN_OPTIONS"] = f"suppressions={suppressions}:print_suppressions=0"
    # Fontconfig and GLib keep what they allocate once: not our leaks.
    env["G_SLICE"] = "always-malloc"
    return env


def unit_tests(results, options, preset):
    """Jobs (name, command, limit, environment): what ctest knows, fuzz seeds included."""
    folder = os.path.join(ROOT, "build", preset)
    status, listing, _ = run(["ctest", "--test-dir", folder, "-N"], 60)
    names = re.findall(r"Test +#\d+: (\S+)", listing)
    if status or not names:
        results.add(f"{preset}: list of unit tests", False, 0, listing)
        return []
    return [(f"{preset}: {name}", ["ctest", "--test-dir", folder, "-R", f"^{re.escape(name)}$", "--output-on-failure"],
             300, sanitizer_env()) for name in names if wanted(options, name)]


def outside_tests(options, preset, folder, pattern, limit_s):
    """Jobs: programs that start our processes, which they find by LEGGIO_BIN."""
    env = sanitizer_env()
    env["LEGGIO_BIN"] = os.path.join(ROOT, "build", preset, "bin")
    env["LEGGIO_BUILD"] = os.path.join(ROOT, "build", preset)
    path = os.path.join(TESTS, folder)
    names = sorted(name for name in os.listdir(path)
                   if re.match(pattern, name) and os.access(os.path.join(path, name), os.X_OK))
    return [(f"{preset}: {folder}/{name}", [os.path.join(path, name)], limit_s, env) for name in names
            if wanted(options, f"{folder}/{name}")]


def run_jobs(results, jobs, n_at_once=JOBS):
    with concurrent.futures.ThreadPoolExecutor(n_at_once) as pool:
        names = {pool.submit(run, command, limit_s, env): name for name, command, limit_s, env in jobs}
        for job in concurrent.futures.as_completed(names):
            status, output, seconds = job.result()
            results.add(names[job], status == 0, seconds, output)


def js_client_tests(options):
    """Jobs: the JavaScript client on sockets that the tests play."""
    command = ["node", "--test", "--test-reporter=spec", os.path.join(ROOT, "clients", "js", "test")]
    return [("clients/js: node --test", command, 120, None)] if wanted(options, "clients/js") else []


def npm_ci(results, name):
    folder = os.path.join(TESTS, name)
    if os.path.isdir(os.path.join(folder, "node_modules")):
        return True
    status, output, seconds = run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], 300, cwd=folder)
    results.add(f"{name}: npm ci", status == 0, seconds, output)
    return status == 0


def node_tests(results, options, name, files):
    """Tests in JavaScript with packages of npm, in a folder of their own, on the release build."""
    # The browser takes sockjs-client from the peers.
    if not wanted(options, name) or not all([npm_ci(results, folder) for folder in {name, "peers"}]):
        return
    env = dict(os.environ, LEGGIO_BIN=os.path.join(ROOT, "build", "release", "bin"))
    for file in files:
        status, output, seconds = run(["node", "--test", "--test-reporter=spec", file], 300, env,
                                      cwd=os.path.join(TESTS, name))
        results.add(f"{name}: {file}", status == 0, seconds, output)


def main():
    options = parse_options()
    os.chdir(ROOT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_all)
    if shutil.which("cmake") is None:
        print("tests/run: cmake is missing (run without --no-install)", file=sys.stderr)
        return 1
    results = Results()
    run_jobs(results, outside_tests(options, "release", "house", r".*\.py$", 120) + js_client_tests(options))
    # gcc with sanitizers carries the outside tests, clang the unit tests once more.
    if build(results, "asan"):
        run_jobs(results, outside_tests(options, "asan", "wire", r"\d\d-.*\.py$", 300)
                 + outside_tests(options, "asan", "golden", r"run\.py$", 400)
                 + outside_tests(options, "asan", "notation", r".*\.py$", 400) + unit_tests(results, options, "asan")
                 + ([] if options.quick else outside_tests(options, "asan", "fault", r".*\.py$", 600)))
    if not options.quick:
        if build(results, "clang"):
            run_jobs(results, unit_tests(results, options, "clang"))
        # These look at times and kill processes: one after the other.
        if build(results, "release"):
            run_jobs(results, outside_tests(options, "release", "chaos", r".*\.py$", 400)
                     + outside_tests(options, "release", "deploy", r".*\.py$", 1500), 1)
            node_tests(results, options, "peers", PEERS)
            node_tests(results, options, "browser", ["view.test.mjs", "token.test.mjs", "client.test.mjs", "store.test.mjs"])
    return results.close()


if __name__ == "__main__":
    sys.exit(main())
