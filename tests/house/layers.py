#!/usr/bin/env python3
"""The layers of docs/architecture.md section 2: who may include whom."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Folder -> project folders that it may include (itself is always fine). The
# longest matching folder counts.
MAY_INCLUDE = {
    "proto": ["common"],
    "common": ["proto"],
    "renderer/score": ["common", "proto"],
    "renderer/script": ["common", "proto", "renderer/score"],
    "renderer/draw": ["common", "proto"],
    "renderer/notation": ["common", "proto", "renderer/score"],
    "renderer/types": ["common", "proto", "renderer/score", "renderer/draw", "renderer/notation"],
    "engrave": ["common", "proto", "renderer/notation"],
    "keys": ["common", "proto"],
    "renderer/io": ["common", "proto", "renderer/score"],
    "renderer/broker": ["common", "proto"],
    "renderer": ["common", "proto", "renderer/score", "renderer/script", "renderer/draw", "renderer/types",
                 "renderer/notation", "renderer/io", "renderer/broker"],
    "gateway-http": ["common", "proto"],
    "gateway-ws": ["common", "proto"],
    "relay": ["common", "proto"],
    "clients/c": ["common"],
}

# Library header -> files that may see it.
MAY_SEE = {
    r"microhttpd\.h": r"gateway-http/server/.*|common/admin\.c",
    r"gnutls/.*\.h": r"gateway-http/server/http_tls\..",
    r"hiredis/.*\.h": r"gateway-ws/store/redis_.*",
    r"openssl/.*\.h": r"gateway-ws/link/ws_tls\.c|clients/c/.*",
    r"libwebsockets\.h": r"gateway-ws/link/ws_.*|clients/c/.*",
    r"(czmq|zmq)\.h": r".*broker/.*|proto/.*|common/zeromq.*|relay/.*",
    r"cairo.*\.h": r"renderer/(draw|types|notation)/.*",
    r"pango/.*\.h": r"renderer/(types|notation)/.*",
    r"(librsvg|gdk-pixbuf)/.*\.h": r"renderer/(draw|types)/.*",
    r"(ft2build|freetype/.*)\.h": r"renderer/notation/.*",
    r"sqlite3\.h": r"renderer/io/.*",
    r"duktape\.h": r"renderer/io/javascript/.*",
    r"curl/.*\.h": r"renderer/io/.*",
    r"lo/.*\.h": r"renderer/io/.*",
    r"zip\.h": r"renderer/notation/read/musicxml/.*",
    r"qrencode\.h": r"renderer/types/.*",
}


def sources():
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.c", "*.h", "*.l", "*.y"],
                             cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\n")
            if name and not name.startswith("tests/") and os.path.exists(os.path.join(ROOT, name))]


def room_of(path):
    rooms = [room for room in MAY_INCLUDE if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else None


def check(path):
    room = room_of(path)
    if room is None:
        return [f"{path}: in no room of docs/architecture.md"]
    wrong = []
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            library = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if own:
                target = room_of(own[1])
                if target and target != room and target not in MAY_INCLUDE[room]:
                    wrong.append(f"{path}:{number}: {room} must not know {own[1]}")
            elif library:
                for header, files in MAY_SEE.items():
                    if re.fullmatch(header, library[1]) and not re.fullmatch(files, path):
                        wrong.append(f"{path}:{number}: {library[1]} is not for this file")
    return wrong


def main():
    files = sources()
    wrong = [line for path in files for line in check(path)]
    for line in wrong:
        print("not ok", line)
    if not files:
        print("not ok no sources found")
    if not wrong and files:
        print(f"ok {len(files)} files keep the layers")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
