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
            print("\n".join("    | " + line for line in output.splitlines()[-60:]), flush=True)

    def close(self):
        print(f"in {time.monotonic() - self.started:.0f} s" + ("; failed: " + ", ".join(self.failed) if self.failed else ""))
        print(f"{self.passed} passed, {len(self.failed)} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def run(command, timeout_s, env=None, cwd=ROOT):
    """(exit status, output, seconds); the whole process group goes when the time is up."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   cwd=cwd, env=env, start_new_session=True)
        try:
            status = process.wait(timeout_s)
            note = ""
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status, note = 124, f"\nstopped after {timeout_s} s"
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
    env["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    env["LSAN_OPTIONS"] = f"suppressions={suppressions}:print_suppressions=0"
    # Fontconfig and GLib keep what they allocate once: not our leaks.
    env["G_SLICE"] = "always-malloc"
    return env


def unit_tests(results, options, preset):
    folder = os.path.join(ROOT, "build", preset)
    status, listing, _ = run(["ctest", "--test-dir", folder, "-N"], 60)
    names = re.findall(r"Test +#\d+: (\S+)", listing)
    if status or not names:
        results.add(f"{preset}: list of unit tests", False, 0, listing)
        return
    names = [name for name in names if wanted(options, name)]

    def one(name):
        return name, run(["ctest", "--test-dir", folder, "-R", f"^{re.escape(name)}$", "--output-on-failure"], 300,
                         sanitizer_env())

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for name, (status, output, seconds) in pool.map(one, names):
            results.add(f"{preset}: {name}", status == 0, seconds, output)


def programs_in(folder, pattern):
    path = os.path.join(TESTS, folder)
    if not os.path.isdir(path):
        return []
    return sorted(os.path.join(path, name) for name in os.listdir(path)
                  if re.match(pattern, name) and os.access(os.path.join(path, name), os.X_OK))


def outside_tests(results, options, preset, folder, pattern, timeout_s):
    """Programs that start our processes: they find them by LEGGIO_BIN."""
    env = sanitizer_env()
    env["LEGGIO_BIN"] = os.path.join(ROOT, "build", preset, "bin")
    env["LEGGIO_BUILD"] = os.path.join(ROOT, "build", preset)
    for path in programs_in(folder, pattern):
        name = f"{folder}/{os.path.basename(path)}"
        if not wanted(options, name):
            continue
        status, output, seconds = run([path], timeout_s, env)
        results.add(f"{preset}: {name}", status == 0, seconds, output)


def browser_tests(results, options):
    if not wanted(options, "browser"):
        return
    folder = os.path.join(TESTS, "browser")
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        status, output, seconds = run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], 300, cwd=folder)
        results.add("browser: npm ci", status == 0, seconds, output)
        if status:
            return
    env = dict(os.environ, LEGGIO_BIN=os.path.join(ROOT, "build", "release", "bin"))
    status, output, seconds = run(["node", "--test", "--test-reporter=spec", "view.test.mjs"], 300, env, cwd=folder)
    results.add("browser: node --test", status == 0, seconds, output)


def main():
    options = parse_options()
    os.chdir(ROOT)
    if shutil.which("cmake") is None:
        print("tests/run: cmake is missing (run without --no-install)", file=sys.stderr)
        return 1
    results = Results()
    outside_tests(results, options, "release", "house", r".*\.py$", 120)
    # gcc with sanitizers carries the outside tests, clang the unit tests once more.
    if build(results, "asan"):
        unit_tests(results, options, "asan")
        outside_tests(results, options, "asan", "golden", r"run\.py$", 400)
        outside_tests(results, options, "asan", "wire", r"\d\d-.*\.py$", 180)
    if not options.quick:
        if build(results, "clang"):
            unit_tests(results, options, "clang")
        if build(results, "release"):
            outside_tests(results, options, "release", "chaos", r".*\.py$", 400)
            outside_tests(results, options, "release", "deploy", r".*\.py$", 400)
            browser_tests(results, options)
    return results.close()


if __name__ == "__main__":
    sys.exit(main())
