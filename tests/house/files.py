#!/usr/bin/env python3
"""What holds for every file: shell scripts are clean, Python compiles, the list of
packages is well-formed, nothing names a mirror or a path of a developer's machine."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOREIGN = re.compile(r"/(?:work|root|home)/(?:main|wt|shared|\.library|\w+/)|\"resolved\": *\"http")


def tracked():
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\n") if name and os.path.isfile(os.path.join(ROOT, name))]


def read(name):
    with open(os.path.join(ROOT, name), "rb") as file:
        return file.read()


def check_shell(names):
    scripts = [name for name in names if read(name)[:64].split(b"\n")[0] in (b"#!/bin/bash", b"#!/bin/sh")]
    done = subprocess.run(["shellcheck", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
    return [done.stdout] if done.returncode else []


def check_python(names):
    wrong = []
    for name in names:
        if name.endswith(".py"):
            try:
                compile(read(name), name, "exec")
            except SyntaxError as error:
                wrong.append(f"{name}: {error}")
    return wrong


def check_packages(_):
    wrong = []
    for number, line in enumerate(read("deploy/packages").decode().split("\n"), 1):
        if line and not line.startswith("#") and not re.fullmatch(r"(run(-[a-z]+)?|build|test|image-[a-z]+) [a-z0-9][a-z0-9.+-]+", line):
            wrong.append(f"deploy/packages:{number}: expected PURPOSE PACKAGE, not {line!r}")
    return wrong


def check_executable(names):
    """The runner takes executable files only: a test without its bit would be passed over in silence."""
    return [f"{name}: a test that is not executable" for name in names
            if re.match(r"tests/(wire/\d\d-|chaos/|fault/|house/|notation/).*\.py$", name) and not os.access(os.path.join(ROOT, name), os.X_OK)]


def check_format(names):
    files = [name for name in names if name.endswith((".c", ".h"))]
    done = subprocess.run(["clang-format", "--dry-run", "--Werror", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    return sorted(set(re.findall(r"^(\S+?):\d+:\d+: error: .*(?=\[-Wclang-format)", done.stderr, re.M))) or ([done.stderr] if done.returncode else [])


def check_paths(names):
    wrong = []
    for name in names:
        if name == "tests/house/files.py":
            continue
        data = read(name)
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode(errors="replace").split("\n"), 1):
            if FOREIGN.search(line):
                wrong.append(f"{name}:{number}: names a path of a machine or a download address")
    return wrong


def main():
    names = tracked()
    failed = False
    for check in (check_shell, check_python, check_packages, check_executable, check_format, check_paths):
        wrong = check(names)
        for line in wrong:
            print("not ok", line)
        failed = failed or bool(wrong)
        if not wrong:
            print("ok", check.__name__)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
