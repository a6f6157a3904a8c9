"""?cursor=: the pages of a list as `Link` leads through them, whatever is written meanwhile."""
import base64
import random
import re
import urllib.parse

import pytest
from client import INVALID, Client, Http, unique
from shapes import articles_of

LINK = re.compile(r'<(/[!-;=?-~]*)>; rel="next"')
EPOCH = base64.urlsafe_b64encode(bytes([1] + [0] * 16)).decode().rstrip("=")


def next_of(answer):
    """The path of the page behind this one; None at the end."""
    link = answer.header("Link")
    if link is None:
        return None
    match = LINK.fullmatch(link)
    answer.check(match, "not a link to the next page")
    return match[1]


def pages(reader, path):
    while path:
        answer = reader.get(path)
        yield articles_of(answer)
        path = next_of(answer)


class World:
    """Articles that are in every list, newest first."""

    def __init__(self, api):
        self.author, self.reader = api.register(), api.register()
        self.reader.follow(self.author.username)
        self.tag = unique("tag & ü/")
        self.slugs = []
        for _ in range(7):
            self.publish()

    def publish(self):
        slug = self.author.publish(tagList=[self.tag])["slug"]
        self.reader.favorite(slug)
        self.slugs.insert(0, slug)

    def delete(self, slug):
        self.author.delete(f"/api/articles/{slug}").ok(204)
        self.slugs.remove(slug)

    def lists(self):
        filters = {"tag": self.tag, "author": self.author.username,
                   "favorited": self.reader.username}
        for names in (["tag"], ["author"], ["favorited"], ["tag", "author"], ["tag", "favorited"],
                      ["author", "favorited"], list(filters)):
            query = urllib.parse.urlencode({name: filters[name] for name in names})
            yield f"/api/articles?{query}&limit="
        yield "/api/articles/feed?limit="


@pytest.fixture(scope="module")
def world(environment):
    return World(Client(Http(environment["QUIRE_URL"])))


@pytest.mark.parametrize("limit", [1, 3, 7, 8])
def test_pages_are_those_of_offsets(world, limit):
    for path in world.lists():
        found = list(pages(world.reader, f"{path}{limit}"))
        assert len(found) == -(-7 // limit), "no page is empty"
        for number, (articles, count) in enumerate(found):
            answer = world.reader.get(f"{path}{limit}&offset={number * limit}")
            assert (articles, count) == articles_of(answer)
        assert [article["slug"] for articles, _ in found for article in articles] == world.slugs


def test_all_articles(api, world):
    first = api.get("/api/articles", limit=4)
    then = api.get(next_of(first))
    articles, count = articles_of(api.get("/api/articles", limit=8))
    assert articles == articles_of(first)[0] + articles_of(then)[0]
    assert count == articles_of(then)[1]


def test_from_an_offset_on(world):
    for path in world.lists():
        found = [article["slug"] for articles, _ in pages(world.reader, f"{path}2&offset=3")
                 for article in articles]
        assert found == world.slugs[3:]


def test_what_comes_and_goes_is_neither_repeated_nor_left_out(api):
    chance = random.Random(7)
    world = World(api)
    for path in world.lists():
        before, found = list(world.slugs), []
        for articles, count in pages(world.reader, f"{path}2"):
            assert count == len(world.slugs)
            found += [article["slug"] for article in articles]
            world.publish()
            world.delete(chance.choice(world.slugs))
        assert len(found) == len(set(found))
        assert found == [slug for slug in before if slug in found]
        assert set(found) >= set(before) & set(world.slugs)


def test_the_last_article_may_be_gone(world, api):
    """A page begins behind the place where it was."""
    other = World(api)
    path = f"/api/articles?author={other.author.username}&limit=3"
    answer = api.get(path)
    other.delete(other.slugs[2])
    assert [article["slug"] for article in articles_of(api.get(next_of(answer)))[0]] == \
        other.slugs[2:5]


def test_comments(api, alice, article):
    path = f"/api/articles/{article['slug']}/comments"
    written = [alice.comment(article["slug"], f"Comment {number}")["id"] for number in range(5)]
    answer = api.get(path)
    assert next_of(answer) is None
    found, path = [], f"{path}?limit=2"
    while path:
        answer = api.get(path)
        found += [comment["id"] for comment in answer.ok()["comments"]]
        if len(found) == 2:
            alice.delete(f"/api/articles/{article['slug']}/comments/{written[1]}").ok(204)
        path = next_of(answer)
    assert found == written


@pytest.mark.parametrize("cursor", [
    "", "x", "AAAA", EPOCH + "=", EPOCH[:-1], EPOCH + "A", "%00", "%FF", "é", "' OR 1=1 --",
    "0" * 23, "A" * 4000, "../../etc", "Ag" + EPOCH[2:], "AX__________" + EPOCH[12:],
])
@pytest.mark.parametrize("path", ["/api/articles", "/api/articles/feed", "comments"])
def test_cursors_that_are_none(world, path, cursor):
    if path == "comments":
        path = f"/api/articles/{world.slugs[0]}/comments"
    answer = world.reader.get(f"{path}?cursor={urllib.parse.quote(cursor, safe='%')}")
    if cursor in ("%00", "%FF"):
        answer.errors(400)
    else:
        answer.error(422, cursor=INVALID)


@pytest.mark.parametrize("path", ["/api/articles", "/api/articles/feed"])
def test_a_cursor_and_an_offset_do_not_go_together(world, path):
    world.reader.get(path, cursor=EPOCH, offset=0).ok()
    answer = world.reader.get(path, cursor=EPOCH, offset=5)
    answer.error(422, cursor="cannot be used with an offset")


def test_a_cursor_behind_everything(world):
    answer = world.reader.get("/api/articles/feed", cursor=EPOCH)
    assert articles_of(answer) == ([], 7)
    assert next_of(answer) is None


def test_scripts_of_other_origins_see_the_link(api, world):
    answer = api.get("/api/articles", limit=1, headers={"Origin": "https://elsewhere.example"})
    assert "Link" in answer.header("Access-Control-Expose-Headers").split(", ")


def test_it_survives_a_cached_answer(api, world):
    """304 and HEAD say it as well."""
    path = f"/api/articles?author={world.author.username}&limit=2"
    answer = api.get(path)
    assert api.head(path).header("Link") == answer.header("Link")
    known = api.get(path, headers={"If-None-Match": answer.header("ETag")})
    known.check(known.status == 304, "not known")
    known.check(known.header("Link") == answer.header("Link"), "another link")
