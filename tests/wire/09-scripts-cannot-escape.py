#!/usr/bin/env python3
"""Scripts of whoever conducts stay inside (docs/security.md "What a script can reach"):
every message that names a file, a host or a port is tried with every way out that we
know. Outside nothing is opened, written or asked, no system port is open, and the
renderer lives. Prints what was tried and what came through."""
import atexit
import ctypes
import os
import shutil
import socket
import struct
import tempfile
import threading
import time
import zipfile
import zlib
from io import BytesIO

import harness
from harness import check, equal, until

BASE = tempfile.mkdtemp(prefix="leggio-stage-")  # not beside the score: its folder is allowed too
atexit.register(shutil.rmtree, BASE, True)
MARK = "LEGGIO-SECRET-7f3a"
ALL_EVENTS = 0xfff  # open, access, create, modify, move, delete …
LIBC = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Tells whether anything in some folders was touched (inotify)."""

    def __init__(self, *folders):
        self.fd = LIBC.inotify_init1(os.O_NONBLOCK)
        for folder in folders:
            check(LIBC.inotify_add_watch(self.fd, folder.encode(), ALL_EVENTS) >= 0, "inotify", folder)

    def names(self):
        """Names of what was touched since the last call."""
        names = []
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return names
        at = 0
        while at < len(data):
            size = struct.unpack_from("I", data, at + 12)[0]
            names.append(data[at + 16:at + 16 + size].rstrip(b"\0").decode())
            at += 16 + size
        return names


class Ears:
    """A TCP and a UDP port on loopback that count who comes."""

    def __init__(self):
        self.n_heard = 0
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        for listen in (self._tcp, self._udp):
            threading.Thread(target=listen, daemon=True).start()

    def _tcp(self):
        while True:
            peer, _ = self.tcp.accept()
            self.n_heard += 1
            peer.close()

    def _udp(self):
        while True:
            self.udp.recv(65536)
            self.n_heard += 1


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"\0\xff\0\0" * 1
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


CONTENTS = {
    "txt": MARK.encode(), "html": f"<b>{MARK}</b>".encode(), "png": png(), "inscore": f"/ITL/scene/{MARK} set txt {MARK};".encode(),
    "svg": f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><title>{MARK}</title></svg>".encode(),
    "gmn": b"[ c d e ]", "xml": b"<score-partwise/>", "mid": b"MThd", "js": f"post('/ITL/scene/x', 'set', 'txt', '{MARK}');".encode(),
}

# Messages that read a file; {p} is the path.
READS = {
    "inscore": ["/ITL load '{p}';", "/ITL/scene load '{p}';", "/ITL preprocess '{p}';", "/ITL/scene preprocess '{p}';",
                "/ITL/scene/x set file '{p}';", "/ITL read '{p}';"],
    "txt": ["/ITL/scene/x set txtf '{p}';", "/ITL/scene/x set file '{p}';", "/ITL/scene/x set rect 1. 1.; /ITL/scene/x mapf '{p}';",
            "/ITL/scene/x set rect 1. 1.; /ITL/scene/x map+f a '{p}';", "/ITL/scene/fileWatcher watch '{p}' (/ITL/scene/x set txt seen);",
            "/ITL/scene/x set fastgraph '{p}';", "/ITL/scene/x set url '{p}' 200 200;", "/ITL/scene/x set pianorollf '{p}';",
            "/ITL/scene/x set gmn expr(seq '{p}' '{p}');", "/ITL/scene/x set memimg '{p}';", "/ITL/scene/x set layer '{p}';"],
    "html": ["/ITL/scene/x set htmlf '{p}';", "/ITL/scene/x set html '<img src=\"{p}\">';", "/ITL/scene/x set url '{p}' 200 200;",
             "/ITL/scene/x set html '<object data=\"{p}\"></object><iframe src=\"{p}\"></iframe><link rel=stylesheet href=\"{p}\">';"],
    "png": ["/ITL/scene/x set img '{p}';", "/ITL/scene/x set file '{p}';", "/ITL/scene/x set html '<img src=\"{p}\">';"],
    "svg": ["/ITL/scene/x set svgf '{p}';", "/ITL/scene/x set file '{p}';"],
    "gmn": ["/ITL/scene/x set gmnf '{p}';", "/ITL/scene/x set pianorollf '{p}';", "/ITL/scene/x set gmn expr(seq '{p}' '[ c ]');"],
    "xml": ["/ITL/scene/x set musicxmlf '{p}';"],
    "mid": ["/ITL/scene/x set pianorollf '{p}';"],
    "js": ["<?javascript readFile('{p}') ?>", "<?javascript post('/ITL', 'load', '{p}') ?>", "<?javascript print(readFile('{p}')) ?>"],
}
SVG = "/ITL/scene/x set svg \"<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' " \
      "xmlns:xi='http://www.w3.org/2001/XInclude' width='200' height='200'>{body}</svg>\";"
SVG_BODIES = {
    "png": ["<image width='99' height='99' xlink:href='{p}'/>", "<image width='99' height='99' href='{p}'/>",
            "<filter id='f'><feImage href='{p}' xlink:href='{p}'/></filter><rect width='99' height='99' filter='url(#f)'/>"],
    "svg": ["<use xlink:href='{p}#a'/>", "<rect width='9' height='9' fill='url({p}#a)'/>", "<rect width='9' height='9' mask='url({p}#m)'/>"],
    "txt": ["<text y='50'><xi:include href='{p}' parse='text'/></text>", "<xi:include href='{p}' parse='xml'/>",
            "<text y='50'><xi:include href='.?{p}' parse='text'/></text>", "<style>@import url('{p}');</style>",
            "<text y='50'><xi:include href='none' parse='text'><xi:fallback><xi:include href='{p}' parse='text'/></xi:fallback></xi:include></text>"],
}
# Messages that write a file.
WRITES = ["/ITL save '{p}';", "/ITL/scene save '{p}';", "/ITL/scene/probe save '{p}';", "/ITL/scene/probe save '+' '{p}';",
          "/ITL/scene export '{p}';", "/ITL/scene exportAll '{p}';", "/ITL/scene/probe export '{p}';", "/ITL/log write '{p}';",
          "/ITL/log save '{p}';", "/ITL/scene/probe write '{p}';", "/ITL/stats write '{p}';"]
ROOTS = ["/ITL rootPath '{d}'; /ITL load '{n}';", "/ITL/scene rootPath '{d}'; /ITL/scene load '{n}';",
         "/ITL/scene rootPath '{d}'; /ITL/scene/x set txtf '{n}';", "/ITL rootPath '{d}'; /ITL save '{n}';",
         "/ITL/scene rootPath '{d}'; /ITL/scene/x set svg \"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
         "<image width='9' height='9' href='{n}'/></svg>\";"]


def ways_out(system, name):
    """Spellings of the file NAME in the folder beside the root."""
    outside = os.path.join(BASE, "outside")
    absolute = os.path.join(outside, name)
    return [absolute, f"../outside/{name}", f"./../outside/{name}", f"sub/../../outside/{name}", f"sub//..//..//outside/{name}",
            f"link-{name}", f"out/{name}", f"out/../outside/{name}", f"sub/up/outside/{name}", f"hop/{name}",
            f"%2e%2e/outside/{name}", f"..%2foutside/{name}", f"..\\outside\\{name}", f"/{absolute}", f"{system.root}/../outside/{name}",
            f"{system.root}/out/{name}", f"/proc/self/root{absolute}", f"/proc/self/cwd/../outside/{name}", f"magic/{absolute}",
            f"file://{absolute}", f"FILE://localhost{absolute}", f"file:{absolute}", f"file:../outside/{name}",
            f"file:///proc/self/root{absolute}", f"~/../{absolute}"]


def set_the_stage(system):
    outside = os.path.join(BASE, "outside")
    if os.path.isdir(outside):
        return outside
    os.mkdir(outside)
    os.mkdir(os.path.join(system.root, "sub"))
    for kind, content in CONTENTS.items():
        with open(os.path.join(outside, f"secret.{kind}"), "wb") as file:
            file.write(content)
        os.symlink(os.path.join(outside, f"secret.{kind}"), os.path.join(system.root, f"link-secret.{kind}"))
    os.symlink(outside, os.path.join(system.root, "out"))
    os.symlink("../outside", os.path.join(system.root, "hop"))
    os.symlink("../..", os.path.join(system.root, "sub", "up"))
    os.symlink("/proc/self/root", os.path.join(system.root, "magic"))
    os.mkfifo(os.path.join(system.root, "fifo.txt"))
    return outside


def post(system, script):
    answer = system.http.post(script)
    check(answer.status in (200, 400), script[:200], answer)
    return answer.text


def seen_by_clients(system):
    """Everything of text that clients can get now."""
    return post(system, "/ITL/scene/* get; /ITL get;") + system.http.get("/log").text


def case_nothing_outside_is_read(system):
    outside = set_the_stage(system)
    watch = Watch(outside)
    scripts = [(kind, message) for kind, messages in READS.items() for message in messages]
    scripts += [(kind, SVG.format(body=body)) for kind, bodies in SVG_BODIES.items() for body in bodies]
    n_tried, wrong = 0, []
    for kind, message in scripts:
        for path in ways_out(system, f"secret.{kind}"):
            text = post(system, message.replace("{p}", path) + " /ITL/scene/x get; $v = $(/ITL/scene/x get);")
            n_tried += 1
            touched = watch.names()
            if touched or MARK in text:
                wrong.append(f"{message} {path}: {touched} {text[:100]}")
        post(system, "/ITL/scene/x del;")
        system.http.get("/")
    until(lambda: system.http.get("/").status == 200, "picture")
    touched = watch.names()
    if touched:
        wrong.append(f"later: {touched}")
    check(MARK not in seen_by_clients(system).replace("secret.", ""), "the mark shows")
    print(f"# reads outside: {n_tried} tried, {len(wrong)} came through", flush=True)
    check(not wrong, "\n".join(wrong[:20]))


def case_the_same_messages_read_inside(system):
    """So that the case above is worth something."""
    set_the_stage(system)
    inside = os.path.join(system.root, "sub")
    for kind, content in CONTENTS.items():
        with open(os.path.join(inside, f"secret.{kind}"), "wb") as file:
            file.write(content)
    watch = Watch(inside)
    n_read, n_tried = 0, 0
    for kind in {*READS, *SVG_BODIES}:
        messages = READS.get(kind, []) + [SVG.format(body=body) for body in SVG_BODIES.get(kind, [])]
        n_read_kind = 0
        for message in messages:
            n_tried += 1
            post(system, message.replace("{p}", f"sub/secret.{kind}"))
            system.http.get("/")
            n_read_kind += f"secret.{kind}" in watch.names()
        check(n_read_kind > 0, "no message reads", kind)
        n_read += n_read_kind
    for kind in CONTENTS:
        os.unlink(os.path.join(inside, f"secret.{kind}"))
    post(system, "/ITL/scene/x del;")
    print(f"# reads inside: {n_tried} tried, {n_read} read", flush=True)


def case_moved_root_paths_stay_inside(system):
    outside = set_the_stage(system)
    watch = Watch(outside)
    n_tried = 0
    for message in ROOTS:
        for folder in (outside, "../outside", f"{system.root}/out", f"{system.root}/..", f"{system.root}/../outside", "/", "out", "hop",
                       "/proc/self/root", f"{system.root}/magic{outside}", "file://" + outside):
            for name in ("secret.inscore", "secret.txt", "outside/secret.txt"):
                post(system, message.replace("{d}", folder).replace("{n}", name))
                n_tried += 1
                equal(watch.names(), [], f"{message} {folder} {name}")
        post(system, f"/ITL rootPath '{system.root}'; /ITL/scene rootPath ''; /ITL/scene/x del;")
    print(f"# root paths: {n_tried} tried, 0 came through", flush=True)
    equal(system.http.get("/outside/secret.txt").status, 404)


def case_nothing_outside_is_written(system):
    outside = set_the_stage(system)
    before = sorted(os.listdir(outside)), sorted(os.listdir(BASE))
    watch = Watch(outside)
    n_tried = 0
    for message in WRITES:
        for name in ("secret.txt", "new.txt", "new.inscore", "new.png", "new.svg"):
            for path in ways_out(system, name):
                post(system, message.replace("{p}", path))
                n_tried += 1
    until(lambda: system.http.get("/version").status == 200, "alive")
    post(system, "/ITL/scene export 'done.png';")  # the last of the queue of exports
    until(lambda: os.path.exists(os.path.join(system.root, "done.png")), "exports are through")
    equal(watch.names(), [], "touched")
    equal((sorted(os.listdir(outside)), sorted(os.listdir(BASE))), before)
    with open(os.path.join(outside, "secret.txt"), encoding="utf-8") as file:
        equal(file.read(), MARK)
    check(os.path.islink(os.path.join(system.root, "link-secret.txt")), "a link was replaced by a file")
    print(f"# writes outside: {n_tried} tried, 0 came through", flush=True)


def case_devices_and_fifos_hold_nobody(system):
    set_the_stage(system)
    for path in ("fifo.txt", "/dev/zero", "/dev/stdin", "sub", ".", "", "/dev/tcp/127.0.0.1/1", "sub/", "a" * 5000):
        for message in ("/ITL load '{p}';", "/ITL/scene/x set txtf '{p}';", "/ITL/scene/x set img '{p}';", "/ITL save '{p}';",
                        "/ITL/scene export '{p}';", "/ITL/log write '{p}';"):
            begun = time.monotonic()
            post(system, message.replace("{p}", path))
            check(time.monotonic() - begun < 5, message, path)


def network_scripts(port):
    host = f"127.0.0.1:{port}"
    urls = [f"http://{host}/a", f"https://{host}/a", f"HTTP://{host}/a", f"ftp://{host}/a", f"gopher://{host}/a", f"ws://{host}/a",
            f"dict://{host}/a", f"http://localhost:{port}/a", f"http://[::ffff:127.0.0.1]:{port}/a", f"http://2130706433:{port}/a",
            f"//{host}/a", f"http://user@{host}/a", f"smb://{host}/a", f"sftp://{host}/a", f"telnet://{host}", f"ldap://{host}/a"]
    for url in urls:
        for messages in READS.values():
            yield from (message.replace("{p}", url) for message in messages)
        for bodies in SVG_BODIES.values():
            yield from (SVG.format(body=body.replace("{p}", url)) for body in bodies)
        yield f"/ITL save '{url}';"
        yield f"/ITL/scene export '{url}';"
        yield f"/ITL rootPath '{url}'; /ITL load 'x.inscore';"
        yield f"/ITL forward '{url}';"
    for target in (host, f"localhost:{port}", "127.0.0.1", f"[::1]:{port}", f"127.0.0.255:{port}", f"255.255.255.255:{port}"):
        yield f"/ITL forward {target}; /ITL/scene/probe x 0.1; /ITL/scene/probe get;"
        yield f"/ITL/scene forward {target}; /ITL/scene/probe x 0.2;"
        yield f"{target}/ITL/scene/probe x 0.3;"
        yield f"\"{target.rpartition(':')[0] or target}\":{port}/ITL/scene/probe x 0.3;"
        yield f"<?javascript post('{target}/ITL/scene/probe', 'x', 0.4) ?>"
        yield f"/ITL/scene/probe watch mouseDown ({target}/ITL/a x 1); /ITL/scene/probe event mouseDown 0 0;"
        yield f"/ITL/scene/probe eval ({target}/ITL/a x 1);"
    yield f"/ITL outport {port}; /ITL errport {port}; /ITL hello; /ITL/scene/probe get; /ITL/scene/nobody x 1;"
    yield f"/ITL/scene/w set websocket {port} 50; /ITL/scene/h set httpd {port};"


def case_nothing_reaches_the_network(system):
    set_the_stage(system)
    ears = Ears()
    scripts = list(network_scripts(ears.port))
    for script in scripts:
        post(system, script)
    post(system, "/ITL forward; /ITL/scene forward; /ITL/scene/* del; /ITL/scene/probe set rect 0.5 0.5;")
    until(lambda: system.http.get("/").status == 200, "picture")
    equal(ears.n_heard, 0, "somebody came")
    print(f"# network: {len(scripts)} tried, 0 came through", flush=True)


def listening_below_1024():
    """TCP and UDP ports of the system that are open on this machine."""
    ports = set()
    for name, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", None), ("udp6", None)):
        with open(f"/proc/net/{name}", encoding="ascii") as table:
            for row in list(table)[1:]:
                words = row.split()
                if state in (None, words[3]):
                    ports.add((name[:3], int(words[1].rpartition(":")[2], 16)))
    return {port for port in ports if 0 < port[1] < 1024}


@harness.with_options(n_ws=1, renderer_options=("--osc-port", str(harness.free_port(socket.SOCK_DGRAM))))
def case_system_ports_stay_closed(system):
    before = listening_below_1024()
    n_tried = 0
    for port in (1, 21, 80, 81, 443, 1023):
        for script in (f"/ITL/scene/h set httpd {port};", f"/ITL/scene/w set websocket {port} 50;", f"/ITL port {port};"):
            text = post(system, script)
            if "set" in script:
                check("ports from 1024" in text, script, text)
            n_tried += 1
        post(system, "/ITL/scene/h del; /ITL/scene/w del;")
    post(system, "/ITL/scene/v set websocket 0 50; /ITL/scene/v set httpd -1; /ITL/scene/v set httpd 65536;")
    port = harness.free_port()
    post(system, f"/ITL/scene/h set httpd {port};")
    until(lambda: harness.accepts(port), "a port above")
    equal(listening_below_1024() - before, set(), "opened")
    print(f"# system ports: {n_tried} tried, 0 opened", flush=True)


def case_no_script_ends_the_renderer(system):
    scripts = ["/ITL quit;", "/ITL/scene del;", "/ITL/* del;", "/ITL del;", "<?javascript post('/ITL', 'quit') ?>", "/ITL event quit;",
               "/ITL/scene/a set txt x; /ITL/scene/a watch click (/ITL quit); /ITL/scene/a event click;", "/ITL after 1 (/ITL quit);",
               "/ITL eval (/ITL quit);", "/ITL alias quit '/q'; /q;", "/ITL/scene/* quit; /* quit; /ITL/scene/.. quit;"]
    for script in scripts:
        post(system, script)
        post(system, "/ITL/scene new; /ITL/scene/probe set rect 0.5 0.5;")
    check(system.renderer.is_running(), "ended")
    print(f"# quit: {len(scripts)} tried, 0 came through", flush=True)


def mxl(entries):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


CONTAINER = "<container><rootfiles><rootfile full-path='{}'/></rootfiles></container>"
LAUGHS = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 10))


def case_bombs_are_refused_and_cost_little(system):
    outside = set_the_stage(system)
    watch = Watch(outside)
    secret = os.path.join(outside, "secret.txt")
    body = "<score-partwise><part-list><score-part id='P'><part-name>{}</part-name></score-part></part-list>" \
           "<part id='P'><measure number='1'><note><rest/><duration>4</duration></note></measure></part></score-partwise>"
    files = {
        "laughs.xml": f"<!DOCTYPE a [<!ENTITY a0 'ha'>{LAUGHS}]>" + body.format("&a9;"),
        "quadratic.xml": f"<!DOCTYPE a [<!ENTITY a '{'a' * 100_000}'>]>" + body.format("&a;" * 10_000),
        "external.xml": f"<!DOCTYPE a [<!ENTITY x SYSTEM 'file://{secret}'>]>" + body.format("&x;"),
        "parameter.xml": f"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file://{secret}'> %x;]>" + body.format("x"),
        "doctype.xml": f"<!DOCTYPE score-partwise SYSTEM 'file://{secret}'>" + body.format("x"),
        "bomb.mxl": mxl({"META-INF/container.xml": CONTAINER.format("a.xml"), "a.xml": b" " * 300_000_000}),
        "many.mxl": mxl({"META-INF/container.xml": CONTAINER.format("a.xml"), **{f"f{i}": b"" for i in range(3000)}}),
        "climb.mxl": mxl({"META-INF/container.xml": CONTAINER.format("../outside/secret.xml"), "../outside/secret.xml": body.format("x")}),
        "absolute.mxl": mxl({"META-INF/container.xml": CONTAINER.format(secret), "a.xml": body.format("x")}),
        "bomb.svg": f"<!DOCTYPE svg [<!ENTITY a0 'ha'>{LAUGHS}]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>&a9;</text></svg>",
        "external.svg": f"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file://{secret}'>]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>&x;</text></svg>",
        "deep.html": "<div>" * 100_000,
    }
    for name, data in files.items():
        with open(os.path.join(system.root, name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        kind = {"xml": "musicxmlf", "mxl": "musicxmlf", "svg": "svgf", "html": "htmlf"}[name.rpartition(".")[2]]
        begun = time.monotonic()
        post(system, f"/ITL/scene/x set {kind} '{name}'; /ITL/scene/x get;")
        until(lambda: system.http.get("/").status == 200, "picture")
        check(time.monotonic() - begun < 15, name, time.monotonic() - begun)
        equal(watch.names(), [], name)
    post(system, "/ITL/scene/x del;")
    check(system.renderer.is_running(), "ended")
    check(system.renderer.rss_kb() < 1_000_000, system.renderer.rss_kb())
    print(f"# bombs: {len(files)} tried", flush=True)


if __name__ == "__main__":
    harness.main(globals(), renderers=("real",), root=os.path.join(BASE, "root"))
