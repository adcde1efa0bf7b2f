#!/usr/bin/env python3
"""libleggio-client under ThreadSanitizer and under valgrind: the probe is compiled once more for
each, and a choice of the other tests' cases is run with it. `--all` runs all of them."""
import concurrent.futures
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARIES = ("libwebsockets", "jansson", "libssl", "libcrypto")
TESTS = {
    "06-c-client-requests.py": ("any_order", "batch", "timeout", "large_and_cut", "in_order", "may_wait", "ten_thousand",
                                "inside"),
    "06-c-client-phases.py": ("nobody", "close_while_connecting", "close_while_waiting", "close_while_reconnecting",
                              "localhost"),
    "06-c-client-tls.py": ("good", "self_signed", "half_a_handshake"),
    "07-c-client-recovery.py": ("taken_up", "lost_session", "given_up", "replies_do_not"),
    "08-c-client-frames.py": ("tiles_on", "wrong_are_ignored", "made_again_in", "unsubscribed"),
}
VALGRIND = ("valgrind -q --error-exitcode=33 --leak-check=full --show-leak-kinds=definite,indirect "
            f"--errors-for-leak-kinds=definite,indirect --suppressions={HERE}/../valgrind.supp")


def build(folder, *flags):
    """client-probe with the library in it, compiled with these flags."""
    os.makedirs(os.path.join(folder, "tests"))
    words = subprocess.run(["pkg-config", "--cflags", "--libs", *LIBRARIES], capture_output=True, text=True,
                           check=True).stdout.split()
    sources = [*glob.glob(f"{harness.ROOT}/clients/c/*.c"), f"{harness.ROOT}/common/utf8.c",
               f"{harness.ROOT}/tests/fake/client_probe.c"]
    objects = [os.path.join(folder, os.path.basename(source) + ".o") for source in sources]
    compiler = [*(["ccache"] if shutil.which("ccache") else []), "gcc"]

    def compile_one(source, output):
        subprocess.run([*compiler, "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-D_DEFAULT_SOURCE",
                        '-DLEGGIO_VERSION="tools"', f"-I{harness.ROOT}", "-g", "-O1", "-pthread", *flags, "-c", source,
                        "-o", output], check=True)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(compile_one, sources, objects))
    subprocess.run(["gcc", *objects, "-o", os.path.join(folder, "tests", "client-probe"), *flags, *words, "-pthread"],
                   check=True)


def run(folder, what, under, name):
    """true: all that was chosen of this test holds."""
    env = {**os.environ, "LEGGIO_BUILD": folder, "LEGGIO_BIN": folder, "LEGGIO_PROBE_UNDER": under}
    chosen = [] if "--all" in sys.argv else TESTS[name]
    done = subprocess.run([sys.executable, os.path.join(HERE, name), *chosen], env=env, capture_output=True, text=True,
                          check=False)
    n_ok = sum(line.startswith("ok") for line in done.stdout.splitlines())
    is_fine = done.returncode == 0 and n_ok > 0
    print(f"ok {what}: {n_ok} cases of {name}" if is_fine else f"not ok {what}: {name}\n{done.stdout}{done.stderr}",
          flush=True)
    return is_fine


def main():
    with tempfile.TemporaryDirectory(prefix="leggio-tools-") as folder, \
            concurrent.futures.ThreadPoolExecutor(3) as pool:
        tsan, plain = os.path.join(folder, "tsan"), os.path.join(folder, "plain")
        build(tsan, "-fsanitize=thread")
        build(plain)
        jobs = [pool.submit(run, *how, name) for name in TESTS
                for how in ((tsan, "ThreadSanitizer", ""), (plain, "valgrind", VALGRIND))]
        return 0 if all([job.result() for job in jobs]) else 1


if __name__ == "__main__":
    sys.exit(main())
