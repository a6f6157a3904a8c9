"""Pages of the anonymous are kept by nginx for a moment; nobody else's are."""
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import harness
import pytest
from client import Client, Http, unique
from harness import wait_until

UNCACHED = {"Authorization": "Token x"}  # a page does not look at it, and nginx then keeps nothing
# Seconds until a kept page is renewed, and until it is not shown any more. nginx counts whole ones.
RENEWED, OVER = 2.1, 4.1


@pytest.fixture
def path():
    """A page that nobody has asked for."""
    return f"/tags/{unique()}"


def signed_in(user):
    return {"Cookie": f"session={user.token}"}


def read(api, path, kept, headers=()):
    """The page; `kept` is what nginx says of its cache."""
    answer = api.get(path, headers=headers)
    answer.check(answer.status == 200, "expected 200")
    answer.check(answer.header("X-Cache") == kept, f"expected {kept}")
    return answer


def looks(answer):
    """Language and theme of a page."""
    tag = re.search(rb'<html lang="(\w+)"(?: data-theme="(\w+)")?>', answer.body)
    return tag[1], tag[2]


def test_two_readers_are_shown_the_same_page(api, path):
    first, second = read(api, path, "MISS"), read(api, path, "HIT")
    assert first.body == second.body and first.header("ETag") == second.header("ETag")
    assert first.header("Cache-Control") == second.header("Cache-Control")
    assert second.header("Vary") == "Cookie, Accept-Language, Accept-Encoding"
    assert first.header("X-Request-Id") != second.header("X-Request-Id")


def test_a_crowd_costs_one_rendering(api, path):
    answers = []
    crowd = [threading.Thread(target=lambda: answers.append(api.get(path))) for _ in range(20)]
    for reader in crowd:
        reader.start()
    for reader in crowd:
        reader.join()
    assert {answer.status for answer in answers} == {200}
    kept = [answer.header("X-Cache") for answer in answers]
    assert kept.count("MISS") < 5 and kept.count("HIT") > 10, kept  # one, were the machine idle


def test_a_page_is_renewed_behind_the_readers_back(api, alice):
    path = f"/profiles/{alice.username}"
    read(api, path, "MISS")
    title = alice.publish()["title"].encode()
    time.sleep(RENEWED)
    read(api, path, "STALE")
    wait_until(lambda: title in api.get(path).body, 3, "the new page is there")


def test_an_old_page_is_not_shown(api, alice):
    path = f"/profiles/{alice.username}"
    read(api, path, "MISS")
    title = alice.publish()["title"].encode()
    time.sleep(OVER)
    assert title in read(api, path, "EXPIRED").body


def test_what_was_deleted_is_gone(api, alice, article):
    path = f"/articles/{article['slug']}"
    read(api, path, "MISS")
    alice.delete(f"/api/articles/{article['slug']}").ok(204)
    time.sleep(OVER)
    assert api.get(path).status == 404


def test_a_reader_who_is_signed_in_is_shown_a_page_of_their_own(api, alice, path):
    read(api, path, "MISS")
    read(api, path, "HIT")
    page = read(api, path, None, signed_in(alice))
    assert alice.username.encode() in page.body
    assert page.header("Cache-Control") == "private, no-cache"


def test_a_page_of_ones_own_is_shown_to_nobody_else(api, alice, bob, path):
    for reader in (alice, bob, alice):
        page = read(api, path, None, signed_in(reader))
        assert [user.username.encode() in page.body for user in (alice, bob)] == [
            user is reader for user in (alice, bob)]
    assert b"data-user" not in read(api, path, "MISS").body


def test_a_reader_who_is_signed_in_sees_at_once_what_has_changed(api, alice):
    path = f"/profiles/{alice.username}"
    read(api, path, "MISS")
    for _ in range(3):
        title = alice.publish()["title"].encode()
        assert title in read(api, path, None, signed_in(alice)).body


