#!/usr/bin/env python3
"""Documents tell the truth: relative links lead somewhere, docs/operations.md names
every option of every program and quotes the values of proto/limits.h."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OPERATIONS = "docs/operations.md"
UNITS = {"KiB": 1024, "MiB": 1024 * 1024}


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def tracked(*patterns):
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT,
                             capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\n") if name and os.path.isfile(os.path.join(ROOT, name))]


def anchors_of(text):
    """Headings as forges turn them into anchors."""
    titles = re.findall(r"^#+ +(.+?) *$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def check_links():
    wrong = []
    for name in tracked("*.md"):
        text = re.sub(r"^```.*?^```|^    .*?$|`[^`\n]*`", "", read(name), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            full = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            if not os.path.exists(os.path.join(ROOT, full)):
                wrong.append(f"{name}: link to {target}, which is not there")
            elif anchor and full.endswith(".md") and anchor not in anchors_of(read(full)):
                wrong.append(f"{name}: {full} has no heading for #{anchor}")
    return wrong


def check_options():
    operations = read(OPERATIONS)
    wrong, n_options = [], 0
    for name in tracked("*options*.c"):
        if name.startswith("tests/"):
            continue
        for option in re.findall(r'^\s*\{"([a-z][a-z-]+)", OPTION_', read(name), re.M):
            n_options += 1
            if not re.search(rf"`--{option}[ `]", operations):
                wrong.append(f"{OPERATIONS}: --{option} of {name} is missing")
    return wrong if n_options > 40 else [*wrong, f"only {n_options} options found: has their table moved?"]


def check_metrics():
    operations = read(OPERATIONS)
    names = {name for path in tracked("*.c") if not path.startswith("tests/")
             for name in re.findall(r'"(leggio_[a-z_]+|process_[a-z_]+)"', read(path))
             if not name.startswith("leggio_metrics_test")}
    wrong = [f"{OPERATIONS}: metric {name} is missing" for name in sorted(names) if f"`{name}" not in operations]
    told = set(re.findall(r"`(leggio_[a-z_]+)[`{]", operations))
    wrong += [f"{OPERATIONS}: there is no metric {name}" for name in sorted(told - names)]
    return wrong if len(names) > 40 else [*wrong, f"only {len(names)} metrics found"]


def limits():
    """Values of proto/limits.h, as far as they are arithmetic."""
    text = re.sub(r"/\*.*?\*/", "", read("proto/limits.h"), flags=re.S)
    values = {}
    for name, expression in re.findall(r"^#define (LIMIT_\w+)[ \t]+(\S.*)$", text, re.M):
        expression = re.sub(r"(\d+)[uUlL]+", r"\1", expression)
        expression = re.sub(r"LIMIT_\w+", lambda match: str(values.get(match[0], match[0])), expression)
        if re.fullmatch(r"[\d\s()+*/-]+", expression):
            values[name] = eval(expression.replace("/", "//"))  # digits and operators only
    return values


def check_limits():
    values = limits()
    wrong = []
    rows = re.findall(r"^\|[^|]*\| ([\d ]+?)(?: (KiB|MiB))? \| `(LIMIT_\w+)` \|$", read(OPERATIONS), re.M)
    for number, unit, name in rows:
        told = int(number.replace(" ", "")) * UNITS.get(unit, 1)
        if values.get(name) != told:
            wrong.append(f"{OPERATIONS}: {name} is {values.get(name)}, not {told}")
    if len(rows) != len(re.findall(r"`LIMIT_\w+`", read(OPERATIONS))):
        wrong.append(f"{OPERATIONS}: a row of the table of limits has another form than the rest")
    return wrong if rows else [*wrong, f"{OPERATIONS}: no table of limits"]


def check_echo():
    """The example in docs/jsonrpc.md is the program that is compiled and tested."""
    program = read("tests/unit/jsonrpc/echo.c")
    return [] if f"```c\n{program}```" in read("docs/jsonrpc.md") else ["docs/jsonrpc.md: not tests/unit/jsonrpc/echo.c"]


def check_errors():
    """The table of errors in docs/jsonrpc.md has the codes of common/err.c."""
    rows = re.findall(r'\{LG_E\w+, "(\w+)", (\d+), [^}]*?, (-?\d+)\}', read("common/err.c"))
    told = re.findall(r"^\| (-?\d+) \|.*\| (\d+) \|$", read("docs/jsonrpc.md"), re.M)
    wrong = [f"docs/jsonrpc.md: no row for {name}: {code}, HTTP {status}" for name, status, code in rows
             if (code, status) not in told]
    return wrong if rows else ["common/err.c: no table of errors"]


def main():
    failed = False
    for check in (check_links, check_options, check_metrics, check_limits, check_echo, check_errors):
        wrong = check()
        for line in wrong:
            print("not ok", line)
        failed = failed or bool(wrong)
        if not wrong:
            print("ok", check.__name__)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
