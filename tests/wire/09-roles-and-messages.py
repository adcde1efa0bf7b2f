#!/usr/bin/env python3
"""Which role may send which message: every message of docs/script.md by every door with
every role; view and play change nothing. Prints messages tried and refused."""
import atexit
import json
import os
import re
import shutil
import subprocess
import tempfile

import harness
from harness import FORM, Connection, check, equal, form, until
from wsclient import WsClient

FOLDER = tempfile.mkdtemp(prefix="leggio-roles-")
atexit.register(shutil.rmtree, FOLDER, True)
FILE = os.path.join(FOLDER, "auth")
ROLES = ("view", "play", "conduct")
TOKENS = {}
with open(FILE, "w", encoding="utf-8") as lines:
    for each in ROLES:
        made = subprocess.run([harness.tool("leggio-keys"), "token", "--role", each], capture_output=True, text=True, check=True)
        TOKENS[each] = made.stderr.strip()
        lines.write(made.stdout)
os.chmod(FILE, 0o600)


def methods():
    """The words that docs/script.md tells as messages, from the application on."""
    with open(os.path.join(harness.ROOT, "docs", "script.md"), encoding="utf-8") as file:
        text = file.read()
    text = text[text.index("## Application messages"):text.index("## Limits")]
    cells = " ".join(re.findall(r"^\|([^|]*)\|", text, re.M))
    words = {word for code in re.findall(r"`([^`]+)`", cells) for word in re.findall(r"^[a-zA-Z]\w*[+]?", code)}
    check(len(words) > 120, "only", len(words), "methods found: has the document changed?")
    return sorted(words)


SCRIPTS = [f"{target} {method}{rest};" for method in methods() for rest in ("", " 1", " get", " x y")
           for target in ("/ITL", "/ITL/scene", "/ITL/scene/probe")]


class Http:
    """Scripts by POST /."""
    name = "POST /"

    def __init__(self, system, token):
        self.connection = Connection(system.http_port)
        self.headers = [FORM, *([("Authorization", f"Bearer {token}")] if token else [])]

    def is_allowed(self, script):
        answer = self.connection.request("POST", "/", self.headers, form(data=script))
        check(answer.status in (200, 400, 401, 403), script, answer)
        return answer.status in (200, 400)

    def close(self):
        self.connection.close()


class Ws:
    """Scripts by the WebSocket method post."""
    name = "WebSocket post"

    def __init__(self, system, token):
        self.ws = WsClient("127.0.0.1", system.ws_ports[0], f"/?token={token}" if token else "/")

    def is_allowed(self, script):
        reply = self.ws.request("post", data=script)
        return reply["status"] == "OK" or "Not allowed" not in reply["error"]

    def close(self):
        self.ws.close()


class Rpc:
    """Scripts by JSON-RPC over HTTP."""
    name = "POST /rpc"

    def __init__(self, system, token):
        self.connection = Connection(system.http_port)
        self.headers = [("Content-Type", "application/json"), *([("Authorization", f"Bearer {token}")] if token else [])]

    def ask(self, method, **params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        return self.connection.request("POST", "/rpc", self.headers, body)

    def is_allowed(self, script):
        answer = self.ask("post", data=script)
        if answer.status in (401, 403):
            return False
        return answer.json().get("error", {}).get("code") != 40003

    def close(self):
        self.connection.close()


def doors(system):
    probe = Rpc(system, TOKENS["view"])
    has_rpc = probe.ask("version").status == 200
    probe.close()
    return (Http, Ws, Rpc) if has_rpc else (Http, Ws)


def case_only_conductors_send_messages(system):
    version, log = system.scene_version(), system.http.get("/log", ("Authorization", f"Bearer {TOKENS['conduct']}")).text
    n_tried = n_refused = 0
    for role in (None, "view", "play"):
        for door in doors(system):
            client = door(system, TOKENS.get(role))
            for script in SCRIPTS:
                check(not client.is_allowed(script), f"{role} may send {script} by {door.name}")
                n_tried += 1
                n_refused += 1
            client.close()
    equal(system.scene_version(), version, "something was drawn")
    equal(system.http.get("/log", ("Authorization", f"Bearer {TOKENS['conduct']}")).text, log, "something was logged")
    for door in doors(system):
        client = door(system, TOKENS["conduct"])
        for script in SCRIPTS:
            check(client.is_allowed(script), f"conduct may not send {script} by {door.name}")
            n_tried += 1
        client.close()
    check(system.renderer.is_running(), "a script ended the renderer")
    print(f"# messages: {len(SCRIPTS)} by {len(doors(system))} doors; {n_tried} tried, {n_refused} refused (of no token, view, play), "
          f"{n_tried - n_refused} taken (of conduct)", flush=True)


# What each door can do beside scripts, and the least role for it.
REQUESTS = {
    "picture": ("GET", "/", None, "view"), "version": ("GET", "/version", None, "view"), "events": ("HEAD", "/events", None, "view"),
    "page": ("GET", "/view/", None, "view"), "file": ("GET", "/page.txt", None, "view"),
    "width": ("GET", "/?width=99", None, "view"), "click": ("POST", "/click", {"x": 270, "y": 270}, "play"),
    "hover": ("POST", "/hover", {"x": 270, "y": 270}, "play"), "post": ("POST", "/", {"data": "/ITL/scene/probe x 0.1;"}, "conduct"),
    "log": ("GET", "/log", None, "conduct"),
}
WS_REQUESTS = {"version": ({}, "view"), "image": ({}, "view"), "file": ({"path": "page.txt"}, "view"), "click": ({"x": 270, "y": 270}, "play"),
               "hover": ({"x": 270, "y": 270}, "play"), "post": ({"data": "/ITL/scene/probe x 0.1;"}, "conduct"), "log": ({}, "conduct")}


@harness.with_options(n_ws=1)  # the other case has left nothing as it was
def case_each_request_needs_its_role(system):
    with open(os.path.join(system.root, "page.txt"), "w", encoding="utf-8") as file:
        file.write("a page")
    n_tried = n_refused = 0
    for rank, role in enumerate(ROLES):
        header = ("Authorization", f"Bearer {TOKENS[role]}")
        for name, (method, path, fields, least) in REQUESTS.items():
            may = rank >= ROLES.index(least)
            status = system.http.request(method, path, [FORM, header], form(**fields) if fields else None).status
            equal(status, 200 if may else 403, f"{role} {name}")
            n_tried, n_refused = n_tried + 1, n_refused + (not may)
        with WsClient("127.0.0.1", system.ws_ports[0], f"/?token={TOKENS[role]}") as ws:
            until(lambda at=ws: at.request("version")["status"] == "OK", "first version")
            for name, (fields, least) in WS_REQUESTS.items():
                may = rank >= ROLES.index(least)
                equal(ws.request(name, **fields)["status"], "OK" if may else "ERROR", f"{role} {name} over WebSocket")
                n_tried, n_refused = n_tried + 1, n_refused + (not may)
    print(f"# requests: {n_tried} tried, {n_refused} refused", flush=True)


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), n_ws=1, http_options=("--auth", FILE), ws_options=("--auth", FILE))
