"""The cache: what is kept, for whom and for how long; that it hides no write; that a crowd costs one query."""
import concurrent.futures
import json
import subprocess
import time

import pytest
from client import Client, unique
from harness import wait_until
from inputs import new_article


class Kept:
    """A pool of one worker, and what its requests cost."""

    def __init__(self, pool):
        self.pool = pool
        self.anonymous = Client(pool.transport())
        self.alice, self.bob = self.anonymous.register(), self.anonymous.register()

    def trips(self, answer):
        identifier = answer.header("X-Request-Id")

        def line():
            lines = self.pool.log.read_text().splitlines()
            return [text for text in lines if identifier in text]

        return json.loads(wait_until(line, what="the request is logged")[0])

    def asked(self, path, client=None, **query):
        """Does this read ask PostgreSQL?"""
        answer = (client or self.anonymous).get(path, **query)
        answer.check(answer.status in (200, 404), "refused")
        return self.trips(answer)["db"] > 0

    def settled(self, path, **query):
        """Asks until the answer comes from the cache."""
        wait_until(lambda: not self.asked(path, **query), what=f"{path} is kept")


@pytest.fixture(name="kept", scope="module")
def kept_pool(start_pool, environment):
    replicas = environment["QUIRE_DATABASE_REPLICAS"]
    return Kept(start_pool(QUIRE_WORKERS="1", QUIRE_DATABASE_REPLICAS=replicas))


@pytest.fixture(name="slug")
def fresh_slug(kept):
    return kept.alice.publish(tagList=["kept"])["slug"]


def paths(kept, slug):
    return [f"/api/articles/{slug}", f"/api/articles/{slug}/comments", "/api/articles", "/api/tags",
            "/api/articles?tag=kept", f"/api/articles?author={kept.alice.username}",
            f"/api/articles?favorited={kept.bob.username}", f"/api/profiles/{kept.alice.username}"]


def test_reads_of_the_anonymous_are_kept(kept, slug):
    for path in paths(kept, slug):
        kept.settled(path)


def test_a_kept_answer_is_the_same(kept, slug):
    for path in paths(kept, slug):
        kept.settled(path)
        first, again = kept.anonymous.get(path), kept.alice.get(path)
        assert first.ok() == again.ok()
        assert first.header("ETag") == again.header("ETag")
        assert kept.anonymous.get(path, headers={"If-None-Match": first.header("ETag")}).status == 304
        head = kept.anonymous.head(path)
        assert (head.status, head.body) == (200, b"")
        assert head.header("Content-Length") == first.header("Content-Length")


def test_who_is_signed_in_gets_their_own(kept, slug):
    path = f"/api/articles/{slug}"
    kept.settled(path)
    kept.bob.favorite(slug)
    assert kept.bob.get(path).ok()["article"]["favorited"] is True
    assert kept.anonymous.get(path).ok()["article"]["favorited"] is False
    assert kept.asked(path, kept.bob)
    kept.settled("/api/tags")
    assert not kept.asked("/api/tags", kept.bob)  # the same for everybody


def test_what_is_not_there_is_kept_until_it_is(kept):
    title = unique("soon ")
    path = f"/api/articles/{title.replace(' ', '-')}"
    kept.anonymous.get(path).error(404, article="not found")
    kept.settled(path)
    answer = kept.anonymous.get(path).error(404, article="not found")
    assert answer.header("ETag") is None
    assert kept.alice.publish(title=title)["slug"] == path.split("/")[-1]
    assert kept.anonymous.get(path).ok()["article"]["title"] == title


def total(kept, path):
    return kept.anonymous.get(path).ok()["articlesCount"]


def test_no_list_hides_an_article(kept):
    tag = unique("tag")
    lists = ["/api/articles", f"/api/articles?tag={tag}", f"/api/articles?author={kept.bob.username}"]
    for path in lists:
        kept.settled(path)
    before = [total(kept, path) for path in lists]
    slug = kept.bob.publish(tagList=[tag])["slug"]
    assert [total(kept, path) for path in lists] == [count + 1 for count in before]
    assert all(kept.anonymous.get(path).ok()["articles"][0]["slug"] == slug for path in lists)
    assert tag in kept.anonymous.get("/api/tags").ok()["tags"]
    kept.bob.delete(f"/api/articles/{slug}").ok(204)
    assert [total(kept, path) for path in lists] == before
    kept.anonymous.get(f"/api/articles/{slug}").error(404, article="not found")


