#!/usr/bin/env python3
"""libleggio-client as it is installed: header, shared library, pkg-config file, manual pages. The
program of clients/c/README.md is compiled with what is there, as C and as C++, and runs."""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading

import harness
from client_probe import main
from harness import check, equal
from wsserver import WsServer

FOLDER = tempfile.TemporaryDirectory(prefix="leggio-install-")
PREFIX = os.path.join(FOLDER.name, "prefix")
INSTALLING = threading.Lock()


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)
    check(done.returncode == 0, command, done.stdout, done.stderr)
    return done.stdout


def install():
    """Once; the cases run side by side."""
    with INSTALLING:
        if not os.path.isdir(PREFIX):
            run("cmake", "--install", harness.BUILD, "--prefix", PREFIX, "--component", "client")
    found = [os.path.join(folder, name) for folder, _, names in os.walk(PREFIX) for name in names]
    return {os.path.relpath(path, PREFIX) for path in found}


def library():
    return next(os.path.join(PREFIX, name) for name in install() if re.search(r"libleggio-client\.so\.0\.", name))


def pkg_config(*arguments):
    folder = os.path.join(os.path.dirname(library()), "pkgconfig")
    return shlex.split(run("pkg-config", *arguments, "leggio-client", env={**os.environ, "PKG_CONFIG_PATH": folder}))


def sanitizers():
    """What a program needs whose library was built with them."""
    needed = run("readelf", "-d", library())
    return [flag for word, flag in (("libasan", "-fsanitize=address,undefined"), ("libtsan", "-fsanitize=thread"))
            if word in needed]


def readme_program():
    with open(os.path.join(harness.ROOT, "clients", "c", "README.md"), encoding="utf-8") as file:
        return re.search(r"```c\n(.*?)```", file.read(), re.S)[1]


def case_what_is_installed():
    names = install()
    for name in ("include/leggio_client.h", "bin/leggio-watch", "share/man/man1/leggio-watch.1",
                 "share/man/man3/libleggio-client.3"):
        check(name in names, name, names)
    check(any(name.endswith("pkgconfig/leggio-client.pc") for name in names), names)
    check(any(name.endswith("libleggio-client.so") for name in names), names)
    check(all("client" in name or "watch" in name for name in names), "nothing else", names)
    check("SONAME" in run("readelf", "-d", library()), "SONAME")
    check("[libleggio-client.so.0]" in run("readelf", "-d", library()), "SONAME")


def case_only_the_interface_is_exported():
    header = os.path.join(PREFIX, "include", "leggio_client.h")
    exported = set()
    for line in run("nm", "-D", "--defined-only", library()).splitlines():
        kind, name = line.split()[-2:]
        if kind != "A" and not name.startswith(("__asan", "__ubsan", "__tsan", "__odr_asan")):
            exported.add(name.split("@")[0])
    with open(header, encoding="utf-8") as file:
        declared = set(re.findall(r"LG_CLIENT_API[^;]*?(lg_client_\w+)\(", file.read()))
    equal(exported, declared)


def case_every_function_has_a_place_in_the_manual():
    install()
    with open(os.path.join(PREFIX, "include", "leggio_client.h"), encoding="utf-8") as file:
        declared = set(re.findall(r"LG_CLIENT_API[^;]*?(lg_client_\w+)\(", file.read()))
    with open(os.path.join(PREFIX, "share/man/man3/libleggio-client.3"), encoding="utf-8") as file:
        page = file.read()
    equal({name for name in declared if name not in page}, set())
    with open(os.path.join(PREFIX, "share/man/man1/leggio-watch.1"), encoding="utf-8") as file:
        page = file.read().replace("\\-", "-")
    with open(os.path.join(harness.ROOT, "clients/c/watch/main.c"), encoding="utf-8") as file:
        rows = re.findall(r'\{\s*"([a-z-]+)",\s*OPTION_', file.read())
    check(len(rows) > 10, rows)
    equal([name for name in rows if name != "uri" and f"--{name}" not in page], [])


def compiled(compiler, source, output, *flags):
    run(*compiler, source, "-o", output, "-Wall", "-Wextra", "-Werror", *flags, *pkg_config("--cflags", "--libs"),
        *sanitizers(), f"-Wl,-rpath,{os.path.dirname(library())}")


def case_readme_program_compiles_and_runs():
    source, output = os.path.join(FOLDER.name, "version.c"), os.path.join(FOLDER.name, "version")
    with WsServer() as server:
        with open(source, "w", encoding="utf-8") as file:
            file.write(readme_program().replace("ws://127.0.0.1:7100/rpc", server.uri))
        compiled(["cc"], source, output, "-std=c11", "-pedantic")
        with subprocess.Popen([output], stdout=subprocess.PIPE, text=True) as process:
            peer = server.open()
            while True:
                request = peer.recv_json()
                if request["method"] == "version":
                    break
                peer.answer(request, {"value": "pong"})
            peer.answer(request, {"version": 7})
            equal(process.communicate(timeout=20)[0], '{"version": 7}\n')
            equal(process.returncode, 0)
            peer.drop()


def case_header_is_c90_and_cxx():
    source = os.path.join(FOLDER.name, "only.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write("#include <leggio_client.h>\nint main(void) { return lg_client_version() == 0; }\n")
    compiled(["cc"], source, os.path.join(FOLDER.name, "only90"), "-std=c90", "-pedantic")
    run(os.path.join(FOLDER.name, "only90"))
    for compiler in ("g++", "clang++"):
        if subprocess.run(["which", compiler], capture_output=True, check=False).returncode == 0:
            run(compiler, "-x", "c++", "-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", source,
                *pkg_config("--cflags"))
            return
    print("no C++ compiler here: only C was tried", file=sys.stderr)


if __name__ == "__main__":
    main(globals())