@pytest.mark.parametrize("cookie", ["session=", "session=x", "__Host-session=x", "a=b; session=x",
                                    "a=b;session=x", " session = x", 'theme=dark; session="x"'])
def test_whatever_may_be_a_session_is_kept_away(api, path, cookie):
    read(api, path, None, {"Cookie": cookie})
    read(api, path, "MISS")


def test_other_cookies_are_no_session(api, path):
    read(api, path, "MISS", {"Cookie": "csrf_session=x; sessions=y; _ga=z"})
    read(api, path, "HIT")


def test_a_cookie_that_is_set_is_for_nobody_else(api, path):
    ended = api.get(path, headers={"Cookie": "session=x"})
    assert ended.header("Set-Cookie").startswith("session=;")
    assert read(api, path, "MISS").header("Set-Cookie") is None


def test_the_api_is_not_kept(api, alice):
    for _ in range(2):
        answer = api.get("/api/articles")
        answer.check(answer.header("X-Cache") is None, "kept")
    slug = alice.publish()["slug"]
    assert api.get("/api/articles").ok()["articles"][0]["slug"] == slug


def test_errors_are_not_kept(api, path):
    for _ in range(2):
        answer = api.get(path.replace("/tags/", "/articles/"))
        answer.check((answer.status, answer.header("X-Cache")) == (404, "MISS"), "kept")


def test_head_does_not_leave_an_empty_page(api, path):
    answer = api.head(path)
    answer.check((answer.status, answer.body) == (200, b""), "expected 200 without a body")
    page = read(api, path, "MISS")
    assert page.body and answer.header("ETag") == page.header("ETag")


@pytest.mark.parametrize("one, other", [
    ({}, {"Accept-Language": "en"}), ({}, {"Cookie": "_ga=z"}), ({}, {"User-Agent": "other"}),
    ({"Accept-Language": "en-GB,en;q=0.9,de;q=0.1"}, {"Accept-Language": "en-US"}),
    ({"Accept-Language": "de"}, {"Accept-Language": "de-AT, de; q=0.9"}),
    ({"Cookie": "language=de"}, {"Cookie": "language=de; _ga=z", "Accept-Language": "fr"}),
    ({"Cookie": "theme=dark; language=en"}, {"Cookie": "language=en; theme=dark"})])
def test_readers_who_want_the_same_share_a_page(api, path, one, other):
    assert read(api, path, "MISS", one).body == read(api, path, "HIT", other).body


WISHES = [
    {}, {"Accept-Language": "de"}, {"Accept-Language": "DE"}, {"Accept-Language": "EN, de"},
    {"Accept-Language": "fr, de;q=0.5"}, {"Accept-Language": "de;q=0.1, en"},
    {"Accept-Language": "de;q=0"}, {"Accept-Language": "de;q=2"}, {"Accept-Language": "de,;;"},
    {"Accept-Language": "en,\fde"}, {"Cookie": "LANGUAGE=de"}, {"Cookie": "language=de"},
    {"Cookie": "language=de", "Accept-Language": "en"}, {"Cookie": "language; language=de"},
    {"Cookie": "language=en", "Accept-Language": "de"}, {"Cookie": "language=fr; language=de"},
    {"Cookie": "language=fr", "Accept-Language": "de"}, {"Cookie": "language = de "},
    {"Cookie": 'language="de"'}, {"Cookie": "xlanguage=de"}, {"Cookie": "theme=dark"},
    {"Cookie": "theme=light"}, {"Cookie": "theme=black"}, {"Cookie": "theme=black; theme=dark"},
    {"Cookie": 'theme="dark"'}, {"Cookie": "Theme=dark"}, {"Cookie": "theme=dark; language=de"},
    {"Cookie": "theme=x;de"}, [("Cookie", "a=b"), ("Cookie", "theme=dark")],
    [("Accept-Language", "fr"), ("Accept-Language", "de")]]