def test_a_tag_that_was_taken_away_is_gone_from_its_list(kept):
    old, new = unique("tag"), unique("tag")
    slug = kept.alice.publish(tagList=[old])["slug"]
    for tag in (old, new):
        kept.settled(f"/api/articles?tag={tag}")
    kept.alice.put(f"/api/articles/{slug}", {"article": {"tagList": [new]}}).ok()
    assert (total(kept, f"/api/articles?tag={old}"), total(kept, f"/api/articles?tag={new}")) == (0, 1)


def test_each_write_shows_in_what_was_kept(kept, slug):
    """Each write, and what it must be seen in at once."""
    article, comments = f"/api/articles/{slug}", f"/api/articles/{slug}/comments"

    def first(path):
        return kept.anonymous.get(path).ok()["articles"][0]

    for path in (article, comments, "/api/articles", "/api/articles?tag=kept"):
        kept.settled(path)
    kept.bob.favorite(slug)
    assert first("/api/articles")["favoritesCount"] == 1
    assert first("/api/articles?tag=kept")["favoritesCount"] == 1
    assert first(f"/api/articles?favorited={kept.bob.username}")["slug"] == slug
    comment = kept.bob.comment(slug)
    assert [c["id"] for c in kept.anonymous.get(comments).ok()["comments"]] == [comment["id"]]
    kept.settled(comments)
    kept.bob.delete(f"{comments}/{comment['id']}").ok(204)
    assert kept.anonymous.get(comments).ok()["comments"] == []
    kept.settled(article)
    kept.alice.put("/api/user", {"user": {"bio": unique("bio")}}).ok()
    bio = kept.alice.get("/api/user").ok()["user"]["bio"]
    assert kept.anonymous.get(article).ok()["article"]["author"]["bio"] == bio
    assert first("/api/articles")["author"]["bio"] == bio
    assert kept.anonymous.get(f"/api/profiles/{kept.alice.username}").ok()["profile"]["bio"] == bio


def test_what_was_refused_changes_nothing(kept, slug):
    path = f"/api/articles/{slug}"
    kept.settled(path)
    kept.bob.put(path, new_article()).error(403, article="forbidden")
    kept.bob.delete(path).error(403, article="forbidden")
    assert not kept.asked(path)


def test_renames_show(kept):
    someone = kept.anonymous.register()
    slug, name = someone.publish()["slug"], unique("name")
    old = f"/api/profiles/{someone.username}"
    for path in (f"/api/articles/{slug}", old, f"/api/profiles/{name}"):
        kept.settled(path)
    someone.put("/api/user", {"user": {"username": name}}).ok()
    assert kept.anonymous.get(f"/api/articles/{slug}").ok()["article"]["author"]["username"] == name
    kept.anonymous.get(old).error(404, profile="not found")
    kept.anonymous.get(f"/api/profiles/{name.upper()}").ok()


def test_an_article_that_moved_is_followed(kept):
    first = kept.alice.publish()["slug"]
    kept.settled(f"/api/articles/{first}")
    slug = first
    for _ in range(2):
        changed = kept.alice.put(f"/api/articles/{slug}", {"article": {"title": unique("moved ")}}).ok()
        slug = changed["article"]["slug"]
        assert kept.anonymous.get(f"/api/articles/{first}").header("Location").endswith(slug)
    kept.alice.delete(f"/api/articles/{slug}").ok(204)
    kept.anonymous.get(f"/api/articles/{first}").error(404, article="not found")


