#!/usr/bin/env python3
"""SVG that crashes librsvg, works for hours or eats the memory: the object stays
empty, the renderer goes on. SVG that names files: none outside the root path."""
import os
import struct
import tempfile
import zlib

import harness
from harness import FORM, check, equal, form, until

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">'


def post(system, script, limit_s=60):
    with system.http.connect(limit_s=limit_s) as connection:
        return connection.request("POST", "/", [FORM], form(data=script))


def filtered(primitive):
    return f'{HEAD}<filter id="f">{primitive}</filter><rect width="90" height="90" filter="url(#f)"/></svg>'


def survives(system, document, more=""):
    answer = post(system, f"/ITL/scene/s set svg '{document}';{more}")
    check(answer.status in (200, 400), answer)
    answer = post(system, system.touch_script())
    check(answer.status == 200, answer)
    check(system.renderer.is_running())
    check(system.renderer.rss_kb() < 600_000, system.renderer.rss_kb())
    post(system, "/ITL/scene/s del;")


def case_a_document_that_crashes_librsvg_is_refused(system):
    survives(system, filtered(f'<feConvolveMatrix order="100" kernelMatrix="{"1 " * 10000}"/>'))


def case_a_document_that_works_for_hours_is_given_up(system):
    survives(system, filtered('<feTurbulence baseFrequency="0.05" numOctaves="100000"/>'), "/ITL/scene/s scale 10.;")


def case_a_document_of_gigabytes_is_given_up(system):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + 30000 // 8)) for _ in range(30000)) + packer.flush()
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0)) + \
        chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    with open(f"{system.root}/bomb.png", "wb") as file:
        file.write(bomb)
    survives(system, f'{HEAD}<image href="bomb.png" width="50" height="50"/></svg>')


def case_the_worker_may_be_killed_at_any_time(system):
    square = f'{HEAD}<rect width="100" height="100" fill="lime"/></svg>'
    check(post(system, f"/ITL/scene/s set svg '{square}';").status == 200)
    with open(f"/proc/{system.renderer.process.pid}/task/{system.renderer.process.pid}/children",
              encoding="ascii") as file:
        children = [int(word) for word in file.read().split()]
    for child in children:
        os.kill(child, 9)
    before = system.http.get("/image").body
    answer = post(system, "/ITL/scene/s scale 0.5;")
    check(answer.status == 200, answer)
    check(system.http.get("/image").body != before)
    post(system, "/ITL/scene/s del;")


def case_an_exported_file_holds_what_the_worker_drew(system):
    """Files of vectors too: the document is never drawn in the renderer itself."""
    path = f"{system.root}/drawn.svg"
    answer = post(system, f"/ITL/scene/s set svg '{HEAD}<circle cx=\"50\" cy=\"50\" r=\"40\"/></svg>'; "
                          "/ITL/scene export 'drawn.svg';")
    check(answer.status == 200, answer)
    until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "the file")
    with open(path, encoding="utf-8") as file:
        check("<image" in file.read())
    post(system, "/ITL/scene/s del;")


def case_no_picture_shows_a_file_outside_the_root_path(system):
    with tempfile.TemporaryDirectory() as outside:
        shows_nothing_of(system, outside)


def shows_nothing_of(system, outside):
    """The folder of the score and what lies below it is the score's own."""
    with open(f"{outside}/secret.svg", "w", encoding="ascii") as file:
        file.write(f'{HEAD}<rect width="100" height="100" fill="red"/></svg>')
    post(system, "/ITL/scene/* del;")
    empty = until(lambda: system.http.get("/image"), "image")
    os.symlink(outside, f"{system.root}/link")
    for folder in ("/", outside, f"{system.root}/link", ".."):
        for href in (f"file://{outside}/secret.svg", f"{outside}/secret.svg", "secret.svg", "link/secret.svg",
                     f"{outside[1:]}/secret.svg"):
            image = f'{HEAD}<image href="{href}" width="90" height="90"/></svg>'
            for place in ("/ITL", "/ITL/scene"):
                post(system, f"{place} rootPath \"{folder}\"; /ITL/scene/s set svg '{image}';")
                answer = post(system, "/ITL/scene/s scale 2.;")
                equal(answer.version, empty.version, f"rootPath {folder} shows {href}")
                post(system, f"/ITL/scene/s del; {place} rootPath \"{system.root}\";")


harness.main(globals(), renderers=("real",))
