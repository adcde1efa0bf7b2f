#!/usr/bin/env python3
"""Conditional requests: web API reference 2.3 and 7; no 304 is ever stale."""
import harness
from harness import check, equal, only_in, only_with, until

SETTLED_S = 4  # docs/http-api.md "Last-Modified"


def get_if(client, name, value, path="/"):
    return client.get(path, (name, value))


def case_known_tag_gives_304_without_body(system):
    for path in ("/", "/image"):
        first = system.http.get(path)
        answer = get_if(system.http, "If-None-Match", first.header("ETag"), path)
        equal((answer.status, answer.body), (304, b""), path)
        equal(answer.header("ETag"), first.header("ETag"))
        equal(answer.header("Last-Modified"), None)  # the tag says it better (RFC 9110 15.4.5)
        equal(answer.header("Access-Control-Allow-Origin"), "*")
        equal(answer.header("X-Inscore-Version"), None)
        # A header here would replace what the client keeps of the 200; one that is absent leaves it (RFC 9111 3.2).
        equal(answer.header("Access-Control-Expose-Headers"), None)


def case_tags_in_lists_and_star_match(system):
    tag = system.http.get("/").header("ETag")
    for value in (f'"a", {tag}', tag[2:], "*", f'W/"b" , {tag} , "c"'):
        equal(get_if(system.http, "If-None-Match", value).status, 304, value)
    for value in ('"a"', "", "x", '"', tag[:-2] + '"', "W/"):
        equal(get_if(system.http, "If-None-Match", value).status, 200, value)


def case_changed_picture_is_sent_again(system):
    tag = system.http.get("/").header("ETag")
    version = system.http.post(system.touch_script()).version
    answer = system.http.get(f"/?version={version}", ("If-None-Match", tag))
    equal(answer.status, 200)
    check(answer.header("ETag") != tag, tag)


def case_tag_counts_more_than_date(system):
    answer = system.http.get("/")
    both = system.http.get("/", ("If-None-Match", '"other"'), ("If-Modified-Since", answer.header("Last-Modified")))
    equal(both.status, 200)


@only_in("one")
def case_header_names_have_any_case(system):
    tag = system.http.get("/").header("ETag")
    equal(get_if(system.http, "if-none-match", tag).status, 304)
    equal(get_if(system.http, "IF-NONE-MATCH", tag).status, 304)


@only_in("one")
def case_date_of_a_settled_picture_gives_304(system):
    system.http.post(system.touch_script())

    def settled():
        answer = system.http.get("/")
        return get_if(system.http, "If-Modified-Since", answer.header("Last-Modified")).status == 304
    until(settled, "a 304 by date", SETTLED_S + 10)
    date = system.http.get("/").header("Last-Modified")
    answer = get_if(system.http, "If-Modified-Since", date)
    equal((answer.status, answer.header("Last-Modified"), answer.body), (304, date, b""))
    # The version after it is another date's, however fast it came.
    system.http.post(system.touch_script())
    equal(get_if(system.http, "If-Modified-Since", date).status, 200)
    for other in ("", "yesterday", "0", "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"):
        equal(get_if(system.http, "If-Modified-Since", other).status, 200, other)


@only_in("one")
@only_with("fake")
def case_many_versions_in_one_second_never_give_a_stale_304(system):
    """Each version's own date must not validate the next version."""
    with system.http.connect() as connection:
        for _ in range(300):
            date = connection.request("GET", "/").header("Last-Modified")
            version = system.fake("touch")
            answer = connection.request("GET", f"/?version={version}", [("If-Modified-Since", date)])
            equal(answer.status, 200, f"version {version}, date {date}")
            check(answer.version >= version, answer)


@only_in("one")
@only_with("fake")
def case_new_life_of_the_score_changes_every_tag(system):
    """Versions begin again; a version number seen before is another picture."""
    before = {}
    for _ in range(5):
        version = system.fake("touch")
        before[version] = system.http.get(f"/?version={version}").header("ETag")
    system.fake("epoch")
    until(lambda: system.http.get("/").version == 1, "the new life")
    for version, tag in before.items():
        while system.scene_version() < version:
            reached = system.fake("touch")
            system.http.get(f"/?version={reached}")
        equal(get_if(system.http, "If-None-Match", tag).status, 200, f"version {version}")


if __name__ == "__main__":
    harness.main(globals(), topologies=("one", "three"))