def test_parameters_have_answers_of_their_own(kept, slug):
    kept.settled("/api/articles", limit=1)
    assert kept.asked("/api/articles", limit=2, offset=1, tag=unique())
    assert len(kept.anonymous.get("/api/articles", limit=1).ok()["articles"]) == 1
    kept.settled(f"/api/articles/{slug}", any_other="parameter")
    assert not kept.asked(f"/api/articles/{slug}", yet_another="one")
    kept.anonymous.get("/api/articles?limit").errors(422)  # not the same as none
    long = "x" * 3000
    kept.settled("/api/articles", tag=long)
    assert kept.asked("/api/articles", tag=long + "y")


def test_nothing_is_kept_for_longer_than_told(start_pool, environment):
    kept = Kept(start_pool(QUIRE_WORKERS="1", QUIRE_CACHE_SECONDS="1", QUIRE_CACHE_MISSING_SECONDS="1",
                           QUIRE_DATABASE_REPLICAS=environment["QUIRE_DATABASE_REPLICAS"]))
    path = f"/api/articles?tag={unique('tag')}"
    for path in (path, f"/api/articles/{unique('none')}"):
        kept.settled(path)
        time.sleep(1.2)
        assert kept.asked(path)


def test_nothing_is_kept_when_told_so(start_pool, environment):
    kept = Kept(start_pool(QUIRE_WORKERS="1", QUIRE_CACHE_SECONDS="0",
                           QUIRE_DATABASE_REPLICAS=environment["QUIRE_DATABASE_REPLICAS"]))
    assert all(kept.asked("/api/tags") for _ in range(5))


def test_answers_are_kept_up_to_the_limit(start_pool, environment):
    replicas = environment["QUIRE_DATABASE_REPLICAS"]
    path = f"/api/articles?tag={unique('tag')}"
    none = Kept(start_pool(QUIRE_WORKERS="1", QUIRE_CACHE_SECONDS="0"))
    size = len(none.anonymous.get(path).body)
    one_more = Kept(start_pool(QUIRE_WORKERS="1", QUIRE_CACHE_ANSWER_MAX=str(size - 1),
                               QUIRE_DATABASE_REPLICAS=replicas))
    assert all(one_more.asked(path) for _ in range(5))
    Kept(start_pool(QUIRE_WORKERS="1", QUIRE_CACHE_ANSWER_MAX=str(size),
                    QUIRE_DATABASE_REPLICAS=replicas)).settled(path)


def test_a_crowd_costs_one_query(start_pool, environment, kept):
    """200 clients want what nobody has asked for yet, and what a write has just made stale."""
    pools = [start_pool(QUIRE_WORKERS="8", QUIRE_CACHE_WAIT_MS="20000",
                        QUIRE_DATABASE_REPLICAS=environment["QUIRE_DATABASE_REPLICAS"]) for _ in range(2)]
    tag = unique("tag")
    path = f"/api/articles?limit=100&tag={tag}"
    for _ in range(2):
        slug = kept.alice.publish(tagList=[tag])["slug"]
        before = [pool.log.stat().st_size for pool in pools]

        def ask(number):
            return Client(pools[number % 2].transport()).get(path).ok()["articles"][0]["slug"]

        with concurrent.futures.ThreadPoolExecutor(200) as crowd:
            assert set(crowd.map(ask, range(200))) == {slug}
        lines = [json.loads(line) for pool, size in zip(pools, before)
                 for line in pool.log.read_text()[size:].splitlines()]
        answered = [line for line in lines if line["event"] == "request"]
        assert (len(answered), sum(line["db"] for line in answered)) == (200, 1)


def test_a_write_that_was_never_sent_leaves_the_cache_alone(start_pool, environment, kept):
    """It was noted as under way; one that stayed so would have the cache thrown away."""
    redis = ["redis-cli", "-s", environment["QUIRE_REDIS"].removeprefix("unix:")]

    def under_way():
        return subprocess.run([*redis, "ZCARD", "writes"], capture_output=True, check=True, text=True).stdout

    pool = start_pool(QUIRE_WORKERS="1", QUIRE_DATABASE_PRIMARY="host=/nonexistent")
    unlucky = Client(pool.transport(), kept.alice.token)
    for _ in range(3):
        unlucky.put("/api/user", {"user": {"bio": "New."}}).errors(503)
    wait_until(lambda: int(under_way()) == 0, seconds=1, what="no write is under way")
