#!/usr/bin/env python3
"""libleggio-client under ThreadSanitizer and under valgrind: the probe is compiled once more for
each, and a choice of the other tests' cases is run with it. `--all` runs all of them."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

from client_probe import build_probe

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = {
    "06-c-client-requests.py": ("any_order", "batch", "timeout", "in_order", "may_wait", "ten_thousand", "inside"),
    "06-c-client-phases.py": ("nobody", "close_while_connecting", "close_while_waiting", "localhost"),
    "06-c-client-tls.py": ("self_signed",),
    "07-c-client-recovery.py": ("lost_session", "replies_do_not"),
    "08-c-client-frames.py": ("tiles_on", "made_again_in"),
}
VALGRIND = ("valgrind -q --error-exitcode=33 --leak-check=full --show-leak-kinds=definite,indirect "
            f"--errors-for-leak-kinds=definite,indirect --suppressions={HERE}/../valgrind.supp")


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
        build_probe(tsan, "-fsanitize=thread")
        build_probe(plain)
        jobs = [pool.submit(run, *how, name) for name in TESTS
                for how in ((tsan, "ThreadSanitizer", ""), (plain, "valgrind", VALGRIND))]
        return 0 if all([job.result() for job in jobs]) else 1


if __name__ == "__main__":
    sys.exit(main())