def test_everybody_is_shown_what_the_program_would_show_them(api, path):
    """Each asks twice, after all others."""
    for wish in [*WISHES, *reversed(WISHES)]:
        headers = list(wish.items()) if isinstance(wish, dict) else wish
        own = read(api, path, None, [*headers, *UNCACHED.items()])
        kept = api.get(path, headers=headers)
        kept.check(looks(kept) == looks(own), f"not {looks(own)}")


@pytest.mark.parametrize("name", ["first", "again"])
def test_the_anonymous_are_not_sent_again_what_they_have(api, path, name):
    tag = api.get(path, headers=UNCACHED).header("ETag")
    if name == "again":
        read(api, path, "MISS")
    answer = api.get(path, headers={"If-None-Match": tag})
    answer.check((answer.status, answer.body) == (304, b""), "expected 304")
    assert answer.header("ETag") == tag
    assert api.get(path, headers={"If-None-Match": '"other"'}).status == 200


def test_who_is_signed_in_is_not_sent_again_what_they_have(api, alice):
    path = f"/profiles/{alice.username}/feed.atom"
    tag = read(api, path, None, signed_in(alice)).header("ETag")
    headers = {**signed_in(alice), "If-None-Match": tag}
    assert api.get(path, headers=headers).status == 304
    alice.publish()
    assert api.get(path, headers=headers).status == 200


class Outage:
    """A cluster of its own, whose servers may go."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.pids = Path(cluster.environment["QUIRE_PIDS"])
        self.api = Client(Http(cluster.environment["QUIRE_URL"]))

    def end(self, *files, how=signal.SIGTERM):
        pids = [int((self.pids / file).read_text().split()[0]) for file in files]
        for pid in pids:
            os.kill(pid, how)
        for pid in pids:
            wait_until(lambda pid=pid: not Path(f"/proc/{pid}/cwd").exists(), what=f"{pid} ends")

    def over(self):
        self.cluster.up()
        wait_until(lambda: self.api.get("/readyz").status == 200, what="all is well")


@pytest.fixture(scope="module")
def cluster():
    with harness.running_cluster() as cluster:
        yield cluster


@pytest.fixture
def outage(cluster):
    outage = Outage(cluster)
    yield outage
    outage.over()


@pytest.mark.parametrize("files, how", [
    (("pool-a.pid", "pool-b.pid"), signal.SIGTERM), (("pool-a.pid", "pool-b.pid"), signal.SIGKILL),
    (("../primary/postmaster.pid", "../replica/postmaster.pid"), signal.SIGQUIT)])
def test_the_last_page_is_shown_while_there_is_no_other(outage, path, files, how):
    api = outage.api
    alice = api.register()
    before = read(api, path, "MISS")
    outage.end(*files, how=how)
    time.sleep(OVER)

    assert read(api, path, "STALE").body == before.body
    assert read(api, path, "STALE").body == before.body
    for answer in (api.get(path, headers=signed_in(alice)), api.get(path + "x")):
        answer.check(answer.status == 503, "expected 503")
        answer.check(answer.header("Content-Type") == "text/html; charset=utf-8", "no page")
        answer.check(answer.header("Retry-After") is not None, "Retry-After")
    api.get("/api/articles").error(503, service="is unavailable, try again soon")

    outage.over()
    wait_until(lambda: api.get(path).header("X-Cache") == "HIT", what="the page is a new one")


def test_nobody_notices_that_the_pools_restart(outage, path):
    restart = subprocess.Popen([harness.ROOT / "tests/cluster/cluster.sh", "restart-pool"],
                               env=outage.cluster.settings, stdout=subprocess.DEVNULL)
    kept = set()
    while restart.poll() is None:
        answer = outage.api.get(f"{path}{len(kept)}")
        answer.check(answer.status == 200, "expected 200")
        kept.add(answer.header("X-Cache"))
    assert restart.wait() == 0 and kept <= {"MISS", "HIT", "STALE", "EXPIRED"}
