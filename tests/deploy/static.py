#!/usr/bin/env python3
"""What can be said of deploy/ without starting anything: every file is accepted by the program that reads it, and every
option that it gives is one of ours."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import yaml

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(TESTS)
DEPLOY = os.path.join(ROOT, "deploy")
sys.path.insert(0, os.path.join(TESTS, "wire"))
from harness import BIN, Failure, check, equal  # noqa: E402

COMPOSE = os.path.join(DEPLOY, "docker-compose.yml")
KUBERNETES = os.path.join(DEPLOY, "k8s", "leggio.yaml")
EXPOSURE_MAX = 1.5  # systemd's own score of a unit, 0 (sealed) to 10
PROGRAMS = {"renderer": "leggio-renderer", "gateway-http": "leggio-http", "gateway-ws": "leggio-ws", "relay": "leggio-relay"}


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120, **options)
    check(done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def read(path):
    with open(os.path.join(DEPLOY, path), encoding="utf-8") as file:
        return file.read()


def scripts():
    return [path for path in glob.glob(f"{DEPLOY}/*") + glob.glob(f"{DEPLOY}/container/*") if os.path.isfile(path)
            and os.access(path, os.X_OK) and not path.endswith(".py")]


def case_shell_scripts():
    check(len(scripts()) >= 7, scripts())
    run("shellcheck", *scripts())


def case_yaml():
    run("yamllint", "--strict", "-c", f"{DEPLOY}/yamllint.yaml", DEPLOY)


def case_compose():
    run("docker-compose", "--file", COMPOSE, "--profile", "relay", "config", "--quiet")
    services = yaml.safe_load(read("docker-compose.yml"))["services"]
    for name, service in services.items():
        check(service["read_only"] and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"],
              name, "is not confined")
        check(name == "keys" or "mem_limit" in service, name, "has no limit of memory")
        equal(service["build"]["target"], name, "target")
    equal([name for name, service in services.items() if "ports" in service], ["balancer"], "public doors")


def npm_tool(name):
    """The path of a program of package.json; its packages are installed when they are not there."""
    folder = os.path.join(TESTS, "deploy")
    path = os.path.join(folder, "node_modules", ".bin", name)
    if not os.path.exists(path):
        run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)
    return path


def case_dockerfile():
    run(npm_tool("dockerfile-utils"), "lint", f"{DEPLOY}/Dockerfile")
    stages = re.findall(r"^FROM base AS (\S+)$((?:.|\n)*?)(?=^FROM|\Z)", read("Dockerfile"), re.MULTILINE)
    equal({name for name, _ in stages}, set(yaml.safe_load(read("docker-compose.yml"))["services"]), "targets")
    for name, text in stages:
        check("USER 10001:10001" in text, name, "runs as root")
        check("HEALTHCHECK" in text or name == "keys", name, "has no health check")


def documents():
    return list(yaml.safe_load_all(read("k8s/leggio.yaml")))


def case_kubernetes_schema():
    """Each manifest is a value of its kind's type, which takes no field that the kind does not have."""
    text = ""
    for i, document in enumerate(documents()):
        group, _, version = document["apiVersion"].rpartition("/")
        module = f"{group.removesuffix('.k8s.io') or 'core'}/{version}"
        text += (f'import {{{document["kind"]} as Kind{i}}} from "kubernetes-types/{module}";\n'
                 f"export const value{i}: Kind{i} = {json.dumps(document)};\n")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "manifests.ts")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        run(npm_tool("tsc"), "--noEmit", "--strict", "--module", "es2020", "--moduleResolution", "node10", "--baseUrl",
            os.path.join(TESTS, "deploy", "node_modules"), path)


def case_kubernetes_names():
    """Services, policies and scalers lead to pods and ports that there are."""
    pods = {one["metadata"]["name"]: one["spec"]["template"] for one in documents() if one["kind"] in ("Deployment", "StatefulSet")}

    def chosen(selector):
        return [pod for pod in pods.values() if selector.items() <= pod["metadata"]["labels"].items()]
    for one in documents():
        where, spec = f"{one['kind']} {one['metadata']['name']}", one["spec"]
        if one["kind"] == "Service":
            (pod,) = chosen(spec["selector"])
            open_ports = [port for container in pod["spec"]["containers"] for port in container["ports"]]
            known = {port["containerPort"] for port in open_ports} | {port.get("name") for port in open_ports}
            missing = [port for port in spec["ports"] if port.get("targetPort", port["port"]) not in known]
            check(not missing, where, "leads to no port:", missing)
        elif one["kind"] == "HorizontalPodAutoscaler":
            check(spec["scaleTargetRef"]["name"] in pods, where, "scales nothing")
        elif one["kind"] == "NetworkPolicy" and "matchLabels" in spec["podSelector"]:
            check(chosen(spec["podSelector"]["matchLabels"]), where, "is for no pod")


