#!/usr/bin/env python3
"""Every type, message and event of the language is known to the program and told in docs/script.md (language reference
5, 6, 8, 9, 9.1, 10 to 15). A message is known when it can be watched: any other name is refused (11.1)."""
import os

import harness
from harness import check, equal

COMMON = """x y z dx dy dz angle dangle rotatex rotatey rotatez drotatex drotatey drotatez scale dscale xorigin yorigin
dxorigin dyorigin shear dshear width height show color hsb red green blue alpha hue saturation brightness dcolor dhsb dred
dgreen dblue dalpha dhue dsaturation dbrightness penWidth penColor penAlpha pendAlpha penStyle brushStyle effect del lock class
edit refresh eval export exportAll save watch watch+ event push pop alias map map+ mapf date duration ddate dduration clock
durClock tempo dtempo set""".split()
MEDIA = "play volume dvolume rate vdate".split()
TEXT = "fontSize fontFamily fontStyle fontWeight write".split()
SCORE = "page dpage columns rows pageFormat".split()
ROLL = "clipTime clipPitch keyboard measureBars autoVoicesColoration voiceColor pitchLines".split()
SENSOR = "run smooth autoscale max calibrate reset".split()
# type: parameters of set, own messages
TYPES = {
    "txt": ("a", TEXT), "txtf": ("a.txt", TEXT), "html": ("a", TEXT), "htmlf": ("a.html", TEXT), "rect": ("1 1", ["radius"]),
    "ellipse": ("1 1", []), "polygon": ("0. 0. 1. 0. 1. 1.", []), "curve": ("0. 0. 0. 1. 1. 1. 1. 0.", []),
    "line": ("xy 1. 1.", ["arrows"]), "arc": ("1 1 0 90", "start range dstart drange close".split()), "img": ("a.png", []),
    "svg": ("'<svg/>'", ["animate"]), "svgf": ("a.svg", ["animate"]), "gmn": ("'[a]'", SCORE), "gmnf": ("a.gmn", SCORE),
    "gmnstream": ("'[a'", SCORE + ["write", "clear"]), "musicxml": ("'<a/>'", SCORE), "musicxmlf": ("a.xml", SCORE),
    "pianoroll": ("'[a]'", ROLL), "pianorollf": ("a.gmn", ROLL), "pianorollstream": ("'[a'", ROLL + ["write", "clear"]),
    "graph": ("s", []), "fastgraph": ("s", []), "radialgraph": ("s", []),
    "grid": ("2 2", "columns rows xborder yborder order".split()), "layer": ("", []), "memimg": ("'/ITL/scene'", []),
    "video": ("a.mp4", MEDIA), "audio": ("a.wav", MEDIA), "file": ("a.txt", []), "httpd": (f"{harness.free_port()}", []),
    "websocket": (f"{harness.free_port()} 100", []),
    "faust": ("1 1", []), "faustdsp": ("a", []), "faustdspf": ("a.dsp", []), "faustf": ("a", []), "faustw": ("a", []),
    "audioio": ("1 1", []), "gesturefollower": ("1", []), "url": ("img a", []),
    **{name: ("", SENSOR) for name in "accelerometer ambientlight compass gyroscope light magnetometer orientation proximity "
       "rotation tilt".split()},
}
APPLICATION = """load rootPath require hello quit port outport errport errorAddress defaultShow compatibility parse rate time ticks
mouse browse forward read preprocess scenes watch save""".split()
SCENE = """new del reset width height x y xorigin yorigin scale color alpha fullscreen frameless opengl absolutexy windowOpacity
foreground load rootPath parse preprocess forward export save eval lock""".split()
EVENTS = """mouseDown mouseUp mouseMove mouseEnter mouseLeave doubleClick touchBegin touchEnd touchUpdate newData ready error success
cancel end export pageCount""".split()
SCENE_EVENTS = "newElement endPaint portrait landscape".split()
# of types whose files or text are missing here the object is not made
NOT_MADE = {"txtf", "htmlf", "file"}


def post(system, script):
    body = b"data=" + harness.percent(script).encode()
    answer = system.http.request("POST", "/", (harness.FORM,), body)
    return "" if answer.status == 200 else answer.json()["error"]


def unknown(system, address, names):
    """Names that cannot be watched there."""
    return [name for name in names if post(system, f"{address} watch {name} ( /ITL/scene x 0 );")]


def case_every_type_is_known(system):
    post(system, "/ITL/scene/signal/s size 4;")
    for name, (params, messages) in TYPES.items():
        error = post(system, f"/ITL/scene/{name} set {name} {params};")
        check("unknown object type" not in error and "incorrect parameters" not in error, name, error)
        if name in NOT_MADE and "incorrect OSC address" in post(system, f"/ITL/scene/{name} x 0;"):
            continue
        equal(unknown(system, f"/ITL/scene/{name}", messages), [], name)
    check("unknown object type" in post(system, "/ITL/scene/no set nosuchtype;"), "the test can fail")


def case_every_message_is_known(system):
    post(system, "/ITL/scene/r set rect 1 1;")
    equal(unknown(system, "/ITL/scene/r", COMMON), [])
    equal(unknown(system, "/ITL/scene/r", EVENTS), [])
    equal(unknown(system, "/ITL/scene", SCENE + SCENE_EVENTS), [])
    equal(unknown(system, "/ITL", APPLICATION), [])
    equal(unknown(system, "/ITL/scene/r", ["nosuchmessage"]), ["nosuchmessage"], "the test can fail")


def case_the_documentation_lists_them(system):
    with open(os.path.join(harness.ROOT, "docs", "script.md"), encoding="utf-8") as file:
        words = set(file.read().replace("`", " ").replace("(", " ").replace(")", " ").replace(",", " ").replace("/", " ").split())
    names = set(COMMON) | set(TYPES) | set(APPLICATION) | set(SCENE) | set(EVENTS) | set(SCENE_EVENTS)
    for _, messages in TYPES.values():
        names |= set(messages)
    equal(sorted(name for name in names if name not in words), [])


harness.main(globals(), renderers=("real",))
