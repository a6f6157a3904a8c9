"""Every list of articles against what a few lines of Python make of the same articles."""
import itertools
import random

import pytest

TAGS = ["red", "green", "blue", None, "none"]
NAMES = ["ann", "ben", "cid", None, "nobody"]


class World:
    """Some articles, and what lists of them must be."""

    def __init__(self, database, quire):
        chance = random.Random(1)
        self.quire = quire
        self.users = {name: quire.user(name) for name in ("ann", "ben", "cid", "dan")}
        self.articles = []
        for number in range(60):
            author = chance.choice(["ann", "ben", "cid"])
            tags = chance.sample(["red", "green", "blue", "grey"], chance.randint(0, 3))
            slug = quire.article(self.users[author], f"a{number:02}", tags)
            fans = chance.sample(["ann", "ben", "cid"], chance.randint(0, 3))
            self.articles.append({"slug": slug, "author": author, "tags": tags, "fans": fans})
        self.spread_in_time(database)
        for article in self.articles:
            for fan in article["fans"]:
                quire.favorite_insert(self.users[fan], article["slug"])
        for name in ("ben", "cid"):
            quire.profile_follow(self.users["dan"], name)

    def spread_in_time(self, database):
        """The oldest have the highest ids, and some are of the same time."""
        database.as_owner("UPDATE articles SET created_at = now() - interval '1 minute' * (id / 3)")
        database.as_owner("UPDATE article_tags SET article_created_at = articles.created_at "
                          "FROM articles WHERE articles.id = article_id")
        order = database.as_owner("SELECT slug FROM articles ORDER BY created_at DESC, id DESC")
        place = {slug: number for number, (slug,) in enumerate(order)}
        self.articles.sort(key=lambda article: place[article["slug"]])

    def expected(self, tag=None, author=None, favorited=None):
        return [article["slug"] for article in self.articles
                if (tag is None or tag in article["tags"])
                and (author is None or author == article["author"])
                and (favorited is None or favorited in article["fans"])]


@pytest.fixture(scope="module")
def world(database, quire):
    return World(database, quire)


def check(run, expected):
    """Compares all pages of a list; run(limit, offset) gives one."""
    for limit, offset in ((100, 0), (7, 0), (7, 7), (7, 1000)):
        rows = run(limit, offset)
        assert {row["_total"] for row in rows} == {len(expected)}
        found = [row["slug"] for row in rows if row["_id"] is not None]
        assert found == expected[offset:offset + limit]
        assert found or len(rows) == 1, "an empty page is one row"
        assert all("body" not in row for row in rows)


def test_all(world):
    check(lambda *page: world.quire.article_list(0, *page), world.expected())


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag])
def test_by_tag(world, tag):
    check(lambda *page: world.quire.article_list_by_tag(0, tag, *page), world.expected(tag=tag))


@pytest.mark.parametrize("name", [name for name in NAMES if name])
def test_by_author(world, name):
    check(lambda *page: world.quire.article_list_by_author(0, name, *page),
          world.expected(author=name))


@pytest.mark.parametrize("name", [name for name in NAMES if name])
def test_by_favorited(world, name):
    check(lambda *page: world.quire.article_list_by_favorited(0, name, *page),
          world.expected(favorited=name))


@pytest.mark.parametrize("filters", [filters for filters in itertools.product(TAGS, NAMES, NAMES)
                                     if filters.count(None) < 2])
def test_filtered(world, filters):
    check(lambda *page: world.quire.article_list_filtered(0, *filters, *page),
          world.expected(*filters))


def test_feed(world):
    expected = [article["slug"] for article in world.articles if article["author"] != "ann"]
    check(lambda *page: world.quire.article_feed(world.users["dan"], *page), expected)
    check(lambda *page: world.quire.article_feed(world.users["ann"], *page), [])


def test_lists_know_the_viewer(world):
    rows = world.quire.article_list(world.users["dan"], 100, 0)
    assert {row["author.username"]: row["author.following"] for row in rows} == {
        "ann": False, "ben": True, "cid": True}
    rows = world.quire.article_list(world.users["ann"], 100, 0)
    assert [(row["slug"], row["favorited"], row["favoritesCount"]) for row in rows] == [
        (article["slug"], "ann" in article["fans"], len(article["fans"]))
        for article in world.articles]