def case_haproxy():
    with tempfile.TemporaryDirectory() as folder:
        pem = os.path.join(folder, "door.pem")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-keyout",
            pem, "-out", f"{folder}/cert")
        with open(f"{folder}/cert", encoding="ascii") as cert, open(pem, "a", encoding="ascii") as file:
            file.write(cert.read())
        os.remove(f"{folder}/cert")
        path = os.path.join(folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(read("container/haproxy.cfg").replace("crt /certs/", f"crt {folder}/door.pem"))
        names = {"LEGGIO_HTTP_NAME": "http.example", "LEGGIO_WS_NAME": "ws.example"}
        for tls in ({}, {"LEGGIO_TLS": "1", "LEGGIO_TLS_PORT": "8443"}):
            said = run("haproxy", "-c", "-f", path, env={**os.environ, **names, **tls})
            check("WARNING" not in said, said)
    run("haproxy", "-c", "-f", f"{DEPLOY}/haproxy.cfg")


def case_systemd():
    units = glob.glob(f"{DEPLOY}/systemd/*.service")
    check(len(units) == 4, units)
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for unit in units:
            name = os.path.basename(unit).replace("@.", "@8001.")
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                # The programs are not installed here and the user leggio is not made.
                file.write(read(unit).replace("/usr/local/bin/", BIN + "/").replace("User=leggio", "User=games"))
            said = run("systemd-analyze", "verify", os.path.join(folder, name))
            equal(said, "", name)
            score = re.search(r"exposure level for \S+: ([\d.]+)", run("systemd-analyze", "security", "--offline=yes",
                                                                          os.path.join(folder, name)))
            check(score and float(score[1]) <= EXPOSURE_MAX, name, "is exposed:", score and score[1])
            told.append(f"{name} {score[1]}")
    return "exposure " + ", ".join(sorted(told))


def case_prometheus():
    run("promtool", "check", "config", f"{DEPLOY}/prometheus/scrape.yaml")
    headings = re.findall(r"^#+ (.*)$", open(os.path.join(ROOT, "docs", "operations.md"), encoding="utf-8").read(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    rules = [rule for group in yaml.safe_load(read("prometheus/alerts.yaml"))["groups"] for rule in group["rules"]]
    for rule in rules:
        check(rule["annotations"]["symptom"] in anchors, rule["alert"], "names no heading of docs/operations.md")
    panels = json.loads(read("grafana/leggio.json"))["panels"]
    equal(len({panel["id"] for panel in panels}), len(panels), "ids of panels")


def check_options(where, program, words):
    known = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", run(os.path.join(BIN, program), "--help"), re.MULTILINE))
    check(len(known) > 5, program, "--help shows", known)
    wrong = [word for word in words if word.startswith("--") and word.split("=")[0] not in known]
    check(not wrong, f"{where}: {program} has no", wrong)


def case_our_options():
    for name, service in yaml.safe_load(read("docker-compose.yml"))["services"].items():
        if name in PROGRAMS:
            check_options(f"compose {name}", PROGRAMS[name], service["command"])
    for document in documents():
        for container in document["spec"].get("template", {}).get("spec", {}).get("containers", ()):
            equal(container["image"], f"leggio-{container['name']}", "image")
            check(container["securityContext"]["readOnlyRootFilesystem"], container["name"], "has a writable root")
            if container["name"] in PROGRAMS:
                check_options(f"k8s {container['name']}", PROGRAMS[container["name"]], container["args"])
    for unit in glob.glob(f"{DEPLOY}/systemd/*.service"):
        program, *words = re.search(r"^ExecStart=/usr/local/bin/(.*)$", read(unit), re.MULTILINE)[1].split()
        check_options(os.path.basename(unit), program, words)
        settings = re.findall(r"^#\s+LEGGIO_(\w+)=", read(unit), re.MULTILINE)
        check_options(os.path.basename(unit), program, ["--" + name.lower().replace("_", "-") for name in settings])


def main():
    n_failed = 0
    for name, case in list(globals().items()):
        if name.startswith("case_"):
            try:
                told = case()
                print(f"ok {name[5:]}" + (f": {told}" if told else ""), flush=True)
            except (Failure, OSError, KeyError, TypeError, ValueError) as error:
                n_failed += 1
                print(f"not ok {name[5:]}: {error}", flush=True)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
